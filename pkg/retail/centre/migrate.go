package centre

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var base embed.FS

var (
	registryMu sync.RWMutex
	registry   = map[string]fs.FS{}
)

// Register gives the migrations (files NNNNN_name.sql of goose) of one schema. A centre's package
// calls it once while it is initialised.
func Register(schema string, migrations fs.FS) {
	registryMu.Lock()
	defer registryMu.Unlock()
	registry[schema] = migrations
}

// Migrate brings the schema of conn's search_path to the newest version: first the tables every
// centre has, then its own. It is idempotent.
func Migrate(ctx context.Context, schema string, conn *pgx.ConnConfig) error {
	shared, err := fs.Sub(base, "migrations")
	if err != nil {
		return err
	}
	own, err := migrations(schema)
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*conn)
	defer func() { _ = db.Close() }()
	if err := up(ctx, db, "centre_version", shared); err != nil {
		return fmt.Errorf("schema %s: %w", schema, err)
	}
	if err := up(ctx, db, "schema_version", own); err != nil {
		return fmt.Errorf("schema %s: %w", schema, err)
	}
	return nil
}

func up(ctx context.Context, db *sql.DB, table string, files fs.FS) error {
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithTableName(table), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

func migrations(schema string) (fs.FS, error) {
	registryMu.RLock()
	defer registryMu.RUnlock()
	f, ok := registry[schema]
	if !ok {
		return nil, fmt.Errorf("there is no centre %q", schema)
	}
	return f, nil
}

func wantVersion(schema string) (int64, error) {
	f, err := migrations(schema)
	if err != nil {
		return 0, err
	}
	names, err := fs.Glob(f, "*.sql")
	if err != nil || len(names) == 0 {
		return 0, fmt.Errorf("centre %s has no migrations (%w)", schema, err)
	}
	var v int64
	_, err = fmt.Sscanf(names[len(names)-1], "%d_", &v)
	return v, err
}
