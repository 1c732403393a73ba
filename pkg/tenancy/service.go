// Package tenancy knows who may do what: the group's tree of nodes, users, sessions, API tokens, the roles bound to
// users on nodes, and the authorisation that follows from them. Roles are inherited below the node they are bound on.
//
// The methods that change something authorise their actor themselves. A project or node that the actor has no role
// on answers NotFound, in the same words as one that does not exist; Forbidden is only said about what the actor may
// see. A handler passes such problems on as they are, and reads the store with Actor.Scope.
package tenancy

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/uptrace/bun"
	"golang.org/x/sync/semaphore"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

const (
	sessionIdle = 12 * time.Hour
	sessionMax  = 7 * 24 * time.Hour
	// touchEvery bounds how often use of a session or token is written down.
	touchEvery = time.Minute
	// cacheTTL bounds how long another process's change stays unseen here.
	cacheTTL    = 5 * time.Second
	maxFailures = 5
	lockFor     = 15 * time.Minute
)

// Service is the tenancy of one installation. It is safe for concurrent use and keeps no goroutine.
type Service struct {
	db     *store.DB
	now    func() time.Time
	hasher hasher
	epoch  atomic.Uint64

	attached []Attached

	sealer    *resource.Sealer
	directory Directory
	demanding bool // of second factors

	principals cache[Principal]
	accesses   cache[*access]
	lineages   cache[*lineage]
}

var _ resource.Authorizer = (*Service)(nil)

// New returns the service on a migrated database; now is the clock, nil for the machine's.
func New(db *store.DB, now func() time.Time) *Service {
	if now == nil {
		now = time.Now
	}
	// Hashing is bounded so that a burst of logins takes neither all cores nor much memory.
	slots := int64(min(2, runtime.GOMAXPROCS(0)))
	return &Service{
		db: db, now: now, hasher: hasher{params: defaultParams, slots: semaphore.NewWeighted(slots)},
		principals: newCache[Principal](), accesses: newCache[*access](), lineages: newCache[*lineage](),
	}
}

func (s *Service) time() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// forget makes every cached answer of this process stale.
func (s *Service) forget() { s.epoch.Add(1) }

// change runs f in a transaction and makes this process see the outcome at once.
func (s *Service) change(ctx context.Context, f func(ctx context.Context, tx bun.Tx) error) error {
	defer s.forget()
	return s.db.Tx(ctx, f)
}

// lock reads a row for update; SQLite's write transactions exclude each other anyway.
func (s *Service) lock(q *bun.SelectQuery) *bun.SelectQuery {
	if s.db.Dialect == store.Postgres {
		return q.For("UPDATE")
	}
	return q
}

// share keeps a row from being changed; unlike lock it lets others share it.
func (s *Service) share(q *bun.SelectQuery) *bun.SelectQuery {
	if s.db.Dialect == store.Postgres {
		return q.For("SHARE")
	}
	return q
}

// rows reads everything q selects; it is empty, not nil, when there is nothing.
func rows[T any](ctx context.Context, q *bun.SelectQuery) ([]T, error) {
	out := []T{}
	err := q.Model(&out).Scan(ctx)
	return out, err
}

// removed deletes what q names, and refuses by absent when somebody else did first.
func removed(ctx context.Context, q *bun.DeleteQuery, absent error) error {
	r, err := q.Exec(ctx)
	if err != nil {
		return err
	}
	n, err := r.RowsAffected()
	if err == nil && n == 0 {
		err = absent
	}
	return err
}

// row reads the one row q selects, or returns sql.ErrNoRows.
func row[T any](ctx context.Context, q *bun.SelectQuery) (T, error) {
	var out T
	err := q.Model(&out).Scan(ctx)
	return out, err
}

// cache keeps answers for cacheTTL, and only those that were begun after the last change made in this process.
type cache[V any] struct {
	entries *otter.Cache[string, cached[V]]
}

type cached[V any] struct {
	epoch uint64
	at    time.Time
	value V
}

func newCache[V any]() cache[V] {
	return cache[V]{otter.Must(&otter.Options[string, cached[V]]{MaximumSize: 10_000})}
}

func (c cache[V]) get(s *Service, key string, load func() (V, error)) (V, error) {
	now, epoch := s.now(), s.epoch.Load()
	if e, ok := c.entries.GetIfPresent(key); ok && e.epoch == epoch {
		if age := now.Sub(e.at); age >= 0 && age < cacheTTL {
			return e.value, nil
		}
	}
	v, err := load()
	if err == nil {
		c.entries.Set(key, cached[V]{epoch: epoch, at: now, value: v})
	}
	return v, err
}
