package pull

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"drawbridge/bridge"
	"drawbridge/directory"
	"drawbridge/google"
	"drawbridge/scim"
)

// run is one run of one connection.
type run struct {
	s      *Service
	own    directory.Principal // the connection in its tenant
	bridge *bridge.Service     // the bridge for the writes: that of the copies while the connection is observed (C9)
	p      directory.Principal // the connection there
	before directory.PullState
	read   bool // the snapshot was complete, and the plan made
	refuse bool // a write beyond the seats is refused (B2)

	mu     sync.Mutex // new people are written at the same time
	result Result
	state  directory.PullState
	ids    map[string]directory.ID // of records, by Google's ids
	extra  int                     // seats that the writes of a preview would take so far
	given  map[string]*userChange  // userNames that the writes of a preview would give so far, and to whom
	freed  map[string]bool         // userNames that they would take from people so far
}

// do reads, plans and applies. The error is a Void, or what stopped the run.
func (r *run) do(ctx context.Context) error {
	if err := r.secondDirectory(ctx, r.p.Connection.Google.Customer); err != nil {
		return err
	}
	client, err := r.s.client(ctx, r.own, r.note, 0)
	if err != nil {
		return &Void{Reason: sentenceOf(err), Err: err}
	}
	plan, err := r.plan(ctx, client)
	if err != nil {
		var v *Void
		if errors.As(err, &v) {
			return err
		}
		return &Void{Reason: sentenceOf(err), Err: err}
	}
	r.read = true
	return r.apply(ctx, plan)
}

// plan reads a complete snapshot and compares it.
func (r *run) plan(ctx context.Context, client *google.Client) (*plan, error) {
	snap, err := read(ctx, client, r.p.Connection.Google)
	if err != nil {
		return nil, err
	}
	if err := r.secondDirectory(ctx, snap.customer); err != nil {
		return nil, err
	}
	managed, err := r.bridge.Pulls().Managed(ctx, r.p)
	if err != nil {
		return nil, err
	}
	r.before = managed.State
	r.result.Seats, r.refuse = managed.Seats, managed.Refuses
	r.result.Seats.After = r.result.Seats.Before
	p := &planner{now: r.s.cfg.Now().UTC(), c: r.p.Connection, snap: snap, managed: &managed, gone: map[string]bool{}}
	p.index()
	if err := p.plausible(); err != nil {
		return nil, err
	}
	if err := ask(ctx, client, p); err != nil {
		return nil, err
	}
	if err := p.plausibleGroups(); err != nil {
		return nil, err
	}
	if err := r.prepare(ctx, p); err != nil {
		return nil, err
	}
	out := p.make()
	out.count.Duplicates = snap.duplicates
	r.ids = map[string]directory.ID{}
	for id, u := range p.users {
		if !u.Gone() {
			r.ids[id] = u.ID
		}
	}
	for id, at := range p.known {
		r.ids[id] = managed.Groups[at].ID
	}
	return out, nil
}

// ask asks Google by id for all users and groups that are in no list. Any answer except "found" and "not found" voids the run.
func ask(ctx context.Context, client *google.Client, p *planner) error {
	for _, id := range p.absentUsers() {
		_, err := client.User(ctx, id)
		if p.gone[id] = google.IsKind(err, google.NotThere); err != nil && !p.gone[id] {
			return err
		}
	}
	if !p.snap.all {
		return nil
	}
	for _, id := range p.absentGroups() {
		_, err := client.Group(ctx, id)
		if p.gone[id] = google.IsKind(err, google.NotThere); err != nil && !p.gone[id] {
			return err
		}
	}
	return nil
}

// prepare reads what the plan needs of the tenant: its schemas, and who has the names of new people.
func (r *run) prepare(ctx context.Context, p *planner) error {
	catalog, err := scim.NewCatalog(p.managed.Schemas)
	if err != nil {
		return &directory.Error{Code: directory.Internal, Message: "the schemas of this tenant cannot be read", Err: err}
	}
	addresses := map[string]string{}
	for _, u := range p.snap.users {
		if known := p.users[u.ID]; known != nil && !known.Gone() {
			addresses[directory.Fold(u.PrimaryEmail)] = known.ID.String()
			for _, alias := range u.Aliases {
				addresses[directory.Fold(alias)] = known.ID.String()
			}
		}
	}
	p.render = renderer{catalog: catalog, managers: func(address string) string { return addresses[directory.Fold(address)] }}
	var people, teams []string
	p.named = func(draft directory.UserDraft) string { return r.bridge.Pulls().MappedName(r.p, draft) }
	for _, u := range p.snap.users {
		if p.users[u.ID] != nil {
			continue
		}
		name := u.PrimaryEmail
		if p.c.AttributeMapping.Sets(directory.TargetUserName) {
			if draft, err := p.render.user(u); err == nil {
				name = p.named(draft)
			}
		}
		people = append(people, name)
	}
	p.name()
	for id, title := range p.titles {
		if _, known := p.known[id]; !known {
			teams = append(teams, title)
		}
	}
	p.names, p.teams, err = r.bridge.Pulls().Namesakes(ctx, r.p, people, teams)
	return err
}

// secondDirectory voids a run that reads the same directory as another connection of the tenant, because both would write every person (L9).
func (r *run) secondDirectory(ctx context.Context, customer string) error {
	if customer == "" || customer == "my_customer" || r.p.Connection.Google.Query != "" {
		return nil
	}
	others, err := r.s.cfg.Bridge.Pulls().Directories(ctx, r.own)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(others)) {
		if others[id] == customer {
			return void("connection %s reads the Google account %s already: disconnect one of the two, or limit both to different people with the setting google.query", id, customer)
		}
	}
	return nil
}

// finish records how the run ended: for the health of the connection, the journal and the next run.
func (r *run) finish(ctx context.Context, err error) {
	res := &r.result
	var v *Void
	switch {
	case err == nil:
		res.Outcome = Complete
	case errors.As(err, &v):
		res.Outcome, res.Reason = Voided, v.Reason+"; nothing was changed"
	default:
		res.Outcome, res.Reason = Stopped, sentenceOf(err)+"; the next run goes on"
	}
	if res.Preview {
		return
	}
	if !r.read { // a void run keeps the state of the previous one
		old, e := r.bridge.Pulls().State(ctx, r.p)
		if e != nil {
			r.s.cfg.Logger.WarnContext(ctx, "what the last run remembered cannot be read", "connection", res.Connection, "error", e)
			return
		}
		r.state = old
	}
	r.state.Failed = res.Reason
	if e := r.bridge.Pulls().SaveState(ctx, r.p, r.state); e != nil && err == nil {
		err = e
		res.Outcome, res.Reason = Stopped, sentenceOf(e)+"; the next run goes on"
	}
	if err != nil {
		r.s.cfg.Bridge.Failure(r.own, res.Reason)
		r.s.cfg.Logger.WarnContext(ctx, "a run of a connection failed", "connection", res.Connection, "tenant", res.Tenant, "outcome", string(res.Outcome), "reason", res.Reason)
	} else {
		if res.Count.Refused > 0 {
			r.s.cfg.Bridge.Failure(r.own, fmt.Sprintf("%d of its writes were refused by a rule; the first: %s", res.Count.Refused, r.firstRefusal()))
		}
		r.s.cfg.Bridge.Success(r.own)
	}
	r.journal()
}

func (r *run) firstRefusal() string {
	for i := range r.result.Items {
		if item := &r.result.Items[i]; item.Refused {
			return item.Name + ": " + item.Detail
		}
	}
	return ""
}

// note counts the requests to Google, and journals those that failed (C12).
func (r *run) note(a google.Attempt) {
	r.result.Requests++
	if a.Err == nil {
		return
	}
	path := a.URL
	if u, err := url.Parse(a.URL); err == nil { // a page token is a minor secret of Google
		q := u.Query()
		if q.Has("pageToken") {
			q.Set("pageToken", scim.Masked)
			u.RawQuery = q.Encode()
		}
		path = u.String()
	}
	r.s.cfg.Note(&directory.Exchange{
		Time: a.Began, Tenant: r.own.Tenant, Connection: r.own.Connection.ID, Observed: r.result.Observed, Request: r.p.Request, Method: a.Method, Path: path, Operation: "pull.read",
		Status: a.Status, Took: a.Took, Effect: directory.Broken, Why: directory.Truncate(sentenceOf(a.Err), 1000),
	})
}

// journal notes the run as one exchange.
func (r *run) journal() {
	res := &r.result
	status, effect := http.StatusOK, directory.ReadOnly
	done := doneLines(res.Items)
	switch {
	case res.Outcome == Voided:
		status, effect = http.StatusBadGateway, directory.Broken
	case res.Outcome == Stopped:
		status, effect = http.StatusServiceUnavailable, directory.Broken
	case len(done) > 0:
		effect = directory.Changed
	}
	answer, err := json.Marshal(map[string]any{"outcome": res.Outcome, "requests": res.Requests, "counts": res.Count})
	if err != nil {
		answer = nil
	}
	e := directory.Exchange{
		Time: res.Started, Tenant: res.Tenant, Connection: res.Connection, Observed: res.Observed, Request: r.p.Request, Method: "PULL", Path: "/connections/" + string(res.Connection) + "/sync",
		Operation: "pull.run", Status: status, Took: res.Took, Answer: answer, AnswerSize: len(answer), Effect: effect, Why: directory.Truncate(res.Reason, 1000), Done: done,
	}
	if len(e.Done) > 6 {
		e.Done, e.More = e.Done[:6], len(e.Done)-6
	}
	r.s.cfg.Note(&e)
}

func doneLines(items []Item) []string {
	var out []string
	for _, item := range items {
		if !item.Refused && !item.Held && item.ID != "" && !strings.HasSuffix(item.Action, ".skip") {
			out = append(out, strings.TrimSpace(item.Action+" "+item.Kind+" "+item.ID))
		}
	}
	return out
}

// write notes a write in the journal: the request that a push would have sent, and its answer.
func (r *run) write(item Item, body directory.Document, began time.Time, err error) {
	if r.result.Preview {
		return
	}
	status, effect := http.StatusOK, directory.Changed
	if err != nil {
		status, effect = http.StatusConflict, directory.Denied
	}
	e := directory.Exchange{
		Time: began, Tenant: r.own.Tenant, Connection: r.own.Connection.ID, Observed: r.result.Observed, Request: r.p.Request, Method: "PULL", Path: "/" + item.Kind + "s/" + item.ID, Operation: item.Action,
		Body: body, BodySize: len(body), Status: status, Took: r.s.cfg.Now().Sub(began), Effect: effect,
	}
	if err != nil {
		e.Why, e.Rule = directory.Truncate(sentenceOf(err), 1000), ruleOf(err)
	} else {
		e.Done = []string{item.Action + " " + item.Kind + " " + item.ID}
	}
	r.s.cfg.Note(&e)
}

func ruleOf(err error) directory.Rule {
	var e *directory.Error
	if errors.As(err, &e) {
		return e.Rule
	}
	return ""
}
