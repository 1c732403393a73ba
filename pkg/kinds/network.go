package kinds

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// NetworkSpec is a tenant network of its own: two projects may use the same CIDR.
type NetworkSpec struct {
	CIDR    string   `json:"cidr" doc:"IPv4 CIDR between /16 and /29, e.g. 10.10.0.0/24"`
	Gateway string   `json:"gateway,omitempty" doc:"Default: the first address"`
	DNS     []string `json:"dns,omitempty" maxItems:"3" doc:"Default: the gateway"`
	Egress  string   `json:"egress,omitempty" enum:"none,nat" doc:"Whether servers reach the outside; default none"`
	Keep    bool     `json:"keep,omitempty" doc:"Of an adopted one: deletion leaves it at its cloud"`
	Adopted *Adopted `json:"adopted,omitempty" readOnly:"true" doc:"Set when others made it and Plaza took it over"`
}

// NetworkStatus is what was given out, and where the network lives.
type NetworkStatus struct {
	Host      string        `json:"host,omitempty" doc:"Id of the host or region the network lives in"`
	Bridge    string        `json:"bridge,omitempty"`
	Namespace string        `json:"namespace,omitempty"`
	Ports     []NetworkPort `json:"ports,omitempty"`
}

// Published is a server's TCP port that can be reached from outside.
type Published struct {
	Port     int    `json:"port"`
	Endpoint string `json:"endpoint" doc:"host:port"`
	Floating bool   `json:"floating,omitempty" doc:"The address is one that the region chose"`
}

// Network is a tenant network.
type Network = resource.Object[NetworkSpec, NetworkStatus]

func networkKind(b Backends) resource.Kind[NetworkSpec, NetworkStatus] {
	return resource.Kind[NetworkSpec, NetworkStatus]{
		Name: "network", Plural: "networks", Doc: "A tenant network with DHCP and, if wanted, a way out.",
		Columns:  []resource.Column{{Header: "CIDR", Path: "spec.cidr"}, {Header: "EGRESS", Path: "spec.egress"}, {Header: "ADDRESSES", Path: "status.ports.address"}},
		Indexed:  []string{"spec.adopted.backend", "status.host"},
		Charge:   func(*Network) resource.Charges { return resource.Charges{"networks": 1} },
		Default:  defaultNetwork,
		Validate: validateNetwork,
		ValidateDelete: func(ctx context.Context, a *resource.Admission, o *Network) error {
			if err := refuseInUse(ctx, a, o.Meta, "server", "spec.network"); err != nil {
				return err
			}
			if err := refuseInUse(ctx, a, o.Meta, "loadbalancer", "spec.network"); err != nil {
				return err
			}
			if err := refuseInUse(ctx, a, o.Meta, "router", "spec.networks"); err != nil {
				return err
			}
			return refuseInUse(ctx, a, o.Meta, "port", "spec.network")
		},
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *Network) (resource.Result, error) {
			return reconcileNetwork(ctx, b, r, o)
		},
		Delete: func(ctx context.Context, r *resource.Reconciliation, o *Network) (resource.Result, error) {
			if o.Spec.Keep && o.Spec.Adopted != nil {
				return resource.Result{Done: true}, b.release(ctx, "network", o.Meta, *o.Spec.Adopted)
			}
			if o.Status.Host == "" {
				return resource.Result{Done: true}, nil
			}
			return removed(removeFrom(ctx, r, &o.Meta, o.Status.Host, o.Status.Bridge != "", b.Driver.GetNetwork, b.Driver.DeleteNetwork))
		},
	}
}

func defaultNetwork(_ context.Context, _ *resource.Admission, o *Network) error {
	prefix, err := netip.ParsePrefix(o.Spec.CIDR)
	if err != nil || !prefix.Addr().Is4() || prefix.Bits() < 16 || prefix.Bits() > 29 {
		p := resource.Invalid("network", "spec.cidr", o.Spec.CIDR, "is not an IPv4 CIDR between /16 and /29")
		p.Hint = "for example 10.10.0.0/24"
		return p
	}
	if prefix != prefix.Masked() {
		return resource.Invalid("network", "spec.cidr", o.Spec.CIDR, "has host bits set; did you mean %s?", prefix.Masked())
	}
	if o.Spec.Gateway == "" {
		o.Spec.Gateway = prefix.Addr().Next().String()
	}
	if len(o.Spec.DNS) == 0 {
		o.Spec.DNS = []string{o.Spec.Gateway}
	}
	if o.Spec.Egress == "" {
		o.Spec.Egress = "none"
	}
	return nil
}

func validateNetwork(_ context.Context, a *resource.Admission, old, o *Network) error {
	if err := guardAdoption(a, old, o, func(s *NetworkSpec) (**Adopted, bool) { return &s.Adopted, s.Keep }); err != nil {
		return err
	}
	if old != nil && o.Spec.Adopted != nil && (old.Spec.Gateway != o.Spec.Gateway || old.Spec.Egress != o.Spec.Egress || !slices.Equal(old.Spec.DNS, o.Spec.DNS)) {
		return resource.Invalid("network", "spec", nil, "an adopted network stays as it was found; change it at its cloud")
	}
	prefix := netip.MustParsePrefix(o.Spec.CIDR)
	gateway, err := netip.ParseAddr(o.Spec.Gateway)
	if err != nil || !prefix.Contains(gateway) || gateway == prefix.Addr() {
		return resource.Invalid("network", "spec.gateway", o.Spec.Gateway, "is not an address within %s", prefix)
	}
	for i, d := range o.Spec.DNS {
		if _, err := netip.ParseAddr(d); err != nil {
			return resource.Invalid("network", fmt.Sprintf("spec.dns[%d]", i), d, "is not an address")
		}
	}
	if o.Spec.Egress != "none" && o.Spec.Egress != "nat" {
		return resource.Invalid("network", "spec.egress", o.Spec.Egress, "is none or nat")
	}
	if old != nil && old.Spec.CIDR != o.Spec.CIDR {
		return resource.Invalid("network", "spec.cidr", o.Spec.CIDR, "a network keeps its CIDR; make a new network")
	}
	return nil
}

// reconcileNetwork gives addresses to the servers on the network and makes bridge, DHCP and published ports accordingly.
// It runs under the network's lease, so no address is given twice.
func reconcileNetwork(ctx context.Context, b Backends, r *resource.Reconciliation, o *Network) (resource.Result, error) {
	if b.Driver == nil {
		return resource.Result{}, errDriverless
	}
	takers, err := takersOf(ctx, r, o)
	if err != nil {
		return resource.Result{}, err
	}
	want := provider.Net{ID: o.ID, Name: o.Name, Project: o.Project, CIDR: o.Spec.CIDR, Gateway: o.Spec.Gateway, DNS: o.Spec.DNS, Egress: o.Spec.Egress}
	taken, err := takeNetwork(ctx, b, o)
	if err != nil {
		return adoptionLost(&o.Meta, err)
	}
	floating, err := floatingInto(ctx, r, o)
	if err != nil {
		return resource.Result{}, err
	}
	was := kept(o.Status.Ports, takers)
	place, waits, err := home(ctx, r, o, firstPlace(takers))
	if waits != nil || err != nil {
		return *cmp.Or(waits, &resource.Result{}), err
	}
	o.Status.Host, o.Status.Ports = place, nil
	for _, t := range takers {
		if t.gone {
			continue
		}
		p, err := give(o, was, t, taken...)
		if err != nil {
			continue // the server or port tells of it; the others need not wait
		}
		o.Status.Ports = append(o.Status.Ports, p)
		want.Leases = append(want.Leases, provider.Lease{MAC: p.MAC, Address: p.Address, Name: t.name})
		for _, pub := range t.publish {
			want.Publish = append(want.Publish, provider.Publish{Listen: pub.Listen, Address: p.Address, Port: pub.Port})
		}
		if f, ok := floating[p.Server]; ok && p.Server != "" {
			want.Floating = append(want.Floating, provider.Floating{ID: f.ID, Address: f.Status.Address, Inside: p.Address})
		}
	}
	if o.Status.Host == "" {
		wake(r, was, o.Status.Ports)
		return resource.Result{Done: true}, nil // it lives nowhere until its first server is placed
	}
	state, held, err := bringNetwork(ctx, b, r, o, want)
	if err != nil {
		return resource.Result{}, Explain("network", err)
	}
	if held {
		o.Status.Ports = was
		return hold(&o.Meta, "the network is gone"), nil
	}
	unhold(&o.Meta)
	res, err := tellRouter(ctx, r, o)
	if err != nil {
		return resource.Result{}, err
	}
	o.Status.Bridge, o.Status.Namespace = state.Bridge, state.Namespace
	for i := range o.Status.Ports {
		o.Status.Ports[i].Published, o.Status.Ports[i].Floating = published(state, o.Status.Ports[i].Address), leadsTo(state, o.Status.Ports[i].Address)
	}
	wake(r, was, o.Status.Ports)
	return res, nil
}

// takeNetwork takes over an adopted network, and tells which of its addresses are in use.
func takeNetwork(ctx context.Context, b Backends, o *Network) ([]string, error) {
	if o.Spec.Adopted == nil {
		return nil, nil
	}
	found, err := b.adopt(ctx, "network", o.Meta, *o.Spec.Adopted)
	o.Status.Host = o.Spec.Adopted.Place
	return found.InUse, err
}

// bringNetwork makes the network as wanted. An adopted one is only looked at, and one that is gone may be left so by policy.
func bringNetwork(ctx context.Context, b Backends, r *resource.Reconciliation, o *Network, want provider.Net) (provider.NetState, bool, error) {
	if o.Spec.Adopted != nil {
		state, err := b.Driver.GetNetwork(ctx, o.Status.Host, o.ID)
		return state, false, err
	}
	if o.Status.Bridge != "" && o.ObservedGeneration == o.Generation && !asked(r) {
		policy, err := PolicyOf(ctx, r, o.Status.Host)
		if err != nil {
			return provider.NetState{}, false, err
		}
		if policy.Missing == "hold" {
			if state, err := b.Driver.GetNetwork(ctx, o.Status.Host, o.ID); err != nil {
				return state, provider.IsNotFound(err), ignoreNotFound(err)
			}
		}
	}
	state, err := b.Driver.EnsureNetwork(ctx, o.Status.Host, want)
	return state, false, err
}

func ignoreNotFound(err error) error {
	if provider.IsNotFound(err) {
		return nil
	}
	return err
}

func published(s provider.NetState, address string) []Published {
	var out []Published
	for _, p := range s.Publish {
		if p.Address == address {
			out = append(out, Published{Port: p.Port, Endpoint: p.Listen, Floating: p.Floating})
		}
	}
	return out
}

// takes tells whether a server may have the address: one within the CIDR that is neither its first, nor the gateway, nor
// among the last ones, which are its place's own.
func (s NetworkSpec) takes(address string) bool {
	prefix, err := netip.ParsePrefix(s.CIDR)
	if err != nil {
		return false
	}
	a, err := netip.ParseAddr(address)
	end, _ := provider.OwnAddresses(prefix)
	return err == nil && prefix.Contains(a) && a.Less(end) && a != prefix.Addr() && address != s.Gateway
}
