package scim

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"drawbridge/directory"
)

// Masked replaces a value that is not shown.
const Masked = "***"

// Mask removes secrets from a request and its answer before they are journaled (C12): passwords, attributes that are never returned,
// tokens, and any value with a similar name, in every form in which a client may send it. It also searches the answer for the values that
// it removed from the request, because a refusal may quote them.
type Mask struct {
	never   []string // simple names of the attributes that the tenant's schemas never return
	secrets []secret // values that were taken out
	flooded bool     // there were more than it can look for
}

// secret is a value that must not be shown. A plain one looks the same in every quotation, like the credentials that are issued here.
type secret struct {
	text  string
	plain bool
}

// Hide notes a value that is known to be secret before anything is read, such as the credential.
func (m *Mask) Hide(secrets ...string) {
	for _, s := range secrets {
		m.note(s)
	}
}

// Reset makes m ready for another request, of a tenant with these schemas; nil: it knows only the common names.
func (m *Mask) Reset(c *Catalog) {
	m.secrets, m.flooded = m.secrets[:0], false
	m.Know(c)
}

// Know adds the schemas of a tenant. Secrets that were noted before stay.
func (m *Mask) Know(c *Catalog) {
	if m.never = nil; c != nil {
		m.never = c.never
	}
}

// neverReturned collects the names of the attributes that no answer has.
func (c *Catalog) neverReturned() (names []string) {
	var walk func([]*Attribute)
	walk = func(all []*Attribute) {
		for _, a := range all {
			if (a.Returned == ReturnedNever || a.Mutability == WriteOnly) && !slices.Contains(names, a.Name) {
				names = append(names, a.Name)
			}
			walk(a.Sub)
		}
	}
	for _, t := range c.Types {
		for _, s := range t.schemas() {
			walk(s.Attributes)
		}
	}
	return names
}

func (m *Mask) note(text string) {
	if text == "" || text == Masked || slices.ContainsFunc(m.secrets, func(s secret) bool { return s.text == text }) {
		return
	}
	if len(m.secrets) == maxSecrets {
		m.flooded = true
		return
	}
	if len(text) > maxSecret {
		text = text[:maxSecret] + "\x00" // no text contains NUL, so only the beginning matches, and the rest is removed with it
	}
	m.secrets = append(m.secrets, secret{text, isPlain(text)})
}

// The limits of a Mask. If a request contains more secrets, nothing of it is shown.
const (
	maxSecrets = 50
	maxSecret  = 256
)

func isPlain(text string) bool {
	for i := 0; i < len(text); i++ {
		if c := text[i]; !letter(c) && c != '_' && c != '-' && c != '.' || c >= 0x80 {
			return false
		}
	}
	return true
}

// Secret reports whether a value under this name is masked: attributes that the schemas never return, and names like those of a
// credential. It searches the whole name, so it covers URNs and dotted keys.
func (m *Mask) Secret(name string) bool {
	for i := 0; i < len(name); i++ {
		rest := name[i:]
		switch name[i] | 0x20 {
		case 'p':
			if foldsTo(rest, "passw") || foldsTo(rest, "passphrase") || foldsTo(rest, "passcode") || foldsTo(rest, "pwd") || foldsTo(rest, "privatekey") || foldsTo(rest, "private_key") {
				return true
			}
		case 's':
			if foldsTo(rest, "secret") {
				return true
			}
		case 't':
			if foldsTo(rest, "token") {
				return true
			}
		case 'a':
			if foldsTo(rest, "apikey") || foldsTo(rest, "api_key") || foldsTo(rest, "api-key") || foldsTo(rest, "authorization") {
				return true
			}
		case 'c':
			if foldsTo(rest, "credential") || foldsTo(rest, "client_assertion") {
				return true
			}
		}
	}
	for _, n := range m.never {
		if at := len(name) - len(n); at >= 0 && strings.EqualFold(name[at:], n) && (at == 0 || name[at-1] == ':' || name[at-1] == '.') {
			return true
		}
	}
	return false
}

func foldsTo(text, word string) bool {
	return len(text) >= len(word) && strings.EqualFold(text[:len(word)], word)
}

// mentions reports whether a filter, a path or a JSON text inside a string names something secret.
func (m *Mask) mentions(text string) bool {
	if m.Secret(text) {
		return true
	}
	for _, n := range m.never {
		if strings.Contains(strings.ToLower(text), strings.ToLower(n)) {
			return true
		}
	}
	return strings.Contains(text, `\u`) // a name in disguise
}

// Body appends the JSON of a request's body, masked, and at most limit bytes of it; cut tells whether there is more.
func (m *Mask) Body(b []byte, body directory.Attributes, limit int) (masked []byte, wasCut bool) {
	w := masking{Mask: m, b: b, end: len(b) + limit}
	w.object(body)
	return cut(m.scrub(w.b, len(b)), w.end)
}

// cut shortens b to n bytes, or a little less, so that no character is cut.
func cut(b []byte, n int) (short []byte, wasCut bool) {
	if len(b) <= n {
		return b, false
	}
	for n > 0 && !utf8.RuneStart(b[n]) {
		n--
	}
	return b[:n], true
}

// masking is the state of Body. After end it writes nothing more, but it still collects secrets.
type masking struct {
	*Mask
	b   []byte
	end int
}

// slack is how far a body is written beyond the cut, so that a secret across the cut is found completely.
const slack = 1 << 10

func (w *masking) full() bool { return len(w.b) > w.end+slack }

func (w *masking) raw(text string) {
	if !w.full() {
		w.b = append(w.b, text...)
	}
}

func (w *masking) scalar(v any) {
	if !w.full() {
		w.b = directory.AppendJSON(w.b, v)
	}
}

func (w *masking) object(o directory.Attributes) {
	target := false // a PATCH operation whose path names something secret
	for i := range o {
		if path, ok := o[i].Value.(string); ok && strings.EqualFold(o[i].Name, "path") && w.mentions(path) {
			target = true
		}
	}
	w.raw("{")
	for i := range o {
		if i > 0 {
			w.raw(",")
		}
		w.scalar(o[i].Name)
		w.raw(":")
		name := o[i].Name
		switch {
		case w.Secret(name), target && strings.EqualFold(name, "value"):
			w.collect(o[i].Value)
			w.scalar(Masked)
		case strings.EqualFold(name, "path"), strings.EqualFold(name, "filter"):
			if text, ok := o[i].Value.(string); ok {
				w.scalar(w.expression(text))
			} else {
				w.value(o[i].Value)
			}
		default:
			w.value(o[i].Value)
		}
	}
	w.raw("}")
}

func (w *masking) value(v any) {
	switch v := v.(type) {
	case directory.Attributes:
		w.object(v)
	case []any:
		w.raw("[")
		for i := range v {
			if i > 0 {
				w.raw(",")
			}
			w.value(v[i])
		}
		w.raw("]")
	case string:
		if text := strings.TrimLeft(v, " \t\r\n"); text != "" && (text[0] == '{' || text[0] == '[') && w.mentions(v) {
			v = Masked // JSON in a string, which some clients send
		}
		w.scalar(v)
	default:
		w.scalar(v)
	}
}

// collect notes the scalars below v, which must not be shown elsewhere.
func (w *masking) collect(v any) {
	switch v := v.(type) {
	case directory.Attributes:
		for i := range v {
			w.collect(v[i].Value)
		}
	case []any:
		for i := range v {
			w.collect(v[i])
		}
	case string:
		w.note(v)
	case directory.Number:
		w.note(string(v))
	}
}

// expression is a filter or a path: unchanged, or, if it compares something secret, without its values.
func (m *Mask) expression(text string) string {
	if !m.mentions(text) {
		return text
	}
	i := strings.IndexAny(text, "\"[ ")
	if i < 0 {
		return text // a name alone
	}
	rest := text[i:]
	for {
		open := strings.IndexByte(rest, '"')
		if open < 0 {
			break
		}
		literal, err := strconv.QuotedPrefix(rest[open:])
		if err != nil {
			break
		}
		if plain, err := strconv.Unquote(literal); err == nil {
			m.note(plain)
		}
		rest = rest[open+len(literal):]
	}
	return text[:i] + Masked
}

// Query masks the query of a URL, as it was written.
func (m *Mask) Query(raw string, decode func(string) (string, error)) string {
	if raw == "" {
		return ""
	}
	var out strings.Builder
	for i, pair := range strings.Split(raw, "&") {
		if i > 0 {
			out.WriteByte('&')
		}
		key, value, _ := strings.Cut(pair, "=")
		name, err1 := decode(key)
		plain, err2 := decode(value)
		switch {
		case err1 != nil || err2 != nil:
			out.WriteString(Masked) // its content is unknown
		case m.Secret(name):
			m.note(plain)
			out.WriteString(key + "=" + Masked)
		case m.expression(plain) != plain:
			out.WriteString(key + "=" + Masked)
		default:
			out.WriteString(pair)
		}
	}
	return m.Text(out.String())
}

// Text masks a text in which a secret may be quoted.
func (m *Mask) Text(text string) string {
	if m.flooded {
		return Masked
	}
	for _, s := range m.secrets {
		if !s.plain || strings.Contains(text, s.start()) {
			return string(m.scrub([]byte(text), 0))
		}
	}
	return text
}

// Answer appends the answer, masked, and at most limit bytes of it. Answers contain no attribute that is never returned, so Answer only
// searches for secrets that they quote from the request.
func (m *Mask) Answer(b, answer []byte, limit int) (masked []byte, wasCut bool) {
	from := len(b)
	head, long := cut(answer, limit+slack)
	b, wasCut = cut(m.scrub(append(b, head...), from), from+limit)
	return b, wasCut || long
}

// quotable is the number of bytes from which on the beginning of a secret reveals it.
const quotable = 6

// start is the beginning that reveals a secret.
func (s secret) start() string { return s.text[:min(len(s.text), quotable)] }

// escapings is how often a secret may have been quoted: by the client inside of a filter, in a sentence, and in JSON.
const escapings = 3

// scrub removes secrets from b after offset from: unchanged, and escaped by JSON or quoted, also several times. It removes a
// whole secret, or the beginning of one at the end. It searches for very short ones as whole words.
func (m *Mask) scrub(b []byte, from int) []byte {
	if m.flooded {
		return append(b[:from], Masked...)
	}
	for _, s := range m.secrets {
		if s.plain {
			if bytes.Contains(b[from:], []byte(s.start())) { // if the beginning does not occur, the secret does not occur
				b = replace(replace(b, from, s.text, len(s.text)), from, s.text, quotable)
			}
			continue
		}
		forms := []string{s.text}
		for at, level := 0, 0; level < escapings; level++ {
			end := len(forms)
			for ; at < end; at++ {
				for _, form := range [...]string{string(directory.AppendJSONString(nil, forms[at])), strconv.Quote(forms[at])} {
					if form = form[1 : len(form)-1]; !slices.Contains(forms, form) {
						forms = append(forms, form)
					}
				}
			}
		}
		slices.Reverse(forms) // the form with the most quoting first, because the others are at its beginning
		for _, form := range forms {
			b = replace(b, from, form, len(form))
		}
		for _, form := range forms {
			b = replace(b, from, form, quotable)
		}
	}
	return b
}

// replace removes form from b after offset from. The first enough bytes of form are sufficient, and as much of the rest as follows is
// removed with them.
func replace(b []byte, from int, form string, enough int) []byte {
	start := []byte(form)[:min(len(form), enough)]
	if !bytes.Contains(b[from:], start) {
		return b
	}
	out := append([]byte(nil), b[:from]...)
	rest := b[from:]
	for {
		i := bytes.Index(rest, start)
		if i < 0 {
			return append(out, rest...)
		}
		n := i + len(start)
		for n-i < len(form) && n < len(rest) && rest[n] == form[n-i] {
			n++
		}
		out = append(out, rest[:i]...)
		switch {
		case len(form) < quotable && (i > 0 && letter(rest[i-1]) || n < len(rest) && letter(rest[n])):
			out = append(out, rest[i:n]...)
		case n-i < len(form):
			for n < len(rest) && (rest[n] != '"' || rest[n-1] == '\\') {
				n++
			}
			fallthrough
		default:
			out = append(out, Masked...)
		}
		rest = rest[n:]
	}
}

func letter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c >= 0x80
}
