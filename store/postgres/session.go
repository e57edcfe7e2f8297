package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Everything that a transaction reads is found by a key, or is a range in the order of an index, and has one good plan, whatever its
// arguments are. Left alone, PostgreSQL makes the plans of many statements each time, which takes longer than running them, and it keeps
// plans from the time when a table was small, which read all rows of a large one. So it is told to keep plans and to use indexes. PostgreSQL
// takes a plan that cannot avoid what is off here for a costly one, and would compile it each time without "jit".
const (
	plansSQL = `select concat(set_config('plan_cache_mode', 'force_generic_plan', $1), set_config('enable_seqscan', 'off', $1),
 set_config('enable_bitmapscan', 'off', $1), set_config('jit', 'off', $1))`

	// sessionPlansSQL gives no row, and sets nothing, if another process of the server answers than the one that the connection began with.
	sessionPlansSQL = plansSQL + ` where pg_backend_pid() = $2::bigint`

	forTransaction, forSession = true, false // $1
)

// ownSession marks a connection that has a session of the server for itself.
const ownSession = "drawbridge.session"

// keepPlans sets the plans for the whole session of a new connection, if it has one. To set them in each trip makes a small read 7 % slower. A
// pooler gives each transaction the session of some server process, and shows clients a process number of its own.
func keepPlans(ctx context.Context, conn *pgx.Conn) error {
	err := conn.QueryRow(ctx, sessionPlansSQL, forSession, int64(conn.PgConn().PID())).Scan(nil)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err == nil {
		conn.PgConn().CustomData()[ownSession] = true
	}
	return err
}

// queuePlans sets the plans for a transaction, unless its session has them.
func queuePlans(b *pgx.Batch, conn *pgxpool.Conn) {
	if conn.Conn().PgConn().CustomData()[ownSession] == nil {
		b.Queue(plansSQL, forTransaction)
	}
}
