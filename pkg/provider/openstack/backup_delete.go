package openstack

import (
	"context"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/backups"

	"github.com/plazacloud/plaza/pkg/provider"
)

// DeleteBackup removes the backup, when it is made and no volume is being made from it. Volumes that were made from it stay.
func (d *Driver) DeleteBackup(ctx context.Context, place, id string) error {
	if err := d.checkPlace(place); err != nil {
		return err
	}
	if !isID(id) {
		return nil
	}
	unlock, err := d.locks.Lock(ctx, "backup/"+id)
	if err != nil {
		return err
	}
	defer unlock()
	all, err := d.backupsWith(ctx, id)
	if err != nil {
		return err
	}
	for i := range all {
		if err := d.discardBackup(ctx, &all[i]); err != nil {
			return err
		}
	}
	d.ids.forget("backup", id)
	return d.discardOwnBackup(ctx, id)
}

// discardBackup deletes a backup and waits until it is gone.
func (d *Driver) discardBackup(ctx context.Context, x *backups.Backup) error {
	c, err := d.cloud.client(ctx, volume, x.ProjectID)
	if err != nil {
		return err
	}
	what, asked := "delete backup "+x.Name, false
	return poll(ctx, what, func() (bool, error) {
		now, err := lookBackup(ctx, c, x.ID)
		switch {
		case provider.IsNotFound(err):
			return true, nil
		case err != nil:
			return false, err
		case now.Status == "creating", now.Status == "restoring", now.Status == "deleting":
			return false, nil
		case now.HasDependentBackups: // others can take those, Plaza does not
			return false, provider.Errorf(provider.ReasonConflict, "delete those first, in the region", "incremental backups lean on backup %s", x.Name)
		case asked: // Cinder tried, and took it back
			return false, backupFailure(what, now.FailReason)
		}
		asked = true
		return false, absentIsFine(mapped(what, backups.Delete(ctx, c, x.ID).ExtractErr()))
	})
}

// backups are those of Plaza alone, as snapshots are. A spoilt one is there, too: its state tells.
func (g survey) backups(ctx context.Context) ([]provider.Found, error) {
	all, err := g.d.listBackups(ctx, discoveryPage)
	if err != nil {
		return nil, err
	}
	var out []provider.Found
	for _, x := range all {
		if id := labelsOf(x)[idKey]; isID(id) && (finished(x) || spoilt(x)) {
			out = append(out, g.found("backup", x.ID, x.Name, id, x.ProjectID, x.CreatedAt, provider.Facts{State: x.Status, SizeGiB: x.Size}))
		}
	}
	own, err := g.d.listOwnBackups(ctx)
	for _, x := range own {
		out = append(out, g.found("backup", x.ID, x.Name, property(x, propID), x.Owner, x.CreatedAt, provider.Facts{State: string(x.Status), SizeGiB: max(x.MinDiskGigabytes, 1)}))
	}
	return out, err
}
