package kvm

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"
	"libvirt.org/go/libvirt"

	"github.com/plazacloud/plaza/agents/machine"
	"github.com/plazacloud/plaza/pkg/provider"
)

// GetHost reports what the host has; it answers without libvirtd too, saying why that is missing.
func (d *Driver) GetHost(_ context.Context, host string) (provider.HostState, error) {
	if err := d.checkHost(host); err != nil {
		return provider.HostState{}, err
	}
	st := machine.State()
	st.Name, st.AgentVersion = d.cfg.Host, d.cfg.AgentVersion
	verdict := d.accel.known()
	st.Accel, st.AccelReason = verdict.Accel, verdict.Reason
	var fs unix.Statfs_t
	if err := unix.Statfs(d.pool.Dir(), &fs); err == nil {
		block := uint64(fs.Bsize)                     //nolint:gosec // positive
		st.DiskGiB = int(fs.Blocks * block >> 30)     //nolint:gosec // fits
		st.DiskFreeGiB = int(fs.Bavail * block >> 30) //nolint:gosec // fits
	}
	if err := d.askLibvirt(&st); err != nil {
		st.LibvirtError = err.Error()
	}
	return st, nil
}

func (d *Driver) askLibvirt(st *provider.HostState) error {
	c, err := d.connect()
	if err != nil {
		return err
	}
	defer closeConn(c)
	lv, err := c.GetLibVersion()
	if err != nil {
		return mapped("libvirt version", err)
	}
	hv, err := c.GetVersion()
	if err != nil {
		return mapped("hypervisor version", err)
	}
	running, err := c.ListAllDomains(libvirt.CONNECT_LIST_DOMAINS_ACTIVE)
	if err != nil {
		return mapped("list servers", err)
	}
	for i := range running {
		if _, _, err := d.describe(&running[i]); err == nil {
			st.RunningServers++
		}
		freeDomain(&running[i])
	}
	st.Libvirt, st.Hypervisor, st.LibvirtUp = dotted(lv), "QEMU "+dotted(hv), true
	return nil
}

// dotted writes libvirt's 1000000*major + 1000*minor + release.
func dotted(v uint32) string {
	return fmt.Sprintf("%d.%d.%d", v/1000000, v/1000%1000, v%1000)
}
