package openstack

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/diagnostics"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/hypervisors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/services"

	"github.com/plazacloud/plaza/pkg/provider"
)

const (
	withAmounts = "2.87" // later ones leave the amounts of hypervisors to Placement
	accelKVM    = "kvm"
	accelTCG    = "tcg"
)

// accelerators remembers which hypervisors have been seen to run guests by KVM; only the diagnostics of a running guest tell.
type accelerators struct{ seen sync.Map }

func (n *accelerators) learn(node, hypervisor string) {
	if node != "" && (hypervisor == "kvm" || hypervisor == "qemu") {
		n.seen.Store(node, hypervisor)
	}
}

func (n *accelerators) accel(node string) string {
	if h, ok := n.seen.Load(node); ok && h == "kvm" {
		return accelKVM
	}
	return accelTCG
}

// GetHost reports the region as one place: the sums of its hypervisors.
func (d *Driver) GetHost(ctx context.Context, place string) (provider.HostState, error) {
	if err := d.checkPlace(place); err != nil {
		return provider.HostState{}, err
	}
	st := provider.HostState{Name: d.set.Place, Arch: "x86_64", Accel: accelTCG, ObservedAt: time.Now().UTC(),
		AccelReason: "no guest's diagnostics have told of KVM yet; Nova tells it in no other way"}
	c, err := d.cloud.client(ctx, compute, "")
	if err != nil {
		return st, err
	}
	pages, err := hypervisors.List(at(c, withinAmounts(c.Microversion)), hypervisors.ListOpts{}).AllPages(ctx)
	if err != nil {
		return st, mapped("list hypervisors", err)
	}
	all, err := hypervisors.ExtractHypervisors(pages)
	if err != nil {
		return st, mapped("list hypervisors", err)
	}
	kind := ""
	for _, h := range all {
		if h.HypervisorType == "ironic" { // whole machines are no room for guests
			continue
		}
		st.CPUs += h.VCPUs
		st.MemoryMiB += h.MemoryMB
		st.MemoryFreeMiB += max(h.MemoryMB-h.MemoryMBUsed, 0)
		st.DiskGiB += h.LocalGB
		st.DiskFreeGiB += max(h.LocalGB-h.LocalGBUsed, 0)
		st.RunningServers += h.RunningVMs
		kind = h.HypervisorType
		if a := d.accels.accel(h.HypervisorHostname); a == accelKVM {
			st.Accel, st.AccelReason = a, "the diagnostics of a guest on "+h.HypervisorHostname+" tell of KVM"
		}
	}
	st.Hypervisor = fmt.Sprintf("Nova %s, %s", c.Microversion, kind)
	st.LibvirtUp, st.LibvirtError, err = computeUp(ctx, c)
	return st, err
}

// computeUp tells whether any compute node takes orders.
func computeUp(ctx context.Context, c *gophercloud.ServiceClient) (bool, string, error) {
	pages, err := services.List(c, services.ListOpts{Binary: "nova-compute"}).AllPages(ctx)
	if err != nil {
		return false, "", mapped("list compute services", err)
	}
	all, err := services.ExtractServices(pages)
	if err != nil {
		return false, "", mapped("list compute services", err)
	}
	for _, s := range all {
		if s.State == "up" && s.Status == "enabled" {
			return true, "", nil
		}
	}
	return false, fmt.Sprintf("none of %d compute services is up and enabled", len(all)), nil
}

// withinAmounts is the microversion that was agreed on, or the last one that tells the amounts of hypervisors.
func withinAmounts(agreed string) string {
	var major, minor int
	if _, err := fmt.Sscanf(agreed, "%d.%d", &major, &minor); err != nil {
		return withAmounts
	}
	return newestOfBoth(withAmounts, major, minor)
}

// ServerStats reads the diagnostics of a running server; of one that does not run there are none, and all is 0.
func (d *Driver) ServerStats(ctx context.Context, place, id string) (provider.ServerStats, error) {
	st := provider.ServerStats{ObservedAt: time.Now().UTC()}
	if err := d.checkPlace(place); err != nil {
		return st, err
	}
	s, err := d.findServer(ctx, id)
	if err != nil {
		return st, err
	}
	if power, _ := powerOf(*s); power != provider.PowerRunning && power != provider.PowerPaused {
		return st, nil
	}
	c, err := d.cloud.client(ctx, compute, "")
	if err != nil {
		return st, err
	}
	var told struct {
		Hypervisor string `json:"hypervisor"`
		CPUs       []struct {
			Time uint64 `json:"time"`
		} `json:"cpu_details"`
		Memory struct {
			Used uint64 `json:"used"`
		} `json:"memory_details"`
		Disks []struct {
			Read  uint64 `json:"read_bytes"`
			Write uint64 `json:"write_bytes"`
		} `json:"disk_details"`
		Cards []struct {
			Rx uint64 `json:"rx_octets"`
			Tx uint64 `json:"tx_octets"`
		} `json:"nic_details"`
	}
	if err := diagnostics.Get(ctx, c, s.ID).ExtractInto(&told); err != nil {
		return st, mapped("diagnostics of server "+id, err)
	}
	d.accels.learn(s.HypervisorHostname, told.Hypervisor)
	for _, x := range told.CPUs {
		st.CPUNanos += x.Time
	}
	st.MemoryRSSKiB = told.Memory.Used << 10
	for _, x := range told.Disks {
		st.ReadBytes += x.Read
		st.WriteBytes += x.Write
	}
	for _, x := range told.Cards {
		st.RxBytes += x.Rx
		st.TxBytes += x.Tx
	}
	return st, nil
}
