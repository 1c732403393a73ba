package kinds_test

import (
	"context"
	"sync"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
)

// vault is storage clusters in memory that can be made to fail at any call, before or after the call took effect. What a
// real one does is proved elsewhere, by the conformance suite against Ceph.
type vault struct {
	provider.Block // calls that no kind makes
	provider.BucketContents

	mu       sync.Mutex
	clusters map[string]provider.StorageSettings
	state    provider.ClusterState
	away     error
	pools    map[string]provider.DataPool
	buckets  map[string]provider.Bucket
	keys     map[string]int // how many keys a bucket has had
	objects  map[string]int64
	shares   map[string]provider.Share
	fail     func(n int, method, phase string) error
	calls    int
}

func newVault() *vault {
	return &vault{clusters: map[string]provider.StorageSettings{}, pools: map[string]provider.DataPool{}, buckets: map[string]provider.Bucket{},
		keys: map[string]int{}, objects: map[string]int64{}, shares: map[string]provider.Share{},
		state: provider.ClusterState{FSID: "f-1", Version: "16.2.15", Health: "HEALTH_OK", TotalBytes: 300 << 30, FreeBytes: 270 << 30, UsedBytes: 30 << 30, FS: []string{"files"},
			Pools: []provider.DataPoolState{{Name: "files.data", Application: "cephfs", Size: 3, StoredBytes: 10 << 30, FreeBytes: 90 << 30}}}}
}

func (v *vault) set(f func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f()
}

func (v *vault) call(place, method string, f func() error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.calls++
	n := v.calls
	if _, known := v.clusters[place]; !known {
		return provider.Errorf(provider.ReasonUnavailable, "", "cluster %s is not connected", place)
	}
	if v.away != nil {
		return v.away
	}
	if v.fail != nil {
		if err := v.fail(n, method, "before"); err != nil {
			return err
		}
	}
	if err := f(); err != nil {
		return err
	}
	if v.fail != nil {
		return v.fail(n, method, "after")
	}
	return nil
}

func (v *vault) Connect(place string, s provider.StorageSettings) {
	v.set(func() { v.clusters[place] = s })
}

func (v *vault) Forget(place string) { v.set(func() { delete(v.clusters, place) }) }

func (v *vault) GetCluster(_ context.Context, place string) (out provider.ClusterState, err error) {
	err = v.call(place, "GetCluster", func() error {
		out = v.state
		out.ObservedAt = time.Now()
		for name, p := range v.pools {
			out.Pools = append(out.Pools, provider.DataPoolState{Name: name, Application: p.Application})
		}
		return nil
	})
	return out, err
}

func (v *vault) EnsurePool(_ context.Context, place string, want provider.DataPool) (out provider.DataPoolState, err error) {
	err = v.call(place, "EnsurePool", func() error {
		v.pools[want.Name] = want
		out = provider.DataPoolState{Name: want.Name, Application: want.Application, Size: max(want.Replicas, want.DataChunks+want.CodingChunks), PGs: want.PGs}
		return nil
	})
	return out, err
}

func (v *vault) DeletePool(_ context.Context, place, name string, _ bool) error {
	return v.call(place, "DeletePool", func() error {
		if v.objects[name] > 0 {
			return provider.Errorf(provider.ReasonConflict, "delete what it holds first", "pool %s holds data", name)
		}
		delete(v.pools, name)
		return nil
	})
}

func (v *vault) EnsureBucket(_ context.Context, place string, want provider.Bucket) (out provider.BucketState, err error) {
	err = v.call(place, "EnsureBucket", func() error {
		if v.keys[want.ID] == 0 || want.RetiredKey == v.bucket(want).Key {
			v.keys[want.ID]++
		}
		v.buckets[want.ID] = want
		out = v.bucket(want)
		return nil
	})
	return out, err
}

func (v *vault) bucket(b provider.Bucket) provider.BucketState {
	key := string(rune('A'-1+v.keys[b.ID])) + "KEY"
	return provider.BucketState{ID: b.ID, Name: b.Name, Endpoint: "http://s3", Key: key, Secret: "hush-" + key, Objects: v.objects[b.ID], Bytes: v.objects[b.ID] << 20, QuotaGiB: b.QuotaGiB}
}

func (v *vault) GetBucket(_ context.Context, place, id string) (out provider.BucketState, err error) {
	err = v.call(place, "GetBucket", func() error {
		b, ok := v.buckets[id]
		if !ok {
			return provider.Errorf(provider.ReasonNotFound, "", "no bucket %s", id)
		}
		out = v.bucket(b)
		return nil
	})
	return out, err
}

func (v *vault) DeleteBucket(_ context.Context, place, id string, purge bool) error {
	return v.call(place, "DeleteBucket", func() error {
		if v.objects[id] > 0 && !purge {
			return provider.Errorf(provider.ReasonConflict, "delete its objects first", "bucket %s holds objects", id)
		}
		delete(v.buckets, id)
		delete(v.keys, id)
		return nil
	})
}

func (v *vault) ListBuckets(context.Context, string) ([]provider.BucketState, error) { return nil, nil }

func (v *vault) EnsureShare(_ context.Context, place string, want provider.Share) (out provider.ShareState, err error) {
	err = v.call(place, "EnsureShare", func() error {
		v.shares[want.ID] = want
		out = shareState(want)
		return nil
	})
	return out, err
}

func shareState(s provider.Share) provider.ShareState {
	out := provider.ShareState{ID: s.ID, FS: "files", Path: "/plaza/" + s.ID, Monitors: []string{"10.0.0.1:6789"}, SizeGiB: s.SizeGiB}
	for _, a := range s.Access {
		out.Access = append(out.Access, provider.AccessGrant{Access: a, Client: "client." + a.Name, Key: "hush"})
	}
	return out
}

func (v *vault) GetShare(_ context.Context, place, id string) (out provider.ShareState, err error) {
	err = v.call(place, "GetShare", func() error {
		s, ok := v.shares[id]
		if !ok {
			return provider.Errorf(provider.ReasonNotFound, "", "no share %s", id)
		}
		out = shareState(s)
		return nil
	})
	return out, err
}

func (v *vault) DeleteShare(_ context.Context, place, id string) error {
	return v.call(place, "DeleteShare", func() error { delete(v.shares, id); return nil })
}

func (v *vault) ListShares(context.Context, string) ([]provider.ShareState, error) { return nil, nil }
