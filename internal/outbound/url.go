package outbound

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"drawbridge/directory"
)

// longestURL is the maximum length of a configured URL. A URL that a program builds, with its query, may be longer.
const longestURL = 2048

// CheckURL refuses a URL that requests must not be sent to: Invalid, with the field. A name is resolved, and each of its addresses must be
// allowed. A name that cannot be resolved now is accepted, because the address is checked again when it is dialled.
func (g *Guard) CheckURL(ctx context.Context, field, text string) (*url.URL, error) {
	u, err := g.ParseURL(field, text)
	if err != nil {
		return nil, err
	}
	return g.resolve(ctx, field, u)
}

// resolve checks the addresses of the host of a parsed URL.
func (g *Guard) resolve(ctx context.Context, field string, u *url.URL) (*url.URL, error) {
	addrs, err := g.lookup(ctx, u.Hostname())
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound && g.cfg.Proxy == nil:
		return nil, wrong(field, "the name "+u.Hostname()+" is not in the DNS")
	case err != nil:
		return u, nil //nolint:nilerr // it is judged when it is dialled
	}
	for _, addr := range addrs {
		if err := g.check(scheme(u.Scheme), netip.AddrPortFrom(addr, port(u))); err != nil {
			return nil, wrong(field, u.Host+" cannot be used: "+messageOf(err))
		}
	}
	return u, nil
}

// ParseURL is CheckURL without resolving a name.
func (g *Guard) ParseURL(field, text string) (*url.URL, error) {
	if text == "" || len(text) > longestURL {
		return nil, wrong(field, "a URL has 1 to "+strconv.Itoa(longestURL)+" characters")
	}
	return g.parse(field, text)
}

// parse is ParseURL for a URL of any length.
func (g *Guard) parse(field, text string) (*url.URL, error) {
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == '\\' || r >= 0x7f }) {
		return nil, wrong(field, "a URL has no spaces, no backslashes, and only ASCII: write a name with other letters as xn--…")
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, wrong(field, "this is not a URL such as https://hooks.example.com/drawbridge")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http" || u.Opaque != "" || u.Host == "":
		return nil, wrong(field, "a URL begins with https:// and a host")
	case u.User != nil:
		return nil, wrong(field, "a URL has no credentials: requests are signed, and a secret in a URL ends in logs")
	case u.Fragment != "" || strings.HasSuffix(text, "#"):
		return nil, wrong(field, "a URL for requests has no fragment")
	}
	if err := checkHost(field, u); err != nil {
		return nil, err
	}
	addr, err := netip.ParseAddr(u.Hostname())
	if err != nil {
		return u, g.checkName(field, u)
	}
	if err := g.check(scheme(u.Scheme), netip.AddrPortFrom(addr, port(u))); err != nil {
		return nil, wrong(field, u.Host+" cannot be used: "+messageOf(err))
	}
	return u, nil
}

// checkHost refuses a text that some programs read as an address and others as a name.
func checkHost(field string, u *url.URL) error {
	host := u.Hostname()
	if number := u.Port(); number != "" || strings.HasSuffix(u.Host, ":") {
		if n, err := strconv.ParseUint(number, 10, 16); err != nil || n == 0 {
			return wrong(field, "the port of the URL is not a number from 1 to 65535")
		}
	}
	if strings.Contains(host, "%") {
		return wrong(field, "the host of the URL has a zone or an escape")
	}
	if strings.HasPrefix(u.Host, "[") {
		return nil
	}
	if len(host) > 253 || strings.Trim(strings.ToLower(host), "abcdefghijklmnopqrstuvwxyz0123456789-._") != "" || strings.Contains(host, "..") || strings.HasPrefix(host, ".") {
		return wrong(field, "the host of the URL is not a name or an address")
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return nil
	}
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	last := strings.ToLower(labels[len(labels)-1])
	if strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return wrong(field, "write an IPv4 address as four decimal numbers")
	}
	return nil
}

// metadataNames are names of the metadata services of clouds, which return the secrets of a virtual machine.
func metadataNames() []string {
	return []string{"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal", "metadata.azure.com", "metadata.tencentyun.com"}
}

// checkName refuses names that always mean this machine or the metadata service of its cloud, unless an address of it is allowed. With a
// proxy, no later check would notice.
func (g *Guard) checkName(field string, u *url.URL) error {
	name := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if slices.Contains(metadataNames(), name) {
		if g.check(scheme(u.Scheme), netip.AddrPortFrom(netip.AddrFrom4([4]byte{169, 254, 169, 254}), port(u))) == nil {
			return nil
		}
		return wrong(field, u.Host+" cannot be used: it is the metadata service of a cloud; outbound.allow of the configuration can open it")
	}
	if name != "localhost" && !strings.HasSuffix(name, ".localhost") {
		return nil
	}
	for _, addr := range []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()} {
		if g.check(scheme(u.Scheme), netip.AddrPortFrom(addr, port(u))) == nil {
			return nil
		}
	}
	return wrong(field, u.Host+" cannot be used: it is this machine; outbound.allow of the configuration can open it")
}

// port is the port of a URL that was parsed.
func port(u *url.URL) uint16 {
	if n, err := strconv.ParseUint(u.Port(), 10, 16); err == nil {
		return uint16(n)
	}
	if u.Scheme == "http" {
		return 80
	}
	return 443
}

func wrong(field, message string) error {
	return &directory.Error{Code: directory.Invalid, Field: field, Message: message}
}

func messageOf(err error) string {
	var e *directory.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return err.Error()
}
