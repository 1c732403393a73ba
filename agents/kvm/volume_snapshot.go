package kvm

import (
	"context"
	"strings"
	"time"

	"libvirt.org/go/libvirt"
	"libvirt.org/go/libvirtxml"

	"github.com/plazacloud/plaza/agents/kvm/pool"
	"github.com/plazacloud/plaza/pkg/provider"
)

// EnsureSnapshot copies the volume as it is at this moment. Under a running guest that is QEMU's backup job: what the
// guest overwrites meanwhile is copied first. libvirt before 9.9 neither reverts to nor deletes external snapshots, and
// internal ones live and die with the volume's file, so a snapshot is a file of its own.
func (d *Driver) EnsureSnapshot(ctx context.Context, host string, want provider.Snapshot) (provider.SnapshotState, error) {
	var none provider.SnapshotState
	if err := d.checkHost(host); err != nil {
		return none, err
	}
	if err := pool.CheckID(want.ID); err != nil {
		return none, err
	}
	st, err := d.pool.Snapshot(want.ID)
	if provider.IsNotFound(err) {
		err = d.copies.do(ctx, "snapshot/"+want.ID, "the copy of volume "+want.Volume, func(ctx context.Context) error { return d.takeSnapshot(ctx, want) })
		if err == nil {
			st, err = d.pool.Snapshot(want.ID)
		}
	}
	if err != nil {
		return none, err
	}
	if st.Volume != want.Volume {
		return none, provider.Errorf(provider.ReasonConflict, "take a new snapshot", "snapshot %s is of volume %s", want.ID, st.Volume)
	}
	return st, nil
}

func (d *Driver) takeSnapshot(ctx context.Context, want provider.Snapshot) error {
	unlock, err := d.locks.Lock(ctx, want.ID, want.Volume) // it neither grows nor goes meanwhile
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := d.pool.Snapshot(want.ID); !provider.IsNotFound(err) {
		return err
	}
	return d.pool.KeepSnapshot(want, func(path string) error {
		return d.copyVolume(ctx, want.Volume, want.VolumeKey, pool.Disk{Path: path, Key: want.Key})
	})
}

func (d *Driver) copyVolume(ctx context.Context, volume string, key provider.Key, to pool.Disk) error {
	from := pool.Disk{Path: d.pool.VolumePath(volume), Key: key}
	if st, err := d.pool.Volume(volume); err == nil && (st.Encrypted != (key != "") || st.Encrypted != (to.Key != "")) {
		return provider.Errorf(provider.ReasonInvalid, "", "volume %s is encrypted: %t; the keys say something else", volume, st.Encrypted)
	}
	c, err := d.connect()
	if err != nil {
		return err
	}
	defer closeConn(c)
	owner, release, err := d.hold(ctx, c, volume)
	if err != nil {
		return err
	}
	defer release()
	if owner == "" {
		return pool.CopyDisk(ctx, from, to)
	}
	return d.copyAttached(ctx, c, owner, volume, from, to)
}

// hold tells which server has a volume; one that none has is kept from all of them until release.
func (d *Driver) hold(ctx context.Context, c *libvirt.Connect, volume string) (owner string, release func(), err error) {
	unlock, err := d.locks.Lock(ctx, attachLock)
	if err != nil {
		return "", nil, err
	}
	defer unlock()
	owners, err := d.owners(c)
	if err != nil {
		return "", nil, err
	}
	if owner = owners[volume]; owner != "" {
		return owner, func() {}, nil
	}
	d.copied[volume] = true
	return "", func() {
		if unlock, err := d.locks.Lock(context.WithoutCancel(ctx), attachLock); err == nil { // it waits for as long as it takes
			delete(d.copied, volume)
			unlock()
		}
	}, nil
}

// copyAttached copies from a server that runs, or while its lock keeps it from being started.
func (d *Driver) copyAttached(ctx context.Context, c *libvirt.Connect, server, volume string, from, to pool.Disk) error {
	unlock, err := d.locks.Lock(ctx, "backup/"+server) // a domain has one such job at a time
	if err != nil {
		return err
	}
	defer unlock()
	release, err := d.locks.Lock(ctx, server)
	if err != nil {
		return err
	}
	defer release()
	dom, err := lookup(c, server)
	if err != nil {
		return gone(err, volume)
	}
	defer freeDomain(dom)
	def, _, err := d.describe(dom)
	if err != nil {
		return gone(err, volume)
	}
	active, err := dom.IsActive()
	if err != nil {
		return mapped("look at server", err)
	}
	x := findDisk(def, from.Path)
	if !active || x == nil { // x is nil when it is plugged in with the next start
		return pool.CopyDisk(ctx, from, to)
	}
	if err := d.endStale(ctx, dom); err != nil {
		return err
	}
	secret, done, err := d.blank(ctx, c, volume, to)
	if err != nil {
		return err
	}
	defer done()
	if err := beginBackup(dom, secret != "", copying{x.Target.Dev, to.Path, secret}); err != nil {
		return err
	}
	release() // power and devices may change; the job ends with the guest then
	if err := awaitBackup(ctx, dom); err != nil {
		return err
	}
	return pool.AwaitFree(ctx, to.Path) // QEMU lets go of the file a moment after the job's end
}

// gone says that the server let go of the volume in this moment.
func gone(err error, volume string) error {
	if !provider.IsNotFound(err) {
		return err
	}
	return provider.Errorf(provider.ReasonUnavailable, "try again", "the server of volume %s is being deleted", volume)
}

// endStale ends a job that an agent began which was killed; one that others began is left alone.
func (d *Driver) endStale(ctx context.Context, dom *libvirt.Domain) error {
	doc, err := dom.BackupGetXMLDesc(0)
	if isCode(err, libvirt.ERR_NO_DOMAIN_BACKUP) {
		return nil
	}
	if err != nil {
		return mapped("look for backup jobs", err)
	}
	var job libvirtxml.DomainBackup
	if err := job.Unmarshal(doc); err != nil {
		return provider.Errorf(provider.ReasonInternal, "", "backup XML: %w", err)
	}
	ours := false
	if job.Push != nil && job.Push.Disks != nil {
		for _, x := range job.Push.Disks.Disks {
			ours = ours || x.Target != nil && x.Target.File != nil && d.pool.DraftOf(x.Target.File.File) != ""
		}
	}
	if !ours {
		return provider.Errorf(provider.ReasonUnavailable, "wait for its end", "another backup of the server is under way")
	}
	if err := dom.AbortJob(); err != nil && !isCode(err, libvirt.ERR_OPERATION_INVALID) {
		return mapped("end backup job", err)
	}
	for {
		if _, err := dom.BackupGetXMLDesc(0); isCode(err, libvirt.ERR_NO_DOMAIN_BACKUP) {
			return nil
		}
		if !sleep(ctx, powerPoll) {
			return provider.Errorf(provider.ReasonTimeout, "try again", "an older backup job does not end: %w", ctx.Err())
		}
	}
}

// copying is a disk of a guest that is copied to a file, with the id of the secret that has the file's key.
type copying struct{ device, to, secret string }

// beginBackup copies to files that are not there yet or, reused, to ones that are there, are empty and have their keys.
func beginBackup(dom *libvirt.Domain, reuse bool, disks ...copying) error {
	job, flags := &libvirtxml.DomainBackupPushDisks{}, libvirt.DomainBackupBeginFlags(0)
	if reuse {
		flags = libvirt.DOMAIN_BACKUP_BEGIN_REUSE_EXTERNAL
	}
	for _, x := range disks {
		target := &libvirtxml.DomainDiskSource{File: &libvirtxml.DomainDiskSourceFile{File: x.to}}
		if x.secret != "" {
			target.Encryption = encryption(x.secret)
		}
		job.Disks = append(job.Disks, libvirtxml.DomainBackupPushDisk{Name: x.device, Backup: "yes", Driver: &libvirtxml.DomainBackupDiskDriver{Type: "qcow2"}, Target: target})
	}
	doc, err := (&libvirtxml.DomainBackup{Push: &libvirtxml.DomainBackupPush{Disks: job}}).Marshal()
	if err != nil {
		return provider.Errorf(provider.ReasonInternal, "", "backup XML: %w", err)
	}
	return mapped("copy disks", dom.BackupBegin(doc, "", flags))
}

// backupPoll is how often a backup job is looked at.
const backupPoll = 100 * time.Millisecond

// awaitBackup waits for the end of the job, and ends it with ctx.
func awaitBackup(ctx context.Context, dom *libvirt.Domain) error {
	for {
		_, err := dom.BackupGetXMLDesc(0)
		switch {
		case isCode(err, libvirt.ERR_NO_DOMAIN_BACKUP):
			return backupResult(dom)
		case isCode(err, libvirt.ERR_OPERATION_INVALID), isCode(err, libvirt.ERR_NO_DOMAIN):
			return errWentOff
		case err != nil:
			return mapped("look at backup job", err)
		}
		if !sleep(ctx, backupPoll) {
			_ = dom.AbortJob() // a job that ended in this moment can not be ended
			return provider.Errorf(provider.ReasonUnavailable, "try again", "the copy was cut off")
		}
	}
}

var errWentOff = provider.Errorf(provider.ReasonUnavailable, "try again", "the server went off while its volume was copied")

func backupResult(dom *libvirt.Domain) error {
	if active, err := dom.IsActive(); err != nil || !active {
		return errWentOff
	}
	info, err := dom.GetJobStats(libvirt.DOMAIN_JOB_STATS_COMPLETED)
	if err != nil {
		return mapped("read the end of the backup job", err)
	}
	if strings.Contains(info.ErrorMessage, "No space left") {
		return provider.Errorf(provider.ReasonNoSpace, "free space where the copy is kept", "the copy of the volume did not end well: %s", info.ErrorMessage)
	}
	if info.Operation != libvirt.DOMAIN_JOB_OPERATION_BACKUP || info.Type != libvirt.DOMAIN_JOB_COMPLETED {
		return provider.Errorf(provider.ReasonUnavailable, "try again", "the copy of the volume did not end well: %s", info.ErrorMessage)
	}
	return nil
}

// GetSnapshot reports one snapshot.
func (d *Driver) GetSnapshot(_ context.Context, host, id string) (provider.SnapshotState, error) {
	if err := d.checkHost(host); err != nil {
		return provider.SnapshotState{}, err
	}
	return d.pool.Snapshot(id)
}

// DeleteSnapshot removes the snapshot, and ends its copy.
func (d *Driver) DeleteSnapshot(ctx context.Context, host, id string) error {
	if err := d.checkHost(host); err != nil {
		return err
	}
	d.copies.stop("snapshot/" + id)
	unlock, err := d.locks.Lock(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	return d.pool.DeleteSnapshot(id)
}

// ListSnapshots reports every snapshot of the pool.
func (d *Driver) ListSnapshots(_ context.Context, host string) ([]provider.SnapshotState, error) {
	if err := d.checkHost(host); err != nil {
		return nil, err
	}
	return d.pool.ListSnapshots()
}
