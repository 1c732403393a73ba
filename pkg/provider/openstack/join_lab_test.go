package openstack

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/routers"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// TestLabRouterCutOff ends calls in their middle, as the end of a plazad would, and expects the routes of each network's
// own router to be exactly those to the networks that are joined in the end.
func TestLabRouterCutOff(t *testing.T) {
	t.Parallel()
	last := labDriver(t)
	id := func() string { return uuid.Must(uuid.NewV7()).String() }
	r := provider.Router{ID: id(), Name: "cutoff"}
	r.Project = "routed-" + r.ID[24:32]
	var nets []provider.Net
	t.Cleanup(func() {
		ctx := context.Background()
		require.NoError(t, last.DeleteRouter(ctx, last.set.Place, r.ID))
		for _, n := range nets {
			require.NoError(t, last.DeleteNetwork(ctx, last.set.Place, n.ID))
		}
		requireNothingLeft(t, last, r.Project, r.ID)
		tenant, err := last.tenant(ctx, r.Project)
		require.NoError(t, err)
		c, err := last.cloud.client(ctx, identity, "")
		require.NoError(t, err)
		require.NoError(t, projects.Delete(ctx, c, tenant).ExtractErr())
	})
	for i, egress := range []string{"nat", "none", "none"} {
		n := provider.Net{ID: id(), Name: fmt.Sprint("cutoff", i), Project: r.Project, CIDR: fmt.Sprintf("10.22%d.0.0/24", i), Gateway: fmt.Sprintf("10.22%d.0.1", i), Egress: egress}
		nets = append(nets, n)
		_, err := last.EnsureNetwork(t.Context(), last.set.Place, n)
		require.NoError(t, err)
		r.Networks = append(r.Networks, n.ID)
	}
	ensure := func(ctx context.Context, d *Driver) error {
		_, err := d.EnsureRouter(ctx, d.set.Place, r)
		return err
	}
	cutOff(t, ensure)
	requireRoutes(t, last, nets, map[int][]int{0: {1, 2}, 1: {0, 2}, 2: {0, 1}})
	r.Networks = []string{nets[0].ID, nets[2].ID}
	cutOff(t, ensure)
	requireRoutes(t, last, nets, map[int][]int{0: {2}, 2: {0}})
	nets[2].Egress = "nat"
	cutOff(t, func(ctx context.Context, d *Driver) error {
		_, err := d.EnsureNetwork(ctx, d.set.Place, nets[2])
		return err
	})
	requireRoutes(t, last, nets, map[int][]int{0: {2}, 2: {0}})
	cutOff(t, func(ctx context.Context, d *Driver) error { return d.DeleteRouter(ctx, d.set.Place, r.ID) })
	requireRoutes(t, last, nets, map[int][]int{0: nil, 2: nil})
}

// requireRoutes compares which others each network's own router leads to. One that is not named has no router.
func requireRoutes(t *testing.T, d *Driver, nets []provider.Net, want map[int][]int) {
	t.Helper()
	c, err := d.cloud.client(t.Context(), network, "")
	require.NoError(t, err)
	for i, n := range nets {
		found, err := netsOf(t.Context(), c, networks.ListOpts{Description: idTag(n.ID)})
		require.NoError(t, err)
		require.Len(t, found, 1)
		own, err := routersOf(t.Context(), c, n.ID)
		require.NoError(t, err)
		others, named := want[i]
		if !named {
			require.Empty(t, own)
			continue
		}
		require.Len(t, own, 1)
		leg, err := legOf(t.Context(), c, found[0].ID)
		require.NoError(t, err)
		var routes []routers.Route
		for _, o := range others {
			routes = append(routes, routers.Route{DestinationCIDR: nets[o].CIDR, NextHop: leg.FixedIPs[0].IPAddress})
		}
		require.ElementsMatch(t, routes, own[0].Routes)
	}
}
