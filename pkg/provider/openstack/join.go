package openstack

import (
	"cmp"
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/routers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/plazacloud/plaza/pkg/provider"
)

// A router of Plaza is a router of Neutron with a leg in each network, at an address of the place's own ones. Each network
// has a router of its own besides, which has the gateway address and routes to the others by way of the leg. So guests
// learn nothing, and a network's way out may come and go.

// EnsureRouter joins exactly the wanted networks.
func (d *Driver) EnsureRouter(ctx context.Context, place string, want provider.Router) (provider.RouterState, error) {
	if err := d.checkPlace(place); err != nil {
		return provider.RouterState{}, err
	}
	if err := checkID(want.ID); err != nil {
		return provider.RouterState{}, err
	}
	unlock, err := d.locks.Lock(ctx, "router/"+want.ID)
	if err != nil {
		return provider.RouterState{}, err
	}
	defer unlock()
	on := map[string]segment{} // by Neutron's id
	for _, id := range want.Networks {
		n, err := d.findNetwork(ctx, id)
		if err != nil {
			return provider.RouterState{}, err
		}
		on[n.ID] = n
	}
	c, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return provider.RouterState{}, err
	}
	if err := joinable(ctx, c, want.ID, on); err != nil {
		return provider.RouterState{}, err
	}
	r, err := d.ensureJoin(ctx, c, want)
	if err != nil {
		return provider.RouterState{}, err
	}
	if err := d.partLegs(ctx, c, want.ID, func(leg guarded) bool { _, wanted := on[leg.NetworkID]; return wanted }); err != nil {
		return provider.RouterState{}, err
	}
	for _, n := range on {
		if err := ensureLeg(ctx, c, r, want, n); err != nil {
			return provider.RouterState{}, err
		}
	}
	for _, n := range on {
		if err := d.reroute(ctx, c, n.Network); err != nil {
			return provider.RouterState{}, err
		}
	}
	return d.routerState(ctx, c, want.ID)
}

// joinable refuses networks that are another router's, or would not be told apart.
func joinable(ctx context.Context, c *gophercloud.ServiceClient, id string, on map[string]segment) error {
	var seen []segment
	for _, n := range on {
		cidr, err := netip.ParsePrefix(n.subnet.CIDR)
		if err != nil {
			return provider.Errorf(provider.ReasonInternal, "", "subnet of network %s: %w", n.Name, err)
		}
		for _, other := range seen {
			if c, err := netip.ParsePrefix(other.subnet.CIDR); err == nil && c.Overlaps(cidr) {
				return provider.Errorf(provider.ReasonConflict, "join networks with ranges of their own", "networks %s and %s overlap: %s and %s", other.Name, n.Name, c, cidr)
			}
		}
		seen = append(seen, n)
		leg, err := legOf(ctx, c, n.ID)
		if err != nil {
			return err
		}
		if leg == nil {
			continue
		}
		if of, _, _ := parseLeg(leg.Description); of != id {
			return provider.Errorf(provider.ReasonConflict, "take it out of that router first", "network %s is in router %s", n.Name, of)
		}
	}
	return nil
}

// joinsOf are the Neutron routers of a router of Plaza. It has two only after a maker that was cut off: the oldest is it.
func joinsOf(ctx context.Context, c *gophercloud.ServiceClient, opts routers.ListOpts) ([]routers.Router, error) {
	pages, err := routers.List(c, opts).AllPages(ctx)
	if err != nil {
		return nil, mapped("find router", err)
	}
	all, err := routers.ExtractRouters(pages)
	if err != nil {
		return nil, mapped("find router", err)
	}
	all = slices.DeleteFunc(all, func(r routers.Router) bool { _, _, ok := parseLeg(r.Description); return !ok })
	slices.SortFunc(all, func(a, b routers.Router) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return all, nil
}

func (d *Driver) ensureJoin(ctx context.Context, c *gophercloud.ServiceClient, want provider.Router) (*routers.Router, error) {
	have, err := joinsOf(ctx, c, routers.ListOpts{Description: legLabel(want.ID, joining)})
	if err != nil {
		return nil, err
	}
	for i := range have[min(1, len(have)):] {
		if err := deleteRouter(ctx, c, &have[i+1]); err != nil {
			return nil, err
		}
	}
	if len(have) > 0 {
		return &have[0], ensureTag(ctx, c, "routers", have[0].ID, have[0].Tags, want.ID)
	}
	project, err := d.tenant(ctx, want.Project)
	if err != nil {
		return nil, err
	}
	r, err := routers.Create(ctx, c, routers.CreateOpts{Name: want.Name, Description: legLabel(want.ID, joining), ProjectID: project}).Extract()
	if err != nil {
		return nil, mapped("make router "+want.Name, err)
	}
	return r, ensureTag(ctx, c, "routers", r.ID, r.Tags, want.ID)
}

// reroute brings a network's own router to the joins that there are; one that only they needed goes with the last.
func (d *Driver) reroute(ctx context.Context, c *gophercloud.ServiceClient, n networks.Network) error {
	id := networkID(n)
	unlock, err := d.locks.Lock(ctx, "network/"+id)
	if err != nil {
		return err
	}
	defer unlock()
	r, _, err := routerOf(ctx, c, &n, id)
	if err != nil {
		return err
	}
	leg, err := legOf(ctx, c, n.ID)
	if err != nil {
		return err
	}
	inside := r == nil || r.GatewayInfo.NetworkID == ""
	switch {
	case leg == nil && inside:
		return dropRouters(ctx, c, id)
	case inside:
		subs, err := subnetsOf(ctx, c, n.ID)
		if err != nil || len(subs) == 0 {
			return err
		}
		return ensureRouter(ctx, c, &n, &subs[0], provider.Net{ID: id, Name: n.Name, Egress: "none"}, "")
	}
	return ensureRoutes(ctx, c, n.ID, r)
}

// GetRouter reports a router.
func (d *Driver) GetRouter(ctx context.Context, place, id string) (provider.RouterState, error) {
	if err := d.checkPlace(place); err != nil {
		return provider.RouterState{}, err
	}
	c, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return provider.RouterState{}, err
	}
	return d.routerState(ctx, c, id)
}

func (d *Driver) routerState(ctx context.Context, c *gophercloud.ServiceClient, id string) (provider.RouterState, error) {
	have, err := joinsOf(ctx, c, routers.ListOpts{Description: legLabel(id, joining)})
	if err != nil {
		return provider.RouterState{}, err
	}
	if len(have) == 0 {
		return provider.RouterState{}, provider.Errorf(provider.ReasonNotFound, "", "router %s is not in the region", id)
	}
	states, err := d.routerStates(ctx, c, have[:1])
	if err != nil {
		return provider.RouterState{}, err
	}
	return states[0], nil
}

// routerStates tells what each of the routers joins.
func (d *Driver) routerStates(ctx context.Context, c *gophercloud.ServiceClient, all []routers.Router) ([]provider.RouterState, error) {
	nets, err := netsOf(ctx, c, networks.ListOpts{Limit: discoveryPage})
	if err != nil {
		return nil, err
	}
	plaza := map[string]string{}
	for _, n := range nets {
		plaza[n.ID] = networkID(n)
	}
	states := make([]provider.RouterState, 0, len(all))
	for _, r := range all {
		id, _, _ := parseLeg(r.Description)
		legs, err := legsOf(ctx, c, r.ID)
		if err != nil {
			return nil, err
		}
		st := provider.RouterState{ID: id, Host: d.set.Place, Networks: []string{}}
		for _, leg := range legs {
			st.Networks = append(st.Networks, plaza[leg.NetworkID])
		}
		slices.Sort(st.Networks)
		states = append(states, st)
	}
	return states, nil
}

// DeleteRouter parts the networks.
func (d *Driver) DeleteRouter(ctx context.Context, place, id string) error {
	if err := d.checkPlace(place); err != nil {
		return err
	}
	if !isID(id) {
		return nil
	}
	unlock, err := d.locks.Lock(ctx, "router/"+id)
	if err != nil {
		return err
	}
	defer unlock()
	c, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return err
	}
	if err := d.partLegs(ctx, c, id, func(guarded) bool { return false }); err != nil {
		return err
	}
	have, err := joinsOf(ctx, c, routers.ListOpts{Description: legLabel(id, joining)})
	if err != nil {
		return err
	}
	for i := range have {
		if err := deleteRouter(ctx, c, &have[i]); err != nil {
			return err
		}
	}
	return nil
}

// ListRouters reports every router of Plaza in the region.
func (d *Driver) ListRouters(ctx context.Context, place string) ([]provider.RouterState, error) {
	if err := d.checkPlace(place); err != nil {
		return nil, err
	}
	c, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return nil, err
	}
	all, err := joinsOf(ctx, c, routers.ListOpts{Limit: discoveryPage})
	if err != nil {
		return nil, err
	}
	return d.routerStates(ctx, c, all)
}

// routers finds Plaza's routers between networks; those that others made are none of its kinds.
func (g survey) routers(ctx context.Context) ([]provider.Found, error) {
	c, err := g.admin(ctx, network)
	if err != nil {
		return nil, err
	}
	all, err := joinsOf(ctx, c, routers.ListOpts{Limit: discoveryPage})
	if err != nil {
		return nil, err
	}
	var out []provider.Found
	for _, r := range all {
		legs, err := legsOf(ctx, c, r.ID)
		if err != nil {
			return nil, err
		}
		f := provider.Facts{State: r.Status}
		for _, leg := range legs {
			f.Networks = append(f.Networks, leg.NetworkID)
		}
		id, _, _ := parseLeg(r.Description)
		out = append(out, g.found("router", r.ID, r.Name, id, r.ProjectID, r.CreatedAt, f))
	}
	return out, nil
}

// partLegs takes the legs out that are not kept. Each is marked first: then its network routes by it no longer, whoever
// ends what was begun here.
func (d *Driver) partLegs(ctx context.Context, c *gophercloud.ServiceClient, id string, keep func(guarded) bool) error {
	legs, err := portsOf(ctx, c, ports.ListOpts{Description: legLabel(id, joining)})
	if err != nil {
		return err
	}
	legs = slices.DeleteFunc(legs, keep)
	text := legLabel(id, parting)
	for _, leg := range legs {
		if _, err := ports.Update(ctx, c, leg.ID, ports.UpdateOpts{Description: &text}).Extract(); err != nil && !isCode(err, http.StatusNotFound) {
			return mapped("part a network", err)
		}
	}
	left, err := portsOf(ctx, c, ports.ListOpts{Description: text})
	if err != nil {
		return err
	}
	for _, leg := range left {
		if err := d.partLeg(ctx, c, leg); err != nil {
			return err
		}
	}
	return nil
}

func (d *Driver) partLeg(ctx context.Context, c *gophercloud.ServiceClient, leg guarded) error {
	n, err := networks.Get(ctx, c, leg.NetworkID).Extract()
	if err != nil && !isCode(err, http.StatusNotFound) {
		return mapped("read network", err)
	}
	if err == nil {
		if err := d.reroute(ctx, c, *n); err != nil {
			return err
		}
	}
	if leg.DeviceID == "" {
		return absentIsFine(mapped("delete port", ports.Delete(ctx, c, leg.ID).ExtractErr()))
	}
	_, err = routers.RemoveInterface(ctx, c, leg.DeviceID, routers.RemoveInterfaceOpts{PortID: leg.ID}).Extract()
	return absentIsFine(mapped("part network "+leg.NetworkID, err))
}
