package kvm

import (
	"context"

	"github.com/plazacloud/plaza/pkg/provider/wire"
)

// TransferableVolume asks the host.
func (d *Driver) TransferableVolume(ctx context.Context, host, id string) error {
	return do(ctx, d, host, "TransferableVolume", wire.ID{ID: id})
}

// TransferVolume asks the host.
func (d *Driver) TransferVolume(ctx context.Context, host, id, project string) error {
	return do(ctx, d, host, "TransferVolume", transferArgs{ID: id, Project: project})
}
