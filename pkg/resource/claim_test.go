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
)

type guestSpec struct {
	RAM    int64  `json:"ram"`
	Secret string `json:"secret,omitempty"`
}

type guest = resource.Object[guestSpec, struct{}]

// Guests claim memory of one host: it is never given away twice, and comes back.
func TestClaims(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		var full atomic.Int64
		resource.Register(p.Registry(), resource.Kind[guestSpec, struct{}]{Name: "guest", Plural: "guests", Secrets: []string{"secret"},
			Forecast: func(context.Context, resource.Reader, *guest) (resource.Charges, error) {
				return resource.Charges{"guests": 2}, nil
			},
			Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *guest) (resource.Result, error) {
				if err := r.SetCapacity(ctx, "host-1", resource.Charges{"ram": 10}); err != nil {
					return resource.Result{}, err
				}
				r.Note("placed", "on host-1")
				err := r.Claim(ctx, "host-1", resource.Charges{"ram": o.Spec.RAM})
				if resource.ReasonOf(err) == resource.ReasonQuotaExceeded {
					full.Add(1)
				}
				return resource.Result{Done: err == nil}, err
			},
			Delete: func(ctx context.Context, r *resource.Reconciliation, o *guest) (resource.Result, error) {
				return resource.Result{Done: true}, r.Unclaim(ctx, "host-1")
			}})
		var ids []string
		for i := range 8 {
			a := p.Must(t, resource.Request{Kind: "guest", Project: "p", Name: fmt.Sprint("g", i), Actor: operationtest.Admin, Spec: operationtest.Spec(`{"ram":2,"secret":"s"}`)})
			ids = append(ids, a.Object.ID)
		}
		var wg sync.WaitGroup
		for _, id := range ids {
			wg.Go(func() {
				_, err := p.Reconcile(context.Background(), "n1", resource.Job{Kind: "guest", ID: id})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 3, full.Load())
		pool, err := p.PoolUsage(t.Context(), "host-1")
		require.NoError(t, err)
		require.EqualValues(t, 10, pool["ram"].Committed)
		for _, id := range ids {
			p.Drop(t, "guest", id)
			p.Pass(t, "guest", id)
		}
		pool, err = p.PoolUsage(t.Context(), "host-1")
		require.NoError(t, err)
		require.Zero(t, pool["ram"].Committed)
		consistent(t, p)

		def, err := p.Registry().Kind("guest")
		require.NoError(t, err)
		c, err := def.Forecast(t.Context(), p.View, resource.Raw{Spec: operationtest.Spec(`{"ram":1}`)})
		require.NoError(t, err)
		require.Equal(t, resource.Charges{"guests": 2}, c)
		_, err = def.Forecast(t.Context(), p.View, resource.Raw{Spec: operationtest.Spec(`{"rom":1}`)})
		reason(t, resource.ReasonInvalid, err)
		boxes, err := p.Registry().Kind("box")
		require.NoError(t, err)
		c, err = boxes.Forecast(t.Context(), p.View, resource.Raw{Spec: operationtest.Spec(`{"size":3}`)})
		require.NoError(t, err)
		require.EqualValues(t, 3, c["volume"])
		require.Panics(t, func() {
			resource.Register(p.Registry(), resource.Kind[guestSpec, struct{}]{Name: "guest", Plural: "guests"})
		})
	})
}

// Parts of the control plane may read secrets, ask the authority, and leave a line in the audit log.
func TestServicesOfTheStore(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		r := operationtest.Box("one", 1)
		r.Spec = operationtest.Spec(`{"size":1,"secret":%q}`, hush)
		a := p.Must(t, r)
		o, err := p.Unsealed(t.Context(), resource.Within("p"), "box", "p", "one")
		require.NoError(t, err)
		require.Contains(t, string(o.Spec), hush)
		_, err = p.Unsealed(t.Context(), resource.Within("q"), "box", "p", "one")
		reason(t, resource.ReasonNotFound, err)
		require.NoError(t, p.Authorize(t.Context(), operationtest.Admin, "get", "box", "p"))
		require.NoError(t, p.Record(t.Context(), operationtest.Admin, "console", a.Object.Meta, "opened"))
		for limit, want := range map[int]int{0: 2, 1: 1, 5000: 2} {
			rows, err := p.View.History(t.Context(), a.Object.ID, "", limit)
			require.NoError(t, err)
			require.Len(t, rows, want)
		}
		newest, err := p.View.History(t.Context(), "", "", 1)
		require.NoError(t, err)
		rest, err := p.View.History(t.Context(), "", newest[0].ID, 0)
		require.NoError(t, err)
		require.Equal(t, "create", rest[0].Verb)
		for _, bad := range [][2]string{{"x", ""}, {"", "x"}} {
			_, err = p.View.History(t.Context(), bad[0], bad[1], 0)
			reason(t, resource.ReasonInvalid, err)
			_, err = p.View.Operations(t.Context(), resource.OperationQuery{ObjectID: bad[0], Before: bad[1]})
			reason(t, resource.ReasonInvalid, err)
		}
		ops, err := p.View.Operations(t.Context(), resource.OperationQuery{State: resource.OperationPending, Before: resource.NewID()})
		require.NoError(t, err)
		require.Len(t, ops, 1)
		require.ErrorIs(t, resource.All(t.Context(), p.View, resource.Query{Kind: "box"}, func(resource.Raw) error { return context.Canceled }), context.Canceled)
		again, err := p.Reconcile(t.Context(), "n1", resource.Job{Kind: "box", ID: resource.NewID()})
		require.NoError(t, err)
		require.Zero(t, again, "a job for what is gone is done")
		_, err = p.Reconcile(t.Context(), "n1", resource.Job{Kind: "moon", ID: resource.NewID()})
		require.Error(t, err)
	})
}
