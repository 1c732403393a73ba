package kvm

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net"
	"slices"

	"libvirt.org/go/libvirt"

	"github.com/plazacloud/plaza/agents/kvm/pool"
	"github.com/plazacloud/plaza/pkg/provider"
)

// EnsureServer makes disks, rules and definition where they are missing, then brings the server to the wanted power
// state. Cards and volumes of a running server are changed live. When the wanted hardware differs from what is defined,
// a running server is stopped (ACPI, then hard), redefined and started.
func (d *Driver) EnsureServer(ctx context.Context, host string, want provider.Server) (provider.ServerState, error) {
	if err := errors.Join(d.checkHost(host), checkServer(want)); err != nil {
		return provider.ServerState{}, unjoin(err)
	}
	if err := d.stage(ctx, want); err != nil {
		return provider.ServerState{}, err
	}
	unlock, err := d.locks.Lock(ctx, want.ID)
	if err != nil {
		return provider.ServerState{}, err
	}
	defer unlock()
	c, err := d.connect()
	if err != nil {
		return provider.ServerState{}, err
	}
	defer closeConn(c)
	dom, found, err := d.ensureDefined(ctx, c, want)
	if err != nil {
		return provider.ServerState{}, err
	}
	defer freeDomain(dom)
	if err := d.ensurePower(ctx, dom, want.Power); err != nil {
		return provider.ServerState{}, err
	}
	st, err := d.observe(dom)
	if found != want.Power {
		st.Found = found
	}
	return st, err
}

// ensureDefined also returns the power in which it found the server.
func (d *Driver) ensureDefined(ctx context.Context, c *libvirt.Connect, want provider.Server) (*libvirt.Domain, provider.PowerState, error) {
	// Written first, so that a delete after a kill finds the cards whose rules were made.
	if err := d.pool.SaveServer(want); err != nil {
		return nil, "", err
	}
	if err := d.guard(ctx, want); err != nil {
		return nil, "", err
	}
	dom, err := lookup(c, want.ID)
	if provider.IsNotFound(err) {
		dom, err = d.define(ctx, c, want, domainName(want))
		return dom, provider.PowerGone, err
	}
	if err != nil {
		return nil, "", err
	}
	found, _, err := powerOf(dom)
	if err == nil {
		err = d.adjust(ctx, c, dom, want)
		found, _ = d.recorded(want.ID, found)
	}
	if err != nil {
		freeDomain(dom)
		return nil, "", err
	}
	return dom, found, nil
}

// adjust brings an existing domain to the wanted hardware, cards and volumes.
func (d *Driver) adjust(ctx context.Context, c *libvirt.Connect, dom *libvirt.Domain, want provider.Server) error {
	def, l, err := d.describe(dom)
	if err != nil {
		return err
	}
	power, _, err := powerOf(dom)
	if err != nil {
		return err
	}
	if power == provider.PowerSuspended { // its hardware is what its memory was saved with
		if want.Power == provider.PowerSuspended {
			return nil
		}
		if err := d.start(dom, power); err != nil {
			return err
		}
	}
	active, err := dom.IsActive()
	if err != nil {
		return mapped("look at server", err)
	}
	if active && l.Digest == want.HardwareDigest() {
		return d.adjustLive(ctx, c, dom, want)
	}
	if active {
		d.log.Info("hardware changed: power cycle", "server", want.ID)
		if err := d.stop(ctx, dom); err != nil {
			return err
		}
	}
	again, err := d.define(ctx, c, want, def.Name)
	if err == nil {
		freeDomain(again)
	}
	return err
}

// define makes the files that are missing and (re)defines the domain, which must not run.
func (d *Driver) define(ctx context.Context, c *libvirt.Connect, want provider.Server, name string) (*libvirt.Domain, error) {
	if err := d.pool.EnsureServerFiles(ctx, want); err != nil {
		return nil, err
	}
	h := hardware{want: want, name: name, pool: d.pool}
	boot := want.Boot
	if want.Rescue != nil {
		boot = want.Rescue.Boot
	}
	if boot.Image != "" {
		var err error
		if h.kernel, h.initrd, h.cmdline, err = d.pool.BootFiles(boot.Image); err != nil {
			return nil, err
		}
		h.cmdline = cmp.Or(boot.Cmdline, h.cmdline)
	}
	verdict, err := d.accel.decide(ctx, h.kernel)
	if err != nil {
		return nil, err
	}
	h.kvm = verdict.kvm()
	doc, err := h.xml()
	if err != nil {
		return nil, provider.Errorf(provider.ReasonInternal, "", "domain XML: %w", err)
	}
	unlock, err := d.takeVolumes(ctx, c, want)
	if err != nil {
		return nil, err
	}
	defer unlock()
	dom, err := c.DomainDefineXMLFlags(doc, libvirt.DOMAIN_DEFINE_VALIDATE)
	if err != nil {
		return nil, mapped("define server", err)
	}
	d.known.Store(want.ID, true)
	return dom, nil
}

// takeVolumes sees that the wanted volumes are free or the server's own, and keeps them so until unlock; a server without any
// waits for no other.
func (d *Driver) takeVolumes(ctx context.Context, c *libvirt.Connect, want provider.Server) (unlock func(), err error) {
	volumes := keep(want.Disks, func(x provider.Disk) bool { return x.Volume != "" })
	if len(volumes) == 0 {
		return func() {}, nil
	}
	if unlock, err = d.locks.Lock(ctx, attachLock); err != nil {
		return nil, err
	}
	for _, disk := range volumes {
		if err = d.volumeFree(c, disk.Volume, want.ID); err != nil {
			break
		}
	}
	if err == nil {
		err = d.unlockVolumes(c, volumes...)
	}
	if err != nil {
		unlock()
		return nil, err
	}
	return unlock, nil
}

func (d *Driver) guard(ctx context.Context, want provider.Server) error {
	for _, nic := range want.Interfaces {
		if err := d.nets.Guard(ctx, want.ID, nic); err != nil {
			return err
		}
	}
	return nil
}

// GetServer reports what libvirt sees.
func (d *Driver) GetServer(_ context.Context, host, id string) (provider.ServerState, error) {
	return withServer(d, host, id, d.observe)
}

// ListServers reports every domain that carries a Plaza id.
func (d *Driver) ListServers(_ context.Context, host string) ([]provider.ServerState, error) {
	if err := d.checkHost(host); err != nil {
		return nil, err
	}
	c, err := d.connect()
	if err != nil {
		return nil, err
	}
	defer closeConn(c)
	doms, err := c.ListAllDomains(0)
	if err != nil {
		return nil, mapped("list servers", err)
	}
	states := make([]provider.ServerState, 0, len(doms))
	var failed error
	for i := range doms {
		st, err := d.observe(&doms[i])
		switch {
		case err == nil:
			states = append(states, st)
		case !provider.IsNotFound(err): // not ours, or gone meanwhile
			failed = err
		}
		freeDomain(&doms[i])
	}
	return states, failed
}

// DeleteServer removes domain, snapshots, disks, seed, console log and rules. Volumes stay.
func (d *Driver) DeleteServer(ctx context.Context, host, id string) error {
	if err := d.checkHost(host); err != nil {
		return err
	}
	if pool.CheckID(id) != nil {
		return nil
	}
	d.copies.stop("server/" + id)
	unlock, err := d.locks.Lock(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	c, err := d.connect()
	if err != nil {
		return err
	}
	defer closeConn(c)
	macs := map[string]bool{}
	want, err := d.pool.Server(id)
	if err == nil {
		for _, nic := range want.Interfaces {
			macs[nic.MAC] = true
		}
	}
	if err := d.undefine(c, id, macs); err != nil {
		return err
	}
	for mac := range macs {
		if err := d.nets.Unguard(ctx, id, mac); err != nil {
			return err
		}
	}
	for _, disk := range want.Disks {
		if disk.Volume == "" {
			continue
		}
		if err := lock(c, disk.Volume); err != nil {
			return err
		}
	}
	return d.pool.DeleteServer(id)
}

func (d *Driver) undefine(c *libvirt.Connect, id string, macs map[string]bool) error {
	dom, err := lookup(c, id)
	if provider.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer freeDomain(dom)
	def, _, err := d.describe(dom)
	if err != nil {
		return err // a foreign domain under our id is not ours to destroy
	}
	for _, nic := range def.Devices.Interfaces {
		if nic.MAC != nil {
			macs[nic.MAC.Address] = true
		}
	}
	if err := destroy(dom); err != nil {
		return err
	}
	err = dom.UndefineFlags(libvirt.DOMAIN_UNDEFINE_SNAPSHOTS_METADATA | libvirt.DOMAIN_UNDEFINE_MANAGED_SAVE |
		libvirt.DOMAIN_UNDEFINE_NVRAM | libvirt.DOMAIN_UNDEFINE_CHECKPOINTS_METADATA)
	if err = mapped("undefine server", err); provider.IsNotFound(err) {
		return nil
	}
	return err
}

// ConsoleLog returns up to max bytes from the end of the serial console.
func (d *Driver) ConsoleLog(_ context.Context, host, id string, max int) ([]byte, error) {
	if err := d.checkHost(host); err != nil {
		return nil, err
	}
	if _, err := d.pool.Server(id); err != nil {
		return nil, err
	}
	return d.pool.ConsoleTail(id, max)
}

func checkServer(want provider.Server) error {
	if err := pool.CheckID(want.ID); err != nil {
		return err
	}
	bad := func(format string, args ...any) error {
		return provider.Errorf(provider.ReasonInvalid, "", "server %s: "+format, append([]any{want.ID}, args...)...)
	}
	switch {
	case want.VCPUs < 1 || want.VCPUs > 255:
		return bad("%d vCPUs", want.VCPUs)
	case want.MemoryMiB < 64:
		return bad("%d MiB of memory, at least 64 are needed", want.MemoryMiB)
	case !want.Power.Wanted():
		return bad("power %q can not be wanted", want.Power)
	case len(want.Disks) == 0 && want.Boot.Image == "":
		return bad("nothing to boot from")
	}
	for _, nic := range want.Interfaces {
		if err := checkCard(nic); err != nil {
			return err
		}
	}
	for _, disk := range want.Disks {
		if err := checkDisk(disk); err != nil {
			return err
		}
	}
	return nil
}

func checkCard(nic provider.Interface) error {
	if _, err := net.ParseMAC(nic.MAC); err != nil {
		return provider.Errorf(provider.ReasonInvalid, "", "card: %w", err)
	}
	return pool.CheckID(nic.Network)
}

func checkDisk(disk provider.Disk) error {
	if disk.Device != "" && !targetName.MatchString(disk.Device) {
		return provider.Errorf(provider.ReasonInvalid, "vda to vdy", "disk device %q", disk.Device)
	}
	if disk.Volume != "" {
		return pool.CheckID(disk.Volume)
	}
	if disk.Backup != "" {
		return pool.CheckID(disk.Backup)
	}
	return nil
}

// unjoin gives the first provider error of a join back as it is.
func unjoin(err error) error {
	if e := (*provider.Error)(nil); errors.As(err, &e) {
		return e
	}
	return err
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
