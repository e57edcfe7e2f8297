package server

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/internal/web"
)

// A credential opens its connection in every form that clients send, and no other one (rows 6 to 16 of docs/quirks.md).
func TestCredentialsOpenTheirOwnConnection(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	c, other := k.connect("acme", "acme-gen", directory.Generic), k.connect("bolt", "bolt-gen", directory.Generic)
	basic, err := k.bridge.RotateToken(t.Context(), k.op, c.slug, bridge.TokenOptions{Kind: directory.BasicSecret})
	if err != nil {
		t.Fatal(err)
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(string(basic.Token.ID) + ":" + basic.Text))
	for name, header := range map[string]string{
		"Bearer": "Bearer " + c.token, "12 any case": "bEaReR " + c.token, "61 twice": "Bearer Bearer " + c.token, "61 bare": c.token,
		"spaces": "Bearer   " + c.token + " ", "62 Basic": "Basic " + encoded, "basic in lower case": "basic " + encoded,
	} {
		if got := k.raw("GET", "/scim/v2/acme-gen/Users", "", "Authorization", header); got.status != 200 {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
	var first string
	for name, header := range map[string]string{
		"wrong": "Bearer nonsense", "upper case token": "Bearer " + strings.ToUpper(c.token), "of another tenant": "Bearer " + other.token,
		"empty": "Bearer ", "only the word": "Bearer", "another scheme": "Digest " + c.token, "two words": "Bearer " + c.token + " x",
		"broken Basic": "Basic !!!", "Basic without colon": "Basic " + base64.StdEncoding.EncodeToString([]byte("x")),
		"a bearer token as password": "Basic " + base64.StdEncoding.EncodeToString([]byte("x:"+c.token)),
		"a password as token":        "Bearer " + basic.Text,
	} {
		got := k.raw("GET", "/scim/v2/acme-gen/Users", "", "Authorization", header)
		if got.status != 401 || got.header.Get("WWW-Authenticate") != `Bearer realm="drawbridge", error="invalid_token"` {
			t.Errorf("%s: %d %q", name, got.status, got.header.Get("WWW-Authenticate"))
		}
		if first == "" {
			first = got.text
		}
		if got.text != first {
			t.Errorf("%s: another body than for other causes: %s", name, got.text)
		}
	}
	// Without credentials all requests get the same answer (14), which shows no details of an error (8).
	for _, target := range []string{
		"/scim/v2/acme-gen/Users", "/scim/v2/nobody/Users", "/scim/v2/acme-gen/Users/x", "/scim/v2/acme-gen/nonsense", "/scim/v2/acme-gen",
		"/scim/v2/acme-gen/Schemas", "/scim/v2/acme-gen/Users?access_token=" + c.token, "/scim/v2/acme-gen/a/b/c/d/e/f/g/h/i",
	} {
		for _, method := range []string{"GET", "POST", "PATCH"} {
			got := k.raw(method, target, "{broken")
			if got.status != 401 || got.text != first || got.header.Get("WWW-Authenticate") != `Bearer realm="drawbridge"` {
				t.Errorf("%s %s: %d %q %s", method, target, got.status, got.header.Get("WWW-Authenticate"), got.text)
			}
		}
	}
	k.raw("GET", "/scim/v2/nobody/Users", "", "Authorization", "Bearer "+c.token).is(401)

	// ServiceProviderConfig says how to authenticate, without a credential and for every slug.
	one, two := k.raw("GET", "/scim/v2/acme-gen/ServiceProviderConfig", "").is(200), k.raw("GET", "/scim/v2/nobody-here/ServiceProviderConfig", "").is(200)
	if strings.ReplaceAll(one.text, "acme-gen", "") != strings.ReplaceAll(two.text, "nobody-here", "") {
		t.Error("ServiceProviderConfig differs between a connection that is there and one that is not")
	}
	k.raw("GET", "/scim/v2/acme-gen/ServiceProviderConfig", "", "Authorization", "Bearer nonsense").is(401)
	if strings.Contains(k.logged.String(), c.token) || strings.Contains(k.logged.String(), basic.Text) {
		t.Error("13: the log contains a token")
	}
}

// An unknown path answers 404, and an unknown method 405 with Allow (rows 28, 29 and 136 of docs/quirks.md).
func TestUnknownRoutesAnswer404And405(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	c := k.connect("acme", "acme-gen", directory.Generic)
	id := c.user("ada@example.test")
	for _, tt := range []struct {
		method, target string
		status         int
		allow          string
	}{
		{"GET", "/nonsense", 404, ""},
		{"GET", "/users", 404, ""},
		{"GET", "/Users/" + id + "/more", 404, ""},
		{"GET", "/Users/%00", 404, ""},
		{"GET", "/Users/..%2f..%2fx", 404, ""},
		{"GET", "/Users/%0d%0aX-Evil:%201", 404, ""},
		{"GET", "/Users/" + strings.Repeat("a", 8000), 404, ""},
		{"GET", "/Users/../Users", 404, ""},
		{"PUT", "/Users", 405, "GET, HEAD, POST"},
		{"DELETE", "/Groups", 405, "GET, HEAD, POST"},
		{"POST", "/Users/" + id, 405, "DELETE, GET, HEAD, PATCH, PUT"},
		{"TRACE", "/Users/" + id, 405, "DELETE, GET, HEAD, PATCH, PUT"},
		{"GET", "/Bulk", 405, "POST"},
		{"GET", "/Users/.search", 405, "POST"},
		{"POST", "/Schemas", 405, "GET, HEAD"},
		{"DELETE", "/ResourceTypes/User", 405, "GET, HEAD"},
		{"PUT", "/ServiceProviderConfig", 405, "GET, HEAD"},
		{"GET", "/Me", 404, ""},
		{"PATCH", "/Me", 404, ""},
		{"GET", "//Users//" + id + "/", 200, ""},
		{"GET", "/Users/", 200, ""},
		{"GET", "/", 200, ""},
	} {
		got := c.do(tt.method, tt.target, "")
		if got.status != tt.status || got.header.Get("Allow") != tt.allow {
			t.Errorf("%s %s: %d, Allow %q; want %d, %q", tt.method, tt.target[:min(len(tt.target), 60)], got.status, got.header.Get("Allow"), tt.status, tt.allow)
		}
		if got.status >= 400 && got.header.Get("Content-Type") != "application/scim+json" {
			t.Errorf("%s %s: Content-Type %q", tt.method, tt.target, got.header.Get("Content-Type"))
		}
	}
	k.raw("GET", "/scim/v1/acme-gen/Users", "").fails(400, "invalidVers")
	k.raw("GET", "/scim/v2", "").is(404)
	k.raw("GET", "/elsewhere", "").is(404)
	head := c.do("HEAD", "/Users/"+id, "")
	if head.status != 200 || head.header.Get("Content-Length") == "" || head.header.Get("ETag") == "" {
		t.Errorf("86: HEAD: %d %v", head.status, head.header)
	}
	if got := c.do("GET", "//Users/", ""); !strings.Contains(got.header.Get("Drawbridge-Quirks"), "path.slashes") {
		t.Errorf("quirks %q", got.header.Get("Drawbridge-Quirks"))
	}
}

// JSON is accepted under each media type that clients send, and any other type gets 415 (rows 1 to 5 of docs/quirks.md).
func TestMediaTypesOfJSONAreAccepted(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-gen", directory.Generic)
	for i, tt := range []struct {
		media  string
		status int
	}{
		{"application/scim+json", 201},
		{"application/json", 201},
		{"Application/JSON; Charset=UTF-8", 201},
		{"application/scim+json;charset=utf-8", 201},
		{"", 201},
		{"text/plain", 415},
		{"application/xml", 415},
		{"application/x-www-form-urlencoded", 415},
		{"application/json; charset=utf-16", 415},
		{"application/json; charset=ISO-8859-1", 201}, // the body is ASCII
		{"application/scim+json;charset=\"us-ascii\"", 201},
		{"application/json; charset=windows-1252", 201},
		{"application/json; charset", 201},
		{"text/json; charset=ISO-8859-1", 415},
		{"nonsense", 415},
		{";", 415},
	} {
		if got := c.do("POST", "/Users", userBody("u"+string(rune('a'+i))+"@example.test"), "Content-Type", tt.media); got.status != tt.status {
			t.Errorf("%q: %d %s", tt.media, got.status, got.text)
		}
	}
	latin := []string{"Content-Type", "application/json; charset=ISO-8859-1"}
	c.do("POST", "/Users", userBody("j\u00fcrgen@example.test"), latin...).is(415)
	c.do("POST", "/Users", userBody("j\xfcrgen@example.test"), latin...).is(415)
	if got := c.do("POST", "/Users", userBody(`j\u00fcrgen@example.test`), latin...).is(201).header.Get("Drawbridge-Quirks"); got != "content_type.charset" {
		t.Errorf("quirks %q", got)
	}
	c.do("POST", "/Users", userBody("gzip@example.test"), "Content-Encoding", "gzip").is(415)
	for accept, want := range map[string]string{
		"": mediaSCIM, "*/*": mediaSCIM, "application/scim+json": mediaSCIM, "application/json": mediaJSON, "text/html": mediaSCIM,
		"application/json, application/scim+json": mediaSCIM, "application/scim+json;q=0.5, application/json": mediaJSON, "application/*": mediaSCIM,
		"application/json, */*;q=0.1": mediaJSON, "APPLICATION/JSON": mediaJSON, "application/json;q=0": mediaSCIM, ",;q=,": mediaSCIM,
	} {
		if got := c.do("GET", "/Users", "", "Accept", accept).is(200).header.Get("Content-Type"); got != want {
			t.Errorf("Accept %q: %q, want %q", accept, got, want)
		}
	}
	id := c.user("del@example.test")
	c.do("DELETE", "/Users/"+id, "not json", "Content-Type", "text/plain").is(204) // row 60 of the quirks
}

// A body that is no object of bounded size is refused (rows 139 to 143 of docs/quirks.md).
func TestHostileBodiesAreRefused(t *testing.T) {
	t.Parallel()
	c := newKit(t, func(cfg *Config) { cfg.Limits = Limits{Body: 64 << 10, PatchOperations: 50} }).connect("acme", "acme-gen", directory.Generic)
	id := c.user("ada@example.test")
	for name, tt := range map[string]struct {
		body   string
		status int
	}{
		"empty": {"", 400}, "broken": {"{", 400}, "an array": {"[]", 400}, "null": {"null", 400}, "text": {`"x"`, 400}, "trailing": {"{} {}", 400},
		"too large": {userBody(strings.Repeat("a", 70<<10)), 413}, "deep": {strings.Repeat("[", 20000), 400},
		"invalid UTF-8": {userBody("\xff\xfe"), 400}, "NUL": {userBody(`a\u0000b`), 400}, "lone surrogate": {userBody(`a\ud800`), 400},
		"BOM": {"\xef\xbb\xbf" + userBody("bom@example.test"), 400}, "name twice": {userBody("a", `,"USERNAME":"b"`), 400},
		"wrong types": {userBody("t@example.test", `,"name":7`), 400}, "no userName": {userBody(""), 400}, "number as name": {`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":1e999}`, 400},
	} {
		got := c.do("POST", "/Users", tt.body, "Content-Type", "application/json")
		if got.status != tt.status || got.at("status") == nil {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
	many := make([]string, 51)
	for i := range many {
		many[i] = `{"op":"add","path":"title","value":"x"}`
	}
	c.do("PATCH", "/Users/"+id, patchBody(many...)).is(413)
	c.do("PATCH", "/Users/"+id, patchBody(`{"op":"add","path":"`+strings.Repeat("(", 20000)+`","value":1}`)).is(400)
	c.do("GET", "/Users", "").is(200).has("totalResults", 1)
}

// A connection over its rate gets 429 and Retry-After, and no other one does (row 31 of docs/quirks.md).
func TestRateOfAConnectionIsLimited(t *testing.T) {
	t.Parallel()
	k := newKit(t, func(cfg *Config) { cfg.Limits = Limits{Rate: 10, Burst: 5, FailureRate: 1, FailureBurst: 3} })
	c, other := k.connect("acme", "acme-gen", directory.Generic), k.connect("bolt", "bolt-gen", directory.Generic)
	for range 5 {
		c.do("GET", "/Users?count=0", "").is(200)
	}
	if got := c.do("GET", "/Users?count=0", "").is(429).header.Get("Retry-After"); got != "1" {
		t.Errorf("Retry-After %q, want whole seconds", got)
	}
	other.do("GET", "/Users?count=0", "").is(200) // one tenant does not starve another
	k.clock.Advance(1e9)
	c.do("GET", "/Users?count=0", "").is(200)

	statuses := map[int]int{}
	for range 6 {
		statuses[k.raw("GET", "/scim/v2/acme-gen/Users", "", "Authorization", "Bearer wrong").status]++
	}
	if statuses[401] != 3 || statuses[429] != 3 {
		t.Errorf("wrong credentials: %v", statuses)
	}
	c.do("GET", "/Users?count=0", "").is(200) // strangers do not starve a connection, even from the same address
}

func TestPausedConnectionAnswers503(t *testing.T) {
	t.Parallel()
	c := newKit(t).connect("acme", "acme-gen", directory.Generic)
	_, err := c.bridge.EditConnection(t.Context(), c.op, c.slug, directory.Precondition{}, func(x directory.Connection) (directory.Connection, error) {
		x.Paused = true
		return x, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.do("GET", "/Users", "").is(503).header.Get("Retry-After"); got == "" || strings.Trim(got, "0123456789") != "" {
		t.Errorf("Retry-After %q", got)
	}
	c.raw("GET", "/scim/v2/acme-gen/Users", "", "Authorization", "Bearer wrong").is(401)
}

func TestPanicIs500(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	c := k.connect("acme", "acme-gen", directory.Generic)
	s := newServer(Config{Bridge: k.bridge.Bridge, Now: k.clock.Now, BaseURL: "https://scim.example.test"})
	s.routes[0].actions[0].serve = func(*call, directory.Principal) (reply, error) { panic("boom") }
	k.handler = s.handler(Config{Now: k.clock.Now})
	got := c.do("GET", "/", "").is(500)
	if strings.Contains(got.text, "boom") {
		t.Errorf("145: the answer tells of the inside: %s", got.text)
	}
	if got.header.Get("X-Request-Id") == "" {
		t.Error("no request id")
	}
}

func TestRequestsAreCounted(t *testing.T) {
	t.Parallel()
	reg := prometheus.NewPedanticRegistry()
	k := newKit(t, func(cfg *Config) { cfg.Metrics = NewMetrics(reg) })
	c := k.connect("acme", "acme-entra", directory.Entra)
	id := c.user("ada@example.test")
	c.do("PATCH", "/Users/"+id, patchBody(`{"op":"Replace","path":"active","value":"False"}`)).is(200)
	c.do("GET", "/Users/none", "").is(404)
	k.raw("GET", "/scim/v2/acme-entra/Users", "").is(401)
	want := `
# HELP drawbridge_quirks_total Leniencies applied to requests, by name; docs/quirks.md says what each one means. attribute.unknown and path.unknown mean that an identity provider sends something that is not stored: look at its mapping.
# TYPE drawbridge_quirks_total counter
drawbridge_quirks_total{quirk="boolean.string"} 1
drawbridge_quirks_total{quirk="op.case"} 1
# HELP drawbridge_scim_requests_total SCIM requests answered, by what was asked and how it ended. tenant, connection and idp are empty for requests that showed no valid credential. Alert on a rate of 5xx, and of 4xx of one connection.
# TYPE drawbridge_scim_requests_total counter
drawbridge_scim_requests_total{connection="",idp="",operation="none",status="401",tenant=""} 1
drawbridge_scim_requests_total{connection="acme-entra",idp="entra",operation="user.create",status="201",tenant="acme"} 1
drawbridge_scim_requests_total{connection="acme-entra",idp="entra",operation="user.get",status="404",tenant="acme"} 1
drawbridge_scim_requests_total{connection="acme-entra",idp="entra",operation="user.patch",status="200",tenant="acme"} 1
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "drawbridge_scim_requests_total", "drawbridge_quirks_total"); err != nil {
		t.Error(err)
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("promlint: %v %v", problems, err)
	}
}

func TestBaseURLIsInAnswers(t *testing.T) {
	t.Parallel()
	proxies, err := web.ParseProxies([]string{"192.0.2.0/24"})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		change func(*Config)
		header []string
		want   string
	}{
		"from nowhere":     {func(cfg *Config) { cfg.BaseURL = "" }, nil, ""},
		"another Host":     {func(cfg *Config) { cfg.BaseURL = "" }, []string{"Host", "evil.test"}, ""},
		"a loopback name":  {func(cfg *Config) { cfg.BaseURL = "" }, []string{"Host", "localhost:8080"}, "http://localhost:8080"},
		"a loopback IPv6":  {func(cfg *Config) { cfg.BaseURL = "" }, []string{"Host", "[::1]:8080"}, "http://[::1]:8080"},
		"our own address":  {func(cfg *Config) { cfg.BaseURL = "" }, []string{"Host", "198.51.100.7:8080"}, "http://198.51.100.7:8080"},
		"another address":  {func(cfg *Config) { cfg.BaseURL = "" }, []string{"Host", "198.51.100.8:8080"}, ""},
		"another port":     {func(cfg *Config) { cfg.BaseURL = "" }, []string{"Host", "198.51.100.7:8081"}, ""},
		"configured":       {func(cfg *Config) { cfg.BaseURL = "https://scim.example.com/" }, nil, "https://scim.example.com"},
		"untrusted proxy":  {func(cfg *Config) { cfg.BaseURL = "" }, []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "evil.test"}, ""},
		"trusted proxy":    {func(cfg *Config) { cfg.BaseURL, cfg.Proxies = "", proxies }, []string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "scim.test"}, "https://scim.test"},
		"trusted nonsense": {func(cfg *Config) { cfg.BaseURL, cfg.Proxies = "", proxies }, []string{"X-Forwarded-Host", `a"b`}, ""},
	} {
		c := newKit(t, tt.change).connect("acme", "acme-gen", directory.Generic)
		got := c.do("POST", "/Users", userBody("ada@example.test"), tt.header...).is(201)
		if want := tt.want + "/scim/v2/acme-gen/Users/" + got.id(); got.header.Get("Location") != want || got.str("meta.location") != want {
			t.Errorf("%s: Location %q, want %q", name, got.header.Get("Location"), want)
		}
	}
}
