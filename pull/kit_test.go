package pull_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/jobs"
	"drawbridge/directory"
	"drawbridge/google"
	"drawbridge/google/googletest"
	"drawbridge/pull"
	"drawbridge/store"
	"drawbridge/store/storetest"
)

const admin = "admin@acme.example"

// bench is a company that is pulled from a simulated Google.
type bench struct {
	*bridgetest.Kit
	account *googletest.Account
	pull    *pull.Service
	offset  time.Duration
	mu      sync.Mutex
	journal []directory.Exchange
	noted   func() // is called for each exchange of the journal
	adminID string

	endpoint google.Endpoint
}

func seal(t testing.TB, keys ...byte) credential.Ring {
	t.Helper()
	var all [][]byte
	for _, k := range keys {
		all = append(all, bytes.Repeat([]byte{k}, credential.SealKeySize))
	}
	ring, err := credential.NewRing(all...)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func newBench(t testing.TB, changes ...func(*bridgetest.Config)) *bench {
	t.Helper()
	b := &bench{}
	changes = append([]func(*bridgetest.Config){func(c *bridgetest.Config) { c.Seal = seal(t, 1) }}, changes...)
	b.Kit = bridgetest.Start(t, changes...)
	b.account = googletest.New(b.now, admin)
	b.account.SetTokenClock(time.Now) // the library that signs requests for tokens reads it
	b.adminID = b.account.Add(admin, "Ad", "Min", nil)
	server := httptest.NewServer(b.account)
	t.Cleanup(server.Close)
	var err error
	b.endpoint, err = google.At(server.URL)
	b.OK(err)
	b.pull = b.service(b.Bridge)
	return b
}

// service makes what pulls, on the bridge of a process.
func (b *bench) service(on *bridge.Service) *pull.Service {
	return pull.New(pull.Config{
		Bridge: on, Lease: jobs.Alone{}, Endpoint: b.endpoint, Now: b.Clock.Now,
		Sleep: func(ctx context.Context, d time.Duration) error { b.offset += d; b.Clock.Advance(d); return ctx.Err() },
		Note: func(e *directory.Exchange) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.journal = append(b.journal, *e)
			if b.noted != nil {
				b.noted()
			}
		},
	})
}

// process makes what pulls in another process, which works as long as its life.
func (b *bench) process(life *storetest.Life) *pull.Service {
	b.T.Helper()
	s, _ := b.Process(life)
	return b.service(s.Bridge)
}

// now is the clock of the account, near the real one, because that signs the requests for tokens.
func (b *bench) now() time.Time { return time.Now().Add(b.offset) }

// connect makes the company with its connection.
func (b *bench) connect(edits ...func(*bridge.ConnectionDraft)) {
	b.T.Helper()
	b.NewTenant("acme", 20_000)
	b.connection("acme-google", edits...)
}

func (b *bench) connection(slug string, edits ...func(*bridge.ConnectionDraft)) {
	b.T.Helper()
	d := bridge.ConnectionDraft{
		ID: directory.ConnectionID(slug), Tenant: "acme", Type: directory.GoogleDirectory, Google: &directory.GooglePull{Admin: admin},
		Credential: bridge.PullCredential{Text: b.account.NewKey("acme-project"), Account: "drawbridge@acme-project", KeyID: "k"},
	}
	for _, edit := range edits {
		edit(&d)
	}
	_, secret, err := b.CreateConnection(b.T.Context(), b.Op, d)
	b.OK(err)
	if secret.Text != "" {
		b.T.Error("a pulled connection has a token")
	}
}

func reads(edit func(*directory.GooglePull)) func(*bridge.ConnectionDraft) {
	return func(d *bridge.ConnectionDraft) { edit(d.Google) }
}

// sync runs the connection and checks how the run ended.
func (b *bench) sync(want pull.Outcome) pull.Result {
	b.T.Helper()
	out, err := b.pull.Sync(b.T.Context(), b.Op, "acme-google", directory.RunApply)
	b.OK(err)
	if out.Outcome != want {
		b.T.Fatalf("the run is %s, not %s: %s", out.Outcome, want, out.Reason)
	}
	return out
}

// later is a sync after the job's interval.
func (b *bench) later(want pull.Outcome) pull.Result {
	b.T.Helper()
	b.Clock.Advance(11 * time.Minute)
	return b.sync(want)
}

// write is what the store has written.
func (b *bench) written() uint64 {
	b.T.Helper()
	var last uint64
	b.OK(b.Store.View(b.T.Context(), "acme", nil, func(r store.Reader) error {
		_, audit, err := r.Audit(0, 1)
		if err != nil {
			return err
		}
		_, events, err := r.Events(0, 1)
		last = audit + events
		return err
	}))
	return last
}

// user finds the record of one of Google's users.
func (b *bench) user(id string) *directory.User {
	b.T.Helper()
	var out *directory.User
	b.OK(b.Store.View(b.T.Context(), "acme", nil, func(r store.Reader) error {
		all, err := r.UsersByExternalID("acme-google", id)
		for i := range all {
			if out == nil || !all[i].Gone() {
				u := all[i].Clone()
				out = &u
			}
		}
		return err
	}))
	return out
}

// group gives the members of one of Google's groups by Google's ids.
func (b *bench) group(id string) (found bool, name string, members []string) {
	b.T.Helper()
	b.OK(b.Store.View(b.T.Context(), "acme", nil, func(r store.Reader) error {
		all, err := r.GroupsByExternalID("acme-google", id)
		if err != nil || len(all) == 0 {
			return err
		}
		found, name = true, all[0].DisplayName
		var of []directory.Member
		err = r.Members(all[0].ID, directory.ID{}, func(m directory.Membership) error { of = append(of, m.Member); return nil })
		for _, m := range of {
			if m.Kind == directory.UserKind {
				u, err := r.User(m.ID)
				if err != nil {
					return err
				}
				members = append(members, u.ExternalID)
				continue
			}
			g, err := r.Group(m.ID)
			if err != nil {
				return err
			}
			members = append(members, g.ExternalID)
		}
		return err
	}))
	slices.Sort(members)
	return found, name, members
}

// is checks the state of one of Google's users.
func (b *bench) is(id, want string) {
	b.T.Helper()
	u := b.user(id)
	got := "unknown"
	switch {
	case u != nil && u.Gone():
		got = "gone"
	case u != nil:
		got = u.State.String()
	}
	if got != want {
		b.T.Errorf("user %s is %s, want %s", id, got, want)
	}
}

func (b *bench) health() bridge.Health {
	b.T.Helper()
	all, err := b.Connections(b.T.Context(), b.Op, "acme")
	b.OK(err)
	for _, c := range all {
		if c.Connection.ID == "acme-google" {
			return c.Health
		}
	}
	b.T.Fatal("no connection")
	return bridge.Health{}
}

func (b *bench) fill(n int) []string {
	var out []string
	for i := range n {
		out = append(out, b.account.Add(fmt.Sprintf("user%05d@acme.example", i), "User", fmt.Sprint(i), nil))
	}
	return out
}

func contains(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q does not say %q", text, w)
		}
	}
}
