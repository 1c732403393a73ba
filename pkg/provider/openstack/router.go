package openstack

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/external"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/routers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"

	"github.com/plazacloud/plaza/pkg/provider"
)

// ensureOutside gives a network its way out, and addresses outside for what it publishes or has floating; or takes them
// away. A network without egress that has such addresses has a router that translates floating addresses and nothing else;
// one that is joined with others has one in any case, which is the gateway that knows the way to them.
func (d *Driver) ensureOutside(ctx context.Context, c *gophercloud.ServiceClient, n *networks.Network, sub *subnets.Subnet, want provider.Net) error {
	if want.Egress != "nat" && len(want.Publish) == 0 && len(want.Floating) == 0 {
		return keepInside(ctx, c, n, sub, want)
	}
	all, err := listFloating(ctx, c, floatingips.ListOpts{ProjectID: n.ProjectID})
	if err != nil {
		return err
	}
	outside, err := d.outside(ctx, c)
	if err != nil {
		return err
	}
	if err := ensureRouter(ctx, c, n, sub, want, outside); err != nil {
		return err
	}
	if err := ensureFloating(ctx, c, n, want, publishing(all, want.ID), outside); err != nil {
		return err
	}
	return leadHeld(ctx, c, n, want, holding(all))
}

// keepInside leaves a network no way out, and a router only when it is joined with others.
func keepInside(ctx context.Context, c *gophercloud.ServiceClient, n *networks.Network, sub *subnets.Subnet, want provider.Net) error {
	if err := dropFloating(ctx, c, *n, want.ID); err != nil {
		return err
	}
	leg, err := legOf(ctx, c, n.ID)
	if err != nil {
		return err
	}
	if leg == nil {
		return dropRouters(ctx, c, want.ID)
	}
	return ensureRouter(ctx, c, n, sub, want, "")
}

func dropFloating(ctx context.Context, c *gophercloud.ServiceClient, n networks.Network, id string) error {
	floating, err := listFloating(ctx, c, floatingips.ListOpts{ProjectID: n.ProjectID})
	if err != nil {
		return err
	}
	if err := leadHeld(ctx, c, &n, provider.Net{ID: id}, holding(floating)); err != nil {
		return err
	}
	for _, f := range publishing(floating, id) {
		if err := f.remove(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func dropRouters(ctx context.Context, c *gophercloud.ServiceClient, id string) error {
	all, err := routersOf(ctx, c, id)
	for i := range all {
		if err := deleteRouter(ctx, c, &all[i]); err != nil {
			return err
		}
	}
	return err
}

// outside is the external network: the one the settings name, else the only one.
func (d *Driver) outside(ctx context.Context, c *gophercloud.ServiceClient) (string, error) {
	yes := true
	pages, err := networks.List(c, external.ListOptsExt{ListOptsBuilder: networks.ListOpts{}, External: &yes}).AllPages(ctx)
	if err != nil {
		return "", mapped("list external networks", err)
	}
	all, err := networks.ExtractNetworks(pages)
	if err != nil {
		return "", mapped("list external networks", err)
	}
	name := d.set.ExternalNetwork
	for _, n := range all {
		if n.Name == name || n.ID == name || name == "" && len(all) == 1 {
			return n.ID, nil
		}
	}
	if name == "" {
		return "", provider.Errorf(provider.ReasonInvalid, "name one as the region's externalNetwork", "the region has %d external networks", len(all))
	}
	return "", provider.Errorf(provider.ReasonInvalid, "correct the region's externalNetwork", "the region has no external network %s", name)
}

// routersOf are the routers of a network of Plaza, the oldest first.
func routersOf(ctx context.Context, c *gophercloud.ServiceClient, id string) ([]routers.Router, error) {
	pages, err := routers.List(c, routers.ListOpts{Description: idTag(id)}).AllPages(ctx)
	if err != nil {
		return nil, mapped("find router", err)
	}
	all, err := routers.ExtractRouters(pages)
	if err != nil {
		return nil, mapped("find router", err)
	}
	slices.SortFunc(all, func(a, b routers.Router) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return all, nil
}

// routerOf is the router of a network of Plaza, nil without one. Of several, after a maker that was cut off, it is the one
// that is connected to the network, else the oldest; the others are removed by the next EnsureNetwork.
func routerOf(ctx context.Context, c *gophercloud.ServiceClient, n *networks.Network, id string) (*routers.Router, []routers.Router, error) {
	all, err := routersOf(ctx, c, id)
	if err != nil || len(all) == 0 {
		return nil, nil, err
	}
	sole := 0
	if len(all) > 1 {
		on, err := portsOf(ctx, c, ports.ListOpts{NetworkID: n.ID})
		if err != nil {
			return nil, nil, err
		}
		connected := func(r routers.Router) bool {
			return slices.ContainsFunc(on, func(p guarded) bool { return p.DeviceID == r.ID })
		}
		sole = max(slices.IndexFunc(all, connected), 0)
	}
	r := all[sole]
	return &r, slices.Delete(all, sole, sole+1), nil
}

// ensureRouter makes the router that has the network's gateway address, with a way to the outside unless that is "", and to
// the networks that this one is joined with.
func ensureRouter(ctx context.Context, c *gophercloud.ServiceClient, n *networks.Network, sub *subnets.Subnet, want provider.Net, outside string) error {
	r, extra, err := routerOf(ctx, c, n, want.ID)
	if err != nil {
		return err
	}
	for i := range extra {
		if err := deleteRouter(ctx, c, &extra[i]); err != nil {
			return err
		}
	}
	var gateway *routers.GatewayInfo
	snat := want.Egress == "nat"
	if outside != "" {
		gateway = &routers.GatewayInfo{NetworkID: outside, EnableSNAT: &snat}
	}
	switch {
	case r == nil:
		r, err = routers.Create(ctx, c, routers.CreateOpts{Name: want.Name, Description: idTag(want.ID), ProjectID: n.ProjectID, GatewayInfo: gateway}).Extract()
		if err != nil {
			return mapped("make router of network "+want.Name, err)
		}
	case r.GatewayInfo.NetworkID != outside || outside != "" && (r.GatewayInfo.EnableSNAT == nil || *r.GatewayInfo.EnableSNAT != snat):
		if gateway == nil {
			gateway = &routers.GatewayInfo{} // takes it away
		}
		if _, err := routers.Update(ctx, c, r.ID, routers.UpdateOpts{GatewayInfo: gateway}).Extract(); err != nil {
			return mapped("change router of network "+want.Name, err)
		}
	}
	if err := ensureTag(ctx, c, "routers", r.ID, r.Tags, want.ID); err != nil {
		return err
	}
	have, err := portsOf(ctx, c, ports.ListOpts{DeviceID: r.ID, NetworkID: n.ID})
	if err != nil {
		return err
	}
	if len(have) == 0 {
		if _, err = routers.AddInterface(ctx, c, r.ID, routers.AddInterfaceOpts{SubnetID: sub.ID}).Extract(); err != nil {
			return mapped("connect router of network "+want.Name, err)
		}
	}
	return ensureRoutes(ctx, c, n.ID, r)
}

func deleteRouter(ctx context.Context, c *gophercloud.ServiceClient, r *routers.Router) error {
	if err := setRoutes(ctx, c, r, nil); err != nil { // they hold its interface
		return err
	}
	inner, err := portsOf(ctx, c, ports.ListOpts{DeviceID: r.ID})
	if err != nil {
		return err
	}
	for _, p := range inner {
		if p.DeviceOwner == "network:router_gateway" {
			continue // goes with the router
		}
		_, err := routers.RemoveInterface(ctx, c, r.ID, routers.RemoveInterfaceOpts{PortID: p.ID}).Extract()
		if err := absentIsFine(mapped("disconnect router", err)); err != nil {
			return err
		}
	}
	return absentIsFine(mapped("delete router", routers.Delete(ctx, c, r.ID).ExtractErr()))
}
