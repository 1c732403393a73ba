package pool

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
)

const snapshotRecord = "snapshot.json"

// KeepSnapshot makes a snapshot of what fill copies to the file it is given, which is not there yet.
func (p *Pool) KeepSnapshot(want provider.Snapshot, fill func(path string) error) error {
	size, err := p.Volume(want.Volume)
	if err != nil {
		return err
	}
	st := provider.SnapshotState{ID: want.ID, Host: p.host, Volume: want.Volume, SizeGiB: size.SizeGiB, Encrypted: want.Key != "", CreatedAt: time.Now().UTC().Truncate(time.Second)}
	return p.keep("snapshots", want.ID, snapshotRecord, st, fill)
}

// keep makes an entry of a folder of what fill copies to the file it is given: aside, on the disk, and then in its place.
func (p *Pool) keep(sub, id, record string, st any, fill func(path string) error) error {
	draft := p.path(sub, draftPrefix+id)
	err := os.RemoveAll(draft)
	if err == nil {
		err = os.Mkdir(draft, 0o711) //nolint:gosec // QEMU may run as another user
	}
	if err != nil {
		return fileError("folder in "+sub, err)
	}
	disk, about := filepath.Join(draft, volumeDisk), filepath.Join(draft, record)
	err = fill(disk)
	if err == nil {
		err = writeJSON(about, st)
	}
	for _, path := range []string{disk, about, draft} {
		if err == nil {
			err = flush(path)
		}
	}
	if err == nil {
		err = os.Rename(draft, p.path(sub, id))
	}
	if err != nil {
		return unjoined(errors.Join(asProvider("keep it in "+sub, err), os.RemoveAll(draft)))
	}
	return asKept(flush(p.path(sub)))
}

const draftPrefix = ".part-"

func asKept(err error) error {
	if err == nil {
		return nil
	}
	return fileError("flush folder", err)
}

// DraftOf returns the id of the snapshot, backup or volume in whose draft the file is, "" for any other file.
func (p *Pool) DraftOf(path string) string {
	dir := filepath.Dir(path)
	id, ok := strings.CutPrefix(filepath.Base(dir), draftPrefix)
	if in := filepath.Dir(dir); !ok || in != p.path("snapshots") && in != p.path("backups") && in != p.path("volumes") {
		return ""
	}
	return id
}

// unjoined is the driver's error in a join whose other parts are nil: its reason must stay readable.
func unjoined(err error) error {
	if e := (*provider.Error)(nil); errors.As(err, &e) {
		return e
	}
	return err
}

// freeWait is how long QEMU may keep a file that it has been told to close.
const freeWait = 20 * time.Second

// AwaitFree waits until no QEMU has a disk open for writing.
func AwaitFree(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, freeWait)
	defer cancel()
	for {
		err := qemuImg(ctx, "info", "-f", "qcow2", path)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return provider.Errorf(provider.ReasonUnavailable, "try again", "%s stays in use: %w", filepath.Base(path), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// flush brings a file or a folder to the disk: what is lost with the host's power must not look finished.
func flush(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Snapshot reports one snapshot; NotFound when absent.
func (p *Pool) Snapshot(id string) (provider.SnapshotState, error) {
	st, err := record[provider.SnapshotState](p, "snapshot", snapshotRecord, id)
	if err == nil {
		st.Host = p.host
	}
	return st, err
}

// record reads that of a finished snapshot or backup; NotFound when it or its data are absent.
func record[S any](p *Pool, noun, file, id string) (S, error) {
	var st, none S
	err := readJSON(p.path(noun+"s", id, file), &st)
	if !possible(id) || missing(err) {
		return none, provider.Errorf(provider.ReasonNotFound, "", "%s %s is not on host %s", noun, id, p.host)
	}
	if err == nil {
		_, err = os.Stat(p.path(noun+"s", id, volumeDisk)) // a record without its data is worth nothing
	}
	if missing(err) {
		return none, provider.Errorf(provider.ReasonNotFound, "", "%s %s has lost its data on host %s", noun, id, p.host)
	}
	if err != nil {
		return none, fileError("read "+noun, err)
	}
	return st, nil
}

// ListSnapshots reports every snapshot.
func (p *Pool) ListSnapshots() ([]provider.SnapshotState, error) {
	return records(p, "snapshots", p.Snapshot)
}

// records reads all that a folder has.
func records[S any](p *Pool, folder string, read func(id string) (S, error)) ([]S, error) {
	ids, err := p.ids(folder)
	if err != nil {
		return nil, err
	}
	states := make([]S, 0, len(ids))
	for _, id := range ids {
		st, err := read(id)
		if provider.IsNotFound(err) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		states = append(states, st)
	}
	return states, nil
}

// DeleteSnapshot removes the snapshot, and a draft of it.
func (p *Pool) DeleteSnapshot(id string) error {
	if !possible(id) {
		return nil
	}
	return p.discard("snapshots", id)
}

// refuseKept refuses what would take a volume from under its snapshots.
func (p *Pool) refuseKept(volume string) error {
	all, err := p.ListSnapshots()
	if err != nil {
		return err
	}
	var of []string
	for _, s := range all {
		if s.Volume == volume {
			of = append(of, s.ID)
		}
	}
	if len(of) == 0 {
		return nil
	}
	return provider.Errorf(provider.ReasonConflict, "delete its snapshots first", "volume %s has snapshots: %s", volume, strings.Join(of, ", "))
}

// origin is the disk that a new volume begins with a copy of, the size of it, and what to call it.
func (p *Pool) origin(want provider.Volume) (path, what string, sizeGiB int, err error) {
	if want.Backup != "" {
		st, err := p.Backup(want.Backup)
		return p.path("backups", want.Backup, volumeDisk), "backup " + want.Backup, st.SizeGiB, err
	}
	st, err := p.Snapshot(want.Snapshot)
	return p.path("snapshots", want.Snapshot, volumeDisk), "snapshot " + want.Snapshot, st.SizeGiB, err
}

// fillFrom makes the disk of a new volume from a snapshot or a backup.
func (p *Pool) fillFrom(ctx context.Context, want provider.Volume, path string) error {
	from, what, gib, err := p.origin(want)
	if err != nil {
		return err
	}
	if want.SizeGiB < gib {
		return provider.Errorf(provider.ReasonInvalid, "choose a larger volume", "a volume of %d GiB is smaller than %s of %d GiB", want.SizeGiB, what, gib)
	}
	disk := Disk{path, want.Key}
	if err := CopyDisk(ctx, Disk{from, want.OriginKey}, disk); err != nil {
		return err
	}
	if want.SizeGiB > gib {
		if err := resize(ctx, disk, want.SizeGiB); err != nil {
			return err
		}
	}
	return flush(path)
}
