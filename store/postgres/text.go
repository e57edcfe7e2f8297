package postgres

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
)

// holdable replaces texts in b that the database cannot store, with a NUL or invalid UTF-8, by NULL. Nothing equals NULL, so a look-up
// finds nothing, as in any other store. Otherwise PostgreSQL would fail the statement, and a request for a connection with such a name
// would get the answer that the store is unavailable.
func holdable(b *pgx.Batch) *pgx.Batch {
	for _, q := range b.QueuedQueries {
		for i, argument := range q.Arguments {
			switch v := argument.(type) {
			case string:
				if !isHoldable(v) {
					q.Arguments[i] = nil
				}
			case []string:
				if slices.ContainsFunc(v, func(s string) bool { return !isHoldable(s) }) {
					q.Arguments[i] = withNulls(v)
				}
			}
		}
	}
	return b
}

func withNulls(texts []string) []*string {
	out := make([]*string, len(texts))
	for i := range texts {
		if isHoldable(texts[i]) {
			out[i] = &texts[i]
		}
	}
	return out
}

func isHoldable(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }
