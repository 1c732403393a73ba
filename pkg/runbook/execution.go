package runbook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
)

const (
	beatEvery = 2 * time.Second
	// deadAfter is how long whoever runs something may be silent before it counts as lost.
	deadAfter = 30 * time.Second

	executionRunning = "running"
	executionEnded   = "ended"
	executionLost    = "lost"
)

// execution is one command that a process of the control plane runs elsewhere. That it begins is written before it does, and
// by one process alone; whether it is at it still, its beats tell.
type execution struct {
	bun.BaseModel `bun:"table:runbook_executions"`

	ID       string `bun:",pk"`
	Run      string
	Node     string // name of the node, and of this start of it
	State    string
	ExitCode int64
	Output   string
	Problem  string
	BeatAt   int64 // milliseconds, by the database's clock
}

// executions are what this process runs, and the memory of all.
type executions struct {
	objects *resource.Store
	node    string
	boot    string
	log     *slog.Logger

	mu     sync.Mutex
	ctx    context.Context //nolint:containedctx // ends with the process; passes are shorter than what they begin
	cancel context.CancelFunc
	active map[string]context.CancelFunc
	all    sync.WaitGroup
}

func newExecutions(objects *resource.Store, node string, log *slog.Logger) *executions {
	ctx, cancel := context.WithCancel(context.Background())
	return &executions{objects: objects, node: node, boot: node + "/" + nuid.Next(), log: log, ctx: ctx, cancel: cancel, active: map[string]context.CancelFunc{}}
}

func (x *executions) close() {
	x.mu.Lock()
	x.cancel()
	x.mu.Unlock()
	x.all.Wait()
}

// result is what came of work elsewhere.
type result struct {
	exit   int
	lost   bool // it is not known whether it was done
	output string
}

type work func(ctx context.Context) (result, error)

// ensure begins an execution that was not begun before, and tells how far it is.
func (x *executions) ensure(ctx context.Context, id, run string, limit time.Duration, w work) (execution, error) {
	have, err := x.look(ctx, id)
	if !errors.Is(err, sql.ErrNoRows) {
		return have, err
	}
	row := execution{ID: id, Run: run, Node: x.boot, State: executionRunning}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ctx.Err() != nil {
		return row, resource.Problemf(resource.ReasonUnavailable, "run", "", "the control plane is stopping")
	}
	res, err := x.objects.DB().Write.NewInsert().Model(&row).Value("beat_at", "?", x.clock()).On("CONFLICT (id) DO NOTHING").Exec(ctx)
	if err != nil {
		return row, fmt.Errorf("begin %s: %w", id, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return row, err // another process was quicker
	}
	on, stop := context.WithTimeout(x.ctx, limit)
	x.active[id] = stop
	x.all.Go(func() { x.carryOut(on, row, w) })
	return row, nil
}

// clock is the database's, as those of nodes differ.
func (x *executions) clock() schema.QueryWithArgs {
	if x.objects.DB().Dialect == store.Postgres {
		return bun.SafeQuery("(extract(epoch FROM clock_timestamp()) * 1000)::bigint")
	}
	return bun.SafeQuery("?", time.Now().UnixMilli())
}

// look reads an execution; one that nobody is at any more is lost from then on.
func (x *executions) look(ctx context.Context, id string) (execution, error) {
	row := execution{ID: id}
	if err := x.objects.DB().Read.NewSelect().Model(&row).WherePK().Scan(ctx); err != nil {
		return row, err
	}
	x.mu.Lock()
	_, mine := x.active[id]
	x.mu.Unlock()
	if row.State != executionRunning || mine {
		return row, nil
	}
	// What an earlier start of this node was at is lost at once; of other nodes only their silence tells.
	q := x.objects.DB().Write.NewUpdate().Model(&row).WherePK().Where("state = ?", executionRunning).Set("state = ?", executionLost)
	if !strings.HasPrefix(row.Node, x.node+"/") {
		q = q.Where("beat_at < ? - ?", x.clock(), deadAfter.Milliseconds())
	}
	res, err := q.Exec(ctx)
	if err != nil {
		return row, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return row, err
	}
	row.State = executionLost
	return row, nil
}

// carryOut does the work, tells that it is at it, and keeps what came of it.
func (x *executions) carryOut(ctx context.Context, row execution, w work) {
	beats, end := context.WithCancel(ctx)
	var beating sync.WaitGroup
	beating.Go(func() { x.beat(beats, row.ID) })
	got, err := w(ctx)
	end()
	beating.Wait()
	row.State, row.ExitCode, row.Output = executionEnded, int64(got.exit), got.output
	if err != nil {
		row.Problem = cut(err.Error())
	}
	if got.lost || x.ctx.Err() != nil && err != nil {
		row.State = executionLost
	}
	x.settle(&row)
	x.mu.Lock()
	x.active[row.ID]()
	delete(x.active, row.ID)
	x.mu.Unlock()
	touch, cancel := context.WithTimeout(context.WithoutCancel(ctx), beatEvery)
	defer cancel()
	_ = x.objects.Touch(touch, "run", row.Run, "its command has ended") // else the next pass finds it
}

// settle writes an outcome, again while the database is away; one that can not be written is lost.
func (x *executions) settle(row *execution) {
	for range 10 {
		ctx, cancel := context.WithTimeout(context.Background(), beatEvery)
		_, err := x.objects.DB().Write.NewUpdate().Model(row).Column("state", "exit_code", "output", "problem").WherePK().Where("state = ?", executionRunning).Exec(ctx)
		cancel()
		if err == nil {
			return
		}
		x.log.Warn("what came of a command can not be kept yet", "id", row.ID, "error", err)
		select {
		case <-x.ctx.Done():
			return
		case <-time.After(beatEvery):
		}
	}
}

func (x *executions) beat(ctx context.Context, id string) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		// One that can not be written is made up for by the next.
		_, _ = x.objects.DB().Write.NewUpdate().Table("runbook_executions").Set("beat_at = ?", x.clock()).Where("id = ? AND state = ?", id, executionRunning).Exec(ctx)
	}
}

// stop ends an execution of this process; another process ends it when its time is over.
func (x *executions) stop(id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if stop, ok := x.active[id]; ok {
		stop()
	}
}

// forget removes what is kept of a run's executions.
func (x *executions) forget(ctx context.Context, run string) error {
	_, err := x.objects.DB().Write.NewDelete().Table("runbook_executions").Where("run = ?", run).Exec(ctx)
	return err
}
