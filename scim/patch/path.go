package patch

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"drawbridge/directory"
	"drawbridge/scim"
	"drawbridge/scim/filter"
)

// maxPath is how long a path may be, in bytes.
const maxPath = 8192

// path is a target of an operation: "a", "a.sub", "a[filter]", "a[filter].sub", or a whole schema.
type path struct {
	text      string            // as the client wrote it
	extension *scim.Schema      // the one that defines attribute; nil: the core schema
	attribute *scim.Attribute   // nil for a whole schema: that of extension, or the core schema
	sub       *scim.Attribute   // nil: the attribute, or its elements, as a whole
	selection *filter.Selection // nil: no brackets
}

// leaf is the innermost attribute of the path.
func (p path) leaf() *scim.Attribute {
	if p.sub != nil {
		return p.sub
	}
	return p.attribute
}

// parsePath reads a path. known is false if it is well formed, but its target is in no schema of t. The error has the cause filter.ErrUnknown
// if only its filter names something that is in no schema.
func parsePath(t *scim.ResourceType, text string, q *scim.Quirks) (p path, known bool, err error) {
	if len(text) > maxPath {
		return path{}, false, scim.InvalidPath(fmt.Sprintf("the path is longer than %d bytes", maxPath))
	}
	name, bracket := text, strings.IndexByte(text, '[')
	if bracket >= 0 {
		name = text[:bracket]
	}
	target, known := t.Find(name, q)
	if !known && !wellFormed(name) {
		return path{}, false, malformed(text, "an attribute is expected, such as name, name.familyName or a URN, a colon and a name")
	}
	p = path{text: text, extension: target.Extension, attribute: target.Attribute, sub: target.Sub}
	if bracket < 0 {
		return p, known, nil
	}
	if !known {
		return p, false, unread(text, bracket)
	}
	if p.attribute == nil || p.sub != nil || !p.attribute.MultiValued {
		return path{}, false, scim.InvalidPath(fmt.Sprintf("%q selects elements, but %q is not multi-valued", short(text), name))
	}
	selection, end, err := filter.ParseSelection(p.attribute, text, bracket+1, q)
	if errors.Is(err, filter.ErrUnknown) {
		err = cmp.Or(unread(text, bracket), err)
	}
	if err != nil {
		return path{}, false, err
	}
	p.selection = &selection
	rest := text[end:]
	if !isTail(rest) {
		return path{}, false, malformed(text, "only a dot and a sub-attribute may follow the closing bracket")
	}
	if rest == "" {
		return p, true, nil
	}
	p.sub = p.attribute.SubAttribute(rest[1:])
	return p, p.sub != nil, nil
}

// unread checks the text around brackets whose content cannot be read, because a schema lacks what it names: it must still look like a path.
func unread(text string, bracket int) error {
	if end := strings.LastIndexByte(text, ']'); end < bracket || !isTail(text[end+1:]) {
		return malformed(text, "the brackets are not closed, or more than a sub-attribute follows them")
	}
	return nil
}

func malformed(text, why string) error {
	return scim.InvalidPath(fmt.Sprintf("%q is not a path: %s", short(text), why))
}

// wellFormed reports whether text is attrPath of RFC 7644 §3.10: an optional URN with a colon, a name, and at most one
// sub-attribute.
func wellFormed(text string) bool {
	if colon := strings.LastIndexByte(text, ':'); colon >= 0 {
		urn := text[:colon]
		if len(urn) < len("urn:x") || !strings.EqualFold(urn[:4], "urn:") || strings.ContainsAny(urn, " \"()[]") {
			return false
		}
		text = text[colon+1:]
	}
	name, sub, dotted := strings.Cut(text, ".")
	return isName(name) && (!dotted || isName(sub))
}

// isTail reports whether text may follow a closing bracket.
func isTail(text string) bool {
	return text == "" || text[0] == '.' && isName(text[1:])
}

// isName reports whether text is ATTRNAME of RFC 7643 §2.1, or $ref.
func isName(text string) bool {
	text = strings.TrimPrefix(text, "$")
	for i := 0; i < len(text); i++ {
		c := text[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c != '-' && c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return text != ""
}

// short shortens a quotation in a message to a readable length.
func short(text string) string {
	if len(text) > 64 {
		return strings.ToValidUTF8(text[:64], "") + "…"
	}
	return text
}

// find reads the path of an explicit operation. It gives false for an unknown path that must be ignored.
func (c *compiler) find(text string) (path, bool, error) {
	p, known, err := c.parse(text)
	unknown := errors.Is(err, filter.ErrUnknown) || err == nil && !known
	switch {
	case unknown && c.opts.UnknownPaths == directory.Ignore:
		c.quirks.Add(scim.QuirkUnknownPath)
		return path{}, false, nil
	case err != nil || known:
		return p, known, err
	}
	return path{}, false, scim.InvalidPath(fmt.Sprintf("no schema of %s has what the path %q names", c.resource.Name, short(text)))
}
