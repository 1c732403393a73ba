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

// TestClusterLosesADisk takes one of three disks away, each of which stands for a host, while an S3 client writes: it goes
// on, Plaza tells the cluster's health, and when the disk is back every object that was acknowledged is whole.
func TestClusterLosesADisk(t *testing.T) {
	s := newSite(t)
	s.addCluster(t)
	b := s.Create(t, "buckets", s.project, "media", m{"tier": "standard", "quotaGiB": 1, "purgeOnDelete": true})
	keys := rig.Call[api.BucketCredentials](t, s.Client, http.MethodGet, "/v1/buckets/"+b.ID+"/credentials", nil)
	node := s.lab.env["LAB_CEPH_NODE"]
	disk := strings.Fields(s.lab.shell(t, node, "ceph osd ls"))[0]
	back := func() { s.lab.shell(t, node, "systemctl start ceph-osd@"+disk) }
	t.Cleanup(back)
	s.untilHealth(t, "HEALTH_OK")

	w := &writer{client: bucketClient(t, keys), bucket: keys.Bucket, sums: map[string][sha256.Size]byte{}}
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	writing.Go(func() { w.run(ctx) })
	rig.Within(t, time.Minute, func() error { return errorIf(w.count() < 20, "it has hardly begun to write") })
	s.lab.shell(t, node, "systemctl kill -s KILL ceph-osd@"+disk+"; systemctl stop ceph-osd@"+disk)
	lost, before := time.Now(), w.count()
	s.untilHealth(t, "HEALTH_WARN")
	t.Logf("Plaza tells it %s after the disk was lost", time.Since(lost).Round(time.Second))
	rig.Within(t, 2*time.Minute, func() error { return errorIf(w.count() < before+50, "writing has not gone on") })
	back()
	s.untilHealth(t, "HEALTH_OK")
	stop()
	writing.Wait()
	t.Logf("%d objects acknowledged, %d of them after the loss; %d refused", w.count(), w.count()-before, w.refused)
	w.verify(t)
}

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
	client  *minio.Client
	bucket  string
	mu      sync.Mutex
	sums    map[string][sha256.Size]byte
	refused int
}

func (w *writer) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.sums)
}

func (w *writer) run(ctx context.Context) {
	dice := rand.NewChaCha8([32]byte{1})
	for i := 0; ctx.Err() == nil; i++ {
		name, content := fmt.Sprint("object-", i), make([]byte, 64<<10)
		_, _ = dice.Read(content) // never fails
		_, err := w.client.PutObject(ctx, w.bucket, name, bytes.NewReader(content), int64(len(content)), minio.PutObjectOptions{})
		w.mu.Lock()
		if err == nil {
			w.sums[name] = sha256.Sum256(content)
		} else {
			w.refused++
		}
		w.mu.Unlock()
		time.Sleep(writerPause)
	}
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
