package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Step is one request of an IdP and what it expects back.
type Step struct {
	Phase  string // the part of the conversation: "connection test", "create", …
	Name   string // what happens, in a few words
	Method string
	Path   string      // after the base URL, with its query, byte for byte except ${name}
	Header http.Header // in addition to those of the IdP; an empty Authorization sends none
	Body   string      // JSON, byte for byte but for ${name}
	// Echo sends back the resource of the last answer, overwritten by the members of Body: Okta reads a resource, changes
	// it, and writes all of it, id and meta and groups included.
	Echo bool
	// Check marks a step that is not from the IdP: a check of what the server really stored.
	Check  bool
	Expect Expect
}

// Expect says what an answer must be.
type Expect struct {
	Status []int             // one of these
	Header map[string]string // patterns as in [Vars.Match]; "(absent)": the header is missing
	Body   string            // pattern for an answer below 400 that has a body; "": any body
	Error  string            // pattern for an answer of 400 and above; "": a SCIM error
	// Console is what the IdP's administrator sees if the answer differs; Rule is the document that requires it.
	Console string
	Rule    string
}

// anyError is what every SCIM error must be (RFC 7644 §3.12); Okta's test suite requires a detail.
const anyError = `{"schemas": ["` + errorSchema + `"], "status": "*", "detail": "*"}`

// Result is a step that was played.
type Result struct {
	Step      Step
	RoundTrip RoundTrip
	Problems  []string // what differed; none: the step went as expected
	Skipped   string   // why the step was not played: an earlier one failed; "": it was played
}

// OK reports whether the step was played and went as expected.
func (r Result) OK() bool { return len(r.Problems) == 0 && r.Skipped == "" }

// Explain describes a failure in words: what the IdP's administrator sees, why, and which document requires it.
func (r Result) Explain() string {
	if r.OK() {
		return ""
	}
	if r.Skipped != "" {
		return "not played: " + r.Skipped
	}
	var b strings.Builder
	if text := r.Console(); text != "" {
		fmt.Fprintf(&b, "the administrator sees: %s\n", text)
	}
	for _, problem := range r.Problems {
		fmt.Fprintf(&b, "%s\n", problem)
	}
	if rule := r.Step.Expect.Rule; rule != "" {
		fmt.Fprintf(&b, "demanded by: %s\n", rule)
	}
	return strings.TrimSpace(b.String())
}

// Console is what the IdP's administrator sees of a failure; "" if that is not known.
func (r Result) Console() string {
	detail := r.Detail()
	switch {
	case detail != "":
	case r.RoundTrip.Status == 0:
		detail = "no answer"
	default:
		detail = "HTTP " + strconv.Itoa(r.RoundTrip.Status)
	}
	return strings.ReplaceAll(r.Step.Expect.Console, "{detail}", detail)
}

// Detail is the detail of a SCIM error in the answer, or "" if there is none.
func (r Result) Detail() string {
	var body struct {
		Detail string `json:"detail"`
	}
	if json.Unmarshal(r.RoundTrip.Answer.Body, &body) != nil {
		return ""
	}
	return body.Detail
}

// Session plays the steps of one IdP, one after the other, and keeps their captured values.
type Session struct {
	Client *Client
	Vars   Vars
	last   []byte // the last resource that was read
}

// NewSession starts a conversation of idp through c, whose Header and Auth it sets for that IdP.
func NewSession(c *Client, idp IdP, token string) *Session {
	c.Header = idp.Header()
	c.Auth = idp.Auth(token)
	return &Session{Client: c, Vars: Vars{}}
}

// Play does one step.
func (s *Session) Play(ctx context.Context, step Step) Result {
	if s.Vars == nil {
		s.Vars = Vars{}
	}
	path := s.Vars.Expand(step.Path)
	body := []byte(s.Vars.Expand(step.Body))
	result := Result{Step: step}
	if name := missing(path + string(body)); name != "" {
		result.Skipped = fmt.Sprintf("an earlier step failed that should have given the id of %q", name)
		return result
	}
	if step.Echo {
		merged, err := overlay(s.last, body)
		if err != nil {
			result.Problems = []string{"there is no resource to send back: " + err.Error()}
			return result
		}
		body = merged
	}
	header := step.Header.Clone()
	for _, values := range header {
		for i, value := range values {
			values[i] = s.Vars.Expand(value)
		}
	}
	trip := s.Client.Do(ctx, step.Method, path, header, body)
	for range attempts - 1 {
		if slices.Contains(step.Expect.Status, trip.Status) || !backOff(ctx, trip) {
			break
		}
		trip = s.Client.Do(ctx, step.Method, path, header, body)
	}
	result.RoundTrip = trip
	if trip.Err != nil {
		reason := trip.Err.Error()
		if s.Client.Reason != nil {
			reason = s.Client.Reason(trip.Err)
		}
		result.Problems = []string{"no answer: " + reason}
		return result
	}
	if trip.Status < 300 && len(trip.Answer.Body) > 0 {
		s.last = trip.Answer.Body
	}
	result.Problems = s.verify(step, trip)
	return result
}

// attempts is how often Okta sends a request that is answered with 429, before an administrator must help.
const attempts = 10

// maxWait bounds a Retry-After that a conversation waits for.
const maxWait = 30

// backOff waits as long as a 429 asks. It reports false if there is nothing to wait for: another status, a Retry-After that
// is not a whole number of seconds (Okta would then wait for five minutes), or an end of ctx.
func backOff(ctx context.Context, trip RoundTrip) bool {
	if trip.Status != http.StatusTooManyRequests {
		return false
	}
	seconds, err := strconv.Atoi(trip.Answer.Header.Get("Retry-After"))
	if err != nil || seconds < 0 || seconds > maxWait {
		return false
	}
	wait := time.NewTimer(time.Duration(seconds) * time.Second)
	defer wait.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-wait.C:
		return true
	}
}

func (s *Session) verify(step Step, trip RoundTrip) []string {
	want := step.Expect
	var out []string
	if len(want.Status) > 0 && !slices.Contains(want.Status, trip.Status) {
		problem := fmt.Sprintf("status: expected %s, got %d", statuses(want.Status), trip.Status)
		if text := strings.TrimSpace(string(trip.Answer.Body)); text != "" {
			problem += ": " + shorten(text, 300)
		}
		return []string{problem}
	}
	for _, name := range slices.Sorted(maps.Keys(want.Header)) {
		var have any
		if values := trip.Answer.Header.Values(name); len(values) > 0 {
			have = strings.Join(values, ", ")
		}
		out = append(out, s.Vars.matchString("header "+name, want.Header[name], have)...)
	}
	if trip.Status == http.StatusNoContent {
		if len(trip.Answer.Body) > 0 {
			out = append(out, "status 204 came with a body")
		}
		return out
	}
	pattern := want.Body
	if trip.Status >= http.StatusBadRequest {
		if pattern = want.Error; pattern == "" {
			pattern = anyError
		}
	}
	if pattern != "" {
		out = append(out, s.Vars.Match(pattern, trip.Answer.Body)...)
	}
	return out
}

func statuses(list []int) string {
	words := make([]string, len(list))
	for i, status := range list {
		words[i] = strconv.Itoa(status)
	}
	return strings.Join(words, " or ")
}

// overlay overwrites members of the object base by those of patch.
func overlay(base, patch []byte) ([]byte, error) {
	object, changes := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	if err := json.Unmarshal(base, &object); err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(patch)) > 0 {
		if err := json.Unmarshal(patch, &changes); err != nil {
			return nil, err
		}
	}
	maps.Copy(object, changes)
	return json.Marshal(object)
}
