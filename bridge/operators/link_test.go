package operators_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/operators"
	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/bolt"
	"drawbridge/store/storetest"
)

func TestO3InvitationByMail(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{Fail: bridgetest.Away}
	k := start(t, bridgetest.Mailed(p))
	draft := operators.Draft{FirstName: "Ada", LastName: "L", Email: "ada@msp.example", Role: directory.RoleTechnician}
	v, link, err := k.CreateOperator(bg, k.Op, draft)
	k.OK(err)
	if link.Text != "" || link.Mailed != "ada@msp.example" {
		t.Fatalf("the answer shows %q, mailed to %q", link.Text, link.Mailed)
	}
	k.SendMails() // the server is away
	p.Fail = nil
	k.Clock.Advance(time.Hour)
	if n, _ := k.Deliver(); n != 1 {
		t.Fatalf("%d mails", n)
	}
	text := bridgetest.LinkIn(t, k.LastMail(p, directory.InvitationMail))
	if waiting, err := k.Mails(bg, k.Op); err != nil || len(waiting) != 0 {
		t.Errorf("%d mails wait, %v", len(waiting), err)
	}
	_, err = k.UseLink(bg, text, operators.LinkAnswer{Password: bridgetest.Phrase}, bridgetest.Home())
	k.OK(err)
	_, err = k.UseLink(bg, text, operators.LinkAnswer{Password: bridgetest.Phrase}, bridgetest.Home()) // once
	k.Denied(err, directory.NotFound, "O9")

	// A second mail makes the first one's link dead, and the suspension both.
	for _, kind := range []directory.LinkKind{directory.PasswordReset, directory.FactorReset} {
		_, err = k.IssueLink(bg, k.Op, v.Operator.ID, kind, operators.LinkByMail)
		k.OK(err)
		k.SendMails()
	}
	_, err = k.Link(bg, bridgetest.LinkIn(t, k.LastMail(p, directory.PasswordResetMail)), bridgetest.Home())
	k.Denied(err, directory.NotFound, "O9")
	factor := bridgetest.LinkIn(t, k.LastMail(p, directory.FactorResetMail))
	_, err = k.Link(bg, factor, bridgetest.Home())
	k.OK(err)
	_, err = k.IssueLink(bg, k.Op, v.Operator.ID, directory.PasswordReset, operators.LinkByMail)
	k.OK(err)
	_, err = k.SuspendOperator(bg, k.Op, v.Operator.ID, "")
	k.OK(err)
	if n, _ := k.Deliver(); n != 0 {
		t.Errorf("%d mails to an operator who is suspended", n)
	}
	_, err = k.Link(bg, factor, bridgetest.Home())
	k.Denied(err, directory.NotFound, "O9")
}

// Every attempt to send has a secret of its own. If a mail was accepted but the answer got lost, its link does not work.
func TestEveryAttemptHasItsOwnSecret(t *testing.T) {
	t.Parallel()
	var tried []directory.Mail
	p := &bridgetest.Postman{Fail: func(m directory.Mail) error { tried = append(tried, m); return bridgetest.Away(m) }}
	k := start(t, bridgetest.Mailed(p))
	_, _, err := k.CreateOperator(bg, k.Op, operators.Draft{FirstName: "A", LastName: "B", Email: "a@msp.example", Role: directory.RoleReadOnly})
	k.OK(err)
	k.SendMails()
	k.Clock.Advance(time.Hour)
	k.SendMails()
	if len(tried) != 2 || tried[0].ID != tried[1].ID {
		t.Fatalf("%d attempts", len(tried))
	}
	_, err = k.Link(bg, bridgetest.LinkIn(t, tried[0]), bridgetest.Home())
	k.Denied(err, directory.NotFound, "O9")
	_, err = k.Link(bg, bridgetest.LinkIn(t, tried[1]), bridgetest.Home())
	k.OK(err)
	// It expires while the server is away: the mail is parked with the reason, and a retry does not wake the link.
	k.Clock.Advance(8 * 24 * time.Hour)
	k.SendMails()
	waiting, err := k.Mails(bg, k.Op)
	k.OK(err)
	if len(waiting) != 1 || waiting[0].Parked.IsZero() || !strings.Contains(waiting[0].Error, "expired") {
		t.Fatalf("%+v", waiting)
	}
	p.Fail = nil
	k.OK(k.RetryMail(bg, k.Op, waiting[0].ID))
	k.SendMails()
	if len(p.Sent) != 0 {
		t.Error("an expired link was mailed")
	}
}

// Neither the outbox, nor the audit trail, nor the recorded answer of a mail server contains the secret of a link.
func TestSecretOfAMailedLinkIsNotStored(t *testing.T) {
	t.Parallel()
	var seen string
	p := &bridgetest.Postman{Fail: func(m directory.Mail) error {
		seen, _ = m.Data.Value("link").(string)
		return &directory.Error{Code: directory.Unavailable, Message: "451 not now: " + seen}
	}}
	dir := t.TempDir()
	file := filepath.Join(dir, "drawbridge.db")
	db, err := bolt.Open(file, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	k := start(t, bridgetest.Mailed(p), func(c *bridgetest.Config) { c.Store = storetest.Checked(t, db) })
	_, _, err = k.CreateOperator(bg, k.Op, operators.Draft{FirstName: "A", LastName: "B", Email: "a@msp.example", Role: directory.RoleReadOnly})
	k.OK(err)
	k.SendMails()
	waiting, err := k.Mails(bg, k.Op)
	k.OK(err)
	if len(waiting) != 1 || !strings.Contains(waiting[0].Error, "451 not now: …") {
		t.Errorf("%+v", waiting)
	}
	k.OK(db.Close())
	all, err := os.ReadFile(file)
	k.OK(err)
	if seen == "" || strings.Contains(string(all), seen) {
		t.Errorf("the store holds the link %q", seen)
	}
}

func TestOnlyOwnersSeeLinks(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Mailed(p))
	_, link, err := k.CreateOperator(bg, k.Op, operators.Draft{FirstName: "A", LastName: "B", Email: "admin@msp.example", Role: directory.RoleAdmin, Scope: directory.Scope{All: true}, ShowLink: true})
	k.OK(err)
	_, err = k.UseLink(bg, link.Text, operators.LinkAnswer{Password: bridgetest.Phrase}, bridgetest.Home())
	k.OK(err)
	admin, _ := k.SignInAs("admin@msp.example", "")
	draft := operators.Draft{FirstName: "A", LastName: "B", Email: "tech@msp.example", Role: directory.RoleTechnician, ShowLink: true}
	_, _, err = k.CreateOperator(bg, admin, draft)
	k.Denied(err, directory.Forbidden, "O9")
	draft.ShowLink = false
	v, link, err := k.CreateOperator(bg, admin, draft)
	k.OK(err)
	if link.Text != "" {
		t.Error("an Administrator sees a link that could be mailed")
	}
	_, err = k.IssueLink(bg, admin, v.Operator.ID, directory.Invitation, operators.LinkToCaller)
	k.Denied(err, directory.Forbidden, "O9")
}

// A change of address ends the links that were mailed to the old address.
func TestNewAddressEndsLinks(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Mailed(p))
	v, _, err := k.CreateOperator(bg, k.Op, operators.Draft{FirstName: "A", LastName: "B", Email: "typo@msp.example", Role: directory.RoleReadOnly})
	k.OK(err)
	k.SendMails()
	_, err = k.EditOperator(bg, k.Op, v.Operator.ID, directory.Precondition{}, func(o directory.Operator) (directory.Operator, error) {
		o.Email = "right@msp.example"
		return o, nil
	})
	k.OK(err)
	_, err = k.Link(bg, bridgetest.LinkIn(t, p.Sent[0]), bridgetest.Home())
	k.Denied(err, directory.NotFound, "O9")
}

// counted counts what a call asks of the store.
type counted struct {
	store.Store
	views, updates *atomic.Int64
}

func (c counted) View(ctx context.Context, tenant directory.TenantID, want *store.Want, fn func(store.Reader) error) error {
	c.views.Add(1)
	return c.Store.View(ctx, tenant, want, fn)
}

func (c counted) Update(ctx context.Context, tenant directory.TenantID, want *store.Want, decide store.Decide) error {
	c.updates.Add(1)
	return c.Store.Update(ctx, tenant, want, decide)
}

func TestForgottenPasswordIsReset(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	var views, updates atomic.Int64
	k := start(t, bridgetest.Mailed(p), func(c *bridgetest.Config) { c.Store = counted{c.Store, &views, &updates} })
	_, link, err := k.CreateOperator(bg, k.Op, operators.Draft{FirstName: "Ada", LastName: "L", Email: "Ada@msp.example", Role: directory.RoleOwner, Scope: directory.Scope{All: true}, ShowLink: true})
	k.OK(err)
	ada, err := k.UseLink(bg, link.Text, operators.LinkAnswer{Password: bridgetest.Phrase}, bridgetest.Home())
	k.OK(err)
	_, _, err = k.CreateOperator(bg, k.Op, operators.Draft{FirstName: "P", LastName: "P", Email: "pending@msp.example", Role: directory.RoleReadOnly})
	k.OK(err)
	k.SendMails()
	p.Sent = nil

	// A known, an unknown and a pending operator get the same answer, and cause the same work and the same audit lines.
	for _, email := range []string{"ada@MSP.example", "nobody@msp.example", "pending@msp.example"} {
		lines := len(k.AuditOf(directory.Provider))
		v, u := views.Load(), updates.Load()
		k.OK(k.ForgotPassword(bg, email, bridgetest.Home()))
		if views.Load() != v || updates.Load() != u+1 {
			t.Errorf("%s: %d looks and %d writes", email, views.Load()-v, updates.Load()-u)
		}
		trail := k.AuditOf(directory.Provider)
		if len(trail) != lines+1 || strings.Contains(trail[lines].Subject.Name, "@") || trail[lines].Action != "operator.forgot" {
			t.Errorf("%s left %+v", email, trail[lines:])
		}
	}
	k.OK(k.ForgotPassword(bg, "ada@msp.example", bridgetest.Home())) // two requests send one mail
	if waiting, err := k.Mails(bg, k.Op); err != nil || len(waiting) != 3 {
		t.Errorf("%d wishes wait, %v", len(waiting), err)
	}
	k.SendMails()
	if len(p.Sent) != 1 || p.Sent[0].To != "Ada@msp.example" {
		t.Fatalf("sent %+v", p.Sent)
	}
	first := bridgetest.LinkIn(t, p.Sent[0])
	for range 3 { // asking again and again sends one mail and ends no link
		k.Clock.Advance(4 * time.Minute)
		k.OK(k.ForgotPassword(bg, "ada@msp.example", bridgetest.Home()))
		k.SendMails()
	}
	if len(p.Sent) != 1 {
		t.Errorf("%d mails within twelve minutes", len(p.Sent))
	}
	k.Clock.Advance(4 * time.Minute)
	k.OK(k.ForgotPassword(bg, "ada@msp.example", bridgetest.Home()))
	k.SendMails()
	_, err = k.Link(bg, first, bridgetest.Home())
	k.OK(err)
	k.SignInAs("ada@msp.example", "")
	_, err = k.UseLink(bg, first, operators.LinkAnswer{Password: "another good sentence"}, bridgetest.Home())
	k.OK(err)
	_, err = k.Link(bg, bridgetest.LinkIn(t, p.Sent[1]), bridgetest.Home()) // both are used up
	k.Denied(err, directory.NotFound, "O9")
	if all, err := k.Sessions(bg, k.Op, ada.Operator.ID); err != nil || len(all) != 0 {
		t.Errorf("%d sessions live on, %v", len(all), err)
	}

	// It lives an hour.
	k.Clock.Advance(time.Hour)
	k.OK(k.ForgotPassword(bg, "ada@msp.example", bridgetest.Home()))
	k.SendMails()
	k.Clock.Advance(time.Hour)
	_, err = k.Link(bg, bridgetest.LinkIn(t, p.Sent[2]), bridgetest.Home())
	k.Denied(err, directory.NotFound, "O9")
}

func TestForgottenPasswordsAreThrottled(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Mailed(p))
	k.Denied(k.ForgotPassword(bg, "no address", bridgetest.Home()), directory.Invalid, "")
	k.Denied(k.ForgotPassword(bg, "a@msp.example\r\nBcc: eve@x.test", bridgetest.Home()), directory.Invalid, "")
	throttled := 0
	for i := range 100 { // one account, many addresses; then one address, many accounts
		if directory.CodeOf(k.ForgotPassword(bg, "a@msp.example", credential.Client{Address: "203.0.113." + string(rune('0'+i%10))})) == directory.Throttled {
			throttled++
		}
	}
	for i := range 100 {
		if directory.CodeOf(k.ForgotPassword(bg, strings.Repeat("a", i+1)+"@msp.example", bridgetest.Home())) == directory.Throttled {
			throttled++
		}
	}
	if throttled < 140 {
		t.Errorf("%d of 200 were slowed down", throttled)
	}
	for i := range 1000 { // many addresses, many accounts: the outbox does not grow without end
		_ = k.ForgotPassword(bg, fmt.Sprintf("u%d@msp.example", i), credential.Client{Address: fmt.Sprintf("198.51.100.%d", i)})
	}
	if waiting, err := k.Mails(bg, k.Op); err != nil || len(waiting) > 100 {
		t.Errorf("%d wishes wait, %v", len(waiting), err)
	}
	k.NewOperator("b@msp.example", directory.RoleOwner) // it keeps no other operator from signing in
	k.SignInAs("b@msp.example", "")

	none := start(t)
	none.Denied(none.ForgotPassword(bg, "a@msp.example", bridgetest.Home()), directory.Unsupported, "O9")
}

// Wrong links slow down the network that they come from, whether it reads or uses them. No valid link is slowed down.
func TestWrongLinksAreThrottledByNetwork(t *testing.T) {
	t.Parallel()
	k := start(t)
	v, link, err := k.CreateOperator(bg, k.Op, operators.Draft{FirstName: "A", LastName: "B", Email: "a@msp.example", Role: directory.RoleReadOnly})
	k.OK(err)
	wrong := func(from string) (slow int) {
		for i := range 40 {
			text, client := fmt.Sprintf("dbl_wrong%d", i), credential.Client{Address: from}
			_, looked := k.Link(bg, text, client)
			_, used := k.UseLink(bg, text, operators.LinkAnswer{Password: bridgetest.Phrase}, client)
			for _, err := range []error{looked, used} {
				switch directory.CodeOf(err) { //nolint:exhaustive // the others are wrong
				case directory.Throttled:
					slow++
				case directory.NotFound:
				default:
					t.Fatal(err)
				}
			}
		}
		return slow
	}
	for i := range 5 {
		if slow := wrong(fmt.Sprintf("203.0.%d.1", 113+i)); slow != 50 { // 30 of 80 at once
			t.Errorf("%d of 80 were slowed down", slow)
		}
	}
	for _, from := range []credential.Client{bridgetest.Home(), {Address: "203.0.113.1"}} {
		_, err = k.Link(bg, link.Text, from)
		k.OK(err)
	}
	_, err = k.UseLink(bg, link.Text, operators.LinkAnswer{Password: bridgetest.Phrase}, credential.Client{Address: "203.0.113.1"})
	k.OK(err)
	k.Clock.Advance(2 * time.Second)
	_, err = k.Link(bg, link.Text, credential.Client{Address: "203.0.113.1"}) // used
	k.Denied(err, directory.NotFound, "O9")
	_, err = k.IssueLink(bg, k.Op, v.Operator.ID, directory.PasswordReset, operators.LinkByMail)
	k.OK(err)
}
