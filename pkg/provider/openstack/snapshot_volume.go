package openstack

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	kept "github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/snapshots"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"

	"github.com/plazacloud/plaza/pkg/provider"
)

// metaVolume is the Plaza id of the volume that a snapshot is of.
const metaVolume = "plaza-volume"

// EnsureSnapshot takes a snapshot of the volume in the volume's project, also while a server has it.
func (d *Driver) EnsureSnapshot(ctx context.Context, place string, want provider.Snapshot) (provider.SnapshotState, error) {
	var none provider.SnapshotState
	if err := d.checkPlace(place); err != nil {
		return none, err
	}
	if err := checkID(want.ID); err != nil {
		return none, err
	}
	unlock, err := d.locks.Lock(ctx, "snapshot/"+want.ID)
	if err != nil {
		return none, err
	}
	defer unlock()
	x, err := d.soleSnapshot(ctx, want.ID)
	if err == nil && x == nil {
		x, err = d.takeVolumeSnapshot(ctx, want)
	}
	if err != nil {
		return none, err
	}
	if of := x.Metadata[metaVolume]; of != want.Volume {
		return none, provider.Errorf(provider.ReasonConflict, "take a new snapshot", "snapshot %s is of volume %s", want.ID, of)
	}
	if x, err = d.untilSnapshot(ctx, x.ID); err != nil {
		return none, err
	}
	if x.Status != "available" {
		reason := d.volumeError(ctx, x.ID, x.ProjectID)
		if err := d.discardSnapshot(ctx, x); err != nil {
			d.log.Warn("a failed snapshot stays until it is tried again", "snapshot", want.ID, "error", err)
		}
		return none, failure("take snapshot "+want.Name, reason)
	}
	return d.snapshotState(*x), nil
}

func (d *Driver) takeVolumeSnapshot(ctx context.Context, want provider.Snapshot) (*kept.Snapshot, error) {
	v, err := d.findVolume(ctx, want.Volume)
	if err != nil {
		return nil, err
	}
	if v, err = d.untilVolume(ctx, v.ID, "take snapshot "+want.Name, settled); err != nil {
		return nil, err
	}
	c, err := d.cloud.client(ctx, volume, v.TenantID)
	if err != nil {
		return nil, err
	}
	x, err := kept.Create(ctx, c, kept.CreateOpts{VolumeID: v.ID, Name: want.Name, Force: len(v.Attachments) > 0,
		Metadata: map[string]string{idKey: want.ID, metaVolume: want.Volume}}).Extract()
	if err != nil {
		return nil, mapped("take snapshot "+want.Name, err)
	}
	return x, nil
}

// soleSnapshot finds the snapshot, and removes failed ones and all but the oldest, which a maker left that was cut off;
// nil when there is none.
func (d *Driver) soleSnapshot(ctx context.Context, id string) (*kept.Snapshot, error) {
	all, err := d.snapshotsWith(ctx, id)
	if err != nil {
		return nil, err
	}
	var sole *kept.Snapshot
	for i := range all {
		if sole == nil && (all[i].Status == "available" || all[i].Status == "creating") {
			sole = &all[i]
			continue
		}
		if err := d.discardSnapshot(ctx, &all[i]); err != nil {
			return nil, err
		}
	}
	return sole, nil
}

// snapshotQuery asks for the snapshots of all projects that have all that is not empty.
type snapshotQuery struct {
	id     string // Plaza's
	volume string // Cinder's id
	limit  string
}

func (q snapshotQuery) ToSnapshotListQuery() (string, error) {
	v := url.Values{"all_tenants": {"1"}}
	if q.id != "" {
		v.Set("metadata", "{'"+idKey+"':'"+q.id+"'}")
	}
	if q.volume != "" {
		v.Set("volume_id", q.volume)
	}
	if q.limit != "" {
		v.Set("limit", q.limit)
	}
	return "?" + v.Encode(), nil
}

func (d *Driver) listSnapshots(ctx context.Context, q kept.ListOptsBuilder) ([]kept.Snapshot, error) {
	c, err := d.cloud.client(ctx, volume, "")
	if err != nil {
		return nil, err
	}
	pages, err := kept.ListDetail(c, q).AllPages(ctx)
	if err != nil {
		return nil, mapped("list snapshots", err)
	}
	all, err := kept.ExtractSnapshots(pages)
	return all, mapped("list snapshots", err)
}

// snapshotsWith are the snapshots with a Plaza id, the oldest first. Releases that do not know the filter tell all.
func (d *Driver) snapshotsWith(ctx context.Context, id string) ([]kept.Snapshot, error) {
	if !isID(id) {
		return nil, nil
	}
	all, err := d.listSnapshots(ctx, snapshotQuery{id: id})
	slices.SortFunc(all, func(a, b kept.Snapshot) int {
		if n := a.CreatedAt.Compare(b.CreatedAt); n != 0 {
			return n
		}
		return strings.Compare(a.ID, b.ID)
	})
	return slices.DeleteFunc(all, func(x kept.Snapshot) bool { return x.Metadata[idKey] != id }), err
}

// untilSnapshot waits until Cinder is not working on the snapshot any more.
func (d *Driver) untilSnapshot(ctx context.Context, backend string) (*kept.Snapshot, error) {
	c, err := d.cloud.client(ctx, volume, "")
	if err != nil {
		return nil, err
	}
	var x *kept.Snapshot
	err = poll(ctx, "take snapshot", func() (bool, error) {
		var err error
		x, err = kept.Get(ctx, c, backend).Extract()
		if err != nil {
			return false, mapped("look at snapshot", err)
		}
		return x.Status == "available" || strings.HasPrefix(x.Status, "error"), nil
	})
	return x, err
}

// findSnapshot finds a finished snapshot by Plaza id; NotFound.
func (d *Driver) findSnapshot(ctx context.Context, id string) (*kept.Snapshot, error) {
	all, err := d.snapshotsWith(ctx, id)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Status == "available" {
			return &all[i], nil
		}
	}
	return nil, provider.Errorf(provider.ReasonNotFound, "", "snapshot %s is not in the region", id)
}

// GetSnapshot reports what the region has.
func (d *Driver) GetSnapshot(ctx context.Context, place, id string) (provider.SnapshotState, error) {
	if err := d.checkPlace(place); err != nil {
		return provider.SnapshotState{}, err
	}
	x, err := d.findSnapshot(ctx, id)
	if err != nil {
		return provider.SnapshotState{}, err
	}
	return d.snapshotState(*x), nil
}

// ListSnapshots reports every snapshot of Plaza in the region.
func (d *Driver) ListSnapshots(ctx context.Context, place string) ([]provider.SnapshotState, error) {
	if err := d.checkPlace(place); err != nil {
		return nil, err
	}
	all, err := d.listSnapshots(ctx, snapshotQuery{})
	if err != nil {
		return nil, err
	}
	var states []provider.SnapshotState
	seen := map[string]bool{}
	for _, x := range all {
		if id := x.Metadata[idKey]; isID(id) && !seen[id] && x.Status == "available" {
			seen[id] = true
			states = append(states, d.snapshotState(x))
		}
	}
	return states, nil
}

func (d *Driver) snapshotState(x kept.Snapshot) provider.SnapshotState {
	return provider.SnapshotState{ID: x.Metadata[idKey], Host: d.set.Place, Volume: x.Metadata[metaVolume], SizeGiB: x.Size, CreatedAt: x.CreatedAt.UTC()}
}

// DeleteSnapshot removes the snapshot. Volumes that were made from it stay.
func (d *Driver) DeleteSnapshot(ctx context.Context, place, id string) error {
	if err := d.checkPlace(place); err != nil {
		return err
	}
	if !isID(id) {
		return nil
	}
	unlock, err := d.locks.Lock(ctx, "snapshot/"+id)
	if err != nil {
		return err
	}
	defer unlock()
	all, err := d.snapshotsWith(ctx, id)
	if err != nil {
		return err
	}
	for i := range all {
		if err := d.discardSnapshot(ctx, &all[i]); err != nil {
			return err
		}
	}
	return nil
}

// discardSnapshot deletes a snapshot and waits until it is gone.
func (d *Driver) discardSnapshot(ctx context.Context, x *kept.Snapshot) error {
	c, err := d.cloud.client(ctx, volume, x.ProjectID)
	if err != nil {
		return err
	}
	asked := false
	return poll(ctx, "delete snapshot", func() (bool, error) {
		now, err := kept.Get(ctx, c, x.ID).Extract()
		switch {
		case isCode(err, http.StatusNotFound):
			return true, nil
		case err != nil:
			return false, mapped("look at snapshot", err)
		case asked && now.Status != "deleting": // Cinder tried, and took it back
			return false, d.snapshotHeld(ctx, now)
		case asked, now.Status == "deleting", now.Status == "creating":
			return false, nil
		}
		asked = true
		return false, absentIsFine(mapped("delete snapshot", kept.Delete(ctx, c, x.ID).ExtractErr()))
	})
}

// snapshotHeld says why a snapshot was not deleted.
func (d *Driver) snapshotHeld(ctx context.Context, x *kept.Snapshot) error {
	of, err := d.listVolumes(ctx, volumes.ListOpts{AllTenants: true})
	if err != nil {
		return err
	}
	for _, v := range of {
		if v.SnapshotID == x.ID {
			return provider.Errorf(provider.ReasonConflict, "delete that volume first: the region's storage keeps both as one", "volume %s leans on snapshot %s", v.Name, x.Name)
		}
	}
	return failure("delete snapshot "+x.Name, d.volumeError(ctx, x.ID, x.ProjectID))
}

// hasSnapshots tells whether anyone has taken snapshots of a volume of Cinder.
func (d *Driver) hasSnapshots(ctx context.Context, backend string) (bool, error) {
	all, err := d.listSnapshots(ctx, snapshotQuery{volume: backend})
	return len(all) > 0, err
}

// snapshots are those of Plaza alone: what others keep of their own volumes is no surprise, and can not be adopted.
func (g survey) snapshots(ctx context.Context) ([]provider.Found, error) {
	all, err := g.d.listSnapshots(ctx, snapshotQuery{limit: "500"})
	if err != nil {
		return nil, err
	}
	var out []provider.Found
	for _, x := range all {
		if id := x.Metadata[idKey]; isID(id) && x.Status == "available" {
			out = append(out, g.found("snapshot", x.ID, x.Name, id, x.ProjectID, x.CreatedAt, provider.Facts{State: x.Status, SizeGiB: x.Size}))
		}
	}
	return out, nil
}
