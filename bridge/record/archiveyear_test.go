package record_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"drawbridge/archive"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
)

// The job runs once a day for a year of changes. An independent reader, which shares no code with this program, verifies the archive, and
// the store has no more than the days that it keeps.
func TestE6IndependentReaderVerifiesAYear(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	folder := t.TempDir()
	old := archive.New(archive.NewFolder(folder), archiveKey)
	k := start(t, func(c *bridgetest.Config) { c.Archive = old })
	thirty := 30
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.AuditDays = &thirty })
	okta := k.NewIdP(acme, "acme-okta")
	user := k.NewUser(okta, bridgetest.Person{Name: "ada@acme.example"}).User.ID
	for day := range 365 {
		k.Clock.Advance(bridgetest.Day)
		if day%3 == 0 {
			k.ChangeUser(okta, user, bridgetest.Person{Name: fmt.Sprintf("ada%d@acme.example", day)}.Draft)
		}
		if day%7 == 0 {
			_, err := k.MoveAllToArchive(bg, k.Op, directory.RunApply)
			k.OK(err)
		}
	}
	status, err := k.ArchiveStatus(bg, k.Op)
	k.OK(err)
	mark := status.Trails[1]
	out, err := exec.CommandContext(t.Context(), python, "../../deploy/archive-verify.py", folder, "--key", old.Key(),
		"--head", mark.Audit.Segment.String(), "--head", mark.Events.Segment.String()).CombinedOutput()
	if want := fmt.Sprintf("lines 1 to %d in %d segments, head %s", mark.Audit.Last, mark.Audit.Segments, mark.Audit.Segment); err != nil || !strings.Contains(string(out), want) {
		t.Errorf("%v\n%s\nwant %s", err, out, want)
	}
	report, err := k.VerifyAuditWithArchive(bg, k.Op, acme, nil)
	k.OK(err)
	if report.Broken != 0 || report.Chain.Checked != report.Lines || report.Archive.Events != mark.Events.Last {
		t.Errorf("%+v %+v", report, report.Archive)
	}
	if kept := report.Lines - report.Archived; kept > 40 || report.Lines < 150 {
		t.Errorf("the store keeps %d of %d lines", kept, report.Lines)
	}
}
