package kvm

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"libvirt.org/go/libvirt"
	"libvirt.org/go/libvirtxml"

	"github.com/plazacloud/plaza/agents/kvm/pool"
	"github.com/plazacloud/plaza/pkg/provider"
)

// BackupServer copies the own disk and the volumes of a server: under a running guest by one backup job of QEMU, which begins for
// all of them in the same instant, with the guest's file systems at rest where its agent brings them there.
func (d *Driver) BackupServer(ctx context.Context, host string, want provider.ServerBackup) (provider.BackupState, error) {
	var none provider.BackupState
	if err := errors.Join(d.checkHost(host), want.Check(), pool.CheckID(want.Server)); err != nil {
		return none, unjoin(err)
	}
	for _, p := range want.Parts {
		if err := errors.Join(pool.CheckID(p.ID), pool.CheckID(p.Volume+p.Server)); err != nil {
			return none, unjoin(err)
		}
	}
	root := want.Parts[0].ID
	st, err := d.wholeBackup(want)
	if provider.IsNotFound(err) {
		err = d.copies.do(ctx, "backup/"+root, "the backup of server "+want.Server, func(ctx context.Context) error { return d.takeServerBackup(ctx, want) })
		if err == nil {
			st, err = d.wholeBackup(want)
		}
	}
	if err != nil {
		return none, err
	}
	if st.Server != want.Server {
		return none, provider.Errorf(provider.ReasonConflict, "take a new backup", "backup %s is of server %s", root, st.Server)
	}
	return st, nil
}

// wholeBackup is that of the own disk, when all parts are there; NotFound otherwise.
func (d *Driver) wholeBackup(want provider.ServerBackup) (provider.BackupState, error) {
	for _, p := range want.Parts[1:] {
		if _, err := d.pool.Backup(p.ID); err != nil {
			return provider.BackupState{}, err
		}
	}
	return d.pool.Backup(want.Parts[0].ID)
}

func (d *Driver) takeServerBackup(ctx context.Context, want provider.ServerBackup) error {
	var ids []string
	for _, p := range want.Parts {
		ids = append(ids, p.ID)
	}
	var volumes []string // they neither grow nor go while they are copied
	for _, p := range want.Parts[1:] {
		volumes = append(volumes, p.Volume)
	}
	slices.Sort(ids)
	slices.Sort(volumes) // in one order, so that nobody waits in a circle
	unlock, err := d.locks.Lock(ctx, append(ids, volumes...)...)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := d.wholeBackup(want); !provider.IsNotFound(err) {
		return err
	}
	if err := d.pool.DropServerBackup(want); err != nil { // of a try that was cut off, at another moment
		return err
	}
	return d.pool.KeepServerBackup(ctx, want, func(to []pool.Disk) (provider.Consistency, error) {
		var how provider.Consistency
		err := d.withCopying(ctx, want.Server, func(c *libvirt.Connect) (err error) {
			how, err = d.copyServer(ctx, c, want, to)
			return err
		})
		return how, err
	})
}

// withCopying runs fn with a connection, while no other copy of the server's disks is made.
func (d *Driver) withCopying(ctx context.Context, server string, fn func(*libvirt.Connect) error) error {
	c, err := d.connect()
	if err != nil {
		return err
	}
	defer closeConn(c)
	unlock, err := d.locks.Lock(ctx, "backup/"+server) // a domain has one such job at a time
	if err != nil {
		return err
	}
	defer unlock()
	return fn(c)
}

// part is a disk of a server and where it is copied to.
type part struct {
	device   string
	volume   string
	from, to pool.Disk
}

// copyServer copies from a server that runs, or while its lock keeps it from being started.
func (d *Driver) copyServer(ctx context.Context, c *libvirt.Connect, want provider.ServerBackup, to []pool.Disk) (provider.Consistency, error) {
	release, err := d.locks.Lock(ctx, want.Server)
	if err != nil {
		return "", err
	}
	defer release()
	dom, err := lookup(c, want.Server)
	if err != nil {
		return "", err
	}
	defer freeDomain(dom)
	def, _, err := d.describe(dom)
	if err != nil {
		return "", err
	}
	parts, err := d.partsOf(def, want, to)
	if err != nil {
		return "", err
	}
	active, err := dom.IsActive()
	if err != nil {
		return "", mapped("look at server", err)
	}
	if !active {
		return copyResting(ctx, dom, parts)
	}
	if err := d.endStale(ctx, dom); err != nil {
		return "", err
	}
	return d.copyRunning(ctx, c, dom, parts, release)
}

// partsOf finds the disks in the definition.
func (d *Driver) partsOf(def *libvirtxml.Domain, want provider.ServerBackup, to []pool.Disk) ([]part, error) {
	parts := make([]part, len(want.Parts))
	for i, p := range want.Parts {
		path := d.pool.ServerDisk(want.Server, 0)
		if p.Volume != "" {
			path = d.pool.VolumePath(p.Volume)
			if st, err := d.pool.Volume(p.Volume); err == nil && (st.Encrypted != (p.Key != "") || st.Encrypted != (p.VolumeKey != "")) {
				return nil, provider.Errorf(provider.ReasonInvalid, "", "volume %s is encrypted: %t; the keys say something else", p.Volume, st.Encrypted)
			}
		}
		x := findDisk(def, path)
		if x == nil && p.Volume == "" {
			return nil, provider.Errorf(provider.ReasonNotFound, "", "server %s has no disk of its own", want.Server)
		}
		if x == nil {
			return nil, provider.Errorf(provider.ReasonConflict, "attach it, or take it off the server, and back it up then", "volume %s is not attached to server %s", p.Volume, want.Server)
		}
		parts[i] = part{device: x.Target.Dev, volume: p.Volume, from: pool.Disk{Path: path, Key: p.VolumeKey}, to: to[i]}
	}
	return parts, nil
}

// copyResting copies the disks of a server that is off. One that is suspended has things in its memory that are on no disk.
func copyResting(ctx context.Context, dom *libvirt.Domain, parts []part) (provider.Consistency, error) {
	how := provider.AtRest
	if power, _, err := powerOf(dom); err != nil {
		return "", err
	} else if power != provider.PowerStopped {
		how = provider.AtOnce
	}
	for _, p := range parts {
		if err := pool.CopyDisk(ctx, p.from, p.to); err != nil {
			return "", err
		}
	}
	return how, nil
}

func (d *Driver) copyRunning(ctx context.Context, c *libvirt.Connect, dom *libvirt.Domain, parts []part, release func()) (provider.Consistency, error) {
	var copied []copying
	reuse := slices.ContainsFunc(parts, func(p part) bool { return p.to.Key != "" }) // then every file has to be there
	for _, p := range parts {
		x := copying{device: p.device, to: p.to.Path}
		if reuse {
			if err := pool.Blank(ctx, p.from.Path, p.to); err != nil {
				return "", err
			}
		}
		if p.to.Key != "" {
			secret, done, err := d.lend(c, p.to)
			if err != nil {
				return "", err
			}
			defer done()
			x.secret = secret
		}
		copied = append(copied, x)
	}
	how, err := d.atOneMoment(dom, func() error { return beginBackup(dom, reuse, copied...) })
	if err != nil {
		return "", err
	}
	release() // power and devices may change; the job ends with the guest then
	if err := awaitBackup(ctx, dom); err != nil {
		return "", err
	}
	for _, p := range parts {
		if err := pool.AwaitFree(ctx, p.to.Path); err != nil {
			return "", err
		}
	}
	return how, nil
}

// freezeSeconds is how long the guest's agent may take to bring its file systems to rest.
const freezeSeconds = 20

// atOneMoment begins something while the guest's file systems are at rest, where its agent does that.
func (d *Driver) atOneMoment(dom *libvirt.Domain, begin func() error) (provider.Consistency, error) {
	id, err := dom.GetUUIDString()
	if err != nil {
		return "", mapped("look at server", err)
	}
	mark := d.frozenMark(id)
	if err := os.MkdirAll(filepath.Dir(mark), 0o700); err != nil {
		return "", provider.Errorf(provider.ReasonInternal, "", "note that a guest is frozen: %w", err)
	}
	if err := os.WriteFile(mark, nil, 0o600); err != nil { // first: an agent that is killed now finds it again, and thaws
		return "", provider.Errorf(provider.ReasonInternal, "", "note that a guest is frozen: %w", err)
	}
	_ = dom.AgentSetResponseTimeout(freezeSeconds, 0) // without an agent nothing is asked
	how := provider.Quiesced
	if err := dom.FSFreeze(nil, 0); err != nil {
		how = provider.AtOnce
		d.log.Info("the guest is not brought to rest", "server", id, "error", err)
	}
	err = begin()
	d.thaw(dom, id)
	return how, err
}

func (d *Driver) frozenMark(server string) string {
	return filepath.Join(d.cfg.StateDir, "frozen", server)
}

// thaw lets the guest write again; one that was not frozen does not mind. As long as that fails it is tried again.
func (d *Driver) thaw(dom *libvirt.Domain, id string) {
	err := dom.FSThaw(nil, 0)
	for _, none := range []libvirt.ErrorNumber{libvirt.ERR_AGENT_UNRESPONSIVE, libvirt.ERR_ARGUMENT_UNSUPPORTED, libvirt.ERR_CONFIG_UNSUPPORTED, libvirt.ERR_OPERATION_INVALID} {
		if isCode(err, none) && !agentAnswers(dom) {
			err = nil // nobody there who would have frozen it, or the guest has ended
		}
	}
	if err != nil {
		d.log.Error("a guest is frozen and can not be thawed yet", "server", id, "error", err)
		return
	}
	_ = os.Remove(d.frozenMark(id))
}

// agentAnswers tells whether libvirt is connected with an agent in the guest.
func agentAnswers(dom *libvirt.Domain) bool {
	def, _, err := describe(dom, 0)
	if err != nil {
		return false
	}
	for _, ch := range def.Devices.Channels {
		if ch.Target != nil && ch.Target.VirtIO != nil && ch.Target.VirtIO.State == "connected" {
			return true
		}
	}
	return false
}

// thawAll thaws the guests that an agent left frozen which was killed, or that could not be thawed.
func (d *Driver) thawAll(ctx context.Context) {
	entries, err := os.ReadDir(filepath.Dir(d.frozenMark("x")))
	if err != nil || len(entries) == 0 {
		return
	}
	c, err := d.connect()
	if err != nil {
		return // there is a next time
	}
	defer closeConn(c)
	for _, e := range entries {
		id := strings.TrimSpace(e.Name())
		unlock, err := d.locks.Lock(ctx, id)
		if err != nil {
			return // the agent ends
		}
		dom, err := lookup(c, id)
		switch {
		case err == nil:
			d.thaw(dom, id)
			freeDomain(dom)
		case provider.IsNotFound(err):
			_ = os.Remove(d.frozenMark(id))
		}
		unlock()
	}
}

// stage copies the backup that the own disk of a server is to be made of; the server goes on as it is meanwhile.
func (d *Driver) stage(ctx context.Context, want provider.Server) error {
	if len(want.Disks) == 0 || want.Disks[0].Backup == "" || !d.pool.Unmade(want) {
		return nil
	}
	return d.copies.do(ctx, "server/"+want.ID, "the copy to server "+want.ID, func(ctx context.Context) error {
		return d.pool.StageDisk(ctx, want.ID, want.Disks[0].Backup)
	})
}
