package operation_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// Of two nodes one does a chore each time, never both at once; one that fails does not keep it from the next time.
func TestChoresAreDoneByOneNodeAtATime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var done, at, together, failed atomic.Int64
		chores := []operation.Chore{
			{Name: "count", Every: time.Second, Run: func(context.Context) error {
				if at.Add(1) > 1 {
					together.Add(1)
				}
				time.Sleep(1500 * time.Millisecond) // longer than until it is due again
				at.Add(-1)
				done.Add(1)
				return nil
			}},
			{Name: "fail", Every: time.Second, Run: func(context.Context) error { failed.Add(1); return errors.New("no luck") }},
		}
		for _, node := range []string{"n1", "n2"} {
			s := resource.NewStore(resource.Config{DB: db, Registry: resource.NewRegistry()})
			e, err := operation.New(t.Context(), operation.Config{DB: db, Objects: s, Node: node, Chores: chores, Log: slog.New(slog.DiscardHandler)})
			require.NoError(t, err)
			s.UseJobs(e)
			require.NoError(t, e.Start(t.Context()))
			t.Cleanup(func() {
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
				defer cancel()
				require.NoError(t, e.Stop(ctx))
				s.Close()
			})
		}
		require.Eventually(t, func() bool { return done.Load() >= 2 && failed.Load() >= 3 }, 30*time.Second, 20*time.Millisecond)
		require.Zero(t, together.Load())
	})
}
