package openstack

import (
	"context"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servergroups"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/plazacloud/plaza/pkg/provider"
)

// planGroup tells Nova's scheduler the server's group. The group is made by its first server and found by its name, as
// Nova's groups have neither tags nor descriptions.
func (d *Driver) planGroup(ctx context.Context, c *gophercloud.ServiceClient, want provider.Server) (servers.SchedulerHintOptsBuilder, error) {
	if want.Group == nil {
		return nil, nil
	}
	name := idTag(want.Group.ID)
	unlock, err := d.locks.Lock(ctx, "group/"+name)
	if err != nil {
		return nil, err
	}
	defer unlock()
	have, err := serverGroupsOf(ctx, c, false, want.Group.ID)
	if err != nil {
		return nil, err
	}
	if len(have) > 0 {
		return servers.SchedulerHintOpts{Group: have[0].ID}, nil
	}
	made, err := servergroups.Create(ctx, c, servergroups.CreateOpts{Name: name, Policy: want.Group.Policy}).Extract()
	if isCode(err, http.StatusBadRequest) {
		return nil, provider.Errorf(provider.ReasonInvalid, "use a policy that the region knows", "policy %s: %w", want.Group.Policy, mapped("make server group", err))
	}
	if err != nil {
		return nil, mapped("make server group", err)
	}
	return servers.SchedulerHintOpts{Group: made.ID}, nil
}

// serverGroupsOf are Nova's groups of a group of Plaza, within the client's project or in all of them. After a maker that was cut
// off there may be two: the one with servers comes first.
func serverGroupsOf(ctx context.Context, c *gophercloud.ServiceClient, everywhere bool, id string) ([]servergroups.ServerGroup, error) {
	pages, err := servergroups.List(c, allGroups(everywhere)).AllPages(ctx)
	if err != nil {
		return nil, mapped("list server groups", err)
	}
	all, err := servergroups.ExtractServerGroups(pages)
	if err != nil {
		return nil, mapped("list server groups", err)
	}
	var ours []servergroups.ServerGroup
	for _, g := range all {
		switch {
		case g.Name != idTag(id):
		case len(g.Members) > 0:
			ours = append([]servergroups.ServerGroup{g}, ours...)
		default:
			ours = append(ours, g)
		}
	}
	return ours, nil
}

// allGroups is servergroups.ListOpts with what that does not know: the groups of every project.
type allGroups bool

func (o allGroups) ToServerListQuery() (string, error) {
	if o {
		return "?all_projects=true", nil
	}
	return "", nil
}

// DeleteServerGroup removes the group from Nova; Conflict while it has servers.
func (d *Driver) DeleteServerGroup(ctx context.Context, place, id string) error {
	if err := d.checkPlace(place); err != nil {
		return err
	}
	if !isID(id) {
		return nil
	}
	unlock, err := d.locks.Lock(ctx, "group/"+idTag(id))
	if err != nil {
		return err
	}
	defer unlock()
	c, err := d.cloud.client(ctx, compute, "")
	if err != nil {
		return err
	}
	have, err := serverGroupsOf(ctx, c, true, id)
	if err != nil {
		return err
	}
	for _, g := range have {
		for _, member := range g.Members { // Nova lists one for a while after it is gone
			if _, err := d.look(ctx, member); err == nil {
				return provider.Errorf(provider.ReasonConflict, "delete its servers first", "server group %s has servers, such as %s", id, member)
			} else if !provider.IsNotFound(err) {
				return err
			}
		}
		if err := absentIsFine(mapped("delete server group", servergroups.Delete(ctx, c, g.ID).ExtractErr())); err != nil {
			return err
		}
	}
	return nil
}
