package emulator

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// Secret is the credential that an administrator enters in the console of the IdP. Text alone is a bearer token. With a User it is a user
// name and a password for HTTP Basic, or a client_id and its secret if there is a TokenURL.
type Secret struct {
	User     string
	Text     string
	TokenURL string // where OAuth 2.0 client credentials get an access token; ""
}

// accessToken is the variable for the token of the token endpoint.
const accessToken = "access_token"

// SignIn gives the session a credential. For OAuth it asks the token endpoint first; the result is that step. For a bearer token and for
// HTTP Basic nothing is sent, and the second result is false.
func (s *Session) SignIn(ctx context.Context, idp IdP, secret Secret) (Result, bool) {
	switch {
	case secret.TokenURL != "":
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {secret.User}, "client_secret": {secret.Text}}
		path := secret.TokenURL
		if u, err := url.Parse(secret.TokenURL); err == nil {
			path = "/" + u.EscapedPath()
		}
		r := s.Play(ctx, Step{
			Phase: "authentication", Name: "get an access token", Method: http.MethodPost, Path: path, Body: form.Encode(),
			Header: http.Header{"Authorization": {""}, "Content-Type": {"application/x-www-form-urlencoded"}},
			Expect: Expect{
				Status: []int{http.StatusOK}, Body: `{"access_token": "${` + accessToken + `}", "token_type": "(string)"}`, Error: `{"error": "*"}`,
				Console: "the client ID or the client secret is refused: {detail}", Rule: "RFC 6749 §4.4",
			},
		})
		s.Client.Auth = idp.Auth(s.Vars[accessToken])
		return r, true
	case secret.User != "":
		s.Client.Auth = Basic(secret.User, secret.Text)
	default:
		s.Client.Auth = idp.Auth(secret.Text)
	}
	return Result{}, false
}

// missing names the first variable in text without a value; "": none. A form has no variables.
func missing(text string) string {
	at := strings.Index(text, "${")
	if at < 0 {
		return ""
	}
	name, _, closed := strings.Cut(text[at+2:], "}")
	if !closed {
		return ""
	}
	return name
}
