package console_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"drawbridge/bridge/operators"
	"drawbridge/console"
	"drawbridge/directory"
)

// A request that waits for events gets none after its operator may no longer read them.
func TestLongPollEndsWithItsOperator(t *testing.T) {
	t.Parallel()
	boss := operators.Local("local", "", "x")
	edit := func(d *kit, id directory.ID, change func(*directory.Operator)) error {
		_, err := d.bridge.EditOperator(d.Context(), boss, id, directory.Precondition{}, func(o directory.Operator) (directory.Operator, error) {
			change(&o)
			return o, nil
		})
		return err
	}
	for name, tt := range map[string]struct {
		end  func(d *kit, id directory.ID) error
		want int
	}{
		"suspended": {func(d *kit, id directory.ID) error {
			_, err := d.bridge.SuspendOperator(d.Context(), boss, id, "left")
			return err
		}, 401},
		"signed out": {func(d *kit, id directory.ID) error {
			return d.bridge.EndSessions(d.Context(), boss, id, directory.ID{})
		}, 401},
		"of another tenant now": {func(d *kit, id directory.ID) error {
			return edit(d, id, func(o *directory.Operator) { o.Scope.Tenants = []directory.TenantID{"beta"} })
		}, 404},
	} {
		for _, path := range []string{"audit", "events"} {
			t.Run(name+" "+path, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					d := newKit(t)
					d.do("POST", "/tenants", `{"name":"Acme","slug":"acme","plan":"business"}`, 201, nil)
					d.do("POST", "/tenants", `{"name":"Beta","slug":"beta","plan":"business"}`, 201, nil)
					text, cookie := d.hire("ada@msp.example", directory.RoleAdmin, directory.Scope{Tenants: []directory.TenantID{"acme"}})
					id, ok := directory.ParseID(text)
					if !ok {
						t.Fatal(text)
					}
					cfg := d.config
					cfg.Authenticate = console.Operators(d.bridge.Ops)
					handler := console.New(cfg)
					answer := make(chan *httptest.ResponseRecorder, 1)
					go func() {
						req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/tenants/acme/"+path+"?wait=60&after=1", http.NoBody)
						req.Header.Set("Cookie", cookie)
						rec := httptest.NewRecorder()
						handler.ServeHTTP(rec, req)
						answer <- rec
					}()
					synctest.Wait()
					if len(answer) > 0 {
						t.Fatalf("the request does not wait: %s", (<-answer).Body)
					}
					if err := tt.end(d, id); err != nil {
						t.Fatal(err)
					}
					d.do("PATCH", "/tenants/acme", `{"seats":7}`, 200, nil) // news
					if rec := <-answer; rec.Code != tt.want || strings.Contains(rec.Body.String(), "items") {
						t.Errorf("%d, want %d: %s", rec.Code, tt.want, rec.Body)
					}
				})
			})
		}
	}
}
