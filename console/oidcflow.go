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

	spentFlows     = 10_000 // that are remembered, so that each works once
	spentFlowsEach = 100    // of one network
)

// flow is a sign-in that is under way at the provider.
type flow struct {
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	Expires  time.Time `json:"expires"`
}

// flows seals the sign-ins that are under way into a cookie of the browser. Nothing is kept for them here, so clients that begin
// sign-ins and never come back are in nobody's way.
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

// begin makes a flow, and the value of its cookie.
func (f *flows) begin(now time.Time) (flow, string, error) {
	seal, err := f.seal()
	if err != nil {
		return flow{}, "", fmt.Errorf("OpenID sign-in: %w", err)
	}
	made := flow{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Expires: now.Add(flowLife)}
	text, err := json.Marshal(made)
	if err != nil {
		return flow{}, "", fmt.Errorf("OpenID sign-in: %w", err)
	}
	sealed := seal.Seal(nil, nil, text, nil) //nolint:gosec // the AEAD makes the nonce itself
	return made, base64.RawURLEncoding.EncodeToString(sealed), nil
}

// end opens a cookie. ok is false if it is not ours, expired, or came back before. The provider takes a code only once, too, so a
// flow that was displaced from memory is still no use to anybody.
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
	c := http.Cookie{ //nolint:gosec // it is Secure wherever the request came by HTTPS; plain HTTP is for the loopback
		Name: flowCookie, Value: value, Path: prefix + flowPath, Expires: expires, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, // the way back comes from another site
		Secure:   responseOf(ctx).Origin.Scheme == "https",
	}
	return c.String()
}
