package mail_test

import (
	"strings"
	"testing"

	"drawbridge/directory"
)

// Links arrive whole in text and HTML, and what people are called is nothing but text.
func TestLetters(t *testing.T) {
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
