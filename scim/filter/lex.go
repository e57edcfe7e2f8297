package filter

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"drawbridge/directory"
	"drawbridge/scim"
)

// parser is the state of one walk over the text.
type parser struct {
	text   string
	pos    int
	limits Limits
	depth  int // parentheses and brackets that are open
	terms  int // comparisons so far
	quirks *scim.Quirks
	always bool // use the library even for a single term; for tests
}

// list is what the lexer makes of one filter: the whole text, or the inside of one pair of brackets.
type list struct {
	terms     []directory.Expr // in the order of their placeholders
	canonical []byte
	given     directory.Attributes // see Selection
	plain     bool                 // given is complete so far
}

func (p *parser) fail(at int, format string, args ...any) error {
	return p.exceeds("", at, format, args...)
}

func (p *parser) exceeds(limit scim.Limit, at int, format string, args ...any) error {
	return scim.InvalidFilter(p.wrong(at, format, args...)).At(limit)
}

// wrong is the detail of an error.
func (p *parser) wrong(at int, format string, args ...any) string {
	return "the filter is wrong at byte " + strconv.Itoa(at) + ": " + fmt.Sprintf(format, args...)
}

// filter reads up to the byte end, or up to the end of the text if end is 0, and leaves pos there.
func (p *parser) filter(s scope, end byte) (directory.Expr, directory.Attributes, error) {
	l := list{plain: s.element != nil}
	open := 0
	for {
		// A condition.
		p.space()
		at := p.pos
		if p.peek() == '(' {
			if err := p.enter(at); err != nil {
				return nil, nil, err
			}
			open++
			l.canonical = append(l.canonical, '(')
			p.pos++
			continue
		}
		word := p.word()
		if word == "" {
			return nil, nil, p.unexpected("an attribute, \"not\" or an opening parenthesis is expected")
		}
		if strings.EqualFold(word, "not") {
			p.logical(word, "not")
			p.space()
			if p.peek() != '(' {
				return nil, nil, p.fail(p.pos, "an opening parenthesis is expected after \"not\"")
			}
			l.canonical = append(l.canonical, "not "...)
			l.plain = false
			continue
		}
		if err := p.term(s, &l, word, at); err != nil {
			return nil, nil, err
		}

		// The rest after it.
		for {
			spaces := p.space()
			at := p.pos
			c := p.peek()
			if c == ')' && open > 0 {
				open--
				p.depth--
				p.pos++
				l.canonical = append(l.canonical, ')')
				continue
			}
			if at == len(p.text) || c == end && end != 0 {
				switch {
				case open > 0:
					return nil, nil, p.fail(at, "a closing parenthesis is missing")
				case at == len(p.text) && end != 0:
					return nil, nil, p.fail(at, "a closing bracket is missing")
				}
				return p.finish(&l)
			}
			word := p.word()
			switch {
			case spaces > 0 && strings.EqualFold(word, "and"):
				p.logical(word, "and")
				l.canonical = append(l.canonical, " and "...)
			case spaces > 0 && strings.EqualFold(word, "or"):
				p.logical(word, "or")
				l.canonical = append(l.canonical, " or "...)
				l.plain = false
			default:
				p.pos = at
				return nil, nil, p.unexpected("\"and\", \"or\" or the end of the filter is expected")
			}
			if p.peek() != ' ' {
				return nil, nil, p.fail(p.pos, "a space is expected after %q", word)
			}
			break
		}
	}
}

// finish makes the expression of a list that was read to its end.
func (p *parser) finish(l *list) (directory.Expr, directory.Attributes, error) {
	structure := l.expression
	if p.always {
		structure = l.parse
	}
	e, err := structure()
	if err != nil {
		return nil, nil, p.fail(0, "the filter cannot be parsed")
	}
	if !l.plain {
		l.given = nil
	}
	return e, l.given, nil
}

// term reads one comparison, whose attribute path (word, at byte at) has just been read.
func (p *parser) term(s scope, l *list, word string, at int) error {
	p.terms++
	if p.terms > p.limits.Terms {
		return p.exceeds(scim.LimitFilterTerms, at, "the filter has more than %d comparisons", p.limits.Terms)
	}
	o, err := p.operand(s, word, at)
	if err != nil {
		return err
	}
	if p.peek() == '[' {
		l.plain = false
		e, err := p.valuePath(o)
		if err != nil {
			return err
		}
		l.element(e)
		return nil
	}
	op, lit, err := p.comparison()
	if err != nil {
		return err
	}
	e, given, err := p.compare(o, op, lit)
	if err != nil {
		return err
	}
	l.compare(e, op)
	if l.plain {
		if _, twice := l.given.Get(o.path.Name); op != "eq" || given == nil || twice {
			l.plain = false
			return nil
		}
		l.given = append(l.given, directory.Attribute{Name: o.path.Name, Value: given})
	}
	return nil
}

// valuePath reads attr[...], and the leniency attr[...].sub followed by a comparison. pos is at the bracket.
func (p *parser) valuePath(o operand) (directory.Expr, error) {
	at := p.pos
	if o.path.Sub != "" || o.element || !o.attribute.MultiValued && o.attribute.Type != scim.Complex {
		return nil, p.fail(at, "%q has no elements that brackets could select", o.attribute.Name)
	}
	if err := p.enter(at); err != nil {
		return nil, err
	}
	p.pos++
	where, _, err := p.filter(scope{element: o.attribute}, ']')
	if err != nil {
		return nil, err
	}
	p.depth--
	p.pos++
	if p.peek() == '.' {
		p.pos++
		at := p.pos
		sub, err := p.operand(scope{element: o.attribute}, p.word(), at)
		if err != nil {
			return nil, err
		}
		op, lit, err := p.comparison()
		if err != nil {
			return nil, err
		}
		also, _, err := p.compare(sub, op, lit)
		if err != nil {
			return nil, err
		}
		p.quirks.Add(scim.QuirkValuePathFilter)
		where = and([]directory.Expr{where, also})
	}
	if o.foreign {
		return directory.Or{}, nil
	}
	return directory.Any{Path: o.path, Where: where}, nil
}

// comparison reads an operator and, unless it is "pr", a literal.
func (p *parser) comparison() (op string, lit literal, err error) {
	if p.peek() != ' ' {
		return "", literal{}, p.unexpected("a space and an operator are expected")
	}
	p.space()
	at := p.pos
	word := p.word()
	switch op = strings.ToLower(word); op {
	case "pr", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le":
	case "":
		return "", literal{}, p.unexpected("an operator is expected")
	default:
		return "", literal{}, p.fail(at, "%q is not an operator; there are eq, ne, co, sw, ew, pr, gt, ge, lt and le", short(word))
	}
	p.logical(word, op)
	if op == "pr" {
		return op, literal{}, nil
	}
	if p.peek() != ' ' {
		return "", literal{}, p.unexpected("a space and a value are expected")
	}
	p.space()
	lit, err = p.literal()
	return op, lit, err
}

// literal reads a JSON value, or a bare word that only some comparisons accept.
func (p *parser) literal() (literal, error) {
	at := p.pos
	if p.peek() == '"' {
		text, err := p.quoted()
		return literal{kind: quotedText, text: text, at: at}, err
	}
	word := p.word()
	switch {
	case word == "":
		return literal{}, p.unexpected("a value is expected")
	case strings.EqualFold(word, "true"):
		return literal{kind: boolean, text: word, truth: true, at: at}, nil
	case strings.EqualFold(word, "false"):
		return literal{kind: boolean, text: word, at: at}, nil
	case strings.EqualFold(word, "null"):
		return literal{kind: null, text: word, at: at}, nil
	case word[0] == '-' || word[0] >= '0' && word[0] <= '9':
		if v, err := directory.ParseJSON([]byte(word), directory.Limits{}); err == nil {
			if _, ok := v.(directory.Number); ok {
				return literal{kind: number, text: word, at: at}, nil
			}
		}
	}
	return literal{kind: bare, text: word, at: at}, nil
}

// quoted reads a JSON string; pos is at its first quotation mark.
func (p *parser) quoted() (string, error) {
	start := p.pos
	escapes := false
	for i := start + 1; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '"':
			p.pos = i + 1
			if !escapes {
				return p.text[start+1 : i], nil
			}
			v, err := directory.ParseJSON([]byte(p.text[start:i+1]), directory.Limits{})
			if err != nil {
				return "", p.fail(start, "the value is not a JSON string")
			}
			text, _ := v.(string)
			return text, nil
		case c == '\\':
			escapes = true
			i++
		case c < ' ':
			return "", p.fail(i, "a value contains an unescaped control character")
		}
	}
	return "", p.fail(start, "the value has no closing quotation mark")
}

// word reads up to the next delimiter; "" if one is next.
func (p *parser) word() string {
	start := p.pos
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; c {
		case '(', ')', '[', ']', '"':
			return p.text[start:p.pos]
		default:
			if c <= ' ' {
				return p.text[start:p.pos]
			}
		}
		p.pos++
	}
	return p.text[start:]
}

// space skips spaces, the only white space of the grammar, and gives their number.
func (p *parser) space() int {
	start := p.pos
	for p.pos < len(p.text) && p.text[p.pos] == ' ' {
		p.pos++
	}
	return p.pos - start
}

// peek gives the next byte, 0 at the end.
func (p *parser) peek() byte {
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

// enter counts a parenthesis or bracket.
func (p *parser) enter(at int) error {
	p.depth++
	if p.depth > p.limits.Depth {
		return p.exceeds(scim.LimitFilterDepth, at, "the filter is nested deeper than %d levels", p.limits.Depth)
	}
	return nil
}

// logical notes an operator in other than lower case.
func (p *parser) logical(word, canonical string) {
	if word != canonical {
		p.quirks.Add(scim.QuirkOperatorCase)
	}
}

func (p *parser) unexpected(message string) error {
	if p.pos >= len(p.text) {
		return p.fail(p.pos, "%s, but the filter ends", message)
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.pos:])
	return p.fail(p.pos, "%s, not %q", message, r)
}

// short shortens a quotation in a message to a readable length.
func short(text string) string {
	if len(text) > 64 {
		return strings.ToValidUTF8(text[:64], "") + "…"
	}
	return text
}
