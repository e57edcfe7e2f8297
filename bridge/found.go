package bridge

import (
	"context"

	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/store"
)

// noteFound notes in a copy of observe mode that a search of an identity provider found exactly one record, and by which attribute (C9). The
// first attribute counts: later searches can be for what the identity provider has written itself.
func (s *Service) noteFound(ctx context.Context, p directory.Principal, id directory.ID, where directory.Expr) error {
	if !s.notesFound || !txn.FromIdP(p) || id.IsZero() {
		return nil
	}
	by := directory.SearchedFor(where)
	if by == "" {
		return nil
	}
	known := false
	err := s.read(ctx, p, func(r store.Reader) (err error) {
		_, known, err = txn.Get[string](r, directory.FoundKV, id.String())
		return err
	})
	if err != nil || known {
		return err
	}
	return s.write(ctx, p, func(t *tenantTx) error { return t.noteFound(id, by) })
}

// noteFound is Service.noteFound in a write.
func (t *tenantTx) noteFound(id directory.ID, by string) error {
	if !t.s.notesFound {
		return nil
	}
	_, known, err := txn.Get[string](t.Reader, directory.FoundKV, id.String())
	if err != nil || known {
		return err
	}
	return t.Set(directory.FoundKV, id.String(), by)
}
