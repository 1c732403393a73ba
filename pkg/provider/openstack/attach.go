package openstack

import (
	"context"
	"net/http"
	"slices"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/volumeattach"

	"github.com/plazacloud/plaza/pkg/provider"
)

// AttachVolume gives the server a volume, running or not; Conflict when another server has it.
func (d *Driver) AttachVolume(ctx context.Context, place, id string, disk provider.Disk) error {
	if err := checkID(disk.Volume); err != nil {
		return err
	}
	return d.locked(ctx, place, id, func(s *servers.Server) error { return d.attachVolume(ctx, s, disk) })
}

// volumeFor finds a volume that the server by Nova's id has or may take.
func (d *Driver) volumeFor(ctx context.Context, id, server string) (*volumes.Volume, error) {
	v, err := d.findVolume(ctx, id)
	if err != nil {
		return nil, err
	}
	owner, err := d.holderOf(ctx, v, server)
	if err == nil && owner != "" {
		err = volumeTaken(id, owner)
	}
	return v, err
}

// holderOf is the Plaza id of the server that has a volume, other than the one by Nova's id; "" when there is none.
func (d *Driver) holderOf(ctx context.Context, v *volumes.Volume, but string) (string, error) {
	for _, a := range v.Attachments {
		if a.ServerID != but {
			return d.serverIDOf(ctx, a.ServerID)
		}
	}
	return "", nil
}

func volumeTaken(volume, owner string) error {
	return provider.Errorf(provider.ReasonConflict, "detach it there first", "volume %s is attached to server %s", volume, owner)
}

// freeVolume finds a volume for a server, by Plaza's id, that is to be made. One that is reserved, or has that very server, may be
// of a call that was cut off, whose server turns up soon.
func (d *Driver) freeVolume(ctx context.Context, id, server string) (*volumes.Volume, error) {
	v, err := d.findVolume(ctx, id)
	if err != nil {
		return nil, err
	}
	switch owner, err := d.holderOf(ctx, v, ""); {
	case err != nil:
		return nil, err
	case owner != "" && owner != server:
		return nil, volumeTaken(id, owner)
	case owner != "" || v.Status != "available":
		return nil, provider.Errorf(provider.ReasonUnavailable, "try again soon", "volume %s is %s", id, v.Status)
	}
	return v, nil
}

func (d *Driver) attachVolume(ctx context.Context, s *servers.Server, disk provider.Disk) error {
	v, err := d.volumeFor(ctx, disk.Volume, s.ID)
	if err != nil {
		return err
	}
	if v, err = d.untilVolume(ctx, v.ID, "attach volume", func(v *volumes.Volume) bool { return v.Status != "detaching" && v.Status != "extending" }); err != nil {
		return err
	}
	if len(v.Attachments) == 0 {
		c, err := d.compute(ctx, s)
		if err != nil {
			return err
		}
		// Which device a guest sees is the hypervisor's choice; Nova only keeps what is asked for.
		_, err = volumeattach.Create(ctx, c, s.ID, volumeattach.CreateOpts{VolumeID: v.ID}).Extract()
		if isCode(err, http.StatusBadRequest) { // Nova's word for a volume that was taken meanwhile
			if _, taken := d.volumeFor(ctx, disk.Volume, s.ID); taken != nil {
				return taken
			}
		}
		if err != nil {
			return mapped("attach volume "+v.Name, err)
		}
	}
	v, err = d.untilVolume(ctx, v.ID, "attach volume", func(v *volumes.Volume) bool {
		return v.Status == "in-use" || v.Status == "available" && len(v.Attachments) == 0 || v.Status == "error"
	})
	if err == nil && v.Status != "in-use" {
		return failure("attach volume "+v.Name, d.lastError(ctx, s))
	}
	return err
}

// DetachVolume takes a volume from the server; of one that does not have it, or is not there, it is gone already.
func (d *Driver) DetachVolume(ctx context.Context, place, id, vol string) error {
	return absentIsFine(d.locked(ctx, place, id, func(s *servers.Server) error {
		v, err := d.findVolume(ctx, vol)
		if err != nil {
			return err
		}
		return d.detachVolume(ctx, s, v.ID)
	}))
}

func (d *Driver) detachVolume(ctx context.Context, s *servers.Server, backend string) error {
	c, err := d.compute(ctx, s)
	if err != nil {
		return err
	}
	has := func(v *volumes.Volume) bool {
		return slices.ContainsFunc(v.Attachments, func(a volumes.Attachment) bool { return a.ServerID == s.ID })
	}
	asked := false
	return poll(ctx, "detach volume", func() (bool, error) {
		v, err := d.lookVolume(ctx, backend)
		switch {
		case err != nil:
			return false, err
		case !has(v) && v.Status != "detaching":
			return true, nil
		case v.Status == "detaching" || v.Status == "attaching":
			return false, nil
		case asked: // a guest may ignore the request; then Nova gives up and the volume is in use again
			return false, failure("detach volume "+v.Name, d.lastError(ctx, s))
		}
		err = volumeattach.Delete(ctx, c, s.ID, backend).ExtractErr()
		if isCode(err, http.StatusNotFound) {
			return false, nil
		}
		asked = err == nil
		return false, mapped("detach volume "+v.Name, err)
	})
}

// adjustVolumes attaches the wanted volumes and detaches the others of Plaza.
func (d *Driver) adjustVolumes(ctx context.Context, s *servers.Server, want provider.Server) error {
	wanted := map[string]bool{}
	for _, disk := range want.Disks {
		if disk.Volume == "" {
			continue
		}
		wanted[disk.Volume] = true
		if err := d.attachVolume(ctx, s, disk); err != nil {
			return err
		}
	}
	for _, x := range s.AttachedVolumes {
		v, err := d.lookVolume(ctx, x.ID)
		if provider.IsNotFound(err) {
			continue
		}
		if err != nil {
			return err
		}
		if id := plazaVolume(*v); id != "" && !wanted[id] {
			if err := d.detachVolume(ctx, s, x.ID); err != nil {
				return err
			}
		}
	}
	return nil
}
