package openstack

import (
	"context"
	"maps"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/plazacloud/plaza/pkg/provider"
)

// rescue boots a server from a disk of another image; the password that Nova makes for it is nobody's, the guest has the
// server's own keys.
func (d *Driver) rescue(ctx context.Context, s *servers.Server, want provider.Server) error {
	img, err := d.diskImage(ctx, want.Rescue.Image)
	if err != nil {
		return err
	}
	return d.bring(ctx, s.ID, "rescue server", func(now *servers.Server) bool { return now.VmState == "rescued" },
		func(c *gophercloud.ServiceClient, now *servers.Server) error {
			return servers.Rescue(ctx, c, now.ID, servers.RescueOpts{RescueImageRef: img.ID}).Err
		})
}

func (d *Driver) unrescue(ctx context.Context, backend string) error {
	return d.bring(ctx, backend, "end the rescue", func(now *servers.Server) bool { return now.VmState != "rescued" },
		func(c *gophercloud.ServiceClient, now *servers.Server) error {
			return servers.Unrescue(ctx, c, now.ID).ExtractErr()
		})
}

// overdue tells whether a rebuild is wanted that Nova was not asked for, or that failed.
func overdue(s *servers.Server, want provider.Server) bool {
	if want.Build == "" || s.Metadata[metaDigest] == want.HardwareDigest() {
		return false
	}
	return s.Metadata[metaBuild] != want.Build || s.VmState == "error"
}

// rebuild makes the root disk anew. Nova notes the build with the request, so that a call that was cut off is not made again.
func (d *Driver) rebuild(ctx context.Context, s *servers.Server, want provider.Server) (*servers.Server, error) {
	if len(want.Disks) == 0 || want.Disks[0].Image == "" {
		return nil, provider.Errorf(provider.ReasonUnsupported, "make a new server", "server %s has no root disk of an image that could be made anew", want.ID)
	}
	img, err := d.rootImage(ctx, want.Disks[0])
	if err != nil {
		return nil, err
	}
	meta := maps.Clone(s.Metadata)
	meta[metaBuild], meta[metaImage] = want.Build, want.Disks[0].Image
	asked := false
	err = d.bring(ctx, s.ID, "rebuild server", func(now *servers.Server) bool { return asked && now.VmState != "error" },
		func(c *gophercloud.ServiceClient, now *servers.Server) error {
			_, err := servers.Rebuild(ctx, c, now.ID, servers.RebuildOpts{ImageRef: img.ID, Metadata: meta}).Extract()
			asked = err == nil
			return err
		})
	if err != nil {
		return nil, err
	}
	return d.look(ctx, s.ID)
}
