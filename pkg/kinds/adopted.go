package kinds

import (
	"context"
	"fmt"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// Adopted tells of an object that others made and Plaza took over: it is used and given away as it is, and is never made
// anew when it is gone.
type Adopted struct {
	Place   string `json:"place" doc:"Id of the region it is in"`
	Backend string `json:"backend,omitempty" doc:"Its id there"`
	MAC     string `json:"mac,omitempty" doc:"Of a server's first card"`
}

// guardAdoption lets only Plaza itself say that an object is adopted; who replaces a spec need not repeat it. part finds
// Adopted and Keep in a spec.
func guardAdoption[S, T any](a *resource.Admission, old, o *resource.Object[S, T], part func(*S) (**Adopted, bool)) error {
	adopted, keep := part(&o.Spec)
	switch {
	case a.Actor.System:
	case old != nil:
		was, _ := part(&old.Spec)
		*adopted = *was
	case *adopted != nil:
		return resource.Invalid(o.Kind, "spec.adopted", nil, "is said by Plaza alone; adopt with: plaza drift adopt")
	}
	if keep && *adopted == nil {
		return resource.Invalid(o.Kind, "spec.keep", true, "is for what was adopted: Plaza made this one, and removes it")
	}
	return nil
}

// adopt labels the backend's object and tells how it is. One that is gone is gone: it is not Plaza's to make.
func (b Backends) adopt(ctx context.Context, kind string, m resource.Meta, a Adopted) (provider.Found, error) {
	d, ok := b.Driver.(provider.Discoverer)
	if !ok {
		return provider.Found{}, errDriverless
	}
	f, err := d.Adopt(ctx, a.Place, kind, a.Backend, m.ID)
	if provider.IsNotFound(err) {
		p := resource.Problemf(resource.ReasonUnavailable, kind, "delete it here, or bring it back there", "the adopted %s %s is gone from its cloud", kind, m.Name)
		p.Err = err
		return f, p
	}
	return f, Explain(kind, err)
}

// adoptionLost holds an adopted object that was there and is gone; other errors pass.
func adoptionLost(m *resource.Meta, err error) (resource.Result, error) {
	if provider.IsNotFound(err) && m.ObservedGeneration > 0 {
		return hold(m, err.Error()), nil
	}
	return resource.Result{}, err
}

// release leaves the adopted object at its cloud and takes Plaza's label off.
func (b Backends) release(ctx context.Context, kind string, m resource.Meta, a Adopted) error {
	d, ok := b.Driver.(provider.Discoverer)
	if !ok {
		return errDriverless
	}
	if err := d.Release(ctx, a.Place, kind, a.Backend, m.ID); err != nil && !provider.IsNotFound(err) {
		return Explain(kind, err)
	}
	return nil
}

// takeOver claims what an adopted object has held all along: the place counts it as others' use until now.
func takeOver(ctx context.Context, r *resource.Reconciliation, place string, amounts resource.Charges) error {
	held, err := r.Claimed(ctx)
	if err != nil {
		return err
	}
	for _, pool := range held {
		if pool == hostPool(place) {
			return r.Claim(ctx, pool, amounts)
		}
	}
	usage, err := r.Pool(ctx, hostPool(place))
	if err != nil {
		return err
	}
	capacity := resource.Charges{}
	for metric, n := range amounts {
		capacity[metric] = max(usage[metric].Hard, usage[metric].Committed) + n
	}
	if err := r.SetCapacity(ctx, hostPool(place), capacity); err != nil {
		return fmt.Errorf("take over from others' use: %w", err)
	}
	return r.Claim(ctx, hostPool(place), amounts)
}
