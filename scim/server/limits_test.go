package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"drawbridge/directory"
)

// Every limit refuses a larger request, stores nothing, and is counted by its name.
func TestLimitsAreCounted(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewPedanticRegistry()
	metrics := NewMetrics(reg)
	k := newKit(t, func(cfg *Config) {
		cfg.Metrics = metrics
		cfg.Limits = Limits{Header: 3000, FilterDepth: 4, Body: 4000, Depth: 6, Values: 120, FilterBytes: 200, FilterTerms: 3, PatchOperations: 2, BulkOperations: 1, AnswerBytes: 700}
	})
	c := k.connect("acme", "acme-gen", directory.Generic)
	ada := c.user("ada@example.test")
	for n := range 3 {
		c.user(fmt.Sprintf("user%d@example.test", n))
	}
	title := `{"op":"replace","path":"title","value":"x"}`
	for _, tt := range []struct {
		limit, method, target, body string
		status                      int
		scimType                    string
	}{
		{"header_bytes", "GET", "/Users?filter=userName+eq+%22" + strings.Repeat("x", 3000) + "%22", "", 431, ""},
		{"body_bytes", "POST", "/Users", userBody("b", `,"title":"`+strings.Repeat("x", 4000)+`"`), 413, ""},
		{"json_depth", "POST", "/Users", userBody("b", `,"nickName":`+strings.Repeat(`{"a":`, 9)+"1"+strings.Repeat("}", 9)), 400, "invalidSyntax"},
		{"json_values", "POST", "/Users", userBody("b", `,"roles":[`+strings.Repeat(`"x",`, 120)+`"x"]`), 400, "invalidSyntax"},
		{"filter_bytes", "GET", "/Users?filter=userName+eq+%22" + strings.Repeat("x", 200) + "%22", "", 400, "invalidFilter"},
		{"filter_terms", "GET", "/Users?filter=title+pr+or+title+pr+or+title+pr+or+title+pr", "", 400, "invalidFilter"},
		{"filter_depth", "GET", "/Users?filter=" + strings.Repeat("(", 5) + "title+pr" + strings.Repeat(")", 5), "", 400, "invalidFilter"},
		{"patch_operations", "PATCH", "/Users/" + ada, patchBody(title, title, title), 413, ""},
		{"bulk_operations", "POST", "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[` +
			`{"method":"DELETE","path":"/Users/` + ada + `"},{"method":"DELETE","path":"/Users/` + ada + `"}]}`, 413, ""},
		{"answer_bytes", "GET", "/Users", "", 400, "tooMany"},
	} {
		before := testutil.ToFloat64(metrics.limits.WithLabelValues(tt.limit))
		c.do(tt.method, tt.target, tt.body).fails(tt.status, tt.scimType)
		if after := testutil.ToFloat64(metrics.limits.WithLabelValues(tt.limit)); after != before+1 {
			t.Errorf("%s went from %v to %v", tt.limit, before, after)
		}
	}
	c.do("GET", "/Users?count=0", "").is(200).has("totalResults", 4)
	c.do("GET", "/Users/"+ada, "").is(200)
}

// slowBody is a body whose sender was given up.
type slowBody struct{}

func (slowBody) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }
func (slowBody) Close() error             { return nil }

func TestSlowBodyIs408(t *testing.T) {
	t.Parallel()
	metrics := NewMetrics(prometheus.NewPedanticRegistry())
	c := newKit(t, func(cfg *Config) { cfg.Metrics = metrics }).connect("acme", "acme-gen", directory.Generic)
	r := httptest.NewRequest(http.MethodPost, "/scim/v2/acme-gen/Users", http.NoBody)
	r.Body = slowBody{}
	r.ContentLength = 100
	r.Header.Set("Authorization", "Bearer "+c.token)
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	if w.Code != http.StatusRequestTimeout || !strings.Contains(w.Body.String(), `"status":"408"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if n := testutil.ToFloat64(metrics.limits.WithLabelValues("body_timeout")); n != 1 {
		t.Errorf("counted %v times", n)
	}
	c.do("GET", "/Users?count=0", "").is(200).has("totalResults", 0)
}
