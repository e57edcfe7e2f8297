package bridge_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"drawbridge/bridge/credential"
	"drawbridge/bridge/operators"
	"drawbridge/directory"
	"drawbridge/store"
)

const phrase = "a good long sentence"

var home = credential.Client{Address: "192.0.2.1", UserAgent: "test", Request: "req-2"}

// hire adds an operator who has registered.
func (k *kit) hire(email string, role directory.Role, tenants ...directory.TenantID) directory.Operator {
	k.t.Helper()
	_, link, err := k.CreateOperator(bg, k.op, operators.Draft{FirstName: "A", LastName: "B", Email: email, Role: role, Scope: directory.Scope{Tenants: tenants}, ShowLink: true})
	k.ok(err)
	v, err := k.UseLink(bg, link.Text, operators.LinkAnswer{Password: phrase}, home)
	k.ok(err)
	return v.Operator
}

// signIn opens a session and gives who it is, as a request would.
func (k *kit) signIn(email, code string) (directory.Principal, string) {
	k.t.Helper()
	s, err := k.SignIn(bg, email, phrase, code, home)
	k.ok(err)
	p, err := k.AuthenticateOperator(bg, s.Secret, home)
	k.ok(err)
	return p, s.Secret
}

func (k *kit) denied(err error, code directory.Code, rule directory.Rule) {
	k.t.Helper()
	var e *directory.Error
	if !errors.As(err, &e) || e.Code != code || rule != "" && e.Rule != rule {
		k.t.Fatalf("got %v, want %s %s", err, code, rule)
	}
}

func TestFirstOwnerByLink(t *testing.T) {
	k := start(t)
	old, err := k.FirstLink(bg)
	k.ok(err)
	link, err := k.FirstLink(bg) // the next start makes another, and the first one is dead
	k.ok(err)
	answer := operators.LinkAnswer{Email: "ada@msp.example", FirstName: "Ada", LastName: "L", Password: phrase}
	_, err = k.UseLink(bg, old.Text, answer, home)
	k.denied(err, directory.NotFound, "O9")
	_, err = k.UseLink(bg, link.Text, operators.LinkAnswer{Email: "ada@msp.example", FirstName: "Ada", LastName: "L", Password: "short"}, home)
	k.denied(err, directory.Invalid, "O9")
	v, err := k.UseLink(bg, link.Text, answer, home)
	k.ok(err)
	if v.Operator.Role != directory.RoleOwner || !v.Operator.Scope.All || v.Operator.Password != "" || !v.Operator.APIAccess {
		t.Errorf("operator %+v", v.Operator)
	}
	_, err = k.UseLink(bg, link.Text, answer, home) // once
	k.denied(err, directory.NotFound, "O9")
	again, err := k.FirstLink(bg)
	k.ok(err)
	if again.Text != "" {
		t.Error("there is an operator, and a link for a first one all the same")
	}
	p, _ := k.signIn("ADA@msp.example", "")
	k.ok(k.Permit(p, directory.OperatorOwner, directory.Provider))
}

func TestLinksExpire(t *testing.T) {
	k := start(t)
	_, link, err := k.CreateOperator(bg, k.op, operators.Draft{FirstName: "A", LastName: "B", Email: "a@msp.example", Role: directory.RoleReadOnly})
	k.ok(err)
	k.clock.Advance(7*24*time.Hour + time.Second)
	_, err = k.UseLink(bg, link.Text, operators.LinkAnswer{Password: phrase}, home)
	k.denied(err, directory.NotFound, "O9")
	_, err = k.Link(bg, link.Text)
	k.denied(err, directory.NotFound, "O9")
}

func TestSignInTellsNothing(t *testing.T) {
	k := start(t)
	k.hire("ada@msp.example", directory.RoleOwner)
	_, pending, err := k.CreateOperator(bg, k.op, operators.Draft{FirstName: "P", LastName: "P", Email: "pending@msp.example", Role: directory.RoleReadOnly})
	k.ok(err)
	_ = pending
	var texts []string
	for _, email := range []string{"ada@msp.example", "nobody@msp.example", "pending@msp.example", ""} {
		_, err := k.SignIn(bg, email, "wrong password here", "", home)
		k.denied(err, directory.Unauthorized, "O9")
		texts = append(texts, err.Error())
	}
	for _, text := range texts {
		if text != texts[0] {
			t.Errorf("%q and %q tell accounts apart", text, texts[0])
		}
	}
	// Each of them left one line, in the same way.
	lines, _, err := k.AuditLines(bg, k.op, directory.Provider, 0, 1000)
	k.ok(err)
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

func TestAThousandWrongPasswords(t *testing.T) {
	k := start(t)
	k.hire("ada@msp.example", directory.RoleOwner)
	k.signIn("ada@msp.example", "") // from home
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
	k.signIn("ada@msp.example", "") // the owner is not locked out
	_, err := k.SignIn(bg, "ada@msp.example", phrase, "", credential.Client{Address: "198.51.100.9"})
	k.denied(err, directory.Throttled, "") // from a new place it takes a moment
	k.clock.Advance(time.Minute)
	_, err = k.SignIn(bg, "ada@msp.example", phrase, "", credential.Client{Address: "198.51.100.9"})
	k.ok(err)
}

func TestSecondFactor(t *testing.T) {
	k := start(t)
	k.hire("ada@msp.example", directory.RoleOwner)
	p, _ := k.signIn("ada@msp.example", "")
	e, err := k.BeginFactor(bg, p, "Drawbridge")
	k.ok(err)
	if !strings.HasPrefix(e.URI, "otpauth://totp/") || !bytes.HasPrefix(e.PNG, []byte("\x89PNG")) || strings.Count(e.Text, "\n") < 10 {
		t.Errorf("enrolment %+v", e.URI)
	}
	code := func() string {
		c, err := totp.GenerateCode(e.Secret, k.clock.Now())
		k.ok(err)
		return c
	}
	_, err = k.ConfirmFactor(bg, p, "000000", home)
	k.denied(err, directory.Unauthorized, "O6")
	recovery, err := k.ConfirmFactor(bg, p, code(), home)
	k.ok(err)
	if len(recovery) != 10 {
		t.Fatalf("recovery codes %v", recovery)
	}
	_, err = k.SignIn(bg, "ada@msp.example", phrase, "", home)
	var need *directory.Error
	if !errors.As(err, &need) || need.Field != "code" {
		t.Fatalf("a code is not asked for: %v", err)
	}
	_, err = k.SignIn(bg, "ada@msp.example", phrase, code(), home) // the code of the enrolment: a replay
	k.denied(err, directory.Unauthorized, "O6")
	k.clock.Advance(30 * time.Second)
	k.signIn("ada@msp.example", code())
	_, err = k.SignIn(bg, "ada@msp.example", phrase, code(), home)
	k.denied(err, directory.Unauthorized, "O6")
	k.signIn("ada@msp.example", strings.ToUpper(recovery[3]))
	_, err = k.SignIn(bg, "ada@msp.example", phrase, recovery[3], home) // once
	k.denied(err, directory.Unauthorized, "O6")
	k.clock.Advance(10 * time.Minute)
	k.signIn("ada@msp.example", code())
	// No secret is in the record.
	lines, _, err := k.AuditLines(bg, k.op, directory.Provider, 0, 1000)
	k.ok(err)
	text, err := json.Marshal(lines)
	k.ok(err)
	for _, secret := range []string{e.Secret, "argon2id", recovery[0]} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("the audit trail has %q", secret)
		}
	}
}

func TestRequireMFA(t *testing.T) {
	k := start(t)
	ada := k.hire("ada@msp.example", directory.RoleOwner)
	_, err := k.RequireMFA(bg, k.op, directory.Precondition{}, true)
	k.ok(err)
	s, err := k.SignIn(bg, "ada@msp.example", phrase, "", home)
	k.ok(err)
	if !s.EnrolOnly {
		t.Error("whoever has no second factor is let in")
	}
	p, err := k.AuthenticateOperator(bg, s.Secret, home)
	k.ok(err)
	k.denied(k.Permit(p, directory.ServerRead, directory.Provider), directory.Forbidden, "O6")
	k.ok(k.Permit(p, directory.Self, directory.Provider))
	_, err = k.EditOperator(bg, k.op, ada.ID, directory.Precondition{}, func(o directory.Operator) (directory.Operator, error) {
		o.MFARequired = false
		return o, nil
	})
	k.denied(err, directory.Refused, "O6") // the field is locked
	e, err := k.BeginFactor(bg, p, "Drawbridge")
	k.ok(err)
	code, err := totp.GenerateCode(e.Secret, k.clock.Now())
	k.ok(err)
	_, err = k.ConfirmFactor(bg, p, code, home)
	k.ok(err)
	p, err = k.AuthenticateOperator(bg, s.Secret, home)
	k.ok(err)
	k.ok(k.Permit(p, directory.ServerRead, directory.Provider)) // everything is open now
	_, err = k.RequireMFA(bg, k.op, directory.Precondition{}, false)
	k.ok(err)
	v, err := k.OperatorByID(bg, k.op, ada.ID)
	k.ok(err)
	if !v.MFARequired {
		t.Error("turning it off must leave everybody required")
	}
	_, err = k.EditOperator(bg, k.op, ada.ID, directory.Precondition{}, func(o directory.Operator) (directory.Operator, error) {
		o.MFARequired = false
		return o, nil
	})
	k.ok(err)
}

func TestSuspensionEndsEverything(t *testing.T) {
	k := start(t)
	k.hire("owner@msp.example", directory.RoleOwner)
	ada := k.hire("ada@msp.example", directory.RoleTechnician)
	p, secret := k.signIn("ada@msp.example", "")
	_, err := k.CreateAPIKey(bg, p, "ci", time.Time{})
	k.denied(err, directory.Refused, "O5") // off by default
	grant := func(o directory.Operator) (directory.Operator, error) { o.APIAccess = true; return o, nil }
	_, err = k.EditOperator(bg, k.op, ada.ID, directory.Precondition{}, grant)
	k.ok(err)
	key, err := k.CreateAPIKey(bg, p, "ci", time.Time{})
	k.ok(err)
	_, err = k.AuthenticateOperator(bg, key.Text, home)
	k.ok(err)
	reset, err := k.IssueLink(bg, k.op, ada.ID, directory.PasswordReset, false)
	k.ok(err)
	before := k.lastEvent(directory.Provider)
	_, err = k.SuspendOperator(bg, k.op, ada.ID, "left")
	k.ok(err)
	for _, s := range []string{secret, key.Text} {
		_, err = k.AuthenticateOperator(bg, s, home)
		k.denied(err, directory.Unauthorized, "")
	}
	_, err = k.SignIn(bg, "ada@msp.example", phrase, "", home)
	k.denied(err, directory.Unauthorized, "O9")
	_, err = k.UseLink(bg, reset.Text, operators.LinkAnswer{Password: phrase}, home)
	k.denied(err, directory.NotFound, "O9")
	events := k.events(directory.Provider, before)
	if len(events) != 2 { // the key and the suspension, in one transaction
		t.Errorf("events %+v", events)
	}
	_, err = k.RestoreOperator(bg, k.op, ada.ID)
	k.ok(err)
	_, err = k.RestoreOperator(bg, k.op, ada.ID)
	k.denied(err, directory.Conflict, "O7")
	k.signIn("ada@msp.example", "")
	_, err = k.AuthenticateOperator(bg, key.Text, home)
	k.denied(err, directory.Unauthorized, "") // keys stay dead
	v, err := k.OperatorByID(bg, k.op, ada.ID)
	k.ok(err)
	if v.Operator.APIAccess || v.LiveKeys != 0 {
		t.Errorf("operator %+v", v)
	}
}

func TestTheLastOwnerStays(t *testing.T) {
	k := start(t)
	ada := k.hire("ada@msp.example", directory.RoleOwner)
	_, err := k.SuspendOperator(bg, k.op, ada.ID, "")
	k.denied(err, directory.Refused, "O8")
	_, err = k.EditOperator(bg, k.op, ada.ID, directory.Precondition{}, func(o directory.Operator) (directory.Operator, error) {
		o.Role = directory.RoleReadOnly
		return o, nil
	})
	k.denied(err, directory.Refused, "O8")
	list, err := k.Operators(bg, k.op)
	k.ok(err)
	if len(list.Warnings) != 2 {
		t.Errorf("warnings %v", list.Warnings)
	}
	k.hire("bob@msp.example", directory.RoleOwner)
	_, err = k.SuspendOperator(bg, k.op, ada.ID, "")
	k.ok(err)
}

func TestSessionsEnd(t *testing.T) {
	k := start(t)
	ada := k.hire("ada@msp.example", directory.RoleOwner)
	p, secret := k.signIn("ada@msp.example", "")
	if !p.Access.Fresh {
		t.Error("who has just signed in is fresh")
	}
	for range 3 { // use keeps it alive
		k.clock.Advance(50 * time.Minute)
		_, err := k.AuthenticateOperator(bg, secret, home)
		k.ok(err)
		k.ok(k.Flush(bg))
	}
	p, err := k.AuthenticateOperator(bg, secret, home)
	k.ok(err)
	if p.Access.Fresh {
		t.Error("the proof is two hours old")
	}
	k.denied(k.ProveAgain(bg, p, "wrong password", "", home), directory.Unauthorized, "O9")
	k.ok(k.ProveAgain(bg, p, phrase, "", home))
	p, err = k.AuthenticateOperator(bg, secret, home)
	k.ok(err)
	if !p.Access.Fresh {
		t.Error("proved, and not fresh")
	}
	_, other := k.signIn("ada@msp.example", "")
	all, err := k.Sessions(bg, p, ada.ID)
	k.ok(err)
	if len(all) != 2 || !all[0].Current || all[1].Current || all[0].Session.Hash != [32]byte{} {
		t.Errorf("sessions %+v", all)
	}
	k.ok(k.ChangePassword(bg, p, phrase, phrase+"!", home))
	_, err = k.AuthenticateOperator(bg, other, home)
	k.denied(err, directory.Unauthorized, "") // the others end
	_, err = k.AuthenticateOperator(bg, secret, home)
	k.ok(err)
	k.clock.Advance(61 * time.Minute)
	_, err = k.AuthenticateOperator(bg, secret, home)
	k.denied(err, directory.Unauthorized, "") // idle
	s, err := k.SignIn(bg, "ada@msp.example", phrase+"!", "", home)
	k.ok(err)
	for range 14 {
		k.clock.Advance(55 * time.Minute)
		_, err = k.AuthenticateOperator(bg, s.Secret, home)
	}
	k.denied(err, directory.Unauthorized, "") // twelve hours are over, however busy
}

func TestNobodyGivesAwayMoreThanTheyHave(t *testing.T) {
	k := start(t)
	k.tenant("acme", 0)
	k.tenant("birch", 0)
	owner := k.hire("owner@msp.example", directory.RoleOwner)
	k.hire("admin@msp.example", directory.RoleAdmin, "acme")
	p, _ := k.signIn("admin@msp.example", "")
	draft := operators.Draft{FirstName: "X", LastName: "Y", Email: "x@msp.example", Role: directory.RoleTechnician}
	for _, c := range []struct {
		edit func(*operators.Draft)
		code directory.Code
	}{
		{func(d *operators.Draft) { d.Role = directory.RoleOwner }, directory.Forbidden},
		{func(d *operators.Draft) { d.Scope.All = true }, directory.Forbidden},
		{func(d *operators.Draft) { d.Scope.Tenants = []directory.TenantID{"birch"} }, directory.Invalid}, // not there, as far as they know
		{func(d *operators.Draft) { d.Scope.Tenants = []directory.TenantID{"nowhere"} }, directory.Invalid},
		{func(d *operators.Draft) { d.Email = "owner@MSP.example" }, directory.Conflict},
		{func(d *operators.Draft) { d.Email = "a@b.example\r\nBcc: c@d.example" }, directory.Invalid},
		{func(d *operators.Draft) { d.FirstName = "\u202eevil" }, directory.Invalid},
		{func(d *operators.Draft) { d.Role = "root" }, directory.Invalid},
	} {
		d := draft
		c.edit(&d)
		_, _, err := k.CreateOperator(bg, p, d)
		k.denied(err, c.code, "")
	}
	_, err := k.IssueLink(bg, p, owner.ID, directory.PasswordReset, false)
	k.denied(err, directory.Forbidden, "O1")
	k.denied(k.EndSessions(bg, p, owner.ID, directory.ID{}), directory.Forbidden, "O1")
	_, _, err = k.CreateOperator(bg, p, draft)
	k.ok(err)
}

func TestSecretsAreHashed(t *testing.T) {
	k := start(t)
	k.hire("ada@msp.example", directory.RoleOwner)
	_, secret := k.signIn("ada@msp.example", "")
	k.ok(k.store.View(bg, directory.Provider, nil, func(r store.Reader) error {
		o, err := r.OperatorByEmail("ada@msp.example")
		k.ok(err)
		if !strings.HasPrefix(o.Password, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("password %q", o.Password)
		}
		sessions, err := r.Sessions(o.ID)
		k.ok(err)
		text, err := json.Marshal(sessions)
		k.ok(err)
		if bytes.Contains(text, []byte(secret)) {
			t.Error("the secret of a session is in the store")
		}
		return nil
	}))
}

func TestEnterAndLeave(t *testing.T) {
	k := start(t)
	acme := k.tenant("acme", 0)
	_, err := k.Enter(bg, k.op, acme, "ticket 4711", 30*time.Minute)
	k.ok(err)
	_, err = k.Enter(bg, k.op, acme, "ticket 4712", 30*time.Minute)
	k.ok(err)
	inside, err := k.Inside(bg, k.op, acme)
	k.ok(err)
	if len(inside) != 1 || inside[0].Reason != "ticket 4712" {
		t.Errorf("inside %+v", inside)
	}
	k.clock.Advance(31 * time.Minute)
	inside, err = k.Inside(bg, k.op, acme)
	k.ok(err)
	if len(inside) != 0 {
		t.Errorf("the limit has passed: %+v", inside)
	}
	_, err = k.Enter(bg, k.op, acme, "", 13*time.Hour)
	k.denied(err, directory.Invalid, "T5")
	_, err = k.Enter(bg, k.op, acme, "", 0)
	k.ok(err)
	k.ok(k.Leave(bg, k.op, acme))
	inside, err = k.Inside(bg, k.op, acme)
	k.ok(err)
	if len(inside) != 0 {
		t.Errorf("left, and inside: %+v", inside)
	}
}
