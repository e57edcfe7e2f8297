package app

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"drawbridge/archive/s3/s3test"
)

// TestTryReportsWhatTheMachineLacks tries configurations, each of which needs one thing that this machine does not have.
func TestTryReportsWhatTheMachineLacks(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	taken, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/directory" {
			_, _ = w.Write([]byte(`{"newOrder":"x"}`))
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(web.Close)
	cloud := httptest.NewServer(s3test.New(time.Now, "archive"))
	t.Cleanup(cloud.Close)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*Config)
		wrong  string // in a mistake; "": there is none
		mind   string // in a warning; "": there is none
		tried  string // in what works
	}{
		"all is well":              {func(*Config) {}, "", "", "data: "},
		"data below a file":        {func(c *Config) { c.Data = filepath.Join(file, "data") }, "data: ", "", ""},
		"data is a file":           {func(c *Config) { c.Data = file }, "is not a folder", "", ""},
		"data is made later":       {func(c *Config) { c.Data = filepath.Join(t.TempDir(), "a", "b") }, "", "", "a/b does not exist yet; it can be created in "},
		"no place for copies":      {func(c *Config) { c.Backup.Every, c.Backup.Dir = time.Hour, filepath.Join(file, "b") }, "backup.dir: ", "", ""},
		"no place for the archive": {func(c *Config) { c.Archive.Folder = filepath.Join(file, "a") }, "archive.folder: ", "", ""},
		"a bucket":                 {func(c *Config) { bucketAt(c, cloud.URL, "archive") }, "", "", "archive.s3: the bucket archive at " + cloud.URL + " can be written to"},
		"no such bucket":           {func(c *Config) { bucketAt(c, cloud.URL, "absent") }, "archive.s3: the archive (bucket absent at " + cloud.URL + ") cannot be written: the storage has no bucket absent", "", ""},
		"a bucket at an address that is not open": {func(c *Config) {
			bucketAt(c, cloud.URL, "archive")
			c.Outbound.Allow = nil
		}, "is not a public address", "", ""},
		"a port is taken":    {func(c *Config) { c.Listen = taken.Addr().String() }, "listen: " + taken.Addr().String() + " is taken by another program", "", ""},
		"no such address":    {func(c *Config) { c.Metrics.Listen = "192.0.2.1:0" }, "metrics.listen: nothing can listen on", "", ""},
		"an exposed address": {func(c *Config) { c.Listen = "0.0.0.0:0" }, "", "/metrics is not answered there", ""},
		"ACME elsewhere": {func(c *Config) {
			c.Listen, c.TLS.ACME.Domain, c.TLS.ACME.Directory, c.Metrics.Token = "0.0.0.0:0", "scim.example.test", web.URL+"/directory", "sixteen-and-more-characters"
		}, "", "connects to port 443 of scim.example.test", "tls.acme.directory"},
		"ACME without an authority": {func(c *Config) {
			c.TLS.ACME.Domain, c.TLS.ACME.Directory = "scim.example.test", web.URL+"/none"
		}, "tls.acme.directory: ", "loopback address", ""},
		"no mail server": {func(c *Config) {
			c.Mail.Host, c.Mail.Port, c.Mail.From, c.Mail.TLS = "127.0.0.1", 1, "a@example.test", "none"
		}, "mail.host: the mail server 127.0.0.1 cannot be reached", "", ""},
		"no OpenID provider": {func(c *Config) {
			c.API.OIDC.Issuer, c.Outbound.Allow = web.URL, []string{"127.0.0.1"}
		}, "api.oidc.issuer: " + web.URL + "/.well-known/openid-configuration answers", "", ""},
		"an OpenID provider that may not be dialled": {func(c *Config) { c.API.OIDC.Issuer = web.URL }, "is not a public address; outbound.allow", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := defaults(t)
			cfg.Data, cfg.Listen = t.TempDir(), "127.0.0.1:0"
			c.change(cfg)
			got := cfg.TryServers(t.Context(), time.Now)
			hold := func(what string, lines []string, want string) {
				t.Helper()
				if text := strings.Join(lines, "\n"); want == "" && what != "tried" && text != "" || !strings.Contains(text, want) {
					t.Errorf("%s: %q, want %q", what, text, want)
				}
			}
			hold("mistakes", got.Mistakes, c.wrong)
			hold("warnings", got.Warnings, c.mind)
			hold("tried", got.Tried, c.tried)
			if left, err := filepath.Glob(filepath.Join(globEscape(cfg.Data), ".try*")); len(left) > 0 || err != nil {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
}

// The server that runs on the same data uses the ports of the configuration.
func TestTryAcceptsPortsOfTheRunningServer(t *testing.T) {
	t.Parallel()
	a, _ := start(t, nil)
	a.waitReady(t)
	cfg := *a.config
	cfg.Listen = a.Addr()
	if got := cfg.Try(t.Context(), time.Now); len(got.Mistakes) > 0 {
		t.Errorf("%+v", got)
	}
}

func TestTryReadsTheCertificate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	writePair(t, cert, key, 1)
	cfg := defaults(t)
	cfg.Data, cfg.Listen, cfg.BaseURL = dir, "127.0.0.1:0", "https://another.example.test"
	cfg.TLS.CertFile, cfg.TLS.KeyFile = cert, key
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	got := cfg.Try(t.Context(), time.Now)
	for _, want := range []string{"not for another.example.test", "every user of this machine may read"} {
		if !strings.Contains(strings.Join(got.Warnings, "\n"), want) {
			t.Errorf("%q is not in %q", want, got.Warnings)
		}
	}
	got = cfg.Try(t.Context(), func() time.Time { return time.Now().AddDate(100, 0, 0) })
	if !strings.Contains(strings.Join(got.Mistakes, "\n"), "expired") {
		t.Errorf("%+v", got)
	}
}

// A folder that takes no backups is in the status and in a metric before the first backup fails. The server stays ready.
func TestBackupFolderIsWatched(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a, c := start(t, func(c *Config) { c.Backup.Every, c.Backup.Dir = 24*time.Hour, filepath.Join(file, "backups") })
	if ready, message := a.part(t, "backup"); !ready || !strings.Contains(message, "no backup can be written") {
		t.Errorf("%v %q", ready, message)
	}
	if got := a.gauge(t, "drawbridge_backup_folder_writable"); got != 0 {
		t.Errorf("the metric says %g", got)
	}
	a.waitReady(t)
	s, err := c.Status(t.Context())
	if err != nil || !s.Ready {
		t.Errorf("%+v %v", s, err)
	}
}
