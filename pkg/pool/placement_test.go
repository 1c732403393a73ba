package pool_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/resource"
)

func host(name string, mem, used int64) pool.Host {
	return pool.Host{ID: name, Name: name, Arch: "x86_64", Alive: true, Schedulable: true, VCPUs: 16, MemoryMiB: mem, DiskGiB: 100, UsedMemoryMiB: used}
}

func TestPlaceSpreads(t *testing.T) {
	h, refused, err := pool.Place([]pool.Host{host("a", 4096, 2048), host("b", 4096, 512)}, pool.Order{VCPUs: 1, MemoryMiB: 512, DiskGiB: 1})
	require.NoError(t, err)
	require.Equal(t, "b", h.Name)
	require.Empty(t, refused)
}

func TestEachRefusalHasItsReason(t *testing.T) {
	down := host("down", 4096, 0)
	down.Alive, down.Why = false, "no heartbeat for 12 s"
	closed := host("closed", 4096, 0)
	closed.Schedulable, closed.Why = false, "in maintenance"
	arm := host("arm", 4096, 0)
	arm.Arch = "aarch64"
	full := host("full", 1024, 1000)
	grouped := host("grouped", 4096, 0)
	grouped.Groups = map[string]int{"g": 1}
	kept := host("kept", 4096, 0)
	kept.Labels, kept.ReservedFor = map[string]string{"dpath": "campaign"}, "dpath"
	away := host("away", 4096, 0)
	o := pool.Order{VCPUs: 1, MemoryMiB: 512, DiskGiB: 1, Arch: "x86_64", Group: "g", Policy: pool.AntiAffinity, Network: map[string]string{"net": "full"}}
	_, refused, err := pool.Place([]pool.Host{down, closed, arm, full, grouped, kept, away}, o)
	require.Equal(t, resource.ReasonNoCandidate, resource.ReasonOf(err))
	reasons := map[string]string{}
	for _, c := range refused {
		reasons[c.Name] = c.Reason
		require.NotEmpty(t, c.Detail)
	}
	require.Equal(t, map[string]string{"down": "Down", "closed": "Closed", "arm": "Architecture", "full": "NoRoom", "grouped": "Network", "kept": "Reserved", "away": "Network"}, reasons)
	var p *resource.Problem
	require.ErrorAs(t, err, &p)
	require.NotEmpty(t, p.Hint)
	require.Len(t, p.Candidates, 7)
}

func TestNoHostAtAll(t *testing.T) {
	_, _, err := pool.Place(nil, pool.Order{})
	require.ErrorContains(t, err, "there is no host")
}

// A host that is kept for a trait takes servers that ask for it, their volumes, and nothing else.
func TestReservedHosts(t *testing.T) {
	kept := host("kept", 65536, 0)
	kept.VolumeGiB = 100
	kept.Labels, kept.ReservedFor = map[string]string{"dpath": "campaign", "disk": "ssd"}, "dpath"
	other := host("other", 4096, 0)
	for want, o := range map[string]pool.Order{
		"kept":   {VCPUs: 1, MemoryMiB: 512, Labels: map[string]string{"dpath": "campaign"}},
		"other":  {VCPUs: 1, MemoryMiB: 512},
		"other ": {VolumeGiB: 1},
		"kept ":  {VolumeGiB: 1, Host: "kept"},
	} {
		h, _, err := pool.Place([]pool.Host{kept, other}, o)
		require.NoError(t, err)
		require.Equal(t, strings.TrimSpace(want), h.Name, "%+v", o)
	}
	for reason, labels := range map[string]map[string]string{"Label": {"dpath": "other"}, "Reserved": {"disk": "ssd"}} {
		_, refused, err := pool.Place([]pool.Host{kept}, pool.Order{VCPUs: 1, MemoryMiB: 512, Labels: labels})
		require.Error(t, err)
		require.Equal(t, reason, refused[0].Reason)
	}
	region := host("region", 65536, 0)
	region.Region, region.Nodes = true, []pool.Node{{Name: "n1", Arch: "x86_64", FreeVCPUs: 8, FreeMemoryMiB: 8192, Labels: map[string]string{"dpath": "campaign"}, Required: []string{"CUSTOM_DPATH_CAMPAIGN"}}}
	_, refused, err := pool.Place([]pool.Host{region}, pool.Order{VCPUs: 1, MemoryMiB: 512})
	require.Error(t, err)
	require.Equal(t, "Reserved", refused[0].Reason)
	_, _, err = pool.Place([]pool.Host{region}, pool.Order{VCPUs: 1, MemoryMiB: 512, Labels: map[string]string{"dpath": "campaign"}})
	require.NoError(t, err)
}

func TestPlacedHostsAlwaysFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var hosts []pool.Host
		for i := range rapid.IntRange(0, 8).Draw(t, "hosts") {
			mem := rapid.Int64Range(256, 65536).Draw(t, "mem")
			h := host(string(rune('a'+i)), mem, rapid.Int64Range(0, mem).Draw(t, "used"))
			h.Alive, h.Schedulable = rapid.Bool().Draw(t, "alive"), rapid.Bool().Draw(t, "open")
			h.Groups = map[string]int{"g": rapid.IntRange(0, 2).Draw(t, "group")}
			hosts = append(hosts, h)
		}
		o := pool.Order{VCPUs: rapid.Int64Range(1, 20).Draw(t, "cpu"), MemoryMiB: rapid.Int64Range(1, 65536).Draw(t, "want"), Group: "g",
			Policy: rapid.SampledFrom([]pool.Policy{"", pool.SoftAntiAffinity, pool.AntiAffinity, pool.SoftAffinity, pool.Affinity}).Draw(t, "policy"),
			With:   rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "with")}
		h, refused, err := pool.Place(hosts, o)
		if err != nil {
			require.Len(t, refused, len(hosts), "each host must be told of")
			return
		}
		require.True(t, h.Alive && h.Schedulable && h.MemoryMiB-h.UsedMemoryMiB >= o.MemoryMiB && h.VCPUs >= o.VCPUs)
		if o.Policy == pool.AntiAffinity {
			require.Zero(t, h.Groups["g"])
		}
		if o.With != "" {
			require.Equal(t, o.With, h.ID)
		}
		for i := range hosts { // order of the hosts does not matter
			j := rapid.IntRange(0, len(hosts)-1).Draw(t, "swap")
			hosts[i], hosts[j] = hosts[j], hosts[i]
		}
		again, _, err := pool.Place(hosts, o)
		require.NoError(t, err)
		require.Equal(t, h.ID, again.ID)
	})
}
