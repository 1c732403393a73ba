package lab

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/test/system/rig"
)

// TestBucketInThePortal walks the page of a bucket in a browser, with a stock S3 client before and after as the witness.
func TestBucketInThePortal(t *testing.T) {
	t.Parallel()
	s := &site{lab: needLab(t), Plane: rig.NewPlane(t, rig.PlaneOptions{})}
	s.project = s.Project(t, "shop")
	s.addCluster(t)
	t.Cleanup(func() { s.empty(t) }) // before the cluster's agent goes
	b := s.Create(t, "buckets", s.project, "media", m{"tier": "standard", "quotaGiB": 1, "purgeOnDelete": true})
	keys := rig.Call[api.BucketCredentials](t, s.Client, http.MethodGet, "/v1/buckets/"+b.ID+"/credentials", nil)
	c := bucketClient(t, keys)
	_, err := c.PutObject(t.Context(), keys.Bucket, "photos/wall.txt", strings.NewReader("a wall"), 6, minio.PutObjectOptions{})
	require.NoError(t, err)

	begin := time.Now()
	walk := exec.CommandContext(t.Context(), "node", "e2e/bucket.mjs")
	walk.Dir = "../../portal"
	walk.Env = append(os.Environ(), "PLAZA_URL=http://"+s.Listen, "PLAZA_PASSWORD="+s.Password(t), "PLAZA_BUCKET="+b.ID)
	said, err := walk.CombinedOutput()
	require.NoError(t, err, "%s", said)
	t.Logf("walked in %s\n%s", time.Since(begin).Round(time.Second), said)

	has := map[string]int64{}
	for o := range c.ListObjects(t.Context(), keys.Bucket, minio.ListObjectsOptions{Recursive: true}) {
		require.NoError(t, o.Err)
		has[o.Key] = o.Size
	}
	require.Equal(t, map[string]int64{"menu.txt": int64(len("rice and noodles")), "with space & ü.txt": 3}, has)
	s.empty(t)
}
