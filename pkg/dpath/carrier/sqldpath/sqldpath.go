// Package sqldpath carries dedicated-path labels in rows of a service's own SQL
// database: events of an outbox, and jobs. A row holds the label at rest beside
// its data (see [carrier.Peer.Park]), so that whoever goes on with it does so in
// the lane in which it was written, after a restart or days later:
//
//	c := &sqldpath.Carrier{Peer: peer, DB: db, Dialect: sqldpath.Postgres}
//	err := c.Emit(ctx, tx, "order/17", &carrier.Message{ID: "e-1", Subject: "t.orders.created", Data: body})
//	err = c.Relay(ctx, sqldpath.RelayOptions{}, nats.Publish)
//	err = c.Enqueue(ctx, tx, &carrier.Message{ID: "j-1", Subject: "invoice", Due: tomorrow})
//	err = c.Work(ctx, sqldpath.WorkOptions{}, run)
//
// The tables are those of [Dialect.Schema]; execute it in the service's schema
// or take it into its migrations. Leases compare the clocks of processes, which
// must agree to well within a lease.
package sqldpath

import (
	"context"
	"database/sql"
	_ "embed" // the schemas
	"fmt"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
)

// Dialect is a database's SQL.
type Dialect string

// Dialects that are known.
const (
	Postgres Dialect = "postgres"
	SQLite   Dialect = "sqlite" // one process, or several on one machine
)

var (
	//go:embed schema_postgres.sql
	schemaPostgres string
	//go:embed schema_sqlite.sql
	schemaSQLite string
)

// Schema is the SQL text that makes the tables where they are absent.
func (d Dialect) Schema() string {
	if d == SQLite {
		return schemaSQLite
	}
	return schemaPostgres
}

// Execer executes a statement: *sql.Tx, *sql.DB, *sql.Conn.
type Execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Carrier keeps rows for one process on the path.
type Carrier struct {
	Peer    *carrier.Peer
	DB      *sql.DB
	Dialect Dialect
}

// exec gives the number of rows that changed.
func (c *Carrier) exec(ctx context.Context, on Execer, query string, args ...any) (int64, error) {
	result, err := on.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// label is a row's columns dpath_env, baggage and traceparent.
type label struct{ env, baggage, traceparent string }

func (c *Carrier) park(ctx context.Context) (label, error) {
	h := map[string][]string{}
	lane, err := c.Peer.Park(ctx, h)
	if err != nil {
		return label{}, err
	}
	l := label{baggage: first(h["baggage"]), traceparent: first(h["traceparent"])}
	if lane != carrier.CommonLane {
		l.env = lane
	}
	return l, nil
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

func (l label) lane() string {
	if l.env == "" {
		return carrier.CommonLane
	}
	return l.env
}

func (l label) header() map[string][]string {
	h := map[string][]string{}
	for k, v := range map[string]string{"baggage": l.baggage, "traceparent": l.traceparent} {
		if v != "" {
			h[k] = []string{v}
		}
	}
	return h
}

// lease tells whether holder has a name for itself until a time, by taking it
// now or by having it already.
func (c *Carrier) lease(ctx context.Context, name, holder string, until time.Time) (bool, error) {
	n, err := c.exec(ctx, c.DB, `INSERT INTO dpath_lease (name, holder, until) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
		WHERE dpath_lease.holder = excluded.holder OR dpath_lease.until <= $4`,
		name, holder, until.UnixMilli(), c.Peer.Time().UnixMilli())
	return n == 1, err
}

// holder names one running piece of work, so that a process started again is another.
func (c *Carrier) holder() string { return c.Peer.Node + "/" + dpath.NewTrace()[:8] }

// First notes, in the receiver's transaction, that a subscription handles a
// message. false means it did before: commit nothing of it again.
func (c *Carrier) First(ctx context.Context, tx Execer, subscription, id string) (bool, error) {
	n, err := c.exec(ctx, tx, `INSERT INTO dpath_inbox (subscription, id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
		subscription, id, c.Peer.Time().UnixMilli())
	if err != nil {
		return false, fmt.Errorf("inbox of %s: %w", subscription, err)
	}
	return n == 1, nil
}

// Attribute marks a query with the environment of ctx's call, for the
// database's own logs and statistics: /*dpath_env=newRetail*/ SELECT …
// An environment's name can hold nothing that ends the comment.
func Attribute(ctx context.Context, query string) string {
	if env := dpath.Env(ctx); env != "" {
		return "/*dpath_env=" + env + "*/ " + query
	}
	return query
}

// ApplicationName is the application_name under which a dedicated node
// connects, such as trade@newRetail; PostgreSQL shows 63 bytes of it.
func ApplicationName(app, env string) string {
	if env == "" {
		return app
	}
	return app + "@" + env
}
