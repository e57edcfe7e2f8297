package record

import (
	"context"
	"errors"

	"drawbridge/bridge/sharing"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// Trimmed says what Trim removed from one tenant, or would remove.
type Trimmed struct {
	Tenant     directory.TenantID // directory.Provider: the installation itself
	Events     int                // forgotten (E2)
	Tombstones int                // reduced to the id and the times (D6)
}

// trimPiece is how much one transaction of Trim removes, so that no other write waits long.
const trimPiece = 500

// Trim removes the events that are older than the tenant's setting, the oldest first and never the last one, and reduces tombstones after
// their grace time. It works in small pieces, each with an audit line. After an interrupted run, the next run continues. With RunDry
// nothing is written. NotFound.
func (s *Service) Trim(ctx context.Context, p directory.Principal, tenant directory.TenantID, how directory.Run) (Trimmed, error) {
	out := Trimmed{Tenant: tenant}
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return out, err
	}
	at := pruning{s: s, p: p, how: how}
	if s.archive == nil { // otherwise they move to the archive
		if out.Events, err = at.events(ctx); err != nil {
			return out, err
		}
	}
	out.Tombstones, err = at.tombstones(ctx)
	return out, err
}

// TrimAll trims the installation and every tenant in the caller's scope. A tenant that fails does not stop the others.
func (s *Service) TrimAll(ctx context.Context, p directory.Principal, how directory.Run) ([]Trimmed, error) {
	if _, err := txn.ForOperator(p, directory.Provider); err != nil {
		return nil, err
	}
	ids, err := s.trimmed(ctx, p)
	if err != nil {
		return nil, err
	}
	out := make([]Trimmed, 0, len(ids))
	err = txn.EachTenant(ctx, ids, func(id directory.TenantID) error {
		trimmed, err := s.Trim(ctx, p, id, how)
		out = append(out, trimmed)
		return err
	})
	if !how.Dry() {
		err = errors.Join(err, sharing.Forget(ctx, s.txn, p))
	}
	return out, err
}

// trimmed are the installation and the tenants in the caller's scope that may be trimmed.
func (s *Service) trimmed(ctx context.Context, p directory.Principal) ([]directory.TenantID, error) {
	tenants, err := s.store.Tenants(ctx)
	ids := []directory.TenantID{directory.Provider}
	for i := range tenants {
		if tenants[i].Status == directory.TenantActive && policy.Sees(p, tenants[i].ID) { // a tenant that was handed over must not change, and a deleted one has nothing left
			ids = append(ids, tenants[i].ID)
		}
	}
	return ids, err
}

// pruning is one Trim on its way.
type pruning struct {
	s   *Service
	p   directory.Principal
	how directory.Run
}

// settings of the tenant; those of the installation are the defaults. The plan does not decide how long things are kept, so a plan that is
// missing in the catalogue does not matter.
func (t pruning) settings(r store.Reader) (directory.Settings, error) {
	if t.p.Tenant == directory.Provider {
		return t.s.defaults, nil
	}
	tenant, err := r.Tenant()
	if err != nil {
		return directory.Settings{}, err
	}
	return policy.Resolve(t.s.defaults, directory.Plan{}, tenant.Overrides), nil
}

// outdated counts the events after the number after that may be forgotten, at most one piece, and gives the number of the last.
func (t pruning) outdated(r store.Reader, after uint64) (n int, upTo uint64, err error) {
	settings, err := t.settings(r)
	if err != nil {
		return 0, 0, err
	}
	events, last, err := r.Events(after, trimPiece)
	if err != nil {
		return 0, 0, err
	}
	now := t.s.instant()
	for i := range events {
		if events[i].Seq == last || !policy.Outdated(&events[i], settings, now) {
			break
		}
		n, upTo = n+1, events[i].Seq
	}
	return n, upTo, nil
}

func (t pruning) events(ctx context.Context) (total int, err error) {
	after := uint64(0)
	for {
		n, upTo := 0, uint64(0)
		err := t.s.read(ctx, t.p, func(r store.Reader) (err error) {
			n, upTo, err = t.outdated(r, after)
			return err
		})
		if err != nil || n == 0 {
			return total, err
		}
		if after = upTo; !t.how.Dry() {
			n, err = t.forget(ctx)
		}
		if err != nil {
			return total, err
		}
		total += n
	}
}

// forget decides again inside the transaction, because the clock or the settings may have changed.
func (t pruning) forget(ctx context.Context) (n int, err error) {
	err = t.s.write(ctx, t.p, func(tx *txn.Tx) error {
		var upTo uint64
		var err error
		if n, upTo, err = t.outdated(tx.Reader, 0); err != nil || n == 0 {
			return err
		}
		tx.Change.ForgetEvents = upTo
		line := tx.Line(directory.ActionEventsTrim, directory.Subject{Kind: "tenant", ID: string(t.p.Tenant)})
		line.Rule = "E2"
		line.After = txn.Document(directory.Attributes{{Name: "forgotten", Value: txn.Number(n)}, {Name: "up_to", Value: txn.Number(int(upTo))}})
		tx.Audit(line)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

func (t pruning) tombstones(ctx context.Context) (total int, err error) {
	var after directory.ID
	for {
		var due []directory.ID
		more := false
		err := t.s.read(ctx, t.p, func(r store.Reader) error {
			settings, err := t.settings(r)
			if err != nil {
				return err
			}
			stones, err := r.Tombstones(after, trimPiece)
			for i := range stones {
				if _, ok := policy.Reduce(&stones[i], settings, t.s.instant()); ok {
					due = append(due, stones[i].ID)
				}
				after = stones[i].ID
			}
			more = len(stones) == trimPiece
			return err
		})
		if err != nil {
			return total, err
		}
		n := len(due)
		if n > 0 && !t.how.Dry() {
			n, err = t.reduce(ctx, due)
		}
		if total += n; err != nil || !more {
			return total, err
		}
	}
}

func (t pruning) reduce(ctx context.Context, due []directory.ID) (n int, err error) {
	err = t.s.write(ctx, t.p, func(tx *txn.Tx) error {
		n = 0
		settings, err := t.settings(tx.Reader)
		if err != nil {
			return err
		}
		for _, id := range due {
			stone, there, err := txn.Optional(tx.Reader.Tombstone(id))
			if err != nil {
				return err
			}
			if reduced, ok := policy.Reduce(&stone, settings, tx.Now); there && ok {
				tx.Change.Tombstones = append(tx.Change.Tombstones, reduced)
				n++
			}
		}
		if n == 0 {
			return nil
		}
		line := tx.Line(directory.ActionTombstonesReduce, directory.Subject{Kind: "tenant", ID: string(t.p.Tenant)})
		line.Rule = "D6"
		line.After = txn.Document(directory.Attributes{{Name: "reduced", Value: txn.Number(n)}})
		tx.Audit(line)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}
