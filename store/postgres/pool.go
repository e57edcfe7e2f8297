package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"drawbridge/directory"
)

const (
	oldestServer = 150000 // PostgreSQL 15

	connectTimeout = 5 * time.Second
	pingTimeout    = 2 * time.Second // of a connection that was idle
	// A connection is not kept forever, so that after a failover or a change of DNS all of them reach the right server.
	connectionLife   = 5 * time.Minute
	connectionJitter = time.Minute
)

// configure reads the URL of a database.
func configure(url string, connections int) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, &directory.Error{Code: directory.Invalid, Field: "store.url", Message: "store.url is no URL of a database, like postgres://user@host:5432/database", Err: withoutPassword(err)}
	}
	if connections == 0 {
		connections = 4 + 2*runtime.NumCPU()
	}
	config.MaxConns = int32(connections)
	config.MaxConnLifetime, config.MaxConnLifetimeJitter = connectionLife, connectionJitter
	config.ConnConfig.ConnectTimeout, config.PingTimeout = connectTimeout, pingTimeout
	config.ConnConfig.OnNotice, config.AfterConnect = noticed, keepPlans
	// A request that ends closes its connection. It must not cancel the statement: a COMMIT whose wait for a standby is cancelled reports
	// success although only the primary has it.
	if config.ConnConfig.ValidateConnect == nil { // unless the URL says otherwise with target_session_attrs
		config.ConnConfig.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	parameters := config.ConnConfig.RuntimeParams
	if parameters["application_name"] == "" {
		parameters["application_name"] = "drawbridge"
	}
	return config, nil
}

// withoutPassword removes the password from an error that may quote the URL.
func withoutPassword(err error) error {
	var parse *pgconn.ParseConfigError
	if errors.As(err, &parse) {
		return errors.New("the URL could not be read")
	}
	return err
}

// dial makes one connection beside the pool.
func dial(ctx context.Context, url string) (*pgx.Conn, error) {
	config, err := configure(url, 1)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return nil, unreachable(err)
	}
	if err := goodServer(ctx, conn); err != nil {
		_ = conn.Close(context.WithoutCancel(ctx))
		return nil, err
	}
	return conn, nil
}

// unreachable says why no connection could be made.
func unreachable(err error) error {
	var network *net.OpError
	var name *net.DNSError
	var timeout interface{ Timeout() bool }
	var certificate *tls.CertificateVerificationError
	message := "what answers in the place of the database does not speak as PostgreSQL does: look at host and port in store.url"
	switch text := err.Error(); {
	case advice(err) != "":
		message = advice(err)
	case errors.As(err, &name):
		message = "the database could not be reached: there is no address for " + name.Name + ", the host in store.url"
	case errors.As(err, &certificate):
		message = "the certificate of the database is not trusted: look at sslmode and sslrootcert in store.url"
	case strings.Contains(text, "refused TLS"):
		message = "the database does not speak TLS, and sslmode in store.url wants it"
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		message = "the database did not answer in time: is it PostgreSQL that listens at host and port of store.url?"
	case errors.As(err, &network) && network.Addr != nil:
		message = "the database could not be reached at " + network.Addr.String() + ": is it running, and is store.url right?"
	}
	if text := err.Error(); advice(err) == "" && containsAny(text, "read only", "read-write", "hot standby") {
		message = "the database in store.url is a read-only standby: name the primary, or all servers with commas between them"
	}
	return &directory.Error{Code: directory.Unavailable, Message: message, Err: err}
}

// goodServer refuses a server that is too old.
func goodServer(ctx context.Context, q querier) error {
	var version int
	var name string
	if err := q.QueryRow(ctx, "select current_setting('server_version_num')::int, current_setting('server_version')").Scan(&version, &name); err != nil {
		return failed("the database did not say its version", err)
	}
	if version < oldestServer {
		return &directory.Error{Code: directory.Unavailable, Message: "the database is PostgreSQL " + name + ", and 15 or later is needed"}
	}
	return nil
}

// warned is where a connection keeps a warning of the server until it is taken.
const warned = "drawbridge.warned"

// noticed keeps warnings. During a COMMIT one of them matters: that the wait for a standby was cancelled.
func noticed(c *pgconn.PgConn, n *pgconn.Notice) {
	if n.Code == "01000" {
		c.CustomData()[warned] = n.Message
	}
}

// takeWarning gives the warning since its last call.
func takeWarning(c *pgx.Conn) string {
	data := c.PgConn().CustomData()
	text, _ := data[warned].(string)
	delete(data, warned)
	return text
}
