package bridge

import (
	"context"
	"slices"

	"drawbridge/directory"
	"drawbridge/store"
)

// AuditLines gives at most limit audit lines of a tenant behind the one numbered after, in order, and the number of the
// last one there is (E1). limit 0, or one above 1000, counts as 1000.
func (s *Service) AuditLines(ctx context.Context, p directory.Principal, tenant directory.TenantID, after uint64, limit int) ([]directory.Audit, uint64, error) {
	p, err := operator(p, tenant)
	if err != nil {
		return nil, 0, err
	}
	var out []directory.Audit
	var last uint64
	err = s.read(ctx, p, func(r store.Reader) error {
		if err := exists(r, tenant); err != nil {
			return err
		}
		lines, seq, err := r.Audit(after, bounded(limit))
		if err != nil {
			return err
		}
		out, last = slices.Clone(lines), seq
		for i := range out {
			out[i].Before, out[i].After = slices.Clone(out[i].Before), slices.Clone(out[i].After)
		}
		return nil
	})
	return out, last, err
}
