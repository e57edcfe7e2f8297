package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"

	"code.dny.dev/ssrf"

	"drawbridge/directory"
)

// Config is what a Guard needs. The zero value allows public addresses by HTTPS, without a proxy.
type Config struct {
	Allow []netip.Prefix // exceptions: addresses that may be dialled although they are not public, by plain HTTP too
	Proxy *url.URL       // the proxy of all requests, which resolves the names. nil: none
	// Own are the addresses that the server itself listens on. They are refused, even if Allow has them. nil: none.
	Own func() []netip.AddrPort
	// Lookup resolves a name; nil: the resolver of the system.
	Lookup func(ctx context.Context, name string) ([]netip.Addr, error)
	Roots  *x509.CertPool // of certificates; nil: those of the system
}

// Guard lets requests out to where they may go. It is safe for concurrent use.
type Guard struct {
	cfg    Config
	public *ssrf.Guardian
	secure *http.Transport // HTTPS
	plain  *http.Transport // HTTP, which is for Config.Allow alone
	direct *net.Dialer     // of Dial
}

// Bounds of one connection.
const (
	dialTimeout  = 10 * time.Second
	headerBytes  = 32 << 10
	idlePerHost  = 4
	idleTimeout  = 60 * time.Second
	firstFreeTCP = 1024 // ports from here on may be dialled; of those below, only HTTPS
)

// New makes a Guard.
func New(cfg Config) *Guard {
	if cfg.Lookup == nil {
		cfg.Lookup = func(ctx context.Context, name string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", name)
		}
	}
	if cfg.Own == nil {
		cfg.Own = func() []netip.AddrPort { return nil }
	}
	g := &Guard{cfg: cfg, public: ssrf.New(
		ssrf.WithAnyPort(),
		// A metadata service of a cloud at a public address: it returns the secrets of a virtual machine.
		ssrf.WithDeniedV4Prefixes(netip.MustParsePrefix("168.63.129.16/32")),
	)}
	g.secure, g.plain, g.direct = g.transport(https), g.transport(plainHTTP), g.dialer(https)
	return g
}

// scheme is how a request is sent.
type scheme string

const (
	https     scheme = "https"
	plainHTTP scheme = "http"
)

// dialer connects to the addresses that check allows.
func (g *Guard) dialer(s scheme) *net.Dialer {
	return &net.Dialer{Timeout: dialTimeout, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return refused("the address %s cannot be judged", address)
		}
		return g.check(s, to)
	}}
}

func (g *Guard) transport(s scheme) *http.Transport {
	t := &http.Transport{
		DialContext:         g.dialer(s).DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: g.cfg.Roots},
		TLSHandshakeTimeout: dialTimeout, MaxResponseHeaderBytes: headerBytes, DisableCompression: true,
		MaxIdleConnsPerHost: idlePerHost, IdleConnTimeout: idleTimeout,
	}
	if g.cfg.Proxy != nil {
		t.Proxy = http.ProxyURL(g.cfg.Proxy)
		t.DialContext = (&net.Dialer{Timeout: dialTimeout}).DialContext // it dials the proxy and nothing else
	}
	return t
}

// check refuses an address that must not be dialled.
func (g *Guard) check(s scheme, to netip.AddrPort) error {
	addr := to.Addr().Unmap()
	if addr.Zone() != "" {
		return refused("%s has a zone", addr)
	}
	if g.own(netip.AddrPortFrom(addr, to.Port())) {
		return refused("%s is an address of this server itself", to)
	}
	inner, embedded := embedded(addr)
	if embedded { // an address behind a translator is checked itself
		if err := g.check(s, netip.AddrPortFrom(inner, to.Port())); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(g.cfg.Allow, func(p netip.Prefix) bool { return p.Contains(addr) }) {
		return nil
	}
	if g.public.SafeAddr(addr) != nil {
		return refused("%s is not a public address", addr)
	}
	if s == plainHTTP {
		return refused("plain HTTP to %s is not encrypted", addr)
	}
	if to.Port() != 443 && to.Port() < firstFreeTCP {
		return refused("port %d is not one of HTTPS", to.Port())
	}
	return nil
}

// translators are prefixes whose last four bytes are an IPv4 address (RFC 6052, RFC 8215, and the deprecated compatible addresses).
func translators() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("::/96")}
}

// embedded is the IPv4 address in an address of a translator.
func embedded(addr netip.Addr) (netip.Addr, bool) {
	if !addr.Is6() || !slices.ContainsFunc(translators(), func(p netip.Prefix) bool { return p.Contains(addr) }) || addr == netip.IPv6Loopback() || addr == netip.IPv6Unspecified() {
		return netip.Addr{}, false
	}
	b := addr.As16()
	return netip.AddrFrom4([4]byte(b[12:])), true
}

// own reports whether the server listens on the address, by name or on every interface.
func (g *Guard) own(to netip.AddrPort) bool {
	for _, own := range g.cfg.Own() {
		if own.Port() != to.Port() {
			continue
		}
		listens := own.Addr().Unmap()
		if listens == to.Addr() || to.Addr().IsUnspecified() || listens.IsUnspecified() && local(to.Addr()) {
			return true
		}
	}
	return false
}

// local reports whether the address is one of this machine.
func local(addr netip.Addr) bool {
	if addr.IsLoopback() {
		return true
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(all, func(a net.Addr) bool {
		prefix, err := netip.ParsePrefix(a.String())
		return err == nil && prefix.Addr().Unmap() == addr
	})
}

// refused is the error for an address that must not be dialled.
func refused(format string, args ...any) error {
	return &directory.Error{Code: directory.Refused, Field: "url", Message: fmt.Sprintf(format, args...) + "; outbound.allow of the configuration can open it"}
}

// IsRefused reports whether the guard refused a connection.
func IsRefused(err error) bool {
	var e *directory.Error
	return errors.As(err, &e) && e.Code == directory.Refused
}

// lookup resolves a host. An address is returned unchanged.
func (g *Guard) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return g.cfg.Lookup(ctx, host)
}
