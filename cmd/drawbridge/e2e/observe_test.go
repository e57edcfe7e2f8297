package e2e

import (
	"net/http"
	"strings"
	"testing"

	"drawbridge/console/wire"
	"drawbridge/scim/emulator"
)

// TestObserveModeOverHTTP lets an identity provider sync in observe mode, checks that nothing in the tenant changes, and promotes.
func TestObserveModeOverHTTP(t *testing.T) {
	t.Parallel()
	settings := map[string]string{}
	if bridges() > 1 {
		settings["store.observe_url"] = database.Database(t)
	}
	s := start(t, settings)
	issued := s.tenant(t, "acme", "okta", 10)
	ctx := t.Context()
	okta := session(issued, emulator.OktaOIN{})
	create := func(name, id string) emulator.Step {
		return emulator.Step{
			Method: "POST", Path: "/Users", Expect: emulator.Expect{Status: []int{http.StatusCreated}, Body: `{"id": "${` + id + `}"}`},
			Body: `{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "` + name + `", "active": true}`,
		}
	}
	play(t, okta, create("mira@acme.test", "mira"))
	before, err := s.operator.Events(ctx, "acme", 0, 1000, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.operator.StartObservation(ctx, "acme", wire.ObservationStart{}); err != nil {
		t.Fatal(err)
	}
	search := emulator.Step{Method: "GET", Path: `/Users?filter=userName%20eq%20%22mira@acme.test%22`, Expect: emulator.Expect{Status: []int{http.StatusOK}, Body: `{"totalResults": 1}`}}
	deactivate := `{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "replace", "value": {"active": false}}]}`
	play(t, okta,
		search,
		create("lee@acme.test", "lee"),
		emulator.Step{Method: "PATCH", Path: "/Users/${mira}", Body: deactivate, Expect: emulator.Expect{Status: []int{http.StatusOK}}},
		emulator.Step{Method: "GET", Path: "/Users/${mira}", Expect: emulator.Expect{Status: []int{http.StatusOK}, Body: `{"active": false}`}},
		emulator.Step{Method: "GET", Path: `/Users?filter=userName%20eq%20%22lee@acme.test%22`, Expect: emulator.Expect{Status: []int{http.StatusOK}, Body: `{"totalResults": 1}`}},
	)

	seats, err := s.operator.Seats(ctx, "acme")
	if err != nil || seats.Occupied != 1 {
		t.Errorf("%d seats are taken, want 1: %v", seats.Occupied, err)
	}
	after, err := s.operator.Events(ctx, "acme", 0, 1000, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range after.Items[len(before.Items):] {
		if strings.HasPrefix(string(e.Kind), "user.") {
			t.Errorf("the feed tells %s of a write that was observed", e.Kind)
		}
	}
	o, err := s.operator.Observation(ctx, "acme")
	if err != nil {
		t.Fatal(err)
	}
	if o.Changes != 2 || o.Seats.Before != 1 || o.Seats.After != 1 {
		t.Fatalf("the difference is %+v", o)
	}
	changes, err := s.operator.ObservedChanges(ctx, "acme")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes.Items {
		if want := map[string]string{"mira@acme.test": "userName"}[c.Name]; c.MatchedBy != want {
			t.Errorf("%s is matched by %q, want %q", c.Name, c.MatchedBy, want)
		}
	}
	done, err := s.operator.Promote(ctx, "acme", o.Digest)
	if err != nil || !done.Done || done.Promoted != 2 {
		t.Fatalf("the promotion gave %+v, %v", done, err)
	}
	play(t, okta, emulator.Step{Method: "GET", Path: "/Users/${lee}", Expect: emulator.Expect{Status: []int{http.StatusOK}, Body: `{"userName": "lee@acme.test", "active": true}`}})
	mira, err := s.operator.User(ctx, "acme", okta.Vars["mira"])
	if err != nil || mira.Active {
		t.Errorf("mira is still active: %v", err)
	}
}
