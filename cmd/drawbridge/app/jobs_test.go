package app

import (
	"slices"
	"testing"
	"time"

	"drawbridge/bridge/jobs"
)

// A test kills each job of a server in the middle: TestKillInEveryJob of package jobs kills the jobs of that package, and the tests that
// are named here kill those of this package.
func TestEveryJobIsKilledByATest(t *testing.T) {
	t.Parallel()
	killed := map[string]string{
		"backup": "TestKilledDataCommandsCanBeRepeated in cmd/drawbridge/e2e",
		"mail":   "TestKillWhileSendingMail in bridge/jobs",
		"pull":   "TestKillInARunChangesNothingTwice in pull",
	}
	a, _ := start(t, func(c *Config) {
		c.Backup.Every, c.Archive.Folder = 24*time.Hour, t.TempDir()
		c.Mail.Host, c.Mail.Port, c.Mail.TLS, c.Mail.From = "127.0.0.1", 1, "none", "d@example.com"
	})
	var shipped []string
	for _, j := range jobs.Shipped(jobs.Services{Bridge: a.bridge, Record: a.record, Journal: a.journal}) {
		shipped = append(shipped, j.Name)
	}
	all, err := a.jobs.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range all {
		if !slices.Contains(shipped, j.Name) && killed[j.Name] == "" {
			t.Errorf("no test kills the job %s in the middle", j.Name)
		}
	}
	if got, want := len(all), len(shipped)+len(killed); got != want {
		t.Errorf("the server runs %d jobs, and %d are known here", got, want)
	}
}
