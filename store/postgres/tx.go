package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"drawbridge/directory"
	"drawbridge/store"
	"drawbridge/store/record"
)

// noData is the key of a tenant that does not exist. No data has it.
const noData int64 = -1

// tx is one transaction on the data of one tenant. It keeps in memory what it has read (known) and, in an update, what is not written yet
// (pending). Reads use memory first and then the database. A read that needs both together (a list) flushes the pending writes and asks the
// database.
type tx struct {
	store   *Store
	ctx     context.Context
	conn    *pgxpool.Conn
	tenant  directory.TenantID
	pk      int64        // noData: there is no such tenant
	staged  int64        // not 0: the data of a staged tenant
	update  bool         // the tenant is locked, and there may be writes
	careful bool         // records that look new are not assumed to be new
	locked  int64        // the key whose row is locked
	checks  []*admission // the credentials of those who write, which are looked up at the beginning
	dirty   bool         // something is written, or pending
	half    bool         // a Change is pending in parts
	renewed bool         // the tenant, its connections or their credentials are not as they were
	broken  error        // a read failed: nothing more can be done in this transaction
	// outdated: what was read in a shared trip was changed before the transaction needed more (share.go).
	outdated bool
	recheck  *recheck // of a shared trip; nil: this is none
	yielded  bool     // a list has yielded a record, so the function of the View cannot run again

	head    header
	known   known
	pending pending
}

// header is what every transaction reads first.
type header struct {
	change      int64
	eventSeq    int64
	forgotten   int64 // the last event that was forgotten
	noticed     *int64
	auditSeq    int64
	chainHead   directory.Hash
	usage       directory.Usage
	tenant      *directory.Tenant      // nil: not written
	short       bool                   // it was read without the connections
	bodies      [][]byte               // of the connections, until they are asked for
	connections []directory.Connection // by slug
}

// beginning says how a transaction starts.
type beginning struct {
	sql  string
	lock bool
}

func snapshot() beginning { return beginning{sql: "begin isolation level repeatable read read only"} }

func locked() beginning { return beginning{sql: "begin isolation level read committed", lock: true} }

// Limits of an update: a process gives up waiting for the lock of a tenant after lockWait, and a process that is cut off while it holds one
// loses it after idleWait.
const boundsSQL = "set_config('lock_timeout', '8s', true), set_config('idle_in_transaction_session_timeout', '20s', true)"

// lockSQL sets the limits before it waits for the lock.
const lockSQL = "select 1 from (select " + boundsSQL + " offset 0) bounds cross join lane where pk = $1 for no key update of lane"

// The lock is a separate statement, so that this one sees what was committed during the wait for the lock.
const (
	headerSQL = headSQL + connectionsSQL + ofTenantSQL
	// shortSQL leaves the connections out: a read that may share a trip hardly ever asks for them.
	shortSQL = headSQL + `null::bytea[]` + ofTenantSQL

	// The same with the answers of letInSQL, a row for each credential.
	admittingSQL         = headSQL + connectionsSQL + admittedSQL
	admittingShortSQL    = headSQL + `null::bytea[]` + admittedSQL
	admittingOneSQL      = headSQL + connectionsSQL + admittedOneSQL
	admittingOneShortSQL = headSQL + `null::bytea[]` + admittedOneSQL

	headSQL = `select pg_is_in_recovery(), (select min_reader from schema_version), t.pk, t.body, l.change, l.event_seq, l.event_first,
 l.noticed, l.audit_seq, l.audit_head, l.usage, `
	connectionsSQL = `array(select body from connection where pk = l.pk)`
	admittedSQL    = `, w.n, k.body, c.body, o.body from tenant t join lane l on l.pk = t.pk cross join ` + shownSQL + ` where t.slug = $4`
	admittedOneSQL = `, ` + shownOneSQL + ` from tenant t join lane l on l.pk = t.pk where t.slug = $3`
	ofTenantSQL    = ` from tenant t join lane l on l.pk = t.pk where t.slug = $1`
)

// stagedSQL is headerSQL for data that no tenant has yet.
const stagedSQL = `select pg_is_in_recovery(), (select min_reader from schema_version), l.pk, null::bytea, l.change, l.event_seq, l.event_first, l.noticed, l.audit_seq, l.audit_head, l.usage, null::bytea[]
 from lane l join staged s on s.pk = l.pk where l.pk = $1`

// errDemoted means that the connection reaches a server that accepts no writes and may lag.
var errDemoted = errors.New("the server is a standby now")

// errMoved means that the data of a tenant now has another key.
var errMoved = errors.New("the tenant has other data now")

// begin starts the transaction and reads the header and n, all in one round trip.
func (t *tx) begin(how beginning, n need) error {
	t.update = how.lock
	if t.staged != 0 {
		t.pk, t.locked = t.staged, t.staged
		return t.beginAt(how, stagedSQL, t.staged, n)
	}
	for {
		pk, err := t.store.keyOf(t.ctx, t.conn, t.tenant)
		if err != nil {
			return err
		}
		t.pk, t.locked = pk, pk
		err = t.beginAt(how, headerSQL, string(t.tenant), n)
		if !errors.Is(err, errMoved) {
			return err
		}
		if err := t.rollback(); err != nil {
			return err
		}
		t.store.keys.Delete(t.tenant)
	}
}

func (t *tx) beginAt(how beginning, headerQuery string, arg any, n need) error {
	t.head, t.known, t.pending = header{}, newKnown(), newPending()
	b := &pgx.Batch{}
	b.Queue(how.sql)
	queuePlans(b, t.conn)
	if how.lock {
		b.Queue(lockSQL, t.pk)
	}
	var found *int64
	switch {
	case len(t.checks) == 0:
		found = t.queueHeader(b, headerQuery, arg)
	case t.staged != 0 || t.pk == noData:
		found = t.queueHeader(b, headerQuery, arg)
		t.store.queueAdmissions(b, t.checks)
	default:
		found = t.queueAdmitting(b, admittingOneSQL, admittingSQL, t.checks)
	}
	if err := t.fetchWith(b, n); err != nil {
		return err
	}
	if *found != t.pk {
		return errMoved
	}
	return nil
}

// queueHeader asks for the header. The result is the key of the tenant's data, when the answer is there; noData: there is no such tenant.
func (t *tx) queueHeader(b *pgx.Batch, sql string, arg any) *int64 {
	found := noData
	b.Queue(sql, arg).Query(func(rows pgx.Rows) (err error) {
		for rows.Next() {
			if found, err = t.readHeader(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	return &found
}

// readHeader reads the columns of headerSQL, and those after them into more.
func (t *tx) readHeader(rows pgx.Rows, more ...any) (pk int64, err error) {
	var standby bool
	var minReader int
	var tenant, head, usage []byte
	h := &t.head
	columns := []any{&standby, &minReader, &pk, &tenant, &h.change, &h.eventSeq, &h.forgotten, &h.noticed, &h.auditSeq, &head, &usage, &h.bodies}
	if err := rows.Scan(append(columns, more...)...); err != nil {
		return pk, err
	}
	if standby { // it was the primary when the connection was made
		return pk, errDemoted
	}
	if minReader > t.store.step { // a newer release has removed what this program needs
		return pk, t.store.errOutdated(minReader)
	}
	copy(h.chainHead[:], head)
	if len(usage) > 0 {
		d := record.NewReader(string(usage))
		if h.usage, err = d.ReadUsage(); err != nil {
			return pk, damaged("counts of tenant "+string(t.tenant), err)
		}
	}
	if tenant != nil {
		if h.tenant, err = t.store.tenants.decode(string(t.tenant), tenant); err != nil {
			return pk, damaged("tenant "+string(t.tenant), err)
		}
	}
	return pk, nil
}

// connections gives the connections of the tenant by slug. Few reads ask for them.
func (t *tx) connections() ([]directory.Connection, error) {
	if t.head.short {
		if err := t.readFailed(t.reopen()); err != nil {
			return nil, err
		}
	}
	for _, body := range t.head.bodies {
		var c directory.Connection
		if err := json.Unmarshal(body, &c); err != nil {
			return nil, damaged("connection of tenant "+string(t.tenant), err)
		}
		t.head.connections = append(t.head.connections, c)
	}
	slices.SortFunc(t.head.connections, func(a, b directory.Connection) int { return strings.Compare(string(a.ID), string(b.ID)) })
	t.head.bodies = nil
	return t.head.connections, nil
}

// send runs the queries of b in one round trip.
func (t *tx) send(b *pgx.Batch) error {
	if b.Len() == 0 {
		return nil
	}
	if t.conn == nil {
		if err := t.reopen(); err != nil {
			return err
		}
	}
	return t.store.send(t.ctx, t.conn, b, 6*t.store.options.Timeout)
}

// ask runs a query after all pending writes.
func (t *tx) ask(sql string, args []any, each func(pgx.Rows) error) error {
	b := &pgx.Batch{}
	if err := t.flushInto(b); err != nil {
		return err
	}
	b.Queue(sql, args...).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			if err := each(rows); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	return t.readFailed(t.send(holdable(b)))
}

func (t *tx) readFailed(err error) error {
	var known *directory.Error
	if err != nil && !errors.As(err, &known) {
		t.broken = err
	}
	if err != nil && t.ctx.Err() != nil && !t.update {
		return gaveUp(t.ctx.Err())
	}
	return failed("the store could not be read", err)
}

func (t *tx) rollback() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), connectTimeout)
	defer cancel()
	_, err := t.conn.Exec(ctx, "rollback")
	return err
}

// View runs fn on a snapshot of one tenant.
func (s *Store) View(ctx context.Context, tenant directory.TenantID, want *store.Want, fn func(store.Reader) error) error {
	if err := s.checkDeferred(ctx); err != nil {
		return err
	}
	n := wanted(want)
	t := s.sharing.prefetched(ctx, tenant, n)
	if t == nil {
		t = s.sharing.view(ctx, tenant, n)
	}
	if t != nil {
		if err := t.run(fn); !t.outdated {
			return err
		}
	}
	t, err := s.snapshot(ctx, tenant, wanted(want))
	if err != nil {
		return err
	}
	return t.run(fn)
}

// run runs fn and ends the snapshot.
func (t *tx) run(fn func(store.Reader) error) error {
	err := shielded(func() error { return fn(reader{t}) })
	if t.conn != nil {
		go t.leave() // no caller waits for the end of a snapshot
	}
	return err
}

// snapshot begins a View. After a failover the pool still has broken connections, and connections to a standby: they are dropped one after
// the other.
func (s *Store) snapshot(ctx context.Context, tenant directory.TenantID, n need) (*tx, error) {
	within, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	for {
		conn, err := s.acquire(ctx)
		if err != nil {
			return nil, err
		}
		t := &tx{store: s, ctx: ctx, conn: conn, tenant: tenant}
		if err = t.begin(snapshot(), n); err == nil {
			return t, nil
		}
		s.discard(conn)
		if !passing(err) || within.Err() != nil {
			return nil, t.readFailed(err)
		}
	}
}

// leave ends a snapshot.
func (t *tx) leave() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), connectTimeout)
	defer cancel()
	if _, err := t.conn.Exec(ctx, "rollback"); err != nil {
		t.store.discard(t.conn)
		return
	}
	t.conn.Release()
}

func uuidOf(id directory.ID) pgtype.UUID { return pgtype.UUID{Bytes: id, Valid: true} }

// Arrays that pgx writes without reflection.
type (
	uuidArray  = pgtype.FlatArray[pgtype.UUID]
	bytesArray = pgtype.FlatArray[[]byte]
)

func uuids(ids []directory.ID) uuidArray {
	out := make(uuidArray, len(ids))
	for i, id := range ids {
		out[i] = uuidOf(id)
	}
	return out
}

func compareIDs(a, b directory.ID) int { return bytes.Compare(a[:], b[:]) }
