package openstack

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/rules"

	"github.com/plazacloud/plaza/pkg/provider"
)

// groupName is the security group of a card. Each card has its own, so that a change touches no other card.
func groupName(server, mac string) string { return "plaza-" + server + "-" + mac }

// ensureRules keeps a card's security group equal to its rules; what a group may send is Neutron's default, everything.
func ensureRules(ctx context.Context, c *gophercloud.ServiceClient, project, server, mac string, want []provider.Rule) (string, error) {
	wanted := make([]provider.Rule, 0, len(want))
	for _, r := range want {
		w, err := normal(r)
		if err != nil {
			return "", err
		}
		wanted = append(wanted, w)
	}
	found, err := groupsOf(ctx, c, server, mac)
	if err != nil {
		return "", err
	}
	var g *groups.SecGroup
	if len(found) > 0 {
		g = &found[0]
	} else {
		g, err = groups.Create(ctx, c, groups.CreateOpts{Name: groupName(server, mac), Description: idTag(server), ProjectID: project}).Extract()
		if err != nil {
			return "", mapped("make security group", err)
		}
	}
	missing, extra := difference(g.Rules, wanted)
	if err := allow(ctx, c, project, g.ID, missing); err != nil {
		return "", err
	}
	for _, id := range extra {
		if err := absentIsFine(mapped("delete rule", rules.Delete(ctx, c, id).ExtractErr())); err != nil {
			return "", err
		}
	}
	return g.ID, nil
}

// allow adds rules to a group, all at once.
func allow(ctx context.Context, c *gophercloud.ServiceClient, project, group string, missing []provider.Rule) error {
	if len(missing) == 0 {
		return nil
	}
	opts := make([]rules.CreateOpts, 0, len(missing))
	for _, r := range missing {
		opts = append(opts, rules.CreateOpts{
			Direction: rules.DirIngress, EtherType: rules.EtherType4, SecGroupID: group, Protocol: rules.RuleProtocol(r.Protocol),
			PortRangeMin: r.FromPort, PortRangeMax: r.ToPort, RemoteIPPrefix: r.CIDR, ProjectID: project,
		})
	}
	_, err := rules.CreateBulk(ctx, c, opts).Extract()
	return mapped("allow "+missing[0].Protocol, err)
}

// groupsOf are the security groups of a server's cards, or of the one with the MAC.
func groupsOf(ctx context.Context, c *gophercloud.ServiceClient, server, mac string) ([]groups.SecGroup, error) {
	opts := groups.ListOpts{Description: idTag(server), SortKey: "id", SortDir: "asc"}
	if mac != "" {
		opts.Name = groupName(server, mac)
	}
	pages, err := groups.List(c, opts).AllPages(ctx)
	if err != nil {
		return nil, mapped("list security groups", err)
	}
	all, err := groups.ExtractGroups(pages)
	return all, mapped("list security groups", err)
}

func deleteRules(ctx context.Context, c *gophercloud.ServiceClient, server, mac string) error {
	found, err := groupsOf(ctx, c, server, mac)
	if err != nil {
		return err
	}
	for _, g := range found {
		if err := absentIsFine(mapped("delete security group", groups.Delete(ctx, c, g.ID).ExtractErr())); err != nil {
			return err
		}
	}
	return nil
}

// normal writes a rule the way Neutron keeps it, so that two of the same meaning are equal.
func normal(r provider.Rule) (provider.Rule, error) {
	r.Protocol = strings.ToLower(r.Protocol)
	switch {
	case r.Protocol != "tcp" && r.Protocol != "udp" && r.Protocol != "icmp":
		return r, provider.Errorf(provider.ReasonInvalid, "tcp, udp or icmp", "rule for protocol %q", r.Protocol)
	case r.FromPort < 0 || r.ToPort > 65535 || r.FromPort > r.ToPort:
		return r, provider.Errorf(provider.ReasonInvalid, "from 0-0 for all to 1-65535", "rule for ports %d to %d", r.FromPort, r.ToPort)
	case r.Protocol == "icmp":
		r.FromPort, r.ToPort = 0, 0
	}
	if r.CIDR != "" {
		p, err := netip.ParsePrefix(r.CIDR)
		if err != nil || !p.Addr().Is4() {
			return r, provider.Errorf(provider.ReasonInvalid, "such as 10.0.0.0/8", "rule for CIDR %q", r.CIDR)
		}
		r.CIDR = p.Masked().String()
		if p.Bits() == 0 {
			r.CIDR = ""
		}
	}
	return r, nil
}

// difference tells which wanted rules a group lacks, and the ids of those that it should not have.
func difference(have []rules.SecGroupRule, want []provider.Rule) (missing []provider.Rule, extra []string) {
	for _, w := range want {
		if !slices.Contains(missing, w) {
			missing = append(missing, w)
		}
	}
	for _, h := range have {
		if h.Direction != string(rules.DirIngress) {
			continue
		}
		r := provider.Rule{Protocol: h.Protocol, FromPort: h.PortRangeMin, ToPort: h.PortRangeMax, CIDR: h.RemoteIPPrefix}
		if r.CIDR == "0.0.0.0/0" {
			r.CIDR = ""
		}
		i := slices.Index(missing, r)
		if i < 0 || h.EtherType != string(rules.EtherType4) || h.RemoteGroupID != "" || h.RemoteAddressGroupID != "" {
			extra = append(extra, h.ID)
			continue
		}
		missing = slices.Delete(missing, i, i+1)
	}
	return missing, extra
}
