package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	repository "drawbridge"
)

// rule is one rule as docs/rules.md states it.
type rule struct {
	Rule    string `json:"rule"`
	Subject string `json:"subject"` // the heading above it
	Text    string `json:"text"`
	Where   string `json:"decided_in,omitempty"` // the source file that decides it
}

// rules reads the rules from the manual in the program. A row of the page has the name, the text, and the file in backquotes.
func rules() []rule {
	text, err := repository.Documents.ReadFile("docs/rules.md")
	if err != nil {
		return nil
	}
	var out []rule
	subject := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if heading, ok := strings.CutPrefix(line, "## "); ok {
			subject = heading
			continue
		}
		row := strings.Split(strings.TrimSuffix(line, "|"), "|")[1:]
		if !strings.HasPrefix(line, "|") || len(row) < 3 {
			continue
		}
		for name := range strings.SplitSeq(row[0], ",") {
			if name, _, _ = strings.Cut(strings.TrimSpace(name), " "); regexp.MustCompile(`^[A-Z]\d+$`).MatchString(name) {
				out = append(out, rule{name, subject, plainText(strings.TrimSpace(row[1])), plainText(strings.TrimSpace(row[2]))})
			}
		}
	}
	return out
}

// plainText removes Markdown from a sentence, and names the pages of its links.
func plainText(text string) string {
	text = regexp.MustCompile(`\[([^\]]*)\]\(([^)]*)\)`).ReplaceAllString(text, "docs/$2")
	text = strings.NewReplacer("docs/../", "", "`", "", "**", "").Replace(text)
	return regexp.MustCompile(`\*([^*]+)\*`).ReplaceAllString(text, "$1")
}

func ruleNames() []string {
	all := rules()
	names := make([]string, len(all))
	for i, r := range all {
		names[i] = r.Rule + "\t" + r.Subject
	}
	return names
}

func ruleCommand(t *terminal) *cobra.Command {
	return &cobra.Command{
		Use: "rule [RULE]", Short: "Explain a rule, as a refusal names it", Args: arguments("[RULE]"),
		Long:    "RULE is a letter and a number, such as B5. Without it: all rules. Needs no server.",
		Example: "  drawbridge rule B5\n  drawbridge rule",
		RunE: func(cmd *cobra.Command, args []string) error {
			all := rules()
			if len(args) == 0 {
				return t.print(all, func() {
					rows := [][]cell{}
					for _, r := range all {
						rows = append(rows, cells(r.Rule, r.Subject, r.Text))
					}
					t.table([]string{"RULE", "SUBJECT", "WHAT IT SAYS"}, rows)
				})
			}
			name := strings.ToUpper(strings.TrimSpace(args[0]))
			i := slices.IndexFunc(all, func(r rule) bool { return r.Rule == name })
			if i < 0 {
				return usage(cmd.CommandPath(), "there is no rule %q; a rule is a letter and a number, such as B5", printable(args[0]))
			}
			r := all[i]
			return t.print(r, func() {
				t.say("%s (%s)\n%s", r.Rule, r.Subject, r.Text)
				if r.Where == "" {
					t.say("Not in this version.")
				} else {
					t.say("Decided in %s.", r.Where)
				}
				t.say("%s", t.paint(dim, fmt.Sprintf("All rules: drawbridge rule. More: drawbridge docs, page %q.", "rules")))
			})
		},
	}
}
