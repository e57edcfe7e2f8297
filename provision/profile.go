package provision

import (
	"slices"
	"strings"

	"drawbridge/directory"
)

// profile is what an application does differently.
type profile struct {
	maxMembers   int    // how many members one PATCH may change
	showsMembers bool   // a group that is read has its members
	patches      bool   // it has PATCH; otherwise records are read, changed and put
	groupKey     string // by which attribute our groups are searched

	single    bool     // it takes one e-mail address, one phone number and one address
	bothNames bool     // it needs a given name and a family name
	email     bool     // the application needs an e-mail address
	takes     []string // the only attributes that it takes, by the beginning of their path; none: all
}

// profileOf gives the profile of a target.
func profileOf(name directory.TargetProfile) profile {
	p := profile{maxMembers: 100, showsMembers: true, patches: true, groupKey: "externalId"}
	few := []string{"externalId", "userName", "displayName", "name.", "emails", "active"}
	switch name {
	case directory.AWSTarget:
		p.showsMembers, p.single, p.bothNames = false, true, true
	case directory.SlackTarget:
		p.email = true
	case directory.GitHubTarget:
		p.bothNames, p.email, p.takes = true, true, few
	case directory.GitLabTarget:
		p.email, p.takes = true, few
	case directory.AtlassianTarget:
		p.email, p.groupKey = true, "displayName"
	case directory.PutTarget:
		p.patches, p.maxMembers = false, 0
	}
	return p
}

// fit gives what an application takes of the attributes of a user.
func (p *profile) fit(want directory.Attributes) directory.Attributes {
	out := make(directory.Attributes, 0, len(want)+2)
	for _, a := range want {
		if len(p.takes) > 0 && !slices.ContainsFunc(p.takes, func(begin string) bool {
			return a.Name == begin || strings.HasSuffix(begin, ".") && strings.HasPrefix(a.Name, begin)
		}) {
			continue
		}
		if values, several := a.Value.([]any); several && p.single && len(values) > 1 {
			a.Value = []any{primary(values)}
		}
		out = append(out, a)
	}
	if p.bothNames {
		given, family, found := strings.Cut(want.String("displayName"), " ")
		if !found {
			family = given
		}
		for _, part := range []directory.Attribute{{Name: "name.givenName", Value: given}, {Name: "name.familyName", Value: family}} {
			if _, there := out.Get(part.Name); !there {
				out = append(out, part)
			}
		}
	}
	return out
}

// lacks says why an application would not take a user; "": it can.
func (p *profile) lacks(want directory.Attributes) string {
	if _, there := want.Get("emails"); p.email && !there {
		return "the application needs an e-mail address, and this person has none"
	}
	return ""
}

// primary is the value of a list that is marked as primary, or else the first one.
func primary(values []any) any {
	for _, v := range values {
		if one, ok := v.(directory.Attributes); ok && at(one, "primary") == true {
			return v
		}
	}
	return values[0]
}

// mapped gives the attributes of a user with the rules of a target. A person without a value at the source of userName keeps their own.
func mapped(rules []directory.TargetRule, attributes directory.Attributes) directory.Attributes {
	out := attributes.Clone()
	for _, r := range rules {
		value := r.Constant
		switch r.Source {
		case "":
		case directory.SourceEmail:
			if emails := list(at(attributes, "emails")); len(emails) > 0 {
				one, _ := primary(emails).(directory.Attributes)
				value = one.String("value")
			}
		default:
			value = attributes.String(r.Source)
		}
		switch {
		case value != "":
			out = set(out, r.Attribute, value)
		case r.Attribute != "userName":
			out = set(out, r.Attribute, nil)
		}
	}
	return out
}
