package bridge

import (
	"context"
	"slices"
	"sync"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/policy"
	"drawbridge/store"
)

// Health is how the sync of a connection is (C7).
type Health struct {
	State   directory.HealthState
	Since   time.Time // when the state was announced; zero: not yet
	Why     string    // "" while it is healthy
	Failed  time.Time // the last refusal; zero: none known
	Error   string
	Request string // of the last refusal

	// Stale is since when this report is not reliable, because the connection is no longer checked. Zero means that it is fresh. StaleWhy is a sentence.
	Stale    time.Time
	StaleWhy string
}

// healthWatch remembers when the connections of a tenant were checked last. A new process has a grace time for its first
// check. If several processes share a store, Config.HealthChecked tells what the others have checked.
type healthWatch struct {
	mu      sync.Mutex
	checked map[directory.TenantID]time.Time
}

func (w *healthWatch) note(tenant directory.TenantID, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.checked == nil {
		w.checked = map[directory.TenantID]time.Time{}
	}
	w.checked[tenant] = now
}

// last gives when the connections of a tenant were checked, or when they could first have been checked. If that first time is after a
// check, it was taken while the clock was ahead.
func (w *healthWatch) last(tenant directory.TenantID, first, now time.Time) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	at, ok := w.checked[tenant]
	if _, possible := limit.Age(first, now); ok && (at.After(first) || !possible) {
		return at
	}
	return first
}

// health computes the state of a connection, and the requests of the last hours, from the uses of all its credentials together.
func (s *Service) health(c *ConnectionOverview, now time.Time) {
	var use directory.Use
	for _, one := range c.Uses {
		use = use.Join(one)
	}
	since := c.Health.Since
	c.Requests = use.Requests.Until(now).Counts
	state, why := policy.Health(use, s.expected(c.Connection.Type), now)
	c.Health = Health{State: state, Since: since, Why: why, Failed: use.Failed, Error: use.Error, Request: use.ErrorRequest}
	first := s.began
	if elsewhere := s.checked(); elsewhere.After(first) {
		first = elsewhere
	}
	if created := c.Connection.Created; created.After(first) {
		first = created
	}
	c.Health.Stale, c.Health.StaleWhy = policy.HealthStale(use, s.watch.last(c.Connection.Tenant, first, now), now)
}

// expected is how often a healthy connection of a type sends requests.
func (s *Service) expected(t directory.ConnectionType) policy.Expected {
	return policy.Expected{Cadence: s.cadence(t), Pulled: t.Pulled()}
}

// addReport adds since when the state of a connection is known, and how many of its removals are held.
func (c *ConnectionOverview) addReport(r store.Reader) error {
	report, _, err := txn.Get[directory.HealthReport](r, directory.HealthKV, string(c.Connection.ID))
	if err != nil {
		return err
	}
	c.Health.Since = report.Since
	return heldBy(r, c.Connection.ID, func(string, *directory.HeldRemoval) error { c.Held++; return nil })
}

// HealthChange is a connection whose state has changed.
type HealthChange struct {
	Connection directory.ConnectionID
	From, To   directory.HealthState
	Why        string
}

// CheckHealth announces every connection of a tenant whose state has changed since it was announced last (C7), and gives
// those. A connection that is paused keeps its state. With RunDry nothing is written. NotFound.
func (s *Service) CheckHealth(ctx context.Context, p directory.Principal, tenant directory.TenantID, how directory.Run) ([]HealthChange, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return nil, err
	}
	all, err := s.Connections(ctx, p, tenant)
	if err == nil && !how.Dry() && s.takeBackUses(all) {
		all, err = s.Connections(ctx, p, tenant)
	}
	if err != nil {
		return nil, err
	}
	var changed []HealthChange
	err = s.read(ctx, p, func(r store.Reader) error {
		changed, err = healthChanges(r, all)
		return err
	})
	if err != nil || how.Dry() {
		return changed, err
	}
	if len(changed) == 0 {
		s.watch.note(tenant, s.instant())
		return nil, nil
	}
	of := map[directory.ConnectionID]bool{}
	for i := range changed {
		of[changed[i].Connection] = true
	}
	moved := slices.DeleteFunc(all, func(c ConnectionOverview) bool { return !of[c.Connection.ID] })
	changed = nil
	for part := range slices.Chunk(moved, announced) {
		some, err := s.announceHealth(ctx, p, part)
		if err != nil {
			return changed, err
		}
		changed = append(changed, some...)
	}
	s.watch.note(tenant, s.instant())
	return changed, nil
}

// takeBackUses sets uses from the future, noted while the clock was ahead, to now: their real time is unknown, and silence is counted from
// now on.
func (s *Service) takeBackUses(all []ConnectionOverview) (some bool) {
	now := s.instant()
	for i := range all {
		for _, use := range all[i].Uses {
			if use.Last.Sub(now) > directory.ClockStep {
				s.uses.Note(directory.Use{Tenant: use.Tenant, Connection: use.Connection, Token: use.Token, Last: now})
				some = true
			}
		}
	}
	return some
}

// announceHealth announces the connections whose state still differs from the announced one.
func (s *Service) announceHealth(ctx context.Context, p directory.Principal, part []ConnectionOverview) (changed []HealthChange, err error) {
	err = s.write(ctx, p, func(t *tenantTx) error {
		var err error
		if changed, err = healthChanges(t.Reader, part); err != nil {
			return err
		}
		for _, c := range changed {
			if err := t.Set(directory.HealthKV, string(c.Connection), directory.HealthReport{State: c.To, Since: t.Now}); err != nil {
				return err
			}
			subject := directory.Subject{Kind: "connection", ID: string(c.Connection)}
			data := directory.Attributes{{Name: "from", Value: string(c.From)}, {Name: "to", Value: string(c.To)}}
			if c.Why != "" {
				data = append(data, directory.Attribute{Name: "reason", Value: c.Why})
			}
			line := t.Line(directory.ActionConnectionHealth, subject)
			line.Rule, line.Reason, line.After = "C7", c.Why, txn.Document(data)
			t.Audit(line)
			t.Event(directory.ConnectionHealth, subject, data)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return changed, nil
}

func healthChanges(r store.Reader, all []ConnectionOverview) ([]HealthChange, error) {
	var out []HealthChange
	for i := range all {
		c := &all[i]
		if c.Connection.Paused || c.Connection.Ending != nil {
			continue
		}
		last, known, err := txn.Get[directory.HealthReport](r, directory.HealthKV, string(c.Connection.ID))
		if err != nil {
			return nil, err
		}
		if !known {
			last.State = directory.NeverConnected
		}
		if last.State != c.Health.State {
			out = append(out, HealthChange{Connection: c.Connection.ID, From: last.State, To: c.Health.State, Why: c.Health.Why})
		}
	}
	return out, nil
}
