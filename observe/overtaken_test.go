package observe_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
	"drawbridge/observe"
	"drawbridge/store/storetest"
)

// leases are those of a store that several processes share.
type leases struct {
	mu   sync.Mutex
	held map[string]string // holder by name
}

type leaseOf struct {
	all *leases
	me  string
}

func (l leaseOf) Begin(_ context.Context, name string) (end func(), err error) {
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	if l.all.held[name] != "" {
		return nil, &directory.Error{Code: directory.Conflict, Message: "it is running on " + l.all.held[name]}
	}
	l.all.held[name] = l.me
	return func() {
		l.all.mu.Lock()
		defer l.all.mu.Unlock()
		if l.all.held[name] == l.me {
			delete(l.all.held, name)
		}
	}, nil
}

// expire ends all leases, as time does if their holders stand still.
func (l *leases) expire() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.held)
}

// value is what the identity provider stated last about a person.
type value struct {
	title  string
	active bool
}

// race are two servers on one database, and what the identity provider was told that it has written.
type race struct {
	*kit
	rt     *rapid.T
	people map[string]directory.ID
	tenant map[string]value                        // acknowledged by the tenant
	copied map[directory.TenantID]map[string]value // acknowledged by a copy
	copy   directory.TenantID                      // that of the connection; "": not observed
	line   uint64                                  // the last audit line that was read
	writes int
}

// TestConcurrentServersChangeOneObservation pauses one server at any commit of a start, a promotion, a drop or a job, until its lease is
// over. Another server then starts, promotes and drops the same observation, and serves the identity provider; it can be paused, too, while
// the first one continues. When all have ended, the company has every write that the identity provider was answered, once the copy with
// that write is promoted. Nothing of a dropped copy is there, and the job completes what was interrupted.
func TestConcurrentServersChangeOneObservation(t *testing.T) {
	t.Parallel()
	one, both := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		r := newRace(t, rt)
		locks := &leases{held: map[string]string{}}
		life := &storetest.Life{}
		first := r.processOf(life, "first", leaseOf{locks, "first"})
		slow := &storetest.Life{}
		second := r.processOf(slow, "second", leaseOf{locks, "second"})
		third := r.processOf(&storetest.Life{}, "third", leaseOf{locks, "third"})
		if rapid.IntRange(0, 3).Draw(rt, "observed") > 0 {
			r.act(first, "start")
			for range rapid.IntRange(0, 4).Draw(rt, "writes before") {
				r.act(first, "write")
			}
		}
		stood, resume := r.slowly(first, life)
		if stood {
			one++
		}
		if rapid.IntRange(0, 4).Draw(rt, "lease is over") > 0 {
			locks.expire()
		}
		for range rapid.IntRange(0, 4).Draw(rt, "actions of the second") {
			r.act(second, rapid.SampledFrom([]string{"start", "promote", "promote", "drop", "job", "write", "write"}).Draw(rt, "second"))
		}
		resumeSecond := func() {}
		if rapid.Bool().Draw(rt, "the second is slow") {
			var also bool
			if also, resumeSecond = r.slowly(second, slow); stood && also {
				both++
			}
			locks.expire()
		}
		resume()
		for range rapid.IntRange(0, 2).Draw(rt, "writes between") {
			r.act(third, "write")
		}
		resumeSecond()
		r.settle(third)
	})
	t.Logf("one server stood still in %d runs, two in %d", one, both)
}

// slowly does something on a server that stands still at one of its commits. resume lets it end.
func (r *race) slowly(o *observe.Service, life *storetest.Life) (stood bool, resume func()) {
	verbs := []string{"start"}
	if r.copy != "" {
		verbs = []string{"promote", "promote", "promote", "drop", "job", "start"}
	}
	verb := rapid.SampledFrom(verbs).Draw(r.rt, "slow")
	digest := r.digest()
	begun, goOn := life.StandStillAt(storetest.End{Commit: rapid.IntRange(0, 6).Draw(r.rt, "commit"), After: rapid.Bool().Draw(r.rt, "after")})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.do(o, verb, digest)
	}()
	select {
	case <-begun:
		stood = true
	case <-ended:
	}
	r.note()
	return stood, func() {
		goOn()
		<-ended
		r.note()
	}
}

func newRace(t *testing.T, rt *rapid.T) *race {
	t.Helper()
	k := start(t)
	r := &race{kit: k, rt: rt, people: map[string]directory.ID{}, tenant: map[string]value{}, copied: map[directory.TenantID]map[string]value{}}
	entra := k.NewIdP(k.tenant, "acme-entra", func(d *bridge.ConnectionDraft) { d.Type = directory.Entra })
	for name, p := range map[string]directory.Principal{"ada@acme.test": k.okta, "bob@acme.test": k.okta, "eve@acme.test": entra} {
		r.people[name] = k.NewUser(p, bridgetest.Person{Name: name, Title: "first", Active: new(true)}).User.ID
		r.tenant[name] = value{"first", true}
	}
	r.note()
	return r
}

func (r *race) digest() string {
	d, err := r.observe.Difference(r.T.Context(), r.Op, "acme-okta")
	if err != nil {
		return ""
	}
	return d.Digest
}

// act does something on a server, and notes what became of the observation.
func (r *race) act(o *observe.Service, verb string) {
	if verb == "write" {
		r.write(o)
	} else {
		r.do(o, verb, r.digest())
	}
	r.note()
}

// do is called by two servers at once. An error is an answer like another one, because they may be in each other's way.
func (r *race) do(o *observe.Service, verb, digest string) {
	ctx := r.T.Context()
	switch verb {
	case "start":
		_, _ = o.Start(ctx, r.Op, "acme-okta", observe.Options{TakeOver: "acme-entra"})
	case "promote":
		_, _ = o.Promote(ctx, r.Op, "acme-okta", digest, time.Hour)
	case "drop":
		_, _ = o.Drop(ctx, r.Op, "acme-okta")
	case "job":
		_, _ = o.Continue(ctx, directory.JobPrincipal("observe"), directory.RunApply)
	}
	r.Clock.Advance(time.Millisecond) // the names of copies differ
}

// write writes as the identity provider, through a server.
func (r *race) write(o *observe.Service) {
	ctx := r.T.Context()
	p := r.okta
	var err error
	if p.Connection, err = r.Store.Connection(ctx, "acme-okta"); err != nil {
		r.rt.Fatal(err)
	}
	b, there, err := o.Serve(ctx, p)
	if err != nil {
		return
	}
	r.writes++
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(r.people))).Draw(r.rt, "whom")
	v := value{fmt.Sprint("write ", r.writes), rapid.Bool().Draw(r.rt, "active")}
	if _, err := b.EditUser(ctx, there, r.people[name], directory.Precondition{}, bridgetest.Person{Name: name, Title: v.title, Active: &v.active}.Draft); err != nil {
		return
	}
	if there.Tenant == r.kit.tenant {
		r.tenant[name] = v
		return
	}
	if r.copied[there.Tenant] == nil {
		r.copied[there.Tenant] = map[string]value{}
	}
	r.copied[there.Tenant][name] = v
}

// note reads the audit trail since the last call: what was promoted counts for the tenant from now on.
func (r *race) note() {
	lines, _, err := r.AuditLines(r.T.Context(), r.Op, r.kit.tenant, r.line, 1000)
	if err != nil {
		r.rt.Fatal(err)
	}
	for _, line := range lines {
		r.line = line.Seq
		switch line.Action {
		case directory.ActionConnectionPromoted:
			maps.Copy(r.tenant, r.copied[r.copy])
			r.copy = ""
		case directory.ActionConnectionObserveDrop, directory.ActionConnectionObserveUndo:
			r.copy = ""
		}
	}
	c, err := r.Store.Connection(r.T.Context(), "acme-okta")
	if err != nil {
		r.rt.Fatal(err)
	}
	if c.Observing != nil {
		r.copy = c.Observing.Copy
	}
}

// there reports whether there is a copy.
func (r *race) there(id directory.TenantID) bool {
	all, err := r.copies.Store.Tenants(r.T.Context())
	if err != nil {
		r.rt.Fatal(err)
	}
	return slices.ContainsFunc(all, func(c directory.Tenant) bool { return c.ID == id && c.Status == directory.TenantActive })
}

// settle lets the job complete what stopped, promotes what is observed, and compares the company with what the identity provider was told.
func (r *race) settle(o *observe.Service) {
	ctx := r.T.Context()
	if _, err := o.Continue(ctx, directory.JobPrincipal("observe"), directory.RunApply); err != nil {
		r.rt.Fatalf("the job: %v", err)
	}
	r.note()
	if c, err := r.Store.Connection(ctx, "acme-okta"); err == nil && c.Observing != nil && !r.there(c.Observing.Copy) {
		r.act(o, "start") // the job does not make a copy, because a lost one looks like one that was never made
	}
	r.act(o, "write")
	if r.copy != "" {
		d, err := o.Difference(ctx, r.Op, "acme-okta")
		if err != nil || !d.Ready {
			r.rt.Fatalf("after the job the copy is ready: %t, %v", d.Ready, err)
		}
		out, err := o.Promote(ctx, r.Op, "acme-okta", d.Digest, time.Hour)
		if err != nil || !out.Done {
			r.rt.Fatalf("the promotion: %+v, %v", out, err)
		}
		r.note()
	}
	before := r.writes
	if r.act(o, "write"); r.writes == before {
		r.rt.Fatal("in the end the identity provider is not served")
	}
	for name, want := range r.tenant {
		got, err := r.User(ctx, r.operator(), r.people[name])
		if err != nil {
			r.rt.Fatal(err)
		}
		title, _ := got.User.Document.Value("title").(string)
		if is := (value{title, got.User.State == directory.Active}); is != want {
			r.rt.Errorf("%s is %+v, and the identity provider was told %+v", name, is, want)
		}
	}
	if _, err := o.Continue(ctx, directory.JobPrincipal("observe"), directory.RunApply); err != nil {
		r.rt.Fatalf("the job: %v", err)
	}
	all, err := r.copies.Store.Tenants(ctx)
	if err != nil {
		r.rt.Fatal(err)
	}
	for _, c := range all {
		if c.Status != directory.TenantGone {
			r.rt.Errorf("the copy %s is still there", c.ID)
		}
	}
}

// TestJobOpensAClosedCopy kills a promotion after it has closed the copy, and before it is known as a promotion.
func TestJobOpensAClosedCopy(t *testing.T) {
	t.Parallel()
	k := start(t)
	b, idp := k.begin(observe.Options{})
	_, err := b.CreateUser(t.Context(), idp, bridgetest.Person{Name: "bob@acme.test"}.Draft)
	k.OK(err)
	life := &storetest.Life{}
	life.EndAt(storetest.End{Commit: 1, After: true}) // 0 is the claim
	_, err = k.process(life).Promote(t.Context(), k.Op, "acme-okta", k.difference().Digest, time.Hour)
	k.Fails(err, directory.Unavailable, "")
	if k.difference().Ready {
		t.Fatal("the copy was not closed")
	}
	done, err := k.observe.Continue(t.Context(), directory.JobPrincipal("observe"), directory.RunApply)
	k.OK(err)
	if d := k.difference(); len(done) != 1 || !d.Ready || !slices.Equal(effects(d), []string{"create bob@acme.test"}) {
		t.Errorf("the job did %q; the copy is ready: %t, and has %q", done, d.Ready, effects(d))
	}
	_, there := k.serve()
	if there.Tenant != idp.Tenant {
		t.Errorf("the identity provider writes to %s", there.Tenant)
	}
}

// TestLostCopyOfAPromotionIsDropped loses the copy in the middle of a promotion, as the restore of a backup does.
func TestLostCopyOfAPromotionIsDropped(t *testing.T) {
	t.Parallel()
	k := start(t)
	b, idp := k.begin(observe.Options{})
	_, err := b.CreateUser(t.Context(), idp, bridgetest.Person{Name: "bob@acme.test"}.Draft)
	k.OK(err)
	digest := k.difference().Digest
	_, err = k.observe.Promote(t.Context(), k.Op, "acme-okta", digest, -1)
	k.OK(err)
	restored := bridgetest.Start(t, func(c *bridgetest.Config) { c.Now, c.NewID = k.Clock.Now, k.Clock.NewID })
	k.copies = restored
	o := k.process(&storetest.Life{})
	_, err = o.Promote(t.Context(), k.Op, "acme-okta", digest, time.Hour)
	k.Fails(err, directory.Conflict, "C9")
	_, err = o.Continue(t.Context(), directory.JobPrincipal("observe"), directory.RunApply)
	k.Fails(err, directory.Conflict, "C9")
	c, err := o.Drop(t.Context(), k.Op, "acme-okta")
	k.OK(err)
	if c.Observing != nil {
		t.Error("the connection is still observed")
	}
}
