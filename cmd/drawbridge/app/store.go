package app

import (
	"context"
	"time"

	"drawbridge/console"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/bolt"
	"drawbridge/store/postgres"
)

// StoreConfig says where the store is, and limits it.
type StoreConfig struct {
	URL            Secret `mapstructure:"url"` // "": a file in the data folder
	URLFile        string `mapstructure:"url_file"`
	ObserveURL     Secret `mapstructure:"observe_url"` // of the database in which observe mode keeps its copies
	ObserveURLFile string `mapstructure:"observe_url_file"`
	Connections    int    `mapstructure:"connections"`
	Migrate        string `mapstructure:"migrate"` // migrateByHand or migrateAuto
	RequireSync    bool   `mapstructure:"require_sync"`
	MaxBytes       Bytes  `mapstructure:"max_bytes"`
	MmapBytes      Bytes  `mapstructure:"mmap_bytes"`
}

const (
	migrateByHand = "manual"
	migrateAuto   = "auto"
)

// Shared reports whether several servers may use the store at the same time.
func (c *StoreConfig) Shared() bool { return c.URL != "" }

// openStore opens the store that the configuration names, and wires its backups.
func (a *App) openStore(ctx context.Context) (store.Store, error) {
	if a.config.Store.Shared() {
		return a.openDatabase(ctx)
	}
	if err := completeFolder(a.config.Data); err != nil {
		return nil, userError{err}
	}
	st, err := bolt.Open(StorePath(a.config.Data), bolt.Options{
		MaxSize: int(a.config.Store.MaxBytes), InitialMmapSize: int(a.config.Store.MmapBytes),
		Now: a.now, Metrics: bolt.NewMetrics(a.registry), Logger: a.log,
	})
	if err != nil {
		return nil, userError{err}
	}
	a.undo("store", func(context.Context) error { return st.Close() })
	return st, a.keepData(st)
}

func (a *App) openDatabase(ctx context.Context) (store.Store, error) {
	c := &a.config.Store
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	st, err := postgres.Open(ctx, string(c.URL), postgres.Options{
		Connections: c.Connections, Migrate: c.Migrate == migrateAuto, RequireSync: c.RequireSync,
		Name: a.name, Address: a.publicURL(),
		Now: a.now, Metrics: postgres.NewMetrics(a.registry), Logger: a.log.With("part", "store"),
	})
	if err != nil {
		return nil, userError{err}
	}
	a.database = st
	a.undo("store", func(context.Context) error { return st.Close() })
	if err := notMoving(ctx, st); err != nil {
		return nil, userError{err}
	}
	return st, nil
}

// statusTimeout is how long status waits for the database.
const statusTimeout = 3 * time.Second

// storeStatus says where the store is. For a database it also says what a commit waits for and which servers use it.
func (a *App) storeStatus(ctx context.Context) wire.StoreStatus {
	if a.database == nil {
		return wire.StoreStatus{Kind: "file", Servers: []wire.ServerStatus{}}
	}
	out := wire.StoreStatus{Kind: "postgresql", Servers: []wire.ServerStatus{}}
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	r, err := a.database.Replication(ctx)
	if err != nil {
		out.Message = explain(err)
		return out
	}
	out.Version, out.Address = r.Server, r.Address
	out.Replication = &wire.Replication{Standbys: r.Standbys, Waits: r.Waits(), Required: a.config.Store.RequireSync, Commit: r.Commit, Names: r.Names}
	held, err := a.database.Held(ctx)
	if err != nil {
		out.Message = explain(err)
		return out
	}
	servers, err := a.database.Servers(ctx)
	if err != nil {
		out.Message = explain(err)
	}
	for _, s := range servers {
		out.Servers = append(out.Servers, wire.ServerStatus{Name: s.Name, Leader: held[leaderName] == s.Name, Self: s.Name == a.name})
	}
	return out
}

// copies makes the copies of the store that the console offers.
func (a *App) copies() console.Backups {
	if a.backups == nil {
		return elsewhere{}
	}
	return a.backups
}

// elsewhere is in place of backups for a store that is not a file of this server.
type elsewhere struct{}

func (elsewhere) refuse() error {
	return &directory.Error{
		Code: directory.Unsupported, Message: "the store is a PostgreSQL database: back it up, check it and restore it with its own tools, such as pgBackRest or pg_dump (docs/postgres.md)",
	}
}

func (e elsewhere) Backup(context.Context, string) (wire.Backup, error) {
	return wire.Backup{}, e.refuse()
}

func (e elsewhere) Check(context.Context) (wire.CheckReport, error) {
	return wire.CheckReport{}, e.refuse()
}

func (e elsewhere) List(context.Context) (wire.Backups, error) {
	return wire.Backups{}, e.refuse()
}

// Migration reports which version the schema of the database has.
func Migration(ctx context.Context, c *Config) (postgres.SchemaStatus, error) {
	status, err := postgres.Status(ctx, string(c.Store.URL))
	if err != nil {
		return status, userError{err}
	}
	return status, nil
}

// Migrate brings the schema of the database up to date, and gives the steps that it took.
func Migrate(ctx context.Context, c *Config) ([]string, error) {
	taken, err := postgres.Migrate(ctx, string(c.Store.URL))
	if err != nil {
		return taken, userError{err}
	}
	return taken, nil
}
