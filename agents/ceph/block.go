//go:build ceph

package ceph

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"syscall"

	"github.com/ceph/go-ceph/rados"
	"github.com/ceph/go-ceph/rbd"

	"github.com/plazacloud/plaza/pkg/provider"
)

const (
	// features are those that every client of the last years knows; object map and fast diff make its use cheap to tell.
	features = rbd.FeatureLayering | rbd.FeatureExclusiveLock | rbd.FeatureObjectMap | rbd.FeatureFastDiff | rbd.FeatureDeepFlatten
	gib      = 1 << 30
)

// Metadata of an image. Those that begin with conf_ are options that every client obeys when it opens the image.
const (
	metaID      = "plaza-id"
	metaProject = "plaza-project"
	metaName    = "plaza-name"
	metaIOPS    = "conf_rbd_qos_iops_limit"
	metaBPS     = "conf_rbd_qos_bps_limit"
)

// EnsureVolume makes the image in the wanted pool, or grows the one that is there, in whatever pool it is.
func (d *Driver) EnsureVolume(ctx context.Context, place string, want provider.Volume) (provider.VolumeState, error) {
	if err := checkVolume(want); err != nil {
		return provider.VolumeState{}, err
	}
	unlock, err := d.locks.Lock(ctx, want.ID)
	if err != nil {
		return provider.VolumeState{}, err
	}
	defer unlock()
	pool, err := d.poolOf(ctx, want.ID)
	if provider.IsNotFound(err) {
		pool, err = d.createImage(ctx, want)
	}
	if err != nil {
		return provider.VolumeState{}, err
	}
	return withImage(ctx, d, "ensure volume", pool, want.ID, rbd.OpenImage, func(img *rbd.Image) (provider.VolumeState, error) {
		size, err := img.GetSize()
		if err == nil && size < bytesOf(want) {
			err = img.Resize(bytesOf(want))
		}
		if err == nil {
			err = describe(img, want)
		}
		if err != nil {
			return provider.VolumeState{}, err
		}
		return measure(img, place, want.ID)
	})
}

func checkVolume(want provider.Volume) error {
	switch {
	case want.Source != "":
		return provider.Errorf(provider.ReasonInvalid, "copy it in a region or on a host", "volumes of a storage cluster are not copied")
	case want.Image != "":
		return provider.Errorf(provider.ReasonInvalid, "make an empty volume, or one in a region that has the image",
			"volumes of a storage cluster can not begin with an image")
	case want.Encrypted:
		return provider.Errorf(provider.ReasonInvalid, "encrypt the disks of the cluster", "volumes of a storage cluster are not encrypted one by one")
	case want.SizeGiB < 1:
		return provider.Errorf(provider.ReasonInvalid, "", "a volume has at least 1 GiB")
	}
	return checkID("volume", want.ID)
}

func bytesOf(want provider.Volume) uint64 { return uint64(want.SizeGiB) * gib } //nolint:gosec // positive

// createImage makes the image where it is wanted. An erasure coded pool keeps only its data: RBD needs a replicated one
// for the rest.
func (d *Driver) createImage(ctx context.Context, want provider.Volume) (string, error) {
	pools, err := d.pools(ctx)
	if err != nil {
		return "", err
	}
	home, data, err := d.homeOf(pools, want.Pool)
	if err != nil {
		return "", err
	}
	_, err = withPool(ctx, d, "create volume", home, func(io *rados.IOContext) (struct{}, error) {
		opts := rbd.NewRbdImageOptions()
		defer opts.Destroy()
		err := opts.SetUint64(rbd.ImageOptionFeatures, features)
		if err == nil && data != "" {
			err = opts.SetString(rbd.ImageOptionDataPool, data)
		}
		if err == nil {
			err = rbd.CreateImage(io, nameOf(want.ID), bytesOf(want), opts)
		}
		return struct{}{}, err
	})
	if errnoOf(err) == syscall.EEXIST {
		return home, nil // another agent of the cluster made it meanwhile
	}
	return home, err
}

// homeOf chooses the pool of an image, and the one of its data when that is another.
func (d *Driver) homeOf(pools []poolRow, wanted string) (home, data string, err error) {
	var first string
	for _, p := range pools {
		if p.is("rbd") && !p.erasure() && (first == "" || p.Name == d.cfg.Pool) {
			first = p.Name
		}
	}
	if wanted == "" {
		wanted = first
		if d.cfg.Pool != "" {
			wanted = d.cfg.Pool
		}
	}
	i := find(pools, wanted)
	switch {
	case wanted == "":
		return "", "", provider.Errorf(provider.ReasonConflict, "make a pool of application rbd", "the cluster has no pool for volumes")
	case i < 0 || !pools[i].is("rbd"):
		return "", "", provider.Errorf(provider.ReasonConflict, "make it, with application rbd", "the cluster has no pool %q for volumes", wanted)
	case !pools[i].erasure():
		return wanted, "", nil
	case first == "":
		return "", "", provider.Errorf(provider.ReasonConflict, "make a replicated pool of application rbd",
			"pool %q is erasure coded, and there is no replicated one for the volumes' own records", wanted)
	}
	return first, wanted, nil
}

// describe writes who the image belongs to and how fast it may be; what is written already stays untouched.
func describe(img *rbd.Image, want provider.Volume) error {
	wanted := map[string]string{metaID: want.ID, metaProject: want.Project, metaName: want.Name, metaIOPS: "", metaBPS: ""}
	if want.QoS != nil && want.QoS.IOPS > 0 {
		wanted[metaIOPS] = strconv.FormatInt(want.QoS.IOPS, 10)
	}
	if want.QoS != nil && want.QoS.BytesPerSecond > 0 {
		wanted[metaBPS] = strconv.FormatInt(want.QoS.BytesPerSecond, 10)
	}
	have, err := img.ListMetadata()
	if err != nil {
		return err
	}
	for key, value := range wanted {
		old, there := have[key]
		switch {
		case value != "" && value != old:
			err = img.SetMetadata(key, value)
		case value == "" && there:
			err = img.RemoveMetadata(key)
		}
		if err != nil {
			return fmt.Errorf("metadata %s: %w", key, err)
		}
	}
	return nil
}

// measure tells size and use; with fast diff the latter is read from the object map alone.
func measure(img *rbd.Image, place, id string) (provider.VolumeState, error) {
	st := provider.VolumeState{ID: id, Host: place}
	size, err := img.GetSize()
	if err != nil {
		return st, err
	}
	st.SizeGiB = int(size / gib) //nolint:gosec // fits
	err = img.DiffIterate(rbd.DiffIterateConfig{Offset: 0, Length: size, IncludeParent: rbd.ExcludeParent, WholeObject: rbd.EnableWholeObject,
		Callback: func(_, length uint64, exists int, _ any) int {
			if exists == 1 {
				st.AllocatedBytes += int64(length) //nolint:gosec // fits
			}
			return 0
		}})
	return st, err
}

// GetVolume reports one volume.
func (d *Driver) GetVolume(ctx context.Context, place, id string) (provider.VolumeState, error) {
	pool, err := d.poolOf(ctx, id)
	if err != nil {
		return provider.VolumeState{}, err
	}
	return d.readVolume(ctx, place, pool, id)
}

func (d *Driver) readVolume(ctx context.Context, place, pool, id string) (provider.VolumeState, error) {
	return withImage(ctx, d, "read volume", pool, id, rbd.OpenImageReadOnly, func(img *rbd.Image) (provider.VolumeState, error) {
		return measure(img, place, id)
	})
}

// DeleteVolume refuses an image that a client has open, or that has snapshots, as Conflict.
func (d *Driver) DeleteVolume(ctx context.Context, _, id string) error {
	if checkID("volume", id) != nil {
		return nil // nothing can be there by such an id
	}
	unlock, err := d.locks.Lock(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	pool, err := d.poolOf(ctx, id)
	if provider.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = withImage(ctx, d, "delete volume", pool, id, rbd.OpenImageReadOnly, func(img *rbd.Image) (struct{}, error) {
		return struct{}{}, refuseUsed(img)
	})
	if err == nil {
		_, err = withPool(ctx, d, "delete volume", pool, func(io *rados.IOContext) (struct{}, error) {
			return struct{}{}, rbd.RemoveImage(io, nameOf(id))
		})
	}
	if provider.IsNotFound(err) {
		return nil
	}
	return err
}

func refuseUsed(img *rbd.Image) error {
	watchers, err := img.ListWatchers() // not our own: that is opened read-only
	if err != nil {
		return err
	}
	if len(watchers) > 0 {
		return provider.Errorf(provider.ReasonConflict, "detach it first; a client that died lets go after 30 s", "volume %s is open at %s", idOf(img.GetName()), watchers[0].Addr)
	}
	snaps, err := img.GetSnapshotNames()
	if err != nil {
		return err
	}
	if len(snaps) > 0 {
		return provider.Errorf(provider.ReasonConflict, "delete its snapshots first", "volume %s has %d snapshots", idOf(img.GetName()), len(snaps))
	}
	return nil
}

// ListVolumes returns the images that carry a Plaza id, of every pool.
func (d *Driver) ListVolumes(ctx context.Context, place string) ([]provider.VolumeState, error) {
	pools, err := d.pools(ctx)
	if err != nil {
		return nil, err
	}
	out := []provider.VolumeState{}
	for _, p := range pools {
		names, err := d.images(ctx, p)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			st, err := d.readVolume(ctx, place, p.Name, idOf(name))
			if provider.IsNotFound(err) {
				continue // deleted meanwhile
			}
			if err != nil {
				return nil, err
			}
			out = append(out, st)
		}
	}
	return out, nil
}

// images lists the images of a pool that carry a Plaza id.
func (d *Driver) images(ctx context.Context, p poolRow) ([]string, error) {
	if !p.is("rbd") || p.erasure() {
		return nil, nil
	}
	names, err := withPool(ctx, d, "list volumes", p.Name, rbd.GetImageNames)
	if provider.IsNotFound(err) {
		return nil, nil // the pool was deleted meanwhile
	}
	return slices.DeleteFunc(names, func(n string) bool { return idOf(n) == "" }), err
}

// poolOf finds the pool that an image is in.
func (d *Driver) poolOf(ctx context.Context, id string) (string, error) {
	if err := checkID("volume", id); err != nil {
		return "", provider.Errorf(provider.ReasonNotFound, "", "there is no volume %q", id)
	}
	pools, err := d.pools(ctx)
	if err != nil {
		return "", err
	}
	for _, p := range pools {
		if !p.is("rbd") || p.erasure() {
			continue
		}
		_, err := withImage(ctx, d, "find volume", p.Name, id, rbd.OpenImageReadOnly, func(*rbd.Image) (struct{}, error) { return struct{}{}, nil })
		if err == nil {
			return p.Name, nil
		}
		if !provider.IsNotFound(err) {
			return "", err
		}
	}
	return "", provider.Errorf(provider.ReasonNotFound, "", "there is no volume %s in the cluster", id)
}

func withPool[T any](ctx context.Context, d *Driver, what, pool string, f func(*rados.IOContext) (T, error)) (T, error) {
	return ask(ctx, d, what, func(c *rados.Conn) (out T, err error) {
		io, err := c.OpenIOContext(pool)
		if err != nil {
			return out, err
		}
		defer io.Destroy()
		return f(io)
	})
}

type opener func(io *rados.IOContext, name, snapshot string) (*rbd.Image, error)

func withImage[T any](ctx context.Context, d *Driver, what, pool, id string, open opener, f func(*rbd.Image) (T, error)) (T, error) {
	return withPool(ctx, d, what, pool, func(io *rados.IOContext) (out T, err error) {
		img, err := open(io, nameOf(id), rbd.NoSnapshot)
		if err != nil {
			return out, err
		}
		out, err = f(img)
		return out, errors.Join(err, img.Close())
	})
}
