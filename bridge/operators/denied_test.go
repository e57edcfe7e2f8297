package operators_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
)

// deniedLines gives the audit lines of refusals with an action.
func (k *kit) deniedLines(tenant directory.TenantID, action directory.Action) []directory.Audit {
	k.T.Helper()
	var out []directory.Audit
	for _, line := range k.AuditOf(tenant) {
		if line.Action == action && line.Outcome == directory.WasDenied {
			out = append(out, line)
		}
	}
	return out
}

func TestWrongCodeIsAudited(t *testing.T) {
	t.Parallel()
	k := start(t)
	ada := k.NewOperator("ada@msp.example", directory.RoleOwner)
	p, _ := k.SignInAs("ada@msp.example", "")
	e, err := k.BeginFactor(bg, p, "Drawbridge")
	k.OK(err)
	_, err = k.ConfirmFactor(bg, p, "000000", bridgetest.Home())
	k.Denied(err, directory.Unauthorized, "O6")
	code, err := totp.GenerateCode(e.Secret, k.Clock.Now())
	k.OK(err)
	_, err = k.ConfirmFactor(bg, p, code, bridgetest.Home())
	k.OK(err)
	k.Denied(k.RemoveFactor(bg, p, "000000", bridgetest.Home()), directory.Unauthorized, "O6")
	_, err = k.NewRecoveryCodes(bg, p, "000000", bridgetest.Home())
	k.Denied(err, directory.Unauthorized, "O6")
	k.Denied(k.Reauthenticate(bg, p, bridgetest.Phrase, "000000", bridgetest.Home()), directory.Unauthorized, "O6")
	for _, action := range []directory.Action{"operator.mfa_enrol", "operator.mfa_remove", "operator.recovery_codes", "operator.step_up"} {
		lines := k.deniedLines(directory.Provider, action)
		if len(lines) != 1 || lines[0].Actor.ID != ada.ID.String() || lines[0].Subject.ID != ada.ID.String() || lines[0].Rule != "O6" {
			t.Errorf("%s: %+v", action, lines)
		}
	}
	k.Denied(k.Reauthenticate(bg, p, bridgetest.Phrase, "", bridgetest.Home()), directory.Unauthorized, "O6") // asks for the code
	if lines := k.deniedLines(directory.Provider, "operator.step_up"); len(lines) != 1 {
		t.Errorf("a missing code has a line: %+v", lines)
	}
}

func TestDeniedRequestsAreRecordedWithinBounds(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	k.NewOperator("desk@msp.example", directory.RoleHelpDesk, acme)
	p, _ := k.SignInAs("desk@msp.example", "")
	no := &directory.Error{Code: directory.Forbidden, Rule: "O1", Message: "this needs a right"}
	refuse := func(tenant directory.TenantID, verb string, n int) {
		t.Helper()
		p.Tenant = tenant
		for range n {
			k.OK(k.RecordDenied(bg, p, directory.Subject{Kind: "request", ID: verb, Name: "/x"}, no))
		}
	}
	refuse(acme, "delete-user", 1000)
	lines := k.deniedLines(acme, "request.denied")
	if len(lines) != 1 || lines[0].Actor.ID != p.Actor.ID || lines[0].Subject.ID != "delete-user" || lines[0].Rule != "O1" || lines[0].Reason != no.Message {
		t.Fatalf("lines %+v", lines)
	}
	k.Clock.Advance(time.Minute)
	refuse(acme, "delete-user", 1)
	if lines = k.deniedLines(acme, "request.denied"); len(lines) != 2 || !strings.Contains(lines[1].Reason, "999 refusals like it") {
		t.Errorf("lines %+v", lines)
	}
	// Of all verbs together a burst, and then one in ten seconds.
	k.Clock.Advance(time.Hour)
	for i := range 1000 {
		refuse(directory.Provider, fmt.Sprintf("verb-%d", i), 1)
	}
	if lines = k.deniedLines(directory.Provider, "request.denied"); len(lines) != 20 {
		t.Errorf("%d lines of 1000 verbs", len(lines))
	}
	k.Clock.Advance(10 * time.Second)
	refuse(directory.Provider, "one-more", 2)
	if lines = k.deniedLines(directory.Provider, "request.denied"); len(lines) != 21 {
		t.Errorf("%d lines ten seconds later", len(lines))
	}
	// A tenant that is not there has no trail.
	k.Clock.Advance(time.Hour)
	refuse("nowhere", "delete-user", 1)
	if lines = k.deniedLines(directory.Provider, "request.denied"); len(lines) != 22 {
		t.Errorf("%d lines about a tenant that is not there", len(lines))
	}
	// Another operator has lines of their own.
	k.NewOperator("other@msp.example", directory.RoleHelpDesk, acme)
	p, _ = k.SignInAs("other@msp.example", "")
	refuse(acme, "delete-user", 1)
	if lines = k.deniedLines(acme, "request.denied"); len(lines) != 3 {
		t.Errorf("%d lines of two operators", len(lines))
	}
}
