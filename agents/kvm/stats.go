package kvm

import (
	"context"
	"time"

	"libvirt.org/go/libvirt"

	"github.com/plazacloud/plaza/pkg/provider"
)

// ServerStats returns live counters; zeros for a server that does not run.
func (d *Driver) ServerStats(_ context.Context, host, id string) (provider.ServerStats, error) {
	return withServer(d, host, id, func(dom *libvirt.Domain) (provider.ServerStats, error) {
		st := provider.ServerStats{ObservedAt: time.Now().UTC()}
		c, err := d.connect()
		if err != nil {
			return st, err
		}
		defer closeConn(c)
		const kinds = libvirt.DOMAIN_STATS_CPU_TOTAL | libvirt.DOMAIN_STATS_BALLOON | libvirt.DOMAIN_STATS_INTERFACE | libvirt.DOMAIN_STATS_BLOCK
		all, err := c.GetAllDomainStats([]*libvirt.Domain{dom}, kinds, 0)
		if err != nil {
			return st, mapped("server stats", err)
		}
		for _, s := range all {
			if s.Cpu != nil {
				st.CPUNanos = s.Cpu.Time
			}
			if s.Balloon != nil {
				st.MemoryRSSKiB = s.Balloon.Rss
			}
			for _, b := range s.Block {
				st.ReadBytes += b.RdBytes
				st.WriteBytes += b.WrBytes
			}
			for _, n := range s.Net {
				// What the tap sends is what the guest receives; libvirt counts from the guest's side.
				st.RxBytes += n.RxBytes
				st.TxBytes += n.TxBytes
			}
			freeDomain(s.Domain)
		}
		return st, nil
	})
}
