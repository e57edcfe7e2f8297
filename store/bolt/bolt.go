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
	// Timeout is how long Open waits for another process to release the file. 0: two seconds.
	Timeout time.Duration
	// MaxSize is the maximum size of the file, in bytes. Writes that need more are Unavailable, and possibly also removals, because they
	// need new pages, too. Reads still work. 0: no limit.
	MaxSize int
	// InitialMmapSize is how much address space, in bytes, is mapped at once. It uses no memory and no disk. When the file
	// outgrows it, the writer must wait for all readers once. 0: 4 GiB, or nothing on 32-bit systems.
	InitialMmapSize int
	// Now tells the time, for Metrics, for leases and for the sidecar. nil: there are no times, and leases do not end.
	Now func() time.Time
	// Metrics, if set, is told about commits.
	Metrics *Metrics
	// Logger gets faults and repairs, never requests. nil: nothing is logged.
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
	ending  error         // of Close; valid after written is closed

	decoded     decodedCache
	credentials credentialCache
	roster      roster
	pool        txPool

	stagingLock sync.Mutex
	staging     map[directory.TenantID]bool // see stage
	condition   condition
	wedged      atomic.Bool // bbolt has panicked with its locks held: it must not be called again
	changes     changes
	leases      leases
	colliding   bool // some userName is shared; only the writer reads it
	secretLock  sync.Mutex
}

var (
	_ store.Store   = (*Store)(nil)
	_ store.Sweeper = (*Store)(nil)
	_ store.Prober  = (*Store)(nil)
	_ store.Copier  = (*Store)(nil)

	_ store.Collider = (*Store)(nil)
)

// Open opens the store at path, or makes a new one if there never was one. It makes the folder with mode 0700 and the file with
// 0600. The error is a *directory.Error whose Message says what to do: Unavailable if another process has the file open or the
// operating system refuses it, Internal if the content is not a store of this package, or not all of it.
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
	s.pool.refill()
	s.logCollisions()
	go s.write()
	return s, nil
}

// Close finishes all accepted work and releases the file.
func (s *Store) Close() error {
	s.queue.close()
	<-s.written
	return s.ending
}

// View runs fn on a snapshot of one tenant. A panic of fn, or of reading a damaged page, is returned as Internal.
func (s *Store) View(ctx context.Context, tenant directory.TenantID, _ *store.Want, fn func(store.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return gaveUp(err)
	}
	if err := s.file.spoiled.Load(); err != nil {
		return cannotRead(err)
	}
	r, generation := s.pool.get(tenant)
	if r == nil {
		tx, err := s.begin()
		if err != nil {
			return err
		}
		r = &reader{store: s, tx: tx, tenant: tenant}
	}
	sound := false // after a panic it may be in a bad state, and is not pooled
	defer func() {
		if sound {
			s.pool.put(r, generation)
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

// Update hands decide to the writer and waits until its Change is durable.
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
	if s.file != nil { // nil: a command reads a file that no server has open
		if err := s.file.mapped(); err != nil {
			return nil, cannotRead(err)
		}
	}
	return s.beginTx(reading)
}

// purpose is what a transaction of bbolt is for.
type purpose int

const (
	reading purpose = iota
	writing
)

// beginTx begins a transaction of bbolt.
func (s *Store) beginTx(to purpose) (tx *bbolt.Tx, err error) {
	cannot := cannotRead
	if to == writing {
		cannot = cannotWrite
	}
	if s.wedged.Load() {
		return nil, cannot(errWedged())
	}
	err = shielded(func() (err error) {
		tx, err = s.db.Begin(to == writing)
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

// shielded turns a panic of fn into Internal. A failing disk can cause a page fault in the mapped file, which would end the process;
// shielded turns that into a panic, too.
func shielded(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if v := recover(); v != nil {
			err = panicked(v)
		}
	}()
	return fn()
}

// failed translates an error of the driver to the code of the contract.
func failed(message string, err error) error {
	var known *directory.Error
	if errors.As(err, &known) {
		return err
	}
	switch {
	case errors.Is(err, bbolterrors.ErrDatabaseNotOpen):
		return &directory.Error{Code: directory.Unavailable, Message: "the store is closed", Err: err}
	case errors.Is(err, bbolterrors.ErrMaxSizeReached):
		message = "the store has reached its maximum size: raise store.max_bytes, or remove data"
	}
	return &directory.Error{Code: directory.Unavailable, Message: message, Err: err}
}
