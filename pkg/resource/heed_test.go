package resource_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
)

// A pass that waits for a backend ends soon after its object is to be deleted, and that is no failure of it.
func TestPassEndsForADeletion(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		begun, deleted := make(chan struct{}), make(chan struct{})
		resource.Register(p.Registry(), resource.Kind[guestSpec, struct{}]{Name: "guest", Plural: "guests",
			Reconcile: func(ctx context.Context, _ *resource.Reconciliation, _ *guest) (resource.Result, error) {
				close(begun)
				<-ctx.Done()
				return resource.Result{}, ctx.Err()
			},
			Delete: func(context.Context, *resource.Reconciliation, *guest) (resource.Result, error) {
				close(deleted)
				return resource.Result{Done: true}, nil
			}})
		a := p.Must(t, resource.Request{Kind: "guest", Project: "p", Name: "g", Actor: operationtest.Admin, Spec: operationtest.Spec(`{"ram":2}`)})
		ended := make(chan resource.Again, 1)
		go func() { ended <- p.Pass(t, "guest", a.Object.ID) }()
		<-begun
		p.Drop(t, "guest", a.Object.ID)
		select {
		case again := <-ended:
			require.Less(t, again, time.Second, "the deletion comes next")
		case <-time.After(20 * time.Second):
			t.Fatal("the pass goes on")
		}
		p.Pass(t, "guest", a.Object.ID)
		<-deleted
	})
}

// What a backend is at is waited for; it is no failure.
func TestWhatIsUnderWayGoesOn(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		passes := 0
		resource.Register(p.Registry(), resource.Kind[guestSpec, struct{}]{Name: "guest", Plural: "guests",
			Reconcile: func(context.Context, *resource.Reconciliation, *guest) (resource.Result, error) {
				if passes++; passes < 3 {
					return resource.Result{}, &resource.Problem{Reason: resource.ReasonUnavailable, Detail: "build takes longer", UnderWay: true}
				}
				return resource.Result{Done: true}, nil
			}})
		a := p.Must(t, resource.Request{Kind: "guest", Project: "p", Name: "g", Actor: operationtest.Admin, Spec: operationtest.Spec(`{"ram":2}`)})
		for range 2 {
			require.Less(t, p.Pass(t, "guest", a.Object.ID), time.Second)
			op, err := p.Store.View(resource.Everything).Operation(t.Context(), a.Operation.ID)
			require.NoError(t, err)
			require.Equal(t, resource.OperationRunning, op.State)
			require.Equal(t, "build takes longer", op.Message)
			require.Nil(t, op.Problem)
		}
		p.Pass(t, "guest", a.Object.ID)
		o, err := p.Store.View(resource.Everything).Get(t.Context(), "guest", "p", "g")
		require.NoError(t, err)
		require.True(t, o.Settled())
	})
}
