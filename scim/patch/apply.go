package patch

import (
	"fmt"
	"slices"
	"strings"

	"drawbridge/directory"
	"drawbridge/scim"
)

// step is one change of one attribute, checked as far as that is possible without the resource.
type step struct {
	path
	index    int  // of the operation, from 1
	kind     kind // add, replace or remove
	lenient  bool
	value    any      // the value of add and replace; Attributes for a complex attribute that is merged
	cleared  []string // sub-attributes that the value sets to null
	listed   []any    // remove: only these elements; nil: all
	expected string   // remove: only if the complex attribute has this value; "": with any value
}

// work limits the cost of a PATCH: thousands of operations, each with a long filter, on a resource with thousands of elements would
// otherwise take minutes.
type work struct {
	left   int
	quirks *scim.Quirks
}

// maxWork is about half a second.
const maxWork = 4 << 20

func (w *work) spend(n int) error {
	w.left -= n
	if w.left < 0 {
		return scim.Plain(tooLarge, "the request takes too much work; send fewer operations at once").At(scim.LimitPatchWork)
	}
	return nil
}

// apply applies the step to the attributes of a resource, in place.
func (s *step) apply(attributes *directory.Attributes, w *work) error {
	if s.attribute == nil {
		attributes.Delete(s.extension.URN)
		return nil
	}
	if s.extension == nil {
		return s.change(attributes, w)
	}
	value, _ := attributes.Get(s.extension.URN)
	data, _ := value.(directory.Attributes)
	if err := s.change(&data, w); err != nil {
		return err
	}
	if len(data) == 0 {
		attributes.Delete(s.extension.URN)
	} else {
		attributes.Set(s.extension.URN, data)
	}
	return nil
}

// change applies the step to the attributes that contain the named one.
func (s *step) change(attributes *directory.Attributes, w *work) error {
	a := s.attribute
	old, _ := attributes.Get(a.Name)
	var before any // what old was, if that must be known
	guarded := a.Mutability == scim.Immutable || slices.ContainsFunc(a.Sub, immutable)
	if guarded {
		before = directory.CloneValue(old)
	}
	next, err := s.next(old, w)
	if err != nil {
		return err
	}
	if guarded && !keepsImmutable(a, before, next) {
		return scim.Mutability(fmt.Sprintf("%q is immutable and has a value already", short(s.text)))
	}
	if directory.Unassigned(next) {
		attributes.Delete(a.Name)
	} else {
		attributes.Set(a.Name, next)
	}
	return nil
}

// next gives the new value of the whole attribute. It may change old.
func (s *step) next(old any, w *work) (any, error) {
	switch {
	case s.attribute.MultiValued && (s.selection != nil || s.sub != nil):
		return s.elements(old, w)
	case s.sub != nil:
		object, _ := old.(directory.Attributes)
		err := s.setSub(&object, w)
		return object, err
	}
	return s.whole(s.attribute, old, w)
}

// whole gives the new value of a, the leaf of the path.
func (s *step) whole(a *scim.Attribute, old any, w *work) (any, error) {
	switch {
	case s.kind == remove && s.listed != nil:
		return s.without(a, old, w)
	case s.kind == remove && s.expected != "":
		if object, ok := old.(directory.Attributes); ok && object.String("value") != s.expected {
			return old, nil
		}
		return nil, nil
	case s.kind == remove:
		return nil, nil
	case s.kind == add && a.MultiValued:
		return s.union(a, old, w)
	case a.Type == scim.Complex && !a.MultiValued:
		object, _ := old.(directory.Attributes)
		s.merge(a, &object)
		return object, nil
	case directory.EqualValues(old, s.value):
		return old, nil
	}
	return directory.CloneValue(s.value), nil
}

// merge sets the sub-attributes in the value of the step; the others stay.
func (s *step) merge(a *scim.Attribute, object *directory.Attributes) {
	value, _ := s.value.(directory.Attributes)
	was := object.String("value")
	for _, name := range s.cleared {
		object.Delete(name)
	}
	for i := range value {
		old, _ := object.Get(value[i].Name)
		if !directory.EqualValues(old, value[i].Value) {
			object.Set(value[i].Name, directory.CloneValue(value[i].Value))
		}
	}
	if _, stated := value.Get("$ref"); !stated && was != object.String("value") {
		dropReference(a, object)
	}
}

// setSub applies a step whose path ends in a sub-attribute to the object that has it.
func (s *step) setSub(object *directory.Attributes, w *work) error {
	old, _ := object.Get(s.sub.Name)
	next, err := s.whole(s.sub, old, w)
	if err != nil {
		return err
	}
	if directory.Unassigned(next) {
		object.Delete(s.sub.Name)
	} else {
		object.Set(s.sub.Name, next)
	}
	if s.sub.Name == "value" && !directory.EqualValues(old, next) {
		dropReference(s.attribute, object)
	}
	return nil
}

// dropReference removes the $ref of another value.
func dropReference(a *scim.Attribute, object *directory.Attributes) {
	if a.SubAttribute("$ref") != nil {
		object.Delete("$ref")
	}
}

// elements applies a step to the elements that the path selects.
func (s *step) elements(old any, w *work) (any, error) {
	list, _ := old.([]any)
	if err := w.spend(weight(list) * (1 + len(s.text)/16)); err != nil {
		return nil, err
	}
	if len(list) == 1 {
		list[0] = s.adopt(list[0], w)
	}
	kept, matched, primary := list[:0], 0, -1
	for _, element := range list {
		if s.selection != nil && !directory.Match(s.selection.Where, directory.Element{Value: element}) {
			kept = append(kept, element)
			continue
		}
		matched++
		if matched > 1 && s.kind == replace && s.sub == nil {
			continue // all matches get the new value, which is kept once
		}
		next, err := s.element(element, w)
		if err != nil {
			return nil, err
		}
		if directory.Unassigned(next) {
			continue
		}
		if kept = append(kept, next); primary < 0 && isPrimary(next) {
			primary = len(kept) - 1
		}
	}
	clear(list[len(kept):])
	if matched == 0 && s.kind == remove && s.selection != nil {
		w.quirks.Add(scim.QuirkNoEffect)
	}
	if matched == 0 && s.kind != remove {
		created, err := s.create(w)
		if err != nil {
			return nil, err
		}
		if kept = append(kept, created); isPrimary(created) {
			primary = len(kept) - 1
		}
	}
	onlyPrimary(kept, primary)
	return kept, nil
}

// adopt gives the only element of an attribute the type, or the primary, from the filter of the path, if the element states none: the
// client must mean this element. Entra ID replaces emails[type eq "work"].value of an address that another client wrote without a type. An
// add may mean a second element, so it adopts only as work or primary. A replace that selects nothing is an error unless the client is
// lenient (RFC 7644 §3.5.2.3).
func (s *step) adopt(element any, w *work) any {
	object, ok := element.(directory.Attributes)
	if !ok || s.kind != add && !s.lenient || s.selection == nil || len(s.selection.Given) == 0 || directory.Match(s.selection.Where, directory.Element{Value: element}) {
		return element
	}
	out := slices.Clone(object)
	for _, term := range s.selection.Given {
		text, _ := term.Value.(string)
		if term.Name != "type" && term.Name != "primary" || s.kind == add && term.Value != true && !strings.EqualFold(text, "work") {
			return element
		}
		if value, _ := object.Get(term.Name); directory.Unassigned(value) {
			out.Set(term.Name, term.Value)
		}
	}
	if !directory.Match(s.selection.Where, directory.Element{Value: out}) {
		return element // it states another
	}
	w.quirks.Add(scim.QuirkUntypedElement)
	return out
}

// element gives the new form of a selected element; nil removes it.
func (s *step) element(element any, w *work) (any, error) {
	object, isObject := element.(directory.Attributes)
	if s.sub != nil {
		var before any
		if immutable(s.sub) {
			before, _ = object.Get(s.sub.Name)
		}
		if err := s.setSub(&object, w); err != nil {
			return nil, err
		}
		if after, _ := object.Get(s.sub.Name); !directory.Unassigned(before) && !directory.EqualValues(before, after) {
			return nil, scim.Mutability(fmt.Sprintf("%q is immutable and has a value already", short(s.text)))
		}
		if s.kind == remove && hollow(object) {
			return nil, nil
		}
		return object, nil
	}
	switch {
	case s.kind == remove:
		return nil, nil
	case s.kind == add && isObject:
		s.merge(s.attribute, &object)
		return object, nil
	case isObject:
		// The element is replaced completely, but the path still selects it unless the value says otherwise.
		fresh := s.selection.Given.Clone()
		s.merge(s.attribute, &fresh)
		if directory.EqualValues(object, fresh) {
			return object, nil
		}
		return fresh, nil
	}
	return directory.CloneValue(s.value), nil
}

// hollow reports whether an element has only the type of a value, and no value.
func hollow(element directory.Attributes) bool {
	return !slices.ContainsFunc(element, func(at directory.Attribute) bool {
		switch at.Name {
		case "type", "primary", "display", "$ref":
			return false
		}
		return !directory.Unassigned(at.Value)
	})
}

// create makes the element that the path selects if the resource does not have it. RFC 7644 §3.5.2.3 requires noTarget for a replace; Entra
// relies on the creation.
func (s *step) create(w *work) (any, error) {
	var object directory.Attributes
	if s.selection != nil {
		switch {
		case s.kind == replace && !s.lenient:
			return nil, scim.NoTarget(fmt.Sprintf("%q selects no element", short(s.text)))
		case s.selection.Given == nil:
			return nil, scim.NoTarget(fmt.Sprintf("%q selects no element, and does not say by eq what a new one would have", short(s.text)))
		}
		w.quirks.Add(scim.QuirkElementCreated)
		if s.sub == nil && s.attribute.Type != scim.Complex {
			return directory.CloneValue(s.value), nil
		}
		object = s.selection.Given.Clone()
	}
	if s.sub == nil {
		s.merge(s.attribute, &object)
		return object, nil
	}
	err := s.setSub(&object, w)
	return object, err
}

// union appends the missing elements of the value. An element with the type and value of another one is merged into it. So is an element
// that differs from the only other one with the same value only because one of the two has no type.
func (s *step) union(a *scim.Attribute, old any, w *work) (any, error) {
	list, _ := old.([]any)
	more, _ := s.value.([]any)
	if err := w.spend(weight(list) + weight(more)); err != nil {
		return nil, err
	}
	places := make(map[any]int, len(list)+len(more))
	for i := len(list) - 1; i >= 0; i-- {
		places[identity(list[i])] = i
	}
	var untyped *untyped // made when an element is not found
	primary := -1
	for _, element := range more {
		key := identity(element)
		i, there := places[key]
		if !there {
			if untyped == nil {
				if err := w.spend(weight(list)); err != nil {
					return nil, err
				}
				untyped = newUntyped(list)
			}
			if i, there = untyped.find(key); there {
				w.quirks.Add(scim.QuirkUntypedElement)
			}
		}
		if !there {
			i = len(list)
			list = append(list, directory.CloneValue(element))
			untyped.add(key, i)
		} else if object, ok := list[i].(directory.Attributes); ok {
			one := step{value: element}
			one.merge(a, &object)
			list[i] = object
		}
		places[key] = i
		if primary < 0 && isPrimary(element) {
			primary = i
		}
	}
	onlyPrimary(list, primary)
	return list, nil
}

// untyped finds the element with the same value if only one of the two has a type.
type untyped struct {
	bare map[string]int // value → the element that has it and no type
	only map[string]int // value → the only element that has it; -1: there are several
}

func newUntyped(list []any) *untyped {
	u := &untyped{bare: map[string]int{}, only: map[string]int{}}
	for i, element := range list {
		u.add(identity(element), i)
	}
	return u
}

func (u *untyped) add(key any, i int) {
	p, ok := key.(pair)
	if !ok || p.whole {
		return
	}
	if p.kind == "" {
		u.bare[p.value] = i
	}
	if _, several := u.only[p.value]; several {
		i = -1
	}
	u.only[p.value] = i
}

func (u *untyped) find(key any) (int, bool) {
	p, ok := key.(pair)
	if !ok || p.whole {
		return 0, false
	}
	if p.kind != "" {
		i, found := u.bare[p.value]
		return i, found
	}
	i, found := u.only[p.value]
	return i, found && i >= 0
}

// without removes the elements that are like a listed one.
func (s *step) without(a *scim.Attribute, old any, w *work) (any, error) {
	list, _ := old.([]any)
	if err := w.spend(weight(list) * len(s.listed)); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(element any) bool {
		return slices.ContainsFunc(s.listed, func(listed any) bool { return like(a, element, listed) })
	}), nil
}

// like reports whether element is the one that a client lists: it has the same value, and the same type if both have one. If the listed
// element has no value, element must have everything that is listed.
func like(a *scim.Attribute, element, listed any) bool {
	want, isObject := listed.(directory.Attributes)
	if !isObject {
		return sameValue(a, element, listed)
	}
	have, _ := element.(directory.Attributes)
	_, byValue := want.Get("value")
	for i := range want {
		name := want[i].Name
		sub := a.SubAttribute(name)
		value, _ := have.Get(name)
		if byValue && name != "value" && (name != "type" || directory.Unassigned(value)) {
			continue
		}
		if sub == nil || !sameValue(sub, value, want[i].Value) {
			return false
		}
	}
	return true
}

func sameValue(a *scim.Attribute, x, y any) bool {
	if text, ok := x.(string); ok && !a.CaseExact {
		other, ok := y.(string)
		return ok && strings.EqualFold(text, other)
	}
	return directory.EqualValues(x, y)
}

// pair is the identity of an element of a complex attribute (RFC 7643 §2.4).
type pair struct {
	kind, value string
	whole       bool // the element has no value; value is all of it
}

// identity gives the key of an element: equal elements have the same key.
func identity(element any) any {
	switch v := element.(type) {
	case string, bool, directory.Number:
		return v
	case directory.Attributes:
		if value := v.String("value"); value != "" {
			return pair{kind: v.String("type"), value: value}
		}
		element = sorted(v)
	}
	return pair{value: string(directory.AppendJSON(nil, element)), whole: true}
}

// sorted gives the object with its names in order.
func sorted(object directory.Attributes) directory.Attributes {
	out := slices.Clone(object)
	slices.SortFunc(out, func(x, y directory.Attribute) int { return strings.Compare(x.Name, y.Name) })
	return out
}

func isPrimary(element any) bool {
	object, _ := element.(directory.Attributes)
	primary, _ := object.Get("primary")
	claimed, _ := primary.(bool)
	return claimed
}

// onlyPrimary makes the element at index keep the only primary one; a negative keep changes nothing.
func onlyPrimary(list []any, keep int) {
	if keep < 0 {
		return
	}
	for i := range list {
		if object, ok := list[i].(directory.Attributes); ok && i != keep && isPrimary(object) {
			object.Set("primary", false)
		}
	}
}

// weight estimates how much a comparison of a list costs.
func weight(list []any) int {
	n := len(list)
	for _, element := range list {
		switch v := element.(type) {
		case string:
			n += len(v) / 64
		case directory.Attributes:
			for i := range v {
				text, _ := v[i].Value.(string)
				n += 1 + len(text)/64
			}
		}
	}
	return n
}

func immutable(a *scim.Attribute) bool { return a.Mutability == scim.Immutable }

// keepsImmutable reports whether immutable values are unchanged: of the attribute, or of sub-attributes of a singular one. Elements may be
// added and removed; element checks their sub-attributes.
func keepsImmutable(a *scim.Attribute, before, next any) bool {
	if directory.Unassigned(before) {
		return true
	}
	if immutable(a) {
		return directory.EqualValues(before, next)
	}
	old, ok := before.(directory.Attributes)
	if !ok || directory.Unassigned(next) {
		return true
	}
	object, _ := next.(directory.Attributes)
	for _, sub := range a.Sub {
		if !immutable(sub) {
			continue
		}
		was, _ := old.Get(sub.Name)
		is, _ := object.Get(sub.Name)
		if !directory.Unassigned(was) && !directory.EqualValues(was, is) {
			return false
		}
	}
	return true
}
