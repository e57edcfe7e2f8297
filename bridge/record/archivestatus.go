package record

import (
	"context"
	"errors"
	"strings"
	"time"

	"drawbridge/archive"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/policy"
	"drawbridge/store"
)

// TrailArchive is the part of one tenant that is in the archive.
type TrailArchive struct {
	Tenant directory.TenantID
	Audit  directory.ArchiveMark
	Events directory.ArchiveMark
	Error  string // why nothing of it can move now; "": it can
}

// ArchiveStatus is the archive as it is now.
type ArchiveStatus struct {
	Place  string // "": there is none
	Key    string // the public key of what is signed now
	Error  string // why it cannot be written now; "": it can
	Trails []TrailArchive
}

// probeTime is how long a check waits for the archive.
const probeTime = 10 * time.Second

// ArchiveStatus says what is in the archive, of the tenants in the caller's scope and of the installation, whether it can be written,
// and whether it has the last segment of each trail.
func (s *Service) ArchiveStatus(ctx context.Context, p directory.Principal) (ArchiveStatus, error) {
	var out ArchiveStatus
	if _, err := txn.ForOperator(p, directory.Provider); err != nil {
		return out, err
	}
	trails, err := s.archivedTrails(ctx, p)
	if err != nil {
		return out, err
	}
	if out.Trails = trails; s.archive == nil {
		return out, nil
	}
	out.Place, out.Key = s.archive.Where(), s.archive.Key()
	probe, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	if err := s.CheckArchive(probe); err != nil {
		out.Error = sentenceOf(err)
		return out, nil
	}
	for i := range out.Trails {
		t := &out.Trails[i]
		if err := s.checkTrail(probe, t); err != nil {
			t.Error = sentenceOf(err)
		}
	}
	return out, nil
}

// archivedTrails are the installation and every tenant in the scope of p that has something in the archive.
func (s *Service) archivedTrails(ctx context.Context, p directory.Principal) ([]TrailArchive, error) {
	own, err := s.trailArchive(ctx, directory.Provider)
	if err != nil {
		return nil, err
	}
	out := []TrailArchive{own}
	err = s.store.TenantKVs(ctx, directory.ArchiveKV, nil, func(tenant directory.TenantID, kv directory.KV) error {
		if !policy.Sees(p, tenant) {
			return nil
		}
		if out[len(out)-1].Tenant != tenant {
			out = append(out, TrailArchive{Tenant: directory.TenantID(strings.Clone(string(tenant)))})
		}
		mark, err := directory.ReadArchiveMark(kv)
		if err != nil {
			return err
		}
		at := &out[len(out)-1]
		if kv.Key == directory.ArchivedAudit {
			at.Audit = mark
		} else {
			at.Events = mark
		}
		return nil
	})
	return out, err
}

func (s *Service) trailArchive(ctx context.Context, tenant directory.TenantID) (TrailArchive, error) {
	out := TrailArchive{Tenant: tenant}
	err := s.txn.View(ctx, tenant, func(r store.Reader) (err error) {
		if out.Audit, err = readMark(r, archive.Audit); err != nil {
			return err
		}
		out.Events, err = readMark(r, archive.Events)
		return err
	})
	return out, err
}

// checkTrail reports whether the archive has the last segment of a trail and of a feed.
func (s *Service) checkTrail(ctx context.Context, t *TrailArchive) error {
	for kind, mark := range map[archive.Kind]*directory.ArchiveMark{archive.Audit: &t.Audit, archive.Events: &t.Events} {
		if mark.Last == 0 {
			continue
		}
		entries, err := s.archive.Segments(ctx, t.Tenant, kind)
		if err != nil {
			return err
		}
		if !has(entries, mark) {
			return s.missing(mark)
		}
	}
	return nil
}

// CheckArchive tests whether a segment could be written, and whether the archive has the segments that were moved there. It ends with ctx,
// also if the archive hangs. nil if there is no archive.
func (s *Service) CheckArchive(ctx context.Context) error {
	if s.archive == nil {
		return nil
	}
	var err error
	select {
	case s.checking <- struct{}{}:
		done := make(chan error, 1)
		go func() {
			defer func() { <-s.checking }()
			done <- s.checkArchive(context.WithoutCancel(ctx))
		}()
		select {
		case err = <-done:
		case <-ctx.Done():
			err = s.hangs(ctx.Err())
		}
	case <-ctx.Done(): // another check hangs
		err = s.hangs(ctx.Err())
	}
	s.metrics.checked(err)
	return err
}

func (s *Service) hangs(err error) error {
	return &directory.Error{Code: directory.Unavailable, Rule: "E6", Message: "the archive (" + s.archive.Where() + ") does not answer", Err: err}
}

// checkArchive looks for the last segment of one trail. In a wrong folder all segments are missing.
func (s *Service) checkArchive(ctx context.Context) error {
	if err := s.archive.Check(ctx); err != nil {
		return err
	}
	trails, err := s.archivedTrails(ctx, directory.JobPrincipal("archive"))
	for i := range trails {
		if t := &trails[i]; t.Audit.Last > 0 || t.Events.Last > 0 {
			return s.checkTrail(ctx, t)
		}
	}
	return err
}

// sentenceOf is the text of an error for operators.
func sentenceOf(err error) string {
	var e *directory.Error
	if errors.As(err, &e) {
		return strings.TrimSuffix(e.Message, ".")
	}
	return err.Error()
}
