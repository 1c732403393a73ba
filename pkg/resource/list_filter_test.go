package resource_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// crowd is many boxes in three projects, some of them worked on, with what their specs are decoded.
func crowd(t *testing.T, p *operationtest.Plant) (all []resource.Raw) {
	p.OnReconcile(func(o *operationtest.BoxObject) (resource.Result, error, bool) {
		o.Status.Bay = "bay-" + o.Spec.Shelf
		return resource.Result{}, nil, false
	})
	for i := range 60 {
		r := operationtest.Box(fmt.Sprintf("%s-%02d", []string{"web", "till", "db.web"}[i%3], i*7%60), i%4)
		r.Project = fmt.Sprint("p", i%3)
		r.Spec = operationtest.Spec(`{"size":%d,"shelf":%q,"extras":%d}`, i%4+1, []string{"", "s1", "s2", "é茶"}[i%4], i%2*i)
		r.Labels = map[string]string{"brand": []string{"Dailymart", "tealeaf", "North Shop"}[i%3], "a/b.c": fmt.Sprint(i % 2)}
		if i%5 == 0 {
			r.Labels = nil
		}
		a := p.Must(t, r)
		if i%2 == 0 {
			p.Pass(t, "box", a.Object.ID)
		}
	}
	require.NoError(t, resource.All(t.Context(), p.View, resource.Query{Kind: "box"}, func(o resource.Raw) error {
		all = append(all, o)
		return nil
	}))
	require.Len(t, all, 60)
	return all
}

// field is what a filter is about, read in Go; nil where there is nothing.
func field(o resource.Raw, path string) any {
	key, label := strings.CutPrefix(path, "labels.")
	if v, ok := o.Labels[key]; label {
		if !ok {
			return nil
		}
		return v
	}
	b, _ := resource.As[operationtest.BoxSpec, operationtest.BoxStatus](o)
	return map[string]any{"name": o.Name, "phase": string(o.Phase), "project": o.Project, "createdBy": o.CreatedBy, "createdAt": o.CreatedAt, "updatedAt": o.UpdatedAt,
		"spec.size": b.Spec.Size, "spec.extras": b.Spec.Extras, "spec.shelf": b.Spec.Shelf, "status.aged": int64(b.Status.Aged), "status.bay": b.Status.Bay}[path]
}

func compare(a, b any) int {
	switch a := a.(type) {
	case int64:
		return cmp.Compare(a, b.(int64))
	case time.Time:
		return a.Compare(b.(time.Time))
	}
	return strings.Compare(a.(string), b.(string))
}

// holds tells by the words of the documentation whether an object matches.
func holds(have any, op string, values []any) bool {
	if have == nil {
		return op == "!="
	}
	c := compare(have, values[0])
	switch op {
	case "=":
		return c == 0
	case "!=":
		return c != 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	case ">=":
		return c >= 0
	case "prefix":
		return strings.HasPrefix(have.(string), values[0].(string))
	}
	return slices.ContainsFunc(values, func(v any) bool { return compare(have, v) == 0 })
}

type drawn struct {
	text, path, op string
	values         []any
}

var fieldOps = []string{"=", "!=", "<", "<=", ">", ">=", "in"}

// draw makes a filter up out of what objects have, so that it often matches some of them.
func draw(t *rapid.T, all []resource.Raw) drawn {
	paths := []string{"name", "phase", "project", "createdBy", "createdAt", "updatedAt", "spec.size", "spec.extras", "spec.shelf", "status.aged", "status.bay", "labels.brand", "labels.a/b.c"}
	d := drawn{path: rapid.SampledFrom(paths).Draw(t, "path")}
	sample := func() any {
		for {
			if v := field(rapid.SampledFrom(all).Draw(t, "of"), d.path); v != nil {
				return v
			}
		}
	}
	first := sample()
	ops := fieldOps
	if _, text := first.(string); text {
		ops = append(slices.Clone(ops), "prefix")
	}
	d.op = rapid.SampledFrom(ops).Draw(t, "op")
	d.values = []any{first}
	switch d.op {
	case "in":
		d.values = append(d.values, sample(), sample())
	case "prefix":
		runes := []rune(first.(string))
		d.values[0] = string(runes[:rapid.IntRange(0, len(runes)).Draw(t, "cut")])
	}
	var texts []string
	for _, v := range d.values {
		if at, ok := v.(time.Time); ok {
			v = at.Format(time.RFC3339Nano)
		}
		texts = append(texts, fmt.Sprint(v))
	}
	d.text = d.path + " " + d.op + " " + strings.Join(texts, ",")
	return d
}

// found is the search in Go.
func found(o resource.Raw, search string) bool {
	for _, w := range strings.Fields(strings.ToLower(search)) {
		within := strings.Contains(o.Name, w)
		for _, v := range o.Labels {
			within = within || strings.Contains(strings.ToLower(v), w)
		}
		if !within {
			return false
		}
	}
	return true
}

func less(sort string, a, b resource.Raw) int {
	path, down := strings.CutPrefix(sort, "-")
	c := 0
	if path != "" {
		c = compare(field(a, path), field(b, path))
	}
	if c = cmp.Or(c, strings.Compare(a.ID, b.ID)); down {
		return -c
	}
	return c
}

// Whatever is asked for, the pages hold what Go finds among all objects, in its order and each once; and counting them
// comes to as many.
func TestListsAreWhatTheySay(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		all, ctx := crowd(t, p), t.Context()
		rapid.Check(t, func(t *rapid.T) {
			q := resource.Query{Kind: "box", Limit: rapid.IntRange(4, 70).Draw(t, "limit"), Sort: rapid.SampledFrom(append([]string{""}, resource.Sorts...)).Draw(t, "sort"),
				Search: rapid.SampledFrom([]string{"", "", "WEB", "-0 e", "mart", "north till", "%", "_"}).Draw(t, "search")}
			filters := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) drawn { return draw(t, all) }), 0, 3).Draw(t, "filters")
			for _, f := range filters {
				q.Filters = append(q.Filters, f.text)
			}
			q.Project = rapid.SampledFrom([]string{"", "", "p1", "p2"}).Draw(t, "project")
			scope := []string{"p0", "p1"}
			view := p.View
			if rapid.Bool().Draw(t, "scoped") {
				view = p.Store.View(resource.Within(scope...))
			} else {
				scope = nil
			}
			p.SetPieces(rapid.SampledFrom([]int{2, 9, 1000}).Draw(t, "piece"), rapid.SampledFrom([]time.Duration{0, time.Hour}).Draw(t, "patience"))

			var want []resource.Raw
			for _, o := range all {
				ok := (scope == nil || slices.Contains(scope, o.Project)) && (q.Project == "" || o.Project == q.Project) && found(o, q.Search)
				for _, f := range filters {
					ok = ok && holds(field(o, f.path), f.op, f.values)
				}
				if ok {
					want = append(want, o)
				}
			}
			var got []resource.Raw
			pages := 0
			for {
				page, err := view.List(ctx, q)
				require.NoError(t, err)
				require.LessOrEqual(t, len(page.Items), q.Limit)
				got = append(got, page.Items...)
				if pages++; page.Next == "" {
					break
				}
				require.Less(t, pages, 200, "it does not end")
				q.After = page.Next
			}
			if q.Sort != "" {
				slices.SortFunc(want, func(a, b resource.Raw) int { return less(q.Sort, a, b) })
			} else {
				slices.SortFunc(want, byID)
				slices.SortFunc(got, byID)
			}
			require.Equal(t, ids(want), ids(got), "%+v", q)
			for _, estimate := range []bool{false, true} {
				n, err := view.Total(ctx, q, estimate)
				require.NoError(t, err)
				require.Equal(t, resource.Total{Objects: int64(len(want)), By: "exact"}, n)
			}
		})
	})
}

func byID(a, b resource.Raw) int { return strings.Compare(a.ID, b.ID) }

func ids(list []resource.Raw) []string {
	out := []string{}
	for _, o := range list {
		out = append(out, o.Name+" "+o.ID)
	}
	return out
}

func TestListsRefuse(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		p.Must(t, operationtest.Box("one", 1))
		p.Must(t, operationtest.Box("two", 1))
		many := make([]string, 17)
		for i := range many {
			many[i] = "name=a"
		}
		byName, err := p.View.List(t.Context(), resource.Query{Kind: "box", Sort: "name", Limit: 1})
		require.NoError(t, err)
		require.NotEmpty(t, byName.Next)
		for what, q := range map[string]resource.Query{
			"no operator":          {Filters: []string{"name"}},
			"no such operator":     {Filters: []string{"name ~ a"}},
			"no field":             {Filters: []string{"spec.colour=red"}},
			"a secret":             {Filters: []string{"spec.secret=x"}},
			"a column":             {Filters: []string{"sealed=x"}},
			"a wrong label":        {Filters: []string{`labels.a"b=x`}},
			"no number":            {Filters: []string{"spec.size>many"}},
			"too large a number":   {Filters: []string{"spec.size>99999999999999999999"}},
			"no time":              {Filters: []string{"createdAt>yesterday"}},
			"no phase":             {Filters: []string{"phase=Done"}},
			"a prefix of a number": {Filters: []string{"spec.size prefix 1"}},
			"a long value":         {Filters: []string{"name=" + strings.Repeat("a", 257)}},
			"many values":          {Filters: []string{"name in " + strings.Repeat("a,", 50)}},
			"many filters":         {Filters: many},
			"many words":           {Search: strings.Repeat("a ", 17)},
			"a long word":          {Search: strings.Repeat("a", 257)},
			"another sort":         {Sort: "spec.size"},
			"a cursor of another":  {After: byName.Next},
			"a cursor by id":       {Sort: "name", After: resource.NewID()},
			"a cursor by name":     {Sort: "createdAt", After: byName.Next},
		} {
			q.Kind = "box"
			_, err := p.View.List(t.Context(), q)
			require.Equal(t, resource.ReasonInvalid, resource.ReasonOf(err), "%s: %v", what, err)
		}
		_, err = p.View.List(t.Context(), resource.Query{Kind: "box", Filters: []string{"spec.colour=red"}})
		var why *resource.Problem
		require.ErrorAs(t, err, &why)
		require.Contains(t, why.Hint, "spec.size")
		require.NotContains(t, why.Hint, "secret")
	})
}

// Of what there is too much of to be counted, the number is estimated, and said to be.
func TestTotalsAreEstimated(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		const stored = 10_400
		rows := make([]string, 0, stored)
		for i := range stored {
			rows = append(rows, fmt.Sprintf(`('%s','label','p%d','n%05d','{}','{"text":"%d"}','{}','[]','[]','Ready',1,1,1,1,'test','2026-01-01 00:00:00+00:00','2026-01-01 00:00:00+00:00')`,
				resource.NewID(), i%2, i, i%4))
		}
		for chunk := range slices.Chunk(rows, 1000) {
			_, err := p.Store.DB().Write.ExecContext(t.Context(), `INSERT INTO objects (id, kind, project, name, labels, spec, status, conditions, finalizers, phase, generation,
				observed_generation, version, revision, created_by, created_at, updated_at) VALUES `+strings.Join(chunk, ","))
			require.NoError(t, err)
		}
		_, err := p.Store.DB().Write.ExecContext(t.Context(), "ANALYZE")
		require.NoError(t, err)
		total := func(estimate bool, filters ...string) resource.Total {
			n, err := p.View.Total(t.Context(), resource.Query{Kind: "label", Filters: filters}, estimate)
			require.NoError(t, err)
			return n
		}
		require.Equal(t, resource.Total{Objects: stored, By: "exact"}, total(false))
		require.Equal(t, resource.Total{Objects: stored / 4, By: "exact"}, total(false, "spec.text=3"))
		guess := total(true)
		require.Equal(t, "estimated", guess.By)
		require.InEpsilon(t, stored, guess.Objects, 0.05)
		guess = total(true, "spec.text=3")
		require.Equal(t, "estimated", guess.By)
		require.InEpsilon(t, stored/4, guess.Objects, 0.05)
		require.Equal(t, resource.Total{Objects: 10, By: "exact"}, total(true, "name prefix n0012"))
	})
}

func TestSelections(t *testing.T) {
	p := operationtest.New(t, storetest.Open(t, store.SQLite), operationtest.Options{Idle: true})
	def, err := p.Registry().Kind("box")
	require.NoError(t, err)
	object := `{"id":"1","name":"n","kind":"box","labels":{"a.b":"c","d":"e"},"owner":{"id":"2","kind":"crate"},"conditions":[{"type":"Ready","reason":"x"}],"spec":{"size":12345678901234567},"status":{"bay":"b","size":3}}`
	for fields, want := range map[string]string{
		"":                               `{"id":"1","name":"n"}`,
		"kind,spec":                      `{"id":"1","name":"n","kind":"box","spec":{"size":12345678901234567}}`,
		"labels.a.b, status.bay":         `{"id":"1","name":"n","labels":{"a.b":"c"},"status":{"bay":"b"}}`,
		"status.bay,status":              `{"id":"1","name":"n","status":{"bay":"b","size":3}}`,
		"status,status.bay":              `{"id":"1","name":"n","status":{"bay":"b","size":3}}`,
		"conditions.type,owner.id":       `{"id":"1","name":"n","conditions":[{"type":"Ready"}],"owner":{"id":"2"}}`,
		"deletingAt,labels.x,spec.shelf": `{"id":"1","name":"n","labels":{},"spec":{}}`,
	} {
		var paths []string
		if fields != "" {
			paths = strings.Split(fields, ",")
		}
		s, err := def.Select(paths)
		require.NoError(t, err, fields)
		require.JSONEq(t, want, string(s.Cut(nil, []byte(object))), fields)
	}
	for _, wrong := range []string{"colour", "spec.colour", "name.x", "spec.size.x", "createdAt.x", "spec.", ".", "", "owner.id.x"} {
		_, err := def.Select([]string{wrong})
		reason(t, resource.ReasonInvalid, err)
	}
	_, err = def.Select(make([]string, 65))
	reason(t, resource.ReasonInvalid, err)
}
