package bridge_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
)

// postman is a mail server that does what the test says.
type postman struct {
	sent []directory.Mail
	fail func(directory.Mail) error
}

func (p *postman) Send(_ context.Context, m directory.Mail) error {
	if p.fail != nil {
		if err := p.fail(m); err != nil {
			return err
		}
	}
	p.sent = append(p.sent, m)
	return nil
}

func away(directory.Mail) error {
	return &directory.Error{Code: directory.Unavailable, Message: "the mail server is away"}
}

func (k *kit) deliver() (tried int, down error) {
	k.t.Helper()
	tried, down, err := k.DeliverMails(bg)
	k.ok(err)
	return tried, down
}

func posted(p *postman, recipients ...directory.Recipient) func(*bridgetest.Config) {
	return func(c *bridgetest.Config) { c.Mailer, c.Recipients = p, recipients }
}

func texts(m directory.Mail) string {
	a, _ := m.Data.Attributes()
	list, _ := a.Get("notices")
	notices, _ := list.([]any)
	var out []string
	for _, n := range notices {
		if n, ok := n.(directory.Attributes); ok {
			out = append(out, n.String("kind"))
		}
	}
	return strings.Join(out, " ")
}

func TestNotices(t *testing.T) {
	p := &postman{}
	k := start(t, posted(p,
		directory.Recipient{Address: "ops@example.test", Gather: time.Hour},
		directory.Recipient{Address: "beta@example.test", Tenants: []directory.TenantID{"beta"}, Kinds: []string{"user.*"}}))
	acme := k.tenant("acme", 1)
	okta := k.idp(acme, "acme-okta")
	ann := k.create(okta, person{name: "ann"}).User
	for i := range 60 {
		_, err := k.CreateUser(bg, okta, person{name: fmt.Sprint("late", i)}.edit)
		k.fails(err, directory.Refused, "B2")
	}
	k.ok(k.JoinBuiltIn(bg, k.op, acme, directory.Owners, ann.ID))
	k.ok(k.Notify(bg))
	k.ok(k.Notify(bg)) // each event once
	if n, down := k.deliver(); n != 1 || down != nil {
		t.Fatalf("%d mails are due at once, %v", n, down)
	}
	if got := texts(p.sent[0]); got != "connection.created token.created seats.notice protected_group.changed" || p.sent[0].To != "ops@example.test" {
		t.Errorf("at once: %s to %s", got, p.sent[0].To)
	}
	k.clock.Advance(30 * time.Minute)
	_, err := k.CreateUser(bg, okta, person{name: "later"}.edit)
	k.fails(err, directory.Refused, "B2")
	k.ok(k.Notify(bg))
	if n, _ := k.deliver(); n != 0 {
		t.Errorf("%d mails before the hour", n)
	}
	k.clock.Advance(31 * time.Minute)
	if n, _ := k.deliver(); n != 1 {
		t.Fatalf("%d mails after the hour", n)
	}
	a, _ := p.sent[1].Data.Attributes()
	more, _ := a.Get("more")
	if got := texts(p.sent[1]); strings.Count(got, "seat.refused") != 50 || fmt.Sprint(more) != "11" {
		t.Errorf("gathered %s and %v more", got, more)
	}
	beta := k.tenant("beta", 5)
	k.create(k.idp(beta, "beta-okta"), person{name: "bob"})
	k.ok(k.Notify(bg))
	k.clock.Advance(time.Hour)
	if _, down := k.deliver(); down != nil {
		t.Error(down)
	}
	if last := p.sent[len(p.sent)-1]; last.To != "beta@example.test" || texts(last) != "user.created" {
		t.Errorf("%s to %s", texts(last), last.To)
	}
	if waiting, err := k.Mails(bg, k.op); err != nil || len(waiting) != 0 {
		t.Errorf("%d mails wait, %v", len(waiting), err)
	}
}

// What happened long before anybody was told of anything is not told.
func TestNoticesBeginNow(t *testing.T) {
	p := &postman{}
	k := start(t, posted(p, directory.Recipient{Address: "ops@example.test"}))
	acme := k.tenant("acme", 1)
	okta := k.idp(acme, "acme-okta")
	k.clock.Advance(48 * time.Hour)
	k.ok(k.Notify(bg))
	if n, _ := k.deliver(); n != 0 {
		t.Errorf("%d mails about what was two days ago", n)
	}
	k.idp(acme, "acme-entra")
	_ = okta
	k.ok(k.Notify(bg))
	if n, _ := k.deliver(); n != 1 || texts(p.sent[0]) != "connection.created token.created" {
		t.Errorf("%d mails: %+v", n, p.sent)
	}
}

// A mail server that is away stops nothing, is tried later and later, and after three days the mail is parked until somebody retries it.
func TestMailIsRetriedAndParked(t *testing.T) {
	p := &postman{fail: away}
	k := start(t, posted(p, directory.Recipient{Address: "ops@example.test"}))
	_, err := k.TestMail(bg, k.op, "ops@example.test")
	k.ok(err)
	begin := k.clock.Now()
	var tries []time.Duration
	for range 72 * 60 * 2 {
		if n, down := k.deliver(); n > 0 {
			tries = append(tries, k.clock.Now().Sub(begin))
			if down == nil {
				t.Fatal("the server is away, and nobody is told")
			}
		}
		k.clock.Advance(time.Minute)
	}
	if len(tries) < 8 || tries[1] != time.Minute || tries[2] != 6*time.Minute || tries[len(tries)-1] > 73*time.Hour {
		t.Errorf("tried after %v", tries)
	}
	all, err := k.Mails(bg, k.op)
	k.ok(err)
	if len(all) != 1 || all[0].Parked.IsZero() || all[0].Error != "the mail server is away" || all[0].Attempts != len(tries) {
		t.Errorf("%+v", all)
	}
	p.fail = nil
	k.ok(k.RetryMail(bg, k.op, all[0].ID))
	if n, down := k.deliver(); n != 1 || down != nil || len(p.sent) != 1 {
		t.Errorf("%d tried, %v", n, down)
	}
	trail, _, err := k.AuditLines(bg, k.op, directory.Provider, 0, 0)
	k.ok(err)
	if last := trail[len(trail)-1]; last.Action != "mail.retry" || last.Subject.Name != "ops@example.test" {
		t.Errorf("%+v", last)
	}
}

func TestMailThatCanNeverBeSentIsParkedAtOnce(t *testing.T) {
	p := &postman{fail: func(m directory.Mail) error {
		if m.To == "bad@example.test" {
			return &directory.Error{Code: directory.Invalid, Message: "nobody there"}
		}
		return nil
	}}
	k := start(t, posted(p))
	for _, to := range []string{"bad@example.test", "good@example.test"} {
		_, err := k.TestMail(bg, k.op, to)
		k.ok(err)
	}
	if n, down := k.deliver(); n != 2 || down != nil || len(p.sent) != 1 {
		t.Errorf("%d tried, %v, %d sent", n, down, len(p.sent))
	}
	all, err := k.Mails(bg, k.op)
	k.ok(err)
	if len(all) != 1 || all[0].To != "bad@example.test" || all[0].Parked.IsZero() {
		t.Fatalf("%+v", all)
	}
	k.ok(k.DropMail(bg, k.op, all[0].ID))
	k.fails(k.DropMail(bg, k.op, all[0].ID), directory.NotFound, "")
	k.fails(k.RetryMail(bg, k.op, all[0].ID), directory.NotFound, "")
	for _, bad := range []string{"", "ops", "a@b\r\nBcc: c@d", "a@b, c@d"} {
		_, err := k.TestMail(bg, k.op, bad)
		k.fails(err, directory.Invalid, "")
	}
}

// Notices that come while their mail is on its way are in the next one: none is lost.
func TestNoticesDuringADelivery(t *testing.T) {
	p := &postman{}
	k := start(t, posted(p, directory.Recipient{Address: "ops@example.test", Kinds: []string{"user.*"}, Gather: time.Minute}))
	acme := k.tenant("acme", 9)
	okta := k.idp(acme, "acme-okta")
	k.create(okta, person{name: "ann"})
	k.ok(k.Notify(bg))
	k.clock.Advance(time.Minute)
	p.fail = func(m directory.Mail) error { // in the middle of the session
		p.fail = nil
		k.create(okta, person{name: "bob"})
		k.ok(k.Notify(bg))
		return nil
	}
	if _, down := k.deliver(); down != nil {
		t.Error(down)
	}
	k.clock.Advance(time.Minute)
	if _, down := k.deliver(); down != nil {
		t.Error(down)
	}
	all := ""
	for _, m := range p.sent {
		all += fmt.Sprint(string(m.Data))
	}
	if !strings.Contains(all, "User ann") || !strings.Contains(all, "User bob") {
		t.Errorf("the mails say %s", all)
	}
	if waiting, err := k.Mails(bg, k.op); err != nil || len(waiting) != 0 {
		t.Errorf("%d mails wait, %v", len(waiting), err)
	}
}
