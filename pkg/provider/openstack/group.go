package openstack

import (
	"context"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servergroups"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/plazacloud/plaza/pkg/provider"
)

var policies = map[string]string{"soft": "soft-anti-affinity", "hard": "anti-affinity"}

// planGroup asks Nova's scheduler to keep the servers of a group apart. The group is made by its first server, and is
// named for its policy too, as Nova's groups never change theirs.
func (d *Driver) planGroup(ctx context.Context, c *gophercloud.ServiceClient, want provider.Server) (servers.SchedulerHintOptsBuilder, error) {
	policy := policies[want.AntiAffinity]
	if want.Group == "" || policy == "" {
		return nil, nil
	}
	name := "plaza-" + want.Group + "-" + want.AntiAffinity
	unlock, err := d.locks.lock(ctx, "group/"+name)
	if err != nil {
		return nil, err
	}
	defer unlock()
	pages, err := servergroups.List(c, servergroups.ListOpts{}).AllPages(ctx)
	if err != nil {
		return nil, mapped("list server groups", err)
	}
	groups, err := servergroups.ExtractServerGroups(pages)
	if err != nil {
		return nil, mapped("list server groups", err)
	}
	for _, g := range groups {
		if g.Name == name {
			return servers.SchedulerHintOpts{Group: g.ID}, nil
		}
	}
	made, err := servergroups.Create(ctx, c, servergroups.CreateOpts{Name: name, Policy: policy}).Extract()
	if err != nil {
		return nil, mapped("make server group", err)
	}
	return servers.SchedulerHintOpts{Group: made.ID}, nil
}

// leaveGroups removes the server's groups that have nobody left.
func (d *Driver) leaveGroups(ctx context.Context, s *servers.Server) error {
	if s == nil || s.ServerGroups == nil {
		return nil
	}
	c, err := d.compute(ctx, s)
	if err != nil {
		return err
	}
	for _, id := range *s.ServerGroups {
		g, err := servergroups.Get(ctx, c, id).Extract()
		if err != nil || len(g.Members) > 0 {
			continue // somebody else's matter
		}
		if err := absentIsFine(mapped("delete server group", servergroups.Delete(ctx, c, id).ExtractErr())); err != nil {
			return err
		}
	}
	return nil
}
