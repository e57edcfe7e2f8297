package bridgetest

import (
	"context"
	"strings"
	"testing"

	"drawbridge/directory"
)

// Postman is a mail server that the test controls.
type Postman struct {
	Sent []directory.Mail
	Fail func(directory.Mail) error
}

// Send takes a mail.
func (p *Postman) Send(_ context.Context, m directory.Mail) error {
	if p.Fail != nil {
		if err := p.Fail(m); err != nil {
			return err
		}
	}
	p.Sent = append(p.Sent, m)
	return nil
}

// Away is the failure of a mail server that does not answer.
func Away(directory.Mail) error {
	return &directory.Error{Code: directory.Unavailable, Message: "the mail server is away"}
}

// Posted sends mail to p, and notices to recipients.
func Posted(p *Postman, recipients ...directory.Recipient) func(*Config) {
	return func(c *Config) { c.Mailer, c.Recipients = p, recipients }
}

// Notices are the kinds of the events that a notice tells about.
func Notices(m directory.Mail) string {
	a, _ := m.Data.Attributes()
	list, _ := a.Get("notices")
	notices, _ := list.([]any)
	var out []string
	for _, n := range notices {
		if n, ok := n.(directory.Attributes); ok {
			out = append(out, n.String("kind"))
		}
	}
	return strings.Join(out, " ")
}

// Mailed sends mail to p, with links that are used at the address that LinkIn expects.
func Mailed(p *Postman) func(*Config) {
	return func(c *Config) {
		c.Mailer = p
		c.LinkURL = func(text string) string { return "https://api.example.test/api/v1/links/" + text }
	}
}

// LinkIn is the secret of the link in a mail.
func LinkIn(t testing.TB, m directory.Mail) string {
	t.Helper()
	text, _ := m.Data.Value("link").(string)
	if url, _ := m.Data.Value("url").(string); text == "" || url != "https://api.example.test/api/v1/links/"+text {
		t.Fatalf("the mail %s carries the link %q at %q", m.Kind, text, url)
	}
	return text
}

// Deliver sends the mails that are due, once.
func (k *Kit) Deliver() (tried int, down error) {
	k.T.Helper()
	tried, down, err := k.DeliverMails(k.T.Context())
	k.OK(err)
	return tried, down
}

// SendMails sends mails until none is due.
func (k *Kit) SendMails() {
	k.T.Helper()
	for n := 1; n > 0; {
		n, _ = k.Deliver()
	}
}

// LastMail is the last mail of a kind that p took.
func (k *Kit) LastMail(p *Postman, kind directory.MailKind) directory.Mail {
	k.T.Helper()
	for i := len(p.Sent) - 1; i >= 0; i-- {
		if p.Sent[i].Kind == kind {
			return p.Sent[i]
		}
	}
	k.T.Fatalf("no mail of kind %s was sent", kind)
	return directory.Mail{}
}
