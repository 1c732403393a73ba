package pool_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/resource"
)

func placed(name, site, rack string, used int64) pool.Host {
	h := host(name, 8192, used)
	h.Site, h.Rack = site, rack
	return h
}

var tiny = pool.Order{VCPUs: 1, MemoryMiB: 512, DiskGiB: 1}

func by(rules ...pool.Rule) pool.Order {
	o := tiny
	o.Rules = rules
	return o
}

func chosen(t *testing.T, o pool.Order, hosts ...pool.Host) string {
	t.Helper()
	h, _, err := pool.Place(hosts, o)
	require.NoError(t, err)
	return h.Name
}

func TestPoliciesPrefer(t *testing.T) {
	a, b, c := placed("a", "north", "r1", 4096), placed("b", "north", "r1", 0), placed("c", "south", "r2", 2048)
	require.Equal(t, "b", chosen(t, tiny, a, b, c), "without a policy the one with most memory")
	require.Equal(t, "a", chosen(t, by(pool.Rule{Prefer: pool.Pack}), a, b, c))
	spread := pool.Rule{Prefer: pool.Spread, Over: pool.OverRack, Count: map[string]int64{b.Domain(pool.OverRack): 1}}
	require.Equal(t, "c", chosen(t, by(spread), a, b, c))
	require.Equal(t, "a", chosen(t, by(spread, pool.Rule{Prefer: pool.Pack}), a, b, c), "the policy that is nearer to the order counts")
}

func TestPoliciesLimit(t *testing.T) {
	a, b, lost := placed("a", "north", "r1", 0), placed("b", "north", "r2", 1024), placed("lost", "north", "", 0)
	most := pool.Rule{Policy: "radius", Over: pool.OverRack, Most: 2, Count: map[string]int64{a.Domain(pool.OverRack): 2, b.Domain(pool.OverRack): 1}}
	require.Equal(t, "b", chosen(t, by(most), a, b, lost))
	most.Count[b.Domain(pool.OverRack)] = 2
	_, refused, err := pool.Place([]pool.Host{a, b, lost}, by(most))
	require.Equal(t, resource.ReasonNoCandidate, resource.ReasonOf(err))
	require.Equal(t, []resource.Candidate{
		{Name: "a", Reason: "Policy", Detail: "placement policy radius allows 2 of its servers on one rack, and 2 are there", Fix: "add a host, rack or site, or let policy radius allow more"},
		{Name: "b", Reason: "Policy", Detail: "placement policy radius allows 2 of its servers on one rack, and 2 are there", Fix: "add a host, rack or site, or let policy radius allow more"},
		{Name: "lost", Reason: "Rack", Detail: "nobody knows the rack that it is in, and placement policy radius counts by rack", Fix: "give it a trait rack, or book it in a rack"},
	}, refused)
	region := cloud("east", node("x1", "x86_64", 8192, nil), node("x2", "x86_64", 8192, nil))
	most.Count = map[string]int64{region.Domain(pool.OverHost): 2}
	require.Equal(t, "Policy", reasonFor(t, region, by(most)), "a region chooses its hypervisors itself, and counts as one host")
}

func TestDedicatedHosts(t *testing.T) {
	a, b := placed("a", "north", "", 4096), placed("b", "south", "", 0)
	b.Labels = map[string]string{"owner": "tea"}
	for _, only := range []pool.Rule{{Hosts: []string{"a"}}, {Hosts: []string{"north"}}} {
		require.Equal(t, "a", chosen(t, by(only), a, b))
	}
	require.Equal(t, "b", chosen(t, by(pool.Rule{Labels: map[string]string{"owner": "tea"}}), a, b))
	b.Kept = true
	require.Equal(t, "a", chosen(t, tiny, a, b))
	require.Equal(t, "Dedicated", reasonFor(t, b, tiny))
	require.Equal(t, "b", chosen(t, pool.Order{VolumeGiB: 1, Host: "b"}, b), "a volume goes where its server is")
}

func TestNearestSite(t *testing.T) {
	at := func(city string, lat, lon float64) *pool.Position {
		return &pool.Position{City: city, Latitude: lat, Longitude: lon, Known: lat != 0}
	}
	harbin, shanghai, dark := placed("h", "harbin", "", 4096), placed("s", "shanghai", "", 0), placed("d", "dark", "", 0)
	harbin.Position, shanghai.Position = at("Harbin", 45.80, 126.53), at("Shanghai", 31.23, 121.47)
	near := func(p *pool.Position, within float64) pool.Order {
		return by(pool.Rule{Policy: "local", Near: p, Within: within})
	}
	require.Equal(t, "h", chosen(t, near(at("", 43.88, 125.32), 0), harbin, shanghai, dark), "Changchun is near Harbin")
	require.Equal(t, "s", chosen(t, near(at("shanghai", 0, 0), 0), harbin, shanghai, dark), "the same city, whatever its letters")
	km, known := harbin.Position.Away(shanghai.Position)
	require.True(t, known)
	require.InDelta(t, 1676, km, 10)
	require.Equal(t, "TooFar", reasonFor(t, shanghai, near(at("", 43.88, 125.32), 300)))
	require.Equal(t, "TooFar", reasonFor(t, dark, near(at("", 43.88, 125.32), 300)))
}

func TestRefusalsNameTheNearestFix(t *testing.T) {
	a, b := placed("host-3", "north", "", 7680), placed("host-4", "north", "", 8000)
	o := pool.Order{VCPUs: 1, MemoryMiB: 1024, DiskGiB: 1, Flavors: []pool.Size{{Name: "m", VCPUs: 1, MemoryMiB: 1024, DiskGiB: 1}, {Name: "s", VCPUs: 1, MemoryMiB: 512, DiskGiB: 1},
		{Name: "xs", VCPUs: 1, MemoryMiB: 256, DiskGiB: 1}, {Name: "gpu", VCPUs: 1, MemoryMiB: 512, DiskGiB: 1, Labels: map[string]string{"gpu": "a100"}}}}
	_, refused, err := pool.Place([]pool.Host{a, b}, o)
	var p *resource.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, "host-3 lacks 512 MiB; free it or take flavor s", p.Hint)
	require.Equal(t, "free 512 MiB, or take flavor s", refused[0].Fix)
	require.Equal(t, "free 832 MiB, or add a host", refused[1].Fix)
	b.Short = "quota vcpus in north: 4 of 4 are in use, 1 more were asked for"
	require.Equal(t, "Quota", reasonFor(t, b, tiny))
}

// However many are placed one after the other, by whatever limit: nothing holds more than it may, and who is refused finds
// every place full.
func TestLimitsOfPoliciesHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		over := rapid.SampledFrom([]string{pool.OverHost, pool.OverRack, pool.OverSite}).Draw(t, "over")
		var hosts []pool.Host
		for i := range rapid.IntRange(1, 9).Draw(t, "hosts") {
			h := placed(fmt.Sprint("h", i), rapid.SampledFrom([]string{"n", "s"}).Draw(t, "site"), rapid.SampledFrom([]string{"r1", "r2", "r3"}).Draw(t, "rack"), 0)
			hosts = append(hosts, h)
		}
		r := pool.Rule{Policy: "p", Over: over, Most: rapid.Int64Range(1, 4).Draw(t, "most"), Count: map[string]int64{}, Prefer: rapid.SampledFrom([]string{"", pool.Spread, pool.Pack}).Draw(t, "prefer")}
		for range rapid.IntRange(1, 20).Draw(t, "servers") {
			h, refused, err := pool.Place(hosts, by(r))
			if err != nil {
				require.Len(t, refused, len(hosts))
				for _, h := range hosts {
					require.Equal(t, r.Most, r.Count[h.Domain(over)])
				}
				return
			}
			r.Count[h.Domain(over)]++
			require.LessOrEqual(t, r.Count[h.Domain(over)], r.Most)
			if r.Prefer == pool.Spread {
				for _, other := range hosts {
					require.LessOrEqual(t, r.Count[h.Domain(over)]-1, r.Count[other.Domain(over)], "the fewest were there")
				}
			}
		}
	})
}
