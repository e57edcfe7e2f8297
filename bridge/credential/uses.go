package credential

import (
	"context"
	"slices"
	"sync"

	"drawbridge/directory"
	"drawbridge/store"
)

// Uses are the latest uses of credentials that are not in the store yet. The zero value is ready. It is safe for concurrent use.
type Uses struct {
	mu   sync.Mutex
	last map[directory.ConnectionID]map[directory.TokenID]directory.Use
}

// Note notes a use. It is in memory until the next Flush.
func (u *Uses) Note(use directory.Use) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.last == nil {
		u.last = map[directory.ConnectionID]map[directory.TokenID]directory.Use{}
	}
	of := u.last[use.Connection]
	if of == nil {
		of = map[directory.TokenID]directory.Use{}
		u.last[use.Connection] = of
	}
	of[use.Token] = of[use.Token].Next(use)
}

// Flush writes the uses to the store. Uses that cannot be written are kept for the next time.
func (u *Uses) Flush(ctx context.Context, to store.Store) error {
	uses := u.take()
	if len(uses) == 0 {
		return nil
	}
	err := to.Touch(ctx, uses)
	if err != nil {
		for _, use := range uses {
			u.Note(use)
		}
	}
	return err
}

func (u *Uses) take() []directory.Use {
	u.mu.Lock()
	defer u.mu.Unlock()
	out := make([]directory.Use, 0, len(u.last))
	for _, of := range u.last {
		for _, use := range of {
			out = append(out, use)
		}
	}
	u.last = nil
	return out
}

// Merge adds the uses in memory to those that the store has of a connection. "" means the credentials without a connection.
func (u *Uses) Merge(connection directory.ConnectionID, stored []directory.Use) []directory.Use {
	u.mu.Lock()
	defer u.mu.Unlock()
	for token, use := range u.last[connection] {
		if at := slices.IndexFunc(stored, func(x directory.Use) bool { return x.Token == token }); at >= 0 {
			stored[at] = stored[at].Next(use)
		} else {
			stored = append(stored, use)
		}
	}
	return stored
}
