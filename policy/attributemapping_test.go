package policy_test

import (
	"slices"
	"strings"
	"testing"

	"drawbridge/directory"
	"drawbridge/policy"
)

func TestAttributeMappingCases(t *testing.T) {
	t.Parallel()
	type testCase struct {
		Name  string
		Rules []struct{ Target, Source, Constant, Default string }
		// Outside is outside_domains, Domains are the member_domains of the tenant.
		Outside string
		Domains []string
		Sent    string
		Then    struct {
			UserName string `yaml:"user_name"`
			UserType string `yaml:"user_type"`
			Emails   []string
			From     []string
			Document string
			Refuse   directory.Rule
			Message  string
			Invalid  string
		}
	}
	for _, c := range cases[testCase](t, "attributemapping.yaml") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			m := &directory.AttributeMapping{OutsideDomains: directory.OutsideDomains(c.Outside)}
			for _, r := range c.Rules {
				m.Attributes = append(m.Attributes, directory.AttributeRule{Target: directory.MappingTarget(r.Target), Source: r.Source, Constant: r.Constant, Default: r.Default})
			}
			err := policy.CheckAttributeMapping(m)
			if c.Then.Invalid != "" {
				if directory.CodeOf(err) != directory.Invalid || !strings.Contains(err.Error(), c.Then.Invalid) {
					t.Fatalf("%v; want %q", err, c.Then.Invalid)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			document := directory.Document(c.Sent)
			sent := directory.UserDraft{Document: document, Emails: directory.EmailsOf(document.Value("emails"))}
			sent.UserName, _ = document.Value("userName").(string)
			sent.UserType, _ = document.Value("userType").(string)
			s := policy.DefaultSettings()
			s.MemberDomains = c.Domains
			got := policy.MapUser(m, s, sent)
			if c.Then.Refuse != "" {
				checkRefusal(t, got.Refuse, c.Then.Refuse, c.Then.Message)
				return
			}
			if got.Refuse != nil {
				t.Fatalf("refused: %+v", got.Refuse)
			}
			checkMapped(t, &got, c.Sent)
			if got.User.UserName != c.Then.UserName || c.Then.UserType != "" && got.User.UserType != c.Then.UserType {
				t.Errorf("userName %q, userType %q", got.User.UserName, got.User.UserType)
			}
			if c.Then.Emails != nil && !slices.Equal(got.User.Emails, c.Then.Emails) {
				t.Errorf("emails %q", got.User.Emails)
			}
			if c.Then.Document != "" && string(got.User.Document) != c.Then.Document {
				t.Errorf("document %s", got.User.Document)
			}
			for i, from := range c.Then.From {
				if got.Attributes[i].From != from {
					t.Errorf("from %q, want %q", got.Attributes[i].From, from)
				}
			}
		})
	}
}

// checkMapped compares the fields of a draft with its document, and what was sent with what is kept of it.
func checkMapped(t *testing.T, m *policy.Mapped, sent string) {
	t.Helper()
	u := &m.User
	name, _ := u.Document.Value("userName").(string)
	kind, _ := u.Document.Value("userType").(string)
	if name != u.UserName || kind != u.UserType || !slices.Equal(directory.EmailsOf(u.Document.Value("emails")), u.Emails) {
		t.Errorf("the fields %q, %q, %q do not say what %s says", u.UserName, u.UserType, u.Emails, u.Document)
	}
	if string(u.Sent) != sent {
		t.Errorf("sent is %s", u.Sent)
	}
}

func TestRefusalsOfMappingsNameUsersAndRule(t *testing.T) {
	t.Parallel()
	first := &policy.Refusal{Message: "ada@else.example is in none of the domains"}
	for name, c := range map[string]struct {
		got  *policy.Refusal
		want []string
	}{
		"the userType is mapped":    {policy.TypeIsMapped("acme-okta"), []string{`"acme-okta"`, "userType"}},
		"two users get one name":    {policy.MappingMerges("x@acme.example", "ada", "bob"), []string{"ada and bob", "x@acme.example"}},
		"one user would be lost":    {policy.MappingRefuses(1, []string{"ada"}, first), []string{"1 user who has access", "(ada)", first.Message}},
		"three users would be lost": {policy.MappingRefuses(3, []string{"ada", "bob"}, first), []string{"3 users who have access", "(ada, bob)"}},
	} {
		if c.got.Code != directory.Conflict || c.got.Rule != "C13" {
			t.Errorf("%s: %s by rule %q, want a conflict by C13", name, c.got.Code, c.got.Rule)
		}
		for _, want := range c.want {
			if !strings.Contains(c.got.Message, want) {
				t.Errorf("%s: %q does not say %q", name, c.got.Message, want)
			}
		}
	}
}

func TestTargetValuesReadsTheDocument(t *testing.T) {
	t.Parallel()
	document := directory.Document(`{"userName":"ada","userType":"Guest","emails":[{"type":"home","value":"h@x"},{"type":"work","value":"w@x"}]}`)
	got := policy.TargetValues(document, []policy.MappedAttribute{{Target: directory.TargetUserName}, {Target: directory.TargetUserType}, {Target: directory.TargetEmail}, {Target: directory.TargetDepartment}})
	if want := []string{"ada", "Guest", "w@x", ""}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAttributesGrantRoles(t *testing.T) {
	t.Parallel()
	rules := []directory.RoleRule{
		{Source: directory.FromRoles, Value: "Admin", Grants: directory.Administrators},
		{Source: directory.FromEntitlements, Value: "Admin", Grants: directory.Owners},
		{Source: directory.FromRoles, Value: "audit", Grants: directory.Security},
	}
	for document, want := range map[string][]directory.BuiltIn{
		`{}`: nil,
		`{"roles":[{"value":"ADMIN","primary":true},{"value":"audit"}]}`: {directory.Administrators, directory.Security},
		`{"roles":["audit"]}`: {directory.Security},
		`{"roles":"audit"}`:   {directory.Security},
		`{"roles":[{"display":"Admin"},{"value":7},null]}`:                           nil,
		`{"entitlements":[{"value":" admin "}],"roles":[{"value":"administrator"}]}`: {directory.Owners},
	} {
		if got := policy.RolesByAttribute(rules, directory.Document(document)); !slices.Equal(got, want) {
			t.Errorf("%s grants %v, want %v", document, got, want)
		}
	}
	for want, rules := range map[string][]directory.RoleRule{
		"a role comes from roles or from entitlements": {{Source: "groups", Value: "x", Grants: directory.Owners}},
		"every member is in Team Members":              {{Source: directory.FromRoles, Value: "x", Grants: directory.TeamMembers}},
		"is not a built-in group":                      {{Source: directory.FromRoles, Value: "x", Grants: "boss"}},
		"twice":                                        {rules[0], rules[0]},
		"at most 100 rules":                            make([]directory.RoleRule, 101),
		"":                                             rules,
	} {
		err := policy.CheckAttributeMapping(&directory.AttributeMapping{Roles: rules})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", rules, err, want)
		}
	}
	if err := policy.CheckAttributeMapping(&directory.AttributeMapping{Roles: []directory.RoleRule{{Source: directory.FromRoles, Grants: directory.Owners}}}); err == nil {
		t.Error("a rule without a value is accepted")
	}
	no := policy.GrantedByAttribute(&directory.User{UserName: "ann", Connection: "acme-okta"}, &directory.Group{DisplayName: "Owners"})
	checkRefusal(t, no, "G4", "ann is in Owners by a role or an entitlement")
}

func TestMappedUsersAreBounded(t *testing.T) {
	t.Parallel()
	if no := policy.CheckMappedUsers(policy.MaxMapped, nil); no != nil {
		t.Errorf("the most is refused: %s", no.Message)
	}
	checkRefusal(t, policy.CheckMappedUsers(policy.MaxMapped+1, nil), "C13", "this connection manages 20001 users, and a mapping changes for at most 20000 at once: make another connection with the mapping")
	// A transfer to a connection that maps userName is refused, so it is not the advice.
	names := &directory.AttributeMapping{Attributes: []directory.AttributeRule{{Target: directory.TargetUserName, Source: "title"}}}
	to := directory.Connection{ID: "acme-entra", AttributeMapping: names}
	checkRefusal(t, policy.CheckTransfer(&directory.Connection{ID: "acme-okta"}, &to), "C14", "sets userName")
	checkRefusal(t, policy.CheckMappedUsers(policy.MaxMapped+1, names), "C13", "divide the users: transfer them in stages to other connections, until none has more than 20000")
}

// A path reads what SCIM can have at it: an extension, one of several values, a sub-attribute, a number, a boolean (C13).
func TestC13PathsReadValues(t *testing.T) {
	t.Parallel()
	document := directory.Document(`{"userName":"ann","title":" Chief ","cost":7,"on":true,"off":false,"tags":[],
		"emails":[{"type":"home","value":"h@x.test"},{"type":"work","value":"w@x.test","primary":true}],"phones":[{"value":"1"},{"value":"2"}],
		"urn:acme:1.0:User":{"desk-no":"4b"}}`)
	for source, want := range map[string]string{
		"title": "Chief", "title.value": "Chief", "title.other": "", "cost": "7", "on": "true", "off": "false", "tags": "", "missing": "",
		"emails": "w@x.test", `emails[type eq "home"]`: "h@x.test", `emails[type eq "home"].value`: "h@x.test", `emails[type eq "other"]`: "", "emails[primary eq true].type": "work",
		"phones": "1", `title[type eq "x"]`: "", "urn:acme:1.0:User:desk-no": "4b", "urn:none:1.0:User:desk-no": "",
	} {
		m := &directory.AttributeMapping{Attributes: []directory.AttributeRule{{Target: directory.TargetDepartment, Source: source}}}
		if err := policy.CheckAttributeMapping(m); err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		mapped := policy.MapUser(m, policy.DefaultSettings(), directory.UserDraft{UserName: "ann", Document: document})
		if len(mapped.Attributes) != 1 || mapped.Attributes[0].Value != want {
			t.Errorf("%s: %+v, want %q", source, mapped.Attributes, want)
		}
	}
	for _, bad := range []string{"9lives", "a b", "-x", "name.9", strings.Repeat("x", 513), `emails[type co "x"]`, `emails[type eq x]`, `emails[type eq "x"`, `emails[type eq "x"]value`} {
		if err := policy.CheckAttributeMapping(&directory.AttributeMapping{Attributes: []directory.AttributeRule{{Target: directory.TargetDepartment, Source: bad}}}); directory.CodeOf(err) != directory.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, r := range []directory.AttributeRule{{Target: directory.TargetUserType, Constant: strings.Repeat("x", 257)}, {Target: directory.TargetUserType, Source: "title", Default: "a\nb"}} {
		if err := policy.CheckAttributeMapping(&directory.AttributeMapping{Attributes: []directory.AttributeRule{r}}); directory.CodeOf(err) != directory.Invalid {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if policy.CheckAttributeMapping(nil) != nil || policy.RolesByAttribute(nil, document) != nil {
		t.Error("no mapping is a mistake, or grants a role")
	}
}

// A record that cannot be read is refused, and not mapped to an empty user (C13).
func TestC13DamagedRecordsAreRefused(t *testing.T) {
	t.Parallel()
	damaged := directory.Document(`{"userName":`)
	m := &directory.AttributeMapping{Attributes: []directory.AttributeRule{{Target: directory.TargetDepartment, Source: "title"}}}
	mapped := policy.MapUser(m, policy.DefaultSettings(), directory.UserDraft{UserName: "ann", Document: damaged})
	checkRefusal(t, mapped.Refuse, "C13", "damaged")
	if got := policy.TargetValues(damaged, []policy.MappedAttribute{{Target: directory.TargetDepartment}}); !slices.Equal(got, []string{""}) {
		t.Errorf("%q", got)
	}
}
