package kvm

import (
	"context"
	"strings"
	"time"

	"libvirt.org/go/libvirt"
	"libvirt.org/go/libvirtxml"

	"github.com/plazacloud/plaza/pkg/provider"
)

// releaseWait is how long a guest may take to let go of a device that is unplugged live.
const releaseWait = 10 * time.Second

// AttachVolume attaches a volume, live when the server runs, and for its next starts.
func (d *Driver) AttachVolume(ctx context.Context, host, id string, disk provider.Disk) error {
	if err := checkDisk(disk); err != nil {
		return err
	}
	return d.withConn(ctx, host, id, func(c *libvirt.Connect, dom *libvirt.Domain) error {
		if err := d.attachVolume(ctx, c, dom, id, disk); err != nil {
			return err
		}
		return d.remember(id, func(s *provider.Server) {
			for _, x := range s.Disks {
				if x.Volume == disk.Volume {
					return
				}
			}
			s.Disks = append(s.Disks, disk)
		})
	})
}

func (d *Driver) attachVolume(ctx context.Context, c *libvirt.Connect, dom *libvirt.Domain, id string, disk provider.Disk) error {
	unlock, err := d.locks.Lock(ctx, attachLock)
	if err != nil {
		return err
	}
	defer unlock()
	if err := d.volumeFree(c, disk.Volume, id); err != nil {
		return err
	}
	if err := d.unlockVolumes(c, disk); err != nil {
		return err
	}
	path := d.pool.VolumePath(disk.Volume)
	has := func(def *libvirtxml.Domain) bool { return findDisk(def, path) != nil }
	target, err := d.targetFor(dom, path, disk.Device)
	if err != nil {
		return err
	}
	x := volumeXML(d.pool, disk.Volume, target)
	doc, err := x.Marshal()
	if err != nil {
		return provider.Errorf(provider.ReasonInternal, "", "disk XML: %w", err)
	}
	return plug(dom, doc, has)
}

// targetFor keeps the name a half-made attachment has, else takes the wanted or the next free one.
func (d *Driver) targetFor(dom *libvirt.Domain, path, wanted string) (string, error) {
	taken := map[string]bool{seedTarget: true}
	for _, flags := range []libvirt.DomainXMLFlags{0, libvirt.DOMAIN_XML_INACTIVE} {
		def, _, err := describe(dom, flags)
		if err != nil {
			return "", err
		}
		if x := findDisk(def, path); x != nil {
			return x.Target.Dev, nil
		}
		for _, x := range def.Devices.Disks {
			taken[x.Target.Dev] = true
		}
	}
	if wanted == "" {
		wanted = freeTarget(taken)
	}
	if wanted == "" || taken[wanted] {
		return "", provider.Errorf(provider.ReasonConflict, "leave the device out: the next free one is taken", "no free device name (wanted %q)", wanted)
	}
	return wanted, nil
}

// DetachVolume detaches a volume, live when the server runs. Timeout when the guest does not let go of it: it is then
// gone at the latest with the next power cycle.
func (d *Driver) DetachVolume(ctx context.Context, host, id, volume string) error {
	if err := d.checkHost(host); err != nil {
		return err
	}
	path := d.pool.VolumePath(volume)
	err := d.withConn(ctx, host, id, func(c *libvirt.Connect, dom *libvirt.Domain) error {
		err := d.remember(id, func(s *provider.Server) {
			s.Disks = keep(s.Disks, func(x provider.Disk) bool { return x.Volume != volume })
		})
		if err != nil {
			return err
		}
		err = unplug(ctx, dom, func(def *libvirtxml.Domain) device {
			if x := findDisk(def, path); x != nil {
				return x
			}
			return nil
		})
		if err != nil {
			return err
		}
		return lock(c, volume)
	})
	if provider.IsNotFound(err) {
		return nil
	}
	return err
}

// AttachInterface plugs a card in, live when the server runs, with its rules; for a known card it renews the rules.
func (d *Driver) AttachInterface(ctx context.Context, host, id string, nic provider.Interface) error {
	if err := checkCard(nic); err != nil {
		return err
	}
	return d.withConn(ctx, host, id, func(_ *libvirt.Connect, dom *libvirt.Domain) error {
		err := d.remember(id, func(s *provider.Server) {
			s.Interfaces = append(keep(s.Interfaces, func(x provider.Interface) bool { return !sameMAC(x.MAC, nic.MAC) }), nic)
		})
		if err == nil {
			err = d.nets.Guard(ctx, id, nic)
		}
		if err != nil {
			return err
		}
		x := cardXML(id, nic)
		doc, err := x.Marshal()
		if err != nil {
			return provider.Errorf(provider.ReasonInternal, "", "card XML: %w", err)
		}
		return plug(dom, doc, func(def *libvirtxml.Domain) bool { return findCard(def, nic.MAC) != nil })
	})
}

// DetachInterface unplugs a card; Timeout as for DetachVolume.
func (d *Driver) DetachInterface(ctx context.Context, host, id, mac string) error {
	if err := d.checkHost(host); err != nil {
		return err
	}
	err := d.withConn(ctx, host, id, func(_ *libvirt.Connect, dom *libvirt.Domain) error {
		err := unplug(ctx, dom, func(def *libvirtxml.Domain) device {
			if x := findCard(def, mac); x != nil {
				return x
			}
			return nil
		})
		if err != nil {
			return err
		}
		err = d.remember(id, func(s *provider.Server) {
			s.Interfaces = keep(s.Interfaces, func(x provider.Interface) bool { return !sameMAC(x.MAC, mac) })
		})
		if err != nil {
			return err
		}
		return d.nets.Unguard(ctx, id, mac)
	})
	if provider.IsNotFound(err) {
		return nil
	}
	return err
}

// adjustLive gives a running server the wanted bounds, cards and volumes.
func (d *Driver) adjustLive(ctx context.Context, c *libvirt.Connect, dom *libvirt.Domain, want provider.Server) error {
	if err := d.bindServer(dom, want); err != nil {
		return err
	}
	for _, nic := range want.Interfaces {
		x := cardXML(want.ID, nic)
		doc, err := x.Marshal()
		if err != nil {
			return provider.Errorf(provider.ReasonInternal, "", "card XML: %w", err)
		}
		if err := plug(dom, doc, func(def *libvirtxml.Domain) bool { return findCard(def, nic.MAC) != nil }); err != nil {
			return err
		}
	}
	for _, disk := range want.Disks {
		if disk.Volume == "" {
			continue
		}
		if err := d.attachVolume(ctx, c, dom, want.ID, disk); err != nil {
			return err
		}
	}
	return d.dropUnwanted(ctx, c, dom, want)
}

func (d *Driver) dropUnwanted(ctx context.Context, c *libvirt.Connect, dom *libvirt.Domain, want provider.Server) error {
	wanted := map[string]bool{}
	for _, disk := range want.Disks {
		wanted[disk.Volume] = true
	}
	for _, nic := range want.Interfaces {
		wanted[strings.ToLower(nic.MAC)] = true
	}
	find := func(def *libvirtxml.Domain) device {
		for i := range def.Devices.Disks {
			if v := d.pool.VolumeOf(diskPath(def.Devices.Disks[i])); v != "" && !wanted[v] {
				return &def.Devices.Disks[i]
			}
		}
		for i := range def.Devices.Interfaces {
			if nic := &def.Devices.Interfaces[i]; nic.MAC != nil && !wanted[nic.MAC.Address] {
				return nic
			}
		}
		return nil
	}
	for range 64 { // one device at a time, until none is left over
		def, _, err := d.describe(dom)
		if err != nil {
			return err
		}
		extra := find(def)
		if extra == nil {
			return nil
		}
		if err := unplug(ctx, dom, find); err != nil {
			return err
		}
		switch x := extra.(type) {
		case *libvirtxml.DomainInterface:
			err = d.nets.Unguard(ctx, want.ID, x.MAC.Address)
		case *libvirtxml.DomainDisk:
			err = lock(c, d.pool.VolumeOf(diskPath(*x)))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type device interface{ Marshal() (string, error) }

// plug adds a device to the definition and to the running guest, each where it is not there yet.
func plug(dom *libvirt.Domain, doc string, has func(*libvirtxml.Domain) bool) error {
	for _, at := range places(dom) {
		def, _, err := describe(dom, at.xml)
		if err != nil {
			return err
		}
		if has(def) {
			continue
		}
		if err := dom.AttachDeviceFlags(doc, at.modify); err != nil {
			return mapped("attach device", err)
		}
	}
	return nil
}

// unplug takes the device that find returns out of the definition and out of the running guest, and waits for the guest.
func unplug(ctx context.Context, dom *libvirt.Domain, find func(*libvirtxml.Domain) device) error {
	for _, at := range places(dom) {
		def, _, err := describe(dom, at.xml)
		if err != nil {
			return err
		}
		dev := find(def)
		if dev == nil {
			continue
		}
		doc, err := dev.Marshal()
		if err != nil {
			return provider.Errorf(provider.ReasonInternal, "", "device XML: %w", err)
		}
		if err := dom.DetachDeviceFlags(doc, at.modify); err != nil && !isCode(err, libvirt.ERR_DEVICE_MISSING) {
			return mapped("detach device", err)
		}
		if err := awaitGone(ctx, dom, at, doc, find); err != nil {
			return err
		}
	}
	return nil
}

func awaitGone(ctx context.Context, dom *libvirt.Domain, at place, doc string, find func(*libvirtxml.Domain) device) error {
	deadline := time.Now().Add(releaseWait)
	for {
		def, _, err := describe(dom, at.xml)
		if err != nil {
			return err
		}
		dev := find(def)
		if dev == nil {
			return nil
		}
		if now, err := dev.Marshal(); err == nil && now != doc && !sameDevice(now, doc) {
			return nil // another device is the next to go
		}
		if time.Now().After(deadline) || !sleep(ctx, powerPoll) {
			return provider.Errorf(provider.ReasonTimeout, "try again when the guest has booted, or stop it", "the guest does not let go of the device")
		}
	}
}

// sameDevice compares by the alias libvirt gave.
func sameDevice(a, b string) bool {
	alias := func(s string) string {
		_, rest, _ := strings.Cut(s, "<alias name=")
		name, _, _ := strings.Cut(rest, ">")
		return name
	}
	return alias(a) == alias(b)
}

type place struct {
	xml    libvirt.DomainXMLFlags
	modify libvirt.DomainDeviceModifyFlags
}

// places are the definition, and the live guest when there is one.
func places(dom *libvirt.Domain) []place {
	all := []place{{libvirt.DOMAIN_XML_INACTIVE, libvirt.DOMAIN_DEVICE_MODIFY_CONFIG}}
	if active, err := dom.IsActive(); err == nil && active {
		all = append(all, place{0, libvirt.DOMAIN_DEVICE_MODIFY_LIVE})
	}
	return all
}

func findDisk(def *libvirtxml.Domain, path string) *libvirtxml.DomainDisk {
	for i := range def.Devices.Disks {
		if diskPath(def.Devices.Disks[i]) == path {
			return &def.Devices.Disks[i]
		}
	}
	return nil
}

func findCard(def *libvirtxml.Domain, mac string) *libvirtxml.DomainInterface {
	for i := range def.Devices.Interfaces {
		if nic := &def.Devices.Interfaces[i]; nic.MAC != nil && sameMAC(nic.MAC.Address, mac) {
			return nic
		}
	}
	return nil
}

func sameMAC(a, b string) bool { return strings.EqualFold(a, b) }

// remember changes the record of what is wanted.
func (d *Driver) remember(id string, change func(*provider.Server)) error {
	want, err := d.pool.Server(id)
	if err != nil {
		return err
	}
	change(&want)
	return d.pool.SaveServer(want)
}

func keep[T any](list []T, ok func(T) bool) []T {
	var kept []T
	for _, x := range list {
		if ok(x) {
			kept = append(kept, x)
		}
	}
	return kept
}
