package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"drawbridge/directory"
)

// Security says how the connection to the server is encrypted.
type Security string

// The values of Security.
const (
	StartTLS Security = "starttls" // a plain greeting, then encryption; a server without it is refused
	TLS      Security = "tls"      // encrypted from the first byte, usually port 465
	Plain    Security = "none"     // for a server on the same machine
)

// Config says where mail goes.
type Config struct {
	Host     string
	Port     int
	Security Security
	Username string // "": no sign-in
	Password string
	From     string         // the address of the sender
	Name     string         // the sender as people read it; "": Drawbridge
	Roots    *x509.CertPool // nil: those of the system
	Timeout  time.Duration  // of one attempt in all; 0: 30 seconds
	Now      func() time.Time
	// Introduction gives who the provider is, for the end of each mail.
	// nil: neither.
	Introduction func(context.Context) (directory.Introduction, error)
}

// mostRead is how many bytes a server may send in one session. A session needs a few kilobytes.
const mostRead = 256 << 10

// Sender sends mails. It is safe for concurrent use; each mail has a connection of its own.
type Sender struct {
	config    Config
	templates templates
}

// New makes a Sender. It does not connect. The error is Invalid and names the setting.
func New(c Config) (*Sender, error) {
	invalid := func(field, message string) error {
		return &directory.Error{Code: directory.Invalid, Field: field, Message: message}
	}
	switch {
	case c.Host == "":
		return nil, invalid("host", "the name of a mail server is needed")
	case c.Port < 1 || c.Port > 65535:
		return nil, invalid("port", "a port is between 1 and 65535")
	case c.Security != StartTLS && c.Security != TLS && c.Security != Plain:
		return nil, invalid("tls", "tls is starttls, tls or none")
	case c.Username != "" && c.Security == Plain:
		return nil, invalid("tls", "a password does not go over a line that is not encrypted: tls is starttls or tls")
	case c.Now == nil:
		return nil, invalid("now", "a clock is needed")
	}
	if c.Timeout <= 0 {
		c.Timeout = 30 * time.Second
	}
	if c.Name == "" {
		c.Name = "Drawbridge"
	}
	parsed, err := parseTemplates()
	if err != nil {
		return nil, err
	}
	s := &Sender{config: c, templates: parsed}
	if _, err := s.message(&directory.Mail{To: c.From, Kind: directory.TestMail, Data: directory.Document(`{}`)}, introduction{}); err != nil {
		return nil, invalid("from", "from is not an address that mail can be sent from: "+err.Error())
	}
	return s, nil
}

// Send takes one mail to the server. Unavailable: the server cannot be reached, or asks to try again later. Invalid: the mail can never be
// sent, because the server refuses it permanently, the address is not one, or a header would break.
func (s *Sender) Send(ctx context.Context, m directory.Mail) error {
	message, err := s.message(&m, s.introduction(ctx))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	client, err := s.client(ctx)
	if err != nil {
		return &directory.Error{Code: directory.Unavailable, Message: "the mail server cannot be used as it is configured", Err: err}
	}
	if err := client.DialAndSendWithContext(ctx, message); err != nil && !delivered(message, err) {
		return explained(ctx, s.config.Host, err)
	}
	return nil
}

// introduction is who the provider is, if that can be read now. No mail waits for it.
func (s *Sender) introduction(ctx context.Context) introduction {
	if s.config.Introduction == nil {
		return introduction{}
	}
	by, err := s.config.Introduction(ctx)
	if err != nil {
		return introduction{}
	}
	return introduction{Provider: by.Name, Support: by.Support, Logo: by.Logo}
}

// Check connects, encrypts and signs in as Send does, and sends nothing. Unavailable: that failed.
func (s *Sender) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	client, err := s.client(ctx)
	if err == nil {
		err = client.DialWithContext(ctx)
	}
	if err != nil {
		return &directory.Error{Code: directory.Unavailable, Message: trouble(ctx, s.config.Host, err, "does not let this server sign in"), Err: err}
	}
	_ = client.Close() // it answered all that was asked
	return nil
}

// delivered reports whether the server accepted the message and only the end of the session failed. To send it again would deliver it twice.
func delivered(m *gomail.Msg, err error) bool {
	return m.IsDelivered() && err != nil
}

func explained(ctx context.Context, host string, err error) error {
	var refused *gomail.SendError
	if errors.As(err, &refused) && !refused.IsTemp() && refused.ErrorCode() >= 500 {
		return &directory.Error{
			Code: directory.Invalid, Err: err,
			Message: fmt.Sprintf("the mail server %s refuses this mail for good, with code %d", host, refused.ErrorCode()),
		}
	}
	return &directory.Error{Code: directory.Unavailable, Message: trouble(ctx, host, err, "did not take the mail"), Err: err}
}

// trouble describes a failure of the server; otherwise is the description if nothing better is known.
func trouble(ctx context.Context, host string, err error, otherwise string) string {
	var broken net.Error
	switch {
	case errors.Is(err, errTalksTooMuch):
		return "the mail server " + host + " talks without end"
	case ctx.Err() != nil, errors.As(err, &broken) && broken.Timeout():
		return "the mail server " + host + " does not answer in time"
	case errors.As(err, new(*tls.CertificateVerificationError)):
		return "the certificate of the mail server " + host + " is not trusted: set mail.ca_file if it is your own"
	case errors.As(err, new(*net.OpError)):
		return "the mail server " + host + " cannot be reached"
	}
	return "the mail server " + host + " " + otherwise
}

func (s *Sender) client(ctx context.Context) (*gomail.Client, error) {
	c := s.config
	options := []gomail.Option{
		gomail.WithPort(c.Port), gomail.WithTimeout(c.Timeout), gomail.WithoutNoop(),
		gomail.WithTLSConfig(&tls.Config{ServerName: c.Host, MinVersion: tls.VersionTLS12, RootCAs: c.Roots}),
		gomail.WithDialContextFunc(func(_ context.Context, network, _ string) (net.Conn, error) { return s.dial(ctx, network) }),
	}
	if c.Security == StartTLS {
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	} else {
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS)) // tls: the dialer encrypts
	}
	if c.Username != "" {
		options = append(options, gomail.WithSMTPAuthCustom(&signIn{user: c.Username, password: c.Password, host: c.Host}))
	}
	return gomail.NewClient(c.Host, options...)
}

// signIn signs in with PLAIN, or with LOGIN where the server has nothing better. New makes sure that the connection is encrypted.
type signIn struct {
	user, password, host string
	smtp.Auth
}

// Start begins to sign in.
func (a *signIn) Start(server *smtp.ServerInfo) (string, []byte, error) {
	switch {
	case slices.Contains(server.Auth, "PLAIN"):
		a.Auth = smtp.PlainAuth("", a.user, a.password, a.host, true)
	case slices.Contains(server.Auth, "LOGIN"):
		a.Auth = smtp.LoginAuth(a.user, a.password, a.host, true)
	default:
		return "", nil, errors.New("the server takes neither PLAIN nor LOGIN")
	}
	return a.Auth.Start(server)
}

// dial connects with limits that the session cannot extend: a deadline, and a maximum of bytes from the server. ctx is that of the whole
// attempt: the library's own ends with the dialling.
func (s *Sender) dial(ctx context.Context, network string) (net.Conn, error) {
	raw, err := (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort(s.config.Host, strconv.Itoa(s.config.Port)))
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { _ = raw.Close() }) // ctx always ends: with the attempt, or before
	var conn net.Conn = &bounded{Conn: raw}
	if s.config.Security != TLS {
		return conn, nil
	}
	secure := tls.Client(conn, &tls.Config{ServerName: s.config.Host, MinVersion: tls.VersionTLS12, RootCAs: s.config.Roots})
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return secure, nil
}

// errTalksTooMuch is the error of reading after a server sent more than any session needs.
var errTalksTooMuch = errors.New("the server said more than a session needs")

// bounded is a connection with a limit of bytes to read. It ends with the attempt, whatever deadline the library sets.
type bounded struct {
	net.Conn
	read atomic.Int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.read.Load() >= mostRead {
		return 0, errTalksTooMuch
	}
	n, err := b.Conn.Read(p)
	b.read.Add(int64(n))
	return n, err
}

// The library moves the deadline with every step, so a server that sends byte by byte could hold the connection without end.
func (b *bounded) SetDeadline(time.Time) error      { return nil }
func (b *bounded) SetReadDeadline(time.Time) error  { return nil }
func (b *bounded) SetWriteDeadline(time.Time) error { return nil }
