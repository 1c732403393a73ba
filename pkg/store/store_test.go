package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestMigrateTwice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		require.NoError(t, db.Migrate(t.Context()))
	})
}

func TestTxRollsBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		boom := errors.New("boom")
		err := db.Tx(t.Context(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, `INSERT INTO counters (name, value) VALUES ('x', 1)`)
			require.NoError(t, err)
			return boom
		})
		require.ErrorIs(t, err, boom)
		n, err := db.Read.NewSelect().Table("counters").Where("name = 'x'").Count(t.Context())
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

func TestUniqueViolation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		_, err := db.Write.ExecContext(t.Context(), `INSERT INTO counters (name, value) VALUES ('revision', 1)`)
		_, ok := store.UniqueViolation(err)
		require.True(t, ok, "%v", err)
		require.False(t, store.Retryable(err))
	})
}

func TestOpenRefusesOtherSchemes(t *testing.T) {
	_, err := store.Open(t.Context(), "mysql://x")
	require.ErrorContains(t, err, "neither sqlite nor postgres")
}

func TestErrorsAreTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		_, err := db.Write.ExecContext(t.Context(), "SELECT nonsense")
		require.False(t, store.Full(err))
		require.False(t, store.Unreachable(err))
		_, unique := store.UniqueViolation(err)
		require.False(t, unique)
	})
	_, err := store.Open(t.Context(), "postgres://nobody@127.0.0.1:1/none?connect_timeout=2")
	require.True(t, store.Unreachable(err), "%v", err)
	_, err = store.Open(t.Context(), "postgres://%zz")
	require.Error(t, err)
	_, err = store.Open(t.Context(), "sqlite:///dev/null/below")
	require.Error(t, err)
}

// A transaction that the engine aborts for the sake of another one is run again.
func TestTxRunsAgain(t *testing.T) {
	db := storetest.Open(t, store.Postgres)
	_, err := db.Write.Exec(`INSERT INTO counters (name, value) VALUES ('a', 0), ('b', 0)`)
	require.NoError(t, err)
	done := make(chan error, 2)
	for _, order := range [][]string{{"a", "b"}, {"b", "a"}} {
		go func() {
			for range 5 {
				if err := db.Tx(context.Background(), func(ctx context.Context, tx bun.Tx) error {
					for _, name := range order {
						if _, err := tx.ExecContext(ctx, `UPDATE counters SET value = value + 1 WHERE name = ?`, name); err != nil {
							return err
						}
					}
					return nil
				}); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	require.NoError(t, <-done)
	require.NoError(t, <-done)
	var n int
	require.NoError(t, db.Read.QueryRow(`SELECT SUM(value) FROM counters WHERE name IN ('a', 'b')`).Scan(&n))
	require.Equal(t, 20, n)
}
