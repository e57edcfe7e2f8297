package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"drawbridge/console/wire"
)

// TestChangesOfARunAreInWords reads the actions that runs have from their source, so that none is printed as a code.
func TestChangesOfARunAreInWords(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../pull/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	action := regexp.MustCompile(`"((?:user|group)\.[a-z]+)"`)
	words, seen := syncVerbs(), map[string]bool{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range action.FindAllStringSubmatch(string(text), -1) {
			if seen[found[1]] = true; words[found[1]] == "" {
				t.Errorf("%s: the action %s has no words", name, found[1])
			}
		}
	}
	for known := range words {
		if !seen[known] {
			t.Errorf("no run has the action %s", known)
		}
	}
}

func TestChangeOfARunSaysWhatAndWhy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		change      wire.SyncChange
		preview     bool
		effect, why string
	}{
		{wire.SyncChange{Action: "user.create"}, true, "would be created", ""},
		{wire.SyncChange{Action: "user.create"}, false, "was created", ""},
		{wire.SyncChange{Action: "user.suspend", Detail: "Google: archived", Held: true, Rule: "C8"}, true, "would not be suspended", "held by the brake, rule C8: Google: archived"},
		{wire.SyncChange{Action: "user.create", Detail: "20 of 20 seats are in use", Refused: true, Rule: "B2"}, false, "was not created", "refused by rule B2: 20 of 20 seats are in use"},
		{wire.SyncChange{Action: "group.update", Joined: 2, Left: 1}, true, "would be changed, members: +2 -1", ""},
		{wire.SyncChange{Action: "group.delete", Detail: "the setting google.groups does not name the group any more"}, false, "was deleted", "--google-groups does not name the group any more"},
	} {
		if effect, why := syncEffect(&wire.SyncResult{Preview: test.preview}, &test.change), syncReason(&test.change); effect != test.effect || why != test.why {
			t.Errorf("%+v: %q, %q", test.change, effect, why)
		}
	}
}
