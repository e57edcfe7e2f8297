package policy_test

import (
	"slices"
	"strings"
	"testing"

	"drawbridge/directory"
	"drawbridge/policy"
)

func TestTagsAreFoldedSortedAndUnique(t *testing.T) {
	t.Parallel()
	n := directory.ProviderNotes{Tags: []string{" Gold ", "berlin", "gold"}, CustomerNumber: " 4711 "}
	if err := policy.CheckNotes(&n); err != nil || !slices.Equal(n.Tags, []string{"berlin", "gold"}) || n.CustomerNumber != "4711" {
		t.Errorf("%v %+v", err, n)
	}
}

func TestNotesThatAreTooLongAreRefused(t *testing.T) {
	t.Parallel()
	many := make([]string, 21)
	for i := range many {
		many[i] = strings.Repeat("x", i+1)
	}
	for field, n := range map[string]directory.ProviderNotes{
		"tags": {Tags: many}, "customer_number": {CustomerNumber: strings.Repeat("1", 101)}, "account_manager": {AccountManager: strings.Repeat("a", 201)},
		"note": {Note: strings.Repeat("a", 4001)},
	} {
		err := policy.CheckNotes(&n)
		if e, ok := err.(*directory.Error); !ok || e.Code != directory.Invalid || e.Field != field { //nolint:errorlint // it is not wrapped
			t.Errorf("%s: %v", field, err)
		}
	}
	if err := policy.CheckNotes(&directory.ProviderNotes{Tags: []string{""}}); err == nil {
		t.Error("an empty tag is allowed")
	}
}
