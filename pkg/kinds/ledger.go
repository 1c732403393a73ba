package kinds

import (
	"context"
	"fmt"
	"slices"

	"github.com/plazacloud/plaza/pkg/ledger"
	"github.com/plazacloud/plaza/pkg/resource"
)

// virtualKinds are what runs or lies on machines, in the order of the ledger, with the path that tells its place.
var virtualKinds = []struct{ kind, place string }{
	{"backup", "status.host"}, {"bucket", "status.cluster"}, {"floatingip", "status.host"}, {"network", "status.host"}, {"router", "status.host"}, {"server", "status.host"}, {"share", "status.cluster"},
	{"snapshot", "status.host"}, {"volume", "status.host"},
}

// LedgerKinds are the kinds of lines that the ledger has, in its order.
func LedgerKinds() []string {
	out := []string{ledger.KindAsset, ledger.KindBaremetal, ledger.KindHost, ledger.KindHypervisor}
	for _, k := range virtualKinds {
		out = append(out, k.kind)
	}
	return out
}

// Book reads the ledger.
type Book struct {
	*ledger.Ledger
	view   resource.View
	places map[string]machinePlace // by id
}

// machinePlace is a host, which is a machine itself, or a region or cluster, in which machines are.
type machinePlace struct{ name, machine string }

// OpenBook reads all that is physical: hosts, hypervisors, bare metal and assets. What is on them is read by Virtual.
func OpenBook(ctx context.Context, s *resource.Store) (*Book, error) {
	b := &Book{view: s.View(resource.Everything), places: map[string]machinePlace{}}
	var machines []ledger.Machine
	var assets []ledger.Asset
	for kind, read := range map[string]func(resource.Raw) error{
		"host": func(raw resource.Raw) error {
			h, err := resource.As[HostSpec, HostStatus](raw)
			b.places[h.ID] = machinePlace{h.Spec.Site, h.Name}
			machines = append(machines, ledger.Machine{Kind: ledger.KindHost, ID: h.ID, Name: h.Name, Place: h.Spec.Site, Up: h.Status.Alive})
			return err
		},
		"region": func(raw resource.Raw) error {
			r, err := resource.As[RegionSpec, RegionStatus](raw)
			b.places[r.ID] = machinePlace{name: r.Name}
			for _, y := range r.Status.Hypervisors {
				if y.Type != "ironic" { // that is the machine's own line
					machines = append(machines, ledger.Machine{Kind: ledger.KindHypervisor, ID: r.ID + "/" + y.ID, Name: y.Name, Place: r.Name, Up: y.Up && r.Status.Alive})
				}
			}
			return err
		},
		"baremetal": func(raw resource.Raw) error {
			m, err := resource.As[BaremetalSpec, BaremetalStatus](raw)
			machines = append(machines, ledger.Machine{Kind: ledger.KindBaremetal, ID: m.ID, Name: m.Name, Place: m.Spec.Region, Up: m.Status.Fault == "" && m.Status.Stuck == nil})
			return err
		},
		"cluster": func(raw resource.Raw) error { b.places[raw.ID] = machinePlace{name: raw.Name}; return nil },
		"asset": func(raw resource.Raw) error {
			a, err := resource.As[AssetSpec, AssetStatus](raw)
			assets = append(assets, ledger.Asset{ID: a.ID, Name: a.Name, Type: a.Spec.Type, Pooled: a.Spec.Pooled, PartOf: a.Spec.Host, Site: a.Spec.Site, Rack: a.Spec.Rack,
				Unit: a.Spec.Unit, Serial: a.Spec.Serial, Owner: a.Spec.Owner})
			return err
		},
	} {
		if _, err := s.Registry().Kind(kind); err != nil {
			continue // an installation without it
		}
		if err := resource.All(ctx, b.view, resource.Query{Kind: kind, Limit: 1000}, read); err != nil {
			return nil, fmt.Errorf("read the ledger's %s: %w", kind, err)
		}
	}
	b.Ledger = ledger.New(machines, assets)
	return b, nil
}

// Virtual reads a page of what of one kind is on machines, and the id to go on after; "" at the end.
func (b *Book) Virtual(ctx context.Context, kind, after string, limit int) ([]ledger.Entry, string, error) {
	i := slices.IndexFunc(virtualKinds, func(k struct{ kind, place string }) bool { return k.kind == kind })
	if i < 0 {
		return nil, "", resource.Invalid("ledger", "kind", kind, "is not a kind that the ledger has")
	}
	page, err := b.view.List(ctx, resource.Query{Kind: kind, After: after, Limit: limit})
	if err != nil {
		return nil, "", err
	}
	var out []ledger.Entry
	for _, o := range page.Items {
		e := ledger.Entry{Kind: kind, ID: o.ID, Name: o.Name, State: string(o.Phase), Owner: o.Project}
		at := b.places[first(resource.Lookup(o, virtualKinds[i].place))]
		e.Place, e.Machine = at.name, at.machine
		key := ledger.KindHost + "/" + at.machine
		if node := first(resource.Lookup(o, "status.node")); node != "" {
			e.Machine, key = node, ledger.Machine{Kind: ledger.KindHypervisor, Name: node, Place: at.name}.Key()
		}
		out = append(out, b.Ledger.Virtual(e, key))
	}
	return out, page.Next, nil
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
