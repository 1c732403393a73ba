package pool

import (
	"context"
	"time"

	"github.com/plazacloud/plaza/pkg/store"
)

const day = 24 * time.Hour

// How long samples are kept, and how close together.
const (
	keepAll    = 2 * day   // as they were written
	keepHourly = 60 * day  // one an hour
	keepDaily  = 400 * day // one a day
)

// Thin deletes samples that are too old, and of older ones all but one an hour, then one a day: the busiest, since that
// is what capacity is planned by. Thinning twice is thinning once, and what is thinned by hours first ends as the same days.
func Thin(ctx context.Context, db *store.DB, now time.Time) error {
	if _, err := db.Write.NewDelete().Model((*Sample)(nil)).Where("at < ?", bucket(now.Add(-keepDaily), day)).Exec(ctx); err != nil {
		return err
	}
	days := bucket(now.Add(-keepHourly), day)
	if err := thinTo(ctx, db, int64(day/time.Second), bucket(now.Add(-keepDaily), day), days); err != nil {
		return err
	}
	return thinTo(ctx, db, int64(time.Hour/time.Second), days, bucket(now.Add(-keepAll), time.Hour))
}

// bucket is when the hour or day began that t is in, so that none is thinned before it is over.
func bucket(t time.Time, size time.Duration) int64 {
	s := int64(size / time.Second)
	return t.Unix() / s * s
}

// thinTo keeps the busiest sample of each bucket from and until two times; of equals the last.
func thinTo(ctx context.Context, db *store.DB, size, from, until int64) error {
	_, err := db.Write.NewRaw(`DELETE FROM pool_samples WHERE at >= ? AND at < ? AND EXISTS (SELECT 1 FROM pool_samples b
		WHERE b.place = pool_samples.place AND b.pool = pool_samples.pool AND b.metric = pool_samples.metric
		AND b.at >= pool_samples.at - pool_samples.at % ? AND b.at < pool_samples.at - pool_samples.at % ? + ?
		AND (b.used > pool_samples.used OR b.used = pool_samples.used AND b.at > pool_samples.at))`, from, until, size, size, size).Exec(ctx)
	return err
}
