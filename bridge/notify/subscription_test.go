package notify_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/operators"
	"drawbridge/directory"
	"drawbridge/store"
)

// told lists the recipients of mails, each address with the events in its mails.
func told(p *bridgetest.Postman) string {
	var out []string
	for _, m := range p.Sent {
		if m.Kind == directory.NoticeMail {
			out = append(out, strings.TrimSuffix(m.To, "@msp.example")+": "+bridgetest.Notices(m))
		}
	}
	p.Sent = nil
	return strings.Join(out, "; ")
}

func (k *kit) notify() {
	k.T.Helper()
	k.OK(k.Notify(bg))
	k.SendMails()
}

func TestSubscriptionsEndWithTheRole(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Mailed(p))
	acme, beta := k.NewTenant("acme", 0), k.NewTenant("beta", 0)
	okta := k.NewIdP(acme, "acme-okta")
	ann, bob := k.NewUser(okta, bridgetest.Person{Name: "ann"}).User, k.NewUser(okta, bridgetest.Person{Name: "bob"}).User
	owner := k.NewOperator("owner@msp.example", directory.RoleOwner, acme)
	k.NewOperator("far@msp.example", directory.RoleOwner, beta) // acme is not in the scope
	tech := k.NewOperator("tech@msp.example", directory.RoleTechnician, acme)
	desk := k.NewOperator("desk@msp.example", directory.RoleHelpDesk, acme)
	k.notify()
	told(p)
	k.Clock.Advance(10 * time.Minute)
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, ann.ID))
	k.notify()
	if got := told(p); got != "owner: protected_group.changed" {
		t.Errorf("told %s", got)
	}
	// The technician also wants mail, and refusals once a day. The help desk may not read events.
	set := func(id directory.ID, s directory.Subscription) error {
		_, err := k.SetSubscription(bg, k.Op, id, directory.Precondition{}, &s)
		return err
	}
	k.OK(set(tech.ID, directory.Subscription{Kinds: []string{"alert", "user.*", "alert"}, Tenants: []directory.TenantID{acme}, Daily: true}))
	k.Denied(set(desk.ID, directory.Subscription{Kinds: []string{"alert"}}), directory.Invalid, "O2")
	k.Denied(set(tech.ID, directory.Subscription{Kinds: []string{"alerts"}}), directory.Invalid, "O2")
	k.Denied(set(tech.ID, directory.Subscription{Kinds: []string{"alert"}, Tenants: []directory.TenantID{beta}}), directory.Invalid, "O2")
	k.Denied(set(tech.ID, directory.Subscription{Kinds: []string{"alert"}, Tenants: []directory.TenantID{""}}), directory.Invalid, "O2")
	k.Clock.Advance(10 * time.Minute)
	k.ChangeUser(okta, bob.ID, bridgetest.SetTitle("Boss"))
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Administrators, bob.ID))
	k.notify()
	if got := told(p); got != "owner: protected_group.changed; tech: protected_group.changed" {
		t.Errorf("told %s", got)
	}
	k.Clock.Advance(23 * time.Hour)
	k.ChangeUser(okta, bob.ID, bridgetest.SetTitle("Chief"))
	k.notify()
	if got := told(p); got != "" {
		t.Errorf("told before the day was over: %s", got)
	}
	k.Clock.Advance(time.Hour)
	k.notify()
	if got := told(p); got != "tech: user.updated user.updated" {
		t.Errorf("told %s", got)
	}
	_, err := k.SuspendOperator(bg, k.Op, desk.ID, "")
	k.OK(err)
	k.Denied(set(desk.ID, directory.Subscription{}), directory.Conflict, "O7")
	// Each operator chooses their own subscription; the Owner turns all mail off.
	session, _ := k.SignInAs("owner@msp.example", "")
	v, err := k.SetSubscription(bg, session, owner.ID, directory.Precondition{}, &directory.Subscription{})
	k.OK(err)
	if !v.Own || v.Receives {
		t.Errorf("%+v", v)
	}
	techSession, _ := k.SignInAs("tech@msp.example", "")
	_, err = k.SetSubscription(bg, techSession, owner.ID, directory.Precondition{}, nil)
	k.Denied(err, directory.Forbidden, "O1")
	k.OK(k.LeaveBuiltIn(bg, k.Op, acme, directory.Administrators, bob.ID))
	k.notify()
	if got := told(p); got != "tech: protected_group.changed" {
		t.Errorf("told %s", got)
	}
	line := func() directory.Audit { all := k.AuditOf(directory.Provider); return all[len(all)-1] }
	_, err = k.SetSubscription(bg, session, owner.ID, directory.Precondition{}, nil)
	k.OK(err)
	if l := line(); l.Action != "operator.subscription" || l.Actor.ID != owner.ID.String() {
		t.Errorf("%+v", l)
	}
}

// The permission to read is checked again when a mail is sent: a lost scope, a suspension, a required second factor.
func TestNoticesGoOnlyToThoseWhoMayRead(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*kit, directory.ID){
		"suspended": func(k *kit, id directory.ID) { _, err := k.SuspendOperator(bg, k.Op, id, ""); k.OK(err) },
		"scope": func(k *kit, id directory.ID) {
			_, err := k.EditOperator(bg, k.Op, id, directory.Precondition{}, func(o directory.Operator) (directory.Operator, error) {
				o.Scope = directory.Scope{}
				return o, nil
			})
			k.OK(err)
		},
		"role": func(k *kit, id directory.ID) {
			_, err := k.EditOperator(bg, k.Op, id, directory.Precondition{}, func(o directory.Operator) (directory.Operator, error) {
				o.Role = directory.RoleHelpDesk
				return o, nil
			})
			k.OK(err)
		},
		"factor": func(k *kit, _ directory.ID) {
			_, err := k.RequireMFA(bg, k.Op, directory.Precondition{}, operators.FactorRequired)
			k.OK(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := &bridgetest.Postman{Fail: bridgetest.Away}
			k := start(t, bridgetest.Mailed(p))
			acme := k.NewTenant("acme", 0)
			okta := k.NewIdP(acme, "acme-okta")
			ann := k.NewUser(okta, bridgetest.Person{Name: "ann"}).User
			o := k.NewOperator("tech@msp.example", directory.RoleTechnician, acme)
			_, err := k.SetSubscription(bg, k.Op, o.ID, directory.Precondition{}, &directory.Subscription{Kinds: []string{"protected_group.changed"}, Tenants: []directory.TenantID{acme}})
			k.OK(err)
			k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, ann.ID))
			k.notify() // the server is away, so the mail waits
			if waiting, err := k.Mails(bg, k.Op); err != nil || len(waiting) != 1 {
				t.Fatalf("%d mails wait, %v", len(waiting), err)
			}
			p.Fail = nil
			lose(k, o.ID)
			k.Clock.Advance(time.Hour)
			k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Administrators, ann.ID))
			k.notify()
			if got := told(p); got != "" {
				t.Errorf("told %s", got)
			}
			if waiting, err := k.Mails(bg, k.Op); err != nil || len(waiting) != 0 {
				t.Errorf("%d mails wait, %v", len(waiting), err)
			}
			v, err := k.Subscription(bg, k.Op, o.ID)
			k.OK(err)
			if v.Receives || name == "suspended" && v.Own || name == "scope" && len(v.Subscription.Kinds) != 0 {
				t.Errorf("%+v", v)
			}
		})
	}
}

// Ten thousand urgent events cause only a few mails.
func TestManyEventsCauseFewMails(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Mailed(p), func(c *bridgetest.Config) {
		c.Recipients = []directory.Recipient{{Address: "ops@example.test", Kinds: []string{"tenant.entered"}}}
	})
	acme := k.NewTenant("acme", 0)
	o := k.NewOperator("ada@msp.example", directory.RoleOwner, acme)
	_, err := k.SetSubscription(bg, k.Op, o.ID, directory.Precondition{}, &directory.Subscription{Kinds: []string{"tenant.entered"}})
	k.OK(err)
	const storm = 10_000
	for i := range storm / 100 {
		k.OK(k.flood(acme, 100))
		k.Clock.Advance(6 * time.Second) // ten minutes in all
		if i%2 == 0 {
			k.notify()
		}
	}
	k.Clock.Advance(time.Hour)
	k.notify()
	if n := len(p.Sent); n < 2 || n > 10 {
		t.Errorf("%d mails about %d events to two recipients", n, storm)
	}
	counted := map[string]int{}
	for _, m := range p.Sent {
		a, _ := m.Data.Attributes()
		more, _ := a.Get("more")
		n := 0
		if _, err := fmt.Sscan(fmt.Sprint(more), &n); err != nil {
			t.Fatal(err)
		}
		counted[m.To] += n + len(strings.Fields(bridgetest.Notices(m)))
	}
	for _, to := range []string{"ops@example.test", "ada@msp.example"} {
		if counted[to] != storm {
			t.Errorf("%s got mail about %d events", to, counted[to])
		}
	}
}

// flood writes events that are mailed at once.
func (k *kit) flood(tenant directory.TenantID, n int) error {
	return k.Store.Update(bg, tenant, nil, func(store.Reader) (directory.Change, error) {
		c := directory.Change{Audit: []directory.Audit{{Time: k.Clock.Now(), Tenant: tenant, Actor: k.Op.Actor, Action: "test.flood", Outcome: directory.Done}}}
		for range n {
			c.Events = append(c.Events, directory.Event{Time: k.Clock.Now(), Tenant: tenant, Kind: directory.TenantEntered, Actor: k.Op.Actor})
		}
		return c, nil
	})
}

// A mail about the installation does not mention operators who are outside the recipient's scope.
func TestO10NoticesRespectScope(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Mailed(p))
	k.NewTenant("acme", 0)
	k.NewTenant("birch", 0)
	admin := k.NewOperator("admin@msp.example", directory.RoleAdmin, "acme")
	near := k.NewOperator("near@msp.example", directory.RoleTechnician, "acme")
	far := k.NewOperator("far@msp.example", directory.RoleTechnician, "birch")
	_, err := k.SetSubscription(bg, k.Op, admin.ID, directory.Precondition{}, &directory.Subscription{Kinds: []string{"operator.suspended"}})
	k.OK(err)
	k.notify()
	told(p)
	_, err = k.SuspendOperator(bg, k.Op, far.ID, "")
	k.OK(err)
	k.Clock.Advance(time.Hour)
	k.notify()
	k.Clock.Advance(time.Hour)
	k.notify()
	if got := told(p); got != "" {
		t.Errorf("told %s", got)
	}
	_, err = k.SuspendOperator(bg, k.Op, near.ID, "")
	k.OK(err)
	k.notify()
	k.Clock.Advance(time.Hour)
	k.notify()
	if got := told(p); got != "admin: operator.suspended" {
		t.Errorf("told %s", got)
	}
}
