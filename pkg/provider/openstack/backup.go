package openstack

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/backups"
	blockservices "github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/services"

	"github.com/plazacloud/plaza/pkg/provider"
)

// EnsureBackup copies the volume to the region's backup store, in the volume's project, also while a server has it: Cinder
// copies a snapshot then, which it takes and drops by itself.
func (d *Driver) EnsureBackup(ctx context.Context, place string, want provider.Backup) (provider.BackupState, error) {
	var none provider.BackupState
	if err := d.checkPlace(place); err != nil {
		return none, err
	}
	if err := checkID(want.ID); err != nil {
		return none, err
	}
	unlock, err := d.locks.Lock(ctx, "backup/"+want.ID)
	if err != nil {
		return none, err
	}
	defer unlock()
	x, err := d.soleBackup(ctx, want.ID)
	if err == nil && x == nil {
		x, err = d.takeBackup(ctx, want)
	}
	if err == nil {
		x, err = d.untilBackup(ctx, x.ID)
	}
	if err != nil {
		return none, err
	}
	if of := labelsOf(*x)[metaVolume]; of != want.Volume {
		return none, provider.Errorf(provider.ReasonConflict, "take a new backup", "backup %s is of volume %s", want.ID, of)
	}
	if !finished(*x) {
		if err := d.discardBackup(ctx, x); err != nil {
			d.log.Warn("a failed backup stays until it is tried again", "backup", want.ID, "error", err)
		}
		return none, backupFailure("take backup "+want.Name, x.FailReason)
	}
	return d.backupState(*x), nil
}

func (d *Driver) takeBackup(ctx context.Context, want provider.Backup) (*backups.Backup, error) {
	v, err := d.findVolume(ctx, want.Volume)
	if err != nil {
		return nil, err
	}
	if v, err = d.untilVolume(ctx, v.ID, "take backup "+want.Name, settled); err != nil {
		return nil, err
	}
	c, err := d.cloud.client(ctx, volume, v.TenantID)
	if err != nil {
		return nil, err
	}
	if err := d.keepsBackups(ctx, c.Microversion); err != nil {
		return nil, err
	}
	x, err := backups.Create(ctx, c, backups.CreateOpts{VolumeID: v.ID, Name: want.Name, Force: len(v.Attachments) > 0,
		Metadata: map[string]string{idKey: want.ID, metaVolume: want.Volume}}).Extract()
	if err != nil {
		return nil, mapped("take backup "+want.Name, err)
	}
	return x, nil
}

// labelledBackups is the first minor microversion with which Cinder keeps labels of backups.
const labelledBackups = 43

// keepsBackups refuses where the region has no backup service: Cinder would take the order and fail later. One that is down
// is waited for.
func (d *Driver) keepsBackups(ctx context.Context, microversion string) error {
	var major, minor int
	if _, err := fmt.Sscanf(microversion, "%d.%d", &major, &minor); err != nil || minor < labelledBackups {
		return provider.Errorf(provider.ReasonInvalid, "the region needs Cinder of Pike or newer", "Cinder %s can not label backups", microversion)
	}
	c, err := d.cloud.client(ctx, volume, "")
	if err != nil {
		return err
	}
	all, err := pages(ctx, blockservices.List(c, blockservices.ListOpts{Binary: "cinder-backup"}), blockservices.ExtractServices)
	if err != nil {
		return mapped("list backup services", err)
	}
	return serving(all)
}

// serving tells whether one of the backup services takes orders.
func serving(all []blockservices.Service) error {
	if len(all) == 0 {
		return provider.Errorf(provider.ReasonInvalid, "ask the region's operator for cinder-backup, or take a snapshot", "the region keeps no backups: it has no backup service")
	}
	var down []string
	for _, s := range all {
		if s.Status == "enabled" && s.State == "up" {
			return nil
		}
		down = append(down, s.Host+" is "+s.Status+" and "+s.State)
	}
	return provider.Errorf(provider.ReasonUnavailable, "start cinder-backup in the region; Plaza tries again by itself", "no backup service of the region takes orders: %s", strings.Join(down, ", "))
}

// backupFailure is what Cinder says of a backup that failed.
func backupFailure(what, reason string) error {
	const hint = "the log of the region's backup service says more"
	switch {
	case reason == "":
		return provider.Errorf(provider.ReasonInternal, hint, "%s: it failed without a word", what)
	case scarce.MatchString(reason):
		return provider.Errorf(provider.ReasonNoSpace, "the region's backup store is full", "%s: %s", what, reason)
	}
	return provider.Errorf(provider.ReasonInternal, hint, "%s: %s", what, reason)
}

// finished tells whether the backup keeps what it should; one that a volume is made from just now does.
func finished(x backups.Backup) bool { return x.Status == "available" || x.Status == "restoring" }

// spoilt tells whether Cinder has given the backup up.
func spoilt(x backups.Backup) bool { return strings.HasPrefix(x.Status, "error") }

func labelsOf(x backups.Backup) map[string]string {
	if x.Metadata == nil {
		return nil
	}
	return *x.Metadata
}

// soleBackup finds the backup, and removes failed ones and all but the oldest, which a maker left that was cut off; nil
// when there is none.
func (d *Driver) soleBackup(ctx context.Context, id string) (*backups.Backup, error) {
	all, err := d.backupsWith(ctx, id)
	if err != nil {
		return nil, err
	}
	var sole *backups.Backup
	for i := range all {
		if sole == nil && (finished(all[i]) || all[i].Status == "creating") {
			sole = &all[i]
			continue
		}
		if err := d.discardBackup(ctx, &all[i]); err != nil {
			return nil, err
		}
	}
	return sole, nil
}

func (d *Driver) listBackups(ctx context.Context, limit int) ([]backups.Backup, error) {
	c, err := d.cloud.client(ctx, volume, "")
	if err != nil {
		return nil, err
	}
	all, err := pages(ctx, backups.ListDetail(c, backups.ListDetailOpts{AllTenants: true, Limit: limit}), backups.ExtractBackups)
	return all, mapped("list backups", err)
}

// backupsWith are the backups with a Plaza id, the oldest first. Cinder does not filter them by labels.
func (d *Driver) backupsWith(ctx context.Context, id string) ([]backups.Backup, error) {
	if !isID(id) {
		return nil, nil
	}
	all, err := d.listBackups(ctx, 0)
	slices.SortFunc(all, func(a, b backups.Backup) int {
		if n := a.CreatedAt.Compare(b.CreatedAt); n != 0 {
			return n
		}
		return strings.Compare(a.ID, b.ID)
	})
	return slices.DeleteFunc(all, func(x backups.Backup) bool { return labelsOf(x)[idKey] != id }), err
}

func lookBackup(ctx context.Context, c *gophercloud.ServiceClient, backend string) (*backups.Backup, error) {
	x, err := backups.Get(ctx, c, backend).Extract()
	return x, mapped("look at backup "+backend, err)
}

// untilBackup waits until Cinder has made the backup, or given up.
func (d *Driver) untilBackup(ctx context.Context, backend string) (*backups.Backup, error) {
	c, err := d.cloud.client(ctx, volume, "")
	if err != nil {
		return nil, err
	}
	var x *backups.Backup
	err = poll(ctx, "take backup", func() (bool, error) {
		var err error
		x, err = lookBackup(ctx, c, backend)
		return err == nil && x.Status != "creating", err
	})
	return x, err
}

// findBackup finds a finished backup by Plaza id; NotFound. Conflict, in Cinder's words, when it was spoilt later.
func (d *Driver) findBackup(ctx context.Context, id string) (*backups.Backup, error) {
	if known := d.ids.backendOf("backup", id); known != "" {
		c, err := d.cloud.client(ctx, volume, "")
		if err != nil {
			return nil, err
		}
		x, err := lookBackup(ctx, c, known)
		if err == nil && finished(*x) {
			return x, nil
		}
		if err != nil && !provider.IsNotFound(err) {
			return nil, err
		}
		d.ids.forget("backup", id)
	}
	all, err := d.backupsWith(ctx, id)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if finished(all[i]) {
			return &all[i], nil
		}
	}
	for _, x := range all {
		if spoilt(x) {
			return nil, provider.Errorf(provider.ReasonConflict, "look at it in the region; one that can not be mended is deleted, and another one taken",
				"backup %s is in the state %s: %s", id, x.Status, x.FailReason)
		}
	}
	return nil, provider.Errorf(provider.ReasonNotFound, "", "backup %s is not in the region", id)
}

// GetBackup reports what the region has.
func (d *Driver) GetBackup(ctx context.Context, place, id string) (provider.BackupState, error) {
	if err := d.checkPlace(place); err != nil {
		return provider.BackupState{}, err
	}
	x, err := d.findBackup(ctx, id)
	if provider.IsNotFound(err) {
		own, err := d.takenOwnBackup(ctx, id)
		if err != nil {
			return provider.BackupState{}, err
		}
		return d.ownBackupState(*own), nil
	}
	if err != nil {
		return provider.BackupState{}, err
	}
	return d.backupState(*x), nil
}

// ListBackups reports every backup of Plaza in the region.
func (d *Driver) ListBackups(ctx context.Context, place string) ([]provider.BackupState, error) {
	if err := d.checkPlace(place); err != nil {
		return nil, err
	}
	all, err := d.listBackups(ctx, 0)
	if err != nil {
		return nil, err
	}
	own, err := d.listOwnBackups(ctx)
	if err != nil {
		return nil, err
	}
	var states []provider.BackupState
	for _, x := range own {
		states = append(states, d.ownBackupState(x))
	}
	seen := map[string]bool{}
	for _, x := range all {
		if id := labelsOf(x)[idKey]; isID(id) && !seen[id] && finished(x) {
			seen[id] = true
			states = append(states, d.backupState(x))
		}
	}
	return states, nil
}

func (d *Driver) backupState(x backups.Backup) provider.BackupState {
	id := labelsOf(x)[idKey]
	d.ids.put("backup", x.ID, id)
	return provider.BackupState{ID: id, Host: d.set.Place, Volume: labelsOf(x)[metaVolume], SizeGiB: x.Size, CreatedAt: x.CreatedAt.UTC()}
}
