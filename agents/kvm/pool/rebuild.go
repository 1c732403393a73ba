package pool

import (
	"context"
	"os"
	"path/filepath"

	"github.com/plazacloud/plaza/pkg/provider"
)

// buildRecord says which rebuild the own disks of a server are of; absent: none.
const buildRecord = "build"

// renew removes own disks and seed of another build than the wanted one, for which they are made anew.
func (p *Pool) renew(want provider.Server) error {
	var is string
	if err := readJSON(p.path("servers", want.ID, buildRecord), &is); err != nil && !missing(err) {
		return fileError("build record", err)
	}
	if is == want.Build {
		return nil
	}
	disks, err := filepath.Glob(p.path("servers", want.ID, "disk*.qcow2"))
	if err != nil {
		return fileError("own disks", err)
	}
	for _, path := range append(disks, p.SeedPath(want.ID)) {
		if err := os.Remove(path); err != nil && !missing(err) {
			return fileError("remove "+filepath.Base(path), err)
		}
	}
	return nil
}

// renewed notes that disks and seed are of the wanted build.
func (p *Pool) renewed(want provider.Server) error {
	if want.Build == "" {
		return nil
	}
	if err := writeJSON(p.path("servers", want.ID, buildRecord), want.Build); err != nil {
		return fileError("build record", err)
	}
	return nil
}

// stagedDisk is the copy of a backup that waits to become the own disk of a server.
func (p *Pool) stagedDisk(server, backup string) string {
	return p.path("servers", server, "staged-"+backup+".qcow2")
}

// Unmade tells whether the own disk of a server is still to be made.
func (p *Pool) Unmade(want provider.Server) bool {
	var is string
	_ = readJSON(p.path("servers", want.ID, buildRecord), &is) // absent before the first rebuild
	_, err := os.Stat(p.ServerDisk(want.ID, 0))
	return err != nil || is != want.Build
}

// StageDisk copies a backup aside, from where the own disk of a server is made. That may take long, and does not touch the
// server.
func (p *Pool) StageDisk(ctx context.Context, server, backup string) error {
	st, err := p.Backup(backup)
	if err == nil && st.Encrypted {
		err = provider.Errorf(provider.ReasonInvalid, "make a volume of it", "backup %s is encrypted, and own disks of servers are not", backup)
	}
	if err != nil {
		return err
	}
	path := p.stagedDisk(server, backup)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(p.path("servers", server), 0o711); err != nil { //nolint:gosec // QEMU may run as another user
		return fileError("server folder", err)
	}
	if err := p.unstage(server); err != nil { // of another backup, or cut off
		return err
	}
	draft := path + ".part"
	err = CopyDisk(ctx, Disk{Path: p.path("backups", backup, volumeDisk)}, Disk{Path: draft})
	if err == nil {
		err = flush(draft)
	}
	if err == nil {
		err = os.Rename(draft, path)
	}
	if err != nil {
		_ = os.Remove(draft)
		return asProvider("copy backup", err)
	}
	return nil
}

func (p *Pool) unstage(server string) error {
	old, err := filepath.Glob(p.stagedDisk(server, "*") + "*")
	for _, path := range old {
		if err == nil {
			err = os.Remove(path)
		}
	}
	if err != nil && !missing(err) {
		return fileError("remove an old copy", err)
	}
	return nil
}

// RescueDisk is what a server in rescue boots from.
func (p *Pool) RescueDisk(id string) string { return p.path("servers", id, "rescue.qcow2") }

// ensureRescue makes the disk of a rescue, and removes what no rescue needs any more.
func (p *Pool) ensureRescue(ctx context.Context, want provider.Server) error {
	path := p.RescueDisk(want.ID)
	if want.Rescue != nil {
		if h, err := readHeader(path); err != nil || h.Backing == p.path("images", want.Rescue.Image, "disk") {
			return p.ensureServerDisk(ctx, path, provider.Disk{Image: want.Rescue.Image})
		}
	}
	if err := os.Remove(path); err != nil && !missing(err) {
		return fileError("remove the rescue disk", err)
	}
	if want.Rescue == nil {
		return nil
	}
	return p.ensureServerDisk(ctx, path, provider.Disk{Image: want.Rescue.Image})
}
