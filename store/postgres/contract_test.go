package postgres_test

import (
	"context"
	"testing"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/postgres"
	"drawbridge/store/postgres/pgtest"
	"drawbridge/store/storetest"
)

func open(t testing.TB, url string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), url, postgres.Options{Connections: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestPostgresKeepsTheContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, server.Database(t)) })
}

func TestPostgresIsMoved(t *testing.T) {
	open := func(t *testing.T) store.Store { return open(t, server.Database(t)) }
	storetest.RunMove(t, open, open)
}

// TestMoveAfterAKill stages a move while the staged data of a killed one is still there.
func TestMoveAfterAKill(t *testing.T) {
	url := server.Database(t)
	killed, next := open(t, url), open(t, url)
	stage, err := killed.StageMove(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := next.StageMove(t.Context(), "acme"); err != nil {
		t.Errorf("the next move: %v", err)
	}
	if err := stage.Put(t.Context(), directory.Change{KVs: []directory.KV{{Kind: "seat", Key: "a", Value: directory.Document(`1`)}}}); err == nil {
		t.Error("the move that was taken for killed still writes")
	}
}

// TestContractInAnotherLocale uses a database that sorts and folds like German.
func TestContractInAnotherLocale(t *testing.T) {
	if !pgtest.Required() {
		return // make postgres runs it
	}
	storetest.Run(t, func(t *testing.T) store.Store {
		return migrated(t, server.Empty(t, "template template0 encoding 'UTF8' locale_provider icu icu_locale 'de-DE' locale 'C.UTF-8'"))
	})
}

// TestContractOfTwoBridges uses two stores on one database; each call goes to one of them at random.
func TestContractOfTwoBridges(t *testing.T) {
	if !pgtest.Required() {
		return // make postgres runs it
	}
	storetest.Run(t, func(t *testing.T) store.Store {
		url := server.Database(t)
		return storetest.Either(open(t, url), open(t, url))
	})
}

func migrated(t testing.TB, url string) *postgres.Store {
	t.Helper()
	if _, err := postgres.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	return open(t, url)
}

// TestContractThroughPgBouncer uses PgBouncer in transaction mode, where every transaction may use another connection.
func TestContractThroughPgBouncer(t *testing.T) {
	if !pgtest.Required() {
		return // make postgres runs it
	}
	through := server.Bouncer(t)
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, through(server.Database(t))) })
}

func TestTwoBridgesShareADatabase(t *testing.T) {
	storetest.RunShared(t, func(t *testing.T) (a, b store.Store) {
		url := server.Database(t)
		return open(t, url), open(t, url)
	})
}

// TestContractWithWants uses Wants that are mostly right, and wrong ones. No answer may depend on them.
func TestContractWithWants(t *testing.T) {
	if !pgtest.Required() {
		return // make postgres runs it
	}
	t.Run("learned", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) store.Store { return storetest.LearnedWants(open(t, server.Database(t))) })
	})
	t.Run("wrong", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) store.Store { return storetest.WrongWants(open(t, server.Database(t))) })
	})
}

func TestPostgresHasARoster(t *testing.T) {
	t.Parallel()
	storetest.RunRoster(t, func(t *testing.T) store.Store { return open(t, server.Database(t)) })
}

// beside is a store whose roster is that of another process.
type beside struct {
	*postgres.Store
	other *postgres.Store
}

func (s beside) Roster(ctx context.Context) ([]*store.RosterRow, error) { return s.other.Roster(ctx) }

// TestRosterFollowsTheWritesOfOtherProcesses writes with one store and reads the roster of another one.
func TestRosterFollowsTheWritesOfOtherProcesses(t *testing.T) {
	t.Parallel()
	storetest.RunRoster(t, func(t *testing.T) store.Store {
		url := server.Database(t)
		return beside{open(t, url), open(t, url)}
	})
}
