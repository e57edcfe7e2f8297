package server

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"drawbridge/directory"
	"drawbridge/scim"
)

// noted is the data of a request for the journal (C12). It is masked while it is collected, and reused for another request
// after the journal has copied it, so that a request leaves no garbage. A nil noted records nothing.
type noted struct {
	mask  scim.Mask
	trace directory.Trace

	body, answer         []byte // masked and cut
	bodySize, answerSize int
	bodyCut, answerCut   bool
	bodyNote             string
	why                  string
	rule                 directory.Rule
	gap                  directory.Gap

	headers  [4]directory.Header
	answers  [6]directory.Header
	exchange directory.Exchange // the whole
}

// notJSON says why a body is not kept: it may contain a password that the mask cannot find.
const notJSON = "it is not a JSON object, so its secrets cannot be found and masked"

// How much of the line and the head of a request is kept.
const (
	maxPath   = 4 << 10
	maxHeader = 300
	maxWhy    = 1000
)

func (s *server) noted() *noted {
	if s.journal <= 0 {
		return nil
	}
	n, ok := s.notes.Get().(*noted)
	if !ok {
		n = &noted{}
	}
	return n
}

// hide notes the credential of the request, so that a copy of it in another field is masked in the journal.
func (n *noted) hide(secret string) {
	if n != nil {
		n.mask.Hide(secret)
	}
}

// know takes the schemas of the tenant.
func (n *noted) know(c *scim.Catalog) {
	if n != nil {
		n.mask.Know(c)
	}
}

// gather gives the Trace in which the verbs note their effects.
func (n *noted) gather() *directory.Trace {
	if n == nil {
		return nil
	}
	return &n.trace
}

// throttled notes that the rate limit answered.
func (n *noted) throttled() {
	if n != nil {
		n.gap = directory.GapThrottled
	}
}

// asked takes a copy of the body.
func (n *noted) asked(body directory.Attributes, size, limit int) {
	if n != nil {
		n.body, n.bodyCut = n.mask.Body(n.body[:0], body, limit)
		n.bodySize = size
	}
}

// unread notes a body that is not kept.
func (n *noted) unread(size int64, why string) {
	if n != nil {
		n.bodySize, n.bodyNote = int(max(size, 0)), why
	}
}

// answered takes a copy of the answer.
func (n *noted) answered(body []byte, limit int) {
	if n != nil {
		n.answer, n.answerCut = n.mask.Answer(n.answer[:0], body, limit)
		n.answerSize = len(body)
	}
}

// token notes a request for a token that was granted. Nothing of the bodies is copied: both are secret but for this.
func (n *noted) token(client string, lifetime time.Duration) {
	if n == nil {
		return
	}
	n.body = append(n.body[:0], "grant_type=client_credentials&client_id="+url.QueryEscape(client)+"&client_secret="+scim.Masked...)
	n.answer = append(n.answer[:0], `{"access_token":"`+scim.Masked+`","token_type":"Bearer","expires_in":`+strconv.Itoa(int(lifetime.Seconds()))+`}`...)
	n.bodySize, n.answerSize = len(n.body), len(n.answer)
	n.trace.Add(directory.ActionTokenIssue, directory.Subject{})
}

// failed notes why a request was not done.
func (n *noted) failed(e *scim.Error, err error) {
	if n == nil {
		return
	}
	n.why = n.mask.Text(e.Detail)
	var d *directory.Error
	if errors.As(err, &d) {
		n.rule = d.Rule
	}
}

// write passes an exchange to the journal. Unauthenticated requests are not journaled, because strangers could fill the journal with them.
func (s *server) write(c *call, took time.Duration) {
	n := c.note
	if n == nil {
		return
	}
	c.note = nil
	if c.label.connection != "" {
		n.fill(c, took)
		s.note(&n.exchange)
	}
	n.mask.Reset(nil)
	if cap(n.body)+cap(n.answer) > 4*(s.journal+2<<10) {
		return
	}
	*n = noted{mask: n.mask, body: n.body[:0], answer: n.answer[:0]}
	s.notes.Put(n)
}

// fill makes the exchange for the journal. It is valid until n is used again.
func (n *noted) fill(c *call, took time.Duration) {
	w, e := c.response, &n.exchange
	r := w.Request
	*e = directory.Exchange{
		Time: w.Started, Tenant: c.label.tenant, Connection: c.label.connection, Request: w.ID, Address: w.Origin.Address, Gap: n.gap,
		Method: r.Method, Operation: c.operation, Status: w.Status(), Took: took,
		Body: n.body, BodySize: n.bodySize, BodyCut: n.bodyCut, BodyNote: n.bodyNote,
		Answer: n.answer, AnswerSize: n.answerSize, AnswerCut: n.answerCut,
		Quirks: c.quirks.Strings(), Observed: c.observed, Rule: n.rule, Why: n.why[:min(len(n.why), maxWhy)],
	}
	if e.Gap != "" {
		return
	}
	if r.Method == http.MethodHead {
		e.Answer, e.AnswerSize = nil, 0
	}
	e.Agent = n.mask.Text(agent(r.Header))
	e.Path = n.mask.Text(r.URL.EscapedPath())
	if r.URL.RawQuery != "" {
		e.Path += "?" + n.mask.Query(r.URL.RawQuery, url.QueryUnescape)
	}
	e.Path = e.Path[:min(len(e.Path), maxPath)]
	e.Headers = n.copyHeaders(n.headers[:0], r.Header, "Content-Type", "Accept", "If-Match", "If-None-Match")
	e.Answers = n.copyHeaders(n.answers[:0], w.Header(), "Content-Type", "Etag", "Location", "Content-Location", "Retry-After", "Allow")
	e.Done, e.More = n.trace.Done()
	if e.Rule == "" {
		e.Rule = n.trace.Rule
	}
	e.Effect = effect(e.Status, r.Method, &n.trace, c.operation)
}

func (n *noted) copyHeaders(to []directory.Header, from http.Header, names ...string) []directory.Header {
	for _, name := range names {
		if values := from[name]; len(values) > 0 && values[0] != "" {
			to = append(to, directory.Header{Name: name, Value: n.mask.Text(values[0][:min(len(values[0]), maxHeader)])})
		}
	}
	return to
}

// effect is the effect of a request, from its answer and the verbs.
func effect(status int, method string, trace *directory.Trace, operation string) directory.Effect {
	switch {
	case trace.Wrote && status < http.StatusInternalServerError:
		return directory.Changed
	case status >= http.StatusInternalServerError:
		return directory.Broken
	case status >= http.StatusBadRequest:
		return directory.Denied
	case method == http.MethodGet, method == http.MethodHead, reads(operation):
		return directory.ReadOnly
	}
	return directory.Unchanged
}

// reads reports whether an operation only reads, although it is a POST.
func reads(operation string) bool {
	return len(operation) > len(search) && operation[len(operation)-len(search):] == search
}
