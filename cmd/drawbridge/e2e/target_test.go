package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/scim/emulator"
)

// sideOf describes the active people of a connection, and its groups with their active members.
func sideOf(t *testing.T, base, token string) string {
	t.Helper()
	c := &emulator.Client{Base: base, Auth: emulator.Bearer(token), HTTP: emulator.NewHTTPClient(10*time.Second, nil)}
	type resource struct {
		ID, UserName, DisplayName, Title string
		Active                           bool
		Members                          []struct{ Value string }
	}
	read := func(path string) []resource {
		var all []resource
		for {
			var page struct {
				Total     int `json:"totalResults"`
				Resources []resource
			}
			ex := c.Do(t.Context(), http.MethodGet, fmt.Sprintf("%s?count=1000&startIndex=%d", path, 1+len(all)), nil, nil)
			if err := json.Unmarshal(ex.Answer.Body, &page); err != nil || ex.Status != http.StatusOK {
				t.Fatalf("%s: %d %v", path, ex.Status, cmp.Or(ex.Err, err))
			}
			all = append(all, page.Resources...)
			if len(all) >= page.Total {
				return all
			}
			if len(page.Resources) == 0 {
				t.Fatalf("%s: an empty page after %d of %d", path, len(all), page.Total)
			}
		}
	}
	var lines []string
	names := map[string]string{}
	for _, u := range read("/Users") {
		if u.Active {
			names[u.ID] = u.UserName
			lines = append(lines, u.UserName+" "+u.Title)
		}
	}
	for _, g := range read("/Groups") {
		var in []string
		for _, m := range g.Members {
			if name := names[m.Value]; name != "" {
				in = append(in, name)
			}
		}
		slices.Sort(in)
		lines = append(lines, fmt.Sprintf("group %s %v", g.DisplayName, in))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// TestKillDuringSyncMakesBothSidesEqual kills the server that sends to a target with -9 while it does. It comes back, or with several
// servers another one goes on. Both sides become equal, and a comparison sends nothing more.
func TestKillDuringSyncMakesBothSidesEqual(t *testing.T) {
	t.Parallel()
	application := serve(t, shortDir(t))
	there := makeTenant(t, application.operator, "mirror", "generic", 0)
	env, data := []string{allowLoopback}, shortDir(t)
	several := bridges() > 1
	if several {
		env = append(env, "DRAWBRIDGE_STORE_URL="+database.Database(t), "DRAWBRIDGE_SHUTDOWN_DELAY=1ms")
	}
	first := serve(t, data, env...)
	second := first
	if several {
		second = serve(t, shortDir(t), env...)
		waitFor(t, "a leader", func() bool { return leads(t, first) })
	}
	here := makeTenant(t, first.operator, "acme", "okta", 0)
	off := directory.BrakeOff
	for p, tenant := range map[*process]string{application: "mirror", first: "acme"} {
		if _, err := p.operator.UpdateTenant(t.Context(), tenant, "", wire.TenantUpdate{Overrides: &directory.Overrides{Brake: &off}}); err != nil {
			t.Fatal(err)
		}
	}
	url := application.base(t, "mirror")
	if _, err := first.operator.CreateTarget(t.Context(), wire.TargetCreate{Name: "crm", URL: url, Secret: there.Token, Tenants: []string{"acme"}}); err != nil {
		t.Fatal(err)
	}
	load := newLoad(here.Token, 4)
	load.run(t, first.base(t, "acme"), 200*time.Millisecond, func() {
		waitFor(t, "a person in the application", func() bool { return sideOf(t, url, there.Token) != "" })
		_ = first.end(t, syscall.SIGKILL)
	})
	first = serve(t, data, env...)
	if !several {
		second = first
	}
	load.run(t, second.base(t, "acme"), 200*time.Millisecond, func() {})

	var progress wire.TargetProgress
	look := func() {
		t.Helper()
		all, err := second.operator.TargetProgress(t.Context(), "crm", "acme", client.List{})
		if err != nil || len(all.Items) != 1 {
			t.Fatalf("%+v, %v", all, err)
		}
		progress = all.Items[0]
	}
	// With several servers, another one leads half a minute after the lease was renewed last.
	await := func(what string, so func() bool) {
		t.Helper()
		for deadline := time.Now().Add(120 * time.Second); !so(); time.Sleep(100 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s did not come: %+v\nhere:\n%s\nthere:\n%s", what, progress, sideOf(t, second.base(t, "acme"), here.Token), sideOf(t, url, there.Token))
			}
		}
	}
	ended := time.Now()
	await("equal sides", func() bool {
		look()
		return progress.Pending == 0 && progress.Synced != nil && progress.Synced.After(ended) && sideOf(t, second.base(t, "acme"), here.Token) == sideOf(t, url, there.Token)
	})
	last := ok[wire.Events](t)(application.operator.Events(t.Context(), "mirror", 0, 1, 0)).Last
	if _, err := second.operator.SyncTarget(t.Context(), "crm", "acme", wire.TargetSync{Compare: true}); err != nil {
		t.Fatal(err)
	}
	asked := time.Now()
	await("a comparison", func() bool {
		look()
		return progress.Compared != nil && progress.Compared.After(asked.Add(-time.Second)) && progress.Pending == 0
	})
	if now := ok[wire.Events](t)(application.operator.Events(t.Context(), "mirror", 0, 1, 0)).Last; now != last {
		t.Errorf("another run changed the application: event %d, and %d before", now, last)
	}
}
