package policy

import (
	"strings"

	"drawbridge/directory"
)

// CheckName refuses what is not a name of a webhook, channel or target: Invalid, with Field name.
func CheckName(name string) error {
	bad := name == "" || len(name) > 40 || strings.Trim(name, "-") != name || strings.ContainsFunc(name, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
	if bad {
		return &directory.Error{Code: directory.Invalid, Field: "name", Message: "a name has 1 to 40 characters of a-z, 0-9 and hyphen, and neither begins nor ends with a hyphen"}
	}
	return nil
}
