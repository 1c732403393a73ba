package kvm

import (
	"context"
	"regexp"

	"libvirt.org/go/libvirt"
	"libvirt.org/go/libvirtxml"

	"github.com/plazacloud/plaza/pkg/provider"
)

var snapshotName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

// SnapshotServer snapshots the own disks inside their qcow2 files, of a running server with its memory too. libvirt
// before 9.9 cannot revert to external snapshots, so these are internal; and those are all disks or none, so a server
// with volumes is refused (Conflict).
func (d *Driver) SnapshotServer(ctx context.Context, host, id, snapshot string) error {
	if !snapshotName.MatchString(snapshot) {
		return provider.Errorf(provider.ReasonInvalid, "letters, digits, dots, hyphens", "snapshot name %q", snapshot)
	}
	return d.withLocked(ctx, host, id, func(dom *libvirt.Domain) error {
		if s, err := dom.SnapshotLookupByName(snapshot, 0); err == nil {
			return mapped("snapshot", s.Free())
		}
		def, _, err := d.describe(dom)
		if err != nil {
			return err
		}
		for _, x := range def.Devices.Disks {
			if d.pool.VolumeOf(diskPath(x)) != "" {
				return provider.Errorf(provider.ReasonConflict, "detach the volumes, or snapshot them by themselves", "server %s has volumes attached", id)
			}
		}
		doc, err := (&libvirtxml.DomainSnapshot{Name: snapshot}).Marshal()
		if err != nil {
			return provider.Errorf(provider.ReasonInternal, "", "snapshot XML: %w", err)
		}
		s, err := dom.CreateSnapshotXML(doc, 0)
		if err != nil {
			return mapped("snapshot server", err)
		}
		return mapped("snapshot", s.Free())
	})
}

// DeleteServerSnapshot removes a snapshot; an absent one, or one of an absent server, is fine.
func (d *Driver) DeleteServerSnapshot(ctx context.Context, host, id, snapshot string) error {
	if err := d.checkHost(host); err != nil {
		return err
	}
	err := d.withLocked(ctx, host, id, func(dom *libvirt.Domain) error {
		return withSnapshot(dom, snapshot, func(s *libvirt.DomainSnapshot) error { return s.Delete(0) })
	})
	if provider.IsNotFound(err) {
		return nil
	}
	return err
}

// RevertServer takes disks, memory and power state back to the snapshot.
func (d *Driver) RevertServer(ctx context.Context, host, id, snapshot string) error {
	return d.withLocked(ctx, host, id, func(dom *libvirt.Domain) error {
		return withSnapshot(dom, snapshot, func(s *libvirt.DomainSnapshot) error {
			err := s.RevertToSnapshot(0)
			if isCode(err, libvirt.ERR_SNAPSHOT_REVERT_RISKY) {
				// The hardware changed since: QEMU is started anew with that of the snapshot.
				err = s.RevertToSnapshot(libvirt.DOMAIN_SNAPSHOT_REVERT_FORCE)
			}
			return err
		})
	})
}

func withSnapshot(dom *libvirt.Domain, name string, fn func(*libvirt.DomainSnapshot) error) error {
	s, err := dom.SnapshotLookupByName(name, 0)
	if err != nil {
		return mapped("find snapshot "+name, err)
	}
	defer func() { _ = s.Free() }()
	return mapped("snapshot "+name, fn(s))
}
