package resource_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
)

func TestQuotaOfATree(t *testing.T) {
	eachForest(t, func(t *testing.T, f *forest) {
		f.Must(t, f.box("group/north/a", "one", 6))
		f.Must(t, f.box("group/north/b", "one", 4))
		f.Must(t, f.box("group/south/a", "one", 100))
		require.NoError(t, f.limit(t, "group/north", resource.Hard(20)))
		require.NoError(t, f.limit(t, "group/south/b", resource.Hard(7)))
		tree := func(v resource.View, node string) map[string][2]int64 {
			list, err := v.QuotaTree(t.Context(), f.id[node], "volume", "")
			require.NoError(t, err)
			out := map[string][2]int64{}
			for name, id := range f.id {
				for _, u := range list {
					if u.Node == id {
						out[name] = [2]int64{u.Reserved + u.Committed, u.Hard}
					}
				}
			}
			require.Len(t, out, len(list), "nothing of elsewhere")
			return out
		}
		require.Equal(t, map[string][2]int64{"group": {110, -1}, "group/north": {10, 20}, "group/north/a": {6, -1}, "group/north/b": {4, -1},
			"group/south": {100, -1}, "group/south/a": {100, -1}, "group/south/b": {0, 7}}, tree(f.View, "group"))
		require.Equal(t, map[string][2]int64{"group/north": {10, 20}, "group/north/a": {6, -1}, "group/north/b": {4, -1}}, tree(f.View, "group/north"))
		require.Equal(t, map[string][2]int64{"group/north/a": {6, -1}}, tree(f.View, "group/north/a"))
		for node, u := range tree(f.View, "group") {
			one := f.volume(t, node)
			require.Equal(t, [2]int64{one.Reserved + one.Committed, one.Hard}, u, "%s: as it is told of the node alone", node)
		}

		most, err := f.View.Consumers(t.Context(), f.id["group"], "volume", 2)
		require.NoError(t, err)
		require.Len(t, most, 2)
		require.Equal(t, f.id["group/south/a"], most[0].Node)
		require.Equal(t, f.id["group/north/a"], most[1].Node, "a branch is no consumer")

		part := f.Store.View(resource.Within(f.id["group/north/a"]))
		require.Empty(t, tree(part, "group/north"), "a part of the branch is out of sight")
		require.Len(t, tree(part, "group/north/a"), 1)
		hidden, err := part.Consumers(t.Context(), f.id["group"], "volume", 2)
		require.NoError(t, err)
		require.Empty(t, hidden)
	})
}
