package openstack

import (
	"context"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/plazacloud/plaza/pkg/provider"
)

// adjust brings a server that is there to the wanted hardware, cards and volumes.
func (d *Driver) adjust(ctx context.Context, s *servers.Server, want provider.Server) (*servers.Server, error) {
	s, err := d.built(ctx, s.ID, want) // an earlier call may have been cut off in the middle
	if err != nil || stoppedByOthers(s, want) {
		return s, err
	}
	if s.VmState == "resized" {
		if err := d.confirm(ctx, s.ID); err != nil {
			return nil, err
		}
	}
	if s.Metadata[metaDigest] != want.HardwareDigest() {
		if err := d.resize(ctx, s, want); err != nil {
			return nil, err
		}
	}
	if err := d.adjustCards(ctx, s, want); err != nil {
		return nil, err
	}
	return s, d.adjustVolumes(ctx, s, want)
}

// resize gives a server other hardware; it is stopped for it. A root disk only grows.
func (d *Driver) resize(ctx context.Context, s *servers.Server, want provider.Server) error {
	gib := number(s.Flavor["disk"])
	if len(want.Disks) > 0 {
		gib = max(gib, want.Disks[0].SizeGiB)
	}
	flavor, err := d.ensureFlavor(ctx, want.VCPUs, want.MemoryMiB, gib, want.Traits)
	if err != nil {
		return err
	}
	if s.Flavor["original_name"] != flavor {
		d.log.Info("hardware changed: the server is stopped and resized", "server", want.ID, "flavor", flavor)
		if err := d.ensurePower(ctx, s.ID, provider.PowerStopped); err != nil {
			return err
		}
		err := d.bring(ctx, s.ID, "resize server", func(now *servers.Server) bool { return now.VmState == "resized" },
			func(c *gophercloud.ServiceClient, now *servers.Server) error {
				return servers.Resize(ctx, c, now.ID, servers.ResizeOpts{FlavorRef: flavor}).ExtractErr()
			})
		if err != nil {
			return err
		}
		if err := d.confirm(ctx, s.ID); err != nil {
			return err
		}
	}
	c, err := d.compute(ctx, s)
	if err != nil {
		return err
	}
	_, err = servers.UpdateMetadata(ctx, c, s.ID, servers.MetadataOpts{metaDigest: want.HardwareDigest()}).Extract()
	return mapped("note the server's hardware", err)
}

// confirm gives up the disks that Nova keeps for going back.
func (d *Driver) confirm(ctx context.Context, backend string) error {
	return d.bring(ctx, backend, "confirm the resize", func(now *servers.Server) bool { return now.VmState != "resized" },
		func(c *gophercloud.ServiceClient, now *servers.Server) error {
			return servers.ConfirmResize(ctx, c, now.ID).ExtractErr()
		})
}
