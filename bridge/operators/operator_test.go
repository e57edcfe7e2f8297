package operators_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/operators"
	"drawbridge/directory"
	"drawbridge/store"
)

func TestFirstOwnerByLink(t *testing.T) {
	t.Parallel()
	k := start(t)
	old, err := k.FirstLink(bg)
	k.OK(err)
	link, err := k.FirstLink(bg) // the next start makes another, and the first one is dead
	k.OK(err)
	answer := operators.LinkAnswer{Email: "ada@msp.example", FirstName: "Ada", LastName: "L", Password: bridgetest.Phrase}
	_, err = k.UseLink(bg, old.Text, answer, bridgetest.Home())
	k.Denied(err, directory.NotFound, "O9")
	_, err = k.UseLink(bg, link.Text, operators.LinkAnswer{Email: "ada@msp.example", FirstName: "Ada", LastName: "L", Password: "short"}, bridgetest.Home())
	k.Denied(err, directory.Invalid, "O9")
	v, err := k.UseLink(bg, link.Text, answer, bridgetest.Home())
	k.OK(err)
	if v.Operator.Role != directory.RoleOwner || !v.Operator.Scope.All || v.Operator.Password != "" || !v.Operator.APIAccess {
		t.Errorf("operator %+v", v.Operator)
	}
	_, err = k.UseLink(bg, link.Text, answer, bridgetest.Home()) // once
	k.Denied(err, directory.NotFound, "O9")
	again, err := k.FirstLink(bg)
	k.OK(err)
	if again.Text != "" {
		t.Error("there is an operator, and a link for a first one all the same")
	}
	p, _ := k.SignInAs("ADA@msp.example", "")
	k.OK(k.Permit(p, directory.OperatorOwner, directory.Provider))
}

func TestLinksExpire(t *testing.T) {
	t.Parallel()
	k := start(t)
	_, link, err := k.CreateOperator(bg, k.Op, operators.Draft{FirstName: "A", LastName: "B", Email: "a@msp.example", Role: directory.RoleReadOnly})
	k.OK(err)
	k.Clock.Advance(7*24*time.Hour + time.Second)
	_, err = k.UseLink(bg, link.Text, operators.LinkAnswer{Password: bridgetest.Phrase}, bridgetest.Home())
	k.Denied(err, directory.NotFound, "O9")
	_, err = k.Link(bg, link.Text, bridgetest.Home())
	k.Denied(err, directory.NotFound, "O9")
}

func TestFailedSignInsGetOneAnswer(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewOperator("ada@msp.example", directory.RoleOwner)
	_, pending, err := k.CreateOperator(bg, k.Op, operators.Draft{FirstName: "P", LastName: "P", Email: "pending@msp.example", Role: directory.RoleReadOnly})
	k.OK(err)
	_ = pending
	var texts []string
	for _, email := range []string{"ada@msp.example", "nobody@msp.example", "pending@msp.example", ""} {
		_, err := k.SignIn(bg, email, "wrong password here", "", bridgetest.Home())
		k.Denied(err, directory.Unauthorized, "O9")
		texts = append(texts, err.Error())
	}
	for _, text := range texts {
		if text != texts[0] {
			t.Errorf("%q and %q tell accounts apart", text, texts[0])
		}
	}
	// Each of them left one line, in the same way.
	lines, _, err := k.AuditLines(bg, k.Op, directory.Provider, 0, 1000)
	k.OK(err)
	n := 0
	for _, l := range lines {
		if l.Action == "operator.sign_in" && l.Outcome == directory.WasDenied {
			n++
		}
	}
	if n != len(texts) {
		t.Errorf("%d lines for %d failures", n, len(texts))
	}
}

func TestThousandWrongPasswordsAreThrottled(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewOperator("ada@msp.example", directory.RoleOwner)
	k.SignInAs("ada@msp.example", "") // from home
	throttled := 0
	for i := range 1000 {
		from := credential.Client{Address: "203.0.113." + string(rune('0'+i%10))}
		_, err := k.SignIn(bg, "ada@msp.example", "wrong", "", from)
		switch directory.CodeOf(err) {
		case directory.Throttled:
			throttled++
			var e *directory.Error
			if errors.As(err, &e) && (e.RetryAfter <= 0 || e.RetryAfter > time.Minute) {
				t.Fatalf("come back in %s", e.RetryAfter)
			}
		case directory.Unauthorized:
		default:
			t.Fatal(err)
		}
	}
	if throttled < 950 {
		t.Errorf("only %d of 1000 were slowed down", throttled)
	}
	k.SignInAs("ada@msp.example", "") // the owner is not locked out
	_, err := k.SignIn(bg, "ada@msp.example", bridgetest.Phrase, "", credential.Client{Address: "198.51.100.9"})
	k.Denied(err, directory.Throttled, "") // from a new place it takes a moment
	k.Clock.Advance(time.Minute)
	_, err = k.SignIn(bg, "ada@msp.example", bridgetest.Phrase, "", credential.Client{Address: "198.51.100.9"})
	k.OK(err)
}

// The known networks of an operator are in the store. A restart during an attack does not lock the operator out.
func TestKnownNetworksOutliveARestart(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewOperator("ada@msp.example", directory.RoleOwner)
	k.SignInAs("ada@msp.example", "") // from home
	again := start(t, func(c *bridgetest.Config) { c.Store, c.Now = k.Store, k.Clock.Now })
	for i := range 25 {
		_, _ = again.SignIn(bg, "ada@msp.example", "wrong", "", credential.Client{Address: fmt.Sprint("203.0.113.", i)})
	}
	_, err := again.SignIn(bg, "ada@msp.example", bridgetest.Phrase, "", credential.Client{Address: "198.51.100.9"})
	again.Denied(err, directory.Throttled, "")
	again.SignInAs("ada@msp.example", "")
	k.Clock.Advance(31 * 24 * time.Hour)
	for i := range 25 {
		_, _ = again.SignIn(bg, "ada@msp.example", "wrong", "", credential.Client{Address: fmt.Sprint("203.0.113.", i)})
	}
	_, err = again.SignIn(bg, "ada@msp.example", bridgetest.Phrase, "", bridgetest.Home())
	again.Denied(err, directory.Throttled, "") // a network is forgotten after 30 days
}

// A flood of failed sign-ins from many networks causes a bounded number of lines. The next line says how many are missing.
func TestFailedSignInsDoNotFillTheAuditTrail(t *testing.T) {
	t.Parallel()
	k := start(t, func(c *bridgetest.Config) { c.SignIn.FailureLines = 5 })
	failures := func() (lines []directory.Audit) {
		for _, l := range k.AuditOf(directory.Provider) {
			if l.Action == "operator.sign_in" && l.Outcome == directory.WasDenied {
				lines = append(lines, l)
			}
		}
		return lines
	}
	for i := range 8 {
		_, err := k.SignIn(bg, fmt.Sprintf("u%d@msp.example", i), "wrong", "", credential.Client{Address: fmt.Sprint("203.0.113.", i)})
		k.Denied(err, directory.Unauthorized, "")
	}
	if lines := failures(); len(lines) != 5 {
		t.Errorf("%d lines for 8 failures", len(lines))
	}
	k.Clock.Advance(time.Minute)
	_, err := k.SignIn(bg, "u@msp.example", "wrong", "", bridgetest.Home())
	k.Denied(err, directory.Unauthorized, "")
	if lines := failures(); len(lines) != 6 || !strings.HasSuffix(lines[5].Reason, "3 failures before it have no line") {
		t.Errorf("%d lines, the last one %+v", len(lines), lines[len(lines)-1])
	}
}

// A session that was opened while the clock was a month ahead ends when the clock is right. It does not live for a month, and does not
// count as recent authentication. A link for a forgotten password that was mailed then does not prevent a new one.
func TestSessionsEndAfterAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	p := &bridgetest.Postman{}
	k := start(t, bridgetest.Mailed(p))
	k.NewOperator("ada@msp.example", directory.RoleOwner)
	month := 30 * 24 * time.Hour
	k.Clock.Advance(month)
	_, secret := k.SignInAs("ada@msp.example", "")
	k.OK(k.ForgotPassword(bg, "ada@msp.example", bridgetest.Home()))
	k.SendMails()
	link := bridgetest.LinkIn(t, k.LastMail(p, directory.PasswordResetMail))
	k.Clock.Advance(-month)
	_, err := k.Link(bg, link, bridgetest.Home())
	k.Denied(err, directory.NotFound, "O9")
	_, err = k.AuthenticateOperator(bg, secret, bridgetest.Home())
	k.Denied(err, directory.Unauthorized, "")
	sent := len(p.Sent)
	k.OK(k.ForgotPassword(bg, "ada@msp.example", bridgetest.Home()))
	k.SendMails()
	if len(p.Sent) != sent+1 {
		t.Errorf("%d mails after the clock was set right, want one", len(p.Sent)-sent)
	}
	k.Clock.Advance(-30 * time.Second) // a correction changes nothing
	k.SignInAs("ada@msp.example", "")
}

func TestSecondFactorIsAsked(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewOperator("ada@msp.example", directory.RoleOwner)
	p, _ := k.SignInAs("ada@msp.example", "")
	e, err := k.BeginFactor(bg, p, "Drawbridge")
	k.OK(err)
	if !strings.HasPrefix(e.URI, "otpauth://totp/") || !bytes.HasPrefix(e.PNG, []byte("\x89PNG")) || strings.Count(e.Text, "\n") < 10 {
		t.Errorf("enrolment %+v", e.URI)
	}
	code := func() string {
		c, err := totp.GenerateCode(e.Secret, k.Clock.Now())
		k.OK(err)
		return c
	}
	_, err = k.ConfirmFactor(bg, p, "000000", bridgetest.Home())
	k.Denied(err, directory.Unauthorized, "O6")
	recovery, err := k.ConfirmFactor(bg, p, code(), bridgetest.Home())
	k.OK(err)
	if len(recovery) != 10 {
		t.Fatalf("recovery codes %v", recovery)
	}
	_, err = k.SignIn(bg, "ada@msp.example", bridgetest.Phrase, "", bridgetest.Home())
	var need *directory.Error
	if !errors.As(err, &need) || need.Field != "code" {
		t.Fatalf("a code is not asked for: %v", err)
	}
	_, err = k.SignIn(bg, "ada@msp.example", bridgetest.Phrase, code(), bridgetest.Home()) // the code of the enrolment: a replay
	k.Denied(err, directory.Unauthorized, "O6")
	k.Clock.Advance(30 * time.Second)
	k.SignInAs("ada@msp.example", code())
	_, err = k.SignIn(bg, "ada@msp.example", bridgetest.Phrase, code(), bridgetest.Home())
	k.Denied(err, directory.Unauthorized, "O6")
	k.SignInAs("ada@msp.example", strings.ToUpper(recovery[3]))
	_, err = k.SignIn(bg, "ada@msp.example", bridgetest.Phrase, recovery[3], bridgetest.Home()) // once
	k.Denied(err, directory.Unauthorized, "O6")
	k.Clock.Advance(10 * time.Minute)
	k.SignInAs("ada@msp.example", code())
	// A code that was used while the clock was ahead does not keep later ones out.
	k.Clock.Advance(30 * 24 * time.Hour)
	k.SignInAs("ada@msp.example", code())
	k.Clock.Advance(-30 * 24 * time.Hour)
	k.Clock.Advance(time.Minute)
	k.SignInAs("ada@msp.example", code())
	_, err = k.SignIn(bg, "ada@msp.example", bridgetest.Phrase, code(), bridgetest.Home()) // once
	k.Denied(err, directory.Unauthorized, "O6")
	// No secret is in the record.
	lines, _, err := k.AuditLines(bg, k.Op, directory.Provider, 0, 1000)
	k.OK(err)
	text, err := json.Marshal(lines)
	k.OK(err)
	for _, secret := range []string{e.Secret, "argon2id", recovery[0]} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("the audit trail has %q", secret)
		}
	}
}

func TestRequiredSecondFactorRestrictsSessions(t *testing.T) {
	t.Parallel()
	k := start(t)
	ada := k.NewOperator("ada@msp.example", directory.RoleOwner)
	_, err := k.RequireMFA(bg, k.Op, directory.Precondition{}, operators.FactorRequired)
	k.OK(err)
	s, err := k.SignIn(bg, "ada@msp.example", bridgetest.Phrase, "", bridgetest.Home())
	k.OK(err)
	if !s.EnrolOnly {
		t.Error("an operator without a second factor is let in")
	}
	p, err := k.AuthenticateOperator(bg, s.Secret, bridgetest.Home())
	k.OK(err)
	k.Denied(k.Permit(p, directory.ServerRead, directory.Provider), directory.Forbidden, "O6")
	k.OK(k.Permit(p, directory.Self, directory.Provider))
	_, err = k.EditOperator(bg, k.Op, ada.ID, directory.Precondition{}, func(o directory.Operator) (directory.Operator, error) {
		o.MFARequired = false
		return o, nil
	})
	k.Denied(err, directory.Refused, "O6") // a required factor cannot be turned off
	e, err := k.BeginFactor(bg, p, "Drawbridge")
	k.OK(err)
	code, err := totp.GenerateCode(e.Secret, k.Clock.Now())
	k.OK(err)
	_, err = k.ConfirmFactor(bg, p, code, bridgetest.Home())
	k.OK(err)
	p, err = k.AuthenticateOperator(bg, s.Secret, bridgetest.Home())
	k.OK(err)
	k.OK(k.Permit(p, directory.ServerRead, directory.Provider)) // all operations are allowed now
	_, err = k.RequireMFA(bg, k.Op, directory.Precondition{}, operators.FactorOptional)
	k.OK(err)
	v, err := k.OperatorByID(bg, k.Op, ada.ID)
	k.OK(err)
	if !v.MFARequired {
		t.Error("turning it off must leave everybody required")
	}
	_, err = k.EditOperator(bg, k.Op, ada.ID, directory.Precondition{}, func(o directory.Operator) (directory.Operator, error) {
		o.MFARequired = false
		return o, nil
	})
	k.OK(err)
}

func TestSuspensionEndsSessionsKeysAndLinks(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewOperator("owner@msp.example", directory.RoleOwner)
	ada := k.NewOperator("ada@msp.example", directory.RoleTechnician)
	p, secret := k.SignInAs("ada@msp.example", "")
	_, err := k.CreateAPIKey(bg, p, "ci", time.Time{})
	k.Denied(err, directory.Refused, "O5") // off by default
	grant := func(o directory.Operator) (directory.Operator, error) { o.APIAccess = true; return o, nil }
	_, err = k.EditOperator(bg, k.Op, ada.ID, directory.Precondition{}, grant)
	k.OK(err)
	key, err := k.CreateAPIKey(bg, p, "ci", time.Time{})
	k.OK(err)
	_, err = k.AuthenticateOperator(bg, key.Text, bridgetest.Home())
	k.OK(err)
	reset, err := k.IssueLink(bg, k.Op, ada.ID, directory.PasswordReset, operators.LinkByMail)
	k.OK(err)
	before := k.LastEvent(directory.Provider)
	_, err = k.SuspendOperator(bg, k.Op, ada.ID, "left")
	k.OK(err)
	for _, s := range []string{secret, key.Text} {
		_, err = k.AuthenticateOperator(bg, s, bridgetest.Home())
		k.Denied(err, directory.Unauthorized, "")
	}
	_, err = k.SignIn(bg, "ada@msp.example", bridgetest.Phrase, "", bridgetest.Home())
	k.Denied(err, directory.Unauthorized, "O9")
	_, err = k.UseLink(bg, reset.Text, operators.LinkAnswer{Password: bridgetest.Phrase}, bridgetest.Home())
	k.Denied(err, directory.NotFound, "O9")
	events := k.EventsOf(directory.Provider, before)
	if len(events) != 2 { // the key and the suspension, in one transaction
		t.Errorf("events %+v", events)
	}
	_, err = k.RestoreOperator(bg, k.Op, ada.ID)
	k.OK(err)
	_, err = k.RestoreOperator(bg, k.Op, ada.ID)
	k.Denied(err, directory.Conflict, "O7")
	k.SignInAs("ada@msp.example", "")
	_, err = k.AuthenticateOperator(bg, key.Text, bridgetest.Home())
	k.Denied(err, directory.Unauthorized, "") // keys stay dead
	v, err := k.OperatorByID(bg, k.Op, ada.ID)
	k.OK(err)
	if v.Operator.APIAccess || v.LiveKeys != 0 {
		t.Errorf("operator %+v", v)
	}
}

func TestLastOwnerStays(t *testing.T) {
	t.Parallel()
	k := start(t)
	ada := k.NewOperator("ada@msp.example", directory.RoleOwner)
	_, err := k.SuspendOperator(bg, k.Op, ada.ID, "")
	k.Denied(err, directory.Refused, "O8")
	_, err = k.EditOperator(bg, k.Op, ada.ID, directory.Precondition{}, func(o directory.Operator) (directory.Operator, error) {
		o.Role = directory.RoleReadOnly
		return o, nil
	})
	k.Denied(err, directory.Refused, "O8")
	list, err := k.Operators(bg, k.Op)
	k.OK(err)
	if len(list.Warnings) != 2 {
		t.Errorf("warnings %v", list.Warnings)
	}
	k.NewOperator("bob@msp.example", directory.RoleOwner)
	_, err = k.SuspendOperator(bg, k.Op, ada.ID, "")
	k.OK(err)
}

func TestSessionsExpire(t *testing.T) {
	t.Parallel()
	k := start(t)
	ada := k.NewOperator("ada@msp.example", directory.RoleOwner)
	p, secret := k.SignInAs("ada@msp.example", "")
	if !p.Access.RecentAuth {
		t.Error("who has just signed in is fresh")
	}
	for range 3 { // use keeps it alive
		k.Clock.Advance(50 * time.Minute)
		_, err := k.AuthenticateOperator(bg, secret, bridgetest.Home())
		k.OK(err)
		k.OK(k.Flush(bg))
	}
	p, err := k.AuthenticateOperator(bg, secret, bridgetest.Home())
	k.OK(err)
	if p.Access.RecentAuth {
		t.Error("the proof is two hours old")
	}
	k.Denied(k.Reauthenticate(bg, p, "wrong password", "", bridgetest.Home()), directory.Unauthorized, "O9")
	k.OK(k.Reauthenticate(bg, p, bridgetest.Phrase, "", bridgetest.Home()))
	p, err = k.AuthenticateOperator(bg, secret, bridgetest.Home())
	k.OK(err)
	if !p.Access.RecentAuth {
		t.Error("proved, and not fresh")
	}
	_, other := k.SignInAs("ada@msp.example", "")
	all, err := k.Sessions(bg, p, ada.ID)
	k.OK(err)
	if len(all) != 2 || !all[0].Current || all[1].Current || all[0].Session.Hash != [32]byte{} {
		t.Errorf("sessions %+v", all)
	}
	err = k.ChangePassword(bg, p, "wrong password", bridgetest.Phrase+"!", bridgetest.Home())
	k.Denied(err, directory.Unauthorized, "O9")
	if refused := (*directory.Error)(nil); !errors.As(err, &refused) || refused.Field != "present" {
		t.Errorf("a wrong present password is refused with %v, which names no field", err)
	}
	k.OK(k.ChangePassword(bg, p, bridgetest.Phrase, bridgetest.Phrase+"!", bridgetest.Home()))
	_, err = k.AuthenticateOperator(bg, other, bridgetest.Home())
	k.Denied(err, directory.Unauthorized, "") // the others end
	_, err = k.AuthenticateOperator(bg, secret, bridgetest.Home())
	k.OK(err)
	k.Clock.Advance(61 * time.Minute)
	_, err = k.AuthenticateOperator(bg, secret, bridgetest.Home())
	k.Denied(err, directory.Unauthorized, "") // idle
	s, err := k.SignIn(bg, "ada@msp.example", bridgetest.Phrase+"!", "", bridgetest.Home())
	k.OK(err)
	for range 14 {
		k.Clock.Advance(55 * time.Minute)
		_, err = k.AuthenticateOperator(bg, s.Secret, bridgetest.Home())
	}
	k.Denied(err, directory.Unauthorized, "") // twelve hours are over, however busy
}

func TestOperatorsGrantNoMoreThanTheyHave(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.NewTenant("acme", 0)
	k.NewTenant("birch", 0)
	owner := k.NewOperator("owner@msp.example", directory.RoleOwner)
	k.NewOperator("admin@msp.example", directory.RoleAdmin, "acme")
	p, _ := k.SignInAs("admin@msp.example", "")
	draft := operators.Draft{FirstName: "X", LastName: "Y", Email: "x@msp.example", Role: directory.RoleTechnician}
	for _, c := range []struct {
		edit func(*operators.Draft)
		code directory.Code
	}{
		{func(d *operators.Draft) { d.Role = directory.RoleOwner }, directory.Forbidden},
		{func(d *operators.Draft) { d.Scope.All = true }, directory.Forbidden},
		{func(d *operators.Draft) { d.Scope.Tenants = []directory.TenantID{"birch"} }, directory.Invalid}, // they get the answer for an unknown tenant
		{func(d *operators.Draft) { d.Scope.Tenants = []directory.TenantID{"nowhere"} }, directory.Invalid},
		{func(d *operators.Draft) { d.Email = "owner@MSP.example" }, directory.Conflict},
		{func(d *operators.Draft) { d.Email = "a@b.example\r\nBcc: c@d.example" }, directory.Invalid},
		{func(d *operators.Draft) { d.FirstName = "\u202eevil" }, directory.Invalid},
		{func(d *operators.Draft) { d.Role = "root" }, directory.Invalid},
	} {
		d := draft
		c.edit(&d)
		_, _, err := k.CreateOperator(bg, p, d)
		k.Denied(err, c.code, "")
	}
	_, err := k.IssueLink(bg, p, owner.ID, directory.PasswordReset, operators.LinkByMail)
	k.Denied(err, directory.Forbidden, "O10")
	k.Denied(k.EndSessions(bg, p, owner.ID, directory.ID{}), directory.Forbidden, "O10")
	_, _, err = k.CreateOperator(bg, p, draft)
	k.OK(err)
}

func TestSecretsAreHashed(t *testing.T) {
	t.Parallel()
	k := start(t, func(c *bridgetest.Config) { c.HashCost = &operators.HashCost{} })
	k.NewOperator("ada@msp.example", directory.RoleOwner)
	_, secret := k.SignInAs("ada@msp.example", "")
	k.OK(k.Store.View(bg, directory.Provider, nil, func(r store.Reader) error {
		o, err := r.OperatorByEmail("ada@msp.example")
		k.OK(err)
		if !strings.HasPrefix(o.Password, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("password %q", o.Password)
		}
		sessions, err := r.Sessions(o.ID)
		k.OK(err)
		text, err := json.Marshal(sessions)
		k.OK(err)
		if bytes.Contains(text, []byte(secret)) {
			t.Error("the secret of a session is in the store")
		}
		return nil
	}))
}

func TestSupportSessionIsEnteredAndLeft(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	_, err := k.Support().Enter(bg, k.Op, acme, "ticket 4711", 30*time.Minute)
	k.OK(err)
	_, err = k.Support().Enter(bg, k.Op, acme, "ticket 4712", 30*time.Minute)
	k.OK(err)
	inside, err := k.Support().Sessions(bg, k.Op, acme)
	k.OK(err)
	if len(inside) != 1 || inside[0].Reason != "ticket 4712" {
		t.Errorf("inside %+v", inside)
	}
	k.Clock.Advance(31 * time.Minute)
	inside, err = k.Support().Sessions(bg, k.Op, acme)
	k.OK(err)
	if len(inside) != 0 {
		t.Errorf("the limit has passed: %+v", inside)
	}
	_, err = k.Support().Enter(bg, k.Op, acme, "", 13*time.Hour)
	k.Denied(err, directory.Invalid, "T5")
	_, err = k.Support().Enter(bg, k.Op, acme, "", 0)
	k.OK(err)
	k.OK(k.Support().Leave(bg, k.Op, acme))
	inside, err = k.Support().Sessions(bg, k.Op, acme)
	k.OK(err)
	if len(inside) != 0 {
		t.Errorf("left, and inside: %+v", inside)
	}
}
