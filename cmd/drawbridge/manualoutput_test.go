package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// outputOf is the block of a page that begins with first.
func outputOf(t *testing.T, page, first string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", page))
	if err != nil {
		t.Fatal(err)
	}
	for i, block := range strings.Split(string(text), "```") {
		_, body, _ := strings.Cut(block, "\n")
		if i%2 == 1 && strings.HasPrefix(body, first) {
			return body
		}
	}
	t.Fatalf("%s has no block that begins with %q", page, first)
	return ""
}

// decoded reads a JSON value.
func decoded[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

// shape is a text without what differs each time: numbers, and digits of hashes and ids.
func shape(text string) string {
	return regexp.MustCompile(`[0-9a-f]{6,}|[0-9]+`).ReplaceAllString(text, "0")
}

// differences compares what a page shows with what the program gave. A text with … matches any text, a key … for more fields, and a number for any
// number but zero, since numbers of events and places differ.
func differences(at string, page, given any) (all []string) {
	switch want := page.(type) {
	case map[string]any:
		got, ok := given.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %v", at, given)}
		}
		_, more := want["…"]
		for _, key := range slices.Sorted(maps.Keys(got)) {
			if _, ok := want[key]; !ok && !more {
				all = append(all, at+"."+key+" is missing on the page")
			}
		}
		for _, key := range slices.Sorted(maps.Keys(want)) {
			if key == "…" {
				continue
			}
			if _, ok := got[key]; !ok {
				all = append(all, at+"."+key+" is not there")
				continue
			}
			all = append(all, differences(at+"."+key, want[key], got[key])...)
		}
	case []any:
		got, ok := given.([]any)
		if !ok || len(got) < len(want) {
			return []string{fmt.Sprintf("%s is %v", at, given)}
		}
		for i := range want {
			all = append(all, differences(fmt.Sprintf("%s[%d]", at, i), want[i], got[i])...)
		}
	case string:
		got, ok := given.(string)
		if !ok || !strings.Contains(want, "…") && shape(got) != shape(want) {
			return []string{fmt.Sprintf("%s is %v and not %q", at, given, want)}
		}
	case float64:
		if got, ok := given.(float64); !ok || (got == 0) != (want == 0) {
			return []string{fmt.Sprintf("%s is %v and not %v", at, given, want)}
		}
	default:
		if page != given {
			return []string{fmt.Sprintf("%s is %v and not %v", at, given, page)}
		}
	}
	return all
}

// ask sends a request and gives the body of a good answer.
func ask(t *testing.T, method, url, key, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		t.Fatalf("%s %s: %s %v %s", method, url, res.Status, err, text)
	}
	return string(text)
}

// TestAnswersInTheManualAreReal compares every answer that the manual shows with the real answer. For docs/api.md, scripts/apidocs.py does
// that.
func TestAnswersInTheManualAreReal(t *testing.T) {
	t.Parallel()
	messages := make(chan string, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		messages <- string(body)
	}))
	t.Cleanup(receiver.Close)
	env := installation(t, "tenant create acme --name Acme --plan business --seats 1", "webhook create portal --tenants acme --url "+receiver.URL)
	secret := func(line string) (url, key string) {
		p := play(t, env, append(strings.Fields(line), "-o", "json")...)
		v := decoded[map[string]any](t, p.out)
		return fmt.Sprint(v["base_url"]), fmt.Sprint(v["secret"])
	}
	base, token := secret("connection create acme-okta --tenant acme --type okta")
	user := decoded[map[string]any](t, ask(t, http.MethodPost, base+"/Users", token, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"anna@acme.example"}`))
	compare := func(page, first, text string) {
		t.Helper()
		for _, d := range differences("", decoded[any](t, outputOf(t, page, first)), decoded[any](t, text)) {
			t.Errorf("%s, the block %q: %s", page, first, d)
		}
	}
	full := play(t, env, "user", "create", "acme", "bob@acme.example", "-o", "json")
	compare("docs/commands.md", "{\n  \"error\"", full.err)

	app, key := secret("appkey create acme --name portal")
	compare("docs/events.md", `{"allowed"`, ask(t, http.MethodGet, app+"/access?email=anna@acme.example", key, ""))
	ask(t, http.MethodPatch, base+"/Users/"+fmt.Sprint(user["id"]), token, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"active":false}}]}`)
	feed := decoded[map[string]json.RawMessage](t, ask(t, http.MethodGet, app+"/events?cursor=", key, ""))
	events := slices.DeleteFunc(decoded[[]map[string]any](t, string(feed["items"])), func(event map[string]any) bool { return event["kind"] != "user.suspended" })
	var err error
	if feed["items"], err = json.Marshal(events); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(feed)
	if err != nil {
		t.Fatal(err)
	}
	compare("docs/events.md", `{"items"`, string(text))
	for {
		select {
		case message := <-messages:
			if strings.Contains(message, `"type":"user.suspended"`) {
				compare("docs/webhooks.md", `{"type"`, message)
				return
			}
		case <-time.After(time.Minute):
			t.Fatal("the webhook got no message about the suspension")
		}
	}
}
