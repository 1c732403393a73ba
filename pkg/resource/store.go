package resource

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/store"
)

// Job asks the engine to look at an object.
type Job struct {
	Kind       string
	ID         string
	Generation int64
	Cause      string
}

// Jobs is the durable queue. Insert writes into the caller's transaction, so that a job exists exactly when the state
// it acts on does; Wake tells local workers that a transaction with jobs was committed.
type Jobs interface {
	Insert(ctx context.Context, tx bun.Tx, jobs []Job) error
	Wake()
}

// Store keeps objects and everything that goes with their changes.
type Store struct {
	db         *store.DB
	registry   *Registry
	authority  Authorizer
	tree       Tree
	sealer     *Sealer
	jobs       Jobs
	hub        *hub
	committer  *committer
	passes     sync.Map // ids of objects that this process is at
	pieces     pieces
	chainSwept atomic.Int64 // when ChainAudit last looked at all rows, in nanoseconds
	log        *slog.Logger
	now        func() time.Time
}

// Config is what a Store needs. Jobs may be set later by UseJobs, before the first write.
type Config struct {
	DB         *store.DB
	Registry   *Registry
	Authorizer Authorizer
	Tree       Tree // nil: nothing is above projects
	Sealer     *Sealer
	Jobs       Jobs
	Log        *slog.Logger
}

// NewStore returns a store; Close ends its goroutines.
func NewStore(c Config) *Store {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Tree == nil {
		c.Tree = lone{}
	}
	s := &Store{db: c.DB, registry: c.Registry, authority: c.Authorizer, tree: c.Tree, sealer: c.Sealer, jobs: c.Jobs, log: c.Log,
		pieces: pieces{firstPiece, patience}, now: func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }}
	s.hub = newHub(s)
	s.committer = newCommitter(s)
	return s
}

// UseJobs sets the queue.
func (s *Store) UseJobs(j Jobs) { s.jobs = j }

// Close waits for writes under way and ends watches.
func (s *Store) Close() {
	s.committer.close()
	s.hub.close()
}

// Registry returns the kinds.
func (s *Store) Registry() *Registry { return s.registry }

// DB returns the database.
func (s *Store) DB() *store.DB { return s.db }

// View reads within a scope; secrets stay hidden.
func (s *Store) View(scope Scope) View { return View{store: s, scope: scope} }

// Unsealed reads an object with its secrets, for parts of the control plane that act in the object's name. What it
// returns must not leave the process.
func (s *Store) Unsealed(ctx context.Context, scope Scope, kind, project, nameOrID string) (Raw, error) {
	return View{store: s, scope: scope, open: true}.Get(ctx, kind, project, nameOrID)
}

// reader reads everything, with secrets, for reconcilers.
func (s *Store) reader() View { return View{store: s, scope: Everything, open: true} }

// revision returns the place of this transaction in the watch stream: on PostgreSQL its id, on SQLite, where
// transactions are serial, the next number.
func (s *Store) revision(ctx context.Context, tx bun.Tx) (rev int64, err error) {
	if s.db.Dialect == store.Postgres {
		err = tx.NewRaw("SELECT pg_current_xact_id()::text::bigint").Scan(ctx, &rev)
		return rev, err
	}
	err = tx.NewRaw("UPDATE counters SET value = value + 1 WHERE name = 'revision' RETURNING value").Scan(ctx, &rev)
	return rev, err
}

// Authorize asks the authority; see Authorizer.
func (s *Store) Authorize(ctx context.Context, actor Actor, verb, kind, project string) error {
	return s.authorize(ctx, actor, verb, kind, project)
}
