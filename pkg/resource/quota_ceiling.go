package resource

import (
	"context"
	"slices"

	"github.com/uptrace/bun"
)

// ceilings lists, for each project that is counted in a region, the least limit of each metric that holds for it there:
// its own and those of the nodes above it, in the region and everywhere. A metric that nothing limits is absent.
func (s *Store) ceilings(ctx context.Context, region string, metrics []string) (map[string]Charges, error) {
	var there []string
	for _, m := range metrics {
		there = append(there, regional(m, region))
	}
	projects, err := s.countedIn(ctx, there)
	if err != nil || len(projects) == 0 {
		return nil, away(err)
	}
	above, err := s.tree.Above(ctx, s.db.Read, projects...)
	if err != nil {
		return nil, away(err)
	}
	var limits []QuotaUsage
	if err := s.db.Read.NewSelect().Model(&limits).Where("metric IN (?) AND hard >= 0", bun.List(slices.Concat(there, metrics))).Scan(ctx); err != nil {
		return nil, away(err)
	}
	byNode := map[string][]QuotaUsage{}
	for _, l := range limits {
		byNode[l.Node] = append(byNode[l.Node], l)
	}
	out := make(map[string]Charges, len(projects))
	for _, project := range projects {
		out[project] = Charges{}
		for _, node := range append(slices.Clone(above[project]), project) {
			out[project].lower(byNode[node])
		}
	}
	return out, nil
}

// lower takes what is less, by the metrics' names without their region.
func (c Charges) lower(limits []QuotaUsage) {
	for _, l := range limits {
		name, _ := byRegion(l.Metric)
		if n, limited := c[name]; !limited || l.Hard < n {
			c[name] = l.Hard
		}
	}
}

// countedIn are the projects that have a row of one of the metrics; branches have some, too, where they are limited.
func (s *Store) countedIn(ctx context.Context, metrics []string) ([]string, error) {
	var nodes []string
	err := s.db.Read.NewSelect().Model((*QuotaUsage)(nil)).ColumnExpr("DISTINCT node").Where("metric IN (?)", bun.List(metrics)).OrderExpr("node").Scan(ctx, &nodes)
	if err != nil || len(nodes) == 0 {
		return nil, err
	}
	root, err := s.tree.Find(ctx, s.db.Read, "/")
	if err != nil {
		return nil, err
	}
	projects, branch, err := s.tree.Below(ctx, s.db.Read, root)
	if err != nil || !branch {
		return nodes, err
	}
	known := make(map[string]bool, len(projects))
	for _, id := range projects {
		known[id] = true
	}
	return slices.DeleteFunc(nodes, func(id string) bool { return !known[id] }), nil
}
