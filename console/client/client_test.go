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
	t.Parallel()
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

func TestProblemsBecomeErrors(t *testing.T) {
	t.Parallel()
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
		"proxy":  {"internal", "the server answered 409 Conflict with text/html, which is no answer of Drawbridge: perhaps a proxy answered"},
	} {
		_, err := c.Tenant(t.Context(), tenant)
		if err == nil || client.CodeOf(err) != want[0] || err.Error() != want[1] {
			t.Errorf("%s: %s, %v", tenant, client.CodeOf(err), err)
		}
	}
}

// A refusal that comes before the server reads the path has a sentence, too.
func TestTooLongForARequest(t *testing.T) {
	t.Parallel()
	c := served(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "431 Request Header Fields Too Large", http.StatusRequestHeaderFieldsTooLarge)
	}))
	_, err := c.Tenant(t.Context(), "acme")
	if err == nil || client.CodeOf(err) != "too_large" || !strings.Contains(err.Error(), "an argument is too long") {
		t.Errorf("%s: %v", client.CodeOf(err), err)
	}
}

// A 2xx from a server that is not Drawbridge, or half an answer, is not a success.
func TestForeignAnswersAreNoSuccess(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"page": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<html><body>Welcome</body></html>")
		},
		"accepted": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) },
		"half":     func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"items":[`) },
		"cut short": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "99")
			_, _ = io.WriteString(w, `{`)
		},
	} {
		c := served(t, answer)
		_, list := c.Tenants(t.Context(), client.List{})
		_, made := c.CreateTenant(t.Context(), wire.TenantCreate{Name: "x"})
		for call, err := range map[string]error{"list": list, "create": made, "delete": c.DeleteWebhook(t.Context(), "x"), "export": c.ExportAudit(t.Context(), io.Discard, "acme", "csv", client.AuditSearch{})} {
			if err == nil && call == "export" && name == "accepted" {
				continue // an export may be empty
			}
			if err == nil || strings.Contains(err.Error(), "EOF") || strings.Contains(err.Error(), "invalid character") {
				t.Errorf("%s: %s gives %v", name, call, err)
			}
			if err != nil && (call == "create" || call == "delete") && !strings.Contains(err.Error(), "may have been done") {
				t.Errorf("%s: %s says %v", name, call, err)
			}
		}
	}
}

func TestMissingServerIsExplained(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := client.New(dir).Status(t.Context())
	if client.CodeOf(err) != "unavailable" || !strings.Contains(err.Error(), "drawbridge serve --data "+dir) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.New(dir).Status(ctx); !errors.Is(err, context.Canceled) || err.Error() != "interrupted" {
		t.Errorf("error %v", err)
	}
	var given *client.Interrupted
	if err := client.New(dir).DeleteWebhook(ctx, "x"); !errors.As(err, &given) || !given.Unknown {
		t.Errorf("error %v", err)
	}
}
