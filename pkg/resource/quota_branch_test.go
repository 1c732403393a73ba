package resource_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// forest is a kernel with a tree above its projects: group/north, group/south, and below each the projects a and b.
type forest struct {
	*operationtest.Plant
	people *tenancy.Service
	id     map[string]string
}

func newForest(t *testing.T, db *store.DB) *forest {
	t.Helper()
	people := tenancy.New(db, nil)
	_, err := people.Bootstrap(t.Context())
	require.NoError(t, err)
	f := &forest{people: people, id: map[string]string{}}
	f.Plant = operationtest.New(t, db, operationtest.Options{Idle: true, Tree: people})
	people.Attach(f.Store)
	f.grow(t, "", "group", tenancy.Group)
	for _, brand := range []string{"north", "south"} {
		f.grow(t, "group", brand, tenancy.Brand)
		f.grow(t, "group/"+brand, "a", tenancy.Project)
		f.grow(t, "group/"+brand, "b", tenancy.Project)
	}
	return f
}

func (f *forest) grow(t *testing.T, parent, name string, typ tenancy.NodeType) {
	t.Helper()
	n, err := f.people.CreateNode(t.Context(), operationtest.Admin, tenancy.NewNode{Parent: parent, Type: typ, Name: name})
	require.NoError(t, err)
	f.id[n.FullName] = n.ID
}

func (f *forest) box(project, name string, size int) resource.Request {
	r := operationtest.Box(name, size)
	r.Project = f.id[project]
	return r
}

func (f *forest) limit(t *testing.T, node string, l resource.Limit) error {
	return f.SetQuota(t.Context(), operationtest.Admin, f.id[node], "volume", l)
}

func (f *forest) volume(t *testing.T, node string) resource.QuotaUsage {
	t.Helper()
	all, err := f.View.Quota(t.Context(), f.id[node])
	require.NoError(t, err)
	for _, u := range all {
		if u.Metric == "volume" {
			return u
		}
	}
	return resource.QuotaUsage{Hard: -1}
}

func (f *forest) sound(t require.TestingT) {
	diff, err := f.Recount(context.Background())
	require.NoError(t, err)
	require.Empty(t, diff)
}

func eachForest(t *testing.T, test func(t *testing.T, f *forest)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) { test(t, newForest(t, db)) })
}

func TestLimitOfABranch(t *testing.T) {
	eachForest(t, func(t *testing.T, f *forest) {
		f.Must(t, f.box("group/north/a", "one", 6))
		require.NoError(t, f.limit(t, "group/north", resource.Hard(10)))
		require.EqualValues(t, 6, f.volume(t, "group/north").Reserved, "what was used before counts")
		f.sound(t)
		f.Must(t, f.box("group/north/b", "one", 4))
		more := f.box("group/north/b", "two", 1)
		_, err := f.Apply(t.Context(), more)
		p := reason(t, resource.ReasonQuotaExceeded, err)
		require.Equal(t, "quota volume of group/north: 0 are left for all below it, 1 more were asked for", p.Detail)
		more.DryRun = true
		_, err = f.Apply(t.Context(), more)
		reason(t, resource.ReasonQuotaExceeded, err)
		tight, err := f.View.Tight(t.Context(), f.id["group/north/a"], resource.Charges{"volume": 1, "boxes": 9})
		require.NoError(t, err)
		require.Len(t, tight, 1)
		require.Equal(t, p.Detail, tight[0].Detail)
		f.Must(t, f.box("group/south/a", "one", 100))
		require.EqualValues(t, 110, f.volume(t, "group").Reserved, "a node without a limit tells what is used, too")

		page, err := f.View.Holdings(t.Context(), resource.HoldingQuery{Node: f.id["group/north"], Metric: "volume", Limit: 1})
		require.NoError(t, err)
		require.Equal(t, "one", page.Items[0].Name)
		require.NotEmpty(t, page.Next)
		page, err = f.View.Holdings(t.Context(), resource.HoldingQuery{Node: f.id["group/north"], Metric: "volume", After: page.Next})
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		require.Equal(t, f.id["group/north/b"], page.Items[0].Project)
		require.Empty(t, page.Next)

		part := f.Store.View(resource.Within(f.id["group/north/a"]))
		hidden, err := part.Quota(t.Context(), f.id["group/north"])
		require.NoError(t, err)
		require.Empty(t, hidden, "who sees one project does not learn what others use")
		none, err := part.Holdings(t.Context(), resource.HoldingQuery{Node: f.id["group/north"]})
		require.NoError(t, err)
		require.Empty(t, none.Items)

		o, err := f.View.Get(t.Context(), "box", f.id["group/north/a"], "one")
		require.NoError(t, err)
		f.Drop(t, "box", o.ID)
		f.Pass(t, "box", o.ID)
		more.DryRun = false
		f.Must(t, more)
		f.sound(t)
		require.NoError(t, f.limit(t, "group/north", resource.Hard(-1)))
		f.Must(t, f.box("group/north/b", "three", 50))
		f.sound(t)
	})
}

func TestSoftAndStrictLimits(t *testing.T) {
	eachForest(t, func(t *testing.T, f *forest) {
		reason(t, resource.ReasonInvalid, f.limit(t, "group", resource.Limit{Hard: 5, Soft: 6}))
		require.NoError(t, f.limit(t, "group", resource.Limit{Hard: -1, Soft: 3}))
		f.Must(t, f.box("group/north/a", "one", 4))
		u := f.volume(t, "group")
		require.EqualValues(t, 3, u.Soft)
		require.EqualValues(t, 4, u.Reserved)

		require.NoError(t, f.limit(t, "group", resource.Limit{Hard: 20, Soft: -1, Strict: true}))
		require.NoError(t, f.limit(t, "group/north", resource.Hard(12)))
		p := reason(t, resource.ReasonConflict, f.limit(t, "group/south", resource.Hard(9)))
		require.Equal(t, "the limits of volume below group would add up to 21, but it has 20", p.Detail)
		require.NoError(t, f.limit(t, "group/south", resource.Hard(8)))
		require.NoError(t, f.limit(t, "group/south/a", resource.Hard(30)), "south's own may be overcommitted")
		reason(t, resource.ReasonConflict, f.limit(t, "group/south", resource.Hard(-1)))
		reason(t, resource.ReasonConflict, f.limit(t, "group", resource.Limit{Hard: 19, Soft: -1, Strict: true}))
		require.NoError(t, f.limit(t, "group", resource.Hard(1)), "less than is used takes nothing away")
		f.sound(t)
	})
}

func TestUseMovesWithItsNode(t *testing.T) {
	eachForest(t, func(t *testing.T, f *forest) {
		f.Must(t, f.box("group/north/a", "one", 6))
		require.NoError(t, f.limit(t, "group", resource.Hard(10)))
		require.NoError(t, f.limit(t, "group/north", resource.Hard(10)))
		require.NoError(t, f.limit(t, "group/south", resource.Hard(5)))
		_, err := f.people.UpdateNode(t.Context(), operationtest.Admin, f.id["group/north/a"], tenancy.NodeChange{Name: new("c")})
		require.NoError(t, err)
		_, err = f.people.MoveNode(t.Context(), operationtest.Admin, f.id["group/north/a"], "group/south")
		reason(t, resource.ReasonQuotaExceeded, err)
		f.sound(t)
		require.NoError(t, f.limit(t, "group/south", resource.Hard(7)))
		_, err = f.people.MoveNode(t.Context(), operationtest.Admin, f.id["group/north/a"], "group/south")
		require.NoError(t, err)
		require.EqualValues(t, 6, f.volume(t, "group/south").Reserved)
		require.EqualValues(t, 0, f.volume(t, "group/north").Reserved)
		require.EqualValues(t, 6, f.volume(t, "group").Reserved)
		_, err = f.Apply(t.Context(), f.box("group/north/a", "two", 2))
		reason(t, resource.ReasonQuotaExceeded, err)
		f.Must(t, f.box("group/north/b", "two", 2))
		f.sound(t)
		require.NoError(t, f.limit(t, "group/south/b", resource.Hard(3)))
		require.NoError(t, f.people.DeleteNode(t.Context(), operationtest.Admin, "group/south/b"))
		rows, err := f.DB().Read.NewSelect().Model((*resource.QuotaUsage)(nil)).Where("node = ?", f.id["group/south/b"]).Count(t.Context())
		require.NoError(t, err)
		require.Zero(t, rows)
	})
}

// Only who administrates the node above sets a limit.
func TestWhoSetsLimits(t *testing.T) {
	eachForest(t, func(t *testing.T, f *forest) {
		boss := tenancy.New(f.DB(), nil)
		s := resource.NewStore(resource.Config{DB: f.DB(), Registry: f.Registry(), Authorizer: boss, Tree: boss})
		t.Cleanup(s.Close)
		u, err := boss.CreateUser(t.Context(), operationtest.Admin, tenancy.NewUser{Name: "lin", Password: "correct horse battery"})
		require.NoError(t, err)
		_, err = boss.Bind(t.Context(), operationtest.Admin, "lin", tenancy.Admin, "group/north")
		require.NoError(t, err)
		lin := resource.Actor{ID: u.ID, Name: "lin", Scope: resource.Within(f.id["group/north/a"], f.id["group/north/b"])}
		set := func(node string) error { return s.SetQuota(t.Context(), lin, f.id[node], "volume", resource.Hard(5)) }
		require.NoError(t, set("group/north/a"))
		reason(t, resource.ReasonForbidden, set("group/north"))
		reason(t, resource.ReasonNotFound, set("group"))
		reason(t, resource.ReasonNotFound, set("group/south/a"))
	})
}

// Six hundred ask, in four projects of a branch with a limit of fifty, through two nodes, while limits come and go and
// projects move within the branch: fifty get what they ask for.
func TestBranchRace(t *testing.T) {
	db := storetest.Open(t, store.Postgres)
	f := newForest(t, db)
	other := operationtest.New(t, db, operationtest.Options{Idle: true, Node: "n2", Tree: tenancy.New(db, nil)})
	require.NoError(t, f.SetQuota(t.Context(), operationtest.Admin, f.id["group"], "boxes", resource.Hard(50)))
	projects := []string{"group/north/a", "group/north/b", "group/south/a", "group/south/b"}
	var made, refused atomic.Int64
	var wg, side sync.WaitGroup
	done := make(chan struct{})
	side.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			err := f.SetQuota(context.Background(), operationtest.Admin, f.id["group/north"], "boxes", resource.Hard([]int64{-1, 1000}[i%2]))
			if err == nil {
				_, err = f.people.MoveNode(context.Background(), operationtest.Admin, f.id["group/south/a"], "group/"+[]string{"north", "south"}[i%2])
			}
			if reason := resource.ReasonOf(err); err != nil && reason != resource.ReasonAlreadyExists {
				t.Error(err)
				return
			}
		}
	})
	for i := range 600 {
		wg.Go(func() {
			plant := []*operationtest.Plant{f.Plant, other}[i%2]
			_, err := plant.Apply(context.Background(), f.box(projects[i%4], fmt.Sprint("b", i), 1))
			switch resource.ReasonOf(err) {
			case "":
				made.Add(1)
			case resource.ReasonQuotaExceeded:
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	close(done)
	side.Wait()
	require.EqualValues(t, 50, made.Load())
	require.EqualValues(t, 550, refused.Load())
	f.sound(t)
}

// Whatever is made, resized, removed, limited and moved: totals are what objects hold, and no order goes beyond a limit.
func TestBranchesAgreeWithTheirModel(t *testing.T) {
	require.NoError(t, flag.Set("rapid.checks", "15"))
	require.NoError(t, flag.Set("rapid.steps", "40"))
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		f, run := newForest(t, db), 0
		onShelves(f.Plant)
		rapid.Check(t, func(rt *rapid.T) {
			run++
			top := fmt.Sprint("run", run)
			g := &grove{forest: f, t: t, sizes: map[string]int{}, shelves: map[string]string{}, limits: map[string]int64{}, parent: map[string]string{}}
			f.grow(t, "", top, tenancy.Group)
			for _, brand := range []string{"x", "y"} {
				f.grow(t, top, brand, tenancy.Brand)
				g.branches = append(g.branches, top+"/"+brand)
				for i := range 2 {
					name := fmt.Sprint(brand, i)
					f.grow(t, top+"/"+brand, name, tenancy.Project)
					g.parent[top+"/"+brand+"/"+name] = top + "/" + brand
				}
			}
			g.top, g.branches = top, append(g.branches, top)
			rt.Repeat(map[string]func(*rapid.T){"": func(rt *rapid.T) { f.sound(rt) }, "order": g.order, "resize": g.order, "drop": g.drop, "limit": g.bound, "move": g.move})
		})
	})
}

// grove is a model of a small tree; projects keep the names that they began with.
type grove struct {
	*forest
	t        *testing.T
	top      string
	branches []string
	parent   map[string]string // of projects
	sizes    map[string]int    // by "project box"
	shelves  map[string]string // the same; a shelf is a region, "" is none
	limits   map[string]int64  // by "branch" and by "branch@shelf"
}

// shelvesAll begins with everywhere.
var shelvesAll = []string{"", "east", "west"}

// used is what is used below a branch, everywhere or on a shelf.
func (g *grove) used(branch, shelf string) (n int64) {
	for key, size := range g.sizes {
		project, _, _ := strings.Cut(key, " ")
		if (branch == g.top || branch == g.parent[project]) && (shelf == "" || shelf == g.shelves[key]) {
			n += int64(size)
		}
	}
	return n
}

func (g *grove) fits(branch, shelf string, more int64) bool {
	limit, limited := g.limits[branch+"@"+shelf]
	return !limited || more <= 0 || g.used(branch, shelf)+more <= limit
}

func (g *grove) order(rt *rapid.T) {
	project := rapid.SampledFrom(slices.Sorted(maps.Keys(g.parent))).Draw(rt, "project")
	name, size := rapid.SampledFrom([]string{"one", "two", "three"}).Draw(rt, "box"), rapid.IntRange(1, 9).Draw(rt, "size")
	shelf, key := rapid.SampledFrom(shelvesAll).Draw(rt, "shelf"), project+" "+name
	more := int64(size - g.sizes[key])
	there := more
	if shelf != g.shelves[key] {
		there = int64(size) // what it held elsewhere it gives back when it is here
	}
	a, err := g.Apply(g.t.Context(), shelved(g.box(project, name, size), size, shelf))
	fits := g.fits(g.parent[project], "", more) && g.fits(g.top, "", more)
	if shelf != "" {
		fits = fits && g.fits(g.parent[project], shelf, there) && g.fits(g.top, shelf, there)
	}
	if !fits {
		require.Equal(rt, resource.ReasonQuotaExceeded, resource.ReasonOf(err))
		return
	}
	require.NoError(rt, err)
	g.Pass(g.t, "box", a.Object.ID)
	g.sizes[key], g.shelves[key] = size, shelf
}

func (g *grove) drop(rt *rapid.T) {
	if len(g.sizes) == 0 {
		rt.Skip()
	}
	key := rapid.SampledFrom(slices.Sorted(maps.Keys(g.sizes))).Draw(rt, "which")
	project, name, _ := strings.Cut(key, " ")
	o, err := g.View.Get(g.t.Context(), "box", g.id[project], name)
	require.NoError(rt, err)
	g.Drop(g.t, "box", o.ID)
	g.Pass(g.t, "box", o.ID)
	delete(g.sizes, key)
	delete(g.shelves, key)
}

func (g *grove) bound(rt *rapid.T) {
	branch, hard := rapid.SampledFrom(g.branches).Draw(rt, "branch"), rapid.Int64Range(-1, 30).Draw(rt, "hard")
	shelf := rapid.SampledFrom(shelvesAll).Draw(rt, "shelf")
	require.NoError(rt, g.limit(g.t, branch, resource.Limit{Hard: hard, Soft: -1, Region: shelf}))
	g.limits[branch+"@"+shelf] = hard
	if hard < 0 {
		delete(g.limits, branch+"@"+shelf)
	}
	require.Equal(rt, g.used(branch, shelf), g.volumeIn(g.t, branch, shelf).Committed)
}

func (g *grove) move(rt *rapid.T) {
	project := rapid.SampledFrom(slices.Sorted(maps.Keys(g.parent))).Draw(rt, "project")
	to := rapid.SampledFrom(g.branches[:2]).Draw(rt, "to")
	use := map[string]int64{}
	for key, size := range g.sizes {
		if strings.HasPrefix(key, project+" ") {
			use[""] += int64(size)
			if shelf := g.shelves[key]; shelf != "" {
				use[shelf] += int64(size)
			}
		}
	}
	fits := !slices.ContainsFunc(shelvesAll, func(shelf string) bool { return !g.fits(to, shelf, use[shelf]) })
	_, err := g.people.MoveNode(g.t.Context(), operationtest.Admin, g.id[project], g.id[to])
	if to != g.parent[project] && !fits {
		require.Equal(rt, resource.ReasonQuotaExceeded, resource.ReasonOf(err))
		return
	}
	require.NoError(rt, err)
	g.parent[project] = to
}
