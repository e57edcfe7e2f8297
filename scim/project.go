package scim

import (
	"fmt"
	"slices"
	"strings"

	"drawbridge/directory"
)

// Projection says which attributes a client wants (RFC 7644 §3.9), parsed for one resource type. It is made once
// and never changed. A nil one is the default: everything that is returned "always" or by "default".
type Projection struct {
	only   bool // attributes was given: only the picks, and attributes that are always returned
	picks  []pick
	stored bool // the picks touch the stored document
}

// pick is an attribute or schema that a client named.
type pick struct {
	attribute *Attribute     // nil: the whole schema
	extension *Schema        // of a whole extension; nil with attribute nil: the core schema
	subs      []*Attribute   // nil: the whole attribute
	where     directory.Expr // selects elements of a multi-valued attribute; nil: all
}

// ElementFilter reads the text in the brackets of emails[type eq "work"]: a condition on one element of a. It is
// filter.ParseElement, which this package cannot import.
type ElementFilter func(a *Attribute, text string, q *Quirks) (directory.Expr, error)

// maxNames is the maximum number of attributes that a projection may name.
const maxNames = 500

// ParseProjection reads the parameters attributes and excludedAttributes: lists of attribute paths. Each may itself be a list with
// commas; commas in brackets do not count. Paths are those of Resolve; the URN of a schema alone means all of it. The function
// elements reads the brackets of emails[type eq "work"] and emails[type eq "work"].value. Names that the type does not have are
// ignored and noted in q. Attributes that are returned "always" (id, schemas) cannot be excluded; attributes that are
// returned "never" cannot be requested.
//
// The two parameters exclude each other (RFC 7644 §3.9). If both are present, attributes has precedence, and excludedAttributes is
// ignored and noted. More than 500 names are *Error 400 invalidValue, and so is an invalid filter in brackets.
func ParseProjection(t *ResourceType, attributes, excluded []string, elements ElementFilter, q *Quirks) (*Projection, error) {
	included, without := splitNames(attributes), splitNames(excluded)
	if len(included) == 0 && len(without) == 0 {
		return nil, nil
	}
	p := &Projection{only: len(included) > 0, stored: len(included) > 0}
	names := without
	if p.only {
		if len(without) > 0 {
			q.Add(QuirkBothProjections)
		}
		names = included
	}
	if len(names) > maxNames {
		return nil, InvalidValue(fmt.Sprintf("attributes and excludedAttributes name at most %d attributes", maxNames))
	}
	for _, name := range names {
		if strings.EqualFold(name, t.Core.URN) {
			p.add(pick{})
			continue
		}
		name, condition, err := cutBrackets(name)
		if err != nil {
			return nil, err
		}
		target, ok := t.Lookup(name, q)
		var where directory.Expr
		if ok && condition != "" {
			if target.Attribute == nil || !target.Attribute.MultiValued || elements == nil {
				return nil, InvalidValue(fmt.Sprintf("brackets in attributes and excludedAttributes must follow a multi-valued attribute, and %q is not multi-valued", name))
			}
			if where, err = elements(target.Attribute, condition, q); err != nil {
				return nil, InvalidValue("in attributes or excludedAttributes: " + ErrorOf(err).Detail)
			}
		}
		switch {
		case !ok:
			q.Add(QuirkUnknownAttribute)
		case target.Attribute == nil:
			p.add(pick{extension: target.Extension})
		case target.Sub == nil:
			p.add(pick{attribute: target.Attribute, where: where})
		default:
			p.add(pick{attribute: target.Attribute, subs: []*Attribute{target.Sub}, where: where})
		}
	}
	return p, nil
}

// splitNames cuts the lists at their commas, except those in brackets.
func splitNames(lists []string) []string {
	var out []string
	for _, list := range lists {
		for list != "" {
			end := 0
			for end < len(list) && list[end] != ',' {
				if list[end] == '[' {
					end += afterBrackets(list[end:])
				} else {
					end++
				}
			}
			if name := strings.TrimSpace(list[:end]); name != "" {
				out = append(out, name)
			}
			list = strings.TrimPrefix(list[end:], ",")
		}
	}
	return out
}

// afterBrackets gives the offset after the bracket that closes the first one of text, or the length of text if there is none. A bracket or
// comma of a filter may be in quotes.
func afterBrackets(text string) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			depth++
		case c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

// cutBrackets splits emails[type eq "work"].value into emails.value and the text in the brackets.
func cutBrackets(name string) (path, condition string, err error) {
	from := strings.IndexByte(name, '[')
	if from < 0 {
		return name, "", nil
	}
	to := from + afterBrackets(name[from:])
	if to-from > len("[]") && name[to-1] == ']' {
		condition = strings.TrimSpace(name[from+1 : to-1])
	}
	if condition == "" {
		return "", "", InvalidValue("attributes and excludedAttributes have brackets that are empty or not closed")
	}
	return name[:from] + name[to:], condition, nil
}

// add merges a pick with the earlier ones: a whole attribute includes its parts.
func (p *Projection) add(n pick) {
	p.stored = p.stored || n.attribute == nil || n.subs != nil || n.where != nil || !isComputed(n.attribute)
	for i := range p.picks {
		old := &p.picks[i]
		if old.attribute != n.attribute || old.extension != n.extension {
			continue
		}
		if old.where == nil || n.where == nil {
			old.where = nil
		} else {
			old.where = directory.Or{old.where, n.where}
		}
		if old.subs == nil || n.subs == nil {
			old.subs = nil
		} else if !slices.Contains(old.subs, n.subs[0]) {
			old.subs = append(old.subs, n.subs[0])
		}
		return
	}
	p.picks = append(p.picks, n)
}

// isComputed reports whether the attribute is not part of stored documents.
func isComputed(a *Attribute) bool {
	if a.Schema != "" || a.Parent != nil {
		return false
	}
	switch a.Name {
	case "id", "meta", "groups", "members", "active":
		return true
	}
	return false
}

// Wants reports whether anything of the core or common attribute will be returned. If not, the caller need not read members or
// groups.
func (p *Projection) Wants(t *ResourceType, attribute string) bool {
	a := t.Attribute(attribute)
	if a == nil {
		return false
	}
	if p == nil {
		return a.Returned == ReturnedAlways || a.Returned == ReturnedDefault
	}
	wanted, _, _ := p.wants(a, nil)
	return wanted
}

// splices reports whether an answer can be the unchanged stored document with the computed attributes around it.
func (p *Projection) splices(t *ResourceType) bool { return !t.masked && (p == nil || !p.stored) }

// wants tells whether an attribute of the schema (nil: core or common) is returned, and which of its sub-attributes were
// named: attributes returns only those, excludedAttributes all others. Without names all are returned. where does the same
// for elements.
func (p *Projection) wants(a *Attribute, extension *Schema) (wanted bool, subs []*Attribute, where directory.Expr) {
	var named, schema bool
	if p != nil {
		for i := range p.picks {
			n := &p.picks[i]
			switch {
			case n.attribute == a:
				named, subs, where = true, n.subs, n.where
			case n.attribute == nil && n.extension == extension:
				schema = schema || extension != nil || a.Schema == "" && !isCommon(a)
			}
		}
	}
	switch {
	case a.Returned == ReturnedNever:
		return false, nil, nil
	case a.Returned == ReturnedAlways:
		return true, nil, nil
	case p != nil && p.only:
		if schema && a.Returned == ReturnedDefault {
			return true, nil, nil
		}
		return named, subs, where
	case a.Returned == ReturnedRequest, schema, named && subs == nil && where == nil:
		return false, nil, nil
	}
	return true, subs, where
}

// isCommon reports whether a is an attribute that every resource has (RFC 7643 §3.1).
func isCommon(a *Attribute) bool {
	switch a.Name {
	case "schemas", "id", "externalId", "meta":
		return a.Parent == nil && a.Schema == ""
	}
	return false
}

// pick gives the part of the resource that is returned; schemas is filled in. whole is not changed.
func (p *Projection) pick(t *ResourceType, whole directory.Attributes) directory.Attributes {
	out := make(directory.Attributes, 0, len(whole))
	schemas := []any{t.Core.URN}
	for i := range whole {
		name, value := whole[i].Name, whole[i].Value
		if name == "schemas" {
			out = append(out, directory.Attribute{Name: name})
			continue
		}
		if a := t.Attribute(name); a != nil {
			if value = p.value(a, nil, value); value != nil {
				out = append(out, directory.Attribute{Name: name, Value: value})
			}
			continue
		}
		s := t.Extension(name)
		data, ok := value.(directory.Attributes)
		if s == nil || !ok {
			continue
		}
		kept := make(directory.Attributes, 0, len(data))
		for j := range data {
			a := s.Attribute(data[j].Name)
			if a == nil {
				continue
			}
			if value := p.value(a, s, data[j].Value); value != nil {
				kept = append(kept, directory.Attribute{Name: a.Name, Value: value})
			}
		}
		if len(kept) > 0 {
			schemas = append(schemas, s.URN)
			out = append(out, directory.Attribute{Name: s.URN, Value: kept})
		}
	}
	out.Set("schemas", schemas)
	return out
}

// value gives the part of an attribute's value that is returned, nil for nothing.
func (p *Projection) value(a *Attribute, extension *Schema, value any) any {
	wanted, subs, where := p.wants(a, extension)
	if !wanted {
		return nil
	}
	if subs == nil && where == nil && !a.masked {
		return value
	}
	switch v := value.(type) {
	case directory.Attributes:
		return p.object(a, subs, v)
	case []any:
		out := make([]any, 0, len(v))
		for _, element := range v {
			if where != nil {
				met := directory.Match(where, directory.Element{Value: element})
				if p.only && !met || !p.only && met && subs == nil {
					continue
				}
				if !met { // excludedAttributes does not mean it
					out = append(out, element)
					continue
				}
			}
			object, ok := element.(directory.Attributes)
			if !ok {
				out = append(out, element)
				continue
			}
			if kept := p.object(a, subs, object); kept != nil {
				out = append(out, kept)
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	}
	return value
}

func (p *Projection) object(a *Attribute, subs []*Attribute, object directory.Attributes) any {
	out := make(directory.Attributes, 0, len(object))
	for i := range object {
		sub := a.SubAttribute(object[i].Name)
		if sub == nil {
			continue
		}
		named := slices.Contains(subs, sub)
		only := p != nil && p.only
		switch {
		case sub.Returned == ReturnedNever:
			continue
		case sub.Returned == ReturnedAlways:
		case only && subs != nil:
			if !named {
				continue
			}
		case sub.Returned == ReturnedRequest, named:
			continue
		}
		out = append(out, object[i])
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
