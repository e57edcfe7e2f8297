package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/scim/emulator"
)

// TestNoSecretLeaks searches for tokens and passwords in everything that is written: the log at its most detailed level, events, audit
// lines, records.
func TestNoSecretLeaks(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	issued := s.tenant(t, "acme", "okta", 10)
	second, err := s.operator.CreateToken(t.Context(), "acme", wire.TokenCreate{})
	if err != nil {
		t.Fatal(err)
	}
	const password = "q7RandomPw-that-nobody-may-see"
	conversation := session(issued, emulator.OktaOIN{})
	body := `{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "mira@acme.test", "password": "` + password + `"}`
	play(t, conversation,
		emulator.Step{Method: "POST", Path: "/Users", Body: body, Expect: emulator.Expect{Status: []int{201}, Body: `{"id": "${mira}"}`}},
		emulator.Step{
			Method: "PATCH", Path: "/Users/${mira}", Expect: emulator.Expect{Status: []int{200}},
			Body: `{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "replace", "value": {"password": "` + password + `"}}]}`,
		},
		emulator.Step{
			Method: "PATCH", Path: "/Users/${mira}", Expect: emulator.Expect{Status: []int{200, 400}},
			Body: `{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "replace", "path": "password", "value": {"x": "` + password + `"}}]}`,
		},
		emulator.Step{Method: "POST", Path: "/Users", Body: body, Expect: emulator.Expect{Status: []int{409}}},
		emulator.Step{Method: "POST", Path: "/Users", Body: strings.TrimSuffix(body, "}"), Expect: emulator.Expect{Status: []int{400}}},
		emulator.Step{Method: "GET", Path: "/Users?filter=password%20eq%20%22" + password + "%22", Expect: emulator.Expect{Status: []int{400}}},
		emulator.Step{Method: "GET", Path: "/Users/${mira}?attributes=password", Expect: emulator.Expect{Status: []int{200}}},
	)

	written := map[string]string{"the log": s.log.String()}
	note := func(name string, value any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		written[name] = string(text)
	}
	for _, tenant := range []string{"acme", ""} {
		feed, err := s.operator.Events(t.Context(), tenant, 0, 1000, 0)
		note(fmt.Sprintf("the events of %q", tenant), feed, err)
		lines, err := s.operator.Audit(t.Context(), tenant, 0, 1000, 0)
		note(fmt.Sprintf("the audit trail of %q", tenant), lines, err)
	}
	user, err := s.operator.User(t.Context(), "acme", conversation.Vars["mira"])
	note("the record", user, err)
	connection, err := s.operator.Connection(t.Context(), "acme")
	note("the connection", connection, err)
	// A second server on the same database writes what it answered within a moment.
	waitFor(t, "all seven requests in the journal", func() bool {
		journal, err := s.operator.Journal(t.Context(), "acme", client.JournalSearch{Limit: 500})
		note("the journal", journal, err)
		return len(journal.Items) >= 7
	})
	for name, text := range written {
		for what, secret := range map[string]string{"the password": password, "the token": issued.Token, "the second token": second.Token} {
			if strings.Contains(text, secret) || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(secret))) {
				t.Errorf("%s is in %s", what, name)
			}
		}
	}
	if strings.Contains(s.log.String(), "mira@acme.test") && strings.Contains(firstLevel(s.log.String(), "mira@acme.test"), "level=INFO") {
		t.Error("the log above debug contains an e-mail address")
	}
}

// firstLevel is the first line of the log that contains text.
func firstLevel(log, text string) string {
	for line := range strings.Lines(log) {
		if strings.Contains(line, text) {
			return line
		}
	}
	return ""
}
