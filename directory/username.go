package directory

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// RFC 7644 §5 wants userName prepared by PRECIS before it is compared. The profile that it names, UsernameCaseMapped (RFC 8265 §3.3), maps
// width and case and normalises to NFC, and so does UserNameKey. The profile also refuses characters of userNames that are in use: spaces
// inside, symbols, and an address whose local part is Hebrew or Arabic with an ASCII domain (the bidi rule). Refusing those would lock out
// real people. So this package enforces the FreeformClass, which PRECIS has for display names: it refuses invisible characters, controls
// and unassigned code points.

// UserNameKey is the form of a userName that is used to compare, find, filter and sort. The userName is shown as it was sent. Two texts
// that UsernameCaseMapped considers equal have one key. In addition it ignores outer spaces and invisible characters, which older stores
// may contain, and treats texts as equal that are equal under simple case folding (ſ and s, ς and σ). Every text has a key, and the key of
// a key is itself.
func UserNameKey(text string) string { return strings.Trim(UserNamePart(text), " ") }

// UserNamePart is UserNameKey for a part of a userName that is searched for: outer spaces stay.
func UserNamePart(text string) string {
	if isASCII(text) {
		return Fold(text)
	}
	text = strings.Map(visible, norm.NFC.String(width.Fold.String(text)))
	text = norm.NFC.String(cases.Lower(language.Und).String(text))
	// Folding may decompose, and what it composes may fold again.
	for range 3 {
		folded := norm.NFC.String(Fold(text))
		if folded == text {
			break
		}
		text = folded
	}
	return text
}

func isASCII(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// visible maps all spaces to one and drops invisible characters.
func visible(r rune) rune {
	switch {
	case unicode.Is(unicode.Zs, r), r == '\u2800': // the blank of Braille is a symbol to Unicode
		return ' '
	case invisible(r):
		return -1
	}
	return r
}

// invisible reports whether a character is part of a text but not visible: Default_Ignorable_Code_Point of Unicode.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// CheckUserName tells what is wrong with the characters of a userName; "" if nothing is.
func CheckUserName(text string) string {
	for i, r := range text {
		switch {
		case unicode.IsControl(r):
			return fmt.Sprintf("has the control character U+%04X at byte %d", r, i)
		case invisible(r) && !joinersFit(text):
			return fmt.Sprintf("has the invisible character U+%04X at byte %d: it would look like another name", r, i)
		}
	}
	if isASCII(text) {
		return ""
	}
	if UserNameKey(text) == "" {
		return "has no visible character"
	}
	if !isFreeform(text) {
		return "has a character that no name can have (RFC 8264)"
	}
	return ""
}

// joinersFit reports whether the invisible characters of a text are only joiners in positions where a script needs them (RFC 5892
// appendix A): in Persian, or after a virama.
func joinersFit(text string) bool {
	return strings.ContainsAny(text, "\u200c\u200d") && isFreeform(text)
}

// isFreeform enforces the FreeformClass of PRECIS (RFC 8264 §4.3).
func isFreeform(text string) bool {
	_, err := precis.NewFreeform(precis.FoldWidth, precis.Norm(norm.NFC)).String(text)
	return err == nil
}

// FoldAs folds a text for a comparison by op with values at path, without case.
func FoldAs(path Path, text string, op Op) string {
	switch {
	case !path.isUserName():
		return Fold(text)
	case op.Partial():
		return UserNamePart(text)
	}
	return UserNameKey(text)
}

// NameCollision is users of a tenant that share a userName which an older release treated as different names.
type NameCollision struct {
	Tenant TenantID
	Users  []ID
	Names  []string // as each of them is spelt
}

// String is a sentence about it.
func (c NameCollision) String() string {
	list := make([]string, len(c.Users))
	for i, id := range c.Users {
		list[i] = fmt.Sprintf("%s (%+q)", id, c.Names[i])
	}
	return fmt.Sprintf("users %s of tenant %q have one userName, which an older release took for different ones: each is found by its ID; rename or delete all but one", strings.Join(list, " and "), c.Tenant)
}
