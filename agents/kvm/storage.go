package kvm

import (
	"context"
	"io"

	"libvirt.org/go/libvirt"

	"github.com/plazacloud/plaza/agents/kvm/pool"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/kvm"
)

// withConn runs fn on the domain of id under the server's lock, with the connection.
func (d *Driver) withConn(ctx context.Context, host, id string, fn func(*libvirt.Connect, *libvirt.Domain) error) error {
	return d.withLocked(ctx, host, id, func(dom *libvirt.Domain) error {
		c, err := d.connect()
		if err != nil {
			return err
		}
		defer closeConn(c)
		return fn(c, dom)
	})
}

// EnsureVolume creates the volume or grows it, live when a running server has it. One that begins with the content of another
// thing is copied, which may take longer than ctx: the next call goes on where this one stopped.
func (d *Driver) EnsureVolume(ctx context.Context, host string, want provider.Volume) (provider.VolumeState, error) {
	if err := d.checkHost(host); err != nil {
		return provider.VolumeState{}, err
	}
	if want.Pool != "" {
		return provider.VolumeState{}, provider.Errorf(provider.ReasonConflict, "ask for a tier without a pool", "host %s has no storage pool %q: it keeps volumes on its own disk", d.cfg.Host, want.Pool)
	}
	if want.Encrypted && !want.Key.Fits() {
		return provider.VolumeState{}, provider.Errorf(provider.ReasonInvalid, "", "volume %s is to be encrypted, and came without a key of 256 bits", want.ID)
	}
	if want.Snapshot+want.Backup+want.Source != "" && want.Origins() == 1 {
		if _, err := d.pool.Volume(want.ID); provider.IsNotFound(err) {
			err := d.copies.do(ctx, "volume/"+want.ID, "the copy to volume "+want.ID, func(ctx context.Context) error { return d.fillVolume(ctx, want) })
			if err != nil {
				return provider.VolumeState{}, err
			}
		}
	}
	unlock, err := d.locks.Lock(ctx, want.ID)
	if err != nil {
		return provider.VolumeState{}, err
	}
	defer unlock()
	st, err := d.pool.EnsureVolume(ctx, want, func(path string, bytes int64) (bool, error) {
		return d.growLive(want.ID, path, bytes)
	})
	if err == nil {
		err = d.ensureBound(ctx, want)
	}
	if err != nil {
		return st, err
	}
	return d.withOwner(st)
}

// fillVolume makes a volume that begins with a copy. One of another volume is taken as its snapshots are: of one moment, also
// under a running guest.
func (d *Driver) fillVolume(ctx context.Context, want provider.Volume) error {
	keys := []string{want.ID}
	if want.Source != "" {
		keys = append(keys, want.Source) // it neither grows nor goes meanwhile
	}
	unlock, err := d.locks.Lock(ctx, keys...)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := d.pool.Volume(want.ID); !provider.IsNotFound(err) {
		return err
	}
	if want.Source == "" {
		_, err := d.pool.EnsureVolume(ctx, want, nil)
		return err
	}
	return d.pool.CloneVolume(ctx, want, func(path string) error {
		return d.copyVolume(ctx, want.Source, want.OriginKey, pool.Disk{Path: path, Key: want.Key})
	})
}

func (d *Driver) growLive(volume, path string, bytes int64) (bool, error) {
	c, err := d.connect()
	if err != nil {
		return false, err
	}
	defer closeConn(c)
	owners, err := d.owners(c)
	if err != nil || owners[volume] == "" {
		return false, err
	}
	dom, err := lookup(c, owners[volume])
	if err != nil {
		return false, err
	}
	defer freeDomain(dom)
	def, _, err := d.describe(dom)
	if err != nil {
		return false, err
	}
	active, err := dom.IsActive()
	x := findDisk(def, path)
	if err != nil || !active || x == nil {
		return false, mapped("look at server", err)
	}
	err = dom.BlockResize(x.Target.Dev, uint64(bytes), libvirt.DOMAIN_BLOCK_RESIZE_BYTES) //nolint:gosec // positive
	return true, mapped("grow volume", err)
}

// GetVolume reports one volume.
func (d *Driver) GetVolume(_ context.Context, host, id string) (provider.VolumeState, error) {
	if err := d.checkHost(host); err != nil {
		return provider.VolumeState{}, err
	}
	st, err := d.pool.Volume(id)
	if err != nil {
		return st, err
	}
	return d.withOwner(st)
}

func (d *Driver) withOwner(st provider.VolumeState) (provider.VolumeState, error) {
	c, err := d.connect()
	if err != nil {
		return st, err
	}
	defer closeConn(c)
	owners, err := d.owners(c)
	st.AttachedTo = owners[st.ID]
	return st, err
}

// DeleteVolume removes the volume; Conflict while a server has it, or while it has snapshots.
func (d *Driver) DeleteVolume(ctx context.Context, host, id string) error {
	if err := d.checkHost(host); err != nil {
		return err
	}
	d.copies.stop("volume/" + id)
	unlock, err := d.locks.Lock(ctx, id, attachLock)
	if err != nil {
		return err
	}
	defer unlock()
	c, err := d.connect()
	if err != nil {
		return err
	}
	defer closeConn(c)
	owners, err := d.owners(c)
	if err != nil {
		return err
	}
	if s := owners[id]; s != "" {
		return provider.Errorf(provider.ReasonConflict, "detach it first", "volume %s is attached to server %s", id, s)
	}
	if err := d.pool.DeleteVolume(id); err != nil {
		return err
	}
	return lock(c, id)
}

// ListVolumes reports every volume of the pool.
func (d *Driver) ListVolumes(_ context.Context, host string) ([]provider.VolumeState, error) {
	if err := d.checkHost(host); err != nil {
		return nil, err
	}
	states, err := d.pool.ListVolumes()
	if err != nil {
		return nil, err
	}
	c, err := d.connect()
	if err != nil {
		return nil, err
	}
	defer closeConn(c)
	owners, err := d.owners(c)
	if err != nil {
		return nil, err
	}
	for i := range states {
		states[i].AttachedTo = owners[states[i].ID]
	}
	return states, nil
}

// owners maps each attached volume to its server. A live attachment counts as well as a defined one.
func (d *Driver) owners(c *libvirt.Connect) (map[string]string, error) {
	doms, err := c.ListAllDomains(0)
	if err != nil {
		return nil, mapped("list servers", err)
	}
	owners := map[string]string{}
	var failed error
	for i := range doms {
		for _, flags := range []libvirt.DomainXMLFlags{0, libvirt.DOMAIN_XML_INACTIVE} {
			def, l, err := describe(&doms[i], flags)
			if provider.IsNotFound(err) {
				break
			}
			if err != nil {
				failed = err
				break
			}
			for _, x := range def.Devices.Disks {
				if v := d.pool.VolumeOf(diskPath(x)); v != "" {
					owners[v] = l.ID
				}
			}
		}
		freeDomain(&doms[i])
	}
	return owners, failed
}

// volumeFree refuses a volume that is absent or that another server has. The caller holds attachLock.
func (d *Driver) volumeFree(c *libvirt.Connect, volume, server string) error {
	if _, err := d.pool.Volume(volume); err != nil {
		return err
	}
	owners, err := d.owners(c)
	if err != nil {
		return err
	}
	if d.copied[volume] {
		return provider.Errorf(provider.ReasonUnavailable, "try again when that is done", "volume %s is being copied", volume)
	}
	if o := owners[volume]; o != "" && o != server {
		return provider.Errorf(provider.ReasonConflict, "detach it there first", "volume %s is attached to server %s", volume, o)
	}
	return nil
}

// EnsureImage makes an image available in the pool.
func (d *Driver) EnsureImage(ctx context.Context, host string, want provider.Image) (provider.ImageState, error) {
	if err := d.checkHost(host); err != nil {
		return provider.ImageState{}, err
	}
	unlock, err := d.locks.Lock(ctx, want.ID)
	if err != nil {
		return provider.ImageState{}, err
	}
	defer unlock()
	return d.pool.EnsureImage(ctx, want)
}

var _ kvm.Taker = (*Driver)(nil)

// TakeImage makes an image available whose disk Plaza hands over.
func (d *Driver) TakeImage(ctx context.Context, host string, want provider.Image, disk io.Reader) (provider.ImageState, error) {
	if err := d.checkHost(host); err != nil {
		return provider.ImageState{}, err
	}
	unlock, err := d.locks.Lock(ctx, want.ID)
	if err != nil {
		return provider.ImageState{}, err
	}
	defer unlock()
	return d.pool.TakeImage(ctx, want, disk)
}

// DeleteImage removes an image; Conflict while a disk is backed by it.
func (d *Driver) DeleteImage(ctx context.Context, host, id string) error {
	if err := d.checkHost(host); err != nil {
		return err
	}
	unlock, err := d.locks.Lock(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	return d.pool.DeleteImage(id)
}

// ListImages reports the images of the pool.
func (d *Driver) ListImages(_ context.Context, host string) ([]provider.ImageState, error) {
	if err := d.checkHost(host); err != nil {
		return nil, err
	}
	return d.pool.ListImages()
}

// EnsureNetwork makes the network exactly as wanted.
func (d *Driver) EnsureNetwork(ctx context.Context, host string, want provider.Net) (provider.NetState, error) {
	if err := d.checkHost(host); err != nil {
		return provider.NetState{}, err
	}
	return d.nets.Ensure(ctx, want)
}

// GetNetwork reports one network.
func (d *Driver) GetNetwork(ctx context.Context, host, id string) (provider.NetState, error) {
	if err := d.checkHost(host); err != nil {
		return provider.NetState{}, err
	}
	return d.nets.Get(ctx, id)
}

// DeleteNetwork removes the network; Conflict while a card is plugged in.
func (d *Driver) DeleteNetwork(ctx context.Context, host, id string) error {
	if err := d.checkHost(host); err != nil {
		return err
	}
	return d.nets.Delete(ctx, id)
}

// ListNetworks reports every network of the host.
func (d *Driver) ListNetworks(ctx context.Context, host string) ([]provider.NetState, error) {
	if err := d.checkHost(host); err != nil {
		return nil, err
	}
	return d.nets.List(ctx)
}
