package lab

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/test/system/rig"
)

// TestTenantsAreApart gives two tenants of the region the same addresses, and a bucket and a share each, and tries to get
// from one to the other by guests, by a stock S3 client, by Ceph's own client, and by what one orders.
func TestTenantsAreApart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.addCluster(t)
	t.Cleanup(func() { s.empty(t) }) // before the cluster's agent goes
	red, blue := s.project, s.Project(t, "blue")
	s.AddGuest(t, "prober", "probe=10.97.0.10")
	for _, project := range []string{red, blue} {
		s.Create(t, "networks", project, "lan", m{"cidr": "10.97.0.0/24"})
		s.Create(t, "securitygroups", project, "web", m{"rules": []m{{"protocol": "tcp", "fromPort": 80}}})
		s.Create(t, "buckets", project, "books", m{"tier": "standard", "quotaGiB": 1})
		s.Create(t, "shares", project, "common", m{"sizeGiB": 1, "tier": "standard", "access": []m{{"name": "tills", "mode": "rw"}}})
	}
	s.bucketsApart(t, red, blue)
	s.sharesApart(t, red, blue)

	volume := s.Create(t, "volumes", red, "data", m{"sizeGiB": 1, "host": "east"})
	a, err := s.Do(t.Context(), http.MethodPost, "/v1/servers", rig.Body(blue, "thief", server("lan", m{"volumes": []string{volume.ID}})))
	require.NoError(t, err)
	require.Contains(t, []int{http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusBadRequest}, a.Status, "%s", a.Body)

	order := func(project, name, image, address string) string {
		a := rig.Call[rig.Applied](t, s.Client, http.MethodPost, "/v1/servers", rig.Body(project, name, server("lan", m{"image": image, "address": address, "securityGroups": []string{"web"}})))
		t.Logf("server %s after %s", name, s.Succeeded(t, a.Operation.ID, 5*time.Minute).Round(time.Second))
		return a.Object.ID
	}
	const hello = "hello from host-10-97-0-10" // as the region's DHCP calls whoever has the address
	order(red, "web", "busybox", "10.97.0.10")
	friend := order(red, "friend", "prober", "10.97.0.11")
	stranger := order(blue, "stranger", "prober", "10.97.0.12")
	s.sees(t, friend, hello)
	s.sees(t, stranger, "unreachable")
	twin := order(blue, "twin", "busybox", "10.97.0.10")
	s.sees(t, stranger, hello)
	s.Delete(t, "servers", twin)
	s.sees(t, stranger, "unreachable")
	s.sees(t, friend, hello)
	s.empty(t)
	s.nothingLeft(t)
}

// sees waits until a guest's newest look at the address is as wanted.
func (s *site) sees(t *testing.T, id, want string) {
	t.Helper()
	rig.Within(t, 2*time.Minute, func() error {
		text := s.Console(t, id)
		i := strings.LastIndex(text, libvirttest.ProbeMark)
		if i < 0 {
			return errors.New("no look yet: " + text)
		}
		line, _, _ := strings.Cut(text[i+len(libvirttest.ProbeMark):], "\n")
		return errorIf(strings.TrimSpace(line) != want, fmt.Sprintf("the guest sees %q, not %q", line, want))
	})
}

// bucketsApart tries one tenant's keys on the other's bucket.
func (s *site) bucketsApart(t *testing.T, red, blue string) {
	t.Helper()
	keys := func(project string) api.BucketCredentials {
		return rig.Call[api.BucketCredentials](t, s.Client, http.MethodGet, "/v1/buckets/"+s.of(t, "buckets", project)+"/credentials", nil)
	}
	mine, theirs := keys(red), keys(blue)
	_, err := bucketClient(t, mine).PutObject(t.Context(), mine.Bucket, "ledger", bytes.NewReader([]byte("secret")), 6, minio.PutObjectOptions{})
	require.NoError(t, err)
	thief := bucketClient(t, theirs)
	denied := func(err error) { require.Equal(t, "AccessDenied", minio.ToErrorResponse(err).Code, "%v", err) }
	_, err = thief.StatObject(t.Context(), mine.Bucket, "ledger", minio.StatObjectOptions{})
	require.Equal(t, http.StatusForbidden, minio.ToErrorResponse(err).StatusCode, "%v", err)
	_, err = thief.PutObject(t.Context(), mine.Bucket, "forged", bytes.NewReader([]byte("x")), 1, minio.PutObjectOptions{})
	denied(err)
	denied(thief.RemoveObject(t.Context(), mine.Bucket, "ledger", minio.RemoveObjectOptions{}))
	for o := range thief.ListObjects(t.Context(), mine.Bucket, minio.ListObjectsOptions{}) {
		denied(o.Err)
	}
	require.NoError(t, bucketClient(t, mine).RemoveObject(t.Context(), mine.Bucket, "ledger", minio.RemoveObjectOptions{}))
}

// sharesApart mounts one tenant's directory by its own key, and tries to by the other's.
func (s *site) sharesApart(t *testing.T, red, blue string) {
	t.Helper()
	keys := func(project string) api.ShareCredentials {
		return rig.Call[api.ShareCredentials](t, s.Client, http.MethodGet, "/v1/shares/"+s.of(t, "shares", project)+"/credentials", nil)
	}
	mine, theirs := keys(red), keys(blue)
	mount := func(k api.ShareKey) (string, error) {
		return s.lab.try(s.lab.env["LAB_CEPH_NODE"], fmt.Sprintf(`d=$(mktemp -d); mkdir $d/m; printf '[%[1]s]\n\tkey = %[2]s\n' >$d/k
timeout 40 ceph-fuse -n %[1]s -k $d/k -m %[3]s -r %[4]s --client_fs %[5]s $d/m >$d/log 2>&1; code=$?
mountpoint -q $d/m && { umount $d/m; echo mounted; }; tail -n 3 $d/log; rm -r $d; exit $code`, k.Client, k.Key, strings.Join(mine.Monitors, ","), mine.Path, mine.FS))
	}
	said, err := mount(mine.Clients[0])
	require.NoError(t, err, "%s", said)
	require.Contains(t, said, "mounted")
	said, err = mount(theirs.Clients[0])
	require.Error(t, err, "%s", said)
	require.NotContains(t, said, "mounted")
	t.Logf("another tenant's key: %v: %s", err, said)
}

// of is the one object of a kind that a project has.
func (s *site) of(t *testing.T, plural, project string) string {
	t.Helper()
	all := s.List(t, plural, "project="+project)
	require.Len(t, all, 1)
	return all[0].ID
}
