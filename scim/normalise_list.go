package scim

import (
	"drawbridge/directory"
)

// list gives the elements of a value for a multi-valued attribute, which may be a single one.
func (a *Attribute) list(value any, q *Quirks) ([]any, *valueError) {
	switch v := value.(type) {
	case []any:
		return v, nil
	case string:
		if v == "" {
			q.Add(QuirkEmptyString)
			return nil, nil
		}
		if parsed, ok := jsonText(v, "[{"); ok {
			q.Add(QuirkJSONText)
			if list, ok := parsed.([]any); ok {
				return list, nil
			}
			value = parsed
		} else if a.Type == Complex && !a.plausible(v) {
			return nil, &valueError{problem: "must be an array of objects, not " + kindOf(value)}
		}
	}
	q.Add(QuirkArrayWrapped)
	return []any{value}, nil
}

// tidy enforces the rules of multi-valued attributes (RFC 7643 §2.4): a pair of type and value occurs once, and primary is true at most
// once. It may change list and its elements.
func (a *Attribute) tidy(list []any, q *Quirks) []any {
	if len(list) < 2 {
		return list
	}
	list = a.unique(list, q)
	if a.Type == Complex {
		onePrimary(list, q)
	}
	return list
}

// unique drops elements that repeat an earlier one: the same simple value, or the same type and value. An element without a value (an
// address) repeats only a completely equal one, which is not searched in a long list.
func (a *Attribute) unique(list []any, q *Quirks) []any {
	var seen map[any]int // the index of an element in out
	if len(list) > fewItems {
		seen = make(map[any]int, len(list))
	}
	out := list[:0]
	for _, element := range list {
		i := -1
		if seen == nil {
			i = indexOf(out, element)
		} else if key := pairOf(element); key != nil {
			if at, repeats := seen[key]; repeats {
				i = at
			} else {
				seen[key] = len(out)
			}
		}
		if i < 0 {
			out = append(out, element)
			continue
		}
		q.Add(QuirkDuplicate)
		if again, ok := element.(directory.Attributes); ok && isPrimary(again) {
			first, _ := out[i].(directory.Attributes)
			first.Set("primary", true)
			out[i] = first
		}
	}
	clear(list[len(out):])
	return out
}

func indexOf(list []any, element any) int {
	key := pairOf(element)
	for i := range list {
		if key == nil {
			if directory.EqualValues(list[i], element) {
				return i
			}
		} else if pairOf(list[i]) == key {
			return i
		}
	}
	return -1
}

// pair identifies an element of a complex attribute.
type pair struct{ kind, value any }

// pairOf gives the pair of an element, nil for an element without a value.
func pairOf(element any) any {
	object, ok := element.(directory.Attributes)
	if !ok {
		return element
	}
	value, _ := object.Get("value")
	kind, _ := object.Get("type")
	if !isSimple(value) || !isSimple(kind) || value == nil {
		return nil
	}
	return pair{kind, value}
}

func isSimple(v any) bool {
	switch v.(type) {
	case nil, string, bool, directory.Number:
		return true
	}
	return false
}

func isPrimary(element directory.Attributes) bool {
	v, _ := element.Get("primary")
	return v == true
}

// onePrimary keeps primary at the first element that has it and a value, else at the first that has it.
func onePrimary(list []any, q *Quirks) {
	keep, claims := -1, 0
	for i := range list {
		element, ok := list[i].(directory.Attributes)
		if !ok || !isPrimary(element) {
			continue
		}
		claims++
		if keep < 0 || emptyValue(list[keep]) && !emptyValue(element) {
			keep = i
		}
	}
	if claims < 2 {
		return
	}
	q.Add(QuirkPrimary)
	for i := range list {
		if element, ok := list[i].(directory.Attributes); ok && i != keep && isPrimary(element) {
			element.Set("primary", false)
		}
	}
}

func emptyValue(element any) bool {
	object, _ := element.(directory.Attributes)
	return object.String("value") == ""
}
