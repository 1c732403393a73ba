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
