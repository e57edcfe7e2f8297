package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"drawbridge/directory"
)

// Origin is where a request came from, and the scheme and host that it was sent to.
type Origin struct {
	Address string // of the client; "local" for one without a network address
	Scheme  string // "http" or "https"
	Host    string // host, or host:port, as the client wrote it; "" if it is not a plausible host
	// Known means that Host is certainly a name of this server and not just text from a client: a trusted proxy named it, it is a
	// loopback address, or it is the address at which the request arrived.
	Known bool
}

// Proxies are the networks whose X-Forwarded-For, -Proto and -Host headers are trusted. Those of other clients are ignored.
type Proxies []netip.Prefix

// ParseProxies reads networks ("10.0.0.0/8") and single addresses. The error is Invalid and names the first entry that is neither.
func ParseProxies(list []string) (Proxies, error) {
	var out Proxies
	for _, text := range list {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			address, err := netip.ParseAddr(text)
			if err != nil {
				return nil, &directory.Error{Code: directory.Invalid, Message: "a trusted proxy is a network such as 10.0.0.0/8 or an address, not " + text, Err: err}
			}
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
		out = append(out, prefix.Masked())
	}
	return out, nil
}

// Origin returns where r came from. It reads X-Forwarded-For from the last entry to the first and skips trusted proxies.
func (p Proxies) Origin(r *http.Request) Origin {
	o := Origin{Address: host(r.RemoteAddr), Scheme: "http", Host: r.Host}
	if r.TLS != nil {
		o.Scheme = "https"
	}
	if len(p) > 0 && p.trust(o.Address) {
		p.forwarded(r, &o)
	}
	if !plainHost(o.Host) {
		o.Host = ""
	}
	o.Known = o.Host != "" && (o.Known || ownHost(r, o.Host))
	return o
}

// ownHost reports whether a Host header names this server by an address that needs no trust.
func ownHost(r *http.Request, named string) bool {
	name := named
	if host, _, err := net.SplitHostPort(named); err == nil {
		name = host
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.Trim(name, "[]"))
	if err != nil {
		return false
	}
	if address.IsLoopback() {
		return true
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return ok && local.String() == named
}

func (p Proxies) forwarded(r *http.Request, o *Origin) {
	if chain := strings.Join(r.Header["X-Forwarded-For"], ","); chain != "" {
		hops := strings.Split(chain, ",")
		for i := len(hops) - 1; i >= 0; i-- {
			hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
			if err != nil {
				break
			}
			o.Address = hop.Unmap().String()
			if !p.trust(o.Address) {
				break
			}
		}
	}
	switch strings.ToLower(first(r.Header.Get("X-Forwarded-Proto"))) {
	case "https":
		o.Scheme = "https"
	case "http":
		o.Scheme = "http"
	}
	if named := first(r.Header.Get("X-Forwarded-Host")); named != "" {
		o.Host, o.Known = named, true
	}
}

func (p Proxies) trust(address string) bool {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	a = a.Unmap().WithZone("")
	for _, prefix := range p {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}

func first(list string) string {
	one, _, _ := strings.Cut(list, ",")
	return strings.TrimSpace(one)
}

// host returns a remote address without its port.
func host(remote string) string {
	address, _, err := net.SplitHostPort(remote)
	if err != nil {
		return "local"
	}
	return address
}

// plainHost reports whether a Host header may be repeated in a URL of a response: it has only the characters of host names,
// addresses and ports.
func plainHost(text string) bool {
	if text == "" || len(text) > 255 {
		return false
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.', c == ':', c == '[', c == ']', c == '_':
		default:
			return false
		}
	}
	return true
}
