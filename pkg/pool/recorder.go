package pool

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/store"
)

const (
	// RecordEvery is how often a recorder looks at the pools.
	RecordEvery = 30 * time.Second
	// SampleEvery is how often a metric is written though it has hardly changed.
	SampleEvery = 5 * time.Minute

	thinEvery = time.Hour
	// steadyFor is how long the clock must have gone evenly before it is trusted with deleting.
	steadyFor = time.Hour
	// jump is how far the clock may stray from the elapsed time between two looks; more is a jump.
	jump = time.Minute
)

// clock tells the time of day, which may jump, and the time since some start, which does not.
type clock func() (now time.Time, elapsed time.Duration)

func systemClock() clock {
	start := time.Now()
	return func() (time.Time, time.Duration) { return time.Now().UTC().Round(0), time.Since(start) }
}

// Recorder writes the history of pools. Each look is complete in itself, so any node may make the next.
type Recorder struct {
	db     *store.DB
	survey func(ctx context.Context, now time.Time) (View, error)
	clock  clock

	mu      sync.Mutex
	looked  bool
	offset  time.Duration // of the time of day from the elapsed time, at the last look
	steady  time.Duration // elapsed time since which the clock has gone evenly
	thinned time.Duration // elapsed time of the last thinning
}

// NewRecorder returns a recorder of what survey tells.
func NewRecorder(db *store.DB, survey func(ctx context.Context, now time.Time) (View, error)) *Recorder {
	return &Recorder{db: db, survey: survey, clock: systemClock()}
}

// Record looks once: it writes the metrics that are due or have changed, and thins what has grown old. It is called
// every RecordEvery, by one node at a time.
func (r *Recorder) Record(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, elapsed := r.clock()
	thin := r.trust(now, elapsed)
	v, err := r.survey(ctx, now)
	if err != nil {
		return fmt.Errorf("look at the pools: %w", err)
	}
	if err := r.write(ctx, now, samples(v)); err != nil {
		return fmt.Errorf("write samples of pools: %w", err)
	}
	if !thin {
		return nil
	}
	if err := Thin(ctx, r.db, now); err != nil {
		return fmt.Errorf("thin samples of pools: %w", err)
	}
	r.thinned = elapsed
	return nil
}

// trust tells whether it is time to thin: what a clock that is wrong for a while calls old may be of yesterday.
func (r *Recorder) trust(now time.Time, elapsed time.Duration) bool {
	offset := time.Duration(now.UnixNano()) - elapsed
	if !r.looked || (offset-r.offset).Abs() > jump {
		r.steady = elapsed
	}
	first := !r.looked
	r.looked, r.offset = true, offset
	return !first && elapsed-r.steady >= steadyFor && (r.thinned == 0 || elapsed-r.thinned >= thinEvery)
}

// write writes those samples that are due. Samples of the future, which a clock that was wrong has left, are not looked at.
func (r *Recorder) write(ctx context.Context, now time.Time, all []Sample) error {
	var recent []Sample
	err := r.db.Read.NewSelect().Model(&recent).Where("at > ? AND at <= ?", now.Add(-SampleEvery).Unix(), now.Unix()).Order("at").Scan(ctx)
	if err != nil {
		return err
	}
	last := make(map[[3]string]Sample, len(all))
	for _, s := range recent {
		last[[3]string{s.Place, s.Pool, s.Metric}] = s
	}
	var due []Sample
	for _, s := range all {
		if l, ok := last[[3]string{s.Place, s.Pool, s.Metric}]; !ok || changed(l, s) {
			due = append(due, s)
		}
	}
	for len(due) > 0 {
		n := min(len(due), 500)
		part := due[:n]
		due = due[n:]
		err := r.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewInsert().Model(&part).On("CONFLICT (place, pool, metric, at) DO UPDATE").
				Set("capacity = EXCLUDED.capacity").Set("used = EXCLUDED.used").Set("free = EXCLUDED.free").Exec(ctx)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// changed tells whether something moved by more than a hundredth of the capacity.
func changed(a, b Sample) bool {
	step := max(a.Capacity, b.Capacity) / 100
	moved := func(x, y int64) bool { return max(x-y, y-x) > step }
	return moved(a.Capacity, b.Capacity) || moved(a.Used, b.Used) || moved(a.Free, b.Free)
}
