package resource

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// reach is what a view sees of a kind's objects: those of some projects, and those that are lent to a node at or above one.
type reach struct {
	all      bool
	projects []string // "" for those that belong to none
	kind     string
	path     string   // indexed, where the nodes stand that an object is lent to; "" for kinds that are not lent
	nodes    []string // at and above the projects
}

// reach is all that the scope sees of a kind or, with a project, what is in it: of a kind that is lent, what it may use.
func (v View) reach(ctx context.Context, def *Definition, project string) (reach, error) {
	r := reach{kind: def.Name, path: def.Lent}
	switch {
	case project == "" && v.scope.all:
		return reach{all: true}, nil
	case !v.scope.Sees(project):
		return reach{}, nil
	case project == "":
		r.projects = append([]string{""}, v.scope.projects...)
	case def.Scoping == Shared:
		r.projects = []string{"", project}
	default:
		r.projects = []string{project}
	}
	var err error
	if r.path != "" {
		r.nodes, err = v.store.atAndAbove(ctx, r.projects)
	}
	return r, err
}

// atAndAbove are the projects, and the nodes above them.
func (s *Store) atAndAbove(ctx context.Context, projects []string) ([]string, error) {
	var out []string
	for _, p := range projects {
		if p != "" {
			out = append(out, p)
		}
	}
	above, err := s.tree.Above(ctx, s.db.Read, out...)
	if err != nil {
		return nil, away(err)
	}
	for _, line := range above {
		out = append(out, line...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func (r reach) limit(q *bun.SelectQuery) *bun.SelectQuery {
	switch {
	case r.all:
		return q
	case r.projects == nil:
		return q.Where("1 = 0")
	case len(r.nodes) == 0:
		return q.Where("project IN (?)", bun.List(r.projects))
	}
	return q.Where("(project IN (?) OR id IN (SELECT object_id FROM object_index WHERE kind = ? AND key = ? AND value IN (?)))", bun.List(r.projects), r.kind, r.path, bun.List(r.nodes))
}

// named finds what a name stands for in a project: its own, else everybody's, else the only one that is lent to it.
func (v View) named(ctx context.Context, def *Definition, project, name string) (*row, error) {
	limits, err := v.reach(ctx, def, project)
	if err != nil {
		return nil, err
	}
	q := limits.limit(v.store.db.Read.NewSelect().Model((*row)(nil)).Where("kind = ? AND name = ?", def.Name, name))
	if def.Scoping != Shared || project == "" {
		q = q.Where("project = ?", project)
	}
	var rows []row
	err = q.OrderExpr("CASE project WHEN ? THEN 0 WHEN '' THEN 1 ELSE 2 END, id", project).Limit(2).Scan(ctx, &rows)
	switch {
	case err != nil:
		return nil, away(fmt.Errorf("get %s %s: %w", def.Name, name, err))
	case len(rows) == 0:
		return nil, notFound(def.Name, name)
	case len(rows) == 2 && rows[0].Project != project && rows[0].Project != "":
		return nil, Problemf(ReasonConflict, def.Name, "name it by its id", "several that are lent to the project are called %s", name)
	}
	return &rows[0], nil
}

// veiled is an object as those see it whom it is lent to: to whom else is not theirs to know.
func (v View) veiled(def *Definition, o Raw) Raw {
	if def.Lent == "" || v.scope.Sees(o.Project) {
		return o
	}
	var spec map[string]json.RawMessage
	if json.Unmarshal(orEmpty(o.Spec), &spec) != nil {
		o.Spec = nil
		return o
	}
	delete(spec, strings.TrimPrefix(def.Lent, "spec."))
	o.Spec, _ = json.Marshal(spec) // it was JSON
	return o
}

// reaches tells whether a lent object of another project is seen.
func (r reach) reaches(o *Raw) bool {
	return r.path != "" && slices.ContainsFunc(Lookup(*o, r.path), func(node string) bool { return slices.Contains(r.nodes, node) })
}

// Borrowed tells whether an actor sees an object only because it is lent to them. They read it, and nothing else.
func (d *Definition) Borrowed(a Actor, o Raw) bool {
	return d.Lent != "" && !a.Scope.Sees(o.Project)
}

// Referred reads what an object refers to already at an indexed path, which it may go on with though it were not given it now.
func (s Surroundings) Referred(ctx context.Context, by Meta, path, kind, id string) (Raw, error) {
	if !isID(id) {
		return Raw{}, notFound(kind, id)
	}
	n, err := s.store.db.Read.NewSelect().Table("object_index").Where("object_id = ? AND kind = ? AND key = ? AND value = ?", by.ID, by.Kind, path, id).Count(ctx)
	switch {
	case err != nil:
		return Raw{}, away(err)
	case n == 0:
		return Raw{}, notFound(kind, id)
	}
	return s.store.View(Everything).Get(ctx, kind, "", id)
}

// References counts, in all projects, the objects of a kind that have one of the values at an indexed path.
func (s Surroundings) References(ctx context.Context, kind, path string, values ...string) (int64, error) {
	var n int64
	err := s.store.db.Read.NewSelect().Table("object_index").ColumnExpr("COUNT(DISTINCT object_id)").Where("kind = ? AND key = ? AND value IN (?)", kind, path, bun.List(values)).Scan(ctx, &n)
	return n, away(err)
}
