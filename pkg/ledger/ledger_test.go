package ledger_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/ledger"
)

func TestMachinesAreToldWithTheirBookEntry(t *testing.T) {
	l := ledger.New([]ledger.Machine{
		{Kind: ledger.KindHost, ID: "h1", Name: "kvm1", Place: "north", Up: true},
		{Kind: ledger.KindHypervisor, ID: "y1", Name: "cmp1", Place: "east"},
		{Kind: ledger.KindHypervisor, ID: "y2", Name: "cmp1", Place: "west", Up: true},
	}, []ledger.Asset{
		{ID: "a1", Name: "pc-7", Type: "server", Pooled: "host/kvm1", Rack: "r1", Unit: 4, Serial: "S7", Owner: "dailymart"},
		{ID: "a2", Name: "pc-8", Type: "server", Pooled: "hypervisor/west/cmp1", Rack: "r2", Owner: "group"},
		{ID: "a3", Name: "pc-9", Type: "server", Pooled: "baremetal/db1", Rack: "r3"},
		{ID: "a4", Name: "power-1", Type: "power-host", Site: "old hall", Rack: "r9", Owner: "group"},
		{ID: "a5", Name: "lpar-1", Type: "power-lpar", PartOf: "power-1"},
	})
	require.Equal(t, []ledger.Entry{
		{Kind: "asset", ID: "a3", Name: "pc-9", Physical: true, State: "absent", Machine: "baremetal/db1", Type: "server", Asset: "pc-9", Rack: "r3"},
		{Kind: "asset", ID: "a4", Name: "power-1", Physical: true, State: "external", Type: "power-host", Asset: "power-1", Site: "old hall", Rack: "r9", Owner: "group"},
		{Kind: "asset", ID: "a5", Name: "lpar-1", Physical: true, State: "external", Machine: "power-1", Type: "power-lpar", Asset: "lpar-1", Site: "old hall", Rack: "r9", Owner: "group"},
		{Kind: "host", ID: "h1", Name: "kvm1", Physical: true, State: "up", Place: "north", Type: "server", Asset: "pc-7", Rack: "r1", Unit: 4, Serial: "S7", Owner: "dailymart"},
		{Kind: "hypervisor", ID: "y1", Name: "cmp1", Physical: true, State: "down", Place: "east"},
		{Kind: "hypervisor", ID: "y2", Name: "cmp1", Physical: true, State: "up", Place: "west", Type: "server", Asset: "pc-8", Rack: "r2", Owner: "group"},
	}, l.Physical())
	require.Equal(t, ledger.Entry{Kind: "server", ID: "s", Machine: "kvm1", Asset: "pc-7", Rack: "r1", Unit: 4, Serial: "S7", Owner: "project"},
		l.Virtual(ledger.Entry{Kind: "server", ID: "s", Machine: "kvm1", Owner: "project"}, "host/kvm1"))
	require.Empty(t, l.Virtual(ledger.Entry{Kind: "server", ID: "s"}, "hypervisor/east/cmp1").Rack, "that machine is in no book")
}

// Whatever is booked of whatever there is, every machine is told once, and no book entry is lost.
func TestNothingIsToldTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"a", "b", "c"})
		var machines []ledger.Machine
		for _, n := range rapid.SliceOfDistinct(name, func(s string) string { return s }).Draw(t, "machines") {
			machines = append(machines, ledger.Machine{Kind: ledger.KindHost, ID: n, Name: n})
		}
		var assets []ledger.Asset
		for _, n := range rapid.SliceOfDistinct(name, func(s string) string { return s }).Draw(t, "booked") {
			assets = append(assets, ledger.Asset{ID: "asset-" + n, Name: "asset-" + n, Pooled: "host/" + n})
		}
		told, booked := map[string]int{}, map[string]int{}
		for _, e := range ledger.New(machines, assets).Physical() {
			told[e.ID]++
			booked[e.Asset]++
		}
		for _, m := range machines {
			require.Equal(t, 1, told[m.ID])
		}
		for _, a := range assets {
			require.Equal(t, 1, booked[a.Name])
		}
	})
}
