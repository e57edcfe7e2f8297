package output

import (
	"strings"

	"github.com/rivo/uniseg"
)

// Width is how many columns of a terminal a text takes: two for wide characters, none for combining marks.
func Width(text string) int { return uniseg.StringWidth(text) }

// Cut shortens a text to at most width columns; the last one then is an ellipsis.
func Cut(text string, width int) string {
	if width < 1 || Width(text) <= width {
		return text
	}
	var b strings.Builder
	room, state := width-1, -1
	for rest := text; rest != ""; {
		var cluster string
		var boundaries int
		cluster, rest, boundaries, state = uniseg.StepString(rest, state)
		if room -= boundaries >> uniseg.ShiftWidth; room < 0 {
			break
		}
		b.WriteString(cluster)
	}
	return b.String() + "…"
}

// Pad fills a text with spaces up to width columns.
func Pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-Width(text)))
}

// Printable replaces characters that control the terminal or change the direction of writing, because texts come from identity providers.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || 0x80 <= r && r < 0xa0 || 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069 {
			return '\uFFFD'
		}
		return r
	}, text)
}
