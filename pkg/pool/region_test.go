package pool_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/resource"
)

func cloud(name string, nodes ...pool.Node) pool.Host {
	return pool.Host{ID: name, Name: name, Region: true, Alive: true, Schedulable: true, VCPUs: 64, MemoryMiB: 65536, DiskGiB: 100, VolumeGiB: 50, Nodes: nodes, Groups: map[string]int{}}
}

func node(name, arch string, memory int64, labels map[string]string) pool.Node {
	return pool.Node{Name: name, Arch: arch, FreeVCPUs: 16, FreeMemoryMiB: memory, Labels: labels}
}

func reasonFor(t *testing.T, h pool.Host, o pool.Order) string {
	t.Helper()
	_, refused, err := pool.Place([]pool.Host{h}, o)
	if err == nil {
		return ""
	}
	require.Equal(t, resource.ReasonNoCandidate, resource.ReasonOf(err))
	require.Len(t, refused, 1)
	require.NotEmpty(t, refused[0].Detail)
	return refused[0].Reason
}

func TestRegionIsRefusedByWhatItsHypervisorsLack(t *testing.T) {
	mixed := cloud("east", node("x1", "x86_64", 8192, map[string]string{"lane": "new"}), node("p1", "ppc64le", 4096, nil))
	small := pool.Order{VCPUs: 1, MemoryMiB: 512, DiskGiB: 1}
	with := func(change func(*pool.Order)) pool.Order { o := small; change(&o); return o }
	for want, o := range map[string]pool.Order{
		"":             small,
		"Architecture": with(func(o *pool.Order) { o.Arch = "aarch64" }),
		"Label":        with(func(o *pool.Order) { o.Labels = map[string]string{"lane": "old"} }),
		"Fragmented":   with(func(o *pool.Order) { o.MemoryMiB = 10000 }),
		"NoRoom":       with(func(o *pool.Order) { o.VolumeGiB = 51 }),
	} {
		require.Equal(t, want, reasonFor(t, mixed, o))
	}
	// Both at once: the hypervisor with the label is of the other architecture.
	require.Equal(t, "Label", reasonFor(t, mixed, with(func(o *pool.Order) { o.Arch, o.Labels = "ppc64le", map[string]string{"lane": "new"} })))
	require.Empty(t, reasonFor(t, mixed, with(func(o *pool.Order) { o.Arch, o.Labels = "x86_64", map[string]string{"lane": "new"} })))
}

func TestRegionHoldsOneServerOfAGroupForEachHypervisor(t *testing.T) {
	c := cloud("east", node("x1", "x86_64", 8192, nil), node("x2", "x86_64", 8192, nil))
	o := pool.Order{VCPUs: 1, MemoryMiB: 512, Group: "g", Policy: pool.AntiAffinity}
	for have, want := range []string{"", "", "AntiAffinity"} {
		c.Groups["g"] = have
		require.Equal(t, want, reasonFor(t, c, o), have)
	}
}

func TestVolumesTakeTheRoomOfTheirPlace(t *testing.T) {
	o := pool.Order{DiskGiB: 3, VolumeGiB: 40}
	require.Equal(t, resource.Charges{"disk_gib": 3, "volume_gib": 40}, cloud("east").Claim(o))
	require.Equal(t, resource.Charges{"disk_gib": 43}, host("a", 1, 0).Claim(o))
}
