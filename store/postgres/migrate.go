package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"drawbridge/directory"
)

// The schema has two numbers. "version" is the last step that was done. "min_reader" is the step that a program must at least know to work
// on the database. A step that only adds does not change it (expand), so that old and new programs run at the same time. A step that
// removes what old programs need raises it (contract), and comes a release later.

//go:embed schema/*.sql
var steps embed.FS

// step is one file of the schema. Its first line may say "-- min_reader N".
type step struct {
	number    int
	name, sql string
	minReader int      // 0: as it was
	tables    []string // the tables that the step creates
	drops     []string
}

func allSteps(files fs.FS) ([]step, error) {
	entries, err := fs.ReadDir(files, "schema")
	if err != nil {
		return nil, err
	}
	mark, table := regexp.MustCompile(`^-- min_reader (\d+)\n`), regexp.MustCompile(`(?m)^(create|drop) (?:unlogged )?table (\w+)`)
	var all []step
	for i, entry := range entries {
		text, err := fs.ReadFile(files, "schema/"+entry.Name())
		if err != nil {
			return nil, err
		}
		s := step{name: strings.TrimSuffix(entry.Name(), ".sql"), sql: string(text)}
		number, _, _ := strings.Cut(entry.Name(), "_")
		if s.number, err = strconv.Atoi(number); err != nil || s.number != i+1 {
			return nil, fmt.Errorf("the step %s is not number %d", entry.Name(), i+1)
		}
		if found := mark.FindStringSubmatch(s.sql); found != nil {
			s.minReader, _ = strconv.Atoi(found[1])
		}
		for _, found := range table.FindAllStringSubmatch(s.sql, -1) {
			if found[1] == "drop" {
				s.drops = append(s.drops, found[2])
			} else {
				s.tables = append(s.tables, found[2])
			}
		}
		all = append(all, s)
	}
	return all, nil
}

// SchemaStatus tells which version of the schema a database has.
type SchemaStatus struct {
	Version   int      `json:"version"`           // the last step that was taken; 0: none
	MinReader int      `json:"min_reader"`        // the step that a program must at least know
	Known     int      `json:"known"`             // the last step that this program knows
	Pending   []string `json:"pending,omitempty"` // the steps that this program would do
	Missing   []string `json:"missing,omitempty"` // tables of earlier steps that are missing
}

// Problem says why this program cannot work on the database, and what to do; "" if it can.
func (s *SchemaStatus) Problem() string {
	switch {
	case s.MinReader > s.Known:
		return fmt.Sprintf("the database is of a newer release (schema %d, which programs know that know step %d; this one knows %d): run that release", s.Version, s.MinReader, s.Known)
	case s.Version == 0:
		return "the database has no schema of Drawbridge yet: run drawbridge migrate up, or set store.migrate to auto"
	case len(s.Missing) > 0:
		return fmt.Sprintf("the database has schema %d without its tables %s: restore it from a backup", s.Version, strings.Join(s.Missing, ", "))
	case len(s.Pending) > 0:
		return fmt.Sprintf("the database has schema %d and this release needs %d: run drawbridge migrate up, or set store.migrate to auto", s.Version, s.Known)
	}
	return ""
}

// errOutdated is the error of a running program that finds that the database is only for newer programs.
func (s *Store) errOutdated(minReader int) error {
	return &directory.Error{Code: directory.Unavailable, Message: fmt.Sprintf(
		"a newer release has changed the database: programs must know step %d of its schema, and this one knows %d; replace this server by that release", minReader, s.step)}
}

// querier runs a statement: a pool, a connection or a transaction.
type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func schemaStatus(ctx context.Context, q querier) (SchemaStatus, error) {
	all, err := allSteps(steps)
	if err != nil {
		return SchemaStatus{}, err
	}
	status := SchemaStatus{Known: len(all)}
	err = q.QueryRow(ctx, "select version, min_reader from schema_version").Scan(&status.Version, &status.MinReader)
	var known *pgconn.PgError
	switch {
	case errors.As(err, &known) && known.Code == undefinedTable:
	case err != nil:
		return status, err
	}
	for _, s := range all[min(status.Version, len(all)):] {
		status.Pending = append(status.Pending, s.name)
	}
	var tables []string
	for _, s := range all[:min(status.Version, len(all))] {
		tables = slices.DeleteFunc(append(tables, s.tables...), func(name string) bool { return slices.Contains(s.drops, name) })
	}
	err = q.QueryRow(ctx, "select coalesce(array_agg(name order by name), '{}') from unnest($1::text[]) as name where to_regclass(quote_ident(name)) is null", tables).Scan(&status.Missing)
	return status, err
}

// Migrate does the missing steps, each in a separate transaction, and gives their names. Two programs that migrate at once wait for each
// other. Use the URL of the database itself, not of a pooler.
func Migrate(ctx context.Context, url string) ([]string, error) {
	conn, err := dial(ctx, url)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	// Another server may make the table at the same time. "if not exists" does not cover that: which error it gives depends on the
	// moment at which the other one commits.
	_, err = conn.Exec(ctx, "create table if not exists schema_version (one boolean primary key default true check (one), version int not null, min_reader int not null)")
	var raced *pgconn.PgError
	if err != nil && (!errors.As(err, &raced) || !slices.Contains([]string{uniqueViolation, duplicateObject, duplicateTable}, raced.Code)) {
		return nil, schemaFailed(err)
	}
	if _, err = conn.Exec(ctx, "insert into schema_version (version, min_reader) values (0, 0) on conflict do nothing"); err != nil {
		return nil, schemaFailed(err)
	}
	var taken []string
	for {
		name, err := nextStep(ctx, conn)
		if err != nil {
			return taken, schemaFailed(err)
		}
		if name == "" {
			return taken, nil
		}
		taken = append(taken, name)
	}
}

// nextStep does the next step; "" if there is none.
func nextStep(ctx context.Context, conn *pgx.Conn) (string, error) {
	all, err := allSteps(steps)
	if err != nil {
		return "", err
	}
	name := ""
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		var version, minReader int
		if err := tx.QueryRow(ctx, "select version, min_reader from schema_version for update").Scan(&version, &minReader); err != nil {
			return err
		}
		if version >= len(all) {
			status := SchemaStatus{Version: version, MinReader: minReader, Known: len(all)}
			if text := status.Problem(); text != "" {
				return &directory.Error{Code: directory.Unavailable, Message: text}
			}
			return nil
		}
		next := all[version]
		// A step that cannot get its locks soon must not make all later statements wait.
		if _, err := tx.Exec(ctx, "set local lock_timeout = '3s'"); err != nil {
			return err
		}
		if _, err := tx.Conn().PgConn().Exec(ctx, next.sql).ReadAll(); err != nil {
			return fmt.Errorf("step %s: %w", next.name, err)
		}
		if _, err := tx.Exec(ctx, "update schema_version set version = $1, min_reader = greatest(min_reader, $2)", next.number, max(next.minReader, 1)); err != nil {
			return err
		}
		name = next.name
		return nil
	})
	return name, err
}

func schemaFailed(err error) error {
	return failed("the schema could not be brought up to date; nothing of the step that failed was done", err)
}
