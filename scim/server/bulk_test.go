package server

import (
	"fmt"
	"strings"
	"testing"

	"drawbridge/directory"
	"drawbridge/scim"
)

func bulkBody(operations ...string) string {
	return `{"schemas":["` + bulkSchema + `"],"Operations":[` + strings.Join(operations, ",") + `]}`
}

func postUser(bulkID, name string, more ...string) string {
	return `{"method":"POST","path":"/Users","bulkId":"` + bulkID + `","data":` + userBody(name, more...) + `}`
}

func postGroup(bulkID, name string, members ...string) string {
	return `{"method":"POST","path":"/Groups","bulkId":"` + bulkID + `","data":` + groupBody(name, members...) + `}`
}

// Each operation of a Bulk request has an answer, and refers to others by bulkId (rows 112 to 119 of docs/quirks.md).
func TestBulkAnswersEachOperation(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-gen", directory.Generic)
	id := c.user("old@example.test")
	got := c.do("POST", "/Bulk", bulkBody(
		postGroup("g", "Team", "bulkId:u", "bulkId:v", id), // forward references
		postUser("u", "u@example.test"),
		postUser("v", "v@example.test", `,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"bulkId:u"}}`),
		`{"method":"PATCH","path":"/Users/`+id+`","bulkId":"p","version":"W/\"1\"","data":`+patchBody(`{"op":"replace","path":"title","value":"Dr"}`)+`}`,
		`{"method":"put","path":"Users/bulkId:u","data":`+userBody("u2@example.test")+`}`,
		`{"method":"PATCH","path":"/Groups/bulkId:g","data":`+patchBody(`{"op":"remove","path":"members[value eq \"bulkId:v\"]"}`)+`}`,
		`{"method":"DELETE","path":"/Users/`+id+`","version":"W/\"99\""}`,
	)).is(200)
	got.has("schemas.0", "urn:ietf:params:scim:api:messages:2.0:BulkResponse")
	for i, want := range []string{"201", "201", "201", "200", "200", "204", "412"} {
		if status, ok := got.at(fmt.Sprintf("Operations.%d.status", i)).(string); !ok || status != want {
			t.Fatalf("operation %d: status %v, want the string %q: %s", i, got.at(fmt.Sprintf("Operations.%d.status", i)), want, got.text)
		}
		if location, _ := got.at(fmt.Sprintf("Operations.%d.location", i)).(string); !strings.HasPrefix(location, "https://scim.example.test/scim/v2/acme-gen/") {
			t.Errorf("operation %d: location %q", i, location)
		}
	}
	got.has("Operations.0.bulkId", "g").has("Operations.0.method", "POST").has("Operations.1.version", `W/"1"`).
		has("Operations.6.response.status", "412").has("Operations.6.version", nil)
	location := got.str("Operations.0.location")
	group := c.do("GET", strings.TrimPrefix(location, "https://scim.example.test/scim/v2/acme-gen"), "").is(200)
	if members, _ := group.at("members").([]any); len(members) != 2 {
		t.Errorf("the group has %v, want two members", group.at("members"))
	}
	v := c.do("GET", `/Users?filter=userName+eq+"v@example.test"`, "").is(200)
	if manager := v.column("Resources", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"); !strings.Contains(manager[0], "manager") || strings.Contains(manager[0], "bulkId") {
		t.Errorf("114: %v", manager)
	}
	c.do("GET", "/Users/"+id, "").is(200).has("title", "Dr")
}

// Only a POST that failed has no location (112), even if the path names no resource.
func TestBulkLocations(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-gen", directory.Generic)
	got := c.do("POST", "/Bulk", bulkBody(
		`{"method":"DELETE","path":"/Users/no such id"}`, `{"method":"DELETE","path":"/Users/0190b5a4-0000-7000-8000-000000000001"}`,
		`{"method":"POST","path":"/Users","bulkId":"a","data":{}}`, `{"method":"DELETE","path":"/Nothing/1"}`)).is(200)
	const base = "https://scim.example.test/scim/v2/acme-gen"
	got.has("Operations.0.status", "404").has("Operations.0.location", base+"/Users/no%20such%20id").
		has("Operations.1.status", "404").has("Operations.1.location", base+"/Users/0190b5a4-0000-7000-8000-000000000001").
		has("Operations.2.status", "400").has("Operations.2.location", nil).
		has("Operations.3.status", "404").has("Operations.3.location", nil)
}

// Operations may refer to each other in a circle (row 115 of docs/quirks.md).
func TestBulkResolvesCircles(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-gen", directory.Generic)
	managed := func(bulkID, manager string) string {
		return postUser(bulkID, bulkID+"@example.test", `,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"bulkId:`+manager+`"}}`)
	}
	got := c.do("POST", "/Bulk", bulkBody(managed("a", "b"), managed("b", "c"), managed("c", "a"), managed("d", "a"), managed("e", "e"))).is(200)
	ids := map[string]string{}
	for i, name := range []string{"a", "b", "c", "d", "e"} {
		got.has(fmt.Sprintf("Operations.%d.status", i), "201")
		location := got.str(fmt.Sprintf("Operations.%d.location", i))
		ids[name] = location[strings.LastIndex(location, "/")+1:]
		version := c.do("GET", "/Users/"+ids[name], "").is(200).header.Get("ETag")
		got.has(fmt.Sprintf("Operations.%d.version", i), version)
	}
	for who, manager := range map[string]string{"a": "b", "b": "c", "c": "a", "d": "a", "e": "e"} {
		user := c.do("GET", "/Users/"+ids[who], "").is(200)
		enterprise, _ := user.body["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"].(map[string]any)
		if value, _ := enterprise["manager"].(map[string]any); value["value"] != ids[manager] {
			t.Errorf("the manager of %s is %v, want %s", who, value["value"], ids[manager])
		}
	}

	// Groups in a circle: all of them, or none and 409.
	got = c.do("POST", "/Bulk", bulkBody(postGroup("x", "X", "bulkId:y"), postGroup("y", "Y", "bulkId:x"), postGroup("z", "Z", "bulkId:x"))).is(200)
	status := got.at("Operations.0.status")
	got.has("Operations.1.status", status).has("Operations.2.status", status)
	want := map[any]int{"201": 3, "409": 0}
	if n, known := want[status]; !known || c.do("GET", "/Groups", "").is(200).num("totalResults") != n {
		t.Errorf("a circle of groups: %s", got.text)
	}

	// The circle cannot be closed: nothing of it stays.
	got = c.do("POST", "/Bulk", bulkBody(
		`{"method":"POST","path":"/Groups","bulkId":"k","data":{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"members":[{"value":"bulkId:l"}]}}`, postGroup("l", "L", "bulkId:k"))).is(200)
	got.has("Operations.0.status", "400").has("Operations.1.status", "409").has("Operations.1.location", nil)
	c.do("GET", `/Groups?filter=displayName+eq+"L"`, "").is(200).has("totalResults", 0)
}

// The brake does not hold the removal of a resource that the same request created. Otherwise the resource would stay, although it was
// reported as refused.
func TestC8BrakeDoesNotHoldARollbackOfBulk(t *testing.T) {
	t.Parallel()
	hold := directory.BrakeHold
	c := newKit(t).connect("acme", "acme-gen", directory.Generic, func(x *directory.Tenant) { x.Overrides.Brake = &hold })
	var last *answer
	for i := range 7 {
		id := c.do("POST", "/Users", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"u%d@example.test"}`, i)).is(201).str("id")
		last = c.do("PATCH", "/Users/"+id, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":false}]}`)
	}
	last.is(403) // from here on every removal is held
	got := c.do("POST", "/Bulk", bulkBody(postUser("a", "a@example.test"),
		`{"method":"POST","path":"/Groups","bulkId":"x","data":{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"X","members":[{"value":"bulkId:a"},{"value":"bulkId:y"}]}}`,
		postGroup("y", "Y", "bulkId:x"))).is(200)
	got.has("Operations.0.status", "201").has("Operations.1.status", "409").has("Operations.2.status", "409")
	c.do("GET", "/Groups", "").is(200).has("totalResults", 0)
}

// failOnErrors ends a Bulk request (row 116 of docs/quirks.md).
func TestBulkStopsAfterFailOnErrors(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-gen", directory.Generic)
	bad := `{"method":"DELETE","path":"/Users/none"}`
	body := bulkBody(postUser("a", "a@example.test"), bad, bad, postUser("b", "b@example.test"))
	body = strings.Replace(body, `"Operations"`, `"failOnErrors":2,"Operations"`, 1)
	got := c.do("POST", "/Bulk", body).is(200)
	if operations, _ := got.at("Operations").([]any); len(operations) != 3 {
		t.Fatalf("%d results, want 3: %s", len(operations), got.text)
	}
	c.do("GET", "/Users", "").is(200).has("totalResults", 1)
	all := c.do("POST", "/Bulk", bulkBody(bad, bad, postUser("b", "b@example.test"))).is(200)
	all.has("Operations.0.status", "404").has("Operations.2.status", "201")
}

// A Bulk request over a limit is refused as a whole (rows 113, 117 and 119 of docs/quirks.md).
func TestBulkLimitsAreRefused(t *testing.T) {
	t.Parallel()
	c := newKit(t, func(cfg *Config) { cfg.Limits = Limits{BulkOperations: 3, BulkBytes: 4000} }).connect("acme", "acme-gen", directory.Generic)
	one := postUser("a", "a@example.test")
	for name, tt := range map[string]struct {
		body   string
		status int
	}{
		"too many":      {bulkBody(one, postUser("b", "b@example.test"), postUser("c", "c@example.test"), postUser("d", "d@example.test")), 413},
		"too large":     {bulkBody(one, postUser("b", strings.Repeat("b", 4000))), 413},
		"other schema":  {`{"schemas":["` + searchSchema + `"],"Operations":[` + one + `]}`, 400},
		"no operations": {bulkBody(), 400},
		"no list":       {`{"schemas":["` + bulkSchema + `"],"Operations":{}}`, 400},
		"not objects":   {bulkBody(`1`), 400},
		"same bulkId":   {bulkBody(one, postUser("a", "b@example.test")), 400},
		"failOnErrors":  {strings.Replace(bulkBody(one), `"Operations"`, `"failOnErrors":"x","Operations"`, 1), 400},
	} {
		if got := c.do("POST", "/Bulk", tt.body); got.status != tt.status {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
	c.do("GET", "/Users", "").is(200).has("totalResults", 0)
	for name, tt := range map[string]struct {
		operation string
		status    string
	}{
		"GET":                {`{"method":"GET","path":"/Users"}`, "400"},
		"no method":          {`{"path":"/Users"}`, "400"},
		"odd method":         {`{"method":"BREW","path":"/Users"}`, "400"},
		"method is a number": {`{"method":7,"path":"/Users"}`, "400"},
		"no bulkId":          {`{"method":"POST","path":"/Users","data":` + userBody("x@example.test") + `}`, "400"},
		"no data":            {`{"method":"POST","path":"/Users","bulkId":"x"}`, "400"},
		"data is a list":     {`{"method":"POST","path":"/Users","bulkId":"x","data":[]}`, "400"},
		"no path":            {`{"method":"DELETE"}`, "400"},
		"absolute path":      {`{"method":"DELETE","path":"https://other.example/Users/1"}`, "400"},
		"unknown endpoint":   {`{"method":"DELETE","path":"/Nonsense/1"}`, "404"},
		"Me":                 {`{"method":"DELETE","path":"/Me"}`, "404"},
		"Bulk in Bulk":       {`{"method":"POST","path":"/Bulk","bulkId":"x","data":{}}`, "404"},
		"search":             {`{"method":"POST","path":"/Users/.search","bulkId":"x","data":{}}`, "404"},
		"wrong method":       {`{"method":"DELETE","path":"/Users"}`, "405"},
		"unknown reference":  {postGroup("x", "X", "bulkId:nobody"), "400"},
		"to itself":          {`{"method":"PATCH","path":"/Users/bulkId:x","bulkId":"x","data":` + patchBody() + `}`, "400"},
		"way out":            {`{"method":"DELETE","path":"/../bolt-gen/Users/1"}`, "404"},
	} {
		got := c.do("POST", "/Bulk", bulkBody(tt.operation)).is(200)
		if got.at("Operations.0.status") != tt.status || got.at("Operations.0.response.status") != tt.status {
			t.Errorf("%s: %s", name, got.text)
		}
	}
	got := c.do("POST", "/Bulk", bulkBody(postUser("a", ""), postGroup("g", "G", "bulkId:a"))).is(200)
	got.has("Operations.0.status", "400").has("Operations.0.location", nil).has("Operations.1.status", "409")
	c.do("GET", "/Groups", "").is(200).has("totalResults", 0)
	self := c.do("POST", "/Bulk", bulkBody(postGroup("g", "G", "bulkId:g"))).is(200)
	if status := self.at("Operations.0.status"); status != "201" && status != "400" && status != "409" {
		t.Errorf("a group in itself: %s", self.text)
	}
}

// A bulkId is replaced where a reference is expected, and is plain text everywhere else.
func TestBulkIDsAreReplacedInReferences(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-gen", directory.Generic)
	old := c.user("old@example.test")
	const enterprise = `"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`
	got := c.do("POST", "/Bulk", bulkBody(
		postUser("x", "x@example.test", `,"title":"bulkId:x","nickName":"bulkId:nobody","name":{"givenName":"bulkId:x"},"emails":[{"value":"bulkId:x","type":"work"}],"externalId":"bulkId:x"`),
		postUser("bare", "bare@example.test", `,`+enterprise+`:manager":"bulkId:x"`),
		postUser("flat", "flat@example.test", `,`+enterprise+`:manager.value":"bulkId:x"`),
		postUser("list", "list@example.test", `,`+enterprise+`":{"manager":[{"$ref":"../Users/bulkId:x","value":"bulkId:x"}],"department":"bulkId:x"}`),
		`{"method":"PATCH","path":"/Users/`+old+`","data":`+patchBody(
			`{"op":"add","path":"title","value":"bulkId:x"}`,
			`{"op":"add","path":"emails[value eq \"bulkId:x\"].display","value":"bulkId:x"}`,
			`{"op":"add","value":{"nickName":"bulkId:x",`+enterprise+`:manager":{"value":"bulkId:x"}}}`,
		)+`}`,
		`{"method":"POST","path":"/Groups","bulkId":"g","data":`+
			`{"displayName":"bulkId:x","urn:ietf:params:scim:schemas:core:2.0:Group":{"members":["bulkId:x"]}}}`,
	)).is(200)
	for i, want := range []string{"201", "201", "201", "201", "200", "201"} {
		got.has(fmt.Sprintf("Operations.%d.status", i), want)
	}
	idOf := func(i int) string {
		location := got.str(fmt.Sprintf("Operations.%d.location", i))
		return location[strings.LastIndexByte(location, '/')+1:]
	}
	x := idOf(0)
	c.do("GET", "/Users/"+x, "").has("title", "bulkId:x").has("nickName", "bulkId:nobody").has("name.givenName", "bulkId:x").
		has("emails.0.value", "bulkId:x").has("externalId", "bulkId:x")
	manager := func(id string) string {
		t.Helper()
		extension, _ := c.do("GET", "/Users/"+id, "").is(200).body["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"].(map[string]any)
		return fmt.Sprintf("%v %v", extension["manager"], extension["department"])
	}
	for _, i := range []int{1, 2} {
		if m := manager(idOf(i)); m != "map[value:"+x+"] <nil>" {
			t.Errorf("operation %d: the manager is %s", i, m)
		}
	}
	if m := manager(idOf(3)); m != "map[$ref:../Users/"+x+" value:"+x+"] bulkId:x" {
		t.Errorf("the manager in a list is %s", m)
	}
	if m := manager(old); m != "map[value:"+x+"] <nil>" {
		t.Errorf("the manager of a PATCH is %s", m)
	}
	c.do("GET", "/Users/"+old, "").has("title", "bulkId:x").has("nickName", "bulkId:x").has("emails.0.value", "bulkId:x").has("emails.0.display", "bulkId:x")
	c.do("GET", "/Groups/"+idOf(5), "").has("displayName", "bulkId:x").has("members.0.value", x)
	c.do("POST", "/Bulk", bulkBody(postGroup("h", "H", "bulkId:nobody"))).is(200).has("Operations.0.status", "400")
}

func FuzzBulk(f *testing.F) {
	l := DefaultLimits()
	standard, err := scim.NewCatalog(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(bulkBody(postUser("a", "a@example.test"), postGroup("g", "G", "bulkId:a", "bulkId:g")))
	f.Add(bulkBody(`{"method":"PATCH","path":"/Groups/bulkId:g","data":` + patchBody(`{"op":"remove","path":"members[value eq \"bulkId:v\"]"}`) + `}`))
	f.Add(`{}`)
	f.Fuzz(func(t *testing.T, text string) {
		value, err := directory.ParseJSON([]byte(text), l.json())
		if err != nil {
			return
		}
		body, ok := value.(directory.Attributes)
		if !ok {
			return
		}
		m, err := parseBulk(&call{body: body, catalog: standard}, &l)
		if err != nil {
			return
		}
		for i, op := range m.operations {
			m.resolve(op)
			m.target(op.path)
			op.created = fmt.Sprint("id", i)
			op.state = done
			if _, err := directory.ParseJSON(op.appendJSON(nil), l.json()); err != nil {
				t.Fatalf("the answer to %q is not JSON: %v", text, err)
			}
		}
		for _, op := range m.operations {
			if _, whole := m.resolve(op); !whole && op.data != nil {
				t.Fatalf("%q: a reference is left though all operations are done", text)
			}
		}
	})
}

// Ignored attributes of a message are counted, as those of a resource are.
func TestIgnoredPartsOfMessagesAreCounted(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-gen", directory.Generic)
	for _, tt := range []struct{ path, body, want string }{
		{"/Bulk", `{"operations":{"method":"POST","path":"/Users","data":{"schemas":["` + scim.UserSchema + `"],"userName":"ada"}}}`, "schemas.missing, name.case, array.wrapped"},
		{"/Bulk", `{"schemas":["` + bulkSchema + `"],"Operations":[{"Method":"POST","path":"/Users","if":"x","data":{"schemas":["` + scim.UserSchema + `"],"userName":"bob"}}]}`, "name.case, attribute.unknown"},
		{"/Users/.search", `{"schemas":["` + searchSchema + `"],"Filter":"userName eq \"ada\"","filters":"x"}`, "name.case, attribute.unknown"},
	} {
		got := c.do("POST", tt.path, tt.body)
		if got.is(200); got.header.Get("Drawbridge-Quirks") != tt.want {
			t.Errorf("%s: %s, want %s", tt.body, got.header.Get("Drawbridge-Quirks"), tt.want)
		}
	}
}
