package wire

import (
	"strings"
	"time"
)

// Exchange is a request of a connection and its answer, masked, as the journal has them (rule C12).
type Exchange struct {
	Seq        uint64    `json:"seq" doc:"Per tenant, growing, with holes."`
	Time       time.Time `json:"time" doc:"When the request began."`
	Connection string    `json:"connection,omitempty" doc:"Missing in a gap that may be of any."`
	Request    string    `json:"request,omitempty" doc:"Its id, as in the log, the audit trail and the answer's X-Request-Id."`
	Address    string    `json:"address,omitempty" doc:"Of the client."`
	UserAgent  string    `json:"user_agent,omitempty"`

	Method    string   `json:"method,omitempty"`
	Path      string   `json:"path,omitempty" doc:"With the query, as the client wrote it."`
	Operation string   `json:"operation,omitempty" doc:"As the metrics call it."`
	Headers   []Header `json:"headers,omitempty" doc:"Some of the request's."`
	Body      string   `json:"body,omitempty" doc:"Masked, and cut if body_cut says so."`
	BodyBytes int      `json:"body_bytes,omitempty" doc:"How many were sent."`
	BodyCut   bool     `json:"body_cut,omitempty"`
	BodyNote  string   `json:"body_note,omitempty" doc:"Why the body is not kept."`

	Status        int      `json:"status,omitempty"`
	Answer        string   `json:"answer,omitempty" doc:"Masked, and cut if answer_cut says so."`
	AnswerBytes   int      `json:"answer_bytes,omitempty"`
	AnswerCut     bool     `json:"answer_cut,omitempty"`
	AnswerHeaders []Header `json:"answer_headers,omitempty"`
	Millis        float64  `json:"milliseconds,omitempty" doc:"From the header to the end of the answer."`

	Quirks   []string `json:"quirks,omitempty" doc:"Leniencies that were applied; docs/quirks.md says what each means."`
	Effect   string   `json:"effect,omitempty" enum:"changed,unchanged,read,refused,failed"`
	Observed bool     `json:"observed,omitempty" doc:"The connection was in observe mode: the effect is on its copy of the tenant (rule C9)."`
	Rule     string   `json:"rule,omitempty" doc:"The rule that said no, or changed the outcome."`
	Why      string   `json:"why,omitempty" doc:"The sentence of the refusal."`
	Done     []string `json:"done,omitempty" doc:"What was done, as the audit trail calls it."`
	More     int      `json:"more,omitempty" doc:"Things done beside those."`

	Gap    string `json:"gap,omitempty" enum:"busy,disk,rejected,throttled" doc:"Why exchanges are missing here; then there is no request."`
	Missed int    `json:"missed,omitempty" doc:"How many."`

	Curl string `json:"curl,omitempty" doc:"The request as a command, with $TOKEN in place of the credential."`
}

// Transcript is an exchange that may be shown to others.
type Transcript struct {
	Text string `json:"text" doc:"In the format of scim/testdata. Names, addresses, ids, numbers and every other text that may name a person or a company are replaced, the same text always by the same substitute."`
}

// Header is one line of the head of a request or an answer.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Journal is a page of a journal, the newest exchanges first.
type Journal struct {
	Items []Exchange `json:"items" nullable:"false"`
	Next  uint64     `json:"next,omitempty" doc:"Give this as before to go on. Missing: this is all."`
}

// CurlFor gives the request as a command for a shell, against a server at base. The credential is $TOKEN.
func (e *Exchange) CurlFor(base string) string {
	if e.Gap != "" {
		return ""
	}
	var b strings.Builder
	b.WriteString("curl -sS")
	if e.Method == "HEAD" {
		b.WriteString(" --head")
	} else {
		b.WriteString(" -X " + quote(e.Method))
	}
	b.WriteString(" " + quote(base+e.Path))
	if !strings.HasSuffix(e.Path, "/oauth2/token") {
		b.WriteString(` -H "Authorization: Bearer $TOKEN"`)
	}
	for _, h := range e.Headers {
		b.WriteString(" -H " + quote(h.Name+": "+h.Value))
	}
	if e.Body != "" {
		b.WriteString(" --data-raw " + quote(e.Body))
	}
	if e.BodyCut {
		b.WriteString(" # the body was cut")
	}
	return b.String()
}

// quote writes text so that a shell reads it unchanged.
func quote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
