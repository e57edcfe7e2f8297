package google

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	attempts = 8
	// rereads is how often an answer that cannot be read is asked for: it can be cut off, but is hardly ever right later.
	rereads        = 4
	firstBackoff   = time.Second
	longestBackoff = 64 * time.Second
	// longestWait is the longest Retry-After that is waited for. A longer one ends the attempts.
	longestWait    = 5 * time.Minute
	requestTimeout = time.Minute
	answerBytes    = 64 << 20
	mostPages      = 20_000

	notGoogle = "that is not Google's Directory API; look at google.endpoint and at proxies in between"
)

// Config is what a Client needs. Account, Subject, Quota, Now and Sleep are required.
type Config struct {
	Account  Account
	Subject  string   // the address of the administrator in whose name the directory is read
	Customer string   // "": my_customer, the company of the Subject
	Endpoint Endpoint // zero: Google
	Quota    *Quota

	Transport http.RoundTripper // nil: http.DefaultTransport
	Now       func() time.Time
	Sleep     func(context.Context, time.Duration) error
	Jitter    func(most time.Duration) time.Duration // nil: none
	Note      func(Attempt)                          // is called after each try; nil: not called
	Attempts  int                                    // how often a request is tried; 0: 8 times
}

// Attempt is one try of a request to Google. It has no credential and no body.
type Attempt struct {
	Method string
	URL    string
	Status int // 0: there was no answer
	Began  time.Time
	Took   time.Duration
	Err    error
}

// Client reads the directory of one company. It is safe for concurrent use.
type Client struct {
	cfg    Config
	http   *http.Client
	tokens tokens
}

// New makes a Client. It sends nothing.
func New(cfg Config) *Client {
	if cfg.Customer == "" {
		cfg.Customer = "my_customer"
	}
	if cfg.Endpoint == (Endpoint{}) {
		cfg.Endpoint = Google()
	}
	if cfg.Transport == nil {
		cfg.Transport = http.DefaultTransport
	}
	if cfg.Attempts == 0 {
		cfg.Attempts = attempts
	}
	if cfg.Jitter == nil {
		cfg.Jitter = func(time.Duration) time.Duration { return 0 }
	}
	return &Client{cfg: cfg, http: &http.Client{
		Transport:     newGuard(cfg.Endpoint, cfg.Transport),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Customer is the setting: an id, or my_customer.
func (c *Client) Customer() string { return c.cfg.Customer }

func (c *Client) note(a Attempt) {
	if c.cfg.Note != nil {
		c.cfg.Note(a)
	}
}

// get reads one resource or page into to, and repeats the request while that may help.
func (c *Client) get(ctx context.Context, path string, query url.Values, to any) error {
	address := c.cfg.Endpoint.API + "/admin/directory/v1/" + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	renewed := false
	return c.retry(ctx, func() error {
		for {
			token, err := c.token(ctx)
			if err != nil {
				return err
			}
			err = c.ask(ctx, address, token, to)
			if statusOf(err) != http.StatusUnauthorized || renewed {
				return err
			}
			renewed = true
			c.tokens.drop(token)
		}
	})
}

// retry calls do until it succeeds, or fails with an error that another attempt would not fix.
func (c *Client) retry(ctx context.Context, do func() error) error {
	backoff := firstBackoff
	for attempt := 1; ; attempt++ {
		err := do()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var e *Error
		if errors.As(err, &e) && e.Status != 0 {
			c.cfg.Quota.pause(c.cfg.Account.Project, e.RetryAfter, c.cfg.Now())
		}
		if e == nil || e.Kind != Exhausted && e.Kind != Unreachable && e.Kind != Malformed || attempt >= c.attempts(e.Kind) {
			return err
		}
		wait := max(backoff+c.cfg.Jitter(backoff), e.RetryAfter)
		if wait > longestWait {
			return err
		}
		if err := c.cfg.Sleep(ctx, wait); err != nil {
			return err
		}
		backoff = min(2*backoff, longestBackoff)
	}
}

// attempts is how often a request is tried that fails in this way.
func (c *Client) attempts(kind Kind) int {
	if kind == Malformed {
		return min(rereads, c.cfg.Attempts)
	}
	return c.cfg.Attempts
}

// ask sends one request.
func (c *Client) ask(ctx context.Context, address, token string, to any) error {
	if err := c.cfg.Quota.wait(ctx, c.cfg.Account.Project, c.cfg.Now, c.cfg.Sleep); err != nil {
		return err
	}
	asking, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(asking, http.MethodGet, address, nil)
	if err != nil {
		return &Error{Kind: BadSetting, Message: "the address of Google's API is wrong: look at google.endpoint", Err: err}
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept", "application/json")
	began := c.cfg.Now()
	status, err := c.send(r, to)
	c.note(Attempt{Method: r.Method, URL: address, Status: status, Began: began, Took: c.cfg.Now().Sub(began), Err: err})
	return err
}

func (c *Client) send(r *http.Request, to any) (status int, err error) {
	answer, err := c.http.Do(r)
	if err != nil {
		var own *Error
		if errors.As(err, &own) {
			return 0, own
		}
		return 0, &Error{Kind: Unreachable, Message: "Google cannot be reached: " + plain(err), Err: err}
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, answerBytes+1))
	switch {
	case err != nil:
		return answer.StatusCode, &Error{Kind: Unreachable, Status: answer.StatusCode, Message: "an answer of Google ended too early: " + plain(err), Err: err}
	case len(body) > answerBytes:
		return answer.StatusCode, &Error{Kind: BadSetting, Status: answer.StatusCode, Message: fmt.Sprintf("an answer of Google has more than %d MiB", answerBytes>>20)}
	case answer.StatusCode != http.StatusOK:
		return answer.StatusCode, c.explain(answer, body)
	}
	if err := json.Unmarshal(body, to); err != nil {
		return answer.StatusCode, unreadable(answer.StatusCode, err)
	}
	return answer.StatusCode, nil
}

// unreadable is the error of an answer that is not what the Directory API answers. It says what is wrong with it.
func unreadable(status int, err error) error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	what := ""
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		what = ", because " + cut(wrong.Field) + " has the type " + wrong.Value
	}
	return &Error{Kind: Malformed, Status: status, Message: "Google's answer cannot be read" + what + ": " + notGoogle, Err: err}
}

// refusal is the body of an error.
type refusal struct {
	Error struct {
		Message string `json:"message"`
		Status  string `json:"status"`
		Errors  []struct {
			Reason  string `json:"reason"`
			Message string `json:"message"`
		} `json:"errors"`
	} `json:"error"`
}

// explain turns a refusal of the Directory API into an Error.
func (c *Client) explain(answer *http.Response, body []byte) error {
	var said refusal
	_ = json.Unmarshal(body, &said) // an answer that is not JSON has no reason
	e := &Error{Status: answer.StatusCode, RetryAfter: retryAfter(answer.Header, c.cfg.Now())}
	if len(said.Error.Errors) > 0 {
		e.Reason = said.Error.Errors[0].Reason
	}
	text := strings.ToLower(said.Error.Message)
	has := func(part string) bool { return strings.Contains(text, part) }
	switch {
	case answer.StatusCode == http.StatusTooManyRequests, answer.StatusCode == http.StatusForbidden && isQuota(e.Reason):
		e.Kind = Exhausted
		e.Message = "the quota of the Google project " + c.cfg.Account.Project + " is used up (" + reasonOr(e.Reason, "429") +
			"): Google Cloud console > APIs & Services > Admin SDK API > Quotas; other programs with keys of this project use it too"
	case answer.StatusCode >= http.StatusInternalServerError:
		e.Kind, e.Message = Unreachable, "Google's Directory API is out of order: "+answer.Status
	case answer.StatusCode == http.StatusUnauthorized:
		e.Kind, e.Field = Delegation, "credentials"
		e.Message = "Google does not accept the access token any more: the key, the service account or its delegation was taken away (" + delegationPage + ")"
	case answer.StatusCode == http.StatusForbidden && (e.Reason == "accessNotConfigured" || said.Error.Status == "SERVICE_DISABLED" || has("has not been used") || has("is disabled")):
		e.Kind, e.Message = APIDisabled, "the Admin SDK API is off in the Google project "+c.cfg.Account.Project+": "+libraryPage
	case answer.StatusCode == http.StatusForbidden && (e.Reason == "insufficientPermissions" || has("scope")):
		e.Kind = Delegation
		e.Message = "a scope is missing: in " + delegationPage + " the client ID " + c.clientID() + " needs " + strings.Join(Scopes(), ",")
	case answer.StatusCode == http.StatusForbidden:
		e.Kind, e.Field = Subject, "admin"
		e.Message = "the administrator " + c.cfg.Subject + " may not read this: the setting google.admin must name one whose role has the privileges Users > Read and Groups > Read (" + rolesPage + ")"
	case answer.StatusCode == http.StatusNotFound && has("domain"), answer.StatusCode == http.StatusBadRequest && has("customer"):
		e.Kind, e.Field = BadSetting, "customer"
		e.Message = fmt.Sprintf("Google does not know the customer %q, or %s does not belong to it: the setting google.customer is my_customer or the ID in %s", c.cfg.Customer, c.cfg.Subject, customerPage)
	case answer.StatusCode == http.StatusNotFound, answer.StatusCode == http.StatusPreconditionFailed:
		e.Kind, e.Message = NotThere, "Google does not have it: "+cut(said.Error.Message)
	case answer.StatusCode == http.StatusBadRequest && has("pagetoken"), answer.StatusCode == http.StatusBadRequest && has("page token"):
		e.Kind, e.Message = PageExpired, "a listing could not be read to its end: Google does not accept its page token any more"
	case answer.StatusCode == http.StatusBadRequest && has("query"):
		e.Kind, e.Field = BadSetting, "query"
		e.Message = "Google does not understand the setting google.query: " + cut(said.Error.Message)
	case len(said.Error.Message) == 0:
		e.Kind, e.Message = Malformed, "Google answered "+answer.Status+": "+notGoogle
	default:
		e.Kind, e.Message = Unexplained, "Google refuses with "+strconv.Itoa(answer.StatusCode)+": "+cut(said.Error.Message)
	}
	return e
}

func isQuota(reason string) bool {
	switch reason {
	case "userRateLimitExceeded", "rateLimitExceeded", "quotaExceeded", "dailyLimitExceeded":
		return true
	}
	return false
}

func reasonOr(reason, other string) string {
	if reason == "" {
		return other
	}
	return reason
}

// retryAfter is how long the answer asks to wait: seconds, or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, 24*60*60)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

// clockOffset is how far this server's clock is ahead of the one that wrote the answer.
func clockOffset(h http.Header, now time.Time) (time.Duration, bool) {
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0, false
	}
	return now.Sub(at), true
}

// plain is an error of the network without the address, which may contain a page token.
func plain(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return cut(err.Error())
}

// cut shortens a text of Google and puts it on one line.
func cut(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "…"
	}
	return text
}
