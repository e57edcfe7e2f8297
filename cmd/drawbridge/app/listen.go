package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"drawbridge/console/wire"
)

// maxSocketPath is what every system takes as the path of a socket (macOS: 104 bytes with the zero at the end).
const maxSocketPath = 103

// listenSocket opens the operator's socket. Only the owner of the process may connect: the socket is made in a folder of its
// own and moved into place when its mode is right. A socket that is there belongs to a dead process, since the store is ours.
func listenSocket(ctx context.Context, data string) (net.Listener, string, func() error, error) {
	socket, note := wire.Sockets(data)
	abs, err := filepath.Abs(socket)
	if err != nil {
		return nil, "", nil, err
	}
	if err := remove(socket, note); err != nil {
		return nil, "", nil, err
	}
	// The folder in which it is made has a name longer than the socket's own.
	const room = len("/.socket-1234567890/s") - len("/drawbridge.sock")
	if len(abs)+room <= maxSocketPath {
		dir, err := os.MkdirTemp(data, ".socket-")
		if err != nil {
			return nil, "", nil, err
		}
		defer func() { _ = os.Remove(dir) }() // an empty folder is in nobody's way
		ln, err := listenUnix(ctx, filepath.Join(dir, "s"))
		if err != nil {
			return nil, "", nil, err
		}
		if err := os.Rename(filepath.Join(dir, "s"), socket); err != nil {
			return nil, "", nil, errors.Join(err, ln.Close())
		}
		return ln, abs, func() error { return remove(socket) }, nil
	}
	// The path is too long for a socket: it goes where temporary files are, and a note beside the store says where.
	dir, err := os.MkdirTemp("", "drawbridge-")
	if err != nil {
		return nil, "", nil, err
	}
	place := filepath.Join(dir, "s")
	if len(place) > maxSocketPath {
		return nil, "", nil, fmt.Errorf("the path of the socket %s has more than %d characters, and so has the temporary folder %s; choose a shorter data folder or TMPDIR", abs, maxSocketPath, dir)
	}
	ln, err := listenUnix(ctx, place)
	if err != nil {
		return nil, "", nil, err
	}
	if err := os.WriteFile(note, []byte(place+"\n"), 0o600); err != nil {
		return nil, "", nil, errors.Join(err, ln.Close())
	}
	return ln, place, func() error { return errors.Join(remove(note), os.RemoveAll(dir)) }, nil
}

func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if u, ok := ln.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false) // it is moved, and removed by its own cleanup
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	return ln, nil
}

func remove(files ...string) error {
	var errs []error
	for _, f := range files {
		if err := os.Remove(f); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// tlsConfig is how the listener encrypts; nil: not at all.
func (c *Config) tlsConfig(now func() time.Time, log *slog.Logger) (*tls.Config, error) {
	switch {
	case c.TLS.ACME.Domain != "":
		m := &autocert.Manager{
			Prompt:     autocert.AcceptTOS,
			Cache:      autocert.DirCache(filepath.Join(c.Data, "acme")),
			HostPolicy: autocert.HostWhitelist(c.TLS.ACME.Domain),
			Email:      c.TLS.ACME.Email,
		}
		if c.TLS.ACME.Directory != "" {
			m.Client = &acme.Client{DirectoryURL: c.TLS.ACME.Directory}
		}
		cfg := m.TLSConfig()
		cfg.MinVersion = tls.VersionTLS12
		return cfg, nil
	case c.TLS.CertFile != "":
		pair := &keyPair{certFile: c.TLS.CertFile, keyFile: c.TLS.KeyFile, now: now, log: log}
		if err := pair.load(); err != nil {
			return nil, err
		}
		return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, GetCertificate: pair.get}, nil
	}
	return nil, nil //nolint:nilnil // plain HTTP has no configuration
}

// keyPair is a certificate from files that is read again when they change. Whoever renews it need not restart anything.
type keyPair struct {
	certFile, keyFile string
	now               func() time.Time
	log               *slog.Logger

	mu      sync.Mutex
	cert    *tls.Certificate
	read    [2]time.Time // when the files changed last, as of the last try
	checked time.Time
}

// checkEvery is how often the files are looked at, at most.
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

// get gives the certificate, read again if the files changed. A pair that does not fit, such as one that is half replaced,
// is left alone until it changes again.
func (p *keyPair) get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.now(); now.Sub(p.checked) >= checkEvery {
		p.checked = now
		if modified, err := p.modified(); err == nil && modified != p.read {
			if err := p.load(); err != nil {
				p.log.WarnContext(hello.Context(), "the changed certificate cannot be used; the one before it stays", "error", err)
			} else {
				p.log.InfoContext(hello.Context(), "the certificate was read again", "file", p.certFile)
			}
		}
	}
	return p.cert, nil
}
