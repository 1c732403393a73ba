package resource

import (
	"context"
	"strings"

	"github.com/uptrace/bun"
)

// Claims lets a reconciler take capacity of a shared pool, such as a host, for its object. A claim is a quota holding
// whose project is the pool's name: it is exact under concurrency, counted by Recount, and given back with the object.
type Claims interface {
	// Claim makes the object hold exactly these amounts of the pool, or refuses with ReasonQuotaExceeded.
	Claim(ctx context.Context, pool string, amounts Charges) error
	// Unclaim gives back whatever the object holds of the pool.
	Unclaim(ctx context.Context, pool string) error
	// Claimed lists the pools that the object holds something of.
	Claimed(ctx context.Context) ([]string, error)
	// SetCapacity tells how much there is of each metric in the pool.
	SetCapacity(ctx context.Context, pool string, capacity Charges) error
	// Settle takes from the project's quota what the object is charged in the region or site that it goes to, or refuses
	// with ReasonQuotaExceeded, and gives back what it held in any other; "" is where its spec wants it, if anywhere.
	Settle(ctx context.Context, region string) error
}

type claims struct {
	store  *Store
	def    *Definition
	object Raw // as leased
}

// poolMetric keeps claims apart from the holdings of the project's own quota.
func poolMetric(pool, metric string) string { return pool + "/" + metric }

func (c claims) Claim(ctx context.Context, pool string, amounts Charges) error {
	want := Charges{}
	for metric, n := range amounts {
		want[poolMetric(pool, metric)] = n
	}
	held := c.object.Meta
	held.Project = pool
	return c.store.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		deltas, err := c.store.deltas(ctx, tx, &change{object: &Raw{Meta: held}, charges: want, commit: true})
		if err != nil {
			return err
		}
		return c.store.applyDeltas(ctx, tx, deltas)
	})
}

func (c claims) Unclaim(ctx context.Context, pool string) error {
	return c.store.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var rows []Holding
		if err := tx.NewSelect().Model(&rows).Where("object_id = ? AND project = ?", c.object.ID, pool).Scan(ctx); err != nil {
			return err
		}
		var deltas []quotaDelta
		for _, h := range rows {
			deltas = append(deltas, quotaDelta{object: h.ObjectID, node: h.Project, metric: h.Metric, reserve: -h.Reserved, commit: -h.Committed})
		}
		return c.store.applyDeltas(ctx, tx, deltas)
	})
}

func (c claims) Claimed(ctx context.Context) ([]string, error) {
	var pools []string
	err := c.store.db.Read.NewSelect().Model((*Holding)(nil)).Distinct().Column("project").Where("object_id = ? AND project <> ?", c.object.ID, c.object.Project).Scan(ctx, &pools)
	return pools, err
}

func (c claims) SetCapacity(ctx context.Context, pool string, capacity Charges) error {
	rows := make([]QuotaUsage, 0, len(capacity))
	for metric, n := range capacity {
		rows = append(rows, QuotaUsage{Node: pool, Metric: poolMetric(pool, metric), Hard: n, Soft: -1})
	}
	return c.store.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&rows).On("CONFLICT (node, metric) DO UPDATE").Set("hard = EXCLUDED.hard").Exec(ctx)
		return err
	})
}

// PoolUsage lists capacity and claims of a pool by metric.
func (s *Store) PoolUsage(ctx context.Context, pool string) (map[string]QuotaUsage, error) {
	rows, err := s.View(Everything).Quota(ctx, pool)
	out := map[string]QuotaUsage{}
	for _, u := range rows {
		if metric, ok := strings.CutPrefix(u.Metric, poolMetric(pool, "")); ok {
			out[metric] = u
		}
	}
	return out, err
}
