package mail_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	bridgemail "drawbridge/bridge/mail"
	"drawbridge/directory"
)

// server is a small SMTP server with the faults that a test chooses.
type server struct {
	t        *testing.T
	ln       net.Listener
	cert     tls.Certificate
	roots    *x509.CertPool
	implicit bool                                   // TLS from the first byte
	noTLS    bool                                   // does not offer STARTTLS
	login    bool                                   // LOGIN instead of PLAIN
	answer   func(verb, line string) (reply string) // "" as a good server does
	script   func(conn net.Conn)                    // replaces every answer

	mu     sync.Mutex
	mails  []string
	who    []string // users that signed in
	secure []bool   // whether each mail came over TLS
}

func newServer(t *testing.T, setup func(*server)) *server {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.test"}, DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, cert: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots: x509.NewCertPool()}
	s.roots.AddCert(leaf)
	if setup != nil {
		setup(s)
	}
	if s.ln, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := s.ln.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer conn.Close()
				if s.script != nil {
					s.script(conn)
					return
				}
				s.talk(conn)
			})
		}
	})
	t.Cleanup(func() {
		s.ln.Close()
		all.Wait()
	})
	return s
}

func (s *server) config() bridgemail.Config {
	c := bridgemail.Config{
		Host: "127.0.0.1", Port: s.ln.Addr().(*net.TCPAddr).Port, Security: bridgemail.StartTLS, From: "drawbridge@example.test", //nolint:errcheck // it is a TCP listener
		Roots: s.roots, Timeout: 3 * time.Second, Now: time.Now,
	}
	if s.implicit {
		c.Security = bridgemail.TLS
	}
	return c
}

// talk is one session.
func (s *server) talk(conn net.Conn) {
	secure := s.implicit
	if s.implicit {
		conn = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{s.cert}})
	}
	r := bufio.NewReader(conn)
	say := func(text string) { put(conn, text+"\r\n") }
	read := func() (string, bool) {
		line, err := r.ReadString('\n')
		return strings.TrimRight(line, "\r\n"), err == nil
	}
	reply := func(verb, line, good string) bool {
		if s.answer != nil {
			if bad := s.answer(verb, line); bad != "" {
				say(bad)
				return bad[0] < '4'
			}
		}
		say(good)
		return true
	}
	if !reply("GREET", "", "220 mail.test ESMTP") {
		return
	}
	for {
		line, ok := read()
		if !ok {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			s.features(say, secure)
		case "STARTTLS":
			if !reply("STARTTLS", rest, "220 go ahead") {
				continue
			}
			tlsConn := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{s.cert}})
			if tlsConn.Handshake() != nil {
				return
			}
			conn, secure = tlsConn, true
			r = bufio.NewReader(conn)
		case "AUTH":
			user := s.user(rest, say, read)
			if !reply("AUTH", user, "235 welcome") {
				continue
			}
			s.mu.Lock()
			s.who = append(s.who, user)
			s.mu.Unlock()
		case "MAIL", "RCPT", "RSET", "NOOP":
			reply(strings.ToUpper(verb), rest, "250 ok")
		case "DATA":
			if !reply("DATA", rest, "354 go on") {
				continue
			}
			text, ok := body(read)
			if !ok {
				return
			}
			if reply("BODY", "", "250 taken") {
				s.mu.Lock()
				s.mails, s.secure = append(s.mails, text), append(s.secure, secure)
				s.mu.Unlock()
			}
		case "QUIT":
			reply("QUIT", "", "221 bye")
			return
		default:
			say("500 what?")
		}
	}
}

// features answers EHLO.
func (s *server) features(say func(text string), secure bool) {
	mechanism := "PLAIN"
	if s.login {
		mechanism = "LOGIN"
	}
	features := []string{"mail.test", "8BITMIME"}
	if !secure && !s.noTLS {
		features = append(features, "STARTTLS")
	}
	if secure {
		features = append(features, "AUTH "+mechanism)
	}
	for i, f := range features {
		separator := "-"
		if i == len(features)-1 {
			separator = " "
		}
		say("250" + separator + f)
	}
}

// user reads who signs in, as name:password.
func (s *server) user(rest string, say func(text string), read func() (string, bool)) string {
	if s.login {
		decode := func(text string) string { b, _ := base64.StdEncoding.DecodeString(text); return string(b) }
		say("334 VXNlcm5hbWU6")
		name, _ := read()
		say("334 UGFzc3dvcmQ6")
		word, _ := read()
		return decode(name) + ":" + decode(word)
	}
	_, secret, _ := strings.Cut(rest, " ")
	b, _ := base64.StdEncoding.DecodeString(secret)
	parts := strings.Split(string(b), "\x00")
	return strings.Join(parts[1:], ":")
}

// body reads a mail to the dot that ends it. It reports false if the client disconnects before.
func body(read func() (string, bool)) (string, bool) {
	var text strings.Builder
	for {
		line, ok := read()
		if !ok {
			return "", false
		}
		if line == "." {
			return text.String(), true
		}
		text.WriteString(strings.TrimPrefix(line, ".") + "\r\n")
	}
}

// put writes to a client that may have disconnected.
func put(conn net.Conn, text string) { _, _ = io.WriteString(conn, text) }

func (s *server) taken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.mails...)
}

func sender(t *testing.T, c bridgemail.Config) *bridgemail.Sender {
	t.Helper()
	s, err := bridgemail.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func notice(edits ...func(*directory.Mail)) directory.Mail {
	m := directory.Mail{
		ID: directory.ID{1, 2, 3}, Tenant: "acme", To: "ops@example.test", Kind: directory.NoticeMail,
		Data: directory.Document(`{"tenant":"acme","name":"Acme & Söhne","notices":[{"at":"2030-01-31T08:00:00Z","kind":"protected_group.changed","text":"Group <b>Owners</b>\r\nX: y","by":"operator Olga"}],"more":0}`),
	}
	for _, edit := range edits {
		edit(&m)
	}
	return m
}

// parts takes a mail apart: headers, text and HTML.
func parts(t *testing.T, raw string) (h mail.Header, text, html string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	body := m.Body
	if err == nil && kind == "multipart/related" { // with a logo
		first, wrong := multipart.NewReader(body, params["boundary"]).NextRawPart()
		if wrong != nil {
			t.Fatal(wrong)
		}
		body = first
		kind, params, err = mime.ParseMediaType(first.Header.Get("Content-Type"))
	}
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s, %v", kind, err)
	}
	reader := multipart.NewReader(body, params["boundary"])
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return m.Header, text, html
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/plain") {
			text = string(body)
		} else {
			html = string(body)
		}
	}
}

func TestSendsOverSTARTTLSAndTLS(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		setup func(*server)
	}{
		{"STARTTLS", nil},
		{"STARTTLS, LOGIN", func(s *server) { s.login = true }},
		{"TLS", func(s *server) { s.implicit = true }},
		{"TLS, LOGIN", func(s *server) { s.implicit, s.login = true, true }},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t, test.setup)
			c := s.config()
			c.Username, c.Password = "bridge", "se:cret"
			if err := sender(t, c).Send(t.Context(), notice()); err != nil {
				t.Fatal(err)
			}
			mails := s.taken()
			if len(mails) != 1 || !s.secure[0] || len(s.who) != 1 || s.who[0] != "bridge:se:cret" {
				t.Fatalf("%d mails, secure %v, signed in %v", len(mails), s.secure, s.who)
			}
			h, text, html := parts(t, mails[0])
			subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
			if err != nil || subject != "protected_group.changed: Acme & Söhne" {
				t.Errorf("the subject is %q, %v", subject, err)
			}
			if h.Get("To") != "<ops@example.test>" || h.Get("From") != `"Drawbridge" <drawbridge@example.test>` || h.Get("Auto-Submitted") != "auto-generated" ||
				!strings.Contains(h.Get("Message-Id"), "01020300-0000-0000-0000-000000000000@example.test") {
				t.Errorf("the headers are %v", h)
			}
			if !strings.Contains(text, "Group <b>Owners</b>  X: y") || !strings.Contains(html, "Group &lt;b&gt;Owners&lt;/b&gt;  X: y") {
				t.Errorf("text:\n%s\nhtml:\n%s", text, html)
			}
		})
	}
}

// Mails with links state their purpose, contain the link in both bodies, and put no name of a person into a header or into the HTML.
func TestMailsWithLinks(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	send := sender(t, s.config())
	for i, kind := range []directory.MailKind{directory.InvitationMail, directory.PasswordResetMail, directory.FactorResetMail, directory.EmailChangeMail} {
		m := notice(func(m *directory.Mail) {
			m.Kind, m.Tenant = kind, ""
			m.Data = directory.Document(`{"name":"Ada <script>\r\nBcc: eve@x.test","by":"Olga\u202e","at":"2030-01-01T00:00:00Z","from":"192.0.2.1","link":"dbl_x","url":"https://a.test/api/v1/links/dbl_x","expires":"2030-01-02 00:00 UTC"}`)
		})
		if err := send.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		h, text, html := parts(t, s.taken()[i])
		if subject := h.Get("Subject"); subject == "" || strings.Contains(subject, "Ada") || h.Get("Bcc") != "" {
			t.Errorf("%s: the headers are %v", kind, h)
		}
		for _, want := range []string{"https://a.test/api/v1/links/dbl_x", "2030-01-02 00:00 UTC", "Ada"} {
			if !strings.Contains(text, want) || !strings.Contains(html, want) {
				t.Errorf("%s says nothing of %s:\n%s\n%s", kind, want, text, html)
			}
		}
		if strings.Contains(html, "<script>") || strings.Contains(text, "\u202e") || strings.Contains(text, "\nBcc") {
			t.Errorf("%s lets a name through:\n%s\n%s", kind, text, html)
		}
		m.Data = directory.Document(`{"name":"Ada","by":"Olga","link":"dbl_y","expires":"tomorrow"}`) // the API is not on the network
		if _, text, _ := parts(t, sent(t, s, send, m)); !strings.Contains(text, "drawbridge operator accept dbl_y") {
			t.Errorf("%s without an address:\n%s", kind, text)
		}
		s.forget(i + 1)
	}
}

// A mail to the old address of an operator says whether the new one has taken effect, and contains no link.
func TestMailAboutANewAddressHasNoLink(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	send := sender(t, s.config())
	for done, want := range map[string]string{"false": "is about to change", "true": "has changed"} {
		m := notice(func(m *directory.Mail) {
			m.Kind, m.Tenant = directory.EmailNoticeMail, ""
			m.Data = directory.Document(`{"name":"Ada <script>","by":"Olga\u202e","at":"2030-01-01T00:00:00Z","address":"new@x.test","done":` + done + `}`)
		})
		h, text, html := parts(t, sent(t, s, send, m))
		if !strings.Contains(h.Get("Subject"), want) {
			t.Errorf("done %s: the subject is %q", done, h.Get("Subject"))
		}
		for _, body := range []string{text, html} {
			if !strings.Contains(body, "new@x.test") || !strings.Contains(body, "tell an Owner") || strings.Contains(body, "\u202e") {
				t.Errorf("done %s:\n%s", done, body)
			}
		}
		if strings.Contains(html, "<script>") {
			t.Errorf("a name gets into the HTML:\n%s", html)
		}
	}
}

func sent(t *testing.T, s *server, send *bridgemail.Sender, m directory.Mail) string {
	t.Helper()
	if err := send.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	all := s.taken()
	return all[len(all)-1]
}

// forget keeps the first n mails.
func (s *server) forget(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = s.mails[:n]
}

func TestHeaderInjectionIsRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t, nil)
	send := sender(t, s.config())
	for name, m := range map[string]directory.Mail{
		"a subject with a line feed": notice(func(m *directory.Mail) {
			m.Data = directory.Document(`{"name":"Acme\r\nBcc: eve@example.test","notices":[{"kind":"x"}]}`)
		}),
		"a subject with a body": notice(func(m *directory.Mail) {
			m.Data = directory.Document(`{"name":"Acme\n\nhello","notices":[{"kind":"x"}]}`)
		}),
		"a kind with a carriage return": notice(func(m *directory.Mail) {
			m.Data = directory.Document(`{"name":"Acme","notices":[{"kind":"x\rBcc: e@x.test"}]}`)
		}),
		"a subject that turns around": notice(func(m *directory.Mail) { m.Data = directory.Document(`{"name":"Acme\u202e","notices":[{"kind":"x"}]}`) }),
		"a recipient with a header":   notice(func(m *directory.Mail) { m.To = "ops@example.test\r\nBcc: eve@example.test" }),
		"two recipients":              notice(func(m *directory.Mail) { m.To = "ops@example.test, eve@example.test" }),
		"a recipient with a name":     notice(func(m *directory.Mail) { m.To = "Ops <ops@example.test>" }),
		"no address":                  notice(func(m *directory.Mail) { m.To = "ops" }),
		"no template":                 notice(func(m *directory.Mail) { m.Kind = "../../etc/passwd" }),
		"data that is none":           notice(func(m *directory.Mail) { m.Data = directory.Document(`[`) }),
		"a subject without end":       notice(func(m *directory.Mail) { m.Data = directory.Document(`{"name":"` + strings.Repeat("a", 500) + `"}`) }),
	} {
		if err := send.Send(t.Context(), m); directory.CodeOf(err) != directory.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if mails := s.taken(); len(mails) != 0 {
		t.Errorf("%d mails were sent: %q", len(mails), mails)
	}
}

// However a server misbehaves, an attempt ends in bounded time and memory, with a sentence that says whether another attempt may succeed.
func TestHostileServerCannotDelayAnAttempt(t *testing.T) {
	endless := func(line string) func(net.Conn) {
		return func(conn net.Conn) {
			for {
				if _, err := io.WriteString(conn, line); err != nil {
					return
				}
			}
		}
	}
	hang := func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }
	for _, test := range []struct {
		name  string
		setup func(*server)
		edit  func(*bridgemail.Config)
		code  directory.Code
		says  string
	}{
		{name: "hangs without a word", setup: func(s *server) { s.script = hang }, code: directory.Unavailable, says: "in time"},
		{name: "hangs after the greeting", setup: func(s *server) {
			s.script = func(conn net.Conn) { put(conn, "220 hello\r\n"); hang(conn) }
		}, code: directory.Unavailable, says: "in time"},
		{name: "greets without end", setup: func(s *server) { s.script = endless("220-welcome, welcome, welcome\r\n") }, code: directory.Unavailable, says: "without end"},
		{name: "greets with a line that never ends", setup: func(s *server) { s.script = endless("welcome ") }, code: directory.Unavailable, says: "without end"},
		{name: "greets byte by byte", setup: func(s *server) {
			s.script = func(conn net.Conn) {
				for {
					if _, err := io.WriteString(conn, "2"); err != nil {
						return
					}
					time.Sleep(20 * time.Millisecond)
				}
			}
		}, code: directory.Unavailable, says: "in time"},
		{name: "hangs up at once", setup: func(s *server) { s.script = func(net.Conn) {} }, code: directory.Unavailable, says: "did not take"},
		{name: "speaks another language", setup: func(s *server) {
			s.script = func(conn net.Conn) { put(conn, "HTTP/1.1 400 Bad Request\r\n\r\n") }
		}, code: directory.Unavailable, says: "did not take"},
		{name: "is full", setup: func(s *server) { s.answer = on("GREET", "421 too busy") }, code: directory.Unavailable},
		{name: "cannot encrypt", setup: func(s *server) { s.noTLS = true }, code: directory.Unavailable},
		{name: "does not want to encrypt", setup: func(s *server) { s.answer = on("STARTTLS", "454 not now") }, code: directory.Unavailable},
		{name: "shows a certificate of an unknown issuer", edit: func(c *bridgemail.Config) { c.Roots = x509.NewCertPool() }, code: directory.Unavailable, says: "not trusted"},
		{name: "does not know the password", setup: func(s *server) { s.answer = on("AUTH", "535 no") }, edit: func(c *bridgemail.Config) { c.Username, c.Password = "x", "y" }, code: directory.Unavailable},
		{name: "refuses the recipient for good", setup: func(s *server) { s.answer = on("RCPT", "550 nobody here") }, code: directory.Invalid, says: "550"},
		{name: "refuses the recipient for now", setup: func(s *server) { s.answer = on("RCPT", "450 greylisted") }, code: directory.Unavailable},
		{name: "refuses the body for good", setup: func(s *server) { s.answer = on("BODY", "554 spam") }, code: directory.Invalid, says: "554"},
		{name: "loses the body", setup: func(s *server) { s.answer = on("BODY", "451 disk full") }, code: directory.Unavailable},
		{name: "says yes and no goodbye", setup: func(s *server) { s.answer = on("QUIT", "500 what?") }, code: ""},
		{name: "does not exist", edit: func(c *bridgemail.Config) { c.Port = 1 }, code: directory.Unavailable, says: "cannot be reached"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, test.setup)
			c := s.config()
			c.Timeout = 700 * time.Millisecond
			if test.edit != nil {
				test.edit(&c)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			err := sender(t, c).Send(t.Context(), notice())
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if directory.CodeOf(err) != test.code {
				t.Errorf("%v, want %q", err, test.code)
			}
			var known *directory.Error
			if errors.As(err, &known) && !strings.Contains(known.Message, test.says) {
				t.Errorf("%q does not say %q", known.Message, test.says)
			}
			if took > 5*time.Second {
				t.Errorf("it took %s", took)
			}
			if want := test.code == ""; (len(s.taken()) == 1) != want {
				t.Errorf("%d mails were taken", len(s.taken()))
			}
		})
	}
}

func on(verb, reply string) func(string, string) string {
	return func(got, _ string) string {
		if got == verb {
			return reply
		}
		return ""
	}
}

func TestStopEndsAnAttempt(t *testing.T) {
	t.Parallel()
	reached := make(chan struct{})
	s := newServer(t, func(s *server) {
		s.script = func(conn net.Conn) { close(reached); _, _ = io.Copy(io.Discard, conn) }
	})
	c := s.config()
	c.Timeout = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- sender(t, c).Send(ctx, notice()) }()
	<-reached
	cancel()
	select {
	case err := <-done:
		if err == nil {
			t.Error("a mail was sent")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the attempt does not end")
	}
}

func TestInvalidConfigurationsAreRefused(t *testing.T) {
	t.Parallel()
	good := bridgemail.Config{Host: "mail.example.test", Port: 587, Security: bridgemail.StartTLS, From: "a@example.test", Now: time.Now}
	for name, edit := range map[string]func(*bridgemail.Config){
		"host": func(c *bridgemail.Config) { c.Host = "" }, "port": func(c *bridgemail.Config) { c.Port = 0 }, "tls": func(c *bridgemail.Config) { c.Security = "ssl" },
		"from": func(c *bridgemail.Config) { c.From = "nobody" }, "now": func(c *bridgemail.Config) { c.Now = nil },
	} {
		c := good
		edit(&c)
		_, err := bridgemail.New(c)
		var known *directory.Error
		if !errors.As(err, &known) || known.Code != directory.Invalid || known.Field != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	plain := good
	plain.Security, plain.Username = bridgemail.Plain, "x"
	if _, err := bridgemail.New(plain); err == nil {
		t.Error("a password would go over a plain line")
	}
}

// Check does everything that a mail needs, and sends none.
func TestCheckSendsNoMail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		setup  func(*server)
		change func(*bridgemail.Config)
		want   string // "": it works
	}{
		"as it should be": {nil, func(c *bridgemail.Config) { c.Username, c.Password = "ada", "secret" }, ""},
		"a wrong password": {
			func(s *server) {
				s.answer = func(verb, _ string) string {
					return map[string]string{"AUTH": "535 no"}[verb]
				}
			},
			func(c *bridgemail.Config) { c.Username, c.Password = "ada", "wrong" }, "does not let this server sign in",
		},
		"no STARTTLS":         {func(s *server) { s.noTLS = true }, func(*bridgemail.Config) {}, "does not let this server sign in"},
		"an unknown signer":   {nil, func(c *bridgemail.Config) { c.Roots = nil }, "is not trusted"},
		"nobody answers":      {nil, func(c *bridgemail.Config) { c.Port = 1 }, "cannot be reached"},
		"it hangs":            {func(s *server) { s.script = func(net.Conn) { time.Sleep(2 * time.Second) } }, func(c *bridgemail.Config) { c.Timeout = 50 * time.Millisecond }, "does not answer in time"},
		"encrypted from byte": {func(s *server) { s.implicit = true }, func(*bridgemail.Config) {}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, c.setup)
			config := s.config()
			c.change(&config)
			err := sender(t, config).Check(t.Context())
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if mails := s.taken(); len(mails) != 0 {
				t.Errorf("%d mails were sent", len(mails))
			}
		})
	}
}
