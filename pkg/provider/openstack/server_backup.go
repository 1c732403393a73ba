package openstack

import (
	"context"
	"net/http"
	"slices"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/plazacloud/plaza/pkg/provider"
)

// The backup of a server's own disk is an image of Nova's, those of its volumes are Cinder's. All are asked for one right after
// another, that of the own disk last, and then waited for, however long it takes. As long as the image is a draft, the backup is
// not taken. Snapshots would be nearer to one moment, but Ceph's driver keeps one backup of a volume's snapshots, and no second.
const (
	partBackup = "backup"
	partDraft  = "backup-draft"

	propServer      = "plaza_server"      // Plaza id of the server that a backup is of
	propConsistency = "plaza_consistency" // how its disks belong together
)

// BackupServer copies the own disk and the volumes of a server.
func (d *Driver) BackupServer(ctx context.Context, place string, want provider.ServerBackup) (provider.BackupState, error) {
	var none provider.BackupState
	if err := d.checkPlace(place); err != nil {
		return none, err
	}
	if err := want.Check(); err != nil {
		return none, err
	}
	for _, p := range want.Parts {
		if err := checkID(p.ID); err != nil {
			return none, err
		}
	}
	root := want.Parts[0].ID
	unlock, err := d.locks.Lock(ctx, "backup/"+root)
	if err != nil {
		return none, err
	}
	defer unlock()
	c, err := d.cloud.client(ctx, image, "")
	if err != nil {
		return none, err
	}
	x, err := ownBackup(ctx, c, root)
	switch {
	case err != nil:
		return none, err
	case x != nil && property(*x, propServer) != want.Server:
		return none, provider.Errorf(provider.ReasonConflict, "take a new backup", "backup %s is of server %s", root, property(*x, propServer))
	case x != nil && property(*x, propPart) == partBackup:
		return d.ownBackupState(*x), nil
	}
	if x == nil {
		err = d.keepMoment(ctx, c, want)
	}
	if err == nil {
		x, err = d.completeBackup(ctx, c, want)
	}
	if err == nil {
		return d.ownBackupState(*x), nil
	}
	if passing(err) {
		return none, err // the next call goes on
	}
	if derr := d.dropServerBackup(ctx, want); derr != nil {
		d.log.Warn("parts of a failed backup stay until they are deleted", "server", want.Server, "error", derr)
	}
	return none, err
}

// passing tells whether a call may simply be made again.
func passing(err error) bool {
	switch provider.ReasonOf(err) {
	case provider.ReasonUnavailable, provider.ReasonTimeout, provider.ReasonUnderWay:
		return true
	}
	return false
}

// keepMoment asks for the backups of the volumes and for the image. What an earlier try left is of another moment.
func (d *Driver) keepMoment(ctx context.Context, c *gophercloud.ServiceClient, want provider.ServerBackup) error {
	if err := d.dropServerBackup(ctx, want); err != nil {
		return err
	}
	unlock, err := d.locks.Lock(ctx, "server/"+want.Server)
	if err != nil {
		return err
	}
	defer unlock()
	s, err := d.findServer(ctx, want.Server)
	if err != nil {
		return err
	}
	if s.Image == nil {
		return provider.Errorf(provider.ReasonUnsupported, "back its volumes up one by one", "the root disk of server %s is a volume", want.Server)
	}
	for _, p := range want.Parts[1:] {
		if err := d.orderPart(ctx, s, p); err != nil {
			return err
		}
	}
	how := provider.Apart
	if power, _ := powerOf(*s); power == provider.PowerStopped {
		how = provider.AtRest
	}
	asked := false
	err = d.bring(ctx, s.ID, "back server up", func(*servers.Server) bool { return asked },
		func(nova *gophercloud.ServiceClient, now *servers.Server) error {
			_, err := servers.CreateImage(ctx, nova, now.ID, servers.CreateImageOpts{Name: ownBackupName(want.Parts[0].ID), Metadata: map[string]string{
				propID: want.Parts[0].ID, propPart: partDraft, propServer: want.Server, propConsistency: string(how),
			}}).ExtractImageID()
			asked = err == nil
			return err
		})
	if err != nil {
		return err
	}
	if x, err := ownBackup(ctx, c, want.Parts[0].ID); err != nil || x != nil {
		return err
	}
	return failure("back server up", d.lastError(ctx, s)) // Nova removes the image of one that failed
}

// orderPart asks for the backup of a volume that the server has. It is not waited for.
func (d *Driver) orderPart(ctx context.Context, s *servers.Server, p provider.Backup) error {
	v, err := d.findVolume(ctx, p.Volume)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(s.AttachedVolumes, func(a servers.AttachedVolume) bool { return a.ID == v.ID }) {
		return provider.Errorf(provider.ReasonConflict, "attach it, or take it off the server, and back it up then", "volume %s is not attached to server %s", p.Volume, plazaOf(*s))
	}
	_, err = d.takeBackup(ctx, p)
	return err
}

// completeBackup waits for the backups of the volumes, and then declares the image to be no draft.
func (d *Driver) completeBackup(ctx context.Context, c *gophercloud.ServiceClient, want provider.ServerBackup) (*images.Image, error) {
	for _, p := range want.Parts[1:] {
		if err := d.completePart(ctx, p); err != nil {
			return nil, err
		}
	}
	x, err := ownBackup(ctx, c, want.Parts[0].ID)
	if err == nil && x == nil {
		err = failure("store the backup of server "+want.Server, "the image is gone")
	}
	if err != nil {
		return nil, err
	}
	if err := untilImage(ctx, c, x.ID); err != nil {
		return nil, err
	}
	x, err = images.Update(ctx, c, x.ID, images.UpdateOpts{images.UpdateImageProperty{Op: images.ReplaceOp, Name: propPart, Value: partBackup}}).Extract()
	return x, mapped("mark backup", err)
}

// completePart waits for the backup of a volume.
func (d *Driver) completePart(ctx context.Context, p provider.Backup) error {
	x, err := d.soleBackup(ctx, p.ID)
	if err != nil {
		return err
	}
	if x == nil {
		return provider.Errorf(provider.ReasonInternal, "take it again", "the backup of volume %s is gone", p.Volume)
	}
	if x, err = d.untilBackup(ctx, x.ID); err != nil {
		return err
	}
	if !finished(*x) {
		return backupFailure("take backup "+p.Name, x.FailReason)
	}
	return nil
}

// dropServerBackup removes whatever is there of the parts.
func (d *Driver) dropServerBackup(ctx context.Context, want provider.ServerBackup) error {
	if err := d.discardOwnBackup(ctx, want.Parts[0].ID); err != nil {
		return err
	}
	for _, p := range want.Parts[1:] {
		all, err := d.backupsWith(ctx, p.ID)
		if err != nil {
			return err
		}
		for i := range all {
			if err := d.discardBackup(ctx, &all[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// ownBackupName is the name of the image: Nova copies its properties to the snapshots that others take of servers made from it.
func ownBackupName(id string) string { return "plaza-backup-" + id }

// ownBackup is the image of a server's own disk by the Plaza id of the backup, a draft too; nil when there is none.
func ownBackup(ctx context.Context, c *gophercloud.ServiceClient, id string) (*images.Image, error) {
	all, err := listImages(ctx, c, having{propID, id})
	if err != nil {
		return nil, err
	}
	for i, x := range all {
		if part := property(x, propPart); x.Name == ownBackupName(id) && property(x, propID) == id && (part == partBackup || part == partDraft) && x.Status != images.ImageStatusKilled {
			return &all[i], nil
		}
	}
	return nil, nil
}

// takenOwnBackup is ownBackup that is no draft; NotFound.
func (d *Driver) takenOwnBackup(ctx context.Context, id string) (*images.Image, error) {
	c, err := d.cloud.client(ctx, image, "")
	if err != nil {
		return nil, err
	}
	x, err := ownBackup(ctx, c, id)
	if err == nil && (x == nil || property(*x, propPart) != partBackup) {
		err = provider.Errorf(provider.ReasonNotFound, "", "backup %s is not in the region", id)
	}
	return x, err
}

// discardOwnBackup removes the image. One that the storage shares with the disk of a
// server is left to that one, and goes with it.
func (d *Driver) discardOwnBackup(ctx context.Context, id string) error {
	c, err := d.cloud.client(ctx, image, "")
	if err != nil {
		return err
	}
	for {
		x, err := ownBackup(ctx, c, id)
		if err != nil || x == nil {
			return err
		}
		user, err := d.serverOfImage(ctx, x.ID)
		if err != nil {
			return err
		}
		if user == "" {
			err = images.Delete(ctx, c, x.ID).ExtractErr()
			if err == nil || isCode(err, http.StatusNotFound) {
				continue
			}
			return mapped("delete backup", err)
		}
		if _, err := images.Update(ctx, c, x.ID, images.UpdateOpts{
			images.UpdateImageProperty{Op: images.ReplaceOp, Name: propPart, Value: partLeftover}, images.UpdateImageProperty{Op: images.ReplaceOp, Name: propID, Value: user},
		}).Extract(); err != nil {
			return mapped("delete backup", err)
		}
	}
}

// serverOfImage is the Plaza id of a server whose root disk was made from an image; "" for none.
func (d *Driver) serverOfImage(ctx context.Context, backend string) (string, error) {
	c, err := d.cloud.client(ctx, compute, "")
	if err != nil {
		return "", err
	}
	all, err := pages(ctx, servers.List(c, servers.ListOpts{AllTenants: true, Image: backend}), servers.ExtractServers)
	if err != nil {
		return "", mapped("list servers of a backup", err)
	}
	for _, s := range all {
		if id := plazaOf(s); id != "" {
			return id, nil
		}
	}
	return "", nil
}

// listOwnBackups are the images of servers' own disks that are no drafts.
func (d *Driver) listOwnBackups(ctx context.Context) ([]images.Image, error) {
	c, err := d.cloud.client(ctx, image, "")
	if err != nil {
		return nil, err
	}
	all, err := listImages(ctx, c, having{propPart, partBackup})
	return slices.DeleteFunc(all, func(x images.Image) bool {
		return property(x, propPart) != partBackup || x.Name != ownBackupName(property(x, propID)) || !isID(property(x, propID)) || x.Status != images.ImageStatusActive
	}), err
}

func (d *Driver) ownBackupState(x images.Image) provider.BackupState {
	return provider.BackupState{ID: property(x, propID), Host: d.set.Place, Server: property(x, propServer), SizeGiB: max(x.MinDiskGigabytes, 1),
		CreatedAt: x.CreatedAt.UTC(), Consistency: provider.Consistency(property(x, propConsistency))}
}

// rootImage is the image that the own disk of a server is made from.
func (d *Driver) rootImage(ctx context.Context, root provider.Disk) (*images.Image, error) {
	if root.Backup != "" {
		return d.takenOwnBackup(ctx, root.Backup)
	}
	return d.diskImage(ctx, root.Image)
}
