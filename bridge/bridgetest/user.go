package bridgetest

import (
	"drawbridge/directory"
)

// Person is what a test wants a user to be.
type Person struct {
	Name     string
	External string
	Title    string
	UserType string
	Email    string
	Active   *bool
}

// Draft is a directory.UserEdit that makes the person.
func (p Person) Draft(*directory.User) (directory.UserDraft, error) {
	a := directory.Attributes{
		{Name: "schemas", Value: []any{"urn:ietf:params:scim:schemas:core:2.0:User"}},
		{Name: "userName", Value: p.Name},
	}
	for _, optional := range [][2]string{{"externalId", p.External}, {"title", p.Title}, {"userType", p.UserType}} {
		if optional[1] != "" {
			a = append(a, directory.Attribute{Name: optional[0], Value: optional[1]})
		}
	}
	draft := directory.UserDraft{UserName: p.Name, ExternalID: p.External, UserType: p.UserType, Active: p.Active}
	if p.Email != "" {
		draft.Emails = []string{p.Email}
		a = append(a, directory.Attribute{Name: "emails", Value: []any{directory.Attributes{{Name: "value", Value: p.Email}}}})
	}
	draft.Document = a.Document()
	return draft, nil
}

// Patch changes a part of a user and leaves the rest.
func Patch(change func(*directory.UserDraft)) directory.UserEdit {
	return func(before *directory.User) (directory.UserDraft, error) {
		d := directory.UserDraft{
			UserName: before.UserName, ExternalID: before.ExternalID, Emails: before.Emails, Document: before.Document,
		}
		d.UserType, _ = before.Document.Value("userType").(string)
		change(&d)
		return d, nil
	}
}

// SetActive states active.
func SetActive(v bool) directory.UserEdit {
	return Patch(func(d *directory.UserDraft) { d.Active = &v })
}

// SetTitle changes the title.
func SetTitle(text string) directory.UserEdit {
	return Patch(func(d *directory.UserDraft) {
		a, _ := d.Document.Attributes()
		a.Set("title", text)
		d.Document = a.Document()
	})
}

// Yes is true.
func Yes() *bool { v := true; return &v }

// No is false.
func No() *bool { v := false; return &v }
