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
	failOnErrors int                   // 0: go on whatever fails
}

// operation is one part of a Bulk request.
type operation struct {
	method  string
	bulkID  string
	path    string
	version string
	data    directory.Attributes
	needs   []string // the bulkIds that it refers to
	flaw    error    // what is wrong with it, whatever the others do

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

// parseBulk reads a BulkRequest. What is wrong with the whole is the error; what is wrong with one operation is its flaw.
func parseBulk(body directory.Attributes, l *Limits) (*bulkMessage, error) {
	if !hasSchema(body, bulkSchema) {
		return nil, scim.InvalidSyntax("schemas must name " + bulkSchema)
	}
	m := &bulkMessage{byID: map[string]*operation{}}
	if v, _ := body.Get("failOnErrors"); v != nil {
		text, _ := v.(directory.Number)
		n, ok := integer(orZero(string(text)))
		if !ok || n < 0 || text == "" {
			return nil, scim.InvalidValue("failOnErrors must be a whole number")
		}
		m.failOnErrors = n
	}
	v, _ := body.Get("Operations")
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
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
		op := parseOperation(a)
		m.operations = append(m.operations, op)
		if op.bulkID == "" {
			continue
		}
		if taken[op.bulkID] {
			return nil, scim.InvalidValue("the bulkId " + strconv.Quote(op.bulkID) + " stands at more than one operation")
		}
		taken[op.bulkID] = true
		if op.method == http.MethodPost {
			m.byID[op.bulkID] = op
		}
	}
	for _, op := range m.operations {
		m.collect(op, "", op.data)
		m.collect(op, "path", op.path)
	}
	return m, nil
}

func orZero(text string) string {
	if text == "" {
		return "0"
	}
	return text
}

func parseOperation(a directory.Attributes) *operation {
	op := &operation{}
	text := func(name string, flaw *error) string {
		v, _ := a.Get(name)
		s, ok := v.(string)
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

// known is a method as it may be repeated in an answer and in metrics.
func known(method string) string {
	if method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions {
		return method
	}
	return ""
}

const bulkPrefix = "bulkId:"

// reference reads a text that stands for a resource of the same request: "bulkId:x", or a URL that ends with it.
func reference(text string) (before, id string, ok bool) {
	at := strings.LastIndex(text, bulkPrefix)
	if at < 0 || (at > 0 && text[at-1] != '/') {
		return "", "", false
	}
	return text[:at], text[at+len(bulkPrefix):], true
}

// collect notes the bulkIds that value, which stands under key, refers to.
func (m *bulkMessage) collect(op *operation, key string, value any) {
	switch v := value.(type) {
	case directory.Attributes:
		for _, at := range v {
			m.collect(op, at.Name, at.Value)
		}
	case []any:
		for _, element := range v {
			m.collect(op, key, element)
		}
	case string:
		if strings.EqualFold(key, "path") {
			for id := range quotedReferences(v) {
				op.need(id)
			}
		}
		if _, id, ok := reference(v); ok && (m.byID[id] != nil || refers(key)) {
			op.need(id)
		}
	}
}

func (op *operation) need(id string) {
	if !slices.Contains(op.needs, id) && (op.method != http.MethodPost || id != op.bulkID || id == "") {
		op.needs = append(op.needs, id)
	}
}

// refers reports whether the value under key must be a reference if it looks like one.
func refers(key string) bool {
	return strings.EqualFold(key, "value") || strings.EqualFold(key, "$ref") || strings.EqualFold(key, "path")
}

// quotedReferences gives the bulkIds in the filters of a path: members[value eq "bulkId:x"].
func quotedReferences(path string) map[string]bool {
	out := map[string]bool{}
	for {
		_, rest, ok := strings.Cut(path, `"`+bulkPrefix)
		if !ok {
			return out
		}
		id, after, ok := strings.Cut(rest, `"`)
		if !ok {
			return out
		}
		out[id] = true
		path = after
	}
}

// resolve gives data with references to created resources replaced by their ids. Those to resources that are not there yet
// are left out, with the element or attribute that they stand in; whole is false then.
func (m *bulkMessage) resolve(data directory.Attributes) (out directory.Attributes, whole bool) {
	whole = true
	if data == nil {
		return nil, true
	}
	v, _ := m.value("", data, &whole)
	out, _ = v.(directory.Attributes)
	return out, whole
}

// value is resolve for one value; keep is false if it has to be left out.
func (m *bulkMessage) value(key string, value any, whole *bool) (out any, keep bool) {
	switch v := value.(type) {
	case directory.Attributes:
		fresh := make(directory.Attributes, 0, len(v))
		for _, at := range v {
			resolved, keep := m.value(at.Name, at.Value, whole)
			if !keep {
				if refers(at.Name) { // an element without its value is none
					return nil, false
				}
				continue
			}
			fresh = append(fresh, directory.Attribute{Name: at.Name, Value: resolved})
		}
		return fresh, true
	case []any:
		fresh := make([]any, 0, len(v))
		for _, element := range v {
			if resolved, keep := m.value(key, element, whole); keep {
				fresh = append(fresh, resolved)
			}
		}
		return fresh, true
	case string:
		if strings.EqualFold(key, "path") {
			for id := range quotedReferences(v) {
				if other := m.byID[id]; other != nil && other.created != "" {
					v = strings.ReplaceAll(v, `"`+bulkPrefix+id+`"`, `"`+other.created+`"`)
				}
			}
			return v, true
		}
		before, id, ok := reference(v)
		if !ok || m.byID[id] == nil {
			return v, true
		}
		if m.byID[id].created == "" {
			*whole = false
			return nil, false
		}
		return before + m.byID[id].created, true
	}
	return value, true
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
