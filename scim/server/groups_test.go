package server

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"drawbridge/directory"
)

// Members of groups in POST, PUT and PATCH (rows 52 to 55 and 87 of docs/quirks.md).
func TestGroupsKeepTheirMembers(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	generic, okta := k.connect("acme", "acme-gen", directory.Generic), k.connect("bolt", "bolt-okta", directory.Okta)
	for _, c := range []*client{generic, okta} {
		ada, bob := c.user("ada@example.test"), c.user("bob@example.test")
		id := c.do("POST", "/Groups", groupBody("Team", ada, bob)).is(201).has("members.1.value", bob).id()
		c.do("GET", "/Groups/"+id+"?excludedAttributes=members", "").is(200).has("members", nil)
		c.do("GET", "/Users/"+ada, "").is(200).has("groups.0.value", id).has("groups.0.display", "Team")
		put := c.do("PUT", "/Groups/"+id, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Crew"}`).is(200).has("displayName", "Crew")
		if c == generic {
			put.has("members", nil) // 90
		} else {
			put.has("members.1.value", bob) // row 52 of the quirks
		}
		c.do("PUT", "/Groups/"+id, groupBody("Crew", bob)).is(200).has("members.0.value", bob).has("members.1", nil)
		c.do("PUT", "/Groups/"+id, groupBody("Crew")).is(200).has("members", nil)
		c.do("DELETE", "/Groups/"+id, "").is(204)
		c.do("GET", "/Users/"+ada, "").is(200).has("groups", nil)
	}
}

func TestHundredMemberPatchesLoseNoMember(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-gen", directory.Generic)
	const n = 100
	ids := make([]string, n)
	for i := range ids {
		ids[i] = c.user(fmt.Sprintf("u%d@example.test", i))
	}
	group := c.group("Team")
	var wait sync.WaitGroup
	for _, id := range ids {
		wait.Go(func() {
			got := c.do("PATCH", "/Groups/"+group, patchBody(`{"op":"add","path":"members","value":[{"value":"`+id+`"}]}`))
			if got.status != 204 {
				t.Errorf("status %d: %s", got.status, got.text)
			}
		})
	}
	wait.Wait()
	members, _ := c.do("GET", "/Groups/"+group, "").is(200).at("members").([]any)
	if len(members) != n {
		t.Fatalf("%d members, want %d", len(members), n)
	}
}

// Of many POSTs of one userName at the same time one succeeds (row 144 of docs/quirks.md).
func TestOneOfManyConcurrentCreatesWins(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-gen", directory.Generic)
	var wait sync.WaitGroup
	statuses := make([]int, 20)
	for i := range statuses {
		wait.Go(func() { statuses[i] = c.do("POST", "/Users", userBody("same@example.test")).status })
	}
	wait.Wait()
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	if count[201] != 1 || count[409] != len(statuses)-1 {
		t.Fatalf("statuses %v, want one 201 and the others 409", count)
	}
}

// A member without a value must never be dropped: a list of only such members would empty the group.
func TestMemberWithoutAValueIsRefused(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	for _, c := range []*client{k.connect("acme", "acme-gen", directory.Generic), k.connect("bolt", "bolt-entra", directory.Entra)} {
		ada := c.user("ada@example.test")
		id := c.group("Team", ada)
		for _, value := range []string{`[{}]`, `[null]`, `[""]`, `[[]]`, `{}`, `""`, `[{"value":null}]`, `[{"value":""}]`, `[{"display":"x"}]`, `[{"value":"` + ada + `"},{}]`} {
			c.do("PUT", "/Groups/"+id, `{"displayName":"Team","members":`+value+`}`).fails(400, "invalidValue")
			c.do("POST", "/Groups", `{"displayName":"Other","members":`+value+`}`).fails(400, "invalidValue")
			for _, op := range []string{"add", "replace", "remove"} {
				c.do("PATCH", "/Groups/"+id, patchBody(`{"op":"`+op+`","path":"members","value":`+value+`}`)).fails(400, "invalidValue")
			}
			c.do("PATCH", "/Groups/"+id, patchBody(`{"op":"replace","value":{"members":`+value+`}}`)).fails(400, "invalidValue")
			bulk := `{"schemas":["` + bulkSchema + `"],"Operations":[{"method":"PUT","path":"/Groups/` + id + `","data":{"displayName":"Team","members":` + value + `}}]}`
			c.do("POST", "/Bulk", bulk).is(200).has("Operations.0.status", "400")
		}
		c.do("GET", "/Groups/"+id, "").is(200).has("members.0.value", ada)
	}
}

// C6: a member that the setting unknown_members drops is in the header, the metric, the journal and the audit line, whether the rest of the
// write changes something or not.
func TestDroppedMembersAreVisible(t *testing.T) {
	t.Parallel()
	metrics := NewMetrics(prometheus.NewPedanticRegistry())
	k := journaled(t, func(c *Config) { c.Metrics = metrics })
	c := k.connect("acme", "acme-entra", directory.Entra)
	ignore := directory.Ignore
	_, err := k.bridge.EditConnection(t.Context(), k.op, c.slug, directory.Precondition{}, func(x directory.Connection) (directory.Connection, error) {
		x.UnknownMembers = &ignore
		return x, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ada := c.user("ada@example.test")
	const nobody = "01ab0000-0000-7000-0000-00000000ffff"
	requests := 0
	seen := func(a *answer, effect directory.Effect, outcome directory.Outcome) {
		t.Helper()
		requests++
		if got := a.header.Get("Drawbridge-Quirks"); !strings.Contains(got, "members.unknown_ignored") {
			t.Errorf("the header is %q", got)
		}
		if n := testutil.ToFloat64(metrics.quirks.WithLabelValues("members.unknown_ignored")); int(n) != requests {
			t.Errorf("%v are counted, want %d", n, requests)
		}
		lines, _, err := k.bridge.SearchAudit(t.Context(), k.op, c.tenant, directory.AuditQuery{Limit: 1, Scan: 100})
		if err != nil || len(lines) != 1 {
			t.Fatal(lines, err)
		}
		if l := lines[0]; !slices.Contains(l.Deviations, "members.unknown_ignored") || !strings.Contains(l.Reason, nobody) || l.Outcome != outcome {
			t.Errorf("the audit line is %+v", l)
		}
		entries := c.exchanges("", directory.JournalQuery{})
		if e := entries[len(entries)-1]; !slices.Contains(e.Quirks, "members.unknown_ignored") || e.Effect != effect {
			t.Errorf("the journal entry is %+v", e)
		}
	}
	created := c.do("POST", "/Groups", groupBody("Team", ada, nobody)).is(201)
	seen(created, directory.Changed, directory.Done)
	id := created.id()
	add := patchBody(`{"op":"Add","path":"members","value":[{"value":"` + nobody + `"}]}`)
	seen(c.do("PATCH", "/Groups/"+id, add).is(204), directory.Unchanged, directory.WasDenied)
	seen(c.do("PUT", "/Groups/"+id, groupBody("Crew", ada, nobody)).is(200), directory.Changed, directory.Done)
	seen(c.do("PUT", "/Groups/"+id, groupBody("Crew", ada, nobody)).is(200), directory.Unchanged, directory.WasDenied)
}
