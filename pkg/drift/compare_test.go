package drift

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/provider"
)

const here = "east"

var began = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// world is a state of Plaza and the same state as a backend would tell it.
type world struct {
	declared []Declared
	look     provider.Discovery
}

func backendOf(id string) string { return "b-" + id }

// drawWorld makes servers on networks, with volumes, in this place and others, some of them under way.
func drawWorld(t *rapid.T) world {
	w := world{look: provider.Discovery{StartedAt: began, Read: map[string]bool{"server": true, "volume": true, "network": true, "image": true}}}
	n := 0
	put := func(kind string, want provider.Facts, facts provider.Facts) string {
		n++
		id := fmt.Sprintf("%s%d", kind, n)
		w.declared = append(w.declared, Declared{Kind: kind, ID: id, Name: "n-" + id, Project: "p", Places: []string{here}, Settled: true, UpdatedAt: began.Add(-time.Minute), Want: want})
		w.look.Found = append(w.look.Found, provider.Found{Kind: kind, Backend: backendOf(id), Name: id, PlazaID: id, Created: began.Add(-time.Hour), Facts: facts})
		return id
	}
	for range rapid.IntRange(0, 2).Draw(t, "networks") {
		f := provider.Facts{CIDR: "10.0.0.0/24", Gateway: "10.0.0.1", Bridge: "br"}
		put("network", f, f)
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "servers") {
		var volumes, backends []string
		server := len(w.declared)
		card := provider.Card{MAC: "52:54:00:00:00:01", Address: fmt.Sprintf("10.0.0.%d", i+2)}
		f := provider.Facts{Power: rapid.SampledFrom([]provider.PowerState{"running", "stopped"}).Draw(t, "power"), VCPUs: rapid.IntRange(1, 8).Draw(t, "vcpus"), MemoryMiB: 512,
			Cards: []provider.Card{card}}
		id := put("server", f, f)
		for range rapid.IntRange(0, 2).Draw(t, "volumes") {
			size := rapid.IntRange(1, 9).Draw(t, "size")
			v := put("volume", provider.Facts{SizeGiB: size, AttachedTo: []string{id}}, provider.Facts{SizeGiB: size, AttachedTo: []string{backendOf(id)}})
			volumes, backends = append(volumes, v), append(backends, backendOf(v))
		}
		w.declared[server].Want.Volumes, w.look.Found[server].Volumes = volumes, backends
	}
	for range rapid.IntRange(0, 3).Draw(t, "free volumes") {
		put("volume", provider.Facts{SizeGiB: 3}, provider.Facts{SizeGiB: 3})
	}
	w.declared = append(w.declared, Declared{Kind: "server", ID: "away", Places: []string{"west"}, Settled: true}, Declared{Kind: "volume", ID: "unplaced"},
		Declared{Kind: "image", ID: "roaming", Anywhere: true, Settled: true})
	w.look.Found = append(w.look.Found, provider.Found{Kind: "network", Backend: "public", Facts: provider.Facts{External: true}},
		provider.Found{Kind: "image", Backend: "b-roaming", PlazaID: "roaming"})
	return w
}

func (w *world) drop(id string) {
	w.look.Found = slices.DeleteFunc(w.look.Found, func(f provider.Found) bool { return f.PlazaID == id })
}

func TestRouterJoinsOtherNetworksThanDeclared(t *testing.T) {
	look := provider.Discovery{StartedAt: began, Read: map[string]bool{"network": true, "router": true}}
	at := func(kind, id string, want provider.Facts) Declared {
		return Declared{Kind: kind, ID: id, Name: id, Places: []string{here}, Settled: true, UpdatedAt: began.Add(-time.Minute), Want: want}
	}
	declared := []Declared{at("network", "a", provider.Facts{}), at("network", "b", provider.Facts{}), at("router", "r", provider.Facts{Networks: []string{"b", "a"}})}
	for _, n := range []string{"a", "b"} {
		look.Found = append(look.Found, provider.Found{Kind: "network", Backend: backendOf(n), PlazaID: n})
	}
	require.Equal(t, Missing, Compare(here, declared, look)[0].Type)
	look.Found = append(look.Found, provider.Found{Kind: "router", Backend: "b-r", PlazaID: "r", Facts: provider.Facts{Networks: []string{"b-a", "b-b"}}})
	require.Empty(t, Compare(here, declared, look))
	look.Found[2].Networks = []string{"b-a"}
	got := Compare(here, declared, look)
	require.Equal(t, []Field{{"networks", "a,b", "a"}}, got[0].Fields)
	require.Len(t, got, 1)
}

// injury changes one thing and tells which difference is to come of it.
type injury struct {
	name  string
	apply func(w *world, d Declared, f *provider.Found) Difference
}

var injuries = []injury{
	{"missing", func(w *world, d Declared, _ *provider.Found) Difference {
		w.drop(d.ID)
		return Difference{Type: Missing, Object: d.ID}
	}},
	{"extra", func(w *world, d Declared, _ *provider.Found) Difference {
		w.look.Found = append(w.look.Found, provider.Found{Kind: d.Kind, Backend: "x-" + d.ID})
		return Difference{Type: Extra, Backend: "x-" + d.ID}
	}},
	{"zombie", func(w *world, d Declared, _ *provider.Found) Difference {
		w.look.Found = append(w.look.Found, provider.Found{Kind: d.Kind, Backend: "z-" + d.ID, PlazaID: "dead-" + d.ID})
		return Difference{Type: Zombie, Object: "dead-" + d.ID, Backend: "z-" + d.ID}
	}},
	{"twin", func(w *world, d Declared, f *provider.Found) Difference {
		twin := *f
		twin.Backend, twin.Created = "t-"+d.ID, f.Created.Add(time.Second)
		w.look.Found = append(w.look.Found, twin)
		return Difference{Type: Zombie, Object: d.ID, Backend: "t-" + d.ID, Twin: true}
	}},
	{"changed", func(_ *world, d Declared, f *provider.Found) Difference {
		switch d.Kind {
		case "server":
			f.VCPUs++
		case "volume":
			f.SizeGiB++
		case "network":
			f.Gateway = "10.0.0.254"
		}
		return Difference{Type: Changed, Object: d.ID, Backend: f.Backend}
	}},
}

func plain(list []Difference) []Difference {
	out := make([]Difference, 0, len(list))
	for _, d := range list {
		out = append(out, Difference{Type: d.Type, Object: d.Object, Backend: d.Backend, Twin: d.Twin})
	}
	return out
}

func TestAStateDoesNotDifferFromItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		require.Empty(t, Compare(here, w.declared, w.look))
	})
}

func TestEachDifferenceIsFoundOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		var want []Difference
		for _, d := range slices.Clone(w.declared) {
			i := slices.IndexFunc(w.look.Found, func(f provider.Found) bool { return f.PlazaID == d.ID && f.Backend == backendOf(d.ID) })
			if i < 0 || d.Anywhere || !rapid.Bool().Draw(t, "hurt "+d.ID) {
				continue
			}
			// A volume that is gone leaves its server changed, and so the other way: those have their own test.
			how := rapid.SampledFrom(injuries).Draw(t, "how")
			if how.name == "missing" && d.Kind != "network" && len(d.Want.Volumes)+len(d.Want.AttachedTo) > 0 {
				continue
			}
			want = append(want, how.apply(&w, d, &w.look.Found[i]))
		}
		got := Compare(here, w.declared, w.look)
		require.ElementsMatch(t, want, plain(got))
		names := map[string]bool{}
		for _, d := range got {
			require.Equal(t, here, d.Place)
			require.False(t, names[d.ID()], "two differences of one name")
			names[d.ID()] = true
		}
		again := Compare(here, w.declared, w.look)
		for i := range again {
			require.Equal(t, got[i].ID(), again[i].ID(), "the same difference has the same name")
		}
	})
}

func one(d Declared, found ...provider.Found) []Difference {
	d.UpdatedAt = began.Add(-time.Second)
	return Compare(here, []Declared{d}, provider.Discovery{StartedAt: began, Found: found, Read: map[string]bool{"server": true, "volume": true}})
}

func TestWhatProvesNothing(t *testing.T) {
	gone := Declared{Kind: "server", ID: "s", Places: []string{here}, Settled: true}
	require.Len(t, one(gone), 1)
	busy := gone
	busy.Settled = false
	require.Empty(t, one(busy), "it is being worked on")
	require.Empty(t, one(busy, provider.Found{Kind: "server", Backend: "b", PlazaID: "s", Facts: provider.Facts{VCPUs: 3}}))
	fresh := gone
	fresh.UpdatedAt = began.Add(time.Second)
	require.Empty(t, Compare(here, []Declared{fresh}, provider.Discovery{StartedAt: began, Read: map[string]bool{"server": true}}), "it was changed after the look began")
	require.Empty(t, Compare(here, []Declared{gone}, provider.Discovery{StartedAt: began.Add(time.Hour), Read: map[string]bool{"volume": true}}), "servers could not be read")

	away := gone
	away.Places = []string{"west"}
	d := one(away, provider.Found{Kind: "server", Backend: "b", PlazaID: "s"})
	require.Len(t, d, 1)
	require.Equal(t, Zombie, d[0].Type)
	require.False(t, d[0].Twin)
}

func TestFieldsThatDiffer(t *testing.T) {
	want := Declared{Kind: "server", ID: "s", Places: []string{here}, Settled: true, Want: provider.Facts{Power: "running", VCPUs: 2, MemoryMiB: 512, Volumes: []string{"v"},
		Cards: []provider.Card{{MAC: "52:54:00:aa:bb:cc", Address: "10.0.0.5"}}}}
	found := provider.Found{Kind: "server", Backend: "b", PlazaID: "s", Facts: provider.Facts{Power: "stopped", VCPUs: 4, MemoryMiB: 1024,
		Cards: []provider.Card{{MAC: "52:54:00:AA:BB:CC", Address: "10.0.0.6"}}, Volumes: []string{"foreign"}}}
	d := one(want, found)
	require.Len(t, d, 1)
	require.Equal(t, []Field{{"power", "running", "stopped"}, {"vcpus", "2", "4"}, {"memoryMiB", "512", "1024"},
		{"address", "52:54:00:aa:bb:cc 10.0.0.5", "52:54:00:aa:bb:cc 10.0.0.6"}, {"volumes", "v", ""}}, d[0].Fields)
	require.Contains(t, d[0].Detail, "volumes is none, not v")

	found.Facts = provider.Facts{Power: provider.PowerUnknown, Cards: []provider.Card{{MAC: "52:54:00:AA:BB:CC"}}, Volumes: []string{"bv"}}
	d = one(want, found, provider.Found{Kind: "volume", Backend: "bv", PlazaID: "v"})
	require.Len(t, d, 1)
	require.Equal(t, "volume", d[0].Kind, "what is not known of the server does not differ; its volume is declared nowhere")

	volume := Declared{Kind: "volume", ID: "v", Places: []string{here}, Settled: true}
	held := provider.Found{Kind: "volume", Backend: "bv", PlazaID: "v", Facts: provider.Facts{AttachedTo: []string{"foreign"}}}
	require.Equal(t, []Field{{"attachedTo", "", "foreign (not of Plaza)"}}, one(volume, held)[0].Fields)
	volume.Adopted = true
	require.Empty(t, one(volume, held), "it was attached when it was adopted")
}
