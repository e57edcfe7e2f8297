package push_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/bridge/webhooks"
	"drawbridge/directory"
	"drawbridge/internal/outbound"
	"drawbridge/push"
)

// expired makes a server whose certificate has expired.
func expired(t *testing.T) *httptest.Server {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "receiver"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(3600, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// hostile is a receiver that does something wrong, and what an operator reads.
type hostile struct {
	does  http.HandlerFunc
	url   func(t *testing.T) string // instead of does
	guard outbound.Config
	want  string
}

func hostiles(sent *atomic.Int64) map[string]hostile {
	loopback := outbound.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	return map[string]hostile{
		"hangs": {does: func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}, guard: loopback, want: "did not answer in time"},
		"sends 2 GB": {does: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			part := bytes.Repeat([]byte(" "), 1<<16)
			for range 2 << 30 >> 16 {
				n, err := w.Write(part)
				if sent.Add(int64(n)); err != nil {
					return
				}
			}
		}, guard: loopback, want: "answered 500"},
		"redirects to a metadata service": {does: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusTemporaryRedirect)
		}, guard: loopback, want: "a redirect, which is not followed"},
		"does not know the secret":   {does: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, guard: loopback, want: "answered 401"},
		"has an expired certificate": {url: func(t *testing.T) string { t.Helper(); return expired(t).URL }, guard: loopback, want: "the certificate of the receiver has expired"},
		// The name resolved to a public address when the URL was checked, and resolves to this one when it is dialled.
		"resolves differently the second time": {does: func(http.ResponseWriter, *http.Request) {}, want: "outbound.allow"},
	}
}

// A receiver of events, of audit lines or of messages for people that does something wrong is an error that an operator reads. Writes go on
// meanwhile, nothing is lost, and what waits arrives when the URL leads to a receiver that works.
func TestHostileReceiversLoseNothing(t *testing.T) {
	t.Parallel()
	var sent atomic.Int64
	for name, c := range hostiles(&sent) {
		for _, format := range []directory.WebhookFormat{directory.SignedEvents, directory.SignedAudit, directory.Slack} {
			t.Run(name+" "+string(format), func(t *testing.T) {
				t.Parallel()
				k := start(t)
				patience := 20 * time.Second
				if name == "hangs" {
					patience = 300 * time.Millisecond
				}
				k.serve(c.guard, patience)
				acme := k.NewTenant("acme", 50)
				okta := k.NewIdP(acme, "acme-okta")
				var asked atomic.Int64
				url := ""
				if c.url != nil {
					url = c.url(t)
				} else {
					bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked.Add(1); c.does(w, r) }))
					t.Cleanup(bad.Close)
					url = bad.URL
				}
				k.create("portal", url, func(d *webhooks.Draft) { d.Format = format })
				k.NewApplication(acme) // a channel tells of it
				k.until("the failure", func() bool {
					k.Clock.Advance(linesEvery)
					return k.progress("portal").Delivery.Error != ""
				})
				d := k.progress("portal").Delivery
				if !strings.Contains(d.Error, c.want) || d.Delivered > 0 || d.Next.IsZero() || len(d.Recent) == 0 {
					t.Errorf("%+v", d)
				}
				if strings.HasPrefix(name, "resolves") && asked.Load() > 0 {
					t.Errorf("it was dialled %d times", asked.Load())
				}
				from := d.Cursor
				k.people(okta, 3)
				k.serve(outbound.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, 20*time.Second)
				good := receive(t)
				_, err := k.Hooks.Update(t.Context(), k.Op, "portal", webhooks.Edit{URL: &good.URL})
				k.OK(err)
				k.Clock.Advance(time.Hour)
				k.until("what waited", func() bool {
					k.Clock.Advance(linesEvery)
					p := k.progress("portal")
					return p.Delivery.Error == "" && p.Delivery.Delivered > 0 && (p.Backlog() == 0 || format == directory.Slack)
				})
				if last := k.progress("portal"); format != directory.Slack {
					gapless(t, good.seqs(), from+1, last.Last)
				}
			})
		}
	}
	t.Cleanup(func() {
		if sent.Load() > 64<<20 {
			t.Errorf("%d bytes of long answers were taken", sent.Load())
		}
	})
}

// serve makes the deliveries again with another guard and another patience for answers.
func (k *kit) serve(guard outbound.Config, patience time.Duration) {
	k.T.Helper()
	k.OK(k.push.Close(context.Background()))
	g := outbound.New(guard)
	s := push.New(push.Config{
		Webhooks: k.Hooks, Client: g.Client(patience, 128<<10), NewID: k.Clock.NewID, Now: k.Clock.Now, Leads: k.leads.Load,
		Jitter: func() float64 { return k.jitter }, Version: "test", Logger: slog.New(slog.NewTextHandler(&syncWriter{to: k.logged}, nil)),
	})
	k.push = s
	k.T.Cleanup(func() { k.OK(s.Close(context.Background())); g.CloseIdle() })
}
