// Package ledger is the one book of the physical and the virtual: what there is, on which machine it is, in which rack that
// stands, and who answers for it. It joins what pools observed with what the assets say, and asks nobody.
package ledger

import (
	"cmp"
	"slices"
)

// Kinds of machines of the pools; kinds of what runs on them, and asset, are those of the objects.
const (
	KindHost       = "host"
	KindHypervisor = "hypervisor"
	KindBaremetal  = "baremetal"
	KindAsset      = "asset"
)

// Entry is one line of the ledger.
type Entry struct {
	Kind     string `json:"kind" doc:"host, hypervisor, baremetal or asset of the physical; server, volume, bucket … of the virtual"`
	ID       string `json:"id"`
	Name     string `json:"name"`
	Physical bool   `json:"physical"`
	Type     string `json:"type,omitempty" doc:"Of an asset; of a machine, that of its book entry"`
	State    string `json:"state" doc:"up or down of a machine, absent of one that is booked and not seen, external of what is in the books only, else the phase"`
	Place    string `json:"place,omitempty" doc:"Site, region or cluster"`
	Machine  string `json:"machine,omitempty" doc:"Machine that it is on, or that it is a part of"`
	Asset    string `json:"asset,omitempty" doc:"Book entry of the machine; empty when it is in no book"`
	Site     string `json:"site,omitempty" doc:"Where the machine stands, by the books"`
	Rack     string `json:"rack,omitempty"`
	Unit     int    `json:"unit,omitempty"`
	Serial   string `json:"serial,omitempty"`
	Owner    string `json:"owner,omitempty" doc:"Who answers for it: of the physical by the books, of the virtual the project's id"`
}

// Machine is a machine of the pools, as last observed.
type Machine struct {
	Kind, ID, Name string
	Place          string // name of the site or region
	Up             bool
}

// Asset is a book entry. Pooled names the machine of the pools that it is, as host/NAME, hypervisor/REGION/NAME or
// baremetal/NAME; empty for what is outside.
type Asset struct {
	ID, Name, Type, Pooled, PartOf, Site, Rack, Serial, Owner string
	Unit                                                      int
}

// Key is the name by which a book entry refers to a machine.
func (m Machine) Key() string {
	if m.Kind == KindHypervisor {
		return m.Kind + "/" + m.Place + "/" + m.Name
	}
	return m.Kind + "/" + m.Name
}

// Ledger joins machines and book entries.
type Ledger struct {
	machines []Machine
	assets   []Asset
	booked   map[string]Asset // by key of the machine
	parts    map[string]Asset // by name
}

// New makes a ledger of what there is, in any order.
func New(machines []Machine, assets []Asset) *Ledger {
	l := &Ledger{machines: slices.Clone(machines), assets: slices.Clone(assets), booked: map[string]Asset{}, parts: map[string]Asset{}}
	for _, a := range assets {
		l.parts[a.Name] = a
		if a.Pooled != "" {
			l.booked[a.Pooled] = a
		}
	}
	return l
}

// Physical lists machines and assets, each machine once: with its book entry where it has one. They are sorted by kind and id.
func (l *Ledger) Physical() []Entry {
	var out []Entry
	seen := map[string]bool{}
	for _, m := range l.machines {
		seen[m.Key()] = true
		out = append(out, l.stand(Entry{Kind: m.Kind, ID: m.ID, Name: m.Name, Physical: true, Place: m.Place, State: state(m.Up)}, m.Key()))
	}
	for _, a := range l.assets {
		if seen[a.Pooled] {
			continue
		}
		e := Entry{Kind: KindAsset, ID: a.ID, Name: a.Name, Physical: true, State: "external", Machine: a.PartOf}
		if a.Pooled != "" {
			e.State, e.Machine = "absent", a.Pooled
		}
		out = append(out, l.fill(e, a))
	}
	slices.SortFunc(out, func(a, b Entry) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) })
	return out
}

func state(up bool) string {
	if up {
		return "up"
	}
	return "down"
}

// Virtual completes what is on a machine with where that stands; key is as of Machine.Key.
func (l *Ledger) Virtual(e Entry, key string) Entry {
	owner, kind := e.Owner, e.Type
	e = l.stand(e, key)
	e.Owner, e.Type = owner, kind
	return e
}

// stand tells where the machine of a key stands.
func (l *Ledger) stand(e Entry, key string) Entry {
	if a, ok := l.booked[key]; ok {
		return l.fill(e, a)
	}
	return e
}

// fill takes what a book entry says; a part stands where the whole does.
func (l *Ledger) fill(e Entry, a Asset) Entry {
	e.Asset, e.Type, e.Serial = a.Name, a.Type, a.Serial
	whole := l.parts[a.PartOf]
	e.Site, e.Rack, e.Owner = cmp.Or(a.Site, whole.Site), cmp.Or(a.Rack, whole.Rack), cmp.Or(a.Owner, whole.Owner)
	e.Unit = cmp.Or(a.Unit, whole.Unit)
	return e
}
