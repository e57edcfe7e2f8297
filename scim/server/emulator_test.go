package server

import (
	"net/http/httptest"
	"testing"

	"drawbridge/directory"
	"drawbridge/scim/emulator"
)

// Every identity provider's whole sequence of requests gets the answers that this provider expects.
func TestEmulatorsGetWhatTheyExpect(t *testing.T) {
	t.Parallel()
	types := map[string]directory.ConnectionType{
		"okta": directory.Okta, "okta-oin": directory.Okta, "entra": directory.Entra, "entra-flag": directory.Entra, "onelogin": directory.OneLogin,
		"jumpcloud": directory.JumpCloud, "rippling": directory.Rippling, "ping": directory.Ping, "google": directory.Google, "generic": directory.Generic,
	}
	for _, idp := range emulator.All() {
		t.Run(idp.Name(), func(t *testing.T) {
			kind, known := types[idp.Name()]
			if !known {
				kind = directory.Generic
			}
			c := newKit(t).connect("acme", "acme-"+idp.Name(), kind)
			server := httptest.NewServer(c.handler)
			defer server.Close()
			session := emulator.NewSession(&emulator.Client{Base: server.URL + "/scim/v2/" + string(c.slug)}, idp, c.token)
			played := 0
			for _, step := range emulator.Conversation(idp, emulator.NewCast("t1", "example.test")) {
				result := session.Play(t.Context(), step)
				played++
				if !result.OK() {
					t.Errorf("%s, %s: %s %s: %d %q%s\n%s", step.Phase, step.Name, result.RoundTrip.Method, result.RoundTrip.URL, result.RoundTrip.Status, result.Problems, result.Skipped, result.RoundTrip.Answer.Body)
				}
			}
			if played == 0 {
				t.Error("the conversation is empty")
			}
		})
	}
}
