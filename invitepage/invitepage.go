package reception

import (
	"bytes"
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
	"drawbridge/directory"
	"drawbridge/internal/web"
)

// Prefix is where the page lies; behind it come the tenant and the link.
const Prefix = "/invitation/"

const (
	maxPath = 400     // a link has less than 200 characters
	maxBody = 4 << 10 // the form has no fields
)

//go:embed page.html
var pageText string

//go:embed page.css
var styleText string

// Config is what the page stands on. Every field but Proxies is required.
type Config struct {
	Bridge  *bridge.Service
	Now     func() time.Time
	IDs     *web.RequestIDs
	Proxies web.Proxies
	Logger  *slog.Logger
}

// New makes the handler of everything under Prefix. The error is one of the page itself, which tests would find.
func New(cfg Config) (http.Handler, error) {
	style := strings.TrimSpace(styleText)
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(style))
	d := &desk{
		bridge: cfg.Bridge, page: page, style: template.CSS(style), //nolint:gosec // a file of ours
		policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
	}
	surface := &web.Surface{Logger: cfg.Logger, Now: cfg.Now, IDs: cfg.IDs, Proxies: cfg.Proxies, Fail: d.fail}
	return surface.Handler(d.serve), nil
}

type desk struct {
	bridge *bridge.Service
	page   *template.Template
	style  template.CSS
	policy string
}

// serve shows what a link is for with GET, and does it with POST: programs that open the links of mails to look at them use
// nothing up. Whose page the POST comes from does not matter: nobody else's knows the link.
func (d *desk) serve(w *web.Response) error {
	w.Route = Prefix + "{tenant}/{link}"
	tenant, link, ok := strings.Cut(strings.TrimPrefix(w.Request.URL.Path, Prefix), "/")
	if !ok || len(w.Request.URL.Path) > maxPath || strings.Contains(link, "/") {
		tenant, link = "-", "-" // no link at all is one that does not work
	}
	from := bridge.Client{Address: w.Origin.Address, UserAgent: w.Request.UserAgent(), Request: w.ID}
	ctx := w.Request.Context()
	switch w.Request.Method {
	case http.MethodGet, http.MethodHead:
		w.Operation = "show"
		letter, err := d.bridge.Letter(ctx, directory.TenantID(tenant), link, from)
		if err != nil {
			return err
		}
		return d.write(w, http.StatusOK, asked(letter))
	case http.MethodPost:
		w.Operation = "use"
		if _, err := w.ReadBody(nil, maxBody); err != nil {
			return err
		}
		letter, err := d.bridge.UseLetter(ctx, directory.TenantID(tenant), link, from)
		if err != nil {
			return err
		}
		return d.write(w, http.StatusOK, done(letter))
	}
	w.Header().Set("Allow", "GET, HEAD, POST")
	return d.write(w, http.StatusMethodNotAllowed, page{Title: "This page can only be opened", Lines: []string{"Open the link from your mail in a browser."}})
}

// page is what somebody reads.
type page struct {
	Title  string
	Lines  []string
	Button string
	Style  template.CSS
}

func asked(l bridge.Letter) page {
	company := plain(l.Company)
	if l.Confirms {
		return page{
			Title:  "Let somebody in to " + company + "?",
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

func done(l bridge.Letter) page {
	company := plain(l.Company)
	switch {
	case l.Confirms:
		return page{Title: "Confirmed", Lines: []string{plain(l.Person) + " is now let in to " + company + ". You can close this page."}}
	case l.State == directory.Active:
		return page{Title: "Welcome to " + company, Lines: []string{"You have accepted the invitation. You can close this page and sign in as " + company + " has told you."}}
	}
	return page{Title: "Thank you", Lines: []string{"You have accepted the invitation to " + company + ". Somebody there confirms it now, and then you can sign in. You can close this page."}}
}

// fail shows an error as a page. Links that do not work look the same whatever the cause.
func (d *desk) fail(w *web.Response, err error) {
	var e *directory.Error
	status, p := http.StatusInternalServerError, page{Title: "Something went wrong", Lines: []string{"Please try again in a few minutes. If it goes on, tell whoever invited you."}}
	if errors.As(err, &e) {
		switch e.Code { //nolint:exhaustive // everything else went wrong on our side
		case directory.NotFound:
			status, p = http.StatusNotFound, page{Title: "This link does not work", Lines: []string{
				"It was used already, has expired, was replaced by a newer one, or is not complete.",
				"If you have pressed the button just now, all is done. Otherwise ask whoever invited you for a new link.",
			}}
		case directory.Throttled:
			status, p = http.StatusTooManyRequests, page{Title: "Please wait a moment", Lines: []string{"There were many attempts from your address. Try again in a minute."}}
		case directory.Refused, directory.Conflict:
			status, p = http.StatusConflict, page{Title: "This is not possible now", Lines: []string{"Tell whoever invited you; nothing was changed."}}
		case directory.TooLarge, directory.Invalid:
			status, p = http.StatusBadRequest, page{Title: "This page can only be opened", Lines: []string{"Open the link from your mail in a browser."}}
		case directory.Unavailable:
			status = http.StatusServiceUnavailable
		}
		if e.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(e.RetryAfter.Seconds())))
		}
	}
	if errors.Is(err, web.ErrSlow) {
		status = http.StatusRequestTimeout
	}
	_ = d.write(w, status, p) // a browser that went away does not read it either
}

// write answers with a page, which nothing keeps, frames, or follows.
func (d *desk) write(w *web.Response, status int, p page) error {
	p.Style = d.style
	var b bytes.Buffer
	if err := d.page.Execute(&b, p); err != nil {
		return err
	}
	h := w.Header()
	for name, value := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Content-Length": strconv.Itoa(b.Len()), "Content-Security-Policy": d.policy,
		"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		"Cross-Origin-Opener-Policy": "same-origin", "X-Robots-Tag": "noindex",
	} {
		h.Set(name, value)
	}
	w.WriteHeader(status)
	if w.Request.Method == http.MethodHead {
		return nil
	}
	_, err := w.Write(b.Bytes())
	return err
}

// plain makes one line of a name that somebody else wrote, without what turns the direction of writing.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, text)
}
