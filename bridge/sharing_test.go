package bridge_test

import (
	"bytes"
	"crypto/ed25519"
	"slices"
	"testing"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/bundle"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/projects"
	"drawbridge/bridge/sharing"
	"drawbridge/bridge/targets"
	"drawbridge/bridge/txn"
	"drawbridge/bridge/webhooks"
	"drawbridge/directory"
	"drawbridge/store"
)

func startSealed(t *testing.T) *kit {
	t.Helper()
	ring, err := credential.NewRing(bytes.Repeat([]byte{7}, credential.SealKeySize))
	if err != nil {
		t.Fatal(err)
	}
	return start(t, func(c *bridgetest.Config) { c.Seal = ring })
}

// detachments gives the lines of the installation's trail about what was detached from companies.
func detachments(k *kit) (out []string) {
	for _, line := range k.AuditOf(directory.Provider) {
		if line.Action == directory.ActionWebhookDetach || line.Action == directory.ActionTargetDetach || line.Action == directory.ActionProjectDetach || line.Action == directory.ActionOperatorSubscription {
			out = append(out, string(line.Action)+" "+line.Subject.Name+" by "+line.Actor.Name+": "+line.Reason)
		}
	}
	return out
}

// integrationsOf names integrations with their kinds.
func integrationsOf(all []sharing.Integration) (out string) {
	for _, i := range all {
		out += i.Kind + " " + i.Name + ", "
	}
	return out
}

// A company that is deleted leaves every webhook, channel, target and subscription that names it (C11, T9). The trail of the installation
// says so, as the act of who deleted it. What other companies have stays as it was.
func TestC11ADeletedTenantLeavesIntegrations(t *testing.T) {
	t.Parallel()
	k := startSealed(t)
	acme, birch := k.NewTenant("acme", 0), k.NewTenant("birch", 0)
	both, one := []directory.TenantID{acme, birch}, []directory.TenantID{acme}
	url := "https://in.example.com/"
	for _, d := range []webhooks.Draft{
		{Name: "both", URL: url, Tenants: both},
		{Name: "one", URL: url, Tenants: one},
		{Name: "every", URL: url, All: true},
		{Name: "lines", URL: url, Format: directory.SignedAudit, Tenants: both},
		{Name: "chat", URL: url, Format: directory.Slack, Tenants: both},
	} {
		_, _, err := k.Hooks.Create(bg, k.Op, d)
		k.OK(err)
	}
	_, err := k.Targets.Create(bg, k.Op, targets.Draft{Name: "crm", URL: url, Secret: "s3cret", Tenants: both})
	k.OK(err)
	k.OK(k.Pulls().Projects().Create(bg, k.Op, projects.Draft{Name: "shared", Key: projects.Key{Text: []byte("{}")}, Tenants: both}))
	pat, ann := k.NewOperator("pat@msp.test", directory.RoleAdmin), k.NewOperator("ann@msp.test", directory.RoleAdmin)
	for id, tenants := range map[directory.ID][]directory.TenantID{pat.ID: both, ann.ID: one} {
		_, err := k.EditOperator(bg, k.Op, id, directory.Precondition{}, func(o directory.Operator) (directory.Operator, error) {
			o.Scope = directory.Scope{All: true}
			return o, nil
		})
		k.OK(err)
		_, err = k.SetSubscription(bg, k.Op, id, directory.Precondition{}, &directory.Subscription{Kinds: []string{"alert"}, Tenants: tenants})
		k.OK(err)
	}
	before := len(detachments(k))

	seen, err := k.PreviewTenantDeletion(bg, k.Op, acme)
	k.OK(err)
	if got := integrationsOf(seen.Integrations); got != "webhook both, channel chat, webhook every, webhook lines, webhook one, target crm, project shared, " {
		t.Errorf("the preview names %q", got)
	}
	if other, err := k.PreviewTenantDeletion(bg, k.Op, birch); err != nil || len(other.Integrations) != len(seen.Integrations)-1 {
		t.Errorf("the preview of the other company: %+v, %v", other.Integrations, err)
	}
	_, err = k.DeleteTenant(bg, k.Op, acme, bridge.DeletionOrder{Name: seen.Tenant.Name, Expect: seen.Digest, Reason: "a trial"})
	k.OK(err)
	hooks, err := k.Hooks.All(bg)
	k.OK(err)
	for i := range hooks {
		if _, there := hooks[i].Tenants[acme]; there {
			t.Errorf("webhook %s names the company that is gone", hooks[i].Name)
		}
		if _, there := hooks[i].Tenants[birch]; there != (hooks[i].Name != "one") {
			t.Errorf("webhook %s and the other company: %v", hooks[i].Name, there)
		}
	}
	crm, err := k.Targets.Target(bg, k.Op, "crm")
	k.OK(err)
	if len(crm.Tenants) != 1 || len(crm.Shares) != 1 || crm.Shares[0].Tenant != birch {
		t.Errorf("the target has %v", crm.Tenants)
	}
	shared, err := k.Pulls().Projects().Project(bg, k.Op, "shared")
	k.OK(err)
	if len(shared.Tenants) != 1 || len(shared.Shares) != 1 || shared.Shares[0].Tenant != birch {
		t.Errorf("the Google project has %v", shared.Tenants)
	}
	for id, want := range map[directory.ID][]directory.TenantID{pat.ID: {birch}, ann.ID: nil} {
		v, err := k.Subscription(bg, k.Op, id)
		k.OK(err)
		if !slices.Equal(v.Subscription.Tenants, want) || (want == nil) != (len(v.Subscription.Kinds) == 0) {
			t.Errorf("%s is told about %v of %v", v.Operator.Email, v.Subscription.Kinds, v.Subscription.Tenants)
		}
	}
	who := k.Op.Actor.Name
	want := []string{
		"operator.subscription A B by " + who + ": companies are gone (T6, T9)", "operator.subscription A B by " + who + ": companies are gone (T6, T9)",
		"project.detach shared by " + who + ": company acme was deleted (T9)",
		"webhook.detach both by " + who + ": company acme was deleted (T9)", "webhook.detach chat by " + who + ": company acme was deleted (T9)",
		"webhook.detach every by " + who + ": company acme was deleted (T9)", "webhook.detach lines by " + who + ": company acme was deleted (T9)",
		"webhook.detach one by " + who + ": company acme was deleted (T9)", "target.detach crm by " + who + ": company acme was deleted (T9)",
	}
	if got := detachments(k)[before:]; !slices.Equal(got, want) {
		t.Errorf("the trail says\n%q\nwant\n%q", got, want)
	}
}

// The job of the hand-overs completes a deletion that was interrupted, also one by an older version. The lines name the operator who deleted
// the company. A second run does nothing.
func TestC11TheJobCompletesWhatADeletionLeft(t *testing.T) {
	t.Parallel()
	k := startSealed(t)
	acme := k.NewTenant("acme", 0)
	_, err := k.Targets.Create(bg, k.Op, targets.Draft{Name: "crm", URL: "https://in.example.com/", Secret: "s3cret", Tenants: []directory.TenantID{acme}})
	k.OK(err)
	crm, err := k.Targets.Own(bg, k.Op, "crm")
	k.OK(err)
	seen, err := k.PreviewTenantDeletion(bg, k.Op, acme)
	k.OK(err)
	_, err = k.DeleteTenant(bg, k.Op, acme, bridge.DeletionOrder{Name: seen.Tenant.Name, Expect: seen.Digest, Reason: "a trial"})
	k.OK(err)
	k.OK(k.Write(bg, k.Op, func(x *txn.Tx) error { // as it was before
		x.Audit(x.Line(directory.ActionTargetUpdate, directory.Subject{Kind: "target", ID: crm.ID.String(), Name: crm.Name}))
		return x.Set(directory.TargetKV, crm.Name, crm)
	}))
	before := len(detachments(k))
	p := directory.JobPrincipal("handover")
	for i, how := range []directory.Run{directory.RunDry, directory.RunApply, directory.RunApply} {
		done, err := k.Handovers().ContinueHandovers(bg, p, how)
		k.OK(err)
		if left := i < 2; left != (len(done) == 1) || left && done[0].Did != "crm detached from companies that are gone" {
			t.Errorf("run %d: %+v", i, done)
		}
		if got := len(detachments(k)) - before; got != min(i, 1) {
			t.Errorf("after run %d the trail has %d lines", i, got)
		}
	}
	if got := detachments(k)[before:]; !slices.Equal(got, []string{"target.detach crm by " + k.Op.Actor.Name + ": company acme was deleted (T9)"}) {
		t.Errorf("the trail says %q", got)
	}
}

// A company whose data is deleted after it was handed over leaves the integrations as the act of the job, not of who deletes another company.
func TestC11AHandedOverTenantLeavesByTheJob(t *testing.T) {
	t.Parallel()
	k := startSealed(t)
	acme, birch := k.NewTenant("acme", 0), k.NewTenant("birch", 0)
	_, err := k.Targets.Create(bg, k.Op, targets.Draft{Name: "crm", URL: "https://in.example.com/", Secret: "s3cret", Tenants: []directory.TenantID{acme}})
	k.OK(err)
	crm, err := k.Targets.Own(bg, k.Op, "crm")
	k.OK(err)
	remove := func(tenant directory.TenantID) {
		t.Helper()
		seen, err := k.PreviewTenantDeletion(bg, k.Op, tenant)
		k.OK(err)
		_, err = k.DeleteTenant(bg, k.Op, tenant, bridge.DeletionOrder{Name: seen.Tenant.Name, Expect: seen.Digest, Reason: "a trial"})
		k.OK(err)
	}
	remove(acme)
	k.OK(k.Store.Update(bg, acme, nil, func(r store.Reader) (directory.Change, error) { // as if it was handed over, by an older version
		gone, err := r.Tenant()
		if err != nil {
			return directory.Change{}, err
		}
		h := *gone.Handover
		h.Deletion = false
		gone.Handover, gone.Version = &h, gone.Version+1
		line := directory.Audit{Time: k.Clock.Now(), Tenant: acme, Actor: k.Op.Actor, Action: directory.ActionTenantErase, Outcome: directory.Done}
		return directory.Change{Tenant: &gone, Audit: []directory.Audit{line}}, nil
	}))
	k.OK(k.Write(bg, k.Op, func(x *txn.Tx) error {
		x.Audit(x.Line(directory.ActionTargetUpdate, directory.Subject{Kind: "target", ID: crm.ID.String(), Name: crm.Name}))
		return x.Set(directory.TargetKV, crm.Name, crm)
	}))
	before := len(detachments(k))
	remove(birch)
	if got := detachments(k)[before:]; !slices.Equal(got, []string{"target.detach crm by job handover: the data of company acme was deleted (T6)"}) {
		t.Errorf("the trail says %q", got)
	}
}

// A hand-over bundle has nothing of a Google project but the lines of the company's own trail: no key, and a connection that names none.
func TestC11ABundleHasNoGoogleProject(t *testing.T) {
	t.Parallel()
	key, sign := signing(t)
	ring, err := credential.NewRing(bytes.Repeat([]byte{7}, credential.SealKeySize))
	if err != nil {
		t.Fatal(err)
	}
	k := start(t, sign, func(c *bridgetest.Config) { c.Seal = ring })
	acme := k.company("acme")
	k.OK(k.Pulls().Projects().Create(bg, k.Op, projects.Draft{Name: "shared", Key: projects.Key{Text: []byte("the key itself")}, Tenants: []directory.TenantID{acme}}))
	_, _, err = k.CreateConnection(bg, k.Op, bridge.ConnectionDraft{
		ID: "acme-google", Tenant: acme, Type: directory.GoogleDirectory, Google: &directory.GooglePull{Admin: "admin@acme.example", Project: "shared"},
	})
	k.OK(err)
	shared, err := k.Pulls().Projects().Project(bg, k.Op, "shared")
	k.OK(err)
	connections := 0
	_, _, err = bundle.Read(bytes.NewReader(k.unlink(acme)), []ed25519.PublicKey{key}, func(kind string, line []byte) error {
		if kind == bundle.Connections && bytes.Contains(line, []byte("google-directory")) {
			connections++
			if bytes.Contains(line, []byte("shared")) {
				t.Errorf("the connection names the project: %s", line)
			}
		}
		if kind == bundle.KVs && bytes.Contains(line, []byte(shared.ID.String())) {
			t.Errorf("the bundle has %s: %s", kind, line)
		}
		return nil
	})
	k.OK(err)
	if connections != 1 {
		t.Errorf("the bundle has %d connections of Google", connections)
	}
}
