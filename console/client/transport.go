package client

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
)

// Through gives a client whose transport is wrapped by wrap.
func (c *Client) Through(wrap func(http.RoundTripper) http.RoundTripper) *Client {
	other, way := *c, *c.http
	way.Transport = wrap(way.Transport)
	other.http = &way
	return &other
}

// Trusting gives a client that accepts servers with a certificate of one of the authorities. It must be called before Through.
func (c *Client) Trusting(authorities *x509.CertPool) *Client {
	transport, ok := c.http.Transport.(*http.Transport)
	if !ok {
		return c
	}
	transport = transport.Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: authorities, MinVersion: tls.VersionTLS12}
	other, way := *c, *c.http
	way.Transport = transport
	other.http = &way
	return &other
}
