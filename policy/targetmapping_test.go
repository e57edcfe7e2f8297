package policy_test

import (
	"strings"
	"testing"

	"drawbridge/directory"
	"drawbridge/policy"
)

// A mapping of a target names attributes that are sent, once each, and leaves every person a name of their own (C16).
func TestC16CheckTargetMapping(t *testing.T) {
	t.Parallel()
	rule := func(attribute, source, constant string) directory.TargetRule {
		return directory.TargetRule{Attribute: attribute, Source: source, Constant: constant}
	}
	good := []directory.TargetRule{rule("userName", "email", ""), rule("title", "", ""), rule("userType", "", "Employee"), rule("emails", "", ""), rule("nickName", "name.givenName", "")}
	if err := policy.CheckTargetMapping(good); err != nil {
		t.Error(err)
	}
	for want, rules := range map[string][]directory.TargetRule{
		"no attribute":    {rule("externalId", "title", "")},
		"two rules":       {rule("title", "", ""), rule("title", "", "x")},
		"give one":        {rule("title", "nickName", "x")},
		"only be omitted": {rule("emails", "title", "")},
		"give a source":   {rule("userName", "", "")},
		"no source":       {rule("title", "password", "")},
		"longer than":     {rule("title", "", strings.Repeat("x", 201))},
	} {
		if err := policy.CheckTargetMapping(rules); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", rules, err)
		}
	}
}
