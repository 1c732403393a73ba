package pool_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/pool"
)

func TestSumAddsUpBySite(t *testing.T) {
	a, b, c := host("a", 4096, 1024), host("b", 2048, 0), host("c", 8192, 8192)
	a.Site, b.Site, c.Site = "north", "north", "south"
	b.Alive = false
	pools := pool.Sum([]pool.Host{c, a, b})
	require.Len(t, pools, 2)
	require.Equal(t, pool.Pool{Site: "north", Hosts: 2, Alive: 1, VCPUs: pool.Amount{Capacity: 32, Free: 16},
		MemoryMiB: pool.Amount{Capacity: 6144, Used: 1024, Free: 3072}, DiskGiB: pool.Amount{Capacity: 200, Free: 100}}, pools[0])
	require.Zero(t, pools[1].MemoryMiB.Free)
}
