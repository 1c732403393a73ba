package resource

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Query selects objects of one kind.
type Query struct {
	Kind    string
	Project string            // only this project; "" for all that the scope sees
	Labels  map[string]string // all must match
	Fields  map[string]string // indexed paths such as spec.flavor, and name, phase, owner; all must match
	Filters []string          // such as "spec.vcpus >= 4"; all must match, see Definition.Fields for what there is
	Search  string            // words that all stand in the name or in a label's value, whatever their case
	Sort    string            // name, phase, createdAt or updatedAt, with - before it from the top down; "" as they were made
	After   string            // Next of the page before, of the same query
	Limit   int               // 1..1000; 0 means 100
}

// Page is one page of a list; Next is the cursor of the following one, empty at the end. Where rows have to be looked
// at to find what is asked for, a page may hold fewer objects than its limit, or none, and still not be the last.
type Page struct {
	Items []Raw  `json:"items"`
	Next  string `json:"next,omitempty"`
}

// View reads objects within a scope. Every query it makes is limited to it.
type View struct {
	store *Store
	scope Scope
	// open tells whether secrets are filled in; only reconcilers see them.
	open bool
}

var _ Reader = View{}

// Get finds an object by id, or by name within a project.
func (v View) Get(ctx context.Context, kind, project, nameOrID string) (Raw, error) {
	def, err := v.store.registry.Kind(kind)
	if err != nil {
		return Raw{}, err
	}
	var r *row
	if isID(nameOrID) {
		r, err = v.identified(ctx, def, project, nameOrID)
	} else {
		r, err = v.named(ctx, def, project, nameOrID)
	}
	if err != nil {
		return Raw{}, err
	}
	o, err := v.store.toRaw(r, v.open)
	return v.veiled(def, o), err
}

func (v View) identified(ctx context.Context, def *Definition, project, id string) (*row, error) {
	limits, err := v.reach(ctx, def, project)
	if err != nil {
		return nil, err
	}
	r := &row{}
	switch err := limits.limit(v.store.db.Read.NewSelect().Model(r).Where("kind = ? AND id = ?", def.Name, strings.ToLower(id))).Scan(ctx); {
	case errors.Is(err, sql.ErrNoRows):
		return nil, notFound(def.Name, id)
	case err != nil:
		return nil, away(fmt.Errorf("get %s %s: %w", def.Name, id, err))
	}
	return r, nil
}

// Title is what an object is called, without what it is.
type Title struct {
	ID, Kind, Project, Name string
	Phase                   Phase
}

// Known gives the titles of those objects that the scope sees, by name; what is no id is left out.
func (v View) Known(ctx context.Context, ids []string) ([]Title, error) {
	asked := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !isID(id) })
	if len(asked) == 0 {
		return nil, nil
	}
	var out []Title
	err := v.limit(v.store.db.Read.NewSelect().Table("objects").Column("id", "kind", "project", "name", "phase").Where("id IN (?)", bun.List(asked))).OrderExpr("name, id").Scan(ctx, &out)
	return out, away(err)
}

// isID tells ids from names: only the canonical form of a UUID is one, and no name may look like it.
func isID(s string) bool { return len(s) == 36 && uuid.Validate(s) == nil }

// Absent is the refusal of what there is not.
func (d *Definition) Absent(nameOrID string) error { return notFound(d.Name, nameOrID) }

func notFound(kind, nameOrID string) *Problem {
	return Problemf(ReasonNotFound, kind, "list what there is with: plaza "+kind+" list", "there is no %s %q here", kind, nameOrID)
}

func (v View) limit(q *bun.SelectQuery) *bun.SelectQuery {
	if v.scope.all {
		return q
	}
	if v.scope.projects == nil {
		return q.Where("1 = 0")
	}
	return q.Where("project IN (?)", bun.List(append([]string{""}, v.scope.projects...)))
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// All walks every page of a query.
func All(ctx context.Context, r Reader, q Query, f func(Raw) error) error {
	for {
		page, err := r.List(ctx, q)
		if err != nil {
			return err
		}
		for _, o := range page.Items {
			if err := f(o); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		q.After = page.Next
	}
}
