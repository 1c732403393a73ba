package resource

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/store"
)

// QuotaUsage is the use of a metric by a node: a project, or all projects below a node; or the claims on a pool, which
// has its name for id.
type QuotaUsage struct {
	bun.BaseModel `bun:"table:quota_usage" json:"-"`

	Node      string `bun:",pk" json:"node" doc:"Id"`
	Metric    string `bun:",pk" json:"metric" doc:"Such as vcpus, volume_gib:TIER or trait:KEY=VALUE"`
	Region    string `bun:"-" json:"region,omitempty" doc:"Region or site that it is counted in; absent: everywhere"`
	Hard      int64  `json:"hard" doc:"Limit; -1 for none"`
	Soft      int64  `json:"soft" doc:"More than that is allowed but too much; -1 for none"`
	Strict    bool   `json:"strict" doc:"The limits below may not add up to more than this one"`
	Reserved  int64  `json:"reserved" doc:"Promised to objects that are being made"`
	Committed int64  `json:"committed" doc:"Held by objects that are there"`
}

func (u QuotaUsage) used() int64 { return u.Reserved + u.Committed }

// told parts the region from the metric, as callers see it.
func (u QuotaUsage) told() QuotaUsage {
	u.Metric, u.Region = byRegion(u.Metric)
	return u
}

// limited tells whether anything is set that a node's row is kept for.
func (u QuotaUsage) limited() bool { return u.Hard >= 0 || u.Soft >= 0 }

// Limit bounds a metric of a node.
type Limit struct {
	Hard   int64  // nothing goes beyond it; -1 for none
	Soft   int64  // beyond it is told; -1 for none
	Strict bool   // the limits below may not add up to more than Hard
	Region string // what is in this region or site; "" for everywhere
}

// Hard is a limit that those below may overcommit; -1 lifts it.
func Hard(n int64) Limit { return Limit{Hard: n, Soft: -1} }

// Holding is what one object takes from its project's quota.
type Holding struct {
	bun.BaseModel `bun:"table:quota_holdings,alias:held" json:"-"`

	ObjectID  string `bun:",pk" json:"objectId"`
	Metric    string `bun:",pk" json:"metric"`
	Region    string `bun:"-" json:"region,omitempty" doc:"Region or site that it is counted in; absent: everywhere"`
	Project   string `json:"project"`
	Reserved  int64  `json:"reserved"`
	Committed int64  `json:"committed"`
	Kind      string `bun:",scanonly" json:"kind"`
	Name      string `bun:",scanonly" json:"name"`
}

// SetQuota limits a metric of a node and of all below it. It is for those who administrate the node above, so that
// nobody raises what was given to them. Less than what is used takes nothing away.
func (s *Store) SetQuota(ctx context.Context, actor Actor, node, metric string, l Limit) error {
	if l.Hard < -1 {
		return Invalid("quota", "hard", l.Hard, "is a limit, or -1 for none")
	}
	if l.Soft < -1 {
		return Invalid("quota", "soft", l.Soft, "is a limit, or -1 for none")
	}
	if l.Hard >= 0 && l.Soft > l.Hard {
		return Invalid("quota", "soft", l.Soft, "is more than the hard limit, %d", l.Hard)
	}
	if strings.Contains(metric+l.Region, regionMark) {
		return Invalid("quota", "metric", metric, "name the region apart from the metric, and neither with %s", regionMark)
	}
	metric = regional(metric, l.Region)
	if err := s.authorizeLimit(ctx, &actor, node); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.holdQuota(ctx, tx); err != nil {
			return err
		}
		if err := s.writeLimit(ctx, tx, node, metric, l); err != nil {
			return err
		}
		m := Meta{ID: NewID(), Kind: "quota", Project: node, Name: metric}
		_, err := tx.NewInsert().Model(s.audit(actor, "quota.set", m, "", nil, nil, l.note(metric))).Exec(ctx)
		return err
	})
}

func (l Limit) note(metric string) string {
	text := fmt.Sprintf("hard limit of %s is %d", spoken(metric), l.Hard)
	if l.Soft >= 0 {
		text += fmt.Sprintf(", soft %d", l.Soft)
	}
	if l.Strict {
		text += ", not to be overcommitted"
	}
	return text
}

// authorizeLimit asks for the node above, if there is one. A node that the actor may not read is absent.
func (s *Store) authorizeLimit(ctx context.Context, actor *Actor, node string) error {
	above, err := s.tree.Above(ctx, s.db.Read, node)
	if err != nil {
		return err
	}
	parents := above[node]
	if len(parents) == 0 {
		return s.admit(ctx, actor, "update", "quota", node)
	}
	if err := s.authorize(ctx, *actor, "get", "quota", node); err != nil {
		return err
	}
	if err := s.admit(ctx, actor, "update", "quota", parents[len(parents)-1]); err != nil {
		if reason := ReasonOf(err); reason != ReasonNotFound && reason != ReasonForbidden {
			return err
		}
		return Problemf(ReasonForbidden, "quota", "ask an administrator of the node above", "%s may not set limits here: they are given from above", actor.Name)
	}
	return nil
}

// holdQuota keeps every total as it is until the transaction ends: it waits for those who write one, and they for it.
func (s *Store) holdQuota(ctx context.Context, tx bun.Tx) error {
	if s.db.Dialect != store.Postgres {
		return nil // its write transactions exclude each other
	}
	_, err := tx.ExecContext(ctx, "LOCK TABLE quota_usage IN EXCLUSIVE MODE")
	return err
}

// writeLimit expects totals to be held. A branch is counted from when it has a limit; without one its row would be a
// place where all below it wait for each other.
func (s *Store) writeLimit(ctx context.Context, tx bun.Tx, node, metric string, l Limit) error {
	row := QuotaUsage{Node: node, Metric: metric, Hard: l.Hard, Soft: l.Soft, Strict: l.Strict}
	_, branch, err := s.tree.Below(ctx, tx, node)
	if err != nil {
		return err
	}
	if branch && !row.limited() {
		_, err = tx.NewDelete().Table("quota_usage").Where("node = ? AND metric = ?", node, metric).Exec(ctx)
	} else {
		if branch {
			used, err := s.usedBelow(ctx, tx, node)
			if err != nil {
				return err
			}
			row.Reserved, row.Committed = used[metric].Reserved, used[metric].Committed
		}
		_, err = tx.NewInsert().Model(&row).On("CONFLICT (node, metric) DO UPDATE").
			Set("hard = EXCLUDED.hard").Set("soft = EXCLUDED.soft").Set("strict = EXCLUDED.strict").Exec(ctx)
	}
	if err != nil {
		return err
	}
	if err := s.tellLimit(ctx, tx, metric); err != nil {
		return err
	}
	above, err := s.tree.Above(ctx, tx, node)
	if err != nil {
		return err
	}
	return s.keepPromises(ctx, tx, append(above[node], node)...)
}

// Quota lists limits and use of a node by metric. Of a branch that the scope does not see as a whole it tells nothing.
func (v View) Quota(ctx context.Context, node string) ([]QuotaUsage, error) {
	s := v.store
	out := []QuotaUsage{}
	projects, branch, err := s.tree.Below(ctx, s.db.Read, node)
	if err != nil {
		return nil, away(err)
	}
	if !v.scope.seesAll(projects) {
		return out, nil
	}
	if err := s.db.Read.NewSelect().Model(&out).Where("node = ?", node).Order("metric").Scan(ctx); err != nil {
		return out, away(err)
	}
	if !branch {
		return tell(out, QuotaUsage.told), nil
	}
	used, err := s.usedBelow(ctx, s.db.Read, node)
	if err != nil {
		return nil, away(err)
	}
	for _, u := range out {
		delete(used, u.Metric) // the row tells it
	}
	for _, metric := range slices.Sorted(maps.Keys(used)) {
		u := used[metric]
		u.Node, u.Hard, u.Soft = node, -1, -1
		out = append(out, u)
	}
	slices.SortFunc(out, func(a, b QuotaUsage) int { return strings.Compare(a.Metric, b.Metric) })
	return tell(out, QuotaUsage.told), nil
}

func tell[T any](rows []T, told func(T) T) []T {
	for i := range rows {
		rows[i] = told(rows[i])
	}
	return rows
}

// HoldingQuery selects holdings.
type HoldingQuery struct {
	Node   string // a project, or a node with all projects below
	Metric string // "" for all
	Region string // what is counted in this region or site; "" for all
	After  string // Next of the page before
	Limit  int    // 1 to 1000, default 100
}

// HoldingPage is a page of holdings; Next is empty on the last.
type HoldingPage struct {
	Items []Holding `json:"items" nullable:"false"`
	Next  string    `json:"next,omitempty"`
}

// Holdings lists which object holds what, by project, object and metric.
func (v View) Holdings(ctx context.Context, q HoldingQuery) (HoldingPage, error) {
	s, page := v.store, HoldingPage{Items: []Holding{}}
	projects, _, err := s.tree.Below(ctx, s.db.Read, q.Node)
	if err != nil {
		return page, away(err)
	}
	if len(projects) == 0 || !v.scope.seesAll(projects) {
		return page, nil
	}
	limit := min(max(q.Limit, 0), 1000)
	if limit == 0 {
		limit = 100
	}
	query := s.db.Read.NewSelect().Model(&page.Items).ColumnExpr("held.*, o.kind, o.name").Join("JOIN objects AS o ON o.id = held.object_id").
		Where("held.project IN (?)", bun.List(projects)).OrderExpr("held.object_id, held.metric").Limit(int64(limit) + 1)
	switch {
	case q.Metric != "" && q.Region != "":
		query = query.Where("held.metric = ?", regional(q.Metric, q.Region))
	case q.Metric != "":
		query = query.Where("held.metric = ?", q.Metric)
	case q.Region != "":
		query = query.Where("held.metric LIKE ?", regional("%", q.Region))
	}
	if q.After != "" {
		object, metric, ok := strings.Cut(q.After, "/")
		if !ok || !isID(object) {
			return page, Invalid("quota", "after", q.After, "is not the next of a page")
		}
		query = query.Where("held.object_id > ? OR (held.object_id = ? AND held.metric > ?)", object, object, metric)
	}
	if err := query.Scan(ctx); err != nil {
		return page, away(err)
	}
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		last := page.Items[limit-1]
		page.Next = last.ObjectID + "/" + last.Metric
	}
	page.Items = tell(page.Items, func(h Holding) Holding {
		h.Metric, h.Region = byRegion(h.Metric)
		return h
	})
	return page, nil
}
