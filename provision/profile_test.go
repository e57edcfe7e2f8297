package provision_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/targets"
	"drawbridge/directory"
)

// document gives a user attributes.
func document(change func(*directory.Attributes)) directory.UserEdit {
	return bridgetest.Patch(func(d *directory.UserDraft) {
		a, _ := d.Document.Attributes()
		change(&a)
		d.Document = a.Document()
	})
}

func addresses(values ...string) []any {
	var out []any
	for i, v := range values {
		out = append(out, directory.Attributes{{Name: "value", Value: v}, {Name: "type", Value: []string{"work", "home"}[i%2]}, {Name: "primary", Value: i == len(values)-1}})
	}
	return out
}

// The stand-in refuses what the documents of an application say that it refuses. With its profile, a run makes both sides equal, and parks a
// user who cannot be sent, with the reason.
func TestProfilesFitTheirApplications(t *testing.T) {
	t.Parallel()
	for profile, refuses := range map[directory.TargetProfile]func(r *http.Request, text string) string{
		directory.AWSTarget: func(r *http.Request, text string) string {
			switch {
			case strings.Count(text, `"type":"work"`)+strings.Count(text, `"type":"home"`) > 1:
				return "several values"
			case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/Users") && (!strings.Contains(text, `"givenName"`) || !strings.Contains(text, `"familyName"`)):
				return "a name is missing"
			}
			return ""
		},
		directory.SlackTarget:  withoutEmail,
		directory.GitHubTarget: onlyPeople,
		directory.GitLabTarget: onlyPeople,
		directory.AtlassianTarget: func(r *http.Request, text string) string {
			if strings.HasSuffix(r.URL.Path, "/Groups") && strings.Contains(r.URL.Query().Get("filter"), "externalId") {
				return "groups are found by displayName"
			}
			return withoutEmail(r, text)
		},
	} {
		t.Run(string(profile), func(t *testing.T) {
			t.Parallel()
			k := start(t)
			k.proxy.breaks(func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
				reason := refuses(r, body(r))
				if reason == "" {
					return false
				}
				w.WriteHeader(http.StatusBadRequest)
				_, _ = fmt.Fprintf(w, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","detail":%q}`, reason)
				return true
			})
			ann, bob := k.NewUser(k.idp, person("ann")).User, k.NewUser(k.idp, person("bob")).User
			k.ChangeUser(k.idp, ann.ID, document(func(a *directory.Attributes) {
				a.Set("emails", addresses("ann@acme.example", "ann@home.example"))
				a.Set("title", "Head")
			}))
			k.NewGroup(k.idp, "Engineering", bridgetest.Add(ann.ID))
			k.target(func(d *targets.Draft) { d.Profile = profile })
			k.quiet()
			s := k.state().State
			failures, err := k.Targets.Failures(t.Context(), k.Op, at("acme"))
			k.OK(err)
			if profile == directory.AWSTarget {
				if len(failures) > 0 || s.Users != 2 {
					t.Fatalf("state %+v, failures %+v", s, failures)
				}
			} else if len(failures) != 1 || failures[0].Local != bob.ID || !strings.Contains(failures[0].Error, "this person has none") || s.Users != 1 {
				t.Fatalf("state %+v, failures %+v", s, failures)
			}
			k.ChangeUser(k.idp, bob.ID, document(func(a *directory.Attributes) { a.Set("emails", addresses("bob@acme.example")) }))
			k.quiet()
			s = k.state().State
			groups := 1
			if !profile.Groups() {
				groups = 0
			}
			if s.Users != 2 || s.Groups != groups || s.Pending != 0 || s.Error != "" {
				t.Errorf("state %+v", s)
			}
			if there := k.there(); strings.Contains(there, "Engineering [ann@acme.example]") != (groups == 1) || strings.Contains(there, `title="Head"`) == slices.Contains([]directory.TargetProfile{directory.GitHubTarget, directory.GitLabTarget}, profile) {
				t.Errorf("there:\n%s", there)
			}
			k.proxy.writes()
			k.restart()
			k.sync(targets.Wish{Compare: true})
			k.quiet()
			if got := k.proxy.writes(); len(got) > 0 {
				t.Errorf("another run sent %v", got)
			}
		})
	}
}

func withoutEmail(r *http.Request, text string) string {
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/Users") && !strings.Contains(text, `"emails"`) {
		return "an e-mail address is missing"
	}
	return ""
}

func onlyPeople(r *http.Request, text string) string {
	switch {
	case strings.Contains(r.URL.Path, "/Groups"):
		return "there are no groups"
	case strings.Contains(text, `"title"`):
		return "title is unknown"
	}
	return withoutEmail(r, text)
}

// A mapping says what is sent: another attribute, a constant, or nothing. A change of it is sent to everybody.
func TestAMappingSaysWhatIsSent(t *testing.T) {
	t.Parallel()
	k := start(t)
	ann := k.NewUser(k.idp, person("ann")).User
	k.ChangeUser(k.idp, ann.ID, document(func(a *directory.Attributes) {
		a.Set("emails", addresses("ann@home.example", "Ann@acme.example"))
		a.Set("title", "Head")
		a.Set("nickName", "Annie")
	}))
	k.target(func(d *targets.Draft) {
		d.Mapping = []directory.TargetRule{
			{Attribute: "userName", Source: directory.SourceEmail},
			{Attribute: "title", Source: "nickName"},
			{Attribute: "userType", Constant: "Employee"},
			{Attribute: "nickName"},
			{Attribute: "emails"},
		}
	})
	k.run()
	got := k.proxy.writes()
	if len(got) != 1 || !strings.Contains(got[0], `"userName":"Ann@acme.example"`) || !strings.Contains(got[0], `"title":"Annie"`) || !strings.Contains(got[0], `"userType":"Employee"`) ||
		strings.Contains(got[0], "emails") || strings.Contains(got[0], "nickName") {
		t.Errorf("sent %v", got)
	}
	none := []directory.TargetRule{{Attribute: "userName", Source: directory.SourceEmail}, {Attribute: "title"}}
	_, err := k.Targets.Update(t.Context(), k.Op, "mirror", targets.Edit{Mapping: &none})
	k.OK(err)
	k.run()
	if got := k.proxy.writes(); len(got) != 1 || !strings.Contains(got[0], `{"op":"remove","path":"title"}`) || !strings.Contains(got[0], `"path":"nickName","value":"Annie"`) {
		t.Errorf("after the change %v", got)
	}
	k.sync(targets.Wish{Compare: true})
	if got := k.proxy.writes(); len(got) > 0 {
		t.Errorf("another run sent %v", got)
	}
	k.ChangeUser(k.idp, ann.ID, document(func(a *directory.Attributes) { a.Delete("emails") }))
	k.run()
	if there := k.there(); !strings.Contains(there, "ann@acme.example") {
		t.Errorf("without an address:\n%s", there)
	}
}
