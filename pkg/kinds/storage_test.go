package kinds_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

const clusterSpec = `{"type":"ceph","hosts":["stor1"],"endpoint":"http://s3.example:7480","accessKey":"ADMIN","secretKey":"hush-hush","schedulable":true,"traits":{"room":"a"}}`

// newStorageRig has a cluster with 100 GiB of room, served by a host that runs no servers.
func newStorageRig(t *testing.T) (*rig, *vault, resource.Raw) {
	v := newVault()
	r := newRigWith(t, kinds.Backends{Storage: v})
	h := r.make("host", "", "stor1", `{"site":"north","schedulable":true,"roles":["ceph"]}`)
	r.site.with(func() {
		r.site.hosts[h.Object.ID] = provider.HostState{Name: "stor1", Arch: "x86_64", CPUs: 64, MemoryMiB: 1 << 20, ObservedAt: time.Now()}
	})
	r.hosts["stor1"] = h.Object.ID
	r.ready(h)
	return r, v, r.ready(r.make("cluster", "", "vault", clusterSpec))
}

func look[S, T any](r *rig, kind, project, name string) resource.Object[S, T] {
	r.t.Helper()
	o, err := resource.As[S, T](r.get(kind, project, name))
	require.NoError(r.t, err)
	return o
}

func (r *rig) readiness(kind, project, name string) resource.Condition {
	r.t.Helper()
	o := r.get(kind, project, name)
	return o.Condition("Ready")
}

func (r *rig) room(cluster resource.Raw) resource.QuotaUsage {
	r.t.Helper()
	u, err := r.PoolUsage(r.t.Context(), "cluster:"+cluster.ID)
	require.NoError(r.t, err)
	return u["disk_gib"]
}

func TestAHostOfACephClusterRunsNoServers(t *testing.T) {
	t.Parallel()
	r, _, _ := newStorageRig(t)
	o := r.get("host", "", "stor1")
	require.True(t, o.Settled())
	require.Equal(t, resource.Unknown, o.Condition("Hypervisor").Status, "it is not broken, it has none")
	s := r.ready(r.make("server", "p", "web", serverSpec))
	require.Equal(t, []string{r.hosts["kvm1"]}, resource.Lookup(s, "status.host"), "the larger one is not asked")
	r.refused(resource.ReasonNoCandidate, "server", "p", "web2", strings.TrimSuffix(serverSpec, "}")+`,"host":"stor1"}`)
	_, err := r.Delete(t.Context(), resource.Request{Kind: "host", ID: "stor1", Actor: admin})
	r.problem(resource.ReasonInUse, err)
}

func TestClusterIsSeenWithItsRoom(t *testing.T) {
	t.Parallel()
	r, v, o := newStorageRig(t)
	require.NotContains(t, string(o.Spec), "hush-hush")
	require.NotContains(t, string(o.Spec), "ADMIN")
	c := look[kinds.ClusterSpec, kinds.ClusterStatus](r, "cluster", "", "vault")
	require.True(t, c.Status.Alive)
	require.Equal(t, "f-1", c.Status.FSID)
	require.Equal(t, resource.True, c.Condition("Health").Status)
	require.EqualValues(t, 100, r.room(o).Hard, "what is stored, and the room of the pool that has most")
	settings := v.clusters[o.ID]
	require.Equal(t, [3]string{"ADMIN", "hush-hush", r.hosts["stor1"]}, [3]string{settings.AccessKey, settings.SecretKey, settings.Hosts[0]})

	v.set(func() {
		v.state.Health, v.state.Checks = "HEALTH_WARN", []provider.HealthCheck{{Code: "OSD_DOWN", Severity: "HEALTH_WARN", Message: "1 osds down"}}
	})
	require.NoError(t, r.Touch(t.Context(), "cluster", o.ID, "test"))
	r.eventually("the warning is seen", func() bool {
		now := r.get("cluster", "", "vault")
		return now.Condition("Health").Reason == "HEALTH_WARN" && now.Condition("Health").Message == "OSD_DOWN: 1 osds down" && now.Phase == resource.PhaseReady
	})
	v.set(func() { v.away = provider.Errorf(provider.ReasonUnavailable, "", "no monitor is reached") })
	require.NoError(t, r.Touch(t.Context(), "cluster", o.ID, "test"))
	r.becomes("cluster", "", "vault", resource.PhaseDegraded)
	c = look[kinds.ClusterSpec, kinds.ClusterStatus](r, "cluster", "", "vault")
	require.False(t, c.Status.Alive)
	require.Equal(t, "f-1", c.Status.FSID, "what was last seen stays, with its age")
	require.Contains(t, r.notes(o.ID), "cluster.lost")
	p := r.refused(resource.ReasonInvalid, "cluster", "", "vault", `{"type":"ceph","hosts":["kvm1"],"schedulable":true}`)
	require.Contains(t, p.Fields[0].Message, "role ceph")
	r.refused(resource.ReasonInvalid, "cluster", "", "vault", `{"type":"ceph","hosts":["nobody"],"schedulable":true}`)
	r.refused(resource.ReasonInvalid, "cluster", "", "other", `{"type":"ceph","hosts":["stor1"],"endpoint":"http://s3","schedulable":true}`)
	r.refused(resource.ReasonInvalid, "cluster", "", "other", strings.Replace(clusterSpec, "http://s3.example:7480", "s3.example", 1))
}

func TestBucketFromOrderToEnd(t *testing.T) {
	t.Parallel()
	r, v, vaultObject := newStorageRig(t)
	r.ready(r.make("bucket", "p", "media", `{"quotaGiB":60,"objects":9,"versioning":true,"expireDays":30}`))
	b := look[kinds.BucketSpec, kinds.BucketStatus](r, "bucket", "p", "media")
	require.Equal(t, vaultObject.ID, b.Status.Cluster)
	require.Regexp(t, `^media-[0-9a-f]{12}$`, b.Status.Bucket)
	require.Equal(t, [2]string{"http://s3", "AKEY"}, [2]string{b.Status.Endpoint, b.Status.AccessKey})
	require.NotContains(t, string(r.get("bucket", "p", "media").Status), "hush")
	require.EqualValues(t, 60, r.room(vaultObject).Committed)
	want := v.buckets[b.ID]
	require.Equal(t, provider.Bucket{ID: b.ID, Name: b.Status.Bucket, Project: "p", QuotaGiB: 60, Objects: 9, Versioning: true, ExpireDays: 30}, want)

	// Another one of that name in another project is another bucket; what does not fit is refused with the reason.
	r.ready(r.make("bucket", "q", "media", `{"quotaGiB":30}`))
	require.NotEqual(t, b.Status.Bucket, look[kinds.BucketSpec, kinds.BucketStatus](r, "bucket", "q", "media").Status.Bucket)
	r.make("bucket", "p", "more", `{"quotaGiB":20}`)
	r.eventually("it waits for room", func() bool { return r.readiness("bucket", "p", "more").Reason == "NoCandidate" })
	r.remove("bucket", "q", "media")
	r.gone("bucket", "q", "media")
	r.eventually("room came free", func() bool { o := r.get("bucket", "p", "more"); return o.Settled() })

	_, err := r.Act(t.Context(), resource.Request{Kind: "bucket", ID: b.ID, Actor: admin}, "rotate-key", nil)
	require.NoError(t, err)
	r.eventually("there is another key", func() bool {
		return look[kinds.BucketSpec, kinds.BucketStatus](r, "bucket", "p", "media").Status.AccessKey == "BKEY"
	})
	r.refused(resource.ReasonInvalid, "bucket", "p", "media", `{"quotaGiB":0}`)
	r.refused(resource.ReasonInvalid, "bucket", "p", "media", `{"quotaGiB":60,"cluster":"vault"}`)
	r.refused(resource.ReasonInvalid, "bucket", "p", "lost", `{"quotaGiB":1,"cluster":"nowhere"}`)
	r.refused(resource.ReasonInvalid, "bucket", "p", "lost", `{"quotaGiB":1,"tier":"none"}`)
	_, err = r.Delete(t.Context(), resource.Request{Kind: "cluster", ID: "vault", Actor: admin})
	r.problem(resource.ReasonInUse, err)

	// A bucket with objects is not deleted unless that was said; it waits, and says why.
	v.set(func() { v.objects[b.ID] = 3 })
	r.remove("bucket", "p", "media")
	r.eventually("it says why", func() bool {
		return strings.Contains(r.readiness("bucket", "p", "media").Message, "holds objects")
	})
	v.set(func() { v.objects[b.ID] = 0 })
	r.gone("bucket", "p", "media")
	r.remove("bucket", "p", "more")
	r.gone("bucket", "p", "more")
	require.Empty(t, v.buckets)
	require.Zero(t, r.room(vaultObject).Committed)
	r.exact()
}

func TestShareFromOrderToEnd(t *testing.T) {
	t.Parallel()
	r, v, vaultObject := newStorageRig(t)
	r.ready(r.make("storagetier", "", "files", `{"clusters":["vault"],"pool":"files.data","iops":500,"mibps":100,"classes":["ssd"]}`))
	r.ready(r.make("share", "p", "home", `{"sizeGiB":10,"tier":"files","access":[{"name":"till","mode":"rw"},{"name":"report","mode":"ro"}]}`))
	s := look[kinds.ShareSpec, kinds.ShareStatus](r, "share", "p", "home")
	require.Equal(t, "files", s.Status.FS)
	require.Len(t, s.Status.Access, 2)
	require.Equal(t, "client.till", s.Status.Access[0].Client)
	require.NotContains(t, string(r.get("share", "p", "home").Status), "hush")
	require.Equal(t, "files.data", v.shares[s.ID].Pool)
	r.ready(r.make("share", "p", "home", `{"sizeGiB":5,"tier":"files","access":[{"name":"till","mode":"ro"}]}`))
	require.Equal(t, []provider.Access{{Name: "till", Mode: "ro"}}, v.shares[s.ID].Access)
	require.EqualValues(t, 5, r.room(vaultObject).Committed)
	for _, bad := range []string{`{"sizeGiB":0}`, `{"sizeGiB":1,"access":[{"name":"x y","mode":"ro"}]}`, `{"sizeGiB":1,"access":[{"name":"x","mode":"rx"}]}`,
		`{"sizeGiB":1,"access":[{"name":"x","mode":"ro"},{"name":"x","mode":"rw"}]}`, `{"sizeGiB":1,"tier":"none"}`} {
		r.refused(resource.ReasonInvalid, "share", "p", "bad", bad)
	}
	_, err := r.Delete(t.Context(), resource.Request{Kind: "storagetier", ID: "files", Actor: admin})
	r.problem(resource.ReasonInUse, err)
	r.remove("share", "p", "home")
	r.gone("share", "p", "home")
	require.Empty(t, v.shares)
	r.remove("storagetier", "", "files")
	r.exact()
}

func TestTiersChooseTheCluster(t *testing.T) {
	t.Parallel()
	r, v, _ := newStorageRig(t)
	r.ready(r.make("cluster", "", "attic", `{"type":"ceph","hosts":["stor1"],"schedulable":true,"overcommitPercent":500,"traits":{"room":"b"}}`))
	r.ready(r.make("storagetier", "", "b-only", `{"traits":{"room":"b"}}`))
	r.ready(r.make("storagetier", "", "lost", `{"pool":"no-such-pool"}`))
	s := r.ready(r.make("share", "p", "one", `{"sizeGiB":1,"tier":"b-only"}`))
	require.Equal(t, []string{r.get("cluster", "", "attic").ID}, resource.Lookup(s, "status.cluster"))
	b := r.ready(r.make("bucket", "p", "two", `{"quotaGiB":1}`))
	require.Equal(t, []string{r.get("cluster", "", "vault").ID}, resource.Lookup(b, "status.cluster"), "the other has more room and keeps no buckets")
	for spec, want := range map[string]string{`{"sizeGiB":1,"tier":"lost"}`: "NoPool", `{"sizeGiB":1,"tier":"b-only","cluster":"vault"}`: "Label"} {
		r.make("share", "p", "none", spec)
		r.eventually("it says why", func() bool {
			return strings.Contains(r.readiness("share", "p", "none").Message, "can keep 1 GiB")
		})
		_ = want
		r.remove("share", "p", "none")
		r.gone("share", "p", "none")
	}
	require.Empty(t, v.pools)
}

func TestStoragePoolsThatWereThereStay(t *testing.T) {
	t.Parallel()
	r, v, _ := newStorageRig(t)
	r.ready(r.make("storagepool", "", "fast", `{"cluster":"vault","application":"rbd","deviceClass":"ssd","pgs":16}`))
	require.Equal(t, provider.DataPool{Name: "fast", Application: "rbd", PGs: 16, Replicas: 3, DeviceClass: "ssd", FailureDomain: "host"}, v.pools["fast"])
	r.ready(r.make("storagepool", "", "code", `{"cluster":"vault","application":"rgw","dataChunks":4,"codingChunks":2,"pool":"default.data"}`))
	require.Equal(t, 4, v.pools["default.data"].DataChunks)
	for _, bad := range []string{`{"cluster":"vault","application":"cephfs"}`, `{"cluster":"vault","application":"rbd","dataChunks":2}`, `{"cluster":"none","application":"rbd"}`} {
		r.refused(resource.ReasonInvalid, "storagepool", "", "fast", bad)
	}
	_, err := r.Delete(t.Context(), resource.Request{Kind: "cluster", ID: "vault", Actor: admin})
	r.problem(resource.ReasonInUse, err)
	v.set(func() { v.objects["fast"] = 1 })
	r.remove("storagepool", "", "fast")
	r.eventually("it says why", func() bool {
		return strings.Contains(r.readiness("storagepool", "", "fast").Message, "holds data")
	})
	v.set(func() { v.objects["fast"] = 0 })
	r.gone("storagepool", "", "fast")
	r.remove("storagepool", "", "code")
	r.gone("storagepool", "", "code")
	require.Empty(t, v.pools)

	v.set(func() { v.pools["old"] = provider.DataPool{Name: "old", Application: "rbd"} })
	r.ready(r.make("storagepool", "", "old", `{"cluster":"vault","application":"rbd"}`))
	r.remove("storagepool", "", "old")
	r.gone("storagepool", "", "old")
	require.Contains(t, v.pools, "old", "others made it")
	r.exact()
}

// Whatever call is cut off, before or after it took effect, there is one bucket and one share in the end, and nothing
// when they are gone.
func TestStorageSurvivesFaultsAtEachCall(t *testing.T) {
	t.Parallel()
	for at := 1; at <= 4; at++ {
		for _, phase := range []string{"before", "after"} {
			r, v, vaultObject := newStorageRig(t)
			v.set(func() {
				v.calls = 0
				v.fail = func(n int, method, p string) error {
					if n == at && p == phase && method != "GetCluster" {
						return errors.New("cut off")
					}
					return nil
				}
			})
			b := r.ready(r.make("bucket", "p", "media", `{"quotaGiB":2,"purgeOnDelete":true}`))
			s := r.ready(r.make("share", "p", "home", `{"sizeGiB":3}`))
			require.Contains(t, v.buckets, b.ID)
			require.Contains(t, v.shares, s.ID)
			require.Len(t, v.buckets, 1)
			require.EqualValues(t, 5, r.room(vaultObject).Committed)
			v.set(func() { v.objects[b.ID], v.calls = 5, 0 })
			r.remove("bucket", "p", "media")
			r.remove("share", "p", "home")
			r.gone("bucket", "p", "media")
			r.gone("share", "p", "home")
			require.Empty(t, v.buckets)
			require.Empty(t, v.shares)
			require.Zero(t, r.room(vaultObject).Committed)
			r.exact()
		}
	}
}
