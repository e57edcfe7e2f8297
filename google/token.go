package google

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/jwt"
)

// tokenLife is how long an access token is used. Google's are valid for an hour.
const tokenLife = 45 * time.Minute

// tokens keeps the access token of a client.
type tokens struct {
	mu    sync.Mutex
	value string
	until time.Time
}

// drop forgets a token that was refused.
func (t *tokens) drop(value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.value == value {
		t.value = ""
	}
}

// token gives an access token for all scopes.
func (c *Client) token(ctx context.Context) (string, error) {
	c.tokens.mu.Lock()
	defer c.tokens.mu.Unlock()
	now := c.cfg.Now()
	if c.tokens.value != "" && now.Before(c.tokens.until) && now.After(c.tokens.until.Add(-2*tokenLife)) {
		return c.tokens.value, nil
	}
	value, err := c.fetchToken(ctx, Scopes())
	if err != nil {
		return "", err
	}
	c.tokens.value, c.tokens.until = value, now.Add(tokenLife)
	return value, nil
}

// fetchToken asks the token endpoint for an access token with scopes, and repeats that if the endpoint is down.
func (c *Client) fetchToken(ctx context.Context, scopes []string) (string, error) {
	config := jwt.Config{
		Email: c.cfg.Account.Email, PrivateKey: []byte(c.cfg.Account.PrivateKey), PrivateKeyID: c.cfg.Account.KeyID,
		Subject: c.cfg.Subject, Scopes: scopes, TokenURL: c.cfg.Endpoint.Token,
	}
	var value string
	err := c.retry(ctx, func() error {
		if err := c.cfg.Quota.wait(ctx, c.cfg.Account.Project, c.cfg.Now, c.cfg.Sleep); err != nil {
			return err
		}
		asking, cancel := context.WithTimeout(context.WithValue(ctx, oauth2.HTTPClient, c.http), requestTimeout)
		defer cancel()
		began := c.cfg.Now()
		got, err := config.TokenSource(asking).Token()
		status := http.StatusOK
		if err != nil {
			err = c.explainToken(err)
			status = statusOf(err)
		} else if got.AccessToken == "" {
			err = &Error{Kind: Malformed, Status: status, Message: "the token endpoint answered without an access token: " + notGoogle}
		}
		c.note(Attempt{Method: http.MethodPost, URL: c.cfg.Endpoint.Token, Status: status, Began: began, Took: c.cfg.Now().Sub(began), Err: err})
		if err == nil {
			value = got.AccessToken
		}
		return err
	})
	return value, err
}

func statusOf(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

// explainToken turns a refusal of the token endpoint into an Error.
func (c *Client) explainToken(err error) error {
	var own *Error
	if errors.As(err, &own) { // of the guard
		return own
	}
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response == nil {
		return &Error{Kind: Unreachable, Message: "Google's token endpoint cannot be reached: " + plain(err), Err: err}
	}
	status := refused.Response.StatusCode
	var said struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(refused.Body, &said) != nil || said.Error == "" {
		if status == http.StatusTooManyRequests || status >= http.StatusInternalServerError {
			return &Error{Kind: Unreachable, Status: status, RetryAfter: retryAfter(refused.Response.Header, c.cfg.Now()), Message: "Google's token endpoint is out of order: " + refused.Response.Status}
		}
		return &Error{Kind: Malformed, Status: status, Message: "the token endpoint answered " + refused.Response.Status + ": " + notGoogle}
	}
	e := &Error{Status: status, Reason: said.Error}
	text := strings.ToLower(said.Description)
	has := func(part string) bool { return strings.Contains(text, part) }
	switch {
	case status == http.StatusTooManyRequests, status >= http.StatusInternalServerError:
		e.Kind, e.Message = Unreachable, "Google's token endpoint is out of order: "+refused.Response.Status
		e.RetryAfter = retryAfter(refused.Response.Header, c.cfg.Now())
	case said.Error == "unauthorized_client", said.Error == "access_denied":
		e.Kind = Delegation
		e.Message = "Google does not let the service account act for the company: in " + delegationPage + " add the client ID " + c.clientID() +
			" with these scopes, all of them: " + strings.Join(Scopes(), ",")
	case said.Error == "invalid_scope":
		e.Kind = Delegation
		e.Message = "Google does not accept the scopes: in " + delegationPage + " the client ID " + c.clientID() + " needs " + strings.Join(Scopes(), ",")
	case has("timeframe") || has("iat") || has("short-lived"):
		e.Kind, e.Message = Clock, "Google says that the clock of this server is wrong: put it right (NTP)"
		if off, ok := clockOffset(refused.Response.Header, c.cfg.Now()); ok && off.Abs() >= time.Minute {
			e.Message = "the clock of this server is " + minutes(off) + " Google's: put it right (NTP)"
		}
	case has("email or user id"):
		e.Kind, e.Field = Subject, "admin"
		e.Message = "the company has no user " + c.cfg.Subject + ": the setting google.admin must be the primary address of an administrator (Google Admin console > Directory > Users)"
	case has("signature"), has("not a valid key"), has("no valid verifier"):
		e.Kind, e.Field = BadKey, "credentials"
		e.Message = "Google does not know the key " + c.cfg.Account.KeyID + " of " + c.cfg.Account.Email + " any more, it was deleted or disabled: " + makeKey
	case has("account not found"), said.Error == "invalid_client":
		e.Kind, e.Field = BadKey, "credentials"
		e.Message = "Google has no service account " + c.cfg.Account.Email + ": it was deleted or disabled (Google Cloud console > IAM & Admin > Service Accounts)"
	default:
		e.Kind = Unexplained
		e.Message = "Google's token endpoint refuses: " + cut(said.Error+" "+said.Description)
	}
	return e
}

func (c *Client) clientID() string {
	if c.cfg.Account.ClientID == "" {
		return "(Unique ID of " + c.cfg.Account.Email + ")"
	}
	return c.cfg.Account.ClientID
}
