package push_test

import (
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/webhooks"
	"drawbridge/directory"
)

// What a receiver did not get of a company whose data is deleted, it is told as a gap, until it takes that: events and audit lines. The trail
// of the installation says so, too. A webhook that got everything, or gets nothing of the rest, and a channel are told nothing.
func TestTheRestOfADeletedCompanyIsAGap(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 50)
	idp := k.NewIdP(acme, "acme-okta")
	events, lines, quiet := receive(t), receive(t), receive(t)
	k.create("portal", events.URL)
	k.create("every", events.URL, func(d *webhooks.Draft) { d.Tenants, d.All = nil, true })
	k.create("siem", lines.URL, func(d *webhooks.Draft) { d.Format = directory.SignedAudit })
	k.create("groups", quiet.URL, func(d *webhooks.Draft) { d.Events = []string{"group.deleted"} })
	k.create("chat", quiet.URL, func(d *webhooks.Draft) { d.Format, d.Events = directory.PlainJSON, []string{"user.suspended"} })
	k.people(idp, 1)
	k.until("what happened so far", func() bool {
		return k.progress("portal").Backlog()+k.progress("every").Backlog()+k.progress("siem").Backlog() == 0 && len(events.all()) > 1 && len(lines.all()) > 1
	})
	from := k.LastEvent(acme) + 1
	k.OK(k.push.Close(t.Context()))
	k.people(idp, 3)
	seen, err := k.PreviewTenantDeletion(t.Context(), k.Op, acme)
	k.OK(err)
	before := map[*receiver]int{events: len(events.all()), lines: len(lines.all())}
	events.reply(status(503))
	_, err = k.DeleteTenant(t.Context(), k.Op, acme, bridge.DeletionOrder{Name: seen.Tenant.Name, Expect: seen.Digest, Reason: "a trial"})
	k.OK(err)
	k.restart()
	refused := events.requests()
	k.until("a refused message and one that was taken", func() bool { return events.requests() >= refused+2 && len(lines.all()) > before[lines] })
	events.reply(nil)
	k.until("the gaps", func() bool {
		k.Clock.Advance(time.Second) // a refused attempt counts from when its answer was read
		return len(events.all()) == before[events]+2
	})
	for r, n := range before {
		for _, m := range r.all()[n:] {
			if m.Type != "feed.gap" || m.Data.Tenant != "acme" || m.Data.From > from && r == events || m.Data.To < m.Data.From {
				t.Errorf("%+v; want a gap from %d", m, from)
			}
		}
	}
	if len(lines.all()) != before[lines]+1 || quiet.requests() != 0 {
		t.Errorf("%d messages about lines, %d to those who miss nothing", len(lines.all())-before[lines], quiet.requests())
	}
	var noted []string
	for _, line := range k.AuditOf(directory.Provider) {
		if line.Action == directory.ActionWebhookGap && !strings.Contains(line.Reason, "was told") {
			noted = append(noted, line.Subject.Name)
		}
	}
	if len(noted) != 3 {
		t.Errorf("the trail names %q", noted)
	}
	k.until("that nothing is left", func() bool {
		all, err := k.Hooks.All(t.Context())
		k.OK(err)
		n := 0
		for i := range all {
			n += len(all[i].Gaps)
		}
		return n == 0
	})
	k.OK(k.Hooks.NoteGaps(t.Context(), acme)) // there is nothing left to miss
}
