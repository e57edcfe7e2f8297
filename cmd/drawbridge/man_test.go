package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"drawbridge/cmd/drawbridge/app"
)

// Every command that --help shows has a page with its description, and roff takes no line for a request.
func TestEveryCommandHasAManPage(t *testing.T) {
	t.Parallel()
	root := rootCommand(&terminal{})
	request := regexp.MustCompile(`^\.(TH|SH|TP|PP|B|BR|nf|fi)\b`)
	pages := visible(root)
	if len(pages) < 100 {
		t.Errorf("%d pages", len(pages))
	}
	for _, c := range pages {
		page := manPage(c, manHead(app.Build{Version: "1", Date: "2026-01-02T03:04:05Z"}))
		if !strings.Contains(page, `"2026-01-02" "Drawbridge 1"`) || !strings.Contains(page, ".SH DESCRIPTION\n") {
			t.Errorf("%s:\n%s", c.CommandPath(), page)
		}
		for line := range strings.SplitSeq(page, "\n") {
			if strings.HasPrefix(line, ".") && !request.MatchString(line) || strings.HasPrefix(line, "'") {
				t.Errorf("%s: %q", c.CommandPath(), line)
			}
		}
	}
	tricky := manPage(&cobra.Command{Use: "x", Short: "s", Long: ".dot\n'quote\nback\\slash"}, manHead(app.Build{}))
	for _, want := range []string{"\n\\&.dot\n", "\n\\&'quote\n", `back\eslash`} {
		if !strings.Contains(tricky, want) {
			t.Errorf("no %q in %q", want, tricky)
		}
	}
}
