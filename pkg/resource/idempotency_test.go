package resource_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
)

const (
	wait = time.Second
	tick = 5 * time.Millisecond
)

func TestIdempotencyKey(t *testing.T) {
	for name, mode := range map[string]resource.Mode{"upsert": resource.Upsert, "create": resource.CreateOnly} {
		t.Run(name, func(t *testing.T) {
			eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
				r := operationtest.Box("one", 2)
				r.IdempotencyKey, r.IdempotencyHash, r.Mode = "k1", "h1", mode
				got, errs := make([]resource.Applied, 50), make([]error, 50)
				var wg sync.WaitGroup
				for i := range got {
					wg.Go(func() { got[i], errs[i] = p.Apply(context.Background(), r) })
				}
				wg.Wait()
				require.NoError(t, errors.Join(errs...))
				first := 0
				for _, a := range got {
					require.Equal(t, got[0].Object.ID, a.Object.ID)
					require.NotNil(t, a.Operation, "every answer names the operation")
					require.Equal(t, got[0].Operation.ID, a.Operation.ID)
					if !a.Replayed {
						first++
					}
				}
				require.Equal(t, 1, first)
				page, err := p.View.List(t.Context(), resource.Query{Kind: "box"})
				require.NoError(t, err)
				require.Len(t, page.Items, 1)

				r.IdempotencyHash = "h2"
				_, err = p.Apply(t.Context(), r)
				reason(t, resource.ReasonInvalid, err)
				r.IdempotencyKey = "k2"
				_, err = p.Apply(t.Context(), r)
				if mode == resource.CreateOnly {
					reason(t, resource.ReasonAlreadyExists, err)
				} else {
					require.NoError(t, err)
				}
				other := operationtest.Box("two", 1)
				other.Actor, other.IdempotencyKey = resource.System("someone else"), "k1"
				require.True(t, p.Must(t, other).Created, "keys belong to their actor")
			})
		})
	}
}

func TestIdempotentUpdatesAndActions(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		a := p.Must(t, operationtest.Box("one", 1))
		r := operationtest.Box("one", 5)
		r.IdempotencyKey = "u"
		b := p.Must(t, r)
		p.Must(t, operationtest.Box("one", 7))
		again := p.Must(t, r)
		require.True(t, again.Replayed)
		require.Equal(t, b.Operation.ID, again.Operation.ID)
		require.JSONEq(t, `{"size":7}`, string(again.Object.Spec), "a repeated request does not undo what came after it")

		act := resource.Request{Kind: "box", ID: a.Object.ID, Actor: operationtest.Admin, IdempotencyKey: "g"}
		var wg sync.WaitGroup
		errs := make([]error, 20)
		for i := range errs {
			wg.Go(func() { _, errs[i] = p.Act(context.Background(), act, "grow", operationtest.Spec(`{"by":1}`)) })
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		require.JSONEq(t, `{"size":8}`, string(p.Object(t, "box", a.Object.ID).Spec), "it grew once")
	})
}
