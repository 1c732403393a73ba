package openstack

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/external"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/routers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"

	"github.com/plazacloud/plaza/pkg/provider"
)

// wiring is what ports and routers tell of servers and networks.
type wiring struct {
	cards  map[string][]provider.Card // by Nova's id of the server
	inUse  map[string][]string        // IPv4 addresses by network
	routed map[string]bool            // networks that a router leads out of
}

// wiring reads the ports of a network, or of all with "".
func (d *Driver) wiring(ctx context.Context, only string) (wiring, error) {
	w := wiring{cards: map[string][]provider.Card{}, inUse: map[string][]string{}, routed: map[string]bool{}}
	c, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return w, err
	}
	pages, err := routers.List(c, routers.ListOpts{Limit: discoveryPage}).AllPages(ctx)
	if err != nil {
		return w, mapped("list routers", err)
	}
	all, err := routers.ExtractRouters(pages)
	if err != nil {
		return w, mapped("list routers", err)
	}
	out := map[string]bool{}
	for _, r := range all {
		out[r.ID] = r.GatewayInfo.NetworkID != ""
	}
	list, err := portsOf(ctx, c, ports.ListOpts{NetworkID: only, Limit: discoveryPage})
	if err != nil {
		return w, err
	}
	slices.SortFunc(list, func(a, b guarded) int { return strings.Compare(a.ID, b.ID) })
	for _, p := range list {
		address := ""
		for _, ip := range p.FixedIPs {
			if a, err := netip.ParseAddr(ip.IPAddress); err == nil && a.Is4() {
				address = ip.IPAddress
				w.inUse[p.NetworkID] = append(w.inUse[p.NetworkID], address)
			}
		}
		switch {
		case strings.HasPrefix(p.DeviceOwner, "compute:"):
			w.cards[p.DeviceID] = append(w.cards[p.DeviceID], provider.Card{Network: p.NetworkID, MAC: p.MACAddress, Address: address})
		case strings.HasPrefix(p.DeviceOwner, "network:") && out[p.DeviceID]:
			w.routed[p.NetworkID] = true
		}
	}
	return w, nil
}

// foundNet is a network with whether it leads outside.
type foundNet struct {
	networks.Network
	external.NetworkExternalExt
}

func (g survey) networks(ctx context.Context) ([]provider.Found, error) {
	c, err := g.admin(ctx, network)
	if err != nil {
		return nil, err
	}
	pages, err := networks.List(c, networks.ListOpts{Limit: discoveryPage}).AllPages(ctx)
	if err != nil {
		return nil, mapped("list networks", err)
	}
	var all []foundNet
	if err := networks.ExtractNetworksInto(pages, &all); err != nil {
		return nil, mapped("list networks", err)
	}
	subs, err := subnetsBy(ctx, c, subnets.ListOpts{IPVersion: 4, Limit: discoveryPage})
	if err != nil {
		return nil, err
	}
	var out []provider.Found
	for _, n := range all {
		if n.ProjectID == "" { // Neutron's own, between the routers of a pair
			continue
		}
		out = append(out, g.network(n, subs[n.ID]))
	}
	return out, nil
}

func (g survey) network(n foundNet, subs []subnets.Subnet) provider.Found {
	f := provider.Facts{State: n.Status, Bridge: n.ID, External: n.External, Routed: g.wired.routed[n.ID], InUse: g.wired.inUse[n.ID]}
	if len(subs) > 0 {
		f.CIDR, f.Gateway, f.DNS = subs[0].CIDR, subs[0].GatewayIP, subs[0].DNSNameservers
	}
	return g.found("network", n.ID, n.Name, networkID(n.Network), n.ProjectID, n.CreatedAt, f)
}

// subnetsBy lists subnets by network.
func subnetsBy(ctx context.Context, c *gophercloud.ServiceClient, opts subnets.ListOpts) (map[string][]subnets.Subnet, error) {
	pages, err := subnets.List(c, opts).AllPages(ctx)
	if err != nil {
		return nil, mapped("list subnets", err)
	}
	all, err := subnets.ExtractSubnets(pages)
	if err != nil {
		return nil, mapped("list subnets", err)
	}
	by := map[string][]subnets.Subnet{}
	for _, s := range all {
		by[s.NetworkID] = append(by[s.NetworkID], s)
	}
	return by, nil
}

// labelled are the networks with the Plaza id: by the description of those that Plaza made, or by the tag of one that was
// adopted, whose description is its maker's.
func labelled(ctx context.Context, c *gophercloud.ServiceClient, id string) ([]networks.Network, error) {
	found, err := netsOf(ctx, c, networks.ListOpts{Description: idTag(id)})
	if err != nil || len(found) > 0 {
		return found, err
	}
	return netsOf(ctx, c, networks.ListOpts{Tags: idTag(id)})
}

// networkID is the Plaza id of a network, "" for one that is not Plaza's.
func networkID(n networks.Network) string {
	for _, text := range append([]string{n.Description}, n.Tags...) {
		if id, ok := cutID(text); ok {
			return id
		}
	}
	return ""
}

// cutID reads the Plaza id from a label.
func cutID(text string) (string, bool) {
	id, ok := strings.CutPrefix(text, idTag(""))
	return id, ok && isID(id)
}
