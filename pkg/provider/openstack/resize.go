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
	if s, err = d.leaveStep(ctx, s, want); err != nil {
		return nil, err
	}
	if s.VmState == "resized" { // Nova changes nothing of it until somebody decides
		return s, nil
	}
	if overdue(s, want) {
		if s, err = d.rebuild(ctx, s, want); err != nil {
			return nil, err
		}
	}
	if s.Metadata[metaDigest] != want.HardwareDigest() {
		if err := d.resize(ctx, s, want); err != nil {
			return nil, err
		}
	}
	if err := d.adjustMetadata(ctx, s, want); err != nil {
		return nil, err
	}
	if err := d.adjustCards(ctx, s, want); err != nil {
		return nil, err
	}
	if err := d.adjustVolumes(ctx, s, want); err != nil {
		return nil, err
	}
	if want.Rescue != nil && s.VmState != "rescued" {
		return s, d.rescue(ctx, s, want)
	}
	return s, nil
}

// leaveStep brings a server out of the steps of Nova that nobody wants it in any more: a resize, and rescue.
func (d *Driver) leaveStep(ctx context.Context, s *servers.Server, want provider.Server) (*servers.Server, error) {
	var err error
	switch {
	case s.VmState == "rescued" && want.Rescue == nil:
		err = d.unrescue(ctx, s.ID)
	case s.VmState != "resized", want.Keep && s.Metadata[metaResize] == want.HardwareDigest():
		return s, nil
	case s.Metadata[metaDigest] == want.HardwareDigest() && s.Metadata[metaResize] != want.HardwareDigest():
		err = d.revert(ctx, s.ID)
	default:
		err = d.confirm(ctx, s.ID)
	}
	if err != nil {
		return nil, err
	}
	return d.look(ctx, s.ID)
}

// resize gives a server other hardware; it is stopped for it. One that can be reverted Nova stops and starts itself: until
// that is confirmed it does neither for others. A root disk only grows.
func (d *Driver) resize(ctx context.Context, s *servers.Server, want provider.Server) error {
	gib := number(s.Flavor["disk"])
	if len(want.Disks) > 0 {
		gib = max(gib, want.Disks[0].SizeGiB)
	}
	flavor, err := d.ensureFlavor(ctx, want, gib)
	if err != nil {
		return err
	}
	if s.Flavor["original_name"] != flavor {
		d.log.Info("hardware changed: the server is stopped and resized", "server", want.ID, "flavor", flavor)
		if err := d.note(ctx, s, map[string]string{metaResize: want.HardwareDigest()}); err != nil {
			return err
		}
		if !want.Keep {
			if err := d.ensurePower(ctx, s.ID, provider.PowerStopped); err != nil {
				return err
			}
		}
		err := d.bring(ctx, s.ID, "resize server", func(now *servers.Server) bool { return now.VmState == "resized" },
			func(c *gophercloud.ServiceClient, now *servers.Server) error {
				return servers.Resize(ctx, c, now.ID, servers.ResizeOpts{FlavorRef: flavor}).ExtractErr()
			})
		if err != nil {
			return err
		}
		if want.Keep {
			return nil
		}
		if err := d.confirm(ctx, s.ID); err != nil {
			return err
		}
	}
	return d.note(ctx, s, map[string]string{metaDigest: want.HardwareDigest()})
}

// note writes into the server's metadata.
func (d *Driver) note(ctx context.Context, s *servers.Server, what map[string]string) error {
	c, err := d.compute(ctx, s)
	if err != nil {
		return err
	}
	_, err = servers.UpdateMetadata(ctx, c, s.ID, servers.MetadataOpts(what)).Extract()
	return mapped("note the server's hardware", err)
}

// revert goes back to the hardware and the disks from before a resize.
func (d *Driver) revert(ctx context.Context, backend string) error {
	return d.bring(ctx, backend, "revert the resize", func(now *servers.Server) bool { return now.VmState != "resized" },
		func(c *gophercloud.ServiceClient, now *servers.Server) error {
			return servers.RevertResize(ctx, c, now.ID).ExtractErr()
		})
}

// confirm gives up the disks that Nova keeps for going back.
func (d *Driver) confirm(ctx context.Context, backend string) error {
	return d.bring(ctx, backend, "confirm the resize", func(now *servers.Server) bool { return now.VmState != "resized" },
		func(c *gophercloud.ServiceClient, now *servers.Server) error {
			return servers.ConfirmResize(ctx, c, now.ID).ExtractErr()
		})
}
