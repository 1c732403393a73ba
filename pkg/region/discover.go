package region

import (
	"context"

	"github.com/plazacloud/plaza/pkg/provider"
)

var _ provider.Discoverer = (*Fleet)(nil)

// discoverer finds who sees what others made in a place.
func (f *Fleet) discoverer(ctx context.Context, place string) (provider.Discoverer, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return nil, err
	}
	x, ok := d.(provider.Discoverer)
	if !ok {
		return nil, provider.Errorf(provider.ReasonInvalid, "adopt from regions", "what others made in %s is not seen", place)
	}
	return x, nil
}

func (f *Fleet) Discover(ctx context.Context, place string) (provider.Discovery, error) {
	d, err := f.discoverer(ctx, place)
	if err != nil {
		return provider.Discovery{}, err
	}
	return d.Discover(ctx, place)
}

func (f *Fleet) Adopt(ctx context.Context, place, kind, backend, id string) (provider.Found, error) {
	d, err := f.discoverer(ctx, place)
	if err != nil {
		return provider.Found{}, err
	}
	return d.Adopt(ctx, place, kind, backend, id)
}

func (f *Fleet) AdoptTenant(ctx context.Context, place, tenant, project string) error {
	d, err := f.discoverer(ctx, place)
	if err != nil {
		return err
	}
	return d.AdoptTenant(ctx, place, tenant, project)
}

func (f *Fleet) Release(ctx context.Context, place, kind, backend, id string) error {
	d, err := f.discoverer(ctx, place)
	if err != nil {
		return err
	}
	return d.Release(ctx, place, kind, backend, id)
}
