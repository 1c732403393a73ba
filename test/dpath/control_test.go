package dpath_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath/verify"
)

// verify sends n probes of every kind over the whole chain, with protections off.
func (r *rig) verify(n int, control ...string) verify.Report {
	r.t.Helper()
	report, err := verify.Run(context.Background(), verify.Options{
		Entry: "http://" + r.entry.addr(), Paths: []string{chain}, Common: n, Labelled: n, Envs: r.lanes,
		Key: r.probes, Control: control, Client: r.client, Concurrency: 16, Timeout: patience,
	})
	require.NoError(r.t, err)
	return report
}

// While common calls queue for want of workers, the check holds, and finds what
// is really wrong: here a node that was put into service without its guard.
func TestT39VerifyUnderLoad(t *testing.T) {
	r := newRig(t, setup{workers: 4, service: 10 * time.Millisecond})
	ctx, stop := context.WithCancel(context.Background())
	loaded := make(chan []sample, 1)
	go func() {
		loaded <- r.run(ctx, flow{path: chain, method: http.MethodGet, rate: 100, limit: 48, hasty: true})
	}()
	r.until(func() bool { return r.effects(r.find("app1", "")) > 50 })
	report := r.verify(50)
	require.NoError(t, report.Err())
	require.Zero(t, report.GuardRefusals)

	open := r.find("app2", lane)[0]
	open.kill()
	open.unguarded = true
	r.serve(open)
	report = r.verify(50)
	require.Error(t, report.Err())
	require.Positive(t, report.ByKind[verify.TrailGap], "nothing that the open node did is vouched for: %v", report.ByKind)
	stop()
	require.NotEmpty(t, <-loaded)
}

// Each layer alone holds; without both the check must fail, or it proves
// nothing. Real calls stay protected all the while.
func TestT40EachLayerAlone(t *testing.T) {
	r := newRig(t, setup{lanes: []string{"a", "b"}})
	samples := r.beside("a", chain, 10, 10, func() {
		guardOff := r.verify(100, "guard")
		require.NoError(t, guardOff.Err(), "the caller's filter alone holds")
		require.Zero(t, guardOff.GuardRefusals)

		filterOff := r.verify(100, "filter")
		require.Zero(t, filterOff.ByKind[verify.Exclusion]+filterOff.ByKind[verify.CrossLane], "the guard alone holds: %v", filterOff.ByKind)
		require.Positive(t, filterOff.GuardRefusals, "and shows that it had to")

		probes := r.trespasses()
		require.Zero(t, probes)
		both := r.verify(100, "guard", "filter")
		require.Error(t, both.Err())
		require.Positive(t, both.ByKind[verify.Exclusion])
		require.Positive(t, both.ByKind[verify.CrossLane])
		require.Equal(t, both.ByKind[verify.Exclusion]+both.ByKind[verify.CrossLane], r.trespasses(), "the trails tell what the nodes' own books tell")
		require.NoError(t, r.verify(50).Err(), "the next run is protected again")
	})
	require.NoError(t, failures(samples))
	for _, s := range samples {
		require.Equal(t, all(map[string]string{"": "public", "a": "a"}[s.env]), pools(s.nodes))
	}
}

// Whatever the mix of kinds and paths, probes of every kind take every path.
func TestT39EveryKindTakesEveryPath(t *testing.T) {
	r := newRig(t, setup{})
	report, err := verify.Run(context.Background(), verify.Options{
		Entry: "http://" + r.entry.addr(), Paths: []string{"/app1/app2", "/app3/app4"}, Common: 20, Labelled: 20, Envs: r.lanes,
		Key: r.probes, Client: r.client, Timeout: patience,
	})
	require.NoError(t, err)
	require.NoError(t, report.Err())
	for _, app := range apps {
		require.Equal(t, map[string]int{"public": 10, "dedicated": 10}, report.Hops[app], app)
	}
}
