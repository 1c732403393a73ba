package resource_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

type (
	tentSpec struct {
		Pitch string   `json:"pitch,omitempty"` // pool, and place
		Rules string   `json:"rules,omitempty"` // pool of those that were placed under the same rules
		Books []string `json:"books,omitempty"`
	}
	tentStatus struct {
		Pitch string `json:"pitch,omitempty"`
	}
	tent = resource.Object[tentSpec, tentStatus]
)

// camp is a library whose readers live in tents; what these look at is kept.
type camp struct {
	library
	looked *resource.Admission
	pools  []string // that the last tent held something of before its pass
}

func eachCamp(t *testing.T, f func(t *testing.T, c *camp)) {
	t.Helper()
	eachLibrary(t, func(t *testing.T, l library) {
		c := &camp{library: l}
		resource.Register(l.Registry(), resource.Kind[tentSpec, tentStatus]{Name: "tent", Plural: "tents", Indexed: []string{"status.pitch", "spec.books"},
			Validate: func(_ context.Context, a *resource.Admission, _, _ *tent) error {
				c.looked = a
				return nil
			},
			Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *tent) (resource.Result, error) {
				var err error
				if c.pools, err = r.Claimed(ctx); err != nil {
					return resource.Result{}, err
				}
				for _, pool := range c.pools {
					if pool != o.Spec.Pitch && pool != o.Spec.Rules {
						require.NoError(t, r.Unclaim(ctx, pool))
					}
				}
				for _, pool := range []string{o.Spec.Pitch, o.Spec.Rules} {
					if pool != "" {
						require.NoError(t, r.Claim(ctx, pool, resource.Charges{"places": 1}))
					}
				}
				o.Status.Pitch = o.Spec.Pitch
				return resource.Result{Done: true}, nil
			},
			Delete: func(context.Context, *resource.Reconciliation, *tent) (resource.Result, error) {
				return resource.Result{Done: true}, nil
			}})
		f(t, c)
	})
}

func (c *camp) tent(t *testing.T, project, name, role string, spec tentSpec) string {
	t.Helper()
	raw, err := resource.ToRaw(tent{Spec: spec})
	require.NoError(t, err)
	a := c.Must(t, resource.Request{Kind: "tent", Project: c.id[project], Name: name, Labels: map[string]string{"role": role}, Actor: operationtest.Admin, Spec: raw.Spec})
	c.Pass(t, "tent", a.Object.ID)
	return a.Object.ID
}

func TestGathering(t *testing.T) {
	eachCamp(t, func(t *testing.T, c *camp) {
		one := c.tent(t, "group/north/a", "one", "sleep", tentSpec{Pitch: "p1", Rules: "apart"})
		c.tent(t, "group/north/a", "two", "sleep", tentSpec{Pitch: "p1"})
		c.tent(t, "group/north/a", "nowhere", "sleep", tentSpec{})
		c.tent(t, "group/north/a", "kitchen", "cook", tentSpec{Pitch: "p1", Rules: "apart"})
		c.tent(t, "group/north/b", "three", "sleep", tentSpec{Pitch: "p2", Rules: "apart"})
		c.tent(t, "group/south/a", "four", "sleep", tentSpec{Pitch: "p2", Rules: "apart"})
		gone := c.tent(t, "group/north/b", "gone", "sleep", tentSpec{Pitch: "p2", Rules: "apart"})
		c.Drop(t, "tent", gone)
		c.Must(t, c.box("group/north/a", "no-tent", 1))

		gather := func(g resource.Gathering) map[string][2]int64 {
			t.Helper()
			g.Kind, g.At = "tent", "status.pitch"
			rows, err := c.looked.Around.Gather(t.Context(), g)
			require.NoError(t, err)
			out := map[string][2]int64{}
			for _, r := range rows {
				out[r.At] = [2]int64{r.Objects, r.Unheld}
			}
			require.Len(t, out, len(rows))
			return out
		}
		sleep := map[string]string{"labels.role": "sleep"}
		north := c.id["group/north"]
		require.Equal(t, map[string][2]int64{"": {1, 1}, "p1": {2, 1}, "p2": {1, 0}}, gather(resource.Gathering{Node: north, Index: sleep, Pool: "apart"}))
		require.Equal(t, map[string][2]int64{"": {1, 1}, "p1": {1, 1}, "p2": {1, 0}}, gather(resource.Gathering{Node: north, Index: sleep, Pool: "apart", Except: one}))
		require.Equal(t, map[string][2]int64{"": {1, 1}, "p1": {3, 1}, "p2": {2, 0}}, gather(resource.Gathering{Node: c.id["group"], Pool: "apart"}))
		require.Equal(t, map[string][2]int64{"p1": {1, 1}}, gather(resource.Gathering{Node: c.id["group/north/a"], Index: map[string]string{"labels.role": "cook"}, Pool: "p2"}))
		require.Equal(t, map[string][2]int64{"p1": {2, 2}}, gather(resource.Gathering{Node: north, Index: map[string]string{"labels.role": "sleep", "status.pitch": "p1"}}))
		require.Empty(t, gather(resource.Gathering{Node: c.id["group/south/b"]}))
		c.grow(t, "group", "empty", tenancy.Brand)
		require.Empty(t, gather(resource.Gathering{Node: c.id["group/empty"]}), "no project is not every project")

		// What holds of a pool gives it back by its name.
		c.tent(t, "group/north/a", "one", "sleep", tentSpec{Pitch: "p3", Rules: "apart"})
		slices.Sort(c.pools)
		require.Equal(t, []string{"apart", "p1"}, c.pools)
		for pool, n := range map[string]int64{"p1": 2, "p2": 3, "p3": 1, "apart": 5} {
			use, err := c.PoolUsage(t.Context(), pool)
			require.NoError(t, err)
			require.Equal(t, n, use["places"].Committed, pool)
		}
		c.sound(t)
	})
}

func TestNodesOfTheTree(t *testing.T) {
	eachCamp(t, func(t *testing.T, c *camp) {
		c.tent(t, "group/north/a", "one", "", tentSpec{})
		root, err := c.people.Root(t.Context())
		require.NoError(t, err)
		line, err := c.looked.Around.Line(t.Context(), c.id["group/north/a"])
		require.NoError(t, err)
		require.Equal(t, []string{root.ID, c.id["group"], c.id["group/north"], c.id["group/north/a"]}, line)
		for name, id := range map[string]string{"/": root.ID, "group/north": c.id["group/north"], c.id["group/south/b"]: c.id["group/south/b"]} {
			for _, find := range []func(context.Context, string) (string, error){c.looked.Around.Node, c.looked.Node} {
				found, err := find(t.Context(), name)
				require.NoError(t, err)
				require.Equal(t, id, found, name)
				_, err = find(t.Context(), "group/west")
				reason(t, resource.ReasonNotFound, err)
			}
		}
	})
}

// A node that the actor may not read is absent, like one that there is not.
func TestNodesThatAnActorSees(t *testing.T) {
	eachCourt(t, func(t *testing.T, c *court) {
		var looked *resource.Admission
		resource.Register(c.bench.Registry(), resource.Kind[tentSpec, tentStatus]{Name: "tent", Plural: "tents",
			Validate: func(_ context.Context, a *resource.Admission, _, _ *tent) error {
				looked = a
				return nil
			}})
		who := person(t, c.boss, tenancy.Member, "group/north")
		_, err := c.asks(who, resource.Request{Kind: "tent", Project: c.id["group/north/a"], Name: "one"}, nil)
		require.NoError(t, err)
		id, err := looked.Node(t.Context(), "group/north/b")
		require.NoError(t, err)
		require.Equal(t, c.id["group/north/b"], id)
		for _, other := range []string{"group/south", "group/south/a", c.id["group/south/a"], "group/west", "west"} {
			_, err := looked.Node(t.Context(), other)
			require.Contains(t, reason(t, resource.ReasonNotFound, err).Detail, fmt.Sprintf("there is no node %q", other))
		}
		_, err = looked.Around.Node(t.Context(), "group/south")
		require.NoError(t, err, "placement knows all of them")
	})
}

func TestWhereLimitsAreShort(t *testing.T) {
	eachCamp(t, func(t *testing.T, c *camp) {
		onShelves(c.Plant)
		c.tent(t, "group/north/a", "one", "", tentSpec{})
		c.Must(t, shelved(c.box("group/north/a", "one", 0), 6, "east"))
		c.Must(t, shelved(c.box("group/north/b", "one", 0), 4, "west"))
		short := func(more resource.Charges) map[string]string {
			t.Helper()
			found, err := c.looked.Around.Short(t.Context(), c.id["group/north/a"], more)
			require.NoError(t, err)
			out := map[string]string{}
			for region, p := range found {
				require.Equal(t, resource.ReasonQuotaExceeded, p.Reason)
				out[region] = p.Detail
			}
			return out
		}
		require.Empty(t, short(resource.Charges{"volume": 1000}), "nothing limits it")
		c.limitIn(t, "group/north/a", "east", 8)
		c.limitIn(t, "group", "west", 9)
		c.limitIn(t, "group/south", "east", 0)   // of others
		c.limitIn(t, "group/north", "south", -1) // of nobody
		require.NoError(t, c.limit(t, "group", resource.Hard(0)))
		require.Empty(t, short(resource.Charges{"volume": 2, "boxes": 50}))
		require.Equal(t, map[string]string{"east": "quota volume in east: 6 of 8 are in use, 3 more were asked for"}, short(resource.Charges{"volume": 3}))
		west := "quota volume in west of group: 5 are left for all below it, 6 more were asked for"
		require.Equal(t, map[string]string{"east": "quota volume in east: 6 of 8 are in use, 6 more were asked for", "west": west}, short(resource.Charges{"volume": 6, "boxes": 0}))
		require.Empty(t, short(nil))
	})
}

// What an object refers to already it may read, though it was taken back; how many refer to something is counted in all projects.
func TestReferences(t *testing.T) {
	eachCamp(t, func(t *testing.T, c *camp) {
		lent, own := c.book(t, "group/north/a", "lent", "group/south"), c.book(t, "group/south/a", "own")
		id := c.tent(t, "group/south/a", "one", "", tentSpec{Books: []string{lent.ID, own.Name}})
		c.tent(t, "group/south/b", "two", "", tentSpec{Books: []string{lent.ID, "own"}})
		c.tent(t, "group/south/b", "three", "", tentSpec{Books: []string{lent.ID}})
		c.book(t, "group/north/a", "lent")
		_, err := c.reader("group/south/a").Get(t.Context(), "book", "", lent.ID)
		reason(t, resource.ReasonNotFound, err)

		around, by := c.looked.Around, c.Object(t, "tent", id).Meta
		o, err := around.Referred(t.Context(), by, "spec.books", "book", lent.ID)
		require.NoError(t, err)
		require.Equal(t, "lent", o.Name)
		for name, x := range map[string]struct {
			by         resource.Meta
			path, book string
		}{
			"by no id":          {by, "spec.books", "own"},
			"not referred to":   {by, "spec.books", own.ID},
			"at another path":   {by, "status.pitch", lent.ID},
			"by another object": {c.Object(t, "book", own.ID).Meta, "spec.books", lent.ID},
		} {
			_, err := around.Referred(t.Context(), x.by, x.path, "book", x.book)
			require.Equal(t, resource.ReasonNotFound, resource.ReasonOf(err), name)
		}
		count := func(kind, path string, values ...string) int64 {
			t.Helper()
			n, err := around.References(t.Context(), kind, path, values...)
			require.NoError(t, err)
			return n
		}
		require.EqualValues(t, 3, count("tent", "spec.books", lent.ID, "own"), "an object counts once")
		require.EqualValues(t, 2, count("tent", "spec.books", "own"))
		require.Zero(t, count("book", "spec.books", lent.ID))
		require.Zero(t, count("tent", "status.pitch", lent.ID))
		require.Zero(t, count("tent", "spec.books"))
	})
}

func TestWhatIsBorrowed(t *testing.T) {
	eachLibrary(t, func(t *testing.T, l library) {
		book, box := l.book(t, "group/north/a", "lent", "group/south"), l.Must(t, l.box("group/north/a", "one", 1)).Object
		books, err := l.Registry().Kind("book")
		require.NoError(t, err)
		boxes, err := l.Registry().Kind("box")
		require.NoError(t, err)
		in := func(project string) resource.Actor { return resource.Actor{Scope: resource.Within(l.id[project])} }
		require.True(t, books.Borrowed(in("group/south/a"), book))
		require.False(t, books.Borrowed(in("group/north/a"), book))
		require.False(t, books.Borrowed(operationtest.Admin, book))
		require.False(t, books.Borrowed(in("group/south/a"), l.book(t, "", "everybodys")))
		require.False(t, boxes.Borrowed(in("group/south/a"), box), "boxes are not lent")
	})
}

// A store without a tree has projects with nothing above them.
func TestWithoutATree(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := operationtest.New(t, db, operationtest.Options{Idle: true})
		var looked *resource.Admission
		resource.Register(p.Registry(), resource.Kind[tentSpec, tentStatus]{Name: "tent", Plural: "tents",
			Validate: func(_ context.Context, a *resource.Admission, _, _ *tent) error {
				looked = a
				return nil
			}})
		p.Must(t, resource.Request{Kind: "tent", Project: "p", Name: "one", Actor: operationtest.Admin})
		line, err := looked.Around.Line(t.Context(), "p")
		require.NoError(t, err)
		require.Equal(t, []string{"p"}, line)
		id, err := looked.Node(t.Context(), "p")
		require.NoError(t, err)
		require.Equal(t, "p", id)
		rows, err := looked.Around.Gather(t.Context(), resource.Gathering{Kind: "tent", Node: "p", At: "status.pitch"})
		require.NoError(t, err)
		require.Equal(t, []resource.Gathered{{Objects: 1, Unheld: 1}}, rows)
	})
}
