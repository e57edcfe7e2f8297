package notify_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
)

func TestEventsBecomeNotices(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Posted(p,
		directory.Recipient{Address: "ops@example.test", Gather: time.Hour},
		directory.Recipient{Address: "beta@example.test", Tenants: []directory.TenantID{"beta"}, Kinds: []string{"user.*"}}))
	acme := k.NewTenant("acme", 1)
	okta := k.NewIdP(acme, "acme-okta")
	ann := k.NewUser(okta, bridgetest.Person{Name: "ann"}).User
	for i := range 60 {
		_, err := k.CreateUser(bg, okta, bridgetest.Person{Name: fmt.Sprint("late", i)}.Draft)
		k.Fails(err, directory.Refused, "B2")
	}
	k.OK(k.JoinBuiltIn(bg, k.Op, acme, directory.Owners, ann.ID))
	k.OK(k.Notify(bg))
	k.OK(k.Notify(bg)) // each event once
	if n, down := k.Deliver(); n != 1 || down != nil {
		t.Fatalf("%d mails are due at once, %v", n, down)
	}
	if got := bridgetest.Notices(p.Sent[0]); got != "connection.created token.created seats.notice protected_group.changed" || p.Sent[0].To != "ops@example.test" {
		t.Errorf("at once: %s to %s", got, p.Sent[0].To)
	}
	k.Clock.Advance(30 * time.Minute)
	_, err := k.CreateUser(bg, okta, bridgetest.Person{Name: "later"}.Draft)
	k.Fails(err, directory.Refused, "B2")
	k.OK(k.Notify(bg))
	if n, _ := k.Deliver(); n != 0 {
		t.Errorf("%d mails before the hour", n)
	}
	k.Clock.Advance(31 * time.Minute)
	if n, _ := k.Deliver(); n != 1 {
		t.Fatalf("%d mails after the hour", n)
	}
	a, _ := p.Sent[1].Data.Attributes()
	more, _ := a.Get("more")
	if got := bridgetest.Notices(p.Sent[1]); strings.Count(got, "seat.refused") != 50 || fmt.Sprint(more) != "11" {
		t.Errorf("gathered %s and %v more", got, more)
	}
	beta := k.NewTenant("beta", 5)
	k.NewUser(k.NewIdP(beta, "beta-okta"), bridgetest.Person{Name: "bob"})
	k.OK(k.Notify(bg))
	k.Clock.Advance(time.Hour)
	if _, down := k.Deliver(); down != nil {
		t.Error(down)
	}
	if last := p.Sent[len(p.Sent)-1]; last.To != "beta@example.test" || bridgetest.Notices(last) != "user.created" {
		t.Errorf("%s to %s", bridgetest.Notices(last), last.To)
	}
	if waiting, err := k.Mails(bg, k.Op); err != nil || len(waiting) != 0 {
		t.Errorf("%d mails wait, %v", len(waiting), err)
	}
}

// Events from long before the first notice are not reported.
func TestOldEventsCauseNoNotice(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Posted(p, directory.Recipient{Address: "ops@example.test"}))
	acme := k.NewTenant("acme", 1)
	okta := k.NewIdP(acme, "acme-okta")
	k.Clock.Advance(48 * time.Hour)
	k.OK(k.Notify(bg))
	if n, _ := k.Deliver(); n != 0 {
		t.Errorf("%d mails about what was two days ago", n)
	}
	k.NewIdP(acme, "acme-entra")
	_ = okta
	k.OK(k.Notify(bg))
	if n, _ := k.Deliver(); n != 1 || bridgetest.Notices(p.Sent[0]) != "connection.created token.created" {
		t.Errorf("%d mails: %+v", n, p.Sent)
	}
}

// A mail server that is down blocks nothing. The mail is retried at growing intervals, and parked after three days until an operator
// retries it.
func TestMailIsRetriedAndParked(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{Fail: bridgetest.Away}
	k := start(t, bridgetest.Posted(p, directory.Recipient{Address: "ops@example.test"}))
	_, err := k.TestMail(bg, k.Op, "ops@example.test")
	k.OK(err)
	begin := k.Clock.Now()
	var tries []time.Duration
	for range 72 * 60 * 2 {
		if n, down := k.Deliver(); n > 0 {
			tries = append(tries, k.Clock.Now().Sub(begin))
			if down == nil {
				t.Fatal("the server is down, and no error says so")
			}
		}
		k.Clock.Advance(time.Minute)
	}
	if len(tries) < 8 || tries[1] != time.Minute || tries[2] != 6*time.Minute || tries[len(tries)-1] > 73*time.Hour {
		t.Errorf("tried after %v", tries)
	}
	all, err := k.Mails(bg, k.Op)
	k.OK(err)
	if len(all) != 1 || all[0].Parked.IsZero() || all[0].Error != "the mail server is away" || all[0].Attempts != len(tries) {
		t.Errorf("%+v", all)
	}
	p.Fail = nil
	k.OK(k.RetryMail(bg, k.Op, all[0].ID))
	if n, down := k.Deliver(); n != 1 || down != nil || len(p.Sent) != 1 {
		t.Errorf("%d tried, %v", n, down)
	}
	trail, _, err := k.AuditLines(bg, k.Op, directory.Provider, 0, 0)
	k.OK(err)
	if last := trail[len(trail)-1]; last.Action != "mail.retry" || last.Subject.Name != "ops@example.test" {
		t.Errorf("%+v", last)
	}
}

func TestMailThatCanNeverBeSentIsParkedAtOnce(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{Fail: func(m directory.Mail) error {
		if m.To == "bad@example.test" {
			return &directory.Error{Code: directory.Invalid, Message: "nobody there"}
		}
		return nil
	}}
	k := start(t, bridgetest.Posted(p))
	for _, to := range []string{"bad@example.test", "good@example.test"} {
		_, err := k.TestMail(bg, k.Op, to)
		k.OK(err)
	}
	if n, down := k.Deliver(); n != 2 || down != nil || len(p.Sent) != 1 {
		t.Errorf("%d tried, %v, %d sent", n, down, len(p.Sent))
	}
	all, err := k.Mails(bg, k.Op)
	k.OK(err)
	if len(all) != 1 || all[0].To != "bad@example.test" || all[0].Parked.IsZero() {
		t.Fatalf("%+v", all)
	}
	k.OK(k.DropMail(bg, k.Op, all[0].ID))
	k.Fails(k.DropMail(bg, k.Op, all[0].ID), directory.NotFound, "")
	k.Fails(k.RetryMail(bg, k.Op, all[0].ID), directory.NotFound, "")
	for _, bad := range []string{"", "ops", "a@b\r\nBcc: c@d", "a@b, c@d"} {
		_, err := k.TestMail(bg, k.Op, bad)
		k.Fails(err, directory.Invalid, "")
	}
}

// Notices that are added while their mail is being sent are in the next mail. None is lost.
func TestNoticesDuringADeliveryAreKept(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Posted(p, directory.Recipient{Address: "ops@example.test", Kinds: []string{"user.*"}, Gather: time.Minute}))
	acme := k.NewTenant("acme", 9)
	okta := k.NewIdP(acme, "acme-okta")
	k.NewUser(okta, bridgetest.Person{Name: "ann"})
	k.OK(k.Notify(bg))
	k.Clock.Advance(time.Minute)
	p.Fail = func(m directory.Mail) error { // in the middle of the session
		p.Fail = nil
		k.NewUser(okta, bridgetest.Person{Name: "bob"})
		k.OK(k.Notify(bg))
		return nil
	}
	if _, down := k.Deliver(); down != nil {
		t.Error(down)
	}
	k.Clock.Advance(time.Minute)
	if _, down := k.Deliver(); down != nil {
		t.Error(down)
	}
	all := ""
	for _, m := range p.Sent {
		all += fmt.Sprint(string(m.Data))
	}
	if !strings.Contains(all, "User ann") || !strings.Contains(all, "User bob") {
		t.Errorf("the mails say %s", all)
	}
	if waiting, err := k.Mails(bg, k.Op); err != nil || len(waiting) != 0 {
		t.Errorf("%d mails wait, %v", len(waiting), err)
	}
}

// A mail that was written while the clock was ahead is sent when the clock is right.
func TestMailIsSentAfterAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{Fail: bridgetest.Away}
	k := start(t, bridgetest.Mailed(p))
	const month = 30 * 24 * time.Hour
	k.Clock.Advance(month)
	_, err := k.TestMail(bg, k.Op, "ada@msp.example")
	k.OK(err)
	_, _ = k.Deliver() // fails, and is tried again in a minute
	k.Clock.Advance(-month)
	p.Fail = nil
	if n, down := k.Deliver(); n != 1 || down != nil || len(p.Sent) != 1 {
		t.Errorf("%d tried, %v, %d sent", n, down, len(p.Sent))
	}
}
