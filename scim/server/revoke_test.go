package server

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/directory"
)

// lateBody is the body of a client that takes its time, during which something happens.
type lateBody struct {
	io.Reader
	meanwhile func()
}

func (s *lateBody) Read(b []byte) (int, error) {
	if s.meanwhile != nil {
		s.meanwhile()
		s.meanwhile = nil
	}
	return s.Reader.Read(b)
}

// A credential that is revoked while the body arrives has no effect, in a single request and in a Bulk request.
func TestCredentialRevokedDuringTheBodyHasNoEffect(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	acme := k.connect("acme", "acme-okta", directory.Okta)
	user := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"late@acme.example"}`
	bulk := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"POST","path":"/Users","bulkId":"1","data":` + user + `}]}`
	for path, body := range map[string]string{"/Users": user, "/Bulk": bulk} {
		secret, err := k.bridge.RotateToken(t.Context(), k.op, acme.slug, bridge.TokenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://drawbridge.test/scim/v2/acme-okta"+path, &lateBody{strings.NewReader(body), func() {
			k.clock.Advance(2 * time.Second)
			if _, err := k.bridge.RevokeToken(t.Context(), k.op, acme.slug, secret.Token.ID); err != nil {
				t.Error(err)
			}
		}})
		r.Header.Set("Content-Type", "application/scim+json")
		r.Header.Set("Authorization", "Bearer "+secret.Text)
		w := httptest.NewRecorder()
		k.handler.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		acme.do("GET", `/Users?filter=userName+eq+"late@acme.example"`, "").is(200).has("totalResults", 0)
	}
}

// A request whose body arrives slowly is authenticated twice, and counted once (C7).
func TestSlowRequestIsCountedOnce(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	acme := k.connect("acme", "acme-okta", directory.Okta)
	counted := func() uint32 {
		t.Helper()
		all, err := k.bridge.Connections(t.Context(), k.op, "acme")
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		return all[0].Requests[directory.HoursCounted-1]
	}
	before := counted()
	secret, err := k.bridge.RotateToken(t.Context(), k.op, acme.slug, bridge.TokenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://drawbridge.test/scim/v2/acme-okta/Users",
		&lateBody{strings.NewReader(userBody("late@acme.example", "")), func() { k.clock.Advance(2 * time.Second) }})
	r.Header.Set("Content-Type", "application/scim+json")
	r.Header.Set("Authorization", "Bearer "+secret.Text)
	w := httptest.NewRecorder()
	k.handler.ServeHTTP(w, r)
	if w.Code != http.StatusCreated {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if got := counted() - before; got != 1 {
		t.Errorf("it was counted %d times", got)
	}
}

// If the credential is revoked between two operations of a Bulk request, the request ends there. A resource that was created without all of
// its references is removed and not completed.
func TestCredentialRevokedDuringABulkEndsIt(t *testing.T) {
	t.Parallel()
	post := func(name, boss string) string {
		more := ""
		if boss != "" {
			more = `,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"bulkId:` + boss + `"}}`
		}
		return `{"method":"POST","path":"/Users","bulkId":"` + name + `","data":` + userBody(name+"@acme.example", more) + `}`
	}
	for name, c := range map[string]struct {
		operations string
		after      int // users that are there when the credential is revoked
		statuses   [2]string
		users      int
	}{
		"the next operation":         {post("a", "") + "," + post("b", ""), 1, [2]string{"201", "401"}, 1},
		"the completion of a circle": {post("a", "b") + "," + post("b", "a"), 2, [2]string{"409", "409"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var revoke func()
			k := newKit(t, func(cfg *Config) {
				now := cfg.Now
				cfg.Now = func() time.Time {
					if revoke != nil {
						revoke()
					}
					return now()
				}
			})
			acme := k.connect("acme", "acme-gen", directory.Generic)
			secret, err := k.bridge.RotateToken(t.Context(), k.op, acme.slug, bridge.TokenOptions{})
			if err != nil {
				t.Fatal(err)
			}
			done := false
			revoke = func() {
				here := k.op
				here.Tenant = "acme"
				users, err := k.bridge.ListUsers(t.Context(), here, directory.Query{Count: 1}, nil)
				if done || err != nil || users.Total < c.after {
					return
				}
				done = true
				k.clock.Advance(2 * time.Second)
				if _, err := k.bridge.RevokeToken(t.Context(), k.op, acme.slug, secret.Token.ID); err != nil {
					t.Error(err)
				}
			}
			got := k.raw("POST", "/scim/v2/acme-gen/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[`+c.operations+`]}`,
				"Content-Type", "application/scim+json", "Authorization", "Bearer "+secret.Text)
			revoke = nil
			got.is(200).has("Operations.0.status", c.statuses[0]).has("Operations.1.status", c.statuses[1])
			acme.do("GET", "/Users", "").is(200).has("totalResults", c.users)
		})
	}
}
