// Package bolt keeps tenants in one bbolt file. It is the default store.Store.
//
// It owns the file: its layout (keys.go), its records (codec.go), the checks before it is opened (file.go), and the one
// writer that commits what waits as a group (writer.go). It owns no rule but what the contract gives to a store:
// uniqueness, numbering and counts.
//
// To read the source, start with Store.Update, then batch.update, writer.verify and writer.apply; for reading with
// Store.View and run in query.go.
package bolt

import (
	"context"
	"errors"
	"log/slog"
	"math/bits"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"drawbridge/directory"
	"drawbridge/store"
)

// Options tune a store. The zero value is good.
type Options struct {
	// Timeout is how long Open waits for another process to let go of the file. 0: two seconds.
	Timeout time.Duration
	// MaxSize bounds the file, in bytes. Writes that need more are Unavailable, and so may be removals,
	// which need room for pages of their own; reads go on. A larger bound ends it. 0: no bound.
	MaxSize int
	// InitialMmapSize is the address space, in bytes, that is mapped at once; no memory and no disk is used by it. A file
	// that outgrows it makes the writer wait for all readers. 0: 4 GiB, and nothing where addresses have 32 bits.
	InitialMmapSize int
	// Now tells the time, for Metrics and for who holds the file. nil: no times.
	Now func() time.Time
	// Metrics, if set, is told about commits.
	Metrics *Metrics
	// Logger is told about what was found and mended, never about requests. nil: nobody is.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Second
	}
	if o.InitialMmapSize == 0 && bits.UintSize == 64 {
		size := uint64(4 << 30) // a variable, since a constant would not compile for 32 bits
		o.InitialMmapSize = int(size)
	}
	if o.Now == nil {
		o.Now = func() time.Time { return time.Time{} }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Store is a store.Store in one file. It is safe for concurrent use.
type Store struct {
	path    string
	format  int // of the file
	db      *bbolt.DB
	file    *storeFile
	options Options

	queue   *queue
	written chan struct{} // closed when the writer has ended
	ending  error         // of Close; read it behind written

	decoded     decodedCache
	credentials credentialCache
	spares      spareReaders

	stagingLock sync.Mutex
	staging     map[directory.TenantID]bool // see stage
	condition   condition
	wedged      atomic.Bool // bbolt has panicked with its locks held: it must not be called again
	changes     changes
	leases      leases
	colliding   bool // some userName is shared; only the writer looks at it
	secretLock  sync.Mutex
}

var (
	_ store.Store   = (*Store)(nil)
	_ store.Sweeper = (*Store)(nil)
	_ store.Prober  = (*Store)(nil)
	_ store.Copier  = (*Store)(nil)

	_ store.Collider = (*Store)(nil)
)

// Open opens the store at path, or makes a new one where none ever was. The folder is made with mode 0700, the file with
// 0600. The error is an *directory.Error whose Message says what to do: Unavailable if another process holds the file,
// Internal if the file is not, or not wholly, what this package once wrote.
func Open(path string, options Options) (*Store, error) {
	options = options.withDefaults()
	opened, err := openFile(path, options)
	if err != nil {
		return nil, err
	}
	s := &Store{
		path: path, format: fileFormat, db: opened.db, file: opened.file, options: options,
		queue:   newQueue(),
		written: make(chan struct{}),
	}
	if opened.full != nil {
		s.condition.failed(minProbe, opened.full)
		options.Metrics.unwritable()
		options.Logger.Error("the store takes no writes", "error", opened.full)
	}
	s.spares.fill()
	s.tellCollisions()
	go s.write()
	return s, nil
}

// Close ends all work that was accepted and releases the file.
func (s *Store) Close() error {
	s.queue.close()
	<-s.written
	return s.ending
}

// View runs fn on a snapshot of one tenant. A panic of fn, or of reading a damaged page, comes back as Internal.
func (s *Store) View(ctx context.Context, tenant directory.TenantID, _ *store.Want, fn func(store.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return gaveUp(err)
	}
	if err := s.file.spoiled.Load(); err != nil {
		return cannotRead(err)
	}
	r, era := s.spares.take(tenant)
	if r == nil {
		tx, err := s.begin()
		if err != nil {
			return err
		}
		r = &reader{store: s, tx: tx, tenant: tenant}
	}
	sound := false // whoever panicked may have left it half open
	defer func() {
		if sound {
			s.spares.give(r, era)
		} else {
			end(r.tx)
		}
	}()
	return s.explained(shielded(func() error {
		if r.data == nil {
			r.enter()
		}
		err := fn(r)
		sound = true
		return err
	}))
}

// explained replaces a panic while reading by its cause, if the file was changed by something else.
func (s *Store) explained(err error) error {
	if err == nil || s.file == nil || !errors.As(err, new(*panicValue)) {
		return err
	}
	if cause := s.file.check(1); cause != nil && s.file.spoiled.Load() != nil {
		return cannotRead(errors.Join(cause, err))
	}
	return err
}

// Update hands decide to the writer and waits until its Change is on the disk.
func (s *Store) Update(ctx context.Context, tenant directory.TenantID, _ *store.Want, decide store.Decide) error {
	return s.submit(ctx, tenant, func(b *batch) error { return b.update(tenant, decide) })
}

// read runs fn in a read-only transaction.
func (s *Store) read(ctx context.Context, fn func(tx *bbolt.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return gaveUp(err)
	}
	tx, err := s.begin()
	if err != nil {
		return err
	}
	defer end(tx)
	return s.explained(shielded(func() error { return fn(tx) }))
}

func (s *Store) begin() (*bbolt.Tx, error) {
	if s.file != nil { // nil: a file that is only read by a command
		if err := s.file.mapped(); err != nil {
			return nil, cannotRead(err)
		}
	}
	return s.beginTx(false)
}

// beginTx begins a transaction of bbolt.
func (s *Store) beginTx(writable bool) (tx *bbolt.Tx, err error) {
	cannot := cannotRead
	if writable {
		cannot = cannotWrite
	}
	if s.wedged.Load() {
		return nil, cannot(errWedged())
	}
	err = shielded(func() (err error) {
		tx, err = s.db.Begin(writable)
		return err
	})
	switch {
	case errors.As(err, new(*panicValue)):
		s.wedged.Store(true)
		return nil, cannot(err)
	case err != nil:
		return nil, failed("the store cannot be used at the moment", err)
	}
	return tx, nil
}

// shielded turns a panic of fn into Internal, and a failing disk under the mapped file (which would end the process)
// into a panic.
func shielded(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if v := recover(); v != nil {
			err = panicked(v)
		}
	}()
	return fn()
}

// failed gives errors of the driver the code that they have in the contract.
func failed(message string, err error) error {
	var known *directory.Error
	if errors.As(err, &known) {
		return err
	}
	switch {
	case errors.Is(err, bbolterrors.ErrDatabaseNotOpen):
		return &directory.Error{Code: directory.Unavailable, Message: "the store is closed", Err: err}
	case errors.Is(err, bbolterrors.ErrMaxSizeReached):
		message = "the store has reached its greatest size; raise the limit or make room"
	}
	return &directory.Error{Code: directory.Unavailable, Message: message, Err: err}
}
