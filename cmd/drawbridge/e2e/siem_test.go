package e2e

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"drawbridge/console/wire"
)

// siem takes syslog over TLS, and notes the lines of each trail.
type siem struct {
	t  *testing.T
	ca string

	address string
	mu      sync.Mutex
	next    map[string]uint64 // by tenant, the number of the first line that was not there yet
	again   int
}

// newSIEM makes one with the certificate that httptest has for 127.0.0.1.
func newSIEM(t *testing.T) *siem {
	t.Helper()
	web := httptest.NewTLSServer(nil)
	certificate, chain := web.TLS.Certificates[0], web.Certificate()
	web.Close()
	s := &siem{t: t, ca: filepath.Join(t.TempDir(), "ca.pem"), next: map[string]uint64{}}
	if err := os.WriteFile(s.ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: chain.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		running.Wait()
	})
	return s
}

func (s *siem) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		count, err := in.ReadString(' ')
		if err != nil {
			return
		}
		length, err := strconv.Atoi(strings.TrimSuffix(count, " "))
		if err != nil {
			s.t.Errorf("a message begins with %q", count)
			return
		}
		message := make([]byte, length)
		if _, err := io.ReadFull(in, message); err != nil {
			return
		}
		var line struct {
			Seq    uint64
			Tenant string
		}
		_, text, _ := strings.Cut(string(message), "] ")
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			s.t.Errorf("%v: %s", err, message)
			return
		}
		s.mu.Lock()
		first := s.next[line.Tenant]
		switch {
		case first == 0 || line.Seq == first:
			s.next[line.Tenant] = line.Seq + 1
		case line.Seq < first:
			s.again++
		default:
			s.t.Errorf("%s: line %d comes where %d is next", line.Tenant, line.Seq, first)
		}
		s.mu.Unlock()
	}
}

func (s *siem) has(tenant string) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(s.next[tenant], 1) - 1
}

func (s *siem) env() []string {
	return []string{"DRAWBRIDGE_AUDIT_SYSLOG_ADDRESS=" + s.address, "DRAWBRIDGE_AUDIT_SYSLOG_CA_FILE=" + s.ca, "DRAWBRIDGE_OUTBOUND_ALLOW=127.0.0.1"}
}

// TestE6KillLosesNoLineForTheSIEM kills the server with -9 while it sends audit lines. The SIEM gets every line, each after its
// predecessor; some come again.
func TestE6KillLosesNoLineForTheSIEM(t *testing.T) {
	t.Parallel()
	s := newSIEM(t)
	data := shortDir(t)
	p := serve(t, data, s.env()...)
	if _, err := p.operator.CreateTenant(t.Context(), wire.TenantCreate{Slug: "acme", Name: "acme", Plan: "business"}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the first line", func() bool { return s.has("acme") > 0 })
	for round := range 4 {
		for i := range 5 + rand.IntN(5) {
			if _, err := p.operator.CreateUser(t.Context(), "acme", wire.UserCreate{UserName: fmt.Sprintf("u%d-%d@acme.example", round, i)}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
		_ = p.end(t, syscall.SIGKILL)
		p = serve(t, data, s.env()...)
	}
	lines, err := p.operator.Audit(t.Context(), "acme", 0, 1000, 0)
	if err != nil {
		t.Fatal(err)
	}
	last := lines.Items[len(lines.Items)-1].Seq
	waitFor(t, "the last line", func() bool { return s.has("acme") >= last })
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Errorf("stop: %v\n%s", err, p.out)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t.Logf("%d lines, %d of them came again", last, s.again)
}
