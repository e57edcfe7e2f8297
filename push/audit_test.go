package push_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"drawbridge/archive"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/webhooks"
	"drawbridge/directory"
)

// trails is a receiver of audit lines. It follows the hash chain of each trail.
type trails struct {
	*httptest.Server
	mu    sync.Mutex
	asked int
	lines map[directory.TenantID][]directory.Audit
	ids   map[string]uint64
}

func receiveTrails(t *testing.T) (*trails, func(secret string)) {
	t.Helper()
	r := &trails{lines: map[directory.TenantID][]directory.Audit{}, ids: map[string]uint64{}}
	var verify *standardwebhooks.Webhook
	r.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		var m struct {
			Type string
			Data directory.Audit
		}
		if err == nil {
			err = json.Unmarshal(body, &m)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.asked++
		if err == nil && verify != nil {
			err = verify.VerifyIgnoringTimestamp(body, q.Header)
		}
		id := q.Header.Get("webhook-id")
		if err != nil || m.Type != "audit.line" || r.ids[id] != 0 && r.ids[id] != m.Data.Seq || strings.Contains(id, ".") {
			t.Errorf("%s, %v: %s", id, err, body)
			return
		}
		r.ids[id] = m.Data.Seq
		known := r.lines[m.Data.Tenant]
		if n := len(known); n == 0 || m.Data.Seq == known[n-1].Seq+1 {
			r.lines[m.Data.Tenant] = append(known, m.Data)
		} else if m.Data.Seq > known[n-1].Seq {
			t.Errorf("line %d of %q came after %d", m.Data.Seq, m.Data.Tenant, known[n-1].Seq)
		}
	}))
	t.Cleanup(r.Close)
	return r, func(secret string) {
		v, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		verify = v
	}
}

func (r *trails) requests() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

func (r *trails) of(tenant directory.TenantID) []directory.Audit {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]directory.Audit{}, r.lines[tenant]...)
}

// same reports an error unless the lines that came are those of a trail, from the first that came to the last one, with their hashes.
func same(t *testing.T, came, trail []directory.Audit) {
	t.Helper()
	if len(came) == 0 || came[len(came)-1].Seq != trail[len(trail)-1].Seq {
		t.Fatalf("%d lines came of %d", len(came), len(trail))
	}
	for i := range came {
		if want := trail[len(trail)-len(came)+i]; came[i].Seq != want.Seq || came[i].Hash != want.Hash {
			t.Errorf("line %d is another one", came[i].Seq)
		}
		if i > 0 && came[i].Sum(came[i-1].Hash) != came[i].Hash {
			t.Errorf("the hash of line %d does not follow from the line before it", came[i].Seq)
		}
	}
}

func auditDraft(d *webhooks.Draft) {
	d.Format, d.Installation = directory.SignedAudit, true
}

// The lines of a company and of the installation arrive in order and signed, with their hash chains. Lines without an event arrive, too.
func TestE6AuditLinesArriveInOrderAndSigned(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 2)
	r, trust := receiveTrails(t)
	trust(k.create("siem", r.URL, auditDraft))
	okta := k.NewIdP(acme, "acme-okta")
	k.people(okta, 2)
	k.NewOperator("eve@example.com", directory.RoleReadOnly) // a line of the installation
	done := func() bool {
		k.Clock.Advance(linesEvery)
		all, err := k.Hooks.Progress(t.Context(), k.Op, "siem")
		k.OK(err)
		if len(all) != 2 || all[0].Tenant != directory.Provider {
			t.Fatalf("%+v", all)
		}
		return all[0].Backlog() == 0 && all[1].Backlog() == 0
	}
	k.until("all lines", done)
	same(t, r.of(acme), k.AuditOf(acme))
	same(t, r.of(directory.Provider), k.AuditOf(directory.Provider))
	before := len(k.AuditOf(acme)) + len(k.AuditOf(directory.Provider))
	for range 5 {
		k.Clock.Advance(2 * linesEvery)
		k.OK(k.push.Tick(t.Context()))
	}
	if after := len(k.AuditOf(acme)) + len(k.AuditOf(directory.Provider)); after != before {
		t.Errorf("the deliveries write lines themselves: %d", after-before)
	}
	asked := r.requests()
	_, err := k.Hooks.Replay(t.Context(), k.Op, "siem", directory.Provider, webhooks.Position{From: 1})
	k.OK(err)
	k.until("the replay", done)
	if n := r.requests() - asked; n < len(k.AuditOf(directory.Provider)) {
		t.Errorf("a replay from the first line sent %d", n)
	}
}

// linesEvery is how often new lines are looked for.
const linesEvery = 2e9

// Lines that moved to the archive before they were delivered are read there. While it cannot be read, the delivery fails and says so, and no
// line is passed over.
func TestE6ArchivedLinesAreDelivered(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	k := start(t, func(c *bridgetest.Config) {
		c.Archive = archive.New(archive.NewFolder(folder), ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)))
	})
	thirty, yes := 30, true
	acme := k.NewTenant("acme", 50, func(o *directory.Overrides) { o.AuditDays = &thirty })
	r, trust := receiveTrails(t)
	trust(k.create("siem", r.URL, auditDraft, func(d *webhooks.Draft) { d.Installation = false }))
	_, err := k.Hooks.Update(t.Context(), k.Op, "siem", webhooks.Edit{Paused: &yes})
	k.OK(err)
	okta := k.NewIdP(acme, "acme-okta")
	k.people(okta, 5)
	trail := directory.CloneAudit(k.AuditOf(acme))
	k.Clock.Advance(31 * bridgetest.Day)
	k.people(okta, 1)
	moved, err := k.MoveToArchive(t.Context(), k.Op, acme, directory.RunApply)
	k.OK(err)
	if moved.Lines < 6 {
		t.Fatalf("%+v moved", moved)
	}
	k.OK(os.Rename(folder, folder+".away"))
	_, err = k.Hooks.Resume(t.Context(), k.Op, "siem")
	k.OK(err)
	k.until("a failure", func() bool { return k.progress("siem").Delivery.Attempts > 0 })
	if p := k.progress("siem"); !strings.Contains(p.Delivery.Error, "is in the archive, and cannot be read") || len(r.of(acme)) > 0 {
		t.Errorf("%+v, and %d lines came", p.Delivery, len(r.of(acme)))
	}
	k.OK(os.Rename(folder+".away", folder))
	k.Clock.Advance(10e9)
	k.until("all lines", func() bool { return k.progress("siem").Backlog() == 0 })
	came := r.of(acme)
	if came[0].Seq > trail[len(trail)-6].Seq {
		t.Errorf("the first line is %d", came[0].Seq)
	}
	for _, line := range k.AuditOf(acme) {
		if line.Seq > trail[len(trail)-1].Seq {
			trail = append(trail, line)
		}
	}
	same(t, came, trail)
	_, err = k.Hooks.Replay(t.Context(), k.Op, "siem", acme, webhooks.Position{From: 1})
	k.OK(err)
}
