package server

import (
	"context"
	"strings"
	"testing"

	"drawbridge/bridge"
	"drawbridge/directory"
)

// events gives the events of the tenant after the number after.
func (c *client) events(after uint64) (events []directory.Event) {
	c.t.Helper()
	page, err := c.bridge.Events(context.Background(), c.op, c.tenant, after, 0)
	if err != nil {
		c.t.Fatal(err)
	}
	return page.Events
}

// eventShapes writes events as "kind verb version".
func eventShapes(events []directory.Event) string {
	var out []string
	for i := range events {
		out = append(out, strings.TrimSpace(string(events[i].Kind)+" "+string(events[i].Verb)+" "+events[i].Version))
	}
	return strings.Join(out, ", ")
}

// An event says which method changed its subject, and which version the subject has afterwards (E2).
func TestEventsDescribeTheChange(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	c := k.connect("acme", "acme-okta", directory.Okta)
	after := uint64(len(c.events(0)))
	next := func(want string) []directory.Event {
		t.Helper()
		got := c.events(after)
		after += uint64(len(got))
		if eventShapes(got) != want {
			t.Errorf("events %s, want %s", eventShapes(got), want)
		}
		for i := range got {
			if got[i].Txn == "" || got[i].Txn != got[0].Txn {
				t.Errorf("event %d has the txn %q, the first one %q", i, got[i].Txn, got[0].Txn)
			}
		}
		return got
	}
	ann, bob := c.user("ann"), c.user("bob")
	next0 := c.events(after)
	after += uint64(len(next0))
	if eventShapes(next0) != `user.created create W/"1", user.created create W/"1"` || next0[0].Txn == next0[1].Txn {
		t.Errorf("%s by %q and %q", eventShapes(next0), next0[0].Txn, next0[1].Txn)
	}
	put := c.do("PUT", "/Users/"+ann, userBody("ann", `,"title":"Boss"`)).is(200)
	if got := next(`user.updated put W/"2"`); got[0].Version != put.header.Get("Etag") || got[0].Txn != put.header.Get("X-Request-Id") {
		t.Errorf("%+v of a request with %v", got[0], put.header)
	}
	c.do("PATCH", "/Users/"+ann, patchBody(`{"op":"replace","path":"title","value":"Chief"}`)).is(200)
	next(`user.updated patch W/"3"`)
	// One transaction, two events.
	c.do("PUT", "/Users/"+ann, userBody("ann", `,"title":"No","active":false`)).is(200)
	next(`user.updated put W/"4", user.suspended put W/"4"`)
	c.do("DELETE", "/Users/"+bob, "").is(204)
	next(`user.suspended delete W/"2"`)
	g := c.group("Sales", ann)
	next(`group.created create W/"1", group.members_changed patch W/"1"`)
	// The group is named by the request; the person in it is not.
	c.do("PUT", "/Groups/"+g, groupBody("Sales team")).is(200)
	for _, e := range next(`group.updated put W/"2", group.members_changed put W/"2"`) {
		if e.Data.Value("changed") == nil {
			t.Errorf("%s does not say what changed: %s", e.Kind, e.Data)
		}
	}
	c.do("DELETE", "/Groups/"+g, "").is(204)
	next(`group.deleted delete`)
	bulk := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[` +
		`{"method":"POST","path":"/Users","bulkId":"x","data":` + userBody("cid") + `},{"method":"PATCH","path":"/Users/` + ann + `","data":` +
		patchBody(`{"op":"replace","path":"title","value":"Bulk"}`) + `}]}`
	c.do("POST", "/Bulk", bulk).is(200)
	next(`user.created create W/"1", user.updated patch W/"5"`)
}

// A refusal changes no record, and a job has no request. Their events have different transaction ids nevertheless.
func TestEventsOfRefusalsAndOperators(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	c := k.connect("acme", "acme-okta", directory.Okta, func(v *directory.Tenant) { v.Seats = 1 })
	ann := c.user("ann")
	after := uint64(len(c.events(0)))
	c.do("POST", "/Users", userBody("bob")).is(403)
	if got := eventShapes(c.events(after)); got != "seat.refused none" {
		t.Errorf("events %s", got)
	}
	after++
	id, _ := directory.ParseID(ann)
	if _, _, err := k.bridge.SuspendUser(t.Context(), k.op, c.tenant, id, bridge.SuspendOrder{Mode: directory.Hold, Reason: "left"}); err != nil {
		t.Fatal(err)
	}
	if got := eventShapes(c.events(after)); got != `user.suspended patch W/"2"` {
		t.Errorf("events %s", got)
	}
	for range 2 {
		k.clock.Advance(24 * 60 * 60 * 1e9)
		if _, err := k.bridge.TakeSnapshots(t.Context(), directory.JobPrincipal("snapshot"), c.tenant, directory.RunApply); err != nil {
			t.Fatal(err)
		}
	}
	all := c.events(after + 1)
	last := all[len(all)-1]
	if last.Verb != directory.VerbNone || !strings.HasPrefix(last.Txn, "job-snapshot-") || last.Txn == all[0].Txn {
		t.Errorf("%+v after %+v", last, all[0])
	}
}
