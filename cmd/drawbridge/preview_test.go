package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDryRunIsInWords reads the actions of the operator API's previews, so that none is printed as a code.
func TestDryRunIsInWords(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../directory/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	known := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^\tAction\w+ +Action = "([a-z_.]+)"`)
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range declared.FindAllStringSubmatch(string(text), -1) {
			known[found[1]] = true
			if words := deed(found[1]); strings.ContainsAny(words, "._") || !strings.Contains(words, " ") {
				t.Errorf("%s is printed as %q", found[1], words)
			}
		}
	}
	if len(known) < 100 {
		t.Fatalf("only %d actions were found", len(known))
	}
	for action := range deeds() {
		if !known[action] {
			t.Errorf("there is no action %s", action)
		}
	}
	for action, want := range map[string]string{
		"user.suspend": "suspend the user", "appkey.revoke": "revoke the application key", "group.members": "change the members of the group",
		"webhook.update": "update the webhook", "operator.restore": "restore the operator",
	} {
		if got := deed(action); got != want {
			t.Errorf("%s is printed as %q, not %q", action, got, want)
		}
	}
}
