package operation_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// An object that looks again from time to time, and is touched a lot meanwhile, keeps one job; no cause is lost.
func TestTouchesAreMerged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		house := operationtest.NewWarehouse()
		var mu sync.Mutex
		passes := 0
		house.OnReconcile(func(*box) (resource.Result, error, bool) {
			time.Sleep(20 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			passes++
			return resource.Result{Done: true, Again: time.Hour}, nil, true
		})
		p := operationtest.New(t, db, operationtest.Options{Warehouse: house})
		id := p.Must(t, operationtest.Box("b", 1)).Object.ID
		for i := range 60 {
			require.NoError(t, p.Touch(t.Context(), "box", id, fmt.Sprint("cause ", i%3)))
			time.Sleep(2 * time.Millisecond)
		}
		jobs := func(more string) (n int) {
			require.NoError(t, db.Read.NewRaw(`SELECT count(*) FROM river_job WHERE kind = 'reconcile' AND state IN ('available', 'scheduled', 'retryable', 'running')`+more).Scan(t.Context(), &n))
			return n
		}
		// The last one sleeps for an hour; others may still be about to find out that they are needless, or to make a pass.
		awake := " AND NOT (state = 'scheduled' AND scheduled_at > '" + time.Now().UTC().Add(time.Minute).Format(time.DateTime) + "')"
		require.Eventually(t, func() bool { return jobs("") <= 3 && jobs(awake) == 0 }, 20*time.Second, 10*time.Millisecond)
		require.NoError(t, p.Touch(t.Context(), "box", id, "the last one"))
		require.Eventually(t, func() bool { return jobs("") == 1 }, 20*time.Second, 10*time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		require.Less(t, passes, 40, "61 touches and 20 ms for each pass")
	})
}

// A job that another node has taken away is not relied on: the next touch with its cause waits for a pass itself.
func TestTouchOutlivesAnotherJobOfItsCause(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		house, inside, goOn := operationtest.NewWarehouse(), make(chan bool, 8), make(chan bool)
		house.OnReconcile(func(*box) (resource.Result, error, bool) {
			inside <- true
			<-goOn
			return resource.Result{Done: true}, nil, true
		})
		p := operationtest.New(t, db, operationtest.Options{Warehouse: house})
		id := p.Must(t, operationtest.Box("b", 1)).Object.ID
		<-inside
		tried := func(least int) {
			require.Eventually(t, func() bool {
				var n int
				err := db.Read.NewRaw(`SELECT count(*) FROM river_job WHERE kind = 'reconcile' AND state IN ('available', 'scheduled') AND attempted_at IS NOT NULL`).Scan(t.Context(), &n)
				return err == nil && n >= least
			}, 20*time.Second, time.Millisecond)
		}
		require.NoError(t, p.Touch(t.Context(), "box", id, "report"))
		tried(1)
		require.Eventually(t, func() bool {
			gone, err := db.Write.Exec(`DELETE FROM river_job WHERE kind = 'reconcile' AND state IN ('available', 'scheduled') AND attempted_at IS NOT NULL`)
			require.NoError(t, err)
			n, err := gone.RowsAffected()
			return err == nil && n == 1
		}, 20*time.Second, time.Millisecond)
		require.NoError(t, p.Touch(t.Context(), "box", id, "report"))
		tried(1)
		close(goOn)
		require.Eventually(t, func() bool { return len(inside) > 0 }, 20*time.Second, 5*time.Millisecond, "the touch was lost")
	})
}
