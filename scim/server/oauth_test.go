package server

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/internal/web"
)

func TestClientCredentialsGiveAToken(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	c := k.connect("acme", "acme-gen", directory.Generic)
	other := k.connect("bolt", "bolt-gen", directory.Generic)
	secret, err := k.bridge.RotateToken(t.Context(), k.op, c.slug, bridge.TokenOptions{Kind: directory.ClientSecret})
	if err != nil {
		t.Fatal(err)
	}
	id := string(secret.Token.ID)
	form := func(pairs ...string) string {
		v := url.Values{}
		for i := 0; i+1 < len(pairs); i += 2 {
			v.Add(pairs[i], pairs[i+1])
		}
		return v.Encode()
	}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret.Text))
	ask := func(body string, header ...string) *answer {
		return k.raw("POST", "/oauth2/token", body, append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)...)
	}
	post := ask(form("grant_type", "client_credentials", "client_id", id, "client_secret", secret.Text)).is(200).has("token_type", "Bearer").has("scope", "scim")
	if post.header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control %q", post.header.Get("Cache-Control"))
	}
	ask(form("grant_type", "client_credentials", "scope", "whatever"), "Authorization", basic).is(200)
	token, _ := post.at("access_token").(string)
	k.raw("GET", "/scim/v2/acme-gen/Users", "", "Authorization", "Bearer "+token).is(200)
	k.raw("GET", "/scim/v2/bolt-gen/Users", "", "Authorization", "Bearer "+token).is(401)
	k.raw("GET", "/scim/v2/acme-gen/Users", "", "Authorization", "Bearer "+secret.Text).is(401)
	lives, _ := post.at("expires_in").(float64)

	for name, tt := range map[string]struct {
		body   string
		header []string
		status int
		code   string
	}{
		"wrong secret":   {form("grant_type", "client_credentials", "client_id", id, "client_secret", "x"), nil, 401, "invalid_client"},
		"wrong id":       {form("grant_type", "client_credentials", "client_id", "x", "client_secret", secret.Text), nil, 401, "invalid_client"},
		"a bearer token": {form("grant_type", "client_credentials", "client_id", id, "client_secret", other.token), nil, 401, "invalid_client"},
		"no client":      {form("grant_type", "client_credentials"), nil, 401, "invalid_client"},
		"wrong Basic":    {form("grant_type", "client_credentials"), []string{"Authorization", "Basic eDp5"}, 401, "invalid_client"},
		"broken Basic":   {form("grant_type", "client_credentials"), []string{"Authorization", "Basic !"}, 401, "invalid_client"},
		"both":           {form("grant_type", "client_credentials", "client_id", id, "client_secret", secret.Text), []string{"Authorization", basic}, 400, "invalid_request"},
		"two ids":        {form("grant_type", "client_credentials", "client_id", "x"), []string{"Authorization", basic}, 400, "invalid_request"},
		"no grant":       {form("client_id", id, "client_secret", secret.Text), nil, 400, "invalid_request"},
		"another grant":  {form("grant_type", "password", "client_id", id, "client_secret", secret.Text), nil, 400, "unsupported_grant_type"},
		"twice":          {form("grant_type", "client_credentials", "client_id", id, "client_id", id), nil, 400, "invalid_request"},
		"JSON":           {`{"grant_type":"client_credentials"}`, []string{"Content-Type", "application/json"}, 400, "invalid_request"},
		"not encoded":    {"grant_type=%zz", nil, 400, "invalid_request"},
		"too large":      {"grant_type=" + strings.Repeat("a", web.StrangerBody), nil, 413, "invalid_request"},
		"in the query":   {"", []string{"Authorization", ""}, 400, "invalid_request"},
	} {
		got := ask(tt.body, tt.header...)
		if got.status != tt.status || got.at("error") != tt.code || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
		if challenge := got.header.Get("WWW-Authenticate"); (challenge != "") != (got.status == 401 && tt.header != nil) {
			t.Errorf("%s: WWW-Authenticate %q", name, challenge)
		}
	}
	k.raw("GET", "/oauth2/token", "").is(405)
	k.clock.Advance(time.Duration(lives+1) * time.Second)
	k.raw("GET", "/scim/v2/acme-gen/Users", "", "Authorization", "Bearer "+token).is(401)
	if strings.Contains(k.logged.String(), secret.Text) || strings.Contains(k.logged.String(), token) {
		t.Error("the log contains a secret")
	}
}
