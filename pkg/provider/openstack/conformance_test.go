package openstack

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/schedulerstats"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servergroups"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/provider/providertest"
)

// TestLabConformance runs the suite that every driver passes, against a real cloud, and expects nothing to be left over.
func TestLabConformance(t *testing.T) {
	t.Parallel()
	d := labDriver(t)
	d.set.StopGrace = 15 * time.Second // a guest that is just booting does not hear the button
	guest := libvirttest.Guest(t)
	t.Cleanup(func() {
		require.NoError(t, d.DeleteImage(context.Background(), "", guest.ID))
		requireNothingLeft(t, d, "providertest", guest.ID)
		dropType(t, d, "conformance")
	})
	nfs := overNFS(t, d)
	providertest.Exercise(t, d, providertest.Options{
		Host: d.set.Place, Image: guest, Ready: libvirttest.ReadyMark, Probe: libvirttest.ProbeMark, Snapshots: true, Migrates: true, BootTimeout: 4 * time.Minute, Every: 3 * time.Second,
		GrowsDetached: nfs, Content: labContent(d, nfs), Leans: !nfs, Together: true,
	})
}

// overNFS tells whether volumes are files on NFS, whose driver in Cinder does not grow them while they are attached.
func overNFS(t *testing.T, d *Driver) bool {
	t.Helper()
	c, err := d.cloud.client(t.Context(), volume, "")
	require.NoError(t, err)
	pages, err := schedulerstats.List(c, schedulerstats.ListOpts{Detail: true}).AllPages(t.Context())
	require.NoError(t, err)
	pools, err := schedulerstats.ExtractStoragePools(pages)
	require.NoError(t, err)
	return slices.ContainsFunc(pools, func(p schedulerstats.StoragePool) bool {
		return strings.EqualFold(p.Capabilities.StorageProtocol, "nfs")
	})
}

// requireNothingLeft looks by the services' own lists. Flavors, and the project itself, stay.
func requireNothingLeft(t *testing.T, d *Driver, project, guest string) {
	t.Helper()
	ctx := context.Background()
	tenant, err := d.tenant(ctx, project)
	require.NoError(t, err)
	for _, list := range []struct {
		of         service
		path, what string
	}{
		{compute, "servers?all_tenants=1&project_id=" + tenant, "servers"},
		{volume, "volumes?all_tenants=1&project_id=" + tenant, "volumes"},
		{volume, "backups?all_tenants=1&project_id=" + tenant, "backups"},
		{volume, "snapshots?all_tenants=1&project_id=" + tenant, "snapshots"},
		{image, "images?owner=" + tenant, "images"},
		{image, "images?plaza_id=" + guest, "images"},
		{network, "networks?project_id=" + tenant, "networks"},
		{network, "ports?project_id=" + tenant, "ports"},
		{network, "routers?project_id=" + tenant, "routers"},
		{network, "floatingips?project_id=" + tenant, "floatingips"},
		{network, "security-groups?project_id=" + tenant, "security_groups"},
	} {
		c, err := d.cloud.client(ctx, list.of, "")
		require.NoError(t, err)
		var answer map[string]any
		_, err = c.Get(ctx, c.ServiceURL(list.path), &answer, nil)
		require.NoError(t, err, list.path)
		left, _ := answer[list.what].([]any)
		if list.what == "security_groups" { // each project has a default one
			require.LessOrEqual(t, len(left), 1, list.path)
			continue
		}
		require.Empty(t, left, list.path)
	}
	requireNoServerGroups(t, d, tenant)
}

func requireNoServerGroups(t *testing.T, d *Driver, tenant string) {
	t.Helper()
	c, err := d.cloud.client(context.Background(), compute, "")
	require.NoError(t, err)
	pages, err := servergroups.List(c, allGroups(true)).AllPages(context.Background())
	require.NoError(t, err)
	groups, err := servergroups.ExtractServerGroups(pages)
	require.NoError(t, err)
	require.False(t, slices.ContainsFunc(groups, func(g servergroups.ServerGroup) bool { return g.ProjectID == tenant }), groups)
}
