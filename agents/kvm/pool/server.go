package pool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/cloudinit"
	"github.com/plazacloud/plaza/pkg/provider"
)

// ServerDisk is the n-th own disk of a server.
func (p *Pool) ServerDisk(id string, n int) string {
	return p.path("servers", id, fmt.Sprintf("disk%d.qcow2", n))
}

// SeedPath is the NoCloud seed of a server.
func (p *Pool) SeedPath(id string) string { return p.path("servers", id, "seed.iso") }

// EnsureServerFiles makes the own disks of a server that are not there yet, and grows those that became too small,
// unless they are in use (then Conflict). The seed is written once for each build: guests act on it at their first boot.
func (p *Pool) EnsureServerFiles(ctx context.Context, want provider.Server) error {
	if err := CheckID(want.ID); err != nil {
		return err
	}
	if err := os.MkdirAll(p.path("servers", want.ID), 0o711); err != nil { //nolint:gosec // QEMU may run as another user
		return fileError("server folder", err)
	}
	if err := p.renew(want); err != nil {
		return err
	}
	if err := p.ensureRescue(ctx, want); err != nil {
		return err
	}
	n := 0
	for _, d := range want.Disks {
		if d.Volume != "" {
			continue
		}
		if err := p.ensureServerDisk(ctx, p.ServerDisk(want.ID, n), d); err != nil {
			return err
		}
		n++
	}
	if err := p.ensureSeed(want); err != nil {
		return err
	}
	return p.renewed(want)
}

func (p *Pool) ensureServerDisk(ctx context.Context, path string, d provider.Disk) error {
	h, err := readHeader(path)
	if err == nil {
		if want := int64(d.SizeGiB) * gib; h.VirtualBytes < want {
			return resize(ctx, Disk{Path: path}, d.SizeGiB)
		}
		return nil
	}
	if !missing(err) {
		return fileError("read disk", err)
	}
	draft := path + ".part"
	if err := os.Remove(draft); err != nil && !missing(err) {
		return fileError("remove a half disk", err)
	}
	if d.Backup != "" {
		err = p.unstageDisk(ctx, filepath.Base(filepath.Dir(path)), d, draft)
	} else {
		err = p.createDisk(ctx, Disk{Path: draft}, d.Image, d.SizeGiB)
	}
	if err == nil {
		err = os.Rename(draft, path)
	}
	if err != nil {
		_ = os.Remove(draft)
		return asProvider("create disk", err)
	}
	return nil
}

// unstageDisk makes a disk of the copy of a backup, which is made here when nobody has.
func (p *Pool) unstageDisk(ctx context.Context, server string, d provider.Disk, draft string) error {
	if err := p.StageDisk(ctx, server, d.Backup); err != nil {
		return err
	}
	if err := os.Rename(p.stagedDisk(server, d.Backup), draft); err != nil {
		return err
	}
	h, err := readHeader(draft)
	if err == nil && h.VirtualBytes < int64(d.SizeGiB)*gib {
		err = resize(ctx, Disk{Path: draft}, d.SizeGiB)
	}
	return err
}

// HasSeed tells whether a server is given a seed at all.
func HasSeed(s provider.Seed) bool { return s != provider.Seed{} }

func (p *Pool) ensureSeed(want provider.Server) error {
	path := p.SeedPath(want.ID)
	if _, err := os.Stat(path); err == nil || !HasSeed(want.Seed) {
		return nil
	}
	seed, err := seedOf(want)
	if err != nil {
		return provider.Errorf(provider.ReasonInvalid, "see cloud-init's NoCloud documents", "seed: %w", err)
	}
	if err := cloudinit.BuildISO(path, seed); err != nil {
		return fileError("seed", err)
	}
	return nil
}

func seedOf(want provider.Server) (cloudinit.Seed, error) {
	seed := cloudinit.Seed{MetaData: cloudinit.MetaData{InstanceID: want.ID, LocalHostname: want.Name}, Raw: []byte(want.Seed.UserData)}
	if want.Seed.MetaData != "" {
		meta, err := cloudinit.ParseMetaData([]byte(want.Seed.MetaData))
		if err != nil {
			return seed, err
		}
		seed.MetaData = *meta
	}
	if want.Seed.NetworkConfig != "" {
		network, err := cloudinit.ParseNetworkConfig([]byte(want.Seed.NetworkConfig))
		if err != nil {
			return seed, err
		}
		seed.Network = network
	}
	return seed, nil
}

// DeleteServer removes everything a server has in the pool.
func (p *Pool) DeleteServer(id string) error {
	if !possible(id) {
		return nil
	}
	return p.discard("servers", id)
}

// HasServer tells whether a server has files here, finished or not.
func (p *Pool) HasServer(id string) bool {
	_, err := os.Stat(p.path("servers", id))
	return err == nil
}

const (
	consoleName  = "console.log"
	consoleLimit = 1 << 20 // bytes; the older half of the log is kept in a second file
)

// ConsolePath is where the serial console of a server is logged.
func (p *Pool) ConsolePath(id string) string { return p.path("servers", id, consoleName) }

// ConsoleTail returns up to max bytes from the end of the serial console.
func (p *Pool) ConsoleTail(id string, max int) ([]byte, error) {
	if err := CheckID(id); err != nil {
		return nil, err
	}
	now, err := tail(p.ConsolePath(id), max)
	if err != nil && !missing(err) {
		return nil, fileError("console", err)
	}
	if len(now) < max {
		older, err := tail(p.ConsolePath(id)+".0", max-len(now))
		if err != nil && !missing(err) {
			return nil, fileError("console", err)
		}
		now = append(older, now...)
	}
	return now, nil
}

func tail(path string, max int) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	from := st.Size() - int64(max)
	if from < 0 {
		from = 0
	}
	buf := make([]byte, st.Size()-from)
	n, err := f.ReadAt(buf, from)
	if n == len(buf) {
		err = nil
	}
	return buf[:n], err
}

// TrimConsoles bounds each console log: QEMU appends, so the file may be cut to nothing under it.
func (p *Pool) TrimConsoles() error {
	logs, err := filepath.Glob(p.path("servers", "*", consoleName))
	if err != nil {
		return err
	}
	var failed []error
	for _, path := range logs {
		st, err := os.Stat(path)
		if err != nil || st.Size() <= consoleLimit {
			continue
		}
		last, err := tail(path, consoleLimit)
		if err == nil {
			err = os.WriteFile(path+".0", last, 0o600)
		}
		if err == nil {
			err = os.Truncate(path, 0)
		}
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

const (
	serverRecord = "server.json"
	powerRecord  = "power.json"
)

// SaveServer writes down what was wanted of a server, without its seed and the keys of its volumes: those are secret.
func (p *Pool) SaveServer(want provider.Server) error {
	if err := os.MkdirAll(p.path("servers", want.ID), 0o711); err != nil { //nolint:gosec // QEMU may run as another user
		return fileError("server folder", err)
	}
	want.Seed, want.Disks = provider.Seed{}, slices.Clone(want.Disks)
	for i := range want.Disks {
		want.Disks[i].Key = ""
	}
	if err := writeJSON(p.path("servers", want.ID, serverRecord), want); err != nil {
		return fileError("server record", err)
	}
	return nil
}

// Server returns what was wanted of a server last; NotFound when nothing is recorded.
func (p *Pool) Server(id string) (provider.Server, error) {
	var want provider.Server
	err := readJSON(p.path("servers", id, serverRecord), &want)
	if missing(err) {
		return want, provider.Errorf(provider.ReasonNotFound, "", "server %s has no record", id)
	}
	if err != nil {
		return want, fileError("server record", err)
	}
	return want, nil
}

// Servers lists the ids that have files here.
func (p *Pool) Servers() ([]string, error) { return p.ids("servers") }

// Since tells when a server's power state was first seen as it is; it is kept over restarts of the agent.
func (p *Pool) Since(id string, state provider.PowerState, now time.Time) time.Time {
	var seen struct {
		State provider.PowerState
		Since time.Time
	}
	path := p.path("servers", id, powerRecord)
	if err := readJSON(path, &seen); err == nil && seen.State == state {
		return seen.Since
	}
	seen.State, seen.Since = state, now.UTC()
	_ = writeJSON(path, seen) // only the time of the next look is lost
	return seen.Since
}

// HasSeedFile tells whether a seed was written for the server.
func (p *Pool) HasSeedFile(id string) bool {
	_, err := os.Stat(p.SeedPath(id))
	return err == nil
}
