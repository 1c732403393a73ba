package operation_test

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

type door struct {
	Box string `json:"box"`
}

// TestTouchedObjectsSeeWhatThePassFound lets a box touch its door in the middle of a pass that is not over soon: the door's
// look must not come before what the box has found is stored.
func TestTouchedObjectsSeeWhatThePassFound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var touching atomic.Bool
		seen := make(chan int, 100)
		reg := resource.NewRegistry()
		resource.Register(reg, resource.Kind[boxSpec, boxStatus]{Name: "box", Plural: "boxes",
			Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *resource.Object[boxSpec, boxStatus]) (resource.Result, error) {
				if touching.Load() {
					r.Touch("door", doorOf(ctx, r), "the box grew")
					time.Sleep(300 * time.Millisecond)
				}
				o.Status.Size = o.Spec.Size
				return resource.Result{Done: true}, nil
			}})
		resource.Register(reg, resource.Kind[door, boxStatus]{Name: "door", Plural: "doors",
			Reconcile: func(ctx context.Context, r *resource.Reconciliation, _ *resource.Object[door, boxStatus]) (resource.Result, error) {
				if r.Cause != "" {
					raw, err := r.Get(ctx, "box", "p", "one")
					if err != nil {
						return resource.Result{}, err
					}
					var st boxStatus
					if err := json.Unmarshal(raw.Status, &st); err != nil {
						return resource.Result{}, err
					}
					seen <- st.Size
				}
				return resource.Result{Done: true}, nil
			}})
		r := start(t, db, reg, 0)
		put := func(kind, name, spec string) {
			a, err := r.Apply(t.Context(), resource.Request{Kind: kind, Project: "p", Name: name, Actor: admin, Spec: json.RawMessage(spec)})
			require.NoError(t, err)
			require.Equal(t, resource.OperationSucceeded, r.wait(t, a.Operation).State)
		}
		put("door", "front", `{"box":"one"}`)
		put("box", "one", `{"size":1}`)
		touching.Store(true)
		put("box", "one", `{"size":2}`)
		require.Equal(t, 2, <-seen)
	})
}

// doorOf is the id of the only door.
func doorOf(ctx context.Context, r resource.Reader) string {
	raw, err := r.Get(ctx, "door", "p", "front")
	if err != nil {
		return ""
	}
	return raw.ID
}
