package bridge_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/credential"
	"drawbridge/directory"
)

func (k *kit) connect(tenant directory.TenantID, id string) credential.Secret {
	k.T.Helper()
	_, secret, err := k.CreateConnection(bg, k.Op, bridge.ConnectionDraft{ID: directory.ConnectionID(id), Tenant: tenant, Type: directory.Entra})
	k.OK(err)
	return secret
}

func (k *kit) opens(connection string, c bridge.Credential) bool {
	k.T.Helper()
	_, err := k.Authenticate(bg, directory.ConnectionID(connection), c, credential.Client{Address: "192.0.2.1", UserAgent: "ua", Request: "r"})
	if err != nil {
		k.Fails(err, directory.Unauthorized, "")
	}
	return err == nil
}

func TestC1SecretsAreShownOnce(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	secret := k.connect(acme, "acme-entra")
	if !strings.HasPrefix(secret.Text, "dbr_") || len(secret.Text) != 47 || secret.Token.Prefix != secret.Text[4:8] || secret.Token.Hash != [32]byte{} {
		t.Errorf("%+v", secret)
	}
	if !k.opens("acme-entra", bridgetest.Bearer(secret.Text)) {
		t.Fatal("the token does not open")
	}
	all, err := k.Connections(bg, k.Op, acme)
	k.OK(err)
	use := all[0].Uses
	if len(all) != 1 || all[0].Tokens[0].Hash != [32]byte{} || len(use) != 1 || use[0].Address != "192.0.2.1" || use[0].UserAgent != "ua" || !all[0].LastRequest.Equal(k.Clock.Now()) {
		t.Errorf("%+v", all)
	}
	k.OK(k.Close(bg))
	stored, err := k.Store.Uses(bg, "acme-entra")
	k.OK(err)
	if len(stored) != 1 {
		t.Errorf("uses %+v", stored)
	}
	for _, line := range k.AuditOf(acme) {
		if strings.Contains(fmt.Sprintf("%s %s", line.Before, line.After), secret.Text[4:]) {
			t.Error("the secret is in the audit trail")
		}
	}
}

func TestC3OneErrorForEveryCause(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme, beta := k.NewTenant("acme", 0), k.NewTenant("beta", 0)
	a, b := k.connect(acme, "acme-entra"), k.connect(beta, "beta-entra")
	revoked, err := k.RotateToken(bg, k.Op, "acme-entra", bridge.TokenOptions{})
	k.OK(err)
	k.revoke("acme-entra", revoked.Token.ID)
	expired, err := k.RotateToken(bg, k.Op, "acme-entra", bridge.TokenOptions{Expires: k.Clock.Now().Add(time.Minute)})
	k.OK(err)
	k.Clock.Advance(time.Hour)
	texts := map[string]bool{}
	for name, try := range map[string]struct{ connection, secret string }{
		"unknown connection":     {"nobody", a.Text},
		"wrong secret":           {"acme-entra", a.Text + "x"},
		"no secret":              {"acme-entra", ""},
		"token of another":       {"acme-entra", b.Text},
		"revoked":                {"acme-entra", revoked.Text},
		"expired":                {"acme-entra", expired.Text},
		"connection by its case": {"ACME-entra", a.Text},
	} {
		_, err := k.Authenticate(bg, directory.ConnectionID(try.connection), bridgetest.Bearer(try.secret), credential.Client{})
		if directory.CodeOf(err) != directory.Unauthorized {
			t.Errorf("%s: %v", name, err)
			continue
		}
		texts[err.Error()] = true
	}
	if len(texts) != 1 {
		t.Errorf("the errors differ: %v", texts)
	}
	if !k.opens("acme-entra", bridgetest.Bearer(a.Text)) || !k.opens("beta-entra", bridgetest.Bearer(b.Text)) {
		t.Error("a good token does not open")
	}
}

// A credential that replaces another is of the same kind, unless the caller names a kind.
func TestC2ReplacementsAreOfTheSameKind(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.connect(k.NewTenant("acme", 0), "acme-entra")
	for i, step := range []struct{ asked, want directory.CredentialKind }{
		{"", directory.BearerToken}, // that of the connection's own token
		{directory.ClientSecret, directory.ClientSecret},
		{"", directory.ClientSecret}, // the newest one is a client secret
		{directory.BasicSecret, directory.BasicSecret},
		{"", directory.BasicSecret},
	} {
		k.Clock.Advance(time.Second)
		made, err := k.RotateToken(bg, k.Op, "acme-entra", bridge.TokenOptions{Kind: step.asked})
		k.OK(err)
		if made.Token.Kind != step.want {
			t.Errorf("step %d: %s, want %s", i, made.Token.Kind, step.want)
		}
	}
}

func TestC2TwoTokensWorkAtTheSameTime(t *testing.T) {
	t.Parallel()
	k := start(t)
	first := k.connect(k.NewTenant("acme", 0), "acme-entra")
	rotate := func(opts bridge.TokenOptions) credential.Secret {
		t.Helper()
		k.Clock.Advance(time.Second)
		out, err := k.RotateToken(bg, k.Op, "acme-entra", opts)
		k.OK(err)
		return out
	}
	second := rotate(bridge.TokenOptions{})
	if !strings.Contains(second.Note, "until it is revoked") || !strings.Contains(second.Note, first.Token.Prefix) {
		t.Errorf("note %q", second.Note)
	}
	if !k.opens("acme-entra", bridgetest.Bearer(first.Text)) || !k.opens("acme-entra", bridgetest.Bearer(second.Text)) {
		t.Error("both must open")
	}
	_, err := k.RotateToken(bg, k.Op, "acme-entra", bridge.TokenOptions{})
	if e := k.Fails(err, directory.Conflict, "C2"); !strings.Contains(e.Message, first.Token.Prefix) || !strings.Contains(e.Message, second.Token.Prefix) || !strings.Contains(e.Message, "last used 2026-05-04") {
		t.Error(e.Message)
	}
	if !k.opens("acme-entra", bridgetest.Bearer(first.Text)) || !k.opens("acme-entra", bridgetest.Bearer(second.Text)) {
		t.Error("a third that is refused must revoke nothing")
	}
	third := rotate(bridge.TokenOptions{Overlap: time.Hour, Replace: first.Token.ID})
	if k.opens("acme-entra", bridgetest.Bearer(first.Text)) || !k.opens("acme-entra", bridgetest.Bearer(second.Text)) || !k.opens("acme-entra", bridgetest.Bearer(third.Text)) {
		t.Error("the third must replace the named one only")
	}
	if !strings.Contains(third.Note, "until 2026-05-04 10:00") {
		t.Errorf("note %q", third.Note)
	}
	k.Clock.Advance(2 * time.Hour)
	if k.opens("acme-entra", bridgetest.Bearer(second.Text)) || !k.opens("acme-entra", bridgetest.Bearer(third.Text)) {
		t.Error("the overlap must end")
	}
	_, err = k.RotateToken(bg, k.Op, "nobody", bridge.TokenOptions{})
	k.Fails(err, directory.NotFound, "")
	_, err = k.RotateToken(bg, k.Op, "acme-entra", bridge.TokenOptions{Replace: "nobody"})
	k.Fails(err, directory.NotFound, "")
	notice, err := k.RevokeToken(bg, k.Op, "acme-entra", third.Token.ID)
	k.OK(err)
	if !strings.Contains(string(notice), "cannot sync") {
		t.Errorf("notice %q", notice)
	}
	_, err = k.RevokeToken(bg, k.Op, "acme-entra", "nobody")
	k.Fails(err, directory.NotFound, "")
}

func TestC4BasicAndClientCredentialsAuthenticate(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	k.connect(acme, "acme-entra")
	basic, err := k.RotateToken(bg, k.Op, "acme-entra", bridge.TokenOptions{Kind: directory.BasicSecret})
	k.OK(err)
	client, err := k.RotateToken(bg, k.Op, "acme-entra", bridge.TokenOptions{Kind: directory.ClientSecret})
	k.OK(err)
	user := string(basic.Token.ID)
	if !k.opens("acme-entra", bridge.Credential{Kind: directory.BasicSecret, User: user, Secret: basic.Text}) {
		t.Error("Basic does not open")
	}
	for _, c := range []bridge.Credential{
		{Kind: directory.BasicSecret, User: "other", Secret: basic.Text},
		{Kind: directory.BasicSecret, User: user, Secret: client.Text},
		bridgetest.Bearer(basic.Text), bridgetest.Bearer(client.Text),
	} {
		if k.opens("acme-entra", c) {
			t.Errorf("%+v opens", c)
		}
	}
	issue := func(id directory.TokenID, secret string) (credential.Secret, error) {
		out, ttl, err := k.IssueAccessToken(bg, "acme-entra", string(id), secret, credential.Client{})
		if err == nil && ttl != time.Hour {
			t.Errorf("ttl %s", ttl)
		}
		return out, err
	}
	_, err = issue(client.Token.ID, "wrong")
	k.Fails(err, directory.Unauthorized, "")
	_, err = issue(basic.Token.ID, basic.Text)
	k.Fails(err, directory.Unauthorized, "")
	_, err = issue(basic.Token.ID, client.Text)
	k.Fails(err, directory.Unauthorized, "")
	var issued []credential.Secret
	for range 21 {
		k.Clock.Advance(time.Second)
		out, err := issue(client.Token.ID, client.Text)
		k.OK(err)
		issued = append(issued, out)
	}
	if k.opens("acme-entra", bridgetest.Bearer(issued[0].Text)) || !k.opens("acme-entra", bridgetest.Bearer(issued[1].Text)) || !k.opens("acme-entra", bridgetest.Bearer(issued[20].Text)) {
		t.Error("twenty access tokens live, the oldest goes")
	}
	k.Clock.Advance(-24 * time.Hour)
	if k.opens("acme-entra", bridgetest.Bearer(issued[20].Text)) {
		t.Error("an access token that was issued while the clock was ahead lives longer than an hour")
	}
	k.Clock.Advance(25 * time.Hour)
	if k.opens("acme-entra", bridgetest.Bearer(issued[20].Text)) {
		t.Error("an access token never expires")
	}
	for range 30 {
		_, err := issue(client.Token.ID, client.Text)
		k.OK(err)
	}
	all, err := k.Connections(bg, k.Op, acme)
	k.OK(err)
	if n := len(all[0].Tokens); n != 23 {
		t.Errorf("%d credentials are kept", n)
	}
	// Access tokens do not count among the two bearer tokens, nor do they end with a rotation.
	last, err := issue(client.Token.ID, client.Text)
	k.OK(err)
	_, err = k.RotateToken(bg, k.Op, "acme-entra", bridge.TokenOptions{})
	k.OK(err)
	if !k.opens("acme-entra", bridgetest.Bearer(last.Text)) {
		t.Error("a rotation ended an access token")
	}
}

func TestL4PausedConnectionAnswersWithRetryAfter(t *testing.T) {
	t.Parallel()
	k := start(t)
	secret := k.connect(k.NewTenant("acme", 0), "acme-entra")
	_, err := k.EditConnection(bg, k.Op, "acme-entra", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
		c.Paused = true
		return c, nil
	})
	k.OK(err)
	_, err = k.Authenticate(bg, "acme-entra", bridgetest.Bearer(secret.Text), credential.Client{})
	if e := k.Fails(err, directory.Unavailable, "L4"); e.RetryAfter <= 0 || e.RetryAfter%time.Second != 0 {
		t.Errorf("%+v", e)
	}
	if k.opens("acme-entra", bridgetest.Bearer("wrong")) {
		t.Error("a wrong token opens")
	}
}

func TestC4AccessTokenEndsWithItsSecret(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	k.connect(acme, "acme-entra")
	secret := func(expires time.Time, replace directory.TokenID) credential.Secret {
		out, err := k.RotateToken(bg, k.Op, "acme-entra", bridge.TokenOptions{Kind: directory.ClientSecret, Expires: expires, Replace: replace})
		k.OK(err)
		k.Clock.Advance(time.Second)
		return out
	}
	issue := func(s credential.Secret) (bridge.Credential, time.Duration) {
		out, ttl, err := k.IssueAccessToken(bg, "", string(s.Token.ID), s.Text, credential.Client{})
		k.OK(err)
		return bridgetest.Bearer(out.Text), ttl
	}
	first, second := secret(time.Time{}, ""), secret(k.Clock.Now().Add(10*time.Minute), "")
	ofFirst, _ := issue(first)
	ofSecond, ttl := issue(second)
	if ttl > 10*time.Minute {
		t.Errorf("an access token lives for %s, longer than the secret that got it", ttl)
	}
	k.revoke("acme-entra", first.Token.ID)
	if k.opens("acme-entra", ofFirst) || !k.opens("acme-entra", ofSecond) {
		t.Error("a revoked secret ends what it got, and nothing else")
	}

	third := secret(time.Time{}, "")
	ofThird, _ := issue(third)
	fourth := secret(time.Time{}, second.Token.ID)
	if k.opens("acme-entra", ofSecond) || !k.opens("acme-entra", ofThird) {
		t.Error("a secret that a rotation revokes ends what it got, and nothing else")
	}
	k.revoke("acme-entra", second.Token.ID) // again
	_, err := k.RotateToken(bg, k.Op, "acme-entra", bridge.TokenOptions{Kind: directory.ClientSecret, Overlap: 5 * time.Minute, Replace: fourth.Token.ID})
	k.OK(err)
	k.Clock.Advance(5*time.Minute + time.Second)
	if k.opens("acme-entra", ofThird) {
		t.Error("the overlap of a secret is the overlap of what it got")
	}
}

func TestL4PausedConnectionGetsNoAccessToken(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	k.connect(acme, "acme-entra")
	client, err := k.RotateToken(bg, k.Op, "acme-entra", bridge.TokenOptions{Kind: directory.ClientSecret})
	k.OK(err)
	issue := func() error {
		_, _, err := k.IssueAccessToken(bg, "", string(client.Token.ID), client.Text, credential.Client{})
		return err
	}
	pause := func(paused bool) {
		_, err := k.EditConnection(bg, k.Op, "acme-entra", directory.Precondition{}, func(c directory.Connection) (directory.Connection, error) {
			c.Paused = paused
			return c, nil
		})
		k.OK(err)
	}
	pause(true)
	if e := k.Fails(issue(), directory.Unavailable, "L4"); e.RetryAfter <= 0 {
		t.Errorf("%+v", e)
	}
	pause(false)
	k.OK(issue())
	k.owner(acme, "boss@acme.example")
	_, err = k.Handovers().Unlink(bg, k.Op, acme, "")
	k.OK(err)
	k.Fails(issue(), directory.Unauthorized, "")
}

// An identity provider repeats a request that a rule refuses all day. The audit trail records the refusal once an hour.
func TestE1RefusalIsAuditedOnceAnHour(t *testing.T) {
	t.Parallel()
	k := start(t)
	tiny := k.NewTenant("tiny", 0)
	secret := k.connect(tiny, "tiny-okta")
	k.toStarter(tiny, "tiny-okta")
	refusals := func() (n int) {
		for _, line := range k.AuditOf(tiny) {
			if line.Outcome == directory.WasDenied && line.Rule == "B5" && line.Subject.ID == "tiny-okta" && line.Actor.Kind == directory.ByIdP {
				n++
			}
		}
		return n
	}
	for i, want := range []int{1, 1, 2} {
		who, err := k.Authenticate(bg, "tiny-okta", bridgetest.Bearer(secret.Text), credential.Client{Request: "req-9"})
		k.Fails(err, directory.Refused, "B5")
		if who.Tenant != tiny || who.Connection.ID != "tiny-okta" {
			t.Errorf("a log could not say whose request it was: %+v", who)
		}
		if n := refusals(); n != want {
			t.Errorf("%d audit lines after request %d, want %d", n, i+1, want)
		}
		k.Clock.Advance(40 * time.Minute)
	}
}

func TestT6HandedOverTenantIsNotServed(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	secret := k.connect(acme, "acme-entra")
	k.owner(acme, "boss@acme.example")
	_, err := k.Handovers().Unlink(bg, k.Op, acme, "")
	k.OK(err)
	_, err = k.Authenticate(bg, "acme-entra", bridgetest.Bearer(secret.Text), credential.Client{})
	k.Fails(err, directory.Unauthorized, "")
}

func TestConnectionsAreCheckedAndUniqueInTheInstallation(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme, beta := k.NewTenant("acme", 0), k.NewTenant("beta", 0)
	k.connect(acme, "entra")
	_, _, err := k.CreateConnection(bg, k.Op, bridge.ConnectionDraft{ID: "entra", Tenant: beta})
	if e := k.Fails(err, directory.Conflict, ""); e.Field != "connection" {
		t.Errorf("%+v", e)
	}
	_, _, err = k.CreateConnection(bg, k.Op, bridge.ConnectionDraft{ID: "x", Tenant: "nobody"})
	k.Fails(err, directory.NotFound, "")
	bad := directory.Leniency("maybe")
	for field, d := range map[string]bridge.ConnectionDraft{
		"connection":      {ID: "a_b", Tenant: acme},
		"type":            {ID: "a", Tenant: acme, Type: "ldap"},
		"unknown_members": {ID: "a", Tenant: acme, UnknownMembers: &bad},
		"mappings":        {ID: "a", Tenant: acme, Mappings: []directory.GroupMapping{{DisplayName: "x", Grants: directory.TeamMembers}}},
		"expires":         {ID: "a", Tenant: acme, Token: bridge.TokenOptions{Expires: k.Clock.Now()}},
		"kind":            {ID: "a", Tenant: acme, Token: bridge.TokenOptions{Kind: "password"}},
	} {
		_, _, err := k.CreateConnection(bg, k.Op, d)
		if e := k.Fails(err, directory.Invalid, ""); e.Field != field {
			t.Errorf("%s: %+v", field, e)
		}
	}
	made, _, err := k.CreateConnection(bg, k.Op, bridge.ConnectionDraft{Tenant: beta, Type: directory.Ping})
	k.OK(err)
	if made.ID != "beta-ping" {
		t.Errorf("%+v", made)
	}
}
