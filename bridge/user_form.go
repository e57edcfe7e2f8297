package bridge

import (
	"context"
	"strings"
	"unicode"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
)

// UserForm is a user as people enter one: by hand, or as a row of a table. An empty field has no effect.
type UserForm struct {
	UserName, Email, GivenName, FamilyName, DisplayName, ExternalID string

	Type   string // "member" or "guest"
	Active *bool  // nil: not stated
}

const userSchema = "urn:ietf:params:scim:schemas:core:2.0:User"

// UserFormOf is the form of an existing user, with each value except the userName on one line.
func UserFormOf(u *directory.User) UserForm {
	name, _ := u.Document.Value("name").(directory.Attributes)
	display, _ := u.Document.Value("displayName").(string)
	d := UserForm{
		UserName: u.UserName, GivenName: name.String("givenName"), FamilyName: name.String("familyName"), DisplayName: display,
		ExternalID: u.ExternalID, Type: u.Type.String(),
	}
	if len(u.Emails) > 0 {
		d.Email = u.Emails[0]
		if at := primaryOf(u.Document); at >= 0 && at < len(u.Emails) {
			d.Email = u.Emails[at]
		}
	}
	for _, text := range d.texts()[1:] {
		*text = oneLine(*text)
	}
	return d
}

// primaryOf is the index of the primary e-mail address, -1 if none is.
func primaryOf(d directory.Document) int {
	all, _ := d.Value("emails").([]any)
	for n, one := range all {
		a, _ := one.(directory.Attributes)
		if primary, _ := a.Get("primary"); primary == true {
			return n
		}
	}
	return -1
}

func (d *UserForm) texts() []*string {
	return []*string{&d.UserName, &d.Email, &d.GivenName, &d.FamilyName, &d.DisplayName, &d.ExternalID}
}

// oneLine makes one line of text from another person, without characters that control a screen or change the direction of writing.
func oneLine(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == unicode.ReplacementChar || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text))
}

// check refuses invalid values. The error is Invalid and names the field.
func (d *UserForm) check() error {
	for _, f := range []struct {
		field, text string
		least, most int
	}{
		{"user_name", d.UserName, 1, 254},
		{"email", d.Email, 0, 254},
		{"given_name", d.GivenName, 0, 200},
		{"family_name", d.FamilyName, 0, 200},
		{"display_name", d.DisplayName, 0, 400},
		{"external_id", d.ExternalID, 0, 1024},
	} {
		if err := policy.CheckText(f.field, f.text, f.least, f.most); err != nil {
			return err
		}
	}
	for field, text := range map[string]string{"user_name": d.UserName, "email": d.Email} {
		if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Cf, r) }) {
			return &directory.Error{Code: directory.Invalid, Field: field, Message: field + " contains an invisible character"}
		}
	}
	if d.Email != "" {
		if err := policy.CheckEmail("email", d.Email); err != nil {
			return err
		}
	}
	if d.Type != "" && d.Type != "member" && d.Type != "guest" {
		return &directory.Error{Code: directory.Invalid, Field: "type", Message: "a user's type is member or guest"}
	}
	return nil
}

// writeTo writes the values of the draft into a user and leaves the others unchanged. A value that equals the draft's stays as it is, so
// that an exported table that is imported again changes nothing.
func (d *UserForm) writeTo(before *directory.User, guests []string) (directory.UserDraft, error) {
	if err := d.check(); err != nil {
		return directory.UserDraft{}, err
	}
	out := directory.UserDraft{UserName: d.UserName, ExternalID: d.ExternalID, Active: d.Active}
	a := directory.Attributes{{Name: "schemas", Value: []any{userSchema}}, {Name: "userName", Value: d.UserName}}
	was := UserForm{}
	if before != nil {
		was = UserFormOf(before)
		a, out.UserName, out.ExternalID, out.Emails = txn.Decoded(before.Document), before.UserName, before.ExternalID, before.Emails
	}
	set := func(name, value, now string) {
		if value != "" && value != now {
			a.Set(name, value)
		}
	}
	set("displayName", d.DisplayName, was.DisplayName)
	if d.ExternalID != "" && d.ExternalID != was.ExternalID {
		out.ExternalID = d.ExternalID
		a.Set("externalId", d.ExternalID)
	}
	name, _ := a.Get("name")
	parts, _ := name.(directory.Attributes)
	for _, p := range [][3]string{{"givenName", d.GivenName, was.GivenName}, {"familyName", d.FamilyName, was.FamilyName}} {
		if p[1] != "" && p[1] != p[2] {
			parts.Set(p[0], p[1])
			parts.Delete("formatted") // it would say what is no longer so
			a.Set("name", parts)
		}
	}
	email := d.Email
	if before == nil && email == "" && policy.CheckEmail("email", d.UserName) == nil {
		email = d.UserName
	}
	if email != "" && email != was.Email {
		a.Set("emails", []any{directory.Attributes{{Name: "value", Value: email}, {Name: "type", Value: "work"}, {Name: "primary", Value: true}}})
		out.Emails = []string{email}
	}
	if d.Type != "" && d.Type != was.Type {
		if d.Type == "guest" {
			if len(guests) == 0 {
				return out, &directory.Error{Code: directory.Conflict, Field: "type", Rule: "B4", Message: "no userType makes a guest here: set guest_user_types of the tenant first"}
			}
			a.Set("userType", guests[0])
		} else if before != nil {
			a.Delete("userType")
		}
	}
	out.Document = a.Document()
	out.UserType, _ = out.Document.Value("userType").(string)
	return out, nil
}

// AddUser creates a user by hand, without a managing connection (L1). The first state of the user follows onboarding, or, if it is "", the
// tenant's setting. Unsupported for an invitation without a mail server, Conflict with Field userName, Refused B2, Invalid.
func (s *Service) AddUser(ctx context.Context, p directory.Principal, tenant directory.TenantID, d UserForm, onboarding directory.Onboarding) (UserResult, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return UserResult{}, err
	}
	return s.writeUser(ctx, p, nil, func(t *tenantTx) (UserResult, error) {
		if err := t.load(); err != nil {
			return UserResult{}, err
		}
		if onboarding != "" {
			t.state.Settings.Onboarding = onboarding
		}
		if t.state.Settings.Onboarding == directory.OnboardInvite && !s.mail {
			return UserResult{}, noInvitations()
		}
		return t.createUser(func(before *directory.User) (directory.UserDraft, error) {
			return d.writeTo(before, t.state.Settings.GuestUserTypes)
		})
	})
}
