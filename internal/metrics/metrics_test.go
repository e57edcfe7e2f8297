package metrics_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"drawbridge/internal/metrics"
)

func TestListIsComplete(t *testing.T) {
	t.Parallel()
	var labels, used []string
	for _, l := range metrics.Labels() {
		if l.Means == "" || l.Values == "" {
			t.Errorf("the label %s has no meaning", l.Name)
		}
		labels = append(labels, l.Name)
	}
	if !slices.IsSorted(labels) {
		t.Errorf("the labels are not in the order of their names: %q", labels)
	}
	used = append(used, "le") // of every histogram
	seen := map[string]bool{}
	for _, m := range metrics.All() {
		if seen[m.Name] {
			t.Errorf("%s is twice in the list", m.Name)
		}
		seen[m.Name] = true
		if !strings.HasPrefix(m.Name, "drawbridge_") || m.Help == "" || m.Exists == "" || (m.Kind == metrics.Histogram) != (len(m.Buckets) > 0) {
			t.Errorf("%+v", m)
		}
		if strings.HasSuffix(m.Name, "_total") != (m.Kind == metrics.Counter) {
			t.Errorf("%s is a %s", m.Name, m.Kind)
		}
		for _, name := range m.Labels {
			if !slices.Contains(labels, name) {
				t.Errorf("%s has the label %s, which Labels does not have", m.Name, name)
			}
			used = append(used, name)
		}
	}
	for _, name := range labels {
		if !slices.Contains(used, name) {
			t.Errorf("no metric has the label %s", name)
		}
	}
}

// No package makes or registers a metric but by this one, and each metric of the list has one place that registers it.
func TestMetricsAreRegisteredHere(t *testing.T) {
	t.Parallel()
	makes := regexp.MustCompile(`promauto|MustRegister\(|prometheus\.New(Counter|Gauge|Histogram|Summary|Desc|Untyped)`)
	names := regexp.MustCompile(`"(drawbridge_[a-z_]+)"`)
	places := map[string]int{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && at != root && (name == "node_modules" || name == "testdata" || name == "metrics" || name == "tools" || strings.HasPrefix(name, ".")) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(at, ".go") || strings.HasSuffix(at, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(at)
		for line := range strings.Lines(string(text)) {
			if makes.MatchString(line) && !strings.Contains(line, "collectors.NewGoCollector()") {
				t.Errorf("%s: %s", at, strings.TrimSpace(line))
			}
			for _, m := range names.FindAllStringSubmatch(line, -1) {
				places[m[1]]++
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range metrics.All() {
		if places[m.Name] != 1 {
			t.Errorf("%s is named in %d places", m.Name, places[m.Name])
		}
	}
}

func TestSetRegistersWhatTheListSays(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewPedanticRegistry()
	s := metrics.On(reg)
	for _, m := range metrics.All() {
		values := make([]string, len(m.Labels))
		switch {
		case m.Kind == metrics.Counter && len(m.Labels) > 0:
			s.CounterVec(m.Name).WithLabelValues(values...).Inc()
		case m.Kind == metrics.Counter:
			s.Counter(m.Name).Inc()
		case m.Kind == metrics.Histogram && len(m.Labels) > 0:
			s.HistogramVec(m.Name).WithLabelValues(values...).Observe(1)
		case m.Kind == metrics.Histogram:
			s.Histogram(m.Name).Observe(1)
		default:
			s.GaugeVec(m.Name).WithLabelValues(values...).Set(1)
		}
	}
	if n, err := testutil.GatherAndCount(reg); err != nil || n != len(metrics.All()) {
		t.Errorf("%d series, %v", n, err)
	}
	problems, err := testutil.GatherAndLint(reg)
	if err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v, %v", problems, err)
	}
}

func TestScrapedGaugesAreReadFromTheirSource(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewPedanticRegistry()
	s := metrics.On(reg).Scraped("drawbridge_outbox_mails", "drawbridge_outbox_oldest_timestamp_seconds")
	series := func() int {
		t.Helper()
		n, err := testutil.GatherAndCount(reg)
		if err != nil {
			t.Error(err)
		}
		return n
	}
	if n := series(); n != 0 {
		t.Errorf("without a source there are %d series", n)
	}
	leads, failure := false, error(nil)
	s.From(func() bool { return leads }, func(_ context.Context, show metrics.Show) error {
		show("drawbridge_outbox_mails", 3, "waiting")
		return failure
	})
	if n := series(); n != 0 {
		t.Errorf("a process that does not lead shows %d series", n)
	}
	if leads = true; series() != 1 {
		t.Error("the process that leads does not show what was read")
	}
	failure = errors.New("the store is away")
	if _, err := reg.Gather(); err == nil || !strings.Contains(err.Error(), failure.Error()) {
		t.Errorf("a read that fails gives %v", err)
	}
}

// A name that the list does not have is a mistake in the program.
func TestUnknownMetricIsAMistake(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(){
		"an unknown name": func() { metrics.On(nil).Counter("drawbridge_nothing_total") },
		"another kind":    func() { metrics.On(nil).Gauge("drawbridge_mails_total") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is accepted", name)
				}
			}()
			make()
		}()
	}
}
