package postgres

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
)

// holdable makes NULL of the texts in b that the database cannot hold: those with a NUL in them, and those that are no UTF-8. Nothing equals NULL,
// so a look-up finds nothing, as in any other store. Otherwise PostgreSQL would end the statement with an error, and a stranger who asks for a
// connection with such a name would be told that the store is away.
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
