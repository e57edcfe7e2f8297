package record_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"drawbridge/archive"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/record"
	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/bolt"
	"drawbridge/store/storetest"
)

// faulty is a Storage that fails at one of its calls, before or after it has done its work.
type faulty struct {
	archive.Storage
	left  int // calls until it fails; below 0: it works
	after bool
	calls int
}

var errPlace = &directory.Error{Code: directory.Unavailable, Message: "the archive cannot be reached"}

func (f *faulty) call(do func() error) error {
	f.calls++
	if f.left != 0 {
		f.left--
		return do()
	}
	if f.after {
		_ = do()
	}
	f.left = -1
	return errPlace
}

func (f *faulty) Put(ctx context.Context, name string, content []byte) error {
	return f.call(func() error { return f.Storage.Put(ctx, name, content) })
}

func (f *faulty) Get(ctx context.Context, name string, most int64) (out []byte, err error) {
	err = f.call(func() error {
		out, err = f.Storage.Get(ctx, name, most)
		return err
	})
	return out, err
}

func (f *faulty) List(ctx context.Context, prefix string, yield func(string, int64) error) error {
	return f.call(func() error { return f.Storage.List(ctx, prefix, yield) })
}

// dying is a store that loses one of its commits: before it is done, or its answer.
type dying struct {
	store.Store
	left    int
	after   bool
	commits int
}

func (d *dying) Update(ctx context.Context, tenant directory.TenantID, want *store.Want, decide store.Decide) error {
	d.commits++
	if d.left != 0 {
		d.left--
		return d.Store.Update(ctx, tenant, want, decide)
	}
	d.left = -1
	if d.after {
		_ = d.Store.Update(ctx, tenant, want, decide)
	}
	return errPlace
}

type archived struct {
	*kit
	folder string
	place  *faulty
	store  *dying
}

var archiveKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

// withArchive is a kit whose tenant acme has n people who came long ago, and one who came now.
func withArchive(t *testing.T, n int) *archived {
	t.Helper()
	folder := t.TempDir()
	place := &faulty{Storage: archive.NewFolder(folder), left: -1}
	broken := &dying{left: -1}
	k := start(t, func(c *bridgetest.Config) {
		broken.Store = c.Store
		c.Store, c.Archive = broken, archive.New(place, archiveKey)
	})
	thirty := 30
	acme := k.NewTenant("acme", 0, func(o *directory.Overrides) { o.AuditDays = &thirty })
	okta := k.NewIdP(acme, "acme-okta")
	for i := range n {
		k.NewUser(okta, bridgetest.Person{Name: fmt.Sprintf("u%d@acme.example", i)})
	}
	k.Clock.Advance(31 * bridgetest.Day)
	k.NewUser(okta, bridgetest.Person{Name: "now@acme.example"})
	return &archived{kit: k, folder: folder, place: place, store: broken}
}

// inStore are the audit lines and the events that the store has.
func (a *archived) inStore() (lines []directory.Audit, events []directory.Event) {
	a.T.Helper()
	a.OK(a.Store.View(bg, "acme", nil, func(r store.Reader) error {
		some, _, err := r.Audit(0, 100_000)
		lines = directory.CloneAudit(some)
		if err == nil {
			events, _, err = r.Events(0, 100_000)
		}
		for i := range events {
			events[i].Data = slices.Clone(events[i].Data)
		}
		return err
	}))
	return lines, events
}

// whole reads archive and store through the verbs and compares them with the lines before the first move.
func (a *archived) whole(lines []directory.Audit) {
	a.T.Helper()
	a.wholeOf("acme", lines)
}

func (a *archived) wholeOf(tenant directory.TenantID, lines []directory.Audit) {
	a.T.Helper()
	var got []directory.Audit
	for after := uint64(0); ; {
		page, last, err := a.AuditLinesWithArchive(bg, a.Op, tenant, after, 7)
		a.OK(err)
		got = append(got, page...)
		if len(page) == 0 || page[len(page)-1].Seq == last {
			break
		}
		after = page[len(page)-1].Seq
	}
	for i := range lines {
		if i >= len(got) || got[i].Seq != lines[i].Seq || got[i].Hash != lines[i].Hash {
			a.T.Fatalf("line %d of %d is lost or changed", lines[i].Seq, len(got))
		}
	}
	for i := range got {
		if got[i].Seq != uint64(i+1) {
			a.T.Fatalf("line %d comes at place %d", got[i].Seq, i+1)
		}
	}
	report, err := a.VerifyAuditWithArchive(bg, a.Op, tenant, nil)
	a.OK(err)
	if report.Broken != 0 || report.Chain.Checked != report.Lines || report.Archive.Lines != report.Archived {
		a.T.Fatalf("the chain does not fit: %+v %+v", report, report.Archive)
	}
}

func (a *archived) segments() []string {
	a.T.Helper()
	found, err := filepath.Glob(filepath.Join(a.folder, "acme", "*", "*"))
	a.OK(err)
	return found
}

func TestE6ArchivedLinesStayInTheChain(t *testing.T) {
	t.Parallel()
	a := withArchive(t, 20)
	lines, events := a.inStore()
	would, err := a.MoveToArchive(bg, a.Op, "acme", directory.RunDry)
	a.OK(err)
	if len(a.segments()) != 0 || would.Lines != len(lines)-1 || would.Events != len(events)-1 {
		t.Fatalf("a preview says %+v of %d lines and %d events, and the archive has %v", would, len(lines), len(events), a.segments())
	}
	moved, err := a.MoveToArchive(bg, a.Op, "acme", directory.RunApply)
	a.OK(err)
	if moved.Lines != would.Lines || moved.Events != would.Events || moved.Segments != 2 || len(a.segments()) != 2 {
		t.Errorf("%+v was moved in %v, and the preview said %+v", moved, a.segments(), would)
	}
	left, leftEvents := a.inStore()
	if left[0].Seq != uint64(len(lines)) || leftEvents[0].Seq != uint64(len(events)) {
		t.Errorf("the store begins with line %d and event %d", left[0].Seq, leftEvents[0].Seq)
	}
	a.whole(lines)

	// What is in the archive is no reason for another segment, and neither are the lines that say so.
	a.Clock.Advance(31 * bridgetest.Day)
	again, err := a.MoveToArchive(bg, a.Op, "acme", directory.RunApply) // the last person, and two lines of the archive but for the last
	a.OK(err)
	if again.Segments != 1 {
		t.Errorf("%+v", again)
	}
	a.Clock.Advance(31 * bridgetest.Day)
	if again, err = a.MoveToArchive(bg, a.Op, "acme", directory.RunApply); err != nil || again.Segments != 0 {
		t.Errorf("nothing has changed, and %+v was moved: %v", again, err)
	}
	a.whole(lines)
	status, err := a.ArchiveStatus(bg, a.Op)
	a.OK(err)
	if len(status.Trails) != 2 || status.Trails[1].Audit.Segments != 2 || status.Trails[1].Events.Lines != uint64(len(events)-1) || status.Error != "" || status.Key != a.Key() {
		t.Errorf("%+v", status)
	}
}

// Key is the public key of the archive.
func (a *archived) Key() string { return archive.New(a.place, archiveKey).Key() }

func TestE6SearchReadsTheArchive(t *testing.T) {
	t.Parallel()
	a := withArchive(t, 20)
	_, err := a.MoveToArchive(bg, a.Op, "acme", directory.RunApply)
	a.OK(err)
	q := directory.AuditQuery{Action: "user.create"}
	found, next, err := a.SearchAudit(bg, a.Op, "acme", q)
	a.OK(err)
	mark, ok, err := a.ArchivedPart(bg, a.Op, "acme", &q)
	a.OK(err)
	if len(found) != 1 || next != 0 || !ok || mark.Last == 0 {
		t.Errorf("%d lines, next %d, the archive %v %+v", len(found), next, ok, mark)
	}
	young := directory.AuditQuery{From: a.Clock.Now().Add(-bridgetest.Day)}
	if _, ok, _ := a.ArchivedPart(bg, a.Op, "acme", &young); ok {
		t.Error("the archive cannot have lines of today")
	}
	for _, limit := range []int{0, 1, 4} {
		q := directory.AuditQuery{Action: "user.create", Archive: true, Limit: limit}
		var seqs []uint64
		for {
			page, next, err := a.SearchAudit(bg, a.Op, "acme", q)
			a.OK(err)
			for i := range page {
				seqs = append(seqs, page[i].Seq)
			}
			if q.Before = next; next == 0 {
				break
			}
		}
		if len(seqs) != 21 || !slices.IsSortedFunc(seqs, func(x, y uint64) int { return int(y) - int(x) }) {
			t.Errorf("with the limit %d: %v", limit, seqs)
		}
	}
	if page, _, err := a.SearchAudit(bg, a.Op, "acme", directory.AuditQuery{Archive: true, Subject: "u3@", From: a.Clock.Now().AddDate(0, 0, -40)}); err != nil || len(page) != 1 {
		t.Error(len(page), err)
	}
}

// A run is interrupted at each of its calls to the archive and to the store, before and after the call takes effect. The next run completes
// it: nothing is lost, stored twice, or left over.
func TestE6InterruptedRunLosesAndRepeatsNothing(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		for call := 0; ; call++ {
			a := withArchive(t, 4)
			lines, _ := a.inStore()
			a.place.left, a.place.after = call, after
			_, err := a.MoveToArchive(bg, a.Op, "acme", directory.RunApply)
			reached := err != nil
			a.place.left = -1
			a.whole(lines)
			_, err = a.MoveToArchive(bg, a.Op, "acme", directory.RunApply)
			a.OK(err)
			a.whole(lines)
			if found := a.segments(); len(found) != 2 {
				t.Fatalf("after a kill at call %d of the archive (done %v) it has %v", call, after, found)
			}
			if !reached {
				break
			}
		}
		for commit := range 3 {
			a := withArchive(t, 4)
			lines, _ := a.inStore()
			a.store.left, a.store.after = commit, after
			_, err := a.MoveToArchive(bg, a.Op, "acme", directory.RunApply)
			if (err != nil) != (commit < 2) {
				t.Fatalf("commit %d: %v", commit, err)
			}
			a.store.left = -1
			a.whole(lines)
			_, err = a.MoveToArchive(bg, a.Op, "acme", directory.RunApply)
			a.OK(err)
			a.whole(lines)
			if found := a.segments(); len(found) != 2 {
				t.Fatalf("after a kill at commit %d (done %v) the archive has %v", commit, after, found)
			}
		}
	}
}

func TestE6UnwritableArchiveLosesNothing(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		harm   func(a *archived)
		want   string
		repair func(a *archived)
		seen   bool // by a check
	}{
		"away": {func(a *archived) { a.OK(os.Rename(a.folder, a.folder+".away")) }, "mounted", func(a *archived) { a.OK(os.Rename(a.folder+".away", a.folder)) }, true},
		"empty": {func(a *archived) {
			a.OK(os.Rename(a.folder, a.folder+".away"))
			a.OK(os.Mkdir(a.folder, 0o700))
		}, "does not have the segment that ends with line", func(a *archived) {
			a.OK(os.Remove(a.folder))
			a.OK(os.Rename(a.folder+".away", a.folder))
		}, true},
		"unreachable": {func(a *archived) { a.place.left = 0 }, "cannot be reached", func(*archived) {}, false},
		"not writable": {func(a *archived) {
			a.OK(os.Rename(filepath.Join(a.folder, "acme"), a.folder+".acme"))
			a.OK(os.WriteFile(filepath.Join(a.folder, "acme"), nil, 0o600))
		}, "not a directory", func(a *archived) {
			a.OK(os.Remove(filepath.Join(a.folder, "acme")))
			a.OK(os.Rename(a.folder+".acme", filepath.Join(a.folder, "acme")))
		}, true},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			a := withArchive(t, 4)
			_, err := a.MoveToArchive(bg, a.Op, "acme", directory.RunApply)
			a.OK(err)
			a.Clock.Advance(31 * bridgetest.Day)
			before, _ := a.inStore()
			c.harm(a)
			if c.seen {
				if err := a.CheckArchive(bg); directory.CodeOf(err) != directory.Unavailable {
					t.Errorf("the check says %v", err)
				}
				status, err := a.ArchiveStatus(bg, a.Op)
				if err != nil || status.Error == "" {
					t.Errorf("the status says %+v, %v", status, err)
				}
			}
			_, err = a.MoveToArchive(bg, a.Op, "acme", directory.RunApply)
			if directory.CodeOf(err) != directory.Unavailable || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v", err)
			}
			if now, _ := a.inStore(); len(now) != len(before) {
				t.Errorf("the store had %d lines and has %d", len(before), len(now))
			}
			a.NewUser(a.NewIdP("acme", "acme-entra"), bridgetest.Person{Name: "meanwhile@acme.example"}) // SCIM requests are still answered
			c.repair(a)
			a.OK(a.CheckArchive(bg))
			_, err = a.MoveToArchive(bg, a.Op, "acme", directory.RunApply)
			a.OK(err)
			a.whole(before[:0])
		})
	}
}

func TestE6ChangedArchiveIsFound(t *testing.T) {
	t.Parallel()
	a := withArchive(t, 4)
	lines, _ := a.inStore()
	_, err := a.MoveToArchive(bg, a.Op, "acme", directory.RunApply)
	a.OK(err)
	for _, name := range a.segments() {
		content, err := os.ReadFile(name)
		a.OK(err)
		for what, harm := range map[string]func() error{
			"changed": func() error {
				changed := bytes.Clone(content)
				changed[len(changed)/2] ^= 1
				return os.WriteFile(name, changed, 0o600)
			},
			"cut off": func() error { return os.WriteFile(name, content[:len(content)-9], 0o600) },
			"removed": func() error { return os.Remove(name) },
		} {
			a.OK(harm())
			report, err := a.VerifyAuditWithArchive(bg, a.Op, "acme", nil)
			if err != nil || report.Broken == 0 || report.Why == "" {
				t.Errorf("%s was %s, and verify says %+v %v", name, what, report, err)
			}
			a.OK(os.WriteFile(name, content, 0o600))
		}
	}
	a.whole(lines)
	// A head that an operator wrote down is proven in the archive.
	known := &record.AuditHead{Seq: lines[2].Seq, Hash: lines[2].Hash}
	report, err := a.VerifyAuditWithArchive(bg, a.Op, "acme", known)
	a.OK(err)
	if report.Broken != 0 {
		t.Error(report.Why)
	}
	known.Hash[0] ^= 1
	if report, err = a.VerifyAuditWithArchive(bg, a.Op, "acme", known); err != nil || report.Broken != known.Seq {
		t.Error(report, err)
	}
	if _, err = a.VerifyAudit(bg, a.Op, "acme", known); directory.CodeOf(err) != directory.Invalid {
		t.Error("a head that is in the archive was not refused", err)
	}
}

// A restored backup can have another history than the archive. The segments of the other history stay, and are ignored.
func TestE6SegmentsOfAnotherHistoryAreIgnored(t *testing.T) {
	t.Parallel()
	other := withArchive(t, 3)
	_, err := other.MoveToArchive(bg, other.Op, "acme", directory.RunApply)
	other.OK(err)
	a := withArchive(t, 9)
	lines, _ := a.inStore()
	a.OK(os.CopyFS(a.folder, os.DirFS(other.folder)))
	_, err = a.MoveToArchive(bg, a.Op, "acme", directory.RunApply)
	a.OK(err)
	if found := a.segments(); len(found) != 4 {
		t.Errorf("the archive has %v", found)
	}
	a.whole(lines)
}

// A backup that is older than the archive was restored. Lines that the store and the archive both have are accepted. Where the two
// histories differ, the store archives its own lines at once, not only when they are due.
func TestE6RestoredOlderBackupContinues(t *testing.T) {
	t.Parallel()
	a := withArchive(t, 9)
	copier, ok := a.Store.(store.Copier)
	if !ok {
		t.Fatal("the store cannot be copied")
	}
	var backup bytes.Buffer
	a.OK(copier.Backup(bg, &backup))
	a.NewUser(a.NewIdP("acme", "acme-entra"), bridgetest.Person{Name: "forgotten@acme.example"})
	a.NewUser(a.NewIdP("acme", "acme-ping"), bridgetest.Person{Name: "forgotten2@acme.example"})
	lines, _ := a.inStore()
	a.Clock.Advance(31 * bridgetest.Day)
	_, err := a.MoveToArchive(bg, a.Op, "acme", directory.RunApply)
	a.OK(err)
	before := a.segments()

	b := a.restored(backup.Bytes())
	b.NewUser(b.NewIdP("acme", "acme-jumpcloud"), bridgetest.Person{Name: "other@acme.example"})
	again, _ := b.inStore()
	if len(again) >= len(lines)+3 || again[len(again)-1].Hash == lines[len(again)-1].Hash {
		t.Fatal("the history did not go another way")
	}
	moved, err := b.MoveToArchive(bg, b.Op, "acme", directory.RunApply)
	b.OK(err)
	if moved.Segments != 2 || len(b.segments()) != len(before)+2 {
		t.Errorf("%+v was moved in %v, and before there was %v", moved, b.segments(), before)
	}
	b.whole(again)
	for range 3 {
		b.Clock.Advance(31 * bridgetest.Day)
		b.NewUser(b.NewIdP("acme", "acme-"+fmt.Sprint(b.Clock.Now().Unix())), bridgetest.Person{Name: fmt.Sprintf("u%d@acme.example", b.Clock.Now().Unix())})
		_, err = b.MoveToArchive(bg, b.Op, "acme", directory.RunApply)
		b.OK(err)
		b.whole(again)
	}
}

// restored is another server on a copy of the store, with the same archive.
func (a *archived) restored(backup []byte) *archived {
	a.T.Helper()
	path := filepath.Join(a.T.TempDir(), "store.db")
	a.OK(os.WriteFile(path, backup, 0o600))
	db, err := bolt.Open(path, bolt.Options{})
	a.OK(err)
	a.T.Cleanup(func() { _ = db.Close() })
	k := start(a.T, func(c *bridgetest.Config) {
		c.Store, c.Now, c.NewID, c.Archive = storetest.Checked(a.T, db), a.Clock.Now, a.Clock.NewID, archive.New(a.place, archiveKey)
	})
	k.Store, k.Clock = db, a.Clock
	return &archived{kit: k, folder: a.folder, place: a.place}
}

// An attacker who can write to the folder, but has no key, replaces a segment.
func TestE6ForgedSegmentIsRefused(t *testing.T) {
	t.Parallel()
	a := withArchive(t, 4)
	lines, _ := a.inStore()
	forger := archive.New(a.place, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, ed25519.SeedSize)))
	forge := func(lines []directory.Audit) {
		var text [][]byte
		for i := range lines {
			one, err := archive.Line(lines[i])
			a.OK(err)
			text = append(text, one)
		}
		m := archive.Manifest{
			Tenant: "acme", Kind: archive.Audit, First: lines[0].Seq, Last: lines[len(lines)-1].Seq, From: lines[0].Time, To: lines[len(lines)-1].Time, ChainHead: lines[len(lines)-1].Hash,
		}
		_, _, err := forger.Write(bg, m, text)
		a.OK(err)
	}
	forge(lines[:3]) // as an interrupted run might have left it
	_, err := a.MoveToArchive(bg, a.Op, "acme", directory.RunApply)
	a.OK(err)
	a.whole(lines)

	names, err := filepath.Glob(filepath.Join(a.folder, "acme", "audit", "*"))
	a.OK(err)
	for _, name := range names {
		a.OK(os.Remove(name))
	}
	changed := slices.Clone(lines[:len(lines)-1])
	var head directory.Hash
	for i := range changed {
		changed[i].Reason = "forged"
		changed[i].Hash = changed[i].Sum(head)
		head = changed[i].Hash
	}
	forge(changed)
	found, _, err := a.SearchAudit(bg, a.Op, "acme", directory.AuditQuery{Archive: true})
	if directory.CodeOf(err) != directory.Invalid {
		t.Errorf("a search shows %d lines, %v", len(found), err)
	}
	if report, err := a.VerifyAuditWithArchive(bg, a.Op, "acme", nil); err != nil || report.Broken == 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

// Events were trimmed while the archive was off. The feed begins again in the archive, and the audit trail has no gap.
func TestE6FeedContinuesAfterAnArchiveThatWasOff(t *testing.T) {
	t.Parallel()
	a := withArchive(t, 4)
	_, err := a.MoveToArchive(bg, a.Op, "acme", directory.RunApply)
	a.OK(err)
	lines, _ := a.inStore()
	without := *a
	without.kit = start(t, func(c *bridgetest.Config) { c.Store, c.Now, c.NewID = a.Store, a.Clock.Now, a.Clock.NewID })
	without.NewUser(without.NewIdP("acme", "acme-entra"), bridgetest.Person{Name: "meanwhile@acme.example"})
	a.Clock.Advance(31 * bridgetest.Day)
	_, err = without.Trim(bg, a.Op, "acme", directory.RunApply)
	a.OK(err)
	if found, next, err := without.SearchAudit(bg, a.Op, "acme", directory.AuditQuery{Archive: true}); directory.CodeOf(err) != directory.Invalid {
		t.Errorf("a search in an archive that is not there gives %d lines, %d, %v", len(found), next, err)
	}
	a.NewUser(a.NewIdP("acme", "acme-ping"), bridgetest.Person{Name: "later@acme.example"})
	a.Clock.Advance(31 * bridgetest.Day)
	a.NewUser(a.NewIdP("acme", "acme-google"), bridgetest.Person{Name: "latest@acme.example"})
	_, err = a.MoveToArchive(bg, a.Op, "acme", directory.RunApply)
	a.OK(err)
	a.whole(lines[:0])
}

func TestE6IncompleteReportOfVisitsSaysSo(t *testing.T) {
	t.Parallel()
	a := withArchive(t, 4)
	_, err := a.MoveToArchive(bg, a.Op, "acme", directory.RunApply)
	a.OK(err)
	now := a.Clock.Now()
	for days, want := range map[int]bool{5: true, 40: false} {
		report, err := a.Visits(bg, a.Op, "acme", record.VisitQuery{From: now.AddDate(0, 0, -days), To: now})
		if err != nil || report.Complete != want || report.Since.IsZero() != want {
			t.Errorf("of %d days the report is complete: %t since %s, %v", days, report.Complete, report.Since, err)
		}
	}
}

// hanging is a Storage that does not answer, such as a folder on a network whose server is gone.
type hanging struct {
	archive.Storage
	gone chan struct{}
}

func (h *hanging) Check(context.Context, int) error {
	<-h.gone
	return nil
}

func TestE6HangingArchiveDelaysNoWrite(t *testing.T) {
	t.Parallel()
	place := &hanging{archive.NewFolder(t.TempDir()), make(chan struct{})}
	metrics := prometheus.NewRegistry()
	k := start(t, func(c *bridgetest.Config) {
		c.Archive, c.ArchiveMetrics = archive.New(place, archiveKey), record.NewMetrics(metrics)
	})
	writable := func() float64 {
		found, err := testutil.GatherAndCount(metrics, "drawbridge_archive_writable")
		if err != nil || found != 1 {
			t.Fatal(found, err)
		}
		all, _ := metrics.Gather()
		for _, f := range all {
			if f.GetName() == "drawbridge_archive_writable" {
				return f.GetMetric()[0].GetGauge().GetValue()
			}
		}
		return -1
	}
	ended, cancel := context.WithCancel(bg)
	cancel()
	for range 3 {
		if err := k.CheckArchive(ended); directory.CodeOf(err) != directory.Unavailable || !strings.Contains(err.Error(), "does not answer") {
			t.Error(err)
		}
	}
	if writable() != 0 {
		t.Error("the metric says that the archive can be written")
	}
	close(place.gone)
	if err := k.CheckArchive(bg); err != nil || writable() != 1 {
		t.Error(err, writable())
	}
}

func TestE6WithoutAnArchiveNothingMoves(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewTenant("acme", 0)
	k.Clock.Advance(4000 * bridgetest.Day)
	_, err := k.MoveToArchive(bg, k.Op, "acme", directory.RunApply)
	k.Fails(err, directory.Invalid, "E6")
	if lines := k.AuditOf("acme"); lines[0].Seq != 1 {
		t.Error("audit lines were removed without an archive")
	}
	status, err := k.ArchiveStatus(bg, k.Op)
	if err != nil || status.Place != "" || len(status.Trails) != 1 {
		t.Error(status, err)
	}
}
