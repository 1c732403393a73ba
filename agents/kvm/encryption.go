package kvm

import (
	"context"

	"libvirt.org/go/libvirt"
	"libvirt.org/go/libvirtxml"

	"github.com/plazacloud/plaza/agents/kvm/pool"
	"github.com/plazacloud/plaza/pkg/provider"
)

// encryption is how libvirt finds the key of the disk of volume id, or of a copy of one: as the secret of that id.
func encryption(id string) *libvirtxml.DomainDiskEncryption {
	return &libvirtxml.DomainDiskEncryption{Format: "luks", Secrets: []libvirtxml.DomainDiskSecret{{Type: "passphrase", UUID: id}}}
}

// unlock hands libvirtd a key. It keeps it in memory until lock or its own end, and tells it nobody but QEMU.
func unlock(c *libvirt.Connect, id string, key provider.Key) error {
	doc, err := (&libvirtxml.Secret{Ephemeral: "yes", Private: "yes", UUID: id, Description: "key of a disk of Plaza",
		Usage: &libvirtxml.SecretUsage{Type: "volume", Volume: "plaza/" + id}}).Marshal()
	if err != nil {
		return provider.Errorf(provider.ReasonInternal, "", "secret XML: %w", err)
	}
	s, err := c.SecretDefineXML(doc, 0)
	if err != nil {
		return mapped("define the secret of disk "+id, err)
	}
	defer func() { _ = s.Free() }()
	return mapped("set the secret of disk "+id, s.SetValue([]byte(key), 0))
}

// lock takes a key away from libvirtd; none is fine. A QEMU that has the disk open goes on.
func lock(c *libvirt.Connect, id string) error {
	s, err := c.LookupSecretByUUIDString(id)
	if isCode(err, libvirt.ERR_NO_SECRET) {
		return nil
	}
	if err != nil {
		return mapped("look for the secret of disk "+id, err)
	}
	defer func() { _ = s.Free() }()
	if err := s.Undefine(); err != nil && !isCode(err, libvirt.ERR_NO_SECRET) {
		return mapped("remove the secret of disk "+id, err)
	}
	return nil
}

// unlockVolumes hands libvirtd the keys of what a server is to have.
func (d *Driver) unlockVolumes(c *libvirt.Connect, disks ...provider.Disk) error {
	for _, disk := range disks {
		if disk.Volume == "" {
			continue
		}
		v, err := d.pool.Volume(disk.Volume)
		switch {
		case err != nil:
			return err
		case !v.Encrypted:
		case disk.Key == "":
			return provider.Errorf(provider.ReasonInvalid, "", "volume %s is encrypted, and came without its key", disk.Volume)
		default:
			if err := unlock(c, disk.Volume, disk.Key); err != nil {
				return err
			}
		}
	}
	return nil
}

// blank makes the file for a copy of a volume that QEMU is to encrypt, with the key of id, until release.
func (d *Driver) blank(ctx context.Context, c *libvirt.Connect, volume string, to pool.Disk) (id string, release func(), err error) {
	if to.Key == "" {
		return "", func() {}, nil
	}
	if err := pool.Blank(ctx, d.pool.VolumePath(volume), to); err != nil {
		return "", nil, err
	}
	return d.lend(c, to)
}

// lend hands libvirtd the key of the file for a copy, until release.
func (d *Driver) lend(c *libvirt.Connect, to pool.Disk) (id string, release func(), err error) {
	id = d.pool.DraftOf(to.Path)
	release = func() { _ = lock(c, id) } // else it stays in memory until libvirtd ends
	if err := unlock(c, id, to.Key); err != nil {
		release() // defined it may be all the same
		return "", nil, err
	}
	return id, release, nil
}
