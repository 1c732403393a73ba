package kinds

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// PortSpec is an address on a network that outlives servers, for a card that a server has besides its first one.
type PortSpec struct {
	Network        string   `json:"network" doc:"Network name or id; kept as its id"`
	Address        string   `json:"address,omitempty" doc:"Fixed IPv4 address; given out when empty"`
	SecurityGroups []string `json:"securityGroups,omitempty" maxItems:"16" doc:"Names or ids, kept as ids; without any, nothing may come in"`
}

// PortStatus is what was given out, and who has it.
type PortStatus struct {
	MAC        string `json:"mac,omitempty"`
	Address    string `json:"address,omitempty"`
	AttachedTo string `json:"attachedTo,omitempty" doc:"Server id"`
}

// Port is an address on a network that outlives servers.
type Port = resource.Object[PortSpec, PortStatus]

func portKind() resource.Kind[PortSpec, PortStatus] {
	return resource.Kind[PortSpec, PortStatus]{
		Name: "port", Plural: "ports", Doc: "An address on a network for a further card of a server; it outlives the server.",
		Columns: []resource.Column{{Header: "ADDRESS", Path: "status.address"}, {Header: "MAC", Path: "status.mac"}, {Header: "ATTACHED TO", Path: "status.attachedTo"}},
		Indexed: []string{"spec.network", "spec.securityGroups", "status.address", "status.attachedTo"},
		Charge:  func(*Port) resource.Charges { return resource.Charges{"ports": 1} },
		Default: defaultPort,
		Validate: func(_ context.Context, _ *resource.Admission, old, o *Port) error {
			if old != nil && (old.Spec.Network != o.Spec.Network || old.Spec.Address != o.Spec.Address) {
				return resource.Invalid("port", "spec.address", o.Spec.Address, "a port keeps its network and address; make a new one")
			}
			return nil
		},
		ValidateDelete: func(ctx context.Context, a *resource.Admission, o *Port) error {
			return refuseInUse(ctx, a, o.Meta, "server", "spec.ports")
		},
		Reconcile: reconcilePort,
		Delete:    removePort,
	}
}

func defaultPort(ctx context.Context, a *resource.Admission, o *Port) error {
	n, err := find[NetworkSpec, NetworkStatus](ctx, a, "network", o.Project, o.Spec.Network, "spec.network", "port")
	if err != nil {
		return err
	}
	o.Spec.Network = n.ID
	if n.Spec.Adopted != nil {
		return resource.Invalid("port", "spec.network", n.Name, "was adopted; ports are made at its cloud")
	}
	if o.Spec.Address != "" && o.Status.Address != o.Spec.Address && !n.Spec.takes(o.Spec.Address) {
		return resource.Invalid("port", "spec.address", o.Spec.Address, "is not an address for servers within %s of network %s", n.Spec.CIDR, n.Name)
	}
	for i, name := range o.Spec.SecurityGroups {
		g, err := find[SecurityGroupSpec, SecurityGroupStatus](ctx, a, "securitygroup", o.Project, name, fmt.Sprintf("spec.securityGroups[%d]", i), "port")
		if err != nil {
			return err
		}
		o.Spec.SecurityGroups[i] = g.ID
	}
	return nil
}

// serverWith is the server that has a port, the one made first of several; nil without one.
func serverWith(ctx context.Context, r resource.Reader, port string) (*Server, error) {
	list, err := users(ctx, r, "server", "spec.ports", port)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	s, err := resource.As[ServerSpec, ServerStatus](list[0])
	return &s, err
}

// reconcilePort waits for its network to give it an address, and tells the server that has it of new rules.
func reconcilePort(ctx context.Context, r *resource.Reconciliation, o *Port) (resource.Result, error) {
	n, err := find[NetworkSpec, NetworkStatus](ctx, r, "network", o.Project, o.Spec.Network, "spec.network", "port")
	if err != nil {
		return resource.Result{}, err
	}
	i := slices.IndexFunc(n.Status.Ports, func(p NetworkPort) bool { return p.Port == o.ID })
	if i < 0 {
		r.Touch("network", n.ID, "port "+o.Name+" needs an address")
		_, err := give(&n, n.Status.Ports, portTaker(o))
		return resource.Result{Again: 100 * time.Millisecond, Progress: 20, Message: "waiting for an address in network " + n.Name}, err
	}
	o.Status.Address, o.Status.MAC = n.Status.Ports[i].Address, n.Status.Ports[i].MAC
	s, err := serverWith(ctx, r, o.ID)
	if err != nil {
		return resource.Result{}, err
	}
	o.Status.AttachedTo = ""
	if s != nil && slices.Contains(s.Status.Ports, o.ID) {
		o.Status.AttachedTo = s.ID
	}
	if s != nil && o.ObservedGeneration != o.Generation {
		r.Touch("server", s.ID, "port "+o.Name+" changed")
		return resource.Result{Done: true}, nil
	}
	return resource.Result{Done: true}, nil
}

// removePort waits until the network has taken the address back.
func removePort(ctx context.Context, r *resource.Reconciliation, o *Port) (resource.Result, error) {
	raw, err := r.Get(ctx, "network", o.Project, o.Spec.Network)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return resource.Result{Done: true}, nil
	}
	if err != nil {
		return resource.Result{}, err
	}
	n, err := resource.As[NetworkSpec, NetworkStatus](raw)
	if err != nil {
		return resource.Result{}, err
	}
	r.Touch("network", n.ID, "port "+o.Name+" is gone") // also when it has none yet: a pass under way may give it one
	if !slices.ContainsFunc(n.Status.Ports, func(p NetworkPort) bool { return p.Port == o.ID }) {
		return resource.Result{Done: true}, nil
	}
	return resource.Result{Again: 150 * time.Millisecond, Progress: 50, Message: "giving its address back"}, nil
}

// card is a card of a server on the way to the driver, with what its guest needs to know of its network.
type card struct {
	network Network
	port    NetworkPort
	groups  []string
}

// further are the cards of the server's ports. A result tells what is waited for first.
func (p serverPass) further(ctx context.Context) ([]card, *resource.Result, error) {
	var cards []card
	for _, id := range p.o.Spec.Ports {
		port, err := find[PortSpec, PortStatus](ctx, p.r, "port", p.o.Project, id, "spec.ports", "server")
		if err != nil {
			return nil, nil, err
		}
		if s, err := serverWith(ctx, p.r, id); err != nil {
			return nil, nil, err
		} else if s != nil && s.ID != p.o.ID {
			return nil, nil, resource.Problemf(resource.ReasonConflict, "server", "take it off one of them", "port %s is attached to server %s", port.Name, s.Name)
		}
		n, err := find[NetworkSpec, NetworkStatus](ctx, p.r, "network", p.o.Project, port.Spec.Network, "spec.ports", "server")
		if err != nil {
			return nil, nil, err
		}
		if n.Status.Host != "" && n.Status.Host != p.o.Status.Host {
			res, err := p.follow(ctx, "network "+n.Name)
			return nil, &res, err
		}
		i := slices.IndexFunc(n.Status.Ports, func(np NetworkPort) bool { return np.Port == id })
		if i < 0 || n.Status.Bridge == "" {
			p.r.Touch("network", n.ID, "server "+p.o.Name+" needs port "+port.Name)
			return nil, &resource.Result{Again: 100 * time.Millisecond, Progress: 25, Message: "waiting for port " + port.Name}, nil
		}
		cards = append(cards, card{n, n.Status.Ports[i], port.Spec.SecurityGroups})
	}
	return cards, nil, nil
}

// interfaceOf is what the driver is told of a card.
func (p serverPass) interfaceOf(ctx context.Context, c card) (provider.Interface, error) {
	nic := provider.Interface{Network: c.network.ID, MAC: c.port.MAC, Address: c.port.Address}
	for _, id := range c.groups {
		g, err := find[SecurityGroupSpec, SecurityGroupStatus](ctx, p.r, "securitygroup", p.o.Project, id, "spec.securityGroups", "server")
		if err != nil {
			return nic, err
		}
		nic.Rules = append(nic.Rules, rulesOf(g)...)
	}
	return nic, nil
}

// tellPorts makes ports look again that do not know yet whether the server has them.
func (p serverPass) tellPorts(ctx context.Context, has []string) error {
	stale := slices.Clone(has)
	known, err := users(ctx, p.r, "port", "status.attachedTo", p.o.ID)
	if err != nil {
		return err
	}
	for _, k := range known {
		if i := slices.Index(stale, k.ID); i >= 0 {
			stale = slices.Delete(stale, i, i+1)
		} else {
			stale = append(stale, k.ID)
		}
	}
	for _, id := range stale {
		p.r.Touch("port", id, "server "+p.o.Name+" took it or left it")
	}
	return nil
}
