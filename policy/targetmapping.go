package policy

import (
	"fmt"
	"slices"
	"strings"

	"drawbridge/directory"
)

// longestConstant is how long a constant of a mapping may be.
const longestConstant = 200

// CheckTargetMapping refuses rules that cannot be followed.
func CheckTargetMapping(rules []directory.TargetRule) error {
	texts := directory.TargetTexts()
	seen := map[string]bool{}
	for _, r := range rules {
		text := slices.Contains(texts, r.Attribute)
		switch {
		case !text && !slices.Contains(directory.TargetLists(), r.Attribute):
			return wrongTargetRule("no attribute %q is sent: those that are sent are %s", directory.Truncate(r.Attribute, 100), strings.Join(slices.Concat(texts, directory.TargetLists()), ", "))
		case seen[r.Attribute]:
			return wrongTargetRule("there are two rules for %s", r.Attribute)
		case r.Source != "" && r.Constant != "":
			return wrongTargetRule("the rule for %s has a source and a constant: give one", r.Attribute)
		case !text && r.Source+r.Constant != "":
			return wrongTargetRule("%s has several values, and can only be omitted", r.Attribute)
		case r.Attribute == "userName" && r.Source == "":
			return wrongTargetRule("userName must be different for each person: give a source")
		case r.Source != "" && r.Source != directory.SourceEmail && !slices.Contains(texts, r.Source):
			return wrongTargetRule("there is no source %q: a source is email, or one of %s", directory.Truncate(r.Source, 100), strings.Join(texts, ", "))
		case len(r.Constant) > longestConstant:
			return wrongTargetRule("the constant for %s is longer than %d characters", r.Attribute, longestConstant)
		}
		seen[r.Attribute] = true
	}
	return nil
}

func wrongTargetRule(format string, args ...any) error {
	return &directory.Error{Code: directory.Invalid, Field: "mapping", Rule: "C16", Message: fmt.Sprintf(format, args...)}
}
