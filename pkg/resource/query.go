package resource

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
	After   string            // id of the last object of the page before
	Limit   int               // 1..1000; 0 means 100
}

// Page is one page of a list; Next is the cursor of the following one, empty at the end.
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
	r := &row{}
	q := v.limit(v.store.db.Read.NewSelect().Model(r).Where("kind = ?", kind))
	if isID(nameOrID) {
		q = q.Where("id = ?", strings.ToLower(nameOrID))
		if project != "" {
			q = q.Where("project = ?", project)
		}
	} else {
		q = q.Where("project = ? AND name = ?", project, nameOrID)
	}
	switch err := q.Scan(ctx); {
	case errors.Is(err, sql.ErrNoRows):
		return Raw{}, notFound(kind, nameOrID)
	case err != nil:
		return Raw{}, away(fmt.Errorf("get %s %s: %w", kind, nameOrID, err))
	}
	return v.store.toRaw(r, v.open)
}

// isID tells ids from names: only the canonical form of a UUID is one, and no name may look like it.
func isID(s string) bool { return len(s) == 36 && uuid.Validate(s) == nil }

func notFound(kind, nameOrID string) *Problem {
	return Problemf(ReasonNotFound, kind, "list what there is with: plaza "+kind+" list", "there is no %s %q here", kind, nameOrID)
}

// List returns one page, ordered by id, from the database alone.
func (v View) List(ctx context.Context, query Query) (Page, error) {
	limit := query.Limit
	if limit == 0 {
		limit = 100
	}
	if limit < 1 || limit > 1000 {
		return Page{}, Invalid(query.Kind, "limit", limit, "must be between 1 and 1000")
	}
	def, err := v.store.registry.Kind(query.Kind)
	if err != nil {
		return Page{}, err
	}
	q := v.store.db.Read.NewSelect().Model((*row)(nil)).Where("kind = ?", def.Name)
	if query.Project != "" {
		q = q.Where("project = ?", query.Project)
	}
	if q, err = v.filter(v.limit(q), def, query); err != nil {
		return Page{}, err
	}
	if query.After != "" {
		if !isID(query.After) {
			return Page{}, Invalid(query.Kind, "after", query.After, "is not a cursor")
		}
		q = q.Where("id > ?", query.After)
	}
	var rows []row
	if err := q.Order("id").Limit(int64(limit)+1).Scan(ctx, &rows); err != nil {
		return Page{}, away(fmt.Errorf("list %s: %w", query.Kind, err))
	}
	page := Page{Items: make([]Raw, 0, min(len(rows), limit))}
	for i := range rows[:min(len(rows), limit)] {
		raw, err := v.store.toRaw(&rows[i], v.open)
		if err != nil {
			return Page{}, err
		}
		page.Items = append(page.Items, raw)
	}
	if len(rows) > limit {
		page.Next = rows[limit-1].ID
	}
	return page, nil
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

func (v View) filter(q *bun.SelectQuery, def *Definition, query Query) (*bun.SelectQuery, error) {
	for key, value := range query.Labels {
		q = q.Where("id IN (SELECT object_id FROM object_index WHERE kind = ? AND key = ? AND value = ?)", def.Name, "labels."+key, value)
	}
	for path, value := range query.Fields {
		switch path {
		case "name":
			q = q.Where("name = ?", value)
		case "phase":
			q = q.Where("phase = ?", value)
		case "owner":
			q = q.Where("owner_id = ?", value)
		default:
			if !contains(def.Indexed, path) {
				return nil, &Problem{Reason: ReasonInvalid, Kind: def.Name, Detail: fmt.Sprintf("a %s can not be filtered by %s", def.Name, path),
					Hint: fmt.Sprintf("fields to filter by: name, phase, owner, %v", def.Indexed)}
			}
			q = q.Where("id IN (SELECT object_id FROM object_index WHERE kind = ? AND key = ? AND value = ?)", def.Name, path, value)
		}
	}
	return q, nil
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
