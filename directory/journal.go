package directory

import (
	"bytes"
	"slices"
	"time"
)

// Exchange is one request of a connection and its answer, as the journal keeps it (C12). The caller has masked it: no part of it
// contains a credential, a password or an attribute that is returned "never". Names and addresses of people may occur.
type Exchange struct {
	Seq        uint64       // per tenant, growing; the journal gives it
	Time       time.Time    // when the request began
	Tenant     TenantID     //
	Connection ConnectionID //
	Request    string       // its id, as in the log, the audit trail and the answer's X-Request-Id
	Address    string       // of the client
	Agent      string       // its User-Agent

	Method    string
	Path      string // with the query, as the client wrote it
	Operation string // as the metrics call it: "user.patch"
	Headers   []Header
	Body      []byte
	BodySize  int    // bytes that were sent
	BodyCut   bool   // Body is the beginning alone
	BodyNote  string // why the Body was not kept

	Status     int
	Answer     []byte
	AnswerSize int
	AnswerCut  bool
	Answers    []Header // of the answer
	Took       time.Duration

	Quirks []string
	Effect Effect
	// Observed: the connection was in observe mode, so the effect is on its copy of the tenant (C9).
	Observed bool
	Rule     Rule     // the rule that refused the request or changed its outcome
	Why      string   // the sentence of a refusal or failure
	Done     []string // what was done to whom, as the audit trail calls it: "user.update User 2819c223-…"
	More     int      // things done beside those

	// Gap says that exchanges were not kept here. The record then has no request.
	Gap    Gap
	Missed int // how many
}

// Header is one line of the head of a request or an answer.
type Header struct{ Name, Value string }

// Effect is what a request did.
type Effect string

// The values of Effect.
const (
	Changed   Effect = "changed"   // something is not as it was
	Unchanged Effect = "unchanged" // a write that changed nothing
	ReadOnly  Effect = "read"
	Denied    Effect = "refused" // an answer of 4xx, or a refusal by a rule
	Broken    Effect = "failed"  // an answer of 5xx
)

// Gap says why exchanges are missing in the journal.
type Gap string

// The values of Gap.
const (
	GapBusy      Gap = "busy"      // they came faster than the journal could write
	GapDisk      Gap = "disk"      // they could not be written
	GapRejected  Gap = "rejected"  // they had a credential that is unknown, expired or revoked, so nothing of them was read
	GapThrottled Gap = "throttled" // they were answered 429 by the rate limit
)

// Trace collects the effects of a request for the journal. The verbs of package bridge add to the Trace of a Principal after their commit.
// It belongs to one goroutine; nil collects nothing.
type Trace struct {
	Wrote bool
	Rule  Rule // the last rule that said no
	done  [maxTraced]traced
	n     int
}

// maxTraced is how many things a Trace names.
const maxTraced = 6

type traced struct {
	action   Action
	kind, id string
}

// Add notes something that was done.
func (t *Trace) Add(action Action, s Subject) {
	if t == nil {
		return
	}
	if t.Wrote = true; t.n < maxTraced {
		t.done[t.n] = traced{action, s.Kind, s.ID}
	}
	t.n++
}

// Refused notes a rule that said no.
func (t *Trace) Refused(rule Rule) {
	if t != nil {
		t.Rule = rule
	}
}

// Done gives the collected effects, and how many more there were.
func (t *Trace) Done() (done []string, more int) {
	for _, d := range t.done[:min(t.n, maxTraced)] {
		text := string(d.action)
		if d.id != "" {
			text += " " + d.kind + " " + d.id
		}
		done = append(done, text)
	}
	return done, max(0, t.n-maxTraced)
}

// JournalBounds says how much of its journal a tenant keeps. Days 0: none.
type JournalBounds struct {
	Days  int
	Bytes int64
}

// JournalQuery says which exchanges of a tenant to return. An empty field matches all.
type JournalQuery struct {
	Connection ConnectionID
	Request    string   // the id of a request, whole
	About      []string // texts; one of them must occur in path, query, body, answer or effect, as a whole value
	StatusMin  int      // statuses from here on
	StatusMax  int      // up to this one; 0: to the end
	Effect     Effect
	From       time.Time // not before
	To         time.Time // before
	Before     uint64    // only those with a lower Seq; 0: from the newest
	After      uint64    // only those with a higher Seq
	Limit      int       // exchanges at most
}

// plain reports whether q filters only by connection and time, so that gaps belong into the answer.
func (q *JournalQuery) plain() bool {
	return q.Request == "" && len(q.About) == 0 && q.StatusMin == 0 && q.StatusMax == 0 && q.Effect == ""
}

// Matches reports whether the exchange matches. A gap matches if the missing exchanges could match.
func (q *JournalQuery) Matches(e *Exchange) bool {
	switch {
	case !q.From.IsZero() && e.Time.Before(q.From), !q.To.IsZero() && !e.Time.Before(q.To),
		q.Before != 0 && e.Seq >= q.Before, e.Seq <= q.After,
		q.Connection != "" && e.Connection != "" && e.Connection != q.Connection:
		return false
	case e.Gap != "":
		return q.plain()
	}
	switch {
	case q.Request != "" && e.Request != q.Request,
		e.Status < q.StatusMin, q.StatusMax != 0 && e.Status > q.StatusMax,
		q.Effect != "" && e.Effect != q.Effect:
		return false
	}
	return len(q.About) == 0 || slices.ContainsFunc(q.About, e.about)
}

// about reports whether text occurs in e as a whole value: between the marks that end values in JSON, paths and
// queries.
func (e *Exchange) about(text string) bool {
	wanted := []byte(Fold(text))
	quoted := AppendJSONString(nil, string(wanted))
	inJSON := quoted[1 : len(quoted)-1]
	return whole([]byte(Fold(e.Path)), wanted) || whole([]byte(Fold(string(e.Body))), inJSON) || whole([]byte(Fold(string(e.Answer))), inJSON) ||
		slices.ContainsFunc(e.Done, func(done string) bool { return whole([]byte(Fold(done)), wanted) })
}

// whole finds text in data where no letter or digit, and no character that joins them in names and addresses, is next to it.
func whole(data, text []byte) bool {
	if len(text) == 0 {
		return false
	}
	for from := 0; ; {
		i := bytes.Index(data[from:], text)
		if i < 0 {
			return false
		}
		begin, end := from+i, from+i+len(text)
		if (begin == 0 || !joins(data[begin-1])) && (end == len(data) || !joins(data[end])) {
			return true
		}
		from = begin + 1
	}
}

func joins(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c >= 0x80 || c == '.' || c == '_' || c == '-' || c == '+' || c == '@'
}
