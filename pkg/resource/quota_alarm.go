package resource

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// takenOf is what a row of totals was to grow by.
func takenOf(rows []QuotaUsage, u QuotaUsage) int64 {
	i := slices.IndexFunc(rows, func(r QuotaUsage) bool { return r.Node == u.Node && r.Metric == u.Metric })
	if i < 0 {
		return 0
	}
	return rows[i].used()
}

// tellSoft writes into the audit which soft limits a change has just passed; it is told once, not for each that follows.
func (s *Store) tellSoft(ctx context.Context, tx bun.Tx, now []QuotaUsage, more func(QuotaUsage) int64) error {
	for _, u := range now {
		if u.Soft < 0 || u.used() <= u.Soft || u.used()-more(u) > u.Soft {
			continue
		}
		note := fmt.Sprintf("%d of %s are in use, more than the soft limit of %d", u.used(), spoken(u.Metric), u.Soft)
		m := Meta{ID: NewID(), Kind: "quota", Project: u.Node, Name: u.Metric}
		if err := insertAll(ctx, tx, []*Audit{s.audit(System("quota"), "quota.soft", m, "", nil, nil, note)}); err != nil {
			return err
		}
		s.log.Warn("a soft limit is exceeded", "node", u.Node, "metric", u.Metric, "used", u.used(), "soft", u.Soft)
	}
	return nil
}

// over selects the limits that are exceeded: soft ones, and hard ones that were lowered under what is in use.
func over(db bun.IDB, rows *[]QuotaUsage) *bun.SelectQuery {
	return db.NewSelect().Model(rows).Where("(soft >= 0 AND reserved + committed > soft) OR (hard >= 0 AND reserved + committed > hard)").OrderExpr("node, metric")
}

// Exceeded lists the limits of a node and of all below it that more is used than they say. A node that the scope does
// not see as a whole has none to be told of.
func (v View) Exceeded(ctx context.Context, node string) ([]QuotaUsage, error) {
	s, out := v.store, []QuotaUsage{}
	projects, _, err := s.tree.Below(ctx, s.db.Read, node)
	if err != nil || !v.scope.seesAll(projects) {
		return out, away(err)
	}
	var rows []QuotaUsage
	if err := over(s.db.Read, &rows).Scan(ctx); err != nil {
		return nil, away(err)
	}
	var nodes []string
	for _, u := range rows {
		nodes = append(nodes, u.Node)
	}
	above, err := s.tree.Above(ctx, s.db.Read, nodes...)
	if err != nil {
		return nil, away(err)
	}
	for _, u := range rows {
		if u.Node == node || slices.Contains(above[u.Node], node) {
			out = append(out, u.told())
		}
	}
	return out, nil
}

// Recounting is what a nightly count found.
type Recounting struct {
	bun.BaseModel `bun:"table:quota_recounts" json:"-"`

	ID          string    `bun:",pk" json:"-"`
	At          time.Time `json:"at"`
	Differences int64     `json:"differences" doc:"Totals that are not what objects hold; anything but 0 is a fault"`
	Detail      string    `json:"detail,omitempty" doc:"The first of them, one a line"`
}

// toldDifferences is how many of them are kept in words.
const toldDifferences = 20

// CheckQuota counts anew and keeps what it found; a difference is told in the log, in the audit, and as a metric until a
// later count finds none.
func (s *Store) CheckQuota(ctx context.Context) error {
	found, err := s.Recount(ctx)
	if err != nil {
		return err
	}
	for _, d := range found {
		s.log.Error("a quota's total is not what objects hold", "difference", d)
	}
	r := &Recounting{ID: NewID(), At: s.now(), Differences: int64(len(found)), Detail: strings.Join(found[:min(len(found), toldDifferences)], "\n")}
	return away(s.db.Tx(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(r).Exec(ctx); err != nil || len(found) == 0 {
			return err
		}
		m := Meta{ID: r.ID, Kind: "quota", Name: "recount"}
		note := fmt.Sprintf("%d totals are not what objects hold: %s", len(found), found[0])
		return insertAll(ctx, tx, []*Audit{s.audit(System("quota"), "quota.differs", m, "", nil, nil, note)})
	}))
}

// LastRecount is what the last nightly count of any plazad found; nil before the first.
func (s *Store) LastRecount(ctx context.Context) (*Recounting, error) {
	r := &Recounting{}
	err := s.db.Read.NewSelect().Model(r).OrderExpr("at DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return r, away(err)
}

// CountExceeded counts the limits of all nodes that are exceeded, those of pools left out: what a pool promised may
// become more than it has when a host shrinks, and the pools' own views tell that.
func (s *Store) CountExceeded(ctx context.Context) (int64, error) {
	var rows []QuotaUsage
	n, err := over(s.db.Read, &rows).Where("node NOT LIKE '%:%'").Count(ctx)
	return n, away(err)
}
