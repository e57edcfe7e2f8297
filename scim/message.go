package scim

import (
	"slices"
	"strings"

	"drawbridge/directory"
)

// declaration says which schemas the body of a resource names.
type declaration struct {
	missing    bool // no schemas at all
	extensions uint64
}

// has reports whether extension number i is named.
func (d declaration) has(i int) bool { return d.missing || i < 64 && d.extensions&(1<<i) != 0 }

// declared reads schemas (RFC 7643 §3). The base URN, or another name that clients use for it, is required; other unknown URNs are ignored.
// A body without schemas gets those of its endpoint.
func (t *ResourceType) declared(value any, q *Quirks) (declaration, error) {
	d := declaration{}
	list, err := urns(value, q)
	if err != nil {
		return d, err
	}
	if d.missing = len(list) == 0; d.missing {
		return d, nil
	}
	base := false
	for _, urn := range list {
		if strings.EqualFold(urn, t.Core.URN) {
			noteCase(urn, t.Core.URN, q)
			base = true
			continue
		}
		place, exact := t.place(urn)
		switch {
		case place == corePlace, place == noPlace && resembles(urn, t.Core.URN):
			q.Add(QuirkSchemaAlias)
			base = true
		case place >= 0:
			if !exact {
				q.Add(QuirkSchemaAlias)
			}
			d.extensions |= 1 << min(place, 63)
		default:
			q.Add(QuirkSchemaUnknown)
			base = base || isVendorSchema(urn)
		}
	}
	if !base {
		return d, InvalidSyntax("schemas must contain " + t.Core.URN)
	}
	return d, nil
}

// CheckMessage checks that the body is the message with this URN: a PATCH, a search, a Bulk request. Its schemas name the URN in any case,
// or a variant of it that clients send; a body without schemas is accepted. The error is *Error 400 invalidSyntax.
func CheckMessage(body directory.Attributes, urn string, q *Quirks) error {
	value, _ := body.Get("schemas")
	list, err := urns(value, q)
	if err != nil || len(list) == 0 {
		return err
	}
	variant := false
	for _, named := range list {
		if strings.EqualFold(named, urn) {
			noteCase(named, urn, q)
			return nil
		}
		variant = variant || resembles(named, urn)
	}
	if !variant {
		return InvalidSyntax("schemas must contain " + urn)
	}
	q.Add(QuirkSchemaAlias)
	return nil
}

// NoteNames notes the names in a message that have another case than the standard's, and those that mean nothing there and are ignored.
func NoteNames(message directory.Attributes, q *Quirks, known ...string) {
	for i := range message {
		at := slices.IndexFunc(known, func(name string) bool { return strings.EqualFold(name, message[i].Name) })
		if at >= 0 {
			noteCase(message[i].Name, known[at], q)
		} else if !directory.Unassigned(message[i].Value) {
			q.Add(QuirkUnknownAttribute)
		}
	}
}

// Operations reads the Operations of a message: a list, or one operation without a list. ok is false for anything else, and for none.
func Operations(message directory.Attributes, q *Quirks) (list []any, ok bool) {
	value, _ := message.Get("Operations")
	if one, single := value.(directory.Attributes); single && len(one) > 0 {
		q.Add(QuirkArrayWrapped)
		return []any{one}, true
	}
	list, _ = value.([]any)
	return list, len(list) > 0
}

// noteCase notes a name in another case than the standard one.
func noteCase(name, standard string, q *Quirks) {
	if name != standard {
		q.Add(QuirkNameCase)
	}
}

// urns reads the value of schemas: a list of URNs, a single URN, or the list as JSON text. An empty list is noted.
func urns(value any, q *Quirks) ([]string, error) {
	if directory.Unassigned(value) {
		if _, object := value.(directory.Attributes); object {
			return nil, InvalidSyntax("schemas must be an array of URNs, not an object")
		}
		q.Add(QuirkSchemaMissing)
		return nil, nil
	}
	list, ok := value.([]any)
	if text, isText := value.(string); isText {
		parsed, _ := jsonText(text, "[")
		if list, ok = parsed.([]any); ok {
			q.Add(QuirkJSONText)
		} else {
			q.Add(QuirkArrayWrapped)
			list, ok = []any{value}, true
		}
	}
	if !ok {
		return nil, InvalidSyntax("schemas must be an array of URNs, not " + kindOf(value))
	}
	out := make([]string, 0, 4)
	for _, element := range list {
		urn, ok := element.(string)
		if !ok {
			return nil, InvalidSyntax("schemas must be an array of URNs, not of " + kindOf(element))
		}
		out = append(out, urn)
	}
	return out, nil
}

// resembles reports whether a client can only mean the schema standard by urn: a SCIM URN whose last part is the same, such as
// urn:ietf:params:scim:schemas:core:2.0:PatchOp for urn:ietf:params:scim:api:messages:2.0:PatchOp. The URN of an extension of
// User ends in User as well.
func resembles(urn, standard string) bool {
	urn = strings.ToLower(strings.TrimSpace(urn))
	last := strings.ToLower(standard[strings.LastIndexByte(standard, ':')+1:])
	return strings.HasPrefix(urn, "urn:") && strings.Contains(urn, "scim") && strings.HasSuffix(urn, ":"+last) && !strings.Contains(urn, ":extension:")
}
