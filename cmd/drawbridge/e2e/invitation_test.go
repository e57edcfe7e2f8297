package e2e

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"drawbridge/console/client"
	"drawbridge/console/wire"
)

// mailbox is a mail server on the loopback. Before it accepts a mail it asks the test.
type mailbox struct {
	port string
	mu   sync.Mutex
	took func(text string) bool // false: the connection ends without an answer
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	b := &mailbox{}
	_, b.port, _ = net.SplitHostPort(ln.Addr().String())
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go b.session(conn)
		}
	}()
	return b
}

func (b *mailbox) session(conn net.Conn) {
	defer conn.Close()
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
			b.mu.Lock()
			yes := b.took(text)
			b.mu.Unlock()
			if !yes {
				return
			}
			put("250 taken\r\n")
		case "QUIT":
			put("221 bye\r\n")
			return
		default:
			put("250 ok\r\n")
		}
	}
}

// linkIn is the path of the link in a mail; the port is another one after each start.
func linkIn(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "=\r\n", ""), "=3D", "=")
	_, link, _ := strings.Cut(text, "/invitation/")
	link, _, _ = strings.Cut(link, "\r\n")
	return "/invitation/" + link
}

// TestKillDuringAnInvitationLosesNothing kills the server with -9 at the two moments where something could be lost or done twice: after the mail server
// accepted the mail and before that was recorded, and right after an acceptance was answered. The person is not lost, every copy of the
// link works, and one seat is occupied all the time.
func TestKillDuringAnInvitationLosesNothing(t *testing.T) {
	t.Parallel()
	box := newMailbox(t)
	env := []string{
		"DRAWBRIDGE_MAIL_HOST=127.0.0.1", "DRAWBRIDGE_MAIL_PORT=" + box.port, "DRAWBRIDGE_MAIL_TLS=none", "DRAWBRIDGE_MAIL_FROM=drawbridge@example.test",
	}
	mails := make(chan string, 10)
	var p *process
	kill := true
	box.took = func(text string) bool {
		if kill {
			kill = false
			_ = p.end(t, syscall.SIGKILL)
			mails <- text
			return false
		}
		mails <- text
		return true
	}
	receive := func() string {
		select {
		case text := <-mails:
			return text
		case <-time.After(40 * time.Second):
			t.Fatal("no mail came")
			return ""
		}
	}
	data := shortDir(t)
	box.mu.Lock() // until p is there
	p = serve(t, data, env...)
	box.mu.Unlock()
	if _, err := p.operator.CreateTenant(t.Context(), wire.TenantCreate{Slug: "acme", Name: "Acme", Plan: "business", Seats: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.operator.CreateUser(t.Context(), "acme", wire.UserCreate{UserName: "ada@acme.example", Invite: true}); err != nil {
		t.Fatal(err)
	}
	first := receive()
	box.mu.Lock()
	p = serve(t, data, env...)
	box.mu.Unlock()
	second := receive()
	if linkIn(first) != linkIn(second) || !strings.Contains(linkIn(first), "/acme/dbi_") {
		t.Fatalf("two links: %s and %s", linkIn(first), linkIn(second))
	}
	_, id, _ := strings.Cut(first, "Message-ID: ")
	id, _, _ = strings.Cut(id, "\r\n")
	if id == "" || !strings.Contains(second, id) {
		t.Errorf("the copies have different Message-IDs:\n%s\n%s", first, second)
	}
	status, err := p.operator.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	post := func(base string) int {
		res, err := http.Post(base+linkIn(first), "application/x-www-form-urlencoded", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	if got := post(status.BaseURL); got != 200 {
		t.Fatalf("accepting: %d", got)
	}
	_ = p.end(t, syscall.SIGKILL)
	p = serve(t, data, env...)
	if status, err = p.operator.Status(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := post(status.BaseURL); got != 404 {
		t.Errorf("accepting twice: %d", got)
	}
	waitsInOneSeat(t, p.operator)
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Errorf("stop: %v\n%s", err, p.out)
	}
}

// waitsInOneSeat checks that Ada waits for the confirmation, and that one seat is occupied and in the ledger.
func waitsInOneSeat(t *testing.T, operator *client.Client) {
	t.Helper()
	u, err := operator.User(t.Context(), "acme", "ada@acme.example")
	if err != nil || u.State != "awaiting_confirmation" {
		t.Errorf("%+v, %v", u, err)
	}
	tenant, err := operator.Tenant(t.Context(), "acme")
	if err != nil || tenant.Seats.Occupied != 1 || tenant.Seats.Billable != 1 {
		t.Errorf("%+v, %v", tenant.Seats, err)
	}
	report, err := operator.Ledger(t.Context(), "acme", client.Period{})
	if err != nil || len(report.Items) != 1 {
		t.Errorf("the ledger has %+v, %v", report.Items, err)
	}
}
