package directory_test

import (
	"testing"

	"drawbridge/directory"
)

func TestNamesLikeBuiltInGroupsAreFound(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]directory.BuiltIn{
		"Owners":               directory.Owners,
		"OWNERS":               directory.Owners,
		" owners ":             directory.Owners,
		"Ｏwners":               directory.Owners,
		"Own\u200bers":         directory.Owners,
		"team  members":        directory.TeamMembers,
		"Team\u00a0Members":    directory.TeamMembers,
		"\u2060Administrators": directory.Administrators,
		"Owner":                "",
		"Owners of acme":       "",
		"":                     "",
	} {
		if got := directory.BuiltInNamed(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
