package provision

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"drawbridge/directory"
	"drawbridge/internal/outbound"
	"drawbridge/policy"
)

const (
	// tokenEarly is how long before its end an access token is fetched again.
	tokenEarly = 30 * time.Second
	// tokenLife is how long an access token is used whose answer does not say when it ends.
	tokenLife = 5 * time.Minute
)

// credentials gives the bearer token of a target, and with client credentials fetches it.
type credentials struct {
	http   *http.Client
	now    func() time.Time
	target *directory.Target
	secret string

	mu    sync.Mutex
	token string
	until time.Time
}

// bearer is the token of a request. refused is the one that the application did not take; "": none.
func (c *credentials) bearer(ctx context.Context, refused string) (string, error) {
	if c.target.TokenURL == "" {
		return c.secret, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token != "" && c.token != refused && c.now().Before(c.until) {
		return c.token, nil
	}
	var err error
	c.token, c.until, err = c.fetch(ctx)
	return c.token, err
}

// noToken is a failure of the token endpoint, which is no matter of one record.
func noToken(message string) error {
	return &failure{policy.TargetFailure{Message: message, Whole: true, Blameless: true}, 0}
}

// fetch asks the token endpoint (RFC 6749 §4.4).
func (c *credentials) fetch(ctx context.Context) (string, time.Time, error) {
	form := url.Values{"grant_type": {"client_credentials"}}
	if c.target.Scope != "" {
		form.Set("scope", c.target.Scope)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.target.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return "", time.Time{}, noToken("the URL of the token endpoint cannot be used")
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	r.SetBasicAuth(url.QueryEscape(c.target.ClientID), url.QueryEscape(c.secret))
	res, err := c.http.Do(r)
	if err != nil {
		return "", time.Time{}, noToken(outbound.Reason(err, "token endpoint"))
	}
	defer res.Body.Close()
	var out struct {
		Token   string `json:"access_token"`
		Type    string `json:"token_type"`
		Expires int64  `json:"expires_in"`
		Error   string `json:"error"`
	}
	err = json.NewDecoder(res.Body).Decode(&out)
	switch {
	case res.StatusCode >= 300 && res.StatusCode <= 399:
		return "", time.Time{}, noToken(fmt.Sprintf("the token endpoint answered %d, a redirect, which is not followed: give the target the URL that it leads to", res.StatusCode))
	case res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500:
		return "", time.Time{}, &failure{policy.TargetFailure{
			Message: fmt.Sprintf("the token endpoint answered %d", res.StatusCode), Whole: true, Blameless: true, RetryAfter: outbound.RetryAfter(res.Header.Get("Retry-After"), c.now()),
		}, 0}
	case res.StatusCode != http.StatusOK || out.Error != "":
		text := "the token endpoint refused the client credentials"
		if out.Error != "" {
			text += ": " + directory.Truncate(outbound.Plain([]byte(out.Error)), longestField)
		}
		return "", time.Time{}, noToken(text)
	case err != nil || out.Token == "" || out.Type != "" && !strings.EqualFold(out.Type, "Bearer"):
		return "", time.Time{}, noToken("the token endpoint gave no bearer token")
	}
	life := time.Duration(min(max(out.Expires, 0), 86400)) * time.Second
	if life == 0 {
		life = tokenLife
	}
	return out.Token, c.now().Add(max(life-tokenEarly, life/2)), nil
}
