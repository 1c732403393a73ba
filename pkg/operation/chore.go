package operation

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Chore is work that is due again and again and not about one object. One node does it each time; a chore that fails is
// done the next time.
type Chore struct {
	Name  string
	Every time.Duration
	Run   func(ctx context.Context) error
}

type choreArgs struct {
	Name string `json:"name"`
}

// Kind names the job for River.
func (choreArgs) Kind() string { return "chore" }

type choreWorker struct {
	river.WorkerDefaults[choreArgs]
	chores []Chore
	log    *slog.Logger
}

// Work does a chore once.
func (w *choreWorker) Work(ctx context.Context, job *river.Job[choreArgs]) error {
	for _, c := range w.chores {
		if c.Name != job.Args.Name {
			continue
		}
		err := c.Run(ctx)
		if err != nil {
			w.log.Warn("a chore failed; it is done the next time", "chore", c.Name, "error", err)
			err = river.JobCancel(fmt.Errorf("chore %s: %w", c.Name, err))
		}
		return err
	}
	return river.JobCancel(fmt.Errorf("there is no chore %q here", job.Args.Name))
}

// waiting are the states of jobs that are yet to be done.
var waiting = []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled}

// periodic are the River jobs of chores. The leader alone inserts them.
func periodic(chores []Chore) []*river.PeriodicJob {
	var out []*river.PeriodicJob
	for _, c := range chores {
		out = append(out, river.NewPeriodicJob(river.PeriodicInterval(c.Every), func() (river.JobArgs, *river.InsertOpts) {
			// One that waits is enough, however long nobody had time for it.
			return choreArgs{c.Name}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: waiting}}
		}, &river.PeriodicJobOpts{RunOnStart: true}))
	}
	return out
}
