package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"drawbridge/console/client"
	"drawbridge/console/wire"
	"drawbridge/directory"
)

// restarted is a server that is killed and started again on the same data.
type restarted struct {
	*process
	data string
	env  []string
}

// killedWhile lets work run, kills the server in the middle of it, and starts it again. Requests that were not answered are no failures.
func (r *restarted) killedWhile(t *testing.T, patience time.Duration, work func(*client.Client) error) {
	t.Helper()
	operator := r.operator
	began := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		close(began)
		_ = work(operator)
	})
	<-began
	time.Sleep(time.Duration(rand.Int64N(int64(patience))))
	_ = r.end(t, syscall.SIGKILL)
	all.Wait()
	r.process = serve(t, r.data, r.env...)
}

// postPeople sends people to a connection, some at the same time.
func postPeople(t *testing.T, base, token string, names []string) {
	t.Helper()
	var all sync.WaitGroup
	for part := range slices.Chunk(names, max(1, len(names)/8)) {
		all.Go(func() {
			for _, name := range part {
				if status, text := ask(t, "POST", base+"/Users", token, person(name)); status != 201 {
					t.Errorf("%s: %d %s", name, status, text)
				}
			}
		})
	}
	all.Wait()
}

// managers counts the users of a tenant by the connection that manages them.
func managers(t *testing.T, c *client.Client, tenant string) string {
	t.Helper()
	count := map[string]int{}
	for after := ""; ; {
		page := ok[wire.Page[wire.User]](t)(c.Users(t.Context(), tenant, client.List{Limit: 200, Cursor: after}))
		for i := range page.Items {
			count[page.Items[i].Connection]++
		}
		if after = page.Next; after == "" {
			return fmt.Sprint(count)
		}
	}
}

// TestKilledTransferIsCompleted kills the server with -9 in the middle of a transfer and of its undoing. The next process completes it, and
// moves exactly the users that the preview counted, each once.
func TestKilledTransferIsCompleted(t *testing.T) {
	t.Parallel()
	r := &restarted{data: shortDir(t)}
	r.process = serve(t, r.data)
	old := makeTenant(t, r.operator, "acme", "okta", 0)
	ok[wire.Issued](t)(r.operator.CreateConnection(t.Context(), wire.ConnectionCreate{Tenant: "acme", Slug: "acme-entra", Type: "entra"}))
	const people = 420
	names := make([]string, people)
	for i := range names {
		names[i] = fmt.Sprintf("u%03d@acme.example", i)
	}
	postPeople(t, r.base(t, "acme"), old.Token, names)
	scope := wire.TransferScope{To: "acme-entra", All: true}
	settle := func() wire.Transfer {
		t.Helper()
		ok[wire.JobReport](t)(r.operator.RunJob(t.Context(), "transfer", false))
		list := ok[wire.Page[wire.Transfer]](t)(r.operator.Transfers(t.Context(), "acme"))
		if len(list.Items) == 0 {
			return wire.Transfer{}
		}
		return list.Items[0]
	}
	kills, lines := 0, 0
	for range 4 {
		plan := ok[wire.TransferPlan](t)(r.operator.PreviewTransfer(t.Context(), "acme", scope))
		before := settle().ID
		begin := func(c *client.Client) error {
			_, err := c.StartTransfer(t.Context(), "acme", wire.TransferStart{TransferScope: scope, Digest: plan.Digest})
			return err
		}
		r.killedWhile(t, 60*time.Millisecond, begin)
		kills++
		done := settle()
		if done.ID == before { // it was killed before the first transaction
			if got, want := managers(t, r.operator, "acme"), fmt.Sprintf("map[acme:%d]", people); got != want {
				t.Fatalf("a transfer that did not begin: %s, want %s", got, want)
			}
			if err := begin(r.operator); err != nil {
				t.Fatal(err)
			}
			done = settle()
		}
		if got, want := managers(t, r.operator, "acme"), fmt.Sprintf("map[acme-entra:%d]", people); got != want || !done.Done || done.Moved != plan.Users || len(done.Left) > 0 {
			t.Fatalf("previewed %d, the transfer is %+v, managed by %s", plan.Users, done, got)
		}
		r.killedWhile(t, 60*time.Millisecond, func(c *client.Client) error {
			_, err := c.UndoTransfer(t.Context(), "acme", done.ID)
			return err
		})
		kills++
		if undone := settle(); undone.Phase != "undone" {
			ok[wire.Transfer](t)(r.operator.UndoTransfer(t.Context(), "acme", done.ID))
		}
		if got, want := managers(t, r.operator, "acme"), fmt.Sprintf("map[acme:%d]", people); got != want {
			t.Fatalf("after the undoing: %s, want %s", got, want)
		}
		lines += people
	}
	for _, action := range []string{"user.transfer", "user.transfer_undo"} {
		found, before := 0, uint64(0)
		for {
			page := ok[wire.AuditFound](t)(r.operator.SearchAudit(t.Context(), "acme", client.AuditSearch{Action: action, Limit: 1000, Before: before}))
			found += len(page.Items)
			if before = page.Next; before == 0 {
				break
			}
		}
		if found != lines {
			t.Errorf("%d lines %s, want %d", found, action, lines)
		}
	}
	t.Logf("%d kills", kills)
}

// TestKilledPromotionIsCompleted kills the server with -9 in the middle of starting observe mode, and in the middle of promotions. In the
// end, exactly the previewed difference is promoted.
func TestKilledPromotionIsCompleted(t *testing.T) {
	t.Parallel()
	r := &restarted{data: shortDir(t)}
	r.process = serve(t, r.data)
	okta := makeTenant(t, r.operator, "acme", "okta", 0)
	names := func(round, n int) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprintf("r%d-%03d@acme.example", round, i))
		}
		return out
	}
	want := 60
	postPeople(t, r.base(t, "acme"), okta.Token, names(0, want))
	for round := 1; round <= 3; round++ {
		observe := func(c *client.Client) error {
			_, err := c.StartObservation(t.Context(), "acme", wire.ObservationStart{})
			return err
		}
		r.killedWhile(t, 40*time.Millisecond, observe)
		o, err := r.operator.Observation(t.Context(), "acme")
		if err != nil || !o.Ready { // not begun, or the copy was interrupted: the same command completes it
			if err := observe(r.operator); err != nil {
				t.Fatal(err)
			}
		}
		if o := ok[wire.Observation](t)(r.operator.Observation(t.Context(), "acme")); !o.Ready || o.Changes != 0 {
			t.Fatalf("before the first write: %+v", o)
		}
		postPeople(t, r.base(t, "acme"), okta.Token, names(round, 80))
		o = ok[wire.Observation](t)(r.operator.Observation(t.Context(), "acme"))
		if o.Changes != 80 {
			t.Fatalf("the difference is %+v", o)
		}
		promise := ok[wire.Page[wire.ObservedChange]](t)(r.operator.ObservedChanges(t.Context(), "acme"))
		r.killedWhile(t, 60*time.Millisecond, func(c *client.Client) error {
			_, err := c.Promote(t.Context(), "acme", o.Digest)
			return err
		})
		c := ok[wire.Connection](t)(r.operator.Connection(t.Context(), "acme"))
		if c.Observing != nil && c.Observing.Promoting {
			ok[wire.JobReport](t)(r.operator.RunJob(t.Context(), "observe", false))
		} else if c.Observing != nil { // killed before it began
			ok[wire.Promotion](t)(r.operator.Promote(t.Context(), "acme", o.Digest))
		}
		if c = ok[wire.Connection](t)(r.operator.Connection(t.Context(), "acme")); c.Observing != nil {
			t.Fatalf("round %d: the connection is still observed: %+v", round, c.Observing)
		}
		want += 80
		if got := managers(t, r.operator, "acme"); got != fmt.Sprintf("map[acme:%d]", want) {
			t.Fatalf("round %d: %s, want %d", round, got, want)
		}
		for _, change := range promise.Items {
			if u, err := r.operator.User(t.Context(), "acme", change.ID); err != nil || !strings.EqualFold(u.UserName, change.Name) {
				t.Errorf("the difference said %+v, and there is %+v, %v", change, u, err)
			}
		}
	}
}

// goesOn repeats what the server that was killed keeps from being done, until its lease is over.
func goesOn(t *testing.T, what string, do func() error) {
	t.Helper()
	for deadline := time.Now().Add(90 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		err := do()
		if err == nil {
			return
		}
		if client.CodeOf(err) != string(directory.Conflict) || time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// TestOtherServerContinuesAfterAKill kills one of two servers on one database with -9 in the middle of a transfer, of its undoing, of
// starting observe mode, and of a promotion. The other server continues each, and moves or promotes exactly what was previewed.
func TestOtherServerContinuesAfterAKill(t *testing.T) {
	if bridges() < 2 {
		return // it needs a database
	}
	t.Parallel()
	env := []string{"DRAWBRIDGE_STORE_URL=" + database.Database(t), "DRAWBRIDGE_STORE_OBSERVE_URL=" + database.Database(t), "DRAWBRIDGE_SHUTDOWN_DELAY=1ms"}
	r := &restarted{data: shortDir(t), env: env}
	r.process = serve(t, r.data, env...)
	other := serve(t, shortDir(t), env...)
	okta := makeTenant(t, other.operator, "acme", "okta", 0)
	ok[wire.Issued](t)(other.operator.CreateConnection(t.Context(), wire.ConnectionCreate{Tenant: "acme", Slug: "acme-entra", Type: "entra"}))
	names := func(kind string, n int) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprintf("%s%03d@acme.example", kind, i))
		}
		return out
	}
	postPeople(t, other.base(t, "acme"), okta.Token, names("u", 250))

	scope := wire.TransferScope{To: "acme-entra", All: true}
	plan := ok[wire.TransferPlan](t)(other.operator.PreviewTransfer(t.Context(), "acme", scope))
	begin := func(c *client.Client) error {
		_, err := c.StartTransfer(t.Context(), "acme", wire.TransferStart{TransferScope: scope, Digest: plan.Digest})
		return err
	}
	newest := func() (v wire.Transfer) {
		ok[wire.JobReport](t)(other.operator.RunJob(t.Context(), "transfer", false))
		if list := ok[wire.Page[wire.Transfer]](t)(other.operator.Transfers(t.Context(), "acme")); len(list.Items) > 0 {
			v = list.Items[0]
		}
		return v
	}
	r.killedWhile(t, 400*time.Millisecond, begin)
	if newest().ID == "" { // it was killed before the first transaction
		goesOn(t, "the transfer", func() error { return begin(other.operator) })
	}
	done := newest()
	if got := managers(t, other.operator, "acme"); got != "map[acme-entra:250]" || !done.Done || done.Moved != plan.Users || len(done.Left) > 0 {
		t.Fatalf("previewed %d, the transfer is %+v, managed by %s", plan.Users, done, got)
	}
	undo := func(c *client.Client) error {
		_, err := c.UndoTransfer(t.Context(), "acme", done.ID)
		return err
	}
	r.killedWhile(t, 400*time.Millisecond, undo)
	if newest().Phase != "undone" {
		goesOn(t, "the undoing", func() error { return undo(other.operator) })
	}
	if got := managers(t, other.operator, "acme"); got != "map[acme:250]" {
		t.Fatalf("after the undoing: %s", got)
	}
	observationContinues(t, r, other, func() { postPeople(t, other.base(t, "acme"), okta.Token, names("v", 120)) })
}

// observationContinues kills a server while it copies a tenant and while it promotes what writes changed in the copy.
func observationContinues(t *testing.T, r *restarted, other *process, writes func()) {
	t.Helper()
	observe := func(c *client.Client) error {
		_, err := c.StartObservation(t.Context(), "acme", wire.ObservationStart{})
		return err
	}
	r.killedWhile(t, 150*time.Millisecond, observe)
	if o, err := other.operator.Observation(t.Context(), "acme"); err != nil || !o.Ready {
		goesOn(t, "the copy", func() error { // the job may be faster
			if o, err := other.operator.Observation(t.Context(), "acme"); err == nil && o.Ready {
				return nil
			}
			return observe(other.operator)
		})
	}
	writes()
	o := ok[wire.Observation](t)(r.operator.Observation(t.Context(), "acme"))
	promise := ok[wire.Page[wire.ObservedChange]](t)(other.operator.ObservedChanges(t.Context(), "acme"))
	if !o.Ready || o.Changes != 120 {
		t.Fatalf("the difference is %+v", o)
	}
	promote := func(c *client.Client) error {
		_, err := c.Promote(t.Context(), "acme", o.Digest)
		return err
	}
	r.killedWhile(t, 400*time.Millisecond, promote)
	goesOn(t, "the promotion", func() error {
		if c := ok[wire.Connection](t)(other.operator.Connection(t.Context(), "acme")); c.Observing == nil {
			return nil
		}
		return promote(other.operator)
	})
	if c := ok[wire.Connection](t)(r.operator.Connection(t.Context(), "acme")); c.Observing != nil {
		t.Fatalf("the connection is still observed: %+v", c.Observing)
	}
	if got := managers(t, r.operator, "acme"); got != "map[acme:370]" {
		t.Fatalf("promoted: %s", got)
	}
	for _, change := range promise.Items {
		if u, err := r.operator.User(t.Context(), "acme", change.ID); err != nil || !strings.EqualFold(u.UserName, change.Name) {
			t.Errorf("the difference said %+v, and there is %+v, %v", change, u, err)
		}
	}
}
