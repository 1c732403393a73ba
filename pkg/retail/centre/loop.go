package centre

import (
	"context"
	"log/slog"
	"time"
)

// Every runs fn each period, at once again while it reports more work, until ctx ends. After a
// failure it backs off up to 30 s and logs once per failure.
func Every(ctx context.Context, log *slog.Logger, period time.Duration, name string, fn func(context.Context) (more bool, err error)) error {
	pause := period
	t := time.NewTimer(period)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		more, err := fn(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			pause = min(2*pause, 30*time.Second)
			log.WarnContext(ctx, "background work failed", "work", name, "error", err.Error(), "again_in", pause.String())
		case more:
			pause = time.Millisecond
		default:
			pause = period
		}
		t.Reset(pause)
	}
}

// Forget deletes settled idempotency keys older than 48 hours, at most limit at a time.
func (c *Centre) Forget(ctx context.Context, limit int) (more bool, err error) {
	tag, err := c.Pool.Exec(ctx, `DELETE FROM idempotency WHERE (caller, key) IN (SELECT caller, key FROM idempotency
		WHERE created_at < now() - interval '48 hours' AND status IS NOT NULL ORDER BY created_at LIMIT $1)`, limit)
	return err == nil && tag.RowsAffected() == int64(limit), err
}
