package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// Reason says in a sentence why a request over the network got no answer.
func Reason(err error) string {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &unknown):
		return "no authority that this machine trusts has signed its certificate; if it is your own, name the authority with --ca-file"
	case errors.As(err, &host):
		return fmt.Sprintf("its certificate is not for %s", host.Host)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate has expired, or the clock of this machine is wrong"
	case untrusted(err):
		return "its certificate is not valid"
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Sprintf("there is no address for the name %s", dns.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, http.ErrSchemeMismatch):
		return "it answers plain HTTP and no HTTPS"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "there was no answer in time"
	}
	var at *url.Error
	if errors.As(err, &at) { // it repeats the method and the URL
		return strings.TrimPrefix(at.Err.Error(), "net/http: ")
	}
	return err.Error()
}

// untrusted reports whether a server answered whose certificate was refused.
func untrusted(err error) bool {
	var verification *tls.CertificateVerificationError
	return errors.As(err, &verification)
}

// networkError is an error whose text is its Reason.
type networkError struct{ err error }

func (e networkError) Error() string { return Reason(e.err) }
func (e networkError) Unwrap() error { return e.err }

// Interrupted is the error of a call whose context ended before the answer came.
type Interrupted struct {
	Unknown bool // the call may have changed something
	Err     error
}

// Error says what is known.
func (e *Interrupted) Error() string {
	if e.Unknown {
		return "interrupted before the server answered: what was asked for may have been done"
	}
	return "interrupted"
}

// Unwrap gives the error of the context.
func (e *Interrupted) Unwrap() error { return e.Err }

func (c *Client) interrupted(ctx context.Context, r request) error {
	return &Interrupted{Unknown: r.method != http.MethodGet && !c.dry, Err: ctx.Err()}
}

// unreadable is the error of a successful answer that cannot be read: it was cut off, or it is not from Drawbridge.
func (c *Client) unreadable(ctx context.Context, r request, res *http.Response, err error) error {
	if ctx.Err() != nil {
		return c.interrupted(ctx, r)
	}
	where := "the server"
	if c.base != "" {
		where = c.base
	}
	e := &Error{Problem: wire.Problem{Title: "unreadable answer", Status: res.StatusCode, Code: string(directory.Internal)}, cause: err}
	var syntax *json.SyntaxError
	switch kind := mediaType(res); {
	case kind != "" && kind != "application/json":
		e.Detail = fmt.Sprintf("%s answered %d with %s, which is no answer of Drawbridge: look whether the address is right and a proxy passes %s on", where, res.StatusCode, kind, prefix)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		e.Detail = "the answer of " + where + " was cut short"
	case errors.As(err, &syntax):
		e.Detail = "the answer of " + where + " is no JSON"
	default:
		e.Detail = fmt.Sprintf("%s answered %d, which is no answer of Drawbridge to this", where, res.StatusCode)
	}
	if r.method != http.MethodGet && !c.dry {
		e.Detail += "; what was asked for may have been done all the same"
	}
	return e
}

// mediaType is the media type of an answer.
func mediaType(res *http.Response) string {
	kind, _, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}
