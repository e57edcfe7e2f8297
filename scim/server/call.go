package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/internal/web"
	"drawbridge/scim"
	"drawbridge/scim/filter"
	"drawbridge/scim/profile"
)

// call is a request that is being served; each operation of a Bulk request is a call, too.
type call struct {
	server    *server
	response  *web.Response // nil for an operation of a Bulk request
	ctx       context.Context
	operation string // as metrics call it
	label     requestLabels
	observed  bool   // the connection is in observe mode (C9)
	note      *noted // for the journal; nil: there is none

	oauth      bool // a request for a token, whose errors have another format
	credential bool // there was an Authorization header

	authenticate func() (directory.Principal, error) // authenticates the client again
	succeeded    func()                              // notes that the connection was served (C7)
	computes     bool                                // it may keep a processor busy
	admitted     time.Time                           // when who asks was last found out

	base    string
	catalog *scim.Catalog
	profile profile.Profile

	kind *scim.ResourceType // of a route with a resource type
	id   string             // of a route with an id, as it was written

	received []byte // the body, if the request begins again

	params params
	pre    directory.Precondition
	body   directory.Attributes
	quirks scim.Quirks
}

// labels notes who asked, for the metrics, the log and the journal. It is known of a connection that is paused, too.
func (c *call) labels(p directory.Principal) {
	c.response.Tenant, c.response.Connection = string(p.Tenant), string(p.Connection.ID)
	c.label = requestLabels{idp: p.Connection.Type, tenant: p.Tenant, connection: p.Connection.ID}
	c.observed = p.Connection.Observing != nil
}

// admissionLife is how long an admitted request may run before it is admitted again. Otherwise a revoked credential would still work while
// a client sends its body slowly, or while a Bulk request has operations.
const admissionLife = time.Second

// readmit gives the Principal, and authenticates again if that was a while ago.
func (c *call) readmit(who directory.Principal) (directory.Principal, error) {
	now := c.server.now()
	if limit.Within(c.admitted, now, admissionLife) {
		return who, nil
	}
	again, err := c.authenticate()
	if err != nil {
		return directory.Principal{}, err
	}
	c.admitted = now
	again.Trace = who.Trace
	return again, nil
}

// nameIndex is the index of the name of an action for the resource type of the call: users, groups, others.
func (c *call) nameIndex() int {
	switch c.kind {
	case nil, c.catalog.User:
		return 0
	case c.catalog.Group:
		return 1
	}
	return 2
}

// precondition reads If-Match and If-None-Match.
func (c *call) precondition(h http.Header) {
	if match := h["If-Match"]; len(match) > 0 {
		c.pre.MatchSet = true
		c.pre.Match, c.pre.MatchAny = scim.ParseETags(strings.Join(match, ","))
	}
	if none := h["If-None-Match"]; len(none) > 0 {
		c.pre.NoneMatch, c.pre.NoneAny = scim.ParseETags(strings.Join(none, ","))
	}
}

// unmodified reports whether the client has this version already (RFC 9110 §13.1.2).
func (c *call) unmodified(version uint64) bool {
	return c.pre.NoneAny || slices.Contains(c.pre.NoneMatch, version)
}

// current is nil if the version matches the If-Match of a read.
func (c *call) current(version uint64) error {
	return directory.Precondition{Match: c.pre.Match, MatchSet: c.pre.MatchSet, MatchAny: c.pre.MatchAny}.Check(version)
}

// receive reads the body, measures it, and claims the memory that it takes to parse it.
func (c *call) receive(b *buffer, who directory.Principal, limit int64) error {
	w, s := c.response, c.server
	foreign, err := checkMedia(w.Request.Header, &c.quirks)
	if err != nil {
		return err
	}
	if c.received != nil {
		b.b = append(b.b[:0], c.received...)
	} else {
		b.b, err = w.ReadBody(b.b[:0], limit)
	}
	s.connections.Charge(who.Connection.ID, w.Started, float64(w.Received())/tokenBytes-1) // whether it is refused or not
	if err != nil {
		c.note.unread(w.Request.ContentLength, "it was not read to its end")
		if errors.Is(err, web.ErrSlow) {
			return scim.Plain(http.StatusRequestTimeout, "the body of the request came too slowly; send it again").At(scim.LimitBodyTime)
		}
		if directory.CodeOf(err) == directory.Invalid {
			return scim.InvalidSyntax("the body of the request could not be read to its end")
		}
		return err
	}
	shape, err := directory.MeasureJSON(b.b, s.limits.json())
	if err == nil && foreign {
		err = checkCharset(b.b)
	}
	if err == nil {
		err = c.admit(w.Request.Method, shape.Values)
	}
	if err == nil {
		err = c.grow(web.Cost(shape) - int64(len(b.b)))
	}
	if err != nil {
		c.note.unread(int64(len(b.b)), "it was not parsed")
	}
	return err
}

// parse parses the JSON object in the body.
func (c *call) parse(text []byte) error {
	value, err := directory.ParseJSON(text, c.server.limits.json())
	if err != nil {
		c.note.unread(int64(len(text)), notJSON)
		return err
	}
	body, ok := value.(directory.Attributes)
	if !ok {
		c.note.unread(int64(len(text)), notJSON)
		return scim.InvalidSyntax("the body must be a JSON object")
	}
	c.body = body
	c.note.asked(body, len(text), c.server.journal)
	return nil
}

// grow claims memory for the request.
func (c *call) grow(bytes int64) error {
	if c.response == nil { // an operation of a Bulk request, which has claimed its own
		return nil
	}
	err := c.response.Grow(bytes)
	var no *directory.Error
	if errors.As(err, &no) && no.Code == directory.TooLarge {
		return scim.Plain(http.StatusRequestEntityTooLarge, no.Message).At(scim.LimitMemory)
	}
	return err
}

// compute waits until the call may keep a processor busy. It gives the Principal, which is authenticated again if that took long. done must
// be called before the answer is sent; it charges the connection for the time.
func (c *call) compute(who directory.Principal) (again directory.Principal, done func(), err error) {
	if c.computes || c.response == nil { // nil: an operation of a Bulk request
		return who, func() {}, nil
	}
	leave, err := c.response.Compute()
	if err != nil {
		return who, nil, err
	}
	began := c.server.now()
	c.computes = true
	done = func() {
		c.computes = false
		leave()
		c.server.charge(who, began)
	}
	if again, err = c.readmit(who); err != nil {
		done()
		return who, nil, err
	}
	return again, done, nil
}

// unanswered is the error for an answer that cannot be made. A write is already done, so a refusal must not say that it was not.
func (c *call) unanswered(err error) error {
	if c.response.Request.Method == http.MethodGet || c.response.Request.Method == http.MethodHead {
		return err
	}
	no := *errorOf(err)
	no.Detail = "the change was made, and the server is too busy to show all of it now: read it again"
	return &no
}

// admit refuses a body with more values than its resource can have. A group has members, and a PATCH may name the attributes of
// a user several times; a single user has neither.
func (c *call) admit(method string, values int) error {
	most := c.server.limits.UserValues
	if method == http.MethodPatch {
		most *= 4
	}
	if c.kind == nil || c.kind == c.catalog.Group || values <= most {
		return nil
	}
	return scim.Plain(http.StatusRequestEntityTooLarge, "a request about a "+c.kind.Name+" may have "+strconv.Itoa(most)+" values, names included").At(scim.LimitUserValues)
}

// countValues counts as directory.MeasureJSON does.
func countValues(value any) int {
	n := 1
	switch v := value.(type) {
	case directory.Attributes:
		for i := range v {
			n += 1 + countValues(v[i].Value)
		}
	case []any:
		for i := range v {
			n += countValues(v[i])
		}
	}
	return n
}

// target is the id in the path. A text that is not an id names no resource.
func (c *call) target() (directory.ID, error) {
	id, ok := directory.ParseID(c.id)
	if !ok {
		return id, c.missing()
	}
	return id, nil
}

// missing is the answer to an unknown id.
func (c *call) missing() error {
	return &directory.Error{Code: directory.NotFound, Message: "there is no " + c.kind.Name + " with this id"}
}

// hidden makes all answers about a missing resource the same, byte for byte: for an id that never existed, that was deleted, or that
// belongs to another tenant.
func (c *call) hidden(err error) error {
	if c.id != "" && c.kind != nil && directory.CodeOf(err) == directory.NotFound {
		return c.missing()
	}
	return err
}

// projection reads attributes and excludedAttributes for resources of type t.
func (c *call) projection(t *scim.ResourceType) (*scim.Projection, error) {
	if len(c.params.attributes) == 0 && len(c.params.excluded) == 0 {
		return nil, nil //nolint:nilnil // a nil projection is the default one
	}
	return scim.ParseProjection(t, c.params.attributes, c.params.excluded, filter.ParseElement, &c.quirks)
}

// location is the absolute URL of a resource.
func (c *call) location(t *scim.ResourceType, id directory.ID) string { return t.Location(c.base, id) }

// write writes an answer that is not an error.
func (c *call) write(r reply) error {
	w, s := c.response, c.server
	defer s.release(r.body)
	c.noteQuirks()
	if r.version > 0 {
		w.Set("Etag", scim.ETag(r.version))
	}
	if r.location != "" {
		if r.status == http.StatusCreated {
			w.Set("Location", r.location)
		} else {
			w.Set("Content-Location", r.location)
		}
	}
	if r.body == nil {
		w.WriteHeader(r.status)
		return nil
	}
	body := r.body.bytes()
	c.note.answered(body, s.journal)
	c.send(r.status, answerMedia(w.Request.Header), body)
	return nil
}

// send writes an answer that has a body.
func (c *call) send(status int, media string, body []byte) {
	w := c.response
	w.Set("Content-Type", media)
	w.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	// A client that has disconnected gets no answer; the change stays.
	_, _ = w.Write(body)
}

// writeError writes a SCIM error.
func (c *call) writeError(e *scim.Error) {
	w, s := c.response, c.server
	c.noteQuirks()
	if e.Status == http.StatusUnauthorized {
		challenge := realm
		if c.credential {
			challenge += `, error="invalid_token"`
		}
		w.Set("Www-Authenticate", challenge)
	}
	if e.RetryAfter > 0 {
		w.Set("Retry-After", strconv.Itoa(e.RetryAfter))
	}
	b := s.buffer()
	defer s.release(b)
	b.b = e.AppendJSON(b.b)
	c.note.answered(b.b, s.journal)
	c.send(e.Status, answerMedia(w.Request.Header), b.b)
}

// noteQuirks tells the client what was lenient.
func (c *call) noteQuirks() {
	if names := c.quirks.Strings(); len(names) > 0 {
		c.response.Set("Drawbridge-Quirks", strings.Join(names, ", "))
	}
}

// reply is an answer that is not an error, before it is written.
type reply struct {
	status   int
	body     *buffer // nil: none
	location string  // of the resource; "" if the answer is about none
	version  uint64  // of the resource; 0: none
}

// buffer holds an answer or a request while it is processed.
type buffer struct {
	b    []byte
	from int // where the answer begins: a page leaves room for its head
}

func (b *buffer) bytes() []byte { return b.b[b.from:] }

// pooled is the largest buffer that is kept for another request.
const pooled = 1 << 20

func (s *server) buffer() *buffer {
	b, ok := s.buffers.Get().(*buffer)
	if !ok {
		return &buffer{}
	}
	return b
}

func (s *server) release(b *buffer) {
	if b == nil || cap(b.b) > pooled {
		return
	}
	b.b, b.from = b.b[:0], 0
	s.buffers.Put(b)
}
