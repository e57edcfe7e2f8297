package directory

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Document is a JSON object as bytes, as AppendJSON writes it: the form in which attributes are stored and answered,
// so that reading a record needs no tree. The zero value is an empty document.
type Document []byte

// Limits bound what ParseJSON accepts. A zero field is no limit, except Depth: nothing may be nested deeper than MostDepth.
type Limits struct {
	Depth  int // levels of nesting
	Values int // values in all, names included
	Names  int // names in one object
}

// MostDepth is the deepest nesting that ParseJSON reads, even if its Limits allow more. It recurses, and the stack of a goroutine is finite.
const MostDepth = 512

// DefaultLimits fit every request that an identity provider sends: 32 levels, half a million values, a thousand names in one object.
func DefaultLimits() Limits { return Limits{Depth: 32, Values: 500_000, Names: 1000} }

// SyntaxError says what is wrong with a JSON text, and where.
type SyntaxError struct {
	Offset  int // bytes from the start
	Message string
	Limit   string // "depth", "values" or "names" if that is the limit that the text exceeds; else ""
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("%s at byte %d", e.Message, e.Offset) }

// ParseJSON reads one JSON document strictly (RFC 8259), in time linear in its length. It requires valid UTF-8 without byte order
// mark, no NUL, no lone surrogates, no duplicate name in an object (compared without case), nothing after the document, and
// that the limits hold. It copies: the result does not alias data. Objects become Attributes, arrays []any, numbers Number.
// Errors are *SyntaxError.
func ParseJSON(data []byte, limits Limits) (any, error) {
	p := jsonParser{data: string(data), limits: limits}
	if !utf8.Valid(data) {
		return nil, p.fail(firstInvalidUTF8(data), "the text is not valid UTF-8")
	}
	p.space()
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.pos != len(p.data) {
		return nil, p.fail(p.pos, "there is data after the end of the JSON document")
	}
	return v, nil
}

func firstInvalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(data)
}

type jsonParser struct {
	data   string // one copy of the whole text; strings without escapes are parts of it
	pos    int
	values int
	limits Limits
}

func (p *jsonParser) fail(at int, message string) error {
	return &SyntaxError{Offset: at, Message: message}
}

func (p *jsonParser) space() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

func (p *jsonParser) count() error {
	p.values++
	if p.limits.Values > 0 && p.values > p.limits.Values {
		return p.limits.tooMany(p.pos)
	}
	return nil
}

func (p *jsonParser) value(depth int) (any, error) {
	if err := p.count(); err != nil {
		return nil, err
	}
	if p.pos >= len(p.data) {
		return nil, p.fail(p.pos, "the JSON document ends too early")
	}
	switch c := p.data[p.pos]; {
	case c == '"':
		return p.str()
	case c == '{':
		return p.object(depth + 1)
	case c == '[':
		return p.array(depth + 1)
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case strings.HasPrefix(p.data[p.pos:], "true"):
		p.pos += 4
		return true, nil
	case strings.HasPrefix(p.data[p.pos:], "false"):
		p.pos += 5
		return false, nil
	case strings.HasPrefix(p.data[p.pos:], "null"):
		p.pos += 4
		return nil, nil
	}
	return nil, p.fail(p.pos, "a JSON value is expected")
}

func (p *jsonParser) deep(depth int) error {
	if depth > p.limits.depth() {
		return p.limits.tooDeep(p.pos)
	}
	return nil
}

func (p *jsonParser) object(depth int) (any, error) {
	if err := p.deep(depth); err != nil {
		return nil, err
	}
	p.pos++ // {
	out := Attributes{}
	var names map[string]struct{} // only for objects with many names, where looking through them would be quadratic
	p.space()
	if p.pos < len(p.data) && p.data[p.pos] == '}' {
		p.pos++
		return out, nil
	}
	for {
		p.space()
		at := p.pos
		if p.pos >= len(p.data) || p.data[p.pos] != '"' {
			return nil, p.fail(p.pos, "a name in quotes is expected")
		}
		if err := p.count(); err != nil {
			return nil, err
		}
		name, err := p.str()
		if err != nil {
			return nil, err
		}
		if len(out) == 32 {
			names = make(map[string]struct{}, 64)
			for i := range out {
				names[Fold(out[i].Name)] = struct{}{}
			}
		}
		if taken(out, names, name) {
			return nil, p.fail(at, "the name "+strconv.Quote(short(name))+" occurs twice in one object")
		}
		if names != nil {
			names[Fold(name)] = struct{}{}
		}
		if p.limits.Names > 0 && len(out) >= p.limits.Names {
			return nil, p.limits.tooWide(at)
		}
		p.space()
		if p.pos >= len(p.data) || p.data[p.pos] != ':' {
			return nil, p.fail(p.pos, "a colon is expected after the name "+strconv.Quote(short(name)))
		}
		p.pos++
		p.space()
		v, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		out = append(out, Attribute{name, v})
		p.space()
		if p.pos >= len(p.data) {
			return nil, p.fail(p.pos, "the JSON document ends inside an object")
		}
		switch p.data[p.pos] {
		case ',':
			p.pos++
		case '}':
			p.pos++
			return out, nil
		default:
			return nil, p.fail(p.pos, "a comma or the end of the object is expected")
		}
	}
}

func taken(out Attributes, names map[string]struct{}, name string) bool {
	if names != nil {
		_, twice := names[Fold(name)]
		return twice
	}
	_, twice := out.Get(name)
	return twice
}

func short(name string) string {
	if len(name) > 64 {
		return strings.ToValidUTF8(name[:64], "") + "…"
	}
	return name
}

func (p *jsonParser) array(depth int) (any, error) {
	if err := p.deep(depth); err != nil {
		return nil, err
	}
	p.pos++ // [
	out := []any{}
	p.space()
	if p.pos < len(p.data) && p.data[p.pos] == ']' {
		p.pos++
		return out, nil
	}
	for {
		p.space()
		v, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		p.space()
		if p.pos >= len(p.data) {
			return nil, p.fail(p.pos, "the JSON document ends inside an array")
		}
		switch p.data[p.pos] {
		case ',':
			p.pos++
		case ']':
			p.pos++
			return out, nil
		default:
			return nil, p.fail(p.pos, "a comma or the end of the array is expected")
		}
	}
}

func (p *jsonParser) number() (any, error) {
	start := p.pos
	digits := func() bool {
		from := p.pos
		for p.pos < len(p.data) && p.data[p.pos] >= '0' && p.data[p.pos] <= '9' {
			p.pos++
		}
		return p.pos > from
	}
	if p.data[p.pos] == '-' {
		p.pos++
	}
	whole := p.pos
	if !digits() || p.data[whole] == '0' && p.pos-whole > 1 {
		return nil, p.fail(start, "this is not a JSON number")
	}
	if p.pos < len(p.data) && p.data[p.pos] == '.' {
		p.pos++
		if !digits() {
			return nil, p.fail(start, "this is not a JSON number")
		}
	}
	if p.pos < len(p.data) && (p.data[p.pos] == 'e' || p.data[p.pos] == 'E') {
		p.pos++
		if p.pos < len(p.data) && (p.data[p.pos] == '+' || p.data[p.pos] == '-') {
			p.pos++
		}
		if !digits() {
			return nil, p.fail(start, "this is not a JSON number")
		}
	}
	if p.pos-start > 64 {
		return nil, p.fail(start, "the number has more than 64 characters")
	}
	return Number(p.data[start:p.pos]), nil
}

func (p *jsonParser) str() (string, error) {
	start := p.pos
	p.pos++ // "
	for i := p.pos; i < len(p.data); i++ {
		switch c := p.data[i]; {
		case c == '"':
			text := p.data[p.pos:i]
			p.pos = i + 1
			return text, nil
		case c == '\\':
			return p.escaped(start, i)
		case c < 0x20:
			return "", p.fail(i, "a string contains an unescaped control character")
		}
	}
	return "", p.fail(start, "the string has no end")
}

func (p *jsonParser) escaped(start, at int) (string, error) {
	var b strings.Builder
	b.WriteString(p.data[p.pos:at])
	for i := at; i < len(p.data); {
		switch c := p.data[i]; {
		case c == '"':
			p.pos = i + 1
			return b.String(), nil
		case c < 0x20:
			return "", p.fail(i, "a string contains an unescaped control character")
		case c != '\\':
			b.WriteByte(c)
			i++
		default:
			n, err := p.escape(&b, i)
			if err != nil {
				return "", err
			}
			i += n
		}
	}
	return "", p.fail(start, "the string has no end")
}

// escape writes the character that the escape at i means, and gives the length of the escape.
func (p *jsonParser) escape(b *strings.Builder, i int) (int, error) {
	if i+1 >= len(p.data) {
		return 0, p.fail(i, "the string has no end")
	}
	switch c := p.data[i+1]; c {
	case '"', '\\', '/':
		b.WriteByte(c)
	case 'b':
		b.WriteByte('\b')
	case 'f':
		b.WriteByte('\f')
	case 'n':
		b.WriteByte('\n')
	case 'r':
		b.WriteByte('\r')
	case 't':
		b.WriteByte('\t')
	case 'u':
		r, ok := p.hex4(i + 2)
		if !ok {
			return 0, p.fail(i, "four hexadecimal digits are expected after \\u")
		}
		if r == 0 {
			return 0, p.fail(i, "the character NUL is not accepted")
		}
		if !utf16.IsSurrogate(r) {
			b.WriteRune(r)
			return 6, nil
		}
		if i+7 < len(p.data) && p.data[i+6] == '\\' && p.data[i+7] == 'u' {
			if low, ok := p.hex4(i + 8); ok {
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					b.WriteRune(pair)
					return 12, nil
				}
			}
		}
		return 0, p.fail(i, "a string contains half of a surrogate pair")
	default:
		return 0, p.fail(i, "there is no such escape in JSON")
	}
	return 2, nil
}

func (p *jsonParser) hex4(i int) (rune, bool) {
	if i+4 > len(p.data) {
		return 0, false
	}
	n, err := strconv.ParseUint(p.data[i:i+4], 16, 32)
	return rune(n), err == nil
}

// AppendJSON appends value as JSON text: no white space, characters as they are, only what must be escaped is.
// Values of types that Attributes cannot hold become null.
func AppendJSON(b []byte, value any) []byte {
	switch v := value.(type) {
	case bool:
		return strconv.AppendBool(b, v)
	case string:
		return AppendJSONString(b, v)
	case Number:
		return append(b, v...)
	case Document:
		if len(v) == 0 {
			return append(b, "{}"...)
		}
		return append(b, v...)
	case Attributes:
		b = append(b, '{')
		for i := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(AppendJSONString(b, v[i].Name), ':')
			b = AppendJSON(b, v[i].Value)
		}
		return append(b, '}')
	case []any:
		b = append(b, '[')
		for i := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = AppendJSON(b, v[i])
		}
		return append(b, ']')
	}
	return append(b, "null"...)
}

// AppendJSONString appends text as a JSON string.
func AppendJSONString(b []byte, text string) []byte {
	const hexDigits = "0123456789abcdef"
	b = append(b, '"')
	from := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, text[from:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		from = i + 1
	}
	return append(append(b, text[from:]...), '"')
}

// Document encodes a.
func (a Attributes) Document() Document { return AppendJSON(make(Document, 0, sizeOf(a)), a) }

// MarshalJSON writes the object in its own order.
func (a Attributes) MarshalJSON() ([]byte, error) { return AppendJSON(nil, a), nil }

// MarshalJSON writes the document as it is.
func (d Document) MarshalJSON() ([]byte, error) { return AppendJSON(nil, d), nil }

// UnmarshalJSON takes the bytes as they are.
func (d *Document) UnmarshalJSON(data []byte) error {
	*d = append((*d)[:0], data...)
	return nil
}

// Attributes decodes the document. An error means that the stored bytes are damaged.
func (d Document) Attributes() (Attributes, error) {
	if len(d) == 0 {
		return Attributes{}, nil
	}
	v, err := ParseJSON(d, Limits{})
	if err != nil {
		return nil, err
	}
	a, ok := v.(Attributes)
	if !ok {
		return nil, &SyntaxError{Message: "an object is expected"}
	}
	return a, nil
}

// With is the document with more attributes appended. It relies on the form that AppendJSON writes, and more must not repeat
// a name of the document.
func (d Document) With(more Attributes) Document {
	switch {
	case len(more) == 0:
		return d
	case len(d) <= len("{}") || !d.isObject():
		return more.Document()
	}
	b := append(make(Document, 0, len(d)+sizeOf(more)), d[:len(d)-1]...)
	join := len(b)
	b = AppendJSON(b, more)
	b[join] = ',' // replaces its brace
	return b
}

// sizeOf is about how many bytes a takes as JSON text, if its values are short.
func sizeOf(a Attributes) int { return 40 * len(a) }

// Shallow gives the attributes with their values as they are written. Each value is a Document that aliases d, which is enough to
// compare it or to pass it on. Like Raw it relies on the form that AppendJSON writes; ok is false for another form.
func (d Document) Shallow() (a Attributes, ok bool) {
	if !d.isObject() {
		return nil, false
	}
	return d.shallow(make(Attributes, 0, 16), 1)
}

// Apart is Shallow of two documents without the attributes that are the same in both, byte for byte, as far as they have the same
// order. A change touches few attributes, and the others cost only a comparison. The attributes alias d and other.
func (d Document) Apart(other Document) (here, there Attributes, ok bool) {
	if !d.isObject() || !other.isObject() {
		return nil, nil, false
	}
	here, there = make(Attributes, 0, 8), make(Attributes, 0, 8)
	if bytes.Equal(d, other) {
		return here, there, true
	}
	i, j := 1, 1
	for i < len(d)-1 && j < len(other)-1 {
		colon, end, ok := d.attribute(i)
		if !ok {
			return nil, nil, false
		}
		if rest, same := bytes.CutPrefix(other[j:], d[i:end]); same && len(rest) > 0 && (rest[0] == ',' || rest[0] == '}') {
			i, j = end+1, j+end-i+1
			continue
		}
		colonThere, endThere, ok := other.attribute(j)
		if !ok {
			return nil, nil, false
		}
		if !bytes.Equal(d[i:colon], other[j:colonThere]) {
			break
		}
		name := string(d[i+1 : colon-1])
		here = append(here, Attribute{name, d[colon+1 : end]})
		there = append(there, Attribute{name, other[colonThere+1 : endThere]})
		i, j = end+1, endThere+1
	}
	if here, ok = d.shallow(here, i); ok {
		there, ok = other.shallow(there, j)
	}
	return here, there, ok
}

// isObject reports whether d may be what AppendJSON writes for Attributes.
func (d Document) isObject() bool {
	return len(d) == 0 || len(d) >= 2 && d[0] == '{' && d[len(d)-1] == '}'
}

// attribute finds the attribute whose name begins at i, including the quote. It gives the offset of its colon and the offset after its value.
func (d Document) attribute(i int) (colon, end int, ok bool) {
	colon = skipJSONValue(d, i)
	end = skipJSONValue(d, colon+1)
	ok = end < len(d) && d[i] == '"' && colon-i >= 2 && d[colon] == ':' && end > colon+1 && bytes.IndexByte(d[i:colon], '\\') < 0
	return colon, end, ok
}

// shallow appends the attributes from the one whose name begins at i.
func (d Document) shallow(a Attributes, i int) (Attributes, bool) {
	for i < len(d)-1 {
		colon, end, ok := d.attribute(i)
		if !ok {
			return nil, false
		}
		a = append(a, Attribute{string(d[i+1 : colon-1]), d[colon+1 : end]})
		i = end + 1
	}
	return a, true
}

// Raw gives the bytes of the value under the top-level name (without regard to case) and does not decode the rest. It gives nil if
// there is no such name. It relies on the form that AppendJSON writes.
func (d Document) Raw(name string) []byte {
	for i := 1; i < len(d)-1; {
		end := skipJSONValue(d, i)
		key := d[i:end]
		valueEnd := skipJSONValue(d, end+1)
		if valueEnd <= end+1 {
			return nil // nothing that AppendJSON has written
		}
		if len(key) >= 2 && strings.EqualFold(string(key[1:len(key)-1]), name) {
			return d[end+1 : valueEnd]
		}
		i = valueEnd + 1
	}
	return nil
}

// Value decodes only the value under the top-level name. It gives nil if there is no such name.
func (d Document) Value(name string) any {
	raw := d.Raw(name)
	if raw == nil {
		return nil
	}
	if len(raw) >= 2 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 { // most values are plain text
		return string(raw[1 : len(raw)-1])
	}
	v, err := ParseJSON(raw, Limits{})
	if err != nil {
		return nil
	}
	return v
}

// skipJSONValue gives the offset after the value that starts at i, in text that AppendJSON wrote.
func skipJSONValue(d []byte, i int) int {
	depth := 0
	for ; i < len(d); i++ {
		switch d[i] {
		case '"':
			i = endOfString(d, i)
			if depth == 0 {
				return min(i+1, len(d))
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
			if depth == 0 {
				return i + 1
			}
		case ',', ':':
			if depth == 0 {
				return i
			}
		}
	}
	return len(d)
}

// endOfString gives the offset of the quote that ends the string which begins at i.
func endOfString(d []byte, i int) int {
	for from := i + 1; from < len(d); {
		n := bytes.IndexByte(d[from:], '"')
		if n < 0 {
			break
		}
		at, escapes := from+n, 0
		for at-1-escapes > i && d[at-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return at
		}
		from = at + 1
	}
	return len(d)
}
