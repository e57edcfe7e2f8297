package txn

import (
	"context"
	"errors"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
)

// Config is what a Runner needs. Everything but Refused is required.
type Config struct {
	Store store.Store
	Now   func() time.Time
	NewID func() directory.ID // time-ordered: a later ID sorts after an earlier one
	// Refused is called for every rule that refused a write of a tenant, or a part of it, after the refusal was recorded. It must not block.
	Refused func(directory.TenantID, directory.Rule)
}

// Runner runs units of work on one store. Every service on the store shares it. It is safe for concurrent use.
type Runner struct {
	store   store.Store
	now     func() time.Time
	newID   func() directory.ID
	refused func(directory.TenantID, directory.Rule)
	want    *store.Want // records that the next unit of work will probably read
}

// New makes a Runner.
func New(cfg Config) *Runner {
	r := &Runner{store: cfg.Store, now: cfg.Now, newID: cfg.NewID, refused: cfg.Refused}
	if r.refused == nil {
		r.refused = func(directory.TenantID, directory.Rule) {}
	}
	return r
}

// Store is the store that the Runner works on.
func (r *Runner) Store() store.Store { return r.store }

// Instant is the present time as records keep it: UTC, whole microseconds.
func (r *Runner) Instant() time.Time { return r.now().UTC().Truncate(time.Microsecond) }

// NewID makes an ID for a record that is made outside of Run.
func (r *Runner) NewID() directory.ID { return r.newID() }

// Expecting gives a Runner for a unit of work that will probably read the records that want names.
func (r *Runner) Expecting(want *store.Want) *Runner {
	expecting := *r
	expecting.want = want
	return &expecting
}

// View runs read on a snapshot of a tenant.
func (r *Runner) View(ctx context.Context, tenant directory.TenantID, read func(store.Reader) error) error {
	return r.store.View(ctx, tenant, r.want, read)
}

// Begin gives a Tx on a reader that Run did not open: for a preview, or for a Change that the store commits in another way.
func (r *Runner) Begin(reader store.Reader, p directory.Principal, now time.Time) *Tx {
	return &Tx{Reader: reader, Principal: p, Now: now, newID: r.newID, cause: cause(p, now)}
}

// Run runs decide on the tenant of p and commits the Change that it made, all of it or nothing. The store may run decide more than once.
//
// If decide returns a Refusal, the record of the refusal is committed instead, and the caller gets the error of the rule. Any other
// error is returned as it is and nothing is written. After decide, and after a refusal too, Run calls the steps in their order; the
// first error of a step ends the transaction, and nothing is written. A request that was done before is not done again: see AlreadyDone.
//
// If the Report of p wants a dry run, decide and the steps run on a snapshot, and nothing is written or recorded.
func (r *Runner) Run(ctx context.Context, p directory.Principal, decide func(*Tx) error, after ...func(*Tx) error) error {
	if p.Report.Dry() {
		return r.dryRun(ctx, p, decide, after)
	}
	ids := idSource{make: r.newID}
	now := r.Instant()
	var done *Tx
	err := r.store.Update(ctx, p.Tenant, r.want, func(reader store.Reader) (directory.Change, error) {
		ids.rewind()
		done = &Tx{Reader: reader, Principal: p, Now: now, newID: ids.next, cause: cause(p, now)}
		if err := done.run(decide, after); err != nil {
			return directory.Change{}, err
		}
		return done.Change, nil
	})
	if err != nil {
		return r.claimed(ctx, p, err)
	}
	p.Report.Note(&done.Change)
	return r.report(p, done)
}

// dryRun makes the Change of a decision and drops it.
func (r *Runner) dryRun(ctx context.Context, p directory.Principal, decide func(*Tx) error, after []func(*Tx) error) error {
	want := store.Want{}
	if r.want != nil {
		want = *r.want
	}
	want.Connections = true // which the steps read
	var done *Tx
	err := r.store.View(ctx, p.Tenant, &want, func(reader store.Reader) error {
		done = r.Begin(reader, p, r.Instant())
		if err := done.run(decide, after); err != nil {
			return err
		}
		if done.refusal != nil {
			return done.refusal.No.Err()
		}
		return nil
	})
	if err == nil {
		p.Report.Note(&done.Change)
	}
	return err
}

// run makes the Change.
func (t *Tx) run(decide func(*Tx) error, after []func(*Tx) error) error {
	err := alreadyDone(t.Reader, t.Principal, t.Now)
	if err == nil {
		err = decide(t)
	}
	if err == nil {
		err = t.recordRequest()
	}
	if errors.As(err, &t.refusal) {
		t.recordRefusal()
		err = nil
	}
	for i := 0; err == nil && i < len(after); i++ {
		err = after[i](t)
	}
	if err == nil {
		t.stampVersions()
	}
	return err
}

// report tells the metrics and the request what was committed, and returns the error of the rule that refused.
func (r *Runner) report(p directory.Principal, t *Tx) error {
	if t.refusal != nil {
		p.Trace.Refused(t.refusal.No.Rule)
		r.refused(p.Tenant, t.refusal.No.Rule)
		return t.refusal.No.Err()
	}
	if t.heldBack != "" {
		p.Trace.Refused(t.heldBack)
		r.refused(p.Tenant, t.heldBack)
	}
	for i := range t.Change.Audit {
		if t.Change.Audit[i].Outcome == directory.Done {
			p.Trace.Add(t.Change.Audit[i].Action, t.Change.Audit[i].Subject)
		}
	}
	return nil
}

// idSource gives every run of a decision the same ids in the same order.
type idSource struct {
	make func() directory.ID
	made []directory.ID
	used int
}

func (s *idSource) rewind() { s.used = 0 }

func (s *idSource) next() directory.ID {
	if s.used == len(s.made) {
		s.made = append(s.made, s.make())
	}
	s.used++
	return s.made[s.used-1]
}
