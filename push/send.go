package push

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"drawbridge/directory"
	"drawbridge/internal/outbound"
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
		return policy.WebhookAnswer{Error: outbound.Reason(err, "receiver")}, ""
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
		return policy.WebhookAnswer{Error: outbound.Reason(err, "receiver")}, ""
	}
	defer res.Body.Close()
	answer = policy.WebhookAnswer{Status: res.StatusCode, RetryAfter: outbound.RetryAfter(res.Header.Get("Retry-After"), now)}
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
	return answer, outbound.Plain(begin[:n])
}
