package app

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"drawbridge/console/wire"
)

// smtp is a mail server on the loopback: each connection goes to serve.
func smtp(t *testing.T, serve func(net.Conn)) (port int) {
	t.Helper()
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return ln.Addr().(*net.TCPAddr).Port //nolint:errcheck // it is a TCP listener
}

// takes is a session with a server that takes every mail.
func takes(mails chan<- string) func(net.Conn) {
	return func(conn net.Conn) {
		r := bufio.NewReader(conn)
		put := func(text string) { _, _ = io.WriteString(conn, text) } // the client may be gone
		put("220 mail.test\r\n")
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			switch verb, _, _ := strings.Cut(strings.TrimSpace(line), " "); verb {
			case "DATA":
				put("354 go on\r\n")
				text := ""
				for !strings.HasSuffix(text, "\r\n.\r\n") {
					line, err := r.ReadString('\n')
					if err != nil {
						return
					}
					text += line
				}
				mails <- text
				put("250 taken\r\n")
			case "QUIT":
				put("221 bye\r\n")
				return
			default:
				put("250 ok\r\n")
			}
		}
	}
}

func mailed(port int) func(*Config) {
	return func(c *Config) {
		c.Mail.Host, c.Mail.Port, c.Mail.TLS, c.Mail.From, c.Mail.Timeout = "127.0.0.1", port, "none", "drawbridge@example.test", 2*time.Second
		c.Mail.Recipients = []RecipientConfig{{Address: "ops@example.test", Kinds: []string{"connection.*"}}}
	}
}

// A connection is created, and the configured recipient gets a mail.
func TestNoticesReachTheMailServer(t *testing.T) {
	t.Parallel()
	mails := make(chan string, 10)
	_, c := start(t, mailed(smtp(t, takes(mails))))
	connected(t, c)
	select {
	case text := <-mails:
		for _, want := range []string{"To: <ops@example.test>", "Subject: connection.created: ", "Auto-Submitted: auto-generated", "multipart/alternative"} {
			if !strings.Contains(text, want) {
				t.Errorf("the mail has no %q:\n%s", want, text)
			}
		}
	case <-time.After(30 * time.Second):
		t.Fatal("no mail came")
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		page, err := c.Mails(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Items) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("it still waits: %+v", page.Items)
		}
	}
}

// SCIM requests are answered while a mail server hangs, and a stop does not wait for it.
func TestHangingMailServerDelaysNothing(t *testing.T) {
	t.Parallel()
	reached := make(chan struct{}, 100)
	port := smtp(t, func(conn net.Conn) {
		reached <- struct{}{}
		_, _ = io.Copy(io.Discard, conn)
	})
	a, c := start(t, func(cfg *Config) {
		mailed(port)(cfg)
		cfg.Mail.Timeout, cfg.ShutdownTimeout = 10*time.Minute, time.Minute
	})
	issued := connected(t, c)
	select {
	case <-reached:
	case <-time.After(30 * time.Second):
		t.Fatal("the mail server was never called")
	}
	for i := range 9 {
		status, body := fetch(t, http.DefaultClient, "POST", issued.BaseURL+"/Users", issued.Token,
			strings.NewReader(fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"u%d@acme.test"}`, i)))
		if status != http.StatusCreated {
			t.Fatalf("%d %s", status, body)
		}
	}
	begin := time.Now()
	if err := a.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took > 30*time.Second {
		t.Errorf("the stop took %s", took)
	}
}

// Links in mails begin with the configured URL, whatever host a request names.
func TestLinksInMailsHaveTheConfiguredURL(t *testing.T) {
	t.Parallel()
	mails := make(chan string, 10)
	a, c := start(t, func(cfg *Config) {
		mailed(smtp(t, takes(mails)))(cfg)
		cfg.Mail.Recipients = nil
		cfg.API.Enabled, cfg.API.BaseURL = true, "https://bridge.example.test/"
	})
	made, err := c.CreateOperator(t.Context(), wire.OperatorCreate{FirstName: "A", LastName: "B", Email: "ada@example.test", Role: "read_only", ShowLink: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.UseLink(t.Context(), made.Link, wire.LinkUse{Password: "a good long sentence"}); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+a.Addr()+"/api/v1/session/forgot", strings.NewReader(`{"email":"ada@example.test"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "evil.example"
	for name, value := range map[string]string{"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "Content-Type": "application/json"} {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusAccepted {
		t.Fatalf("the answer was %s", res.Status)
	}
	select {
	case text := <-mails:
		text = strings.ReplaceAll(text, "=\r\n", "")
		if !strings.Contains(text, "https://bridge.example.test/api/v1/links/dbl_") || strings.Contains(text, "evil") {
			t.Errorf("the mail says:\n%s", text)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("no mail came")
	}
}
