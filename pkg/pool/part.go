package pool

import (
	"strings"

	"github.com/plazacloud/plaza/pkg/provider"
)

// gib is a GiB in bytes.
const gib = int64(1) << 30

// diskPool is the name of the only pool of a KVM site: the disks of its hosts.
const diskPool = "disk"

// addDisk counts what the file systems of a KVM host hold, whoever wrote it.
func (p *Pool) addDisk(h HostFigures, age Age) {
	if p.Storage == nil {
		p.Storage = &Storage{Pools: []BackendPool{{Name: diskPool, Use: "qcow2"}}}
	}
	total, free := int64(h.State.DiskGiB)*gib, int64(h.State.DiskFreeGiB)*gib
	space := Space{TotalBytes: total, UsedBytes: max(total-free, 0), FreeBytes: free}
	d := &p.Storage.Pools[0]
	d.Space, d.Up, d.PromisedBytes, d.RawUsedBytes = d.Space.plus(space), d.Up || h.Alive, d.PromisedBytes+h.UsedDiskGiB*gib, d.RawUsedBytes+space.UsedBytes
	p.Storage.Age, p.Storage.Raw = p.Storage.Age.plus(age), p.Storage.Raw.plus(space)
}

// volumes is the level of a region's volumes: what its storage holds, and the sizes of what was made of it.
func volumes(pools []provider.StoragePool) Level {
	l := Level{RatioMilli: 1000}
	for _, s := range pools {
		l.Physical, l.InUse, l.Free = l.Physical+s.TotalGiB, l.InUse+s.Promised, l.Free+max(s.TotalGiB-s.Promised, 0)
	}
	l.Capacity = l.Physical
	return l
}

func regionStorage(in provider.Inventory, age Age) *Storage {
	if len(in.Storage) == 0 {
		return nil
	}
	s := &Storage{Age: age}
	for _, x := range in.Storage {
		d := BackendPool{Name: x.Name, Tier: x.Tier, Use: "volumes", Up: x.Up, PromisedBytes: x.Promised * gib,
			Space: Space{TotalBytes: x.TotalGiB * gib, UsedBytes: max(x.TotalGiB-x.FreeGiB, 0) * gib, FreeBytes: x.FreeGiB * gib}}
		s.Pools = append(s.Pools, d)
		if d.Tier != "" {
			s.tier(Tier{Name: d.Tier, Pools: 1, Space: d.Space, PromisedBytes: d.PromisedBytes})
		}
	}
	return s
}

func clusterStorage(c ClusterFigures, age Age) *Storage {
	x := c.State
	s := &Storage{Age: age, Health: x.Health, Raw: Space{TotalBytes: x.TotalBytes, UsedBytes: x.UsedBytes, FreeBytes: x.FreeBytes}}
	shared := map[[2]string]int64{} // free room that a tier's pools of one rule have in common
	for _, p := range x.Pools {
		d := BackendPool{Name: p.Name, Tier: strings.Join(c.Tiers[p.Name], ", "), Use: p.Application, Rule: p.Rule, Up: c.Alive, RawUsedBytes: p.UsedBytes,
			Space: Space{TotalBytes: p.StoredBytes + p.FreeBytes, UsedBytes: p.StoredBytes, FreeBytes: p.FreeBytes}}
		s.Pools = append(s.Pools, d)
		for _, tier := range c.Tiers[p.Name] {
			more := max(d.FreeBytes-shared[[2]string{tier, d.Rule}], 0)
			shared[[2]string{tier, d.Rule}] += more
			s.tier(Tier{Name: tier, Pools: 1, Space: Space{TotalBytes: d.UsedBytes + more, UsedBytes: d.UsedBytes, FreeBytes: more}})
		}
	}
	return s
}

func regionNetwork(in provider.Inventory, age Age) *Network {
	n := &Network{Age: age}
	for _, x := range in.Networks {
		a := Addresses{ID: x.ID, Name: x.Name, Total: x.Total, Used: x.Used, Free: max(x.Total-x.Used, 0)}
		n.Addresses = append(n.Addresses, a)
		n.Total, n.Used, n.Free = n.Total+a.Total, n.Used+a.Used, n.Free+a.Free
	}
	return n
}

func regionBaremetal(in provider.Inventory, age Age) *Baremetal {
	if len(in.Baremetal) == 0 {
		return nil
	}
	b := &Baremetal{Age: age}
	for _, x := range in.Baremetal {
		m := Machines{Total: int64(x.Total), Free: int64(x.Free), Used: int64(x.Used), Broken: int64(x.Broken), Busy: int64(x.Busy)}
		b.Classes = append(b.Classes, MachineClass{Class: x.Class, Machines: m})
		b.Machines = b.Machines.plus(m)
	}
	return b
}
