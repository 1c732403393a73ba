package kvm

import (
	"context"

	"github.com/plazacloud/plaza/pkg/provider"
)

// EnsureRouter joins networks of this host.
func (d *Driver) EnsureRouter(ctx context.Context, host string, want provider.Router) (provider.RouterState, error) {
	if err := d.checkHost(host); err != nil {
		return provider.RouterState{}, err
	}
	return d.nets.Join(ctx, want)
}

// GetRouter reports a router.
func (d *Driver) GetRouter(_ context.Context, host, id string) (provider.RouterState, error) {
	if err := d.checkHost(host); err != nil {
		return provider.RouterState{}, err
	}
	return d.nets.Joined(id)
}

// DeleteRouter parts the networks that it joins.
func (d *Driver) DeleteRouter(ctx context.Context, host, id string) error {
	if err := d.checkHost(host); err != nil {
		return err
	}
	return d.nets.Part(ctx, id)
}

// ListRouters reports every router.
func (d *Driver) ListRouters(_ context.Context, host string) ([]provider.RouterState, error) {
	if err := d.checkHost(host); err != nil {
		return nil, err
	}
	return d.nets.AllJoined()
}
