package directory

import (
	"slices"
	"strings"
)

// Attributes is a JSON object of SCIM attributes in the order in which they were given. Names compare without regard to
// case (RFC 7643 §2.1) and occur at most once.
//
// A value is one of: nil, bool, string, Number, Attributes, []any (of the same).
type Attributes []Attribute

// Attribute is one name and its value.
type Attribute struct {
	Name  string
	Value any
}

// Number is a JSON number as it was written, so that no digit is lost.
type Number string

// Get gives the value under name, and whether there is one.
func (a Attributes) Get(name string) (any, bool) {
	for i := range a {
		if strings.EqualFold(a[i].Name, name) {
			return a[i].Value, true
		}
	}
	return nil, false
}

// String gives the string under name. It gives "" if there is no value, or the value is not a string.
func (a Attributes) String(name string) string {
	v, _ := a.Get(name)
	s, _ := v.(string)
	return s
}

// Set puts value under name. It replaces the old value, or appends the attribute.
func (a *Attributes) Set(name string, value any) {
	for i := range *a {
		if strings.EqualFold((*a)[i].Name, name) {
			(*a)[i].Value = value
			return
		}
	}
	*a = append(*a, Attribute{name, value})
}

// Delete removes name and reports whether it existed.
func (a *Attributes) Delete(name string) bool {
	for i := range *a {
		if strings.EqualFold((*a)[i].Name, name) {
			*a = slices.Delete(*a, i, i+1)
			return true
		}
	}
	return false
}

// Clone copies a deeply.
func (a Attributes) Clone() Attributes {
	if a == nil {
		return nil
	}
	out := make(Attributes, len(a))
	for i := range a {
		out[i] = Attribute{a[i].Name, CloneValue(a[i].Value)}
	}
	return out
}

// CloneValue copies an attribute value deeply.
func CloneValue(v any) any {
	switch v := v.(type) {
	case Attributes:
		return v.Clone()
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = CloneValue(v[i])
		}
		return out
	}
	return v
}

// Unassigned reports whether v is no value: null, an empty array, an empty object (RFC 7643 §2.5).
func Unassigned(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case Attributes:
		return len(v) == 0
	}
	return false
}

// EqualValues reports whether two attribute values are equal: objects without regard to order and to the case of
// names, arrays in order, numbers as written, unassigned values alike.
func EqualValues(x, y any) bool {
	if Unassigned(x) || Unassigned(y) {
		return Unassigned(x) && Unassigned(y)
	}
	switch x := x.(type) {
	case Attributes:
		y, ok := y.(Attributes)
		if !ok {
			return false
		}
		for _, at := range x {
			other, _ := y.Get(at.Name)
			if !EqualValues(at.Value, other) {
				return false
			}
		}
		for _, at := range y {
			if _, ok := x.Get(at.Name); !ok && !Unassigned(at.Value) {
				return false
			}
		}
		return true
	case []any:
		y, ok := y.([]any)
		return ok && slices.EqualFunc(x, y, EqualValues)
	}
	return x == y
}
