package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/crypto/acme/autocert"

	"drawbridge/console/wire"
)

// Trial is the result of testing a configuration on this machine.
type Trial struct {
	Mistakes Findings `json:"mistakes"` // serve would fail, or would not do its work
	Warnings []string `json:"warnings"` // serve would start, but something is unusual
	Tried    []string `json:"tried"`    // what works

	running bool // a server runs on the data folder
}

// Try tests what a configuration needs as the user who calls it: folders, ports and certificates.
// It leaves no files. If a server runs on the data folder, it uses the ports itself.
func (c *Config) Try(ctx context.Context, now func() time.Time) Trial {
	t := Trial{Mistakes: Findings{}, Warnings: []string{}, Tried: []string{}}
	t.running = serverRuns(ctx, c.Data)
	t.folder("data", c.Data)
	if c.Backup.Every > 0 || c.Backup.Dir != "" {
		t.folder("backup.dir", c.backupDir())
	}
	if c.Archive.Folder != "" {
		t.archive(c.Archive.Folder)
	}
	for _, l := range []struct{ key, address string }{
		{"listen", c.Listen}, {"metrics.listen", c.Metrics.Listen}, {"api.listen", c.API.Listen},
	} {
		if l.address != "" {
			t.port(ctx, l.key, l.address)
		}
	}
	t.certificate(c, now())
	t.exposure(c)
	return t
}

// TryServers is Try that also connects to the servers that the configuration names.
func (c *Config) TryServers(ctx context.Context, now func() time.Time) Trial {
	t := c.Try(ctx, now)
	t.servers(ctx, c, now)
	return t
}

func (t *Trial) wrong(format string, args ...any) {
	t.Mistakes = append(t.Mistakes, fmt.Sprintf(format, args...))
}

func (t *Trial) mind(format string, args ...any) {
	t.Warnings = append(t.Warnings, fmt.Sprintf(format, args...))
}

func (t *Trial) good(format string, args ...any) {
	t.Tried = append(t.Tried, fmt.Sprintf(format, args...))
}

// folder tries to write into a folder, or, if it does not exist, to create one at its place.
func (t *Trial) folder(key, dir string) {
	at, err := nearestFolder(dir)
	if err == nil && at == filepath.Clean(dir) {
		err = tryFolder(dir)
	} else if err == nil {
		var made string
		if made, err = os.MkdirTemp(at, ".try-*"); err == nil {
			err = os.Remove(made)
		}
		if err != nil {
			err = fmt.Errorf("%s does not exist, and %s cannot be written to: %s", dir, at, reason(err))
		}
	}
	if err != nil {
		t.wrong("%s: %s", key, err)
		return
	}
	if at != filepath.Clean(dir) {
		if at == "." {
			at = "this folder"
		}
		t.good("%s: %s does not exist yet; it can be created in %s", key, dir, at)
		return
	}
	t.good("%s: %s can be written to", key, dir)
}

// archive tries to write into the folder of the archive. The server never creates it: it may be a mount that is absent.
func (t *Trial) archive(dir string) {
	if info, err := os.Stat(dir); err != nil {
		t.wrong("archive.folder: %s cannot be opened: %s", dir, reason(err))
	} else if !info.IsDir() {
		t.wrong("archive.folder: %s is not a folder", dir)
	} else {
		t.folder("archive.folder", dir)
	}
}

// nearestFolder is the folder itself, or the nearest one above it that exists.
func nearestFolder(dir string) (string, error) {
	at := filepath.Clean(dir)
	for {
		info, err := os.Stat(at)
		switch {
		case err == nil && info.IsDir():
			return at, nil
		case err == nil:
			return "", fmt.Errorf("%s is not a folder", at)
		case !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at):
			return "", err
		}
		at = filepath.Dir(at)
	}
}

// serverRuns reports whether a server listens on the socket of a data folder, or whether this user may not ask.
func serverRuns(ctx context.Context, data string) bool {
	socket, note := wire.Sockets(data)
	if text, err := os.ReadFile(note); err == nil {
		socket = strings.TrimSpace(string(text))
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	if err != nil {
		return errors.Is(err, fs.ErrPermission)
	}
	_ = conn.Close() // nothing was asked
	return true
}

// port tries to listen.
func (t *Trial) port(ctx context.Context, key, address string) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		_ = ln.Close() // nothing was accepted
		t.good("%s: %s is free", key, address)
	case errors.Is(err, syscall.EADDRINUSE) && t.running:
		t.good("%s: %s is taken; a server runs on the data folder", key, address)
	case errors.Is(err, syscall.EADDRINUSE):
		t.wrong("%s: %s is taken by another program", key, address)
	case errors.Is(err, syscall.EACCES):
		t.wrong("%s: this user may not listen on %s; ports below 1024 need root or CAP_NET_BIND_SERVICE", key, address)
	default:
		t.wrong("%s: nothing can listen on %s: %s", key, address, err)
	}
}

func (t *Trial) certificate(c *Config, now time.Time) {
	if c.TLS.ACME.Domain != "" {
		if _, port, err := net.SplitHostPort(c.Listen); err == nil && port != "443" {
			t.mind("tls.acme.domain: the authority connects to port 443 of %s, and listen is %s: without forwarding from port 443 there will be no certificate", c.TLS.ACME.Domain, c.Listen)
		}
		return
	}
	if c.TLS.CertFile == "" {
		return
	}
	pair := &keyPair{certFile: c.TLS.CertFile, keyFile: c.TLS.KeyFile, now: func() time.Time { return now }}
	if err := pair.load(); err != nil {
		t.wrong("%s", err)
		return
	}
	leaf := pair.cert.Leaf
	var mind warning
	switch err := freshness(pair.cert, now); {
	case errors.As(err, &mind):
		t.mind("tls.cert_file: %s", err)
	case err != nil:
		t.wrong("tls.cert_file: %s", err)
	default:
		t.good("tls.cert_file: valid until %s", leaf.NotAfter.UTC().Format(time.RFC3339))
	}
	if u, err := url.Parse(c.BaseURL); err == nil && u.Hostname() != "" && leaf.VerifyHostname(u.Hostname()) != nil {
		t.mind("tls.cert_file: the certificate is not for %s, the host of base_url", u.Hostname())
	}
	if info, err := os.Stat(c.TLS.KeyFile); err == nil && info.Mode().Perm()&0o004 != 0 && runtime.GOOS != "windows" {
		t.mind("tls.key_file: every user of this machine may read %s; chmod 600 is better", c.TLS.KeyFile)
	}
}

// exposure reports what others can reach, and what is unreachable.
func (t *Trial) exposure(c *Config) {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return
	}
	ip := net.ParseIP(host)
	local := host == "localhost" || ip != nil && ip.IsLoopback()
	if c.Metrics.Listen == "" && c.Metrics.Token == "" && (!local || c.proxied()) {
		t.mind("metrics.listen: others may reach %s, so /metrics is not answered there; set metrics.listen or metrics.token", c.Listen)
	}
	if local && c.TLS.ACME.Domain != "" {
		t.mind("listen: %s is a loopback address, which the certificate authority does not reach", c.Listen)
	}
}

// servers connects to what the configuration names.
func (t *Trial) servers(ctx context.Context, c *Config, now func() time.Time) {
	if c.Store.Shared() {
		t.database(ctx, c)
	}
	if c.Mail.On() {
		sender, err := c.mailer(now, nil)
		if err == nil {
			err = sender.Check(ctx)
		}
		if err != nil {
			t.wrong("mail.host: %s", chain(err))
		} else {
			t.good("mail.host: %s answers%s", c.Mail.Host, map[bool]string{true: " and lets " + c.Mail.Username + " in"}[c.Mail.Username != ""])
		}
	}
	if c.Archive.S3.Bucket != "" {
		t.bucket(ctx, c, now)
	}
	if c.TLS.ACME.Domain != "" {
		directory := c.TLS.ACME.Directory
		if directory == "" {
			directory = autocert.DefaultACMEDirectory
		}
		t.document(ctx, http.DefaultClient, "tls.acme.directory", directory, "newOrder")
	}
	if c.API.OIDC.Issuer != "" {
		t.document(ctx, c.guard(nil).Client(oidcTimeout, oidcBytes), "api.oidc.issuer", strings.TrimRight(c.API.OIDC.Issuer, "/")+"/.well-known/openid-configuration", "authorization_endpoint")
	}
}

// bucket writes a small object into the bucket of the archive.
func (t *Trial) bucket(ctx context.Context, c *Config, now func() time.Time) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	storage, err := c.archiveStorage(c.guard(nil), now)
	if err == nil {
		err = storage.Check(ctx, 1)
	}
	if err != nil {
		t.wrong("archive.s3: %s", messageOf(err))
		return
	}
	t.good("archive.s3: the %s can be written to", storage)
}

// database asks the database of store.url for the state of its schema.
func (t *Trial) database(ctx context.Context, c *Config) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	status, err := Migration(ctx, c)
	switch {
	case err != nil:
		t.wrong("store.url: %s", messageOf(err))
	case status.Problem() == "":
		t.good("store.url: the database answers, and its schema is up to date")
	case status.MinReader <= status.Known && c.Store.Migrate == migrateAuto:
		t.good("store.url: the database answers; the server will bring its schema up to date")
	default:
		t.wrong("store.url: %s", status.Problem())
	}
}

// document fetches a JSON object that must have a field.
func (t *Trial) document(ctx context.Context, client *http.Client, key, address, field string) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		t.wrong("%s: %s", key, err)
		return
	}
	res, err := client.Do(req)
	if err != nil {
		t.wrong("%s: %s", key, err)
		return
	}
	defer res.Body.Close()
	var object map[string]any
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&object); err != nil || object[field] == nil {
		t.wrong("%s: %s answers %s, and not with a document that has %s", key, address, res.Status, field)
		return
	}
	t.good("%s: %s answers", key, address)
}

// chain is an error with its cause.
func chain(err error) string {
	text := messageOf(err)
	if cause := errors.Unwrap(err); cause != nil && !strings.Contains(text, cause.Error()) {
		text += ": " + cause.Error()
	}
	return text
}
