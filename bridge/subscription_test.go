package bridge_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
	"drawbridge/store"
)

// told gives to whom mails went, each address with what it was told.
func told(p *postman) string {
	var out []string
	for _, m := range p.sent {
		if m.Kind == directory.NoticeMail {
			out = append(out, strings.TrimSuffix(m.To, "@msp.example")+": "+texts(m))
		}
	}
	p.sent = nil
	return strings.Join(out, "; ")
}

func (k *kit) notify() {
	k.t.Helper()
	k.ok(k.Notify(bg))
	k.post()
}

func TestSubscriptionsGoWithTheRole(t *testing.T) {
	p := &postman{}
	k := mailed(t, p)
	acme, beta := k.tenant("acme", 0), k.tenant("beta", 0)
	okta := k.idp(acme, "acme-okta")
	ann, bob := k.create(okta, person{name: "ann"}).User, k.create(okta, person{name: "bob"}).User
	owner := k.hire("owner@msp.example", directory.RoleOwner, acme)
	k.hire("far@msp.example", directory.RoleOwner, beta) // acme is not in the scope
	tech := k.hire("tech@msp.example", directory.RoleTechnician, acme)
	desk := k.hire("desk@msp.example", directory.RoleHelpDesk, acme)
	k.notify()
	told(p)
	k.clock.Advance(10 * time.Minute)
	k.ok(k.JoinBuiltIn(bg, k.op, acme, directory.Owners, ann.ID))
	k.notify()
	if got := told(p); got != "owner: protected_group.changed" {
		t.Errorf("told %s", got)
	}
	// The technician wants to know, too, and of refusals once a day; the help desk may not read what happens.
	set := func(id directory.ID, s directory.Subscription) error {
		_, err := k.SetSubscription(bg, k.op, id, directory.Precondition{}, &s)
		return err
	}
	k.ok(set(tech.ID, directory.Subscription{Kinds: []string{"alert", "user.*", "alert"}, Tenants: []directory.TenantID{acme}, Daily: true}))
	k.denied(set(desk.ID, directory.Subscription{Kinds: []string{"alert"}}), directory.Invalid, "O2")
	k.denied(set(tech.ID, directory.Subscription{Kinds: []string{"alerts"}}), directory.Invalid, "O2")
	k.denied(set(tech.ID, directory.Subscription{Kinds: []string{"alert"}, Tenants: []directory.TenantID{beta}}), directory.Invalid, "O2")
	k.denied(set(tech.ID, directory.Subscription{Kinds: []string{"alert"}, Tenants: []directory.TenantID{""}}), directory.Invalid, "O2")
	k.clock.Advance(10 * time.Minute)
	k.edit(okta, bob.ID, title("Boss"))
	k.ok(k.JoinBuiltIn(bg, k.op, acme, directory.Administrators, bob.ID))
	k.notify()
	if got := told(p); got != "owner: protected_group.changed; tech: protected_group.changed" {
		t.Errorf("told %s", got)
	}
	k.clock.Advance(23 * time.Hour)
	k.edit(okta, bob.ID, title("Chief"))
	k.notify()
	if got := told(p); got != "" {
		t.Errorf("told before the day was over: %s", got)
	}
	k.clock.Advance(time.Hour)
	k.notify()
	if got := told(p); got != "tech: user.updated user.updated" {
		t.Errorf("told %s", got)
	}
	_, err := k.SuspendOperator(bg, k.op, desk.ID, "")
	k.ok(err)
	k.denied(set(desk.ID, directory.Subscription{}), directory.Conflict, "O7")
	// One's own is one's own to choose; the Owner wants silence.
	session, _ := k.signIn("owner@msp.example", "")
	v, err := k.SetSubscription(bg, session, owner.ID, directory.Precondition{}, &directory.Subscription{})
	k.ok(err)
	if !v.Own || v.Told {
		t.Errorf("%+v", v)
	}
	techSession, _ := k.signIn("tech@msp.example", "")
	_, err = k.SetSubscription(bg, techSession, owner.ID, directory.Precondition{}, nil)
	k.denied(err, directory.Forbidden, "O1")
	k.ok(k.LeaveBuiltIn(bg, k.op, acme, directory.Administrators, bob.ID))
	k.notify()
	if got := told(p); got != "tech: protected_group.changed" {
		t.Errorf("told %s", got)
	}
	line := func() directory.Audit { all := k.audit(directory.Provider); return all[len(all)-1] }
	_, err = k.SetSubscription(bg, session, owner.ID, directory.Precondition{}, nil)
	k.ok(err)
	if l := line(); l.Action != "operator.subscription" || l.Actor.ID != owner.ID.String() {
		t.Errorf("%+v", l)
	}
}

// What a mail says is asked again when it goes out: a scope that was lost, a suspension, a factor that is required.
func TestNobodyIsToldWhatTheyMayNotRead(t *testing.T) {
	for name, lose := range map[string]func(*kit, directory.ID){
		"suspended": func(k *kit, id directory.ID) { _, err := k.SuspendOperator(bg, k.op, id, ""); k.ok(err) },
		"scope": func(k *kit, id directory.ID) {
			_, err := k.EditOperator(bg, k.op, id, directory.Precondition{}, func(o directory.Operator) (directory.Operator, error) {
				o.Scope = directory.Scope{}
				return o, nil
			})
			k.ok(err)
		},
		"role": func(k *kit, id directory.ID) {
			_, err := k.EditOperator(bg, k.op, id, directory.Precondition{}, func(o directory.Operator) (directory.Operator, error) {
				o.Role = directory.RoleHelpDesk
				return o, nil
			})
			k.ok(err)
		},
		"factor": func(k *kit, _ directory.ID) {
			_, err := k.RequireMFA(bg, k.op, directory.Precondition{}, true)
			k.ok(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := &postman{fail: away}
			k := mailed(t, p)
			acme := k.tenant("acme", 0)
			okta := k.idp(acme, "acme-okta")
			ann := k.create(okta, person{name: "ann"}).User
			o := k.hire("tech@msp.example", directory.RoleTechnician, acme)
			_, err := k.SetSubscription(bg, k.op, o.ID, directory.Precondition{}, &directory.Subscription{Kinds: []string{"protected_group.changed"}, Tenants: []directory.TenantID{acme}})
			k.ok(err)
			k.ok(k.JoinBuiltIn(bg, k.op, acme, directory.Owners, ann.ID))
			k.notify() // the server is away, so the mail waits
			if waiting, err := k.Mails(bg, k.op); err != nil || len(waiting) != 1 {
				t.Fatalf("%d mails wait, %v", len(waiting), err)
			}
			p.fail = nil
			lose(k, o.ID)
			k.clock.Advance(time.Hour)
			k.ok(k.JoinBuiltIn(bg, k.op, acme, directory.Administrators, ann.ID))
			k.notify()
			if got := told(p); got != "" {
				t.Errorf("told %s", got)
			}
			if waiting, err := k.Mails(bg, k.op); err != nil || len(waiting) != 0 {
				t.Errorf("%d mails wait, %v", len(waiting), err)
			}
			v, err := k.Subscription(bg, k.op, o.ID)
			k.ok(err)
			if v.Told || name == "suspended" && v.Own || name == "scope" && len(v.Subscription.Kinds) != 0 {
				t.Errorf("%+v", v)
			}
		})
	}
}

// Ten thousand events that are told at once are a handful of mails.
func TestAStormIsAHandfulOfMails(t *testing.T) {
	p := &postman{}
	k := mailed(t, p, func(c *bridgetest.Config) {
		c.Recipients = []directory.Recipient{{Address: "ops@example.test", Kinds: []string{"tenant.entered"}}}
	})
	acme := k.tenant("acme", 0)
	o := k.hire("ada@msp.example", directory.RoleOwner, acme)
	_, err := k.SetSubscription(bg, k.op, o.ID, directory.Precondition{}, &directory.Subscription{Kinds: []string{"tenant.entered"}})
	k.ok(err)
	const storm = 10_000
	for i := range storm / 100 {
		k.ok(k.flood(acme, 100))
		k.clock.Advance(6 * time.Second) // ten minutes in all
		if i%2 == 0 {
			k.notify()
		}
	}
	k.clock.Advance(time.Hour)
	k.notify()
	if n := len(p.sent); n < 2 || n > 10 {
		t.Errorf("%d mails about %d events to two recipients", n, storm)
	}
	counted := map[string]int{}
	for _, m := range p.sent {
		a, _ := m.Data.Attributes()
		more, _ := a.Get("more")
		n := 0
		if _, err := fmt.Sscan(fmt.Sprint(more), &n); err != nil {
			t.Fatal(err)
		}
		counted[m.To] += n + len(strings.Fields(texts(m)))
	}
	for _, to := range []string{"ops@example.test", "ada@msp.example"} {
		if counted[to] != storm {
			t.Errorf("%s was told of %d events", to, counted[to])
		}
	}
}

// flood writes events that somebody is told of at once.
func (k *kit) flood(tenant directory.TenantID, n int) error {
	return k.store.Update(bg, tenant, nil, func(store.Reader) (directory.Change, error) {
		c := directory.Change{Audit: []directory.Audit{{Time: k.clock.Now(), Tenant: tenant, Actor: k.op.Actor, Action: "test.flood", Outcome: directory.Done}}}
		for range n {
			c.Events = append(c.Events, directory.Event{Time: k.clock.Now(), Tenant: tenant, Kind: directory.TenantEntered, Actor: k.op.Actor})
		}
		return c, nil
	})
}
