// Package centre is what every service centre of the retail platform stands on: one PostgreSQL
// schema with its own login role, transactions with retries, idempotent commands, outbox rows,
// cursors and entity tags. It knows no business.
package centre

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/plazacloud/plaza/pkg/retail/problem"
)

// Config opens one centre. DatabaseURL names the centre's own login role; Schema is at once the
// schema, the role and the Dpath app. Isolation defaults to read committed.
type Config struct {
	Schema           string
	DatabaseURL      string
	Node             string
	MaxConns         int32
	Isolation        pgx.TxIsoLevel
	StatementTimeout time.Duration
	Log              *slog.Logger
}

// Centre is one service centre: a schema and the pool of the role that may use it.
type Centre struct {
	Schema    string
	Pool      *pgxpool.Pool
	Log       *slog.Logger
	isolation pgx.TxIsoLevel
}

// Open parses the configuration and makes the pool. It dials nothing: a database that is down
// makes the centre not ready, it does not keep the process from starting.
func Open(ctx context.Context, c Config) (*Centre, error) {
	pc, err := pgxpool.ParseConfig(c.DatabaseURL)
	if err != nil {
		return nil, fmt.Errorf("centre %s: %w", c.Schema, err)
	}
	if c.StatementTimeout == 0 {
		c.StatementTimeout = 15 * time.Second
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Isolation == "" {
		c.Isolation = pgx.ReadCommitted
	}
	pc.MaxConns = max(c.MaxConns, 2)
	pc.MinConns = 0
	pc.MaxConnIdleTime = 5 * time.Minute
	ms := fmt.Sprint(c.StatementTimeout.Milliseconds())
	params := pc.ConnConfig.RuntimeParams
	params["search_path"] = c.Schema + ",public"
	params["application_name"] = "retaild/" + c.Schema + "/" + c.Node
	params["statement_timeout"] = ms
	params["idle_in_transaction_session_timeout"] = ms
	params["timezone"] = "UTC"
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return nil, fmt.Errorf("centre %s: %w", c.Schema, err)
	}
	return &Centre{Schema: c.Schema, Pool: pool, isolation: c.Isolation, Log: c.Log.With("app", c.Schema)}, nil
}

// Close ends the pool.
func (c *Centre) Close() { c.Pool.Close() }

// maxTries bounds the retries of one transaction; with the pauses below it is about one second.
const maxTries = 60

// InTx runs fn in one transaction at the centre's isolation level and runs it again after a
// serialization failure (40001) or a deadlock (40P01), so fn must have no effect outside tx.
func (c *Centre) InTx(ctx context.Context, fn func(tx pgx.Tx) error) error {
	for try := 1; ; try++ {
		err := pgx.BeginTxFunc(ctx, c.Pool, pgx.TxOptions{IsoLevel: c.isolation}, fn)
		if err == nil || !Retryable(err) {
			return err
		}
		if try == maxTries {
			return problem.Unavailable("contention", "Too many writers want the same rows at once.", err)
		}
		pause := time.Duration(1+rand.IntN(1+min(try, 30))) * time.Millisecond //nolint:gosec // jitter, not a secret
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// Retryable tells whether PostgreSQL asks for the transaction to be run again.
func Retryable(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
}

// Violates tells whether err is a breach of the named constraint.
func Violates(err error, constraint string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.ConstraintName == constraint
}

// Ready tells whether the database answers and holds at least the schema version this binary
// was built for.
func (c *Centre) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	want, err := wantVersion(c.Schema)
	if err != nil {
		return err
	}
	var have int64
	if err := c.Pool.QueryRow(ctx, `SELECT coalesce(max(version_id),0) FROM schema_version`).Scan(&have); err != nil {
		return fmt.Errorf("schema %s: %w", c.Schema, err)
	}
	if have < want {
		return fmt.Errorf("schema %s is at version %d, this binary needs %d: run `retaild migrate`", c.Schema, have, want)
	}
	return nil
}
