package directory

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"
)

func TestUserNameKeyPreparesTheName(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"mira", "MIRA", " mira", "mira  ", "ｍｉｒａ", "Ｍira", "mi\u00adra", "mi\u200bra", "\ufeffmira", "mira\u2060", "mi\u200dra", "\u3000mira\u00a0", "mi\u034fra", "mira\ufe0f"},
		{"café", "cafe\u0301", "CAFÉ", "CAFE\u0301", "ＣＡＦÉ"},
		{"σίσυφος", "ΣΊΣΥΦΟΣ", "σίσυφοσ"},
		{"k", "K", "\u212a"}, // Kelvin
		{"å", "Å", "\u212b", "a\u030a"},
		{"s", "S", "ſ"},
		{"i\u0307stanbul", "İstanbul"},
		{"mira okafor", "Mira\u00a0Okafor", "MIRA\u3000OKAFOR"},
		{"カナ", "ｶﾅ"},
		{"דוד@acme.test", "דוד@ACME.test"},
		{"a@b.c", "A@B.C"},
		{"", " ", "\u200b", "\u3000\u00a0"},
	} {
		for _, text := range same[1:] {
			if got, want := UserNameKey(text), UserNameKey(same[0]); got != want {
				t.Errorf("%+q has the key %+q, want that of %+q, %+q", text, got, same[0], want)
			}
		}
	}
	different := []string{"mira", "mirа" /* Cyrillic */, "mi ra", "strasse", "straße", "istanbul", "i\u0307stanbul", "ﬁ", "fi", "x²", "x2", "o'brien", "o\u2019brien", "0", "o"}
	seen := map[string]string{}
	for _, text := range different {
		if other, twice := seen[UserNameKey(text)]; twice {
			t.Errorf("%+q and %+q have one key", text, other)
		}
		seen[UserNameKey(text)] = text
	}
	if got := UserNamePart("Mira "); got != "mira " {
		t.Errorf("the part is %q", got)
	}
}

func TestCheckUserNameRefusesInvisibleCharacters(t *testing.T) {
	t.Parallel()
	for _, fine := range []string{
		"mira", "mira okafor", " mira ", `ACME\mira`, "mira+x@acme.test", "o'brien", "ｍｉｒａ", "café", "cafe\u0301", "דוד@acme.test", "محمد", "張偉", "Михаил", "straße",
		"می\u200cخواهم", "क\u094d\u200dष", "😀", "a\u00a0b", "ﬁ", "Dr. №5",
	} {
		if why := CheckUserName(fine); why != "" {
			t.Errorf("%+q %s", fine, why)
		}
	}
	for bad, want := range map[string]string{
		"mi\u00adra": "U+00AD at byte 2", "mi\u200bra": "U+200B", "\ufeffmira": "U+FEFF at byte 0", "mi\u200dra": "U+200D", "mi\u200cra": "U+200C", "mira\u2060": "U+2060",
		"mi\u202era": "U+202E", "mira\u200f": "U+200F", "mi\tra": "control character U+0009", "mi\x7fra": "U+007F", "mi\u0085ra": "U+0085", "mira\ufe0f": "U+FE0F",
		"mi\u034fra": "U+034F", "\u3164": "U+3164", "mira\U000e0041": "U+E0041", "mi\u180era": "U+180E", "mi\uffffra": "RFC 8264", "mi\u0378ra": "RFC 8264",
		"می\u200cخوا\u00adهم": "invisible",
	} {
		if why := CheckUserName(bad); !strings.Contains(why, want) {
			t.Errorf("%+q: %q, want %q", bad, why, want)
		}
	}
}

// Two texts that the profile of RFC 8265 considers equal have one key, and a key is its own key.
func FuzzUserNameKey(f *testing.F) {
	for _, seed := range []string{"Mira", "ＣＡＦE\u0301", "İ\u0307", "ΐ", "ᾳ\u0345", "ŉ", "ǰ\u0323", "ẞ", "ﬃ", "가\u11a8", "\u1e9b\u0323", "Ω\u2126", " \u00a0x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		key := UserNameKey(text)
		if again := UserNameKey(key); again != key {
			t.Fatalf("%+q has the key %+q, and that has %+q", text, key, again)
		}
		if folded := UserNameKey(Fold(text)); folded != key {
			t.Fatalf("%+q has the key %+q, and %+q without case", text, key, folded)
		}
		if composed := UserNameKey(norm.NFD.String(text)); composed != key {
			t.Fatalf("%+q has the key %+q, and %+q decomposed", text, key, composed)
		}
		prepared, err := precis.UsernameCaseMapped.String(text)
		if err == nil && UserNameKey(prepared) != key {
			t.Fatalf("%+q has the key %+q, and prepared as %+q %+q", text, key, prepared, UserNameKey(prepared))
		}
	})
}
