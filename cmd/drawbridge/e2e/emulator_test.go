package e2e

import (
	"testing"

	"drawbridge/scim/emulator"
)

// TestEmulatorsLeaveNoActiveUser plays the whole sequence of every identity provider.
func TestEmulatorsLeaveNoActiveUser(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	types := map[string]string{
		"okta": "okta", "okta-oin": "okta", "entra": "entra", "entra-flag": "entra", "entra-mixed": "entra",
		"onelogin": "onelogin", "onelogin-v1": "onelogin", "jumpcloud": "jumpcloud", "rippling": "rippling",
		"ping": "ping", "google": "google", "generic": "generic",
	}
	for _, idp := range emulator.All() {
		t.Run(idp.Name(), func(t *testing.T) {
			t.Parallel()
			issued := s.tenant(t, "e-"+idp.Name(), types[idp.Name()], 100)
			conversation := session(issued, idp)
			cast := emulator.NewCast("", "acme.test")
			play(t, conversation, emulator.Conversation(idp, cast)...)
			play(t, conversation, emulator.Cleanup(cast, conversation.Vars)...)
			seats, err := s.operator.Seats(t.Context(), issued.Tenant)
			if err != nil {
				t.Fatal(err)
			}
			if seats.Occupied != 0 {
				t.Errorf("%d seats are still occupied", seats.Occupied)
			}
		})
	}
	// Correctness never depends on guessing the caller: every dialect works on a connection of every type.
	t.Run("on a generic connection", func(t *testing.T) {
		for _, idp := range emulator.All() {
			if idp.Name() == "rippling" {
				continue // it sends no userName; only a connection of its own type takes the e-mail instead
			}
			t.Run(idp.Name(), func(t *testing.T) {
				t.Parallel()
				issued := s.tenant(t, "g-"+idp.Name(), "generic", 100)
				play(t, session(issued, idp), emulator.Conversation(idp, emulator.NewCast("", "acme.test"))...)
			})
		}
	})
}
