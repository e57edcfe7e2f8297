package mail_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"drawbridge/directory"
)

// Links are complete in text and HTML, and names of people are escaped.
func TestInvitationMailsKeepLinksAndEscapeNames(t *testing.T) {
	t.Parallel()
	const link = "https://scim.example.test/invitation/acme/dbi_AZ-_09"
	data := directory.Document(`{"tenant":"acme","name":"Acme & Söhne","person":"<img src=x>\r\nBcc: eve@example.test","address":"ada@example.test","by":"","link":"` + link + `","expires":"2026-05-09T09:00:00Z"}`)
	for kind, want := range map[directory.MailKind]string{directory.UserInvitationMail: "until 9 May 2026, 09:00 UTC", directory.UserConfirmationMail: "(ada@example.test)"} {
		s := newServer(t, nil)
		if err := sender(t, s.config()).Send(t.Context(), notice(func(m *directory.Mail) { m.Kind, m.Data = kind, data })); err != nil {
			t.Fatal(err)
		}
		mails := s.taken()
		if len(mails) != 1 {
			t.Fatalf("%d mails", len(mails))
		}
		head, text, html := parts(t, mails[0])
		if !strings.Contains(text, "\n"+link+"\n") && !strings.Contains(text, "\r\n"+link+"\r\n") || !strings.Contains(html, `href="`+link+`"`) {
			t.Errorf("%s: text:\n%s\nhtml:\n%s", kind, text, html)
		}
		if !strings.Contains(text, want) || strings.Contains(html, "<img") || strings.Contains(text, "\nBcc") || head.Get("Bcc") != "" {
			t.Errorf("%s: %v\ntext:\n%s\nhtml:\n%s", kind, head, text, html)
		}
	}
}

// Each mail ends with the name of the provider, escaped. If that cannot be read, the mail is sent without it.
func TestMailEndsWithTheProvider(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	config := s.config()
	for _, by := range []struct {
		name, support, text string
		logo                []byte
		err                 error
	}{
		{name: "Contoso <b>MSP</b>\r\nBcc: eve@example.test", support: "help@contoso.example", text: "Contoso <b>MSP</b>  Bcc: eve@example.test"},
		{name: "Contoso", support: "help@contoso.example", text: "Contoso", logo: []byte("\x89PNG")},
		{err: errors.New("the store is away")},
	} {
		config.Introduction = func(context.Context) (directory.Introduction, error) {
			return directory.Introduction{Name: by.name, Support: by.support, Logo: by.logo}, by.err
		}
		if err := sender(t, config).Send(t.Context(), notice(func(m *directory.Mail) { m.Kind = directory.TestMail })); err != nil {
			t.Fatal(err)
		}
		mails := s.taken()
		head, text, html := parts(t, mails[len(mails)-1])
		if got := strings.Contains(text, by.support) && strings.Contains(html, `href="mailto:help@contoso.example"`); got != (by.err == nil) {
			t.Errorf("%v: text:\n%s\nhtml:\n%s", by.err, text, html)
		}
		whole := mails[len(mails)-1]
		if got := strings.Contains(html, `src="cid:logo"`) && strings.Contains(whole, "Content-Id: <logo>") && strings.Contains(whole, "Content-Type: image/png"); got != (by.logo != nil) {
			t.Errorf("a logo: %v, want %v\n%s", got, by.logo != nil, whole)
		}
		if !strings.Contains(text, by.text) || strings.Contains(html, "<b>MSP") || head.Get("Bcc") != "" {
			t.Errorf("%v\ntext:\n%s\nhtml:\n%s", head, text, html)
		}
	}
}
