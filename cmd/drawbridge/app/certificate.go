package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"drawbridge/internal/metrics"
)

// certificate is the source of the certificate of the listeners.
type certificate interface {
	// get answers a handshake.
	get(*tls.ClientHelloInfo) (*tls.Certificate, error)
	// look gives the served certificate, after it has fetched a newer one if that is due. nil: there is none, and the error says why.
	look(context.Context) (*tls.Certificate, error)
}

// certificateSource is the certificate that the configuration asks for; nil: plain HTTP.
func (c *Config) certificateSource(now func() time.Time, log *slog.Logger) (certificate, error) {
	switch {
	case c.TLS.ACME.Domain != "":
		return newAuthority(c, now), nil
	case c.TLS.CertFile != "":
		pair := &keyPair{certFile: c.TLS.CertFile, keyFile: c.TLS.KeyFile, now: now, log: log}
		if err := pair.load(); err != nil {
			return nil, err
		}
		return pair, nil
	}
	return nil, nil //nolint:nilnil // plain HTTP has no certificate
}

// tlsConfig is how the listeners encrypt with the certificate; nil: not at all.
func tlsConfig(c certificate) *tls.Config {
	if c == nil {
		return nil
	}
	out := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, GetCertificate: c.get}
	if _, ok := c.(*authority); ok {
		out.NextProtos = append(out.NextProtos, acme.ALPNProto)
	}
	return out
}

// watchCertificate fetches the certificate at the start and keeps checking it. Without a valid one the server is not ready;
// one that is about to expire is a warning.
func (a *App) watchCertificate() {
	m := newCertificateMetrics(a.registry)
	if a.certificate == nil {
		return
	}
	a.background("certificate", time.Minute, func(ctx context.Context) error {
		cert, err := a.certificate.look(ctx)
		if err == nil {
			err = freshness(cert, a.now())
		}
		m.report(cert, err)
		return err
	})
}

// freshness says whether a certificate is valid, and for long enough: more than 14 days, or more than a quarter of a lifetime below eight
// weeks.
func freshness(cert *tls.Certificate, now time.Time) error {
	from, until := cert.Leaf.NotBefore, cert.Leaf.NotAfter
	switch {
	case now.Before(from):
		return fmt.Errorf("the certificate is valid from %s on only; look at the clock", from.UTC().Format(time.RFC3339))
	case !now.Before(until):
		return fmt.Errorf("the certificate expired at %s", until.UTC().Format(time.RFC3339))
	case until.Sub(now) < min(14*24*time.Hour, until.Sub(from)/4):
		return warning{fmt.Errorf("the certificate expires at %s and should have been renewed by now", until.UTC().Format(time.RFC3339))}
	}
	return nil
}

// certificateMetrics say how long the certificate is valid. Without TLS they have no series.
type certificateMetrics struct{ expiry, good *prometheus.GaugeVec }

func newCertificateMetrics(reg prometheus.Registerer) certificateMetrics {
	r := metrics.On(reg)
	return certificateMetrics{
		expiry: r.GaugeVec("drawbridge_tls_certificate_expiry_timestamp_seconds"),
		good:   r.GaugeVec("drawbridge_tls_certificate_good"),
	}
}

func (m certificateMetrics) report(cert *tls.Certificate, err error) {
	expiry, value := 0.0, 0.0
	if cert != nil {
		expiry = float64(cert.Leaf.NotAfter.Unix())
	}
	if err == nil {
		value = 1
	}
	m.expiry.WithLabelValues().Set(expiry)
	m.good.WithLabelValues().Set(value)
}

// authority gets the certificate from an ACME authority. Only look asks the authority, never the handshake of a client. It waits longer
// after each failure, because authorities lock out a name that fails often.
type authority struct {
	manager *autocert.Manager
	domain  string
	now     func() time.Time
	served  atomic.Pointer[tls.Certificate]

	mu       sync.Mutex // of look
	failures int
	next     time.Time // no question before
	err      error     // of the last one
}

// The waits after a failure. Five failures in an hour are what Let's Encrypt allows for a name.
const (
	firstWait = 5 * time.Minute
	mostWait  = 2 * time.Hour
)

func newAuthority(c *Config, now func() time.Time) *authority {
	m := &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      autocert.DirCache(filepath.Join(c.Data, "acme")),
		HostPolicy: autocert.HostWhitelist(c.TLS.ACME.Domain),
		Email:      c.TLS.ACME.Email,
		Client:     &acme.Client{DirectoryURL: c.TLS.ACME.Directory, HTTPClient: &http.Client{Timeout: 30 * time.Second}, UserAgent: "drawbridge"},
	}
	if c.TLS.ACME.Directory == "" {
		m.Client.DirectoryURL = autocert.DefaultACMEDirectory
	}
	return &authority{manager: m, domain: c.TLS.ACME.Domain, now: now}
}

func (a *authority) get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if slices.Contains(hello.SupportedProtos, acme.ALPNProto) {
		return a.manager.GetCertificate(hello) // the authority checks that the name is ours
	}
	if name := strings.TrimSuffix(hello.ServerName, "."); !strings.EqualFold(name, a.domain) {
		return nil, fmt.Errorf("there is no certificate for %q here", hello.ServerName)
	}
	if cert := a.served.Load(); cert != nil {
		return cert, nil
	}
	return nil, errors.New("there is no certificate yet")
}

func (a *authority) look(ctx context.Context) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if wait := a.next.Sub(a.now()); wait > 0 && wait <= mostWait { // more: the clock was ahead
		return a.served.Load(), a.err
	}
	cert, err := a.ask(ctx)
	if ctx.Err() != nil {
		return a.served.Load(), ctx.Err()
	}
	if err != nil {
		wait := min(firstWait<<min(a.failures, 10), mostWait)
		a.failures++
		a.next = a.now().Add(wait)
		a.err = fmt.Errorf("there is no certificate for %s: %w; the next try is at %s", a.domain, err, a.next.UTC().Format(time.RFC3339))
		return a.served.Load(), a.err
	}
	a.failures, a.err = 0, nil
	a.served.Store(cert)
	return cert, nil
}

// ask gives the certificate of the manager, or lets it fetch one, which may take minutes. A stop does not wait for that. The manager renews
// its certificates automatically.
func (a *authority) ask(ctx context.Context) (*tls.Certificate, error) {
	type answer struct {
		cert *tls.Certificate
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		// The cipher suite asks for a key of the usual kind (ECDSA).
		cert, err := a.manager.GetCertificate(&tls.ClientHelloInfo{ServerName: a.domain, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}})
		done <- answer{cert, err}
	}()
	select {
	case got := <-done:
		return got.cert, got.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// keyPair is a certificate from files that is read again when they change. A renewal needs no restart.
type keyPair struct {
	certFile, keyFile string
	now               func() time.Time
	log               *slog.Logger

	mu      sync.Mutex
	cert    *tls.Certificate
	read    [2]time.Time // when the files last changed, at the last try
	checked time.Time
}

// checkEvery is the minimum time between two checks of the files.
const checkEvery = 5 * time.Second

func (p *keyPair) modified() (out [2]time.Time, err error) {
	for i, file := range []string{p.certFile, p.keyFile} {
		info, err := os.Stat(file)
		if err != nil {
			return out, err
		}
		out[i] = info.ModTime()
	}
	return out, nil
}

func (p *keyPair) load() error {
	modified, err := p.modified()
	if err != nil {
		return err
	}
	p.read = modified
	cert, err := tls.LoadX509KeyPair(p.certFile, p.keyFile)
	if err != nil {
		return fmt.Errorf("tls.cert_file and tls.key_file: %w", err)
	}
	p.cert, p.checked = &cert, p.now()
	return nil
}

// look reads the files again if they changed, and gives the served certificate.
func (p *keyPair) look(ctx context.Context) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current(ctx), nil
}

// get gives the certificate, read again if the files changed. A pair that does not match, such as one that is half replaced, is ignored
// until it changes again.
func (p *keyPair) get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current(hello.Context()), nil
}

func (p *keyPair) current(ctx context.Context) *tls.Certificate {
	if now := p.now(); now.Sub(p.checked).Abs() >= checkEvery {
		p.checked = now
		if modified, err := p.modified(); err == nil && modified != p.read {
			if err := p.load(); err != nil {
				p.log.WarnContext(ctx, "the changed certificate cannot be used; the one before it stays", "error", err)
			} else {
				p.log.InfoContext(ctx, "the certificate was read again", "file", p.certFile)
			}
		}
	}
	return p.cert
}
