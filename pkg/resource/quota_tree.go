package resource

import (
	"context"
	"maps"
	"slices"
)

// QuotaTree lists limits and use of one metric, everywhere or in one region, by a node and by each node below it that has
// a limit or uses some, by id. Of a branch that the scope does not see as a whole it tells nothing.
func (v View) QuotaTree(ctx context.Context, node, metric, region string) ([]QuotaUsage, error) {
	s, out := v.store, []QuotaUsage{}
	projects, _, err := s.tree.Below(ctx, s.db.Read, node)
	if err != nil {
		return nil, away(err)
	}
	if !v.scope.seesAll(projects) {
		return out, nil
	}
	var rows []QuotaUsage
	if err := s.db.Read.NewSelect().Model(&rows).Where("metric = ?", regional(metric, region)).Scan(ctx); err != nil {
		return nil, away(err)
	}
	ids := make([]string, len(rows))
	for i, u := range rows {
		ids[i] = u.Node
	}
	above, err := s.tree.Above(ctx, s.db.Read, ids...)
	if err != nil {
		return nil, away(err)
	}
	found := branchUse(rows, above, projects, node)
	for _, id := range slices.Sorted(maps.Keys(found)) {
		out = append(out, found[id].told())
	}
	return out, nil
}

// branchUse adds up what projects use for the nodes above them that have no total of their own, as those without a limit.
func branchUse(rows []QuotaUsage, above map[string][]string, projects []string, node string) map[string]QuotaUsage {
	leaf := make(map[string]bool, len(projects))
	for _, id := range projects {
		leaf[id] = true
	}
	own, sums := map[string]QuotaUsage{}, map[string]QuotaUsage{}
	for _, u := range rows {
		line := append(slices.Clone(above[u.Node]), u.Node)
		at := slices.Index(line, node)
		if at < 0 {
			continue
		}
		own[u.Node] = u
		if !leaf[u.Node] {
			continue
		}
		for _, id := range line[at : len(line)-1] {
			sum := sums[id]
			sums[id] = QuotaUsage{Node: id, Metric: u.Metric, Hard: -1, Soft: -1, Reserved: sum.Reserved + u.Reserved, Committed: sum.Committed + u.Committed}
		}
	}
	maps.Copy(sums, own)
	return sums
}

// Consumers lists the projects at and below a node that use most of a metric, at most so many, the largest first. Of a
// branch that the scope does not see as a whole it tells nothing.
func (v View) Consumers(ctx context.Context, node, metric string, most int) ([]QuotaUsage, error) {
	s, out := v.store, []QuotaUsage{}
	projects, _, err := s.tree.Below(ctx, s.db.Read, node)
	if err != nil {
		return nil, away(err)
	}
	if len(projects) == 0 || !v.scope.seesAll(projects) {
		return out, nil
	}
	leaf := make(map[string]bool, len(projects))
	for _, id := range projects {
		leaf[id] = true
	}
	var rows []QuotaUsage
	err = s.db.Read.NewSelect().Model(&rows).Where("metric = ? AND reserved + committed > 0", metric).OrderExpr("reserved + committed DESC, node").Scan(ctx)
	for _, u := range rows {
		if leaf[u.Node] && len(out) < most {
			out = append(out, u)
		}
	}
	return out, away(err)
}
