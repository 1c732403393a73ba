package openstack

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/backups"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"

	"github.com/plazacloud/plaza/pkg/provider"
)

// A volume that is made from a backup is an empty one which Cinder writes the backup to. With that come the labels that
// the volume of the backup had, its Plaza id among them, in the place of the new volume's own. Names stay: until the volume
// is handed out, its name says which one it is.
const (
	restorePrefix = "plaza-restore:" // no name of Plaza's has a colon
	// metaRestore is on the volume as long as the restoring was not asked for.
	metaRestore = "plaza-restore"
)

func restoreName(id string) string { return restorePrefix + id }

// plazaVolume is the Plaza id of a volume, "" for one of others.
func plazaVolume(v volumes.Volume) string {
	if id, ok := strings.CutPrefix(v.Name, restorePrefix); ok && isID(id) && isID(v.Metadata[idKey]) {
		return id
	}
	return v.Metadata[idKey]
}

// everyVolumeOf are volumesOf, with those that are being made from a backup.
func (d *Driver) everyVolumeOf(ctx context.Context, id string) ([]volumes.Volume, error) {
	all, err := d.volumesOf(ctx, id)
	if err != nil {
		return nil, err
	}
	named, err := d.listVolumes(ctx, volumes.ListOpts{AllTenants: true, Name: restoreName(id)})
	for _, v := range named {
		if !slices.ContainsFunc(all, func(a volumes.Volume) bool { return a.ID == v.ID }) { // it would be taken for its own twin
			all = append(all, v)
		}
	}
	return ranked(all, id), err
}

// planRestore makes the new volume be one that waits for its content.
func (d *Driver) planRestore(ctx context.Context, want provider.Volume, opts *volumes.CreateOpts) error {
	x, err := d.findBackup(ctx, want.Backup)
	if provider.IsNotFound(err) {
		own, err := d.takenOwnBackup(ctx, want.Backup) // that of a server's own disk is an image
		if err == nil {
			opts.ImageID = own.ID
		}
		return err
	}
	if err != nil {
		return err
	}
	if want.SizeGiB < x.Size {
		return provider.Errorf(provider.ReasonInvalid, "choose a larger volume", "a volume of %d GiB is smaller than backup %s of %d GiB", want.SizeGiB, want.Backup, x.Size)
	}
	opts.Name = restoreName(want.ID)
	opts.Metadata[metaRestore] = want.Backup
	return nil
}

// restore goes on where an earlier call stopped, and hands the volume out.
func (d *Driver) restore(ctx context.Context, v *volumes.Volume, want provider.Volume) (*volumes.Volume, error) {
	var err error
	if v.Metadata[metaRestore] != "" && v.Status == "available" {
		if err := d.beginRestore(ctx, v, want); err != nil {
			return nil, err
		}
		if v, err = d.untilVolume(ctx, v.ID, "restore volume "+want.Name, settled); err != nil {
			return nil, err
		}
	}
	if v.Status != "available" {
		reason := d.volumeError(ctx, v.ID, v.TenantID)
		if err := d.discardVolume(ctx, v); err != nil {
			d.log.Warn("a failed volume stays until it is tried again", "volume", want.ID, "error", err)
		}
		return nil, backupFailure("restore volume "+want.Name, reason)
	}
	return d.relabel(ctx, v, volumes.UpdateOpts{Name: &want.Name, Metadata: map[string]string{idKey: want.ID, metaSole: "yes"}})
}

// beginRestore asks for the content. A backup serves one volume at a time.
func (d *Driver) beginRestore(ctx context.Context, v *volumes.Volume, want provider.Volume) error {
	x, err := d.findBackup(ctx, want.Backup)
	if err != nil {
		return err
	}
	c, err := d.cloud.client(ctx, volume, "") // the backup may be another project's by now
	if err != nil {
		return err
	}
	if err := d.keepsBackups(ctx, c.Microversion); err != nil {
		return err
	}
	what := "restore volume " + want.Name
	err = poll(ctx, what, func() (bool, error) {
		now, err := lookBackup(ctx, c, x.ID)
		if err != nil || now.Status == "restoring" {
			return false, err
		}
		_, err = backups.RestoreFromBackup(ctx, c, x.ID, backups.RestoreOpts{VolumeID: v.ID}).Extract()
		if isCode(err, http.StatusBadRequest) { // another one may have been quicker
			if now, lerr := lookBackup(ctx, c, x.ID); lerr == nil && now.Status == "restoring" {
				return false, nil
			}
		}
		return err == nil, mapped(what, err)
	})
	if err != nil {
		return err
	}
	_, err = d.relabel(ctx, v, volumes.UpdateOpts{Metadata: map[string]string{idKey: want.ID}})
	return err
}

func (d *Driver) relabel(ctx context.Context, v *volumes.Volume, opts volumes.UpdateOpts) (*volumes.Volume, error) {
	c, err := d.cloud.client(ctx, volume, v.TenantID)
	if err != nil {
		return nil, err
	}
	marked, err := volumes.Update(ctx, c, v.ID, opts).Extract()
	if err != nil {
		return nil, mapped("mark volume "+v.Name, err)
	}
	v.Name, v.Metadata = marked.Name, marked.Metadata
	return v, nil
}
