package resource_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
)

func TestCountByIndexedPath(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		resource.Register(p.Registry(), resource.Kind[guestSpec, struct{}]{Name: "guest", Plural: "guests", Indexed: []string{"spec.ram"}})
		for _, g := range [][3]string{{"p", "a", "2"}, {"p", "b", "2"}, {"q", "c", "2"}, {"q", "d", "3"}} {
			p.Must(t, resource.Request{Kind: "guest", Project: g[0], Name: g[1], Actor: operationtest.Admin, Spec: operationtest.Spec(`{"ram":%s}`, g[2])})
		}
		n, err := p.Store.View(resource.Everything).Count(t.Context(), "guests", "spec.ram")
		require.NoError(t, err)
		require.Equal(t, map[string]int64{"2": 3, "3": 1}, n)
		n, err = p.Store.View(resource.Within("q")).Count(t.Context(), "guest", "spec.ram")
		require.NoError(t, err)
		require.Equal(t, map[string]int64{"2": 1, "3": 1}, n, "what is out of scope is not counted")
		n, err = p.Store.View(resource.Scope{}).Count(t.Context(), "guest", "spec.ram")
		require.NoError(t, err)
		require.Empty(t, n)
		_, err = p.Store.View(resource.Everything).Count(t.Context(), "guest", "spec.rom")
		reason(t, resource.ReasonInvalid, err)
		_, err = p.Store.View(resource.Everything).Count(t.Context(), "ghost", "spec.ram")
		reason(t, resource.ReasonNotFound, err)
	})
}

func TestAllPoolUsageIsThatOfEachPool(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		resource.Register(p.Registry(), resource.Kind[guestSpec, struct{}]{Name: "guest", Plural: "guests",
			Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *guest) (resource.Result, error) {
				for _, pool := range []string{"host:1", "host:2", "group:g"} {
					if err := r.SetCapacity(ctx, pool, resource.Charges{"ram": 100, "cpu": 8}); err != nil {
						return resource.Result{}, err
					}
				}
				return resource.Result{Done: true}, r.Claim(ctx, "host:1", resource.Charges{"ram": o.Spec.RAM})
			}})
		for _, g := range []string{"a", "b"} {
			a := p.Must(t, resource.Request{Kind: "guest", Project: "p", Name: g, Actor: operationtest.Admin, Spec: operationtest.Spec(`{"ram":7}`)})
			p.Pass(t, "guest", a.Object.ID)
		}
		all, err := p.AllPoolUsage(t.Context(), "host:", "cluster:")
		require.NoError(t, err)
		require.Len(t, all, 2)
		for name := range all {
			one, err := p.PoolUsage(t.Context(), name)
			require.NoError(t, err)
			require.Equal(t, one, all[name], name)
		}
		require.EqualValues(t, 14, all["host:1"]["ram"].Committed)
	})
}
