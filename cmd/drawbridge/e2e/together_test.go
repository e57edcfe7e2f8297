package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"drawbridge/bridge"
	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/internal/openidtest"
)

// together is two servers on one database, asked directly and not through a balancer.
type together struct {
	*fleet
	a, b *server
}

// at is the address of a server itself.
func at(s *server) string { return "http://" + s.app.Addr() }

// network is a client of the operator API of a server over the network.
func network(s *server) *client.Client { return client.At(at(s)) }

// ask sends a request and gives the status and the body.
func ask(t testing.TB, method, address, token, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	req.Header.Set("Content-Type", "application/scim+json")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func person(name string) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q}`, name)
}

// ok ends the test for an error.
func ok[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestTwoServersActAsOne writes through one server and reads through the other.
func TestTwoServersActAsOne(t *testing.T) {
	if bridges() < 2 {
		return // it needs a database
	}
	t.Parallel()
	provider, box := openidtest.New(t), newMailbox(t)
	mails := make(chan string, 100)
	box.took = func(text string) bool { mails <- text; return true }
	f := startFleet(t, map[string]string{
		"metrics.token": "metrics-token-of-the-tests", "api.enabled": "true", "api.oidc.issuer": provider.URL, "api.oidc.client_id": "drawbridge", "api.oidc.client_secret": "s", "api.oidc.domains": "msp.example", "outbound.allow": "127.0.0.0/8",
		"mail.host": "127.0.0.1", "mail.port": box.port, "mail.tls": "none", "mail.from": "drawbridge@example.test",
	})
	p := &together{fleet: f, a: f.members[0], b: f.members[1]}
	for _, row := range []struct {
		name string
		test func(t *testing.T, p *together)
	}{
		{"a token that one server revokes opens nothing on the other", revokedAtOnce},
		{"a change on one server fails no write on the other", changesFailNoWrite},
		{"a reader of the feed hears of a write on the other server within half a second", feedIsWoken},
		{"one Idempotency-Key makes one company", oneCompany},
		{"a sign-in by OpenID begins on one server and ends on the other", func(t *testing.T, p *together) { openIDAcross(t, p, provider) }},
		{"a session is good on the other server, and its end holds there", sessionsAcross},
		{"guesses of a password are counted together", guessesTogether},
		{"a cursor of one server continues on the other", cursorsAcross},
		{"pages alternate between the servers while people are deleted, and no person is missed", pagesWhileDeleting},
		{"a mail goes out once, and its link opens on the other server", func(t *testing.T, p *together) { mailsOnce(t, p, mails) }},
		{"both servers sign bundles with one key", oneBundleKey},
		{"the request journal of one server is read on the other", journalAcross},
		{"a job that ran on one server is listed on the other", jobsAcross},
		{"two servers that work on one transfer move everybody once", transferTogether},
		{"the sync health is known on the other server", healthAcross},
		{"one server shows the gauges of companies", oneShowsGauges},
		{"status names the servers, and who runs the jobs", statusNamesServers},
	} {
		t.Run(row.name, func(t *testing.T) { row.test(t, p) })
	}
}

// revokedAtOnce revokes a token on one server that the other has just accepted. Every request with it is refused there and has no effect,
// whatever is wrong with it otherwise.
func revokedAtOnce(t *testing.T, p *together) {
	acme := p.a.tenant(t, "revoked", "okta", 10)
	base := at(p.b) + "/scim/v2/revoked"
	_, text := ask(t, "POST", base+"/Users", acme.Token, person("ada"))
	var ada struct{ ID string }
	if err := json.Unmarshal([]byte(text), &ada); err != nil || ada.ID == "" {
		t.Fatal(text)
	}
	patch := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"late"}]}`
	for _, r := range []struct{ method, path, body string }{
		{"GET", "/Users", ""},
		{"GET", "/Users/" + ada.ID, ""},
		{"POST", "/Users", person("late")},
		{"POST", "/Users", "{"},
		{"POST", "/Users", ""},
		{"POST", "/Users?x=%zz", person("late")},
		{"POST", "/Users/" + ada.ID, person("late")},
		{"POST", "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"late"}`},
		{"PUT", "/Users/" + ada.ID, person("late")},
		{"PATCH", "/Users/" + ada.ID, patch},
		{"PATCH", "/Users/" + ada.ID, `{"Operations":[]}`},
		{"PATCH", "/Users/2819c223-7f76-453a-919d-413861904646", patch},
		{"PATCH", "/Users/nonsense", patch},
		{"DELETE", "/Users/" + ada.ID, ""},
		{"DELETE", "/Groups/" + ada.ID, ""},
		{"DELETE", "/Users", ""},
	} {
		issued := ok[wire.Issued](t)(p.a.operator.CreateToken(t.Context(), "revoked", wire.TokenCreate{}))
		for _, first := range []string{"GET", "PATCH"} { // the second one has its credential checked with the write
			if status, text := ask(t, first, base+"/Users/"+ada.ID, issued.Token, strings.Replace(patch, "late", "early", 1)); status != 200 {
				t.Fatalf("%s with a new token: %d %s", first, status, text)
			}
		}
		if err := p.a.operator.RevokeToken(t.Context(), "revoked", issued.TokenID); err != nil {
			t.Fatal(err)
		}
		if status, text := ask(t, r.method, base+r.path, issued.Token, r.body); status != 401 {
			t.Errorf("%s %s with a revoked token: %d %s", r.method, r.path, status, text)
		}
	}
	status, text := ask(t, "GET", base+"/Users", acme.Token, "")
	if status != 200 || !strings.Contains(text, "early") || strings.Contains(text, "late") {
		t.Errorf("the people afterwards: %d %s", status, text)
	}
	for _, e := range ok[wire.Journal](t)(p.b.operator.Journal(t.Context(), "revoked", client.JournalSearch{Limit: 500})).Items {
		if e.Status == 401 {
			t.Errorf("the journal has a request of a stranger: %+v", e)
		}
	}
}

// changesFailNoWrite changes the tenant on one server between two writes on the other, which has just accepted the credential.
func changesFailNoWrite(t *testing.T, p *together) {
	acme := p.a.tenant(t, "changing", "okta", 10)
	base := at(p.b) + "/scim/v2/changing"
	send := func(want int, method, path, body string) (id string) {
		t.Helper()
		status, text := ask(t, method, base+path, acme.Token, body)
		if status != want {
			t.Errorf("%s %s: %d %s, want %d", method, path, status, text, want)
		}
		var got struct{ ID string }
		_ = json.Unmarshal([]byte(text), &got)
		return got.ID
	}
	id := send(201, "POST", "/Users", person("ada"))
	patch := func(title string) string {
		return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"` + title + `"}]}`
	}
	changes := 0
	change := func() {
		t.Helper()
		changes++
		send(200, "PATCH", "/Users/"+id, patch(fmt.Sprint(changes))) // so that the other server knows the credential as it was
		if changes%2 == 0 {
			name := fmt.Sprint("Changing ", changes)
			ok[wire.Tenant](t)(p.a.operator.UpdateTenant(t.Context(), "changing", "", wire.TenantUpdate{Name: &name}))
			return
		}
		days := 30 + changes
		ok[wire.Tenant](t)(p.a.operator.UpdateTenant(t.Context(), "changing", "", wire.TenantUpdate{Overrides: &directory.Overrides{TombstoneDays: &days}}))
	}
	for range 3 {
		change()
		send(200, "PATCH", "/Users/"+id, patch("late"))
		change()
		other := send(201, "POST", "/Users", person(fmt.Sprint("bob", changes)))
		change()
		send(200, "PUT", "/Users/"+other, person(fmt.Sprint("bob", changes)))
		change()
		send(400, "PATCH", "/Users/"+other, "{")
		change()
		send(404, "DELETE", "/Groups/"+other, "")
		change()
		send(204, "DELETE", "/Users/"+other, "")
	}
}

// feedIsWoken takes the best of some tries: the machine of the tests may be busy.
func feedIsWoken(t *testing.T, p *together) {
	acme := p.a.tenant(t, "feed", "okta", 50)
	key := ok[wire.IssuedAppKey](t)(p.a.operator.CreateAppKey(t.Context(), "feed", wire.AppKeyCreate{Name: "portal"}))
	read := func(cursor string, wait int) (feed wire.Feed) {
		status, text := ask(t, "GET", fmt.Sprintf("%s/app/v1/tenants/feed/events?wait=%d&cursor=%s", at(p.b), wait, url.QueryEscape(cursor)), key.Key, "")
		if err := json.Unmarshal([]byte(text), &feed); err != nil || status != 200 {
			t.Fatalf("%d %s: %v", status, text, err)
		}
		return feed
	}
	cursor, best := read("", 0).Next, time.Hour
	for n := range 20 {
		got := make(chan wire.Feed, 1)
		go func() { got <- read(cursor, 20) }()
		time.Sleep(100 * time.Millisecond) // the reader waits by now
		if status, text := ask(t, "POST", at(p.a)+"/scim/v2/feed/Users", acme.Token, person(fmt.Sprint("u", n))); status != 201 {
			t.Fatalf("%d %s", status, text)
		}
		began := time.Now()
		feed := <-got
		if best = min(best, time.Since(began)); len(feed.Items) == 0 {
			t.Fatal("the reader was woken without an event")
		}
		if cursor = feed.Next; best < 500*time.Millisecond && n > 3 {
			return
		}
	}
	t.Errorf("the reader heard of it after %s", best)
}

func oneCompany(t *testing.T, p *together) {
	for n := range 10 {
		key := fmt.Sprint("company-", n)
		var all sync.WaitGroup
		for _, s := range []*server{p.a, p.b, p.a, p.b} {
			all.Go(func() {
				_, err := s.operator.Repeatable(key).CreateTenant(t.Context(), wire.TenantCreate{Name: key, Plan: "business"})
				if err != nil && client.CodeOf(err) != "conflict" {
					t.Errorf("%s: %v", key, err)
				}
			})
		}
		all.Wait()
		found := ok[wire.TenantPage](t)(p.b.operator.Tenants(t.Context(), client.List{Q: key}))
		if len(found.Items) != 1 {
			t.Errorf("%d companies of one key", len(found.Items))
		}
	}
}

// owner registers an Owner by a link that one server made and the other one uses.
func (p *together) owner(t *testing.T, name string) (email, password string) {
	t.Helper()
	email, password = name+"@msp.example", "correct horse battery "+name
	made := ok[wire.OperatorLink](t)(p.a.operator.CreateOperator(t.Context(), wire.OperatorCreate{
		FirstName: name, LastName: "L", Email: email, Role: "owner", AllTenants: true, ShowLink: true,
	}))
	ok[wire.Operator](t)(network(p.b).UseLink(t.Context(), made.Link, wire.LinkUse{Password: password}))
	if _, err := network(p.a).UseLink(t.Context(), made.Link, wire.LinkUse{Password: password}); err == nil {
		t.Error("a link was used twice")
	}
	return email, password
}

func openIDAcross(t *testing.T, p *together, provider *openidtest.Provider) {
	email, _ := p.owner(t, "oidc")
	begin, err := http.NewRequestWithContext(t.Context(), "GET", at(p.a)+"/api/v1/session/oidc", nil)
	if err != nil {
		t.Fatal(err)
	}
	away, err := http.DefaultTransport.RoundTrip(begin)
	if err != nil {
		t.Fatal(err)
	}
	away.Body.Close()
	to := ok[*url.URL](t)(url.Parse(away.Header.Get("Location")))
	q := to.Query()
	provider.Expect(q, email, time.Now())
	back, err := http.NewRequestWithContext(t.Context(), "GET", at(p.b)+"/api/v1/session/oidc/callback?"+url.Values{"code": {"good"}, "state": {q.Get("state")}}.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range away.Cookies() {
		back.AddCookie(c)
	}
	res, err := http.DefaultTransport.RoundTrip(back)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if res.StatusCode >= 400 || len(res.Cookies()) == 0 {
		t.Errorf("the way back ends with %d %s", res.StatusCode, text)
	}
}

func sessionsAcross(t *testing.T, p *together) {
	email, password := p.owner(t, "session")
	_, secret, err := network(p.a).SignIn(t.Context(), wire.SignInRequest{Email: email, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	if me := ok[wire.Account](t)(network(p.b).As(secret).Me(t.Context())); me.Operator.Email != email {
		t.Errorf("on the other server the session is that of %q", me.Operator.Email)
	}
	if err := network(p.b).As(secret).SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := network(p.a).As(secret).Me(t.Context()); client.CodeOf(err) != "unauthorized" {
		t.Errorf("a session that ended on the other server: %v", err)
	}
}

// guessesTogether guesses as many times on each server as one of them would allow.
func guessesTogether(t *testing.T, p *together) {
	email, _ := p.owner(t, "guess")
	tried := 0
	for n := range 12 {
		s := []*server{p.a, p.b}[n%2]
		_, _, err := network(s).SignIn(t.Context(), wire.SignInRequest{Email: email, Password: fmt.Sprint("wrong guess ", n)})
		switch client.CodeOf(err) {
		case "unauthorized":
			tried++
		case "throttled":
		default:
			t.Fatal(err)
		}
	}
	if tried < 5 || tried > 6 { // one comes back in half a minute
		t.Errorf("%d guesses were let through, want 5", tried)
	}
}

func cursorsAcross(t *testing.T, p *together) {
	acme := p.a.tenant(t, "cursors", "okta", 50)
	for n := range 9 {
		ask(t, "POST", at(p.a)+"/scim/v2/cursors/Users", acme.Token, person(fmt.Sprint("u", n)))
	}
	seen, cursor := map[string]bool{}, ""
	for n := range 9 {
		s := []*server{p.a, p.b}[n%2]
		status, text := ask(t, "GET", at(s)+"/scim/v2/cursors/Users?count=2&cursor="+url.QueryEscape(cursor), acme.Token, "")
		var page struct {
			NextCursor string
			Resources  []struct{ ID string }
		}
		if err := json.Unmarshal([]byte(text), &page); err != nil || status != 200 {
			t.Fatalf("%d %s", status, text)
		}
		for _, r := range page.Resources {
			seen[r.ID] = true
		}
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	if len(seen) != 9 {
		t.Errorf("%d of 9 people were on the pages", len(seen))
	}
}

// pagesWhileDeleting deletes the people of each page after it was read, as a client that cleans up does.
func pagesWhileDeleting(t *testing.T, p *together) {
	acme := p.a.tenant(t, "paging", "okta", 50)
	for n := range 20 {
		ask(t, "POST", at(p.b)+"/scim/v2/paging/Users", acme.Token, person(fmt.Sprintf("u%02d", n)))
	}
	seen := map[string]bool{}
	for index, n := 1, 0; n < 12; n++ {
		s := []*server{p.a, p.b}[n%2]
		status, text := ask(t, "GET", fmt.Sprintf("%s/scim/v2/paging/Users?count=4&startIndex=%d", at(s), index), acme.Token, "")
		var page struct{ Resources []struct{ ID string } }
		if err := json.Unmarshal([]byte(text), &page); err != nil || status != 200 {
			t.Fatalf("%d %s", status, text)
		}
		if len(page.Resources) == 0 {
			break
		}
		for _, r := range page.Resources {
			seen[r.ID] = true
			if status, text := ask(t, "DELETE", at(p.b)+"/scim/v2/paging/Users/"+r.ID, acme.Token, ""); status != 204 {
				t.Fatalf("%d %s", status, text)
			}
		}
		index += len(page.Resources)
	}
	if len(seen) != 20 {
		t.Errorf("%d of 20 people were on the pages", len(seen))
	}
}

func mailsOnce(t *testing.T, p *together, mails chan string) {
	for _, s := range []*server{p.a, p.b} { // what the other rows have sent
		if _, err := s.operator.RunJob(t.Context(), "mail", false); err != nil && client.CodeOf(err) != "conflict" {
			t.Fatal(err)
		}
	}
	if _, err := p.a.operator.CreateTenant(t.Context(), wire.TenantCreate{Slug: "mails", Name: "Mails", Plan: "business"}); err != nil {
		t.Fatal(err)
	}
	const people = 12
	for n := range people {
		s := []*server{p.a, p.b}[n%2]
		ok[wire.User](t)(s.operator.CreateUser(t.Context(), "mails", wire.UserCreate{UserName: fmt.Sprintf("u%d@mails.example", n), Invite: true}))
	}
	var all sync.WaitGroup
	for _, s := range []*server{p.a, p.b} { // beside the leader, which does it every two seconds
		all.Go(func() {
			for range 10 {
				_, _ = s.operator.RunJob(t.Context(), "mail", false) // the other one may do it
			}
		})
	}
	all.Wait()
	count, link := map[string]int{}, ""
	for patience := time.After(20 * time.Second); len(count) < people; {
		select {
		case text := <-mails:
			if found := regexp.MustCompile(`u\d+@mails.example`).FindString(text); found != "" {
				count[found]++
				link = linkIn(text)
			}
		case <-patience:
			t.Fatalf("%d of %d mails came", len(count), people)
		}
	}
	for name, n := range count {
		if n != 1 {
			t.Errorf("%s got %d mails", name, n)
		}
	}
	if !strings.HasPrefix(link, bridge.InvitationPath("mails", "")) {
		t.Fatalf("the link in the mail is %q", link)
	}
	if status, text := ask(t, "POST", at(p.b)+link, "", ""); status != 200 {
		t.Errorf("the link on the other server: %d %s", status, text)
	}
	if status, _ := ask(t, "POST", at(p.a)+link, "", ""); status != 404 {
		t.Errorf("the link once more: %d", status)
	}
}

func oneBundleKey(t *testing.T, p *together) {
	a, b := ok[wire.BundleKey](t)(p.a.operator.BundleKey(t.Context())), ok[wire.BundleKey](t)(p.b.operator.BundleKey(t.Context()))
	if a != b || a.PublicKey == "" {
		t.Errorf("the keys are %q and %q", a.PublicKey, b.PublicKey)
	}
	p.a.tenant(t, "leaving", "okta", 10)
	if _, err := p.a.operator.CreateUser(t.Context(), "leaving", wire.UserCreate{UserName: "owner@leaving.example"}); err != nil {
		t.Fatal(err)
	}
	if err := p.a.operator.AddMember(t.Context(), "leaving", "Owners", "owner@leaving.example"); err != nil {
		t.Fatal(err)
	}
	ok[wire.HandoverState](t)(p.a.operator.UnlinkTenant(t.Context(), "leaving", "they move"))
	var bundles [2]bytes.Buffer
	for i, s := range []*server{p.a, p.b} {
		if err := s.operator.Bundle(t.Context(), "leaving", &bundles[i]); err != nil || bundles[i].Len() == 0 {
			t.Errorf("a bundle of %d bytes, %v", bundles[i].Len(), err)
		}
	}
}

func journalAcross(t *testing.T, p *together) {
	acme := p.a.tenant(t, "journal", "okta", 10)
	ask(t, "POST", at(p.a)+"/scim/v2/journal/Users", acme.Token, person("ada"))
	ask(t, "POST", at(p.b)+"/scim/v2/journal/Users", acme.Token, person("bob"))
	for _, s := range []*server{p.a, p.b} {
		waitFor(t, "the journal of both servers", func() bool {
			page := ok[wire.Journal](t)(s.operator.Journal(t.Context(), "journal", client.JournalSearch{Limit: 10}))
			return len(page.Items) == 2
		})
	}
}

func jobsAcross(t *testing.T, p *together) {
	ok[wire.JobReport](t)(p.a.operator.RunJob(t.Context(), "snapshot", false))
	find := func(s *server) wire.Job {
		for _, j := range ok[wire.Page[wire.Job]](t)(s.operator.Jobs(t.Context())).Items {
			if j.Name == "snapshot" {
				return j
			}
		}
		t.Fatal("there is no job snapshot")
		return wire.Job{}
	}
	a, b := find(p.a), find(p.b)
	if a.Server != "" || a.LastRun == nil {
		t.Errorf("where it ran: %+v", a)
	}
	if b.Server == "" || b.LastRun == nil || !b.LastRun.Equal(*a.LastRun) || b.Success == nil {
		t.Errorf("on the other server: %+v, want %+v", b, a)
	}
}

// transferTogether lets both servers work on one transfer and on its undoing: the request of one, and the requests and the job of the other.
func transferTogether(t *testing.T, p *together) {
	old := p.a.tenant(t, "moving", "okta", 0)
	ok[wire.Issued](t)(p.a.operator.CreateConnection(t.Context(), wire.ConnectionCreate{Tenant: "moving", Slug: "moving-entra", Type: "entra"}))
	const people = 230
	for n := range people {
		if status, text := ask(t, "POST", at(p.a)+"/scim/v2/moving/Users", old.Token, person(fmt.Sprint("u", n))); status != 201 {
			t.Fatalf("%d %s", status, text)
		}
	}
	scope := wire.TransferScope{To: "moving-entra", All: true}
	plan := ok[wire.TransferPlan](t)(p.b.operator.PreviewTransfer(t.Context(), "moving", scope))
	race := func(begin func(s *server) (wire.Transfer, error)) wire.Transfer {
		var all sync.WaitGroup
		for range 3 {
			for _, s := range []*server{p.a, p.b} {
				all.Go(func() {
					if _, err := begin(s); err != nil && client.CodeOf(err) != "conflict" {
						t.Error(err)
					}
					if _, err := s.operator.RunJob(t.Context(), "transfer", false); err != nil && client.CodeOf(err) != "conflict" {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		list := ok[wire.Page[wire.Transfer]](t)(p.b.operator.Transfers(t.Context(), "moving-entra"))
		if len(list.Items) != 1 || !list.Items[0].Done || len(list.Items[0].Left) != 0 {
			t.Fatalf("the transfers are %+v", list.Items)
		}
		return list.Items[0]
	}
	done := race(func(s *server) (wire.Transfer, error) {
		return s.operator.StartTransfer(t.Context(), "moving", wire.TransferStart{TransferScope: scope, Digest: plan.Digest})
	})
	if done.Moved != people || plan.Users != people {
		t.Errorf("previewed %d, moved %d", plan.Users, done.Moved)
	}
	undone := race(func(s *server) (wire.Transfer, error) { return s.operator.UndoTransfer(t.Context(), "moving", done.ID) })
	if undone.Phase != "undone" || undone.Moved != 0 {
		t.Errorf("the undone transfer is %+v", undone)
	}
	for _, action := range []string{"user.transfer", "user.transfer_undo"} {
		lines := ok[wire.AuditFound](t)(p.a.operator.SearchAudit(t.Context(), "moving", client.AuditSearch{Action: action, Limit: 1000}))
		if len(lines.Items) != people {
			t.Errorf("%d lines %s for %d people", len(lines.Items), action, people)
		}
	}
}

func healthAcross(t *testing.T, p *together) {
	acme := p.a.tenant(t, "health", "okta", 10)
	ask(t, "GET", at(p.a)+"/scim/v2/health/Users", acme.Token, "")
	ok[wire.JobReport](t)(p.a.operator.RunJob(t.Context(), "health", false))
	waitFor(t, "the health on the other server", func() bool { // uses of tokens are written every five seconds
		c := ok[wire.Connection](t)(p.b.operator.Connection(t.Context(), "health"))
		return c.Health.State == "healthy" && c.LastRequest != nil
	})
}

// metrics are those of a server.
func metrics(t *testing.T, s *server) string {
	t.Helper()
	status, text := ask(t, "GET", at(s)+"/metrics", "metrics-token-of-the-tests", "")
	if status != 200 {
		t.Fatalf("/metrics: %d %s", status, text)
	}
	return text
}

func oneShowsGauges(t *testing.T, p *together) {
	shown := 0
	for _, s := range []*server{p.a, p.b} {
		text := metrics(t, s)
		leads, gauges := strings.Contains(text, "\ndrawbridge_leader 1\n"), strings.Contains(text, "\ndrawbridge_users{")
		if leads != gauges || leads != strings.Contains(text, "\ndrawbridge_outbox_mails{") {
			t.Errorf("leader: %v, gauges of companies: %v", leads, gauges)
		}
		if gauges {
			shown++
		}
	}
	if shown != 1 {
		t.Errorf("%d servers show the gauges", shown)
	}
}

func statusNamesServers(t *testing.T, p *together) {
	for _, s := range []*server{p.a, p.b} {
		got := ok[wire.Status](t)(s.operator.Status(t.Context())).Store
		leaders, self := 0, 0
		for _, one := range got.Servers {
			if one.Leader {
				leaders++
			}
			if one.Self {
				self++
			}
		}
		if got.Kind != "postgresql" || got.Version == "" || got.Replication == nil || len(got.Servers) != 2 || leaders != 1 || self != 1 {
			t.Errorf("status says %+v", got)
		}
	}
}

// Two servers together let a connection send as much as one server would (C5), whichever gets the requests.
func TestTwoServersShareARate(t *testing.T) {
	if bridges() < 2 {
		return // it needs a database
	}
	t.Parallel()
	f := startFleet(t, map[string]string{"limits.scim_rate": "0.01", "limits.scim_burst": "40", "limits.scim_hold": "0s"})
	acme := f.tenant(t, "acme", "okta", 10)
	for _, s := range f.members {
		waitFor(t, "a look at the other server", func() bool {
			return strings.Contains(s.log.String(), "servers=2")
		})
	}
	passed := 0
	for range 100 {
		if status, _ := ask(t, "GET", f.url+"/scim/v2/acme/Users", acme.Token, ""); status == 200 {
			passed++
		}
	}
	if passed < 38 || passed > 42 {
		t.Errorf("%d requests passed, want 40", passed)
	}
}

// Of servers that start together, one makes the link for the first Owner, and the link stays valid.
func TestServersMakeOneFirstLink(t *testing.T) {
	if bridges() < 2 {
		return // it needs a database
	}
	t.Parallel()
	f := startFleet(t, map[string]string{"api.enabled": "true"})
	var links []string
	for _, s := range f.members {
		link, err := s.app.FirstLink(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if link.URL != "" {
			links = append(links, link.URL)
		}
	}
	if len(links) != 1 {
		t.Fatalf("%d servers made a link", len(links))
	}
	_, secret, _ := strings.Cut(links[0], "/links/")
	got, err := network(f.members[1]).UseLink(t.Context(), secret, wire.LinkUse{Password: "correct horse battery", Email: "ada@msp.example", FirstName: "Ada", LastName: "L"})
	if err != nil || got.Role != "owner" {
		t.Errorf("the link on the other server: %+v, %v", got, err)
	}
}
