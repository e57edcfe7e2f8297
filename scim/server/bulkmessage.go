package server

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"drawbridge/directory"
	"drawbridge/scim"
)

const bulkSchema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"

// bulkMessage is a BulkRequest, understood.
type bulkMessage struct {
	operations   []*operation
	byID         map[string]*operation // the POSTs
	failOnErrors int                   // 0: continue after every failure
}

// operation is one part of a Bulk request.
type operation struct {
	method  string
	bulkID  string
	path    string
	version string
	kind    *scim.ResourceType // of the path; nil: there is none
	data    directory.Attributes
	needs   []string // the bulkIds that it refers to
	flaw    error    // what is wrong with it, independent of the others

	state   state
	created string // the id of what a POST has created
	outcome outcome
}

type state uint8

const (
	pending state = iota
	running
	done
)

// outcome is how an operation ended.
type outcome struct {
	status   int
	location string
	version  uint64
	err      *scim.Error
}

// parseBulk reads a BulkRequest. A fault of the whole request is the error; a fault of one operation is its flaw.
func parseBulk(c *call, l *Limits) (*bulkMessage, error) {
	body := c.body
	if err := scim.CheckMessage(body, bulkSchema, &c.quirks); err != nil {
		return nil, err
	}
	m := &bulkMessage{byID: map[string]*operation{}}
	if v, _ := body.Get("failOnErrors"); v != nil {
		text := wholeNumber(v, &c.quirks)
		n, ok := integer(text)
		if text == "" || !ok || n < 0 {
			return nil, scim.InvalidValue("failOnErrors must be a whole number")
		}
		m.failOnErrors = n
	}
	scim.NoteNames(body, &c.quirks, "schemas", "failOnErrors", "Operations")
	list, ok := scim.Operations(body, &c.quirks)
	if !ok {
		return nil, scim.InvalidSyntax("Operations must be a list of operations")
	}
	if len(list) > l.BulkOperations {
		return nil, scim.Plain(http.StatusRequestEntityTooLarge,
			fmt.Sprintf("a Bulk request may have %d operations (maxOperations) in %d bytes (maxPayloadSize); this one has %d", l.BulkOperations, l.BulkBytes, len(list))).At(scim.LimitBulkOperations)
	}
	taken := map[string]bool{}
	for _, element := range list {
		a, ok := element.(directory.Attributes)
		if !ok {
			return nil, scim.InvalidSyntax("every operation must be an object")
		}
		scim.NoteNames(a, &c.quirks, "method", "bulkId", "version", "path", "data")
		op := parseOperation(a, &c.quirks)
		op.kind = kindOfPath(c.catalog, op.path)
		m.operations = append(m.operations, op)
		if op.bulkID == "" {
			continue
		}
		if taken[op.bulkID] {
			return nil, scim.InvalidValue("the bulkId " + strconv.Quote(op.bulkID) + " occurs in more than one operation")
		}
		taken[op.bulkID] = true
		if op.method == http.MethodPost {
			m.byID[op.bulkID] = op
		}
	}
	for _, op := range m.operations {
		m.collect(op)
	}
	return m, nil
}

// wholeNumber gives the text of a number, or of a number in quotes.
func wholeNumber(value any, q *scim.Quirks) string {
	if text, ok := value.(string); ok {
		q.Add(scim.QuirkStringNumber)
		return text
	}
	number, _ := value.(directory.Number)
	return string(number)
}

// kindOfPath is the resource type in the path of an operation; nil if there is none.
func kindOfPath(c *scim.Catalog, path string) *scim.ResourceType {
	path, _, _ = strings.Cut(path, "?")
	p := split(path)
	if p.n == 0 {
		return nil
	}
	return endpoint(c, p.segments[0])
}

func parseOperation(a directory.Attributes, q *scim.Quirks) *operation {
	op := &operation{}
	text := func(name string, flaw *error) string {
		v, _ := a.Get(name)
		s, ok := v.(string)
		if number, isNumber := v.(directory.Number); isNumber && name == "bulkId" {
			q.Add(scim.QuirkNumberForString)
			s, ok = string(number), true
		}
		if v != nil && !ok && *flaw == nil {
			*flaw = scim.InvalidSyntax(name + " must be a string")
		}
		return s
	}
	op.method = strings.ToUpper(text("method", &op.flaw))
	op.bulkID = text("bulkId", &op.flaw)
	op.path = text("path", &op.flaw)
	op.version = text("version", &op.flaw)
	data, _ := a.Get("data")
	op.data, _ = data.(directory.Attributes)
	switch op.method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		if op.data == nil && op.flaw == nil {
			op.flaw = scim.InvalidSyntax("an operation with " + op.method + " needs data, an object")
		}
		if op.method == http.MethodPost && op.bulkID == "" && op.flaw == nil {
			op.flaw = scim.InvalidSyntax("an operation with POST needs a bulkId")
		}
	case http.MethodDelete:
		op.data = nil
	default:
		op.method = known(op.method)
		if op.flaw == nil {
			op.flaw = scim.InvalidSyntax("the method of an operation is POST, PUT, PATCH or DELETE")
		}
	}
	if op.flaw == nil && (op.path == "" || strings.Contains(op.path, "://")) {
		op.flaw = scim.InvalidPath("the path of an operation is relative to the base URL, such as /Users")
	}
	return op
}

// known is a method in a form that is safe in answers and metrics.
func known(method string) string {
	if method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions {
		return method
	}
	return ""
}

// collect notes the bulkIds that an operation refers to.
func (m *bulkMessage) collect(op *operation) {
	if _, id, ok := reference(op.path); ok {
		op.need(id)
	}
	if op.kind == nil {
		return
	}
	r := references{resource: op.kind, resolve: func(id string) (string, bool) {
		op.need(id)
		return "", true
	}}
	r.body(op.method, op.data)
}

func (op *operation) need(id string) {
	if !slices.Contains(op.needs, id) && (op.method != http.MethodPost || id != op.bulkID || id == "") {
		op.needs = append(op.needs, id)
	}
}

// resolve gives the data of an operation with references to created resources replaced by their ids. References to resources that do
// not exist yet are left out, with their element or attribute, and whole is false.
func (m *bulkMessage) resolve(op *operation) (out directory.Attributes, whole bool) {
	if op.data == nil || op.kind == nil {
		return op.data, true
	}
	r := references{resource: op.kind, resolve: func(id string) (string, bool) {
		other := m.byID[id]
		if other == nil { // an unknown bulkId: the operation fails
			return bulkPrefix + id, true
		}
		return other.created, other.created != ""
	}}
	out = r.body(op.method, op.data)
	return out, r.whole
}

// target is the path of an operation with its reference resolved: /Users/bulkId:x.
func (m *bulkMessage) target(path string) string {
	if before, id, ok := reference(path); ok && m.byID[id] != nil && m.byID[id].created != "" {
		return before + m.byID[id].created
	}
	return path
}

// appendJSON appends the operation as a part of a BulkResponse.
func (op *operation) appendJSON(b []byte) []byte {
	b = directory.AppendJSONString(append(b, `{"method":`...), op.method)
	if op.bulkID != "" {
		b = directory.AppendJSONString(append(b, `,"bulkId":`...), op.bulkID)
	}
	if op.outcome.location != "" {
		b = directory.AppendJSONString(append(b, `,"location":`...), op.outcome.location)
	}
	if op.outcome.version > 0 {
		b = directory.AppendJSONString(append(b, `,"version":`...), scim.ETag(op.outcome.version))
	}
	b = directory.AppendJSONString(append(b, `,"status":`...), strconv.Itoa(op.outcome.status))
	if op.outcome.err != nil {
		b = op.outcome.err.AppendJSON(append(b, `,"response":`...))
	}
	return append(b, '}')
}
