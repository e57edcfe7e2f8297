package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"

	"drawbridge/directory"
)

// longestReason is how many bytes of an error are shown.
const longestReason = 256

// Reason describes an error of a request without the URL, which may contain a secret. who is what the URL leads to, such as "receiver".
func Reason(err error, who string) string {
	var own *directory.Error
	if errors.As(err, &own) {
		return directory.Truncate(own.Message, longestReason)
	}
	var with *url.Error
	if errors.As(err, &with) {
		err = with.Err
	}
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	var certificate *tls.CertificateVerificationError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate of the " + who + " has expired, or is not valid yet"
	case errors.As(err, &certificate):
		return "the certificate of the " + who + " is not valid for its name, or no authority that this machine trusts has signed it"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the " + who + " refused the connection"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the " + who + " ended the connection before it answered"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no route to the " + who
	case strings.Contains(err.Error(), "malformed HTTP"): // net/http has no type for it
		return "the " + who + " did not answer in HTTP"
	case errors.As(err, &dns):
		return "the name of the " + who + " cannot be resolved"
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "the " + who + " did not answer in time"
	}
	return directory.Truncate(Plain([]byte(err.Error())), longestReason)
}

// RetryAfter reads the header of this name; 0 if it is missing or invalid.
func RetryAfter(text string, now time.Time) time.Duration {
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

// Plain makes a safe text of bytes from outside.
func Plain(b []byte) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(string(b), " ")))
}
