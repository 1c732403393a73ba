package kvm

import (
	"context"

	"libvirt.org/go/libvirt"

	"github.com/plazacloud/plaza/pkg/provider"
)

// ensureBound bounds the volume as wanted, live where a running server has it, and notes it for the next attachment.
func (d *Driver) ensureBound(ctx context.Context, want provider.Volume) error {
	var is, be provider.QoS
	if q := d.pool.VolumeQoS(want.ID); q != nil {
		is = *q
	}
	if want.QoS != nil {
		be = *want.QoS
	}
	if is == be {
		return nil
	}
	c, err := d.connect()
	if err != nil {
		return err
	}
	defer closeConn(c)
	unlock, err := d.locks.Lock(ctx, attachLock) // nobody attaches it with the old bound meanwhile
	if err != nil {
		return err
	}
	defer unlock()
	owners, err := d.owners(c)
	if err != nil {
		return err
	}
	if owner := owners[want.ID]; owner != "" {
		dom, err := lookup(c, owner)
		if err != nil {
			return err
		}
		defer freeDomain(dom)
		if err := d.bind(dom, want.ID, be); err != nil {
			return err
		}
	}
	return d.pool.SetVolumeQoS(want.ID, want.QoS)
}

// bind sets the bound in the definition and in the running guest, each where the volume is.
func (d *Driver) bind(dom *libvirt.Domain, volume string, q provider.QoS) error {
	for _, at := range places(dom) {
		def, _, err := describe(dom, at.xml)
		if err != nil {
			return err
		}
		x := findDisk(def, d.pool.VolumePath(volume))
		if x == nil {
			continue
		}
		if err := setIOTune(dom, at, x.Target.Dev, q); err != nil {
			return err
		}
	}
	return nil
}
