// Package cephtest finds the Ceph cluster that tests run against, and its stock clients that bear witness. Where the
// environment names no cluster, the tests that need one are skipped.
package cephtest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/providertest"
)

// Environment of the tests.
const (
	EnvConf      = "PLAZA_LAB_CEPH_CONF"  // configuration file with monitors and the admin's keyring
	EnvUser      = "PLAZA_LAB_CEPH_USER"  // client whose key the driver uses; admin without it
	EnvShell     = "PLAZA_LAB_CEPH_SHELL" // command that runs its last argument in a shell of a node of the cluster
	EnvEndpoint  = "PLAZA_LAB_RGW_ENDPOINT"
	EnvAccessKey = "PLAZA_LAB_RGW_ACCESS_KEY"
	EnvSecretKey = "PLAZA_LAB_RGW_SECRET_KEY" //nolint:gosec // the name of a variable
	EnvClass     = "PLAZA_LAB_CEPH_CLASS"     // a class of disks that three hosts have
)

// Conf is the cluster's configuration file; without one the test is skipped.
func Conf(t *testing.T) string {
	t.Helper()
	conf := os.Getenv(EnvConf)
	if conf == "" {
		t.Skip(EnvConf + " names no cluster")
	}
	return conf
}

// User is the client that the driver is to the cluster.
func User() string { return cmp.Or(os.Getenv(EnvUser), "admin") }

// Gateway is where the RADOS gateway is and an admin's keys to it; without one the test is skipped.
func Gateway(t *testing.T) (endpoint, accessKey, secretKey string) {
	t.Helper()
	endpoint = os.Getenv(EnvEndpoint)
	if endpoint == "" {
		t.Skip(EnvEndpoint + " names no RADOS gateway")
	}
	return endpoint, os.Getenv(EnvAccessKey), os.Getenv(EnvSecretKey)
}

// Options are those of the conformance suite, with a witness where there is a shell on a node.
func Options(place string) providertest.StorageOptions {
	opts := providertest.StorageOptions{Place: place, DeviceClass: os.Getenv(EnvClass), Together: true}
	if os.Getenv(EnvShell) == "" {
		return opts
	}
	opts.Witness = providertest.Witness{Volume: volume, Limit: limit, Hold: hold, Share: share, Enter: enter, Client: client, Pool: pool,
		Leftovers: leftovers, Bucket: bucket, User: user}
	return opts
}

// run executes a script on a node and returns what it prints.
func run(t *testing.T, script string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	words := append(strings.Fields(os.Getenv(EnvShell)), script)
	out, err := exec.CommandContext(ctx, words[0], words[1:]...).Output()
	return strings.TrimSpace(string(out)), err
}

func must(t *testing.T, script string) string {
	t.Helper()
	out, err := run(t, script)
	require.NoError(t, err, script)
	return out
}

// seek sets p to the pool that an image is in.
const seek = `for p in $(ceph osd pool ls detail | grep "application rbd" | cut -d"'" -f2); do rbd info "$p/plaza-%[1]s" >/dev/null 2>&1 && break; p=; done; `

func volume(t *testing.T, id string) (int64, bool) {
	t.Helper()
	out := must(t, fmt.Sprintf(seek+`[ -z "$p" ] || rbd info --format json "$p/plaza-%[1]s"`, id))
	if out == "" {
		return 0, false
	}
	var info struct {
		Size int64 `json:"size"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &info))
	require.Equal(t, id, must(t, fmt.Sprintf(seek+`rbd image-meta get "$p/plaza-%[1]s" plaza-id`, id)))
	return info.Size, true
}

func limit(t *testing.T, id string) int64 {
	t.Helper()
	var n int64
	_, err := fmt.Sscan(must(t, fmt.Sprintf(seek+`rbd config image get "$p/plaza-%[1]s" rbd_qos_iops_limit 2>/dev/null || echo 0`, id)), &n)
	require.NoError(t, err)
	return n
}

func hold(t *testing.T, id string) func() {
	t.Helper()
	pid := must(t, fmt.Sprintf(seek+`setsid sh -c "sleep 120 | rbd watch $p/plaza-%[1]s" </dev/null >/dev/null 2>&1 & echo $!
for i in $(seq 50); do rbd status "$p/plaza-%[1]s" | grep -q watcher= && break; sleep 0.2; done`, id))
	return func() { must(t, "kill -- -"+pid) }
}

func share(t *testing.T, id string) (string, bool) {
	t.Helper()
	out := must(t, fmt.Sprintf(`for f in $(ceph fs ls | sed 's/^name: \([^,]*\).*/\1/'); do
for g in $(ceph fs subvolumegroup ls $f | grep -o '"plaza-[^"]*"' | tr -d '"'); do
ceph fs subvolume getpath $f plaza-%s --group_name $g 2>/dev/null; done; done; true`, id))
	return out, out != ""
}

func enter(t *testing.T, st provider.ShareState, g provider.AccessGrant, script string) (string, error) {
	t.Helper()
	return run(t, fmt.Sprintf(`d=$(mktemp -d); mkdir $d/m; printf '[%[1]s]\n\tkey = %[2]s\n' >$d/k
timeout 60 ceph-fuse -n %[1]s -k $d/k -m %[3]s -r %[4]s --client_fs %[5]s $d/m >/dev/null 2>&1 || { rm -r $d; exit 90; }
(cd $d/m && %[6]s); rc=$?; sync; umount $d/m; rm $d/k; rmdir $d/m $d; exit $rc`, g.Client, g.Key, strings.Join(st.Monitors, ","), st.Path, st.FS, script))
}

func client(t *testing.T, name string) bool {
	t.Helper()
	_, err := run(t, "ceph auth get-key "+name)
	return err == nil
}

func pool(t *testing.T, name string) int {
	t.Helper()
	var n int
	_, err := fmt.Sscanf(must(t, "ceph osd pool get "+name+" size 2>/dev/null || echo size: 0"), "size: %d", &n)
	require.NoError(t, err)
	return n
}

func leftovers(t *testing.T) []string {
	t.Helper()
	return strings.Split(must(t, `{ ceph osd crush rule ls; ceph osd erasure-code-profile ls; ceph osd pool ls; ceph auth ls 2>/dev/null
for f in $(ceph fs ls | sed 's/^name: \([^,]*\).*/\1/'); do ceph fs subvolumegroup ls $f; done
for p in $(ceph osd pool ls); do rbd ls $p 2>/dev/null; done
radosgw-admin user list; radosgw-admin bucket list; } | grep -o -e 'plaza-[^"]*' -e 'conformance-[^"]*' | sort`+" || true"), "\n")
}

func bucket(t *testing.T, name string) (int64, bool) {
	t.Helper()
	out, err := run(t, "radosgw-admin bucket stats --bucket="+name)
	if err != nil {
		return 0, false
	}
	var stats struct {
		Usage map[string]struct {
			Objects int64 `json:"num_objects"`
		} `json:"usage"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &stats))
	return stats.Usage["rgw.main"].Objects, true
}

func user(t *testing.T, name string) bool {
	t.Helper()
	_, err := run(t, "radosgw-admin user info --uid="+name)
	return err == nil
}
