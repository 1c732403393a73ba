package kvm

import (
	"context"

	"github.com/plazacloud/plaza/pkg/provider"
)

// EnsureFloatingIP holds the wanted address of this host's outside.
func (d *Driver) EnsureFloatingIP(_ context.Context, host string, want provider.FloatingIP) (provider.FloatingIPState, error) {
	if err := d.checkHost(host); err != nil {
		return provider.FloatingIPState{}, err
	}
	return d.nets.Hold(want)
}

// GetFloatingIP reports a held address.
func (d *Driver) GetFloatingIP(_ context.Context, host, id string) (provider.FloatingIPState, error) {
	if err := d.checkHost(host); err != nil {
		return provider.FloatingIPState{}, err
	}
	return d.nets.Held(id)
}

// DeleteFloatingIP gives an address back.
func (d *Driver) DeleteFloatingIP(_ context.Context, host, id string) error {
	if err := d.checkHost(host); err != nil {
		return err
	}
	return d.nets.Release(id)
}

// ListFloatingIPs reports every held address.
func (d *Driver) ListFloatingIPs(_ context.Context, host string) ([]provider.FloatingIPState, error) {
	if err := d.checkHost(host); err != nil {
		return nil, err
	}
	return d.nets.AllHeld()
}
