package lab

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/test/system/rig"
)

// addCluster makes the lab's Ceph a cluster of this plane, through an agent on this machine, and a tier of it: standard.
func (s *site) addCluster(t *testing.T) {
	t.Helper()
	agent, err := filepath.Abs("../../bin/plaza-agent-ceph") // what the lab was raised with
	require.NoError(t, err)
	dir := rig.Dir(t, "ceph")
	out, err := exec.Command(agent, "enrol", "--server", "http://"+s.Listen, "--token", s.EnrolToken(t), "--dir", dir, "--name", "ceph1", "--roles", "ceph").CombinedOutput() //nolint:gosec // our own program
	require.NoError(t, err, "%s", out)
	log, err := os.Create(filepath.Join(dir, "agent.log")) //nolint:gosec // as above
	require.NoError(t, err)
	run := exec.Command(agent, "run", "--dir", dir, "--roles", "ceph", "--ceph-conf", s.lab.env["LAB_CEPH_CONF"]) //nolint:gosec // as above
	run.Stdout, run.Stderr, run.SysProcAttr = log, log, &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, run.Start())
	require.NoError(t, log.Close())
	t.Cleanup(func() {
		_ = run.Process.Kill() // it may have ended by itself
		_ = run.Wait()
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("the agent of Ceph: %s", text[max(0, len(text)-2000):])
		}
	})
	rig.Within(t, time.Minute, func() error {
		for _, h := range s.List(t, "hosts") {
			if h.Name == "ceph1" && rig.Status(h, "status.alive") == "true" {
				return nil
			}
		}
		return fmt.Errorf("the agent of Ceph is not alive")
	})
	s.Create(t, "clusters", "", "main", m{"type": "ceph", "hosts": []string{"ceph1"}, "schedulable": true, "endpoint": s.lab.env["LAB_RGW_URL"],
		"accessKey": s.lab.env["LAB_RGW_ACCESS_KEY"], "secretKey": s.lab.env["LAB_RGW_SECRET_KEY"]})
	s.Create(t, "storagetiers", "", "standard", m{"clusters": []string{"main"}})
}

// lines are the words that a command prints on a node, each with the node's name.
func (l place) lines(t *testing.T, node, command string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, word := range strings.Fields(l.shell(t, node, command)) {
		out[word] = node
	}
	return out
}

// stock is what the backends hold by their own account: names of buckets, RBD images of volumes, and ids of domains.
type stock struct{ buckets, disks, domains map[string]string }

func (l place) stock(t *testing.T) stock {
	t.Helper()
	ceph := l.env["LAB_CEPH_NODE"]
	out := stock{l.lines(t, ceph, `radosgw-admin bucket list --format json | tr -d '[]",'`), l.lines(t, ceph, "rbd ls volumes"), map[string]string{}}
	for _, node := range strings.Fields(l.env["LAB_COMPUTES"]) {
		for id := range l.lines(t, node, "virsh list --all --uuid") {
			require.Empty(t, out.domains[id], "never two of one")
			out.domains[id] = node
		}
	}
	return out
}

// since is the stock without what was there before.
func (now stock) since(before stock) stock {
	for _, pair := range [][2]map[string]string{{now.buckets, before.buckets}, {now.disks, before.disks}, {now.domains, before.domains}} {
		for k := range pair[1] {
			delete(pair[0], k)
		}
	}
	return now
}

// agreeOnStorage compares buckets and shares with what radosgw-admin, an S3 client and ceph tell, and volumes of the region
// with what rbd does.
func (s *site) agreeOnStorage(t *testing.T, has stock) {
	t.Helper()
	var ours, theirs []string
	for _, o := range s.List(t, "buckets") {
		name := rig.Status(o, "status.bucket")
		require.Contains(t, has.buckets, name, "bucket %s", o.Name)
		delete(has.buckets, name)
		s.write(t, o.ID)
	}
	require.Empty(t, has.buckets, "buckets that Plaza does not know")
	paths := s.lab.lines(t, s.lab.env["LAB_CEPH_NODE"], "ceph fs subvolume ls cephfs --group_name plaza-"+s.project+` 2>/dev/null | tr -d '[]{}",' | sed 's/name://' || true`)
	for _, o := range s.List(t, "shares") {
		ours = append(ours, "plaza-"+o.ID)
	}
	for p := range paths {
		theirs = append(theirs, p)
	}
	require.ElementsMatch(t, ours, theirs, "shares and subvolumes")
	t.Logf("%d buckets and %d shares are the same for Plaza and for the cluster", len(s.List(t, "buckets")), len(ours))

	for _, row := range s.list(t, "volume", "") {
		require.Contains(t, has.disks, "volume-"+fmt.Sprint(row["ID"]), "%v", row)
		delete(has.disks, "volume-"+fmt.Sprint(row["ID"]))
	}
	require.Empty(t, has.disks, "disks of no volume")
}

// agreeOnGuests compares servers with the domains that virsh shows on each hypervisor.
func (s *site) agreeOnGuests(t *testing.T, has stock) {
	t.Helper()
	on := map[string]string{}
	for _, o := range s.List(t, "servers") {
		b, there := s.backend(t, o.ID)
		require.True(t, there, "server %s", o.Name)
		require.Equal(t, rig.Status(o, "status.node"), has.domains[b.ID], "server %s", o.Name)
		on[o.ID] = has.domains[b.ID]
		delete(has.domains, b.ID)
	}
	require.Empty(t, has.domains, "guests of no server")
	booked := map[string]string{}
	for _, e := range rig.Call[api.LedgerList](t, s.Client, http.MethodGet, "/v1/ledger?kind=server&limit=1000", nil).Items {
		booked[e.ID] = e.Machine
	}
	require.Equal(t, on, booked, "the ledger tells each server on the machine where virsh has its guest")
}

// write puts an object with the bucket's own keys, reads it again and takes it away.
func (s *site) write(t *testing.T, bucket string) {
	t.Helper()
	keys := rig.Call[api.BucketCredentials](t, s.Client, http.MethodGet, "/v1/buckets/"+bucket+"/credentials", nil)
	c := bucketClient(t, keys)
	mine, err := c.ListBuckets(t.Context())
	require.NoError(t, err)
	require.Len(t, mine, 1, "keys open one bucket")
	require.Equal(t, keys.Bucket, mine[0].Name)
	_, err = c.PutObject(t.Context(), keys.Bucket, "a", bytes.NewReader([]byte("content")), 7, minio.PutObjectOptions{})
	require.NoError(t, err)
	st, err := c.StatObject(t.Context(), keys.Bucket, "a", minio.StatObjectOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 7, st.Size)
	require.NoError(t, c.RemoveObject(t.Context(), keys.Bucket, "a", minio.RemoveObjectOptions{}))
}

// bucketClient is a stock S3 client with the keys of a bucket.
func bucketClient(t *testing.T, keys api.BucketCredentials) *minio.Client {
	t.Helper()
	u, err := url.Parse(keys.Endpoint)
	require.NoError(t, err)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := minio.New(u.Host, &minio.Options{Creds: credentials.NewStaticV4(keys.AccessKey, keys.SecretKey, ""), Secure: u.Scheme == "https", Transport: transport})
	require.NoError(t, err)
	return c
}

// storageOrder is one of the orders that a storm makes of a cluster.
func storageOrder(n int) (plural string, spec any) {
	if n%2 == 0 {
		return "buckets", m{"tier": "standard", "quotaGiB": 1}
	}
	return "shares", m{"tier": "standard", "sizeGiB": 1, "access": []m{{"name": "web", "mode": "rw"}}}
}
