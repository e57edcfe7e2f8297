package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/bolt"
	"drawbridge/store/move"
	"drawbridge/store/postgres"
)

const (
	// moveLease is held in a database while an installation is moved into it, and stays after an interrupted move.
	moveLease = "move"
	// movingFolder is where the store file is written that an installation is moved into. At the end the files move one folder up.
	movingFolder = "moving"
)

// secretNames are the secrets that the servers of an installation share.
func secretNames() []string { return []string{cursorKey, handoverKey, sealKey, archiveKey} }

// Moved is a tenant that was moved.
type Moved struct {
	Tenant directory.TenantID // Provider: the operators and settings of the installation
	Copied bool               // false: an earlier move had copied it
	Counts map[string]int     // of what both stores hold, by kind
	Text   string             // the same in words
}

// String is a line for people.
func (m Moved) String() string {
	name, what := "tenant "+string(m.Tenant), "copied"
	if m.Tenant == directory.Provider {
		name = "operators and settings"
	}
	if !m.Copied {
		what = "there already"
	}
	return name + ": " + what + ", the same on both sides: " + cmp.Or(m.Text, "nothing")
}

func movedOf(t move.Tenant) Moved {
	return Moved{Tenant: t.ID, Copied: t.Copied, Counts: t.Content.Counts(), Text: t.Content.String()}
}

// Move copies the installation from the store of c into another one, and compares both: into the database at the URL to, or into the
// data folder to. No server may use either. done is called for each tenant. An interrupted move continues when it is run again.
func Move(ctx context.Context, c *Config, to string, done func(Moved)) ([]Moved, error) {
	all, err := moveTo(ctx, c, to, func(t move.Tenant) { done(movedOf(t)) })
	out := make([]Moved, len(all))
	for i := range all {
		out[i] = movedOf(all[i])
	}
	if err != nil {
		return out, userError{err}
	}
	return out, nil
}

func moveTo(ctx context.Context, c *Config, to string, done func(move.Tenant)) (all []move.Tenant, err error) {
	source, err := openSource(ctx, c, to)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, finish, err := openTarget(ctx, to)
	if err != nil {
		return nil, err
	}
	all, err = move.Copy(ctx, source, target, move.Options{Secrets: secretNames(), Done: done})
	if err != nil {
		return all, errors.Join(err, target.Close())
	}
	return all, finish()
}

func isDatabase(to string) bool {
	return strings.HasPrefix(to, "postgres://") || strings.HasPrefix(to, "postgresql://")
}

func invalid(format string, args ...any) error {
	return &directory.Error{Code: directory.Invalid, Message: fmt.Sprintf(format, args...)}
}

// openSource opens the store that the configuration names.
func openSource(ctx context.Context, c *Config, to string) (store.Store, error) {
	if c.Store.Shared() {
		if isDatabase(to) {
			return nil, invalid("store.url and --to are both databases: move one with its own tools, such as pg_dump")
		}
		st, err := postgres.Open(ctx, string(c.Store.URL), postgres.Options{Now: time.Now})
		if err != nil {
			return nil, err
		}
		if err := unused(ctx, st); err != nil {
			return nil, errors.Join(err, st.Close())
		}
		return st, nil
	}
	if !isDatabase(to) {
		return nil, invalid("--to must be the URL of a PostgreSQL database, postgres://…: the store is a file, and drawbridge backup copies it into another folder")
	}
	file := StorePath(c.Data)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil, invalid("there is no store %s to move", file)
	}
	return bolt.Open(file, bolt.Options{Now: time.Now})
}

// openTarget opens the store that an installation is moved into. finish closes it and makes it usable for a server.
func openTarget(ctx context.Context, to string) (st store.Store, finish func() error, err error) {
	if !isDatabase(to) {
		return openFolder(to)
	}
	database, err := postgres.Open(ctx, to, postgres.Options{Now: time.Now, Migrate: true})
	if err != nil {
		return nil, nil, err
	}
	err = unused(ctx, database)
	if err == nil {
		_, err = database.Acquire(ctx, moveLease, moveLease, 100*365*24*time.Hour)
	}
	if err != nil {
		return nil, nil, errors.Join(err, database.Close())
	}
	return database, func() error {
		return errors.Join(database.Release(ctx, moveLease, moveLease), database.Close())
	}, nil
}

// unused refuses a database that a server uses.
func unused(ctx context.Context, st *postgres.Store) error {
	n, err := st.Processes(ctx)
	if err == nil && n > 1 {
		err = &directory.Error{Code: directory.Conflict, Message: fmt.Sprintf("%d servers use the database: stop them first; one that was killed is forgotten after 15 seconds", n-1)}
	}
	return err
}

// notMoving refuses a database with an incomplete move.
func notMoving(ctx context.Context, st store.Leases) error {
	const me = "server"
	lease, err := st.Acquire(ctx, moveLease, me, time.Second)
	if err != nil {
		return err
	}
	if lease.Holder != me {
		return &directory.Error{Code: directory.Unavailable, Message: "an installation is being moved into this database, or a move was interrupted: run drawbridge move again to its end"}
	}
	return st.Release(ctx, moveLease, me)
}

// completeFolder refuses a data folder with an incomplete move: a server would make a new store there, and the move could not continue.
func completeFolder(data string) error {
	exists := func(path string) bool {
		_, err := os.Stat(path)
		return !errors.Is(err, fs.ErrNotExist)
	}
	if exists(StorePath(data)) || !exists(filepath.Join(data, movingFolder)) {
		return nil
	}
	return &directory.Error{Code: directory.Unavailable, Message: fmt.Sprintf(
		"an installation is being moved into the folder %s, or a move was interrupted: run drawbridge move again to its end, or remove %s to begin with an empty store", data, filepath.Join(data, movingFolder))}
}

// openFolder opens a store file in a folder inside the data folder, where no server looks for it.
func openFolder(to string) (st store.Store, finish func() error, err error) {
	if strings.Contains(to, "://") {
		return nil, nil, invalid("--to is neither the URL of a PostgreSQL database (postgres://…) nor a folder")
	}
	moving := filepath.Join(to, movingFolder)
	if err := os.MkdirAll(moving, 0o700); err != nil {
		return nil, nil, invalid("the folder %s cannot be made: %s", moving, reason(err))
	}
	entries, err := os.ReadDir(to)
	if err != nil {
		return nil, nil, err
	}
	_, none := os.Stat(StorePath(moving))
	for _, e := range entries {
		// An earlier move may have ended between the files that it moved up; the store is the last of them.
		movedUp := none == nil && (e.Name() == storeName+".info" || filepath.Ext(e.Name()) == ".key")
		if e.Name() != movingFolder && e.Name() != "lost+found" && !movedUp {
			return nil, nil, &directory.Error{Code: directory.Conflict, Message: fmt.Sprintf("the folder %s is not empty (there is %s in it): move into an empty one", to, e.Name())}
		}
	}
	file, err := bolt.Open(StorePath(moving), bolt.Options{Now: time.Now})
	if err != nil {
		return nil, nil, err
	}
	return file, func() error {
		if err := file.Close(); err != nil {
			return err
		}
		return moveUp(moving, to)
	}, nil
}

// moveUp moves the files of a store to where a server looks for them. The store is last.
func moveUp(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == storeName {
			continue
		}
		if err := os.Rename(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	if err := os.Rename(StorePath(from), StorePath(to)); err != nil {
		return err
	}
	return errors.Join(os.Remove(from), syncDir(to))
}
