package search

import "drawbridge/directory"

// Groups is the attribute "groups" of a user.
func Groups(refs []directory.GroupRef) []any {
	values := make([]any, len(refs))
	for i, ref := range refs {
		kind := "direct"
		if ref.Indirect {
			kind = "indirect"
		}
		values[i] = directory.Attributes{{Name: "value", Value: ref.ID.String()}, {Name: "display", Value: ref.DisplayName}, {Name: "type", Value: kind}}
	}
	return values
}

// Members is the attribute "members" of a group.
func Members(list []directory.Member) []any {
	values := make([]any, len(list))
	for i, m := range list {
		a := directory.Attributes{{Name: "value", Value: m.ID.String()}, {Name: "type", Value: string(m.Kind)}}
		if m.Display != "" {
			a = append(a, directory.Attribute{Name: "display", Value: m.Display})
		}
		values[i] = a
	}
	return values
}
