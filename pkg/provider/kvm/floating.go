package kvm

import (
	"context"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/wire"
)

func (d *Driver) EnsureFloatingIP(ctx context.Context, host string, want provider.FloatingIP) (provider.FloatingIPState, error) {
	return ask[provider.FloatingIPState](ctx, d, host, "EnsureFloatingIP", wire.WriteLimit, want)
}

func (d *Driver) GetFloatingIP(ctx context.Context, host, id string) (provider.FloatingIPState, error) {
	return ask[provider.FloatingIPState](ctx, d, host, "GetFloatingIP", wire.ReadLimit, wire.ID{ID: id})
}

func (d *Driver) DeleteFloatingIP(ctx context.Context, host, id string) error {
	return do(ctx, d, host, "DeleteFloatingIP", wire.ID{ID: id})
}

func (d *Driver) ListFloatingIPs(ctx context.Context, host string) ([]provider.FloatingIPState, error) {
	return ask[[]provider.FloatingIPState](ctx, d, host, "ListFloatingIPs", wire.ReadLimit, wire.None{})
}

func floatingMethods(host string, d provider.FloatingIPs) map[string]bus.Method {
	return map[string]bus.Method{
		"EnsureFloatingIP": wire.Write(wire.WriteLimit, func(ctx context.Context, a provider.FloatingIP) (any, error) { return d.EnsureFloatingIP(ctx, host, a) }),
		"GetFloatingIP":    wire.Read(func(ctx context.Context, a wire.ID) (any, error) { return d.GetFloatingIP(ctx, host, a.ID) }),
		"DeleteFloatingIP": wire.Write(wire.WriteLimit, func(ctx context.Context, a wire.ID) (any, error) { return nil, d.DeleteFloatingIP(ctx, host, a.ID) }),
		"ListFloatingIPs":  wire.Read(func(ctx context.Context, _ wire.None) (any, error) { return d.ListFloatingIPs(ctx, host) }),
	}
}
