package server

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"drawbridge/bridge"
	"drawbridge/directory"
)

// journaled is a kit that journals, with a tenant for whom that is allowed.
func journaled(t testing.TB, changes ...func(*Config)) *kit {
	t.Helper()
	k := newKit(t, append(changes, func(c *Config) { c.Journal = 16 << 10 })...)
	k.connect("other", "other-okta", directory.Okta)
	if _, err := k.bridge.Keep(t.Context(), directory.JobPrincipal("journal"), directory.RunApply); err != nil {
		t.Fatal(err)
	}
	return k
}

// exchanges gives the journal of a connection, the oldest first.
func (c *client) exchanges(user string, q directory.JournalQuery) []directory.Exchange {
	c.t.Helper()
	q.Connection = c.slug
	found, _, err := c.bridge.Exchanges(c.t.Context(), c.op, c.tenant, user, q)
	if err != nil {
		c.t.Fatal(err)
	}
	for i, j := 0, len(found)-1; i < j; i, j = i+1, j-1 {
		found[i], found[j] = found[j], found[i]
	}
	return found
}

const aUser = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"%s","externalId":"%s"}`

func TestJournalRecordsRequests(t *testing.T) {
	t.Parallel()
	k := journaled(t)
	c := k.connect("acme", "acme-okta", directory.Okta)
	id, _ := c.do("POST", "/Users", fmt.Sprintf(aUser, "Mira@acme.test", "ext-1")).is(201).body["id"].(string)
	c.do("POST", "/Users", fmt.Sprintf(aUser, "noah@acme.test", "ext-2")).is(201)
	patch := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"title","value":"Cook"}]}`
	c.do("PATCH", "/Users/"+id, patch).is(200)
	c.do("PATCH", "/Users/"+id, patch).is(200)
	c.do("GET", "/Users?filter="+url.QueryEscape(`userName eq "mira@acme.test"`), "").is(200)
	c.do("POST", "/Users", fmt.Sprintf(aUser, "MIRA@acme.test", "x")).is(409)
	c.do("GET", "/Users/"+id+"?foo=bar", "", "X-Request-Id", "my-own-id").is(200)
	c.do("PUT", "/Users/"+id, `{"userName": "mira`).is(400)

	got := c.exchanges("", directory.JournalQuery{})
	want := []struct {
		operation string
		status    int
		effect    directory.Effect
		done      string
	}{
		{"user.create", 201, directory.Changed, "user.create User " + id},
		{"user.create", 201, directory.Changed, "user.create"},
		{"user.patch", 200, directory.Changed, "user.update User " + id},
		{"user.patch", 200, directory.Unchanged, ""},
		{"user.list", 200, directory.ReadOnly, ""},
		{"user.create", 409, directory.Denied, ""},
		{"user.get", 200, directory.ReadOnly, ""},
		{"user.replace", 400, directory.Denied, ""},
	}
	if len(got) != len(want) {
		t.Fatalf("%d exchanges, want %d: %+v", len(got), len(want), got)
	}
	for i, w := range want {
		e := got[i]
		if e.Operation != w.operation || e.Status != w.status || e.Effect != w.effect || !strings.HasPrefix(strings.Join(e.Done, " "), w.done) || (w.done == "") != (len(e.Done) == 0) || e.Request == "" {
			t.Errorf("%d: %+v, want %+v", i, e, w)
		}
	}
	if e := got[2]; len(e.Quirks) != 1 || e.Quirks[0] != "op.case" || string(e.Body) != patch || !strings.Contains(string(e.Answer), `"title":"Cook"`) || e.BodySize != len(patch) {
		t.Errorf("%+v %s %s", e, e.Body, e.Answer)
	}
	if e := got[5]; e.Why == "" || !strings.Contains(string(e.Answer), "uniqueness") {
		t.Errorf("%+v", e)
	}
	if e := got[6]; e.Request != "my-own-id" || e.Path != "/scim/v2/acme-okta/Users/"+id+"?foo=bar" {
		t.Errorf("%+v", e)
	}
	if e := got[7]; len(e.Body) != 0 || e.BodyNote == "" || e.BodySize != 18 {
		t.Errorf("a body that is not JSON: %+v", e)
	}
	for _, name := range []string{id, "mira@acme.test", "ext-1"} {
		if found := c.exchanges(name, directory.JournalQuery{}); len(found) != 7 { // all but that about Noah
			t.Errorf("by %s: %d", name, len(found))
		}
	}
	if found := c.exchanges("", directory.JournalQuery{StatusMin: 400, StatusMax: 499}); len(found) != 2 {
		t.Errorf("4xx: %d", len(found))
	}
	if _, err := k.bridge.Exchange(t.Context(), k.op, "acme", "acme-okta", "my-own-id"); err != nil {
		t.Error(err)
	}
	if _, err := k.bridge.Exchange(t.Context(), k.op, "acme", "acme-okta", "nothing"); directory.CodeOf(err) != directory.NotFound {
		t.Error(err)
	}
	if _, _, err := k.bridge.Exchanges(t.Context(), k.op, "acme", "", directory.JournalQuery{Connection: "other-okta"}); directory.CodeOf(err) != directory.NotFound {
		t.Errorf("the connection of another tenant: %v", err)
	}
}

// A refusal names its rule. Answers of the rate limit are counted instead of recorded.
func TestJournalNamesRulesAndCountsThrottling(t *testing.T) {
	t.Parallel()
	k := journaled(t, func(c *Config) { c.Limits.Rate, c.Limits.Burst = 1, 2 })
	c := k.connect("acme", "acme-okta", directory.Okta, func(t *directory.Tenant) { t.Seats = 1 })
	c.do("POST", "/Users", fmt.Sprintf(aUser, "mira@acme.test", "ext-1")).is(201)
	c.do("POST", "/Users", fmt.Sprintf(aUser, "noah@acme.test", "ext-2")).is(403)
	for range 5 {
		c.do("GET", "/Users", "").is(429)
	}
	got := c.exchanges("", directory.JournalQuery{})
	if len(got) != 3 || got[1].Rule != "B2" || got[1].Effect != directory.Denied || !strings.Contains(got[1].Why, "1 of 1") {
		t.Fatalf("%+v", got)
	}
	if e := got[2]; e.Gap != directory.GapThrottled || e.Missed != 5 {
		t.Errorf("%+v", e)
	}
}

// journalSecret is what must not be in the journal: it needs escaping in JSON and in URLs.
const journalSecret = `hun"ter\2-öffne-dich`

// sendSecrets sends the secret, and the credential, in every place that a client may put them into.
func (c *client) sendSecrets(id string) {
	const secret = journalSecret
	inJSON := string(directory.AppendJSONString(nil, secret))
	user := func(more string) string {
		return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"u@acme.test",` + more + `}`
	}
	op := func(o string) string {
		return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + o + `]}`
	}
	core := "urn:ietf:params:scim:schemas:core:2.0:User:password"
	for _, body := range []string{
		user(`"password":` + inJSON), user(`"PassWord":` + inJSON), user(`"pass\u0077ord":` + inJSON), user(`"password":[` + inJSON + `]`), user(`"password":{"value":` + inJSON + `}`),
		user(`"name":{"password":` + inJSON + `}`), user(`"x509":1,"clientSecret":` + inJSON + `,"apiToken":` + inJSON),
		user(`"roles":[{"value":` + string(directory.AppendJSONString(nil, `{"password":`+inJSON+`}`)) + `}]`),
		user(`"title":` + string(directory.AppendJSONString(nil, c.token))),
		user(`"title":` + string(directory.AppendJSONString(nil, strings.Repeat("x", 17<<10))) + `,"password":` + inJSON),
		`{"password":` + inJSON, // no JSON
		`{"password":` + inJSON + `,"password":1}`,
	} {
		c.do("POST", "/Users", body)
		c.do("PUT", "/Users/"+id, body)
		c.do("POST", "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"POST","bulkId":"a","path":"/Users","data":`+body+`}]}`)
	}
	for _, o := range []string{
		`{"op":"replace","path":"password","value":` + inJSON + `}`, `{"value":` + inJSON + `,"op":"Replace","path":"` + core + `"}`,
		`{"op":"replace","value":{"password":` + inJSON + `}}`, `{"op":"add","value":{"` + core + `":` + inJSON + `}}`,
		`{"op":"replace","path":` + string(directory.AppendJSONString(nil, `emails[password eq `+inJSON+`].value`)) + `,"value":"x"}`,
		`{"op":"remove","path":` + string(directory.AppendJSONString(nil, `password eq `+inJSON)) + `}`,
		`{"op":"replace","path":"pass\u0077ord","value":[{"value":` + inJSON + `}]}`,
	} {
		c.do("PATCH", "/Users/"+id, op(o))
	}
	for _, q := range []string{
		"filter=" + url.QueryEscape("password eq "+inJSON), "filter=" + url.QueryEscape(core+" sw "+inJSON), "access_token=" + url.QueryEscape(secret), "attributes=password&password=" + url.QueryEscape(secret),
		"filter=%70assword%20eq%20" + url.QueryEscape(inJSON), "x=" + c.token,
	} {
		c.do("GET", "/Users?"+q, "")
	}
	c.do("POST", "/Users/.search", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":`+string(directory.AppendJSONString(nil, "password eq "+inJSON))+`}`)
	c.do("GET", "/Users/"+c.token, "")
	c.do("GET", "/Users", "", "User-Agent", "agent "+c.token, "If-None-Match", c.token)
}

// journalHasNone searches the files of the journal for secrets.
func (k *kit) journalHasNone(t *testing.T, secrets map[string]string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(k.journal, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		for what, never := range secrets {
			if i := bytes.Index(text, []byte(never)); i >= 0 {
				t.Errorf("the %s is in %s: …%q…", what, filepath.Base(path), text[max(0, i-300):min(len(text), i+60)])
			}
		}
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files, %v", files, err)
	}
}

// TestJournalHoldsNoSecrets sends secrets in every place that a client may put them into, and searches for them in the files.
func TestJournalHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	k := journaled(t)
	c := k.connect("acme", "acme-okta", directory.Okta)
	id, _ := c.do("POST", "/Users", fmt.Sprintf(aUser, "mira@acme.test", "ext-1")).is(201).body["id"].(string)
	c.sendSecrets(id)

	// HTTP Basic, and the token endpoint.
	ctx := t.Context()
	_, password, err := k.bridge.CreateConnection(ctx, k.op, bridge.ConnectionDraft{ID: "acme-basic", Tenant: "acme", Type: directory.Generic, Token: bridge.TokenOptions{Kind: directory.BasicSecret}})
	if err != nil {
		t.Fatal(err)
	}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(string(password.Token.ID)+":"+password.Text))
	k.raw("GET", "/scim/v2/acme-basic/Users", "", "Authorization", basic).is(200)
	_, client, err := k.bridge.CreateConnection(ctx, k.op, bridge.ConnectionDraft{ID: "acme-oauth", Tenant: "acme", Type: directory.Entra, Token: bridge.TokenOptions{Kind: directory.ClientSecret}})
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {string(client.Token.ID)}, "client_secret": {client.Text}}.Encode()
	access, _ := k.raw("POST", "/oauth2/token", form, "Content-Type", "application/x-www-form-urlencoded").is(200).body["access_token"].(string)
	k.raw("GET", "/scim/v2/acme-oauth/Users", "", "Authorization", "Bearer "+access).is(200)
	k.raw("GET", "/scim/v2/acme-okta/Users", "", "Authorization", "Bearer not-"+c.token).is(401)

	all := c.exchanges("", directory.JournalQuery{Limit: 500})
	if len(all) < 50 {
		t.Fatalf("only %d exchanges", len(all))
	}
	for _, e := range all {
		if e.Operation == "user.create" && e.Status == 201 && len(e.Body) == 0 {
			t.Errorf("a body is missing: %+v", e)
		}
	}
	k.journalHasNone(t, map[string]string{
		"password": "öffne-dich", "its beginning": `hun\"ter`, "its beginning, escaped": `hun%22ter`, "its plain beginning": `hun"ter`, "token": c.token, "basic": password.Text, "basic header": basic[6:], "client secret": client.Text, "access token": access, "escaped": "ffne-dich",
	})
	c.slug = "acme-oauth"
	oauth := c.exchanges("", directory.JournalQuery{})
	if len(oauth) != 2 || oauth[0].Operation != "token" || oauth[0].Effect != directory.Changed || !strings.Contains(string(oauth[0].Body), "client_secret=***") {
		t.Errorf("%+v", oauth)
	}
}

// Bodies are shortened with a note, and never in the middle of a character.
func TestJournalCutsBodies(t *testing.T) {
	t.Parallel()
	k := journaled(t)
	c := k.connect("acme", "acme-okta", directory.Okta)
	long := strings.Repeat("ö", 20000)
	c.do("POST", "/Users", fmt.Sprintf(aUser, "mira@acme.test", "x")[:len(fmt.Sprintf(aUser, "mira@acme.test", "x"))-1]+`,"title":"`+long+`"}`)
	e := c.exchanges("", directory.JournalQuery{})[0]
	if !e.BodyCut || len(e.Body) > 16<<10 || len(e.Body) < 16<<10-4 || e.BodySize < 40000 || strings.Contains(string(e.Body), "\uFFFD") || strings.ToValidUTF8(string(e.Body), "?") != string(e.Body) {
		t.Errorf("cut %v, %d of %d bytes", e.BodyCut, len(e.Body), e.BodySize)
	}
}

// If the installation switches the journal off, nothing is recorded, and a request for exchanges says why.
func TestJournalCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	c := k.connect("acme", "acme-okta", directory.Okta)
	c.do("GET", "/Users", "").is(200)
	if _, err := os.Stat(k.journal); !os.IsNotExist(err) {
		t.Errorf("something was written: %v", err)
	}
}
