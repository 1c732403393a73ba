package openstack

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/routers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/portsecurity"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/plazacloud/plaza/pkg/provider"
)

// What the description of a leg says that it does.
const (
	joining = "joins"
	parting = "parts"
)

// legLabel is the description of a router between networks and of its legs: "plaza-id=<router> joins networks". A router
// that is only a network's own has the network's id alone.
func legLabel(router, does string) string { return idTag(router) + " " + does + " networks" }

// parseLeg reads what legLabel wrote.
func parseLeg(text string) (router, does string, ok bool) {
	f := strings.Fields(text)
	if len(f) != 3 || f[1] != joining && f[1] != parting || f[2] != "networks" {
		return "", "", false
	}
	router, ok = cutID(f[0])
	return router, f[1], ok
}

// whole keeps the legs that join, leaving out what parts or is no leg.
func whole(all []guarded) []guarded {
	return slices.DeleteFunc(all, func(p guarded) bool { _, does, ok := parseLeg(p.Description); return !ok || does != joining })
}

// legOf is the leg in a network; nil without one.
func legOf(ctx context.Context, c *gophercloud.ServiceClient, network string) (*guarded, error) {
	all, err := portsOf(ctx, c, ports.ListOpts{NetworkID: network})
	if err != nil {
		return nil, err
	}
	if all = whole(all); len(all) == 0 {
		return nil, nil
	}
	return &all[0], nil
}

// legsOf are the legs of a Neutron router.
func legsOf(ctx context.Context, c *gophercloud.ServiceClient, router string) ([]guarded, error) {
	all, err := portsOf(ctx, c, ports.ListOpts{DeviceID: router})
	return whole(all), err
}

// ensureLeg makes a port at an address that Neutron chooses, and connects the router by it.
func ensureLeg(ctx context.Context, c *gophercloud.ServiceClient, r *routers.Router, want provider.Router, on segment) error {
	leg, err := legOf(ctx, c, on.ID)
	if err != nil {
		return err
	}
	if leg == nil {
		if leg, err = makeLeg(ctx, c, r, want, on); err != nil {
			return err
		}
	}
	if leg.DeviceID == r.ID {
		return nil
	}
	_, err = routers.AddInterface(ctx, c, r.ID, routers.AddInterfaceOpts{PortID: leg.ID}).Extract()
	return mapped("join network "+on.Name, err)
}

func makeLeg(ctx context.Context, c *gophercloud.ServiceClient, r *routers.Router, want provider.Router, on segment) (*guarded, error) {
	filtered := false // whom it may reach is for the guests' rules to say
	opts := ports.CreateOpts{
		NetworkID: on.ID, ProjectID: r.ProjectID, Name: "plaza-leg-" + want.ID[:8], Description: legLabel(want.ID, joining), SecurityGroups: &[]string{},
		FixedIPs: []ports.IP{{SubnetID: on.subnet.ID}},
	}
	var p guarded
	err := ports.Create(ctx, c, portsecurity.PortCreateOptsExt{CreateOptsBuilder: opts, PortSecurityEnabled: &filtered}).ExtractInto(&p)
	if isCode(err, http.StatusConflict) {
		return nil, provider.Errorf(provider.ReasonConflict, "use a network of /27 or larger: smaller ones leave their place hardly any address",
			"network %s has no address left for router %s: %w", on.Name, want.Name, mapped("make leg", err))
	}
	return &p, mapped("make a leg in network "+on.Name, err)
}

// ensureRoutes tells a network's own router the way to the networks that this one is joined with.
func ensureRoutes(ctx context.Context, c *gophercloud.ServiceClient, network string, r *routers.Router) error {
	leg, err := legOf(ctx, c, network)
	if err != nil {
		return err
	}
	var want []routers.Route
	if leg != nil && leg.DeviceID != "" && len(leg.FixedIPs) > 0 {
		if want, err = routesBy(ctx, c, leg); err != nil {
			return err
		}
	}
	return setRoutes(ctx, c, r, want)
}

// routesBy are the ways by a leg, one to each other network of its router.
func routesBy(ctx context.Context, c *gophercloud.ServiceClient, leg *guarded) ([]routers.Route, error) {
	all, err := legsOf(ctx, c, leg.DeviceID)
	if err != nil {
		return nil, err
	}
	var out []routers.Route
	for _, other := range all {
		if other.NetworkID == leg.NetworkID {
			continue
		}
		subs, err := subnetsOf(ctx, c, other.NetworkID)
		if err != nil {
			return nil, err
		}
		for _, s := range subs {
			out = append(out, routers.Route{DestinationCIDR: s.CIDR, NextHop: leg.FixedIPs[0].IPAddress})
		}
	}
	return out, nil
}

func setRoutes(ctx context.Context, c *gophercloud.ServiceClient, r *routers.Router, want []routers.Route) error {
	order := func(a, b routers.Route) int {
		return strings.Compare(a.DestinationCIDR+a.NextHop, b.DestinationCIDR+b.NextHop)
	}
	slices.SortFunc(want, order)
	have := slices.SortedFunc(slices.Values(r.Routes), order)
	if slices.Equal(have, want) {
		return nil
	}
	if want == nil {
		want = []routers.Route{}
	}
	_, err := routers.Update(ctx, c, r.ID, routers.UpdateOpts{Routes: &want}).Extract()
	return absentIsFine(mapped("set routes", err))
}
