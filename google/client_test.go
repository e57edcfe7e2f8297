package google_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"drawbridge/google"
	"drawbridge/google/googletest"
)

const admin = "admin@acme.example"

// bench is a client of a simulated Google. Its clock advances when the client sleeps.
type bench struct {
	*google.Client
	account *googletest.Account
	config  google.Config
	slept   []time.Duration
	offset  time.Duration
	notes   []google.Attempt
}

func (b *bench) now() time.Time { return time.Now().Add(b.offset) }

func newBench(t *testing.T, edits ...func(*google.Config)) *bench {
	t.Helper()
	b := &bench{}
	b.account = googletest.New(b.now, admin)
	server := httptest.NewServer(b.account)
	t.Cleanup(server.Close)
	key, err := google.ParseAccount(b.account.NewKey("acme-project"))
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := google.At(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	b.config = google.Config{
		Account: key, Subject: admin, Endpoint: endpoint, Quota: google.NewQuota(), Now: b.now,
		Sleep: func(ctx context.Context, d time.Duration) error {
			b.slept = append(b.slept, d)
			b.offset += d
			return ctx.Err()
		},
		Note: func(a google.Attempt) { b.notes = append(b.notes, a) },
	}
	for _, edit := range edits {
		edit(&b.config)
	}
	b.Client = google.New(b.config)
	return b
}

func (b *bench) fill(n int) {
	for i := range n {
		b.account.Add(fmt.Sprintf("user%05d@acme.example", i), "User", fmt.Sprint(i), nil)
	}
}

// read reads all users.
func (b *bench) read(t *testing.T) ([]google.User, error) {
	t.Helper()
	var out []google.User
	err := b.Users(t.Context(), "", func(page []google.User) error {
		out = append(out, page...)
		return nil
	})
	return out, err
}

// A key file names where its tokens are fetched. That address is not contacted: the file comes from outside.
func TestTheTokenAddressOfAKeyIsNotContacted(t *testing.T) {
	t.Parallel()
	asked := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(other.Close)
	b := newBench(t, func(c *google.Config) { c.Account.TokenAddress = other.URL + "/token" })
	if _, err := b.read(t); err != nil {
		t.Error(err)
	}
	if asked {
		t.Error("the address in the key file was asked for a token")
	}
}

func TestClientListsEverything(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fill(1203)
	gone := b.account.Add("gone@acme.example", "Go", "Ne", nil)
	b.account.Delete(gone)
	team := b.account.AddGroup("team@acme.example", "Team")
	for id := range b.account.People() {
		b.account.Join(team, id)
	}
	for i := range 250 {
		b.account.AddGroup(fmt.Sprintf("g%d@acme.example", i), "G")
	}
	all, err := b.read(t)
	if err != nil || len(all) != 1203 || !slices.IsSortedFunc(all, func(x, y google.User) int { return strings.Compare(x.PrimaryEmail, y.PrimaryEmail) }) {
		t.Fatalf("%d users, %v", len(all), err)
	}
	var deleted []google.User
	if err := b.DeletedUsers(t.Context(), func(page []google.User) error { deleted = append(deleted, page...); return nil }); err != nil || len(deleted) != 1 || deleted[0].ID != gone {
		t.Fatalf("deleted: %v, %v", deleted, err)
	}
	groups := 0
	if err := b.Groups(t.Context(), func(page []google.Group) error { groups += len(page); return nil }); err != nil || groups != 251 {
		t.Fatalf("%d groups, %v", groups, err)
	}
	members := 0
	if err := b.Members(t.Context(), team, func(page []google.Member) error { members += len(page); return nil }); err != nil || members != 1203 {
		t.Fatalf("%d members, %v", members, err)
	}
	count := map[string]int{}
	for _, call := range b.account.Calls() {
		count[call.Kind]++
	}
	if want := map[string]int{"token": 1, "users": 3, "deleted": 1, "groups": 2, "members": 7}; fmt.Sprint(count) != fmt.Sprint(want) {
		t.Errorf("requests %v, want %v", count, want)
	}
}

// All listings survive a fault that ends, and nothing is lost or duplicated.
func TestClientRepeatsAfterTransientFaults(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]*googletest.Fault{
		"503":       googletest.Unavailable(),
		"429":       {Status: 429, Reason: "rateLimitExceeded", Message: "slow down", RetryAfter: 90 * time.Second},
		"cut":       {Cut: true},
		"html":      {Body: "<html>sign in to the proxy</html>"},
		"no kind":   {Body: "{}"},
		"null":      {Body: "null"},
		"user":      googletest.Quota("userRateLimitExceeded"),
		"rate":      googletest.Quota("rateLimitExceeded"),
		"quota":     googletest.Quota("quotaExceeded"),
		"bad entry": {Body: `{"kind":"admin#directory#users","users":[{"primaryEmail":"a@b.c"}]}`},
	} {
		b := newBench(t)
		b.fill(1100)
		times := 0
		b.account.SetFault(func(c googletest.Call) *googletest.Fault {
			if c.Kind == "users" && c.Page == 2 && times < 3 {
				times++
				return fault
			}
			return nil
		})
		all, err := b.read(t)
		if err != nil || len(all) != 1100 || times != 3 {
			t.Errorf("%s: %d users after %d faults, %v", name, len(all), times, err)
		}
		want := []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}
		if fault.RetryAfter > 0 {
			want = []time.Duration{90 * time.Second, 90 * time.Second, 90 * time.Second}
		}
		if !slices.Equal(b.slept, want) {
			t.Errorf("%s: waited %v, want %v", name, b.slept, want)
		}
	}
}

// A permanent fault ends the listing with an error that says what it is and who can help.
func TestClientExplainsPermanentFaults(t *testing.T) {
	t.Parallel()
	users := func(fault *googletest.Fault) func(*bench) {
		return func(b *bench) {
			b.account.SetFault(func(c googletest.Call) *googletest.Fault {
				if c.Kind == "users" && c.Page == 2 {
					return fault
				}
				return nil
			})
		}
	}
	for name, c := range map[string]struct {
		set   func(*bench)
		edit  func(*google.Config)
		kind  google.Kind
		words []string
	}{
		"503":          {set: users(googletest.Unavailable()), kind: google.Unreachable, words: []string{"out of order", "503"}},
		"quota":        {set: users(googletest.Quota("quotaExceeded")), kind: google.Exhausted, words: []string{"acme-project", "quotaExceeded", "Quotas"}},
		"page token":   {set: users(&googletest.Fault{Expire: true}), kind: google.PageExpired, words: []string{"could not be read to its end"}},
		"html":         {set: users(&googletest.Fault{Body: "<html>"}), kind: google.Malformed, words: []string{"google.endpoint"}},
		"no id":        {set: users(&googletest.Fault{Body: `{"kind":"admin#directory#users","users":[{"primaryEmail":"a@acme.example"}]}`}), kind: google.Malformed, words: []string{"a user without id or primaryEmail"}},
		"wrong type":   {set: users(&googletest.Fault{Body: `{"kind":"admin#directory#users","users":[{"id":7,"primaryEmail":"a@acme.example"}]}`}), kind: google.Malformed, words: []string{"users.id has the type number"}},
		"api off":      {set: users(&googletest.Fault{Status: 403, Reason: "accessNotConfigured", Message: "Admin SDK API has not been used in project 1 before or it is disabled."}), kind: google.APIDisabled, words: []string{"Admin SDK API", "Enable"}},
		"bad request":  {set: users(&googletest.Fault{Status: 400, Reason: "badRequest", Message: "Bad Request"}), kind: google.Unexplained, words: []string{"400", "Bad Request"}},
		"no admin":     {set: func(b *bench) { b.account.SetAdmin("other@acme.example"); b.account.Add(admin, "A", "B", nil) }, kind: google.Subject, words: []string{admin, "Admin roles"}},
		"unknown user": {set: func(b *bench) { b.account.SetAdmin("other@acme.example") }, kind: google.Subject, words: []string{admin, "the setting google.admin"}},
		"delegation":   {set: func(b *bench) { b.account.SetScopes() }, kind: google.Delegation, words: []string{"Manage Domain Wide Delegation", "113456789012345678901", google.ScopeMembers}},
		"one scope":    {set: func(b *bench) { b.account.SetScopes(google.ScopeUsers, google.ScopeGroups) }, kind: google.Delegation, words: []string{google.ScopeMembers}},
		"key":          {set: func(b *bench) { b.account.RevokeKeys() }, kind: google.BadKey, words: []string{"Service Accounts", "Keys"}},
		"clock":        {set: func(b *bench) { b.account.SetTokenClock(func() time.Time { return b.now().Add(2 * time.Hour) }) }, kind: google.Clock, words: []string{"clock", " behind Google's"}},
		"customer":     {set: func(*bench) {}, edit: func(c *google.Config) { c.Customer = "C999" }, kind: google.BadSetting, words: []string{"C999", "Customer ID"}},
		"host": {set: func(*bench) {}, edit: func(c *google.Config) {
			c.Endpoint = google.Endpoint{API: "http://127.0.0.1:1", Token: "http://127.0.0.1:1/token"}
		}, kind: google.Unreachable, words: []string{"cannot be reached"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(cfg *google.Config) {
				if c.edit != nil {
					c.edit(cfg)
				}
			})
			b.fill(600)
			c.set(b)
			_, err := b.read(t)
			var e *google.Error
			if !errors.As(err, &e) || e.Kind != c.kind {
				t.Fatalf("%v is not of kind %s", err, c.kind)
			}
			for _, word := range c.words {
				if !strings.Contains(e.Message, word) {
					t.Errorf("%q does not say %q", e.Message, word)
				}
			}
			if e.Kind == google.Malformed && len(b.slept) > 4 {
				t.Errorf("an answer that cannot be read was asked for again %d times", len(b.slept))
			}
			if strings.Contains(fmt.Sprintf("%+v %v %#v", err, b.notes, b.config.Account), "PRIVATE KEY") {
				t.Error("the key is in an error, a note or the account as text")
			}
		})
	}
}

// An access token that Google revokes is renewed once.
func TestClientRenewsARevokedToken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fill(1500)
	b.account.SetFault(func(c googletest.Call) *googletest.Fault {
		if c.Kind == "users" && c.Page == 2 && c.N == 3 {
			return &googletest.Fault{Status: 401, Reason: "authError", Message: "Invalid Credentials"}
		}
		return nil
	})
	if all, err := b.read(t); err != nil || len(all) != 1500 {
		t.Fatalf("%d, %v", len(all), err)
	}
	tokens := 0
	for _, c := range b.account.Calls() {
		if c.Kind == "token" {
			tokens++
		}
	}
	if tokens != 2 {
		t.Errorf("%d access tokens, want 2", tokens)
	}
}

// The client limits its own rate. The simulated Google answers 403 above Google's 2,400 requests a minute, and never has to.
func TestClientObeysTheQuota(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.account.SetQuota(2400)
	id := b.account.Add("ada@acme.example", "Ada", "L", nil)
	began := b.now()
	for range 3000 {
		if _, err := b.User(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if took := b.now().Sub(began); took < 2*time.Minute || took > 3*time.Minute {
		t.Errorf("3000 requests took %s", took)
	}
	for _, c := range b.account.Calls() {
		if c.Status != http.StatusOK {
			t.Fatalf("request %d was answered %d", c.N, c.Status)
		}
	}
}

// A Retry-After that is too long to wait for ends the run. Nothing of the project is sent before it is over, also not by another connection.
func TestLongRetryAfterIsObeyedByLaterRuns(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.account.Add("ada@acme.example", "Ada", "L", nil)
	b.account.SetFault(func(c googletest.Call) *googletest.Fault {
		if c.Kind != "user" {
			return nil
		}
		return &googletest.Fault{Status: http.StatusTooManyRequests, Reason: "rateLimitExceeded", Message: "slow down", RetryAfter: 40 * time.Minute}
	})
	if _, err := b.User(t.Context(), id); !google.IsKind(err, google.Exhausted) {
		t.Fatalf("got %v", err)
	}
	b.account.SetFault(nil)
	b.account.Reset()
	other := google.New(b.config)
	b.offset += 30 * time.Minute
	if _, err := other.User(t.Context(), id); !google.IsKind(err, google.Exhausted) || !strings.Contains(err.Error(), "acme-project") {
		t.Errorf("got %v", err)
	}
	if n := len(b.account.Calls()); n != 0 {
		t.Errorf("%d requests were sent during the pause", n)
	}
	b.offset += 6 * time.Minute // what is left is waited for
	if _, err := other.User(t.Context(), id); err != nil {
		t.Error(err)
	}
	if len(b.slept) == 0 || b.slept[len(b.slept)-1] < 3*time.Minute {
		t.Errorf("waited %v", b.slept)
	}
}

func TestMissingUserIsNotFound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.account.Add("ada@acme.example", "Ada", "L", nil)
	b.account.Delete(id)
	for _, key := range []string{id, "nobody"} {
		if _, err := b.User(t.Context(), key); !google.IsKind(err, google.NotThere) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

// A redirect to another host is not followed, because the token would go there.
func TestClientContactsNoOtherHost(t *testing.T) {
	t.Parallel()
	touched := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { touched = true }))
	t.Cleanup(elsewhere.Close)
	b := newBench(t, func(c *google.Config) {
		c.Attempts = 1
		c.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			http.Redirect(w, r, elsewhere.URL, http.StatusFound)
			return w.Result(), nil
		})
	})
	if _, err := b.read(t); err == nil || touched {
		t.Errorf("%v, followed: %t", err, touched)
	}
	seen := ""
	direct := google.New(google.Config{
		Account: b.config.Account, Subject: admin, Quota: google.NewQuota(), Now: b.now, Sleep: b.config.Sleep, Attempts: 1,
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			seen = r.URL.Host
			return nil, errors.New("no network")
		}),
	})
	if err := direct.Users(t.Context(), "", nil); err == nil || seen != "oauth2.googleapis.com" {
		t.Errorf("%v, asked %q first", err, seen)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestParseAccountRefusesOtherKeys(t *testing.T) {
	t.Parallel()
	good := string(googletest.New(time.Now, admin).NewKey("p"))
	if _, err := google.ParseAccount([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty": "", "p12": "\x30\x82", "list": "[]", "null": "null", "other type": `{"type":"x"}`,
		"person":   `{"type":"authorized_user","client_id":"x"}`,
		"no key":   strings.Replace(good, "private_key\"", "private\"", 1),
		"bad key":  strings.Replace(good, "KEY-----\\nMII", "KEY-----\\nMIJ", 1),
		"workload": `{"type":"external_account"}`,
	} {
		_, err := google.ParseAccount([]byte(text))
		if !google.IsKind(err, google.BadKey) || !strings.Contains(err.Error(), "Service Accounts") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckReportsMissingRights(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fill(1)
	b.account.AddGroup("team@acme.example", "Team")
	found, _ := b.Check(t.Context())
	for _, f := range found {
		if !f.OK {
			t.Errorf("%s: %s%s", f.Name, f.Problem, f.Skipped)
		}
	}
	b.account.SetScopes(google.ScopeUsers, google.ScopeMembers)
	var bad []string
	found, _ = b.Check(t.Context())
	for _, f := range found {
		if f.Problem != "" {
			bad = append(bad, f.Name+": "+f.Problem)
		}
	}
	if len(bad) != 1 || !strings.Contains(bad[0], "lacks the scope "+google.ScopeGroups) {
		t.Errorf("%q", bad)
	}
}
