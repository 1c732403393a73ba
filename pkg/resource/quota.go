package resource

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"

	"github.com/uptrace/bun"
)

// QuotaUsage is the use of a quota metric by a project. Hard is the limit, -1 for none.
type QuotaUsage struct {
	bun.BaseModel `bun:"table:quota_usage" json:"-"`

	Project   string `bun:",pk" json:"project"`
	Metric    string `bun:",pk" json:"metric"`
	Hard      int64  `json:"hard" doc:"Limit; -1 for none"`
	Reserved  int64  `json:"reserved" doc:"Promised to objects that are being made"`
	Committed int64  `json:"committed" doc:"Held by objects that are there"`
}

// Holding is what one object takes from its project's quota.
type Holding struct {
	bun.BaseModel `bun:"table:quota_holdings,alias:held" json:"-"`

	ObjectID  string `bun:",pk" json:"objectId"`
	Metric    string `bun:",pk" json:"metric"`
	Project   string `json:"project"`
	Reserved  int64  `json:"reserved"`
	Committed int64  `json:"committed"`
}

type quotaDelta struct {
	object, project, metric string
	reserve, commit         int64
}

// SetQuota limits a metric of a project; hard -1 lifts the limit. Lowering it below what is used takes nothing away.
func (s *Store) SetQuota(ctx context.Context, actor Actor, project, metric string, hard int64) error {
	if hard < -1 {
		return Invalid("quota", "hard", hard, "is a limit, or -1 for none")
	}
	if err := s.authorize(ctx, actor, "update", "quota", project); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&QuotaUsage{Project: project, Metric: metric, Hard: hard}).
			On("CONFLICT (project, metric) DO UPDATE").Set("hard = EXCLUDED.hard").Exec(ctx)
		if err != nil {
			return err
		}
		m := Meta{ID: NewID(), Kind: "quota", Project: project, Name: metric}
		_, err = tx.NewInsert().Model(s.audit(actor, "quota.set", m, "", nil, nil, fmt.Sprintf("hard limit of %s is %d", metric, hard))).Exec(ctx)
		return err
	})
}

// Quota lists limits and use of a project.
func (v View) Quota(ctx context.Context, project string) ([]QuotaUsage, error) {
	out := []QuotaUsage{}
	if !v.scope.Sees(project) {
		return out, nil
	}
	err := v.store.db.Read.NewSelect().Model(&out).Where("project = ?", project).Order("metric").Scan(ctx)
	return out, err
}

// Holdings lists who holds what of a project's quota.
func (v View) Holdings(ctx context.Context, project string) ([]Holding, error) {
	out := []Holding{}
	if !v.scope.Sees(project) {
		return out, nil
	}
	err := v.store.db.Read.NewSelect().Model(&out).Where("project = ?", project).Order("object_id", "metric").Scan(ctx)
	return out, err
}

// writeQuota reserves what the changes take beyond what their objects hold, and gives back what removed ones held.
func (s *Store) writeQuota(ctx context.Context, tx bun.Tx, changes []*change) error {
	var deltas []quotaDelta
	for _, c := range changes {
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
		var rows []Holding
		if err := tx.NewSelect().Model(&rows).Where("object_id = ?", m.ID).Scan(ctx); err != nil {
			return nil, err
		}
		for _, h := range rows {
			held[h.Metric] = h
		}
	}
	var out []quotaDelta
	if c.remove {
		for metric, h := range held {
			out = append(out, quotaDelta{m.ID, h.Project, metric, -h.Reserved, -h.Committed})
		}
		return out, nil
	}
	want := maps.Clone(c.charges)
	for metric, h := range held {
		if _, charged := want[metric]; !charged && want != nil && h.Project == m.Project {
			want[metric] = 0 // no longer charged at all
		}
	}
	for metric, want := range want {
		h := held[metric]
		switch more := want - h.Reserved - h.Committed; {
		case c.commit && (want != h.Committed || h.Reserved != 0):
			out = append(out, quotaDelta{m.ID, m.Project, metric, -h.Reserved, want - h.Committed})
		case !c.commit && more > 0:
			out = append(out, quotaDelta{m.ID, m.Project, metric, more, 0})
		}
	}
	return out, nil
}

// applyDeltas changes holdings and, guarded by the limit, the projects' totals.
func (s *Store) applyDeltas(ctx context.Context, tx bun.Tx, deltas []quotaDelta) error {
	type key struct{ project, metric string }
	totals := map[key]quotaDelta{}
	var fresh []Holding
	for _, d := range deltas {
		k := key{d.project, d.metric}
		t := totals[k]
		t.project, t.metric, t.reserve, t.commit = d.project, d.metric, t.reserve+d.reserve, t.commit+d.commit
		totals[k] = t
		fresh = append(fresh, Holding{ObjectID: d.object, Metric: d.metric, Project: d.project, Reserved: d.reserve, Committed: d.commit})
	}
	if err := upsertHoldings(ctx, tx, fresh); err != nil {
		return err
	}
	keys := make([]key, 0, len(totals))
	for k := range totals {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		return keys[i].project < keys[j].project || keys[i].project == keys[j].project && keys[i].metric < keys[j].metric
	})
	var taken []QuotaUsage
	for _, k := range keys {
		switch t := totals[k]; {
		case t.reserve >= 0 && t.commit >= 0 && t.reserve+t.commit > 0:
			taken = append(taken, QuotaUsage{Project: k.project, Metric: k.metric, Hard: -1, Reserved: t.reserve, Committed: t.commit})
		case t.reserve != 0 || t.commit != 0:
			if err := s.moveTotal(ctx, tx, t); err != nil {
				return err
			}
		}
	}
	return takeTotals(ctx, tx, taken)
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

// takeTotals adds to totals, which begin without a limit, where the limit allows; one that refuses refuses all.
func takeTotals(ctx context.Context, tx bun.Tx, rows []QuotaUsage) error {
	if len(rows) == 0 {
		return nil
	}
	var done []QuotaUsage
	_, err := tx.NewInsert().Model(&rows).On("CONFLICT (project, metric) DO UPDATE").
		Set("reserved = quota_usage.reserved + EXCLUDED.reserved").Set("committed = quota_usage.committed + EXCLUDED.committed").
		Where("quota_usage.hard < 0 OR quota_usage.reserved + quota_usage.committed + EXCLUDED.reserved + EXCLUDED.committed <= quota_usage.hard").
		Returning("project, metric").Exec(ctx, &done)
	if err != nil || len(done) == len(rows) {
		return err
	}
	for _, r := range rows {
		if slices.ContainsFunc(done, func(d QuotaUsage) bool { return d.Project == r.Project && d.Metric == r.Metric }) {
			continue
		}
		u, err := quotaRow(ctx, tx, r.Project, r.Metric)
		if err != nil || u == nil {
			return errors.Join(err, fmt.Errorf("quota row %s/%s can not be made", r.Project, r.Metric))
		}
		return exceeded(*u, r.Reserved+r.Committed)
	}
	return nil
}

// moveTotal changes a total that is there: what is given back or committed was taken before.
func (s *Store) moveTotal(ctx context.Context, tx bun.Tx, d quotaDelta) error {
	q := tx.NewUpdate().Table("quota_usage").Set("reserved = reserved + ?", d.reserve).Set("committed = committed + ?", d.commit).
		Where("project = ? AND metric = ?", d.project, d.metric)
	more := d.reserve + d.commit
	if more > 0 {
		q = q.Where("(hard < 0 OR reserved + committed + ? <= hard)", more)
	}
	res, err := q.Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	u, err := quotaRow(ctx, tx, d.project, d.metric)
	if err != nil || u == nil {
		return errors.Join(err, fmt.Errorf("there is no quota row %s/%s", d.project, d.metric))
	}
	return exceeded(*u, more)
}

func quotaRow(ctx context.Context, db bun.IDB, project, metric string) (*QuotaUsage, error) {
	u := &QuotaUsage{}
	err := db.NewSelect().Model(u).Where("project = ? AND metric = ?", project, metric).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return u, err
}

func exceeded(u QuotaUsage, more int64) *Problem {
	used := u.Reserved + u.Committed
	return &Problem{Reason: ReasonQuotaExceeded, Kind: "quota",
		Detail: fmt.Sprintf("quota %s: %d of %d are in use, %d more were asked for", u.Metric, used, u.Hard, more),
		Hint:   fmt.Sprintf("%d are left; delete something, or ask for a higher limit", max(0, u.Hard-used))}
}

// checkQuota tells whether a change would fit, without making it.
func (s *Store) checkQuota(ctx context.Context, c *change) error {
	deltas, err := s.deltas(ctx, s.db.Read, c)
	if err != nil {
		return err
	}
	for _, d := range deltas {
		u, err := quotaRow(ctx, s.db.Read, d.project, d.metric)
		if err != nil {
			return err
		}
		if more := d.reserve + d.commit; u != nil && more > 0 && u.Hard >= 0 && u.Reserved+u.Committed+more > u.Hard {
			return exceeded(*u, more)
		}
	}
	return nil
}

// Recount compares every project's totals with the sum of what its objects hold, and lists the differences.
func (s *Store) Recount(ctx context.Context) ([]string, error) {
	var out []string
	err := s.db.Read.NewRaw(`SELECT u.project || ' ' || u.metric FROM quota_usage u
		LEFT JOIN (SELECT project, metric, SUM(reserved) AS r, SUM(committed) AS c FROM quota_holdings GROUP BY project, metric) h
		ON h.project = u.project AND h.metric = u.metric
		WHERE u.reserved <> COALESCE(h.r, 0) OR u.committed <> COALESCE(h.c, 0)
		UNION SELECT h.project || ' ' || h.metric || ' held by absent ' || h.object_id FROM quota_holdings h
		WHERE NOT EXISTS (SELECT 1 FROM objects o WHERE o.id = h.object_id)`).Scan(ctx, &out)
	return out, err
}
