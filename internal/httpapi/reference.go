package httpapi

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

var (
	//go:embed reference.html
	referencePage string
	//go:embed reference.css
	referenceStyle string
)

// serveReference serves the reference for people. It is made at the first request: by then all operations are registered.
func (a *API) serveReference() {
	pattern := "GET " + a.cfg.Prefix + "/reference"
	a.open[pattern] = true
	page := sync.OnceValues(func() ([]byte, error) { return reference(a.doc, a.cfg.Prefix+"/openapi.json") })
	a.mux.HandleFunc(pattern, func(_ http.ResponseWriter, r *http.Request) {
		c := CallOf(r.Context())
		text, err := page()
		if err != nil {
			c.Fail(err)
			return
		}
		sum := sha256.Sum256([]byte(referenceStyle))
		h := c.Response.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		_, _ = c.Response.Write(text) // a client that has gone reads nothing
	})
}

// What the template shows.
type (
	refPage struct {
		Title, About, Document string
		Style                  template.CSS
		Tags                   []refTag
		Schemas                []refSchema
	}
	refTag struct {
		Name, About string
		Operations  []refOperation
	}
	refOperation struct {
		ID, Method, Path, Summary, About, Needs string
		Parameters                              []refField
		Body                                    refContent
		Answers                                 []refAnswer
	}
	refAnswer struct {
		Status, About string
		Content       refContent
	}
	refContent struct{ Schema, Kind string } // the name of a schema, or else the media type
	refField   struct {
		Name, In, Type, Schema, About string
		Required                      bool
	}
	refSchema struct {
		Name, About string
		Fields      []refField
	}
)

// reference makes the page of a document that is served at path.
func reference(spec *huma.OpenAPI, path string) ([]byte, error) {
	page := refPage{Title: spec.Info.Title, About: spec.Info.Description, Document: path, Style: template.CSS(referenceStyle)} //nolint:gosec // our own style sheet
	for _, t := range spec.Tags {
		page.Tags = append(page.Tags, refTag{Name: t.Name, About: t.Description})
	}
	for _, at := range slices.Sorted(maps.Keys(spec.Paths)) {
		item := spec.Paths[at]
		for _, o := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if o == nil || len(o.Tags) == 0 {
				continue
			}
			i := slices.IndexFunc(page.Tags, func(t refTag) bool { return t.Name == o.Tags[0] })
			if i < 0 {
				page.Tags = append(page.Tags, refTag{Name: o.Tags[0]})
				i = len(page.Tags) - 1
			}
			page.Tags[i].Operations = append(page.Tags[i].Operations, refOperationOf(o))
		}
	}
	schemas := spec.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		page.Schemas = append(page.Schemas, refSchema{Name: name, About: schemas[name].Description, Fields: refFields(schemas[name])})
	}
	t, err := template.New("reference").Parse(referencePage)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, page)
	return out.Bytes(), err
}

func refOperationOf(o *huma.Operation) refOperation {
	out := refOperation{ID: o.OperationID, Method: o.Method, Path: o.Path, Summary: o.Summary, About: o.Description}
	if o.Security != nil && len(o.Security) == 0 {
		out.Needs = "no credential"
	}
	for _, p := range o.Parameters {
		f := refField{Name: p.Name, In: p.In, About: p.Description, Required: p.Required}
		if p.Schema != nil {
			f.Type, f.Schema = refType(p.Schema)
			f.About = cmp.Or(f.About, p.Schema.Description)
		}
		out.Parameters = append(out.Parameters, f)
	}
	if o.RequestBody != nil {
		out.Body = refContentOf(o.RequestBody.Content)
	}
	for _, status := range slices.Sorted(maps.Keys(o.Responses)) {
		a := o.Responses[status]
		out.Answers = append(out.Answers, refAnswer{status, a.Description, refContentOf(a.Content)})
	}
	return out
}

func refContentOf(content map[string]*huma.MediaType) refContent {
	if len(content) == 0 {
		return refContent{}
	}
	out := refContent{Kind: slices.Sorted(maps.Keys(content))[0]}
	if s := content[out.Kind].Schema; s != nil {
		_, out.Schema = refType(s)
	}
	return out
}

func refFields(s *huma.Schema) []refField {
	var out []refField
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		f := refField{Name: name, About: p.Description, Required: slices.Contains(s.Required, name)}
		f.Type, f.Schema = refType(p)
		out = append(out, f)
	}
	return out
}

// refType describes a schema in a few words, and names the schema that it refers to.
func refType(s *huma.Schema) (text, schema string) {
	if s.Ref != "" {
		name := s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
		return name, name
	}
	if s.Type == huma.TypeArray && s.Items != nil {
		inner, name := refType(s.Items)
		return "list of " + inner, name
	}
	text = cmp.Or(s.Format, s.Type)
	if len(s.Enum) > 0 {
		var values []string
		for _, v := range s.Enum {
			if value, ok := v.(string); ok {
				values = append(values, value)
			}
		}
		text = strings.Join(values, " | ")
	}
	return text, ""
}
