package scim_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drawbridge/directory"
	"drawbridge/scim"
)

func catalog(tb testing.TB, custom ...directory.CustomSchema) *scim.Catalog {
	tb.Helper()
	c, err := scim.NewCatalog(custom)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func object(tb testing.TB, text string) directory.Attributes {
	tb.Helper()
	v, err := directory.ParseJSON([]byte(text), directory.DefaultLimits())
	if err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	a, ok := v.(directory.Attributes)
	if !ok {
		tb.Fatalf("%s is not an object", text)
	}
	return a
}

func wantError(t *testing.T, err error, status int, scimType, detail string) {
	t.Helper()
	var e *scim.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want %d %s", err, status, scimType)
	}
	if e.Status != status || e.Type != scimType || !strings.Contains(e.Detail, detail) {
		t.Fatalf("got %v, want %d %s about %q", e, status, scimType, detail)
	}
}

const (
	head       = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"mira"`
	enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
)

// The cases are named by the rows of the checklist of RFC 7643 (D, E, G) and of docs/quirks.md (Q). want is the stored document without its
// common beginning; fail is a part of the detail of a 400 invalidValue.
func TestDecodeUser(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body, want, fail string
		quirks                 []string
	}{
		{
			name: "D42 names have no case", body: head + `,"DISPLAYNAME":"M","Name":{"GivenName":"Mira"}`,
			want: `"displayName":"M","name":{"givenName":"Mira"}`, quirks: []string{"name.case"},
		},
		{
			name: "Q23 names of sub-attributes", body: head + `,"emails":[{"Value":"a@b.c","Primary":true}]`,
			want: `"emails":[{"value":"a@b.c","primary":true}]`, quirks: []string{"name.case"},
		},
		{name: "D43 a string where an object belongs", body: head + `,"name":"Mira"`, fail: "name must be an object"},
		{name: "D43 a boolean where a string belongs", body: head + `,"title":true`, fail: "title must be a string"},
		{name: "D43 an object where a string belongs", body: head + `,"title":{"a":"b"}`, fail: "title must be a string"},
		{name: "D43 two values where one belongs", body: head + `,"title":["a","b"]`, fail: "title must be a single value, not an array of 2"},
		{name: "D43 an array in an array", body: head + `,"title":[["a"]]`, fail: "title must be a single value"},
		{name: "D43 an empty object where a string belongs", body: head + `,"displayName":{}`, fail: "displayName must be a string, not an object"},
		{name: "D43 an empty object where a boolean belongs", body: head + `,"active":{}`, fail: "active must be true or false, not an object"},
		{name: "D43 an empty object as a sub-attribute", body: head + `,"name":{"givenName":{}}`, fail: "name.givenName must be a string, not an object"},
		{name: "D43 an array as an element", body: head + `,"emails":[["a@b.c","d@e.f"]]`, fail: "emails[0] must be a single value, not an array of 2"},
		{name: "D43 a string where a list of objects belongs", body: head + `,"emails":"not-an-array"`, fail: "emails must be an array"},
		{name: "D43 a boolean as an element", body: head + `,"emails":[{"value":"a@b.c"},true]`, fail: "emails[1] must be an object"},
		{name: "D43 a wrong sub-attribute", body: head + `,"emails":[{"value":"a@b.c"},{"value":{"x":"y"}}]`, fail: "emails[1].value must be a string"},
		{name: "D43 a word for a boolean", body: head + `,"active":"maybe"`, fail: "active must be true or false, not a string"},
		{name: "D43 a number for a boolean", body: head + `,"active":1`, fail: "active must be true or false"},
		{name: "D43 an empty string for a boolean", body: head + `,"active":""`, fail: "active must be true or false"},
		{name: "D43 a wrong value in an extension", body: head + `,"` + enterprise + `":{"manager":{"value":true}}`, fail: enterprise + ":manager.value must be a string"},
		{name: "D43 an extension that is not an object", body: head + `,"` + enterprise + `":"x"`, fail: enterprise + " must be an object of attributes"},
		{name: "D43 binary is base64", body: head + `,"x509Certificates":[{"value":"MIIB*"}]`, fail: "x509Certificates[0].value must be base64"},
		{name: "D43 binary with line breaks", body: head + `,"x509Certificates":[{"value":"TUlJ\nQg=="}]`, want: `"x509Certificates":[{"value":"TUlJ\nQg=="}]`},
		{
			name: "D44 Q20 two primaries", body: head + `,"emails":[{"value":"","primary":true},{"value":"b@x.y","type":"home","primary":true},{"value":"c@x.y","primary":true}]`,
			want:   `"emails":[{"value":"","primary":false},{"value":"b@x.y","type":"home","primary":true},{"value":"c@x.y","primary":false}]`,
			quirks: []string{"primary.several"},
		},
		{
			name: "D45 the same pair twice", body: head + `,"emails":[{"value":"a@x.y","type":"work"},{"type":"work","value":"a@x.y","primary":true},{"value":"a@x.y","type":"home"}]`,
			want:   `"emails":[{"value":"a@x.y","type":"work","primary":true},{"value":"a@x.y","type":"home"}]`,
			quirks: []string{"values.duplicate"},
		},
		{name: "D46 null, [] and {} are unassigned", body: head + `,"title":null,"emails":[],"name":{},"` + enterprise + `":{"manager":null}`},
		{name: "an element that is null", body: head + `,"roles":[{"value":"a"},null]`, fail: "roles[1] has no value"},
		{name: "an element that is empty", body: head + `,"roles":[{}]`, fail: "roles[0] has no value"},
		{name: "an empty object for a list", body: head + `,"roles":{}`, fail: "roles[0] has no value"},
		{name: "an element whose members are null", body: head + `,"addresses":[{"country":null}]`, fail: "addresses[0] has no value"},
		{name: "an element of what no schema knows", body: head + `,"emails":[{"address":"a@b.c"}]`, fail: "emails[0] has no value"},
		{name: "an element that is an empty text", body: head + `,"emails":[""]`, fail: "emails[0] has no value"},
		{name: "a list of nothing for a single value", body: head + `,"title":[null]`, fail: "title must be a single value"},
		{
			name: "D46 null inside", body: head + `,"addresses":[{"country":null,"type":"work"}],"name":{"givenName":null,"familyName":"O"}`,
			want: `"addresses":[{"type":"work"}],"name":{"familyName":"O"}`,
		},
		{name: "D47 the URN of an extension without data leaves", body: `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","` + enterprise + `"],"userName":"mira"`},
		{name: "D49 externalId is kept as it is", body: head + `,"externalId":"Ab C"`, want: `"externalId":"Ab C"`},
		{name: "D51 no userName", body: `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"emails":[{"value":"a@b.c","primary":true}]`, fail: "userName is required"},
		{name: "D51 an empty userName", body: `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":""`, fail: "userName is required"},
		{name: "D51 a blank userName", body: `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":" \t"`, fail: "userName is required"},
		{name: "D51 a null userName", body: `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":null`, fail: "userName is required"},
		{name: "D51 a long userName", body: `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"` + strings.Repeat("x", 1025) + `"`, fail: "userName must not be longer than 1024 bytes"},
		{name: "D49 a long externalId", body: head + `,"externalId":"` + strings.Repeat("x", 1025) + `"`, fail: "externalId must not be longer"},
		{name: "O141 a long string", body: head + `,"title":"` + strings.Repeat("x", 64<<10+1) + `"`, fail: "title must not be longer"},
		{name: "D52 Q40 a password is thrown away", body: head + `,"password":"q7RandomPw","title":"T"`, want: `"title":"T"`, quirks: []string{"password.discarded"}},
		{
			name: "D53 D57 E62 Q37 read-only attributes are ignored", body: head + `,"id":"1","meta":{"version":"x"},"groups":[{"value":"g"}],"title":"T"`,
			want: `"title":"T"`, quirks: []string{"read_only.ignored"},
		},
		{
			name: "D57 a read-only sub-attribute", body: head + `,"` + enterprise + `":{"manager":{"value":"m","displayName":"Boss"}}`,
			want: `"` + enterprise + `":{"manager":{"value":"m"}}`, quirks: []string{"read_only.ignored", "schemas.missing_extension"},
		},
		{name: "D54 types that are not canonical", body: head + `,"emails":[{"value":"a@b.c","type":"yacht"}]`, want: `"emails":[{"value":"a@b.c","type":"yacht"}]`},
		{
			name: "D56 the enterprise extension", body: `"schemas":["` + enterprise + `","urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"mira","` + strings.ToUpper(enterprise) +
				`":{"employeeNumber":"1","costCenter":"2","organization":"3","division":"4","department":"5","manager":{"value":"6","$ref":"../Users/6"}}`,
			want: `"` + enterprise + `":{"employeeNumber":"1","costCenter":"2","organization":"3","division":"4","department":"5","manager":{"value":"6","$ref":"../Users/6"}}`,
		},
		{
			name: "E63 Q41 unknown attributes", body: head + `,"shoeSize":43,"unknown":null,"name":{"nick":"x","givenName":"M"},"urn:x:y":{"a":"b"}`,
			want: `"name":{"givenName":"M"}`, quirks: []string{"attribute.unknown"},
		},
		{
			name: "E66 what Okta creates", body: head + `,"externalId":"00u","groups":[],"password":"q","active":true,"emails":[{"primary":true,"value":"m@x.y","type":"work"}]`,
			want: `"externalId":"00u","emails":[{"primary":true,"value":"m@x.y","type":"work"}]`, quirks: []string{"password.discarded"},
		},
		{name: "E66 what Entra creates", body: head + `,"meta":{"resourceType":"User"},"roles":[]`, quirks: []string{"read_only.ignored"}},
		{name: "O140 text is kept as it is", body: head + `,"title":" \u202eπ\u0001\ud83d\ude00\\\" "`, want: `"title":" ` + "\u202eπ" + `\u0001😀\\\" "`},
		{
			name: "Q2 booleans as strings", body: head + `,"active":"False","emails":[{"value":"a@b.c","primary":"True"}]`,
			want: `"emails":[{"value":"a@b.c","primary":true}]`, quirks: []string{"boolean.string"},
		},
		{
			name: "Q16 manager as a string", body: head + `,"` + enterprise + `":{"manager":"u-1"}`, want: `"` + enterprise + `":{"manager":{"value":"u-1"}}`,
			quirks: []string{"value.bare", "schemas.missing_extension"},
		},
		{
			name: "Q16 manager as a list", body: head + `,"` + enterprise + `":{"manager":[{"$ref":null,"value":"u-1"}]}`, want: `"` + enterprise + `":{"manager":{"value":"u-1"}}`,
			quirks: []string{"array.unwrapped", "ref.null", "schemas.missing_extension"},
		},
		{
			name: "Q16 managerId", body: head + `,"` + enterprise + `":{"manager":{"managerId":"u-1","displayName":"Boss"}}`, want: `"` + enterprise + `":{"manager":{"value":"u-1"}}`,
			quirks: []string{"manager.id", "read_only.ignored", "schemas.missing_extension"},
		},
		{name: "Q16 an empty managerId", body: head + `,"` + enterprise + `":{"manager":{"managerId":""}}`, want: "", quirks: []string{"manager.id", "value.empty"}},
		{name: "an empty manager with more", body: head + `,"` + enterprise + `":{"manager":{"value":"","displayName":"Boss","boss":"x"}}`, want: "", quirks: []string{"read_only.ignored", "attribute.unknown", "value.empty"}},
		{name: "a number for a string", body: head + `,"displayName":12345,"` + enterprise + `":{"employeeNumber":555111}`, want: `"displayName":"12345","` + enterprise + `":{"employeeNumber":"555111"}`, quirks: []string{"string.number", "schemas.missing_extension"}},
		{name: "a number as an element", body: head + `,"phoneNumbers":[5550100]`, want: `"phoneNumbers":[{"value":"5550100"}]`, quirks: []string{"value.bare", "string.number"}},
		{name: "a boolean in any case", body: head + `,"emails":[{"value":"a@b.c","primary":"TRUE"}]`, want: `"emails":[{"value":"a@b.c","primary":true}]`, quirks: []string{"boolean.string"}},
		{name: "an object around a value", body: head + `,"title":{"Value":"T","$ref":null},"nickName":[{"value":"N"}]`, want: `"title":"T","nickName":"N"`, quirks: []string{"value.wrapped", "array.unwrapped"}},
		{name: "an object around a complex value", body: head + `,"name":{"value":{"givenName":"G","familyName":"F"}}`, want: `"name":{"givenName":"G","familyName":"F"}`, quirks: []string{"value.wrapped"}},
		{name: "an object around one of two values", body: head + `,"name":{"value":{"givenName":"G"},"familyName":"F"}`, want: `"name":{"familyName":"F"}`, quirks: []string{"attribute.unknown"}},
		{name: "a list around an element", body: head + `,"emails":[["a@b.c"]]`, want: `"emails":[{"value":"a@b.c"}]`, quirks: []string{"array.unwrapped", "value.bare"}},
		{name: "an address for a list", body: head + `,"emails":"a@b.c"`, want: `"emails":[{"value":"a@b.c"}]`, quirks: []string{"array.wrapped", "value.bare"}},
		{name: "an empty text for a list", body: head + `,"emails":""`, quirks: []string{"value.empty"}},
		{
			name: "JSON as text", body: head + `,"emails":"[{\"value\":\"a@b.c\"}]","name":"{\"givenName\":\"M\"}","entitlements":["{\"value\":\"e\"}"],"ims":[{"value":"{\"value\":\"i\",\"type\":\"x\"}","type":"y"}]`,
			want:   `"emails":[{"value":"a@b.c"}],"name":{"givenName":"M"},"entitlements":[{"value":"e"}],"ims":[{"value":"i","type":"y"}]`,
			quirks: []string{"json.text"},
		},
		{
			name: "URN keys of the core schema", body: head + `,"urn:ietf:params:scim:schemas:core:2.0:User":{"title":"T","name":{"givenName":"M"}},"URN:ietf:params:scim:schemas:core:2.0:User:nickName":"N","urn:ietf:params:scim:schemas:core:2.0:User:name.familyName":"O"`,
			want: `"title":"T","name":{"givenName":"M","familyName":"O"},"nickName":"N"`, quirks: []string{"value.path_keys"},
		},
		{
			name: "flat keys", body: head + `,"name.givenName":"M","name":{"familyName":"O"},"name.honorificPrefix":"Dr"`,
			want: `"name":{"givenName":"M","familyName":"O","honorificPrefix":"Dr"}`, quirks: []string{"value.path_keys"},
		},
		{
			name: "flat keys of an extension", body: head + `,"` + enterprise + `:department":"Ops","` + enterprise + `":{"division":"D","manager.value":"m"},"` + enterprise + `:manager.$ref":"x","` + enterprise + `.costCenter":7`,
			want:   `"` + enterprise + `":{"department":"Ops","division":"D","manager":{"value":"m","$ref":"x"},"costCenter":"7"}`,
			quirks: []string{"value.path_keys", "schemas.missing_extension", "schemas.alias", "string.number"},
		},
		{
			name: "an attribute of an extension without its URN", body: head + `,"department":"Ops","manager":"m"`,
			want: `"` + enterprise + `":{"department":"Ops","manager":{"value":"m"}}`, quirks: []string{"extension.bare", "value.path_keys", "schemas.missing_extension", "value.bare"},
		},
		{name: "a read-only attribute under a flat key", body: head + `,"` + enterprise + `:manager.displayName":"B","meta.version":"x","urn:ietf:params:scim:schemas:core:2.0:User:id":"x"`, quirks: []string{"value.path_keys", "read_only.ignored"}},
		{name: "one attribute under two keys", body: head + `,"title":"T","urn:ietf:params:scim:schemas:core:2.0:User:title":"T"`, want: `"title":"T"`, quirks: []string{"value.path_keys"}},
		{name: "two values for one attribute", body: head + `,"title":"T","urn:ietf:params:scim:schemas:core:2.0:User:title":"U"`, fail: "title occurs under two names"},
		{name: "two values for one sub-attribute", body: head + `,"name":{"givenName":"M"},"name.givenName":"N"`, fail: "name.givenName occurs under two names"},
		{name: "a schema that is not an object", body: head + `,"urn:ietf:params:scim:schemas:core:2.0:User":5`, fail: "must be an object of attributes"},
		{name: "display wins over displayName", body: head + `,"roles":[{"value":"a","displayName":"A","display":"B"}]`, want: `"roles":[{"value":"a","display":"B"}]`, quirks: []string{"attribute.unknown"}},
		{name: "Q16 an element as a string", body: head + `,"emails":["a@b.c"]`, want: `"emails":[{"value":"a@b.c"}]`, quirks: []string{"value.bare"}},
		{name: "Q17 a list for a single value", body: head + `,"title":["T"]`, want: `"title":"T"`, quirks: []string{"array.unwrapped"}},
		{
			name: "Q18 a role as JSON text", body: head + `,"roles":[{"value":"{\"id\":\"5f\",\"value\":\"Admin\",\"displayName\":\"Administrator\"}"}]`,
			want: `"roles":[{"value":"Admin","display":"Administrator"}]`, quirks: []string{"json.text", "display.name"},
		},
		{name: "Q18 text that is not JSON stays", body: head + `,"roles":[{"value":"{admin"},{"value":"{}"}]`, want: `"roles":[{"value":"{admin"},{"value":"{}"}]`},
		{name: "Q18 displayName for display", body: head + `,"roles":[{"value":"Admin","displayName":"A"}]`, want: `"roles":[{"value":"Admin","display":"A"}]`, quirks: []string{"display.name"}},
		{
			name: "Q19 emails as an object", body: head + `,"emails":{"value":"a@b.c","type":"work","primary":true}`,
			want: `"emails":[{"value":"a@b.c","type":"work","primary":true}]`, quirks: []string{"array.wrapped"},
		},
		{
			name: "Q21 OneLogin's URNs", body: `"schemas":["urn:scim:schemas:core:2.0","urn:scim:schemas:extension:enterprise:2.0"],"userName":"mira","urn:scim:schemas:extension:enterprise:2.0":{"department":"R&D"}`,
			want: `"` + enterprise + `":{"department":"R&D"}`, quirks: []string{"schemas.alias"},
		},
		{name: "Q21 the URN in another case", body: `"schemas":["URN:ietf:params:scim:schemas:core:2.0:user"],"userName":"mira"`, quirks: []string{"name.case"}},
		{name: "Q21 the URN as JSON text", body: `"schemas":"[\"urn:ietf:params:scim:schemas:core:2.0:User\"]","userName":"mira"`, quirks: []string{"json.text"}},
		{
			name: "Q21 SCIM 1.1", body: `"schemas":["urn:scim:schemas:core:1.0"],"userName":"mira","urn:scim:schemas:extension:enterprise:1.0":{"department":"R&D"}`,
			want: `"` + enterprise + `":{"department":"R&D"}`, quirks: []string{"schemas.alias", "schemas.missing_extension"},
		},
		{
			name: "Q21 Entra's mistyped URN", body: head + `,"urn:ietf:params:scim:schemas:extension:enterprise:2.0User":{"department":"R&D"}`,
			want: `"` + enterprise + `":{"department":"R&D"}`, quirks: []string{"schemas.alias", "schemas.missing_extension"},
		},
		{
			name: "Q21 an extension under both names", body: head + `,"urn:scim:schemas:extension:enterprise:1.0":{"department":"A","division":"D"},"` + enterprise + `":{"department":"A","costCenter":"C"}`,
			want: `"` + enterprise + `":{"department":"A","division":"D","costCenter":"C"}`, quirks: []string{"schemas.alias", "schemas.missing_extension"},
		},
		{name: "Q21 an unknown URN beside the base", body: `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:x:y"],"userName":"mira"`, quirks: []string{"schemas.unknown"}},
		{name: "Q21 no schemas (E61 i)", body: `"userName":"mira"`, quirks: []string{"schemas.missing"}},
		{name: "Q21 an empty list of schemas", body: `"userName":"mira","schemas":[]`, quirks: []string{"schemas.missing"}},
		{name: "Q21 a variant of the URN", body: `"userName":"mira","schemas":["urn:ietf:params:scim:schemas:core:1.0:user"]`, quirks: []string{"schemas.alias"}},
		{name: "Q21 schemas as a string", body: `"schemas":"urn:ietf:params:scim:schemas:core:2.0:User","userName":"mira"`, quirks: []string{"array.wrapped"}},
		{
			name: "Q22 extension data without its URN", body: head + `,"` + enterprise + `":{"department":"R&D"}`,
			want: `"` + enterprise + `":{"department":"R&D"}`, quirks: []string{"schemas.missing_extension"},
		},
		{
			name: "Q66 verbatim", body: head + `,"phoneNumbers":[{"value":"+1 (555) 0100 ext. 7"}],"emails":[{"value":"MiRa@ACME.test"}],"timezone":""`,
			want: `"phoneNumbers":[{"value":"+1 (555) 0100 ext. 7"}],"emails":[{"value":"MiRa@ACME.test"}],"timezone":""`,
		},
	}
	c := catalog(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			body := object(t, "{"+test.body+"}")
			before := body.Document()
			var q scim.Quirks
			r, members, err := c.User.Decode(body, scim.DecodeOptions{}, &q)
			if d := cmp.Diff(string(before), string(body.Document())); d != "" {
				t.Errorf("the body was changed:\n%s", d)
			}
			if test.fail != "" {
				wantError(t, err, 400, "invalidValue", test.fail)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if members != nil {
				t.Error("a user has members")
			}
			want := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"`
			if strings.Contains(test.want, enterprise) {
				want += `,"` + enterprise + `"`
			}
			want += `],"userName":"mira"`
			if test.want != "" {
				want += "," + test.want
			}
			draft := r.UserDraft(&q)
			if d := cmp.Diff(want+"}", string(draft.Document)); d != "" {
				t.Errorf("document (-want +got):\n%s", d)
			}
			if d := cmp.Diff(test.quirks, draft.Deviations); d != "" {
				t.Errorf("quirks (-want +got):\n%s", d)
			}
		})
	}
}

// D47, E61: schemas that do not name the resource type.
func TestSchemasMustNameTheType(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for name, schemas := range map[string]string{
		"another type":       `["urn:ietf:params:scim:schemas:core:2.0:Group"]`,
		"unknown":            `["urn:x:y"]`,
		"an extension alone": `["` + enterprise + `"]`,
		"a number":           `5`,
		"an object":          `{"a":"b"}`,
		"an empty object":    `{}`,
		"of numbers":         `[5]`,
		"of null":            `[null]`,
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := c.User.Decode(object(t, `{"schemas":`+schemas+`,"userName":"mira"}`), scim.DecodeOptions{}, nil)
			wantError(t, err, 400, "invalidSyntax", "schemas must")
		})
	}
	upper := strings.ToUpper(c.User.Core.URN)
	if _, _, err := c.User.Decode(object(t, `{"SCHEMAS":["`+upper+`"],"userName":"mira"}`), scim.DecodeOptions{}, nil); err != nil {
		t.Errorf("URNs have no case: %v", err)
	}
	// Entra ID lists a URN of its own for groups.
	var q scim.Quirks
	body := object(t, `{"schemas":["http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],"displayName":"G"}`)
	if _, _, err := c.Group.Decode(body, scim.DecodeOptions{}, &q); err != nil || len(q.Names()) != 1 {
		t.Errorf("%v, %v", err, q.Names())
	}
}

// A write without active, or with null, leaves the state of a user as it is (L4; row 39 of docs/quirks.md).
func TestOnlyAWriteThatNamesActiveStatesIt(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	yes, no := true, false
	for body, want := range map[string]*bool{
		`{` + head + `}`:                   nil,
		`{` + head + `,"active":null}`:     nil,
		`{` + head + `,"active":true}`:     &yes,
		`{` + head + `,"active":false}`:    &no,
		`{` + head + `,"Active":"FALSE1"}`: nil,
	} {
		r, _, err := c.User.Decode(object(t, body), scim.DecodeOptions{}, nil)
		if strings.Contains(body, "FALSE1") {
			wantError(t, err, 400, "invalidValue", "active")
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		draft := r.UserDraft(nil)
		if d := cmp.Diff(want, draft.Active); d != "" {
			t.Errorf("%s: %s", body, d)
		}
		if draft.Document.Raw("active") != nil {
			t.Errorf("%s: active is in the document", body)
		}
	}
	u := &directory.User{UserName: "mira", State: directory.Suspended, Document: directory.Document(`{` + head + `}`)}
	r, err := c.User.FromUser(u)
	if err != nil {
		t.Fatal(err)
	}
	if active, _ := r.Attributes.Get("active"); active != false {
		t.Errorf("active is %v", active)
	}
	if draft := r.UserDraft(nil); draft.Active != nil {
		t.Error("reading a user states active")
	}
}

func TestDraftContainsTheTypedFields(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	body := `{` + head + `,"userType":"Contractor","externalId":"x","emails":[{"value":"A@b.c"},{"type":"home"},{"value":""},{"value":"d@e.f"}]}`
	r, _, err := c.User.Decode(object(t, body), scim.DecodeOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := r.UserDraft(nil)
	want := directory.UserDraft{
		UserName: "mira", ExternalID: "x", UserType: "Contractor", Emails: []string{"A@b.c", "d@e.f"}, Document: directory.Document(body),
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Q20, and Rippling: userName is taken from an address if the profile says so.
func TestUserNameFromEmail(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for body, want := range map[string]string{
		`{"emails":[{"value":"a@x.y"},{"value":"b@x.y","type":"work"},{"value":"c@x.y","primary":true}]}`: "c@x.y",
		`{"emails":[{"value":"a@x.y"},{"value":"b@x.y","type":"Work"}],"userName":null}`:                  "b@x.y",
		`{"emails":[{"value":""},{"value":"a@x.y"}]}`:                                                     "a@x.y",
		`{"emails":{"value":"a@x.y"}}`:                                                                    "a@x.y",
		`{"emails":"a@x.y"}`:                                                                              "a@x.y",
		`{"emails":[],"displayName":"x"}`:                                                                 "",
		`{"emails":"x"}`:                                                                                  "",
		`{"userName":"m","emails":["a@x.y"]}`:                                                             "m",
		`{"urn:ietf:params:scim:schemas:core:2.0:User:userName":"m","emails":["a@x.y"]}`:                  "m",
		`{"userName":"","emails":["a@x.y"]}`:                                                              "",
		`{"displayName":"x","emails":[{"x":5}]}`:                                                          "",
	} {
		var q scim.Quirks
		r, _, err := c.User.Decode(object(t, body), scim.DecodeOptions{UserNameFromEmail: true}, &q)
		if (err == nil) != (want != "") {
			t.Errorf("%s: %v", body, err)
		}
		if got := r.Attributes.String("userName"); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
		if derived := want != "" && want != "m"; derived != slices.Contains(q.Names(), scim.QuirkUserNameEmail) {
			t.Errorf("%s: quirks %v", body, q.Names())
		}
	}
}

// D55 (i): displayName is required, as the text of RFC 7643 §4.2 says.
func TestDecodeGroup(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	const head = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Platform"`
	tests := []struct {
		name, body string
		members    *[]directory.MemberRef
		fail       string
		quirks     []string
	}{
		{name: "Q51 Q52 without members", body: head},
		{name: "Q52 no members", body: head + `,"members":[]`, members: &[]directory.MemberRef{}},
		{name: "D46 null members", body: head + `,"members":null`, members: &[]directory.MemberRef{}},
		{
			name: "members", body: head + `,"Members":[{"Value":"u-1","display":"Mira","type":"user","$ref":"x"},{"value":"g-1","type":"Group"}]`,
			members: &[]directory.MemberRef{{Value: "u-1", Type: "User", Display: "Mira"}, {Value: "g-1", Type: "Group"}},
			quirks:  []string{"name.case"},
		},
		{name: "Q13 no $ref", body: head + `,"members":[{"$ref":null,"value":"u-1"}]`, members: &[]directory.MemberRef{{Value: "u-1"}}, quirks: []string{"ref.null"}},
		{name: "Q13 $ref alone", body: head + `,"members":[{"$ref":"https://h/scim/v2/x/Users/u-1/"}]`, members: &[]directory.MemberRef{{Value: "u-1"}}, quirks: []string{"members.ref"}},
		{name: "H109 a bare id", body: head + `,"members":["u-1"]`, members: &[]directory.MemberRef{{Value: "u-1"}}, quirks: []string{"members.string"}},
		{name: "an odd type", body: head + `,"members":[{"value":"u-1","type":"direct"}]`, members: &[]directory.MemberRef{{Value: "u-1"}}, quirks: []string{"members.type"}},
		{name: "Q53 operation", body: head + `,"members":[{"value":"u-1"},{"value":"u-2","operation":"delete"}]`, members: &[]directory.MemberRef{{Value: "u-1"}}, quirks: []string{"members.operation"}},
		{name: "a member without value", body: head + `,"members":[{"value":"u-1"},{"display":"x"}]`, fail: "members[1] has no value"},
		{name: "a member that is a number", body: head + `,"members":[7]`, members: &[]directory.MemberRef{{Value: "7"}}, quirks: []string{"string.number", "members.string"}},
		{name: "a value that is a number", body: head + `,"members":[{"value":7}]`, members: &[]directory.MemberRef{{Value: "7"}}, quirks: []string{"string.number"}},
		{name: "a value that is a boolean", body: head + `,"members":[{"value":true}]`, fail: "members[0].value must be a string"},
		{name: "a value in an object", body: head + `,"members":{"value":{"value":"u-1"}}`, members: &[]directory.MemberRef{{Value: "u-1"}}, quirks: []string{"array.wrapped", "value.wrapped"}},
		{name: "members as JSON text", body: head + `,"members":"[\"u-1\"]"`, members: &[]directory.MemberRef{{Value: "u-1"}}, quirks: []string{"json.text", "members.string"}},
		{name: "a member as JSON text", body: head + `,"members":["{\"value\":\"u-1\"}"]`, members: &[]directory.MemberRef{{Value: "u-1"}}, quirks: []string{"json.text"}},
		{name: "a member that is null", body: head + `,"members":[null]`, fail: "members[0] must be an object"},
		{name: "a member that is empty", body: head + `,"members":[{"value":"u-1"},{}]`, fail: "members[1] has no value"},
		{name: "a member that is an empty list", body: head + `,"members":[[]]`, fail: "members[0] must be an object"},
		{name: "an empty object for members", body: head + `,"members":{}`, fail: "members[0] has no value"},
		{name: "an empty text for members", body: head + `,"members":""`, fail: "members[0] has no value"},
		{name: "a member that is an empty text", body: head + `,"members":[""]`, fail: "members[0] has no value"},
		{name: "none but deleted members", body: head + `,"members":[{"value":"u-1","operation":"delete"}]`, fail: "only members to be deleted"},
		{name: "members under the URN", body: head + `,"urn:ietf:params:scim:schemas:core:2.0:Group:members":["u-1"]`, members: &[]directory.MemberRef{{Value: "u-1"}}, quirks: []string{"value.path_keys", "members.string"}},
		{name: "members twice", body: head + `,"members":["u-1"],"urn:ietf:params:scim:schemas:core:2.0:Group":{"members":[]}`, fail: "members occurs under two names"},
		{name: "a value that is too long", body: head + `,"members":[{"value":"` + strings.Repeat("x", 1025) + `"}]`, fail: "members[0].value must not be longer"},
		{
			name: "a display that is long", body: head + `,"members":[{"value":"u-1","display":"` + strings.Repeat("é", 200) + `"}]`,
			members: &[]directory.MemberRef{{Value: "u-1", Display: strings.Repeat("é", 128)}},
		},
		{name: "D55 no displayName", body: `"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]`, fail: "displayName is required"},
		{name: "D55 a blank displayName", body: `"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"  "`, fail: "displayName is required"},
		{name: "a long displayName", body: `"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"` + strings.Repeat("x", 1025) + `"`, fail: "displayName must not be longer"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var q scim.Quirks
			r, members, err := c.Group.Decode(object(t, "{"+test.body+"}"), scim.DecodeOptions{}, &q)
			if test.fail != "" {
				wantError(t, err, 400, "invalidValue", test.fail)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.members, members); d != "" {
				t.Errorf("members (-want +got):\n%s", d)
			}
			draft := r.GroupDraft(&q)
			if d := cmp.Diff("{"+head+"}", string(draft.Document)); d != "" {
				t.Errorf("document (-want +got):\n%s", d)
			}
			if draft.DisplayName != "Platform" || draft.Members != nil {
				t.Errorf("draft %+v", draft)
			}
			if d := cmp.Diff(test.quirks, draft.Deviations); d != "" {
				t.Errorf("quirks (-want +got):\n%s", d)
			}
		})
	}
}

// H104, D47: Check adds a missing schema and removes an unused one.
func TestCheckCompletesSchemas(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	r := scim.Resource{Type: c.User, Attributes: object(t, `{"userName":"mira","`+enterprise+`":{"department":"R&D"},"password":"p","title":null,"schemas":["x"],"emails":[{"value":"a","primary":true},{"value":"b","primary":true}]}`)}
	var q scim.Quirks
	if err := r.Check(&q); err != nil {
		t.Fatal(err)
	}
	want := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","` + enterprise + `"],"userName":"mira","` + enterprise + `":{"department":"R&D"},"emails":[{"value":"a","primary":true},{"value":"b","primary":false}]}`
	if d := cmp.Diff(want, string(r.Attributes.Document())); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"password.discarded", "primary.several"}, q.Strings()); d != "" {
		t.Error(d)
	}
	r.Attributes.Set(enterprise, directory.Attributes{})
	if err := r.Check(nil); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]any{c.User.Core.URN}, r.Attributes[0].Value); d != "" {
		t.Error(d)
	}
	r.Attributes.Delete("userName")
	wantError(t, r.Check(nil), 400, "invalidValue", "userName is required")

	big := scim.Resource{Type: c.User, Attributes: object(t, `{"userName":"mira"}`)}
	var emails []any
	for range 40 {
		emails = append(emails, directory.Attributes{{Name: "display", Value: strings.Repeat("x", 32<<10)}})
	}
	big.Attributes.Set("emails", emails)
	wantError(t, big.Check(nil), 400, "invalidValue", "bytes")
}

// FromUser and UserDraft give the same document, so PATCH changes only the attributes that it names.
func TestDecodedUserRoundTrips(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	document := `{` + head + `,"name":{"givenName":"Mira"},"emails":[{"value":"a@b.c","primary":true}]}`
	r, err := c.User.FromUser(&directory.User{UserName: "mira", Document: directory.Document(document)})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Check(nil); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(document, string(r.UserDraft(nil).Document)); d != "" {
		t.Error(d)
	}
	if _, err := c.User.FromUser(&directory.User{Document: directory.Document(`{"a":`)}); err == nil {
		t.Error("a damaged document is read")
	}
	empty, err := c.Group.FromGroup(&directory.Group{DisplayName: "G"})
	if err != nil || empty.Check(nil) != nil || empty.GroupDraft(nil).DisplayName != "G" {
		t.Errorf("%v %+v", err, empty)
	}
}

func TestNormaliseNamesTheAttribute(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	target, _ := c.User.Resolve(enterprise + ":manager.value")
	_, err := target.Sub.Normalise(true, nil)
	wantError(t, err, 400, "invalidValue", enterprise+":manager.value must be a string, not a boolean")
	emails := c.User.Attribute("emails")
	_, err = emails.NormaliseElement("a@b.c", nil)
	if err != nil {
		t.Error(err)
	}
	_, err = emails.Normalise("not-an-array", nil)
	wantError(t, err, 400, "invalidValue", "emails must be an array")
	for _, value := range []any{nil, []any{}} {
		if got, err := emails.Normalise(value, nil); got != nil || err != nil {
			t.Errorf("%v: %v %v", value, got, err)
		}
	}
	for _, value := range []any{directory.Attributes{}, []any{nil}, []any{directory.Attributes{}}} {
		if _, err := emails.Normalise(value, nil); err == nil {
			t.Errorf("%v is accepted", value)
		}
		if _, err := emails.NormaliseElement(value, nil); err == nil {
			t.Errorf("%v is accepted as an element", value)
		}
	}
}
