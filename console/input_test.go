package console_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"drawbridge/console"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

// field is a field of a request, as the document has it.
type field struct {
	name   string // with dots
	schema *openapi3.Schema
}

// fields are those of a schema, with those of the objects in it.
func fields(s *openapi3.Schema, prefix string) []field {
	var out []field
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		property := s.Properties[name].Value
		out = append(out, field{prefix + name, property})
		if property.Type.Is("object") {
			out = append(out, fields(property, prefix+name+".")...)
		}
		if property.Type.Is("array") && property.Items.Value.Type.Is("object") {
			out = append(out, fields(property.Items.Value, prefix+name+"[0].")...)
		}
	}
	return out
}

// with is a body with one field set. What the body has beside it stays.
func with(t *testing.T, body, name string, value any) string {
	t.Helper()
	whole := map[string]any{}
	if err := json.Unmarshal([]byte(body), &whole); err != nil {
		t.Fatal(err)
	}
	at := whole
	parts := strings.Split(name, ".")
	for _, part := range parts[:len(parts)-1] {
		inner := map[string]any{}
		if list, ok := strings.CutSuffix(part, "[0]"); ok {
			if has, ok := at[list].([]any); ok && len(has) > 0 {
				inner, _ = has[0].(map[string]any)
			}
			at[list] = []any{inner}
		} else {
			if has, ok := at[part].(map[string]any); ok {
				inner = has
			}
			at[part] = inner
		}
		at = inner
	}
	at[parts[len(parts)-1]] = value
	text, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// hostile are invalid values of a kind of field, by what is wrong with them.
func hostile(s *openapi3.Schema) map[string]any {
	texts := map[string]string{
		"a bell": "a\ab", "a turned direction": "ab\u202ecd", "an isolate": "ab\u2066cd", "a header": "a@b.example\r\nBcc: c@d.example",
		"an invisible line break": "a\u2028b", "an escape": "\x1b[31mred", "a C1 control": "a\u0085b",
	}
	out := map[string]any{}
	switch {
	case s.Type.Is("string"):
		for what, text := range texts {
			out[what] = text
		}
		out["a number"] = 7
		if s.MaxLength != nil {
			out["more than fits"] = strings.Repeat("x", int(*s.MaxLength)+1)
		}
		if s.MaxLength == nil && len(s.Enum) == 0 && s.Format == "" {
			out["a text without end"] = strings.Repeat("x", 1<<19)
		}
	case s.Type.Is("integer"), s.Type.Is("number"):
		out["a text"], out["more than can be counted"], out["less"] = "x", 1e300, -1e300
	case s.Type.Is("boolean"):
		out["a text"] = "maybe"
	case s.Type.Is("array"):
		out["a text"] = "x"
		if s.Items.Value.Type.Is("string") {
			for what, text := range texts {
				out[what] = []string{text}
			}
		}
		if s.MaxItems == nil {
			out["a list without end"] = make([]string, 100_000)
		}
	case s.Type.Is("object"):
		out["a list"] = []string{}
	}
	return out
}

// open are the fields with any content: secrets, which are never shown, and fields with a parser of their own. The
// second list may have line breaks.
func anything(name string) bool {
	return slices.Contains([]string{"password", "present", "wanted"}, name)
}

func manyLines(name string) bool { return slices.Contains([]string{"address.lines", "csv"}, name) }

// TestEveryFieldIsBounded sends an invalid value in every field of every operation of the document. The answer names the field in words,
// without a pattern or the name of a library.
func TestEveryFieldIsBounded(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil)
	d.do("POST", "/connections", `{"slug":"acme-okta","tenant":"acme","type":"okta"}`, 201, nil)
	victim, _ := d.hire("victim@msp.example", "read_only", directory.Scope{})
	doc := d.document()
	tried := 0
	refused := func(what, name, method, path, body string) {
		t.Helper()
		tried++
		status, p := d.ask(d.handler, method, path, body, "")
		switch {
		case status != 422 || p.Field != name && !strings.HasPrefix(p.Field, name+"["):
			t.Errorf("%s: %d, field %q: %s", what, status, p.Field, p.Detail)
		case !strings.Contains(p.Detail, name) || strings.ContainsAny(p.Detail, "^$\x1b\r\n\a") || strings.Contains(p.Detail, "expected ") || strings.Contains(p.Detail, "json:") || strings.Contains(p.Detail, "its description says"):
			t.Errorf("%s: the answer does not explain it: %q", what, p.Detail)
		}
	}
	for _, r := range console.Routes(d.config) {
		op := doc.Paths.Value(r.Path).GetOperation(r.Method)
		path := concrete(r, "acme", victim)
		base, ok := bodies("acme")[r.ID]
		if !ok {
			base = "{}"
		}
		upload := op.RequestBody != nil && op.RequestBody.Value.Content.Get("application/gzip") != nil // has no fields
		if !upload {
			refused(r.ID+" with an unknown field", "colour", r.Method, path, with(t, base, "colour", "red"))
		}
		body := base // or else the answer is about the body
		if op.RequestBody == nil {
			body = ""
		}
		for _, p := range op.Parameters {
			if p.Value.In != "query" {
				continue
			}
			for what, value := range hostile(p.Value.Schema.Value) {
				if what != "a number" {
					refused(fmt.Sprintf("%s with %s in %s", r.ID, what, p.Value.Name), p.Value.Name, r.Method, path+"?"+p.Value.Name+"="+url.QueryEscape(fmt.Sprint(value)), body)
				}
			}
		}
		if op.RequestBody == nil || upload {
			continue
		}
		for _, f := range fields(op.RequestBody.Value.Content.Get("application/json").Schema.Value, "") {
			for what, value := range hostile(f.schema) {
				isText := !slices.Contains([]string{"a number", "more than fits", "a text without end"}, what) && f.schema.Type.Is("string")
				if isText && (anything(f.name) || manyLines(f.name) && what == "a header") {
					continue
				}
				refused(fmt.Sprintf("%s with %s in %s", r.ID, what, f.name), f.name, r.Method, path, with(t, base, f.name, value))
			}
		}
	}
	if tried < 1000 {
		t.Errorf("only %d tries", tried)
	}
}

// TestErrorsNameFieldAndRule sends the most common mistakes.
func TestErrorsNameFieldAndRule(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme","seats":2}`, 201, nil)
	for _, c := range []struct {
		method, path, body  string
		status              int
		field, rule, detail string
	}{
		{"POST", "/tenants", `{"name":"x","slug":"A_B"}`, 422, "slug", "T1", "slug must be made of a-z, 0-9 and hyphens, with a letter or a digit at either end"},
		{"POST", "/tenants", `{"name":""}`, 422, "name", "T1", "name must not be empty"},
		{"POST", "/tenants", `{"name":"x","seats":"ten"}`, 422, "seats", "B8", "seats must be a whole number"},
		{"POST", "/tenants", `{"name":"x","address":{"country":"Switzerland"}}`, 422, "address.country", "T2", "two letters"},
		{"POST", "/connections", `{"tenant":"acme","type":"oktaa"}`, 422, "type", "C6", `type must be one of okta, entra, google, google-directory, onelogin, jumpcloud, rippling, ping, generic, not "oktaa"`},
		{"POST", "/operators", `{"first_name":"A","last_name":"B","email":"a@b.example","role":"boss"}`, 422, "role", "O1", `not "boss"`},
		{"POST", "/operators", `{"first_name":"A","last_name":"B","role":"owner"}`, 422, "email", "O3", "email is required"},
		{"POST", "/operators", `{"first_name":"A","last_name":"B","email":"nobody","role":"owner"}`, 422, "email", "O3", "e-mail address"},
		{"PATCH", "/tenants/acme", `{"overrides":{"rehire":"maybe"}}`, 422, "rehire", "", "restore"},
		{"POST", "/tenants/acme/support-session", `{"minutes":9000}`, 422, "minutes", "T5", "minutes must be at most 720"},
		{"GET", "/tenants?sort=colour", "", 422, "sort", "T3", `sort must be one of slug, name, status, seats`},
		{"GET", "/tenants/acme/audit/verify?seq=1&hash=zz", "", 422, "hash", "E1", "64"},
		{"GET", "/tenants/acme/visits?from=yesterday", "", 422, "from", "", "must be a time such as"},
	} {
		var p wire.Problem
		d.do(c.method, c.path, c.body, c.status, &p)
		if p.Field != c.field || p.Rule != c.rule || !strings.Contains(p.Detail, c.detail) {
			t.Errorf("%s %s %s: field %q, rule %q: %q", c.method, c.path, c.body, p.Field, p.Rule, p.Detail)
		}
	}
}

// If no field is required, no body means the same as an empty object.
func TestEmptyBodyIsAnEmptyObject(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	d.do("POST", "/tenants", `{"slug":"acme","name":"Acme"}`, 201, nil)
	d.do("POST", "/tenants/acme/support-session", "", 201, nil)
	var p wire.Problem
	d.do("POST", "/tenants", "", 400, &p)
	if !strings.Contains(p.Detail, "wants a body") {
		t.Errorf("problem %+v", p)
	}
}

// An operation that needs no credential reads and parses a few KiB (docs/limits.md). Otherwise an anonymous client decides how much the
// server reads.
func TestBodiesWithoutACredentialAreSmall(t *testing.T) {
	t.Parallel()
	d := newKit(t)
	network := d.network()
	seen := 0
	for _, r := range console.Routes(d.config) {
		if !r.Open || r.Method != http.MethodPost {
			continue
		}
		seen++
		path := strings.ReplaceAll(r.Path, "{link}", "dbl_x")
		body := `{"email":"ada@msp.example","password":"` + strings.Repeat("x", 5000) + `"}`
		if status, p := d.ask(network, r.Method, path, body, ""); status != http.StatusRequestEntityTooLarge || !strings.Contains(p.Detail, "4096") {
			t.Errorf("%s %s: %d %s", r.Method, path, status, p.Detail)
		}
	}
	if seen < 3 {
		t.Errorf("%d operations need no credential", seen)
	}
}
