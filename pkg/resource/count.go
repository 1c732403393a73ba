package resource

import (
	"context"
	"fmt"
	"strings"
)

// Count tells how many objects of a kind have each value at an indexed path, such as servers by status.host. It reads
// the index alone.
func (v View) Count(ctx context.Context, kind, path string) (map[string]int64, error) {
	def, err := v.store.registry.Kind(kind)
	if err != nil {
		return nil, err
	}
	if !contains(def.Indexed, path) {
		return nil, Invalid(def.Name, "path", path, "is not indexed")
	}
	var rows []struct {
		Value string
		N     int64
	}
	q := v.store.db.Read.NewSelect().Table("object_index").Column("value").ColumnExpr("COUNT(*) AS n").Where("kind = ? AND key = ?", def.Name, path).Group("value")
	if !v.scope.all {
		q = q.Where("object_id IN (?)", v.limit(v.store.db.Read.NewSelect().Table("objects").Column("id").Where("kind = ?", def.Name)))
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, away(fmt.Errorf("count %s: %w", def.Plural, err))
	}
	out := make(map[string]int64, len(rows))
	for _, r := range rows {
		out[r.Value] = r.N
	}
	return out, nil
}

// AllPoolUsage lists capacity and claims by metric of every pool whose name begins with one of the prefixes: one query
// instead of one for each pool.
func (s *Store) AllPoolUsage(ctx context.Context, prefixes ...string) (map[string]map[string]QuotaUsage, error) {
	out := map[string]map[string]QuotaUsage{}
	for _, prefix := range prefixes {
		var rows []QuotaUsage
		err := s.db.Read.NewSelect().Model(&rows).Where("node LIKE ?", prefix+"%").Scan(ctx)
		if err != nil {
			return nil, away(fmt.Errorf("read claims: %w", err))
		}
		for _, u := range rows {
			metric, ok := strings.CutPrefix(u.Metric, poolMetric(u.Node, ""))
			if !ok {
				continue
			}
			if out[u.Node] == nil {
				out[u.Node] = map[string]QuotaUsage{}
			}
			out[u.Node][metric] = u
		}
	}
	return out, nil
}
