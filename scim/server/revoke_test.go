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

// A credential that is revoked while the body arrives has no effect, alone and in a Bulk request.
func TestRevokedWhileTheBodyArrives(t *testing.T) {
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
