package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"drawbridge/console/wire"
	"drawbridge/store/postgres/pgtest"
)

// TestRoundTrips counts what a request asks of the database, in round trips: one to let it in, and then at most two to write, or one
// to read and one that ends the snapshot, for which nobody waits. What bridge/want.go forgets to name shows here.
func TestRoundTrips(t *testing.T) {
	if bridges() < 2 {
		return // it needs a database
	}
	t.Parallel()
	proxy := pgtest.NewProxy(t, database.Cluster(t))
	s := startOne(t, map[string]string{"store.url": proxy.URL(database.Database(t)), "store.connections": "2", "journal.enabled": "false"})
	acme := s.tenant(t, "acme", "okta", 500)
	key, err := s.operator.CreateAppKey(t.Context(), "acme", wire.AppKeyCreate{Name: "portal"})
	if err != nil {
		t.Fatal(err)
	}
	send := func(method, path, body string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, acme.BaseURL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+acme.Token)
		req.Header.Set("Content-Type", "application/scim+json")
		return answer(t, req)
	}
	next := 0
	user := func() string {
		next++
		text := send("POST", "/Users", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"u%d@acme.example","externalId":"x%d","emails":[{"value":"u%d@acme.example","primary":true}]}`, next, next, next))
		return idIn(t, text)
	}
	first := user()
	group := idIn(t, send("POST", "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Staff"}`))
	patch := func(op string) string {
		return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + op + `]}`
	}
	for _, op := range []struct {
		name string
		most int
		do   func()
	}{
		{"create a user", 3, func() { user() }},
		{"patch a user", 3, func() {
			next++
			send("PATCH", "/Users/"+first, patch(fmt.Sprintf(`{"op":"replace","path":"title","value":"t%d"}`, next)))
		}},
		{"add a member", 3, func() {
			send("PATCH", "/Groups/"+group, patch(fmt.Sprintf(`{"op":"add","path":"members","value":[{"value":%q}]}`, user())))
		}},
		{"get a user", 3, func() { send("GET", "/Users/"+first, "") }},
		{"find a user", 3, func() { send("GET", "/Users?filter=userName+eq+%22u1@acme.example%22", "") }},
		{"may this person sign in", 5, func() {
			req, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/app/v1/tenants/acme/access?email=u1@acme.example", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+key.Key)
			answer(t, req)
		}},
	} {
		before := func() int { return 0 }
		if op.name == "add a member" { // it creates one first
			before = func() int { return 3 }
		}
		for range 4 { // statements are prepared once for each connection
			op.do()
		}
		least := 1 << 30
		for range 8 { // jobs and heartbeats ask too
			time.Sleep(30 * time.Millisecond) // the end of the last snapshot, which nobody waits for
			proxy.Trips()
			op.do()
			least = min(least, proxy.Trips())
		}
		if least -= before(); least > op.most {
			t.Errorf("%s takes %d round trips, and %d are allowed", op.name, least, op.most)
		}
	}
}

// answer sends a request that must succeed and gives the body.
func answer(t *testing.T, req *http.Request) string {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		t.Fatalf("%s %s: %s %s %v", req.Method, req.URL, res.Status, text, err)
	}
	return string(text)
}

// idIn is the id of the resource in an answer.
func idIn(t *testing.T, text string) string {
	t.Helper()
	var resource struct{ ID string }
	if err := json.Unmarshal([]byte(text), &resource); err != nil || resource.ID == "" {
		t.Fatalf("no id in %s: %v", text, err)
	}
	return resource.ID
}
