package server

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"drawbridge/directory"
	"drawbridge/scim"
)

// bulk is POST /Bulk (RFC 7644 §3.7). Every operation is a separate transaction, in the order of the request, except that operations come
// first to which others refer. Resources that refer to each other in a circle are created without the reference that closes it, and
// completed when its target exists.
func (s *server) bulk(c *call, p directory.Principal) (reply, error) {
	message, err := parseBulk(c, &s.limits)
	if err != nil {
		return reply{}, err
	}
	// A request of a thousand operations is a thousand times the work of one.
	s.connections.Charge(p.Connection.ID, s.now(), float64(len(message.operations)-1))
	run := &bulkRun{server: s, call: c, who: p, message: message}
	for _, op := range message.operations {
		run.do(op)
	}
	run.completeOpen()
	if err := c.ctx.Err(); err != nil {
		return reply{}, &directory.Error{Code: directory.Unavailable, Message: "the request ended before its operations did", Err: err}
	}
	return run.reply(), nil
}

// bulkRun is a Bulk request while it is done.
type bulkRun struct {
	*server
	call    *call
	who     directory.Principal
	message *bulkMessage
	errors  int
	open    []*operation // created without all of their references
}

// stopped reports whether no more operations must begin.
func (b *bulkRun) stopped() bool {
	return b.message.failOnErrors > 0 && b.errors >= b.message.failOnErrors || b.call.ctx.Err() != nil
}

// do does an operation, after those whose results it needs.
func (b *bulkRun) do(op *operation) {
	if op.state != pending || b.stopped() {
		return
	}
	op.state = running
	if op.flaw != nil {
		b.failed(op, op.flaw)
		return
	}
	for _, id := range op.needs {
		other := b.message.byID[id]
		if other == nil {
			b.failed(op, scim.InvalidValue("no POST of this request has the bulkId "+strconv.Quote(id)))
			return
		}
		b.do(other)
		if b.stopped() {
			op.state = pending
			return
		}
		if other.state == done && other.created == "" {
			b.failed(op, &scim.Error{Status: http.StatusConflict, Detail: "the operation with the bulkId " + strconv.Quote(id) + ", to which this one refers, failed"})
			return
		}
	}
	b.perform(op)
}

// perform does an operation whose references are resolved as far as possible.
func (b *bulkRun) perform(op *operation) {
	data, whole := b.message.resolve(op)
	sub, a, err := b.prepare(op, op.method)
	if err == nil {
		err = sub.admit(op.method, countValues(op.data))
	}
	if err != nil {
		b.failed(op, err)
		return
	}
	who, err := b.call.readmit(b.who)
	if err != nil {
		b.failed(op, err)
		return
	}
	sub.body = data
	got, err := a.serve(sub, who)
	b.took(sub)
	if err != nil {
		b.failed(op, sub.hidden(err))
		return
	}
	b.release(got.body)
	op.state = done
	op.outcome = outcome{status: got.status, location: got.location, version: got.version}
	if op.method == http.MethodPost {
		op.created = got.location[strings.LastIndexByte(got.location, '/')+1:]
		if !whole {
			b.open = append(b.open, op)
		}
	}
	if op.outcome.location == "" {
		op.outcome.location = b.location(sub)
	}
}

// completeOpen completes the resources that were created without all of their references. It removes those that cannot be completed, and
// resources that refer to them: an operation is done completely or not at all.
func (b *bulkRun) completeOpen() {
	for _, op := range b.open {
		if op.created == "" {
			continue // taken back with another
		}
		data, whole := b.message.resolve(op)
		if !whole {
			b.undo(op, "an operation to which this one refers failed; nothing was created")
			continue
		}
		who, err := b.call.readmit(b.who)
		var got reply
		if err == nil {
			got, err = b.again(op, http.MethodPut, data, who)
		}
		if err != nil {
			b.undo(op, "the references between the operations of this request cannot be resolved, nothing was created: "+scim.ErrorOf(err).Detail)
			continue
		}
		b.release(got.body)
		op.outcome.version = got.version
	}
	for _, op := range b.message.operations {
		if op.state == done {
			b.metrics.bulkOperation(op.method, op.outcome.status)
		}
	}
}

// undo takes back what op has created.
func (b *bulkRun) undo(op *operation, reason string) {
	conflict := &scim.Error{Status: http.StatusConflict, Detail: reason}
	who := b.who
	who.Undo = true
	if _, err := b.again(op, http.MethodDelete, nil, who); err != nil {
		conflict = &scim.Error{Status: scim.ErrorOf(err).Status, Detail: "created as " + op.outcome.location + ", not completed, and not taken back: " + scim.ErrorOf(err).Detail}
	}
	op.created = ""
	b.failed(op, conflict)
	for _, other := range b.message.operations {
		if other.state != done || other.outcome.err != nil || !slices.Contains(other.needs, op.bulkID) {
			continue
		}
		if other.created != "" {
			b.undo(other, "an operation to which this one refers was taken back; nothing was created")
			continue
		}
		b.failed(other, &scim.Error{Status: http.StatusConflict, Detail: "an operation to which this one refers was taken back"})
	}
}

// again calls a method on what op has created.
func (b *bulkRun) again(op *operation, method string, data directory.Attributes, who directory.Principal) (reply, error) {
	endpoint := *op
	endpoint.path = strings.TrimRight(op.path, "/") + "/" + op.created
	endpoint.version = ""
	sub, a, err := b.prepare(&endpoint, method)
	if err != nil {
		return reply{}, err
	}
	sub.body = data
	got, err := a.serve(sub, who)
	b.took(sub)
	return got, err
}

// prepare makes the call of an operation, and finds its handler.
func (b *bulkRun) prepare(op *operation, method string) (*call, *action, error) {
	c := b.call
	sub := &call{server: c.server, ctx: c.ctx, base: c.base, catalog: c.catalog, profile: c.profile, credential: true}
	path, query, _ := strings.Cut(b.message.target(op.path), "?")
	if !strings.HasPrefix(path, "/") {
		sub.quirks.Add(quirkBulkAbsolute)
	}
	p := split(path)
	if p.broken {
		return nil, nil, noEndpoint()
	}
	r, err := c.server.route(sub, p.parts())
	if err != nil {
		return nil, nil, err
	}
	if r.pattern != "/{type}" && r.pattern != "/{type}/{id}" {
		return nil, nil, scim.Plain(http.StatusNotFound, "this endpoint cannot be part of a Bulk request")
	}
	a, err := r.action(sub, method)
	if err != nil {
		return nil, nil, err
	}
	if sub.params, err = parseParams(query, &sub.quirks); err != nil {
		return nil, nil, err
	}
	if op.version != "" {
		sub.pre.MatchSet = true
		sub.pre.Match, sub.pre.MatchAny = scim.ParseETags(op.version)
	}
	return sub, a, nil
}

// took adds the leniencies of an operation to those of the request.
func (b *bulkRun) took(sub *call) {
	for _, name := range sub.quirks.Names() {
		b.call.quirks.Add(name)
	}
}

// failed notes that an operation failed.
func (b *bulkRun) failed(op *operation, err error) {
	b.errors++
	op.state = done
	e := scim.ErrorOf(err)
	op.outcome = outcome{status: e.Status, err: e}
	if op.method == http.MethodPost {
		return
	}
	if sub, _, err := b.prepare(op, op.method); err == nil {
		op.outcome.location = b.location(sub)
	}
}

// location is the URL of the resource of an operation, whether it exists or not (RFC 7644 §3.7).
func (b *bulkRun) location(sub *call) string {
	if sub.id == "" {
		return ""
	}
	return sub.base + sub.kind.Endpoint + "/" + url.PathEscape(sub.id)
}

// reply is the BulkResponse: the results in the order of the request.
func (b *bulkRun) reply() reply {
	out := b.buffer()
	out.b = append(out.b, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],"Operations":[`...)
	first := true
	for _, op := range b.message.operations {
		if op.state != done {
			continue
		}
		if !first {
			out.b = append(out.b, ',')
		}
		first = false
		out.b = op.appendJSON(out.b)
	}
	out.b = append(out.b, "]}"...)
	return reply{status: http.StatusOK, body: out}
}
