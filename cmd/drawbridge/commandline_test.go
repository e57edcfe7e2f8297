package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	repository "drawbridge"
)

func TestDurationsAreParsed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour, "1d12h": 36 * time.Hour, "90s": 90 * time.Second, "0": 0, "0d": 0} {
		if got, err := parseSpan(text); err != nil || got != want {
			t.Errorf("%q: %s, %v", text, got, err)
		}
		if back, err := parseSpan(spanText(want)); err != nil || back != want {
			t.Errorf("%s is written as %q", want, spanText(want))
		}
	}
	for _, text := range []string{"", "d", "x", "-1d", "-5h", "1d-5h", "1.5d", "99999999999d", "9999999h", "1d2d"} {
		if got, err := parseSpan(text); err == nil {
			t.Errorf("%q is %s", text, got)
		}
	}
}

func TestDurationsArePrinted(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{168 * time.Hour: "7d", 36 * time.Hour: "1d12h", 40 * time.Minute: "40m", 90 * time.Second: "1m30s", 2 * time.Second: "2s", time.Hour: "1h", 25*time.Hour + time.Second: "1d1h0m1s", 0: "0s"} {
		if got := spanText(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

func TestChoicesAreReadFromTheUsage(t *testing.T) {
	t.Parallel()
	for usage, want := range map[string]string{
		"bearer, basic or oauth": "bearer basic oauth", "member or guest (required)": "member guest", "only operators with this status: pending, active or suspended": "pending active suspended",
		"a file that is not there yet, or a folder": "", "refuse or ignore PATCH paths of unknown attributes": "", "why": "",
	} {
		if got := strings.Join(choices(enumeration(), usage), " "); got != want {
			t.Errorf("%q: %q", usage, got)
		}
	}
}

func TestEditDistance(t *testing.T) {
	t.Parallel()
	for pair, want := range map[[2]string]int{{"list", "list"}: 0, {"lsit", "list"}: 1, {"delte", "delete"}: 1, {"", "abc"}: 3, {"Übung", "übung"}: 0} {
		if got := distance(pair[0], pair[1]); got != want {
			t.Errorf("%v: %d, want %d", pair, got, want)
		}
	}
}

// Each alias that people may type leads to an existing command.
func TestSuggestedCommandsExist(t *testing.T) {
	t.Parallel()
	root := rootCommand(&terminal{})
	names := map[string]bool{}
	var look func(*cobra.Command)
	look = func(c *cobra.Command) {
		names[c.Name()] = true
		for _, sub := range c.Commands() {
			look(sub)
		}
	}
	look(root)
	for word, commands := range meant() {
		for _, name := range commands {
			for part := range strings.FieldsSeq(name) {
				if !names[part] {
					t.Errorf("%s leads to %s, which there is not", word, name)
				}
			}
		}
	}
	for path, want := range map[string]string{
		"user activate": "drawbridge user release", "tenant rm": "drawbridge tenant unlink", "connection edit": "drawbridge connection update", "operator disable": "drawbridge operator suspend",
		"tenants": "drawbridge tenant", "tokn": "drawbridge token", "suspend": "drawbridge user suspend", "token rm": "drawbridge token revoke",
	} {
		words := strings.Fields(path)
		cmd, _, err := root.Find(words[:len(words)-1])
		if err != nil {
			t.Fatal(err)
		}
		if got := suggestions(cmd, words[len(words)-1]); !slices.Contains(got, want) {
			t.Errorf("%s: %v", path, got)
		}
	}
}

// TestEveryRuleIsComplete checks docs/rules.md: each row is a rule with a sentence, no rule occurs twice, no Markdown is left, and the file
// that decides the rule exists. Only a rule that is not in this version, marked with a circle on the page, names no file.
func TestEveryRuleIsComplete(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range rules() {
		if seen[r.Rule] || r.Subject == "" || len(r.Text) < 8 || strings.ContainsAny(r.Text, "`") || strings.Contains(r.Text, "](") {
			t.Errorf("%+v", r)
		}
		seen[r.Rule] = true
		if r.Where == "" {
			continue
		}
		if _, err := os.Stat(filepath.Join("..", "..", r.Where)); err != nil {
			t.Errorf("%s: %v", r.Rule, err)
		}
	}
	page, err := repository.Documents.ReadFile("docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules() {
		if later := strings.Contains(string(page), "| "+r.Rule+" ○ |"); later != (r.Where == "") {
			t.Errorf("%s: the page says later=%v, and names %q", r.Rule, later, r.Where)
		}
	}
	for _, name := range []string{"T1", "L4", "D2", "B5", "B6", "B7", "G3", "C8", "O9", "E1"} {
		if !seen[name] {
			t.Errorf("%s is missing", name)
		}
	}
}
