package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Audit is one line of the record: who did what to what, and with what result (E1). The store numbers it and chains it to
// the line before it.
type Audit struct {
	Seq        uint64    `json:"seq"`
	Time       time.Time `json:"time"`
	Tenant     TenantID  `json:"tenant"`
	Actor      Actor     `json:"actor"`
	Action     Action    `json:"action"`
	Subject    Subject   `json:"subject"`
	Outcome    Outcome   `json:"outcome"`
	Rule       Rule      `json:"rule,omitempty"`
	Reason     string    `json:"reason,omitempty"`
	Before     Document  `json:"before,omitempty"` // what changed, as it was; no secrets
	After      Document  `json:"after,omitempty"`  // what changed, as it is
	Deviations []string  `json:"deviations,omitempty"`
	Request    string    `json:"request,omitempty"`
	Address    string    `json:"address,omitempty"` // of the client, as far as it is known

	// The chain, which the store writes: Hash is Sum of the line with the Hash of the line before it. ChainStart marks the
	// line with which the chain of its tenant begins. Lines without a Hash are older than the chain.
	ChainStart bool `json:"chain_start,omitempty"`
	Hash       Hash `json:"hash,omitzero"`
}

// Hash is a SHA-256 sum. The zero Hash means that there is none.
type Hash [sha256.Size]byte

// String is the sum in 64 hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes String, and nothing for the zero Hash.
func (h Hash) MarshalText() ([]byte, error) {
	if h == (Hash{}) {
		return nil, nil
	}
	return []byte(h.String()), nil
}

// UnmarshalText reads what MarshalText wrote.
func (h *Hash) UnmarshalText(text []byte) error {
	*h = Hash{}
	if len(text) == 0 {
		return nil
	}
	if n, err := hex.Decode(h[:], text[:min(len(text), 2*len(h))]); err != nil || n != len(h) || len(text) != 2*len(h) {
		*h = Hash{}
		return &Error{Code: Invalid, Field: "hash", Message: "a hash has 64 hexadecimal digits"}
	}
	return nil
}

// Sum is the hash of a line: SHA-256 over the 32 bytes of previous (the hash of the line before it) and the canonical form of
// the line. The canonical form is every field except Hash in the order below. Each field is written as its length in bytes in
// decimal digits, a colon, the bytes, and a line feed. Times are RFC 3339 in UTC with nanoseconds, numbers are decimal, Before and
// After are the JSON text as stored. docs/audit.md describes the same for auditors, so the order must never change. A new field
// goes last and is left out while it is empty.
func (a *Audit) Sum(previous Hash) Hash {
	b := make([]byte, 0, 512+len(a.Before)+len(a.After))
	b = append(b, previous[:]...)
	b = appendField(b, strconv.FormatUint(a.Seq, 10))
	b = appendField(b, a.Time.UTC().Format(time.RFC3339Nano))
	b = appendField(b, a.Tenant)
	b = appendField(b, a.Actor.Kind)
	b = appendField(b, a.Actor.ID)
	b = appendField(b, a.Actor.Name)
	b = appendField(b, a.Action)
	b = appendField(b, a.Subject.Kind)
	b = appendField(b, a.Subject.ID)
	b = appendField(b, a.Subject.Name)
	b = appendField(b, a.Outcome)
	b = appendField(b, a.Rule)
	b = appendField(b, a.Reason)
	b = appendField(b, a.Before)
	b = appendField(b, a.After)
	b = appendField(b, strconv.Itoa(len(a.Deviations)))
	for _, d := range a.Deviations {
		b = appendField(b, d)
	}
	b = appendField(b, a.Request)
	b = appendField(b, a.Address)
	b = appendField(b, strconv.FormatBool(a.ChainStart))
	return sha256.Sum256(b)
}

// appendField writes fields so that no two lists of fields give the same bytes.
func appendField[T ~string | ~[]byte](b []byte, text T) []byte {
	b = append(strconv.AppendInt(b, int64(len(text)), 10), ':')
	return append(append(b, text...), '\n')
}

// Chain follows an audit trail from its first line and finds the first line that does not match. The zero value is before
// the first line of a trail.
type Chain struct {
	Last    uint64 // the number of the last line
	Head    Hash   // its hash; zero before the chain begins
	Start   uint64 // the line with which the chain begins; 0: it has not begun
	Checked uint64 // how many lines of the chain fit
	Before  uint64 // how many lines are older than the chain, which does not protect them
}

// Follow takes the next line. It gives "" if the line matches the chain, else a sentence that says what is wrong.
func (c *Chain) Follow(a *Audit) string {
	switch {
	case c.Last != 0 && a.Seq <= c.Last:
		return fmt.Sprintf("line %d comes after line %d", a.Seq, c.Last)
	case a.Seq != c.Last+1:
		return fmt.Sprintf("line %d is missing", c.Last+1)
	case c.Start == 0 && a.Hash == (Hash{}):
		if a.ChainStart {
			return fmt.Sprintf("line %d begins the chain and has no hash", a.Seq)
		}
		c.Last = a.Seq
		c.Before++
		return ""
	case a.Hash == (Hash{}):
		return fmt.Sprintf("line %d has no hash, although the chain begins with line %d", a.Seq, c.Start)
	case c.Start == 0 && !a.ChainStart:
		return fmt.Sprintf("line %d is the first with a hash, and no line says that the chain begins", a.Seq)
	case c.Start != 0 && a.ChainStart:
		return fmt.Sprintf("line %d says that the chain begins, and it begins with line %d", a.Seq, c.Start)
	}
	if a.Sum(c.Head) != a.Hash {
		return fmt.Sprintf("the hash of line %d does not fit: this line was changed, or the one before it", a.Seq)
	}
	if c.Start == 0 {
		c.Start = a.Seq
	}
	c.Last, c.Head = a.Seq, a.Hash
	c.Checked++
	return ""
}

// AuditQuery says which lines of a trail to return. An empty field matches every line. Texts are compared without regard to
// case.
type AuditQuery struct {
	Actor   string // the id of the actor, or a part of its name
	Kind    ActorKind
	Subject string // the id of the subject, or a part of its name
	Action  string // "user.create"; "user." or "user.*" means everything that begins so
	Outcome Outcome
	Address string    // of the client, whole
	Request string    // the id of the request, whole
	From    time.Time // not before; zero: from the beginning
	To      time.Time // before; zero: to the end

	// Archive continues the search in the archive (E6). Stores ignore it.
	Archive bool

	Before uint64 // only lines with a lower number; 0: from the newest
	Limit  int    // lines at most
	Scan   int    // how many lines to read at most, matching or not
}

// Matches reports whether the line is wanted.
func (q *AuditQuery) Matches(a *Audit) bool {
	switch {
	case q.Kind != "" && a.Actor.Kind != q.Kind,
		q.Outcome != "" && a.Outcome != q.Outcome,
		q.Actor != "" && !strings.EqualFold(q.Actor, a.Actor.ID) && !strings.Contains(Fold(a.Actor.Name), Fold(q.Actor)),
		q.Address != "" && !strings.EqualFold(q.Address, a.Address),
		q.Request != "" && q.Request != a.Request,
		!q.From.IsZero() && a.Time.Before(q.From),
		!q.To.IsZero() && !a.Time.Before(q.To):
		return false
	}
	if q.Action != "" {
		prefix, many := strings.CutSuffix(q.Action, "*")
		if many = many || strings.HasSuffix(q.Action, "."); many && !strings.HasPrefix(string(a.Action), prefix) || !many && string(a.Action) != q.Action {
			return false
		}
	}
	return q.Subject == "" || strings.EqualFold(q.Subject, a.Subject.ID) || strings.Contains(Fold(a.Subject.Name), Fold(q.Subject))
}

// clockSlack is how far the clock of a server may go back between two lines: within it, a search by time still finds both.
const clockSlack = 24 * time.Hour

// Over reports whether a search that goes back in time may end with this line, because all lines before it are older than From.
func (q *AuditQuery) Over(a *Audit) bool {
	return !q.From.IsZero() && a.Time.Before(q.From.Add(-clockSlack))
}

// Subject is what an audit line or an event is about.
type Subject struct {
	Kind string `json:"kind"` // "User", "Group", "tenant", "connection", "token", …
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Outcome of an attempt.
type Outcome string

// The values of Outcome.
const (
	Done      Outcome = "done"
	WasDenied Outcome = "refused"
)

// CloneAudit is a copy of lines that shares no memory with them.
func CloneAudit(lines []Audit) []Audit {
	out := slices.Clone(lines)
	for i := range out {
		out[i].Before, out[i].After = slices.Clone(out[i].Before), slices.Clone(out[i].After)
	}
	return out
}
