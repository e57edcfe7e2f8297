package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/scim/emulator"
)

// A store that may not grow answers 503 with Retry-After, keeps answering reads, contains no half write, and writes again when there is
// space.
func TestFullDiskRefusesWritesAndKeepsReads(t *testing.T) {
	t.Parallel()
	data := shortDir(t)
	s := start(t, map[string]string{"data": data, "store.max_bytes": "2MiB"})
	issued := s.tenant(t, "acme", "generic", 0)
	remove := directory.OnDeleteRemove
	if _, err := s.operator.UpdateTenant(t.Context(), "acme", "", wire.TenantUpdate{Overrides: &directory.Overrides{OnDelete: &remove}}); err != nil {
		t.Fatal(err)
	}
	conversation := session(issued, emulator.Generic{})
	address := `{"formatted": "` + strings.Repeat("x", 900) + `"}`
	big := strings.Repeat(address+", ", 8) + address
	made := []string{}
	var refused emulator.Result
	for i := range 2000 {
		refused = conversation.Play(t.Context(), emulator.Step{
			Method: http.MethodPost, Path: "/Users", Expect: emulator.Expect{Status: []int{http.StatusCreated}, Body: fmt.Sprintf(`{"id": "${u%d}"}`, i)},
			Body: fmt.Sprintf(`{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "u%d", "addresses": [%s]}`, i, big),
		})
		if !refused.OK() {
			break
		}
		made = append(made, fmt.Sprintf("u%d", i))
	}
	if refused.OK() {
		t.Fatal("2 MiB held 16 MB")
	}
	if len(made) < 10 {
		t.Fatalf("only %d users fit: %s", len(made), refused.Explain())
	}
	status, after := refused.RoundTrip.Status, refused.RoundTrip.Answer.Header.Get("Retry-After")
	if status != http.StatusServiceUnavailable || after == "" || strings.Trim(after, "0123456789") != "" {
		t.Fatalf("a full disk answers %d, Retry-After %q: %s", status, after, refused.RoundTrip.Answer.Body)
	}
	total := emulator.Expect{Status: []int{http.StatusOK}, Body: fmt.Sprintf(`{"totalResults": %d}`, len(made))}
	play(t, conversation, emulator.Step{Name: "reads go on, and nothing half is there", Method: http.MethodGet, Path: "/Users?count=0", Expect: total})
	waitFor(t, "/readyz red", func() bool { return probe(t, s.url+"/readyz") == http.StatusServiceUnavailable })
	if got := probe(t, s.url+"/livez"); got != http.StatusOK {
		t.Errorf("/livez answers %d; a restart does not repair a disk", got)
	}

	// Deletions may or may not find the room that they need themselves; a change that was answered with success has happened.
	left := len(made)
	for _, key := range made {
		r := conversation.Play(t.Context(), emulator.Step{Method: http.MethodDelete, Path: "/Users/${" + key + "}"})
		switch r.RoundTrip.Status {
		case http.StatusNoContent:
			left--
		case http.StatusServiceUnavailable:
		default:
			t.Fatalf("DELETE on a full disk: %d %s", r.RoundTrip.Status, r.RoundTrip.Answer.Body)
		}
	}
	t.Logf("%d users fit, %d could be deleted when the store was full", len(made), len(made)-left)
	if err := s.app.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}

	// With a higher limit everything works again.
	s = start(t, map[string]string{"data": data, "store.max_bytes": "64MiB"})
	conversation.Client.Base = s.url + "/scim/v2/acme"
	total.Body = fmt.Sprintf(`{"totalResults": %d}`, left+1)
	play(t, conversation,
		emulator.Step{
			Name: "there is room again", Method: http.MethodPost, Path: "/Users", Expect: emulator.Expect{Status: []int{http.StatusCreated}},
			Body: `{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "after"}`,
		},
		emulator.Step{Name: "the total agrees", Method: http.MethodGet, Path: "/Users?count=0", Expect: total},
	)
	checkFeed(t, s.operator, "acme", "after a full disk")
	waitFor(t, "/readyz green", func() bool { return probe(t, s.url+"/readyz") == http.StatusOK })
}

// probe gives the status of an address.
func probe(t *testing.T, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}
