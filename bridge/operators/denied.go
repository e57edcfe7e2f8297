package operators

import (
	"context"
	"strconv"
	"time"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/store"
)

// How many audit lines about refused requests an operator can cause: one for each verb and minute, and for all verbs together a burst, then
// one every ten seconds.
const (
	denialPause = time.Minute
	denialBurst = 20
	denialEvery = 10 * time.Second
	mostDenials = 10_000 // verbs of operators that are remembered
	mostDenied  = 2_000  // operators whose rate is remembered
)

// denials decides which refused requests get an audit line.
type denials struct {
	verbs *limit.Map[string, string, denial]
	rate  *limit.Limiter[string]
}

// denial is the last line about a verb of an operator.
type denial struct {
	at      time.Time
	without int // refusals since then that have no line
}

func newDenials() *denials {
	return &denials{
		verbs: limit.NewMap[string, string, denial](limit.Bounds{All: mostDenials, Each: 200}),
		rate:  limit.NewLimiter[string](limit.Every(denialEvery, denialBurst), mostDenied),
	}
}

// take says whether a refusal gets a line, and how many refusals before it got none.
func (d *denials) take(actor, verb string, now time.Time) (line bool, without int) {
	d.verbs.Update(actor, verb, now, func(last denial, known bool) (denial, bool) {
		if known && limit.Within(last.at, now, denialPause) || d.rate.Take(actor, now) > 0 {
			last.without++
			return last, true
		}
		line, without = true, last.without
		return denial{at: now}, true
	})
	return line, without
}

// RecordDenied writes the audit line of a request that was refused because the caller lacks a right (O1, E1), into the trail of the tenant
// that the request was about. target is the request, with the verb as its ID. If an operator continues, only some refusals get a line; the
// next line says how many got none.
func (s *Service) RecordDenied(ctx context.Context, p directory.Principal, target directory.Subject, no *directory.Error) error {
	line, without := s.denials.take(p.Actor.ID, target.ID, s.instant())
	if !line {
		return nil
	}
	err := s.recordDenied(ctx, p, target, no, without)
	if code := directory.CodeOf(err); p.Tenant != directory.Provider && (code == directory.NotFound || directory.IsTenantGone(err)) {
		p.Tenant = directory.Provider // there is no such tenant, or it no longer has a trail
		err = s.recordDenied(ctx, p, target, no, without)
	}
	return err
}

func (s *Service) recordDenied(ctx context.Context, p directory.Principal, target directory.Subject, no *directory.Error, without int) error {
	p.Report, p.Idempotency = nil, directory.Idempotency{}
	return s.txn.Run(ctx, p, func(t *txn.Tx) error {
		if err := servedTenant(t.Reader, p.Tenant); err != nil {
			return err
		}
		line := t.Line(directory.ActionRequestDenied, target)
		line.Outcome, line.Rule, line.Reason = directory.WasDenied, no.Rule, no.Message
		if without > 0 {
			line.Reason += "; " + strconv.Itoa(without) + " refusals like it before this one have no line"
		}
		t.Audit(line)
		return nil
	})
}

// servedTenant gives NotFound for a tenant that does not exist or is not served, so that nothing is written in it.
func servedTenant(r store.Reader, tenant directory.TenantID) error {
	if tenant == directory.Provider {
		return nil
	}
	found, err := r.Tenant()
	if err == nil && found.Status != directory.TenantActive {
		err = &directory.Error{Code: directory.NotFound, Message: "the tenant is not served"}
	}
	return err
}
