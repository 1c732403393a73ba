package kvm

import (
	"context"
	"os"
	"path/filepath"

	"github.com/plazacloud/plaza/agents/kvm/pool"
	"github.com/plazacloud/plaza/pkg/provider"
)

// EnsureBackup copies the volume as it is at this moment to the host's folder of backups, and compresses it there unless it is encrypted. The
// backup needs nothing of the volume from then on.
func (d *Driver) EnsureBackup(ctx context.Context, host string, want provider.Backup) (provider.BackupState, error) {
	var none provider.BackupState
	if err := d.checkHost(host); err != nil {
		return none, err
	}
	if err := pool.CheckID(want.ID); err != nil {
		return none, err
	}
	st, err := d.pool.Backup(want.ID)
	if provider.IsNotFound(err) {
		err = d.copies.do(ctx, "backup/"+want.ID, "the backup of volume "+want.Volume, func(ctx context.Context) error { return d.takeBackup(ctx, want) })
		if err == nil {
			st, err = d.pool.Backup(want.ID)
		}
	}
	if err != nil {
		return none, err
	}
	if st.Volume != want.Volume {
		return none, provider.Errorf(provider.ReasonConflict, "take a new backup", "backup %s is of volume %s", want.ID, st.Volume)
	}
	return st, nil
}

// takeBackup copies first and compresses then: QEMU does not compress under a running guest, and the volume is free again
// as soon as the copy is there.
func (d *Driver) takeBackup(ctx context.Context, want provider.Backup) error {
	unlock, err := d.locks.Lock(ctx, want.ID)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := d.pool.Backup(want.ID); !provider.IsNotFound(err) {
		return err
	}
	release, err := d.locks.Lock(ctx, want.Volume) // it neither grows nor goes while it is copied
	if err != nil {
		return err
	}
	defer release()
	return d.pool.KeepBackup(want, func(path string) error {
		if want.Key != "" { // QEMU does not compress what it encrypts
			return d.copyVolume(ctx, want.Volume, want.VolumeKey, pool.Disk{Path: path, Key: want.Key})
		}
		plain := filepath.Join(filepath.Dir(path), "copy.qcow2")
		if err := d.copyVolume(ctx, want.Volume, "", pool.Disk{Path: plain}); err != nil {
			return err
		}
		release()
		if err := pool.CompressDisk(ctx, plain, path); err != nil {
			return err
		}
		return os.Remove(plain)
	})
}

// GetBackup reports one backup.
func (d *Driver) GetBackup(_ context.Context, host, id string) (provider.BackupState, error) {
	if err := d.checkHost(host); err != nil {
		return provider.BackupState{}, err
	}
	return d.pool.Backup(id)
}

// DeleteBackup removes the backup, and ends its copy.
func (d *Driver) DeleteBackup(ctx context.Context, host, id string) error {
	if err := d.checkHost(host); err != nil {
		return err
	}
	d.copies.stop("backup/" + id)
	unlock, err := d.locks.Lock(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	return d.pool.DeleteBackup(id)
}

// ListBackups reports every backup of the host.
func (d *Driver) ListBackups(_ context.Context, host string) ([]provider.BackupState, error) {
	if err := d.checkHost(host); err != nil {
		return nil, err
	}
	return d.pool.ListBackups()
}
