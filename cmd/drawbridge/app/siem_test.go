package app

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

// output takes what a server writes.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

// Audit lines are on standard output as JSON, and the API shows that a SIEM cannot be reached.
func TestE6AuditLinesGoToTheConfiguredPlaces(t *testing.T) {
	t.Parallel()
	cfg := defaults(t)
	cfg.Data, cfg.Listen, cfg.ShutdownTimeout = filepath.Join(t.TempDir(), "d"), "127.0.0.1:0", 5*time.Second
	cfg.Audit.Stdout, cfg.Audit.Syslog.Address, cfg.Outbound.Allow = true, "127.0.0.1:1", []string{"127.0.0.1"}
	out := &output{}
	a, err := New(cfg, Options{Env: noLimit(), Logger: slog.New(slog.DiscardHandler), Out: out})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := client.New(cfg.Data)
	streams := func() map[string]wire.AuditStream {
		got, err := c.AuditStreams(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]wire.AuditStream{}
		for _, s := range got.Items {
			all[s.Name] = s
		}
		return all
	}
	until := func(what string, so func() bool) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); !so(); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s did not come: %+v", what, streams())
			}
		}
	}
	until("the begin of both streams", func() bool { return streams()["stdout"].Begun != nil && streams()["syslog"].Begun != nil })
	if _, err := c.CreateTenant(t.Context(), wire.TenantCreate{Slug: "acme", Name: "Acme", Plan: "business"}); err != nil {
		t.Fatal(err)
	}
	until("the lines", func() bool {
		out.mu.Lock()
		defer out.mu.Unlock()
		return strings.Contains(out.b.String(), `"tenant":"acme"`)
	})
	until("the failure", func() bool { return streams()["syslog"].Error != "" })
	until("the success", func() bool { return streams()["stdout"].Backlog == 0 && streams()["stdout"].Success != nil })
	if s := streams()["syslog"]; s.Error != "the receiver refused the connection" || s.Backlog == 0 || s.FailingSince == nil || s.Next == nil || s.To != "127.0.0.1:1" {
		t.Errorf("%+v", s)
	}
	until("the message in the status", func() bool {
		parts, ready := a.health.ready()
		for _, p := range parts {
			if p.Name == "audit syslog" && strings.Contains(p.Message, "refused the connection") {
				return ready
			}
		}
		return false
	})
	out.mu.Lock()
	defer out.mu.Unlock()
	for line := range bytes.Lines(out.b.Bytes()) {
		var a directory.Audit
		if err := json.Unmarshal(line, &a); err != nil || a.Seq == 0 || a.Hash == (directory.Hash{}) {
			t.Errorf("%v: %s", err, line)
		}
	}
}

func TestE6WrongSettingsOfAStreamAreRefused(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*AuditConfig){
		"not a host and a port":        func(a *AuditConfig) { a.Syslog.Address = "siem.example.com" },
		"is not a host and a port, ":   func(a *AuditConfig) { a.Syslog.Address = ":6514" },
		"not a public address":         func(a *AuditConfig) { a.Syslog.Address = "10.0.0.1:6514" },
		"it is this machine":           func(a *AuditConfig) { a.Syslog.Address = "localhost:6514" },
		"nothing is sent":              func(a *AuditConfig) { a.Syslog.CAFile = "/ca.pem" },
		"belong together":              func(a *AuditConfig) { a.Syslog.Address, a.Syslog.KeyFile = "siem.example.com:6514", "/k" },
		"audit.syslog.ca_file: /no/ca": func(a *AuditConfig) { a.Syslog.Address, a.Syslog.CAFile = "siem.example.com:6514", "/no/ca" },
		"between 2 KiB and 1 MiB":      func(a *AuditConfig) { a.Syslog.Address, a.Syslog.MaxBytes = "siem.example.com:6514", 100 },
	} {
		cfg := defaults(t)
		change(&cfg.Audit)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
