package scim_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drawbridge/directory"
	"drawbridge/scim"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares text with a file in testdata.
func golden(t *testing.T, name string, have []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, have, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(have)); d != "" {
		t.Errorf("%s (-want +got), go test ./scim -update writes it:\n%s", file, d)
	}
}

const base = "https://bridge.test/scim/v2/acme-okta"

func id(n byte) directory.ID { return directory.ID{0: 0x01, 6: 0x70, 8: 0x80, 15: n} }

// document is what an identity provider sent and the bridge stored, about 1.2 KB.
const document = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],` +
	`"externalId":"00u8k2example0001","userName":"mira@acme.test","displayName":"Mira Okafor","title":"Engineer \"R&D\"","preferredLanguage":"en-GB","locale":"en-US","userType":"Employee",` +
	`"name":{"formatted":"Ms. Mira J Okafor","familyName":"Okafor","givenName":"Mira","middleName":"J","honorificPrefix":"Ms."},` +
	`"emails":[{"primary":true,"type":"work","value":"mira@acme.test"},{"type":"home","value":"mira@home.test"}],` +
	`"phoneNumbers":[{"type":"work","value":"+15550100","primary":true},{"type":"mobile","value":"+15550101"}],` +
	`"addresses":[{"type":"work","primary":true,"formatted":"1 Dock St\nLeeds","streetAddress":"1 Dock St","locality":"Leeds","region":"Yorkshire","postalCode":"LS1","country":"GB"}],` +
	`"roles":[{"value":"Admin","display":"Administrator","primary":false}],` +
	`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"1042","costCenter":"42","organization":"Acme","division":"Build","department":"R&D","manager":{"value":"01000000-0000-7000-8000-000000000009","$ref":"` + base + `/Users/01000000-0000-7000-8000-000000000009"}}}`

func mira() *directory.User {
	created := time.Date(2026, 1, 31, 10, 30, 0, 123456789, time.FixedZone("", 3600))
	return &directory.User{
		ID: id(1), Version: 7, Created: created, Modified: created.Add(time.Hour), UserName: "mira@acme.test", State: directory.Active,
		Document: directory.Document(document),
	}
}

func miraGroups() []directory.GroupRef {
	return []directory.GroupRef{{ID: id(2), DisplayName: `Platform "A"`}, {ID: id(3), DisplayName: "All", Indirect: true}}
}

func platform() (*directory.Group, []directory.Member) {
	g := &directory.Group{
		ID: id(2), Version: 3, Created: mira().Created, Modified: mira().Modified, DisplayName: "Platform",
		Document: directory.Document(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Platform","externalId":"g-1"}`),
	}
	return g, []directory.Member{{ID: id(1), Kind: directory.UserKind, Display: "Mira"}, {ID: id(3), Kind: directory.GroupKind}}
}

func TestAppendWritesIDsGroupsAndMeta(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	var out []byte
	add := func(b []byte, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		object(t, string(b)) // valid, no name twice
		out = append(append(out, b...), '\n')
	}
	add(c.User.AppendUser(nil, base, mira(), miraGroups(), nil))
	suspended := mira()
	suspended.State, suspended.Document = directory.Suspended, nil
	add(c.User.AppendUser(nil, base, suspended, nil, nil))
	g, members := platform()
	add(c.Group.AppendGroup(nil, base, g, members, nil))
	add(c.Group.AppendGroup(nil, base, g, nil, nil))
	golden(t, "append.jsonl", out)
}

func projection(t *testing.T, rt *scim.ResourceType, attributes, excluded string) *scim.Projection {
	t.Helper()
	p, err := scim.ParseProjection(rt, []string{attributes}, []string{excluded}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Encoding through a tree gives the same as copying the document, if all attributes are requested.
func TestTreeAndSpliceAgree(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	var names []string
	for _, a := range c.User.Core.Attributes {
		names = append(names, a.Name)
	}
	all := strings.Join(append(names, "externalId", "meta", enterprise), ",")
	spliced, err := c.User.AppendUser(nil, base, mira(), miraGroups(), nil)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := c.User.AppendUser(nil, base, mira(), miraGroups(), projection(t, c.User, all, ""))
	if err != nil {
		t.Fatal(err)
	}
	if !directory.EqualValues(object(t, string(spliced)), object(t, string(tree))) {
		t.Error(cmp.Diff(string(spliced), string(tree)))
	}
	g, members := platform()
	spliced, _ = c.Group.AppendGroup(nil, base, g, members, nil)
	tree, err = c.Group.AppendGroup(nil, base, g, members, projection(t, c.Group, "displayName,externalId,members,meta", ""))
	if err != nil || !directory.EqualValues(object(t, string(spliced)), object(t, string(tree))) {
		t.Error(err, cmp.Diff(string(spliced), string(tree)))
	}
}

// D58, E64, F83, F84: which attributes of a user are returned.
func TestProjectionSelectsAttributes(t *testing.T) {
	t.Parallel()
	const (
		idPart   = `"id":"01000000-0000-7000-8000-000000000001"`
		core     = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]`
		withURN  = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","` + enterprise + `"]`
		manager  = `"manager":{"value":"01000000-0000-7000-8000-000000000009","$ref":"` + base + `/Users/01000000-0000-7000-8000-000000000009"}`
		metaPart = `"meta":{"resourceType":"User","created":"2026-01-31T09:30:00.123Z","lastModified":"2026-01-31T10:30:00.123Z","location":"` + base +
			`/Users/01000000-0000-7000-8000-000000000001","version":"W/\"7\""}`
	)
	tests := []struct{ name, attributes, excluded, want string }{
		{"one", "userName", "", core + "," + idPart + `,"userName":"mira@acme.test"`},
		{"case, blanks, lists", " USERNAME , title", "", core + "," + idPart + `,"userName":"mira@acme.test","title":"Engineer \"R&D\""`},
		{"id alone", "id", "", core + "," + idPart},
		{"nothing known", "nosuch,also.not", "", core + "," + idPart},
		{"never", "password", "", core + "," + idPart},
		{"sub-attribute", "name.givenName,name.familyName", "", core + "," + idPart + `,"name":{"familyName":"Okafor","givenName":"Mira"}`},
		{"whole beats parts", "name.givenName,name,name.middleName", "", core + "," + idPart + `,"name":{"formatted":"Ms. Mira J Okafor","familyName":"Okafor","givenName":"Mira","middleName":"J","honorificPrefix":"Ms."}`},
		{"in a list", "emails.value", "", core + "," + idPart + `,"emails":[{"value":"mira@acme.test"},{"value":"mira@home.test"}]`},
		{"with URN", "urn:ietf:params:scim:schemas:core:2.0:user:userName," + enterprise + ":department", "", withURN + "," + idPart + `,"userName":"mira@acme.test","` + enterprise + `":{"department":"R&D"}`},
		{"extension sub-attribute", enterprise + ":manager.value", "", withURN + "," + idPart + `,"` + enterprise + `":{"manager":{"value":"01000000-0000-7000-8000-000000000009"}}`},
		{"extension alone", enterprise, "", withURN + "," + idPart + `,"` + enterprise + `":{"employeeNumber":"1042","costCenter":"42","organization":"Acme","division":"Build","department":"R&D",` + manager + `}`},
		{"legacy URN", "urn:scim:schemas:extension:enterprise:1.0:department", "", withURN + "," + idPart + `,"` + enterprise + `":{"department":"R&D"}`},
		{"computed", "active,meta.version,groups.display", "", core + "," + idPart + `,"active":true,"groups":[{"display":"Platform \"A\""},{"display":"All"}],"meta":{"version":"W/\"7\""}`},
		{"both: attributes wins", "userName", "userName", core + "," + idPart + `,"userName":"mira@acme.test"`},
		{
			"excluded", "", "id,schemas,externalId,title,preferredLanguage,locale,usertype,NAME,displayName,emails.type,emails.primary,phoneNumbers,addresses,roles,groups,active," + enterprise,
			core + "," + idPart + `,"userName":"mira@acme.test","emails":[{"value":"mira@acme.test"},{"value":"mira@home.test"}],` + metaPart,
		},
		{
			"all of the core schema excluded", "", "urn:ietf:params:scim:schemas:core:2.0:User," + enterprise + ":manager",
			withURN + "," + idPart + `,"externalId":"00u8k2example0001","` + enterprise + `":{"employeeNumber":"1042","costCenter":"42","organization":"Acme","division":"Build","department":"R&D"},` + metaPart,
		},
	}
	c := catalog(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := c.User.AppendUser(nil, base, mira(), miraGroups(), projection(t, c.User, test.attributes, test.excluded))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff("{"+test.want+"}", string(got)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// Q35: attributes that the client does not request are not read; the rest is still copied unchanged.
func TestUnwantedAttributesAreNotRead(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	tests := []struct {
		attributes, excluded, ask string
		want                      bool
	}{
		{"", "", "members", true},
		{"", "MEMBERS", "members", false},
		{"", "members.display", "members", true},
		{"", "displayName", "members", true},
		{"id", "", "members", false},
		{"members.value", "", "members", true},
		{"urn:ietf:params:scim:schemas:core:2.0:Group:members", "", "members", true},
		{"urn:ietf:params:scim:schemas:core:2.0:Group", "", "members", true},
		{"urn:ietf:params:scim:schemas:core:2.0:Group", "", "externalId", false},
		{"", "", "nosuch", false},
		{"", "id", "id", true},
	}
	for _, test := range tests {
		if got := projection(t, c.Group, test.attributes, test.excluded).Wants(c.Group, test.ask); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
	g, members := platform()
	got, err := c.Group.AppendGroup(nil, base, g, members, projection(t, c.Group, "", "members"))
	want, _ := c.Group.AppendGroup(nil, base, g, nil, nil)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s", got)
	}
}

func TestParseProjectionBounds(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	_, err := scim.ParseProjection(c.User, []string{strings.Repeat("title,", 501)}, nil, nil, nil)
	wantError(t, err, 400, "invalidValue", "500")
	var q scim.Quirks
	p, err := scim.ParseProjection(c.User, []string{"title", "nosuch"}, []string{"name"}, nil, &q)
	if err != nil || p == nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"projection.both", "attribute.unknown"}, q.Strings()); d != "" {
		t.Error(d)
	}
	if p, err := scim.ParseProjection(c.User, []string{"", " , "}, nil, nil, nil); p != nil || err != nil {
		t.Errorf("%v %v", p, err)
	}
}

// Versions are weak ETags. A condition may name several of them, and a name that no version has matches none (RFC 7644 §3.14).
func TestETagsRoundTrip(t *testing.T) {
	t.Parallel()
	if scim.ETag(7) != `W/"7"` {
		t.Error(scim.ETag(7))
	}
	tests := []struct {
		header   string
		versions []uint64
		any      bool
	}{
		{`W/"7"`, []uint64{7}, false},
		{`"7"`, []uint64{7}, false},
		{` W/"7" , "8",W/"9"`, []uint64{7, 8, 9}, false},
		{`*`, nil, true},
		{`W/"1", *`, []uint64{1}, true},
		{`"a,b", W/"07", W/"-1", "3"`, []uint64{3}, false},
		{`7, W/"8"`, []uint64{8}, false},
		{`W/"8`, nil, false},
		{``, nil, false},
		{`,,`, nil, false},
		{`W/`, nil, false},
		{`w/"7"`, nil, false},
		{`"18446744073709551616"`, nil, false},
	}
	for _, test := range tests {
		versions, anyTag := scim.ParseETags(test.header)
		if !slices.Equal(versions, test.versions) || anyTag != test.any {
			t.Errorf("%s: %v %v", test.header, versions, anyTag)
		}
	}
}
