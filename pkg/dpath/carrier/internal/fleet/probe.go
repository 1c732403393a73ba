package fleet

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath/verify"
)

// Prove sends n common probes and n of [Lane] along a queue that consumers on all nodes take from: each layer alone keeps
// common work from dedicated ones, and with both off on purpose that is seen.
func (f *Fleet) Prove(q verify.Queue, n int) {
	f.t.Helper()
	run := func(control ...string) verify.Report {
		r, err := verify.Run(context.Background(), verify.Options{Queues: []verify.Queue{q}, Envs: []string{Lane}, Common: n, Labelled: n,
			Key: f.Probes, Control: control, Timeout: time.Minute})
		require.NoError(f.t, err)
		require.Zero(f.t, r.Failed, r.ErrorSamples)
		return r
	}
	for _, control := range [][]string{nil, {"filter"}, {"guard"}} {
		r := run(control...)
		require.NoError(f.t, r.Err(), control)
		require.Equal(f.t, map[string]int{"public": n, "dedicated": n}, r.Hops[App], control)
		require.Equal(f.t, n, r.ByEnv[Lane])
	}
	require.EqualValues(f.t, n, f.Count("dpath_guard_reject_total"), "without the filter each common probe came to a guard")
	r := run("filter", "guard")
	require.Equal(f.t, map[string]int{verify.Exclusion: n}, r.ByKind)
	require.Equal(f.t, q.String(), r.Examples[0].Path)
}
