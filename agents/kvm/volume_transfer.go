package kvm

import (
	"context"

	"github.com/plazacloud/plaza/pkg/provider"
)

// TransferableVolume refuses what a server has, or what has snapshots.
func (d *Driver) TransferableVolume(ctx context.Context, host, id string) error {
	v, err := d.GetVolume(ctx, host, id)
	if err != nil {
		return err
	}
	if v.AttachedTo != "" {
		return provider.Errorf(provider.ReasonConflict, "detach it first", "volume %s is attached to server %s", id, v.AttachedTo)
	}
	kept, err := d.pool.ListSnapshots()
	for _, x := range kept {
		if x.Volume == id {
			return provider.Errorf(provider.ReasonConflict, "delete its snapshots first", "volume %s has snapshots", id)
		}
	}
	return err
}

// TransferVolume changes nothing: on a host nothing tells projects apart.
func (d *Driver) TransferVolume(ctx context.Context, host, id, _ string) error {
	_, err := d.GetVolume(ctx, host, id)
	return err
}
