package scim_test

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"drawbridge/directory"
	"drawbridge/scim"
)

func TestSecretNamesAreMasked(t *testing.T) {
	t.Parallel()
	var m scim.Mask
	for name, want := range map[string]bool{
		"password": true, "PASSWORD": true, "urn:x:User:password": true, "name.password": true, "apiToken": true, "clientSecret": true, "Pwd": true, "api_key": true,
		"userName": false, "title": false, "displayName": false, "path": false, "passport": false, "": false, "timezone": false, "company": false,
	} {
		if m.Secret(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

// A custom attribute that is never returned is masked, whatever its name is.
func TestMaskKnowsTheTenantsSchemas(t *testing.T) {
	t.Parallel()
	definition := `{"id":"urn:acme:params:scim:schemas:extension:door:2.0:User","name":"Door","description":"d","attributes":[
		{"name":"pin","type":"string","multiValued":false,"required":false,"caseExact":true,"mutability":"writeOnly","returned":"never","uniqueness":"none","description":"d"},
		{"name":"hint","type":"string","multiValued":false,"required":false,"caseExact":true,"mutability":"readWrite","returned":"default","uniqueness":"none","description":"d"}]}`
	c, err := scim.NewCatalog([]directory.CustomSchema{{ResourceType: "User", Definition: directory.Document(definition)}})
	if err != nil {
		t.Fatal(err)
	}
	var m scim.Mask
	m.Know(c)
	const extension = "urn:acme:params:scim:schemas:extension:door:2.0:User"
	for body, want := range map[string]string{
		`{"` + extension + `":{"pin":"4711-4711","hint":"x"}}`:                              `{"` + extension + `":{"pin":"***","hint":"x"}}`,
		`{"Operations":[{"op":"add","path":"` + extension + `:pin","value":"4711-4711"}]}`:  `{"Operations":[{"op":"add","path":"` + extension + `:pin","value":"***"}]}`,
		`{"Operations":[{"op":"add","value":{"` + extension + `:pin":"4711-4711"}}]}`:       `{"Operations":[{"op":"add","value":{"` + extension + `:pin":"***"}}]}`,
		`{"filter":"` + extension + `:pin eq \"4711-4711\"","title":"my pin is 4711-4711"}`: `{"filter":"` + extension + `:pin***","title":"my pin is ***"}`,
	} {
		m.Reset(c)
		got, cut := m.Body(nil, object(t, body), 1<<20)
		if string(got) != want || cut {
			t.Errorf("%s\ngot  %s\nwant %s", body, got, want)
		}
	}
}

func TestQuotedSecretsAreMaskedInAnswers(t *testing.T) {
	t.Parallel()
	var m scim.Mask
	m.Hide("dbr_abcdefgh1234")
	m.Body(nil, object(t, `{"password":"Tr0ub\"dor","token":7}`), 100)
	for answer, want := range map[string]string{
		`{"detail":"the value \"Tr0ub\\\"dor\" is bad"}`: `{"detail":"the value \"***\" is bad"}`,
		`{"detail":"Tr0ub\"do… is long"}`:                `{"detail":"***"}`,
		`{"detail":"token 7 of 17"}`:                     `{"detail":"token *** of 17"}`,
		`{"x":"dbr_abcdefgh1234"}`:                       `{"x":"***"}`,
		`{"x":"nothing"}`:                                `{"x":"nothing"}`,
	} {
		if got, _ := m.Answer(nil, []byte(answer), 1000); string(got) != want {
			t.Errorf("%s\ngot  %s\nwant %s", answer, got, want)
		}
	}
	if got, cut := m.Answer([]byte("kept"), []byte(strings.Repeat("ä", 100)), 11); !cut || string(got) != "keptäääää" {
		t.Errorf("%q %v", got, cut)
	}
}

// The mask searches for the beginning of a long secret, and removes what follows with it.
func TestLongSecretsAreMasked(t *testing.T) {
	t.Parallel()
	var m scim.Mask
	long := strings.Repeat("x7", 300) + "-the-end"
	m.Body(nil, directory.Attributes{{Name: "password", Value: long}}, 100)
	if got, _ := m.Answer(nil, []byte(`{"detail":"`+long+` is bad","status":"400"}`), 1000); string(got) != `{"detail":"***","status":"400"}` {
		t.Errorf("%s", got)
	}
}

// A request with more secrets than the mask can search for shows nothing, and costs little.
func TestManySecretsAreMaskedCheaply(t *testing.T) {
	t.Parallel()
	var m scim.Mask
	many := make([]any, 100000)
	for i := range many {
		many[i] = strings.Repeat(`\"`, 20) + strconv.Itoa(i)
	}
	if got, _ := m.Body(nil, directory.Attributes{{Name: "title", Value: "x"}, {Name: "password", Value: many}}, 1<<20); string(got) != scim.Masked {
		t.Errorf("%s", got)
	}
	if got, _ := m.Answer(nil, []byte(`{"detail":"y"}`), 100); string(got) != scim.Masked || m.Text("z") != scim.Masked {
		t.Errorf("%s", got)
	}
}

// Every request has a secret, its credential, which hardly any answer quotes. Searching for it allocates nothing.
func TestMaskAllocatesNothing(t *testing.T) {
	var m scim.Mask
	m.Hide("dbr_abcdefghijklmnopqrstuvwxyz0123456789")
	answer, kept := []byte(`{"userName":"`+strings.Repeat("dbr", 300)+`"}`), []byte(nil)
	if n := testing.AllocsPerRun(10, func() { kept, _ = m.Answer(kept[:0], answer, 1<<20) }); n != 0 || !bytes.Equal(kept, answer) {
		t.Errorf("%v allocations, %s", n, kept)
	}
}

// A secret occurs nowhere in the journaled text, whatever text surrounds it.
func FuzzMask(f *testing.F) {
	const secret = "S3cr3t-that-nobody-may-see"
	for _, seed := range []string{
		`{"password":"` + secret + `"}`, `{"a":[{"clientSecret":{"x":"` + secret + `"}}],"b":"` + secret + `"}`,
		`{"Operations":[{"op":"add","value":"` + secret + `","path":"password"}]}`, `{"title":"x","passWORD":["` + secret + `","` + secret + `"]}`,
	} {
		f.Add(seed, `{"detail":"`+secret+`"}`)
	}
	f.Fuzz(func(t *testing.T, body, answer string) {
		v, err := directory.ParseJSON([]byte(body), directory.DefaultLimits())
		o, ok := v.(directory.Attributes)
		if err != nil || !ok {
			return
		}
		o = append(directory.Attributes{{Name: "mine.password", Value: secret}}, o...)
		var m scim.Mask
		got, _ := m.Body(nil, o, 1<<20)
		if strings.Contains(string(got), secret) {
			t.Errorf("%s", got)
		}
		if kept, _ := m.Answer(nil, []byte(answer), 1<<20); strings.Contains(string(kept), secret) {
			t.Errorf("%s", kept)
		}
		m.Query("password="+url.QueryEscape(answer)+"&filter="+url.QueryEscape(body), url.QueryUnescape)
		if kept := m.Text(body + secret); strings.Contains(kept, secret) {
			t.Errorf("%s", kept)
		}
	})
}
