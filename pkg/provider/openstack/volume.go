package openstack

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"

	"github.com/plazacloud/plaza/pkg/provider"
)

// EnsureVolume makes the volume in its project, or grows it, attached or not; it never shrinks.
func (d *Driver) EnsureVolume(ctx context.Context, place string, want provider.Volume) (provider.VolumeState, error) {
	var st provider.VolumeState
	if err := d.checkPlace(place); err != nil {
		return st, err
	}
	if err := checkID(want.ID); err != nil {
		return st, err
	}
	if want.Origins() > 1 {
		return st, provider.Errorf(provider.ReasonInvalid, "name one of them", "a volume begins with an image, a snapshot, a backup or a volume")
	}
	if want.SizeGiB < 1 {
		return st, provider.Errorf(provider.ReasonInvalid, "at least 1 GiB", "volume %s of %d GiB", want.ID, want.SizeGiB)
	}
	unlock, err := d.locks.Lock(ctx, "volume/"+want.ID)
	if err != nil {
		return st, err
	}
	defer unlock()
	kind, err := d.ensureType(ctx, want) // of one that is there, too: the tier's bounds may be others by now
	if err != nil {
		return st, err
	}
	v, err := d.soleVolume(ctx, want.ID, want.Backup != "")
	if err == nil && v == nil {
		v, err = d.createVolume(ctx, want, kind)
	}
	if err != nil {
		return st, err
	}
	if v, err = d.untilVolume(ctx, v.ID, "make volume", settled); err != nil {
		return st, err
	}
	if v.Name == restoreName(want.ID) {
		v, err = d.restore(ctx, v, want)
	} else if v.Metadata[metaSole] == "" {
		v, err = d.settle(ctx, want.ID)
	}
	if err != nil {
		return st, err
	}
	if v.Size < want.SizeGiB {
		if v, err = d.extend(ctx, v, want.SizeGiB); err != nil {
			return st, err
		}
	}
	return d.volumeState(ctx, *v)
}

// metaSole marks a volume as the one that was handed out, so that a twin which turns up late is never taken for it.
const metaSole = "plaza-sole"

// settle chooses among the volumes that a maker left which was cut off, and marks the one that stays.
func (d *Driver) settle(ctx context.Context, id string) (*volumes.Volume, error) {
	v, err := d.soleVolume(ctx, id, false)
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, provider.Errorf(provider.ReasonConflict, "", "volume %s was deleted while it was made", id)
	}
	meta := maps.Clone(v.Metadata)
	meta[metaSole] = "yes"
	return d.relabel(ctx, v, volumes.UpdateOpts{Metadata: meta})
}

// createVolume makes the volume of a type by its id, of the default one when that is empty.
func (d *Driver) createVolume(ctx context.Context, want provider.Volume, kind string) (*volumes.Volume, error) {
	project, err := d.tenant(ctx, want.Project)
	if err != nil {
		return nil, err
	}
	opts := volumes.CreateOpts{Name: want.Name, Size: want.SizeGiB, VolumeType: kind, Metadata: map[string]string{idKey: want.ID}}
	if want.Image != "" {
		img, err := d.diskImage(ctx, want.Image)
		if err != nil {
			return nil, err
		}
		opts.ImageID = img.ID
	}
	if want.Snapshot != "" {
		x, err := d.findSnapshot(ctx, want.Snapshot)
		if err != nil {
			return nil, err
		}
		opts.SnapshotID = x.ID
	}
	if want.Source != "" {
		x, err := d.findVolume(ctx, want.Source)
		if err != nil {
			return nil, err
		}
		opts.SourceVolID = x.ID
	}
	if want.Backup != "" {
		if err := d.planRestore(ctx, want, &opts); err != nil {
			return nil, err
		}
	}
	c, err := d.cloud.client(ctx, volume, project)
	if err != nil {
		return nil, err
	}
	v, err := volumes.Create(ctx, c, opts, nil).Extract()
	if err != nil {
		return nil, mapped("make volume "+want.Name, err)
	}
	d.ids.put("volume", v.ID, want.ID)
	v, err = d.untilVolume(ctx, v.ID, "make volume "+want.Name, settled)
	if err == nil && v.Status == "error" {
		reason := d.volumeError(ctx, v.ID, project)
		if derr := d.discardVolume(ctx, v); derr != nil {
			d.log.Warn("a failed volume stays until it is tried again", "volume", want.ID, "error", derr)
		}
		return nil, failure("make volume "+want.Name, reason)
	}
	return v, err
}

// settled tells whether Cinder is not working on the volume.
func settled(v *volumes.Volume) bool {
	return v.Status == "available" || v.Status == "in-use" || strings.HasPrefix(v.Status, "error")
}

// extend grows a volume; one in use grows under its server, where the storage can do that. Conflict where it can not.
func (d *Driver) extend(ctx context.Context, v *volumes.Volume, gib int) (*volumes.Volume, error) {
	what := "grow volume " + v.Name
	if err := d.heal(ctx, v); err != nil {
		return nil, err
	}
	c, err := d.cloud.client(ctx, volume, v.TenantID)
	if err != nil {
		return nil, err
	}
	if err := volumes.ExtendSize(ctx, c, v.ID, volumes.ExtendSizeOpts{NewSize: gib}).ExtractErr(); err != nil {
		return nil, mapped(what, err)
	}
	now, err := d.untilVolume(ctx, v.ID, what, settled)
	if err != nil || now.Size >= gib {
		return now, err
	}
	reason := d.volumeError(ctx, v.ID, v.TenantID)
	if err := d.heal(ctx, now); err != nil {
		return nil, err
	}
	if len(now.Attachments) > 0 {
		return nil, provider.Errorf(provider.ReasonConflict, "detach it and grow it then: some storage grows only what no server has", "%s while it is attached: %s", what, reason)
	}
	return nil, failure(what, reason)
}

// heal takes a volume out of the state that a failed growth leaves it in; its data are as they were.
func (d *Driver) heal(ctx context.Context, v *volumes.Volume) error {
	if v.Status != "error_extending" {
		return nil
	}
	c, err := d.cloud.client(ctx, volume, "")
	if err != nil {
		return err
	}
	was := "available"
	if len(v.Attachments) > 0 {
		was = "in-use"
	}
	return mapped("heal volume "+v.Name, volumes.ResetStatus(ctx, c, v.ID, volumes.ResetStatusOpts{Status: was}).ExtractErr())
}

// volumesOf are the volumes with the Plaza id: the one that was handed out, then the oldest.
func (d *Driver) volumesOf(ctx context.Context, id string) ([]volumes.Volume, error) {
	all, err := d.listVolumes(ctx, volumes.ListOpts{AllTenants: true, Metadata: map[string]string{idKey: id}})
	return ranked(all, id), err
}

// ranked are those of the volumes that have the Plaza id, in the order of volumesOf.
func ranked(all []volumes.Volume, id string) []volumes.Volume {
	slices.SortFunc(all, func(a, b volumes.Volume) int {
		return cmp.Or(later(a.Metadata[metaSole] == "", b.Metadata[metaSole] == ""), later(len(a.Attachments) == 0, len(b.Attachments) == 0),
			a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return slices.DeleteFunc(all, func(v volumes.Volume) bool { return plazaVolume(v) != id })
}

func (d *Driver) listVolumes(ctx context.Context, opts volumes.ListOpts) ([]volumes.Volume, error) {
	c, err := d.cloud.client(ctx, volume, "")
	if err != nil {
		return nil, err
	}
	pages, err := volumes.List(c, opts).AllPages(ctx)
	if err != nil {
		return nil, mapped("list volumes", err)
	}
	all, err := volumes.ExtractVolumes(pages)
	return all, mapped("list volumes", err)
}

func (d *Driver) volumesByID(ctx context.Context) (map[string]volumes.Volume, error) {
	all, err := d.listVolumes(ctx, volumes.ListOpts{AllTenants: true})
	if err != nil {
		return nil, err
	}
	by := make(map[string]volumes.Volume, len(all))
	for _, v := range all {
		by[v.ID] = v
	}
	return by, nil
}

// soleVolume finds the volume, and removes failed makes and all but the first; nil when there is none. One that is made
// from a backup is looked for by its name, too.
func (d *Driver) soleVolume(ctx context.Context, id string, restored bool) (*volumes.Volume, error) {
	look := d.volumesOf
	if restored {
		look = d.everyVolumeOf
	}
	all, err := look(ctx, id)
	if err != nil {
		return nil, err
	}
	var sole *volumes.Volume
	for i := range all {
		v := &all[i]
		left := false
		if v.Metadata[metaSole] == "" { // one that was handed out may hold data
			if left, err = d.abandoned(ctx, v); err != nil {
				return nil, err
			}
		}
		if sole == nil && v.Status != "error" && v.Status != "deleting" && !left {
			sole = v
			continue
		}
		if err := d.discardVolume(ctx, v); err != nil {
			return nil, err
		}
	}
	if sole != nil {
		d.ids.put("volume", sole.ID, id)
	}
	return sole, nil
}

// findVolume finds a volume by Plaza id; NotFound.
func (d *Driver) findVolume(ctx context.Context, id string) (*volumes.Volume, error) {
	none := provider.Errorf(provider.ReasonNotFound, "", "volume %s is not in the region", id)
	if !isID(id) {
		return nil, none
	}
	if known := d.ids.backendOf("volume", id); known != "" {
		v, err := d.lookVolume(ctx, known)
		if !provider.IsNotFound(err) {
			return v, err
		}
		d.ids.forget("volume", id)
	}
	all, err := d.volumesOf(ctx, id)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(v volumes.Volume) bool { return v.Status == "deleting" })
	if len(all) == 0 {
		return nil, none
	}
	d.ids.put("volume", all[0].ID, id)
	return &all[0], nil
}

// lookVolume reads a volume by Cinder's id; NotFound.
func (d *Driver) lookVolume(ctx context.Context, backend string) (*volumes.Volume, error) {
	c, err := d.cloud.client(ctx, volume, "")
	if err != nil {
		return nil, err
	}
	v, err := volumes.Get(ctx, c, backend).Extract()
	return v, mapped("look at volume "+backend, err)
}

// untilVolume waits for a volume; the last look is returned.
func (d *Driver) untilVolume(ctx context.Context, backend, what string, is func(*volumes.Volume) bool) (*volumes.Volume, error) {
	var v *volumes.Volume
	err := poll(ctx, what, func() (bool, error) {
		var err error
		v, err = d.lookVolume(ctx, backend)
		return err == nil && is(v), err
	})
	return v, err
}

// GetVolume reports what the region has.
func (d *Driver) GetVolume(ctx context.Context, place, id string) (provider.VolumeState, error) {
	if err := d.checkPlace(place); err != nil {
		return provider.VolumeState{}, err
	}
	v, err := d.findVolume(ctx, id)
	if err != nil {
		return provider.VolumeState{}, err
	}
	return d.volumeState(ctx, *v)
}

// ListVolumes reports every volume of Plaza in the region.
func (d *Driver) ListVolumes(ctx context.Context, place string) ([]provider.VolumeState, error) {
	if err := d.checkPlace(place); err != nil {
		return nil, err
	}
	all, err := d.listVolumes(ctx, volumes.ListOpts{AllTenants: true})
	if err != nil {
		return nil, err
	}
	var states []provider.VolumeState
	seen := map[string]bool{}
	for _, v := range all {
		id := plazaVolume(v)
		if !isID(id) || seen[id] || v.Status == "deleting" || v.Status == "error" {
			continue
		}
		seen[id] = true
		st, err := d.volumeState(ctx, v)
		if err != nil {
			return nil, err
		}
		states = append(states, st)
	}
	return states, nil
}

// volumeState does not tell what is allocated: Cinder does not know it.
func (d *Driver) volumeState(ctx context.Context, v volumes.Volume) (provider.VolumeState, error) {
	id := plazaVolume(v)
	d.ids.put("volume", v.ID, id)
	st := provider.VolumeState{ID: id, Host: d.set.Place, SizeGiB: v.Size, Encrypted: v.Encrypted}
	if len(v.Attachments) > 0 {
		owner, err := d.serverIDOf(ctx, v.Attachments[0].ServerID)
		if err != nil {
			return st, err
		}
		st.AttachedTo = owner
	}
	return st, nil
}

// serverIDOf is the Plaza id of a server by Nova's; that itself for a server of somebody else.
func (d *Driver) serverIDOf(ctx context.Context, backend string) (string, error) {
	if id := d.ids.plazaOf("server", backend); id != "" {
		return id, nil
	}
	s, err := d.look(ctx, backend)
	if provider.IsNotFound(err) {
		return backend, nil
	}
	if err != nil {
		return "", err
	}
	id := plazaOf(*s)
	if id == "" {
		return backend, nil
	}
	d.ids.put("server", backend, id)
	return id, nil
}
