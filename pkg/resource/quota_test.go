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
)

func quota(t *testing.T, p *operationtest.Plant, metric string) resource.QuotaUsage {
	t.Helper()
	all, err := p.View.Quota(t.Context(), "p")
	require.NoError(t, err)
	for _, u := range all {
		if u.Metric == metric {
			return u
		}
	}
	return resource.QuotaUsage{Hard: -1}
}

// Five hundred ask for one of fifty: fifty get it, whoever they ask.
func TestQuotaRace(t *testing.T) {
	for _, nodes := range []int{1, 2} {
		t.Run(fmt.Sprint(nodes, "-nodes"), func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				if nodes == 2 && db.Dialect == store.SQLite {
					t.Skip("one process per file")
				}
				house := operationtest.NewWarehouse()
				plants := []*operationtest.Plant{}
				for n := range nodes {
					plants = append(plants, operationtest.New(t, db, operationtest.Options{Node: fmt.Sprint("n", n), Warehouse: house}))
				}
				p := plants[0]
				require.NoError(t, p.SetQuota(t.Context(), operationtest.Admin, "p", "boxes", resource.Hard(50)))
				var made, refused atomic.Int64
				var wg sync.WaitGroup
				for i := range 500 {
					wg.Go(func() {
						_, err := plants[i%nodes].Apply(context.Background(), operationtest.Box(fmt.Sprint("b", i), 2))
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
				require.EqualValues(t, 50, made.Load())
				require.EqualValues(t, 450, refused.Load())
				require.Eventually(t, func() bool { return quota(t, p, "boxes").Committed == 50 && quota(t, p, "volume").Committed == 100 }, 30*wait, 10*tick)
				require.Zero(t, quota(t, p, "boxes").Reserved)
				require.Len(t, house.Boxes(), 50)
				consistent(t, p)
			})
		})
	}
}

// The first use of a metric by several at once is no refusal.
func TestFirstUseOfAMetric(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		one := operationtest.New(t, db, operationtest.Options{Idle: true})
		two := operationtest.New(t, db, operationtest.Options{Idle: true})
		for round := range 30 {
			var wg sync.WaitGroup
			for i, p := range []*operationtest.Plant{one, two, one, two} {
				wg.Go(func() {
					r := label(fmt.Sprint("l", i), "x")
					r.Project = fmt.Sprint("p", round)
					if _, err := p.Apply(context.Background(), r); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		consistent(t, one)
	})
}

func TestQuotaFollowsAnObject(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		require.NoError(t, p.SetQuota(t.Context(), operationtest.Admin, "p", "volume", resource.Hard(10)))
		reason(t, resource.ReasonInvalid, p.SetQuota(t.Context(), operationtest.Admin, "p", "volume", resource.Hard(-2)))
		volume := func(reserved, committed int64) {
			t.Helper()
			u := quota(t, p, "volume")
			require.Equal(t, [2]int64{reserved, committed}, [2]int64{u.Reserved, u.Committed})
			diff, err := p.Recount(t.Context())
			require.NoError(t, err)
			require.Empty(t, diff)
		}
		a := p.Must(t, operationtest.Box("one", 4))
		volume(4, 0)
		p.Pass(t, "box", a.Object.ID)
		volume(0, 4)
		p.Must(t, operationtest.Box("one", 9))
		volume(5, 4)
		_, err := p.Apply(t.Context(), operationtest.Box("two", 2))
		problem := reason(t, resource.ReasonQuotaExceeded, err)
		require.Equal(t, "quota volume: 9 of 10 are in use, 2 more were asked for", problem.Detail)
		require.Contains(t, problem.Hint, "1 are left")
		p.OnReconcile(answer(resource.Result{}, resource.Invalid("box", "x", nil, "no")))
		p.Pass(t, "box", a.Object.ID)
		volume(5, 4)
		p.OnReconcile(nil)
		p.Must(t, operationtest.Box("one", 2))
		volume(5, 4)
		p.Pass(t, "box", a.Object.ID)
		volume(0, 2)
		require.NoError(t, p.SetQuota(t.Context(), operationtest.Admin, "p", "volume", resource.Hard(1)))
		volume(0, 2)
		_, err = p.Apply(t.Context(), operationtest.Box("one", 3))
		reason(t, resource.ReasonQuotaExceeded, err)
		p.Must(t, operationtest.Box("one", 1))
		p.Pass(t, "box", a.Object.ID)
		volume(0, 1)

		extra := operationtest.Box("one", 1)
		extra.Spec = operationtest.Spec(`{"size":1,"extras":3}`)
		p.Must(t, extra)
		p.Pass(t, "box", a.Object.ID)
		require.EqualValues(t, 3, quota(t, p, "extras").Committed)
		p.Must(t, operationtest.Box("one", 1))
		p.Pass(t, "box", a.Object.ID)
		require.Zero(t, quota(t, p, "extras").Committed, "what is no longer charged is given back")

		p.Drop(t, "box", a.Object.ID)
		volume(0, 1)
		p.Pass(t, "box", a.Object.ID)
		volume(0, 0)
		consistent(t, p)
	})
}

// Usage is what was metered at each moment, also when the spec changes while a pass reports an old one.
func TestUsageOfAnObjectChangedDuringAPass(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		a := p.Must(t, operationtest.Box("one", 3))
		p.OnReconcile(func(o *box) (resource.Result, error, bool) {
			if o.Generation == 1 {
				p.Must(t, operationtest.Box("one", 7))
			}
			return resource.Result{}, nil, false
		})
		p.Pass(t, "box", a.Object.ID)
		p.Pass(t, "box", a.Object.ID)
		var usage []resource.Usage
		require.NoError(t, p.DB().Read.NewSelect().Model(&usage).Order("id").Scan(t.Context()))
		require.EqualValues(t, 7, usage[len(usage)-1].Measures["volume"])
		consistent(t, p)
	})
}
