package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

// served is a client of a handler on a socket in a data folder.
func served(t *testing.T, h http.Handler) *client.Client {
	t.Helper()
	dir, err := os.MkdirTemp("", "client") // the path of a test's own folder may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket, _ := wire.Sockets(dir)
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: time.Second}
	go func() { _ = srv.Serve(ln) }()
	t.Cleanup(func() { _ = srv.Close() })
	return client.New(dir)
}

func TestPathsAreEscaped(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/tenants/{tenant}/users/{user}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"id":"`+r.PathValue("tenant")+"|"+r.PathValue("user")+`"}`)
	})
	c := served(t, mux)
	for _, user := range []string{"ada@acme.example", "a b", "a/b", "../x", "100%", "ä+?#", "."} {
		u, err := c.User(t.Context(), "acme", user)
		if err != nil && user != "." || err == nil && u.ID != "acme|"+user {
			t.Errorf("%q arrived as %q, %v", user, u.ID, err)
		}
	}
}

func TestErrors(t *testing.T) {
	answers := map[string]string{
		"rule":   `{"status":409,"code":"refused","detail":"20 of 20 seats in use","rule":"B2"}`,
		"fields": `{"status":422,"code":"invalid","detail":"2 fields are wrong","errors":[{"field":"a","message":"too long"},{"field":"b","message":"missing"}]}`,
		"proxy":  `<html>`,
	}
	c := served(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(w, answers[filepath.Base(r.URL.Path)])
	}))
	for tenant, want := range map[string][2]string{
		"rule":   {"refused", "20 of 20 seats in use (rule B2)"},
		"fields": {"invalid", "2 fields are wrong\n  a: too long\n  b: missing"},
		"proxy":  {"internal", "the server answered 409 Conflict"},
	} {
		_, err := c.Tenant(t.Context(), tenant)
		if err == nil || client.CodeOf(err) != want[0] || err.Error() != want[1] {
			t.Errorf("%s: %s, %v", tenant, client.CodeOf(err), err)
		}
	}
}

func TestNoServer(t *testing.T) {
	dir := t.TempDir()
	_, err := client.New(dir).Status(t.Context())
	if client.CodeOf(err) != "unavailable" || !strings.Contains(err.Error(), "drawbridge serve --data "+dir) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.New(dir).Status(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
