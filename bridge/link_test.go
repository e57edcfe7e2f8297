package bridge_test

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
)

// mailed is a kit that sends mail, and knows where links are used.
func mailed(t *testing.T, p *postman, changes ...func(*bridgetest.Config)) *kit {
	t.Helper()
	return start(t, append([]func(*bridgetest.Config){posted(p), func(c *bridgetest.Config) {
		c.LinkURL = func(text string) string { return "https://api.example.test/api/v1/links/" + text }
	}}, changes...)...)
}

// linkIn is the secret of the link that a mail carries.
func linkIn(t *testing.T, m directory.Mail) string {
	t.Helper()
	text, _ := m.Data.Value("link").(string)
	if url, _ := m.Data.Value("url").(string); text == "" || url != "https://api.example.test/api/v1/links/"+text {
		t.Fatalf("the mail %s carries the link %q at %q", m.Kind, text, url)
	}
	return text
}

// post sends what is due until nothing is.
func (k *kit) post() {
	k.t.Helper()
	for n := 1; n > 0; {
		n, _ = k.deliver()
	}
}

func (k *kit) last(p *postman, kind directory.MailKind) directory.Mail {
	k.t.Helper()
	for i := len(p.sent) - 1; i >= 0; i-- {
		if p.sent[i].Kind == kind {
			return p.sent[i]
		}
	}
	k.t.Fatalf("no mail of kind %s was sent", kind)
	return directory.Mail{}
}

func TestO3InvitationByMail(t *testing.T) {
	p := &postman{fail: away}
	k := mailed(t, p)
	draft := operators.Draft{FirstName: "Ada", LastName: "L", Email: "ada@msp.example", Role: directory.RoleTechnician}
	v, link, err := k.CreateOperator(bg, k.op, draft)
	k.ok(err)
	if link.Text != "" || link.Mailed != "ada@msp.example" {
		t.Fatalf("the answer shows %q, mailed to %q", link.Text, link.Mailed)
	}
	k.post() // the server is away
	p.fail = nil
	k.clock.Advance(time.Hour)
	if n, _ := k.deliver(); n != 1 {
		t.Fatalf("%d mails", n)
	}
	text := linkIn(t, k.last(p, directory.InvitationMail))
	if waiting, err := k.Mails(bg, k.op); err != nil || len(waiting) != 0 {
		t.Errorf("%d mails wait, %v", len(waiting), err)
	}
	_, err = k.UseLink(bg, text, operators.LinkAnswer{Password: phrase}, home)
	k.ok(err)
	_, err = k.UseLink(bg, text, operators.LinkAnswer{Password: phrase}, home) // once
	k.denied(err, directory.NotFound, "O9")

	// A second mail makes the first one's link dead, and the suspension both.
	for _, kind := range []directory.LinkKind{directory.PasswordReset, directory.FactorReset} {
		_, err = k.IssueLink(bg, k.op, v.Operator.ID, kind, false)
		k.ok(err)
		k.post()
	}
	_, err = k.Link(bg, linkIn(t, k.last(p, directory.PasswordResetMail)))
	k.denied(err, directory.NotFound, "O9")
	factor := linkIn(t, k.last(p, directory.FactorResetMail))
	_, err = k.Link(bg, factor)
	k.ok(err)
	_, err = k.IssueLink(bg, k.op, v.Operator.ID, directory.PasswordReset, false)
	k.ok(err)
	_, err = k.SuspendOperator(bg, k.op, v.Operator.ID, "")
	k.ok(err)
	if n, _ := k.deliver(); n != 0 {
		t.Errorf("%d mails to somebody who is suspended", n)
	}
	_, err = k.Link(bg, factor)
	k.denied(err, directory.NotFound, "O9")
}

// Every attempt has a secret of its own: a mail that was taken though the answer got lost leaves a dead link.
func TestEveryAttemptHasItsOwnSecret(t *testing.T) {
	var tried []directory.Mail
	p := &postman{fail: func(m directory.Mail) error { tried = append(tried, m); return away(m) }}
	k := mailed(t, p)
	_, _, err := k.CreateOperator(bg, k.op, operators.Draft{FirstName: "A", LastName: "B", Email: "a@msp.example", Role: directory.RoleReadOnly})
	k.ok(err)
	k.post()
	k.clock.Advance(time.Hour)
	k.post()
	if len(tried) != 2 || tried[0].ID != tried[1].ID {
		t.Fatalf("%d attempts", len(tried))
	}
	_, err = k.Link(bg, linkIn(t, tried[0]))
	k.denied(err, directory.NotFound, "O9")
	_, err = k.Link(bg, linkIn(t, tried[1]))
	k.ok(err)
	// It expires while the server is away: the mail is parked with the reason, and a retry does not wake the link.
	k.clock.Advance(8 * 24 * time.Hour)
	k.post()
	waiting, err := k.Mails(bg, k.op)
	k.ok(err)
	if len(waiting) != 1 || waiting[0].Parked.IsZero() || !strings.Contains(waiting[0].Error, "expired") {
		t.Fatalf("%+v", waiting)
	}
	p.fail = nil
	k.ok(k.RetryMail(bg, k.op, waiting[0].ID))
	k.post()
	if len(p.sent) != 0 {
		t.Error("an expired link was mailed")
	}
}

// What lies on the disk opens nothing: neither the outbox nor the audit trail nor what a mail server answered has the secret.
func TestTheSecretOfAMailedLinkIsNowhere(t *testing.T) {
	var seen string
	p := &postman{fail: func(m directory.Mail) error {
		seen, _ = m.Data.Value("link").(string)
		return &directory.Error{Code: directory.Unavailable, Message: "451 not now: " + seen}
	}}
	dir := t.TempDir()
	file := filepath.Join(dir, "drawbridge.db")
	db, err := bolt.Open(file, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	k := mailed(t, p, func(c *bridgetest.Config) { c.Store = db })
	_, _, err = k.CreateOperator(bg, k.op, operators.Draft{FirstName: "A", LastName: "B", Email: "a@msp.example", Role: directory.RoleReadOnly})
	k.ok(err)
	k.post()
	waiting, err := k.Mails(bg, k.op)
	k.ok(err)
	if len(waiting) != 1 || !strings.Contains(waiting[0].Error, "451 not now: …") {
		t.Errorf("%+v", waiting)
	}
	k.ok(db.Close())
	all, err := os.ReadFile(file)
	k.ok(err)
	if seen == "" || strings.Contains(string(all), seen) {
		t.Errorf("the store holds the link %q", seen)
	}
}

func TestShowingALinkIsForOwners(t *testing.T) {
	p := &postman{}
	k := mailed(t, p)
	_, link, err := k.CreateOperator(bg, k.op, operators.Draft{FirstName: "A", LastName: "B", Email: "admin@msp.example", Role: directory.RoleAdmin, Scope: directory.Scope{All: true}, ShowLink: true})
	k.ok(err)
	_, err = k.UseLink(bg, link.Text, operators.LinkAnswer{Password: phrase}, home)
	k.ok(err)
	admin, _ := k.signIn("admin@msp.example", "")
	draft := operators.Draft{FirstName: "A", LastName: "B", Email: "tech@msp.example", Role: directory.RoleTechnician, ShowLink: true}
	_, _, err = k.CreateOperator(bg, admin, draft)
	k.denied(err, directory.Forbidden, "O9")
	draft.ShowLink = false
	v, link, err := k.CreateOperator(bg, admin, draft)
	k.ok(err)
	if link.Text != "" {
		t.Error("an Administrator sees a link that could be mailed")
	}
	_, err = k.IssueLink(bg, admin, v.Operator.ID, directory.Invitation, true)
	k.denied(err, directory.Forbidden, "O9")
}

// A new address ends what lies in the old mailbox.
func TestANewAddressEndsLinks(t *testing.T) {
	p := &postman{}
	k := mailed(t, p)
	v, _, err := k.CreateOperator(bg, k.op, operators.Draft{FirstName: "A", LastName: "B", Email: "typo@msp.example", Role: directory.RoleReadOnly})
	k.ok(err)
	k.post()
	_, err = k.EditOperator(bg, k.op, v.Operator.ID, directory.Precondition{}, func(o directory.Operator) (directory.Operator, error) {
		o.Email = "right@msp.example"
		return o, nil
	})
	k.ok(err)
	_, err = k.Link(bg, linkIn(t, p.sent[0]))
	k.denied(err, directory.NotFound, "O9")
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

func TestForgotPassword(t *testing.T) {
	p := &postman{}
	var views, updates atomic.Int64
	k := mailed(t, p, func(c *bridgetest.Config) { c.Store = counted{c.Store, &views, &updates} })
	_, link, err := k.CreateOperator(bg, k.op, operators.Draft{FirstName: "Ada", LastName: "L", Email: "Ada@msp.example", Role: directory.RoleOwner, Scope: directory.Scope{All: true}, ShowLink: true})
	k.ok(err)
	ada, err := k.UseLink(bg, link.Text, operators.LinkAnswer{Password: phrase}, home)
	k.ok(err)
	_, _, err = k.CreateOperator(bg, k.op, operators.Draft{FirstName: "P", LastName: "P", Email: "pending@msp.example", Role: directory.RoleReadOnly})
	k.ok(err)
	k.post()
	p.sent = nil

	// Known, unknown, pending: the same answer, the same work, the same trace.
	for _, email := range []string{"ada@MSP.example", "nobody@msp.example", "pending@msp.example"} {
		lines := len(k.audit(directory.Provider))
		v, u := views.Load(), updates.Load()
		k.ok(k.ForgotPassword(bg, email, home))
		if views.Load() != v || updates.Load() != u+1 {
			t.Errorf("%s: %d looks and %d writes", email, views.Load()-v, updates.Load()-u)
		}
		trail := k.audit(directory.Provider)
		if len(trail) != lines+1 || strings.Contains(trail[lines].Subject.Name, "@") || trail[lines].Action != "operator.forgot" {
			t.Errorf("%s left %+v", email, trail[lines:])
		}
	}
	k.ok(k.ForgotPassword(bg, "ada@msp.example", home)) // twice is one wish
	if waiting, err := k.Mails(bg, k.op); err != nil || len(waiting) != 3 {
		t.Errorf("%d wishes wait, %v", len(waiting), err)
	}
	k.post()
	if len(p.sent) != 1 || p.sent[0].To != "Ada@msp.example" {
		t.Fatalf("sent %+v", p.sent)
	}
	first := linkIn(t, p.sent[0])
	for range 3 { // whoever asks again and again floods nobody's mailbox, and ends nobody's link
		k.clock.Advance(4 * time.Minute)
		k.ok(k.ForgotPassword(bg, "ada@msp.example", home))
		k.post()
	}
	if len(p.sent) != 1 {
		t.Errorf("%d mails within twelve minutes", len(p.sent))
	}
	k.clock.Advance(4 * time.Minute)
	k.ok(k.ForgotPassword(bg, "ada@msp.example", home))
	k.post()
	_, err = k.Link(bg, first)
	k.ok(err)
	k.signIn("ada@msp.example", "")
	_, err = k.UseLink(bg, first, operators.LinkAnswer{Password: "another good sentence"}, home)
	k.ok(err)
	_, err = k.Link(bg, linkIn(t, p.sent[1])) // both are used up
	k.denied(err, directory.NotFound, "O9")
	if all, err := k.Sessions(bg, k.op, ada.Operator.ID); err != nil || len(all) != 0 {
		t.Errorf("%d sessions live on, %v", len(all), err)
	}

	// It lives an hour.
	k.clock.Advance(time.Hour)
	k.ok(k.ForgotPassword(bg, "ada@msp.example", home))
	k.post()
	k.clock.Advance(time.Hour)
	_, err = k.Link(bg, linkIn(t, p.sent[2]))
	k.denied(err, directory.NotFound, "O9")
}

func TestForgottenPasswordsAreThrottled(t *testing.T) {
	p := &postman{}
	k := mailed(t, p)
	k.denied(k.ForgotPassword(bg, "no address", home), directory.Invalid, "")
	k.denied(k.ForgotPassword(bg, "a@msp.example\r\nBcc: eve@x.test", home), directory.Invalid, "")
	throttled := 0
	for i := range 100 { // one account, many addresses; then one address, many accounts
		if directory.CodeOf(k.ForgotPassword(bg, "a@msp.example", credential.Client{Address: "203.0.113." + string(rune('0'+i%10))})) == directory.Throttled {
			throttled++
		}
	}
	for i := range 100 {
		if directory.CodeOf(k.ForgotPassword(bg, strings.Repeat("a", i+1)+"@msp.example", home)) == directory.Throttled {
			throttled++
		}
	}
	if throttled < 140 {
		t.Errorf("%d of 200 were slowed down", throttled)
	}
	for i := range 1000 { // many addresses, many accounts: the outbox does not grow without end
		_ = k.ForgotPassword(bg, fmt.Sprintf("u%d@msp.example", i), credential.Client{Address: fmt.Sprintf("198.51.100.%d", i)})
	}
	if waiting, err := k.Mails(bg, k.op); err != nil || len(waiting) > 100 {
		t.Errorf("%d wishes wait, %v", len(waiting), err)
	}
	k.hire("b@msp.example", directory.RoleOwner) // nobody is kept from signing in by it
	k.signIn("b@msp.example", "")

	none := start(t)
	none.denied(none.ForgotPassword(bg, "a@msp.example", home), directory.Unsupported, "O9")
}
