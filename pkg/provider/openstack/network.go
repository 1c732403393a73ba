package openstack

import (
	"cmp"
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/attributestags"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"

	"github.com/plazacloud/plaza/pkg/provider"
)

// EnsureNetwork makes network, subnet, router and floating addresses as wanted. Leases need nothing here: a server's ports
// fix its addresses, and Neutron's DHCP hands those out.
func (d *Driver) EnsureNetwork(ctx context.Context, place string, want provider.Net) (provider.NetState, error) {
	var st provider.NetState
	if err := d.checkPlace(place); err != nil {
		return st, err
	}
	if err := checkNet(want); err != nil {
		return st, err
	}
	unlock, err := d.locks.Lock(ctx, "network/"+want.ID)
	if err != nil {
		return st, err
	}
	defer unlock()
	project, err := d.tenant(ctx, want.Project)
	if err != nil {
		return st, err
	}
	c, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return st, err
	}
	n, err := d.ensureNet(ctx, c, project, want)
	if err != nil {
		return st, err
	}
	sub, err := ensureSubnet(ctx, c, n, want)
	if err != nil {
		return st, err
	}
	if err := d.ensureOutside(ctx, c, n, sub, want); err != nil {
		return st, err
	}
	return d.netState(ctx, c, *n)
}

func checkNet(want provider.Net) error {
	if err := checkID(want.ID); err != nil {
		return err
	}
	prefix, err := netip.ParsePrefix(want.CIDR)
	if err != nil || !prefix.Addr().Is4() || prefix != prefix.Masked() || prefix.Bits() > 29 {
		return provider.Errorf(provider.ReasonInvalid, "such as 10.10.0.0/24", "CIDR %q", want.CIDR)
	}
	if gateway, err := netip.ParseAddr(want.Gateway); err != nil || !prefix.Contains(gateway) {
		return provider.Errorf(provider.ReasonInvalid, "an address within "+want.CIDR, "gateway %q", want.Gateway)
	}
	if want.Egress != "none" && want.Egress != "nat" {
		return provider.Errorf(provider.ReasonInvalid, "none or nat", "egress %q", want.Egress)
	}
	for _, p := range want.Publish {
		if a, err := netip.ParseAddr(p.Address); err != nil || !prefix.Contains(a) || p.Port < 1 || p.Port > 65535 {
			return provider.Errorf(provider.ReasonInvalid, "an address within "+want.CIDR+" and a port", "published %s:%d", p.Address, p.Port)
		}
	}
	return nil
}

// netsOf are the Neutron networks of a network of Plaza. It has two only after a maker that was cut off: the one that
// was gone on with, and so has a subnet, comes first, else the oldest.
func netsOf(ctx context.Context, c *gophercloud.ServiceClient, opts networks.ListOpts) ([]networks.Network, error) {
	pages, err := networks.List(c, opts).AllPages(ctx)
	if err != nil {
		return nil, mapped("list networks", err)
	}
	all, err := networks.ExtractNetworks(pages)
	if err != nil {
		return nil, mapped("list networks", err)
	}
	slices.SortFunc(all, func(a, b networks.Network) int {
		return cmp.Or(later(len(a.Subnets) == 0, len(b.Subnets) == 0), a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return all, nil
}

// findNetwork finds network and subnet by Plaza id; NotFound.
func (d *Driver) findNetwork(ctx context.Context, id string) (segment, error) {
	none := provider.Errorf(provider.ReasonNotFound, "make the network first", "network %s is not in the region", id)
	c, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return segment{}, err
	}
	found, err := labelled(ctx, c, id)
	if err != nil {
		return segment{}, err
	}
	if len(found) == 0 {
		return segment{}, none
	}
	d.ids.put("network", found[0].ID, id)
	subs, err := subnetsOf(ctx, c, found[0].ID)
	if err != nil {
		return segment{}, err
	}
	if len(subs) == 0 {
		return segment{}, none
	}
	return segment{found[0], subs[0]}, nil
}

// ensureNet labels by the description, which is set in the same step that makes the network, and by a tag for people.
func (d *Driver) ensureNet(ctx context.Context, c *gophercloud.ServiceClient, project string, want provider.Net) (*networks.Network, error) {
	found, err := netsOf(ctx, c, networks.ListOpts{Description: idTag(want.ID)})
	if err != nil {
		return nil, err
	}
	for _, extra := range found[min(1, len(found)):] { // what a maker left that was cut off has no ports
		if err := networks.Delete(ctx, c, extra.ID).ExtractErr(); err != nil && !isCode(err, http.StatusNotFound) {
			return nil, mapped("delete a network too many", err)
		}
	}
	var n *networks.Network
	if len(found) > 0 {
		n = &found[0]
	} else {
		n, err = networks.Create(ctx, c, networks.CreateOpts{Name: want.Name, Description: idTag(want.ID), ProjectID: project}).Extract()
		if err != nil {
			return nil, mapped("make network "+want.Name, err)
		}
	}
	d.ids.put("network", n.ID, want.ID)
	return n, ensureTag(ctx, c, "networks", n.ID, n.Tags, want.ID)
}

func ensureTag(ctx context.Context, c *gophercloud.ServiceClient, kind, backend string, has []string, id string) error {
	if slices.Contains(has, idTag(id)) {
		return nil
	}
	return mapped("tag", attributestags.Add(ctx, c, kind, backend, idTag(id)).ExtractErr())
}

func subnetsOf(ctx context.Context, c *gophercloud.ServiceClient, backend string) ([]subnets.Subnet, error) {
	pages, err := subnets.List(c, subnets.ListOpts{NetworkID: backend, IPVersion: 4}).AllPages(ctx)
	if err != nil {
		return nil, mapped("list subnets", err)
	}
	all, err := subnets.ExtractSubnets(pages)
	return all, mapped("list subnets", err)
}

func ensureSubnet(ctx context.Context, c *gophercloud.ServiceClient, n *networks.Network, want provider.Net) (*subnets.Subnet, error) {
	// On a host Plaza's gateway answers DNS, in a region Neutron's DHCP server does, and tells guests so by itself.
	dns := slices.DeleteFunc(slices.Clone(want.DNS), func(a string) bool { return a == want.Gateway })
	have, err := subnetsOf(ctx, c, n.ID)
	if err != nil {
		return nil, err
	}
	if len(have) == 0 {
		first, last := provider.OwnAddresses(netip.MustParsePrefix(want.CIDR))
		made, err := subnets.Create(ctx, c, subnets.CreateOpts{
			NetworkID: n.ID, CIDR: want.CIDR, Name: want.Name, Description: idTag(want.ID), ProjectID: n.ProjectID, IPVersion: gophercloud.IPv4,
			GatewayIP: &want.Gateway, EnableDHCP: gophercloud.Enabled, DNSNameservers: dns, AllocationPools: []subnets.AllocationPool{{Start: first.String(), End: last.String()}},
		}).Extract()
		return made, mapped("make subnet of network "+want.Name, err)
	}
	sub := &have[0]
	if sub.CIDR != want.CIDR {
		return nil, provider.Errorf(provider.ReasonConflict, "a network keeps its CIDR", "network %s has %s, not %s", want.ID, sub.CIDR, want.CIDR)
	}
	if sub.GatewayIP == want.Gateway && sub.EnableDHCP && slices.Equal(sub.DNSNameservers, dns) {
		return sub, nil
	}
	if dns == nil {
		dns = []string{}
	}
	sub, err = subnets.Update(ctx, c, sub.ID, subnets.UpdateOpts{GatewayIP: &want.Gateway, EnableDHCP: gophercloud.Enabled, DNSNameservers: &dns}).Extract()
	return sub, mapped("change subnet of network "+want.Name, err)
}

// GetNetwork reports what the region has.
func (d *Driver) GetNetwork(ctx context.Context, place, id string) (provider.NetState, error) {
	if err := d.checkPlace(place); err != nil {
		return provider.NetState{}, err
	}
	n, err := d.findNetwork(ctx, id)
	if err != nil {
		return provider.NetState{}, err
	}
	c, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return provider.NetState{}, err
	}
	return d.netState(ctx, c, n.Network)
}

// ListNetworks reports every network of Plaza in the region.
func (d *Driver) ListNetworks(ctx context.Context, place string) ([]provider.NetState, error) {
	if err := d.checkPlace(place); err != nil {
		return nil, err
	}
	c, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return nil, err
	}
	all, err := netsOf(ctx, c, networks.ListOpts{})
	if err != nil {
		return nil, err
	}
	var states []provider.NetState
	seen := map[string]bool{}
	for _, n := range all {
		id := networkID(n)
		if id == "" || seen[id] {
			continue
		}
		seen[id] = true
		d.ids.put("network", n.ID, id)
		st, err := d.netState(ctx, c, n)
		if err != nil {
			return nil, err
		}
		states = append(states, st)
	}
	return states, nil
}

func (d *Driver) netState(ctx context.Context, c *gophercloud.ServiceClient, n networks.Network) (provider.NetState, error) {
	id := networkID(n)
	st := provider.NetState{ID: id, Host: d.set.Place, Bridge: n.ID}
	subs, err := subnetsOf(ctx, c, n.ID)
	if err != nil {
		return st, err
	}
	st.DHCP = len(subs) > 0 && subs[0].EnableDHCP
	r, _, err := routerOf(ctx, c, &n, id)
	if err != nil {
		return st, err
	}
	if r != nil {
		st.Namespace = r.ID
	}
	all, err := listFloating(ctx, c, floatingips.ListOpts{ProjectID: n.ProjectID})
	for _, f := range firstOfEach(publishing(all, id)) {
		st.Publish = append(st.Publish, f.publishes()...)
	}
	st.Floating = leading(all, id)
	return st, err
}

// DeleteNetwork removes floating addresses, router and network; Conflict while servers have ports on it.
func (d *Driver) DeleteNetwork(ctx context.Context, place, id string) error {
	if err := d.checkPlace(place); err != nil {
		return err
	}
	if !isID(id) {
		return nil
	}
	unlock, err := d.locks.Lock(ctx, "network/"+id)
	if err != nil {
		return err
	}
	defer unlock()
	c, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return err
	}
	found, err := labelled(ctx, c, id)
	if err != nil {
		return err
	}
	for _, n := range found {
		if err := d.deleteNet(ctx, c, id, n); err != nil {
			return err
		}
	}
	d.ids.forget("network", id)
	return nil
}

func (d *Driver) deleteNet(ctx context.Context, c *gophercloud.ServiceClient, id string, n networks.Network) error {
	on, err := portsOf(ctx, c, ports.ListOpts{NetworkID: n.ID})
	if err != nil {
		return err
	}
	for _, p := range on {
		if router, _, ok := parseLeg(p.Description); ok {
			return provider.Errorf(provider.ReasonConflict, "take it out of the router first", "network %s is in router %s", id, router)
		}
		if strings.HasPrefix(p.DeviceOwner, "compute:") || strings.HasPrefix(p.Description, idTag("")) {
			return provider.Errorf(provider.ReasonConflict, "delete the servers on it first", "network %s has ports of servers, such as %s", id, p.Name)
		}
	}
	if err := dropFloating(ctx, c, n, id); err != nil {
		return err
	}
	if err := dropRouters(ctx, c, id); err != nil {
		return err
	}
	err = networks.Delete(ctx, c, n.ID).ExtractErr()
	return absentIsFine(mapped("delete network "+id, err))
}
