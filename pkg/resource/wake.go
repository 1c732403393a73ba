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
