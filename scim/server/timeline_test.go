package server

import (
	"fmt"
	"os"
	"testing"
	"time"

	"drawbridge/bridge"
	connections "drawbridge/bridge/record"
	"drawbridge/directory"
)

// The timeline of a connection counts the requests in each step, including rejected credentials, and has the health at that time.
func TestTimelineCountsEachStep(t *testing.T) {
	t.Parallel()
	k := journaled(t)
	c := k.connect("acme", "acme-okta", directory.Okta)
	from := k.clock.Now().Truncate(time.Hour)
	for i := range 3 {
		c.do("POST", "/Users", fmt.Sprintf(aUser, fmt.Sprintf("u%d@acme.test", i), fmt.Sprintf("ext-%d", i))).is(201)
	}
	for range 3 {
		k.raw("GET", "/scim/v2/acme-okta/Users", "", "Authorization", "Bearer dbr_wrong").is(401)
	}
	k.raw("GET", "/scim/v2/nobody/Users", "", "Authorization", "Bearer dbr_wrong").is(401)
	k.clock.Advance(time.Hour)
	c.do("POST", "/Users", fmt.Sprintf(aUser, "u0@acme.test", "other")).is(409)
	c.do("GET", "/Users", "").is(200)
	k.clock.Advance(2 * time.Hour)
	c.do("GET", "/Users", "").is(200) // after the end

	line, err := k.bridge.Timeline(t.Context(), k.op, "acme", "acme-okta", connections.TimelineSpan{From: from, To: from.Add(3 * time.Hour), Step: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range line.Buckets {
		got = append(got, fmt.Sprintf("%d: %d changed, %d read, %d refused, %d rejected", b.Requests, b.Effects[directory.Changed], b.Effects[directory.ReadOnly], b.Effects[directory.Denied], b.Rejected))
	}
	want := []string{"3: 3 changed, 0 read, 0 refused, 3 rejected", "2: 0 changed, 1 read, 1 refused, 0 rejected", "0: 0 changed, 0 read, 0 refused, 0 rejected"}
	if fmt.Sprint(got) != fmt.Sprint(want) || !line.Since.Equal(from) {
		t.Errorf("the timeline is %q since %s, want %q", got, line.Since, want)
	}
	if len(line.Health) != 1 || line.Health[0].State != directory.NeverConnected { // no job has looked yet
		t.Errorf("health %+v", line.Health)
	}
	for name, bad := range map[string]struct{ to, step time.Duration }{"empty": {0, time.Hour}, "short": {time.Hour, time.Second}, "many": {2000 * time.Hour, time.Hour}} {
		if _, err := k.bridge.Timeline(t.Context(), k.op, "acme", "acme-okta", connections.TimelineSpan{From: from, To: from.Add(bad.to), Step: bad.step}); directory.CodeOf(err) != directory.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := k.bridge.Timeline(t.Context(), k.op, "acme", "nobody", connections.TimelineSpan{From: from, To: from.Add(time.Hour), Step: time.Hour}); directory.CodeOf(err) != directory.NotFound {
		t.Errorf("of a connection that is not there: %v", err)
	}
}

// The journal of a company is deleted with the company (T9).
func TestJournalIsRemovedWithTheTenant(t *testing.T) {
	t.Parallel()
	k := journaled(t)
	c := k.connect("acme", "acme-okta", directory.Okta)
	c.do("GET", "/Users", "").is(200)
	if got := c.exchanges("", directory.JournalQuery{}); len(got) != 1 {
		t.Fatalf("the journal has %d exchanges", len(got))
	}
	folders := func() (found []string) {
		all, err := os.ReadDir(k.journal)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range all {
			found = append(found, f.Name())
		}
		return found
	}
	before := folders()
	seen, err := k.bridge.PreviewTenantDeletion(t.Context(), k.op, "acme")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.bridge.DeleteTenant(t.Context(), k.op, "acme", bridge.DeletionOrder{Name: seen.Tenant.Name, Expect: seen.Digest, Reason: "a trial"}); err != nil {
		t.Fatal(err)
	}
	if _, err := k.bridge.Keep(t.Context(), directory.JobPrincipal("journal"), directory.RunApply); err != nil {
		t.Fatal(err)
	}
	if after := folders(); len(after) != len(before)-1 {
		t.Errorf("the folders were %v and are %v", before, after)
	}
}
