package kinds

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"slices"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// NetworkPort is an address given to a server, or to a port that a server may have besides.
type NetworkPort struct {
	Server    string      `json:"server,omitempty" doc:"Server id; empty for a port of its own"`
	Port      string      `json:"port,omitempty" doc:"Port id"`
	Name      string      `json:"name"`
	MAC       string      `json:"mac"`
	Address   string      `json:"address"`
	Published []Published `json:"published,omitempty"`
	Floating  string      `json:"floating,omitempty" doc:"Floating address that leads to it"`
}

// taker is who has an address of a network: by its id.
func (p NetworkPort) taker() string { return cmp.Or(p.Port, p.Server) }

// taker is a server or port that needs an address.
type taker struct {
	kind, id, name string
	mac, address   string // address as wanted; "" for any
	host           string // where it takes the network to
	adopted, gone  bool
	publish        []PublishSpec
}

func serverTaker(s *Server) taker {
	t := taker{kind: "server", id: s.ID, name: s.Name, mac: macOf(s.ID), address: s.Spec.Address, host: s.Status.Host, gone: s.Status.Gone, publish: s.Spec.Publish}
	if s.Spec.Adopted != nil {
		t.adopted, t.mac = true, s.Spec.Adopted.MAC
	}
	return t
}

func portTaker(p *Port) taker {
	return taker{kind: "port", id: p.ID, name: p.Name, mac: macOf(p.ID), address: p.Spec.Address, gone: p.DeletingAt != nil}
}

// takersOf are the servers and ports on a network.
func takersOf(ctx context.Context, r *resource.Reconciliation, o *Network) ([]taker, error) {
	var out []taker
	servers, err := users(ctx, r, "server", "spec.network", o.ID)
	if err != nil {
		return nil, err
	}
	for _, raw := range servers {
		s, err := resource.As[ServerSpec, ServerStatus](raw)
		if err != nil {
			return nil, err
		}
		out = append(out, serverTaker(&s))
	}
	ports, err := users(ctx, r, "port", "spec.network", o.ID)
	if err != nil {
		return nil, err
	}
	for _, raw := range ports {
		p, err := resource.As[PortSpec, PortStatus](raw)
		if err != nil {
			return nil, err
		}
		t := portTaker(&p)
		s, err := serverWith(ctx, r, p.ID)
		if err != nil {
			return nil, err
		}
		if s != nil && !s.Status.Gone {
			t.host = s.Status.Host
		}
		out = append(out, t)
	}
	return out, nil
}

// firstPlace is where the first of the takers that is placed takes a network that lives nowhere yet.
func firstPlace(takers []taker) string {
	for _, t := range takers {
		if !t.gone && t.host != "" {
			return t.host
		}
	}
	return ""
}

// kept are the ports whose takers are still there; the addresses of others are free.
func kept(ports []NetworkPort, takers []taker) []NetworkPort {
	return slices.DeleteFunc(slices.Clone(ports), func(p NetworkPort) bool {
		return !slices.ContainsFunc(takers, func(t taker) bool { return t.id == p.taker() && !t.gone })
	})
}

// wake makes servers and ports look again whose address is new or leads elsewhere.
func wake(r *resource.Reconciliation, was, is []NetworkPort) {
	for _, p := range is {
		i := slices.IndexFunc(was, func(w NetworkPort) bool { return w.taker() == p.taker() })
		if i >= 0 && was[i].Floating == p.Floating && slices.Equal(was[i].Published, p.Published) {
			continue
		}
		kind := "server"
		if p.Port != "" {
			kind = "port"
		}
		r.Touch(kind, p.taker(), "network is ready")
	}
}

// give keeps the address a taker has, takes the one it asks for, or gives it the lowest free one. An adopted server has
// its own, which is among those that are in use.
func give(o *Network, was []NetworkPort, t taker, inUse ...string) (NetworkPort, error) {
	for _, p := range was {
		if p.taker() == t.id {
			return p, nil
		}
	}
	p := NetworkPort{Name: t.name, MAC: t.mac, Address: t.address}
	if t.kind == "port" {
		p.Port = t.id
	} else {
		p.Server = t.id
	}
	if t.adopted {
		return p, nil
	}
	taken := map[string]bool{o.Spec.Gateway: true}
	for _, a := range inUse {
		taken[a] = true
	}
	for _, p := range append(slices.Clone(was), o.Status.Ports...) {
		taken[p.Address] = true
	}
	if p.Address != "" && !taken[p.Address] {
		return p, nil
	}
	if t.address != "" {
		return p, resource.Problemf(resource.ReasonConflict, "network", "choose another address for the "+t.kind+", or none", "address %s of %s %s is taken", t.address, t.kind, t.name)
	}
	prefix := netip.MustParsePrefix(o.Spec.CIDR)
	end, _ := provider.OwnAddresses(prefix)
	for a := prefix.Addr().Next(); a.Less(end); a = a.Next() {
		if !taken[a.String()] {
			p.Address = a.String()
			return p, nil
		}
	}
	return p, &resource.Problem{Reason: resource.ReasonNoCandidate, Kind: "network", Detail: "network " + o.Name + " has no free address left", Hint: "delete servers or ports, or use a network with a larger CIDR"}
}

// macOf derives the MAC of a server or port from its id, in QEMU's own range.
func macOf(id string) string {
	h := sha256.Sum256([]byte(id))
	return fmt.Sprintf("52:54:00:%02x:%02x:%02x", h[0], h[1], h[2])
}
