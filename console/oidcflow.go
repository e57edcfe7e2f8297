package console

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"drawbridge/internal/limit"
)

const (
	flowLife   = 10 * time.Minute // how long a person may take at the provider
	flowCookie = "drawbridge_oidc"
	flowPath   = "/session/oidc"
	clockSkew  = time.Minute // how slow the clock of the provider may be

	spentFlows     = 10_000 // how many are remembered, so that each works once
	spentFlowsEach = 100    // of one network
)

// flow is a sign-in that is in progress at the provider.
type flow struct {
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	Expires  time.Time `json:"expires"`
	Fresh    bool      `json:"fresh"` // the person is asked again
}

// flows seals the sign-ins in progress into a cookie of the browser. The server keeps nothing for them, so clients that begin sign-ins and
// never return use no memory.
type flows struct {
	seal  func() (cipher.AEAD, error)
	spent *limit.Map[netip.Prefix, string, struct{}] // flows that came back, by their state
}

func newFlows(secret []byte) *flows {
	return &flows{
		seal:  sync.OnceValues(func() (cipher.AEAD, error) { return flowSeal(secret) }),
		spent: limit.NewMap[netip.Prefix, string, struct{}](limit.Bounds{All: spentFlows, Each: spentFlowsEach, Life: flowLife}),
	}
}

func flowSeal(secret []byte) (cipher.AEAD, error) {
	if len(secret) < 16 {
		return nil, errors.New("the API has no secret")
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "cookie of an OpenID sign-in", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// begin completes a flow, and makes the value of its cookie.
func (f *flows) begin(now time.Time, made flow) (flow, string, error) {
	seal, err := f.seal()
	if err != nil {
		return flow{}, "", fmt.Errorf("OpenID sign-in: %w", err)
	}
	made.State, made.Nonce, made.Verifier, made.Expires = rand.Text(), rand.Text(), oauth2.GenerateVerifier(), now.Add(flowLife)
	text, err := json.Marshal(made)
	if err != nil {
		return flow{}, "", fmt.Errorf("OpenID sign-in: %w", err)
	}
	sealed := seal.Seal(nil, nil, text, nil) //nolint:gosec // the AEAD makes the nonce itself
	return made, base64.RawURLEncoding.EncodeToString(sealed), nil
}

// end opens a cookie. ok is false if it is not ours, expired, or was used before. The provider also accepts a code only once, so a flow
// that was dropped from memory cannot be used again either.
func (f *flows) end(cookie string, from netip.Prefix, now time.Time) (out flow, ok bool) {
	seal, err := f.seal()
	if err != nil {
		return flow{}, false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil {
		return flow{}, false
	}
	text, err := seal.Open(nil, nil, sealed, nil)
	if err != nil || json.Unmarshal(text, &out) != nil || !now.Before(out.Expires) || now.Before(out.Expires.Add(-2*flowLife)) {
		return flow{}, false
	}
	fresh := false
	f.spent.Update(from, out.State, now, func(_ struct{}, known bool) (struct{}, bool) {
		fresh = !known
		return struct{}{}, true
	})
	return out, fresh
}

// flowCookie is the header that sets the cookie of a flow. An expiry in the past removes the cookie.
func (a *api) flowCookie(ctx context.Context, value string, expires time.Time) string {
	c := http.Cookie{ //nolint:gosec // it is Secure if the request came by HTTPS; plain HTTP is for the loopback
		Name: flowCookie, Value: value, Path: prefix + flowPath, Expires: expires, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, // the way back comes from another site
		Secure:   responseOf(ctx).Origin.Scheme == "https",
	}
	return c.String()
}
