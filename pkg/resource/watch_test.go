package resource_test

import (
	"context"
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

func label(name, text string) resource.Request {
	return resource.Request{Kind: "label", Project: "p", Name: name, Actor: operationtest.Admin, Spec: operationtest.Spec(`{"text":%q}`, text)}
}

// next reads one event.
func next(t *testing.T, w *resource.Watch) resource.Event {
	t.Helper()
	select {
	case e, open := <-w.Events:
		require.True(t, open, "the watch was closed")
		return e
	case <-time.After(20 * time.Second):
		require.Fail(t, "no event came")
	}
	return resource.Event{}
}

func TestWatchTellsEachChange(t *testing.T) {
	each(t, func(t *testing.T, p *operationtest.Plant) {
		w, err := p.View.Watch(t.Context(), 0, "labels")
		require.NoError(t, err)
		a := p.Must(t, label("one", "x"))
		p.Must(t, resource.Request{Kind: "shelf", Name: "other-kind", Actor: operationtest.Admin})
		e := next(t, w)
		require.Equal(t, a.Object.ID, e.ObjectID)
		require.Equal(t, "put", e.Change)
		require.Equal(t, a.Object.Revision, e.Revision)
		require.NotNil(t, e.Object)
		p.Must(t, label("one", "y"))
		require.Equal(t, "put", next(t, w).Change)
		p.Drop(t, "label", a.Object.ID)
		last := next(t, w)
		require.Equal(t, "delete", last.Change)
		require.Nil(t, last.Object)

		resumed, err := p.View.Watch(t.Context(), e.Revision, "label")
		require.NoError(t, err)
		require.Equal(t, "put", next(t, resumed).Change)
		require.Equal(t, last.Revision, next(t, resumed).Revision)
		_, err = p.View.Watch(t.Context(), 0, "moon")
		reason(t, resource.ReasonNotFound, err)
	})
}

func TestSlowWatcherIsClosed(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		p.Must(t, label("one", "x"))
		slow, err := p.View.Watch(t.Context(), 0)
		require.NoError(t, err)
		insertEvents(t, p.DB(), slow.Revision)
		require.Eventually(t, func() bool { return len(slow.Events) == cap(slow.Events) }, 20*wait, tick)
		n := 0
		for range slow.Events {
			n++
		}
		require.Equal(t, 1024, n, "what was delivered can be read, then it is closed")
		_, err = p.View.Watch(t.Context(), slow.Revision)
		require.Contains(t, reason(t, resource.ReasonStale, err).Hint, "list again")
	})
}

// insertEvents writes 1100 of them in 11 transactions.
func insertEvents(t *testing.T, db *store.DB, after int64) {
	t.Helper()
	for i := range 11 {
		q := "INSERT INTO events (revision, kind, object_id, project, name, change, at) VALUES "
		for j := range 100 {
			if j > 0 {
				q += ","
			}
			rev := fmt.Sprint(after + int64(i) + 1)
			if db.Dialect == store.Postgres {
				rev = "pg_current_xact_id()::text::bigint"
			}
			q += fmt.Sprintf("(%s,'label','%s','p','n','delete','2026-01-01 00:00:00+00:00')", rev, resource.NewID())
		}
		_, err := db.Write.Exec(q)
		require.NoError(t, err)
		if db.Dialect == store.SQLite {
			_, err = db.Write.Exec("UPDATE counters SET value = value + 1 WHERE name = 'revision'")
			require.NoError(t, err)
		}
	}
}

func TestResumeAfterPruning(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		a := p.Must(t, label("one", "x"))
		b := p.Must(t, label("one", "y"))
		require.NoError(t, p.PruneEvents(t.Context(), time.Hour))
		w, err := p.View.Watch(t.Context(), a.Object.Revision)
		require.NoError(t, err)
		require.Equal(t, b.Object.Revision, next(t, w).Revision)
		require.NoError(t, p.PruneEvents(t.Context(), -time.Hour))
		_, err = p.View.Watch(t.Context(), a.Object.Revision)
		reason(t, resource.ReasonStale, err)
		_, err = p.View.Watch(t.Context(), b.Object.Revision)
		require.NoError(t, err, "nothing it has not seen was forgotten")
	})
}

// A watcher that comes back while others are ahead gets each event once.
func TestResumeBesideOthers(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		first := p.Must(t, label("seed", "0")).Object.Revision
		_, err := p.View.Watch(t.Context(), 0)
		require.NoError(t, err)
		const n = 60
		var writer sync.WaitGroup
		writer.Go(func() {
			for i := range n {
				_, _ = p.Apply(context.Background(), label("seed", fmt.Sprint(i+1)))
			}
		})
		for range 12 {
			w, err := p.View.Watch(t.Context(), first)
			require.NoError(t, err)
			for version := int64(2); version < 12; version++ {
				e := next(t, w)
				require.Greater(t, e.Revision, first)
			}
			time.Sleep(5 * time.Millisecond)
		}
		writer.Wait()
		w, err := p.View.Watch(t.Context(), first)
		require.NoError(t, err)
		for range n {
			next(t, w)
		}
	})
}

// follow reads exactly total events and tells of gaps and disorder.
func follow(t *testing.T, w *resource.Watch, total int) {
	t.Helper()
	revision, count := int64(0), map[string]int{}
	for range total {
		e := next(t, w)
		require.GreaterOrEqual(t, e.Revision, revision, "events come in order of revision")
		revision = e.Revision
		count[e.ObjectID]++
	}
	select {
	case e := <-w.Events:
		require.Fail(t, "one event too many", "%+v", e)
	case <-time.After(300 * time.Millisecond):
	}
}

// Eight writers, transactions held open for long, two processes: no event is lost, none comes before an older one.
func TestWatchUnderConcurrentWriters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := operationtest.New(t, db, operationtest.Options{Idle: true})
		q := operationtest.New(t, db, operationtest.Options{Idle: true, Node: "n2"})
		here, err := p.View.Watch(t.Context(), 0, "label")
		require.NoError(t, err)
		there, err := q.View.Watch(t.Context(), 0, "label")
		require.NoError(t, err)
		const writers, each = 8, 25
		ctx, cancel := context.WithCancel(t.Context())
		var holders, work sync.WaitGroup
		if db.Dialect == store.Postgres {
			for range 3 {
				holders.Go(func() { holdTransactions(ctx, db) })
			}
		}
		for w := range writers {
			work.Go(func() {
				s := []*operationtest.Plant{p, q}[w%2]
				for i := range each {
					_, err := s.Apply(context.Background(), label(fmt.Sprint("w", w), fmt.Sprint(i)))
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		work.Wait()
		cancel()
		holders.Wait()
		follow(t, here, writers*each)
		follow(t, there, writers*each)
	})
}

// holdTransactions writes events whose revisions are taken long before they are committed.
func holdTransactions(ctx context.Context, db *store.DB) {
	for ctx.Err() == nil {
		tx, err := db.Write.BeginTx(context.Background(), nil)
		if err != nil {
			return
		}
		_, _ = tx.Exec(`INSERT INTO events (revision, kind, object_id, project, name, change, at)
			VALUES (pg_current_xact_id()::text::bigint, 'shelf', gen_random_uuid(), '', 'held', 'delete', now())`)
		time.Sleep(40 * time.Millisecond)
		_ = tx.Commit()
	}
}

// A transaction that takes its revision first and commits last is not overtaken.
func TestOldTransactionIsNotMissed(t *testing.T) {
	db := storetest.Open(t, store.Postgres)
	p := operationtest.New(t, db, operationtest.Options{Idle: true})
	w, err := p.View.Watch(t.Context(), 0)
	require.NoError(t, err)
	tx, err := db.Write.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.Exec(`INSERT INTO events (revision, kind, object_id, project, name, change, at)
		VALUES (pg_current_xact_id()::text::bigint, 'shelf', gen_random_uuid(), '', 'early', 'delete', now())`)
	require.NoError(t, err)
	a := p.Must(t, label("late", "x"))
	select {
	case e := <-w.Events:
		require.Fail(t, "it overtook an older transaction", "%+v", e)
	case <-time.After(400 * time.Millisecond):
	}
	// Who starts now must get both as well.
	second, err := p.View.Watch(t.Context(), 0)
	require.NoError(t, err)
	require.NoError(t, tx.Commit())
	for _, w := range []*resource.Watch{w, second} {
		early, late := next(t, w), next(t, w)
		require.Equal(t, "early", early.Name)
		require.Equal(t, a.Object.ID, late.ObjectID)
	}
}
