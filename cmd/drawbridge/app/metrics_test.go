package app

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// meaning is what a label says, and how many values it can have.
type meaning struct {
	says, values string
	allowed      func(value string) bool // what a server with the tenant acme, its connection acme-okta and any number of strangers may show
}

func oneOf[S ~string](values ...S) func(string) bool {
	return func(v string) bool { return slices.Contains(values, S(v)) }
}

func like(pattern string) func(string) bool {
	return regexp.MustCompile("^(" + pattern + ")$").MatchString
}

// labels are all that there are. A value comes from the program or from what operators have made, never from a client.
func labels() map[string]meaning {
	word := `[a-z][a-z_.-]{0,40}`
	return map[string]meaning{
		"tenant":     {"the slug of a company; empty where a request showed no valid credential", "one for each company", oneOf("", "acme")},
		"connection": {"the slug of a connection; empty as above", "one for each connection", oneOf("", "acme-okta")},
		"token":      {"the id of a credential", "those that are live, two of each kind at most, or the one that expired last", like(`[0-9a-zA-Z_-]{1,40}`)},
		"idp":        {"the type of the connection; empty as above", "nine types", oneOf(append(directory.ConnectionTypes(), "")...)},
		"operation":  {"what was asked, by the name of its route; none where there is no such route", "one for each route", like(`none|[a-zA-Z][a-zA-Z0-9._-]{0,40}`)},
		"status":     {"the HTTP status of the answer", "those that the program answers, some twenty", like(`[2-5][0-9][0-9]`)},
		"method":     {"of an operation inside a Bulk request", "the methods of HTTP, and other", oneOf("POST", "PUT", "PATCH", "DELETE", "GET", "other")},
		"state":      {"of people, of the sync of a connection, or of mails, as the metric says", "eight at most", like(word)},
		"kind":       {"of seats: occupied, billable, limit; of alerts: what they are about; of segments of the archive: audit, events", "twelve", oneOf("audit", "events", "occupied", "billable", "limit", "protected_group", "brake", "sync", "token", "seats", "webhook", "target")},
		"reason":     {"why the journal does not have a request: busy, disk", "two", oneOf("busy", "disk")},
		"rule":       {"the number of a rule of rules.md", "one for each rule", like(`[A-Z][0-9]{1,2}`)},
		"quirk":      {"the name of a leniency of quirks.md", "one for each leniency", like(word)},
		"limit":      {"the name of a limit of the configuration; processors and request_bytes follow from the machine and from limits.memory_bytes", "one for each key of limits", like(word)},
		"result":     {"how an attempt to send a mail ended: sent, retried, parked, dropped; or one to deliver an event: delivered, failed, gone; or what became of audit lines for a SIEM: sent, again; or to send a person or group to a target: done, failed", "nine", oneOf("done", "sent", "again", "retried", "parked", "dropped", "delivered", "failed", "gone")},
		"webhook":    {"the name of a webhook", "one for each webhook, 200 at most", oneOf("portal")},
		"stream":     {"the way on which audit lines go to a SIEM: stdout, syslog", "two", oneOf("stdout", "syslog")},
		"target":     {"the name of a target", "ten for a company at most", oneOf("app")},
		"task":       {"the name of a job, as job list shows it", "one for each job", like(word)},
		"version":    {"of the program", "one", like(`.+`)},
		"revision":   {"the commit that it was built from", "one", like(`.+`)},
		"go_version": {"of the compiler", "one", like(`go.+`)},
		"le":         {"the upper bound of a bucket of a histogram", "the buckets in the program", like(`[0-9.e+-]+|\+Inf`)},
	}
}

// afterAnEvent are the metrics that have no series before something has happened.
func afterAnEvent() map[string]string {
	return map[string]string{
		"drawbridge_scim_requests_total":                       "after the first request",
		"drawbridge_scim_request_seconds":                      "after the first request",
		"drawbridge_scim_throttled_total":                      "after the first 429",
		"drawbridge_scim_held_total":                           "after the first 429 that was held back",
		"drawbridge_scim_limits_total":                         "after the first request over a limit",
		"drawbridge_scim_bulk_operations_total":                "after the first Bulk request",
		"drawbridge_store_name_collisions":                     "while users share a userName",
		"drawbridge_quirks_total":                              "after the first leniency",
		"drawbridge_policy_refusals_total":                     "after the first refusal",
		"drawbridge_app_requests_total":                        "after the first request of an application",
		"drawbridge_app_request_seconds":                       "after the first request of an application",
		"drawbridge_app_throttled_total":                       "after the first 429 of an application",
		"drawbridge_connection_last_request_timestamp_seconds": "after the first request of the connection",
		"drawbridge_connection_last_success_timestamp_seconds": "after the first success of the connection",
		"drawbridge_job_last_success_timestamp_seconds":        "after the first success of the job",
		"drawbridge_job_seconds":                               "after the first run of the job",
		"drawbridge_outbox_oldest_timestamp_seconds":           "after the first mail that could not be sent",
		"drawbridge_audit_stream_backlog_lines":                "while audit lines go to a SIEM",
		"drawbridge_audit_stream_failing_timestamp_seconds":    "while they do not reach it",
		"drawbridge_audit_stream_lines_total":                  "while audit lines go to a SIEM",
		"drawbridge_target_pending":                            "while there are targets",
		"drawbridge_target_parked":                             "while there are targets",
		"drawbridge_target_held_removals":                      "while there are targets",
		"drawbridge_target_quarantined":                        "while there are targets",
		"drawbridge_target_failing_timestamp_seconds":          "while a target fails as a whole",
		"drawbridge_webhook_attempts_total":                    "while there are webhooks",
		"drawbridge_webhook_backlog_events":                    "while there are webhooks",
		"drawbridge_webhook_failing_timestamp_seconds":         "while a webhook fails",
		"drawbridge_webhook_parked":                            "while there are webhooks",
		"drawbridge_tls_certificate_expiry_timestamp_seconds":  "after the start, where TLS is on",
		"drawbridge_tls_certificate_good":                      "after the start, where TLS is on",
	}
}

// TestManualListsTheMetrics compares docs/metrics.md with the registry: every metric with its labels, its meaning, and when it exists. A
// label without a meaning fails. So does a metric that does not exist from the start and has no entry in afterAnEvent.
func TestManualListsTheMetrics(t *testing.T) {
	a, c := start(t, nil)
	a.waitReady(t)
	there := func() map[string]bool {
		families, err := a.registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]bool{}
		for _, f := range families {
			out[f.GetName()] = len(f.GetMetric()) > 0
		}
		return out
	}
	always := there()
	connected(t, c)
	later := there()

	descriptions := make(chan *prometheus.Desc, 1000)
	a.registry.Describe(descriptions)
	close(descriptions)
	form := regexp.MustCompile(`(?s)fqName: "([^"]+)", help: "(.*?)", (?:unit: "[^"]*", )?constLabels: \{\}, variableLabels: \{([^}]*)\}`)
	known, after, used := labels(), afterAnEvent(), map[string]bool{"le": true}
	var rows []string
	for d := range descriptions {
		m := form.FindStringSubmatch(d.String())
		if len(m) != 4 || !strings.HasPrefix(m[1], "drawbridge_") {
			continue
		}
		var names []string
		for name := range strings.SplitSeq(m[3], ",") {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			if _, ok := known[name]; !ok {
				t.Errorf("%s has the label %s, and labels does not say what it means", m[1], name)
			}
			used[name] = true
			names = append(names, "`"+name+"`")
		}
		when := after[m[1]]
		delete(after, m[1])
		switch {
		case when != "":
		case always[m[1]]:
			when = "always"
		case later[m[1]]:
			when = "with a company and its connection"
		default:
			t.Errorf("%s does not exist from the start, and afterAnEvent does not say when it comes", m[1])
		}
		help := strings.NewReplacer("|", `\|`, `\"`, `"`).Replace(m[2])
		rows = append(rows, fmt.Sprintf("| %#q | %s | %s | %s |\n", m[1], strings.Join(names, ", "), help, when))
	}
	for name := range after {
		t.Errorf("afterAnEvent names %s, which there is not", name)
	}
	slices.Sort(rows)
	text := "# Metrics\n\nThis page lists every metric that `/metrics` shows to Prometheus, except those of Go and of the process. It is for the person who watches the server.\n\n" +
		"[operating.md](operating.md#health) says where `/metrics` answers. [deploy/alerts.yaml](../deploy/alerts.yaml) has alert rules, and [deploy/grafana.json](../deploy/grafana.json) a dashboard. " +
		"A test writes this page from the program.\n\n" +
		"| metric | labels | meaning, and what to do | exists |\n|---|---|---|---|\n" + strings.Join(rows, "") +
		"\n## Labels\n\nA value comes from the program or from what operators created, never from a client. So a client cannot create series. " +
		"After a company or connection is deleted, its counters keep their labels until the next start.\n\n" +
		"| label | meaning | number of values |\n|---|---|---|\n"
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if !used[name] {
			t.Errorf("no metric has the label %s", name)
		}
		text += fmt.Sprintf("| %#q | %s | %s |\n", name, known[name].says, known[name].values)
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

// Clients cannot create series: for all requests, with and without a credential, each label has only allowed values.
func TestLabelsAreBounded(t *testing.T) {
	a, c := start(t, func(cfg *Config) {
		cfg.Limits.SCIMRate, cfg.Limits.SCIMHold, cfg.Limits.FailureRate = 5, 10*time.Millisecond, 0
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
	known, series := labels(), 0
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "drawbridge_") {
			continue
		}
		for _, m := range f.GetMetric() {
			series++
			for _, l := range m.GetLabel() {
				if m := known[l.GetName()]; m.allowed == nil || !m.allowed(l.GetValue()) {
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
