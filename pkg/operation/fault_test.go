package operation_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

type box = operationtest.BoxObject

// solo counts passes over one object that are under way at the same time.
type solo struct {
	mu    sync.Mutex
	now   map[string]int
	worst int
	total int
}

func (s *solo) pass(id string, d time.Duration) {
	s.mu.Lock()
	s.now[id]++
	s.total++
	s.worst = max(s.worst, s.now[id])
	s.mu.Unlock()
	time.Sleep(d)
	s.mu.Lock()
	s.now[id]--
	s.mu.Unlock()
}

// Two nodes, many jobs for few objects: no object is ever under two passes.
func TestOnePassAtATime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		house, watch := operationtest.NewWarehouse(), &solo{now: map[string]int{}}
		house.OnReconcile(func(o *box) (resource.Result, error, bool) {
			watch.pass(o.ID, 3*time.Millisecond)
			return resource.Result{}, nil, false
		})
		plants := []*operationtest.Plant{operationtest.New(t, db, operationtest.Options{Node: "a", Warehouse: house})}
		if db.Dialect == store.Postgres {
			plants = append(plants, operationtest.New(t, db, operationtest.Options{Node: "b", Warehouse: house}))
		}
		var ids []string
		for i := range 4 {
			ids = append(ids, plants[0].Must(t, operationtest.Box(fmt.Sprint("b", i), 1)).Object.ID)
		}
		for i := range 40 {
			require.NoError(t, plants[i%len(plants)].Touch(t.Context(), "box", ids[i%4], fmt.Sprint("report ", i)))
		}
		require.Eventually(t, func() bool {
			watch.mu.Lock()
			defer watch.mu.Unlock()
			return watch.total >= 40 // the first pass of a box may serve a touch as well
		}, 30*time.Second, 10*time.Millisecond)
		require.Equal(t, 1, watch.worst)
	})
}

// When a lease ends too early, as after a jump of the clock, the same process starts no second pass, another one may,
// and what the first one saw is then not written.
func TestLeaseThatEndsTooEarly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a := operationtest.New(t, db, operationtest.Options{Idle: true, Node: "a"})
		b := operationtest.New(t, db, operationtest.Options{Idle: true, Node: "b"})
		o := a.Must(t, operationtest.Box("one", 1)).Object
		inside, goOn := make(chan bool), make(chan bool)
		a.OnReconcile(func(o *box) (resource.Result, error, bool) {
			inside <- true
			<-goOn
			o.Status.Bay = "outdated"
			return resource.Result{Done: true}, nil, true
		})
		job := resource.Job{Kind: "box", ID: o.ID}
		failed := make(chan error, 1)
		go func() {
			_, err := a.Reconcile(context.Background(), "a", job)
			failed <- err
		}()
		<-inside
		again, err := b.Reconcile(t.Context(), "b", job)
		require.ErrorIs(t, err, resource.ErrBusy, "it is leased")
		require.Positive(t, again)
		_, err = db.Write.Exec("UPDATE objects SET lease_until = 0")
		require.NoError(t, err)
		again, err = a.Reconcile(t.Context(), "a", job)
		require.ErrorIs(t, err, resource.ErrBusy, "this process is at it")
		require.Positive(t, again)
		again, err = b.Reconcile(t.Context(), "b", job)
		require.NoError(t, err)
		require.Zero(t, again)
		goOn <- true
		require.ErrorContains(t, <-failed, "lease was lost")
		got, err := resource.As[operationtest.BoxSpec, operationtest.BoxStatus](b.Object(t, "box", o.ID))
		require.NoError(t, err)
		require.Empty(t, got.Status.Bay)
		require.Equal(t, resource.PhaseReady, got.Phase)
	})
}

// An engine that is stopped in the middle of a pass leaves nothing hanging: the next start goes on.
func TestStopInMidPass(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		first := operationtest.Assemble(t, db, operationtest.Options{})
		require.NoError(t, first.Engine.Start(t.Context()))
		inside, goOn := make(chan bool, 10), make(chan bool)
		first.OnReconcile(func(*box) (resource.Result, error, bool) {
			inside <- true
			<-goOn
			return resource.Result{}, context.Canceled, true
		})
		a := first.Must(t, operationtest.Box("one", 1))
		<-inside
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		stopped := make(chan error, 1)
		go func() { stopped <- first.Engine.Stop(ctx) }()
		time.Sleep(100 * time.Millisecond)
		close(goOn)
		require.NoError(t, <-stopped)
		first.Close()
		second := operationtest.New(t, db, operationtest.Options{})
		began := time.Now()
		require.Equal(t, resource.OperationSucceeded, second.Wait(t, a.Operation).State)
		require.Less(t, time.Since(began), 10*time.Second)
	})
}

// A full disk refuses changes with a reason, loses nothing, and work goes on once there is room.
func TestDiskFull(t *testing.T) {
	db := storetest.Open(t, store.SQLite)
	p := operationtest.New(t, db, operationtest.Options{})
	var pages int
	require.NoError(t, db.Write.QueryRow("PRAGMA page_count").Scan(&pages))
	_, err := db.Write.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages+60))
	require.NoError(t, err)
	var ops []*resource.Operation
	for i := range 5000 {
		a, err := p.Apply(t.Context(), operationtest.Box(fmt.Sprint("b", i), 1))
		if err != nil {
			require.Equal(t, resource.ReasonStorageFull, resource.ReasonOf(err), "%v", err)
			break
		}
		ops = append(ops, a.Operation)
	}
	require.Less(t, len(ops), 5000)
	require.NotEmpty(t, ops)
	time.Sleep(200 * time.Millisecond)
	page, err := p.View.List(t.Context(), resource.Query{Kind: "box", Limit: 1000})
	require.NoError(t, err)
	require.Len(t, page.Items, len(ops), "exactly what was promised is there")
	_, err = db.Write.Exec("PRAGMA max_page_count = 1000000")
	require.NoError(t, err)
	for _, op := range ops {
		require.Equal(t, resource.OperationSucceeded, p.Wait(t, op).State)
	}
	diff, err := p.Recount(t.Context())
	require.NoError(t, err)
	require.Empty(t, diff)
}

// PostgreSQL crashes and recovers in the middle of writes; each request, repeated with its key, happens once.
func TestPostgresCrash(t *testing.T) {
	db := storetest.Open(t, store.Postgres)
	p := operationtest.New(t, db, operationtest.Options{})
	var wg sync.WaitGroup
	var away atomic.Int64
	const writers, each = 6, 25
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				r := operationtest.Box(fmt.Sprintf("w%d-%d", w, i), 1)
				r.Mode, r.IdempotencyKey = resource.CreateOnly, r.Name
				for deadline := time.Now().Add(40 * time.Second); ; time.Sleep(20 * time.Millisecond) {
					_, err := p.Apply(context.Background(), r)
					if err == nil {
						break
					}
					if resource.ReasonOf(err) != resource.ReasonUnavailable {
						t.Errorf("%s: %v", resource.ReasonOf(err), err)
					}
					away.Add(1)
					if time.Now().After(deadline) {
						t.Error("the database did not come back")
						return
					}
				}
			}
		})
	}
	for range 3 {
		time.Sleep(60 * time.Millisecond)
		require.Eventually(t, func() bool { return crashBackend(db) == nil }, 30*time.Second, 20*time.Millisecond)
	}
	wg.Wait()
	require.Positive(t, away.Load())
	require.Eventually(t, func() bool { return len(p.Boxes()) == writers*each }, 60*time.Second, 50*time.Millisecond)
	page, err := p.View.List(t.Context(), resource.Query{Kind: "box", Limit: 1000})
	require.NoError(t, err)
	require.Len(t, page.Items, writers*each)
	n, err := db.Read.NewSelect().Table("audit").Where("verb = 'create'").Count(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, writers*each, n)
	diff, err := p.Recount(t.Context())
	require.NoError(t, err)
	require.Empty(t, diff)
}

// crashBackend kills one server process, which makes the whole server recover as after a crash.
func crashBackend(db *store.DB) error {
	var pid int
	if err := db.Read.QueryRow("SELECT pg_backend_pid()").Scan(&pid); err != nil {
		return err
	}
	return syscall.Kill(pid, syscall.SIGKILL)
}

// The sweeper finds what nobody is at, and forgets old traces.
func TestSweep(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		idle := operationtest.Assemble(t, db, operationtest.Options{})
		r := operationtest.Box("one", 1)
		r.IdempotencyKey = "k"
		a := idle.Must(t, r)
		idle.Close()
		for _, q := range []string{"DELETE FROM river_job", "UPDATE objects SET updated_at = '2020-01-01 00:00:00+00:00'", "UPDATE idempotency_keys SET at = '2020-01-01 00:00:00+00:00'", "UPDATE events SET at = '2020-01-01 00:00:00+00:00'"} {
			_, err := db.Write.Exec(q)
			require.NoError(t, err)
		}
		p := operationtest.New(t, db, operationtest.Options{})
		require.Equal(t, resource.OperationSucceeded, p.Wait(t, a.Operation).State)
		require.Eventually(t, func() bool {
			n, err := db.Read.NewSelect().Table("idempotency_keys").Count(t.Context())
			return err == nil && n == 0
		}, 10*time.Second, 20*time.Millisecond)
		_, err := p.View.Watch(t.Context(), a.Object.Revision-1)
		require.Condition(t, func() bool {
			return errors.Is(err, nil) || resource.ReasonOf(err) == resource.ReasonStale
		})
	})
}

// A job that the database thinks this node has, and it has not, is taken up again.
func TestStrayJob(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := operationtest.New(t, db, operationtest.Options{})
		var passes atomic.Int64
		p.OnReconcile(func(*box) (resource.Result, error, bool) {
			return resource.Result{Again: time.Hour, Done: passes.Add(1) > 1}, nil, true
		})
		a := p.Must(t, operationtest.Box("one", 1))
		// Not so long ago that River itself would take it for stuck.
		at := "now() - interval '20 seconds'"
		if db.Dialect == store.SQLite {
			at = "datetime('now', '-20 seconds')"
		}
		require.Eventually(t, func() bool {
			res, err := db.Write.Exec("UPDATE river_job SET state = 'running', scheduled_at = " + at + ", attempted_at = " + at + " WHERE state = 'scheduled' AND kind = 'reconcile'")
			if err != nil {
				return false
			}
			n, err := res.RowsAffected()
			return err == nil && n == 1
		}, 10*time.Second, 20*time.Millisecond)
		require.Equal(t, resource.OperationSucceeded, p.Wait(t, a.Operation).State)
	})
}
