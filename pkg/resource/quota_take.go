package resource

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// quotaDelta is what an object takes more or less of a node's metric.
type quotaDelta struct {
	object, node, metric string
	reserve, commit      int64
	owed                 bool // it is there already: no limit refuses to count it
}

// quotaKey names a total.
type quotaKey struct{ node, metric string }

func (k quotaKey) compare(o quotaKey) int {
	return cmp.Or(strings.Compare(k.node, o.node), strings.Compare(k.metric, o.metric))
}

// writeQuota reserves what the changes take beyond what their objects hold, and gives back what removed ones held.
func (s *Store) writeQuota(ctx context.Context, tx bun.Tx, changes []*change) error {
	var deltas []quotaDelta
	for _, c := range changes {
		if c.from != nil {
			if err := s.moveHoldings(ctx, tx, *c.from, c.object.Meta); err != nil {
				return err
			}
			continue
		}
		if err := s.raise(ctx, tx, c); err != nil {
			return err
		}
		d, err := s.deltas(ctx, tx, c)
		if err != nil {
			return err
		}
		deltas = append(deltas, d...)
	}
	return s.applyDeltas(ctx, tx, deltas)
}

func (s *Store) deltas(ctx context.Context, tx bun.IDB, c *change) ([]quotaDelta, error) {
	m := c.object.Meta
	held := map[string]Holding{}
	if !c.insert && (c.remove || c.charges != nil) {
		var err error
		if held, err = holdingsOf(ctx, tx, m.ID); err != nil {
			return nil, err
		}
	}
	var out []quotaDelta
	if c.remove {
		for metric, h := range held {
			out = append(out, quotaDelta{object: m.ID, node: h.Project, metric: metric, reserve: -h.Reserved, commit: -h.Committed})
		}
		return out, nil
	}
	want := c.charges.everywhere(c.region)
	for metric, h := range held {
		if _, charged := want[metric]; !charged && want != nil && h.Project == m.Project {
			want[metric] = 0 // no longer charged at all
		}
	}
	for metric, want := range want {
		h := held[metric]
		switch more := want - h.Reserved - h.Committed; {
		case c.commit && (want != h.Committed || h.Reserved != 0):
			out = append(out, quotaDelta{object: m.ID, node: m.Project, metric: metric, reserve: -h.Reserved, commit: want - h.Committed})
		case !c.commit && more > 0:
			out = append(out, quotaDelta{object: m.ID, node: m.Project, metric: metric, reserve: more})
		}
	}
	return out, nil
}

// applyDeltas changes holdings and, guarded by the limits, the totals of projects and of the nodes above them.
func (s *Store) applyDeltas(ctx context.Context, tx bun.Tx, deltas []quotaDelta) error {
	totals := map[quotaKey]quotaDelta{}
	var fresh []Holding
	for _, d := range deltas {
		k := quotaKey{d.node, d.metric}
		t := totals[k]
		t.node, t.metric, t.reserve, t.commit, t.owed = d.node, d.metric, t.reserve+d.reserve, t.commit+d.commit, t.owed || d.owed
		totals[k] = t
		fresh = append(fresh, Holding{ObjectID: d.object, Metric: d.metric, Project: d.node, Reserved: d.reserve, Committed: d.commit})
	}
	if err := upsertHoldings(ctx, tx, fresh); err != nil {
		return err
	}
	if err := s.writeTotals(ctx, tx, totals); err != nil {
		return err
	}
	return s.chargeAbove(ctx, tx, totals)
}

// writeTotals goes by name, as everybody does, so that nobody waits in a circle.
func (s *Store) writeTotals(ctx context.Context, tx bun.Tx, totals map[quotaKey]quotaDelta) error {
	var taken, owed []QuotaUsage
	for _, k := range inOrder(totals) {
		switch t := totals[k]; {
		case t.reserve >= 0 && t.commit >= 0 && t.reserve+t.commit > 0:
			row := QuotaUsage{Node: k.node, Metric: k.metric, Hard: -1, Soft: -1, Reserved: t.reserve, Committed: t.commit}
			if t.owed {
				owed = append(owed, row)
			} else {
				taken = append(taken, row)
			}
		case t.reserve != 0 || t.commit != 0:
			if err := s.moveTotal(ctx, tx, t); err != nil {
				return err
			}
		}
	}
	if err := s.takeTotals(ctx, tx, owed, true); err != nil {
		return err
	}
	return s.takeTotals(ctx, tx, taken, false)
}

func inOrder(totals map[quotaKey]quotaDelta) []quotaKey {
	return slices.SortedFunc(maps.Keys(totals), quotaKey.compare)
}

func upsertHoldings(ctx context.Context, tx bun.Tx, rows []Holding) error {
	var positive []Holding
	for _, h := range rows {
		if h.Reserved >= 0 && h.Committed >= 0 {
			positive = append(positive, h)
			continue
		}
		// An upsert would trip over the check that its insert half is not negative.
		if _, err := tx.NewUpdate().Table("quota_holdings").Set("reserved = reserved + ?", h.Reserved).Set("committed = committed + ?", h.Committed).
			Where("object_id = ? AND metric = ?", h.ObjectID, h.Metric).Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Table("quota_holdings").Where("object_id = ? AND metric = ? AND reserved = 0 AND committed = 0", h.ObjectID, h.Metric).Exec(ctx); err != nil {
			return err
		}
	}
	if len(positive) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&positive).On("CONFLICT (object_id, metric) DO UPDATE").
		Set("reserved = held.reserved + EXCLUDED.reserved").Set("committed = held.committed + EXCLUDED.committed").Exec(ctx)
	return err
}

// takeTotals adds to totals, which begin without a limit, where the limit allows or it is owed; one that refuses refuses all.
func (s *Store) takeTotals(ctx context.Context, tx bun.Tx, rows []QuotaUsage, owed bool) error {
	if len(rows) == 0 {
		return nil
	}
	var done []QuotaUsage
	_, err := tx.NewInsert().Model(&rows).On("CONFLICT (node, metric) DO UPDATE").
		Set("reserved = quota_usage.reserved + EXCLUDED.reserved").Set("committed = quota_usage.committed + EXCLUDED.committed").
		Where("? OR quota_usage.hard < 0 OR quota_usage.reserved + quota_usage.committed + EXCLUDED.reserved + EXCLUDED.committed <= quota_usage.hard", owed).
		Returning("node, metric, soft, reserved, committed").Exec(ctx, &done)
	if err != nil {
		return err
	}
	if len(done) == len(rows) {
		return s.tellSoft(ctx, tx, done, func(u QuotaUsage) int64 { return takenOf(rows, u) })
	}
	for _, r := range rows {
		if slices.ContainsFunc(done, func(d QuotaUsage) bool { return d.Node == r.Node && d.Metric == r.Metric }) {
			continue
		}
		u, err := quotaRow(ctx, tx, r.Node, r.Metric)
		if err != nil || u == nil {
			return errors.Join(err, fmt.Errorf("quota row %s/%s can not be made", r.Node, r.Metric))
		}
		return s.exceeded(ctx, tx, *u, r.used())
	}
	return nil
}

// moveTotal changes a total that is there: what is given back or committed was taken before.
func (s *Store) moveTotal(ctx context.Context, tx bun.Tx, d quotaDelta) error {
	var done []QuotaUsage
	q := tx.NewUpdate().Table("quota_usage").Set("reserved = reserved + ?", d.reserve).Set("committed = committed + ?", d.commit).
		Where("node = ? AND metric = ?", d.node, d.metric)
	more := d.reserve + d.commit
	if more > 0 && !d.owed {
		q = q.Where("(hard < 0 OR reserved + committed + ? <= hard)", more)
	}
	if _, err := q.Returning("node, metric, soft, reserved, committed").Exec(ctx, &done); err != nil {
		return err
	}
	if len(done) == 1 {
		return s.tellSoft(ctx, tx, done, func(QuotaUsage) int64 { return more })
	}
	u, err := quotaRow(ctx, tx, d.node, d.metric)
	if err != nil || u == nil {
		return errors.Join(err, fmt.Errorf("there is no quota row %s/%s", d.node, d.metric))
	}
	return s.exceeded(ctx, tx, *u, more)
}

func quotaRow(ctx context.Context, db bun.IDB, node, metric string) (*QuotaUsage, error) {
	u := &QuotaUsage{}
	err := db.NewSelect().Model(u).Where("node = ? AND metric = ?", node, metric).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return u, err
}

// exceeded tells what is left. How much others use of a node above is theirs to know.
func (s *Store) exceeded(ctx context.Context, db bun.IDB, u QuotaUsage, more int64) *Problem {
	left, metric := max(0, u.Hard-u.used()), spoken(u.Metric)
	_, branch, err := s.tree.Below(ctx, db, u.Node)
	name := ""
	if err == nil && branch {
		name, err = s.tree.FullName(ctx, db, u.Node)
	}
	switch {
	case err != nil:
		return Problemf(ReasonQuotaExceeded, "quota", "ask for more by a request", "quota %s does not allow %d more", metric, more)
	case branch:
		return Problemf(ReasonQuotaExceeded, "quota", "delete something below it, or ask for more by a request",
			"quota %s of %s: %d are left for all below it, %d more were asked for", metric, name, left, more)
	}
	return Problemf(ReasonQuotaExceeded, "quota", fmt.Sprintf("%d are left; delete something, or ask for more by a request", left),
		"quota %s: %d of %d are in use, %d more were asked for", metric, u.used(), u.Hard, more)
}
