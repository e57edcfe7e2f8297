package invitepage_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"image"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/operators"
	"drawbridge/directory"
	"drawbridge/internal/web"
	"drawbridge/invitepage"
	"drawbridge/policy"
)

// postman keeps the mails that it is given.
type postman struct{ sent []directory.Mail }

func (p *postman) Send(_ context.Context, m directory.Mail) error {
	p.sent = append(p.sent, m)
	return nil
}

type house struct {
	*testing.T
	bridge  *bridgetest.Services
	post    *postman
	handler http.Handler
	log     *bytes.Buffer
	op      directory.Principal
	now     time.Time
}

func open(t *testing.T) *house {
	t.Helper()
	st := bridgetest.Store(t)
	h := &house{T: t, post: &postman{}, log: &bytes.Buffer{}, now: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)}
	var n atomic.Uint64
	var err error
	h.bridge, err = bridgetest.New(bridgetest.Config{
		Store: st, Now: func() time.Time { return h.now }, Random: rand.Reader, Plans: policy.ShippedPlans(), Defaults: policy.DefaultSettings(), Mailer: h.post,
		NewID: func() (id directory.ID) {
			binary.BigEndian.PutUint64(id[8:], n.Add(1))
			id[0] = 1
			return id
		},
	})
	h.must(err)
	ids, err := web.NewRequestIDs(rand.Reader)
	h.must(err)
	h.handler, err = invitepage.New(invitepage.Config{Bridge: h.bridge.Bridge, Introduction: h.bridge.Introduction, Now: func() time.Time { return h.now }, IDs: ids, Logger: slog.New(slog.NewTextHandler(h.log, nil))})
	h.must(err)
	h.op = operators.Local("local", "", "test")
	return h
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// invite makes a company and an invited user, and gives the path of the link.
func (h *house) invite(company, address string) string {
	h.Helper()
	_, err := h.bridge.CreateTenant(h.Context(), h.op, bridge.TenantDraft{ID: "acme", Name: company, Plan: "business"})
	h.must(err)
	_, err = h.bridge.AddUser(h.Context(), h.op, "acme", bridge.UserForm{UserName: address, DisplayName: "Ada <b>Lovelace</b>"}, directory.OnboardInvite)
	h.must(err)
	_, _, err = h.bridge.DeliverMails(h.Context())
	h.must(err)
	a, err := h.post.sent[len(h.post.sent)-1].Data.Attributes()
	h.must(err)
	return a.String("link")
}

func (h *house) ask(method, path, body string) *httptest.ResponseRecorder {
	h.Helper()
	rec := httptest.NewRecorder()
	h.handler.ServeHTTP(rec, httptest.NewRequestWithContext(h.Context(), method, path, strings.NewReader(body)))
	return rec
}

// Opening a link does not use it. Pressing the button does, once.
func TestLinkIsUsedOnceByTheButton(t *testing.T) {
	t.Parallel()
	h := open(t)
	path := h.invite(`Acme "Ltd" <script>`, "ada@acme.example")
	for _, method := range []string{"GET", "HEAD", "GET"} {
		rec := h.ask(method, path, "")
		if rec.Code != 200 || (method == "HEAD") != (rec.Body.Len() == 0) {
			t.Fatalf("%s: %d %s", method, rec.Code, rec.Body)
		}
		if body := rec.Body.String(); strings.Contains(body, "<script") || strings.Contains(body, "<b>") || method == "GET" && !strings.Contains(body, "Ada &lt;b&gt;Lovelace") {
			t.Errorf("the page is %s", body)
		}
	}
	if rec := h.ask("POST", path, ""); rec.Code != 200 || !strings.Contains(rec.Body.String(), "Thank you") || strings.Contains(rec.Body.String(), "<form") {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	used := h.ask("POST", path, "")
	if used.Code != 404 || !strings.Contains(used.Body.String(), "does not work") {
		t.Errorf("%d %s", used.Code, used.Body)
	}
	if strings.Contains(h.log.String(), "dbi_") || strings.Contains(h.log.String(), "ada@") || !strings.Contains(h.log.String(), "route=/invitation/{tenant}/{link}") {
		t.Errorf("the log has %s", h.log)
	}
}

// Every page has the same strict headers: no script, no frame, no referrer, no cache, and only its own style.
func TestPagesHaveStrictHeaders(t *testing.T) {
	t.Parallel()
	h := open(t)
	path := h.invite("Acme", "ada@acme.example")
	for _, rec := range []*httptest.ResponseRecorder{h.ask("GET", path, ""), h.ask("GET", "/invitation/acme/dbi_x", ""), h.ask("PUT", path, ""), h.ask("POST", path, strings.Repeat("x", 5000)), h.ask("POST", path, "")} {
		head, body := rec.Header(), rec.Body.String()
		_, style, _ := strings.Cut(body, "<style>")
		style, _, _ = strings.Cut(style, "</style>")
		sum := sha256.Sum256([]byte(style))
		want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
		if head.Get("Content-Security-Policy") != want || head.Get("Referrer-Policy") != "no-referrer" || head.Get("Cache-Control") != "no-store" ||
			head.Get("X-Content-Type-Options") != "nosniff" || head.Get("Content-Type") != "text/html; charset=utf-8" || head.Get("Location") != "" || len(head.Values("Set-Cookie")) > 0 {
			t.Errorf("%d: %v", rec.Code, head)
		}
		if strings.Contains(body, "<script") || strings.Contains(body, "<a ") || strings.Contains(body, "action=") {
			t.Errorf("the page is %s", body)
		}
	}
	if rec := h.ask("POST", path, ""); rec.Code != 404 {
		t.Errorf("the last one had used it: %d", rec.Code)
	}
}

// All invalid links get the same page, byte for byte, and wrong links are slowed down.
func TestInvalidLinksLookTheSame(t *testing.T) {
	t.Parallel()
	h := open(t)
	path := h.invite("Acme", "ada@acme.example")
	first := h.ask("GET", "/invitation/acme/dbi_"+strings.Repeat("A", 64), "")
	h.now = h.now.AddDate(0, 0, 6)
	for _, p := range []string{
		path, "/invitation/nowhere/" + path[len("/invitation/acme/"):], "/invitation/", "/invitation", "/invitation/acme", "/invitation/acme/", "/invitation/acme/x/y", "/invitation/acme/" + strings.Repeat("x", 5000),
		"/invitation/acme/..%2f..%2fapi", "/invitation/acme/%00", "/invitation/acme/" + path[len("/invitation/acme/"):] + "?next=https://evil.example",
	} {
		for _, method := range []string{"GET", "POST"} {
			h.now = h.now.Add(time.Minute)
			rec := h.ask(method, p, "")
			if rec.Code != 404 || rec.Body.String() != first.Body.String() || rec.Header().Get("Location") != "" {
				t.Errorf("%s %.60s: %d %s", method, p, rec.Code, rec.Body)
			}
		}
	}
	slow := 0
	for range 100 {
		if rec := h.ask("GET", "/invitation/acme/dbi_x", ""); rec.Code == http.StatusTooManyRequests && rec.Header().Get("Retry-After") != "" {
			slow++
		}
	}
	if slow < 65 { // 30 at once, and one in two seconds
		t.Errorf("%d of 100 were slowed down", slow)
	}
}

// The page names the provider who sent the invitation, if its name is configured.
func TestPageNamesTheProvider(t *testing.T) {
	t.Parallel()
	h := open(t)
	path := h.invite("Acme", "ada@acme.example")
	if page := h.ask("GET", path, "").Body.String(); strings.Contains(page, "<footer>") {
		t.Errorf("an empty footer:\n%s", page)
	}
	name, support, logo := "Contoso <b>", "help@contoso.example", picture(t)
	_, err := h.bridge.Introduce(t.Context(), h.op, directory.Precondition{}, operators.ProviderEdit{Name: &name, Support: &support, Logo: &logo})
	h.must(err)
	answer := h.ask("GET", path, "")
	if policy := answer.Header().Get("Content-Security-Policy"); !strings.HasSuffix(policy, "; img-src data:") || !strings.Contains(answer.Body.String(), `<img src="data:image/png;base64,iVBOR`) {
		t.Errorf("no logo:\n%s\n%s", policy, answer.Body.String())
	}
	if page := answer.Body.String(); !strings.Contains(page, "Contoso &lt;b&gt;") || !strings.Contains(page, `href="mailto:help@contoso.example"`) {
		t.Errorf("%s", page)
	}
}

// picture is a PNG file.
func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 30, 10))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
