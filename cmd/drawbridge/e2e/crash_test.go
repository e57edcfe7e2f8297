package e2e

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"drawbridge/console/client"
	"drawbridge/scim/emulator"
)

// TestKillLosesNoAcknowledgedWrite kills the server with -9 under load, again and again. No acknowledged write may be missing, and no half
// write visible: the indexes, the counts, the memberships and the events must agree with the records.
func TestKillLosesNoAcknowledgedWrite(t *testing.T) {
	t.Parallel()
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	data := shortDir(t)
	p := serve(t, data)
	issued := makeTenant(t, p.operator, "acme", "okta", 0)
	load := newLoad(issued.Token, 6)
	for round := range rounds {
		load.run(t, p.base(t, "acme"), time.Duration(80+rand.IntN(250))*time.Millisecond, func() { _ = p.end(t, syscall.SIGKILL) })
		p = serve(t, data)
		load.verify(t, p, fmt.Sprintf("after kill %d", round+1))
	}
	t.Logf("%d writes were acknowledged over %d kills", load.acknowledged, rounds)
	if err := p.end(t, syscall.SIGTERM); err != nil {
		t.Errorf("stop: %v\n%s", err, p.out)
	}
}

// TestGracefulStopLosesNothing stops the server under load. Every answered write is stored, and the process exits with 0.
func TestGracefulStopLosesNothing(t *testing.T) {
	t.Parallel()
	data := shortDir(t)
	p := serve(t, data)
	issued := makeTenant(t, p.operator, "acme", "okta", 0)
	load := newLoad(issued.Token, 6)
	load.run(t, p.base(t, "acme"), 200*time.Millisecond, func() {
		if err := p.end(t, syscall.SIGTERM); err != nil {
			t.Errorf("the server ended with %v\n%s", err, p.out)
		}
	})
	p = serve(t, data)
	load.verify(t, p, "after a graceful stop")
}

// load is a set of writers, each with people and a group of its own.
type load struct {
	token        string
	writers      []*writer
	acknowledged int
	cut          atomic.Int32 // writers of the run that a request ended which was not answered, or with 503
}

// writer sends one write after the other and records which were acknowledged. Only the outcome of the last one can be unknown.
type writer struct {
	name   string
	client *emulator.Client
	base   string       // where it writes; "": where the others do
	done   atomic.Int32 // acknowledged writes of the run
	made   int
	people map[string]*wanted // by userName
	group  string             // id
	doubt  func(*wanted)      // what the write in doubt would have changed
	who    string             // whom
}

// wanted is the state that a user must have.
type wanted struct {
	id     string // "" while the POST is in doubt
	title  string
	active bool
	member bool
}

func newLoad(token string, writers int) *load {
	l := &load{token: token}
	for i := range writers {
		l.writers = append(l.writers, &writer{name: fmt.Sprintf("w%d", i), people: map[string]*wanted{}})
	}
	return l
}

// eachWrites is how many acknowledged writes of every writer a run waits for, so that its result does not depend on
// the speed of the machine.
const eachWrites = 8

// run lets all writers write for a time, and until each has written something, then calls end while they still do.
func (l *load) run(t *testing.T, base string, duration time.Duration, end func()) {
	t.Helper()
	l.cut.Store(0)
	var over atomic.Bool
	var all sync.WaitGroup
	var mu sync.Mutex
	warm := make(chan struct{}, len(l.writers))
	for _, w := range l.writers {
		w.done.Store(0)
		w.client = &emulator.Client{Base: cmp.Or(w.base, base), Auth: emulator.Bearer(l.token), HTTP: emulator.NewHTTPClient(10*time.Second, nil), Header: http.Header{"Content-Type": {"application/scim+json"}}}
		all.Go(func() {
			for !over.Load() {
				if !w.write(t.Context(), t) {
					l.cut.Add(1)
					break
				}
				if w.done.Add(1) == eachWrites {
					warm <- struct{}{}
				}
			}
			mu.Lock()
			l.acknowledged += int(w.done.Load())
			mu.Unlock()
		})
	}
	time.Sleep(duration)
	if !allArrive(warm, len(l.writers)) {
		t.Errorf("not every writer had %d writes acknowledged within a minute", eachWrites)
	}
	end()
	over.Store(true) // what is under way is answered: a server may do it also when its client went away, and then while the result is looked at
	all.Wait()
}

// writeMore waits until each of some writers has had a few more writes acknowledged.
func writeMore(t *testing.T, writers []*writer) {
	t.Helper()
	for _, w := range writers {
		enough := w.done.Load() + eachWrites
		waitFor(t, "more writes of "+w.name, func() bool { return w.done.Load() >= enough })
	}
}

// allArrive waits a minute at most for n arrivals.
func allArrive(c <-chan struct{}, n int) bool {
	patience := time.After(time.Minute)
	for range n {
		select {
		case <-c:
		case <-patience:
			return false
		}
	}
	return true
}

// write sends one write. It returns false if the server does not answer.
func (w *writer) write(ctx context.Context, t *testing.T) bool {
	send := func(method, path, body string, want ...int) (emulator.RoundTrip, bool) {
		ex := w.client.Do(ctx, method, path, nil, []byte(body))
		if ex.Err != nil || ex.Status == http.StatusServiceUnavailable {
			return ex, false
		}
		for _, status := range want {
			if ex.Status == status {
				return ex, true
			}
		}
		t.Errorf("%s %s: %d %s", method, path, ex.Status, ex.Answer.Body)
		return ex, false
	}
	idOf := func(ex emulator.RoundTrip) string {
		var body struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(ex.Answer.Body, &body); err != nil {
			t.Errorf("%s: %v", ex.Answer.Body, err)
		}
		return body.ID
	}
	if w.group == "" {
		name := fmt.Sprintf("group of %s, attempt %d", w.name, w.made)
		w.made++
		ex, ok := send(http.MethodPost, "/Groups", `{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "`+name+`"}`, http.StatusCreated)
		if ok {
			w.group = idOf(ex)
		}
		return ok
	}
	if len(w.people) < 3 || rand.IntN(3) == 0 {
		w.made++
		name := fmt.Sprintf("%s-%d@acme.test", w.name, w.made)
		person := &wanted{title: "t0", active: true}
		w.people[name] = person
		w.who, w.doubt = name, func(*wanted) {}
		ex, ok := send(http.MethodPost, "/Users", `{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "`+name+`", "externalId": "x-`+name+`", "title": "t0"}`, http.StatusCreated)
		if ok {
			person.id, w.doubt = idOf(ex), nil
		}
		return ok
	}
	name, person := w.anybody()
	if person == nil {
		return true
	}
	var path, body string
	var change func(*wanted)
	switch rand.IntN(3) {
	case 0:
		title := fmt.Sprintf("t%d", rand.IntN(1000))
		path, change = "/Users/"+person.id, func(p *wanted) { p.title = title }
		body = `{"op": "replace", "path": "title", "value": "` + title + `"}`
	case 1:
		active := !person.active
		path, change = "/Users/"+person.id, func(p *wanted) { p.active = active }
		body = fmt.Sprintf(`{"op": "replace", "value": {"active": %t}}`, active)
	default:
		path = "/Groups/" + w.group
		if person.member {
			body, change = `{"op": "remove", "path": "members[value eq \"`+person.id+`\"]"}`, func(p *wanted) { p.member = false }
		} else {
			body, change = `{"op": "add", "path": "members", "value": [{"value": "`+person.id+`"}]}`, func(p *wanted) { p.member = true }
		}
	}
	w.who, w.doubt = name, change
	_, ok := send(http.MethodPatch, path, `{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [`+body+`]}`, http.StatusOK, http.StatusNoContent)
	if ok {
		change(person)
		w.doubt = nil
	}
	return ok
}

// anybody picks a person whose id is known.
func (w *writer) anybody() (string, *wanted) {
	for name, person := range w.people {
		if person.id != "" {
			return name, person
		}
	}
	return "", nil
}

// stored is a user as SCIM shows it.
type stored struct {
	ID       string `json:"id"`
	UserName string `json:"userName"`
	Title    string `json:"title"`
	Active   bool   `json:"active"`
	Groups   []struct {
		Value string `json:"value"`
	} `json:"groups"`
	Members []struct {
		Value string `json:"value"`
	} `json:"members"`
}

type listed struct {
	TotalResults int      `json:"totalResults"`
	Resources    []stored `json:"Resources"`
}

// inspection reads what a server has after a kill.
type inspection struct {
	*testing.T
	client *emulator.Client
	p      *process
	when   string
}

// get reads a resource, and returns the status.
func (t *inspection) get(path string, into any) int {
	ex := t.client.Do(t.Context(), http.MethodGet, path, nil, nil)
	if ex.Err != nil {
		t.Fatalf("%s: GET %s: %v\n%s", t.when, path, ex.Err, t.p.out)
	}
	if ex.Status == http.StatusOK {
		if err := json.Unmarshal(ex.Answer.Body, into); err != nil {
			t.Fatalf("%s: GET %s: %v", t.when, path, err)
		}
	}
	return ex.Status
}

// everybody walks through the list of users, by userName.
func (t *inspection) everybody() map[string]stored {
	all := map[string]stored{}
	total := 0
	for start := 1; ; {
		var page listed
		if status := t.get(fmt.Sprintf("/Users?startIndex=%d&count=200", start), &page); status != http.StatusOK {
			t.Fatalf("%s: the list answers %d", t.when, status)
		}
		total = page.TotalResults
		for _, u := range page.Resources {
			if _, twice := all[u.UserName]; twice {
				t.Errorf("%s: %s occurs twice in the list", t.when, u.UserName)
			}
			all[u.UserName] = u
		}
		if len(page.Resources) == 0 {
			break
		}
		start += len(page.Resources)
	}
	if total != len(all) {
		t.Errorf("%s: totalResults is %d, the walk gave %d", t.when, total, len(all))
	}
	return all
}

// members are the ids of a group, or none for the empty id.
func (t *inspection) members(group string) map[string]bool {
	inGroup := map[string]bool{}
	if group != "" {
		var g stored
		if status := t.get("/Groups/"+group, &g); status != http.StatusOK {
			t.Errorf("%s: group %s answers %d", t.when, group, status)
		}
		for _, m := range g.Members {
			inGroup[m.Value] = true
		}
	}
	return inGroup
}

// sameInIndexes compares what the indexes find with the record of a person.
func (t *inspection) sameInIndexes(name string, got stored) {
	var byName listed
	t.get("/Users?filter="+url.QueryEscape(`userName eq "`+name+`"`), &byName)
	var byExternal listed
	t.get("/Users?filter="+url.QueryEscape(`externalId eq "x-`+name+`"`), &byExternal)
	for _, found := range []listed{byName, byExternal} {
		if found.TotalResults != 1 || len(found.Resources) != 1 || found.Resources[0].ID != got.ID || found.Resources[0].Title != got.Title {
			t.Errorf("%s: an index of %s disagrees with the record: %+v, %+v", t.when, name, found, got)
		}
	}
}

// person compares a person with what the writer wants, and reports whether there is one. From here on the result of a write with an unknown outcome
// counts as right.
func (t *inspection) person(w *writer, name string, all map[string]stored, inGroup map[string]bool) bool {
	want := w.people[name]
	got, there := all[name]
	if want.id == "" && w.who == name {
		// The outcome of the POST is unknown: the user is missing or complete.
		if !there {
			delete(w.people, name)
			return false
		}
		want.id = got.ID
	}
	if !there {
		t.Errorf("%s: %s was acknowledged and is missing", t.when, name)
		return false
	}
	// The result of the write with the unknown outcome counts as right from here on, if it is one of the two.
	other := *want
	if w.doubt != nil && w.who == name {
		w.doubt(&other)
	}
	is := wanted{id: got.ID, title: got.Title, active: got.Active, member: inGroup[got.ID]}
	if is != *want && is != other {
		t.Errorf("%s: %s is %+v; it must be %+v or %+v", t.when, name, is, *want, other)
	}
	*want = is

	t.sameInIndexes(name, got)
	if member := len(got.Groups) > 0; member != inGroup[got.ID] {
		t.Errorf("%s: %s says groups %v, the group says %t", t.when, name, got.Groups, inGroup[got.ID])
	}
	return true
}

func (l *load) verify(t *testing.T, p *process, when string) {
	t.Helper()
	c := &emulator.Client{Base: p.base(t, "acme"), Auth: emulator.Bearer(l.token), HTTP: emulator.NewHTTPClient(10*time.Second, nil)}
	look := &inspection{T: t, client: c, p: p, when: when}
	all := look.everybody()
	active, known := 0, 0
	for _, u := range all {
		if u.Active {
			active++
		}
	}
	for _, w := range l.writers {
		inGroup := look.members(w.group)
		for name := range w.people {
			if look.person(w, name, all, inGroup) {
				known++
			}
		}
		w.doubt, w.who = nil, ""
	}
	if known != len(all) {
		t.Errorf("%s: %d users are there, %d were ever asked for", when, len(all), known)
	}

	seats, err := p.operator.Seats(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	if seats.Occupied != active || seats.Users["active"] != active || seats.Users["suspended"] != len(all)-active {
		t.Errorf("%s: %d of %d users are active; the counts say %+v", when, active, len(all), seats)
	}
	checkFeed(t, p.operator, "acme", when)
}

// checkFeed demands that the numbers of the events have no gap.
func checkFeed(t *testing.T, operator *client.Client, tenant, when string) {
	t.Helper()
	for i, e := range events(t, operator, tenant, 0) {
		if e.Seq != uint64(i)+1 {
			t.Errorf("%s: event %d has the number %d", when, i+1, e.Seq)
			return
		}
	}
}
