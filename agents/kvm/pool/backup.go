package pool

import (
	"context"
	"errors"
	"os"
	"path/filepath"
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

// KeepServerBackup makes the parts of a server's backup of what fill copies to the files that it is given, which are not there
// yet, and compresses what is not encrypted. They come into their places one after another, the first one last: as long as that
// is missing, the others are of a try that was cut off. None is left of a try that fails.
func (p *Pool) KeepServerBackup(ctx context.Context, want provider.ServerBackup, fill func(to []Disk) (provider.Consistency, error)) error {
	states := make([]provider.BackupState, len(want.Parts))
	for i, part := range want.Parts {
		h, err := readHeader(p.sourceOf(part))
		if missing(err) {
			return provider.Errorf(provider.ReasonNotFound, "", "a disk of server %s is not on host %s", want.Server, p.host)
		}
		if err != nil {
			return fileError("read disk", err)
		}
		states[i] = provider.BackupState{ID: part.ID, Host: p.host, Volume: part.Volume, Server: part.Server, SizeGiB: ceilGiB(h.VirtualBytes), Encrypted: part.Key != ""}
	}
	err := p.keepParts(ctx, want.Parts, states, nil, func(to []Disk) error {
		at := time.Now().UTC().Truncate(time.Second)
		how, err := fill(to)
		for i := range states {
			states[i].CreatedAt = at
		}
		states[0].Consistency = how
		return err
	})
	if err == nil {
		return nil
	}
	return unjoined(errors.Join(err, p.DropServerBackup(want)))
}

// keepParts keeps the first of the parts around the keeping of the others.
func (p *Pool) keepParts(ctx context.Context, parts []provider.Backup, states []provider.BackupState, to []Disk, fill func([]Disk) error) error {
	if len(parts) == 0 {
		return fill(to)
	}
	return p.keep("backups", parts[0].ID, backupRecord, &states[0], func(path string) error {
		raw := path
		if parts[0].Key == "" { // QEMU compresses neither under a running guest nor what it encrypts
			raw = filepath.Join(filepath.Dir(path), "copy.qcow2")
		}
		if err := p.keepParts(ctx, parts[1:], states[1:], append(to, Disk{raw, parts[0].Key}), fill); err != nil || raw == path {
			return err
		}
		if err := CompressDisk(ctx, raw, path); err != nil {
			return err
		}
		return os.Remove(raw)
	})
}

// DropServerBackup removes whatever is there of the parts, the first one first.
func (p *Pool) DropServerBackup(want provider.ServerBackup) error {
	for _, part := range want.Parts {
		if err := p.DeleteBackup(part.ID); err != nil {
			return err
		}
	}
	return nil
}

// sourceOf is the disk that a part is a copy of.
func (p *Pool) sourceOf(part provider.Backup) string {
	if part.Volume != "" {
		return p.VolumePath(part.Volume)
	}
	return p.ServerDisk(part.Server, 0)
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
