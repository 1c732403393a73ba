package resource

import (
	"context"

	"github.com/uptrace/bun"
)

// Grouping is what objects are put together by.
type Grouping string

// Groupings. The group of what is on no host, or of no application, is empty.
const (
	ByProject     Grouping = "project"     // ids of projects
	ByHost        Grouping = "host"        // status.host, as kinds tell it
	ByApplication Grouping = "application" // ids of the bundles that objects descend from
)

// Use is what the objects of one group hold, by metric, and how many are in which phase.
type Use struct {
	Used   map[string]int64
	Phases map[Phase]int64
}

// Use adds up what objects of a node's projects hold, and in what state they are, by group. Of a branch that the scope
// does not see as a whole it tells nothing.
func (v View) Use(ctx context.Context, node string, by Grouping) (map[string]Use, error) {
	s, out := v.store, map[string]Use{}
	projects, _, err := s.tree.Below(ctx, s.db.Read, node)
	if err != nil {
		return nil, away(err)
	}
	if len(projects) == 0 || !v.scope.seesAll(projects) {
		return out, nil
	}
	of := func(group string) Use {
		u, known := out[group]
		if !known {
			u = Use{Used: map[string]int64{}, Phases: map[Phase]int64{}}
			out[group] = u
		}
		return u
	}
	var held []struct {
		Group  string `bun:"grp"`
		Metric string
		Used   int64
	}
	err = s.grouped(by, projects).ColumnExpr("h.metric, SUM(h.reserved + h.committed) AS used").Join("JOIN quota_holdings AS h ON h.object_id = o.id").
		GroupExpr("grp, h.metric").Having("SUM(h.reserved + h.committed) > 0").Scan(ctx, &held)
	if err != nil {
		return nil, away(err)
	}
	for _, h := range held {
		if metric, region := byRegion(h.Metric); region == "" { // what is in a region is counted without it, too
			of(h.Group).Used[metric] = h.Used
		}
	}
	var phases []struct {
		Group string `bun:"grp"`
		Phase Phase
		Count int64
	}
	if err := s.grouped(by, projects).ColumnExpr("o.phase, COUNT(*) AS count").GroupExpr("grp, o.phase").Scan(ctx, &phases); err != nil {
		return nil, away(err)
	}
	for _, p := range phases {
		of(p.Group).Phases[p.Phase] = p.Count
	}
	return out, nil
}

// descent leads from each bundle to all that it owns, through what owns in turn. Owners are kept as text.
const descent = `SELECT id, id AS root FROM objects WHERE kind = 'bundle' AND project IN (?)
	UNION ALL SELECT part.id, descent.root FROM objects AS part JOIN descent ON part.owner_id = CAST(descent.id AS TEXT) WHERE part.owner_id <> ''`

// grouped selects the objects of projects with their group.
func (s *Store) grouped(by Grouping, projects []string) *bun.SelectQuery {
	q := s.db.Read.NewSelect().TableExpr("objects AS o").Where("o.project IN (?)", bun.List(projects))
	switch by {
	case ByHost:
		return q.ColumnExpr("COALESCE(place.value, '') AS grp").Join("LEFT JOIN object_index AS place ON place.object_id = o.id AND place.key = 'status.host'")
	case ByApplication:
		return q.WithRecursive("descent", s.db.Read.NewRaw(descent, bun.List(projects))).
			ColumnExpr("COALESCE(CAST(descent.root AS TEXT), '') AS grp").Join("LEFT JOIN descent ON descent.id = o.id")
	case ByProject:
	}
	return q.ColumnExpr("o.project AS grp")
}
