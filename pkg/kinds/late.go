package kinds

import (
	"context"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

const (
	// lateTime is how long a region may go on with a request whose caller was cut off.
	lateTime  = time.Minute
	lateEvery = 10 * time.Second
)

// late tells whether a region may still bring what is being deleted: it was asked for it, how that ended was never learnt, as
// plazad or the service went away meanwhile, and look does not find it yet. Then the deletion is made again until that time
// is over.
func late(ctx context.Context, r resource.Reader, m *resource.Meta, place string, look func() error) (bool, error) {
	switch m.Condition("Ready").Reason {
	case "", "Working", string(resource.ReasonUnavailable):
	default: // it was told how it ended
		return false, nil
	}
	if m.DeletingAt == nil || time.Since(*m.DeletingAt) > lateTime {
		return false, nil
	}
	if _, err := r.Get(ctx, "region", "", place); err != nil {
		if resource.ReasonOf(err) == resource.ReasonNotFound {
			err = nil
		}
		return false, err
	}
	err := look()
	if provider.IsNotFound(err) {
		return true, nil
	}
	return false, Explain(m.Kind, err)
}

// lookAgain is the result of a deletion that late asked for once more.
func lookAgain() resource.Result {
	return resource.Result{Again: lateEvery, Message: "the region may still bring what it was asked for; its deletion is made again for a minute"}
}

// removeFrom deletes what an object has in its place, and tells whether that has to be done again; seen says that the object was
// there once.
func removeFrom[S any](ctx context.Context, r resource.Reader, m *resource.Meta, place string, seen bool,
	get func(ctx context.Context, place, id string) (S, error), remove func(ctx context.Context, place, id string) error) (bool, error) {
	again := false
	if !seen {
		var err error
		again, err = late(ctx, r, m, place, func() error {
			_, err := get(ctx, place, m.ID)
			return err
		})
		if err != nil {
			return false, err
		}
	}
	if err := remove(ctx, place, m.ID); err != nil && !provider.IsNotFound(err) {
		return false, Explain(m.Kind, err)
	}
	return again, nil
}

// removed is the result of removeFrom for an object that is nothing else.
func removed(again bool, err error) (resource.Result, error) {
	switch {
	case err != nil:
		return resource.Result{}, err
	case again:
		return lookAgain(), nil
	}
	return resource.Result{Done: true}, nil
}
