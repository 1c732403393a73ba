package openstack

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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

func (c rbdContent) python(t *testing.T, volume, script string) string {
	t.Helper()
	v, err := c.d.findVolume(t.Context(), volume)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "ssh", "-i", os.Getenv("LAB_KEY"), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", //nolint:gosec // a node of the lab
		"root@"+os.Getenv("LAB_CONTROL_IP"), "python3", "-")
	cmd.Stdin = strings.NewReader(fmt.Sprintf(`import rados, rbd
cluster = rados.Rados(conffile="/etc/ceph/ceph.conf")
cluster.connect()
image = rbd.Image(cluster.open_ioctx("volumes"), "volume-%s")
%s
image.close()
`, v.ID, script))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return strings.TrimSpace(string(out))
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
