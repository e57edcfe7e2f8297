package web_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/internal/web"
)

// statusOf sends text and returns the status of the answer.
func statusOf(t *testing.T, c net.Conn, text string) int {
	t.Helper()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// stalls are requests whose body stops before its end, and that are refused.
func stalls() map[string]struct {
	header, body string
	want         int
} {
	const some = "0123456789"
	return map[string]struct {
		header, body string
		want         int
	}{
		"too large, of unknown length": {"Transfer-Encoding: chunked\r\n", "6e\r\n" + strings.Repeat(some, 11) + "\r\n", 413},
		"too large, of known length":   {"Content-Length: 150\r\n", some, 413},
		"far too large":                {"Content-Length: 5000\r\n", some, 413},
		"refused before it is read":    {"Content-Length: 90\r\nRefuse: yes\r\n", some, 503},
		"refused late":                 {"Content-Length: 90\r\nRefuse: late\r\n", some, 503},
		"refused with a chunk":         {"Transfer-Encoding: chunked\r\nRefuse: yes\r\n", "a\r\n" + some + "\r\n", 503},
	}
}

// refusing makes a handler that takes a place of its only owner and reads the body, which may have 100 bytes. It tells when it has the
// place.
func refusing(entered func(w *web.Response)) func(w *web.Response) error {
	return func(w *web.Response) error {
		if err := w.Owner("owner"); err != nil {
			return err
		}
		entered(w)
		if w.Request.Header.Get("Refuse") != "" {
			if w.Request.Header.Get("Refuse") == "late" {
				w.Late(time.Second)
			}
			return &directory.Error{Code: directory.Unavailable, Message: "not now"}
		}
		_, err := w.ReadBody(nil, 100)
		return err
	}
}

// The client of a refused body that stops gets an answer soon.
func TestRefusedBodiesThatStopAreAnswered(t *testing.T) {
	t.Parallel()
	for name, tt := range stalls() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := web.NewGuard(web.GuardConfig{RestOfBody: time.Millisecond, Delay: time.Millisecond})
			dial := listening(t, web.NewConnections(0, 0, nil, g), guarded(t, g, refusing(func(*web.Response) {})))
			if got := statusOf(t, dial("192.0.2.1"), "POST / HTTP/1.1\r\nHost: x\r\n"+tt.header+"\r\n"+tt.body); got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
		})
	}
}

// A refused request whose body stops takes no place of its owner, and gives its network connection to another client.
func TestRefusedBodiesThatStopTakeNothing(t *testing.T) {
	t.Parallel()
	const short = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"
	for name, tt := range stalls() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := web.NewGuard(web.GuardConfig{RestOfBody: time.Hour, Delay: time.Millisecond, Each: 1, Requests: 2})
			entered := make(chan struct{})
			dial := listening(t, web.NewConnections(3, 3, nil, g), guarded(t, g, refusing(func(w *web.Response) {
				if w.Origin.Address == "192.0.2.1" {
					entered <- struct{}{}
				}
			})))
			other := dial("192.0.2.2")
			var stalled []net.Conn
			for range 2 {
				c := dial("192.0.2.1")
				if _, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\n"+tt.header+"\r\n"+tt.body); err != nil {
					t.Fatal(err)
				}
				<-entered
				for status := 0; status != http.StatusOK; { // 503 until the other one is refused
					status = statusOf(t, other, short)
				}
				stalled = append(stalled, c)
			}
			if got := statusOf(t, dial("192.0.2.3"), short); got != http.StatusOK {
				t.Errorf("a third client: %d", got)
			}
			ended := make(chan error, len(stalled)) // either may be the one that was used least recently
			for _, c := range stalled {
				_ = c.SetDeadline(time.Now().Add(10 * time.Second))
				go func() {
					_, err := io.Copy(io.Discard, c)
					ended <- err
				}()
			}
			if err := <-ended; errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("both stalled connections are still open")
			}
		})
	}
}

// Refusals that wait on network connections of their own do not count, and a new client takes the connection of one of them.
func TestDelayedRefusalsGiveWay(t *testing.T) {
	t.Parallel()
	const clients = 300 // more than may wait on connections that are shared
	waits := make(chan time.Duration, clients+1)
	g := web.NewGuard(web.GuardConfig{
		Open: limit.Rate{PerSecond: 0.001, Burst: 1}, Delay: time.Minute,
		After: func(d time.Duration) <-chan time.Time {
			waits <- d
			return nil
		},
	})
	h := guarded(t, g, func(w *web.Response) error {
		if err := w.Stranger(); err != nil {
			return err
		}
		w.WriteHeader(http.StatusOK)
		return nil
	})
	dial := listening(t, web.NewConnections(clients+1, clients+1, nil, g), h)
	if !answers(t, dial("192.0.2.1")) {
		t.Fatal("the first request is not answered")
	}
	var waiting []net.Conn
	for n := range clients {
		c := dial("192.0.2.1")
		if _, err := fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		waiting = append(waiting, c)
		if d, want := <-waits, time.Minute*time.Duration(1+(n+1)/64); d != want { // the delay grows with the number of those that wait
			t.Errorf("refusal %d waits for %v, want %v", n, d, want)
		}
	}
	for _, from := range []string{"192.0.2.2", "192.0.2.3"} { // the first replaces the idle connection
		if !answers(t, dial(from)) {
			t.Errorf("%s is kept out by refusals that wait", from)
		}
	}
	_ = waiting[0].SetDeadline(time.Now().Add(10 * time.Second))
	if n, err := io.Copy(io.Discard, waiting[0]); n != 0 || err != nil {
		t.Errorf("the refusal that waited for longest: %d bytes, %v", n, err)
	}
}
