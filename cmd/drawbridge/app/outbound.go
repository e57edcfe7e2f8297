package app

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"drawbridge/internal/outbound"
	"drawbridge/internal/web"
)

// OutboundConfig says where the server may connect to because a URL names it.
type OutboundConfig struct {
	Allow     []string `mapstructure:"allow"`
	Proxy     Secret   `mapstructure:"proxy"`
	ProxyFile string   `mapstructure:"proxy_file"`
}

// Bounds of an answer of the OpenID provider.
const (
	oidcTimeout = 15 * time.Second
	oidcBytes   = 1 << 20
)

// guard makes the check of addresses outside. own are the addresses that the server listens on; nil: none yet.
func (c *Config) guard(own func() []netip.AddrPort) *outbound.Guard {
	config := outbound.Config{Own: own}
	config.Allow, _ = web.ParseProxies(c.Outbound.Allow) // Validate has refused invalid values
	if c.Outbound.Proxy != "" {
		config.Proxy, _ = url.Parse(string(c.Outbound.Proxy))
	}
	return outbound.New(config)
}

func (c *Config) checkOutbound(add func(string, ...any)) {
	for _, p := range c.Outbound.Allow {
		if _, err := web.ParseProxies([]string{p}); err != nil {
			add("outbound.allow: %q is neither an address nor a network such as 10.0.0.0/8", p)
		}
	}
	if c.Outbound.Proxy == "" {
		return
	}
	u, err := url.Parse(string(c.Outbound.Proxy))
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https"}, u.Scheme) {
		add("outbound.proxy: this is not a URL such as http://proxy.example.com:3128")
	}
}

// listening gives the addresses that the server listens on.
func (a *App) listening() []netip.AddrPort {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.listeners)
}

// listens notes an address that the server listens on.
func (a *App) listens(addr net.Addr) {
	if tcp, ok := addr.(*net.TCPAddr); ok {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.listeners = append(a.listeners, tcp.AddrPort())
	}
}
