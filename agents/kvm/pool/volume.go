package pool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/plazacloud/plaza/pkg/provider"
)

const (
	volumeDisk   = "disk.qcow2"
	volumeRecord = "volume.json"
)

// VolumePath is the disk of volume id.
func (p *Pool) VolumePath(id string) string { return p.path("volumes", id, volumeDisk) }

// EnsureVolume creates the volume or grows it; it never shrinks. grow, when it returns true, has grown the disk in use
// by a running guest; otherwise the file is grown.
func (p *Pool) EnsureVolume(ctx context.Context, want provider.Volume, grow func(path string, bytes int64) (bool, error)) (provider.VolumeState, error) {
	var none provider.VolumeState
	if err := CheckID(want.ID); err != nil {
		return none, err
	}
	if want.Origins() > 1 {
		return none, provider.Errorf(provider.ReasonInvalid, "name one of them", "a volume begins with an image, a snapshot, a backup or a volume")
	}
	if want.SizeGiB < 1 {
		return none, provider.Errorf(provider.ReasonInvalid, "at least 1 GiB", "volume size %d GiB", want.SizeGiB)
	}
	have, err := p.Volume(want.ID)
	if err == nil && have.Encrypted != (want.Key != "") {
		return none, provider.Errorf(provider.ReasonConflict, "make a new volume from a snapshot of it", "volume %s is encrypted: %t", want.ID, have.Encrypted)
	}
	switch {
	case provider.IsNotFound(err):
		err = p.createVolume(want, func(disk string) error {
			if want.Snapshot != "" || want.Backup != "" {
				return p.fillFrom(ctx, want, disk)
			}
			return p.createDisk(ctx, Disk{disk, want.Key}, want.Image, want.SizeGiB)
		})
	case err == nil && have.SizeGiB < want.SizeGiB:
		err = p.growVolume(ctx, want, grow)
	}
	if err != nil {
		return none, err
	}
	return p.Volume(want.ID)
}

// CloneVolume makes the volume of what take puts into the file it is given, of a disk as large as that of another volume,
// and grows it to what is wanted.
func (p *Pool) CloneVolume(ctx context.Context, want provider.Volume, take func(path string) error) error {
	of, err := p.Volume(want.Source)
	if err != nil {
		return err
	}
	if want.SizeGiB < of.SizeGiB {
		return provider.Errorf(provider.ReasonInvalid, "choose a larger volume", "a volume of %d GiB is smaller than volume %s of %d GiB", want.SizeGiB, want.Source, of.SizeGiB)
	}
	return p.createVolume(want, func(disk string) error {
		err := take(disk)
		if err == nil && want.SizeGiB > of.SizeGiB {
			err = resize(ctx, Disk{disk, want.Key}, want.SizeGiB)
		}
		if err != nil {
			return err
		}
		return flush(disk)
	})
}

func (p *Pool) createVolume(want provider.Volume, fill func(disk string) error) error {
	draft := p.path("volumes", ".part-"+want.ID)
	err := os.RemoveAll(draft)
	if err == nil {
		err = os.Mkdir(draft, 0o711) //nolint:gosec // QEMU may run as another user
	}
	if err != nil {
		return fileError("volume folder", err)
	}
	if err = fill(filepath.Join(draft, volumeDisk)); err == nil {
		want.Key, want.OriginKey = "", "" // no key comes onto the disk
		err = writeJSON(filepath.Join(draft, volumeRecord), want)
	}
	if err == nil {
		err = os.Rename(draft, p.path("volumes", want.ID))
	}
	if err != nil {
		err = unjoined(errors.Join(asProvider("create volume", err), os.RemoveAll(draft)))
	}
	return err
}

func (p *Pool) growVolume(ctx context.Context, want provider.Volume, grow func(string, int64) (bool, error)) error {
	if grow != nil {
		if done, err := grow(p.VolumePath(want.ID), int64(want.SizeGiB)*gib); done || err != nil {
			return err
		}
	}
	return resize(ctx, Disk{p.VolumePath(want.ID), want.Key}, want.SizeGiB)
}

// createDisk makes a qcow2 disk, an overlay when image is given; sizeGiB 0 takes the image's size.
func (p *Pool) createDisk(ctx context.Context, disk Disk, image string, sizeGiB int) error {
	call := &imager{args: []string{"create", "-q", "-f", "qcow2"}}
	call.makes(disk)
	if image != "" {
		img, err := p.Image(image)
		if err != nil {
			return err
		}
		backing := p.path("images", image, "disk")
		h, err := readHeader(backing)
		if err != nil {
			return fileError("read image", err)
		}
		if sizeGiB > 0 && int64(sizeGiB)*gib < h.VirtualBytes {
			return provider.Errorf(provider.ReasonInvalid, "choose a larger disk", "disk of %d GiB is smaller than image %s (%d bytes)", sizeGiB, img.Name, h.VirtualBytes)
		}
		call.args = append(call.args, "-b", backing, "-F", img.Format)
	} else if sizeGiB < 1 {
		return provider.Errorf(provider.ReasonInvalid, "", "a disk needs an image or a size")
	}
	last := []string{disk.Path}
	if sizeGiB > 0 {
		last = append(last, fmt.Sprintf("%dG", sizeGiB))
	}
	return call.run(ctx, last...)
}

// Volume reports one volume, without what it is attached to; NotFound when absent.
func (p *Pool) Volume(id string) (provider.VolumeState, error) {
	if err := CheckID(id); err != nil {
		return provider.VolumeState{}, err
	}
	h, err := readHeader(p.VolumePath(id))
	if missing(err) {
		return provider.VolumeState{}, provider.Errorf(provider.ReasonNotFound, "", "volume %s is not on host %s", id, p.host)
	}
	if err != nil {
		return provider.VolumeState{}, fileError("read volume", err)
	}
	return provider.VolumeState{ID: id, Host: p.host, SizeGiB: ceilGiB(h.VirtualBytes), AllocatedBytes: allocated(p.VolumePath(id)), Encrypted: h.Encrypted}, nil
}

// ListVolumes reports every volume, without what they are attached to.
func (p *Pool) ListVolumes() ([]provider.VolumeState, error) {
	ids, err := p.ids("volumes")
	if err != nil {
		return nil, err
	}
	states := make([]provider.VolumeState, 0, len(ids))
	for _, id := range ids {
		if st, err := p.Volume(id); err == nil {
			states = append(states, st)
		}
	}
	return states, nil
}

// VolumeQoS is how fast the volume may be; nil for no bound.
func (p *Pool) VolumeQoS(id string) *provider.QoS {
	var was provider.Volume
	if !possible(id) || readJSON(p.path("volumes", id, volumeRecord), &was) != nil {
		return nil
	}
	return was.QoS
}

// SetVolumeQoS notes how fast the volume may be.
func (p *Pool) SetVolumeQoS(id string, q *provider.QoS) error {
	var was provider.Volume
	path := p.path("volumes", id, volumeRecord)
	err := readJSON(path, &was)
	if err == nil {
		was.QoS = q
		err = writeJSON(path, was)
	}
	if err != nil {
		return fileError("record of volume", err)
	}
	return nil
}

// DeleteVolume removes the volume; the caller knows that it is detached. Conflict while it has snapshots.
func (p *Pool) DeleteVolume(id string) error {
	if !possible(id) {
		return nil
	}
	if err := p.refuseKept(id); err != nil {
		return err
	}
	return p.discard("volumes", id)
}

func ceilGiB(bytes int64) int { return int((bytes + gib - 1) / gib) }

func asProvider(what string, err error) error {
	if e := (*provider.Error)(nil); errors.As(err, &e) {
		return err
	}
	return fileError(what, err)
}

// VolumeOf returns the id of the volume whose disk path is, "" for any other file.
func (p *Pool) VolumeOf(path string) string {
	dir, name := filepath.Split(path)
	id := filepath.Base(dir)
	if name != volumeDisk || filepath.Dir(filepath.Clean(dir)) != p.path("volumes") {
		return ""
	}
	return id
}
