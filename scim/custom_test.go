package scim_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drawbridge/directory"
	"drawbridge/scim"
)

const (
	badge  = "urn:example:params:scim:schemas:badge:1.0:User"
	device = "urn:example:params:scim:schemas:device:1.0"
)

func badgeSchema() directory.CustomSchema {
	return directory.CustomSchema{ResourceType: "User", Definition: directory.Document(`{
		"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "id": "` + badge + `", "name": "Badge", "description": "Badges", "meta": {},
		"attributes": [
			{"name": "badgeNumber", "type": "string", "required": true, "caseExact": true, "description": "The number", "mutability": "immutable"},
			{"name": "level", "type": "integer"},
			{"name": "weight", "type": "decimal"},
			{"name": "since", "type": "dateTime"},
			{"name": "pin", "mutability": "writeOnly"},
			{"name": "hint", "returned": "request"},
			{"name": "photo", "type": "binary"},
			{"name": "page", "type": "reference"},
			{"name": "tags", "type": "string", "multiValued": true},
			{"name": "doors", "type": "complex", "multiValued": true, "subAttributes": [
				{"name": "value", "type": "string", "required": true},
				{"name": "code", "type": "string", "returned": "never"},
				{"name": "note", "type": "string", "returned": "request"},
				{"name": "$ref", "type": "reference", "referenceTypes": ["Device"]},
				{"name": "primary", "type": "boolean"}]},
			{"name": "locker", "type": "complex", "subAttributes": [{"name": "value", "mutability": "immutable"}, {"name": "key", "type": "string"}]}
		]}`)}
}

func deviceSchema() directory.CustomSchema {
	return directory.CustomSchema{ResourceType: "Device", Endpoint: "/Devices", Definition: directory.Document(`{"id":"` + device + `","name":"Device","attributes":[
		{"name":"serial","required":true,"returned":"always"},{"name":"owner","type":"complex","subAttributes":[{"name":"value"},{"name":"$ref","type":"reference","referenceTypes":["User"]}]}]}`)}
}

func TestCatalogContainsCustomSchemas(t *testing.T) {
	t.Parallel()
	extension := directory.CustomSchema{ResourceType: "device", Required: true, Definition: directory.Document(`{"id":"` + device + `:rented","attributes":[{"name":"from"}]}`)}
	c := catalog(t, extension, badgeSchema(), deviceSchema())
	if len(c.Types) != 3 || len(c.Schemas()) != 6 {
		t.Fatalf("%d types, %d schemas", len(c.Types), len(c.Schemas()))
	}
	devices := c.Type("/Devices")
	if devices == nil || devices.Extension(strings.ToUpper(device+":RENTED")) == nil || !devices.Extensions[0].Required {
		t.Fatalf("%+v", devices)
	}
	target, ok := devices.Resolve(device + ":owner.VALUE")
	if !ok || target.Extension != nil || target.Sub.Name != "value" || target.Sub.Schema != "" || target.Sub.Parent != target.Attribute {
		t.Errorf("%+v", target)
	}
	if target, ok = devices.Resolve(device + ":rented:from"); !ok || target.Extension == nil {
		t.Errorf("%+v", target)
	}
	golden(t, "badge-schema.json", append(c.User.Extension(badge).Definition().Document(), '\n'))

	again, err := scim.ParseSchema(c.User.Extension(badge).Definition().Document())
	if err != nil {
		t.Fatalf("what /Schemas says is not read: %v", err)
	}
	if d := cmp.Diff(string(c.User.Extension(badge).Definition().Document()), string(again.Definition().Document())); d != "" {
		t.Error(d)
	}
}

func TestCustomExtensionValuesAreChecked(t *testing.T) {
	t.Parallel()
	c := catalog(t, badgeSchema())
	tests := []struct{ name, data, want, fail string }{
		{
			name: "all", data: `{"BADGEnumber":"B1","level":3,"weight":1.50,"since":"2026-01-31T10:00:00+01:00","photo":"TUlJ","page":"x","tags":["a","b","a"],"doors":[{"value":"d1","$ref":"x","primary":true}]}`,
			want: `{"badgeNumber":"B1","level":3,"weight":1.50,"since":"2026-01-31T10:00:00+01:00","photo":"TUlJ","page":"x","tags":["a","b"],"doors":[{"value":"d1","$ref":"x","primary":true}]}`,
		},
		{name: "secrets are not kept", data: `{"badgeNumber":"B1","pin":"1234","doors":[{"value":"d1","code":"99"}]}`, want: `{"badgeNumber":"B1","doors":[{"value":"d1"}]}`},
		{name: "numbers in quotes", data: `{"badgeNumber":"B1","level":"-3","weight":"2e3","since":"","photo":""}`, want: `{"badgeNumber":"B1","level":-3,"weight":2e3}`},
		{name: "one tag", data: `{"badgeNumber":"B1","tags":"a"}`, want: `{"badgeNumber":"B1","tags":["a"]}`},
		{name: "required", data: `{"level":3}`, fail: badge + ":badgeNumber is required"},
		{name: "required in an element", data: `{"badgeNumber":"B1","doors":[{"value":"a"},{"primary":true}]}`, fail: badge + ":doors.value is required"},
		{name: "a fraction", data: `{"badgeNumber":"B1","level":1.5}`, fail: badge + ":level must be an integer"},
		{name: "an exponent", data: `{"badgeNumber":"B1","level":1e3}`, fail: ":level must be an integer"},
		{name: "too large", data: `{"badgeNumber":"B1","level":9223372036854775808}`, fail: ":level must be an integer"},
		{name: "a word", data: `{"badgeNumber":"B1","level":"three"}`, fail: ":level must be a number, not a string"},
		{name: "brackets without end", data: `{"badgeNumber":"B1","level":"` + strings.Repeat("[", 20_000_000) + `"}`, fail: ":level must be a number, not a string"},
		{name: "numbers without end", data: `{"badgeNumber":"B1","level":"[` + strings.Repeat("1,", 2_000_000) + `1]"}`, fail: ":level must be a number, not a string"},
		{name: "out of range", data: `{"badgeNumber":"B1","weight":1e999}`, fail: ":weight is out of range"},
		{name: "no instant", data: `{"badgeNumber":"B1","since":"yesterday"}`, fail: ":since must be a dateTime"},
		{name: "a number for an instant", data: `{"badgeNumber":"B1","since":5}`, fail: ":since must be a string"},
		{name: "a boolean for a number", data: `{"badgeNumber":"B1","weight":true}`, fail: ":weight must be a number, not a boolean"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r, _, err := c.User.Decode(object(t, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","`+badge+`"],"userName":"mira","`+badge+`":`+test.data+`}`), scim.DecodeOptions{}, nil)
			if test.fail != "" {
				wantError(t, err, 400, "invalidValue", test.fail)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.want, string(r.UserDraft(nil).Document.Raw(badge))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// D58: returned request and never, in a custom schema.
func TestCustomAttributesObeyReturned(t *testing.T) {
	t.Parallel()
	c := catalog(t, badgeSchema(), deviceSchema())
	u := mira()
	u.Document = directory.Document(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","` + badge + `"],"userName":"mira","` + badge +
		`":{"badgeNumber":"B1","hint":"h","pin":"old","doors":[{"value":"d1","note":"n","code":"old"},{"note":"n"}]}}`)
	for attributes, want := range map[string]string{
		"":                                 `{"badgeNumber":"B1","doors":[{"value":"d1"}]}`,
		badge:                              `{"badgeNumber":"B1","doors":[{"value":"d1"}]}`,
		badge + ":hint":                    `{"hint":"h"}`,
		badge + ":pin":                     ``,
		badge + ":doors":                   `{"doors":[{"value":"d1"}]}`,
		badge + ":doors.code":              ``,
		badge + ":doors.note":              `{"doors":[{"note":"n"},{"note":"n"}]}`,
		badge + ":hint," + badge + ":tags": `{"hint":"h"}`,
	} {
		got, err := c.User.AppendUser(nil, base, u, nil, projection(t, c.User, attributes, ""))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, string(directory.Document(got).Raw(badge))); d != "" {
			t.Errorf("%s: %s", attributes, d)
		}
	}
	x := &directory.Resource{
		ID: id(5), Kind: "Device", Version: 1, Created: u.Created, Modified: u.Modified,
		Document: directory.Document(`{"schemas":["` + device + `"],"serial":"S","externalId":"e"}`),
	}
	devices := c.Type("/Devices")
	got, err := devices.AppendResource(nil, base, x, projection(t, devices, "externalId", ""))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(`{"schemas":["`+device+`"],"id":"01000000-0000-7000-8000-000000000005","serial":"S","externalId":"e"}`, string(got)); d != "" {
		t.Error(d)
	}
	whole, err := devices.AppendResource(nil, base, x, nil)
	if err != nil || !strings.Contains(string(whole), `"location":"`+base+`/Devices/01000000`) || !strings.Contains(string(whole), `"resourceType":"Device"`) {
		t.Errorf("%v %s", err, whole)
	}
}

// G87: immutable attributes in a PUT.
func TestPutKeepsImmutableAttributes(t *testing.T) {
	t.Parallel()
	c := catalog(t, badgeSchema())
	decode := func(data string) scim.Resource {
		t.Helper()
		if data != "" {
			data = `,"` + badge + `":` + data
		}
		r, _, err := c.User.Decode(object(t, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"mira"`+data+`}`), scim.DecodeOptions{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, test := range []struct{ before, put, want, fail string }{
		{``, `{"badgeNumber":"B1"}`, `{"badgeNumber":"B1"}`, ""},
		{`{"badgeNumber":"B1"}`, `{"badgeNumber":"B1","level":2}`, `{"badgeNumber":"B1","level":2}`, ""},
		{`{"badgeNumber":"B1"}`, `{"badgeNumber":"B2"}`, ``, badge + ":badgeNumber is immutable"},
		{`{"badgeNumber":"B1","level":2}`, ``, `{"badgeNumber":"B1"}`, ""},
		{`{"badgeNumber":"B1","locker":{"value":"L1","key":"a"}}`, `{"badgeNumber":"B1","locker":{"key":"b"}}`, `{"badgeNumber":"B1","locker":{"key":"b","value":"L1"}}`, ""},
		{`{"badgeNumber":"B1","locker":{"value":"L1"}}`, `{"badgeNumber":"B1","locker":{"value":"L2"}}`, ``, badge + ":locker.value is immutable"},
		{`{"badgeNumber":"B1","locker":{"value":"L1"}}`, `{"badgeNumber":"B1"}`, `{"badgeNumber":"B1"}`, ""},
	} {
		before, put := decode(test.before), decode(test.put)
		was, given := string(before.Attributes.Document()), string(put.Attributes.Document())
		got, err := put.Over(before)
		if test.fail != "" {
			wantError(t, err, 400, "mutability", test.fail)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(test.want, string(got.UserDraft(nil).Document.Raw(badge))); d != "" {
			t.Errorf("%+v: %s", test, d)
		}
		schemas, _ := got.Attributes.Get("schemas")
		if list, _ := schemas.([]any); len(list) != 2 {
			t.Errorf("%+v: schemas %v", test, schemas)
		}
		if was != string(before.Attributes.Document()) || given != string(put.Attributes.Document()) {
			t.Errorf("%+v: Over changed what it was given", test)
		}
	}
}

func TestRequiredExtensionIsAsked(t *testing.T) {
	t.Parallel()
	required := badgeSchema()
	required.Required = true
	c := catalog(t, required)
	_, _, err := c.User.Decode(object(t, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"mira"}`), scim.DecodeOptions{}, nil)
	wantError(t, err, 400, "invalidValue", badge+" is required")
}

func TestInvalidSchemasAreRefused(t *testing.T) {
	t.Parallel()
	attribute := func(text string) string { return `{"id":"urn:x:y:z","attributes":[` + text + `]}` }
	many := make([]string, 201)
	for i := range many {
		many[i] = fmt.Sprintf(`{"name":"a%d"}`, i)
	}
	for name, test := range map[string]struct{ definition, fail string }{
		"no JSON":                  {`{`, "not JSON"},
		"a name twice in a text":   {`{"id":"a","ID":"b"}`, "occurs twice"},
		"no object":                {`[]`, "must be an object"},
		"no id":                    {`{"attributes":[{"name":"a"}]}`, "id is missing"},
		"id no URN":                {`{"id":"https://x.y/z","attributes":[{"name":"a"}]}`, "not a URN"},
		"id with a hole":           {`{"id":"urn:x::y","attributes":[{"name":"a"}]}`, "not a URN"},
		"a core URN":               {`{"id":"urn:ietf:params:scim:schemas:CORE:2.0:User","attributes":[{"name":"a"}]}`, "standard schemas"},
		"the enterprise URN":       {`{"id":"` + enterprise + `","attributes":[{"name":"a"}]}`, "standard schemas"},
		"a message URN":            {`{"id":"urn:ietf:params:scim:api:messages:2.0:Error","attributes":[{"name":"a"}]}`, "standard schemas"},
		"no attributes":            {`{"id":"urn:x:y:z"}`, "attributes must be an array"},
		"empty attributes":         {`{"id":"urn:x:y:z","attributes":[]}`, "attributes must be an array"},
		"other schemas":            {`{"schemas":["urn:x"],"id":"urn:x:y:z","attributes":[{"name":"a"}]}`, "schemas must contain"},
		"an unknown member":        {`{"id":"urn:x:y:z","members":[],"attributes":[{"name":"a"}]}`, "members is not a member of a schema"},
		"no name":                  {attribute(`{"type":"string"}`), "attributes[0] has no name"},
		"not an object":            {attribute(`"a"`), "attributes[0] must be an object"},
		"a bad name":               {attribute(`{"name":"1a"}`), `"1a"`},
		"a name with a dot":        {attribute(`{"name":"a.b"}`), `"a.b"`},
		"a name with a dollar":     {attribute(`{"name":"$ref"}`), `"$ref"`},
		"a long name":              {attribute(`{"name":"` + strings.Repeat("a", 129) + `"}`), "128"},
		"a reserved name":          {attribute(`{"name":"META"}`), "already"},
		"a name twice":             {attribute(`{"name":"a"},{"name":"A"}`), "A: the name occurs twice"},
		"a sub-attribute twice":    {attribute(`{"name":"a","type":"complex","subAttributes":[{"name":"b"},{"name":"B"}]}`), "a.B: the name occurs twice"},
		"an unknown type":          {attribute(`{"name":"a","type":"text"}`), `a: type must be one of string`},
		"a type that is not text":  {attribute(`{"name":"a","type":5}`), `not a number`},
		"multiValued in quotes":    {attribute(`{"name":"a","multiValued":"true"}`), "a: multiValued must be true or false"},
		"an unknown mutability":    {attribute(`{"name":"a","mutability":"sometimes"}`), "a: mutability must be one of"},
		"an unknown trait":         {attribute(`{"name":"a","multivalue":true}`), "a: multivalue is not a characteristic"},
		"complex without subs":     {attribute(`{"name":"a","type":"complex"}`), "a.subAttributes must be an array"},
		"subs without complex":     {attribute(`{"name":"a","subAttributes":[{"name":"b"}]}`), "only a complex attribute has subAttributes"},
		"two levels":               {attribute(`{"name":"a","type":"complex","subAttributes":[{"name":"b","type":"complex","subAttributes":[{"name":"c"}]}]}`), "a.b: a sub-attribute cannot be complex"},
		"uniqueness":               {attribute(`{"name":"a","uniqueness":"server","type":"boolean"}`), "a: a boolean has two values"},
		"writeOnly and returned":   {attribute(`{"name":"a","mutability":"writeOnly","returned":"always"}`), "a writeOnly attribute is returned never"},
		"readOnly and required":    {attribute(`{"name":"a","mutability":"readOnly","required":true}`), "required and readOnly"},
		"never and required":       {attribute(`{"name":"a","returned":"never","required":true}`), "cannot be required"},
		"referenceTypes":           {attribute(`{"name":"a","referenceTypes":["User"]}`), "only an attribute of type reference"},
		"canonicalValues":          {attribute(`{"name":"a","canonicalValues":[5]}`), "a: canonicalValues must be an array of strings"},
		"too many":                 {attribute(strings.Join(many, ",")), "more than 200 attributes"},
		"too large":                {strings.Repeat(" ", 64<<10+1), "65537 bytes"},
		"several findings at once": {attribute(`{"name":"a","type":"text"},{"name":"b","required":1}`), "; b: required"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := scim.ParseSchema(directory.Document(test.definition))
			wantError(t, err, 400, "invalidValue", test.fail)
		})
	}
}

func TestConflictingSchemasAreRefused(t *testing.T) {
	t.Parallel()
	definition := func(urn string) directory.Document {
		return directory.Document(`{"id":"` + urn + `","attributes":[{"name":"b"}]}`)
	}
	entry := func(resourceType, endpoint, urn string) directory.CustomSchema {
		return directory.CustomSchema{ResourceType: resourceType, Endpoint: endpoint, Definition: definition(urn)}
	}
	for name, test := range map[string]struct {
		custom []directory.CustomSchema
		fail   string
	}{
		"an unknown type":       {[]directory.CustomSchema{entry("Printer", "", "urn:x:y:z")}, `no resource type "Printer"`},
		"a type of SCIM":        {[]directory.CustomSchema{entry("schema", "/Foo", "urn:x:y:z")}, "belongs to SCIM"},
		"a type twice":          {[]directory.CustomSchema{entry("user", "/Foo", "urn:x:y:z")}, "resource type User already"},
		"an endpoint of SCIM":   {[]directory.CustomSchema{entry("Foo", "/bulk", "urn:x:y:z")}, "/bulk belongs to SCIM"},
		"an endpoint twice":     {[]directory.CustomSchema{entry("Foo", "users", "urn:x:y:z")}, "belongs to the resource type User"},
		"an endpoint .search":   {[]directory.CustomSchema{entry("Foo", "/.search", "urn:x:y:z")}, "endpoint"},
		"an endpoint with path": {[]directory.CustomSchema{entry("Foo", "/a/b", "urn:x:y:z")}, "endpoint"},
		"a bad name":            {[]directory.CustomSchema{entry("Foo bar", "/Foo", "urn:x:y:z")}, "resource type"},
		"a URN twice":           {[]directory.CustomSchema{entry("User", "", "urn:x:y:z"), entry("Group", "", "URN:X:Y:Z")}, "schema 2 (for Group): the URN"},
		"URNs that mingle":      {[]directory.CustomSchema{entry("User", "", "urn:x:y:z"), entry("User", "", "urn:x:y:z:B:c")}, "cannot be told from"},
		"a bad definition":      {[]directory.CustomSchema{{ResourceType: "User", Definition: directory.Document(`{}`)}}, "schema 1 (for User): id is missing"},
		"too many":              {make([]directory.CustomSchema, 51), "at most 50"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := scim.NewCatalog(test.custom)
			wantError(t, err, 400, "invalidValue", test.fail)
		})
	}
}
