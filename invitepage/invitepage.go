package invitepage

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"drawbridge/bridge"
	"drawbridge/bridge/credential"
	"drawbridge/directory"
	"drawbridge/internal/web"
)

// Prefix is the prefix of the page's addresses, before the tenant and the link.
const Prefix = "/invitation/"

const maxPath = 400 // a link has less than 200 characters

//go:embed page.html
var pageText string

//go:embed page.css
var styleText string

// Config holds what the page needs. Every field but Proxies and Guard is required.
type Config struct {
	Bridge *bridge.Service
	// Introduction gives who the provider is.
	Introduction func(context.Context) (directory.Introduction, error)

	Now     func() time.Time
	IDs     *web.RequestIDs
	Proxies web.Proxies
	Guard   *web.Guard // what all surfaces of the process share; nil: nothing is bounded
	Logger  *slog.Logger
}

// New makes the handler of everything under Prefix. It fails only if the page's template is wrong, which tests find.
func New(cfg Config) (http.Handler, error) {
	style := strings.TrimSpace(styleText)
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(style))
	h := &handler{
		bridge: cfg.Bridge, introduction: cfg.Introduction, page: page, style: template.CSS(style), //nolint:gosec // a file of ours
		policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
	}
	surface := &web.Surface{Logger: cfg.Logger, Now: cfg.Now, IDs: cfg.IDs, Proxies: cfg.Proxies, Guard: cfg.Guard, Fail: h.fail}
	return surface.Handler(h.serve), nil
}

type handler struct {
	bridge       *bridge.Service
	introduction func(context.Context) (directory.Introduction, error)
	page         *template.Template
	style        template.CSS
	policy       string
}

// serve shows with GET what a link does, and does it with POST. So a program that opens the links of a mail to scan them does not use them.
// A POST from the page of another site needs no check, because that page does not know the link.
func (h *handler) serve(x *web.Response) error {
	x.Route = Prefix + "{tenant}/{link}"
	if err := x.Stranger(); err != nil {
		return err
	}
	tenant, link, ok := strings.Cut(strings.TrimPrefix(x.Request.URL.Path, Prefix), "/")
	if !ok || len(x.Request.URL.Path) > maxPath || strings.Contains(link, "/") {
		tenant, link = "-", "-" // answered like a link that does not work
	}
	from := credential.Client{Address: x.Origin.Address, UserAgent: x.Request.UserAgent(), Request: x.ID}
	ctx := x.Request.Context()
	switch x.Request.Method {
	case http.MethodGet, http.MethodHead:
		x.Operation = "show"
		invitation, err := h.bridge.Invitations().Link(ctx, directory.TenantID(tenant), link, from)
		if err != nil {
			return err
		}
		return h.write(x, http.StatusOK, asked(invitation))
	case http.MethodPost:
		x.Operation = "use"
		if _, err := x.ReadBody(nil, web.StrangerBody); err != nil {
			return err
		}
		invitation, err := h.bridge.Invitations().Use(ctx, directory.TenantID(tenant), link, from)
		if err != nil {
			return err
		}
		return h.write(x, http.StatusOK, done(invitation))
	}
	x.Header().Set("Allow", "GET, HEAD, POST")
	return h.write(x, http.StatusMethodNotAllowed, page{Title: "This page can only be opened", Lines: []string{"Open the link from your mail in a browser."}})
}

// page is what the browser shows.
type page struct {
	Title  string
	Lines  []string
	Button string
	Style  template.CSS

	Provider string
	Support  string
	Logo     template.URL // "": none
}

func asked(l bridge.InvitationLink) page {
	company := plain(l.Company)
	if l.Confirms {
		return page{
			Title:  "Let " + plain(l.Person) + " in to " + company + "?",
			Lines:  []string{plain(l.Person) + " (" + plain(l.Address) + ") has accepted an invitation and waits for your confirmation.", "If you do not know this person, close this page."},
			Button: "Confirm",
		}
	}
	p := page{
		Title:  "You are invited to " + company,
		Lines:  []string{"This invitation is for " + plain(l.Person) + "."},
		Button: "Accept the invitation",
	}
	if !l.Expires.IsZero() {
		p.Lines = append(p.Lines, "It can be accepted until "+l.Expires.UTC().Format("2 January 2006, 15:04 MST")+".")
	}
	return p
}

func done(l bridge.InvitationLink) page {
	company := plain(l.Company)
	switch {
	case l.Confirms:
		return page{Title: "Confirmed", Lines: []string{plain(l.Person) + " is now let in to " + company + ". You can close this page."}}
	case l.State == directory.Active:
		return page{Title: "Welcome to " + company, Lines: []string{"You have accepted the invitation. You can close this page and sign in as " + company + " has told you."}}
	}
	return page{Title: "Thank you", Lines: []string{"You have accepted the invitation to " + company + ". An administrator there confirms it now, and then you can sign in. You can close this page."}}
}

// fail shows an error as a page. Every invalid link gets the same page, for every cause.
func (h *handler) fail(x *web.Response, err error) {
	var e *directory.Error
	status, p := http.StatusInternalServerError, page{Title: "Something went wrong", Lines: []string{"Please try again in a few minutes. If it happens again, tell the person who invited you."}}
	if errors.As(err, &e) {
		switch e.Code { //nolint:exhaustive // every other code is a fault of the server
		case directory.NotFound:
			status, p = http.StatusNotFound, page{Title: "This link does not work", Lines: []string{
				"It was used before, has expired, was replaced by a newer link, or is not complete.",
				"If you have just pressed the button, you are done. Otherwise ask the person who invited you for a new link.",
			}}
		case directory.Throttled:
			status, p = http.StatusTooManyRequests, page{Title: "Please wait a moment", Lines: []string{"There were too many attempts from your address. Try again in a minute."}}
		case directory.Refused, directory.Conflict:
			status, p = http.StatusConflict, page{Title: "This is not possible now", Lines: []string{"Nothing was changed. Tell the person who invited you."}}
		case directory.TooLarge, directory.Invalid:
			status, p = http.StatusBadRequest, page{Title: "This page can only be opened", Lines: []string{"Open the link from your mail in a browser."}}
		case directory.Unavailable:
			status = http.StatusServiceUnavailable
		}
		if e.RetryAfter > 0 {
			x.Header().Set("Retry-After", strconv.Itoa(int(e.RetryAfter.Seconds())))
		}
	}
	if errors.Is(err, web.ErrSlow) {
		status = http.StatusRequestTimeout
	}
	_ = h.write(x, status, p) // the browser may have gone
}

// write answers with a page. Its headers forbid caching, framing and indexing.
func (h *handler) write(x *web.Response, status int, p page) error {
	p.Style = h.style
	policy := h.policy
	if by, err := h.introduction(x.Request.Context()); err == nil { // the page is whole without
		p.Provider, p.Support = plain(by.Name), by.Support
		if by.Logo != nil {
			policy += "; img-src data:"
			p.Logo = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(by.Logo)) //nolint:gosec // a picture that we drew
		}
	}
	var b bytes.Buffer
	if err := h.page.Execute(&b, p); err != nil {
		return err
	}
	header := x.Header()
	for name, value := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Content-Length": strconv.Itoa(b.Len()), "Content-Security-Policy": policy,
		"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		"Cross-Origin-Opener-Policy": "same-origin", "X-Robots-Tag": "noindex",
	} {
		header.Set(name, value)
	}
	x.WriteHeader(status)
	if x.Request.Method == http.MethodHead {
		return nil
	}
	_, err := x.Write(b.Bytes())
	return err
}

// plain makes a name safe to show: one line, and no character that changes the direction of the text.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, text)
}
