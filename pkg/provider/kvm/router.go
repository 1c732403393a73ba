package kvm

import (
	"context"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/wire"
)

func (d *Driver) EnsureRouter(ctx context.Context, host string, want provider.Router) (provider.RouterState, error) {
	return ask[provider.RouterState](ctx, d, host, "EnsureRouter", wire.WriteLimit, want)
}

func (d *Driver) GetRouter(ctx context.Context, host, id string) (provider.RouterState, error) {
	return ask[provider.RouterState](ctx, d, host, "GetRouter", wire.ReadLimit, wire.ID{ID: id})
}

func (d *Driver) DeleteRouter(ctx context.Context, host, id string) error {
	return do(ctx, d, host, "DeleteRouter", wire.ID{ID: id})
}

func (d *Driver) ListRouters(ctx context.Context, host string) ([]provider.RouterState, error) {
	return ask[[]provider.RouterState](ctx, d, host, "ListRouters", wire.ReadLimit, wire.None{})
}

func routerMethods(host string, d provider.Routers) map[string]bus.Method {
	return map[string]bus.Method{
		"EnsureRouter": wire.Write(wire.WriteLimit, func(ctx context.Context, a provider.Router) (any, error) { return d.EnsureRouter(ctx, host, a) }),
		"GetRouter":    wire.Read(func(ctx context.Context, a wire.ID) (any, error) { return d.GetRouter(ctx, host, a.ID) }),
		"DeleteRouter": wire.Write(wire.WriteLimit, func(ctx context.Context, a wire.ID) (any, error) { return nil, d.DeleteRouter(ctx, host, a.ID) }),
		"ListRouters":  wire.Read(func(ctx context.Context, _ wire.None) (any, error) { return d.ListRouters(ctx, host) }),
	}
}
