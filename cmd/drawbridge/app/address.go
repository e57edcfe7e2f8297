package app

import (
	"net"
	"net/http"
	"strconv"
	"strings"
)

// APIURL is where the operator API is reached over the network, without a path; "" if it is not. It comes from the configuration and the
// listeners, never from a request, because links in mails begin with it.
func (a *App) APIURL() string {
	if a.network == nil {
		return ""
	}
	if a.config.API.BaseURL != "" {
		return strings.TrimRight(a.config.API.BaseURL, "/")
	}
	if a.config.API.Listen == "" {
		return a.BaseURL()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	scheme := "http"
	if a.tls != nil {
		scheme = "https"
	}
	return scheme + "://" + a.apiAddr
}

// Addr is where SCIM is served, "" before Start: host and port, also for a port that was free to choose.
func (a *App) Addr() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.addr == nil {
		return ""
	}
	return a.addr.String()
}

// Operator is the operator API as on the socket, for programs that embed the server. It sets no deadlines on connections, because those use
// the real clock.
func (a *App) Operator() http.Handler { return a.console }

// Socket is the path of the operator's socket, "" before Start.
func (a *App) Socket() string { return a.socket }

// publicURL is how the server is reached from outside, without a path, if the configuration tells; else "".
func (a *App) publicURL() string {
	if a.config.BaseURL == "" && a.config.TLS.ACME.Domain != "" {
		return "https://" + a.config.TLS.ACME.Domain
	}
	return strings.TrimRight(a.config.BaseURL, "/")
}

// BaseURL is how the server is reached, without a path: as configured, or as it listens.
func (a *App) BaseURL() string {
	if public := a.publicURL(); public != "" {
		return public
	}
	scheme := "http"
	if a.config.TLS.On() {
		scheme = "https"
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	tcp, ok := a.addr.(*net.TCPAddr)
	if !ok {
		return scheme + "://" + a.config.Listen
	}
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, strconv.Itoa(tcp.Port))
}
