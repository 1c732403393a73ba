package providertest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// Storage is a storage cluster under test; without Objects, what needs them is left out.
type Storage struct {
	provider.Block
	provider.Files
	provider.Cluster
	provider.Objects
}

// StorageOptions describe the cluster under test.
type StorageOptions struct {
	Place       string // of every call
	DeviceClass string // a class of at least three disks on three hosts; empty: none is named
	Witness     Witness
	Together    bool // the parts run beside each other, and end after the suite has returned
}

// Witness is the backend's own client. What it is not given is not asked.
type Witness struct {
	// Volume is the size of a volume as the backend tells it, or that there is none.
	Volume func(t *testing.T, id string) (bytes int64, there bool)
	// Limit is a volume's bound of operations per second, 0 for none.
	Limit func(t *testing.T, id string) int64
	// Hold opens a volume as a client until the returned function is called.
	Hold func(t *testing.T, id string) (release func())
	// Share is the path of a share, or that there is none.
	Share func(t *testing.T, id string) (path string, there bool)
	// Enter mounts a share with a grant and runs a shell script in it; the error is the script's or the mount's.
	Enter func(t *testing.T, st provider.ShareState, g provider.AccessGrant, script string) (output string, err error)
	// Client tells whether the backend knows a client by this name.
	Client func(t *testing.T, name string) bool
	// Pool is the number of copies or chunks of a pool, 0 when there is none.
	Pool func(t *testing.T, name string) int
	// Leftovers are names of whatever else the backend keeps that Plaza made, such as rules and profiles.
	Leftovers func(t *testing.T) []string
	// Bucket is the number of objects in a bucket, or that there is none.
	Bucket func(t *testing.T, name string) (objects int64, there bool)
	// User tells whether there is a user by this name.
	User func(t *testing.T, name string) bool
}

// ExerciseStorage runs the suite of storage clusters. It makes and deletes its own objects, and leaves others alone.
func ExerciseStorage(t *testing.T, s Storage, opts StorageOptions) {
	t.Helper()
	u := &storageSuite{Storage: s, StorageOptions: opts}
	u.nothingLeft(t)
	for _, p := range []part{
		{"Cluster", u.cluster},
		{"Pools", u.pools},
		{"Volumes", u.volumes},
		{"VolumeTiers", u.volumeTiers},
		{"Shares", u.shares},
		{"ShareAccess", u.shareAccess},
		{"ShareTogether", u.shareTogether},
		{"Concurrency", u.concurrency},
		{"Refusals", u.refusals},
	} {
		p.run(t, opts.Together)
	}
	if s.Objects != nil {
		u.objects(t)
	}
}

// ExerciseObjects runs the part about buckets alone.
func ExerciseObjects(t *testing.T, objects provider.Objects, opts StorageOptions) {
	t.Helper()
	u := &storageSuite{Storage: Storage{Objects: objects}, StorageOptions: opts}
	u.nothingLeft(t)
	u.objects(t)
}

func (u *storageSuite) objects(t *testing.T) {
	t.Helper()
	for _, p := range []part{
		{"Buckets", u.buckets},
		{"BucketKeys", u.bucketKeys},
		{"BucketQuota", u.bucketQuota},
		{"BucketVersions", u.bucketVersions},
		{"BucketInterface", u.bucketInterface},
		{"BucketContent", u.bucketContent},
		{"BucketRefusals", u.bucketRefusals},
	} {
		p.run(t, u.Together)
	}
}

// nothingLeft wants, after all parts, what there was before them.
func (u *storageSuite) nothingLeft(t *testing.T) {
	t.Helper()
	before := u.leftovers(t)
	t.Cleanup(func() { require.Equal(t, before, u.leftovers(t), "nothing is left over") })
}

type storageSuite struct {
	Storage
	StorageOptions
}

func (u *storageSuite) leftovers(t *testing.T) []string {
	t.Helper()
	if u.Witness.Leftovers == nil {
		return nil
	}
	return u.Witness.Leftovers(t)
}

func (u *storageSuite) cluster(t *testing.T) {
	st, err := u.GetCluster(t.Context(), u.Place)
	require.NoError(t, err)
	require.NotEmpty(t, st.FSID)
	require.Regexp(t, `^\d+\.\d+`, st.Version)
	require.Contains(t, []string{"HEALTH_OK", "HEALTH_WARN", "HEALTH_ERR"}, st.Health)
	require.Equal(t, st.Health == "HEALTH_OK", len(st.Checks) == 0, "%v", st.Checks)
	require.Positive(t, st.TotalBytes)
	require.InDelta(t, float64(st.TotalBytes), float64(st.UsedBytes+st.FreeBytes), float64(st.TotalBytes)/20)
	require.NotEmpty(t, st.Monitors)
	require.NotEmpty(t, st.Quorum)
	require.NotEmpty(t, st.Disks)
	require.NotEmpty(t, st.Pools)
	var disks int64
	for _, d := range st.Disks {
		require.NotEmpty(t, d.Host, d.Name)
		require.True(t, d.Up && d.In, d.Name)
		require.Positive(t, d.TotalBytes, d.Name)
		disks += d.TotalBytes
	}
	require.InDelta(t, float64(st.TotalBytes), float64(disks), float64(disks)/20)
	require.False(t, st.ObservedAt.IsZero())
}

func (u *storageSuite) newPool(t *testing.T, want provider.DataPool) provider.DataPool {
	t.Helper()
	want.Name = "conformance-" + newID(t)
	t.Cleanup(func() { require.NoError(t, u.DeletePool(context.Background(), u.Place, want.Name, true)) })
	return want
}

func (u *storageSuite) ensurePool(t *testing.T, want provider.DataPool) provider.DataPoolState {
	t.Helper()
	st, err := u.EnsurePool(t.Context(), u.Place, want)
	require.NoError(t, err)
	require.Equal(t, [2]string{want.Name, want.Application}, [2]string{st.Name, st.Application})
	require.Equal(t, want.QuotaGiB<<30, st.QuotaBytes)
	require.Equal(t, max(want.Replicas, want.DataChunks+want.CodingChunks), st.Size)
	require.Equal(t, want.PGs, st.PGs)
	if u.Witness.Pool != nil {
		require.Equal(t, st.Size, u.Witness.Pool(t, want.Name))
	}
	return st
}

func (u *storageSuite) pools(t *testing.T) {
	want := u.newPool(t, provider.DataPool{Application: "rbd", PGs: 8, Replicas: 2, QuotaGiB: 1, DeviceClass: u.DeviceClass, FailureDomain: "osd"})
	first := u.ensurePool(t, want)
	require.Equal(t, first.Rule, u.ensurePool(t, want).Rule)
	want.PGs, want.Replicas, want.QuotaGiB, want.DeviceClass, want.FailureDomain = 16, 3, 2, "", "host"
	changed := u.ensurePool(t, want)
	require.NotEqual(t, first.Rule, changed.Rule)
	require.Equal(t, 2, changed.MinSize)
	want.QuotaGiB = 0
	u.ensurePool(t, want)

	code := u.newPool(t, provider.DataPool{Application: "rbd", PGs: 8, DataChunks: 2, CodingChunks: 1, DeviceClass: u.DeviceClass, QuotaGiB: 1})
	require.True(t, u.ensurePool(t, code).Erasure)
	u.ensurePool(t, code)
	for what, bad := range map[string]provider.DataPool{
		"copies of a code":    {Name: code.Name, Application: "rbd", Replicas: 3},
		"code of copies":      {Name: want.Name, Application: "rbd", DataChunks: 2, CodingChunks: 1},
		"another application": {Name: want.Name, Application: "rgw", Replicas: 3},
		"another code":        {Name: code.Name, Application: "rbd", DataChunks: 3, CodingChunks: 1, DeviceClass: u.DeviceClass},
	} {
		_, err := u.EnsurePool(t.Context(), u.Place, bad)
		require.Equal(t, provider.ReasonConflict, provider.ReasonOf(err), "%s: %v", what, err)
	}
	volume := provider.Volume{ID: newID(t), Name: "conformance", Project: "providertest", SizeGiB: 1, Pool: want.Name}
	_, err := u.EnsureVolume(t.Context(), u.Place, volume)
	require.NoError(t, err)
	requireReason(t, provider.ReasonConflict, u.DeletePool(t.Context(), u.Place, want.Name, false))
	require.NoError(t, u.DeleteVolume(t.Context(), u.Place, volume.ID))
	for range 2 {
		require.NoError(t, u.DeletePool(t.Context(), u.Place, want.Name, false))
		require.NoError(t, u.DeletePool(t.Context(), u.Place, code.Name, false))
	}
	st, err := u.GetCluster(t.Context(), u.Place)
	require.NoError(t, err)
	require.Zero(t, count(st.Pools, func(p provider.DataPoolState) bool { return p.Name == want.Name || p.Name == code.Name }))
	u.ensurePool(t, code) // the name may come back, with another code
	require.NoError(t, u.DeletePool(t.Context(), u.Place, code.Name, false))
}
