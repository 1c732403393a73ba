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
