package pool_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/provider"
)

var noon = time.Date(2031, 5, 6, 12, 0, 0, 0, time.UTC)

const gib = int64(1) << 30

// kvm has 8 CPUs promised twice and 8 GiB of memory less 1 GiB.
func kvm(name, site string) pool.HostFigures {
	return pool.HostFigures{Host: pool.Host{ID: "id-" + name, Name: name, Site: site, Arch: "x86_64", Alive: true, Schedulable: true, Labels: map[string]string{"disk": "nvme"},
		VCPUs: 16, MemoryMiB: 7168, DiskGiB: 100, UsedVCPUs: 4, UsedMemoryMiB: 1024, UsedDiskGiB: 10},
		State:         provider.HostState{CPUs: 8, MemoryMiB: 8192, DiskGiB: 100, DiskFreeGiB: 70, Hypervisor: "QEMU 7.2", RunningServers: 3, ObservedAt: noon},
		CPURatioMilli: 2000, MemRatioMilli: 1000, ReservedMemoryMiB: 1024, Servers: 3, Volumes: 1, TenantNets: 2}
}

func stock(total, reserved, ratio, used int64) provider.Stock {
	return provider.Stock{Total: total, Reserved: reserved, RatioMilli: ratio, Used: used}
}

func hypervisor(name, arch, zone string, vcpus, memory, disk provider.Stock) provider.Hypervisor {
	return provider.Hypervisor{ID: "h-" + name, Name: name, Arch: arch, Zone: zone, Type: "QEMU", Up: true, Enabled: true,
		Stock: map[string]provider.Stock{"VCPU": vcpus, "MEMORY_MB": memory, "DISK_GB": disk}}
}

// cloudFigures is a region of two hypervisors and a bare-metal one, with Cinder, an external network and machines.
func cloudFigures() pool.RegionFigures {
	n1 := hypervisor("n1", "x86_64", "az1", stock(8, 1, 16000, 20), stock(16385, 512, 1500, 4096), stock(200, 0, 1000, 30))
	n1.Aggregates, n1.Traits, n1.Servers = []string{"ssd"}, []string{"HW_CPU_X86_AVX2"}, 5
	n1.Stock["CUSTOM_FPGA"] = stock(2, 0, 1000, 1)
	n2 := hypervisor("n2", "ppc64le", "az2", stock(4, 0, 4000, 2), stock(8192, 0, 1000, 1024), stock(100, 10, 1000, 5))
	ironic := hypervisor("node-7", "x86_64", "az1", provider.Stock{}, provider.Stock{}, provider.Stock{})
	ironic.Type = "ironic"
	return pool.RegionFigures{
		Host: pool.Host{ID: "r-1", Name: "east", Region: true, Alive: true, Schedulable: true, VCPUs: 118, MemoryMiB: 28000, DiskGiB: 290, VolumeGiB: 450,
			UsedVCPUs: 12, UsedMemoryMiB: 2048, UsedDiskGiB: 20, UsedVolumeGiB: 40},
		OtherVCPUs: 10, OtherMemoryMiB: 3072, OtherVolume: 50, Servers: 4, Volumes: 2, TenantNets: 3,
		Inventory: provider.Inventory{ObservedAt: noon.Add(-20 * time.Second), Hypervisors: []provider.Hypervisor{n1, n2, ironic},
			Services:  []provider.Service{{Type: "compute", Up: true}, {Type: "volumev3", Up: true}, {Type: "network", Up: true}, {Type: "baremetal", Up: true}},
			Storage:   []provider.StoragePool{{Name: "ctl@rbd#rbd", Tier: "standard", TotalGiB: 500, FreeGiB: 430, Promised: 90, Up: true}},
			Networks:  []provider.AddressPool{{ID: "n-1", Name: "public", Total: 200, Used: 15}},
			Baremetal: []provider.BaremetalPool{{Class: "large", Total: 6, Free: 2, Used: 1, Broken: 1, Busy: 2}, {Class: "db", Total: 1, Free: 1}}},
	}
}

func clusterFigures() pool.ClusterFigures {
	return pool.ClusterFigures{ID: "c-1", Name: "vault", Alive: true, CapacityGiB: 60, UsedGiB: 12, Volumes: 7,
		Tiers: map[string][]string{"fast": {"gold"}, "fast2": {"gold"}, "slow": {"bronze", "cold"}},
		State: provider.ClusterState{Health: "HEALTH_WARN", TotalBytes: 300 * gib, UsedBytes: 60 * gib, FreeBytes: 240 * gib, ObservedAt: noon.Add(-5 * time.Second), Pools: []provider.DataPoolState{
			{Name: "fast", Application: "rbd", Rule: "ssd", StoredBytes: 10 * gib, UsedBytes: 30 * gib, FreeBytes: 40 * gib},
			{Name: "fast2", Application: "rbd", Rule: "ssd", StoredBytes: 2 * gib, UsedBytes: 6 * gib, FreeBytes: 40 * gib},
			{Name: "slow", Application: "rgw", Rule: "hdd", StoredBytes: 8 * gib, UsedBytes: 12 * gib, FreeBytes: 90 * gib},
			{Name: ".mgr", Rule: "ssd", StoredBytes: 1, UsedBytes: 3, FreeBytes: 40 * gib}}}}
}

func TestSiteAddsUpItsHosts(t *testing.T) {
	s := pool.NewSurvey(noon)
	dead := kvm("b", "north")
	dead.Alive, dead.Why, dead.State.ObservedAt = false, "its agent is silent", noon.Add(-time.Hour)
	s.AddHost(kvm("a", "north"))
	s.AddHost(dead)
	s.AddHost(kvm("c", "south"))
	v := s.View()
	require.Len(t, v.Items, 2)
	n := v.Items[0]
	require.Equal(t, []any{"site:north", "north", "site", 2, 1, int64(6), int64(2)}, []any{n.ID, n.Site, n.Kind, n.Hosts, n.Alive, n.Servers, n.Volumes})
	require.Equal(t, pool.Amount{Level: pool.Level{Physical: 16, RatioMilli: 2000, Capacity: 32, InUse: 8, Free: 12}, Used: 8}, n.VCPUs, "what is free on a dead host can not be had")
	require.Equal(t, pool.Amount{Level: pool.Level{Physical: 16384, Reserved: 2048, RatioMilli: 1000, Capacity: 14336, InUse: 2048, Free: 6144}, Used: 2048}, n.MemoryMiB)
	require.True(t, n.Stale, "one of its hosts is not heard of")
	require.Equal(t, noon.Add(-time.Hour), *n.ObservedAt, "the age is that of the oldest figure")
	require.Equal(t, "its agent is silent", n.Members[1].Why)
	require.Equal(t, pool.Space{TotalBytes: 200 * gib, UsedBytes: 60 * gib, FreeBytes: 140 * gib}, n.Storage.Raw)
	require.Equal(t, 20*gib, n.Storage.Pools[0].PromisedBytes)
	require.EqualValues(t, 4, n.Network.Tenant)
	require.Equal(t, []string{"arch x86_64", "label disk=nvme"}, groups(n))
	require.False(t, v.Items[1].Stale)
	require.EqualValues(t, 24, v.Total.VCPUs.Physical)
	require.EqualValues(t, 24, v.Total.VCPUs.Free)
}

func groups(p pool.Pool) []string {
	var out []string
	for _, g := range p.Groups {
		out = append(out, g.By+" "+g.Name)
	}
	return out
}

func TestRegionIsToldAsItsBackendsCount(t *testing.T) {
	s := pool.NewSurvey(noon)
	s.AddRegion(cloudFigures())
	p := s.View().Items[0]
	require.Equal(t, []any{"r-1", "east", "region", 2, 2}, []any{p.ID, p.Site, p.Kind, p.Hosts, p.Alive}, "a bare-metal hypervisor is counted among the machines")
	require.Equal(t, pool.Level{Physical: 8, Reserved: 1, RatioMilli: 16000, Capacity: 112, InUse: 20, Free: 92}, p.Members[0].VCPUs)
	require.Equal(t, pool.Level{Physical: 2, RatioMilli: 1000, Capacity: 2, InUse: 1, Free: 1}, p.Members[0].Stock["CUSTOM_FPGA"])
	// 92 and 14 are free by Placement; by the claims there are 118-12.
	require.Equal(t, pool.Amount{Level: pool.Level{Physical: 12, Reserved: 1, RatioMilli: 128 * 1000 / 11, Capacity: 128, InUse: 22, Free: 106}, Used: 12, Others: 10}, p.VCPUs)
	require.Equal(t, []int64{35, 20, 15, 255}, []int64{p.DiskGiB.InUse, p.DiskGiB.Used, p.DiskGiB.Others, p.DiskGiB.Free})
	require.Equal(t, pool.Amount{Level: pool.Level{Physical: 500, RatioMilli: 1000, Capacity: 500, InUse: 90, Free: 410}, Used: 40, Others: 50}, p.VolumeGiB)
	require.Equal(t, []string{"arch ppc64le", "arch x86_64", "zone az1", "zone az2", "aggregate ssd", "trait HW_CPU_X86_AVX2"}, groups(p))
	require.Equal(t, pool.Network{Age: p.Age, Tenant: 3, Total: 200, Used: 15, Free: 185, Addresses: []pool.Addresses{{ID: "n-1", Name: "public", Total: 200, Used: 15, Free: 185}}}, *p.Network)
	require.Equal(t, pool.Machines{Total: 7, Free: 3, Used: 1, Broken: 1, Busy: 2}, p.Baremetal.Machines)
	require.Equal(t, "db", p.Baremetal.Classes[0].Class)
	require.Equal(t, []pool.Tier{{Name: "standard", Pools: 1, Space: pool.Space{TotalBytes: 500 * gib, UsedBytes: 70 * gib, FreeBytes: 430 * gib}, PromisedBytes: 90 * gib}}, p.Storage.Tiers)
	require.False(t, p.Stale)
}

func TestEachPartHasItsOwnAge(t *testing.T) {
	one := func(change func(*pool.RegionFigures)) pool.Pool {
		f := cloudFigures()
		change(&f)
		s := pool.NewSurvey(noon)
		s.AddRegion(f)
		return s.View().Items[0]
	}
	away := one(func(f *pool.RegionFigures) { f.Alive, f.Why = false, "its cloud does not answer" })
	require.Equal(t, []bool{true, true, true, true}, []bool{away.Stale, away.Storage.Stale, away.Network.Stale, away.Baremetal.Stale})
	require.Zero(t, away.VCPUs.Free, "nothing can be had of what does not answer")
	require.EqualValues(t, 128, away.VCPUs.Capacity, "what was last known is still shown")
	require.Equal(t, "its cloud does not answer", away.Members[0].Why)
	cinder := one(func(f *pool.RegionFigures) { f.Inventory.Services[1].Up = false })
	require.Equal(t, []bool{false, true, false, false}, []bool{cinder.Stale, cinder.Storage.Stale, cinder.Network.Stale, cinder.Baremetal.Stale})
	old := one(func(f *pool.RegionFigures) { f.Inventory.ObservedAt = noon.Add(-time.Hour) })
	require.True(t, old.Stale, "said to be alive, but not looked at for an hour")
	require.Equal(t, noon.Add(-time.Hour), *old.ObservedAt)
	closed := one(func(f *pool.RegionFigures) {
		f.Inventory.Hypervisors[0].Enabled, f.Inventory.Hypervisors[0].Reason = false, "maintenance"
	})
	require.EqualValues(t, 14, closed.VCPUs.Free)
	require.Equal(t, "maintenance", closed.Members[0].Why)
	alone := one(func(f *pool.RegionFigures) { f.Inventory.Hypervisors = f.Inventory.Hypervisors[:1] })
	require.EqualValues(t, 1500, alone.MemoryMiB.RatioMilli, "though 15872 times it is no whole number")
	require.Equal(t, []string{"arch x86_64", "zone az1", "aggregate ssd", "trait HW_CPU_X86_AVX2"}, groups(alone))
	require.Equal(t, []string{"arch x86_64", "zone az1", "aggregate ssd"}, groups(alone.Brief()), "what all hosts have tells none apart")
	require.True(t, closed.Members[0].Alive)
}

func TestRoomThatPoolsShareIsCountedOnce(t *testing.T) {
	s := pool.NewSurvey(noon)
	s.AddCluster(clusterFigures())
	p := s.View().Items[0]
	require.Equal(t, pool.Space{TotalBytes: 300 * gib, UsedBytes: 60 * gib, FreeBytes: 240 * gib}, p.Storage.Raw)
	require.Len(t, p.Storage.Pools, 4)
	require.Equal(t, []pool.Tier{
		{Name: "bronze", Pools: 1, Space: pool.Space{TotalBytes: 98 * gib, UsedBytes: 8 * gib, FreeBytes: 90 * gib}},
		{Name: "cold", Pools: 1, Space: pool.Space{TotalBytes: 98 * gib, UsedBytes: 8 * gib, FreeBytes: 90 * gib}},
		{Name: "gold", Pools: 2, Space: pool.Space{TotalBytes: 52 * gib, UsedBytes: 12 * gib, FreeBytes: 40 * gib}}}, p.Storage.Tiers)
	require.Equal(t, pool.Amount{Level: pool.Level{Physical: 60, RatioMilli: 1000, Capacity: 60, InUse: 12, Free: 48}, Used: 12}, p.VolumeGiB)
}

func TestTotalAndExternal(t *testing.T) {
	s := pool.NewSurvey(noon)
	s.AddAsset(pool.AssetFigures{Type: "power-lpar", Arch: "ppc64le", CPUs: 8, MemoryMiB: 65536})
	s.AddCluster(clusterFigures())
	s.AddRegion(cloudFigures())
	s.AddHost(kvm("a", "east")) // a site and a region of one name
	s.AddAsset(pool.AssetFigures{Type: "power-lpar", Arch: "ppc64le", CPUs: 4, MemoryMiB: 1024, DiskGiB: 100})
	v := s.View()
	require.Equal(t, []pool.External{{Type: "power-lpar", Arch: "ppc64le", Count: 2, CPUs: 12, MemoryMiB: 66560, DiskGiB: 100}}, v.External)
	require.Equal(t, 3, v.Total.Hosts, "assets are not among the hosts")
	require.EqualValues(t, 16+128, v.Total.VCPUs.Capacity)
	require.Equal(t, "HEALTH_WARN", v.Total.Storage.Health)
	require.Equal(t, 400*gib, v.Total.Storage.Raw.TotalBytes)
	require.EqualValues(t, 5, v.Total.Network.Tenant)
	require.EqualValues(t, 7, v.Total.Baremetal.Total)
	require.Equal(t, []string{"arch ppc64le", "arch x86_64", "trait HW_CPU_X86_AVX2", "label disk=nvme"}, groups(v.Total), "zones and aggregates mean something in their region only")
	require.Empty(t, v.Total.Members)

	_, n := v.Find("east")
	require.Equal(t, 2, n, "which of them is meant is for the asker to say")
	p, n := v.Find("site:east")
	require.Equal(t, []any{1, "site"}, []any{n, p.Kind})
	p, _ = v.Find("vault")
	require.Equal(t, "c-1", p.ID)
	require.Len(t, p.Storage.Pools, 4)
	require.Empty(t, p.Brief().Storage.Pools)
	require.Len(t, p.Storage.Pools, 4, "what is left out of a copy stays")
	_, n = v.Find("nowhere")
	require.Zero(t, n)
}

// Whatever there is and in whatever order it comes, the total is the sum and a group never has more than its pool.
func TestSumsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 6).Draw(t, "hosts")
		var hosts []pool.HostFigures
		for i := range n {
			h := kvm(string(rune('a'+i)), rapid.SampledFrom([]string{"north", "south"}).Draw(t, "site"))
			h.Alive, h.Schedulable = rapid.Bool().Draw(t, "alive"), rapid.Bool().Draw(t, "open")
			h.UsedVCPUs = rapid.Int64Range(0, 20).Draw(t, "used") // more than there is: overcommit was lowered
			h.Arch = rapid.SampledFrom([]string{"x86_64", "aarch64", ""}).Draw(t, "arch")
			hosts = append(hosts, h)
		}
		regions := rapid.IntRange(0, 2).Draw(t, "regions")
		build := func(order []pool.HostFigures) pool.View {
			s := pool.NewSurvey(noon)
			for _, h := range order {
				s.AddHost(h)
			}
			for i := range regions {
				r := cloudFigures()
				r.ID = string(rune('A' + i))
				s.AddRegion(r)
			}
			return s.View()
		}
		v := build(hosts)
		var sum pool.Amount
		for _, p := range v.Items {
			var members pool.Level
			for _, m := range p.Members {
				members.Physical, members.Free = members.Physical+m.VCPUs.Physical, members.Free+m.VCPUs.Free
			}
			require.Equal(t, members.Physical, p.VCPUs.Physical)
			require.LessOrEqual(t, p.VCPUs.Free, members.Free)
			if p.Kind == pool.KindRegion { // a site has what each of its hosts has left, though another is promised too often
				require.LessOrEqual(t, p.VCPUs.Free, max(p.VCPUs.Capacity-p.VCPUs.Used, 0))
			}
			for _, g := range p.Groups {
				require.LessOrEqual(t, g.VCPUs.Capacity, p.VCPUs.Capacity)
			}
			sum.Physical, sum.Capacity, sum.Free = sum.Physical+p.VCPUs.Physical, sum.Capacity+p.VCPUs.Capacity, sum.Free+p.VCPUs.Free
			sum.Used, sum.Others = sum.Used+p.VCPUs.Used, sum.Others+p.VCPUs.Others
		}
		require.Equal(t, []int64{sum.Physical, sum.Capacity, sum.Free, sum.Used, sum.Others},
			[]int64{v.Total.VCPUs.Physical, v.Total.VCPUs.Capacity, v.Total.VCPUs.Free, v.Total.VCPUs.Used, v.Total.VCPUs.Others})
		for i := range hosts {
			j := rapid.IntRange(0, len(hosts)-1).Draw(t, "swap")
			hosts[i], hosts[j] = hosts[j], hosts[i]
		}
		require.Equal(t, v, build(hosts))
	})
}
