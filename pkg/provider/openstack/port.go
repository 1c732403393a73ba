package openstack

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/attachinterfaces"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/portsecurity"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/qos/policies"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"

	"github.com/plazacloud/plaza/pkg/provider"
)

// guarded is a port with whether Neutron filters on it, and what bounds it.
type guarded struct {
	ports.Port
	portsecurity.PortSecurityExt
	policies.QoSPolicyExt
}

func portsOf(ctx context.Context, c *gophercloud.ServiceClient, opts ports.ListOpts) ([]guarded, error) {
	pages, err := ports.List(c, opts).AllPages(ctx)
	if err != nil {
		return nil, mapped("list ports", err)
	}
	var all []guarded
	err = ports.ExtractPortsInto(pages, &all)
	return all, mapped("list ports", err)
}

// macs are the MAC addresses of servers' ports, by Nova's ids of the servers.
func (d *Driver) macs(ctx context.Context, opts ports.ListOpts) (map[string][]string, error) {
	c, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return nil, err
	}
	all, err := portsOf(ctx, c, opts)
	if err != nil {
		return nil, err
	}
	of := map[string][]string{}
	for _, p := range all {
		if p.DeviceID != "" && strings.HasPrefix(p.DeviceOwner, "compute:") {
			of[p.DeviceID] = append(of[p.DeviceID], p.MACAddress)
		}
	}
	return of, nil
}

// canonical writes a MAC as Neutron does.
func canonical(mac string) string {
	if hw, err := net.ParseMAC(mac); err == nil {
		return hw.String()
	}
	return strings.ToLower(mac)
}

// segment is a network of Plaza as Neutron has it.
type segment struct {
	networks.Network
	subnet subnets.Subnet
}

// planCards makes the ports of a server that is about to be made, each on its segment.
func (d *Driver) planCards(ctx context.Context, project string, want provider.Server, on []segment) (any, error) {
	if len(want.Interfaces) == 0 {
		return "none", nil
	}
	cards := make([]servers.Network, 0, len(want.Interfaces))
	for i, nic := range want.Interfaces {
		p, err := d.newPort(ctx, project, want.ID, nic, on[i])
		if err != nil {
			return nil, err
		}
		cards = append(cards, servers.Network{Port: p.ID})
	}
	return cards, nil
}

// ensurePort makes the port of a card, with its address and rules, and brings one that is there to them. A MAC is unique
// on a network, so no card gets two ports.
func (d *Driver) ensurePort(ctx context.Context, project, server string, nic provider.Interface, on segment) (*guarded, error) {
	c, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return nil, err
	}
	groups, err := d.groupsFor(ctx, c, project, nic, false)
	if err != nil {
		return nil, err
	}
	policy, err := d.policyOf(ctx, c, nic)
	if err != nil {
		return nil, err
	}
	have, err := portsOf(ctx, c, ports.ListOpts{NetworkID: on.ID, MACAddress: canonical(nic.MAC)})
	if err != nil {
		return nil, err
	}
	var p *guarded
	if len(have) == 0 {
		p, err = makePort(ctx, c, project, server, on, nic, groups, policy)
	} else {
		p, err = amendPort(ctx, c, &have[0], server, nic, groups, policy)
	}
	if err != nil {
		return nil, err
	}
	if len(have) > 0 { // the rules it had may be of no use any more
		had := slices.DeleteFunc(slices.Clone(have[0].SecurityGroups), func(g string) bool { return slices.Contains(groups, g) })
		if err := d.dropRules(ctx, c, have[0].ProjectID, had); err != nil {
			return nil, err
		}
	}
	return p, lead(ctx, c, on.Network, nic.Network, nic.Address, p.ID)
}

// newPort makes the port of a server's card that is most likely not there: what speaks against it is looked at then.
func (d *Driver) newPort(ctx context.Context, project, server string, nic provider.Interface, on segment) (*guarded, error) {
	c, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return nil, err
	}
	groups, err := d.groupsFor(ctx, c, project, nic, true)
	if err != nil {
		return nil, err
	}
	policy, err := d.policyOf(ctx, c, nic)
	if err != nil {
		return nil, err
	}
	p, err := makePort(ctx, c, project, server, on, nic, groups, policy)
	if err != nil {
		return d.ensurePort(ctx, project, server, nic, on)
	}
	return p, lead(ctx, c, on.Network, nic.Network, nic.Address, p.ID)
}

// groupsFor are the security groups of a card: the one with its rules, or none when it is open.
func (d *Driver) groupsFor(ctx context.Context, c *gophercloud.ServiceClient, project string, nic provider.Interface, hurried bool) ([]string, error) {
	if nic.Open {
		return nil, nil
	}
	group, err := d.ensureRules(ctx, c, project, nic.Rules, hurried)
	return []string{group}, err
}

func makePort(ctx context.Context, c *gophercloud.ServiceClient, project, server string, on segment, nic provider.Interface, groups []string, policy string) (*guarded, error) {
	filtered := !nic.Open
	if groups == nil {
		groups = []string{} // nil would be the project's default group
	}
	opts := ports.CreateOpts{
		NetworkID: on.ID, ProjectID: project, Name: "plaza-" + server[:8], Description: idTag(server), MACAddress: nic.MAC, SecurityGroups: &groups,
		FixedIPs: []ports.IP{{SubnetID: on.subnet.ID, IPAddress: nic.Address}},
	}
	var p guarded
	err := ports.Create(ctx, c, policies.PortCreateOptsExt{
		CreateOptsBuilder: portsecurity.PortCreateOptsExt{CreateOptsBuilder: opts, PortSecurityEnabled: &filtered}, QoSPolicyID: policy,
	}).ExtractInto(&p)
	if isCode(err, http.StatusConflict) {
		return nil, provider.Errorf(provider.ReasonConflict, "another port of the network has that address or MAC", "card %s: %w", nic.MAC, mapped("make port", err))
	}
	return &p, mapped("make port of card "+nic.MAC, err)
}

func amendPort(ctx context.Context, c *gophercloud.ServiceClient, p *guarded, server string, nic provider.Interface, groups []string, policy string) (*guarded, error) {
	if p.Description != idTag(server) {
		return nil, provider.Errorf(provider.ReasonConflict, "give the card another MAC", "MAC %s is taken on network %s by port %s", nic.MAC, nic.Network, p.Name)
	}
	filtered := !nic.Open
	addressed := nic.Address == "" || slices.ContainsFunc(p.FixedIPs, func(ip ports.IP) bool { return ip.IPAddress == nic.Address })
	bound, err := otherPolicy(ctx, c, p.QoSPolicyID, policy)
	if err != nil {
		return nil, err
	}
	if p.PortSecurityEnabled == filtered && slices.Equal(p.SecurityGroups, groups) && addressed && !bound {
		return p, nil
	}
	if groups == nil {
		groups = []string{}
	}
	opts := ports.UpdateOpts{SecurityGroups: &groups}
	if !addressed {
		opts.FixedIPs = []ports.IP{{SubnetID: p.FixedIPs[0].SubnetID, IPAddress: nic.Address}}
	}
	change := policies.PortUpdateOptsExt{UpdateOptsBuilder: portsecurity.PortUpdateOptsExt{UpdateOptsBuilder: opts, PortSecurityEnabled: &filtered}}
	if bound {
		change.QoSPolicyID = &policy
	}
	var now guarded
	err = ports.Update(ctx, c, p.ID, change).ExtractInto(&now)
	return &now, mapped("change port of card "+nic.MAC, err)
}

// deletePorts removes the ports of a server and their rules: all, or the one with the MAC. None may be in use.
func (d *Driver) deletePorts(ctx context.Context, server, mac string) error {
	c, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return err
	}
	have, err := portsOf(ctx, c, ports.ListOpts{Description: idTag(server), MACAddress: mac})
	if err != nil {
		return err
	}
	if len(have) == 0 { // a call that was cut off may have come this far
		return d.sweepRules(ctx, c, "")
	}
	for _, p := range have {
		if err := absentIsFine(mapped("delete port", ports.Delete(ctx, c, p.ID).ExtractErr())); err != nil {
			return err
		}
	}
	for _, p := range have {
		if err := d.dropRules(ctx, c, p.ProjectID, p.SecurityGroups); err != nil {
			return err
		}
	}
	return nil
}

// AttachInterface gives a server a card; one that it has already is brought to the wanted rules.
func (d *Driver) AttachInterface(ctx context.Context, place, id string, nic provider.Interface) error {
	if _, err := net.ParseMAC(nic.MAC); err != nil {
		return provider.Errorf(provider.ReasonInvalid, "", "card: %w", err)
	}
	return d.locked(ctx, place, id, func(s *servers.Server) error { return d.attachCard(ctx, s, id, nic) })
}

func (d *Driver) attachCard(ctx context.Context, s *servers.Server, id string, nic provider.Interface) error {
	on, err := d.findNetwork(ctx, nic.Network)
	if err != nil {
		return err
	}
	p, err := d.ensurePort(ctx, s.TenantID, id, nic, on)
	if err != nil || p.DeviceID == s.ID {
		return err
	}
	c, err := d.compute(ctx, s)
	if err != nil {
		return err
	}
	if _, err := attachinterfaces.Create(ctx, c, s.ID, attachinterfaces.CreateOpts{PortID: p.ID}).Extract(); err != nil {
		return mapped("attach card "+nic.MAC, err)
	}
	return d.untilPort(ctx, p.ID, func(p *ports.Port) bool { return p.DeviceID == s.ID })
}

// DetachInterface takes a card away; an absent one, or one of an absent server, is fine.
func (d *Driver) DetachInterface(ctx context.Context, place, id, mac string) error {
	return absentIsFine(d.locked(ctx, place, id, func(s *servers.Server) error { return d.detachCard(ctx, s, id, canonical(mac)) }))
}

func (d *Driver) detachCard(ctx context.Context, s *servers.Server, id, mac string) error {
	nets, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return err
	}
	have, err := portsOf(ctx, nets, ports.ListOpts{DeviceID: s.ID, MACAddress: mac})
	if err != nil {
		return err
	}
	c, err := d.compute(ctx, s)
	if err != nil {
		return err
	}
	for _, p := range have {
		if err := absentIsFine(mapped("detach card "+mac, attachinterfaces.Delete(ctx, c, s.ID, p.ID).ExtractErr())); err != nil {
			return err
		}
		if err := d.untilPort(ctx, p.ID, func(p *ports.Port) bool { return p.DeviceID == "" }); err != nil {
			return err
		}
	}
	return d.deletePorts(ctx, id, mac)
}

// untilPort waits for a port; one that is gone is fine.
func (d *Driver) untilPort(ctx context.Context, port string, is func(*ports.Port) bool) error {
	c, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return err
	}
	return poll(ctx, "change a card", func() (bool, error) {
		p, err := ports.Get(ctx, c, port).Extract()
		if isCode(err, http.StatusNotFound) {
			return true, nil
		}
		return err == nil && is(p), mapped("look at port", err)
	})
}

// adjustCards attaches the wanted cards and detaches the others.
func (d *Driver) adjustCards(ctx context.Context, s *servers.Server, want provider.Server) error {
	wanted := map[string]bool{}
	for _, nic := range want.Interfaces {
		wanted[canonical(nic.MAC)] = true
		if err := d.attachCard(ctx, s, want.ID, nic); err != nil {
			return err
		}
	}
	has, err := d.macs(ctx, ports.ListOpts{DeviceID: s.ID})
	if err != nil {
		return err
	}
	for _, mac := range has[s.ID] {
		if !wanted[mac] {
			if err := d.detachCard(ctx, s, want.ID, mac); err != nil {
				return err
			}
		}
	}
	return nil
}
