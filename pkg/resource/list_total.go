package resource

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/plazacloud/plaza/pkg/store"
)

// How many rows are looked at to count: few for an estimate, and more than that for no number, however exact.
const (
	glance   = 10_000
	thorough = 200_000
)

// Total is how many objects a query matches.
type Total struct {
	Objects int64  `json:"objects" minimum:"0"`
	By      string `json:"by" enum:"exact,estimated" doc:"exact: they were counted; estimated: there are too many for that"`
}

// Total counts what a query matches on all its pages. Up to 200,000 objects that indexes leave to be looked at, 10,000
// when an estimate will do, are counted; of more the number is estimated from the share of those that match, and from
// how many there are by the statistics of the database.
func (v View) Total(ctx context.Context, query Query, estimate bool) (Total, error) {
	query.After = ""
	l, err := v.listing(ctx, query)
	if err != nil {
		return Total{}, err
	}
	bounded, cancel := context.WithTimeout(ctx, longestList)
	defer cancel()
	t, err := l.total(bounded, estimate)
	if err != nil {
		return Total{}, l.refusal(ctx, bounded, err)
	}
	return t, nil
}

func (l *listing) total(ctx context.Context, estimate bool) (Total, error) {
	look := int64(thorough)
	if estimate {
		look = glance
	}
	seen, found, err := l.sample(ctx, look+1)
	if err != nil || seen <= look {
		return Total{found, "exact"}, err
	}
	all, err := l.size(ctx)
	if err != nil {
		return Total{}, err
	}
	return Total{int64(float64(max(all, seen)) * float64(found) / float64(seen)), "estimated"}, nil
}

// sample looks at up to n objects that the indexes leave, and tells how many there were and how many match.
func (l *listing) sample(ctx context.Context, n int64) (seen, found int64, err error) {
	db := l.view.store.db.Read
	q := db.NewSelect().TableExpr("(?) AS looked_at", l.base(db.NewSelect().Model((*row)(nil)), false).Limit(n)).ColumnExpr("COUNT(*)")
	var match []string
	var args []any
	for _, c := range l.conditions {
		if c.wide {
			match, args = append(match, "("+c.sql+")"), append(args, c.args...)
		}
	}
	if match == nil {
		err = q.Scan(ctx, &seen)
		return seen, seen, err
	}
	err = q.ColumnExpr("COUNT(CASE WHEN "+strings.Join(match, " AND ")+" THEN 1 END)", args...).Scan(ctx, &seen, &found)
	return seen, found, err
}

// size is how many objects the indexes leave: what PostgreSQL expects by its statistics; SQLite has none, and counts.
func (l *listing) size(ctx context.Context) (int64, error) {
	db := l.view.store.db
	q := l.base(db.Read.NewSelect().Model((*row)(nil)).ColumnExpr("1"), false)
	if db.Dialect == store.SQLite {
		return q.Count(ctx)
	}
	var text string
	if err := db.Read.NewRaw("EXPLAIN (FORMAT JSON) ?", q).Scan(ctx, &text); err != nil {
		return 0, err
	}
	var plans []struct {
		Plan struct {
			Rows int64 `json:"Plan Rows"`
		} `json:"Plan"`
	}
	if err := json.Unmarshal([]byte(text), &plans); err != nil {
		return 0, err
	}
	if len(plans) == 0 {
		return 0, errors.New("the database did not say how it would count")
	}
	return plans[0].Plan.Rows, nil
}
