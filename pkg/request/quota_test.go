package request_test

import (
	"flag"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/request"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// TestRaisedByWhatIsMissing on whichever nodes the limits are: those that were too tight are just full afterwards, and
// the others are as before.
func TestRaisedByWhatIsMissing(t *testing.T) {
	require.NoError(t, flag.Set("rapid.checks", "12"))
	o := newOffice(t, storetest.Open(t, store.SQLite))
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		used := o.usage(t, shop, "litres").Committed
		nodes := map[string]int64{}
		for _, node := range []string{shop, brand, group} {
			nodes[node] = rapid.SampledFrom([]int64{-1, used - 1, used, used + 1, used + 5, used + 100}).Draw(rt, node)
			nodes[node] = max(nodes[node], -1)
			o.limit(t, node, "litres", nodes[node])
		}
		size := rapid.IntRange(1, 6).Draw(rt, "size")
		name := fmt.Sprintf("b%d", n)
		fits := true
		for _, hard := range nodes {
			fits = fits && (hard < 0 || used+int64(size) <= hard)
		}
		_, err := o.asks(t, "ann", name, o.newBox(t, name, size))
		if fits {
			require.Equal(t, resource.ReasonConflict, resource.ReasonOf(err), "%v", err)
			return
		}
		require.NoError(t, err)
		require.NoError(t, o.act(t, "root", name, "approve", "{}"))
		o.becomes(t, name, request.Done)
		for node, hard := range nodes {
			if hard >= 0 {
				hard = max(hard, used+int64(size))
			}
			require.Equal(t, hard, o.usage(t, node, "litres").Hard, node)
			require.Equal(t, used+int64(size), o.usage(t, node, "litres").Committed, node)
		}
		o.exact(t)
	})
}
