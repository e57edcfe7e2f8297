package filter

import (
	"strings"
	"testing"

	"drawbridge/directory"
	"drawbridge/scim"
)

// Brackets in attributes and excludedAttributes select elements. Microsoft's collection asks for emails[type eq "work"].
func TestBracketsInAttributesSelectElements(t *testing.T) {
	t.Parallel()
	user := userType(t)
	u := &directory.User{
		UserName: "mira", State: directory.Active,
		Document: directory.Document(`{"schemas":["` + scim.UserSchema + `"],"userName":"mira","emails":[{"type":"work","value":"w@acme.test"},{"type":"home","value":"h@acme.test"}]}`),
	}
	for _, tt := range []struct {
		attributes, excluded string
		want, without        []string
	}{
		{`emails[type eq "work"]`, ``, []string{`{"type":"work","value":"w@acme.test"}`}, []string{"h@acme.test", `"userName"`}},
		{`emails[type eq "work"].value`, ``, []string{`[{"value":"w@acme.test"}]`}, []string{"h@acme.test", `"type"`}},
		{`emails[value eq "nobody"],userName`, ``, []string{`"userName"`}, []string{`"emails"`}},
		{`emails[type eq "work"],emails[type eq "home"]`, ``, []string{"w@acme.test", "h@acme.test"}, []string{`"userName"`}},
		{`emails[type eq "a,b"],userName`, ``, []string{`"userName"`}, []string{`"emails"`}},
		{`emails[value eq "w@acme.test" and type ne "]\",["].type, userName`, ``, []string{`[{"type":"work"}]`, `"userName"`}, []string{"h@acme.test"}},
		{``, `emails[type eq "work"]`, []string{"h@acme.test", `"userName"`}, []string{"w@acme.test"}},
		{``, `emails[type eq "work"].value`, []string{`{"type":"work"}`, "h@acme.test"}, []string{"w@acme.test"}},
	} {
		p, err := scim.ParseProjection(user, []string{tt.attributes}, []string{tt.excluded}, ParseElement, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := user.AppendUser(nil, "https://bridge.test/scim/v2/acme", u, nil, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range tt.want {
			if !strings.Contains(string(got), part) {
				t.Errorf("attributes %s excluded %s: %s lacks %s", tt.attributes, tt.excluded, got, part)
			}
		}
		for _, part := range tt.without {
			if strings.Contains(string(got), part) {
				t.Errorf("attributes %s excluded %s: %s has %s", tt.attributes, tt.excluded, got, part)
			}
		}
	}
	for _, bad := range []string{`userName[value eq "x"]`, `emails[nope eq "x"]`, `emails[type eq]`, `emails[]`, `emails[`, `emails[type eq "work"`, `emails[type eq "work]`} {
		if _, err := scim.ParseProjection(user, []string{bad}, nil, ParseElement, nil); scim.ErrorOf(err).Status != 400 {
			t.Errorf("%s: got %v, want 400", bad, err)
		}
	}
}
