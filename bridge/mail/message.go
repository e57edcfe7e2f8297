package mail

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
	texttemplate "text/template"
	"unicode"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"

	"drawbridge/directory"
)

//go:embed templates
var files embed.FS

// templates are the bodies by kind of mail; the file of the text defines the subject, too.
type templates struct {
	text *texttemplate.Template
	html *template.Template
}

func parseTemplates() (templates, error) {
	clean := map[string]any{"plain": plain}
	text, err := texttemplate.New("").Funcs(clean).ParseFS(files, "templates/*.txt")
	if err != nil {
		return templates{}, err
	}
	html, err := template.New("").Funcs(clean).ParseFS(files, "templates/*.html")
	return templates{text: text, html: html}, err
}

// plain makes one line of text from another person, for bodies: it removes control characters and characters that change the direction of writing.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == utf8.RuneError {
			return ' '
		}
		return r
	}, text)
}

// data is what a template can show. Each kind of mail uses its part.
type data struct {
	Tenant  string   `json:"tenant"`
	Name    string   `json:"name"`
	Notices []notice `json:"notices"`
	More    int      `json:"more"`
	// Subscribed says that the mail goes to an operator, not to an address in the configuration.
	Subscribed bool   `json:"subscribed"`
	By         string `json:"by"`
	At         string `json:"at"`
	From       string `json:"from"` // the network address that the request came from
	Link       string `json:"link"`
	URL        string `json:"url"`
	Expires    string `json:"expires"`
	Done       bool   `json:"done"` // a new address of an operator has taken effect
	onboarding
	introduction
}

// introduction is the end of a mail, which says who sent it.
type introduction struct {
	Provider string `json:"-"`
	Support  string `json:"-"`
	Logo     []byte `json:"-"` // a PNG, which the HTML shows from within the mail: a picture from elsewhere would tell when the mail is read
}

type notice struct {
	At   string `json:"at"`
	Kind string `json:"kind"`
	Text string `json:"text"`
	By   string `json:"by"`
}

// Count is how many notices there are in all.
func (d data) Count() int { return len(d.Notices) + d.More }

// message renders a mail. It refuses and never repairs a text that cannot be a header: a subject with a line break is a
// mistake or an attack, and both should be visible.
func (s *Sender) message(m *directory.Mail, by introduction) (*gomail.Msg, error) {
	invalid := func(field, message string, err error) error {
		return &directory.Error{Code: directory.Invalid, Field: field, Message: message, Err: err}
	}
	var d data
	if err := json.Unmarshal(m.Data, &d); err != nil {
		return nil, invalid("data", "what the mail should say cannot be read", err)
	}
	d.introduction = by
	name := string(m.Kind)
	if s.templates.text.Lookup(name+".txt") == nil || s.templates.html.Lookup(name+".html") == nil {
		return nil, invalid("kind", fmt.Sprintf("there is no template for mails of the kind %q", name), nil)
	}
	var subject, text, html bytes.Buffer
	if err := s.templates.text.ExecuteTemplate(&subject, name+".subject", d); err != nil {
		return nil, invalid("subject", "the subject cannot be written from its template", err)
	}
	if err := s.templates.text.ExecuteTemplate(&text, name+".txt", d); err != nil {
		return nil, invalid("data", "the mail cannot be written from its template", err)
	}
	if err := s.templates.html.ExecuteTemplate(&html, name+".html", d); err != nil {
		return nil, invalid("data", "the mail cannot be written from its template", err)
	}
	if err := s.templates.text.ExecuteTemplate(&text, "introduction", d); err != nil {
		return nil, invalid("data", "the mail cannot be written from its template", err)
	}
	if err := header("subject", subject.String()); err != nil {
		return nil, err
	}
	if err := header("to", m.To); err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.FromFormat(s.config.Name, s.config.From); err != nil {
		return nil, invalid("from", "the sender is not an address", err)
	}
	if err := msg.To(m.To); err != nil {
		return nil, invalid("to", "the recipient is not an address", err)
	}
	if got := msg.GetTo(); len(got) != 1 || got[0].Address != m.To {
		return nil, invalid("to", "the recipient is not one plain address", nil)
	}
	msg.Subject(subject.String())
	msg.SetDateWithValue(s.config.Now())
	if !m.ID.IsZero() {
		_, host, _ := strings.Cut(s.config.From, "@")
		msg.SetMessageIDWithValue(m.ID.String() + "@" + host) // the same on every attempt, so that a second copy is known for one
	}
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // suppresses automatic replies such as "I am on holiday" (RFC 3834)
	msg.SetBodyString(gomail.TypeTextPlain, text.String())
	msg.AddAlternativeString(gomail.TypeTextHTML, html.String())
	if len(by.Logo) > 0 {
		if err := msg.EmbedReader("logo.png", bytes.NewReader(by.Logo), gomail.WithFileContentID("<logo>"), gomail.WithFileContentType("image/png")); err != nil {
			return nil, invalid("logo", "the logo of the provider cannot be part of the mail", err)
		}
	}
	return msg, nil
}

// header refuses what would end a header line or hide in it.
func header(field, text string) error {
	if len(text) > 400 {
		return &directory.Error{Code: directory.Invalid, Field: field, Message: "the " + field + " of the mail is too long"}
	}
	for _, r := range text {
		if unicode.IsControl(r) || r == utf8.RuneError || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return &directory.Error{
				Code: directory.Invalid, Field: field,
				Message: fmt.Sprintf("the %s of the mail contains U+%04X, which could begin another header; nothing was sent", field, r),
			}
		}
	}
	return nil
}
