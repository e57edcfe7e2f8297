package app

import (
	"bufio"
	"net"
	"net/http"
	"strings"
	"testing"
)

// TestSilentConnectionsAreNotAccepted opens connections that send nothing, and then asks how many the server has.
func TestSilentConnectionsAreNotAccepted(t *testing.T) {
	t.Parallel()
	a, _ := start(t, nil)
	for range 5 {
		silent, err := net.Dial("tcp", a.Addr())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = silent.Close() })
	}
	res, err := http.Get("http://" + a.Addr() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	const name = "drawbridge_network_connections "
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if got, found := strings.CutPrefix(lines.Text(), name); found {
			if got != "1" {
				t.Errorf("the server has %s connections, and one sent a request", got)
			}
			return
		}
	}
	t.Errorf("no %s in the metrics, %d", name, res.StatusCode)
}
