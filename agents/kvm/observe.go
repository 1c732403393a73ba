package kvm

import (
	"context"
	"encoding/xml"
	"errors"
	"regexp"
	"strings"
	"time"

	"libvirt.org/go/libvirt"
	"libvirt.org/go/libvirtxml"

	"github.com/plazacloud/plaza/agents/kvm/pool"
	"github.com/plazacloud/plaza/pkg/provider"
)

var targetName = regexp.MustCompile(`^vd[a-y]$`)

func freeDomain(dom *libvirt.Domain) { _ = dom.Free() }

func lookup(c *libvirt.Connect, id string) (*libvirt.Domain, error) {
	dom, err := c.LookupDomainByUUIDString(id)
	if err != nil {
		return nil, mapped("find server "+id, err)
	}
	return dom, nil
}

// withServer runs fn on the domain of id, without its lock.
func withServer[T any](d *Driver, host, id string, fn func(*libvirt.Domain) (T, error)) (T, error) {
	var none T
	if err := d.checkHost(host); err != nil {
		return none, err
	}
	if err := pool.CheckID(id); err != nil {
		return none, provider.Errorf(provider.ReasonNotFound, "", "server %q: %w", id, err)
	}
	c, err := d.connect()
	if err != nil {
		return none, err
	}
	defer closeConn(c)
	dom, err := lookup(c, id)
	if err != nil {
		return none, err
	}
	defer freeDomain(dom)
	return fn(dom)
}

// withLocked runs fn on the domain of id under the server's lock.
func (d *Driver) withLocked(ctx context.Context, host, id string, fn func(*libvirt.Domain) error) error {
	unlock, err := d.locks.Lock(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	_, err = withServer(d, host, id, func(dom *libvirt.Domain) (struct{}, error) { return struct{}{}, fn(dom) })
	return err
}

// describe reads the current definition (the live one of a running domain) and Plaza's label; NotFound without one.
func (d *Driver) describe(dom *libvirt.Domain) (*libvirtxml.Domain, label, error) {
	return describe(dom, 0)
}

func describe(dom *libvirt.Domain, flags libvirt.DomainXMLFlags) (*libvirtxml.Domain, label, error) {
	var l label
	doc, err := dom.GetXMLDesc(flags)
	if err != nil {
		return nil, l, mapped("read server", err)
	}
	def := &libvirtxml.Domain{}
	if err := def.Unmarshal(doc); err != nil {
		return nil, l, provider.Errorf(provider.ReasonInternal, "", "domain XML: %w", err)
	}
	if def.Metadata != nil {
		l = labelOf(def.Metadata.XML)
	}
	if l.ID != def.UUID {
		return nil, l, provider.Errorf(provider.ReasonNotFound, "", "domain %s is not a server of Plaza", def.Name)
	}
	return def, l, nil
}

// labelOf finds Plaza's element among those of other tools.
func labelOf(metadata string) label {
	dec := xml.NewDecoder(strings.NewReader(metadata))
	for {
		tok, err := dec.Token()
		if err != nil {
			return label{}
		}
		start, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		if start.Name.Space != metadataURI {
			if dec.Skip() != nil {
				return label{}
			}
			continue
		}
		var l label
		if dec.DecodeElement(&l, &start) != nil {
			return label{}
		}
		return l
	}
}

func (d *Driver) observe(dom *libvirt.Domain) (provider.ServerState, error) {
	var st provider.ServerState
	def, l, err := d.describe(dom)
	if err != nil {
		return st, err
	}
	power, reason, err := powerOf(dom)
	if err != nil {
		return st, err
	}
	power, rescued := d.recorded(l.ID, power)
	snapshots, err := dom.SnapshotListNames(0)
	if err != nil {
		return st, mapped("list snapshots", err)
	}
	now := time.Now().UTC()
	st = provider.ServerState{
		ID: l.ID, Host: d.cfg.Host, Power: power, Reason: reason, Accel: accelTCG, Digest: l.Digest,
		Disks: d.disksOf(def), Snapshots: snapshots, Since: d.pool.Since(l.ID, power, now), Rescued: rescued, ObservedAt: now,
	}
	if def.Type == "kvm" {
		st.Accel = accelKVM
	}
	if def.VCPU != nil {
		st.VCPUs = int(def.VCPU.Value) //nolint:gosec // small
	}
	if def.Memory != nil {
		st.MemoryMiB = int(def.Memory.Value / 1024) //nolint:gosec // libvirt answers in KiB
	}
	for _, nic := range def.Devices.Interfaces {
		if nic.MAC != nil {
			st.MACs = append(st.MACs, nic.MAC.Address)
		}
	}
	d.known.Store(l.ID, true)
	return st, nil
}

// recorded tells what libvirt does not know of a server: that one which is off was shelved, and that it is in rescue.
func (d *Driver) recorded(id string, power provider.PowerState) (provider.PowerState, bool) {
	want, err := d.pool.Server(id)
	if err != nil {
		return power, false
	}
	if power == provider.PowerStopped && want.Power == provider.PowerShelved {
		power = provider.PowerShelved
	}
	return power, want.Rescue != nil
}

// disksOf tells own disks and volumes by their paths; the seed is no disk of the tenant.
func (d *Driver) disksOf(def *libvirtxml.Domain) []provider.Disk {
	want, err := d.pool.Server(def.UUID)
	if err != nil {
		want = provider.Server{}
	}
	own := map[string]provider.Disk{}
	for _, w := range want.Disks {
		if w.Volume == "" {
			own[d.pool.ServerDisk(def.UUID, len(own))] = w
		}
	}
	var disks []provider.Disk
	for _, x := range def.Devices.Disks {
		path := diskPath(x)
		if path == "" || x.Target == nil || path == d.pool.SeedPath(def.UUID) || path == d.pool.RescueDisk(def.UUID) {
			continue
		}
		disk := own[path]
		disk.Device = x.Target.Dev
		if v := d.pool.VolumeOf(path); v != "" {
			disk.Volume = v
		}
		disks = append(disks, disk)
	}
	return disks
}

func diskPath(x libvirtxml.DomainDisk) string {
	if x.Source == nil || x.Source.File == nil {
		return ""
	}
	return x.Source.File.File
}

func powerOf(dom *libvirt.Domain) (provider.PowerState, string, error) {
	state, reason, err := dom.GetState()
	if err != nil {
		return "", "", mapped("read power state", err)
	}
	switch state {
	case libvirt.DOMAIN_RUNNING, libvirt.DOMAIN_BLOCKED, libvirt.DOMAIN_SHUTDOWN:
		return provider.PowerRunning, pick(reason, "", "booted", "migrated", "restored", "from snapshot", "unpaused"), nil
	case libvirt.DOMAIN_PAUSED, libvirt.DOMAIN_PMSUSPENDED:
		return provider.PowerPaused, pick(reason, "", "user", "migration", "save", "dump", "I/O error", "watchdog", "from snapshot", "shutting down", "snapshot", "crashed", "starting up"), nil
	case libvirt.DOMAIN_CRASHED:
		return provider.PowerCrashed, "crashed", nil
	case libvirt.DOMAIN_SHUTOFF:
		why := pick(reason, "", "shutdown", "destroyed", "crashed", "migrated", "saved", "failed", "from snapshot", "daemon")
		if why == "crashed" || why == "failed" {
			return provider.PowerCrashed, why, nil
		}
		if saved, err := dom.HasManagedSaveImage(0); err == nil && saved {
			return provider.PowerSuspended, why, nil
		}
		return provider.PowerStopped, why, nil
	}
	return provider.PowerUnknown, "", nil
}

func isCode(err error, code libvirt.ErrorNumber) bool {
	var lv libvirt.Error
	return errors.As(err, &lv) && lv.Code == code
}
