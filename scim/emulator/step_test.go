package emulator

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestFaultsOfServersAreExplained finds faults that real servers have had, and explains them in the words of each provider's console.
func TestFaultsOfServersAreExplained(t *testing.T) {
	t.Parallel()
	p := NewCast("", "acme.test").Mira
	for _, c := range []struct {
		name   string
		step   Step
		answer func(w http.ResponseWriter, r *http.Request)
		says   []string
	}{
		{
			"404 for a look-up that misses", Entra{}.Test()[0],
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
			[]string{"invalid credentials", "expected 200, got 404", "quarantine"},
		},
		{
			"a page instead of JSON", OktaOIN{}.Test()[0],
			func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>sign in</html>") },
			[]string{"Error authenticating: null", "not JSON"},
		},
		{
			"an empty user", OktaOIN{}.Create(p)[1],
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "x")
				w.WriteHeader(http.StatusCreated)
			},
			[]string{"Create new user returned empty user"},
		},
		{
			"a search that contains", Entra{}.Link(p)[0],
			func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, `{"schemas": ["`+listSchema+`"], "totalResults": 2, "Resources": [{"id": "1"}, {"id": "2"}]}`)
			},
			[]string{"Multiple entries were found", "totalResults: expected 1, got 2"},
		},
		{
			"a success that did not happen", CheckInactive(p),
			func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, `{"id": "1", "userName": "`+p.UserName+`", "active": true}`)
			},
			[]string{"active: expected false, got true", "must have happened"},
		},
		{
			"an error without a body", OktaOIN{}.Repeat(p)[0],
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusConflict) },
			[]string{"HTTP 409", "not JSON"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(c.answer))
			defer server.Close()
			s := NewSession(&Client{Base: server.URL}, Generic{}, "token")
			s.Vars["mira"] = "1"
			r := s.Play(t.Context(), c.step)
			if r.OK() {
				t.Fatal("nothing was found")
			}
			for _, want := range c.says {
				if !strings.Contains(r.Explain(), want) {
					t.Errorf("no %q in:\n%s", want, r.Explain())
				}
			}
		})
	}
}

// A 429 with whole seconds is waited for, as Okta does.
func TestEmulatorWaitsForRetryAfter(t *testing.T) {
	t.Parallel()
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests++; requests < 3 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		_, _ = io.WriteString(w, `{"schemas": ["`+listSchema+`"], "totalResults": 0}`)
	}))
	defer server.Close()
	s := NewSession(&Client{Base: server.URL}, OktaAIW{}, "token")
	if r := s.Play(t.Context(), OktaAIW{}.Test()[0]); !r.OK() || requests != 3 {
		t.Errorf("%d requests: %s", requests, r.Explain())
	}
}

// The unusual spellings of each provider are sent as they are written.
func TestRequestsAreSentByteForByte(t *testing.T) {
	t.Parallel()
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.RequestURI+" "+r.Header.Get("User-Agent")+r.Header.Get("Adscimversion"))
		w.WriteHeader(http.StatusNotFound)
	}))
	defer server.Close()
	p := Person{Key: "mira", UserName: "mira"}
	for _, idp := range []IdP{OktaAIW{}, Entra{Flag: true}, OneLogin{}, Ping{}} {
		s := NewSession(&Client{Base: server.URL}, idp, "token")
		s.Play(t.Context(), idp.Create(p)[0])
	}
	want := []string{
		`/Users?filter=userName%20eq%20%22mira%22&startIndex=1&count=100 Okta SCIM Client 1.0.0`,
		`/Users?filter=userName+eq+%22mira%22&aadOptscim062020 Go-http-client/1.12.0`,
		`/Users?filter=userName+eq+%22mira%22& Go-http-client/1.1`,
		`/Users?filter=username%20Eq%20%22mira%22 Go-http-client/1.1`,
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s\nwant %s", got[i], want[i])
		}
	}
}

// The sequence of every IdP names each step, and uses no value that no step gives.
func TestConversationsAreComplete(t *testing.T) {
	t.Parallel()
	for _, idp := range All() {
		steps := Conversation(idp, NewCast("", "acme.test"))
		if len(steps) < 20 {
			t.Errorf("%s: %d steps", idp.Name(), len(steps))
		}
		for _, s := range steps {
			if s.Phase == "" || s.Name == "" || s.Method == "" || s.Path == "" || len(s.Expect.Status) == 0 {
				t.Errorf("%s: %+v", idp.Name(), s)
			}
		}
		if found, ok := ByName(idp.Name()); !ok || found != idp {
			t.Errorf("%s is not found by its name", idp.Name())
		}
	}
}
