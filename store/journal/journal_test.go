package journal_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"drawbridge/directory"
	"drawbridge/store/journal"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// fixture is a journal with a clock that the test moves.
type fixture struct {
	*testing.T
	*journal.Journal
	folder string
	now    time.Time
}

func open(t *testing.T, o journal.Options) *fixture {
	t.Helper()
	d := &fixture{T: t, folder: filepath.Join(t.TempDir(), "journal"), now: start}
	d.open(o)
	return d
}

func (d *fixture) open(o journal.Options) {
	d.Helper()
	o.Now = func() time.Time { return d.now }
	d.Journal = journal.Open(d.folder, o)
	d.Cleanup(func() { _ = d.Close(context.Background()) })
	d.keep(30, 64<<20, "acme", "birch")
}

func (d *fixture) keep(days int, bytes int64, tenants ...directory.TenantID) map[directory.TenantID]int64 {
	d.Helper()
	bounds := map[directory.TenantID]directory.JournalBounds{}
	for _, id := range tenants {
		bounds[id] = directory.JournalBounds{Days: days, Bytes: bytes}
	}
	removed, err := d.Keep(d.Context(), bounds, directory.JournalBounds{Days: days, Bytes: bytes}, directory.RunApply)
	if err != nil {
		d.Fatal(err)
	}
	return removed
}

func (d *fixture) note(tenant directory.TenantID, request string) {
	d.Note(&directory.Exchange{Time: d.now, Tenant: tenant, Connection: directory.ConnectionID(tenant) + "-okta", Request: request, Status: 200, Method: "GET", Path: "/Users/" + request})
}

func (d *fixture) requests(tenant directory.TenantID, q directory.JournalQuery) string {
	d.Helper()
	found, _, err := d.Exchanges(d.Context(), tenant, q)
	if err != nil {
		d.Fatal(err)
	}
	var out []string
	for _, e := range found {
		if e.Gap != "" {
			out = append(out, fmt.Sprintf("%s:%d", e.Gap, e.Missed))
			continue
		}
		out = append(out, e.Request)
	}
	return strings.Join(out, " ")
}

func (d *fixture) expect(tenant directory.TenantID, q directory.JournalQuery, want string) {
	d.Helper()
	if got := d.requests(tenant, q); got != want {
		d.Errorf("%s %+v: %q, want %q", tenant, q, got, want)
	}
}

func (d *fixture) files(tenant string) []string {
	d.Helper()
	found, err := filepath.Glob(filepath.Join(d.folder, "t-"+tenant, "*.log"))
	if err != nil {
		d.Fatal(err)
	}
	return found
}

func TestExchangesAreReadAsWritten(t *testing.T) {
	t.Parallel()
	d := open(t, journal.Options{})
	e := directory.Exchange{
		Time: start, Tenant: "acme", Connection: "acme-okta", Request: "r-1", Address: "192.0.2.1", Agent: "Okta", Method: "PATCH", Path: "/Users/1?x=y", Operation: "user.patch",
		Headers: []directory.Header{{Name: "Accept", Value: "*/*"}}, Body: []byte(`{"a":1}`), BodySize: 70000, BodyCut: true, BodyNote: "n",
		Status: 403, Answer: []byte(`{"b":2}`), AnswerSize: 7, Answers: []directory.Header{{Name: "Etag", Value: `W/"1"`}, {Name: "X", Value: ""}}, Took: 1234567,
		Quirks: []string{"op.case", "path.unknown"}, Effect: directory.Denied, Rule: "B2", Why: "no seat", Done: []string{"user.update User 1"}, More: 3,
	}
	d.Note(&e)
	copy(e.Body, "XXXXXXX") // it took a copy
	e.Body, e.Seq = []byte(`{"a":1}`), 1
	found, next, err := d.Exchanges(t.Context(), "acme", directory.JournalQuery{})
	if err != nil || next != 0 || len(found) != 1 || !reflect.DeepEqual(found[0], e) {
		t.Errorf("%+v %d %v\nwant %+v", found, next, err, e)
	}
	d.expect("birch", directory.JournalQuery{}, "")
}

func TestExchangesAreFilteredAndPaged(t *testing.T) {
	t.Parallel()
	d := open(t, journal.Options{})
	for i := range 5 {
		d.now = d.now.Add(time.Minute)
		d.note("acme", fmt.Sprint("r", i))
	}
	d.Note(&directory.Exchange{
		Time: d.now, Tenant: "acme", Connection: "acme-entra", Request: "x", Status: 409, Effect: directory.Denied, Path: "/Users",
		Body: []byte(`{"userName":"Mira.Okafor@acme.test","externalId":"a\"b"}`),
	})
	d.expect("acme", directory.JournalQuery{}, "x r4 r3 r2 r1 r0")
	d.expect("acme", directory.JournalQuery{Limit: 2}, "x r4")
	d.expect("acme", directory.JournalQuery{Limit: 2, Before: 5}, "r3 r2")
	d.expect("acme", directory.JournalQuery{After: 4}, "x r4")
	d.expect("acme", directory.JournalQuery{Connection: "acme-entra"}, "x")
	d.expect("acme", directory.JournalQuery{StatusMin: 400, StatusMax: 499}, "x")
	d.expect("acme", directory.JournalQuery{Effect: directory.Denied}, "x")
	d.expect("acme", directory.JournalQuery{Request: "r2"}, "r2")
	d.expect("acme", directory.JournalQuery{From: start.Add(2 * time.Minute), To: start.Add(4 * time.Minute)}, "r2 r1")
	d.expect("acme", directory.JournalQuery{About: []string{"mira.okafor@ACME.test"}}, "x")
	d.expect("acme", directory.JournalQuery{About: []string{"okafor@acme.test"}}, "") // the address of another person
	d.expect("acme", directory.JournalQuery{About: []string{`a"b`}}, "x")
	d.expect("acme", directory.JournalQuery{About: []string{"r1"}}, "r1")
	if found, next, err := d.Exchanges(t.Context(), "acme", directory.JournalQuery{Limit: 2}); err != nil || next != found[1].Seq {
		t.Errorf("next %d of %d, %v", next, found[1].Seq, err)
	}
}

// The writer writes a fifth of a second after an exchange was queued, and at once when many are queued.
func TestWriterWritesOnItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := open(t, journal.Options{})
		size := func(tenant string) (size int64) {
			for _, f := range d.files(tenant) {
				info, err := os.Stat(f)
				if err != nil {
					t.Fatal(err)
				}
				size += info.Size()
			}
			return size
		}
		time.Sleep(time.Second)
		d.note("acme", "first")
		time.Sleep(199 * time.Millisecond)
		d.note("birch", "second") // the writer is woken by the first
		if a, b := size("acme"), size("birch"); a != 0 || b != 0 {
			t.Errorf("written early: %d and %d bytes", a, b)
		}
		time.Sleep(2 * time.Millisecond)
		if a, b := size("acme"), size("birch"); a == 0 || b == 0 {
			t.Errorf("not written: %d and %d bytes", a, b)
		}
		for i := range 300 {
			d.Note(&directory.Exchange{Time: d.now, Tenant: []directory.TenantID{"acme", "birch"}[i%2], Request: fmt.Sprint("r", i), Body: make([]byte, 1000)})
		}
		time.Sleep(time.Millisecond)
		if a, b := size("acme"), size("birch"); a < 100<<10 || b < 100<<10 {
			t.Errorf("much waits: %d and %d bytes were written", a, b)
		}
		d.expect("acme", directory.JournalQuery{Limit: 3}, "r298 r296 r294")
		d.expect("birch", directory.JournalQuery{After: 149}, "r299 r297")
	})
}

// After a crash, a segment is read up to the first incomplete frame, and the next process continues after it.
func TestIncompleteFrameEndsASegment(t *testing.T) {
	t.Parallel()
	d := open(t, journal.Options{})
	d.note("acme", "whole")
	d.note("acme", "torn")
	d.expect("acme", directory.JournalQuery{}, "torn whole")
	if err := d.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	file := d.files("acme")[0]
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	for cut := int64(1); cut < 60; cut += 7 {
		if err := os.Truncate(file, info.Size()-cut); err != nil {
			t.Fatal(err)
		}
		d.open(journal.Options{})
		d.expect("acme", directory.JournalQuery{}, "whole")
		if err := d.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	d.open(journal.Options{})
	d.note("acme", "after")
	d.expect("acme", directory.JournalQuery{}, "after whole")
	d.expect("acme", directory.JournalQuery{After: 1}, "after")
}

func TestKeepAppliesBounds(t *testing.T) {
	t.Parallel()
	d := open(t, journal.Options{})
	d.note("acme", "old")
	d.expect("acme", directory.JournalQuery{}, "old")
	d.now = d.now.AddDate(0, 0, 20)
	d.note("acme", "young")
	d.note("birch", "other")
	d.expect("acme", directory.JournalQuery{}, "young old")
	d.now = d.now.AddDate(0, 0, 11)
	d.expect("acme", directory.JournalQuery{}, "young") // what is too old is hidden, though its file exists
	if len(d.files("acme")) != 2 {
		t.Errorf("files: %v", d.files("acme"))
	}
	if removed := d.keep(30, 64<<20, "acme", "birch"); removed["acme"] == 0 || len(d.files("acme")) != 1 {
		t.Errorf("removed %v, left %v", removed, d.files("acme"))
	}
	// The journal is off for one tenant.
	if removed, err := d.Keep(t.Context(), map[directory.TenantID]directory.JournalBounds{"acme": {}, "birch": {Days: 30, Bytes: 1 << 20}}, directory.JournalBounds{}, directory.RunDry); err != nil || removed["acme"] == 0 || len(d.files("acme")) != 1 {
		t.Errorf("a dry run removed something: %v %v", removed, err)
	}
	d.keep(0, 0, "acme")
	if _, err := os.Stat(filepath.Join(d.folder, "t-acme")); !os.IsNotExist(err) {
		t.Errorf("the journal of a tenant that keeps none is still there: %v", err)
	}
	if _, err := os.Stat(filepath.Join(d.folder, "t-birch")); !os.IsNotExist(err) {
		t.Errorf("the journal of a tenant that is gone is still there: %v", err)
	}
	d.note("acme", "unwanted")
	d.expect("acme", directory.JournalQuery{}, "")
	if len(d.files("acme")) != 0 {
		t.Error("something was written for a tenant that keeps none")
	}
}

func TestSizesAreBounded(t *testing.T) {
	t.Parallel()
	const each = 1 << 20
	d := open(t, journal.Options{MaxBytes: 3 << 19})
	d.keep(30, each, "acme", "birch")
	d.note("birch", "small")
	for i := range 3000 {
		d.Note(&directory.Exchange{Time: d.now, Tenant: "acme", Request: fmt.Sprint("r", i), Body: make([]byte, 1000)})
		if i%200 == 0 {
			d.requests("acme", directory.JournalQuery{Limit: 1}) // so that nothing is dropped, and segments end
		}
	}
	d.expect("acme", directory.JournalQuery{Limit: 1}, "r2999")
	size := int64(0)
	for _, f := range d.files("acme") {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		size += info.Size()
	}
	if size > each+each/8+300<<10 || size < each/2 {
		t.Errorf("the journal of a tenant that may have %d has %d bytes", each, size)
	}
	d.expect("birch", directory.JournalQuery{}, "small") // the tenant that has most loses its oldest segments
}

// If the disk cannot be written, the journal has a gap, and Note reports no error.
func TestFailingDiskShowsAsAGap(t *testing.T) {
	t.Parallel()
	d := open(t, journal.Options{})
	if err := os.WriteFile(d.folder, nil, 0o600); err != nil { // a file in place of the folder
		t.Fatal(err)
	}
	for i := range 3 {
		d.note("acme", fmt.Sprint("lost", i))
	}
	d.expect("acme", directory.JournalQuery{}, "")
	if err := os.Remove(d.folder); err != nil {
		t.Fatal(err)
	}
	d.note("acme", "kept")
	d.expect("acme", directory.JournalQuery{}, "disk:3 kept")
	d.expect("acme", directory.JournalQuery{Effect: directory.Changed}, "")
}

// Note returns at once, even if the writer is blocked. Exchanges without room are counted.
func TestNoteNeverWaits(t *testing.T) {
	t.Parallel()
	d := open(t, journal.Options{})
	held, free := make(chan struct{}), make(chan struct{})
	go func() {
		journal.Occupy(d.Journal, held, free)
	}()
	<-held
	const n = 10000
	for i := range n {
		d.note("acme", fmt.Sprint("r", i))
	}
	d.Note(&directory.Exchange{Time: d.now, Tenant: "acme", Connection: "acme-okta", Gap: directory.GapThrottled})
	d.Note(&directory.Exchange{Time: d.now, Tenant: "acme", Connection: "acme-okta", Gap: directory.GapThrottled})
	for i := range 500 { // a neighbour finds room
		d.note("birch", fmt.Sprint("r", i))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := d.Exchanges(ctx, "acme", directory.JournalQuery{}); directory.CodeOf(err) != directory.Unavailable {
		t.Errorf("a reader of a journal that is stuck: %v", err)
	}
	close(free)
	kept, missed, throttled := 0, 0, 0
	for before := uint64(0); ; {
		found, next, err := d.Exchanges(t.Context(), "acme", directory.JournalQuery{Before: before, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range found {
			switch e.Gap {
			case "":
				kept++
			case directory.GapThrottled:
				throttled += e.Missed
			default:
				missed += e.Missed
			}
		}
		if before = next; next == 0 {
			break
		}
	}
	if kept+missed != n || missed == 0 || kept < 1000 || throttled != 2 {
		t.Errorf("%d kept, %d missed, %d throttled", kept, missed, throttled)
	}
	found, _, err := d.Exchanges(t.Context(), "birch", directory.JournalQuery{Limit: 1000})
	if err != nil || len(found) != 500 || found[0].Gap != "" {
		t.Errorf("the neighbour has %d of 500 exchanges, %v", len(found), err)
	}
}

func BenchmarkNote(b *testing.B) {
	j := journal.Open(filepath.Join(b.TempDir(), "journal"), journal.Options{Now: func() time.Time { return start }})
	b.Cleanup(func() { _ = j.Close(context.Background()) })
	if _, err := j.Keep(b.Context(), nil, directory.JournalBounds{Days: 30, Bytes: 64 << 20}, directory.RunApply); err != nil {
		b.Fatal(err)
	}
	e := directory.Exchange{Time: start, Tenant: "acme", Connection: "acme-okta", Request: "abcdef-123", Method: "POST", Path: "/scim/v2/acme-okta/Users", Status: 201, Body: make([]byte, 700), Answer: make([]byte, 900)}
	b.ReportAllocs()
	for b.Loop() {
		j.Note(&e)
	}
}

// If the folder is moved away, the journal continues in a new one and writes nothing more into the old one. It does not create a data
// folder that was moved.
func TestMovedFolderIsReplaced(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	d := &fixture{T: t, folder: filepath.Join(data, "journal"), now: start}
	d.open(journal.Options{})
	d.note("acme", "before")
	d.expect("acme", directory.JournalQuery{}, "before")
	if err := os.Rename(d.folder, d.folder+".moved"); err != nil {
		t.Fatal(err)
	}
	d.note("acme", "after")
	d.expect("acme", directory.JournalQuery{}, "after")
	if err := os.Rename(data, data+".moved"); err != nil {
		t.Fatal(err)
	}
	d.note("acme", "lost")
	d.expect("acme", directory.JournalQuery{}, "")
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("the data folder was made again: %v", err)
	}
	if err := os.Rename(data+".moved", data); err != nil {
		t.Fatal(err)
	}
	d.note("acme", "again")
	d.expect("acme", directory.JournalQuery{}, "disk:1 again after")
}
