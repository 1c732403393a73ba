package kvm

import (
	"os"
	"slices"

	"libvirt.org/go/libvirt"
	"libvirt.org/go/libvirtxml"

	"github.com/plazacloud/plaza/pkg/provider"
)

const (
	cpuPeriod = 100_000 // µs, over which a vCPU's time is bounded
	noQuota   = -1      // libvirt's word for none; 0 changes nothing
)

// sharesOf is a weight in the words of the host's cgroups: v2 counts as Plaza does, v1 from 1024.
func sharesOf(weight int) uint {
	if weight == 0 {
		weight = provider.UsualWeight
	}
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil {
		return uint(weight) //nolint:gosec // validated
	}
	return uint(max(1024*weight/provider.UsualWeight, 2)) //nolint:gosec // validated
}

func quotaOf(percent int) int64 {
	if percent == 0 {
		return noQuota
	}
	return int64(percent) * cpuPeriod / 100
}

// cpuTune is nil for a server without bounds: it runs on hosts that can bound nothing, too.
func cpuTune(c provider.CPU) *libvirtxml.DomainCPUTune {
	if c == (provider.CPU{}) {
		return nil
	}
	t := &libvirtxml.DomainCPUTune{}
	if c.Weight > 0 {
		t.Shares = &libvirtxml.DomainCPUTuneShares{Value: sharesOf(c.Weight)}
	}
	if c.Percent > 0 {
		t.Period, t.Quota = &libvirtxml.DomainCPUTunePeriod{Value: cpuPeriod}, &libvirtxml.DomainCPUTuneQuota{Value: quotaOf(c.Percent)}
	}
	return t
}

// tuned reads the bounds back; the usual weight, which stays written down once it was given back, is none.
func tuned(t *libvirtxml.DomainCPUTune) (shares uint, quota int64) {
	if t != nil && t.Shares != nil && t.Shares.Value != sharesOf(0) {
		shares = t.Shares.Value
	}
	if t != nil && t.Quota != nil && t.Quota.Value > 0 {
		quota = t.Quota.Value
	}
	return shares, quota
}

func ioTune(q *provider.QoS) *libvirtxml.DomainDiskIOTune {
	if q == nil {
		return nil
	}
	return &libvirtxml.DomainDiskIOTune{TotalIopsSec: uint64(q.IOPS), TotalBytesSec: uint64(q.BytesPerSecond)} //nolint:gosec // not negative
}

func qosOf(t *libvirtxml.DomainDiskIOTune) (q provider.QoS) {
	if t != nil {
		q = provider.QoS{IOPS: int64(t.TotalIopsSec), BytesPerSecond: int64(t.TotalBytesSec)} //nolint:gosec // they were set from such
	}
	return q
}

// bindServer gives a running server other bounds of processors and own disks, in its definition as well. Those of its cards
// are rules of its network.
func (d *Driver) bindServer(dom *libvirt.Domain, want provider.Server) error {
	for _, at := range slices.Backward(places(dom)) { // what the host refuses now is not written down for the next start
		def, _, err := describe(dom, at.xml)
		if err != nil {
			return err
		}
		if err := bindCPU(dom, at, def, want.CPU); err != nil {
			return err
		}
		own := 0
		for _, disk := range want.Disks {
			if disk.Volume != "" {
				continue
			}
			x := findDisk(def, d.pool.ServerDisk(want.ID, own))
			own++
			if x == nil || qosOf(x.IOTune) == qosOf(ioTune(disk.QoS)) {
				continue
			}
			if err := setIOTune(dom, at, x.Target.Dev, qosOf(ioTune(disk.QoS))); err != nil {
				return err
			}
		}
	}
	return nil
}

func bindCPU(dom *libvirt.Domain, at place, def *libvirtxml.Domain, want provider.CPU) error {
	shares, quota := tuned(def.CPUTune)
	wantShares, wantQuota := tuned(cpuTune(want))
	p := &libvirt.DomainSchedulerParameters{}
	if shares != wantShares {
		p.CpuSharesSet, p.CpuShares = true, uint64(sharesOf(want.Weight))
	}
	if quota != wantQuota {
		p.VcpuPeriodSet, p.VcpuPeriod = true, cpuPeriod
		p.VcpuQuotaSet, p.VcpuQuota = true, quotaOf(want.Percent)
	}
	if !p.CpuSharesSet && !p.VcpuQuotaSet {
		return nil
	}
	return mapped("bound processors", dom.SetSchedulerParametersFlags(p, at.modification()))
}

func setIOTune(dom *libvirt.Domain, at place, device string, q provider.QoS) error {
	return mapped("bound disk "+device, dom.SetBlockIoTune(device, &libvirt.DomainBlockIoTuneParameters{
		TotalIopsSecSet: true, TotalIopsSec: uint64(q.IOPS), //nolint:gosec // not negative
		TotalBytesSecSet: true, TotalBytesSec: uint64(q.BytesPerSecond), //nolint:gosec // not negative
	}, at.modification()))
}

// modification is the place in the words of calls that change parameters.
func (p place) modification() libvirt.DomainModificationImpact {
	if p.modify == libvirt.DOMAIN_DEVICE_MODIFY_LIVE {
		return libvirt.DOMAIN_AFFECT_LIVE
	}
	return libvirt.DOMAIN_AFFECT_CONFIG
}
