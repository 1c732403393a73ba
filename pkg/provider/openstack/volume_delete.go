package openstack

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"

	"github.com/plazacloud/plaza/pkg/provider"
)

// DeleteVolume removes the volume; Conflict while a server has it, or while it has snapshots.
func (d *Driver) DeleteVolume(ctx context.Context, place, id string) error {
	if err := d.checkPlace(place); err != nil {
		return err
	}
	if !isID(id) {
		return nil
	}
	unlock, err := d.locks.Lock(ctx, "volume/"+id)
	if err != nil {
		return err
	}
	defer unlock()
	all, err := d.everyVolumeOf(ctx, id)
	if err != nil {
		return err
	}
	for i := range all {
		if err := d.discardVolume(ctx, &all[i]); err != nil {
			return err
		}
	}
	d.ids.forget("volume", id)
	return nil
}

// discardVolume deletes a volume and waits until it is gone.
func (d *Driver) discardVolume(ctx context.Context, v *volumes.Volume) error {
	c, err := d.cloud.client(ctx, volume, v.TenantID)
	if err != nil {
		return err
	}
	asked := false
	return poll(ctx, "delete volume", func() (bool, error) {
		now, err := d.lookVolume(ctx, v.ID)
		if provider.IsNotFound(err) {
			return true, nil
		}
		left := false
		if err == nil {
			left, err = d.abandoned(ctx, now)
		}
		switch {
		case err != nil:
			return false, err
		case len(now.Attachments) > 0 || now.Status == "in-use":
			return false, provider.Errorf(provider.ReasonConflict, "detach it first", "volume %s is attached to a server", v.Metadata[idKey])
		case now.Status == "error_deleting" && asked:
			return false, failure("delete volume", d.volumeError(ctx, v.ID, v.TenantID))
		case !settled(now) && now.Status != "error_deleting" && !left: // deleting, or still at something else
			return false, nil
		case asked:
			return false, nil
		}
		asked = true
		if err = deleteVolume(ctx, c, v.ID); isCode(err, http.StatusBadRequest) {
			if has, lerr := d.hasSnapshots(ctx, v.ID); has && lerr == nil {
				return false, provider.Errorf(provider.ReasonConflict, "delete its snapshots first", "volume %s has snapshots", v.Metadata[idKey])
			}
		}
		return false, err
	})
}

// abandonedAfter is how long Cinder may take from writing a volume down to giving it to the scheduler.
const abandonedAfter = 2 * time.Minute

// abandoned tells whether a volume was written down by an API of Cinder that ended before it gave it to the scheduler: nobody works
// on it, it has no place, and it is "creating" for ever. Cinder deletes such a one at once.
func (d *Driver) abandoned(ctx context.Context, v *volumes.Volume) (bool, error) {
	if v.Status != "creating" || v.Host != "" || time.Since(v.CreatedAt) < abandonedAfter {
		return false, nil
	}
	c, err := d.cloud.client(ctx, volume, "")
	if err != nil {
		return false, err
	}
	var seen struct {
		Host json.RawMessage `json:"os-vol-host-attr:host"` // not there at all where this user may not see it
	}
	err = volumes.Get(ctx, c, v.ID).ExtractIntoStructPtr(&seen, "volume")
	if isCode(err, http.StatusNotFound) {
		return false, nil
	}
	return string(seen.Host) == "null", mapped("look at volume "+v.ID, err)
}

func deleteVolume(ctx context.Context, c *gophercloud.ServiceClient, backend string) error {
	err := volumes.Delete(ctx, c, backend, volumes.DeleteOpts{}).ExtractErr()
	if isCode(err, http.StatusNotFound) {
		return nil
	}
	return mapped("delete volume", err)
}
