package openstack

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/openstack/openstacktest"
)

// TestLabDiscover adopts what a plain user of the cloud has made, and expects its services to tell the same of it as before.
func TestLabDiscover(t *testing.T) {
	d := labDriver(t)
	f := openstacktest.BrownField(t)
	ctx := t.Context()
	began := time.Now()
	look, err := d.Discover(ctx, "lab-region")
	require.NoError(t, err)
	t.Logf("%d objects in %s", len(look.Found), time.Since(began).Round(time.Millisecond))
	require.Empty(t, look.Failed)
	of := func(kind, backend string) provider.Found {
		t.Helper()
		i := slices.IndexFunc(look.Found, func(x provider.Found) bool { return x.Kind == kind && x.Backend == backend })
		require.GreaterOrEqual(t, i, 0, "%s %s", kind, backend)
		return look.Found[i]
	}
	backends := map[string]string{"server": f.Server, "volume": f.Volume, "network": f.Network, "image": f.Image}
	for kind, backend := range backends {
		require.True(t, look.Read[kind])
		require.Empty(t, of(kind, backend).PlazaID)
	}
	server := of("server", f.Server)
	require.Equal(t, "Mail Server", server.Name)
	require.Equal(t, f.TenantName, server.TenantName)
	require.Equal(t, provider.Facts{State: "ACTIVE", Power: provider.PowerRunning, VCPUs: 1, MemoryMiB: 96, SizeGiB: 1, Image: f.Image, Volumes: []string{f.Volume},
		Cards: []provider.Card{{Network: f.Network, MAC: f.MAC, Address: f.Address}}}, server.Facts)
	require.Equal(t, []string{f.Server}, of("volume", f.Volume).AttachedTo)
	lan := of("network", f.Network)
	require.Equal(t, "10.99.7.0/24", lan.CIDR)
	require.Equal(t, "10.99.7.1", lan.Gateway)
	require.Contains(t, lan.InUse, f.Address)
	require.False(t, lan.Routed)
	require.Equal(t, "public", of("image", f.Image).Visibility)

	before, project := f.Witness(), uuid.NewString()
	ids := map[string]string{}
	require.NoError(t, d.AdoptTenant(ctx, "", f.Tenant, project))
	require.NoError(t, d.AdoptTenant(ctx, "", f.Tenant, project), "twice")
	require.Equal(t, provider.ReasonConflict, provider.ReasonOf(d.AdoptTenant(ctx, "", f.Tenant, uuid.NewString())))
	for kind, backend := range backends {
		ids[kind] = uuid.NewString()
		for range 2 {
			found, err := d.Adopt(ctx, "", kind, backend, ids[kind])
			require.NoError(t, err, kind)
			require.Equal(t, ids[kind], found.PlazaID)
		}
		_, err := d.Adopt(ctx, "", kind, backend, uuid.NewString())
		require.Equal(t, provider.ReasonConflict, provider.ReasonOf(err), kind)
		_, err = d.Adopt(ctx, "", kind, uuid.NewString(), uuid.NewString())
		require.Equal(t, provider.ReasonNotFound, provider.ReasonOf(err), "%s: %v", kind, err)
	}
	require.Equal(t, before, f.Witness(), "labels alone")
	tags, meta, network := f.Labels()
	require.ElementsMatch(t, []string{"billing", idTag(ids["server"])}, tags)
	require.Equal(t, "finance", meta["owner"])
	require.Equal(t, []string{idTag(ids["network"])}, network)

	st, err := d.GetServer(ctx, "", ids["server"])
	require.NoError(t, err)
	require.Equal(t, provider.PowerRunning, st.Power)
	require.Equal(t, ids["volume"], st.Disks[len(st.Disks)-1].Volume)
	v, err := d.GetVolume(ctx, "", ids["volume"])
	require.NoError(t, err)
	require.Equal(t, ids["server"], v.AttachedTo)
	n, err := d.GetNetwork(ctx, "", ids["network"])
	require.NoError(t, err)
	require.Equal(t, provider.NetState{ID: ids["network"], Host: "lab-region", Bridge: f.Network, DHCP: true}, n)
	nets, err := d.ListNetworks(ctx, "")
	require.NoError(t, err)
	require.Contains(t, nets, n)
	require.Equal(t, before, f.Witness(), "a look changes nothing")

	// It is Plaza's from now on: its verbs work in the tenant's project, and new servers stand beside the old one.
	st, err = d.ActOnServer(ctx, "", ids["server"], provider.VerbKill)
	require.NoError(t, err)
	require.Equal(t, provider.PowerStopped, st.Power)
	require.NoError(t, d.DetachVolume(ctx, "", ids["server"], ids["volume"]))
	beside := provider.Server{ID: uuid.NewString(), Name: "beside", Project: project, VCPUs: 1, MemoryMiB: 96, Power: provider.PowerRunning,
		Disks:      []provider.Disk{{Image: ids["image"], SizeGiB: 1}, {Volume: ids["volume"]}},
		Interfaces: []provider.Interface{{Network: ids["network"], MAC: "52:54:00:99:07:63", Address: "10.99.7.99"}}}
	t.Cleanup(func() { require.NoError(t, d.DeleteServer(context.Background(), "", beside.ID)) })
	st, err = d.EnsureServer(ctx, "", beside)
	require.NoError(t, err)
	require.Equal(t, provider.PowerRunning, st.Power)
	require.NoError(t, d.DeleteServer(ctx, "", beside.ID))

	for _, kind := range []string{"volume", "image", "network"} {
		require.NoError(t, d.Release(ctx, "", kind, backends[kind], uuid.NewString()), "another id is left alone")
		require.NoError(t, d.Release(ctx, "", kind, backends[kind], ids[kind]))
		require.NoError(t, d.Release(ctx, "", kind, backends[kind], ids[kind]), "twice")
	}
	_, err = d.GetVolume(ctx, "", ids["volume"])
	require.True(t, provider.IsNotFound(err), "%v", err)
	require.NoError(t, d.DeleteServer(ctx, "", ids["server"]))
	look, err = d.Discover(ctx, "")
	require.NoError(t, err)
	require.False(t, slices.ContainsFunc(look.Found, func(x provider.Found) bool { return x.Backend == f.Server }))
	require.Empty(t, of("volume", f.Volume).PlazaID)
	require.Empty(t, of("network", f.Network).PlazaID)
	require.Empty(t, of("image", f.Image).PlazaID)
}
