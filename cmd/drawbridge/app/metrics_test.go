package app

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/metrics"
)

func oneOf[S ~string](values ...S) func(string) bool {
	return func(v string) bool { return slices.Contains(values, S(v)) }
}

func like(pattern string) func(string) bool {
	return regexp.MustCompile("^(" + pattern + ")$").MatchString
}

// allowed are the values that labels may have on a server with the tenant acme, its connection acme-okta and any number of strangers.
func allowed() map[string]func(value string) bool {
	word := `[a-z][a-z_.-]{0,40}`
	return map[string]func(string) bool{
		"tenant":     oneOf("", "acme"),
		"connection": oneOf("", "acme-okta"),
		"token":      like(`[0-9a-zA-Z_-]{1,40}`),
		"idp":        oneOf(append(directory.ConnectionTypes(), "")...),
		"operation":  like(`none|[a-zA-Z][a-zA-Z0-9._-]{0,40}`),
		"status":     like(`[2-5][0-9][0-9]`),
		"method":     oneOf("POST", "PUT", "PATCH", "DELETE", "GET", "other"),
		"state":      like(word),
		"kind":       oneOf("audit", "events", "occupied", "billable", "limit", "protected_group", "brake", "sync", "token", "seats", "webhook", "target"),
		"reason":     oneOf("busy", "disk"),
		"rule":       like(`[A-Z][0-9]{1,2}`),
		"quirk":      like(word),
		"limit":      like(word),
		"result":     oneOf("done", "sent", "again", "retried", "parked", "dropped", "delivered", "failed", "gone"),
		"webhook":    oneOf("portal"),
		"stream":     oneOf("stdout", "syslog"),
		"target":     oneOf("app"),
		"task":       like(word),
		"version":    like(`.+`),
		"revision":   like(`.+`),
		"go_version": like(`go.+`),
		"le":         like(`[0-9.e+-]+|\+Inf`),
	}
}

// TestManualListsTheMetrics writes docs/metrics.md from the list of metrics and labels, and compares.
func TestManualListsTheMetrics(t *testing.T) { // not parallel: with -update it writes what other tests read
	var rows strings.Builder
	for _, m := range metrics.All() {
		var names []string
		for _, name := range m.Labels {
			names = append(names, "`"+name+"`")
		}
		fmt.Fprintf(&rows, "| %#q | %s | %s | %s |\n", m.Name, strings.Join(names, ", "), strings.ReplaceAll(m.Help, "|", `\|`), m.Exists)
	}
	text := "# Metrics\n\nThis page lists every metric that `/metrics` shows to Prometheus, except those of Go and of the process. It is for the person who watches the server.\n\n" +
		"[operating.md](operating.md#health) says where `/metrics` answers. [deploy/alerts.yaml](../deploy/alerts.yaml) has alert rules, and [deploy/grafana.json](../deploy/grafana.json) a dashboard. " +
		"A test writes this page from the program.\n\n" +
		"| metric | labels | meaning, and what to do | exists |\n|---|---|---|---|\n" + rows.String() +
		"\n## Labels\n\nA value comes from the program or from what operators created, never from a client. So a client cannot create series. " +
		"After a company or connection is deleted, its counters keep their labels until the next start.\n\n" +
		"| label | meaning | number of values |\n|---|---|---|\n"
	for _, l := range metrics.Labels() {
		text += fmt.Sprintf("| %#q | %s | %s |\n", l.Name, l.Means, l.Values)
	}
	path := filepath.Join("..", "..", "..", "docs", "metrics.md")
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != text {
		t.Errorf("docs/metrics.md is stale; go test ./cmd/drawbridge/app -run Manual -update writes it")
	}
}

// The list says from when on a metric exists. A server without companies has those that always exist, and one with a company and its
// connection has those that come with them. No server has a metric that the list does not have.
func TestMetricsExistWhenTheListSays(t *testing.T) {
	t.Parallel()
	a, c := start(t, nil)
	a.waitReady(t)
	there := func() map[string]bool {
		families, err := a.registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]bool{}
		for _, f := range families {
			if strings.HasPrefix(f.GetName(), "drawbridge_") {
				out[f.GetName()] = len(f.GetMetric()) > 0
			}
		}
		return out
	}
	first := there()
	connected(t, c)
	later := there()
	for _, m := range metrics.All() {
		switch m.Exists {
		case "always", "always with a store file":
			if !first[m.Name] {
				t.Errorf("%s does not exist from the start", m.Name)
			}
		case "with a company and its connection":
			if first[m.Name] || !later[m.Name] {
				t.Errorf("%s exists before there is a company: %t, and after: %t", m.Name, first[m.Name], later[m.Name])
			}
		default:
			if first[m.Name] {
				t.Errorf("%s exists from the start, not %s", m.Name, m.Exists)
			}
		}
		delete(later, m.Name)
	}
	for name := range later {
		t.Errorf("the list does not have %s", name)
	}
}

// Clients cannot create series: for all requests, with and without a credential, each label has only allowed values.
func TestLabelsAreBounded(t *testing.T) {
	t.Parallel()
	a, c := start(t, func(cfg *Config) {
		cfg.Limits.SCIMRate, cfg.Limits.SCIMDelay, cfg.Limits.FailureRate = 5, 10*time.Millisecond, 0
	})
	issued := connected(t, c)
	key, err := c.CreateAppKey(t.Context(), "acme", wire.AppKeyCreate{Name: "portal"})
	if err != nil {
		t.Fatal(err)
	}
	odd := func(i int) string { return fmt.Sprintf("x%d-\u00e9%%00\"", i) }
	for i := range 60 {
		for _, token := range []string{"", "wrong" + odd(i), issued.Token, key.Key} {
			for _, path := range []string{"/scim/v2/acme-okta/Users", "/scim/v2/acme-okta/X", "/scim/v2/nobody/Users", "/app/v1/tenants/acme/access?email=a", "/app/v1/tenants/x/people", "/app/v2/", "/oauth2/token"} {
				ask(t, []string{"GET", "POST", "PATCH", "BREW"}[i%4], a.BaseURL()+path+strings.Repeat("/"+fmt.Sprint(i), i%3), token, `{"schemas":["urn:x:`+fmt.Sprint(i)+`"],"x`+fmt.Sprint(i)+`":1,"userName":"u`+fmt.Sprint(i)+`"}`)
			}
		}
	}
	families, err := a.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	known, series := allowed(), 0
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "drawbridge_") {
			continue
		}
		for _, m := range f.GetMetric() {
			series++
			for _, l := range m.GetLabel() {
				if may := known[l.GetName()]; may == nil || !may(l.GetValue()) {
					t.Errorf("%s has %s=%q", f.GetName(), l.GetName(), l.GetValue())
				}
			}
		}
	}
	if series > 400 {
		t.Errorf("%d series for one connection", series)
	}
}

func ask(t *testing.T, method, url, token, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
}
