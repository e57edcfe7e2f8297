package server

import (
	"encoding/base64"
	"net/http"
	"strings"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/scim"
)

// realm is the challenge of a 401 (RFC 9110 §11.6.1).
const realm = `Bearer realm="drawbridge"`

// readCredential reads the Authorization header. given is false if there is none. A malformed header gives an
// empty credential, which never authenticates; the answer is then the same as for a wrong token.
//
// It does not read tokens in the query string (RFC 6750 §2.3): they would end up in the logs of every proxy.
func readCredential(h http.Header, q *scim.Quirks) (c bridge.Credential, given bool) {
	headers := h["Authorization"]
	if len(headers) == 0 {
		return bridge.Credential{}, false
	}
	if len(headers) > 1 {
		return bridge.Credential{}, true
	}
	text := strings.TrimSpace(headers[0])
	scheme, rest, spaced := strings.Cut(text, " ")
	switch {
	case !spaced && strings.EqualFold(text, "Bearer"):
		return bridge.Credential{}, true
	case !spaced: // row 61 of docs/quirks.md: Okta's header mode
		q.Add(quirkBareToken)
		return bridge.Credential{Kind: directory.BearerToken, Secret: text}, true
	case strings.EqualFold(scheme, "Bearer"):
		secret := strings.TrimLeft(rest, " ")
		for len(secret) > 7 && strings.EqualFold(secret[:7], "Bearer ") {
			q.Add(quirkBearerTwice)
			secret = strings.TrimLeft(secret[7:], " ")
		}
		if strings.ContainsAny(secret, " \t") {
			return bridge.Credential{}, true
		}
		return bridge.Credential{Kind: directory.BearerToken, Secret: secret}, true
	case strings.EqualFold(scheme, "Basic"):
		user, secret, ok := basic(strings.TrimLeft(rest, " "))
		if !ok {
			return bridge.Credential{}, true
		}
		return bridge.Credential{Kind: directory.BasicSecret, User: user, Secret: secret}, true
	}
	return bridge.Credential{}, true
}

func basic(encoded string) (user, secret string, ok bool) {
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", "", false
	}
	return strings.Cut(string(text), ":")
}

// unauthorized is the answer to every invalid credential, for every reason (C3).
func unauthorized() error {
	return &directory.Error{Code: directory.Unauthorized, Message: "the credential is missing, unknown, expired or revoked, or belongs to another base URL"}
}
