package region

import (
	"context"

	"github.com/plazacloud/plaza/pkg/provider"
)

func (f *Fleet) DeleteServerGroup(ctx context.Context, place, id string) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.DeleteServerGroup(ctx, place, id)
}

func (f *Fleet) EnsureFloatingIP(ctx context.Context, place string, want provider.FloatingIP) (provider.FloatingIPState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.FloatingIPState{}, err
	}
	return d.EnsureFloatingIP(ctx, place, want)
}

func (f *Fleet) GetFloatingIP(ctx context.Context, place, id string) (provider.FloatingIPState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.FloatingIPState{}, err
	}
	return d.GetFloatingIP(ctx, place, id)
}

func (f *Fleet) DeleteFloatingIP(ctx context.Context, place, id string) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.DeleteFloatingIP(ctx, place, id)
}

func (f *Fleet) ListFloatingIPs(ctx context.Context, place string) ([]provider.FloatingIPState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return nil, err
	}
	return d.ListFloatingIPs(ctx, place)
}
