package resource

import (
	"context"

	"github.com/uptrace/bun"
)

// wakened are jobs for the objects that name what another spec is written for here, in the transaction of the change: no
// crash leaves them with what they knew before.
func wakened(ctx context.Context, tx bun.Tx, changes []*change) ([]Job, error) {
	var jobs []Job
	for _, c := range changes {
		if !c.respec || c.insert || c.remove {
			continue
		}
		m := c.object.Meta
		for kind, path := range c.def.Wakes {
			var ids []string
			err := tx.NewSelect().Table("object_index").ColumnExpr("DISTINCT object_id").
				Where("kind = ? AND key = ? AND value IN (?)", kind, path, bun.List([]string{m.Name, m.ID})).Scan(ctx, &ids)
			if err != nil {
				return nil, err
			}
			for _, id := range ids {
				jobs = append(jobs, Job{Kind: kind, ID: id, Cause: m.Kind + " " + m.Name + " changed"})
			}
		}
	}
	return jobs, nil
}

// tellLimit makes the objects of all kinds that heed limits look again.
func (s *Store) tellLimit(ctx context.Context, tx bun.Tx, metric string) error {
	var jobs []Job
	for kind, d := range s.registry.kinds {
		if !d.HeedsLimits {
			continue
		}
		var ids []string
		if err := tx.NewSelect().Table("objects").Column("id").Where("kind = ?", kind).Scan(ctx, &ids); err != nil {
			return err
		}
		for _, id := range ids {
			jobs = append(jobs, Job{Kind: kind, ID: id, Cause: "limit of " + spoken(metric) + " set"})
		}
	}
	if len(jobs) == 0 {
		return nil
	}
	return s.jobs.Insert(ctx, tx, jobs)
}
