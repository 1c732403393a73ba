package lab

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/test/system/rig"
)

// TestClusterLosesADiskAndAMachine takes a disk away from a cluster on three machines while an S3 client writes, and then,
// when it is back, the power of a whole machine, guests and all: writing goes on, Plaza tells the cluster's health, and when
// the machine is back every copy is, and every object that was acknowledged is whole.
func TestClusterLosesADiskAndAMachine(t *testing.T) {
	s := newSite(t)
	s.addCluster(t)
	b := s.Create(t, "buckets", s.project, "media", m{"tier": "standard", "quotaGiB": 1, "purgeOnDelete": true})
	keys := rig.Call[api.BucketCredentials](t, s.Client, http.MethodGet, "/v1/buckets/"+b.ID+"/credentials", nil)
	node := s.lab.env["LAB_CEPH_NODE"]
	disk := strings.Fields(s.lab.shell(t, node, "ceph osd ls"))[0]
	back := func() {
		s.lab.shell(t, node, "systemctl reset-failed ceph-osd@"+disk+"; systemctl start ceph-osd@"+disk)
	}
	t.Cleanup(back)
	s.untilHealth(t, "HEALTH_OK")

	w := newWriter(t, keys)
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	writing.Go(func() { w.run(ctx) })
	rig.Within(t, time.Minute, func() error { return errorIf(w.count() < 20, "it has hardly begun to write") })
	s.lab.shell(t, node, "systemctl kill -s KILL ceph-osd@"+disk+"; systemctl stop ceph-osd@"+disk)
	s.goesOn(t, w, "the disk")
	back()
	s.untilHealth(t, "HEALTH_OK")

	machine := last(strings.Fields(s.lab.env["LAB_COMPUTES"]))
	t.Cleanup(func() { s.lab.node(t, "up", machine) })
	s.lab.node(t, "kill", machine)
	s.goesOn(t, w, "the machine")
	s.lab.node(t, "up", machine)
	s.untilHealth(t, "HEALTH_OK")
	require.Regexp(t, `^\d+ pgs: \d+ active\+clean;`, s.lab.shell(t, node, "ceph pg stat"))
	stop()
	writing.Wait()
	t.Logf("%d objects acknowledged, %d refused", w.count(), w.refused)
	w.verify(t)
	rig.Within(t, 2*time.Minute, func() error { return s.lab.computes(t, machine, "up") })
}

// goesOn waits until Plaza tells the loss, and requires that the writer has gone on meanwhile.
func (s *site) goesOn(t *testing.T, w *writer, what string) {
	t.Helper()
	lost, before := time.Now(), w.count()
	s.untilHealth(t, "HEALTH_WARN")
	t.Logf("Plaza tells it %s after %s was lost", time.Since(lost).Round(time.Second), what)
	rig.Within(t, 2*time.Minute, func() error { return errorIf(w.count() < before+50, "writing has not gone on") })
}

// node does something to a node of the lab as a whole, such as kill, which takes its power away, and up.
func (l place) node(t *testing.T, args ...string) {
	t.Helper()
	l.tool(t, "nodes", args...)
}

// computes tells with an error when Nova's service on a node is not in that state.
func (l place) computes(t *testing.T, node, want string) error {
	t.Helper()
	for _, row := range l.openstack(t, "compute service list --service nova-compute --host "+node) {
		if row["State"] != want {
			return fmt.Errorf("nova-compute on %s is %v", node, row["State"])
		}
	}
	return nil
}

func last(of []string) string { return of[len(of)-1] }

// untilHealth waits until Plaza tells a health of the cluster.
func (s *site) untilHealth(t *testing.T, want string) {
	t.Helper()
	rig.Within(t, 3*time.Minute, func() error {
		for _, o := range s.List(t, "clusters") {
			if got := rig.Status(o, "status.health"); got != want {
				return fmt.Errorf("the cluster is %s, not %s", got, want)
			}
		}
		return nil
	})
}

// writerPause keeps the bucket small: many thousand objects in one pool are a warning of the cluster's own.
const writerPause = 100 * time.Millisecond

// writer puts objects of random content, and remembers those that were acknowledged.
type writer struct {
	client *minio.Client
	bucket string
	dice   *rand.ChaCha8
	n      int
	pause  time.Duration // between two

	mu      sync.Mutex
	sums    map[string][sha256.Size]byte
	took    []time.Duration // of each that was acknowledged
	refused int
}

func newWriter(t *testing.T, keys api.BucketCredentials) *writer {
	t.Helper()
	return &writer{client: bucketClient(t, keys), bucket: keys.Bucket, dice: rand.NewChaCha8([32]byte{1}), pause: writerPause, sums: map[string][sha256.Size]byte{}}
}

func (w *writer) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.sums)
}

func (w *writer) run(ctx context.Context) {
	for ctx.Err() == nil {
		w.put(ctx)
		time.Sleep(w.pause)
	}
}

// put writes one object.
func (w *writer) put(ctx context.Context) {
	name, content := fmt.Sprint("object-", w.n), make([]byte, 64<<10)
	w.n++
	_, _ = w.dice.Read(content) // never fails
	began := time.Now()
	_, err := w.client.PutObject(ctx, w.bucket, name, bytes.NewReader(content), int64(len(content)), minio.PutObjectOptions{})
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.refused++
		return
	}
	w.sums[name] = sha256.Sum256(content)
	w.took = append(w.took, time.Since(began))
}

func (w *writer) verify(t *testing.T) {
	t.Helper()
	for name, sum := range w.sums {
		o, err := w.client.GetObject(t.Context(), w.bucket, name, minio.GetObjectOptions{})
		require.NoError(t, err)
		content, err := io.ReadAll(o)
		require.NoError(t, err, name)
		require.Equal(t, sum, sha256.Sum256(content), name)
		require.NoError(t, o.Close())
	}
}
