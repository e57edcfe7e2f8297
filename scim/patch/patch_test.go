package patch

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"drawbridge/directory"
	"drawbridge/scim"
	"drawbridge/scim/filter"
)

// suite is a file of testdata; README.md there says what the fields mean.
type suite struct {
	About string
	Given string
	Cases []*struct {
		Name       string
		Type       string
		IdP        bool `yaml:"idp"`
		Given      string
		Operations string
		Body       string
		Then       string
		Members    []string
		Quirks     []string
		Error      string
	}
}

const badgeSchema = "urn:example:params:scim:schemas:extension:badge-office:2.0:User"

// types gives User, with an extension that has what the standard schemas lack, and Group.
func types(t testing.TB) map[string]*scim.ResourceType {
	t.Helper()
	c, err := scim.NewCatalog(nil)
	if err != nil {
		t.Fatal(err)
	}
	pass := &scim.Attribute{Name: "pass", Type: scim.Complex}
	door := &scim.Attribute{Name: "doors", Type: scim.Complex, MultiValued: true}
	badge := &scim.Schema{URN: badgeSchema, Attributes: []*scim.Attribute{
		{Name: "level", Type: scim.Integer},
		{Name: "number", Type: scim.String, Mutability: scim.Immutable},
		{Name: "tags", Type: scim.String, MultiValued: true},
		{Name: "photo", Type: scim.Binary, CaseExact: true},
		{Name: "pin", Type: scim.String, Mutability: scim.WriteOnly, Returned: scim.ReturnedNever},
		{Name: "printed", Type: scim.DateTime, Mutability: scim.ReadOnly},
		pass, door,
	}}
	pass.Sub = []*scim.Attribute{
		{Name: "code", Type: scim.String, Mutability: scim.Immutable, Parent: pass},
		{Name: "note", Type: scim.String, Parent: pass},
	}
	door.Sub = []*scim.Attribute{
		{Name: "value", Type: scim.String, Mutability: scim.Immutable, Parent: door},
		{Name: "hours", Type: scim.String, MultiValued: true, Parent: door},
	}
	for _, a := range badge.Attributes {
		a.Schema = badgeSchema
		for _, sub := range a.Sub {
			sub.Schema = badgeSchema
		}
	}
	user := *c.User
	user.Extensions = append(user.Extensions[:len(user.Extensions):len(user.Extensions)], scim.Extension{Schema: badge})
	return map[string]*scim.ResourceType{"": &user, "User": &user, "Group": c.Group}
}

func parseJSON(t testing.TB, text string) any {
	t.Helper()
	v, err := directory.ParseJSON([]byte(text), directory.Limits{})
	if err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	return v
}

func parseObject(t testing.TB, text string) directory.Attributes {
	t.Helper()
	object, ok := parseJSON(t, text).(directory.Attributes)
	if !ok {
		t.Fatalf("this is not an object:\n%s", text)
	}
	return object
}

// message wraps operations into the body of a PATCH.
func message(operations any) directory.Attributes {
	return directory.Attributes{
		{Name: "schemas", Value: []any{MessageSchema}},
		{Name: "Operations", Value: operations},
	}
}

func TestOperationsGiveTheirResults(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var s suite
		decoder := yaml.NewDecoder(bytes.NewReader(data))
		decoder.KnownFields(true)
		if err := decoder.Decode(&s); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all := types(t)
		for _, c := range s.Cases {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml")+"/"+c.Name, func(t *testing.T) {
				resource := all[c.Type]
				given := c.Given
				if given == "" {
					given = s.Given
				}
				body := message(nil)
				if c.Body != "" {
					body = parseObject(t, c.Body)
				} else {
					body.Set("Operations", parseJSON(t, c.Operations))
				}
				opts := Options{UnknownPaths: directory.Refuse, MaxOperations: 100}
				if c.IdP {
					opts.UnknownPaths = directory.Ignore
				}
				before := scim.Resource{Type: resource, Attributes: parseObject(t, given)}

				q := &scim.Quirks{}
				p, err := Parse(resource, body, opts, q)
				var after scim.Resource
				if err == nil {
					after, err = p.Apply(before.Clone(), q)
				}
				if err != nil || c.Error != "" {
					checkError(t, err, c.Error)
					return
				}
				if names := strings.Join(q.Strings(), " "); names != strings.Join(c.Quirks, " ") {
					t.Errorf("quirks: %s, want %s", names, strings.Join(c.Quirks, " "))
				}
				if members := strings.Join(edits(p.Members()), "; "); members != strings.Join(c.Members, "; ") {
					t.Errorf("members: %s, want %s", members, strings.Join(c.Members, "; "))
				}
				want := before.Attributes.Clone()
				if c.Then != "" {
					want = parseObject(t, c.Then)
				}
				if _, stated := want.Get("schemas"); !stated {
					after.Attributes.Delete("schemas")
				} else if c.Then == "" {
					after.Attributes.Delete("schemas")
					want.Delete("schemas")
				}
				if !directory.EqualValues(after.Attributes, want) {
					t.Errorf("\n got %s\nwant %s", after.Attributes.Document(), want.Document())
				}
				twice, err := p.Apply(after.Clone(), nil)
				if err != nil {
					t.Fatalf("the same again: %v", err)
				}
				twice.Attributes.Delete("schemas")
				after.Attributes.Delete("schemas")
				if got, want := twice.Attributes.Document(), after.Attributes.Document(); !bytes.Equal(got, want) {
					t.Errorf("the same again changes something:\n%s\n%s", want, got)
				}
			})
		}
	}
}

func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s", want)
	}
	e := scim.ErrorOf(err)
	status, why, _ := strings.Cut(want, ": ")
	if got := strings.TrimSpace(fmt.Sprintf("%d %s", e.Status, e.Type)); got != status || !strings.Contains(e.Detail, why) || want == "" {
		t.Fatalf("got %v, want %q", err, want)
	}
}

// edits writes the steps on a membership for comparison.
func edits(list []directory.MemberEdit) []string {
	var out []string
	for _, e := range list {
		text := [...]string{"add", "remove", "remove where", "replace with"}[e.Op]
		for _, m := range e.Members {
			text += " " + strings.Trim(m.Type+"/"+m.Value, "/")
		}
		if e.Where != nil {
			text += " " + filter.String(e.Where)
		}
		out = append(out, text)
	}
	return out
}

func TestOnlyAPatchThatNamesActiveStatesIt(t *testing.T) {
	t.Parallel()
	resource := types(t)["User"]
	before := scim.Resource{Type: resource, Attributes: parseObject(t, `{"userName":"mira","active":true}`)}
	for operations, want := range map[string]bool{
		`[{"op":"replace","path":"title","value":"x"}]`:             false,
		`[{"op":"replace","path":"active","value":true}]`:           true,
		`[{"op":"Add","path":"active","value":"True"}]`:             true,
		`[{"op":"replace","value":{"title":"x","active":"false"}}]`: true,
		`[{"op":"remove","path":"active"}]`:                         false,
	} {
		p, err := Parse(resource, message(parseJSON(t, operations)), Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		after, err := p.Apply(before.Clone(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if after.ActiveStated != want {
			t.Errorf("%s: active stated is %v", operations, after.ActiveStated)
		}
	}
}

// Hostile requests within the limits of a body are answered in bounded time.
func TestHostileRequestsAreBounded(t *testing.T) {
	t.Parallel()
	resource := types(t)["User"]
	emails := make([]any, 9_000)
	for i := range emails {
		emails[i] = directory.Attributes{{Name: "value", Value: fmt.Sprintf("person-%d@example.test", i)}, {Name: "type", Value: fmt.Sprint(i)}}
	}
	before := scim.Resource{Type: resource, Attributes: directory.Attributes{{Name: "userName", Value: "mira"}, {Name: "emails", Value: emails}}}
	repeat := func(n int, operation string) any {
		one := parseJSON(t, operation)
		list := make([]any, n)
		for i := range list {
			list[i] = one
		}
		return list
	}
	long := `type eq \"x\"` + strings.Repeat(` or value co \"zz\"`, 199)
	for name, operations := range map[string]any{
		"long filters":     repeat(400, `{"op":"remove","path":"emails[`+long+`]"}`),
		"many adds":        repeat(10_000, `{"op":"add","path":"emails","value":[{"value":"x"}]}`),
		"many creations":   repeat(10_000, `{"op":"add","path":"emails[type eq \"x\"].value","value":"x"}`),
		"many subs":        repeat(10_000, `{"op":"replace","path":"emails.display","value":"x"}`),
		"remove all of it": []any{directory.Attributes{{Name: "op", Value: "remove"}, {Name: "path", Value: "emails"}, {Name: "value", Value: emails}}},
		"many replaces":    repeat(10_000, `{"op":"replace","path":"title","value":"x"}`),
		"a long path":      repeat(1, `{"op":"remove","path":"`+strings.Repeat("a", 1<<20)+`"}`),
		"parentheses":      repeat(1, `{"op":"remove","path":"emails[`+strings.Repeat("(", 100_000)+`"}`),
		"brackets":         repeat(1, `{"op":"remove","path":"emails`+strings.Repeat("[", 8_000)+`"}`),
	} {
		start := time.Now()
		p, err := Parse(resource, message(operations), Options{}, nil)
		if err == nil {
			_, err = p.Apply(before.Clone(), nil)
		}
		if e := scim.ErrorOf(err); err != nil && e.Status != 400 && e.Status != 413 {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(start); took > time.Minute { // an unbounded request never ends
			t.Errorf("%s took %v", name, took)
		}
	}
	if _, err := Parse(resource, message(repeat(11, `{"op":"remove","path":"title"}`)), Options{MaxOperations: 10}, nil); scim.ErrorOf(err).Status != 413 {
		t.Errorf("too many operations: %v", err)
	}
}

func sample(t testing.TB) map[string]scim.Resource {
	all := types(t)
	return map[string]scim.Resource{
		"User": {Type: all["User"], Attributes: parseObject(t, `{
			"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
			"userName": "mira@acme.test", "externalId": "00u8k2", "displayName": "Mira Okafor", "title": "Engineer", "active": true,
			"name": {"givenName": "Mira", "familyName": "Okafor"},
			"emails": [
				{"value": "mira@acme.test", "type": "work", "primary": true},
				{"value": "m@home.test", "type": "home"}
			],
			"addresses": [{"type": "work", "locality": "Leeds", "country": "GB"}],
			"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "R&D", "manager": {"value": "u-1", "$ref": "../Users/u-1"}},
			"`+badgeSchema+`": {"level": 3, "number": "A-1", "tags": ["blue"], "doors": [{"value": "d1", "hours": ["am"]}]}
		}`)},
		"Group": {Type: all["Group"], Attributes: parseObject(t, `{
			"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Platform", "externalId": "g"
		}`)},
	}
}

// No body causes a panic, every refusal is the client's fault, and every result passes Check.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.yaml")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var s suite
		if err := yaml.Unmarshal(data, &s); err != nil {
			f.Fatal(err)
		}
		for _, c := range s.Cases {
			body := []byte(c.Body)
			if c.Body == "" {
				body = message(directory.Document(c.Operations)).Document()
			}
			f.Add(body, c.IdP, c.Type == "Group")
		}
	}
	resources := sample(f)
	f.Fuzz(func(t *testing.T, data []byte, lenient, group bool) {
		v, err := directory.ParseJSON(data, directory.DefaultLimits())
		body, ok := v.(directory.Attributes)
		if err != nil || !ok {
			return
		}
		before := resources["User"]
		if group {
			before = resources["Group"]
		}
		opts := Options{UnknownPaths: directory.Refuse, MaxOperations: 1000}
		if lenient {
			opts.UnknownPaths = directory.Ignore
		}
		try(t, before, body, opts)
	})
}

// FuzzApply builds one operation from parts, so that the fuzzer need not invent the JSON around them. An operation that is repeated changes
// nothing more.
func FuzzApply(f *testing.F) {
	for _, op := range []string{"add", "replace", "remove"} {
		f.Add(op, `emails[type eq "work"].value`, `"x@y.test"`, true)
		f.Add(op, `emails`, `[{"value":"x@y.test","primary":true},{"value":"m@home.test","type":"home"}]`, false)
		f.Add(op, scim.EnterpriseSchema+`:manager`, `{"value":"u-2","$ref":null}`, false)
		f.Add(op, badgeSchema+`:doors[value eq "d2"].hours`, `["pm","am","am"]`, true)
		f.Add(op, `name`, `{"middleName":null,"givenName":"M"}`, false)
		f.Add(op, badgeSchema, `{"tags":["blue","red"],"level":null}`, false)
		f.Add(op, `emails[not (type eq "home")]`, `{"primary":"True"}`, true)
		f.Add(op, ``, `{"name.givenName":"x","emails[primary eq true].type":"other"}`, true)
	}
	before := sample(f)["User"]
	f.Fuzz(func(t *testing.T, op, path, value string, lenient bool) {
		v, err := directory.ParseJSON([]byte(value), directory.DefaultLimits())
		if err != nil {
			return
		}
		operation := directory.Attributes{{Name: "op", Value: op}, {Name: "value", Value: v}}
		if path != "" {
			operation = append(operation, directory.Attribute{Name: "path", Value: path})
		}
		opts := Options{UnknownPaths: directory.Refuse}
		if lenient {
			opts.UnknownPaths = directory.Ignore
		}
		p, after := try(t, before, message([]any{operation}), opts)
		if p == nil {
			return
		}
		again, err := p.Apply(after.Clone(), nil)
		if err != nil {
			if e := scim.ErrorOf(err); e.Type == "noTarget" || e.Type == "mutability" {
				return // the element that the path selected is another now
			}
			t.Fatalf("%s %s %s again: %v", op, path, value, err)
		}
		if strings.Contains(path+value, "[") && (path == "" || strings.Contains(path, "[")) {
			return // an operation may change what its own filter selects
		}
		if was, is := after.Attributes.Document(), again.Attributes.Document(); !bytes.Equal(was, is) {
			t.Fatalf("%s %s %s again:\n%s\n%s", op, path, value, was, is)
		}
	})
}

// try parses and applies body, and checks what always holds. It gives nil if the client gets an error.
func try(t *testing.T, before scim.Resource, body directory.Attributes, opts Options) (*Patch, scim.Resource) {
	p, err := Parse(before.Type, body, opts, &scim.Quirks{})
	var after scim.Resource
	if err == nil {
		after, err = p.Apply(before.Clone(), &scim.Quirks{})
	}
	if err != nil {
		if e := scim.ErrorOf(err); e.Status != 400 && e.Status != 413 {
			t.Fatalf("%v", err)
		}
		return nil, after
	}
	written := after.Attributes.Document()
	checked := after.Clone()
	if err := checked.Check(&scim.Quirks{}); err != nil {
		t.Fatalf("the result does not pass Check: %v\n%s", err, written)
	}
	if now := checked.Attributes.Document(); !bytes.Equal(written, now) {
		t.Fatalf("the result is not complete:\n%s\n%s", written, now)
	}
	if other, err := p.Apply(before.Clone(), nil); err != nil || !bytes.Equal(other.Attributes.Document(), written) {
		t.Fatalf("the second time gives something else: %v\n%s\n%s", err, written, other.Attributes.Document())
	}
	return p, after
}

func BenchmarkParseAndApply(b *testing.B) {
	resources := sample(b)
	members := make([]any, 1_000)
	for i := range members {
		members[i] = directory.Attributes{{Name: "value", Value: fmt.Sprintf("2819c223-7f76-453a-919d-%012d", i)}, {Name: "display", Value: "Mira"}}
	}
	for _, bm := range []struct {
		name, kind string
		operations any
	}{
		{"active", "User", parseJSON(b, `[{"op":"replace","value":{"active":false}}]`)},
		{"active and title", "User", parseJSON(b, `[{"op":"replace","path":"active","value":false},{"op":"replace","path":"title","value":"Boss"}]`)},
		{"value path", "User", parseJSON(b, `[{"op":"Replace","path":"emails[type eq \"work\"].value","value":"x@y.test"}]`)},
		{"add 1000 members", "Group", []any{directory.Attributes{{Name: "op", Value: "add"}, {Name: "path", Value: "members"}, {Name: "value", Value: members}}}},
		{"remove a member", "Group", parseJSON(b, `[{"op":"remove","path":"members[value eq \"2819c223-7f76-453a-919d-000000000000\"]"}]`)},
	} {
		body := message(bm.operations)
		before := resources[bm.kind]
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p, err := Parse(before.Type, body, Options{}, nil)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := p.Apply(before.Clone(), nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
