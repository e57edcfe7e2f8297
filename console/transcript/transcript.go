package transcript

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// Options describe a transcript.
type Options struct {
	About          string // the first line
	ConnectionType string
	Anonymous      bool // replace every text that may name a person or a company, always with the same replacement
}

// Write writes exchanges, which come the newest first, as a conversation in the format of scim/testdata: for a bug report, and to be
// played against an empty tenant. Ids from answers become variables. Times and versions are left out. In an anonymous transcript all other ids
// are replaced, too.
func Write(o Options, exchanges []wire.Exchange) string {
	w := transcript{names: map[string]string{}, ids: map[string]string{}}
	if o.Anonymous {
		w.disguise = &disguise{known: map[string]string{}, count: map[string]int{}}
	}
	var notes []string
	n := 0
	for _, e := range slices.Backward(exchanges) {
		switch {
		case e.Gap != "":
			notes = append(notes, fmt.Sprintf("Before step %02d, %d requests are missing (%s).", n+1, e.Missed, e.Gap))
			continue
		case strings.HasPrefix(e.Path, "/oauth2/"):
			continue // it depends on the credential, and a transcript has its own
		}
		n++
		notes = append(notes, w.step(n, &e)...)
	}
	head := o.About + "\n"
	for _, note := range notes {
		head += note + "\n"
	}
	text := w.out.String()
	if w.disguise != nil {
		text = w.disguise.ids(text)
	}
	return head + "\n-- setup --\nconnection: " + o.ConnectionType + "\n" + text
}

// transcript is one on its way.
type transcript struct {
	out      bytes.Buffer
	names    map[string]string // of steps
	ids      map[string]string // id → its name in the transcript
	disguise *disguise
}

// step writes a request and its answer, and returns remarks about them.
func (w *transcript) step(n int, e *wire.Exchange) (notes []string) {
	note := func(format string, args ...any) {
		notes = append(notes, fmt.Sprintf("Step %02d: ", n)+fmt.Sprintf(format, args...))
	}
	operation := strings.ReplaceAll(e.Operation, ".", "-")
	if operation == "" || operation == "none" {
		operation = strings.ToLower(e.Method)
	}
	name := fmt.Sprintf("%02d-%s", n, operation)
	path := strings.TrimPrefix(e.Path, "/scim/v2/"+e.Connection)
	if path == e.Path {
		path = "/" + path // a path of the host
	}
	body, answer := e.Body, e.Answer
	if w.disguise != nil {
		if e.BodyCut { // the rest is unknown, so it cannot be disguised
			body = ""
		}
		if e.AnswerCut {
			answer = ""
		}
		path, body = w.disguise.path(path), w.disguise.body(body)
		answer = w.disguise.body(answer)
	}
	fmt.Fprintf(&w.out, "-- %s.request --\n%s %s\n", name, e.Method, w.known(path))
	for _, h := range e.Headers {
		if h.Name != "Accept" || h.Value != "*/*" {
			fmt.Fprintf(&w.out, "%s: %s\n", h.Name, h.Value)
		}
	}
	if body != "" {
		w.out.WriteString("\n" + w.known(Pretty(body)) + "\n")
	}
	if e.BodyCut {
		note("the body had %d bytes and was cut.", e.BodyBytes)
	}
	if e.BodyNote != "" {
		note("the body of %d bytes was not kept: %s.", e.BodyBytes, e.BodyNote)
	}
	fmt.Fprintf(&w.out, "-- %s.response --\n%d %s\n", name, e.Status, http.StatusText(e.Status))
	switch value, err := directory.ParseJSON([]byte(answer), directory.DefaultLimits()); {
	case answer == "":
	case e.AnswerCut || err != nil:
		note("the answer had %d bytes and is left out.", e.AnswerBytes)
	default:
		text := string(directory.AppendJSON(nil, steady(value)))
		w.capture(value)
		w.out.WriteString("\n" + w.known(Pretty(text)) + "\n")
	}
	return notes
}

// steady is an answer without the parts that differ between servers.
func steady(v any) any {
	switch v := v.(type) {
	case directory.Attributes:
		out := directory.Attributes{}
		for _, a := range v {
			switch a.Name {
			case "meta", "$ref", "location", "version", "detail", "itemsPerPage":
				continue
			}
			out = append(out, directory.Attribute{Name: a.Name, Value: steady(a.Value)})
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = steady(v[i])
		}
		return out
	}
	return v
}

// capture gives the ids of an answer names.
func (w *transcript) capture(v any) {
	switch v := v.(type) {
	case directory.Attributes:
		for _, a := range v {
			if id, ok := a.Value.(string); ok && a.Name == "id" {
				if _, is := directory.ParseID(id); is && w.ids[id] == "" {
					w.ids[id] = "${id" + strconv.Itoa(len(w.ids)+1) + "}"
				}
			}
			w.capture(a.Value)
		}
	case []any:
		for _, one := range v {
			w.capture(one)
		}
	}
}

// known replaces ids by their names.
func (w *transcript) known(text string) string {
	if len(w.ids) == 0 {
		return text
	}
	pairs := make([]string, 0, 2*len(w.ids))
	for id, name := range w.ids {
		pairs = append(pairs, id, name)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Pretty puts JSON onto several lines. Text that is not JSON stays unchanged on one line.
func Pretty(text string) string {
	var b bytes.Buffer
	if json.Indent(&b, []byte(text), "", "  ") != nil {
		return strings.ReplaceAll(text, "\n", " ")
	}
	return b.String()
}
