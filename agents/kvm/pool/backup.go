package pool

import (
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
)

const backupRecord = "backup.json"

// KeepBackup makes a backup of what fill copies to the file it is given, which is not there yet.
func (p *Pool) KeepBackup(want provider.Backup, fill func(path string) error) error {
	size, err := p.Volume(want.Volume)
	if err != nil {
		return err
	}
	st := provider.BackupState{ID: want.ID, Host: p.host, Volume: want.Volume, SizeGiB: size.SizeGiB, Encrypted: want.Key != "", CreatedAt: time.Now().UTC().Truncate(time.Second)}
	return p.keep("backups", want.ID, backupRecord, st, fill)
}

// Backup reports one backup; NotFound when absent.
func (p *Pool) Backup(id string) (provider.BackupState, error) {
	st, err := record[provider.BackupState](p, "backup", backupRecord, id)
	if err == nil {
		st.Host = p.host
	}
	return st, err
}

// ListBackups reports every backup.
func (p *Pool) ListBackups() ([]provider.BackupState, error) {
	return records(p, "backups", p.Backup)
}

// DeleteBackup removes the backup, and a draft of it.
func (p *Pool) DeleteBackup(id string) error {
	if !possible(id) {
		return nil
	}
	return p.discard("backups", id)
}
