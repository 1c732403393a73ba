package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

// TestKeyIsChangedInSteps while plazad runs, started anew where the page for operators says so.
func TestKeyIsChangedInSteps(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	p := start(t, dir)
	first, err := resource.LoadKeys(filepath.Join(dir, sealingKey))
	require.NoError(t, err)
	require.Len(t, first, 1)
	id := seal(t, p.Database, first[0])
	step := func(name string) string { return command(t, "key", name, "--dir", dir, "--log-level", "error") }
	fails := func(name, why string) {
		cmd := newCommand()
		cmd.SetArgs([]string{"key", name, "--dir", dir, "--log-level", "error"})
		require.ErrorContains(t, cmd.ExecuteContext(t.Context()), why)
	}
	again := func() {
		p.halt(t)
		p = start(t, dir)
	}
	fails("use", "plazad key add")
	elsewhere := newCommand()
	elsewhere.SetArgs([]string{"key", "add", "--dir", t.TempDir()})
	require.ErrorContains(t, elsewhere.ExecuteContext(t.Context()), "say which with --dir")
	require.Contains(t, step("add"), "2 keys")
	again()
	step("use")
	again()
	fails("drop", "plazad key reseal")
	require.Contains(t, step("reseal"), "1 objects are sealed anew")
	require.Contains(t, step("drop"), "one key is left")
	again()
	p.halt(t)
	last, err := resource.LoadKeys(filepath.Join(dir, sealingKey))
	require.NoError(t, err)
	require.Len(t, last, 1)
	require.NotEqual(t, first[0], last[0])
	require.Equal(t, "hush", open(t, p.Database, last[0], id))
	info, err := os.Stat(filepath.Join(dir, sealingKey))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

// seal puts an object with a secret into a database.
func seal(t *testing.T, database string, key []byte) string {
	db, err := store.Open(t.Context(), database)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	sealer, err := resource.NewSealer(key)
	require.NoError(t, err)
	id := resource.NewID()
	sealed, err := sealer.Seal(id, []byte("hush"))
	require.NoError(t, err)
	_, err = db.Write.ExecContext(t.Context(), `INSERT INTO objects (id, kind, name, labels, spec, sealed, status, conditions, finalizers, phase, generation,
		observed_generation, version, revision, created_by, created_at, updated_at)
		VALUES (?, 'bundle', 'b', '{}', '{}', ?, '{}', '[]', '[]', 'Ready', 1, 1, 1, 1, 'test', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)`, id, sealed)
	require.NoError(t, err)
	return id
}

func open(t *testing.T, database string, key []byte, id string) string {
	db, err := store.Open(t.Context(), database)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	var sealed sql.RawBytes
	rows, err := db.Read.QueryContext(t.Context(), "SELECT sealed FROM objects WHERE id = ?", id)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	require.True(t, rows.Next())
	require.NoError(t, rows.Scan(&sealed))
	sealer, err := resource.NewSealer(key)
	require.NoError(t, err)
	plain, err := sealer.Open(id, sealed)
	require.NoError(t, err)
	require.NoError(t, rows.Err())
	return string(plain)
}
