package app

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

type dashboard struct {
	UID    string `json:"uid"`
	Panels []struct {
		ID          int    `json:"id"`
		Type        string `json:"type"`
		Title       string `json:"title"`
		Description string `json:"description"`
		Targets     []struct {
			Expr string `json:"expr"`
		} `json:"targets"`
	} `json:"panels"`
}

// metricNames are the names of every metric that a server registers, whether it has a value yet or not, and of what follows from
// a histogram.
func metricNames(t *testing.T, a *App) []string {
	t.Helper()
	descriptions := make(chan *prometheus.Desc, 1000)
	a.registry.Describe(descriptions)
	close(descriptions)
	name := regexp.MustCompile(`fqName: "([^"]+)"`)
	var out []string
	for d := range descriptions {
		if m := name.FindStringSubmatch(d.String()); m != nil {
			out = append(out, m[1], m[1]+"_bucket", m[1]+"_sum", m[1]+"_count")
		}
	}
	return out
}

// Every panel uses existing metrics, every metric of an alert is on the dashboard, and the brackets of every expression match. In
// scripts/dashboard.sh, promtool parses the expressions.
func TestDashboardUsesExistingMetrics(t *testing.T) {
	t.Parallel()
	a, _ := start(t, nil)
	text, err := os.ReadFile("../../../deploy/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	known := metricNames(t, a)
	metric := regexp.MustCompile(`drawbridge_[a-z_]+`)
	ids, titles, used := map[int]bool{}, map[string]bool{}, map[string]bool{}
	for _, p := range d.Panels {
		if ids[p.ID] || titles[p.Title] || p.Title == "" {
			t.Errorf("panel %d %q occurs twice, or has no title", p.ID, p.Title)
		}
		ids[p.ID], titles[p.Title] = true, true
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("panel %q shows nothing", p.Title)
		}
		for _, target := range p.Targets {
			names := metric.FindAllString(target.Expr, -1)
			if len(names) == 0 || !balanced(target.Expr) {
				t.Errorf("panel %q: %s", p.Title, target.Expr)
			}
			for _, name := range names {
				used[name] = true
				if !slices.Contains(known, name) {
					t.Errorf("panel %q: there is no metric %s", p.Title, name)
				}
			}
		}
	}
	for _, name := range []string{
		"drawbridge_connection_health", "drawbridge_seats", "drawbridge_policy_refusals_total", "drawbridge_brake_held",
		"drawbridge_store_commit_seconds_bucket", "drawbridge_job_last_success_timestamp_seconds", "drawbridge_token_expiry_timestamp_seconds",
	} {
		if !used[name] {
			t.Errorf("no panel shows %s", name)
		}
	}
	if d.UID == "" {
		t.Error("the dashboard has no uid")
	}
}

// balanced reports whether brackets and quotes match.
func balanced(text string) bool {
	var open []rune
	quoted := false
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case strings.ContainsRune("([{", r):
			open = append(open, r)
		case strings.ContainsRune(")]}", r):
			if len(open) == 0 || strings.IndexRune("([{", open[len(open)-1]) != strings.IndexRune(")]}", r) {
				return false
			}
			open = open[:len(open)-1]
		}
	}
	return len(open) == 0 && !quoted
}

func TestAlertsUseExistingMetrics(t *testing.T) {
	t.Parallel()
	a, _ := start(t, nil)
	text, err := os.ReadFile("../../../deploy/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	known := metricNames(t, a)
	for _, name := range regexp.MustCompile(`drawbridge_[a-z_]+`).FindAllString(string(text), -1) {
		if !slices.Contains(known, name) {
			t.Errorf("an alert asks for %s, which there is not", name)
		}
	}
}
