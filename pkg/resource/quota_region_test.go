package resource_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// onShelves makes the shelf that a box is to stand on its region.
func onShelves(p *operationtest.Plant) {
	p.Registry().Locate(func(_ context.Context, _ resource.Reader, o resource.Raw) (string, error) {
		for _, at := range resource.Lookup(o, "spec.shelf") {
			return at, nil
		}
		return "", nil
	})
}

func shelved(r resource.Request, size int, shelf string) resource.Request {
	r.Spec = operationtest.Spec(`{"size":%d,"shelf":%q}`, size, shelf)
	return r
}

func (f *forest) limitIn(t *testing.T, node, region string, hard int64) {
	t.Helper()
	require.NoError(t, f.SetQuota(t.Context(), operationtest.Admin, f.id[node], "volume", resource.Limit{Hard: hard, Soft: -1, Region: region}))
}

// volumeIn is the row of a node's volume in a region.
func (f *forest) volumeIn(t *testing.T, node, region string) resource.QuotaUsage {
	t.Helper()
	all, err := f.View.Quota(t.Context(), f.id[node])
	require.NoError(t, err)
	for _, u := range all {
		if u.Metric == "volume" && u.Region == region {
			return u
		}
	}
	return resource.QuotaUsage{Hard: -1}
}

func TestLimitsInARegion(t *testing.T) {
	eachForest(t, func(t *testing.T, f *forest) {
		onShelves(f.Plant)
		one := f.Must(t, shelved(f.box("group/north/a", "one", 0), 6, "east"))
		f.limitIn(t, "group/north", "east", 10)
		require.EqualValues(t, 6, f.volumeIn(t, "group/north", "east").Reserved, "what was used before counts")
		f.Must(t, shelved(f.box("group/north/b", "two", 0), 40, "west"))
		f.Must(t, f.box("group/north/b", "nowhere", 40))
		_, err := f.Apply(t.Context(), shelved(f.box("group/north/b", "three", 0), 5, "east"))
		p := reason(t, resource.ReasonQuotaExceeded, err)
		require.Equal(t, "quota volume in east of group/north: 4 are left for all below it, 5 more were asked for", p.Detail)
		f.Must(t, shelved(f.box("group/north/b", "three", 0), 4, "east"))
		require.EqualValues(t, 90, f.volume(t, "group/north").Reserved, "the limit of a region is beside the one of all")

		f.Pass(t, "box", one.Object.ID)
		u := f.volumeIn(t, "group/north", "east")
		require.Equal(t, [2]int64{4, 6}, [2]int64{u.Reserved, u.Committed})
		page, err := f.View.Holdings(t.Context(), resource.HoldingQuery{Node: f.id["group/north"], Metric: "volume", Region: "east"})
		require.NoError(t, err)
		require.Len(t, page.Items, 2)
		require.Equal(t, "east", page.Items[0].Region)
		f.sound(t)

		f.Must(t, shelved(f.box("group/north/a", "one", 0), 6, "west"))
		f.Pass(t, "box", one.Object.ID)
		require.EqualValues(t, 0, f.volumeIn(t, "group/north", "east").Committed, "it is counted where it is")
		require.EqualValues(t, 6, f.volumeIn(t, "group/north/a", "west").Committed)
		f.Drop(t, "box", one.Object.ID)
		f.Pass(t, "box", one.Object.ID)
		require.EqualValues(t, 0, f.volumeIn(t, "group/north/a", "west").Committed)
		f.sound(t)
		reason(t, resource.ReasonInvalid, f.SetQuota(t.Context(), operationtest.Admin, f.id["group"], "volume@x", resource.Hard(1)))
	})
}

// Settling takes what an object is charged where it is put, once, and swaps it when it is put elsewhere.
func TestSettling(t *testing.T) {
	eachForest(t, func(t *testing.T, f *forest) {
		f.Registry().Locate(func(context.Context, resource.Reader, resource.Raw) (string, error) { return "", nil })
		var to string
		resource.Register(f.Registry(), resource.Kind[guestSpec, struct{}]{Name: "guest", Plural: "guests",
			Charge: func(o *guest) resource.Charges { return resource.Charges{"volume": o.Spec.RAM} },
			Reconcile: func(ctx context.Context, r *resource.Reconciliation, _ *guest) (resource.Result, error) {
				return resource.Result{}, r.Settle(ctx, to)
			}})
		guest := func(name string) string {
			return f.Must(t, resource.Request{Kind: "guest", Project: f.id["group/north/a"], Name: name, Actor: operationtest.Admin, Spec: operationtest.Spec(`{"ram":3}`)}).Object.ID
		}
		one, two := guest("one"), guest("two")
		f.limitIn(t, "group", "east", 5)
		settle := func(id, region string) resource.Condition {
			to = region
			f.Pass(t, "guest", id)
			o, err := f.View.Get(t.Context(), "guest", "", id)
			require.NoError(t, err)
			return o.Condition("Ready")
		}
		settle(one, "east")
		settle(one, "east")
		require.EqualValues(t, 3, f.volumeIn(t, "group", "east").Reserved)
		require.EqualValues(t, resource.ReasonQuotaExceeded, settle(two, "east").Reason)
		settle(two, "west")
		settle(one, "west")
		require.EqualValues(t, 0, f.volumeIn(t, "group", "east").Reserved)
		require.EqualValues(t, 6, f.volumeIn(t, "group/north/a", "west").Reserved)
		require.EqualValues(t, 6, f.volume(t, "group").Reserved, "where it is does not change how much it is")
		settle(two, "")
		require.EqualValues(t, 3, f.volumeIn(t, "group/north/a", "west").Reserved)
		f.sound(t)
	})
}

// Six hundred ask, through three nodes, for what fifty may have in one region, while the other has room for all.
func TestRegionRace(t *testing.T) {
	db := storetest.Open(t, store.Postgres)
	f := newForest(t, db)
	plants := []*operationtest.Plant{f.Plant}
	for n := range 2 {
		plants = append(plants, operationtest.New(t, db, operationtest.Options{Idle: true, Node: fmt.Sprint("r", n), Tree: tenancy.New(db, nil)}))
	}
	for _, p := range plants {
		onShelves(p)
	}
	f.limitIn(t, "group", "east", 50)
	projects := []string{"group/north/a", "group/north/b", "group/south/a", "group/south/b"}
	var made, elsewhere, refused atomic.Int64
	var wg sync.WaitGroup
	for i := range 600 {
		shelf, count := "east", &made
		if i%6 == 5 {
			shelf, count = "west", &elsewhere
		}
		wg.Go(func() {
			_, err := plants[i%3].Apply(context.Background(), shelved(f.box(projects[i%4], fmt.Sprint("b", i), 0), 1, shelf))
			switch resource.ReasonOf(err) {
			case "":
				count.Add(1)
			case resource.ReasonQuotaExceeded:
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 50, made.Load())
	require.EqualValues(t, 100, elsewhere.Load())
	require.EqualValues(t, 450, refused.Load())
	require.EqualValues(t, 50, f.volumeIn(t, "group", "east").Reserved)
	f.sound(t)
}

// A soft limit is told when it is passed, and shown while it is exceeded.
func TestSoftLimitsAreTold(t *testing.T) {
	eachForest(t, func(t *testing.T, f *forest) {
		require.NoError(t, f.SetQuota(t.Context(), operationtest.Admin, f.id["group/north"], "volume", resource.Limit{Hard: -1, Soft: 5}))
		require.NoError(t, f.SetQuota(t.Context(), operationtest.Admin, f.id["group/north/a"], "volume", resource.Limit{Hard: 9, Soft: 3}))
		told := func() (nodes []string) {
			rows, err := f.View.History(t.Context(), "", "", 100)
			require.NoError(t, err)
			for _, r := range rows {
				if r.Verb == "quota.soft" {
					nodes = append(nodes, r.Project)
				}
			}
			return nodes
		}
		exceeded := func(node string) int {
			rows, err := f.View.Exceeded(t.Context(), f.id[node])
			require.NoError(t, err)
			return len(rows)
		}
		f.Must(t, f.box("group/north/a", "one", 3))
		require.Empty(t, told())
		f.Must(t, f.box("group/north/a", "two", 1))
		require.Equal(t, []string{f.id["group/north/a"]}, told())
		last := f.Must(t, f.box("group/north/a", "three", 2))
		f.Must(t, f.box("group/south/a", "four", 50))
		require.Equal(t, []string{f.id["group/north"], f.id["group/north/a"]}, told(), "each limit is told when it is passed")
		require.Equal(t, 2, exceeded("group"))
		require.Equal(t, 1, exceeded("group/north/a"))
		require.Zero(t, exceeded("group/south"))
		part := f.Store.View(resource.Within(f.id["group/north/a"]))
		hidden, err := part.Exceeded(t.Context(), f.id["group"])
		require.NoError(t, err)
		require.Empty(t, hidden)
		f.Drop(t, "box", last.Object.ID)
		f.Pass(t, "box", last.Object.ID)
		require.Equal(t, 1, exceeded("group"))
		n, err := f.CountExceeded(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
	})
}

// The nightly count keeps what it found for every node of the control plane, and raises an alarm when that is anything.
func TestTheNightlyCount(t *testing.T) {
	eachForest(t, func(t *testing.T, f *forest) {
		last, err := f.LastRecount(t.Context())
		require.NoError(t, err)
		require.Nil(t, last)
		f.Must(t, f.box("group/north/a", "one", 3))
		require.NoError(t, f.CheckQuota(t.Context()))
		last, err = f.LastRecount(t.Context())
		require.NoError(t, err)
		require.Zero(t, last.Differences)
		_, err = f.DB().Write.NewUpdate().Table("quota_usage").Set("reserved = 7").Where("metric = 'volume'").Exec(t.Context())
		require.NoError(t, err)
		require.NoError(t, f.CheckQuota(t.Context()))
		last, err = f.LastRecount(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 1, last.Differences)
		require.Contains(t, last.Detail, "7 reserved")
		rows, err := f.View.History(t.Context(), "", "", 1)
		require.NoError(t, err)
		require.Equal(t, "quota.differs", rows[0].Verb)
	})
}
