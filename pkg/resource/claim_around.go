package resource

import (
	"context"

	"github.com/uptrace/bun"
)

// Surroundings are what placement has to know of others than whom it places for: how many of a set are where, and what
// the nodes above allow. They tell numbers, never objects.
type Surroundings struct{ store *Store }

// Node is the id of a node of the tree by its full name or id; / is the root.
func (s Surroundings) Node(ctx context.Context, idOrName string) (string, error) {
	return s.store.tree.Find(ctx, s.store.db.Read, idOrName)
}

// Line are the ids from the root down to a project.
func (s Surroundings) Line(ctx context.Context, project string) ([]string, error) {
	above, err := s.store.tree.Above(ctx, s.store.db.Read, project)
	return append(above[project], project), err
}

// Gathering is a set of objects of a kind.
type Gathering struct {
	Kind   string
	Node   string            // those of its projects
	Index  map[string]string // values at indexed paths, e.g. labels.role
	At     string            // indexed path of where they are, e.g. status.host
	Pool   string            // that those hold something of which were placed under its rules
	Except string            // id of one that is left out
}

// Gathered is how many of a set are at one place.
type Gathered struct {
	At      string // "" for those that are nowhere yet
	Objects int64
	Unheld  int64 // of them, those that hold nothing of the set's pool
}

// Gather counts a set by place. What is being deleted is not counted.
func (s Surroundings) Gather(ctx context.Context, g Gathering) ([]Gathered, error) {
	db := s.store.db.Read
	projects, _, err := s.store.tree.Below(ctx, db, g.Node)
	if err != nil || len(projects) == 0 {
		return nil, away(err)
	}
	q := db.NewSelect().TableExpr("objects AS o").ColumnExpr("COALESCE(p.value, '') AS at").ColumnExpr("COUNT(*) AS objects").
		ColumnExpr("SUM(CASE WHEN EXISTS (SELECT 1 FROM quota_holdings AS h WHERE h.object_id = o.id AND h.project = ?) THEN 0 ELSE 1 END) AS unheld", g.Pool).
		Join("LEFT JOIN object_index AS p ON p.object_id = o.id AND p.kind = o.kind AND p.key = ?", g.At).
		Where("o.kind = ? AND o.deleting_at IS NULL AND o.project IN (?)", g.Kind, bun.List(projects)).GroupExpr("COALESCE(p.value, '')")
	if g.Except != "" {
		q = q.Where("o.id <> ?", g.Except)
	}
	for path, value := range g.Index {
		q = q.Where("EXISTS (SELECT 1 FROM object_index AS i WHERE i.object_id = o.id AND i.kind = o.kind AND i.key = ? AND i.value = ?)", path, value)
	}
	var out []Gathered
	return out, away(q.Scan(ctx, &out))
}

// Short tells by region which limit of a project, or of a node above it, does not allow so much more there.
func (s Surroundings) Short(ctx context.Context, project string, more Charges) (map[string]*Problem, error) {
	line, err := s.Line(ctx, project)
	if err != nil {
		return nil, away(err)
	}
	var rows []QuotaUsage
	db := s.store.db.Read
	err = db.NewSelect().Model(&rows).Where("node IN (?) AND hard >= 0 AND metric LIKE ?", bun.List(line), "%"+regionMark+"%").OrderExpr("metric, node").Scan(ctx)
	if err != nil {
		return nil, away(err)
	}
	out := map[string]*Problem{}
	for _, u := range rows {
		name, region := byRegion(u.Metric)
		if n := more[name]; n > 0 && u.used()+n > u.Hard && out[region] == nil {
			out[region] = s.store.exceeded(ctx, db, u, n)
		}
	}
	return out, nil
}

// PlacementPlan is where an order would go, without sending it there.
type PlacementPlan struct {
	Chosen     string      `json:"chosen,omitempty" doc:"Name of the host or region that it would go to; absent when there is none"`
	Detail     string      `json:"detail,omitempty" doc:"Why not, when it could not be made"`
	Hint       string      `json:"hint,omitempty" doc:"The nearest fix"`
	Policies   []string    `json:"policies,omitempty" doc:"Placement policies that bear on it, the one from highest above first"`
	Candidates []Candidate `json:"candidates" nullable:"false" doc:"What was looked at: those that fit, the best first, then the others"`
}
