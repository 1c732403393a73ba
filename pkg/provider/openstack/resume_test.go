package openstack

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/provider"
)

// cutOff makes a call by drivers with nothing in memory, each with more time than the one before, until one gets through.
func cutOff(t *testing.T, call func(ctx context.Context, d *Driver) error) {
	t.Helper()
	for limit := 300 * time.Millisecond; ; limit = limit * 4 / 3 {
		d := labDriver(t) // a new process
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		err := call(ctx, d)
		cancel()
		if err == nil {
			return
		}
		// Unavailable: the cloud is still at what the last call had asked for.
		require.Contains(t, []provider.Reason{provider.ReasonTimeout, provider.ReasonUnavailable, provider.ReasonUnderWay}, provider.ReasonOf(err), "cut after %s: %v", limit, err)
		require.Less(t, limit, 10*time.Minute, err)
	}
}

// TestLabCutOff ends calls in their middle, as the end of a plazad would: drivers with nothing in memory go on, and there
// is one server with one card, one volume, one network and one image in the end.
func TestLabCutOff(t *testing.T) {
	t.Parallel()
	guest := libvirttest.Guest(t)
	project := "cutoff-" + guest.ID[:8]
	id := func() string { return uuid.Must(uuid.NewV7()).String() }
	lan := provider.Net{ID: id(), Name: "cutoff", Project: project, CIDR: "10.214.0.0/24", Gateway: "10.214.0.1", Egress: "nat",
		Publish: []provider.Publish{{Address: "10.214.0.9", Port: 80}}}
	vol := provider.Volume{ID: id(), Name: "cutoff", Project: project, SizeGiB: 1}
	want := provider.Server{ID: id(), Name: "cutoff", Project: project, VCPUs: 1, MemoryMiB: 128, Power: provider.PowerRunning,
		Disks: []provider.Disk{{Image: guest.ID}, {Volume: vol.ID}}, Boot: provider.Boot{Image: guest.ID},
		Interfaces: []provider.Interface{{Network: lan.ID, MAC: "52:54:00:d6:00:09", Address: "10.214.0.9", Rules: []provider.Rule{{Protocol: "tcp", FromPort: 80, ToPort: 80}}}}}
	last := labDriver(t)
	t.Cleanup(func() {
		ctx := context.Background()
		require.NoError(t, last.DeleteServer(ctx, "", want.ID))
		require.NoError(t, last.DeleteVolume(ctx, "", vol.ID))
		require.NoError(t, last.DeleteNetwork(ctx, "", lan.ID))
		require.NoError(t, last.DeleteImage(ctx, "", guest.ID))
		requireNothingLeft(t, last, project, guest.ID)
		tenant, err := last.tenant(ctx, project)
		require.NoError(t, err)
		c, err := last.cloud.client(ctx, identity, "")
		require.NoError(t, err)
		require.NoError(t, projects.Delete(ctx, c, tenant).ExtractErr())
	})
	cutOff(t, func(ctx context.Context, d *Driver) error { _, err := d.EnsureImage(ctx, "", guest); return err })
	cutOff(t, func(ctx context.Context, d *Driver) error { _, err := d.EnsureNetwork(ctx, "", lan); return err })
	cutOff(t, func(ctx context.Context, d *Driver) error { _, err := d.EnsureVolume(ctx, "", vol); return err })
	cutOff(t, func(ctx context.Context, d *Driver) error { _, err := d.EnsureServer(ctx, "", want); return err })
	cutOff(t, func(ctx context.Context, d *Driver) error { _, err := d.EnsureNetwork(ctx, "", lan); return err })

	all, err := last.serversOf(t.Context(), want.ID)
	require.NoError(t, err)
	require.Len(t, all, 1)
	c, err := last.cloud.client(t.Context(), network, "")
	require.NoError(t, err)
	cards, err := portsOf(t.Context(), c, ports.ListOpts{Description: idTag(want.ID)})
	require.NoError(t, err)
	require.Len(t, cards, 1)
	volumes, err := last.volumesOf(t.Context(), vol.ID)
	require.NoError(t, err)
	require.Len(t, volumes, 1)
	net, err := last.GetNetwork(t.Context(), "", lan.ID)
	require.NoError(t, err)
	require.Len(t, net.Publish, 1)
	images, err := last.cloud.client(t.Context(), image, "")
	require.NoError(t, err)
	have, err := parts(t.Context(), images, guest.ID)
	require.NoError(t, err)
	for _, part := range []string{partDisk, partKernel, partInitrd} {
		require.Len(t, have[part], 1, part)
	}
	st, err := last.GetServer(t.Context(), "", want.ID)
	require.NoError(t, err)
	require.Equal(t, provider.PowerRunning, st.Power)
	require.Len(t, st.Disks, 2)
}
