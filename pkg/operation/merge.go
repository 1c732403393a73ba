package operation

import (
	"context"
	"fmt"

	"github.com/riverqueue/river"
	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/store"
)

// unclaimed are the states of jobs that nobody is at; River's own words, as they stand in partial indexes.
const unclaimed = `state IN ('available', 'scheduled', 'retryable')`

// indexObjects lets merge find an object's jobs without reading all that are kept.
func (e *Engine) indexObjects(ctx context.Context) error {
	_, err := e.cfg.DB.Write.ExecContext(ctx, `CREATE INDEX IF NOT EXISTS river_job_object ON river_job (`+e.inArgs("ID")+`) WHERE `+unclaimed)
	if err != nil {
		return fmt.Errorf("index jobs by object: %w", err)
	}
	return nil
}

// inArgs is the SQL for a field of the job in a row's arguments.
func (e *Engine) inArgs(field string) string {
	if e.cfg.DB.Dialect == store.Postgres {
		return `(args->'job'->>'` + field + `')`
	}
	return `json_extract(args, '$.job.` + field + `')`
}

// want is a cause to look at an object.
type want struct{ object, cause string }

func wantOf(job *river.Job[reconcileArgs]) want { return want{job.Args.Job.ID, job.Args.Job.Cause} }

// merge ends in the queue what the pass that begins now makes needless: the object's other jobs that only repeat
// its cause or give none, and those whose cause a pass of this node has had; what other nodes heard is not known here.
// Without it each touch would leave a job that looks again and again.
func (e *Engine) merge(ctx context.Context, job *river.Job[reconcileArgs]) error {
	e.unheard.CompareAndDelete(wantOf(job), job.ID)
	var others []struct {
		ID    int64
		Cause string
	}
	err := e.cfg.DB.Read.NewSelect().Table("river_job").Column("id").ColumnExpr(e.inArgs("Cause")+" AS cause").Where(unclaimed).
		Where(e.inArgs("ID")+" = ?", job.Args.Job.ID).Where("kind = ? AND id <> ?", reconcileArgs{}.Kind(), job.ID).
		Where("(attempted_at IS NOT NULL AND "+e.lastAttempt()+" = ?) OR "+e.inArgs("Cause")+" IN ('', ?)", e.cfg.Node, job.Args.Job.Cause).Scan(ctx, &others)
	if err != nil {
		return err
	}
	var needless []int64
	for _, o := range others {
		w := want{job.Args.Job.ID, o.Cause}
		id, unheard := e.unheard.Load(w)
		if unheard && id == o.ID && o.Cause != job.Args.Job.Cause {
			continue
		}
		e.unheard.CompareAndDelete(w, o.ID)
		needless = append(needless, o.ID)
	}
	if len(needless) == 0 {
		return nil
	}
	// They are not deleted: River's completer may still be about to write one that strays has set free, and can not bear its absence.
	_, err = e.cfg.DB.Write.NewUpdate().Table("river_job").Set("state = 'completed'").Set("finalized_at = "+e.now()).Where(unclaimed).Where("id IN (?)", bun.List(needless)).Exec(ctx)
	return err
}

// now is the SQL for the time, as River writes it.
func (e *Engine) now() string {
	if e.cfg.DB.Dialect == store.Postgres {
		return "now()"
	}
	return "datetime('now', 'subsec')"
}

// waits tells whether a job whose pass was not made has to wait for the next one: not when another job does with the same
// cause. Any node may have taken that one, or merged it, so the queue is asked whether it still is to run.
func (e *Engine) waits(ctx context.Context, job *river.Job[reconcileArgs]) bool {
	w := wantOf(job)
	other, there := e.unheard.LoadOrStore(w, job.ID)
	if !there || other == job.ID {
		return true
	}
	toRun, err := e.cfg.DB.Read.NewSelect().Table("river_job").Where("id = ?", other).
		Where(unclaimed+" OR (state = 'running' AND "+e.lastAttempt()+" = ?)", e.cfg.Node).Exists(ctx)
	if err == nil && toRun {
		return false
	}
	e.unheard.Store(w, job.ID)
	return true
}
