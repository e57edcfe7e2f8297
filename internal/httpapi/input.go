package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/web"
)

// mostProblems is how many wrong fields an answer names.
const mostProblems = 20

// param is a field of an input that comes from the path, the query, a header or a cookie.
type param struct {
	in, name string
	field    reflect.StructField
	index    []int
	standard string // what a missing value means
	schema   *huma.Schema
}

// places are the sources of parameters; each is the name of a tag.
func places() []string { return []string{"path", "query", "header", "cookie"} }

// paramsOf finds the parameters of an input, those of embedded structs included.
func paramsOf(t reflect.Type) []param {
	var out []param
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			for _, p := range paramsOf(f.Type) {
				p.index = append([]int{i}, p.index...)
				out = append(out, p)
			}
			continue
		}
		for _, place := range places() {
			if name := f.Tag.Get(place); name != "" {
				out = append(out, param{in: place, name: name, field: f, index: []int{i}, standard: f.Tag.Get("default")})
			}
		}
	}
	return out
}

// value is the value of a parameter in a request. A query parameter that is given more than once is an error.
func (p *param) value(r *http.Request, query map[string][]string) (string, error) {
	text := ""
	switch p.in {
	case "path":
		text = r.PathValue(p.name)
	case "query":
		all := query[p.name]
		if len(all) > 1 {
			return "", errors.New("expected at most one value")
		}
		if len(all) == 1 {
			text = all[0]
		}
	case "header":
		text = r.Header.Get(p.name)
	case "cookie":
		if c, err := r.Cookie(p.name); err == nil {
			text = c.Value
		}
	}
	if text == "" {
		text = p.standard
	}
	return text, nil
}

// set puts text into a field, and returns the value for the validator.
func set(f reflect.Value, text string) (any, error) {
	if f.Type() == reflect.TypeFor[time.Time]() {
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return nil, errors.New("invalid date/time")
		}
		f.Set(reflect.ValueOf(at))
		return text, nil
	}
	switch f.Kind() {
	case reflect.String:
		f.SetString(text)
		return text, nil
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, errors.New("invalid integer")
		}
		f.SetInt(n)
		return n, nil
	case reflect.Uint64:
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return nil, errors.New("invalid integer")
		}
		f.SetUint(n)
		return n, nil
	case reflect.Bool:
		yes, err := strconv.ParseBool(text)
		if err != nil {
			return nil, errors.New("invalid boolean")
		}
		f.SetBool(yes)
		return yes, nil
	}
	panic("httpapi: a parameter cannot be a " + f.Type().String())
}

// readParams reads everything except the body, and returns what is wrong with it.
func (e *endpoint) readParams(r *http.Request, in reflect.Value) []wire.ProblemField {
	query := r.URL.Query()
	var wrong problems
	for name := range query {
		if !slices.ContainsFunc(e.params, func(p param) bool { return p.in == "query" && p.name == name }) {
			wrong.add(name, "there is no query parameter "+name+" here")
		}
	}
	if len(wrong.list) > 0 {
		slices.SortFunc(wrong.list, func(a, b wire.ProblemField) int { return strings.Compare(a.Field, b.Field) })
		return wrong.list
	}
	path, found := huma.NewPathBuffer(nil, 0), &huma.ValidateResult{}
	for i := range e.params {
		p := &e.params[i]
		path.Reset()
		path.Push(p.in)
		path.Push(p.name)
		text, err := p.value(r, query)
		if err != nil {
			found.Add(path, text, err.Error())
			continue
		}
		if text == "" {
			continue
		}
		value, err := set(in.FieldByIndex(p.index), text)
		if err != nil {
			found.Add(path, text, err.Error())
			continue
		}
		huma.Validate(e.doc.Components.Schemas, p.schema, path, huma.ModeWriteToServer, value, found)
	}
	wrong.addAll(found.Errors)
	return wrong.list
}

// parses is how many times a body is parsed: strictly, for the schema, and into the input.
const parses = 3

// readBody reads the body into the input, and answers the request itself if the body is wrong.
func (e *endpoint) readBody(c *Call, in reflect.Value) bool {
	if e.Upload {
		return true
	}
	text, err := c.Response.ReadBody(nil, e.MaxBody)
	switch {
	case directory.CodeOf(err) == directory.TooLarge:
		c.fail(newProblem(directory.TooLarge, http.StatusRequestEntityTooLarge, "the body of the request is longer than "+strconv.FormatInt(e.MaxBody, 10)+" bytes", c.Response.ID), err)
		return false
	case errors.Is(err, web.ErrSlow):
		c.fail(newProblem(directory.Unavailable, http.StatusRequestTimeout, "the body of the request did not arrive in time", c.Response.ID), err)
		return false
	case err != nil:
		e.fail(c, err)
		return false
	}
	if shape, err := directory.MeasureJSON(text, directory.DefaultLimits()); err == nil { // otherwise it is refused below, before it is parsed
		if err := c.Response.Grow(parses*web.Cost(shape) - int64(len(text))); err != nil {
			e.fail(c, err)
			return false
		}
	}
	if !e.hasBody {
		if err := checkNoBody(text); err != nil {
			e.fail(c, err)
			return false
		}
		return true
	}
	if len(text) == 0 {
		if e.needsBody {
			c.fail(newProblem(directory.Invalid, http.StatusBadRequest, "this wants a body: a JSON object", c.Response.ID), &directory.Error{Code: directory.Invalid, Message: "no body"})
		}
		return !e.needsBody
	}
	if !isJSON(c.Response.Request.Header.Get("Content-Type")) {
		err := &directory.Error{Code: directory.Invalid, Message: "the body of the request is not JSON: send it with Content-Type: application/json"}
		c.fail(newProblem(err.Code, http.StatusUnsupportedMediaType, err.Message, c.Response.ID), err)
		return false
	}
	status, wrong := e.decode(text, in.FieldByName("Body").Addr().Interface())
	if len(wrong) > 0 {
		e.refuse(c, status, wrong)
	}
	return len(wrong) == 0
}

// isJSON reports whether a media type is JSON. A client that names none sends JSON.
func isJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "application/json" || strings.HasSuffix(media, "+json"))
}

// decode reads a JSON text into the value that body points to. A text that is not JSON has the status 400. A text that violates
// the schema has the status 422.
func (e *endpoint) decode(text []byte, body any) (status int, wrong []wire.ProblemField) {
	var found problems
	if _, err := directory.ParseJSON(text, directory.DefaultLimits()); err != nil {
		found.add("", "the body: "+err.Error())
		return http.StatusBadRequest, found.list
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		found.add("", "the body: "+err.Error())
		return http.StatusBadRequest, found.list
	}
	path, result := huma.NewPathBuffer(nil, 0), &huma.ValidateResult{}
	path.Push("body")
	huma.Validate(e.doc.Components.Schemas, e.bodySchema, path, huma.ModeWriteToServer, value, result)
	if found.addAll(result.Errors); len(found.list) > 0 {
		return http.StatusUnprocessableEntity, found.list
	}
	if err := json.Unmarshal(text, body); err != nil { // the number is too large for its field
		found.addAll([]error{&huma.ErrorDetail{Location: "body", Message: err.Error()}})
	}
	return http.StatusUnprocessableEntity, found.list
}

// checkNoBody refuses a body if none is read, because its fields would be ignored silently. An empty {} is accepted.
func checkNoBody(text []byte) error {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil
	}
	doc, err := directory.ParseJSON(text, directory.DefaultLimits())
	if err != nil {
		return err
	}
	object, ok := doc.(directory.Attributes)
	switch {
	case !ok:
		return &directory.Error{Code: directory.Invalid, Field: "body", Message: "this takes no body"}
	case len(object) > 0:
		return &directory.Error{Code: directory.Invalid, Field: object[0].Name, Message: "there is no field " + object[0].Name + " here: this takes no body"}
	}
	return nil
}

// problems collects what is wrong with a request, up to mostProblems.
type problems struct{ list []wire.ProblemField }

func (p *problems) add(field, message string) {
	if len(p.list) < mostProblems {
		p.list = append(p.list, wire.ProblemField{Field: field, Message: message})
	}
}

// addAll adds what the validator found.
func (p *problems) addAll(found []error) {
	for _, err := range found {
		if len(p.list) == mostProblems {
			return
		}
		var detail *huma.ErrorDetail
		if errors.As(err, &detail) {
			p.list = append(p.list, problemField(detail))
		} else {
			p.add("", err.Error())
		}
	}
}
