package server

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/scim"
)

const passport = "urn:example:passport"

// passportSchema has attributes of each kind whose values are unique.
const passportSchema = `{"id":"urn:example:passport","name":"Passport","attributes":[
{"name":"number","uniqueness":"server"},{"name":"chip","uniqueness":"global","caseExact":true},
{"name":"rank","type":"integer","uniqueness":"server"},{"name":"issued","type":"dateTime","uniqueness":"server"},
{"name":"aliases","multiValued":true,"uniqueness":"server"},
{"name":"visas","type":"complex","multiValued":true,"subAttributes":[{"name":"value","uniqueness":"server"},{"name":"country"}]},
{"name":"note"}]}`

const vault = `{"id":"urn:example:vault","name":"Vault","attributes":[{"name":"serial","required":true,"uniqueness":"server"},{"name":"colour"}]}`

// load makes schemas those of a tenant, as an operator does.
func (c *client) load(discard bool, schemas ...directory.CustomSchema) error {
	_, err := c.bridge.EditSchemas(c.t.Context(), c.op, c.tenant, bridge.SchemaEdit{Discard: discard, Do: func([]directory.CustomSchema) ([]directory.CustomSchema, error) {
		return scim.Complete(schemas)
	}})
	return err
}

func (c *client) mustLoad(schemas ...directory.CustomSchema) {
	c.t.Helper()
	if err := c.load(false, schemas...); err != nil {
		c.t.Fatal(err)
	}
}

func ofUser(definition string) directory.CustomSchema {
	return directory.CustomSchema{ResourceType: "User", Definition: directory.Document(strings.ReplaceAll(definition, "\n", ""))}
}

func vaults() directory.CustomSchema {
	return directory.CustomSchema{ResourceType: "Vault", Endpoint: "/Vaults", Definition: directory.Document(vault)}
}

func TestUniqueAttributesAreEnforced(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	c, other := k.connect("acme", "acme-gen", directory.Generic), k.connect("bolt", "bolt-gen", directory.Generic)
	for _, x := range []*client{c, other} {
		x.mustLoad(ofUser(passportSchema), vaults())
	}
	with := func(data string) string { return `,"` + passport + `":` + data }
	taken := func(a *answer, path string) {
		t.Helper()
		a.fails(409, "uniqueness")
		if !strings.Contains(a.str("detail"), passport+":"+path) {
			t.Errorf("the detail does not name %s: %s", path, a.str("detail"))
		}
	}
	whole := with(`{"number":"Ab1","chip":"Ab1","rank":7,"issued":"2026-01-31T10:00:00+01:00","aliases":["x","y"],"visas":[{"value":"v1","country":"CH"},{"value":"v2"}]}`)
	ada := c.do("POST", "/Users", userBody("ada@example.test", whole)).is(201).id()
	other.do("POST", "/Users", userBody("ada@example.test", whole)).is(201)
	for data, path := range map[string]string{
		`{"number":"aB1"}`:                      "number",
		`{"chip":"Ab1"}`:                        "chip",
		`{"rank":7}`:                            "rank",
		`{"issued":"2026-01-31T09:00:00.000Z"}`: "issued",
		`{"aliases":["z","Y"]}`:                 "aliases",
		`{"visas":[{"value":"V2"}]}`:            "visas.value",
	} {
		taken(c.do("POST", "/Users", userBody("eve@example.test", with(data))), path)
	}
	bob := c.do("POST", "/Users", userBody("bob@example.test", with(`{"number":"B2","chip":"aB1","rank":8,"note":"same","visas":[{"value":"v3","country":"CH"}]}`))).is(201).id()
	taken(c.do("PATCH", "/Users/"+bob, patchBody(`{"op":"replace","path":"`+passport+`:number","value":"AB1"}`)), "number")
	taken(c.do("PUT", "/Users/"+bob, userBody("bob@example.test", with(`{"aliases":["X"]}`))), "aliases")
	c.do("GET", "/Users/"+bob, "").is(200).has(passport+".number", "B2")
	c.do("PATCH", "/Users/"+ada, patchBody(`{"op":"replace","path":"`+passport+`:number","value":"ab1"}`)).is(200) // one's own, in another case
	c.do("PATCH", "/Users/"+ada, patchBody(`{"op":"replace","path":"`+passport+`:number","value":"C3"}`)).is(200)
	c.do("PATCH", "/Users/"+bob, patchBody(`{"op":"replace","path":"`+passport+`:number","value":"AB1"}`)).is(200)

	filter := func(expression string, want int) {
		t.Helper()
		c.do("GET", "/Users?filter="+url.QueryEscape(expression), "").is(200).has("totalResults", want)
	}
	filter(passport+`:number eq "aB1"`, 1)
	filter(passport+`:chip eq "ab1"`, 0)
	filter(passport+`:chip eq "aB1" and active eq true`, 1)
	filter(passport+`:rank eq 7`, 1)
	filter(passport+`:visas[value eq "V1" and country eq "ch"]`, 1)
	filter(passport+`:visas.value eq "v1" or `+passport+`:visas.value eq "v3"`, 2)
	filter(passport+`:number eq "nobody's"`, 0)

	// A user deleted by the identity provider reserves no value, and must find it free to come back.
	c.do("PUT", "/Users/"+ada, userBody("ada@example.test", `,"externalId":"hr-1"`+with(`{"number":"D4"}`))).is(200)
	c.do("DELETE", "/Users/"+ada, "").is(204)
	eve := c.do("POST", "/Users", userBody("eve@example.test", with(`{"number":"d4"}`))).is(201).id()
	taken(c.do("POST", "/Users", userBody("ada@example.test", `,"externalId":"hr-1"`+with(`{"number":"D4"}`))), "number")
	c.do("DELETE", "/Users/"+eve, "").is(204)
	if again := c.do("POST", "/Users", userBody("ada@example.test", `,"externalId":"hr-1"`+with(`{"number":"D4"}`))).is(201).id(); again != ada {
		t.Errorf("the rehire got %s, not %s", again, ada)
	}
	filter(passport+`:number eq "d4"`, 1)

	one := c.do("POST", "/Vaults", `{"schemas":["urn:example:vault"],"serial":"S1"}`).is(201).id()
	c.do("POST", "/Vaults", `{"schemas":["urn:example:vault"],"serial":"s1"}`).fails(409, "uniqueness")
	c.do("GET", "/Vaults?filter="+url.QueryEscape(`serial eq "S1"`), "").is(200).has("totalResults", 1)
	c.do("DELETE", "/Vaults/"+one, "").is(204)
	c.do("POST", "/Vaults", `{"schemas":["urn:example:vault"],"serial":"s1"}`).is(201)
}

func TestConcurrentWritesOfAUniqueValueHaveOneWinner(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	c := k.connect("acme", "acme-gen", directory.Generic)
	c.mustLoad(ofUser(passportSchema))
	var wg sync.WaitGroup
	statuses := make([]int, 16)
	for i := range statuses {
		wg.Go(func() {
			statuses[i] = c.do("POST", "/Users", userBody(fmt.Sprintf("u%d@example.test", i), `,"`+passport+`":{"number":"1"}`)).status
		})
	}
	wg.Wait()
	count := map[int]int{}
	for _, status := range statuses {
		count[status]++
	}
	if count[201] != 1 || count[409] != len(statuses)-1 {
		t.Errorf("answers: %v", count)
	}
}

// A schema that is loaded over data indexes it, or is refused with the names of two users who share a value.
func TestUniqueAttributeIndexesExistingData(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	c := k.connect("acme", "acme-gen", directory.Generic)
	loose := strings.ReplaceAll(passportSchema, `"uniqueness":"server"`, `"uniqueness":"none"`)
	c.mustLoad(ofUser(loose))
	for i, number := range []string{"A", "B", "a"} {
		c.do("POST", "/Users", userBody(fmt.Sprintf("u%d@example.test", i), `,"`+passport+`":{"number":"`+number+`"}`)).is(201)
	}
	err := c.load(false, ofUser(passportSchema))
	if directory.CodeOf(err) != directory.Conflict || !strings.Contains(err.Error(), "u0@example.test") || !strings.Contains(err.Error(), "u2@example.test") {
		t.Fatalf("loading over duplicates: %v", err)
	}
	third := c.do("GET", "/Users?filter="+url.QueryEscape(`userName eq "u2@example.test"`), "").is(200).str("Resources.0.id")
	before := c.do("PATCH", "/Users/"+third, patchBody(`{"op":"replace","path":"`+passport+`:number","value":"C"}`)).is(200)
	c.mustLoad(ofUser(passportSchema))
	c.do("POST", "/Users", userBody("v@example.test", `,"`+passport+`":{"number":"c"}`)).fails(409, "uniqueness")
	c.do("GET", "/Users?filter="+url.QueryEscape(passport+`:number eq "c"`), "").is(200).has("totalResults", 1).has("Resources.0.meta.version", before.at("meta.version"))
	c.mustLoad(ofUser(loose))
	c.do("POST", "/Users", userBody("v@example.test", `,"`+passport+`":{"number":"c"}`)).is(201)
	c.do("GET", "/Users?filter="+url.QueryEscape(passport+`:number eq "c"`), "").is(200).has("totalResults", 2)
}

// No answer contains an attribute without a schema: either the attribute is removed with the schema, or the schema stays.
func TestSchemaIsRemovedWithItsAttribute(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	c := k.connect("acme", "acme-gen", directory.Generic)
	c.mustLoad(ofUser(passportSchema), vaults())
	data := `,"` + passport + `":{"number":"A","note":"n","visas":[{"value":"v1","country":"CH"}]}`
	ada := c.do("POST", "/Users", userBody("ada@example.test", data)).is(201).id()
	bob := c.do("POST", "/Users", userBody("bob@example.test", "")).is(201)
	box := c.do("POST", "/Vaults", `{"schemas":["urn:example:vault"],"serial":"S1","colour":"red"}`).is(201).id()
	smaller := strings.Replace(strings.Replace(passportSchema, `,{"name":"country"}`, "", 1), `{"name":"note"}`, `{"name":"note","type":"integer"}`, 1)
	for _, schemas := range [][]directory.CustomSchema{{vaults()}, {ofUser(passportSchema)}, {ofUser(smaller), vaults()}} {
		if err := c.load(false, schemas...); directory.CodeOf(err) != directory.Conflict || !strings.Contains(err.Error(), "1 records hold data") {
			t.Errorf("data of a schema that goes: %v", err)
		}
	}
	c.do("GET", "/Users/"+ada, "").is(200).has(passport+".note", "n")

	if err := c.load(true, ofUser(smaller), vaults()); err != nil {
		t.Fatal(err)
	}
	got := c.do("GET", "/Users/"+ada, "").is(200).has(passport+".number", "A").has(passport+".note", nil).has(passport+".visas.0.value", "v1").has(passport+".visas.0.country", nil)
	got.has("meta.version", `W/"2"`)
	c.do("POST", "/Users", userBody("eve@example.test", `,"`+passport+`":{"number":"a"}`)).fails(409, "uniqueness")

	if err := c.load(true); err != nil {
		t.Fatal(err)
	}
	got = c.do("GET", "/Users/"+ada, "").is(200)
	if strings.Contains(got.text, passport) {
		t.Errorf("what no schema has any more is answered: %s", got.text)
	}
	c.do("GET", "/Users/"+bob.id(), "").is(200).has("meta.version", bob.at("meta.version"))
	c.do("GET", "/Vaults/"+box, "").is(404)
	c.mustLoad(vaults())
	c.do("GET", "/Vaults", "").is(200).has("totalResults", 0)
	c.do("POST", "/Vaults", `{"schemas":["urn:example:vault"],"serial":"S1"}`).is(201)
}
