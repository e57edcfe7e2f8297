package postgres_test

import (
	"context"
	"os"
	"testing"

	"drawbridge/store/postgres"
	"drawbridge/store/postgres/pgtest"
)

// server is the PostgreSQL of the tests of this package.
var server *pgtest.Server

func TestMain(m *testing.M) {
	s, run := pgtest.Main(m, func(url string) error {
		_, err := postgres.Migrate(context.Background(), url)
		return err
	})
	server = s
	os.Exit(run())
}
