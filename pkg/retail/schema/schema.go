// Package schema prepares PostgreSQL for the service centres: one schema and one login role per
// centre, with no grant outside of it, and the centre's tables at the newest version.
package schema

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/plazacloud/plaza/pkg/retail/centre"
)

// Options say what to prepare. AdminURL names a role that may create roles, schemas and
// extensions, and the database, which is created if it does not exist. Password gives the login
// password of a role. Wait bounds the wait for PostgreSQL to answer.
type Options struct {
	AdminURL string
	Schemas  []string
	Password func(role string) string
	Wait     time.Duration
	Log      *slog.Logger
}

// Derive returns a key for one purpose from the platform's secret, as 32 bytes.
func Derive(secret, purpose string) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte("plaza-retail/" + purpose))
	return h.Sum(nil)
}

// Password is the login password of a role under the platform's secret (40 hex digits).
func Password(secret, role string) string {
	return hex.EncodeToString(Derive(secret, "database/"+role))[:40]
}

// RoleURL is base with the role and its password put in. base without a scheme is refused.
func RoleURL(base, role, password string) (string, error) {
	u, err := url.Parse(base)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return "", fmt.Errorf("database URL must start with postgres:// (%w)", err)
	}
	u.User = url.UserPassword(role, password)
	q := u.Query()
	q.Del("user")
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// Migrate prepares the database. Run it as often as you like: a second run changes nothing.
func Migrate(ctx context.Context, o Options) error {
	admin, err := pgx.ParseConfig(o.AdminURL)
	if err != nil {
		return err
	}
	conn, err := await(ctx, admin, o)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	// One migration at a time: several app nodes may boot at once.
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(hashtext('plaza-retail-migrate'))`); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, `CREATE EXTENSION IF NOT EXISTS btree_gist`); err != nil {
		return fmt.Errorf("extension btree_gist (package postgresql-contrib): %w", err)
	}
	for _, name := range o.Schemas {
		start := time.Now()
		if err := prepare(ctx, conn, name, o.Password(name)); err != nil {
			return fmt.Errorf("schema %s: %w", name, err)
		}
		role := admin.Copy()
		role.RuntimeParams["role"] = name
		role.RuntimeParams["search_path"] = name + ",public"
		if err := centre.Migrate(ctx, name, role); err != nil {
			return err
		}
		o.Log.InfoContext(ctx, "schema ready", "schema", name, "ms", time.Since(start).Milliseconds())
	}
	return nil
}

func prepare(ctx context.Context, conn *pgx.Conn, name, password string) error {
	id := pgx.Identifier{name}.Sanitize()
	var exists bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1)`, name).Scan(&exists); err != nil {
		return err
	}
	if !exists {
		if _, err := conn.Exec(ctx, "CREATE ROLE "+id+" LOGIN"); err != nil && !isCode(err, "42710") {
			return err
		}
	}
	// The password is hex, so it needs no quoting beyond the literal.
	for _, stmt := range []string{
		"ALTER ROLE " + id + " LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '" + password + "'",
		"GRANT " + id + " TO CURRENT_USER", // lets an administrator who is no superuser act for the role
		"CREATE SCHEMA IF NOT EXISTS " + id + " AUTHORIZATION " + id,
		"REVOKE ALL ON SCHEMA " + id + " FROM PUBLIC",
		"REVOKE CREATE ON SCHEMA public FROM PUBLIC",
		"ALTER ROLE " + id + " SET search_path = " + id + ", public",
	} {
		if _, err := conn.Exec(ctx, stmt); err != nil {
			return err
		}
	}
	return nil
}

func isCode(err error, code string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == code
}

// await connects, with a line of progress every few seconds while PostgreSQL does not answer yet.
// A refused login is waited for too: a database node may set its passwords after it listens.
func await(ctx context.Context, cfg *pgx.ConnConfig, o Options) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, max(o.Wait, time.Second))
	defer cancel()
	start, pause := time.Now(), 250*time.Millisecond
	for {
		conn, err := pgx.ConnectConfig(ctx, cfg)
		if err == nil {
			return conn, nil
		}
		if isCode(err, "3D000") {
			err = createDatabase(ctx, cfg)
			if err == nil {
				continue
			}
		}
		o.Log.InfoContext(ctx, "waiting for PostgreSQL", "host", cfg.Host, "port", cfg.Port,
			"waited", time.Since(start).Round(time.Second).String(), "answer", err.Error())
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("PostgreSQL did not answer within %s: %w", o.Wait, err)
		case <-time.After(pause):
			pause = min(2*pause, 5*time.Second)
		}
	}
}

func createDatabase(ctx context.Context, cfg *pgx.ConnConfig) error {
	maintenance := cfg.Copy()
	maintenance.Database = "postgres"
	conn, err := pgx.ConnectConfig(ctx, maintenance)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{cfg.Database}.Sanitize()+" ENCODING 'UTF8' TEMPLATE template0")
	if isCode(err, "42P04") || isCode(err, "23505") {
		return nil
	}
	return err
}
