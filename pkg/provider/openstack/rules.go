package openstack

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/rules"

	"github.com/plazacloud/plaza/pkg/provider"
)

// rulesLabel is the description of the security groups of cards.
const rulesLabel = "plaza-rules"

// rulesName is the security group of all cards of a project that have these rules. One for each card would be three of
// Neutron's slowest requests for every server.
func rulesName(sorted []provider.Rule) string {
	sum := sha256.Sum256(fmt.Append(nil, sorted))
	return rulesLabel + "-" + hex.EncodeToString(sum[:12])
}

// ensureRules finds or makes the project's security group with these rules, and keeps it equal to them; what a group may
// send is Neutron's default, everything. One that is remembered is taken as it is by hurried callers: a later pass looks.
func (d *Driver) ensureRules(ctx context.Context, c *gophercloud.ServiceClient, project string, want []provider.Rule, hurried bool) (string, error) {
	wanted, err := normalised(want)
	if err != nil {
		return "", err
	}
	name := rulesName(wanted)
	remembered := func() string { return d.ids.backendOf("rules", project+"/"+name) }
	if id := remembered(); hurried && id != "" {
		return id, nil
	}
	unlock, err := d.locks.Lock(ctx, "rules/"+project+"/"+name)
	if err != nil {
		return "", err
	}
	defer unlock()
	if id := remembered(); hurried && id != "" {
		return id, nil
	}
	found, err := groupsOf(ctx, c, groups.ListOpts{ProjectID: project, Name: name})
	if err != nil {
		return "", err
	}
	var g *groups.SecGroup
	if len(found) > 0 {
		g = &found[0]
	} else {
		g, err = groups.Create(ctx, c, groups.CreateOpts{Name: name, Description: rulesLabel, ProjectID: project}).Extract()
		if err != nil {
			return "", mapped("make security group", err)
		}
	}
	if err := mend(ctx, c, project, g, wanted); err != nil {
		return "", err
	}
	d.ids.put("rules", g.ID, project+"/"+name)
	return g.ID, nil
}

// mend gives a group the rules that it lacks and takes those that it should not have.
func mend(ctx context.Context, c *gophercloud.ServiceClient, project string, g *groups.SecGroup, wanted []provider.Rule) error {
	missing, extra := difference(g.Rules, wanted)
	if err := allow(ctx, c, project, g.ID, missing); err != nil {
		return err
	}
	for _, id := range extra {
		if err := absentIsFine(mapped("delete rule", rules.Delete(ctx, c, id).ExtractErr())); err != nil {
			return err
		}
	}
	return nil
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

func groupsOf(ctx context.Context, c *gophercloud.ServiceClient, opts groups.ListOpts) ([]groups.SecGroup, error) {
	opts.SortKey, opts.SortDir = "id", "asc"
	pages, err := groups.List(c, opts).AllPages(ctx)
	if err != nil {
		return nil, mapped("list security groups", err)
	}
	all, err := groups.ExtractGroups(pages)
	return all, mapped("list security groups", err)
}

// dropRules deletes those of the groups that are of cards and that no card has any more. When one was, what a call that was
// cut off has left behind in the project goes, too. Whoever was about to use a group makes it anew.
func (d *Driver) dropRules(ctx context.Context, c *gophercloud.ServiceClient, project string, ids []string) error {
	last := false
	for _, id := range ids {
		if d.ids.plazaOf("rules", id) == "" {
			g, err := groups.Get(ctx, c, id).Extract()
			if isCode(err, http.StatusNotFound) || err == nil && g.Description != rulesLabel {
				continue
			}
			if err != nil {
				return mapped("look at security group", err)
			}
		}
		gone, err := d.dropGroup(ctx, c, id)
		if err != nil {
			return err
		}
		last = last || gone
	}
	if !last {
		return nil
	}
	return d.sweepRules(ctx, c, project)
}

// dropGroup deletes a group unless a card has it, and tells whether it did.
func (d *Driver) dropGroup(ctx context.Context, c *gophercloud.ServiceClient, id string) (bool, error) {
	d.ids.forget("rules", d.ids.plazaOf("rules", id))
	err := groups.Delete(ctx, c, id).ExtractErr()
	if isCode(err, http.StatusConflict) {
		return false, nil
	}
	return err == nil, absentIsFine(mapped("delete security group", err))
}

// sweepRules deletes the groups of cards that no port has, of one project or of all with "".
func (d *Driver) sweepRules(ctx context.Context, c *gophercloud.ServiceClient, project string) error {
	found, err := groupsOf(ctx, c, groups.ListOpts{ProjectID: project, Description: rulesLabel})
	if err != nil {
		return err
	}
	for _, g := range found {
		if _, err := d.dropGroup(ctx, c, g.ID); err != nil {
			return err
		}
	}
	return nil
}

// normalised are the rules in one order and without repetitions, so that the same ones have the same group.
func normalised(want []provider.Rule) ([]provider.Rule, error) {
	out := make([]provider.Rule, 0, len(want))
	for _, r := range want {
		w, err := normal(r)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	slices.SortFunc(out, func(a, b provider.Rule) int {
		return cmp.Or(strings.Compare(a.Protocol, b.Protocol), cmp.Compare(a.FromPort, b.FromPort), cmp.Compare(a.ToPort, b.ToPort), strings.Compare(a.CIDR, b.CIDR))
	})
	return slices.Compact(out), nil
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
