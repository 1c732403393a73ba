package kinds_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

func (r *rig) pools() pool.View {
	r.t.Helper()
	v, err := kinds.Pools(r.t.Context(), r.Store, time.Now())
	require.NoError(r.t, err)
	return v
}

func TestPoolsAgreeWithPlacement(t *testing.T) {
	t.Parallel()
	r := newRig(t, "kvm1", "kvm2")
	r.ready(r.make("volume", "p", "data", `{"sizeGiB":7}`))
	r.ready(r.make("server", "p", "s1", serverSpec))
	r.ready(r.make("server", "p", "s2", `{"flavor":"small","image":"busybox","network":"net","volumes":["data"]}`))
	v := r.pools()
	require.Len(t, v.Items, 1)
	n := v.Items[0]
	require.Equal(t, []any{"site:north", 2, 2, int64(2), int64(1)}, []any{n.ID, n.Hosts, n.Alive, n.Servers, n.Volumes})
	require.Equal(t, pool.Amount{Level: pool.Level{Physical: 16, RatioMilli: 2000, Capacity: 32, InUse: 4, Free: 28}, Used: 4}, n.VCPUs)
	require.Equal(t, pool.Amount{Level: pool.Level{Physical: 32768, Reserved: 2048, RatioMilli: 1000, Capacity: 30720, InUse: 1024, Free: 29696}, Used: 1024}, n.MemoryMiB)
	require.EqualValues(t, 4+4+7, n.DiskGiB.Used)
	require.EqualValues(t, 1, n.Network.Tenant)
	require.False(t, n.Stale)
	var used int64
	for _, m := range n.Members {
		require.Equal(t, r.claimed(m.Name, "vcpus"), m.VCPUs.InUse, m.Name)
		used += m.VCPUs.InUse
	}
	require.Equal(t, n.VCPUs.Used, used)
	hosts, err := kinds.Hosts(t.Context(), r.View(resource.Everything), r.PoolUsage)
	require.NoError(t, err)
	for i, h := range hosts {
		m := n.Members[i]
		require.Equal(t, []int64{h.VCPUs, h.MemoryMiB, h.DiskGiB}, []int64{m.VCPUs.Capacity, m.MemoryMiB.Capacity, m.DiskGiB.Capacity}, "what placement counts with")
	}

	r.site.with(func() {
		delete(r.site.hosts, r.hosts["kvm2"])
		r.site.seen[r.hosts["kvm2"]] = time.Now().Add(-time.Minute)
	})
	require.NoError(t, r.Touch(t.Context(), "host", r.hosts["kvm2"], "silent"))
	r.eventually("the pool tells that a host is lost", func() bool {
		n := r.pools().Items[0]
		return n.Alive == 1 && n.Stale && n.Hosts == 2 && n.VCPUs.Capacity == 32 && n.VCPUs.Free < 16
	})
}

func TestRegionsAreInThePools(t *testing.T) {
	t.Parallel()
	r, cloud, o := newRegionRig(t)
	r.ready(r.make("volume", "p", "data", `{"sizeGiB":20,"host":"east"}`))
	cloud.set(func(i *provider.Inventory) {
		i.Hypervisors = []provider.Hypervisor{hypervisor("cmp1", 6), hypervisor("cmp2", 0)}
		i.Storage[0].Promised, i.Storage[0].FreeGiB = 25, 9
		i.Networks = []provider.AddressPool{{ID: "x", Name: "public", Total: 100, Used: 3}}
	}, nil)
	require.NoError(t, r.Touch(t.Context(), "region", o.ID, "test"))
	r.eventually("the pool tells the region's figures", func() bool {
		p, n := r.pools().Find("east")
		return n == 1 && p.VCPUs.InUse == 6
	})
	p, _ := r.pools().Find(o.ID)
	require.Equal(t, []any{"region", "east", 2, 2, int64(1)}, []any{p.Kind, p.Site, p.Hosts, p.Alive, p.Volumes})
	require.Equal(t, pool.Amount{Level: pool.Level{Physical: 8, RatioMilli: 4000, Capacity: 32, InUse: 6, Free: 26}, Others: 6}, p.VCPUs, "what is used there is not Plaza's")
	require.Equal(t, pool.Amount{Level: pool.Level{Physical: 30, RatioMilli: 1000, Capacity: 30, InUse: 25, Free: 5}, Used: 20, Others: 5}, p.VolumeGiB)
	require.EqualValues(t, 97, p.Network.Free)
	require.False(t, p.Stale)

	cloud.set(nil, provider.Errorf(provider.ReasonUnavailable, "", "connection refused"))
	require.NoError(t, r.Touch(t.Context(), "region", o.ID, "test"))
	r.eventually("the pool shows what was last known", func() bool {
		p, _ := r.pools().Find(o.ID)
		return p.Stale && p.Network.Stale && p.VCPUs.Capacity == 32 && p.VCPUs.Free == 0 && p.ObservedAt != nil
	})
}

func TestClustersAreInThePools(t *testing.T) {
	t.Parallel()
	r, _, o := newStorageRig(t)
	r.ready(r.make("storagetier", "", "gold", `{"clusters":["vault"],"pool":"volumes"}`))
	r.ready(r.make("bucket", "p", "media", `{"cluster":"vault","quotaGiB":10}`))
	p, n := r.pools().Find("vault")
	require.Equal(t, []any{1, o.ID, "cluster", 0}, []any{n, p.ID, p.Kind, p.Hosts})
	used, err := r.PoolUsage(t.Context(), "cluster:"+o.ID)
	require.NoError(t, err)
	require.Equal(t, []int64{used["disk_gib"].Hard, 10, used["disk_gib"].Hard - 10}, []int64{p.VolumeGiB.Capacity, p.VolumeGiB.Used, p.VolumeGiB.Free})
	require.Positive(t, p.Storage.Raw.TotalBytes)
	require.False(t, p.Stale)
	require.Equal(t, 1, r.pools().Total.Hosts, "a host that only keeps a cluster runs no servers")
}
