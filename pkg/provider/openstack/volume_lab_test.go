package openstack

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/qos"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumetypes"
	"github.com/stretchr/testify/require"
	"libvirt.org/go/libvirtxml"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/providertest"
)

// rbdContent reads and writes volumes in Ceph, from the lab's control node.
type rbdContent struct{ d *Driver }

// labContent is nil where the lab's node and its key are not named, or where volumes are not on Ceph.
func labContent(d *Driver, nfs bool) providertest.Content {
	if nfs || os.Getenv("LAB_KEY") == "" || os.Getenv("LAB_CONTROL_IP") == "" {
		return nil
	}
	return rbdContent{d}
}

// ssh runs a command on a node of the lab.
func ssh(t *testing.T, address, command, input string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ssh", "-i", os.Getenv("LAB_KEY"), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", //nolint:gosec // a node of the lab
		"root@"+address, command)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return strings.TrimSpace(string(out))
}

func (c rbdContent) python(t *testing.T, volume, script string) string {
	t.Helper()
	v, err := c.d.findVolume(t.Context(), volume)
	require.NoError(t, err)
	return ssh(t, os.Getenv("LAB_CONTROL_IP"), "python3 -", fmt.Sprintf(`import rados, rbd
cluster = rados.Rados(conffile="/etc/ceph/ceph.conf")
cluster.connect()
image = rbd.Image(cluster.open_ioctx("volumes"), "volume-%s")
%s
image.close()
`, v.ID, script))
}

func (c rbdContent) Fill(t *testing.T, volume string, value byte) {
	t.Helper()
	c.python(t, volume, fmt.Sprintf("image.write(bytes([%d]) * (1 << 20), 0)\nimage.flush()", value))
}

func (c rbdContent) Value(t *testing.T, volume string) byte {
	t.Helper()
	var value byte
	out := c.python(t, volume, "data = image.read(0, 1 << 20)\nassert len(data) == 1 << 20 == data.count(data[:1]), 'bytes differ'\nprint(data[0])")
	_, err := fmt.Sscan(out, &value)
	require.NoError(t, err, out)
	return value
}

// Bound reads the definition that Nova gave libvirt.
func (c rbdContent) Bound(t *testing.T, server, volume string) provider.QoS {
	t.Helper()
	v, err := c.d.findVolume(t.Context(), volume)
	require.NoError(t, err)
	st, err := c.d.GetServer(t.Context(), "", server)
	require.NoError(t, err)
	s, err := c.d.findServer(t.Context(), server)
	require.NoError(t, err)
	at := slices.Index(strings.Fields(os.Getenv("LAB_COMPUTES")), st.Node)
	require.GreaterOrEqual(t, at, 0, st.Node)
	var def libvirtxml.Domain
	require.NoError(t, def.Unmarshal(ssh(t, strings.Fields(os.Getenv("LAB_COMPUTE_IPS"))[at], "virsh dumpxml --inactive "+s.ID, "")))
	for _, x := range def.Devices.Disks {
		if x.Serial != v.ID {
			continue
		}
		if x.IOTune == nil {
			return provider.QoS{}
		}
		return provider.QoS{IOPS: int64(x.IOTune.TotalIopsSec), BytesPerSecond: int64(x.IOTune.TotalBytesSec)} //nolint:gosec // they fit
	}
	require.Fail(t, "the volume is not in the domain")
	return provider.QoS{}
}

// dropType removes the volume type that the suite's tier left, and its bounds: as sizes of servers do, they stay by design.
func dropType(t *testing.T, d *Driver, tier string) {
	t.Helper()
	ctx := context.Background()
	c, err := d.cloud.client(ctx, volume, "")
	require.NoError(t, err)
	types, err := pages(ctx, volumetypes.List(c, volumetypes.ListOpts{IsPublic: "None"}), volumetypes.ExtractVolumeTypes)
	require.NoError(t, err)
	for _, x := range types {
		if x.ExtraSpecs[specTier] == tier {
			require.NoError(t, volumetypes.Delete(ctx, c, x.ID).ExtractErr())
		}
	}
	bounds, err := pages(ctx, qos.List(c, qos.ListOpts{}), qos.ExtractQoS)
	require.NoError(t, err)
	for _, x := range bounds {
		if x.Name == "plaza-"+tier {
			require.NoError(t, qos.Delete(ctx, c, x.ID, qos.DeleteOpts{}).ExtractErr())
		}
	}
}
