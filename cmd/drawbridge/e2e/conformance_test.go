package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestConformance runs the suites of other authors against two servers on one database; each request goes to the other one. It needs what
// scripts/conformance.sh needs.
func TestConformance(t *testing.T) {
	t.Parallel()
	if bridges() < 2 || os.Getenv("DRAWBRIDGE_CONFORMANCE") == "" {
		return // .ci/run runs it
	}
	f := startFleet(t, map[string]string{"metrics.token": "metrics-token-of-the-tests"})
	cmd := exec.CommandContext(t.Context(), "bash", "../../../scripts/conformance.sh")
	cmd.Env = append(os.Environ(), "DATA="+filepath.Dir(f.members[0].app.Socket()))
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range f.members {
		if !strings.Contains(metrics(t, s), "\ndrawbridge_scim_requests_total{") {
			t.Errorf("server %d had no request", i+1)
		}
	}
}
