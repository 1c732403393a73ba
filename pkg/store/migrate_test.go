package store_test

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// oldRows is how many rows testdata/v1.sql, a dump of a file of schema version 1, has in each table.
var oldRows = map[string]int{"objects": 3, "object_index": 3, "events": 3, "operations": 3, "audit": 3, "usage_events": 3,
	"quota_usage": 1, "quota_holdings": 3, "idempotency_keys": 1}

func checkOldRows(t *testing.T, db *store.DB) {
	t.Helper()
	for table, want := range oldRows {
		n, err := db.Read.NewSelect().Table(table).Count(t.Context())
		require.NoError(t, err, table)
		require.EqualValues(t, want, n, table)
	}
	var name, spec string
	var sealed []byte
	require.NoError(t, db.Read.QueryRowContext(t.Context(), "SELECT name, spec, sealed FROM objects WHERE sealed IS NOT NULL").Scan(&name, &spec, &sealed))
	require.Equal(t, "b1", name)
	require.JSONEq(t, `{"size":1}`, spec)
	require.Equal(t, "\x00\x01sealed", string(sealed))
	var committed int
	require.NoError(t, db.Read.QueryRowContext(t.Context(), "SELECT committed FROM quota_usage WHERE hard = 50").Scan(&committed))
	require.Equal(t, 6, committed)
}

// What an old version wrote survives every migration since.
func TestMigrateAnOldFile(t *testing.T) {
	old, err := os.ReadFile("testdata/v1.sql")
	require.NoError(t, err)
	db, err := store.Open(t.Context(), storetest.URL(t, store.SQLite))
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	_, err = db.Write.ExecContext(t.Context(), string(old))
	require.NoError(t, err)
	require.NoError(t, db.Migrate(t.Context()))
	checkOldRows(t, db)
	require.NoError(t, db.Migrate(t.Context()))
}

// The same rows on PostgreSQL: its schema of version 1 is made anew, then filled, then brought forward.
func TestMigrateOldPostgres(t *testing.T) {
	old, err := os.ReadFile("testdata/v1.sql")
	require.NoError(t, err)
	db, err := store.Open(t.Context(), storetest.URL(t, store.Postgres))
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	require.NoError(t, db.MigrateTo(t.Context(), 1))
	for _, line := range strings.Split(string(old), "\n") {
		for table := range oldRows {
			rows, ok := strings.CutPrefix(line, `INSERT INTO "`+table+`" VALUES(`)
			if !ok {
				continue
			}
			rows = strings.ReplaceAll(rows, "X'", `'\x`)
			columns := ""
			if table == "events" { // seq is generated
				_, rows, _ = strings.Cut(rows, ",")
				columns = "(revision, kind, object_id, project, name, change, at)"
			}
			_, err := db.Write.ExecContext(t.Context(), "INSERT INTO "+table+columns+" VALUES ("+rows)
			require.NoError(t, err, line)
		}
	}
	require.NoError(t, db.Migrate(t.Context()))
	checkOldRows(t, db)
}

// Several nodes that start at once migrate once.
func TestMigrateTogether(t *testing.T) {
	url := storetest.URL(t, store.Postgres)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			db, err := store.Open(context.Background(), url)
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			if err := db.Migrate(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
