package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/postgres/pgtest"
)

// Other clients of a pooler get the sessions that the store has used, and find their own settings there.
func TestOtherClientsOfAPoolerKeepTheirSettings(t *testing.T) {
	if !pgtest.Required() {
		return // make postgres runs it
	}
	t.Parallel()
	through := server.Bouncer(t)
	url := through(server.Database(t))
	s := open(t, url)
	group := furnish(t, s)
	must(t, s.View(t.Context(), acme, &store.Want{Groups: []directory.ID{group}}, func(r store.Reader) error { return second(r.Group(group)) }))
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	for name, want := range map[string]string{"plan_cache_mode": "auto", "enable_seqscan": "on", "enable_bitmapscan": "on", "jit": "on"} {
		var got string
		must(t, conn.QueryRow(t.Context(), "select current_setting($1)", name).Scan(&got))
		if got != want {
			t.Errorf("%s is %s", name, got)
		}
	}
}
