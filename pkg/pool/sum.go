package pool

import (
	"cmp"
	"slices"
)

// add takes a member in, with the groups that it belongs to.
func (p *Pool) add(m Member) {
	p.Members = append(p.Members, m)
	p.Hosts++
	if m.Alive {
		p.Alive++
	}
	p.Age = p.Age.plus(m.Age)
	p.group("arch", m.Arch, m)
	p.group("zone", m.Zone, m)
	for _, a := range m.Aggregates {
		p.group("aggregate", a, m)
	}
	for _, t := range m.Traits {
		p.group("trait", t, m)
	}
	for k, v := range m.Labels {
		p.group("label", k+"="+v, m)
	}
}

func (p *Pool) group(by, name string, m Member) {
	if name == "" {
		return
	}
	g := Group{By: by, Name: name, Hosts: 1, VCPUs: m.VCPUs, MemoryMiB: m.MemoryMiB, DiskGiB: m.DiskGiB}
	if m.Alive {
		g.Alive = 1
	}
	p.join(g)
}

// join adds a group to the one of its name. Levels of nothing keep their ratio, so that one host's is told exactly.
func (p *Pool) join(g Group) {
	for i := range p.Groups {
		if h := &p.Groups[i]; h.By == g.By && h.Name == g.Name {
			h.Hosts, h.Alive = h.Hosts+g.Hosts, h.Alive+g.Alive
			h.VCPUs, h.MemoryMiB, h.DiskGiB = h.VCPUs.plus(g.VCPUs), h.MemoryMiB.plus(g.MemoryMiB), h.DiskGiB.plus(g.DiskGiB)
			return
		}
	}
	p.Groups = append(p.Groups, g)
}

// sum adds a whole pool to the total. Zones and aggregates mean something in their region only.
func (p *Pool) sum(o Pool) {
	p.Hosts, p.Alive, p.Servers, p.Volumes = p.Hosts+o.Hosts, p.Alive+o.Alive, p.Servers+o.Servers, p.Volumes+o.Volumes
	p.VCPUs, p.MemoryMiB = p.VCPUs.plus(o.VCPUs), p.MemoryMiB.plus(o.MemoryMiB)
	p.DiskGiB, p.VolumeGiB = p.DiskGiB.plus(o.DiskGiB), p.VolumeGiB.plus(o.VolumeGiB)
	p.Age = p.Age.plus(o.Age)
	for _, g := range o.Groups {
		if g.By != "zone" && g.By != "aggregate" {
			p.join(g)
		}
	}
	if o.Storage != nil {
		p.Storage = p.Storage.plus(*o.Storage)
	}
	if o.Network != nil {
		p.Network = p.Network.plus(*o.Network)
	}
	if o.Baremetal != nil {
		p.Baremetal = p.Baremetal.plus(*o.Baremetal)
	}
}

// finish puts what was added in order.
func (p *Pool) finish() {
	order := []string{"arch", "zone", "aggregate", "trait", "label"}
	slices.SortFunc(p.Groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.By), slices.Index(order, b.By)), cmp.Compare(a.Name, b.Name))
	})
	slices.SortFunc(p.Members, func(a, b Member) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	if p.Storage != nil {
		slices.SortFunc(p.Storage.Tiers, func(a, b Tier) int { return cmp.Compare(a.Name, b.Name) })
	}
	if p.Baremetal != nil {
		slices.SortFunc(p.Baremetal.Classes, func(a, b MachineClass) int { return cmp.Compare(a.Class, b.Class) })
	}
}

// plus adds what can be added: disks and tiers. A cluster's health is not another's; the worst is told.
func (s *Storage) plus(o Storage) *Storage {
	if s == nil {
		s = &Storage{}
	}
	s.Age, s.Raw = s.Age.plus(o.Age), s.Raw.plus(o.Raw)
	worst := []string{"", "HEALTH_OK", "HEALTH_WARN", "HEALTH_ERR"}
	if slices.Index(worst, o.Health) > slices.Index(worst, s.Health) {
		s.Health = o.Health
	}
	for _, t := range o.Tiers {
		s.tier(t)
	}
	return s
}

func (s *Storage) tier(t Tier) {
	for i := range s.Tiers {
		if h := &s.Tiers[i]; h.Name == t.Name {
			h.Pools, h.Space, h.PromisedBytes = h.Pools+t.Pools, h.Space.plus(t.Space), h.PromisedBytes+t.PromisedBytes
			return
		}
	}
	s.Tiers = append(s.Tiers, t)
}

func (n *Network) plus(o Network) *Network {
	if n == nil {
		n = &Network{}
	}
	return &Network{Age: n.Age.plus(o.Age), Tenant: n.Tenant + o.Tenant, Total: n.Total + o.Total, Used: n.Used + o.Used, Free: n.Free + o.Free}
}

func (b *Baremetal) plus(o Baremetal) *Baremetal {
	if b == nil {
		b = &Baremetal{}
	}
	b.Age, b.Machines = b.Age.plus(o.Age), b.Machines.plus(o.Machines)
next:
	for _, c := range o.Classes {
		for i := range b.Classes {
			if b.Classes[i].Class == c.Class {
				b.Classes[i].Machines = b.Classes[i].Machines.plus(c.Machines)
				continue next
			}
		}
		b.Classes = append(b.Classes, c)
	}
	return b
}
