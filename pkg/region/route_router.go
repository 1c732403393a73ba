package region

import (
	"context"

	"github.com/plazacloud/plaza/pkg/provider"
)

func (f *Fleet) EnsureRouter(ctx context.Context, place string, want provider.Router) (provider.RouterState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.RouterState{}, err
	}
	return d.EnsureRouter(ctx, place, want)
}

func (f *Fleet) GetRouter(ctx context.Context, place, id string) (provider.RouterState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return provider.RouterState{}, err
	}
	return d.GetRouter(ctx, place, id)
}

func (f *Fleet) DeleteRouter(ctx context.Context, place, id string) error {
	d, err := f.driver(ctx, place)
	if err != nil {
		return err
	}
	return d.DeleteRouter(ctx, place, id)
}

func (f *Fleet) ListRouters(ctx context.Context, place string) ([]provider.RouterState, error) {
	d, err := f.driver(ctx, place)
	if err != nil {
		return nil, err
	}
	return d.ListRouters(ctx, place)
}
