package scim

import (
	"math"
	"strconv"
	"strings"

	"drawbridge/directory"
)

// Limits of values. A value that a store indexes must fit into a key.
const (
	maxText   = 64 << 10 // bytes of any string
	maxKey    = 1024     // bytes of userName, externalId, an e-mail address, the displayName of a group
	maxWhole  = 1 << 20  // bytes of a resource, roughly
	maxValues = 10_000   // values of a resource, without members
	fewItems  = 16       // up to this number of elements, comparing each pair is cheaper than a map
)

// valueError is a value that does not match its attribute. path grows from the inside out while the error is returned.
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

// Normalise checks a value for the whole attribute and brings it into the form in which it is stored: names as the schema writes them,
// read-only and unknown sub-attributes dropped. Null and [] are unassigned (RFC 7643 §2.5), and so is {} for a complex attribute that is
// not multi-valued; all of them come back as nil. value itself is not changed.
//
// Clients write values in other shapes than that of the schema. Normalise accepts a shape if it can have only one meaning, and notes it in
// q:
//
//   - a number for a string; a string for a boolean, in any case; a string for a number
//   - a single element for a list; a list of one for a single value
//   - a bare value for a complex one, as its sub-attribute "value"
//   - an object around a simple value, or around a complex one that has no "value" of its own, under "value"
//   - JSON as text, for the whole attribute, for one element, and in the "value" of an element
//
// A list element without a value is refused: if it were dropped, "replace by an unknown value" could become "remove everything". The error
// is *Error 400 invalidValue and names the attribute.
func (a *Attribute) Normalise(value any, q *Quirks) (any, error) {
	out, err := a.whole(value, q)
	if err != nil {
		return nil, err.in(a.fullName()).scim()
	}
	return out, nil
}

// NormaliseElement is Normalise for the value of a path that selects elements of a multi-valued attribute: it describes changes of them, so
// it may be nil if it assigns nothing. {} is refused.
func (a *Attribute) NormaliseElement(value any, q *Quirks) (any, error) {
	if value == nil {
		return nil, nil
	}
	if directory.Unassigned(value) {
		return nil, noValue().in(a.fullName()).scim()
	}
	out, err := a.single(value, q)
	if err != nil {
		return nil, err.in(a.fullName()).scim()
	}
	return out, nil
}

// fullName is the name after that of the complex attribute.
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

// whole is Normalise with an error whose path can still grow.
func (a *Attribute) whole(value any, q *Quirks) (any, *valueError) {
	if a.unassigned(value) {
		return nil, nil
	}
	if !a.MultiValued {
		return a.single(value, q)
	}
	list, err := a.list(value, q)
	if err != nil {
		return nil, err
	}
	out := make([]any, 0, len(list))
	for i := range list {
		v, err := a.element(list[i], q)
		if err != nil {
			return nil, err.in("[" + strconv.Itoa(i) + "]")
		}
		out = append(out, v)
	}
	if out = a.tidy(out, q); len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// plausible reports whether a bare text may be the value of a complex multi-valued attribute. A text that does not look like an
// e-mail address or telephone number is more likely a mistake than a value.
func (a *Attribute) plausible(text string) bool {
	switch {
	case a.SubAttribute("value") == nil:
		return false
	case a.Schema != "":
	case a.Name == "emails":
		return strings.Contains(text, "@")
	case a.Name == "phoneNumbers":
		return strings.ContainsAny(text, "0123456789")
	}
	return true
}

// jsonText reads a text that holds JSON and begins with one of the characters of first. The memory of a request is estimated from the
// values of its body, and this text is one value, so it must be short.
func jsonText(text, first string) (any, bool) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxJSONText || strings.IndexByte(first, text[0]) < 0 {
		return nil, false
	}
	value, err := directory.ParseJSON([]byte(text), directory.Limits{Depth: 8, Values: 512})
	return value, err == nil
}

const maxJSONText = 16 << 10

// unassigned reports whether value says that the attribute has none: null and [], and {} for a complex attribute that is not
// multi-valued. Elsewhere {} has the wrong type, or is an element without a value.
func (a *Attribute) unassigned(value any) bool {
	_, object := value.(directory.Attributes)
	return directory.Unassigned(value) && (!object || a.Type == Complex && !a.MultiValued)
}

// element normalises one element of a multi-valued attribute. It never gives nil.
func (a *Attribute) element(value any, q *Quirks) (any, *valueError) {
	if !directory.Unassigned(value) {
		if v, err := a.single(value, q); v != nil || err != nil {
			return v, err
		}
	}
	return nil, noValue()
}

func noValue() *valueError {
	return &valueError{problem: "has no value; leave the element out, or send null for the attribute to remove all elements"}
}

// single normalises a value of a singular attribute, or one element.
func (a *Attribute) single(value any, q *Quirks) (any, *valueError) {
	if list, ok := value.([]any); ok {
		if len(list) != 1 {
			return nil, &valueError{problem: "must be a single value, not an array of " + strconv.Itoa(len(list))}
		}
		if _, nested := list[0].([]any); nested {
			return nil, &valueError{problem: "must be a single value, not an array in an array"}
		}
		if value = list[0]; directory.Unassigned(value) {
			return nil, &valueError{problem: "must be a single value, not an array of nothing"}
		}
		q.Add(QuirkArrayUnwrapped)
	}
	if a.Type == Complex {
		return a.object(value, q)
	}
	return a.scalar(value, q)
}

// object normalises a complex value; nil if nothing in it is assigned.
func (a *Attribute) object(value any, q *Quirks) (any, *valueError) {
	given, err := a.members(value, q)
	if err != nil || len(given) == 0 {
		return nil, err
	}
	out := make(directory.Attributes, 0, len(given))
	for i := range given {
		sub := a.sub(given, i, q)
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
		v, err := sub.whole(given[i].Value, q)
		if err != nil {
			return nil, err.in(sub.Name)
		}
		if v != nil {
			out = append(out, directory.Attribute{Name: sub.Name, Value: v})
		}
	}
	switch out = a.unfold(out, q); {
	case len(out) == 0:
		return nil, nil
	case a.Hollow(out):
		q.Add(QuirkEmptyString)
		return nil, nil
	}
	return out, nil
}

// members gives the members of a complex value: of an object, of an object as JSON text, or "value" for a bare value.
func (a *Attribute) members(value any, q *Quirks) (directory.Attributes, *valueError) {
	if given, ok := value.(directory.Attributes); ok {
		return a.unwrap(given, q), nil
	}
	text, isText := value.(string)
	if isText {
		parsed, _ := jsonText(text, "{[")
		if list, ok := parsed.([]any); ok && len(list) == 1 {
			parsed = list[0]
		}
		if object, ok := parsed.(directory.Attributes); ok {
			q.Add(QuirkJSONText)
			return object, nil
		}
	}
	_, isNumber := value.(directory.Number)
	sub := a.SubAttribute("value")
	if sub == nil || !isText && !isNumber {
		return nil, &valueError{problem: "must be an object, not " + kindOf(value)}
	}
	if isText && text == "" {
		q.Add(QuirkEmptyString)
		return nil, nil
	}
	q.Add(QuirkValueBare)
	return directory.Attributes{{Name: sub.Name, Value: value}}, nil
}

// unwrap gives the inner object of {"value": {…}} for a complex attribute that has no sub-attribute "value", such as name.
func (a *Attribute) unwrap(given directory.Attributes, q *Quirks) directory.Attributes {
	if a.SubAttribute("value") != nil {
		return given
	}
	var inner directory.Attributes
	for i := range given {
		object, isObject := given[i].Value.(directory.Attributes)
		switch {
		case strings.EqualFold(given[i].Name, "value") && isObject:
			inner = object
		case !directory.Unassigned(given[i].Value):
			return given
		}
	}
	if len(inner) == 0 {
		return given
	}
	q.Add(QuirkValueWrapped)
	return inner
}

// sub finds the sub-attribute of member i of an object, nil if there is none. Two names that only some clients use are accepted, unless the
// object also has the real name.
func (a *Attribute) sub(given directory.Attributes, i int, q *Quirks) *Attribute {
	name := given[i].Name
	if sub := a.SubAttribute(name); sub != nil {
		if sub.Name != name {
			q.Add(QuirkNameCase)
		}
		return sub
	}
	standard, quirk := "", QuirkManagerID
	switch {
	case a.Name == "manager" && strings.EqualFold(name, "managerId"):
		standard = "value"
	case strings.EqualFold(name, "displayName"):
		standard, quirk = "display", QuirkDisplayName
	default:
		return nil
	}
	sub := a.SubAttribute(standard)
	if named, _ := given.Get(standard); sub == nil || !directory.Unassigned(named) {
		return nil
	}
	q.Add(quirk)
	return sub
}

// discarded reports whether values for the attribute are dropped: read-only attributes (RFC 7644 §3.3,
// §3.5.1), and secrets, which the bridge never keeps.
func (a *Attribute) discarded(q *Quirks) bool {
	switch {
	case a.Mutability == ReadOnly:
		q.Add(QuirkReadOnly)
		return true
	case a.stripped():
		q.Add(QuirkPassword)
		return true
	}
	return false
}

// unfold reads a complex value whose "value" is JSON text with a value of its own: {"id":…,"value":…,"displayName":…}, as Entra ID's app
// role expressions send it. A sub-attribute outside the text has precedence over one inside. A text of another form stays unchanged.
func (a *Attribute) unfold(outer directory.Attributes, q *Quirks) directory.Attributes {
	sub := a.SubAttribute("value")
	if sub == nil || sub.Type != String {
		return outer
	}
	parsed, _ := jsonText(outer.String("value"), "{")
	given, ok := parsed.(directory.Attributes)
	if !ok {
		return outer
	}
	given.Delete("id") // of the role in Entra ID
	if text, _ := given.Get("value"); strings.HasPrefix(given.String("value"), "{") || !isSimple(text) {
		return outer // JSON in JSON in JSON
	}
	inside := &Quirks{}
	value, err := a.object(given, inside)
	inner, ok := value.(directory.Attributes)
	if err != nil || !ok || inner.String("value") == "" {
		return outer
	}
	q.Add(QuirkJSONText)
	for _, name := range inside.Names() {
		q.Add(name)
	}
	for _, at := range inner {
		if _, has := outer.Get(at.Name); !has || at.Name == "value" {
			outer.Set(at.Name, at.Value)
		}
	}
	return outer
}

// scalar normalises a simple value.
func (a *Attribute) scalar(value any, q *Quirks) (any, *valueError) {
	if object, ok := value.(directory.Attributes); ok {
		inner, ok := onlyValue(object)
		if !ok {
			return nil, &valueError{problem: a.wants() + ", not an object"}
		}
		q.Add(QuirkValueWrapped)
		if value = inner; value == nil {
			return nil, nil
		}
	}
	switch a.Type {
	case Boolean:
		return a.boolean(value, q)
	case Integer, Decimal:
		return a.number(value, q)
	}
	text, ok := value.(string)
	if !ok {
		number, isNumber := value.(directory.Number)
		// A library may have read 1e3 from 1000 or from 1e3.
		if !isNumber || a.Type != String || strings.ContainsAny(string(number), "eE") {
			return nil, &valueError{problem: a.wants() + ", not " + kindOf(value)}
		}
		q.Add(QuirkNumberForString)
		text = string(number)
		value = text
	}
	limit := maxText
	if a.limit > 0 {
		limit = a.limit
	}
	if len(text) > limit {
		return nil, &valueError{problem: "must not be longer than " + strconv.Itoa(limit) + " bytes"}
	}
	if a.prepared && directory.UserNameKey(text) != directory.Fold(text) {
		q.Add(QuirkUserNameForm)
	}
	if a.Type != DateTime && a.Type != Binary {
		return value, nil // not text: another conversion to an interface would allocate
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

// onlyValue gives the simple value that an object wraps: {"value": x}, with nothing else assigned in it.
func onlyValue(object directory.Attributes) (value any, ok bool) {
	for i := range object {
		switch {
		case strings.EqualFold(object[i].Name, "value"):
			value, ok = object[i].Value, isSimple(object[i].Value)
		case !directory.Unassigned(object[i].Value):
			return nil, false
		}
	}
	return value, ok
}

// Hollow reports whether an object says that a single complex attribute has no value, as an empty string would in its place:
// "manager": {"value": ""}.
func (a *Attribute) Hollow(object directory.Attributes) bool {
	if a.Type != Complex || a.MultiValued || a.SubAttribute("value") == nil {
		return false
	}
	hollow := false
	for i := range object {
		sub := a.sub(object, i, nil)
		if sub == nil || directory.Unassigned(object[i].Value) || sub.discarded(nil) {
			continue
		}
		if hollow = sub.Name == "value" && object[i].Value == ""; !hollow {
			return false
		}
	}
	return hollow
}

// wants describes the type of the attribute, for an error.
func (a *Attribute) wants() string {
	switch a.Type {
	case Boolean:
		return "must be true or false"
	case Integer, Decimal:
		return "must be a number"
	}
	return "must be a string"
}

func (a *Attribute) boolean(value any, q *Quirks) (any, *valueError) {
	switch v := value.(type) {
	case bool:
		return value, nil
	case string:
		truth := strings.EqualFold(v, "true")
		if truth || strings.EqualFold(v, "false") {
			q.Add(QuirkStringBoolean)
			return truth, nil
		}
	}
	return nil, &valueError{problem: a.wants() + ", not " + kindOf(value)}
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
		parsed, err := directory.ParseJSON([]byte(text), directory.Limits{Depth: 1, Values: 1})
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

// isBase64 checks without decoding: the alphabet of RFC 4648 §4 or §5, with complete padding or none; line breaks are allowed.
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
