package record

import (
	"context"
	"maps"
	"slices"
	"strings"

	"drawbridge/archive"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// streamPrincipal is who writes how far a stream has come.
func streamPrincipal() directory.Principal {
	p := directory.JobPrincipal("audit-stream")
	p.Tenant = directory.Provider
	return p
}

// StreamState is a stream with its position in each trail. A trail without a position is sent from its first line.
type StreamState struct {
	Stream    directory.AuditStream
	Positions map[directory.TenantID]directory.AuditPosition
}

// OpenStream reads how far a stream has come. A new one begins after the lines that there are now.
func (s *Service) OpenStream(ctx context.Context, name string) (StreamState, error) {
	out, known, err := s.streamState(ctx, name)
	if err != nil || known {
		return out, err
	}
	begin := map[directory.TenantID]directory.AuditPosition{}
	if err := s.store.Summaries(ctx, nil, func(one *store.Summary) error {
		begin[directory.TenantID(strings.Clone(string(one.Tenant.ID)))] = directory.AuditPosition{Seq: one.LastAudit}
		return nil
	}); err != nil {
		return out, err
	}
	err = s.txn.Run(ctx, streamPrincipal(), func(t *txn.Tx) error {
		if _, known, err := txn.Get[directory.AuditStream](t.Reader, directory.StreamKV, name); err != nil || known {
			return err
		}
		_, last, err := t.Reader.Audit(0, 0)
		if err != nil {
			return err
		}
		begin[directory.Provider] = directory.AuditPosition{Seq: last}
		return putStream(t, name, directory.AuditStream{Begun: t.Now}, begin)
	})
	if err == nil {
		out, _, err = s.streamState(ctx, name)
	}
	return out, err
}

func putStream(t *txn.Tx, name string, state directory.AuditStream, moved map[directory.TenantID]directory.AuditPosition) error {
	if err := t.Set(directory.StreamKV, name, state); err != nil {
		return err
	}
	for _, tenant := range slices.Sorted(maps.Keys(moved)) {
		if err := t.Set(directory.StreamKV, directory.StreamPositionKey(name, tenant), moved[tenant]); err != nil {
			return err
		}
	}
	return nil
}

// streamState reads a stream. known reports whether it has begun.
func (s *Service) streamState(ctx context.Context, name string) (out StreamState, known bool, err error) {
	err = s.txn.View(ctx, directory.Provider, func(r store.Reader) error {
		out = StreamState{Positions: map[directory.TenantID]directory.AuditPosition{}}
		if out.Stream, known, err = txn.Get[directory.AuditStream](r, directory.StreamKV, name); err != nil || !known {
			return err
		}
		from, to := directory.StreamPositionKey(name, ""), name+"0" // "0" comes after "/"
		return txn.Each(r, directory.StreamKV, from, to, func(key string, at *directory.AuditPosition) error {
			out.Positions[directory.TenantID(strings.Clone(strings.TrimPrefix(key, from)))] = *at
			return nil
		})
	})
	return out, known, err
}

// SaveStream stores how a stream goes, and its new positions.
func (s *Service) SaveStream(ctx context.Context, name string, state directory.AuditStream, moved map[directory.TenantID]directory.AuditPosition) error {
	return s.txn.Run(ctx, streamPrincipal(), func(t *txn.Tx) error { return putStream(t, name, state, moved) })
}

// StreamLines gives at most limit audit lines of a trail after a position, in order, from the store or from the archive. restarted reports
// that the trail is another one than that of the position, because a company with the same slug was handed over or deleted: the lines are
// the first ones of the new trail.
func (s *Service) StreamLines(ctx context.Context, tenant directory.TenantID, after directory.AuditPosition, limit int) (lines []directory.Audit, restarted bool, err error) {
	var mark directory.ArchiveMark
	err = s.txn.View(ctx, tenant, func(r store.Reader) error {
		if mark, err = readMark(r, archive.Audit); err != nil {
			return err
		}
		var found []directory.Audit
		found, restarted, err = linesAfter(r, after, limit)
		lines = directory.CloneAudit(found)
		return err
	})
	if restarted {
		after = directory.AuditPosition{}
	}
	if err != nil || after.Seq >= mark.Last {
		return lines, restarted, err
	}
	lines, err = s.ArchivedAudit(ctx, tenant, after.Seq, limit)
	return lines, restarted, err
}

// linesAfter reads the lines after a position, or the first ones if the line at the position is another one now.
func linesAfter(r store.Reader, after directory.AuditPosition, limit int) (lines []directory.Audit, restarted bool, err error) {
	if after.Seq == 0 {
		lines, _, err = r.Audit(0, limit)
		return lines, false, err
	}
	lines, last, err := r.Audit(after.Seq-1, limit+1)
	if err != nil {
		return nil, false, err
	}
	same := len(lines) > 0 && lines[0].Seq == after.Seq
	if last < after.Seq || same && after.Hash != (directory.Hash{}) && lines[0].Hash != after.Hash {
		lines, _, err = r.Audit(0, limit)
		return lines, true, err
	}
	if same {
		return lines[1:], false, nil
	}
	return lines[:min(limit, len(lines))], false, nil
}

// Trails lists whose audit trails there are: every tenant, also one that is gone, and the installation.
func (s *Service) Trails(ctx context.Context) ([]directory.TenantID, error) {
	all, err := s.store.Tenants(ctx)
	out := []directory.TenantID{directory.Provider}
	for i := range all {
		out = append(out, all[i].ID)
	}
	return out, err
}

// StreamStatus is how a stream to a SIEM goes now.
type StreamStatus struct {
	Name    string
	To      string // where the lines go
	Stream  directory.AuditStream
	Backlog uint64 // lines that were not sent yet, or not for long enough to be sure of them
}

// Streams says how the configured streams go, by name.
func (s *Service) Streams(ctx context.Context, p directory.Principal) ([]StreamStatus, error) {
	if _, err := txn.ForOperator(p, directory.Provider); err != nil {
		return nil, err
	}
	return s.allStreams(ctx)
}

func (s *Service) allStreams(ctx context.Context) ([]StreamStatus, error) {
	out := make([]StreamStatus, 0, len(s.streams))
	for _, one := range s.streams {
		state, known, err := s.streamState(ctx, one.Name)
		if err != nil {
			return nil, err
		}
		status := StreamStatus{Name: one.Name, To: one.To, Stream: state.Stream}
		if known {
			if status.Backlog, err = s.backlog(ctx, state.Positions); err != nil {
				return nil, err
			}
		}
		out = append(out, status)
	}
	return out, nil
}

// backlog counts the lines after positions.
func (s *Service) backlog(ctx context.Context, positions map[directory.TenantID]directory.AuditPosition) (n uint64, err error) {
	add := func(tenant directory.TenantID, last uint64) {
		n += last - min(last, positions[tenant].Seq)
	}
	err = s.txn.View(ctx, directory.Provider, func(r store.Reader) error {
		_, last, err := r.Audit(0, 0)
		add(directory.Provider, last)
		return err
	})
	if err != nil {
		return 0, err
	}
	err = s.store.Summaries(ctx, nil, func(one *store.Summary) error {
		add(one.Tenant.ID, one.LastAudit)
		return nil
	})
	return n, err
}
