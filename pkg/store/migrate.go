package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"testing/fstest"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// types are the words of the migrations that the engines spell differently.
var types = map[Dialect]map[string]string{
	SQLite: {"UUID": "TEXT", "JSON": "TEXT", "TIME": "TIMESTAMP", "SERIAL": "INTEGER PRIMARY KEY AUTOINCREMENT",
		"BYTES": "BLOB", "XID": "0", "C": "", "OF": "", "BYTEWISE": "SELECT 1", "PLAINPIECES": "SELECT 1",
		"REFUSAL": "SELECT 1", "REFUSE": "BEGIN SELECT RAISE(ABORT, 'what was done stays written'); END"},
	Postgres: {"UUID": "UUID", "JSON": "JSONB", "TIME": "TIMESTAMPTZ", "SERIAL": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
		"BYTES": "BYTEA", "XID": "pg_current_xact_id()::text::bigint", "C": `COLLATE "C"`, "OF": "ON audit",
		"BYTEWISE":    `ALTER TABLE objects ALTER COLUMN name TYPE TEXT COLLATE "C"`,
		"PLAINPIECES": "ALTER TABLE image_pieces ALTER COLUMN data SET STORAGE EXTERNAL",
		"REFUSAL":     "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''what was done stays written''; END'",
		"REFUSE":      "FOR EACH ROW EXECUTE FUNCTION append_only()"},
}

var word = regexp.MustCompile(`\$[A-Z]+\b`)

// Migrate brings the schema forward to this version; several processes may call it at once.
func (db *DB) Migrate(ctx context.Context) error {
	return db.migrateTo(ctx, 0)
}

func (db *DB) migrateTo(ctx context.Context, version int64) (err error) {
	files, err := db.render()
	if err != nil {
		return err
	}
	dialect := goose.DialectSQLite3
	if db.Dialect == Postgres {
		dialect = goose.DialectPostgres
		conn, err := db.Write.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock(712530001)`); err != nil {
			return err
		}
		defer func() {
			_, failed := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock(712530001)`)
			err = errors.Join(err, failed)
		}()
	}
	p, err := goose.NewProvider(dialect, db.Write.DB, files)
	if err != nil {
		return err
	}
	if version == 0 {
		_, err = p.Up(ctx)
	} else {
		_, err = p.UpTo(ctx, version)
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func (db *DB) render() (fs.FS, error) {
	out := fstest.MapFS{}
	entries, err := migrations.ReadDir("migrations")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		text, err := migrations.ReadFile("migrations/" + e.Name())
		if err != nil {
			return nil, err
		}
		var unknown error
		rendered := word.ReplaceAllStringFunc(string(text), func(w string) string {
			s, ok := types[db.Dialect][w[1:]]
			if !ok {
				unknown = fmt.Errorf("migration %s: unknown word %s", e.Name(), w)
			}
			return s
		})
		if unknown != nil {
			return nil, unknown
		}
		out[e.Name()] = &fstest.MapFile{Data: []byte(rendered)}
	}
	return out, nil
}
