package e2e

import (
	"net/http"
	"strings"
	"testing"

	"drawbridge/scim/emulator"
)

// TestCredentialReachesOneTenant tries to reach one tenant with the credentials of another, on every route.
func TestCredentialReachesOneTenant(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	northwind, contoso := s.tenant(t, "northwind", "okta", 10), s.tenant(t, "contoso", "entra", 10)
	mine := session(northwind, emulator.Generic{})
	cast := emulator.NewCast("", "same.test")
	play(t, mine, emulator.Generic{}.Create(cast.Mira)...)
	play(t, mine, emulator.Generic{}.CreateGroup(cast.Team.With(cast.Mira))...)

	foreign := session(contoso, emulator.Generic{})
	foreign.Vars["mira"], foreign.Vars["team"] = mine.Vars["mira"], mine.Vars["team"]
	expect := func(status ...int) emulator.Expect { return emulator.Expect{Status: status} }
	patch := func(operation string) string {
		return `{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [` + operation + `]}`
	}
	const user = `{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "x@same.test"}`
	const group = `{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "X"}`

	// Foreign ids with the own token: as if they did not exist.
	for _, step := range []emulator.Step{
		{Name: "read", Method: http.MethodGet, Path: "/Users/${mira}"},
		{Name: "put", Method: http.MethodPut, Path: "/Users/${mira}", Body: user},
		{Name: "patch", Method: http.MethodPatch, Path: "/Users/${mira}", Body: patch(`{"op": "replace", "value": {"active": false}}`)},
		{Name: "delete", Method: http.MethodDelete, Path: "/Users/${mira}"},
		{Name: "read group", Method: http.MethodGet, Path: "/Groups/${team}"},
		{Name: "put group", Method: http.MethodPut, Path: "/Groups/${team}", Body: group},
		{Name: "patch group", Method: http.MethodPatch, Path: "/Groups/${team}", Body: patch(`{"op": "remove", "path": "members"}`)},
		{Name: "delete group", Method: http.MethodDelete, Path: "/Groups/${team}"},
	} {
		step.Expect = expect(http.StatusNotFound)
		play(t, foreign, step)
	}
	none := emulator.Expect{Status: []int{http.StatusOK}, Body: `{"totalResults": 0, "Resources": []}`}
	play(t, foreign,
		emulator.Step{Name: "list", Method: http.MethodGet, Path: "/Users", Expect: none},
		emulator.Step{Name: "list groups", Method: http.MethodGet, Path: "/Groups", Expect: none},
		emulator.Step{Name: "by id", Method: http.MethodGet, Path: "/Users?filter=id%20eq%20%22${mira}%22", Expect: none},
		emulator.Step{Name: "by name", Method: http.MethodGet, Path: "/Users?filter=userName%20eq%20%22mira%40same.test%22", Expect: none},
		emulator.Step{Name: "by member", Method: http.MethodGet, Path: "/Groups?filter=members%20eq%20%22${mira}%22", Expect: none},
		// The same names are free here.
		emulator.Step{
			Name: "same name", Method: http.MethodPost, Path: "/Users", Expect: expect(http.StatusCreated),
			Body: `{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "mira@same.test"}`,
		},
		emulator.Step{
			Name: "same group", Method: http.MethodPost, Path: "/Groups", Body: group,
			Expect: emulator.Expect{Status: []int{http.StatusCreated}, Body: `{"id": "${own}"}`},
		},
		emulator.Step{
			Name: "foreign member", Method: http.MethodPatch, Path: "/Groups/${own}", Expect: expect(http.StatusBadRequest),
			Body: patch(`{"op": "add", "path": "members", "value": [{"value": "${mira}"}]}`),
		},
	)

	// The own token at a foreign connection: the same 401 for every route and method.
	crossed := session(northwind, emulator.Generic{})
	crossed.Client.Auth = emulator.Bearer(contoso.Token)
	crossed.Vars["mira"], crossed.Vars["team"] = mine.Vars["mira"], mine.Vars["team"]
	for _, path := range []string{"/Users", "/Users/${mira}", "/Groups", "/Groups/${team}", "/Me"} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			body := ""
			if method != http.MethodGet && method != http.MethodDelete {
				body = user
			}
			r := crossed.Play(t.Context(), emulator.Step{Method: method, Path: path, Body: body})
			if r.RoundTrip.Status != http.StatusUnauthorized && r.RoundTrip.Status != http.StatusMethodNotAllowed {
				t.Errorf("%s %s with a foreign token: %d %s", method, path, r.RoundTrip.Status, r.RoundTrip.Answer.Body)
			}
			if strings.Contains(string(r.RoundTrip.Answer.Body), "same.test") {
				t.Errorf("%s %s with a foreign token shows: %s", method, path, r.RoundTrip.Answer.Body)
			}
		}
	}
	play(t, mine, emulator.CheckActive(cast.Mira), emulator.CheckMembers(cast.Team.With(cast.Mira)))
}
