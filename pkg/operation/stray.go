package operation

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/store"
)

const (
	strayEvery = 3 * time.Second
	// strayAfter is longer than it takes to begin or to record the end of a job: River panics over one that is freed before.
	strayAfter = 10 * time.Second
)

// watchStrays frees jobs that the database gave to this node but whose answer was lost with the connection.
func (e *Engine) watchStrays() {
	tick := time.NewTicker(strayEvery)
	defer tick.Stop()
	for {
		select {
		case <-e.quit:
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), strayEvery)
		if err := e.freeStrays(ctx); err != nil {
			e.cfg.Log.Warn("stray jobs can not be freed", "error", err)
		}
		cancel()
	}
}

// freeStrays hands back what this node is said to be running, for a while, and is not.
func (e *Engine) freeStrays(ctx context.Context) error {
	var rows []struct {
		ID          int64
		AttemptedAt time.Time
	}
	err := e.cfg.DB.Read.NewSelect().Table("river_job").Column("id", "attempted_at").Where("state = 'running' AND queue = ?", queue).
		Where(e.lastAttempt()+" = ?", e.cfg.Node).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	var ids []int64
	for _, r := range rows {
		if _, busy := e.atWork.Load(r.ID); !busy && time.Since(r.AttemptedAt) > strayAfter {
			ids = append(ids, r.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	_, err = e.cfg.DB.Write.NewUpdate().Table("river_job").Set("state = 'available'").Where("state = 'running' AND id IN (?)", bun.List(ids)).Exec(ctx)
	return err
}

// lastAttempt is the SQL for the node that took a job last.
func (e *Engine) lastAttempt() string {
	if e.cfg.DB.Dialect == store.Postgres {
		return `attempted_by[array_upper(attempted_by, 1)]`
	}
	return `json_extract(attempted_by, '$[#-1]')`
}
