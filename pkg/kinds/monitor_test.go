package kinds_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

func (s *site) ServerStats(_ context.Context, host, id string) (out provider.ServerStats, err error) {
	err = s.call("ServerStats", host, func() error {
		out = s.stats[id]
		out.ObservedAt = time.Now()
		return nil
	})
	return out, err
}

func (r *rig) monitor(name string) *kinds.Monitor {
	r.t.Helper()
	m, err := resource.As[kinds.MonitorSpec, kinds.MonitorStatus](r.get("monitor", "p", name))
	require.NoError(r.t, err)
	return &m
}

// look has a monitor look now: a change of what it is asked for does.
func (r *rig) look(name, spec string) kinds.MonitorStatus {
	r.t.Helper()
	r.ready(r.make("monitor", "p", name, spec))
	return r.monitor(name).Status
}

func TestMonitorTellsWhenAServerGoesAndComesBack(t *testing.T) {
	t.Parallel()
	var away atomic.Bool
	asked := make(chan string, 100)
	r := newRigWith(t, kinds.Backends{Ask: func(_ context.Context, url string) error {
		asked <- url
		if away.Load() {
			return errors.New("it answers 503")
		}
		return nil
	}})
	r.ready(r.make("server", "p", "web", strings.TrimSuffix(serverSpec, "}")+`,"publish":[{"port":80}]}`))
	r.refused(resource.ReasonInvalid, "monitor", "p", "m", `{"server":"web","port":81}`)
	r.refused(resource.ReasonInvalid, "monitor", "p", "m", `{"server":"web","path":"/"}`)
	r.refused(resource.ReasonInvalid, "monitor", "p", "m", `{"server":"nobody"}`)

	spec := func(every string) string {
		return `{"server":"web","port":80,"path":"/health","everySeconds":` + every + `,"failures":2}`
	}
	st := r.look("m", spec("3600"))
	require.True(t, st.Up)
	require.Empty(t, st.Error)
	require.Equal(t, "http://"+r.server("web").Status.Published[0].Endpoint+"/health", <-asked)

	away.Store(true)
	st = r.look("m", spec("3599"))
	require.True(t, st.Up, "once is not enough")
	require.Equal(t, "it answers 503", st.Error)
	st = r.look("m", spec("3598"))
	require.False(t, st.Up)
	require.Contains(t, r.notes(r.monitor("m").ID)["monitor.down"], "503")
	away.Store(false)
	require.True(t, r.look("m", spec("3597")).Up)
	require.NotEmpty(t, r.notes(r.monitor("m").ID)["monitor.up"])

	r.ready(r.make("server", "p", "web", strings.TrimSuffix(serverSpec, "}")+`,"publish":[{"port":80}],"power":"stopped"}`))
	require.Contains(t, r.look("m", spec("3596")).Error, "stopped")
	r.remove("server", "p", "web")
	r.gone("server", "p", "web")
	_, err := r.apply("monitor", "p", "m", spec("3595"))
	require.Error(t, err, "there is nothing to watch any more")
	r.remove("monitor", "p", "m")
	r.gone("monitor", "p", "m")
	r.exact()
}

func TestMonitorLooksByItselfAndMeasures(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("server", "p", "web", serverSpec))
	id := r.server("web").ID
	r.site.with(func() { r.site.stats = map[string]provider.ServerStats{id: {CPUNanos: 1e9, MemoryRSSKiB: 64 << 10}} })
	r.ready(r.make("monitor", "p", "m", `{"server":"web","everySeconds":5}`))
	require.True(t, r.monitor("m").Status.Up)
	require.Nil(t, r.monitor("m").Status.Load, "one look is no rate")
	r.site.with(func() {
		r.site.stats[id] = provider.ServerStats{CPUNanos: 2e9, MemoryRSSKiB: 64 << 10, RxBytes: 1 << 20}
	})
	r.eventually("it measures", func() bool { return r.monitor("m").Status.Load != nil })
	load := r.monitor("m").Status.Load
	require.InDelta(t, 10, load.CPUPercent, 4, "a second of two vCPUs in five")
	require.EqualValues(t, 64, load.MemoryMiB)
	require.InDelta(t, 1<<20/5, load.RxBytesPerSecond, 1<<20/10)

	r.remove("server", "p", "web")
	r.eventually("it tells that there is no server", func() bool { return r.monitor("m").Status.Error == "its server was deleted" })
}
