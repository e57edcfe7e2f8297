package googletest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"slices"
	"strings"
	"time"
)

type key struct {
	email  string
	public *rsa.PublicKey
}

type grant struct {
	scopes []string
	admin  bool
	until  time.Time
}

// NewKey makes a key of a service account with delegation, as a file from Google's console. Each process makes a new private key.
func (a *Account) NewKey(project string) []byte {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err) // without randomness no test can run
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		panic(err)
	}
	id := make([]byte, 10)
	_, _ = rand.Read(id) // never fails
	email := "drawbridge@" + project + ".iam.gserviceaccount.com"
	a.mu.Lock()
	a.keys[hex.EncodeToString(id)] = key{email: email, public: &private.PublicKey}
	a.mu.Unlock()
	file, err := json.MarshalIndent(map[string]string{ //nolint:gosec // a new key of the fake
		"type": "service_account", "project_id": project, "private_key_id": hex.EncodeToString(id), "client_email": email, "client_id": "113456789012345678901",
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"auth_uri":    "https://accounts.google.com/o/oauth2/auth", "token_uri": "https://oauth2.googleapis.com/token",
	}, "", "  ")
	if err != nil {
		panic(err)
	}
	return file
}

// RevokeKeys makes all keys unknown, and all tokens.
func (a *Account) RevokeKeys() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keys, a.tokens = map[string]key{}, map[string]grant{}
}

// RevokeTokens makes all access tokens unknown.
func (a *Account) RevokeTokens() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tokens = map[string]grant{}
}

type claims struct {
	Iss, Sub, Scope, Aud string
	Iat, Exp             int64
}

// SetTokenClock gives the token endpoint another clock.
func (a *Account) SetTokenClock(now func() time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tokenClock = now
}

// token is the token endpoint. It checks the assertion according to RFC 7523 and Google's documentation. Assertions use the real clock,
// because the library that signs them reads it.
func (a *Account) token(w http.ResponseWriter, r *http.Request) {
	refuse := func(reason, description string) {
		w.Header().Set("Date", a.tokenClock().UTC().Format(http.TimeFormat))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": reason, "error_description": description})
	}
	if r.Method != http.MethodPost || r.FormValue("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		refuse("unsupported_grant_type", "Invalid grant_type: "+r.FormValue("grant_type"))
		return
	}
	parts := strings.Split(r.FormValue("assertion"), ".")
	var head struct{ Alg, Kid string }
	var c claims
	if len(parts) != 3 || !decode(parts[0], &head) || !decode(parts[1], &c) || head.Alg != "RS256" {
		refuse("invalid_grant", "Invalid JWT: Failed Signature")
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	k, known := a.keys[head.Kid]
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !known || err != nil || rsa.VerifyPKCS1v15(k.public, crypto.SHA256, sum[:], signature) != nil || k.email != c.Iss {
		refuse("invalid_grant", "Invalid JWT Signature.")
		return
	}
	now := a.tokenClock().Unix()
	if c.Exp-c.Iat > 3700 || c.Iat > now+300 || c.Exp < now {
		refuse("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.")
		return
	}
	if !strings.HasSuffix(c.Aud, "/token") {
		refuse("invalid_grant", "Invalid JWT: Failed audience check.")
		return
	}
	scopes := strings.Fields(c.Scope)
	for _, s := range scopes {
		if !slices.Contains(a.scopes, s) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_ = json.NewEncoder(w).Encode(map[string]string{"error": "unauthorized_client", "error_description": "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested."})
			return
		}
	}
	known = c.Sub == a.admin
	for _, p := range a.state.people {
		known = known || p.text("primaryEmail") == c.Sub
	}
	if !known {
		refuse("invalid_grant", "Invalid email or User ID")
		return
	}
	text := make([]byte, 16)
	_, _ = rand.Read(text)
	value := "ya29." + hex.EncodeToString(text)
	a.tokens[value] = grant{scopes: scopes, admin: c.Sub == a.admin, until: a.tokenClock().Add(time.Hour)}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": value, "expires_in": 3599, "token_type": "Bearer"})
}

func decode(part string, to any) bool {
	text, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(text, to) == nil
}
