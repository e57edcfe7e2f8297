package bridge_test

import (
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/directory"
)

func TestC7HealthIsAnnouncedOnce(t *testing.T) {
	k := start(t, func(c *bridge.Config) {
		c.Cadence = func(t directory.ConnectionType) time.Duration {
			if t == directory.Entra {
				return 40 * time.Minute
			}
			return 7 * 24 * time.Hour
		}
	})
	acme := k.tenant("acme", 0)
	var secret string
	for _, kind := range []directory.ConnectionType{directory.Entra, directory.Okta} {
		_, s, err := k.CreateConnection(bg, k.op, bridge.ConnectionDraft{Tenant: acme, Type: kind})
		k.ok(err)
		if kind == directory.Entra {
			secret = s.Text
		}
	}
	check := func() string {
		t.Helper()
		would, err := k.CheckHealth(bg, k.Job("health"), acme, true)
		k.ok(err)
		changed, err := k.CheckHealth(bg, k.Job("health"), acme, false)
		k.ok(err)
		if len(would) != len(changed) {
			t.Errorf("the dry run said %v, and it did %v", would, changed)
		}
		again, err := k.CheckHealth(bg, k.Job("health"), acme, false)
		k.ok(err)
		if len(again) != 0 {
			t.Errorf("announced twice: %v", again)
		}
		var out []string
		for _, c := range changed {
			out = append(out, string(c.Connection)+" "+string(c.To))
		}
		return strings.Join(out, ", ")
	}
	expect := func(want string) {
		t.Helper()
		if got := check(); got != want {
			t.Errorf("changes %q, want %q", got, want)
		}
	}
	call := func(fail string) {
		t.Helper()
		p, err := k.Authenticate(bg, "acme-entra", bridge.Credential{Secret: secret}, bridge.Client{Request: "req-9"})
		k.ok(err)
		if fail == "" {
			k.Success(p)
		} else {
			k.Failure(p, fail)
		}
	}
	expect("") // never connected is how it begins
	call("")
	expect("acme-entra healthy")
	k.clock.Advance(time.Minute)
	for range 5 {
		call("403 no seat")
	}
	expect("acme-entra failing")
	k.ok(k.Flush(bg)) // what is known survives
	all, err := k.Connections(bg, k.op, acme)
	k.ok(err)
	h := all[0].Health
	if h.State != directory.Failing || h.Error != "403 no seat" || h.Request != "req-9" || !strings.Contains(h.Why, "5 requests") || h.Since.IsZero() {
		t.Errorf("%+v", h)
	}
	if all[1].Health.State != directory.NeverConnected {
		t.Errorf("%+v", all[1].Health)
	}
	k.clock.Advance(time.Minute)
	call("")
	expect("acme-entra healthy")
	k.clock.Advance(81 * time.Minute)
	expect("acme-entra quiet")
	_, err = k.EditConnection(bg, k.op, "acme-entra", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.Paused = true
		return c, nil
	})
	k.ok(err)
	_, err = k.Authenticate(bg, "acme-entra", bridge.Credential{Secret: secret}, bridge.Client{})
	k.fails(err, directory.Unavailable, "L4")
	expect("") // a pause is no news
	_, err = k.EditConnection(bg, k.op, "acme-entra", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.Paused = false
		return c, nil
	})
	k.ok(err)
	call("")
	expect("acme-entra healthy")

	// A credential that was revoked and is still used is a sync that fails.
	tokens := all[0].Tokens
	k.ok(k.RevokeToken(bg, k.op, "acme-entra", tokens[0].ID))
	for range 5 {
		k.clock.Advance(time.Minute)
		_, err := k.Authenticate(bg, "acme-entra", bridge.Credential{Secret: secret}, bridge.Client{Request: "req-old"})
		k.fails(err, directory.Unauthorized, "")
	}
	expect("acme-entra failing")
	var kinds []string
	for _, e := range k.events(acme, 0) {
		if e.Kind == directory.ConnectionHealth {
			to, _ := e.Data.Value("to").(string)
			kinds = append(kinds, to)
		}
	}
	if got := strings.Join(kinds, " "); got != "healthy failing healthy quiet healthy failing" {
		t.Errorf("events %s", got)
	}
}
