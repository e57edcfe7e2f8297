package observe_test

import (
	"slices"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
	"drawbridge/observe"
	"drawbridge/store/storetest"
)

// duel are two servers on one database. The first one stands still at a commit until its lease is over, and the second one works meanwhile.
type duel struct {
	*kit
	locks         *leases
	life          *storetest.Life
	first, second *observe.Service
	ada           directory.ID // managed by acme-entra
	bob           directory.ID // managed by acme-okta, whose observation it is about
}

func newDuel(t *testing.T) *duel {
	t.Helper()
	d := &duel{kit: start(t), locks: &leases{held: map[string]string{}}, life: &storetest.Life{}}
	entra := d.NewIdP(d.tenant, "acme-entra", func(c *bridge.ConnectionDraft) { c.Type = directory.Entra })
	d.ada = d.NewUser(entra, bridgetest.Person{Name: "ada@acme.test", Active: new(true)}).User.ID
	d.bob = d.NewUser(d.okta, bridgetest.Person{Name: "bob@acme.test", Active: new(true)}).User.ID
	d.first = d.processOf(d.life, "first", leaseOf{d.locks, "first"})
	d.second = d.processOf(&storetest.Life{}, "second", leaseOf{d.locks, "second"})
	return d
}

// overtaken runs one call of the first server, which stands still at a commit while the second one does something. stood is false if the
// call had no such commit.
func (d *duel) overtaken(at storetest.End, call func(*observe.Service) error, meanwhile func()) (err error, stood bool) { //nolint:revive // the error is the result, and stood says whether there is one
	begun, resume := d.life.StandStillAt(at)
	ended := make(chan error, 1)
	go func() { ended <- call(d.first) }()
	select {
	case <-begun:
	case err := <-ended:
		return err, false
	}
	d.locks.expire()
	meanwhile()
	resume()
	return <-ended, true
}

// write writes a title as the identity provider, by a server. It gives where it was written; "" if the provider has to wait.
func (d *duel) write(o *observe.Service, id directory.ID, name, title string) directory.TenantID {
	d.T.Helper()
	p := d.okta
	var err error
	p.Connection, err = d.Store.Connection(d.T.Context(), "acme-okta")
	d.OK(err)
	b, there, err := o.Serve(d.T.Context(), p)
	if err != nil {
		return ""
	}
	if _, err := b.EditUser(d.T.Context(), there, id, directory.Precondition{}, bridgetest.Person{Name: name, Title: title}.Draft); err != nil {
		return ""
	}
	return there.Tenant
}

// observing gives the observation as it is stored; nil: there is none.
func (d *duel) observing() *directory.Observation {
	d.T.Helper()
	c, err := d.Store.Connection(d.T.Context(), "acme-okta")
	d.OK(err)
	return c.Observing
}

func (d *duel) startBy(o *observe.Service) error {
	_, err := o.Start(d.T.Context(), d.Op, "acme-okta", observe.Options{TakeOver: "acme-entra"})
	return err
}

func (d *duel) digest(o *observe.Service) string {
	d.T.Helper()
	out, err := o.Difference(d.T.Context(), d.Op, "acme-okta")
	d.OK(err)
	return out.Digest
}

// managed gives which connection manages ada in a copy, and her title there.
func (d *duel) managed(copyOf directory.TenantID) (by directory.ConnectionID, title string) {
	d.T.Helper()
	p := d.Op
	p.Tenant = copyOf
	got, err := d.copies.User(d.T.Context(), p, d.ada)
	d.OK(err)
	title, _ = got.User.Document.Value("title").(string)
	return got.User.Connection, title
}

// everyCommit calls test for each commit of a call, before and after it, until the call has no more.
func everyCommit(t *testing.T, test func(t *testing.T, at storetest.End) (stood bool)) {
	t.Helper()
	stood := 0
	for commit := 0; ; commit++ {
		more := false
		for _, after := range []bool{false, true} {
			if test(t, storetest.End{Commit: commit, After: after}) {
				more = true
				stood++
			}
		}
		if !more {
			break
		}
	}
	if stood < 2 {
		t.Fatalf("the call stood still at %d places", stood)
	}
}

// TestStartThatIsOvertakenChangesNothing completes the observation that another server has begun, and lets the identity provider adopt a
// user in the copy. When the other server goes on, the observation, the copy and the write are as they were.
func TestStartThatIsOvertakenChangesNothing(t *testing.T) {
	t.Parallel()
	everyCommit(t, func(t *testing.T, at storetest.End) bool {
		t.Helper()
		d := newDuel(t)
		var wrote directory.TenantID
		var before directory.Observation
		_, stood := d.overtaken(at, d.startBy, func() {
			d.Clock.Advance(time.Second)
			_ = d.startBy(d.second) // refused if it is begun and complete already
			if wrote = d.write(d.second, d.ada, "ada@acme.test", "by okta"); d.observing() != nil {
				before = *d.observing()
			}
		})
		if !stood {
			return false
		}
		if wrote == "" || wrote == d.tenant {
			t.Errorf("%+v: the second server did not complete the copy: the identity provider writes to %q", at, wrote)
			return true
		}
		is := d.observing()
		if is == nil || is.Copy != before.Copy || is.Holder != before.Holder {
			t.Errorf("%+v: the observation is %+v, and was %+v", at, is, before)
			return stood
		}
		if by, title := d.managed(is.Copy); by != "acme-okta" || title != "by okta" {
			t.Errorf("%+v: in the copy %q manages ada, whose title is %q", at, by, title)
		}
		if d.write(d.second, d.bob, "bob@acme.test", "later") != is.Copy {
			t.Errorf("%+v: the identity provider is not served from the copy", at)
		}
		return stood
	})
}

// TestDropThatIsOvertakenChangesNothing drops an observation on one server, while another one promotes a part of it, or ends it and begins
// another one.
func TestDropThatIsOvertakenChangesNothing(t *testing.T) {
	t.Parallel()
	drop := func(d *duel) func(*observe.Service) error {
		return func(o *observe.Service) error {
			_, err := o.Drop(d.T.Context(), d.Op, "acme-okta")
			return err
		}
	}
	for name, starter := range map[string]func(*duel) *observe.Service{
		"the holder drops": func(d *duel) *observe.Service { return d.first }, "another one drops": func(d *duel) *observe.Service { return d.second },
	} {
		t.Run(name+" what is promoted", func(t *testing.T) {
			t.Parallel()
			everyCommit(t, func(t *testing.T, at storetest.End) bool {
				t.Helper()
				d := newDuel(t)
				d.OK(d.startBy(starter(d)))
				d.write(d.second, d.bob, "bob@acme.test", "observed")
				promoting := false
				err, stood := d.overtaken(at, drop(d), func() {
					if d.observing() != nil {
						_, failed := d.second.Promote(t.Context(), d.Op, "acme-okta", d.digest(d.second), -1)
						d.OK(failed)
						promoting = true
					}
				})
				if is := d.observing(); promoting && (err == nil || is == nil || is.Promoting == nil) {
					t.Errorf("%+v: the observation that is being promoted was dropped: %+v, %v", at, is, err)
				}
				return stood
			})
		})
		t.Run(name+" what has ended", func(t *testing.T) {
			t.Parallel()
			everyCommit(t, func(t *testing.T, at storetest.End) bool {
				t.Helper()
				d := newDuel(t)
				d.OK(d.startBy(starter(d)))
				var wrote directory.TenantID
				err, stood := d.overtaken(at, drop(d), func() {
					_, _ = d.second.Drop(t.Context(), d.Op, "acme-okta") // unless that is done
					d.Clock.Advance(time.Second)
					d.OK(d.startBy(d.second))
					wrote = d.write(d.second, d.ada, "ada@acme.test", "by okta")
				})
				if !stood {
					return false
				}
				is := d.observing()
				if is == nil || is.Copy != wrote {
					t.Errorf("%+v: the next observation was dropped: %+v, %v", at, is, err)
				} else if by, _ := d.managed(is.Copy); by != "acme-okta" {
					t.Errorf("%+v: the next copy has lost a write", at)
				}
				return stood
			})
		})
	}
}

// TestPromotionThatIsOvertakenDoesNotOpenTheCopy promotes with the digest of another difference, which closes the copy and opens it again.
// Meanwhile another server begins the promotion. A request of the identity provider that is under way must not reach the copy any more: it
// would be answered, and its write would not be promoted.
func TestPromotionThatIsOvertakenDoesNotOpenTheCopy(t *testing.T) {
	t.Parallel()
	everyCommit(t, func(t *testing.T, at storetest.End) bool {
		t.Helper()
		d := newDuel(t)
		d.OK(d.startBy(d.first))
		d.write(d.first, d.bob, "bob@acme.test", "observed")
		b, there := d.serve()
		digest := d.digest(d.second)
		_, stood := d.overtaken(at, func(o *observe.Service) error {
			_, err := o.Promote(t.Context(), d.Op, "acme-okta", "another digest", time.Hour)
			return err
		}, func() {
			_, err := d.second.Promote(t.Context(), d.Op, "acme-okta", digest, -1)
			d.OK(err)
		})
		if !stood {
			return false
		}
		_, err := b.EditUser(t.Context(), there, d.bob, directory.Precondition{}, bridgetest.Person{Name: "bob@acme.test", Title: "late"}.Draft)
		if directory.CodeOf(err) != directory.Unavailable {
			t.Errorf("%+v: a late write to the copy that is being promoted gave %v", at, err)
		}
		return stood
	})
}

// TestPromotionThatIsOvertakenWritesNothing ends a promotion on another server, after which the identity provider writes to the tenant. When
// the first server goes on, that write stays.
func TestPromotionThatIsOvertakenWritesNothing(t *testing.T) {
	t.Parallel()
	everyCommit(t, func(t *testing.T, at storetest.End) bool {
		t.Helper()
		d := newDuel(t)
		d.OK(d.startBy(d.first))
		d.write(d.first, d.bob, "bob@acme.test", "observed")
		d.write(d.first, d.ada, "ada@acme.test", "observed")
		digest := d.digest(d.first)
		_, stood := d.overtaken(at, func(o *observe.Service) error {
			_, err := o.Promote(t.Context(), d.Op, "acme-okta", digest, time.Hour)
			return err
		}, func() {
			if d.observing() != nil {
				done, err := d.second.Promote(t.Context(), d.Op, "acme-okta", digest, time.Hour)
				if d.OK(err); !done.Done {
					t.Fatalf("%+v: the second server did not end the promotion: %+v", at, done)
				}
			}
			for id, name := range map[directory.ID]string{d.bob: "bob@acme.test", d.ada: "ada@acme.test"} {
				if d.write(d.second, id, name, "after") != d.tenant {
					t.Errorf("%+v: the identity provider is not served after the promotion", at)
				}
			}
		})
		for _, id := range []directory.ID{d.bob, d.ada} {
			got, err := d.User(t.Context(), d.operator(), id)
			d.OK(err)
			if title, _ := got.User.Document.Value("title").(string); stood && title != "after" {
				t.Errorf("%+v: the title is %q", at, title)
			}
		}
		return stood
	})
}

// TestJobDoesNotOpenACopyThatIsPromoted lets the job find a copy that a promotion has just closed. Before the job goes on, the promotion is
// known as one.
func TestJobDoesNotOpenACopyThatIsPromoted(t *testing.T) {
	t.Parallel()
	d := newDuel(t)
	slow := &storetest.Life{}
	third := d.processOf(slow, "third", leaseOf{d.locks, "third"})
	d.OK(d.startBy(d.first))
	d.write(d.first, d.bob, "bob@acme.test", "observed")
	b, there := d.serve()
	digest := d.digest(d.first)
	ended := make(chan error, 1)
	resume := func() {}
	err, stood := d.overtaken(storetest.End{After: true}, func(o *observe.Service) error { // it has closed the copy
		_, err := o.Promote(t.Context(), d.Op, "acme-okta", digest, -1)
		return err
	}, func() {
		var begun <-chan struct{}
		begun, resume = slow.StandStillAt(storetest.End{})
		go func() {
			_, err := third.Continue(t.Context(), directory.JobPrincipal("observe"), directory.RunApply)
			ended <- err
		}()
		<-begun
	})
	if d.OK(err); !stood || d.observing().Promoting == nil {
		t.Fatalf("the promotion did not begin: %+v", d.observing())
	}
	resume()
	d.OK(<-ended)
	_, err = b.EditUser(t.Context(), there, d.bob, directory.Precondition{}, bridgetest.Person{Name: "bob@acme.test", Title: "late"}.Draft)
	d.Fails(err, directory.Unavailable, "L4")
}

// TestContinuedPromotionClosesTheCopy continues a promotion whose copy is open, as after a commit of which the server did not learn that it
// succeeded: it opened the copy again.
func TestContinuedPromotionClosesTheCopy(t *testing.T) {
	t.Parallel()
	for name, goOn := range map[string]func(*duel) error{
		"a call": func(d *duel) error {
			_, err := d.first.Promote(d.T.Context(), d.Op, "acme-okta", "", time.Hour)
			return err
		},
		"the job": func(d *duel) error {
			_, err := d.first.Continue(d.T.Context(), directory.JobPrincipal("observe"), directory.RunApply)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDuel(t)
			d.OK(d.startBy(d.second))
			d.write(d.second, d.bob, "bob@acme.test", "observed")
			b, there := d.serve()
			_, err := d.second.Promote(t.Context(), d.Op, "acme-okta", d.digest(d.second), -1)
			d.OK(err)
			_, err = d.copies.EditConnection(t.Context(), d.Op, "acme-okta", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
				c.Paused = false
				return c, nil
			})
			d.OK(err)
			closed := false
			// 0 is the claim, 1 closes the copy, and 2 is the first write to the tenant.
			failed, stood := d.overtaken(storetest.End{Commit: 2}, func(*observe.Service) error { return goOn(d) }, func() {
				_, err := b.EditUser(t.Context(), there, d.bob, directory.Precondition{}, bridgetest.Person{Name: "bob@acme.test", Title: "late"}.Draft)
				closed = directory.CodeOf(err) == directory.Unavailable
			})
			if d.OK(failed); !stood || !closed {
				t.Errorf("it stood still: %t, and the copy was closed: %t", stood, closed)
			}
		})
	}
}

// TestOneCallAtATimeChangesAnObservation calls a second time while a call is under way, in the same process and in another one.
func TestOneCallAtATimeChangesAnObservation(t *testing.T) {
	t.Parallel()
	d := newDuel(t)
	begun, resume := d.life.StandStillAt(storetest.End{Commit: 0})
	ended := make(chan error, 1)
	go func() { ended <- d.startBy(d.first) }()
	<-begun
	for _, o := range []*observe.Service{d.first, d.second} {
		d.Fails(d.startBy(o), directory.Conflict, "C9")
		_, err := o.Drop(t.Context(), d.Op, "acme-okta")
		d.Fails(err, directory.Conflict, "C9")
		_, err = o.Promote(t.Context(), d.Op, "acme-okta", "x", time.Hour)
		d.Fails(err, directory.Conflict, "C9")
	}
	d.locks.expire() // so that only the process itself knows of its call
	d.Fails(d.startBy(d.first), directory.Conflict, "C9")
	resume()
	d.OK(<-ended)
	if all, err := d.copies.Store.Tenants(t.Context()); err != nil || len(slices.DeleteFunc(all, func(c directory.Tenant) bool { return c.Status == directory.TenantGone })) != 1 {
		t.Errorf("there are %d copies, %v", len(all), err)
	}
}
