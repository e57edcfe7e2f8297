package push

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
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
	"drawbridge/policy"
)

const (
	answerRead = 64 << 10 // bytes to read of the body of an answer, so that the connection can be reused
	answerKept = 256      // of it, for operators
)

// send sends one message and returns the result.
func (s *Service) send(ctx context.Context, w *directory.Webhook, m message, attempt int) (directory.Attempt, policy.WebhookAnswer) {
	began := s.cfg.Now().UTC()
	answer, text := s.post(ctx, w, m, attempt)
	return directory.Attempt{
		Seq: m.seq, Kind: m.kind, ID: m.id, At: began, Took: s.cfg.Now().Sub(began), Attempt: attempt,
		Status: answer.Status, Error: answer.Error, Answer: text,
	}, answer
}

func (s *Service) post(ctx context.Context, w *directory.Webhook, m message, attempt int) (answer policy.WebhookAnswer, text string) {
	target, keys, err := s.cfg.Webhooks.Target(ctx, w)
	if err != nil {
		return policy.WebhookAnswer{Error: reasonOf(err)}, ""
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(m.body))
	if err != nil {
		return policy.WebhookAnswer{Error: "the URL cannot be used"}, "" // err has the URL, which may have a secret
	}
	now := s.cfg.Now()
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "drawbridge/"+s.cfg.Version)
	r.Header.Set("Webhook-Id", m.id)
	if len(keys) > 0 {
		r.Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
		r.Header.Set("Webhook-Signature", sign(keys, m.id, now, m.body))
	}
	r.Header.Set("Drawbridge-Attempt", strconv.Itoa(attempt))
	res, err := s.cfg.Client.Do(r)
	if err != nil {
		return policy.WebhookAnswer{Error: reasonOf(err)}, ""
	}
	defer res.Body.Close()
	answer = policy.WebhookAnswer{Status: res.StatusCode, RetryAfter: retryAfter(res.Header.Get("Retry-After"), now)}
	begin := make([]byte, answerKept)
	n, err := io.ReadFull(res.Body, begin)
	if err == nil { // the status decides, so an error while the body is read does not matter
		_, _ = io.CopyN(io.Discard, res.Body, answerRead)
	}
	switch {
	case res.StatusCode >= 300 && res.StatusCode < 400:
		answer.Error = fmt.Sprintf("the receiver answered %d, a redirect, which is not followed: give the webhook the URL that it leads to", res.StatusCode)
	case answer.Gone():
		answer.Error = "the receiver answered 410: it wants no more events"
	case res.StatusCode < 200 || res.StatusCode > 299:
		answer.Error = fmt.Sprintf("the receiver answered %d", res.StatusCode)
	}
	return answer, plain(begin[:n])
}

// reasonOf describes an error without the URL, which may contain a secret.
func reasonOf(err error) string {
	var own *directory.Error
	if errors.As(err, &own) {
		return directory.Truncate(own.Message, answerKept)
	}
	var with *url.Error
	if errors.As(err, &with) {
		err = with.Err
	}
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return "the certificate of the receiver is not valid for its name, or no authority that this machine trusts has signed it"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the receiver refused the connection"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the receiver ended the connection before it answered"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no route to the receiver"
	case strings.Contains(err.Error(), "malformed HTTP"): // net/http has no type for it
		return "the receiver did not answer in HTTP"
	case errors.As(err, &dns):
		return "the name of the receiver cannot be resolved"
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "the receiver did not answer in time"
	}
	return directory.Truncate(plain([]byte(err.Error())), answerKept)
}

// retryAfter reads the header of this name; 0 if it is missing or invalid.
func retryAfter(text string, now time.Time) time.Duration {
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

// plain makes a safe text of bytes from a receiver.
func plain(b []byte) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(string(b), " ")))
}
