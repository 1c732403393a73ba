package pool

import (
	"slices"
	"time"
)

// View is everything that there is, as last observed: each pool, their sum, and what is kept in the books only.
type View struct {
	At       time.Time  `json:"at" doc:"When it was put together"`
	Items    []Pool     `json:"items" nullable:"false"`
	Total    Pool       `json:"total"`
	External []External `json:"external" nullable:"false" doc:"Assets that nothing is placed on, counted apart"`
}

// What a pool is made of.
const (
	KindSite    = "site"    // KVM hosts
	KindRegion  = "region"  // a cloud that chooses the hypervisor itself
	KindCluster = "cluster" // storage
	KindTotal   = "total"
)

// Pool is what one place has: a site of KVM hosts, a region or a storage cluster.
type Pool struct {
	ID        string     `json:"id" doc:"Of the region or cluster; site:NAME for a site; all for the sum"`
	Site      string     `json:"site" doc:"Name of the site, region or cluster"`
	Kind      string     `json:"kind" enum:"site,region,cluster,total"`
	Hosts     int        `json:"hosts" doc:"Hosts or hypervisors"`
	Alive     int        `json:"alive" doc:"Of them, those that answer"`
	Servers   int64      `json:"servers" doc:"Plaza's"`
	Volumes   int64      `json:"volumes" doc:"Plaza's"`
	VCPUs     Amount     `json:"vcpus"`
	MemoryMiB Amount     `json:"memoryMiB"`
	DiskGiB   Amount     `json:"diskGiB" doc:"Disks of servers; on KVM hosts volumes, too"`
	VolumeGiB Amount     `json:"volumeGiB" doc:"Volumes of regions and clusters"`
	Age                  // of the compute figures
	Groups    []Group    `json:"groups,omitempty" doc:"The same hosts by architecture, zone, aggregate, trait and label; a host may be in several groups"`
	Members   []Member   `json:"members,omitempty" doc:"Each host; only where one pool is read"`
	Storage   *Storage   `json:"storage,omitempty"`
	Network   *Network   `json:"network,omitempty"`
	Baremetal *Baremetal `json:"baremetal,omitempty"`
}

// Age tells how old figures are.
type Age struct {
	ObservedAt *time.Time `json:"observedAt,omitempty" doc:"Of the oldest figure in it"`
	Stale      bool       `json:"stale" doc:"What it is of does not answer now, or was not asked for long: the last known figures are shown"`
}

// Level is how much there is of something, in the unit of its name.
type Level struct {
	Physical   int64 `json:"physical"`
	Reserved   int64 `json:"reserved" doc:"Of the physical, kept for the host itself"`
	RatioMilli int64 `json:"ratioMilli" doc:"How often one is promised, in thousandths; of a sum, the mean rounded down"`
	Capacity   int64 `json:"capacity" doc:"What may be promised: overcommit included, reserved left out"`
	InUse      int64 `json:"inUse" doc:"As the backend itself counts; of KVM hosts, which keep no books, as Plaza does"`
	Free       int64 `json:"free" doc:"What an order may still get. Only hosts that take orders count, so it may be less than the difference"`
}

// Amount is a level and whose its use is.
type Amount struct {
	Level
	Used   int64 `json:"used" doc:"Claimed by Plaza's objects"`
	Others int64 `json:"others" doc:"Used there by others than Plaza"`
}

// Group is the part of a pool's hosts that have something in common.
type Group struct {
	By        string `json:"by" enum:"arch,zone,aggregate,trait,label"`
	Name      string `json:"name" doc:"x86_64, the zone's name …; of labels KEY=VALUE"`
	Hosts     int    `json:"hosts"`
	Alive     int    `json:"alive"`
	VCPUs     Level  `json:"vcpus"`
	MemoryMiB Level  `json:"memoryMiB"`
	DiskGiB   Level  `json:"diskGiB"`
}

// Member is one host or hypervisor of a pool.
type Member struct {
	ID         string            `json:"id" doc:"Of the host; of a hypervisor, the region's own"`
	Name       string            `json:"name"`
	Arch       string            `json:"arch,omitempty"`
	Type       string            `json:"type,omitempty" doc:"QEMU 7.2.22, QEMU …"`
	Zone       string            `json:"zone,omitempty"`
	Aggregates []string          `json:"aggregates,omitempty"`
	Traits     []string          `json:"traits,omitempty"`
	Labels     map[string]string `json:"labels,omitempty"`
	Alive      bool              `json:"alive"`
	Open       bool              `json:"open" doc:"It takes orders"`
	Why        string            `json:"why,omitempty" doc:"Why it takes none"`
	Servers    int               `json:"servers" doc:"That run on it, whoever made them"`
	VCPUs      Level             `json:"vcpus"`
	MemoryMiB  Level             `json:"memoryMiB"`
	DiskGiB    Level             `json:"diskGiB"`
	Stock      map[string]Level  `json:"stock,omitempty" doc:"Further resource classes of the region"`
	Age
}

// Space is room in bytes.
type Space struct {
	TotalBytes int64 `json:"totalBytes"`
	UsedBytes  int64 `json:"usedBytes"`
	FreeBytes  int64 `json:"freeBytes"`
}

// Storage is the room of a pool as its backends see it. Pools of one cluster share its disks, so the free room of one is
// not beside that of another: only Raw adds up.
type Storage struct {
	Age
	Raw    Space         `json:"raw" doc:"The disks themselves, copies included; of KVM sites and clusters, as a region does not tell"`
	Health string        `json:"health,omitempty" doc:"HEALTH_OK, HEALTH_WARN, HEALTH_ERR"`
	Pools  []BackendPool `json:"pools,omitempty" doc:"Only where one pool is read"`
	Tiers  []Tier        `json:"tiers,omitempty"`
}

// BackendPool is one pool of a storage backend. Its space is usable: without copies.
type BackendPool struct {
	Name string `json:"name"`
	Tier string `json:"tier,omitempty"`
	Use  string `json:"use,omitempty" doc:"rbd, rgw, cephfs …"`
	Rule string `json:"rule,omitempty" doc:"Pools with the same rule share their free room"`
	Up   bool   `json:"up"`
	Space
	PromisedBytes int64 `json:"promisedBytes" doc:"Sum of the sizes of what lies in it, written or not; 0 where the backend does not tell"`
	RawUsedBytes  int64 `json:"rawUsedBytes" doc:"With copies; 0 where the backend does not tell"`
}

// Tier is what the pools of one tier have together.
type Tier struct {
	Name  string `json:"name"`
	Pools int    `json:"pools"`
	Space
	PromisedBytes int64 `json:"promisedBytes"`
}

// Network is what a pool has of networks.
type Network struct {
	Age
	Tenant    int64       `json:"tenantNetworks" doc:"Networks of Plaza's tenants"`
	Total     int64       `json:"total" doc:"Addresses reachable from outside"`
	Used      int64       `json:"used"`
	Free      int64       `json:"free"`
	Addresses []Addresses `json:"addresses,omitempty" doc:"By external network"`
}

// Addresses are those of one external network.
type Addresses struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Total int64  `json:"total"`
	Used  int64  `json:"used"`
	Free  int64  `json:"free"`
}

// Baremetal is what a pool has of whole machines.
type Baremetal struct {
	Age
	Machines
	Classes []MachineClass `json:"classes,omitempty"`
}

// Machines counts whole machines by what they do.
type Machines struct {
	Total  int64 `json:"total"`
	Free   int64 `json:"free"`
	Used   int64 `json:"used"`
	Broken int64 `json:"broken" doc:"In maintenance, or a step failed: never given out"`
	Busy   int64 `json:"busy" doc:"Being cleaned, inspected or enrolled"`
}

// MachineClass is the machines of one resource class.
type MachineClass struct {
	Class string `json:"class"`
	Machines
}

// External is what assets of one type and architecture have together.
type External struct {
	Type      string `json:"type"`
	Arch      string `json:"arch,omitempty"`
	Count     int64  `json:"count"`
	CPUs      int64  `json:"cpus"`
	MemoryMiB int64  `json:"memoryMiB"`
	DiskGiB   int64  `json:"diskGiB"`
}

// plus adds another level.
func (l Level) plus(o Level) Level {
	s := Level{Physical: l.Physical + o.Physical, Reserved: l.Reserved + o.Reserved, Capacity: l.Capacity + o.Capacity, InUse: l.InUse + o.InUse, Free: l.Free + o.Free}
	usable := s.Physical - s.Reserved
	switch {
	case l.RatioMilli == o.RatioMilli || o.Physical == 0:
		s.RatioMilli = l.RatioMilli // capacities are rounded down: what they come from is not told by them
	case l.Physical == 0:
		s.RatioMilli = o.RatioMilli
	case usable > 0:
		s.RatioMilli = s.Capacity * 1000 / usable
	}
	return s
}

func (a Amount) plus(o Amount) Amount {
	return Amount{Level: a.Level.plus(o.Level), Used: a.Used + o.Used, Others: a.Others + o.Others}
}

func (s Space) plus(o Space) Space {
	return Space{s.TotalBytes + o.TotalBytes, s.UsedBytes + o.UsedBytes, s.FreeBytes + o.FreeBytes}
}

func (m Machines) plus(o Machines) Machines {
	return Machines{m.Total + o.Total, m.Free + o.Free, m.Used + o.Used, m.Broken + o.Broken, m.Busy + o.Busy}
}

// plus keeps the older of two ages; what has no age of its own takes the other's.
func (a Age) plus(o Age) Age {
	s := Age{ObservedAt: a.ObservedAt, Stale: a.Stale || o.Stale}
	if s.ObservedAt == nil || o.ObservedAt != nil && o.ObservedAt.Before(*s.ObservedAt) {
		s.ObservedAt = o.ObservedAt
	}
	return s
}

// Brief leaves out what only one pool is read for: its members, storage pools, and traits that all its hosts have.
func (p Pool) Brief() Pool {
	p.Members = nil
	p.Groups = slices.DeleteFunc(slices.Clone(p.Groups), func(g Group) bool { return g.By == "trait" && g.Hosts == p.Hosts })
	if p.Storage != nil {
		s := *p.Storage
		s.Pools = nil
		p.Storage = &s
	}
	return p
}

// Find returns the pool with an id or, if only one has it, a name; "all" is the sum. It reports how many bear the name.
func (v View) Find(idOrName string) (Pool, int) {
	var named []Pool
	for _, p := range append([]Pool{v.Total}, v.Items...) {
		if p.ID == idOrName {
			return p, 1
		}
		if p.Site == idOrName {
			named = append(named, p)
		}
	}
	if len(named) == 1 {
		return named[0], 1
	}
	return Pool{}, len(named)
}
