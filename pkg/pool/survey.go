package pool

import (
	"cmp"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
)

// staleAfter is how long what is asked for every half minute may go unseen before its figures count as stale.
const staleAfter = 3 * time.Minute

// HostFigures are one KVM host: as placement sees it, as its agent reported it, and what its operator decided.
type HostFigures struct {
	Host
	State                        provider.HostState
	CPURatioMilli, MemRatioMilli int64
	ReservedMemoryMiB            int64
	Servers, Volumes, TenantNets int64
}

// RegionFigures are one region: as placement sees it and as it was last read. Others is what is used there beyond what
// Plaza has claimed.
type RegionFigures struct {
	Host
	Inventory                               provider.Inventory
	OtherVCPUs, OtherMemoryMiB, OtherVolume int64
	Servers, Volumes, TenantNets            int64
}

// ClusterFigures are one storage cluster as it was last read. Tiers names the tiers that lie on each of its pools.
type ClusterFigures struct {
	ID, Name             string
	Alive                bool
	State                provider.ClusterState
	Tiers                map[string][]string
	CapacityGiB, UsedGiB int64 // what may be promised and what is, by Plaza's books
	Volumes              int64
}

// AssetFigures are one asset of the books.
type AssetFigures struct {
	Type, Arch               string
	CPUs, MemoryMiB, DiskGiB int64
}

// Survey puts a view together from figures, in any order. It asks nobody.
type Survey struct {
	now      time.Time
	pools    map[string]*Pool
	external map[[2]string]*External
}

// NewSurvey begins a view of the time now.
func NewSurvey(now time.Time) *Survey {
	return &Survey{now: now.UTC(), pools: map[string]*Pool{}, external: map[[2]string]*External{}}
}

func (s *Survey) pool(kind, id, name string) *Pool {
	p := s.pools[id]
	if p == nil {
		p = &Pool{ID: id, Site: name, Kind: kind}
		s.pools[id] = p
	}
	return p
}

// SiteID is the id of the pool of a site's KVM hosts.
func SiteID(site string) string { return KindSite + ":" + site }

// AddHost adds a KVM host to the pool of its site.
func (s *Survey) AddHost(h HostFigures) {
	p := s.pool(KindSite, SiteID(h.Site), h.Site)
	m := hostMember(h)
	p.add(m)
	p.Servers, p.Volumes = p.Servers+h.Servers, p.Volumes+h.Volumes
	p.VCPUs = p.VCPUs.plus(Amount{Level: m.VCPUs, Used: h.UsedVCPUs})
	p.MemoryMiB = p.MemoryMiB.plus(Amount{Level: m.MemoryMiB, Used: h.UsedMemoryMiB})
	p.DiskGiB = p.DiskGiB.plus(Amount{Level: m.DiskGiB, Used: h.UsedDiskGiB})
	p.addDisk(h, m.Age)
	if p.Network == nil {
		p.Network = &Network{}
	}
	p.Network.Tenant += h.TenantNets
}

func hostMember(h HostFigures) Member {
	open := h.Alive && h.Schedulable
	level := func(physical, reserved, ratio, capacity, used int64) Level {
		l := Level{Physical: physical, Reserved: min(reserved, physical), RatioMilli: ratio, Capacity: capacity, InUse: used}
		if open {
			l.Free = max(capacity-used, 0)
		}
		return l
	}
	m := Member{ID: h.ID, Name: h.Name, Arch: h.Arch, Type: h.State.Hypervisor, Labels: h.Labels, Alive: h.Alive, Open: open, Servers: h.State.RunningServers,
		VCPUs:     level(int64(h.State.CPUs), 0, h.CPURatioMilli, h.VCPUs, h.UsedVCPUs),
		MemoryMiB: level(int64(h.State.MemoryMiB), h.ReservedMemoryMiB, h.MemRatioMilli, h.MemoryMiB, h.UsedMemoryMiB),
		DiskGiB:   level(int64(h.State.DiskGiB), 0, 1000, h.DiskGiB, h.UsedDiskGiB),
		Age:       Age{ObservedAt: seen(h.State.ObservedAt), Stale: !h.Alive}}
	if !open {
		m.Why = h.Why
	}
	return m
}

// AddRegion adds a region, which is a pool of its own.
func (s *Survey) AddRegion(r RegionFigures) {
	p := s.pool(KindRegion, r.ID, r.Name)
	in := r.Inventory
	open := r.Alive && r.Schedulable
	p.Age = s.age(in, r.Alive, "compute", "placement")
	for _, h := range in.Hypervisors {
		if h.Type != "ironic" { // a whole machine, which is counted as such
			p.add(hypervisorMember(h, r.Host, p.Age))
		}
	}
	p.Servers, p.Volumes = r.Servers, r.Volumes
	var vcpus, memory, disk Level
	for _, m := range p.Members {
		vcpus, memory, disk = vcpus.plus(m.VCPUs), memory.plus(m.MemoryMiB), disk.plus(m.DiskGiB)
	}
	p.VCPUs = claimed(vcpus, r.UsedVCPUs, r.OtherVCPUs, r.VCPUs, open)
	p.MemoryMiB = claimed(memory, r.UsedMemoryMiB, r.OtherMemoryMiB, r.MemoryMiB, open)
	p.DiskGiB = claimed(disk, r.UsedDiskGiB, max(disk.InUse-r.UsedDiskGiB, 0), r.DiskGiB, open)
	p.VolumeGiB = claimed(volumes(in.Storage), r.UsedVolumeGiB, r.OtherVolume, r.VolumeGiB, open)
	p.Storage = regionStorage(in, s.age(in, r.Alive, "volumev3"))
	p.Network = regionNetwork(in, s.age(in, r.Alive, "network"))
	p.Network.Tenant = r.TenantNets
	p.Baremetal = regionBaremetal(in, s.age(in, r.Alive, "baremetal"))
}

// claimed completes a region's level: an order needs room both by the backend's count and by Plaza's claims.
func claimed(l Level, used, others, promisable int64, open bool) Amount {
	l.Free = max(min(l.Free, promisable-used), 0)
	if !open {
		l.Free = 0
	}
	return Amount{Level: l, Used: used, Others: others}
}

func hypervisorMember(h provider.Hypervisor, place Host, age Age) Member {
	up := h.Up && place.Alive
	open := up && h.Enabled && place.Schedulable
	m := Member{ID: h.ID, Name: h.Name, Arch: h.Arch, Type: h.Type, Zone: h.Zone, Aggregates: h.Aggregates, Traits: h.Traits, Labels: h.Labels, Alive: up, Open: open,
		Servers: h.Servers, Age: age}
	switch {
	case open:
	case h.Reason != "":
		m.Why = h.Reason
	default:
		m.Why = place.Why
	}
	for class, stock := range h.Stock {
		l := Level{Physical: stock.Total, Reserved: stock.Reserved, RatioMilli: stock.RatioMilli, Capacity: stock.Capacity(), InUse: stock.Used}
		if open {
			l.Free = stock.Free()
		}
		switch class {
		case "VCPU":
			m.VCPUs = l
		case "MEMORY_MB":
			m.MemoryMiB = l
		case "DISK_GB":
			m.DiskGiB = l
		default:
			if m.Stock == nil {
				m.Stock = map[string]Level{}
			}
			m.Stock[class] = l
		}
	}
	return m
}

// age is that of the part of a region's inventory which the named services tell.
func (s *Survey) age(in provider.Inventory, alive bool, services ...string) Age {
	a := Age{ObservedAt: seen(in.ObservedAt), Stale: !alive || s.now.Sub(in.ObservedAt) > staleAfter}
	for _, x := range in.Services {
		if x.Up || !slices.Contains(services, x.Type) {
			continue
		}
		a.Stale = true
		if !x.Since.IsZero() && x.Since.Before(in.ObservedAt) { // what it told before it went is what is shown
			a.ObservedAt = seen(x.Since)
		}
	}
	return a
}

// AddCluster adds a storage cluster, which is a pool of its own.
func (s *Survey) AddCluster(c ClusterFigures) {
	p := s.pool(KindCluster, c.ID, c.Name)
	age := Age{ObservedAt: seen(c.State.ObservedAt), Stale: !c.Alive || s.now.Sub(c.State.ObservedAt) > staleAfter}
	p.Volumes = c.Volumes
	l := Level{Physical: c.CapacityGiB, RatioMilli: 1000, Capacity: c.CapacityGiB, InUse: c.UsedGiB}
	if c.Alive {
		l.Free = max(c.CapacityGiB-c.UsedGiB, 0)
	}
	p.VolumeGiB = Amount{Level: l, Used: c.UsedGiB}
	p.Age = age
	p.Storage = clusterStorage(c, age)
}

// AddAsset counts an asset among those that nothing is placed on.
func (s *Survey) AddAsset(a AssetFigures) {
	key := [2]string{a.Type, a.Arch}
	e := s.external[key]
	if e == nil {
		e = &External{Type: a.Type, Arch: a.Arch}
		s.external[key] = e
	}
	e.Count, e.CPUs, e.MemoryMiB, e.DiskGiB = e.Count+1, e.CPUs+a.CPUs, e.MemoryMiB+a.MemoryMiB, e.DiskGiB+a.DiskGiB
}

// View returns what was added, sorted: sites, regions, clusters, each by name.
func (s *Survey) View() View {
	v := View{At: s.now, Items: []Pool{}, External: []External{}, Total: Pool{ID: "all", Site: "all", Kind: KindTotal}}
	for _, p := range s.pools {
		p.finish()
		v.Items = append(v.Items, *p)
	}
	order := []string{KindSite, KindRegion, KindCluster}
	slices.SortFunc(v.Items, func(a, b Pool) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind)), cmp.Compare(a.Site, b.Site), cmp.Compare(a.ID, b.ID))
	})
	for _, p := range v.Items {
		v.Total.sum(p)
	}
	v.Total.finish()
	for _, e := range s.external {
		v.External = append(v.External, *e)
	}
	slices.SortFunc(v.External, func(a, b External) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Arch, b.Arch)) })
	return v
}

// seen is nil for what was never seen.
func seen(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}
