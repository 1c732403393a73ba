package dpath_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
)

func TestFlowIsWhatWasDecidedSince(t *testing.T) {
	m, err := dpath.NewMetrics(prometheus.NewRegistry())
	require.NoError(t, err)
	lane := dpath.Decision{Env: "a", Pool: dpath.PoolDedicated, Label: dpath.Dedicated}
	m.Call("trade", lane)
	meter := dpath.NewFlowMeter(m)
	require.Empty(t, meter.Flow().Calls, "what was before counts not")
	m.Call("trade", lane)
	m.Call("stock", lane)
	m.Call("trade", lane)
	m.Call("trade", dpath.Decision{Pool: dpath.PoolPublic, Label: dpath.Common})
	m.GuardReject("trade", "a")
	m.LabelInvalid("expired", 2)
	f := meter.Flow()
	require.Equal(t, []dpath.FlowCalls{
		{App: "trade", Env: "a", Pool: "dedicated", Decision: "dedicated", Calls: 2},
		{App: "stock", Env: "a", Pool: "dedicated", Decision: "dedicated", Calls: 1},
		{App: "trade", Pool: "public", Decision: "common", Calls: 1},
	}, f.Calls)
	require.Equal(t, []float64{0, 1, 2}, []float64{f.Violations, f.Rejects, f.Invalid})
	require.Positive(t, f.Seconds)
	require.Empty(t, meter.Flow().Calls)
}
