package directory

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits are the limits of ParseJSON. A zero field means no limit, except Depth, which never exceeds MostDepth.
type Limits struct {
	Depth  int // levels of nesting
	Values int // values in all, names included
	Names  int // names in one object
}

// MostDepth is the deepest nesting that ParseJSON reads, even if its Limits allow more. It recurses, and a stack is finite.
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

func (p *jsonParser) checkDepth(depth int) error {
	if depth > p.limits.depth() {
		return p.limits.tooDeep(p.pos)
	}
	return nil
}

func (p *jsonParser) object(depth int) (any, error) {
	if err := p.checkDepth(depth); err != nil {
		return nil, err
	}
	p.pos++ // {
	out := Attributes{}
	var names map[string]struct{} // only for objects with many names, where a linear search would be quadratic
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
	if err := p.checkDepth(depth); err != nil {
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
