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
