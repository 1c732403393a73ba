package operationtest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/plazacloud/plaza/pkg/resource"
)

// BoxSpec is what a box should be.
type BoxSpec struct {
	Size   int64  `json:"size"`
	Shelf  string `json:"shelf,omitempty"`
	Extras int64  `json:"extras,omitempty"`
	Secret string `json:"secret,omitempty"`
	Pin    string `json:"pin,omitempty"`
}

// BoxStatus is what was seen of a box.
type BoxStatus struct {
	Size int64  `json:"size"`
	Aged int    `json:"aged,omitempty"`
	Bay  string `json:"bay,omitempty"`
}

// BoxObject is a box.
type BoxObject = resource.Object[BoxSpec, BoxStatus]

// CrateSpec is what a crate should hold: boxes of size one.
type CrateSpec struct {
	Boxes int `json:"boxes"`
}

// CrateStatus is how many of them are ready.
type CrateStatus struct {
	Ready int `json:"ready"`
}

// Warehouse is a backend in memory that keeps boxes.
type Warehouse struct {
	mu      sync.Mutex
	boxes   map[string]int64
	secrets map[string]string
	passes  map[string]int
	fault   func(o *BoxObject) (resource.Result, error, bool)
	remove  func(o *BoxObject) (resource.Result, error, bool)
}

// NewWarehouse returns an empty one.
func NewWarehouse() *Warehouse {
	return &Warehouse{boxes: map[string]int64{}, secrets: map[string]string{}, passes: map[string]int{}}
}

// Boxes returns what is in the warehouse: sizes by id.
func (w *Warehouse) Boxes() map[string]int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make(map[string]int64, len(w.boxes))
	for id, n := range w.boxes {
		out[id] = n
	}
	return out
}

// Secret returns the secret that the reconciler saw.
func (w *Warehouse) Secret(id string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.secrets[id]
}

// Passes returns how often a box was reconciled.
func (w *Warehouse) Passes(id string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.passes[id]
}

// OnReconcile puts f before the box's own reconciler, which is skipped when f answers true; nil takes it away.
func (w *Warehouse) OnReconcile(f func(o *BoxObject) (resource.Result, error, bool)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault = f
}

// OnDelete is OnReconcile for deletions.
func (w *Warehouse) OnDelete(f func(o *BoxObject) (resource.Result, error, bool)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.remove = f
}

func (w *Warehouse) hooks() (reconcile, remove func(o *BoxObject) (resource.Result, error, bool)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fault, w.remove
}

func (w *Warehouse) register(reg *resource.Registry) {
	resource.Register(reg, w.box())
	resource.Register(reg, crate())
	resource.Register(reg, resource.Kind[struct {
		Depth int `json:"depth"`
	}, struct{}]{Name: "shelf", Plural: "shelves", Scoping: resource.Global, ValidateDelete: unused[struct {
		Depth int `json:"depth"`
	}]})
	resource.Register(reg, resource.Kind[struct {
		Text string `json:"text"`
	}, struct{}]{Name: "label", Plural: "labels",
		Charge: func(*resource.Object[struct {
			Text string `json:"text"`
		}, struct{}]) resource.Charges {
			return resource.Charges{"labels": 1}
		},
		Meter: func(*resource.Object[struct {
			Text string `json:"text"`
		}, struct{}]) resource.Measures {
			return resource.Measures{"labels": 1}
		}})
}

// unused refuses to delete a shelf with boxes on it.
func unused[S any](ctx context.Context, a *resource.Admission, o *resource.Object[S, struct{}]) error {
	page, err := a.List(ctx, resource.Query{Kind: "box", Fields: map[string]string{"spec.shelf": o.Name}, Limit: 1})
	if err != nil || len(page.Items) == 0 {
		return err
	}
	return resource.Problemf(resource.ReasonInUse, "shelf", "move the box first", "box %s stands on it", page.Items[0].Name)
}

func (w *Warehouse) box() resource.Kind[BoxSpec, BoxStatus] {
	return resource.Kind[BoxSpec, BoxStatus]{
		Name: "box", Plural: "boxes", Indexed: []string{"spec.size", "spec.shelf", "status.bay"}, Secrets: []string{"secret", "pin"},
		Columns: []resource.Column{{Header: "SIZE", Path: "status.size"}},
		Default: func(_ context.Context, _ *resource.Admission, o *BoxObject) error {
			if o.Spec.Size == 0 {
				o.Spec.Size = 1
			}
			return nil
		},
		Validate: func(_ context.Context, _ *resource.Admission, _, o *BoxObject) error {
			if o.Spec.Size < 0 {
				return resource.Invalid("box", "spec.size", o.Spec.Size, "must be positive")
			}
			return nil
		},
		Charge: func(o *BoxObject) resource.Charges {
			c := resource.Charges{"boxes": 1, "volume": o.Spec.Size}
			if o.Spec.Extras > 0 {
				c["extras"] = o.Spec.Extras
			}
			return c
		},
		// Usage is metered by what should be, while it is there.
		Meter: func(o *BoxObject) resource.Measures {
			m := resource.Measures{"volume": 0}
			if o.Status.Size > 0 {
				m["volume"] = o.Spec.Size
			}
			return m
		},
		Reconcile: w.put, Delete: w.drop,
		Actions: map[string]resource.Action[BoxSpec, BoxStatus]{
			"grow": {Doc: "Make it larger", Input: &GrowInput{}, Apply: grow},
			"seal": {Doc: "Change nothing", Apply: func(context.Context, *resource.Admission, *BoxObject, any) error { return nil }},
		},
	}
}

// GrowInput is the input of the action grow.
type GrowInput struct {
	By int64 `json:"by"`
}

func grow(_ context.Context, _ *resource.Admission, o *BoxObject, input any) error {
	o.Spec.Size += input.(*GrowInput).By
	return nil
}

func (w *Warehouse) put(_ context.Context, _ *resource.Reconciliation, o *BoxObject) (resource.Result, error) {
	if before, _ := w.hooks(); before != nil {
		if res, err, done := before(o); done {
			return res, err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.passes[o.ID]++
	w.boxes[o.ID], w.secrets[o.ID] = o.Spec.Size, o.Spec.Secret
	o.Status.Size = o.Spec.Size
	return resource.Result{Done: true}, nil
}

func (w *Warehouse) drop(_ context.Context, _ *resource.Reconciliation, o *BoxObject) (resource.Result, error) {
	if _, before := w.hooks(); before != nil {
		if res, err, done := before(o); done {
			return res, err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.boxes, o.ID)
	delete(w.secrets, o.ID)
	return resource.Result{Done: true}, nil
}

func crate() resource.Kind[CrateSpec, CrateStatus] {
	return resource.Kind[CrateSpec, CrateStatus]{Name: "crate", Plural: "crates",
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *resource.Object[CrateSpec, CrateStatus]) (resource.Result, error) {
			o.Status.Ready = 0
			for i := range o.Spec.Boxes {
				a, err := r.Apply(ctx, resource.Request{Kind: "box", Project: o.Project, Name: fmt.Sprintf("%s-%d", o.Name, i), Spec: Spec(`{"size":1}`)})
				if err != nil {
					return resource.Result{}, err
				}
				if a.Object.Phase == resource.PhaseReady {
					o.Status.Ready++
				}
			}
			// Waiting long shows that a box which becomes ready wakes its crate.
			return resource.Result{Done: o.Status.Ready == o.Spec.Boxes, Again: time.Minute}, nil
		}}
}
