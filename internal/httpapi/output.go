package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"

	"drawbridge/internal/web"
)

type (
	// None is the output of an operation that answers 204.
	None struct{}
	// File is the output of an operation that answers with bytes of another type.
	File struct {
		ContentType string `header:"Content-Type"`
		Disposition string `header:"Content-Disposition"`
		Body        []byte
	}
	// Picture is the output of an operation that answers with a picture, which a page shows. PNG makes it.
	Picture struct {
		ContentType  string `header:"Content-Type"`
		CacheControl string `header:"Cache-Control"`
		Policy       string `header:"Content-Security-Policy"`
		Body         []byte
	}
	// Stream is the output of an operation whose answer is a file too long for memory. If Write fails before it has written
	// anything, the answer is the error. After that the connection is dropped, so that a client does not mistake a part for the whole.
	Stream struct {
		ContentType string
		Disposition string
		Write       func(to io.Writer) error
	}
)

// PNG is a picture that can be kept as the Cache-Control header says. Opened by itself it can load and run nothing.
func PNG(body []byte, keep string) *Picture {
	return &Picture{ContentType: PNGType, CacheControl: keep, Policy: "default-src 'none'; frame-ancestors 'none'", Body: body}
}

// output is how an output becomes a response.
type output struct {
	typ       reflect.Type
	headers   []outputHeader
	hasStatus bool
	hasBody   bool
}

type outputHeader struct {
	name  string
	index int
	field reflect.StructField
}

func outputOf(t reflect.Type) output {
	o := output{typ: t}
	for i := range t.NumField() {
		f := t.Field(i)
		switch name := f.Tag.Get("header"); {
		case name != "":
			if f.Type.Kind() != reflect.String {
				panic("httpapi: the header " + name + " of " + t.String() + " is not a string")
			}
			o.headers = append(o.headers, outputHeader{name: name, index: i, field: f})
		case f.Name == "Status":
			o.hasStatus = true
		case f.Name == "Body":
			o.hasBody = true
		}
	}
	return o
}

// isFile reports whether the answer is a file and not JSON.
func (o *output) isFile() bool {
	return o.typ == reflect.TypeFor[Picture]() || o.typ == reflect.TypeFor[File]() || o.typ == reflect.TypeFor[Stream]()
}

// usualStatus is the status of an operation that names none.
func (o *output) usualStatus() int {
	if o.hasBody || o.isFile() {
		return http.StatusOK
	}
	return http.StatusNoContent
}

// write answers with the output of a handler; nil means neither headers nor a body.
func (e *endpoint) write(c *Call, out any) {
	w := c.Response
	if out == nil {
		w.WriteHeader(e.Status)
		return
	}
	switch other := out.(type) {
	case *Stream:
		e.stream(c, other)
		return
	case *Other:
		if text, ok := encode(c, other.Body); ok {
			w.Header().Set("Content-Type", jsonType)
			w.WriteHeader(http.StatusOK)
			_, _ = w.Write(text) // a client that has gone reads nothing
		}
		return
	}
	v := reflect.ValueOf(out).Elem()
	status := e.Status
	if e.out.hasStatus {
		status = int(v.FieldByName("Status").Int())
	}
	var body []byte
	if e.out.hasBody && !isNil(v.FieldByName("Body")) {
		raw, isRaw := v.FieldByName("Body").Interface().([]byte)
		if body = raw; !isRaw {
			ok := false
			if body, ok = encode(c, v.FieldByName("Body").Interface()); !ok {
				return
			}
			w.Header().Set("Content-Type", jsonType)
		}
	}
	for _, h := range e.out.headers {
		if text := v.Field(h.index).String(); text != "" {
			w.Header().Set(h.name, text)
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone reads nothing
}

// encode writes a body as JSON, and answers the request itself if that is not possible.
func encode(c *Call, body any) ([]byte, bool) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		c.Fail(fmt.Errorf("encode the answer: %w", err))
		return nil, false
	}
	return text.Bytes(), true
}

// isNil reports whether a body is a pointer to nothing.
func isNil(v reflect.Value) bool { return v.Kind() == reflect.Pointer && v.IsNil() }

// stream answers with a file as it is made.
func (e *endpoint) stream(c *Call, s *Stream) {
	to := &lateWriter{w: c.Response, begin: func() {
		c.Response.Header().Set("Content-Type", s.ContentType)
		c.Response.Header().Set("Content-Disposition", s.Disposition)
	}}
	err := s.Write(to)
	switch {
	case err == nil:
		_, _ = to.Write(nil) // an empty file has a type, too; an error means that the client has disconnected
	case to.begun:
		c.Note(web.CutShort{Err: err})
	default:
		e.fail(c, err)
	}
}

// lateWriter begins a response with its first byte, so that an earlier failure can still be answered.
type lateWriter struct {
	w     *web.Response
	begin func()
	begun bool
}

func (l *lateWriter) Write(p []byte) (int, error) {
	if !l.begun {
		l.begun = true
		l.begin()
	}
	return l.w.Write(p)
}
