package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"drawbridge/console/client"
)

// connect reads the flags that say which server is meant.
func (t *terminal) connect(cmd *cobra.Command) error {
	t.dataGiven = cmd.Flags().Changed("data")
	if t.server != "" {
		if u, err := url.Parse(t.server); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("--server is a URL such as https://drawbridge.example.com, not %q", printable(t.server))
		}
	}
	if s, ok := t.session(); t.caFile == "" && ok && (t.server == "" || t.server == s.Server) {
		t.caFile = s.CAFile
	}
	if t.caFile == "" {
		return nil
	}
	var err error
	t.authorities, err = readAuthorities(t.caFile)
	return err
}

// client gives a client of the server: see terminal.way.
func (t *terminal) client() *client.Client {
	server, secret := t.way()
	c := client.New(t.data)
	if server != "" {
		c = t.at(server)
	}
	if secret != "" {
		c = c.As(secret)
	}
	if isTerminal(t.err) && t.format.ForPeople() {
		plain := c
		c = c.Through(func(next http.RoundTripper) http.RoundTripper {
			return &announcer{next: next, say: func(ctx context.Context) {
				fmt.Fprintln(t.err, t.paint(dim, t.context(ctx, plain, server, secret)))
			}}
		})
	}
	if t.repeat != "" {
		c = c.Repeatable(t.repeat)
	}
	if t.dry {
		c = c.Dry()
	}
	return c
}

// at makes a client of a server over the network, which trusts the authorities of --ca-file, too.
func (t *terminal) at(server string) *client.Client {
	c := client.At(server)
	if t.authorities != nil {
		c = c.Trusting(t.authorities)
	}
	return c
}

// tlsConfig also trusts the authorities of --ca-file; nil if there are none.
func (t *terminal) tlsConfig() *tls.Config {
	if t.authorities == nil {
		return nil
	}
	return &tls.Config{RootCAs: t.authorities, MinVersion: tls.VersionTLS12}
}

// announcer says where a command is about to write, before the first request that may change something.
type announcer struct {
	next http.RoundTripper
	say  func(context.Context)
	once sync.Once
}

// RoundTrip sends a request.
func (a *announcer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		a.once.Do(func() { a.say(r.Context()) })
	}
	return a.next.RoundTrip(r)
}

// context says which server a command speaks to, and as whom. An API key does not name its operator, so the server is asked.
func (t *terminal) context(ctx context.Context, c *client.Client, server, secret string) string {
	where := server
	if server == "" {
		where = "the server on " + t.data
		if abs, err := filepath.Abs(t.data); err == nil {
			where = "the server on " + abs
		}
	}
	if server == "" && secret == "" {
		return "On " + printable(where) + ", as the local Owner:"
	}
	if s, ok := t.session(); ok && s.Secret == secret {
		return "On " + printable(where) + ", as " + printable(s.Email) + ":"
	}
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	me, err := c.Me(ctx)
	if err != nil || me.Operator == nil {
		return "On " + printable(where) + ":"
	}
	return "On " + printable(where) + ", as " + printable(me.Operator.Email) + ":"
}

// readAuthorities reads the certificates of --ca-file.
func readAuthorities(file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--ca-file: %w", fileError(err))
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, errors.New("--ca-file: " + printable(file) + " has no certificate in PEM form")
	}
	return pool, nil
}
