package policy_test

import (
	"strings"
	"testing"

	"drawbridge/policy"
)

func TestOnlyShortPlainNamesAreTaken(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{
		"portal": true, "a": true, "crm-2": true, strings.Repeat("a", 40): true,
		"": false, "-a": false, "a-": false, "A": false, "a b": false, "ä": false, strings.Repeat("a", 41): false,
	} {
		if err := policy.CheckName(name); (err == nil) != good {
			t.Errorf("%q: %v", name, err)
		}
	}
}
