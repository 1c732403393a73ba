package dpath

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
)

func TestSpillRatio(t *testing.T) {
	r := prometheus.NewRegistry()
	m, err := NewMetrics(r)
	require.NoError(t, err)
	now := t0
	m.spill.now = func() time.Time { return now }
	call := func(n int, env, label string) {
		for range n {
			m.Call("trade", Decision{Env: env, Pool: PoolPublic, Label: label})
		}
	}
	want := func(lines ...string) {
		t.Helper()
		text := "# HELP dpath_spill_ratio Part of a lane's calls that public nodes took because its own were full, over ten seconds or since it was asked last.\n# TYPE dpath_spill_ratio gauge\n"
		require.NoError(t, testutil.GatherAndCompare(r, strings.NewReader(text+strings.Join(lines, "\n")+"\n"), "dpath_spill_ratio"))
	}
	call(3, "a", Dedicated)
	call(1, "a", Spill)
	call(7, "", Common)
	want(`dpath_spill_ratio{app="trade",env="a"} 0.25`)
	call(4, "a", Spill)
	want(`dpath_spill_ratio{app="trade",env="a"} 0.25`) // too soon
	now = now.Add(spillWindow)
	want(`dpath_spill_ratio{app="trade",env="a"} 1`)
	now = now.Add(spillWindow)
	want(`dpath_spill_ratio{app="trade",env="a"} 0`)
	again, err := NewMetrics(r)
	require.NoError(t, err)
	require.Same(t, m.spill, again.spill)
}
