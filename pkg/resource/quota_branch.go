package resource

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/store"
)

// chargeAbove moves the totals of nodes above projects, where they have limits. It comes after the projects' own
// totals: whoever sets a limit waits for those who have written one, so none appears between that and this look.
func (s *Store) chargeAbove(ctx context.Context, tx bun.Tx, totals map[quotaKey]quotaDelta) error {
	var projects, metrics []string
	for k, t := range totals {
		if t.reserve != 0 || t.commit != 0 {
			projects, metrics = append(projects, k.node), append(metrics, k.metric)
		}
	}
	above, err := s.tree.Above(ctx, tx, projects...)
	if err != nil || len(above) == 0 {
		return err
	}
	nodes := slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Values(above))...)))
	limits, err := limitsOf(ctx, tx, slices.Compact(nodes), metrics)
	if err != nil || len(limits) == 0 {
		return err
	}
	sums := map[quotaKey]quotaDelta{}
	for _, l := range limits {
		sums[quotaKey{l.Node, l.Metric}] = quotaDelta{node: l.Node, metric: l.Metric}
	}
	for k, t := range totals {
		for _, node := range above[k.node] {
			if sum, limited := sums[quotaKey{node, k.metric}]; limited {
				sum.reserve, sum.commit, sum.owed = sum.reserve+t.reserve, sum.commit+t.commit, sum.owed || t.owed
				sums[quotaKey{node, k.metric}] = sum
			}
		}
	}
	for _, k := range inOrder(sums) {
		if sums[k].reserve == 0 && sums[k].commit == 0 {
			continue
		}
		if err := s.moveTotal(ctx, tx, sums[k]); err != nil {
			return err
		}
	}
	return nil
}

// Tight tells which limits of nodes above a project would not allow it to use so much more.
func (v View) Tight(ctx context.Context, project string, more Charges) ([]*Problem, error) {
	s := v.store
	if !v.scope.Sees(project) {
		return nil, notFound("project", project)
	}
	above, err := s.tree.Above(ctx, s.db.Read, project)
	if err != nil {
		return nil, away(err)
	}
	limits, err := limitsOf(ctx, s.db.Read, above[project], nil)
	if err != nil {
		return nil, away(err)
	}
	var out []*Problem
	for _, l := range limits {
		if n := more[l.Metric]; n > 0 && l.Hard >= 0 && l.used()+n > l.Hard {
			out = append(out, s.exceeded(ctx, s.db.Read, l, n))
		}
	}
	return out, nil
}

// limitsOf reads the rows of nodes; metrics nil means all.
func limitsOf(ctx context.Context, db bun.IDB, nodes, metrics []string) ([]QuotaUsage, error) {
	var out []QuotaUsage
	if len(nodes) == 0 {
		return out, nil
	}
	q := db.NewSelect().Model(&out).Where("node IN (?)", bun.List(nodes)).OrderExpr("node, metric")
	if metrics != nil {
		q = q.Where("metric IN (?)", bun.List(metrics))
	}
	return out, q.Scan(ctx)
}

// usedBelow adds up, by metric, what the projects at and below a node use.
func (s *Store) usedBelow(ctx context.Context, db bun.IDB, node string) (map[string]QuotaUsage, error) {
	projects, _, err := s.tree.Below(ctx, db, node)
	if err != nil {
		return nil, err
	}
	out := map[string]QuotaUsage{}
	if len(projects) == 0 {
		return out, nil
	}
	var rows []QuotaUsage
	err = db.NewSelect().Model(&rows).Column("metric").ColumnExpr("SUM(reserved) AS reserved").ColumnExpr("SUM(committed) AS committed").
		Where("node IN (?)", bun.List(projects)).Group("metric").Scan(ctx)
	for _, u := range rows {
		out[u.Metric] = u
	}
	return out, err
}

// keepPromises refuses limits below one of the nodes that add up to more than its own, where it is strict. Those count that no limit stands above between them and the node.
func (s *Store) keepPromises(ctx context.Context, tx bun.Tx, nodes ...string) error {
	strict, err := limitsOf(ctx, tx, nodes, nil)
	if err != nil {
		return err
	}
	for _, u := range strict {
		if !u.Strict || u.Hard < 0 {
			continue
		}
		if err := s.keepPromise(ctx, tx, u); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) keepPromise(ctx context.Context, tx bun.Tx, u QuotaUsage) error {
	var limits []QuotaUsage
	if err := tx.NewSelect().Model(&limits).Where("metric = ? AND hard >= 0 AND node <> ?", u.Metric, u.Node).Scan(ctx); err != nil {
		return err
	}
	hard := map[string]int64{}
	for _, l := range limits {
		hard[l.Node] = l.Hard
	}
	above, err := s.tree.Above(ctx, tx, slices.Collect(maps.Keys(hard))...)
	if err != nil {
		return err
	}
	var sum int64
	for node, line := range above {
		i := slices.Index(line, u.Node)
		if i < 0 || slices.ContainsFunc(line[i+1:], func(id string) bool { _, limited := hard[id]; return limited }) {
			continue
		}
		sum += hard[node]
	}
	if sum <= u.Hard {
		return nil
	}
	name, err := s.tree.FullName(ctx, tx, u.Node)
	if err != nil {
		return err
	}
	return Problemf(ReasonConflict, "quota", "lower another limit below it, raise its own, or allow it to be overcommitted",
		"the limits of %s below %s would add up to %d, but it has %d", spoken(u.Metric), name, sum, u.Hard)
}

// Recount adds up what objects hold and lists every total, of projects, pools and the nodes above, that is another. It
// reads one state of the database.
func (s *Store) Recount(ctx context.Context) ([]string, error) {
	var opts *sql.TxOptions
	if s.db.Dialect == store.Postgres {
		opts = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	var out []string
	err := s.db.Read.RunInTx(ctx, opts, func(ctx context.Context, tx bun.Tx) (err error) {
		out, err = s.recount(ctx, tx)
		return err
	})
	if err != nil {
		return nil, away(err)
	}
	return out, nil
}

func (s *Store) recount(ctx context.Context, tx bun.Tx) ([]string, error) {
	var sums []Holding
	err := tx.NewSelect().Model(&sums).Column("project", "metric").ColumnExpr("SUM(reserved) AS reserved").ColumnExpr("SUM(committed) AS committed").
		Group("project", "metric").Scan(ctx)
	if err != nil {
		return nil, err
	}
	projects := make([]string, 0, len(sums))
	for _, h := range sums {
		projects = append(projects, h.Project)
	}
	slices.Sort(projects)
	above, err := s.tree.Above(ctx, tx, slices.Compact(projects)...)
	if err != nil {
		return nil, err
	}
	held := map[quotaKey]quotaDelta{}
	for _, h := range sums {
		for _, node := range append([]string{h.Project}, above[h.Project]...) {
			k := quotaKey{node, h.Metric}
			held[k] = quotaDelta{reserve: held[k].reserve + h.Reserved, commit: held[k].commit + h.Committed}
		}
	}
	var totals []QuotaUsage
	if err := tx.NewSelect().Model(&totals).Scan(ctx); err != nil {
		return nil, err
	}
	out := differences(totals, held, sums)
	var strays []Holding
	err = tx.NewSelect().Model(&strays).Where("NOT EXISTS (SELECT 1 FROM objects AS o WHERE o.id = held.object_id)").Scan(ctx)
	for _, h := range strays {
		out = append(out, fmt.Sprintf("%s of %s: %d held by %s, which is gone", h.Metric, h.Project, h.Reserved+h.Committed, h.ObjectID))
	}
	slices.SortFunc(out, strings.Compare)
	return out, err
}

func differences(totals []QuotaUsage, held map[quotaKey]quotaDelta, sums []Holding) []string {
	out, counted := []string{}, map[quotaKey]bool{}
	for _, u := range totals {
		k := quotaKey{u.Node, u.Metric}
		counted[k] = true
		if h := held[k]; h.reserve != u.Reserved || h.commit != u.Committed {
			out = append(out, fmt.Sprintf("%s of %s: %d reserved and %d committed, but objects hold %d and %d", u.Metric, u.Node, u.Reserved, u.Committed, h.reserve, h.commit))
		}
	}
	for _, h := range sums {
		if !counted[quotaKey{h.Project, h.Metric}] {
			out = append(out, fmt.Sprintf("%s of %s: objects hold %d and %d, which nobody counts", h.Metric, h.Project, h.Reserved, h.Committed))
		}
	}
	return out
}
