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

// SnapshotDraft is the file that a snapshot is copied to before it is complete.
func (p *Pool) SnapshotDraft(id string) string {
	return p.path("snapshots", ".part-"+id, volumeDisk)
}

// DraftOf returns the id of the snapshot whose draft path is, "" for any other file.
func (p *Pool) DraftOf(path string) string {
	id, ok := strings.CutPrefix(filepath.Base(filepath.Dir(path)), ".part-")
	if !ok || path != p.SnapshotDraft(id) {
		return ""
	}
	return id
}

// KeepSnapshot makes a snapshot of what fill copies to the file it is given, which is not there yet.
func (p *Pool) KeepSnapshot(want provider.Snapshot, fill func(path string) error) error {
	size, err := p.Volume(want.Volume)
	if err != nil {
		return err
	}
	draft := p.path("snapshots", ".part-"+want.ID)
	err = os.RemoveAll(draft)
	if err == nil {
		err = os.Mkdir(draft, 0o711) //nolint:gosec // QEMU may run as another user
	}
	if err != nil {
		return fileError("snapshot folder", err)
	}
	st := provider.SnapshotState{ID: want.ID, Host: p.host, Volume: want.Volume, SizeGiB: size.SizeGiB, CreatedAt: time.Now().UTC().Truncate(time.Second)}
	err = fill(p.SnapshotDraft(want.ID))
	if err == nil {
		err = flush(p.SnapshotDraft(want.ID))
	}
	if err == nil {
		err = writeJSON(filepath.Join(draft, snapshotRecord), st)
	}
	if err == nil {
		err = os.Rename(draft, p.path("snapshots", want.ID))
	}
	if err != nil {
		err = errors.Join(asProvider("keep snapshot", err), os.RemoveAll(draft))
	}
	return unjoined(err)
}

// unjoined is the driver's error in a join whose other parts are nil: its reason must stay readable.
func unjoined(err error) error {
	if e := (*provider.Error)(nil); errors.As(err, &e) {
		return e
	}
	return err
}

// CopyDisk copies all that a disk shows, without what it is backed by, and leaves holes where there is nothing.
func CopyDisk(ctx context.Context, from, to string) error {
	return qemuImg(ctx, "convert", "-q", "-f", "qcow2", "-O", "qcow2", from, to)
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

// flush brings a copy to the disk: one that is lost with the host's power must not look finished.
func flush(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Snapshot reports one snapshot; NotFound when absent.
func (p *Pool) Snapshot(id string) (provider.SnapshotState, error) {
	var st provider.SnapshotState
	err := readJSON(p.path("snapshots", id, snapshotRecord), &st)
	if !possible(id) || missing(err) {
		return provider.SnapshotState{}, provider.Errorf(provider.ReasonNotFound, "", "snapshot %s is not on host %s", id, p.host)
	}
	if err == nil {
		_, err = os.Stat(p.path("snapshots", id, volumeDisk)) // a record without its data is no snapshot
	}
	if missing(err) {
		return provider.SnapshotState{}, provider.Errorf(provider.ReasonNotFound, "", "snapshot %s has lost its data on host %s", id, p.host)
	}
	st.Host = p.host
	return st, asRead(err)
}

func asRead(err error) error {
	if err == nil {
		return nil
	}
	return fileError("read snapshot", err)
}

// ListSnapshots reports every snapshot.
func (p *Pool) ListSnapshots() ([]provider.SnapshotState, error) {
	ids, err := p.ids("snapshots")
	if err != nil {
		return nil, err
	}
	states := make([]provider.SnapshotState, 0, len(ids))
	for _, id := range ids {
		st, err := p.Snapshot(id)
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

// fillFrom makes the disk of a new volume from a snapshot.
func (p *Pool) fillFrom(ctx context.Context, snapshot, path string, sizeGiB int) error {
	st, err := p.Snapshot(snapshot)
	if err != nil {
		return err
	}
	if sizeGiB < st.SizeGiB {
		return provider.Errorf(provider.ReasonInvalid, "choose a larger volume", "a volume of %d GiB is smaller than snapshot %s of %d GiB", sizeGiB, snapshot, st.SizeGiB)
	}
	if err := CopyDisk(ctx, p.path("snapshots", snapshot, volumeDisk), path); err != nil {
		return err
	}
	if sizeGiB > st.SizeGiB {
		if err := resize(ctx, path, sizeGiB); err != nil {
			return err
		}
	}
	return flush(path)
}
