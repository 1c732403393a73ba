package resource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// A list that looks at rows does so piece by piece, each larger than the one before, so that a page costs a bounded
// number of them however rare what it looks for is.
const (
	firstPiece  = 1_000
	widestPiece = 32_000
	patience    = 300 * time.Millisecond // then a page ends where it is
	longestList = 10 * time.Second
)

// pieces is how a store looks at rows.
type pieces struct {
	first    int
	patience time.Duration
}

// List returns one page from the database alone. Pages that are asked for one after the other hold every object that
// was there all the time, and whose place in the order did not change, exactly once.
func (v View) List(ctx context.Context, query Query) (Page, error) {
	if query.Limit == 0 {
		query.Limit = 100
	}
	if query.Limit < 1 || query.Limit > 1000 {
		return Page{}, unlistable(query.Kind, "limit", query.Limit, "must be between 1 and 1000")
	}
	l, err := v.listing(ctx, query)
	if err != nil {
		return Page{}, err
	}
	bounded, cancel := context.WithTimeout(ctx, longestList)
	defer cancel()
	rows, next, err := l.page(bounded)
	if err != nil {
		return Page{}, l.refusal(ctx, bounded, err)
	}
	page := Page{Items: make([]Raw, 0, len(rows)), Next: next}
	for i := range rows {
		raw, err := v.store.toRaw(&rows[i], v.open)
		if err != nil {
			return Page{}, err
		}
		page.Items = append(page.Items, v.veiled(l.def, raw))
	}
	return page, nil
}

// unlistable is the problem of a list that is asked for in a wrong way.
func unlistable(kind, path string, value any, format string, args ...any) *Problem {
	p := Invalid(kind, path, value, format, args...)
	p.Detail = "a list of " + kind + " objects can not be asked for like that"
	return p
}

// refusal is what a list that failed is answered with.
func (l *listing) refusal(ctx, bounded context.Context, err error) error {
	if errors.Is(bounded.Err(), context.DeadlineExceeded) && ctx.Err() == nil {
		return Problemf(ReasonTooLarge, l.def.Name, "narrow it down by project, phase or the beginning of a name, or sort by another field",
			"there are too many %s to look through like that", l.def.Plural)
	}
	return away(fmt.Errorf("list %s: %w", l.def.Plural, err))
}

// listing is a query that was found to make sense.
type listing struct {
	view       View
	def        *Definition
	query      Query
	reach      reach
	order      order
	conditions []condition
	wide       bool // one of them is
	after      *place
}

func (v View) listing(ctx context.Context, query Query) (*listing, error) {
	def, err := v.store.registry.Kind(query.Kind)
	if err != nil {
		return nil, err
	}
	if len(query.Filters) > maxFilters {
		return nil, unlistable(def.Name, "filter", nil, "at most %d of them", maxFilters)
	}
	filters := make([]filter, len(query.Filters))
	for i, text := range query.Filters {
		if filters[i], err = def.filter(text); err != nil {
			return nil, err
		}
	}
	l := &listing{view: v, def: def, query: query}
	if l.reach, err = v.reach(ctx, def, query.Project); err != nil {
		return nil, err
	}
	if query.asks(def.Lent, filters) {
		l.reach.nodes = nil // whom else something is lent to can not be guessed at either
	}
	if l.order, err = orderOf(def, query.Sort, filters); err != nil {
		return nil, err
	}
	if err := l.given(); err != nil {
		return nil, err
	}
	for _, f := range filters {
		l.conditions = append(l.conditions, f.condition(def.Name, v.store.db.Dialect, l.narrow(f)))
	}
	searched, err := words(def.Name, query.Search, v.store.db.Dialect)
	if err != nil {
		return nil, err
	}
	l.conditions = append(l.conditions, searched...)
	l.wide = slices.ContainsFunc(l.conditions, func(c condition) bool { return c.wide })
	if query.After != "" {
		l.after, err = l.order.parse(def.Name, query.After)
	}
	return l, err
}

// asks tells whether what is listed depends on a field; "" is none.
func (q Query) asks(path string, filters []filter) bool {
	_, given := q.Fields[path]
	return path != "" && (given || slices.ContainsFunc(filters, func(f filter) bool { return f.Path == path }))
}

// given adds what is asked for by labels and by indexed paths.
func (l *listing) given() error {
	indexed := func(key, value string) {
		l.conditions = append(l.conditions, condition{sql: "id IN (SELECT object_id FROM object_index WHERE kind = ? AND key = ? AND value = ?)", args: []any{l.def.Name, key, value}})
	}
	for key, value := range l.query.Labels {
		indexed("labels."+key, value)
	}
	for path, value := range l.query.Fields {
		i := slices.IndexFunc(commonFields, func(f ListField) bool {
			return f.Path == path && (path == "name" || path == "phase" || path == "owner")
		})
		switch {
		case i >= 0:
			f := filter{ListField: commonFields[i], op: "=", values: []any{value}}
			l.conditions = append(l.conditions, f.condition(l.def.Name, l.view.store.db.Dialect, l.narrow(f)))
		case contains(l.def.Indexed, path):
			indexed(path, value)
		default:
			return &Problem{Reason: ReasonInvalid, Kind: l.def.Name, Detail: fmt.Sprintf("a %s can not be filtered by %s", l.def.Name, path),
				Hint: fmt.Sprintf("fields to filter by: name, phase, owner, %v", l.def.Indexed)}
		}
	}
	return nil
}

// narrow tells whether a filter on a column is answered by an index that the list can go by: the one of its order, or
// one that leaves few.
func (l *listing) narrow(f filter) bool {
	switch {
	case f.column == "" || f.op == "!=":
		return false
	case f.column == l.order.column:
		return true
	case f.Path == "phase":
		return f.op == "=" && l.order.column == "" && l.query.Project == "" && l.view.scope.all
	}
	return f.Path == "name" && !f.ranged() || f.Path == "owner" && f.op == "=" && f.values[0] != ""
}

// seek goes on by what indexes tell when that answers all that is wide. It is for what the first rows do not hold: what
// many match is found sooner among rows.
func (l *listing) seek() {
	if slices.ContainsFunc(l.conditions, func(c condition) bool { return c.wide && c.found == nil }) {
		return
	}
	for i, c := range l.conditions {
		if c.wide {
			l.conditions[i] = *c.found
		}
	}
	l.wide = false
}

// page collects piece by piece what the page holds.
func (l *listing) page(ctx context.Context) (found []row, next string, err error) {
	began, limit := time.Now(), l.query.Limit
	for piece := l.view.store.pieces.first; ; piece = min(piece*4, widestPiece) {
		var end *place
		if l.wide && l.order.indexed() {
			if end, err = l.horizon(ctx, piece); err != nil {
				return nil, "", err
			}
		}
		rows, err := l.rows(ctx, end, limit+1-len(found))
		if err != nil {
			return nil, "", err
		}
		found = append(found, rows...)
		switch {
		case len(found) > limit:
			return found[:limit], l.order.place(&found[limit-1]).String(), nil
		case end == nil:
			return found, "", nil
		case time.Since(began) > l.view.store.pieces.patience:
			return found, end.String(), nil
		}
		l.after = end
		l.seek()
	}
}

// horizon is the place of the last row of a piece, nil when what is left is less.
func (l *listing) horizon(ctx context.Context, piece int) (*place, error) {
	q := l.order.sort(l.base(l.view.store.db.Read.NewSelect().Model((*row)(nil)), false)).Column("id")
	if l.order.column != "" {
		q = q.Column(l.order.column)
	}
	var ends []row
	if err := q.Offset(int64(piece)-1).Limit(1).Scan(ctx, &ends); err != nil || len(ends) == 0 {
		return nil, err
	}
	return l.order.place(&ends[0]), nil
}

func (l *listing) rows(ctx context.Context, end *place, n int) (rows []row, err error) {
	q := l.base(l.view.store.db.Read.NewSelect().Model((*row)(nil)), true)
	if end != nil {
		q = l.order.bound(q, end, true)
	}
	return rows, l.order.sort(q).Limit(int64(n)).Scan(ctx, &rows)
}

// base selects within the scope from where the page begins: what meets all conditions, or all but the wide ones.
func (l *listing) base(q *bun.SelectQuery, wide bool) *bun.SelectQuery {
	q = l.reach.limit(q.Where("kind = ?", l.def.Name))
	for _, c := range l.conditions {
		if wide || !c.wide {
			q = c.apply(q)
		}
	}
	if l.after != nil {
		q = l.order.bound(q, l.after, false)
	}
	return q
}

// order is how a list goes; objects that are alike in it go by id.
type order struct {
	ListField // without a path: by id alone
	down      bool
}

// Sorts are what lists can be sorted by.
var Sorts = []string{"name", "-name", "phase", "-phase", "createdAt", "-createdAt", "updatedAt", "-updatedAt"}

// orderOf is the order that is asked for. Without one, what is looked for by a piece of the names or of the time goes
// by that, as the index does.
func orderOf(def *Definition, sort string, filters []filter) (order, error) {
	if sort == "" {
		i := slices.IndexFunc(filters, func(f filter) bool { return (f.Path == "name" || f.Path == "createdAt") && f.ranged() })
		if i < 0 {
			return order{}, nil
		}
		return order{ListField: filters[i].ListField}, nil
	}
	if !slices.Contains(Sorts, sort) {
		return order{}, unlistable(def.Name, "sort", sort, "is one of %s", strings.Join(Sorts, ", "))
	}
	path, down := strings.CutPrefix(sort, "-")
	i := slices.IndexFunc(commonFields, func(f ListField) bool { return f.Path == path })
	return order{commonFields[i], down}, nil
}

// indexed tells whether rows come in this order without being sorted. By updatedAt they do not: an index of what
// changes with every write would cost each of them more than the rare list saves.
func (o order) indexed() bool { return o.Path != "updatedAt" }

func (o order) sort(q *bun.SelectQuery) *bun.SelectQuery {
	way := " ASC"
	if o.down {
		way = " DESC"
	}
	if o.column != "" {
		q = q.OrderExpr(o.column + way)
	}
	return q.OrderExpr("id" + way)
}

// bound limits a query to what comes after a place, or up to it.
func (o order) bound(q *bun.SelectQuery, p *place, end bool) *bun.SelectQuery {
	op := " > "
	switch {
	case o.down && end:
		op = " >= "
	case o.down:
		op = " < "
	case end:
		op = " <= "
	}
	if o.column == "" {
		return q.Where("id"+op+"?", p.id)
	}
	return q.Where("("+o.column+", id)"+op+"(?, ?)", p.value, p.id)
}

// place is where an object stands in an order.
type place struct {
	id    string
	value any // string or time.Time; nil in the order of ids
}

func (o order) place(r *row) *place {
	p := &place{id: r.ID}
	switch o.Path {
	case "name":
		p.value = r.Name
	case "phase":
		p.value = string(r.Phase)
	case "createdAt":
		p.value = r.CreatedAt.UTC()
	case "updatedAt":
		p.value = r.UpdatedAt.UTC()
	}
	return p
}

// String is the place as a cursor: the id, and what the order goes by.
func (p *place) String() string {
	switch v := p.value.(type) {
	case string:
		return p.id + "." + v
	case time.Time:
		return p.id + "." + v.Format(time.RFC3339Nano)
	}
	return p.id
}

// parse reads a cursor of this order.
func (o order) parse(kind, cursor string) (*place, error) {
	wrong := unlistable(kind, "after", nil, "is not a cursor of this list; it is next of the page before, with the same filters and sort")
	id, value, more := strings.Cut(cursor, ".")
	if !isID(id) || more != (o.column != "") || len(value) > maxFilterValue {
		return nil, wrong
	}
	p := &place{id: strings.ToLower(id)}
	switch o.Type {
	case TextField:
		p.value = value
	case TimeField:
		at, err := time.Parse(time.RFC3339Nano, value)
		if err != nil {
			return nil, wrong
		}
		p.value = at.UTC()
	}
	return p, nil
}
