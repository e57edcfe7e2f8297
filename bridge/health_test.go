package bridge_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/bridge/notify"
	"drawbridge/bridge/overview"
	"drawbridge/directory"
)

// healthWatch is a tenant with a connection of Entra ID, whose requests the test makes, and one of Okta, which never connects.
type healthWatch struct {
	*kit
	acme   directory.TenantID
	secret string
}

func watchHealth(t *testing.T) *healthWatch {
	t.Helper()
	k := start(t, func(c *bridgetest.Config) {
		c.Cadence = func(t directory.ConnectionType) time.Duration {
			if t == directory.Entra {
				return 40 * time.Minute
			}
			return 7 * 24 * time.Hour
		}
	})
	w := &healthWatch{kit: k, acme: k.NewTenant("acme", 0)}
	for _, kind := range []directory.ConnectionType{directory.Entra, directory.Okta} {
		_, s, err := k.CreateConnection(bg, k.Op, bridge.ConnectionDraft{Tenant: w.acme, Type: kind})
		k.OK(err)
		if kind == directory.Entra {
			w.secret = s.Text
		}
	}
	return w
}

// check runs the job dry, then in earnest, then once more, and returns the states that it announced.
func (k *healthWatch) check() string {
	k.T.Helper()
	would, err := k.CheckHealth(bg, directory.JobPrincipal("health"), k.acme, directory.RunDry)
	k.OK(err)
	changed, err := k.CheckHealth(bg, directory.JobPrincipal("health"), k.acme, directory.RunApply)
	k.OK(err)
	if len(would) != len(changed) {
		k.T.Errorf("the dry run said %v, and it did %v", would, changed)
	}
	again, err := k.CheckHealth(bg, directory.JobPrincipal("health"), k.acme, directory.RunApply)
	k.OK(err)
	if len(again) != 0 {
		k.T.Errorf("announced twice: %v", again)
	}
	var out []string
	for _, c := range changed {
		out = append(out, string(c.Connection)+" "+string(c.To))
	}
	return strings.Join(out, ", ")
}

func (k *healthWatch) expect(want string) {
	k.T.Helper()
	if got := k.check(); got != want {
		k.T.Errorf("changes %q, want %q", got, want)
	}
}

// call makes one request of Entra ID, which fails for a reason, or succeeds.
func (k *healthWatch) call(fail string) {
	k.T.Helper()
	p, err := k.Authenticate(bg, "acme-entra", bridge.Credential{Secret: k.secret}, credential.Client{Request: "req-9"})
	k.OK(err)
	if fail == "" {
		k.Success(p)
	} else {
		k.Failure(p, fail)
	}
}

func TestC7RequestsOfTheLastDayAreCounted(t *testing.T) {
	t.Parallel()
	k := watchHealth(t)
	counted := func() (out []uint32) {
		t.Helper()
		all, err := k.Connections(bg, k.Op, k.acme)
		k.OK(err)
		for i := range all {
			if all[i].Connection.ID == "acme-entra" {
				out = all[i].Requests[directory.HoursCounted-3:]
			}
		}
		return out
	}
	k.call("")
	k.OK(k.Flush(bg)) // one is in the store, the others are in memory
	k.call("")
	k.call("500 the store is full")
	k.Clock.Advance(2 * time.Hour)
	k.call("")
	if got, want := counted(), []uint32{3, 0, 1}; !slices.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
	k.OK(k.Flush(bg))
	k.Clock.Advance(time.Hour)
	if got, want := counted(), []uint32{0, 1, 0}; !slices.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
	k.Clock.Advance(directory.HoursCounted * time.Hour)
	if got, want := counted(), []uint32{0, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
}

func TestC7HealthIsAnnouncedOnce(t *testing.T) {
	t.Parallel()
	k := watchHealth(t)
	acme := k.acme
	k.expect("") // never connected is how it begins
	k.call("")
	k.expect("acme-entra healthy")
	k.Clock.Advance(time.Minute)
	for range 5 {
		k.call("403 no seat")
	}
	k.expect("acme-entra failing")
	k.OK(k.Flush(bg)) // what is known survives
	all, err := k.Connections(bg, k.Op, acme)
	k.OK(err)
	h := all[0].Health
	if h.State != directory.Failing || h.Error != "403 no seat" || h.Request != "req-9" || !strings.Contains(h.Why, "5 requests") || h.Since.IsZero() {
		t.Errorf("%+v", h)
	}
	if all[1].Health.State != directory.NeverConnected {
		t.Errorf("%+v", all[1].Health)
	}
	k.Clock.Advance(time.Minute)
	k.call("")
	k.expect("acme-entra healthy")
	k.Clock.Advance(81 * time.Minute)
	k.expect("acme-entra quiet")
	_, err = k.EditConnection(bg, k.Op, "acme-entra", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.Paused = true
		return c, nil
	})
	k.OK(err)
	_, err = k.Authenticate(bg, "acme-entra", bridge.Credential{Secret: k.secret}, credential.Client{})
	k.Fails(err, directory.Unavailable, "L4")
	k.expect("") // a pause is not announced
	_, err = k.EditConnection(bg, k.Op, "acme-entra", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.Paused = false
		return c, nil
	})
	k.OK(err)
	k.call("")
	k.expect("acme-entra healthy")

	// A credential that was revoked and is still used is a sync that fails.
	tokens := all[0].Tokens
	k.revoke("acme-entra", tokens[0].ID)
	for range 5 {
		k.Clock.Advance(time.Minute)
		_, err := k.Authenticate(bg, "acme-entra", bridge.Credential{Secret: k.secret}, credential.Client{Request: "req-old"})
		k.Fails(err, directory.Unauthorized, "")
	}
	k.expect("acme-entra failing")
	var kinds []string
	for _, e := range k.EventsOf(acme, 0) {
		if e.Kind == directory.ConnectionHealth {
			to, _ := e.Data.Value("to").(string)
			kinds = append(kinds, to)
		}
	}
	if got := strings.Join(kinds, " "); got != "healthy failing healthy quiet healthy failing" {
		t.Errorf("events %s", got)
	}
}

// A state that is no longer checked is shown as stale, in the view and in the metric.
func TestC7HealthBecomesStale(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewRegistry()
	k := start(t, func(c *bridgetest.Config) {
		c.Metrics, c.Gauges, c.Notify = bridge.NewMetrics(reg), overview.NewMetrics(reg), notify.NewMetrics(reg)
	})
	acme, birch := k.NewTenant("acme", 0), k.NewTenant("birch", 0)
	secrets := map[directory.TenantID]string{}
	for _, tenant := range []directory.TenantID{acme, birch} {
		_, s, err := k.CreateConnection(bg, k.Op, bridge.ConnectionDraft{Tenant: tenant, Type: directory.Okta})
		k.OK(err)
		secrets[tenant] = s.Text
	}
	call := func() {
		t.Helper()
		p, err := k.Authenticate(bg, "acme-okta", bridge.Credential{Secret: secrets[acme]}, credential.Client{})
		k.OK(err)
		k.Success(p)
	}
	stale := func(tenant directory.TenantID, want string) {
		t.Helper()
		all, err := k.Connections(bg, k.Op, tenant)
		k.OK(err)
		h := all[0].Health
		if h.Stale.IsZero() != (want == "") || !strings.Contains(h.StaleWhy, want) {
			t.Errorf("%s: %+v, want %q", tenant, h, want)
		}
	}
	series := func(want int) {
		t.Helper()
		n, err := testutil.GatherAndCount(reg, "drawbridge_connection_health")
		if err != nil || n != want {
			t.Errorf("%d series, %v, want %d", n, err, want)
		}
	}
	call()
	stale(acme, "")
	series(2 * len(directory.HealthStates()))
	k.Clock.Advance(4 * time.Minute)
	_, err := k.CheckHealth(bg, directory.JobPrincipal("health"), birch, directory.RunApply)
	k.OK(err)
	k.Clock.Advance(2 * time.Minute)
	call() // requests continue, but the job does not run
	stale(acme, "the connection has not been checked since")
	stale(birch, "")
	series(len(directory.HealthStates()))
	_, err = k.CheckHealth(bg, directory.JobPrincipal("health"), acme, directory.RunDry)
	k.OK(err)
	stale(acme, "the connection has not been checked since") // a dry run announces nothing
	_, err = k.CheckHealth(bg, directory.JobPrincipal("health"), acme, directory.RunApply)
	k.OK(err)
	stale(acme, "")
	series(2 * len(directory.HealthStates()))
	k.Clock.Advance(-time.Hour) // the clock is put back: healthy would never end
	stale(acme, "the clock of the server is earlier than the last request")
	stale(birch, "the clock of the server is earlier than")
	series(0)
}

// A connection is used while the clock is a month ahead. After the clock is right, the connection becomes quiet at the usual time, and a
// failure of that time ends with the next success.
func TestC7HealthRecoversFromAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	k := start(t, func(c *bridgetest.Config) {
		c.Cadence = func(directory.ConnectionType) time.Duration { return time.Hour }
	})
	acme := k.NewTenant("acme", 0)
	_, secret, err := k.CreateConnection(bg, k.Op, bridge.ConnectionDraft{Tenant: acme, Type: directory.Entra})
	k.OK(err)
	state := func() bridge.Health {
		t.Helper()
		_, err := k.CheckHealth(bg, directory.JobPrincipal("health"), acme, directory.RunApply)
		k.OK(err)
		all, err := k.Connections(bg, k.Op, acme)
		k.OK(err)
		if last := all[0].LastRequest; last.After(k.Clock.Now()) {
			t.Errorf("last seen at %s, and it is %s", last, k.Clock.Now())
		}
		return all[0].Health
	}
	call := func() directory.Principal {
		t.Helper()
		p, err := k.Authenticate(bg, "acme-entra", bridge.Credential{Secret: secret.Text}, credential.Client{Address: "192.0.2.1"})
		k.OK(err)
		return p
	}
	const month = 30 * 24 * time.Hour
	k.Clock.Advance(month)
	for range 5 {
		k.Failure(call(), "403 no seat")
	}
	k.OK(k.Flush(bg))
	if h := state(); h.State != directory.Failing {
		t.Fatalf("%+v", h)
	}
	k.Clock.Advance(-month)
	k.Success(call())
	k.OK(k.Flush(bg))
	if h := state(); h.State != directory.Healthy || !h.Stale.IsZero() {
		t.Errorf("after a success: %+v", h)
	}

	k.Clock.Advance(month)
	k.Success(call())
	k.OK(k.Flush(bg))
	state()
	k.Clock.Advance(-month)
	if h := state(); h.State != directory.Healthy || !h.Stale.IsZero() {
		t.Errorf("at once: %+v", h)
	}
	k.Clock.Advance(3 * time.Hour)
	if h := state(); h.State != directory.Quiet {
		t.Errorf("three hours later: %+v", h)
	}
}
