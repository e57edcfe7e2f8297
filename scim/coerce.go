package scim

import (
	"math"
	"strconv"
	"strings"

	"drawbridge/directory"
)

// Bounds on values. Whatever a store indexes must fit into a key.
const (
	maxText  = 64 << 10 // bytes of any string
	maxKey   = 1024     // bytes of userName, externalId, an e-mail address, the displayName of a group
	maxWhole = 1 << 20  // bytes of a resource, roughly
	fewItems = 16       // up to so many elements, comparing each with each is cheaper than a map
)

// valueError is a value that does not fit its attribute. path grows from the inside out while the error travels up.
type valueError struct{ path, problem string }

func (e *valueError) in(segment string) *valueError {
	switch {
	case e.path == "":
		e.path = segment
	case e.path[0] == '[':
		e.path = segment + e.path
	default:
		e.path = segment + "." + e.path
	}
	return e
}

func (e *valueError) scim() *Error { return InvalidValue(e.path + " " + e.problem) }

// Coerce checks one value for the whole attribute and brings it into the form in which it is stored: names as the schema
// writes them, read-only and unknown sub-attributes dropped. For a multi-valued attribute value is an array or a single
// element, for a complex one an object or a bare value for its "value". Null, [] and {} are the same, unassigned
// (RFC 7643 §2.5), and come back as nil. Leniencies are noted in q. A value that does not fit is *Error 400 invalidValue
// and names the attribute. value itself is not changed.
func (a *Attribute) Coerce(value any, q *Quirks) (any, error) {
	out, err := a.whole(value, q, false)
	if err != nil {
		return nil, err.in(a.fullName()).scim()
	}
	return out, nil
}

// CoerceElement is Coerce for one element of a multi-valued attribute; for a singular one it is the same as Coerce.
func (a *Attribute) CoerceElement(value any, q *Quirks) (any, error) {
	if a.unassigned(value) {
		return nil, nil
	}
	out, err := a.single(value, q)
	if err != nil {
		return nil, err.in(a.fullName()).scim()
	}
	return out, nil
}

// fullName is the name with that of the complex attribute before it.
func (a *Attribute) fullName() string {
	name := a.Name
	if a.Parent != nil {
		name = a.Parent.Name + "." + name
	}
	if a.Schema != "" {
		name = a.Schema + ":" + name
	}
	return name
}

// whole is Coerce. body: the value stands in the body of a POST or PUT, where a bare string is no list of objects.
func (a *Attribute) whole(value any, q *Quirks, body bool) (any, *valueError) {
	if a.unassigned(value) {
		return nil, nil
	}
	if !a.MultiValued {
		return a.single(value, q)
	}
	list, ok := value.([]any)
	if !ok {
		_, object := value.(directory.Attributes)
		// A bare string may name a resource ("members": "2819c223…"), but is not an e-mail with its type.
		if a.Type == Complex && !object && (body || a.SubAttribute("$ref") == nil) {
			return nil, &valueError{problem: "must be an array of objects, not " + kindOf(value)}
		}
		q.Add(QuirkArrayWrapped)
		list = []any{value}
	}
	out := make([]any, 0, len(list))
	for i, element := range list {
		if a.unassigned(element) {
			continue
		}
		if _, nested := element.([]any); nested {
			return nil, (&valueError{problem: "must be a single value, not an array in an array"}).in("[" + strconv.Itoa(i) + "]")
		}
		v, err := a.single(element, q)
		if err != nil {
			return nil, err.in("[" + strconv.Itoa(i) + "]")
		}
		if v != nil {
			out = append(out, v)
		}
	}
	if out = a.tidy(out, q); len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// unassigned reports whether value says that there is none: null and [], and {} where an object belongs. Elsewhere an object
// is of the wrong type, even an empty one.
func (a *Attribute) unassigned(value any) bool {
	_, object := value.(directory.Attributes)
	return directory.Unassigned(value) && (!object || a.Type == Complex)
}

// single coerces a value of a singular attribute, or one element.
func (a *Attribute) single(value any, q *Quirks) (any, *valueError) {
	if list, ok := value.([]any); ok {
		if len(list) != 1 {
			return nil, &valueError{problem: "must be a single value, not an array of " + strconv.Itoa(len(list))}
		}
		if value = list[0]; a.unassigned(value) {
			return nil, nil
		}
		if _, nested := value.([]any); nested {
			return nil, &valueError{problem: "must be a single value, not an array in an array"}
		}
		q.Add(QuirkArrayUnwrapped)
	}
	if a.Type == Complex {
		return a.object(value, q)
	}
	return a.scalar(value, q)
}

func (a *Attribute) object(value any, q *Quirks) (any, *valueError) {
	given, ok := value.(directory.Attributes)
	if !ok {
		sub := a.SubAttribute("value")
		if _, text := value.(string); !text || sub == nil {
			return nil, &valueError{problem: "must be an object, not " + kindOf(value)}
		}
		if value == "" {
			return nil, nil
		}
		q.Add(QuirkValueBare)
		given = directory.Attributes{{Name: sub.Name, Value: value}}
	}
	out := make(directory.Attributes, 0, len(given))
	for i := range given {
		sub := a.sub(given[i].Name, q)
		if sub == nil {
			if !directory.Unassigned(given[i].Value) {
				q.Add(QuirkUnknownAttribute)
			}
			continue
		}
		if sub.unassigned(given[i].Value) {
			if sub.Name == "$ref" && given[i].Value == nil {
				q.Add(QuirkRefNull)
			}
			continue
		}
		if sub.discarded(q) {
			continue
		}
		v, err := sub.whole(given[i].Value, q, false)
		if err != nil {
			return nil, err.in(sub.Name)
		}
		if _, twice := out.Get(sub.Name); v != nil && !twice {
			out = append(out, directory.Attribute{Name: sub.Name, Value: v})
		}
	}
	if a.Name == "roles" && a.Schema == "" {
		out = unfoldRole(out, q)
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// sub finds the sub-attribute that a client means by name, nil if there is none.
func (a *Attribute) sub(name string, q *Quirks) *Attribute {
	if sub := a.SubAttribute(name); sub != nil {
		if sub.Name != name {
			q.Add(QuirkNameCase)
		}
		return sub
	}
	switch {
	case a.Name == "manager" && strings.EqualFold(name, "managerId"):
		q.Add(QuirkManagerID)
		return a.SubAttribute("value")
	case strings.EqualFold(name, "displayName"):
		if sub := a.SubAttribute("display"); sub != nil {
			q.Add(QuirkDisplayName)
			return sub
		}
	}
	return nil
}

// discarded reports whether what a client sends for the attribute is thrown away: read-only attributes (RFC 7644 §3.3,
// §3.5.1), and secrets, which the bridge never keeps.
func (a *Attribute) discarded(q *Quirks) bool {
	switch {
	case a.Mutability == ReadOnly:
		q.Add(QuirkReadOnly)
		return true
	case a.Returned == ReturnedNever || a.Mutability == WriteOnly:
		q.Add(QuirkPassword)
		return true
	}
	return false
}

// unfoldRole reads a role whose value is JSON text: {"id":…,"value":…,"displayName":…}, as Entra ID's app role
// expressions send it. What cannot be read that way stays as it is.
func unfoldRole(role directory.Attributes, q *Quirks) directory.Attributes {
	text := role.String("value")
	if !strings.HasPrefix(text, "{") {
		return role
	}
	parsed, err := directory.ParseJSON([]byte(text), directory.Limits{Depth: 4, Values: 64})
	inner, ok := parsed.(directory.Attributes)
	if err != nil || !ok {
		return role
	}
	value := inner.String("value")
	if value == "" || value[0] == '{' {
		return role
	}
	q.Add(QuirkRolesJSON)
	role.Set("value", value)
	display := inner.String("displayName")
	if display == "" {
		display = inner.String("display")
	}
	if _, has := role.Get("display"); !has && display != "" {
		role.Set("display", display)
	}
	return role
}

func (a *Attribute) scalar(value any, q *Quirks) (any, *valueError) {
	switch a.Type {
	case Boolean:
		return a.boolean(value, q)
	case Integer, Decimal:
		return a.number(value, q)
	}
	text, ok := value.(string)
	if !ok {
		return nil, &valueError{problem: "must be a string, not " + kindOf(value)}
	}
	limit := maxText
	if a.limit > 0 {
		limit = a.limit
	}
	if len(text) > limit {
		return nil, &valueError{problem: "must not be longer than " + strconv.Itoa(limit) + " bytes"}
	}
	if a.Type != DateTime && a.Type != Binary {
		return value, nil // not text: putting it into an interface again would allocate
	}
	if text == "" {
		q.Add(QuirkEmptyString)
		return nil, nil
	}
	if a.Type == DateTime {
		if _, ok := directory.ParseInstant(text); !ok {
			return nil, &valueError{problem: "must be a dateTime such as 2026-01-31T09:30:00Z"}
		}
		return value, nil
	}
	if !isBase64(text) {
		return nil, &valueError{problem: "must be base64 (RFC 4648)"}
	}
	return value, nil
}

func (a *Attribute) boolean(value any, q *Quirks) (any, *valueError) {
	switch value {
	case true, false:
		return value, nil
	case "True", "true":
		q.Add(QuirkStringBoolean)
		return true, nil
	case "False", "false":
		q.Add(QuirkStringBoolean)
		return false, nil
	}
	return nil, &valueError{problem: "must be true or false, not " + kindOf(value)}
}

// number keeps the digits as they were written. An integer has neither fraction nor exponent (RFC 7643 §2.3.4) and fits
// into 64 bits; a decimal fits into a double.
func (a *Attribute) number(value any, q *Quirks) (any, *valueError) {
	number, ok := value.(directory.Number)
	if !ok {
		text, isText := value.(string)
		if isText && text == "" {
			q.Add(QuirkEmptyString)
			return nil, nil
		}
		parsed, err := directory.ParseJSON([]byte(text), directory.Limits{})
		if number, ok = parsed.(directory.Number); !isText || err != nil || !ok || string(number) != text {
			return nil, &valueError{problem: "must be a number, not " + kindOf(value)}
		}
		q.Add(QuirkStringNumber)
	}
	if a.Type == Integer {
		if _, err := strconv.ParseInt(string(number), 10, 64); err != nil {
			return nil, &valueError{problem: "must be an integer of at most 64 bits, without fraction and exponent"}
		}
		return number, nil
	}
	if f, err := strconv.ParseFloat(string(number), 64); err != nil || math.IsInf(f, 0) {
		return nil, &valueError{problem: "is out of range"}
	}
	return number, nil
}

// isBase64 checks without decoding: the alphabet of RFC 4648 §4 or §5, padding complete or left out, line breaks allowed.
func isBase64(text string) bool {
	digits, padding := 0, 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\r' || c == '\n':
		case c == '=':
			padding++
		case padding > 0:
			return false
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '+', c == '/', c == '-', c == '_':
			digits++
		default:
			return false
		}
	}
	return digits%4 != 1 && (padding == 0 || padding <= 2 && (digits+padding)%4 == 0)
}

// kindOf names the JSON type of a value for an error; never the value, which may be a secret.
func kindOf(value any) string {
	switch value.(type) {
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case directory.Number:
		return "a number"
	case directory.Attributes:
		return "an object"
	case []any:
		return "an array"
	}
	return "null"
}

// tidy keeps the rules of multi-valued attributes (RFC 7643 §2.4): a pair of type and value stands once, primary is true
// at most once. It may change list and its elements.
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

// unique drops elements that repeat an earlier one: the same simple value, or the same type and value. An element
// without a value (an address) repeats only what is equal in everything, and is not looked for in a long list.
func (a *Attribute) unique(list []any, q *Quirks) []any {
	var seen map[any]int // where in out an element stands
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

// pair tells elements of a complex attribute apart.
type pair struct{ kind, value any }

// pairOf gives what tells an element from others, nil for an element without a value.
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

// onePrimary leaves primary to the first element that claims it and has a value, else to the first that claims it.
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
