package server

import (
	"fmt"
	"sync"
	"testing"

	"drawbridge/directory"
)

func TestGroupMembersRows52to55and87(t *testing.T) {
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

func TestHundredMemberPatchesLoseNobody(t *testing.T) {
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

func TestConcurrentCreatesRow144(t *testing.T) {
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
