package openstack

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"libvirt.org/go/libvirtxml"

	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/provider"
)

// TestLabEncryptedVolume writes to a volume of an encrypted tier through the QEMU of a running server, and looks for it in
// the storage of the region: in the volume and in a copy of it.
func TestLabEncryptedVolume(t *testing.T) {
	d := labDriver(t)
	nfs := overNFS(t, d)
	content, ok := labContent(d, nfs).(rbdContent)
	if !ok {
		t.Skip("volumes are looked at in Ceph")
	}
	newID := func() string { return uuid.Must(uuid.NewV7()).String() }
	tier, guest := "vault-"+newID()[30:], libvirttest.Guest(t)
	vol := provider.Volume{ID: newID(), Name: "books", Project: "encryption", SizeGiB: 1, Tier: tier, Encrypted: true}
	plain := provider.Volume{ID: newID(), Name: "leaflets", Project: "encryption", SizeGiB: 1}
	snap := provider.Snapshot{ID: newID(), Name: "evening", Project: "encryption", Volume: vol.ID}
	clone := provider.Volume{ID: newID(), Name: "copy", Project: "encryption", SizeGiB: 1, Tier: tier, Encrypted: true, Snapshot: snap.ID}
	s := provider.Server{ID: newID(), Name: "till", Project: "encryption", VCPUs: 1, MemoryMiB: 192, Disks: []provider.Disk{{Image: guest.ID}, {Volume: vol.ID}, {Volume: plain.ID}},
		Boot: provider.Boot{Image: guest.ID}, Power: provider.PowerRunning}
	t.Cleanup(func() {
		ctx := context.Background()
		require.NoError(t, d.DeleteServer(ctx, "", s.ID))
		require.NoError(t, d.DeleteVolume(ctx, "", clone.ID))
		require.NoError(t, d.DeleteSnapshot(ctx, "", snap.ID))
		require.NoError(t, d.DeleteVolume(ctx, "", vol.ID))
		require.NoError(t, d.DeleteVolume(ctx, "", plain.ID))
		require.NoError(t, d.DeleteImage(ctx, "", guest.ID))
		requireNothingLeft(t, d, "encryption", guest.ID)
		dropType(t, d, tier)
	})
	_, err := d.EnsureImage(t.Context(), "", guest)
	require.NoError(t, err)
	for _, v := range []provider.Volume{vol, plain} {
		st, err := d.EnsureVolume(t.Context(), "", v)
		require.NoError(t, err)
		require.Equal(t, v.Encrypted, st.Encrypted)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	st, err := d.EnsureServer(ctx, "", s)
	require.NoError(t, err)
	require.Equal(t, provider.PowerRunning, st.Power)
	const letter = 0x5e
	for _, v := range []provider.Volume{vol, plain} {
		writeInside(t, d, st, v, letter)
	}
	_, err = d.EnsureSnapshot(t.Context(), "", snap)
	require.NoError(t, err)
	_, err = d.EnsureVolume(t.Context(), "", clone)
	require.NoError(t, err)

	count := fmt.Sprintf("print(image.read(0, 4) == b'LUKS', sum(image.read(i << 20, 1 << 20).count(bytes([%d]) * 4096) for i in range(8)))", letter)
	require.Equal(t, "False 256", content.python(t, plain.ID, count), "it is seen where nothing is encrypted")
	require.Equal(t, "True 0", content.python(t, vol.ID, count))
	require.Equal(t, "True 0", content.python(t, clone.ID, count))
}

// writeInside lets the server's QEMU write the first MiB of a volume, as its guest would.
func writeInside(t *testing.T, d *Driver, st provider.ServerState, of provider.Volume, value byte) {
	t.Helper()
	v, err := d.findVolume(t.Context(), of.ID)
	require.NoError(t, err)
	s, err := d.findServer(t.Context(), st.ID)
	require.NoError(t, err)
	at := slices.Index(strings.Fields(os.Getenv("LAB_COMPUTES")), st.Node)
	require.GreaterOrEqual(t, at, 0, st.Node)
	node := strings.Fields(os.Getenv("LAB_COMPUTE_IPS"))[at]
	var def libvirtxml.Domain
	require.NoError(t, def.Unmarshal(ssh(t, node, "virsh dumpxml "+s.ID, "")))
	i := slices.IndexFunc(def.Devices.Disks, func(x libvirtxml.DomainDisk) bool { return x.Serial == v.ID })
	require.GreaterOrEqual(t, i, 0, "the volume is in the domain")
	disk := def.Devices.Disks[i]
	require.Equal(t, of.Encrypted, disk.Source.Encryption != nil || disk.Encryption != nil)
	said := ssh(t, node, fmt.Sprintf(`virsh qemu-monitor-command --hmp %s 'qemu-io -d /machine/peripheral/%s/virtio-backend "write -P %d 0 1M"'`, s.ID, disk.Alias.Name, value), "")
	require.Empty(t, said, "QEMU says here what was wrong")
}
