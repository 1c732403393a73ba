// Package operation runs durable work: a change of desired state leaves a River job in its own transaction, and this
// engine calls the kernel's reconciler for it until nothing is left to do, across crashes and on any node.
package operation

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

const (
	queue = "reconcile"
	// jobTime bounds one pass; a job that runs longer than rescueAfter belonged to a node that died.
	jobTime     = 45 * time.Second
	rescueAfter = 60 * time.Second
	poll        = 250 * time.Millisecond
	sweepEvery  = 30 * time.Second
	unsettled   = time.Minute
	keepEvents  = 24 * time.Hour
	keepKeys    = 48 * time.Hour
)

// Config is what an engine needs. Node must be the same after a restart, and differ between running nodes.
type Config struct {
	DB      *store.DB
	Objects *resource.Store
	Node    string
	Workers int           // passes at the same time; 0 means 32
	Poll    time.Duration // how often jobs of other nodes are looked for, as this one's own ring a bell; 0 means 250 ms
	Chores  []Chore
	Log     *slog.Logger
}

// Engine runs reconciliations. It is the resource.Jobs of its store.
type Engine struct {
	cfg    Config
	client *river.Client[*sql.Tx]
	bell   *bell
	atWork sync.Map // the jobs this process is at, or was a moment ago, by id
	// unheard are the jobs whose pass could not be made yet, by what they want.
	unheard sync.Map
	quit    chan struct{}
	strays  sync.WaitGroup
}

var _ resource.Jobs = (*Engine)(nil)

// New makes an engine and brings River's tables up to date. Nothing runs until Start.
func New(ctx context.Context, cfg Config) (*Engine, error) {
	if cfg.Workers == 0 {
		cfg.Workers = 32
	}
	if cfg.Poll == 0 {
		cfg.Poll = poll
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	e := &Engine{cfg: cfg, bell: newBell()}
	var driver riverdriver.Driver[*sql.Tx] = riversqlite.New(cfg.DB.Write.DB)
	if cfg.DB.Dialect == store.Postgres {
		driver = riverdatabasesql.New(cfg.DB.Write.DB)
	}
	quiet := slog.New(levelled{cfg.Log.Handler(), slog.LevelWarn})
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet})
	if err != nil {
		return nil, err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, fmt.Errorf("migrate river: %w", err)
	}
	if err := e.indexObjects(ctx); err != nil {
		return nil, err
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &reconciler{engine: e})
	river.AddWorker(workers, &sweeper{engine: e})
	river.AddWorker(workers, &choreWorker{chores: cfg.Chores, log: cfg.Log})
	e.client, err = river.NewClient[*sql.Tx](belled{driver, e.bell}, &river.Config{
		ID:                          cfg.Node,
		Queues:                      map[string]river.QueueConfig{queue: {MaxWorkers: cfg.Workers}, river.QueueDefault: {MaxWorkers: 1 + len(cfg.Chores), FetchPollInterval: time.Second}},
		Workers:                     workers,
		FetchCooldown:               5 * time.Millisecond,
		FetchPollInterval:           cfg.Poll,
		JobTimeout:                  jobTime,
		RescueStuckJobsAfter:        rescueAfter,
		CompletedJobRetentionPeriod: 10 * time.Minute,
		CancelledJobRetentionPeriod: time.Hour,
		Logger:                      quiet,
		PeriodicJobs: append(periodic(cfg.Chores), river.NewPeriodicJob(river.PeriodicInterval(sweepEvery),
			func() (river.JobArgs, *river.InsertOpts) { return sweepArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true})),
	})
	return e, err
}

// Start begins to work. Jobs and leases that this node held when it died are freed first: it can not be at them now.
func (e *Engine) Start(ctx context.Context) error {
	if err := e.cfg.Objects.ReleaseLeases(ctx, e.cfg.Node); err != nil {
		return fmt.Errorf("release leases: %w", err)
	}
	if err := e.freeJobs(ctx); err != nil {
		return fmt.Errorf("free jobs: %w", err)
	}
	snoozed, end := e.client.Subscribe(river.EventKindJobSnoozed)
	if err := e.client.Start(context.WithoutCancel(ctx)); err != nil {
		end()
		return err
	}
	e.quit = make(chan struct{})
	e.strays.Go(func() { e.bell.follow(snoozed) })
	e.strays.Go(func() { <-e.quit; end() })
	e.strays.Go(e.watchStrays)
	return nil
}

// freeJobs hands this node's own running jobs back; River alone would wait until they count as stuck.
func (e *Engine) freeJobs(ctx context.Context) error {
	_, err := e.cfg.DB.Write.ExecContext(ctx, `UPDATE river_job SET state = 'available' WHERE state = 'running' AND `+e.lastAttempt()+` = ?`, e.cfg.Node)
	return err
}

// Stop waits for the passes under way, at most until ctx ends; then it cuts them short.
func (e *Engine) Stop(ctx context.Context) error {
	if e.quit != nil {
		close(e.quit)
		e.strays.Wait()
		e.quit = nil
	}
	err := e.client.Stop(ctx)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		cut, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		return e.client.StopAndCancel(cut)
	}
	return err
}

// Insert writes jobs into the transaction of the change they act on.
func (e *Engine) Insert(ctx context.Context, tx bun.Tx, jobs []resource.Job) error {
	params := make([]river.InsertManyParams, len(jobs))
	for i, j := range jobs {
		params[i] = river.InsertManyParams{Args: reconcileArgs{j}, InsertOpts: &river.InsertOpts{Queue: queue}}
	}
	_, err := e.client.InsertManyFastTx(ctx, tx.Tx, params)
	return err
}

// Wake lets the queue look at once for what has been committed.
func (e *Engine) Wake() { e.bell.ring() }

type reconcileArgs struct {
	Job resource.Job `json:"job"`
}

// Kind names the job for River.
func (reconcileArgs) Kind() string { return "reconcile" }

type reconciler struct {
	river.WorkerDefaults[reconcileArgs]
	engine *Engine
}

// Work makes one pass and, if there is more to do, sleeps until the next.
func (w *reconciler) Work(ctx context.Context, job *river.Job[reconcileArgs]) error {
	w.engine.atWork.Store(job.ID, job)
	defer time.AfterFunc(strayAfter, func() { w.engine.atWork.CompareAndDelete(job.ID, job) }) // its end is not recorded yet
	if err := w.engine.merge(ctx, job); err != nil {
		w.engine.cfg.Log.Warn("an object's jobs can not be merged", "kind", job.Args.Job.Kind, "id", job.Args.Job.ID, "error", err)
	}
	again, err := w.engine.cfg.Objects.Reconcile(ctx, w.engine.cfg.Node, job.Args.Job)
	if err != nil {
		if !errors.Is(err, resource.ErrBusy) {
			w.engine.cfg.Log.Warn("pass failed; it will be repeated", "kind", job.Args.Job.Kind, "id", job.Args.Job.ID, "error", err)
			again = time.Second
		}
		if w.engine.waits(ctx, job) {
			return river.JobSnooze(again)
		}
		return nil
	}
	if again > 0 {
		return river.JobSnooze(again)
	}
	return nil
}

type sweepArgs struct{}

// Kind names the job for River.
func (sweepArgs) Kind() string { return "sweep" }

type sweeper struct {
	river.WorkerDefaults[sweepArgs]
	engine *Engine
}

// Work looks for objects that nobody has been at for a while though they are not settled, and forgets old traces.
func (w *sweeper) Work(ctx context.Context, _ *river.Job[sweepArgs]) error {
	e := w.engine
	var rows []struct{ Kind, ID string }
	err := e.cfg.DB.Read.NewSelect().Table("objects").Column("kind", "id").Where("phase NOT IN ('Ready', 'Failed')").
		Where("updated_at < ?", time.Now().UTC().Add(-unsettled)).Limit(1000).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	busy, err := e.busy(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if busy[r.ID] {
			continue
		}
		if err := e.cfg.Objects.Touch(ctx, r.Kind, r.ID, ""); err != nil {
			return err
		}
	}
	if err := e.cfg.Objects.PruneEvents(ctx, keepEvents); err != nil {
		return err
	}
	_, err = e.cfg.DB.Write.NewDelete().Table("idempotency_keys").Where("at < ?", time.Now().UTC().Add(-keepKeys)).Exec(ctx)
	return err
}

// busy lists the objects that have a job already.
func (e *Engine) busy(ctx context.Context) (map[string]bool, error) {
	var args []string
	err := e.cfg.DB.Read.NewSelect().Table("river_job").Column("args").
		Where("kind = ? AND state IN ('available', 'running', 'retryable', 'scheduled')", reconcileArgs{}.Kind()).Scan(ctx, &args)
	if err != nil {
		return nil, err
	}
	out := make(map[string]bool, len(args))
	for _, a := range args {
		var r reconcileArgs
		if err := json.Unmarshal([]byte(a), &r); err != nil {
			return nil, err
		}
		out[r.Job.ID] = true
	}
	return out, nil
}

// levelled raises the level of a handler.
type levelled struct {
	slog.Handler
	min slog.Level
}

// Handle drops what River says of its own orderly end.
func (l levelled) Handle(ctx context.Context, r slog.Record) error {
	ending := false
	r.Attrs(func(a slog.Attr) bool {
		ending = ending || a.Key == "error" && strings.Contains(a.Value.String(), context.Canceled.Error())
		return !ending
	})
	if ending {
		return nil
	}
	return l.Handler.Handle(ctx, r)
}

// Enabled implements slog.Handler.
func (l levelled) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= l.min && l.Handler.Enabled(ctx, level)
}
