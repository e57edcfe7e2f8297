package bridge_test

import (
	"slices"
	"testing"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/directory"
)

// A company is deleted with everything in it, after a preview, if its name is typed (T9). No other company gets its slug, and the audit
// trail of the installation says who deleted it.
func TestT9ATenantIsDeleted(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme, birch := k.NewTenant("acme", 0), k.NewTenant("birch", 0)
	okta := k.NewIdP(acme, "acme-okta")
	k.NewIdP(birch, "birch-okta")
	k.NewUser(okta, bridgetest.Person{Name: "ada@acme.test"})
	tech := k.NewOperator("tech@msp.test", directory.RoleTechnician, acme, birch)
	found, err := k.Tenant(bg, acme)
	k.OK(err)
	seen, err := k.PreviewTenantDeletion(bg, k.Op, acme)
	k.OK(err)
	if seen.Deleted || seen.Usage.Users[directory.TeamMember][directory.Active] != 1 || len(seen.Connections) != 1 || seen.Operators != 1 || seen.AuditLines == 0 {
		t.Errorf("the preview %+v", seen)
	}
	_, err = k.DeleteTenant(bg, k.Op, acme, bridge.DeletionOrder{Name: "Another", Expect: seen.Digest, Reason: "a trial"})
	if no := k.Fails(err, directory.Invalid, "T9"); no.Field != "name" {
		t.Errorf("with another name: %v", no)
	}
	_, err = k.DeleteTenant(bg, k.Op, acme, bridge.DeletionOrder{Name: found.Name, Expect: seen.Digest})
	k.Fails(err, directory.Invalid, "")
	k.NewUser(okta, bridgetest.Person{Name: "bob@acme.test"})
	_, err = k.DeleteTenant(bg, k.Op, acme, bridge.DeletionOrder{Name: found.Name, Expect: seen.Digest, Reason: "a trial"})
	if no := k.Fails(err, directory.Conflict, "T9"); no.Field != "expect" {
		t.Errorf("after a change: %v", no)
	}
	seen, err = k.PreviewTenantDeletion(bg, k.Op, acme)
	k.OK(err)
	done, err := k.DeleteTenant(bg, k.Op, acme, bridge.DeletionOrder{Name: found.Name, Expect: seen.Digest, Reason: "a trial"})
	k.OK(err)
	if !done.Deleted || done.Tenant.Status != directory.TenantGone {
		t.Errorf("done %+v", done)
	}
	_, err = k.DeleteTenant(bg, k.Op, acme, bridge.DeletionOrder{Name: found.Name, Expect: seen.Digest, Reason: "a trial"})
	k.Fails(err, directory.Conflict, "T6")
	trail := k.AuditOf(acme)
	if len(trail) != 1 || trail[0].Action != "tenant.erase" || trail[0].Rule != "T9" || trail[0].Reason != "a trial" || trail[0].Actor.ID != k.Op.Actor.ID {
		t.Errorf("the trail of the tenant is %+v", trail)
	}
	var noted []string
	for _, l := range k.AuditOf(directory.Provider) {
		if l.Subject.ID == "acme" {
			noted = append(noted, string(l.Action)+" "+string(l.Rule)+" "+l.Reason)
		}
	}
	if !slices.Equal(noted, []string{"tenant.delete T9 a trial"}) {
		t.Errorf("the trail of the installation says %v", noted)
	}
	after, err := k.OperatorByID(bg, k.Op, tech.ID)
	k.OK(err)
	if !slices.Equal(after.Operator.Scope.Tenants, []directory.TenantID{birch}) {
		t.Errorf("the technician has %v", after.Operator.Scope.Tenants)
	}
	if report, err := k.VerifyAudit(bg, k.Op, birch, nil); err != nil || report.Broken != 0 {
		t.Errorf("the other tenant: %+v %v", report, err)
	}
}
