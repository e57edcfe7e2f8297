package server

import (
	"fmt"
	"strings"
	"testing"

	"drawbridge/directory"
)

// Discovery says what the server can do (rows 32 to 41 of docs/quirks.md).
func TestDiscoveryDescribesTheServer(t *testing.T) {
	t.Parallel()
	c := newKit(t, func(cfg *Config) { cfg.Limits = Limits{MaxPage: 7, BulkOperations: 2, BulkBytes: 9000} }).connect("acme", "acme-gen", directory.Generic)
	config := c.do("GET", "/ServiceProviderConfig", "").is(200)
	for path, want := range map[string]any{
		"schemas.0": configSchema, "patch.supported": true, "bulk.supported": true, "bulk.maxOperations": 2, "bulk.maxPayloadSize": 9000,
		"filter.supported": true, "filter.maxResults": 7, "changePassword.supported": false, "sort.supported": true, "etag.supported": true,
		"pagination.cursor": true, "pagination.index": true, "pagination.defaultPaginationMethod": "index", "pagination.maxPageSize": 7, "pagination.cursorTimeout": 1800,
		"authenticationSchemes.0.type": "oauthbearertoken", "meta.resourceType": "ServiceProviderConfig",
		"meta.location": "https://scim.example.test/scim/v2/acme-gen/ServiceProviderConfig",
	} {
		config.has(path, want)
	}
	types := c.do("GET", "/ResourceTypes", "").is(200).has("totalResults", 2).has("schemas.0", listSchema)
	for i, name := range []string{"User", "Group"} {
		types.has(fmt.Sprintf("Resources.%d.name", i), name)
		one := c.do("GET", "/ResourceTypes/"+name, "").is(200).has("endpoint", "/"+name+"s").has("meta.resourceType", "ResourceType")
		c.do("GET", "/Schemas/"+one.str("schema"), "").is(200).has("id", one.at("schema")).has("meta.resourceType", "Schema")
	}
	schemas := c.do("GET", "/Schemas?startIndex=2&count=1&sortBy=id", "").is(200).has("totalResults", 3) // 39
	if list, _ := schemas.at("Resources").([]any); len(list) != 3 {
		t.Errorf("39: paging was not ignored: %d", len(list))
	}
	c.do("GET", "/Schemas/"+strings.ToUpper("urn:ietf:params:scim:schemas:core:2.0:User"), "").is(200)
	for _, target := range []string{"/Schemas/urn:nobody", "/ResourceTypes/Nobody", "/ResourceTypes/user"} {
		c.do("GET", target, "").is(404)
	}
	for _, target := range []string{"/Schemas", "/ResourceTypes", "/ServiceProviderConfig"} {
		c.do("GET", target+`?filter=id+pr`, "").is(403)
	}
}

// The server does what ServiceProviderConfig announces (row 33 of docs/quirks.md).
func TestAnnouncedFeaturesWork(t *testing.T) {
	t.Parallel()
	c := newKit(t, func(cfg *Config) { cfg.Limits = Limits{MaxPage: 4, BulkOperations: 2} }).connect("acme", "acme-gen", directory.Generic)
	config := c.do("GET", "/ServiceProviderConfig", "").is(200)
	for i := range 6 {
		c.user(fmt.Sprintf("u%d@example.test", i))
	}
	c.do("GET", "/Users?count=100", "").is(200).has("itemsPerPage", config.at("filter.maxResults"))
	var operations []string
	for i := range config.num("bulk.maxOperations") {
		operations = append(operations, postUser(fmt.Sprint(i), fmt.Sprintf("b%d@example.test", i)))
	}
	c.do("POST", "/Bulk", bulkBody(operations...)).is(200)
	c.do("POST", "/Bulk", bulkBody(append(operations, postUser("x", "x@example.test"))...)).is(413)
}

const gadget = `{"id":"urn:example:gadget","name":"Gadget","description":"A thing","attributes":[
{"name":"serial","type":"string","multiValued":false,"required":true,"caseExact":true,"mutability":"immutable","returned":"default","uniqueness":"none"},
{"name":"colour","type":"string","multiValued":false,"required":false,"caseExact":false,"mutability":"readWrite","returned":"default","uniqueness":"none"}]}`

const badge = `{"id":"urn:example:badge","name":"Badge","description":"A badge","attributes":[
{"name":"badgeNumber","type":"integer","multiValued":false,"required":false,"mutability":"readWrite","returned":"default","uniqueness":"none"}]}`

func TestCustomSchemasAreServed(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	c := k.connect("acme", "acme-gen", directory.Generic, func(x *directory.Tenant) {
		x.Schemas = []directory.CustomSchema{
			{ResourceType: "Gadget", Endpoint: "/Gadgets", Definition: directory.Document(strings.ReplaceAll(gadget, "\n", ""))},
			{ResourceType: "User", Definition: directory.Document(strings.ReplaceAll(badge, "\n", ""))},
		}
	})
	other := k.connect("bolt", "bolt-gen", directory.Generic)
	c.do("GET", "/ResourceTypes", "").is(200).has("totalResults", 3)
	other.do("GET", "/ResourceTypes", "").is(200).has("totalResults", 2)
	other.do("GET", "/Gadgets", "").is(404)
	made := c.do("POST", "/Gadgets", `{"schemas":["urn:example:gadget"],"serial":"S1","colour":"red","externalId":"x1"}`).is(201).has("serial", "S1").has("meta.resourceType", "Gadget")
	id := made.id()
	c.do("GET", "/Gadgets/"+id, "").is(200).has("colour", "red")
	c.do("GET", `/Gadgets?filter=serial+eq+"S1"`, "").is(200).has("totalResults", 1)
	c.do("PUT", "/Gadgets/"+id, `{"schemas":["urn:example:gadget"],"serial":"S2"}`).fails(400, "mutability")
	c.do("PUT", "/Gadgets/"+id, `{"schemas":["urn:example:gadget"],"serial":"S1"}`).is(200).has("colour", nil)
	c.do("PATCH", "/Gadgets/"+id, patchBody(`{"op":"add","path":"colour","value":"blue"}`)).is(200).has("colour", "blue")
	c.do("POST", "/Gadgets", `{"schemas":["urn:example:gadget"]}`).fails(400, "invalidValue")
	c.do("POST", "/Users", userBody("ada@example.test", `,"urn:example:badge":{"badgeNumber":7}`)).is(201)
	c.do("GET", "/", "").is(200).has("totalResults", 2)
	c.do("GET", "/Users/"+id, "").is(404)
	c.do("DELETE", "/Gadgets/"+id, "").is(204)
	c.do("GET", "/Gadgets/"+id, "").is(404)
}
