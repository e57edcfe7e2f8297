package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"drawbridge/scim/emulator"
)

// TestLargeMemberPatchesLoseNoMember is rows 54 and 55 of docs/quirks.md: a thousand members in one PATCH, and a hundred PATCHes of one
// group at once. No member is lost.
func TestLargeMemberPatchesLoseNoMember(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	issued := s.tenant(t, "acme", "okta", 0)
	conversation := session(issued, emulator.OktaOIN{})
	play(t, conversation, emulator.OktaOIN{}.CreateGroup(emulator.Group{Key: "team", Name: "Everybody"})...)
	team := conversation.Vars["team"]

	const people = 1000
	ids := make([]string, people)
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			own := session(issued, emulator.OktaOIN{})
			for i := worker; i < people; i += 8 {
				r := own.Play(t.Context(), emulator.Step{
					Method: http.MethodPost, Path: "/Users", Expect: emulator.Expect{Status: []int{http.StatusCreated}, Body: fmt.Sprintf(`{"id": "${u%d}"}`, i)},
					Body: fmt.Sprintf(`{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "u%d@acme.test"}`, i),
				})
				if !r.OK() {
					t.Error(r.Explain())
					return
				}
				ids[i] = own.Vars[fmt.Sprintf("u%d", i)]
			}
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}

	values := make([]string, people)
	for i, id := range ids {
		values[i] = `{"value": "` + id + `", "display": "a person"}`
	}
	begin := time.Now()
	patch := func(s *emulator.Session, operations ...string) emulator.Result {
		return s.Play(t.Context(), emulator.Step{
			Method: http.MethodPatch, Path: "/Groups/" + team, Expect: emulator.Expect{Status: []int{http.StatusOK, http.StatusNoContent}},
			Body: `{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [` + strings.Join(operations, ",") + `]}`,
		})
	}
	if r := patch(conversation, `{"op": "add", "path": "members", "value": [`+strings.Join(values, ",")+`]}`); !r.OK() {
		t.Fatal(r.Explain())
	}
	t.Logf("%d members in one PATCH: %s", people, time.Since(begin))
	if n := count(t, conversation, team); n != people {
		t.Fatalf("%d members after adding %d", n, people)
	}

	// A hundred at once: each takes one out and puts one in again.
	if r := patch(conversation, `{"op": "replace", "path": "members", "value": []}`); !r.OK() {
		t.Fatal(r.Explain())
	}
	for i := range 100 {
		all.Go(func() {
			own := session(issued, emulator.OktaOIN{})
			if r := patch(own, `{"op": "add", "path": "members", "value": [{"value": "`+ids[i]+`"}, {"value": "`+ids[100+i]+`"}]}`); !r.OK() {
				t.Error(r.Explain())
			}
			if r := patch(own, `{"op": "remove", "path": "members[value eq \"`+ids[100+i]+`\"]"}`); !r.OK() {
				t.Error(r.Explain())
			}
		})
	}
	all.Wait()
	if n := count(t, conversation, team); n != 100 {
		t.Errorf("%d members after 100 concurrent adds, want 100", n)
	}
}

func count(t *testing.T, s *emulator.Session, group string) int {
	t.Helper()
	r := play(t, s, emulator.Step{Method: http.MethodGet, Path: "/Groups/" + group, Expect: emulator.Expect{Status: []int{http.StatusOK}}})
	var body struct {
		Members []struct {
			Value string `json:"value"`
		} `json:"members"`
	}
	if err := json.Unmarshal(r.RoundTrip.Answer.Body, &body); err != nil {
		t.Fatal(err)
	}
	return len(body.Members)
}
