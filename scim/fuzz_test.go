package scim_test

import (
	"bytes"
	"testing"

	"drawbridge/directory"
	"drawbridge/scim"
)

// A decoded resource can be encoded, and decoding the result gives the same document. The answer is valid JSON with or without a
// projection, and contains no secret.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		document,
		`{"userName":"m","active":"False","roles":[{"value":"{\"value\":\"{\\\"value\\\":\\\"x\\\"}\"}"}],"emails":{"value":"a","primary":"true"}}`,
		`{"schemas":["urn:scim:schemas:core:1.0"],"userName":"m","urn:scim:schemas:extension:enterprise:1.0":{"manager":{"managerId":"x"}},"` + enterprise + `":{"manager":["y"]}}`,
		`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"G","members":["a",{"$ref":"x/y","value":null},{"value":"b","operation":"DELETE"}]}`,
		`{"userName":"m","` + badge + `":{"badgeNumber":"1","level":"7","tags":"x","doors":[{"value":["a"],"code":"secret"}],"pin":"secret"},"password":"secret"}`,
		`{"userName":"m","` + enterprise + `":{"manager":{"managerId":""}}}`,
		`{"userName":"m","` + enterprise + `":{"manager":{"value":"","unknown":"x"}}}`,
		`{"serial":"s","owner":"x","meta":null,"displayName":"G","emails":[{"type":"a"},{"type":"a"},[{"value":"b"}]]}`,
	} {
		f.Add([]byte(seed))
	}
	c := catalog(f, badgeSchema(), deviceSchema())
	whole, err := scim.ParseProjection(c.User, []string{"emails.value,name,meta," + badge, enterprise + ":manager.value"}, nil, nil, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		value, err := directory.ParseJSON(data, directory.Limits{Depth: 16, Values: 2000})
		body, ok := value.(directory.Attributes)
		if err != nil || !ok {
			return
		}
		for _, rt := range c.Types {
			var q scim.Quirks
			r, _, err := rt.Decode(body, scim.DecodeOptions{}, &q)
			if err != nil {
				if scim.ErrorOf(err).Status != 400 {
					t.Fatalf("%v", err)
				}
				continue
			}
			first := r.ResourceDraft(&q).Document
			parsed, err := first.Attributes()
			if err != nil {
				t.Fatalf("%s: %v", first, err)
			}
			again, _, err := rt.Decode(parsed, scim.DecodeOptions{}, nil)
			if err != nil {
				t.Fatalf("%s is not decoded again: %v", first, err)
			}
			if second := again.ResourceDraft(nil).Document; !bytes.Equal(first, second) {
				t.Fatalf("not stable:\n%s\n%s", first, second)
			}
			if rt != c.User {
				continue
			}
			draft := r.UserDraft(nil)
			u := &directory.User{ID: id(1), UserName: draft.UserName, Document: draft.Document}
			for _, p := range []*scim.Projection{nil, whole} {
				answer, err := rt.AppendUser(nil, base, u, nil, p)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := directory.ParseJSON(answer, directory.Limits{}); err != nil {
					t.Fatalf("%s: %v", answer, err)
				}
				for _, path := range []string{"password", "pin"} {
					if directory.Document(answer).Raw(path) != nil || directory.Document(directory.Document(answer).Raw(badge)).Raw(path) != nil {
						t.Fatalf("%s is in %s", path, answer)
					}
				}
			}
		}
	})
}

// No definition causes a panic, and every accepted schema can be read again from its output.
func FuzzParseSchema(f *testing.F) {
	f.Add([]byte(badgeSchema().Definition))
	f.Add([]byte(deviceSchema().Definition))
	f.Add([]byte(`{"id":"urn:x:y:z","attributes":[{"name":"a","type":"reference"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := scim.ParseSchema(data)
		if err != nil {
			if e := scim.ErrorOf(err); e.Status != 400 || e.Detail == "" {
				t.Fatal(err)
			}
			return
		}
		if _, err := scim.ParseSchema(s.Definition().Document()); err != nil {
			t.Fatalf("%s: %v", s.Definition().Document(), err)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	c := catalog(b)
	body := object(b, document)
	b.ReportAllocs()
	for b.Loop() {
		var q scim.Quirks
		r, _, err := c.User.Decode(body, scim.DecodeOptions{}, &q)
		if err != nil {
			b.Fatal(err)
		}
		_ = r
	}
}

func BenchmarkParseAndDecodeToDraft(b *testing.B) {
	c := catalog(b)
	text := []byte(document)
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		v, err := directory.ParseJSON(text, directory.DefaultLimits())
		body, ok := v.(directory.Attributes)
		if err != nil || !ok {
			b.Fatal(err)
		}
		var q scim.Quirks
		r, _, err := c.User.Decode(body, scim.DecodeOptions{}, &q)
		if err != nil {
			b.Fatal(err)
		}
		_ = r.UserDraft(&q)
	}
}

func BenchmarkAppendUser(b *testing.B) {
	c := catalog(b)
	u, groups := mira(), miraGroups()
	for name, p := range map[string][2]string{"whole": {}, "attributes=userName": {"userName"}, "excludedAttributes=groups": {1: "groups"}} {
		b.Run(name, func(b *testing.B) {
			projection, err := scim.ParseProjection(c.User, []string{p[0]}, []string{p[1]}, nil, nil)
			if err != nil {
				b.Fatal(err)
			}
			var buffer []byte
			b.ReportAllocs()
			for b.Loop() {
				if buffer, err = c.User.AppendUser(buffer[:0], base, u, groups, projection); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMembers(b *testing.B) {
	c := catalog(b)
	members := make([]any, 10_000)
	for i := range members {
		members[i] = directory.Attributes{{Name: "value", Value: id(byte(i)).String()}, {Name: "display", Value: "x"}}
	}
	body := directory.Attributes{{Name: "displayName", Value: "G"}, {Name: "members", Value: members}}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := c.Group.Decode(body, scim.DecodeOptions{}, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewCatalog(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := scim.NewCatalog(nil); err != nil {
			b.Fatal(err)
		}
	}
}
