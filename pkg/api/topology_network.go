package api

import (
	"context"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// NetworkMap is which networks there are, what joins them, and what is in them.
type NetworkMap struct {
	Networks  []MappedNetwork  `json:"networks" nullable:"false"`
	Routers   []MappedRouter   `json:"routers" nullable:"false"`
	Servers   []MappedServer   `json:"servers" nullable:"false"`
	Balancers []MappedBalancer `json:"balancers" nullable:"false"`
	Addresses []MappedAddress  `json:"addresses" nullable:"false" doc:"Floating addresses"`
	More      bool             `json:"more" doc:"There is more of something than is here: ask for one project"`
}

// Mapped is what all that is in a map has.
type Mapped struct {
	ID      string         `json:"id"`
	Name    string         `json:"name"`
	Project string         `json:"project"`
	Phase   resource.Phase `json:"phase" enum:"Pending,Working,Ready,Degraded,Failed,Deleting"`
}

// MappedNetwork is a network.
type MappedNetwork struct {
	Mapped
	CIDR   string `json:"cidr"`
	Egress string `json:"egress,omitempty" enum:"none,nat" doc:"Whether it reaches the outside"`
}

// MappedRouter is a router.
type MappedRouter struct {
	Mapped
	Networks []string `json:"networks" nullable:"false" doc:"Ids of the networks that it joins"`
}

// MappedServer is a server.
type MappedServer struct {
	Mapped
	Power    provider.PowerState `json:"power,omitempty"`
	Address  string              `json:"address,omitempty" doc:"In the first of its networks"`
	Networks []string            `json:"networks" nullable:"false" doc:"Ids of the networks that it has cards in"`
	Public   int                 `json:"public" doc:"How many of its ports are published"`
}

// MappedBalancer is a load balancer.
type MappedBalancer struct {
	Mapped
	Network string `json:"network" doc:"Id of its network"`
	Address string `json:"address,omitempty" doc:"Floating address"`
}

// MappedAddress is a floating address.
type MappedAddress struct {
	Mapped
	Address string `json:"address,omitempty"`
	Server  string `json:"server,omitempty" doc:"Id of the server that it leads to"`
}

type networkMapInput struct {
	Project string `query:"project" doc:"Project id or full name; all that you see without it"`
	Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"300" doc:"At most so many of each kind"`
}

// mappedKinds are what a map is drawn from.
var mappedKinds = []string{"network", "router", "port", "server", "loadbalancer", "floatingip"}

func mapped[S, T any](o resource.Object[S, T]) Mapped {
	return Mapped{ID: o.ID, Name: o.Name, Project: o.Project, Phase: o.Phase}
}

func readNetworkMap(ctx context.Context, v resource.View, project string, limit int) (NetworkMap, error) {
	m := NetworkMap{Networks: []MappedNetwork{}, Routers: []MappedRouter{}, Servers: []MappedServer{}, Balancers: []MappedBalancer{}, Addresses: []MappedAddress{}}
	r := mapReader{view: v, project: project, limit: limit, more: &m.More}
	networkOf := map[string]string{}
	each(ctx, &r, "port", func(o kinds.Port) { networkOf[o.ID] = o.Spec.Network })
	each(ctx, &r, "network", func(o kinds.Network) {
		m.Networks = append(m.Networks, MappedNetwork{mapped(o), o.Spec.CIDR, o.Spec.Egress})
	})
	each(ctx, &r, "router", func(o kinds.Router) {
		m.Routers = append(m.Routers, MappedRouter{mapped(o), append([]string{}, o.Spec.Networks...)})
	})
	each(ctx, &r, "server", func(o kinds.Server) {
		s := MappedServer{Mapped: mapped(o), Power: o.Status.Power, Address: o.Status.Address, Networks: []string{o.Spec.Network}, Public: len(o.Status.Published)}
		for _, port := range o.Spec.Ports {
			if n := networkOf[port]; n != "" {
				s.Networks = append(s.Networks, n)
			}
		}
		m.Servers = append(m.Servers, s)
	})
	each(ctx, &r, "loadbalancer", func(o kinds.LoadBalancer) {
		m.Balancers = append(m.Balancers, MappedBalancer{mapped(o), o.Spec.Network, o.Status.Address})
	})
	each(ctx, &r, "floatingip", func(o kinds.FloatingIP) {
		m.Addresses = append(m.Addresses, MappedAddress{mapped(o), o.Status.Address, o.Spec.Server})
	})
	return m, r.err
}

// mapReader reads up to so many of each kind, until something fails.
type mapReader struct {
	view    resource.View
	project string
	limit   int
	more    *bool
	err     error
}

func each[S, T any](ctx context.Context, r *mapReader, kind string, f func(resource.Object[S, T])) {
	if r.err != nil {
		return
	}
	page, err := r.view.List(ctx, resource.Query{Kind: kind, Project: r.project, Limit: r.limit})
	if r.err = err; err != nil {
		return
	}
	*r.more = *r.more || page.Next != ""
	for _, raw := range page.Items {
		o, err := resource.As[S, T](raw)
		if r.err = err; err != nil {
			return
		}
		f(o)
	}
}
