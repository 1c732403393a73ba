package openstack

import (
	"context"
	"net/http"
	"regexp"
	"slices"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/plazacloud/plaza/pkg/provider"
)

var snapshotName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

// SnapshotServer keeps the root disk as an image of the server's project, with the power state of the moment. Volumes are
// not part of it, and memory is not, either.
func (d *Driver) SnapshotServer(ctx context.Context, place, id, snapshot string) error {
	if !snapshotName.MatchString(snapshot) {
		return provider.Errorf(provider.ReasonInvalid, "letters, digits, dots, hyphens", "snapshot name %q", snapshot)
	}
	return d.locked(ctx, place, id, func(s *servers.Server) error {
		if s.Image == nil {
			return provider.Errorf(provider.ReasonConflict, "snapshot the volume by itself", "the root disk of server %s is a volume", id)
		}
		c, err := d.cloud.client(ctx, image, "")
		if err != nil {
			return err
		}
		x, err := snapshotOf(ctx, c, id, snapshot)
		if err != nil {
			return err
		}
		if x == nil {
			if x, err = d.takeSnapshot(ctx, c, s, id, snapshot); err != nil {
				return err
			}
		}
		return untilImage(ctx, c, x.ID)
	})
}

func (d *Driver) takeSnapshot(ctx context.Context, c *gophercloud.ServiceClient, s *servers.Server, id, snapshot string) (*images.Image, error) {
	power, _ := powerOf(*s)
	asked := false
	err := d.bring(ctx, s.ID, "snapshot server", func(*servers.Server) bool { return asked },
		func(nova *gophercloud.ServiceClient, now *servers.Server) error {
			_, err := servers.CreateImage(ctx, nova, now.ID, servers.CreateImageOpts{Name: "plaza-" + id + "-" + snapshot, Metadata: map[string]string{
				propID: id, propPart: partSnapshot, propSnapshot: snapshot, propPower: string(power),
			}}).ExtractImageID()
			asked = err == nil
			return err
		})
	if err != nil {
		return nil, err
	}
	x, err := snapshotOf(ctx, c, id, snapshot)
	if err == nil && x == nil {
		err = failure("snapshot server", d.lastError(ctx, s)) // Nova removes the image of one that failed
	}
	return x, err
}

// untilImage waits until all of an image is there.
func untilImage(ctx context.Context, c *gophercloud.ServiceClient, id string) error {
	return poll(ctx, "store snapshot", func() (bool, error) {
		x, err := images.Get(ctx, c, id).Extract()
		if err != nil {
			return false, mapped("look at snapshot", err)
		}
		if x.Status == images.ImageStatusKilled || x.Status == images.ImageStatusDeleted {
			return false, failure("store snapshot", "the image service gave up")
		}
		return x.Status == images.ImageStatusActive, nil
	})
}

// snapshots are all images of a server's snapshots, leftovers too.
func snapshots(ctx context.Context, c *gophercloud.ServiceClient, id string) ([]images.Image, error) {
	all, err := listImages(ctx, c, having{propID, id})
	return slices.DeleteFunc(all, func(x images.Image) bool {
		return property(x, propID) != id || property(x, propPart) != partSnapshot && property(x, propPart) != partLeftover
	}), err
}

// snapshotOf finds a snapshot by name; nil when there is none.
func snapshotOf(ctx context.Context, c *gophercloud.ServiceClient, id, snapshot string) (*images.Image, error) {
	all, err := snapshots(ctx, c, id)
	if err != nil {
		return nil, err
	}
	for i, x := range all {
		if property(x, propPart) == partSnapshot && property(x, propSnapshot) == snapshot {
			return &all[i], nil
		}
	}
	return nil, nil
}

// snapshotsOf are the names of the snapshots that a list of images has, by server.
func (d *Driver) snapshotsOf(ctx context.Context, which having) (map[string][]string, error) {
	c, err := d.cloud.client(ctx, image, "")
	if err != nil {
		return nil, err
	}
	all, err := listImages(ctx, c, which)
	if err != nil {
		return nil, err
	}
	of := map[string][]string{}
	for _, x := range all {
		if property(x, propPart) == partSnapshot && x.Status == images.ImageStatusActive {
			of[property(x, propID)] = append(of[property(x, propID)], property(x, propSnapshot))
		}
	}
	for _, names := range of {
		slices.Sort(names)
	}
	return of, nil
}

// RevertServer builds the root disk anew from the snapshot and brings the power state of that moment back.
func (d *Driver) RevertServer(ctx context.Context, place, id, snapshot string) error {
	return d.locked(ctx, place, id, func(s *servers.Server) error {
		c, err := d.cloud.client(ctx, image, "")
		if err != nil {
			return err
		}
		x, err := snapshotOf(ctx, c, id, snapshot)
		if err != nil {
			return err
		}
		if x == nil {
			return provider.Errorf(provider.ReasonNotFound, "", "server %s has no snapshot %s", id, snapshot)
		}
		power := provider.PowerState(property(*x, propPower))
		if power != provider.PowerRunning { // a paused guest's memory is not in the snapshot
			power = provider.PowerStopped
		}
		if power, _ := powerOf(*s); power == provider.PowerPaused || power == provider.PowerSuspended || power == provider.PowerShelved { // Nova rebuilds what runs or is stopped
			if err := d.ensurePower(ctx, s.ID, provider.PowerStopped); err != nil {
				return err
			}
		}
		asked := false
		err = d.bring(ctx, s.ID, "revert server", func(now *servers.Server) bool { return asked && now.Status != "REBUILD" },
			func(nova *gophercloud.ServiceClient, now *servers.Server) error {
				_, err := servers.Rebuild(ctx, nova, now.ID, servers.RebuildOpts{ImageRef: x.ID}).Extract()
				asked = err == nil
				return err
			})
		if err != nil {
			return err
		}
		return d.ensurePower(ctx, s.ID, power)
	})
}

// DeleteServerSnapshot removes a snapshot; an absent one, or one of an absent server, is fine. One that the server's disk
// still leans on disappears for Plaza, and for good with the server.
func (d *Driver) DeleteServerSnapshot(ctx context.Context, place, id, snapshot string) error {
	if err := d.checkPlace(place); err != nil {
		return err
	}
	if !isID(id) {
		return nil
	}
	unlock, err := d.locks.Lock(ctx, "server/"+id)
	if err != nil {
		return err
	}
	defer unlock()
	c, err := d.cloud.client(ctx, image, "")
	if err != nil {
		return err
	}
	x, err := snapshotOf(ctx, c, id, snapshot)
	if err != nil || x == nil {
		return err
	}
	leans, err := d.leansOn(ctx, id, x.ID)
	if err != nil {
		return err
	}
	if !leans {
		err = images.Delete(ctx, c, x.ID).ExtractErr()
	}
	if leans || isCode(err, http.StatusConflict) {
		_, err = images.Update(ctx, c, x.ID, images.UpdateOpts{images.UpdateImageProperty{Op: images.ReplaceOp, Name: propPart, Value: partLeftover}}).Extract()
	}
	return absentIsFine(mapped("delete snapshot", err))
}

// leansOn tells whether the root disk of a server was made from an image: on RBD it is a clone of it then, and Glance fails
// without a word when it may not look into the pool of the clones.
func (d *Driver) leansOn(ctx context.Context, id, image string) (bool, error) {
	s, err := d.findServer(ctx, id)
	if provider.IsNotFound(err) {
		return false, nil
	}
	return err == nil && s.Image["id"] == image, err
}

// deleteSnapshots removes all snapshots of a server that is gone.
func (d *Driver) deleteSnapshots(ctx context.Context, id string) error {
	c, err := d.cloud.client(ctx, image, "")
	if err != nil {
		return err
	}
	all, err := snapshots(ctx, c, id)
	if err != nil {
		return err
	}
	for _, x := range all {
		if err := deleteImage(ctx, c, x.ID); err != nil {
			return err
		}
	}
	return nil
}
