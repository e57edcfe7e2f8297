package scim

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"drawbridge/directory"
)

// MemberRefs reads the value of a group's members, or one member: objects with value, $ref, type and display, or bare ids
// (as Microsoft's test collection sends). A $ref alone names the member by its last segment. It accepts the same shapes as
// Attribute.Normalise. Null and [] mean no members. A member without a value is an error, and is never left out. Package patch handles
// the operation of SCIM 1.1; a member that is marked with operation "delete" is not a member. The error is *Error
// 400 invalidValue.
func MemberRefs(value any, q *Quirks) ([]directory.MemberRef, error) {
	if text, ok := value.(string); ok {
		if parsed, ok := jsonText(text, "[{"); ok {
			q.Add(QuirkJSONText)
			value = parsed
		}
	}
	list, ok := value.([]any)
	if !ok {
		if value == nil {
			return []directory.MemberRef{}, nil
		}
		q.Add(QuirkArrayWrapped)
		list = []any{value}
	}
	out := make([]directory.MemberRef, 0, len(list))
	for i, element := range list {
		ref, member, err := memberRef(element, q)
		if err != nil {
			return nil, err.in(fmt.Sprintf("members[%d]", i)).scim()
		}
		if member {
			out = append(out, ref)
		}
	}
	if len(out) == 0 && len(list) > 0 {
		return nil, InvalidValue("members lists only members to be deleted; send the members that stay, or a PATCH that removes the others")
	}
	return out, nil
}

// maxDisplay is how much of a member's display name is kept.
const maxDisplay = 256

// memberRef reads one member; member is false for one that SCIM 1.1 marks as deleted.
func memberRef(element any, q *Quirks) (ref directory.MemberRef, member bool, failed *valueError) {
	if list, ok := element.([]any); ok && len(list) == 1 {
		q.Add(QuirkArrayUnwrapped)
		element = list[0]
	}
	object, ok := element.(directory.Attributes)
	if text, isText := element.(string); isText && !ok {
		parsed, _ := jsonText(text, "{")
		if object, ok = parsed.(directory.Attributes); ok {
			q.Add(QuirkJSONText)
		}
	}
	if !ok {
		id, failed := memberText(element, q)
		if failed != nil {
			return ref, false, &valueError{problem: "must be an object with the id of a member as value, not " + kindOf(element)}
		}
		q.Add(QuirkMemberString)
		return checkMember(directory.MemberRef{Value: id})
	}
	member = true
	var link string
	for i := range object {
		name, value := object[i].Name, object[i].Value
		text, ok := value.(string)
		if !ok && value != nil && knownOfMember(name) {
			if text, failed = memberText(value, q); failed != nil {
				return ref, false, failed.in(name)
			}
		}
		switch {
		case strings.EqualFold(name, "value"):
			ref.Value = text
		case strings.EqualFold(name, "$ref"):
			if link = text; value == nil {
				q.Add(QuirkRefNull)
			}
		case strings.EqualFold(name, "type"):
			ref.Type = text
		case strings.EqualFold(name, "display"), strings.EqualFold(name, "displayName"):
			ref.Display = truncate(text, maxDisplay)
		case strings.EqualFold(name, "operation"):
			q.Add(QuirkMemberOperation)
			member = !strings.EqualFold(text, "delete")
		default:
			q.Add(QuirkUnknownAttribute)
		}
	}
	if ref.Value == "" && link != "" {
		q.Add(QuirkMemberRef)
		link = strings.TrimRight(link, "/")
		ref.Value = link[strings.LastIndexByte(link, '/')+1:]
	}
	ref.Type = memberType(ref.Type, q)
	checked, _, failed := checkMember(ref)
	return checked, member, failed
}

func knownOfMember(name string) bool {
	for _, known := range [...]string{"value", "$ref", "type", "display", "displayName", "operation"} {
		if strings.EqualFold(name, known) {
			return true
		}
	}
	return false
}

// memberText reads a text of a member like Normalise.
func memberText(value any, q *Quirks) (string, *valueError) {
	v, failed := (&Attribute{Type: String}).single(value, q)
	text, _ := v.(string)
	return text, failed
}

func memberType(text string, q *Quirks) string {
	switch {
	case text == "":
		return ""
	case strings.EqualFold(text, "User"):
		return "User"
	case strings.EqualFold(text, "Group"):
		return "Group"
	}
	q.Add(QuirkMemberType)
	return ""
}

func checkMember(ref directory.MemberRef) (directory.MemberRef, bool, *valueError) {
	switch {
	case ref.Value == "":
		return ref, false, &valueError{problem: "has no value: the id of a user or group is expected"}
	case len(ref.Value) > maxKey:
		return ref, false, &valueError{path: "value", problem: fmt.Sprintf("must not be longer than %d bytes", maxKey)}
	}
	return ref, true, nil
}

// truncate cuts text to at most n bytes, between characters.
func truncate(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
