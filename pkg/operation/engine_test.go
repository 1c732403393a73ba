package operation_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

type boxSpec struct {
	Size   int    `json:"size"`
	Secret string `json:"secret,omitempty"`
}

type boxStatus struct {
	Size int `json:"size"`
}

// warehouse is a backend that keeps boxes.
type warehouse struct {
	mu    sync.Mutex
	boxes map[string]int
	down  bool
}

func (w *warehouse) put(id string, size int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.down {
		return &resource.Problem{Reason: resource.ReasonUnavailable, Detail: "the warehouse is closed"}
	}
	w.boxes[id] = size
	return nil
}

func boxes(w *warehouse) resource.Kind[boxSpec, boxStatus] {
	return resource.Kind[boxSpec, boxStatus]{
		Name: "box", Plural: "boxes", Indexed: []string{"spec.size"}, Secrets: []string{"secret"},
		Charge: func(o *resource.Object[boxSpec, boxStatus]) resource.Charges {
			return resource.Charges{"boxes": 1, "volume": int64(o.Spec.Size)}
		},
		Meter: func(o *resource.Object[boxSpec, boxStatus]) resource.Measures {
			return resource.Measures{"volume": int64(o.Status.Size)}
		},
		Reconcile: func(_ context.Context, _ *resource.Reconciliation, o *resource.Object[boxSpec, boxStatus]) (resource.Result, error) {
			if err := w.put(o.ID, o.Spec.Size); err != nil {
				return resource.Result{}, err
			}
			o.Status.Size = o.Spec.Size
			return resource.Result{Done: true}, nil
		},
		Delete: func(_ context.Context, _ *resource.Reconciliation, o *resource.Object[boxSpec, boxStatus]) (resource.Result, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			delete(w.boxes, o.ID)
			return resource.Result{Done: true}, nil
		},
	}
}

type rig struct {
	*resource.Store
	*warehouse
	engine *operation.Engine
}

func newRig(t *testing.T, db *store.DB) *rig { return newRigPolling(t, db, 0) }

func newRigPolling(t *testing.T, db *store.DB, every time.Duration) *rig {
	t.Helper()
	w := &warehouse{boxes: map[string]int{}}
	reg := resource.NewRegistry()
	resource.Register(reg, boxes(w))
	r := start(t, db, reg, every)
	r.warehouse = w
	return r
}

// start runs an engine over kinds until the test ends.
func start(t *testing.T, db *store.DB, reg *resource.Registry, every time.Duration) *rig {
	t.Helper()
	sealer, err := resource.NewSealer(make([]byte, 32))
	require.NoError(t, err)
	r := &rig{Store: resource.NewStore(resource.Config{DB: db, Registry: reg, Sealer: sealer})}
	r.engine, err = operation.New(t.Context(), operation.Config{DB: db, Objects: r.Store, Node: "n1", Poll: every})
	require.NoError(t, err)
	r.UseJobs(r.engine)
	require.NoError(t, r.engine.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, r.engine.Stop(ctx))
		r.Close()
	})
	return r
}

var admin = resource.System("test")

func (r *rig) box(t *testing.T, name string, size int) resource.Applied {
	t.Helper()
	a, err := r.Apply(t.Context(), resource.Request{Kind: "box", Project: "p", Name: name, Actor: admin,
		Spec: json.RawMessage(fmt.Sprintf(`{"size":%d,"secret":"hush"}`, size))})
	require.NoError(t, err)
	return a
}

func (r *rig) wait(t *testing.T, op *resource.Operation) resource.Operation {
	t.Helper()
	var got resource.Operation
	require.Eventually(t, func() bool {
		var err error
		got, err = r.View(resource.Everything).Operation(t.Context(), op.ID)
		return err == nil && got.Ended()
	}, 20*time.Second, 10*time.Millisecond)
	return got
}

// TestOwnJobsAreNotPolledFor has passes made at once, and again after each that fails, by an engine that never polls.
func TestOwnJobsAreNotPolledFor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRigPolling(t, db, time.Hour)
		require.Equal(t, resource.OperationSucceeded, r.wait(t, r.box(t, "one", 3).Operation).State)
		r.close(true)
		a := r.box(t, "two", 1)
		require.Eventually(t, func() bool {
			o, err := r.View(resource.Everything).Get(t.Context(), "box", "p", "two")
			return err == nil && o.Condition("Ready").Message != ""
		}, 20*time.Second, 10*time.Millisecond)
		r.close(false)
		require.Equal(t, resource.OperationSucceeded, r.wait(t, a.Operation).State)
	})
}

func (w *warehouse) close(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = down
}

func TestLifecycle(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db)
		view := r.View(resource.Everything)
		a := r.box(t, "one", 3)
		require.Equal(t, resource.OperationSucceeded, r.wait(t, a.Operation).State)
		o, err := view.Get(t.Context(), "box", "p", "one")
		require.NoError(t, err)
		require.Equal(t, resource.PhaseReady, o.Phase)
		require.NotContains(t, string(o.Spec), "hush")

		again := r.box(t, "one", 3)
		require.False(t, again.Changed)
		require.Nil(t, again.Operation)

		r.wait(t, r.box(t, "one", 5).Operation)
		q, err := view.Quota(t.Context(), "p")
		require.NoError(t, err)
		require.Len(t, q, 2)
		require.EqualValues(t, 5, q[1].Committed)
		require.Zero(t, q[1].Reserved)

		d, err := r.Delete(t.Context(), resource.Request{Kind: "box", Project: "p", ID: "one", Actor: admin})
		require.NoError(t, err)
		require.Equal(t, resource.OperationSucceeded, r.wait(t, d.Operation).State)
		require.Empty(t, r.boxes)
		_, err = view.Get(t.Context(), "box", "p", "one")
		require.Equal(t, resource.ReasonNotFound, resource.ReasonOf(err))
		diff, err := r.Recount(t.Context())
		require.NoError(t, err)
		require.Empty(t, diff)
	})
}
