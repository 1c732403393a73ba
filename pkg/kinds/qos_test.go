package kinds_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// What a flavor and a tier bound reaches the servers and volumes that have them, and so does another bound.
func TestBoundsReachWhatHasThem(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("flavor", "", "lean", `{"vcpus":2,"memoryMiB":512,"diskGiB":4,"cpuWeight":50,"cpuPercent":25,"diskIOPS":100,"diskMibps":8,"networkMbps":20}`))
	r.ready(r.make("storagetier", "", "quick", `{"iops":500}`))
	v := r.ready(r.make("volume", "p", "data", `{"sizeGiB":1,"tier":"quick"}`))
	s := r.ready(r.make("server", "p", "web", `{"flavor":"lean","image":"busybox","network":"net","volumes":["data"]}`))
	plain := r.ready(r.make("server", "p", "plain", serverSpec))
	wanted := func(id string) (w provider.Server) {
		r.site.with(func() { w = r.site.wanted[id] })
		return w
	}
	w := wanted(s.ID)
	require.Equal(t, provider.CPU{Weight: 50, Percent: 25}, w.CPU)
	require.Equal(t, &provider.QoS{IOPS: 100, BytesPerSecond: 8 << 20}, w.Disks[0].QoS)
	require.Nil(t, w.Disks[1].QoS, "a volume has its own")
	require.EqualValues(t, 20_000_000, w.Interfaces[0].BitsPerSecond)
	was := w.HardwareDigest()

	r.ready(r.make("flavor", "", "lean", `{"vcpus":2,"memoryMiB":512,"diskGiB":4,"cpuPercent":50}`))
	r.eventually("the server is told", func() bool { return wanted(s.ID).CPU == provider.CPU{Percent: 50} })
	w = wanted(s.ID)
	require.Nil(t, w.Disks[0].QoS)
	require.Zero(t, w.Interfaces[0].BitsPerSecond)
	require.Equal(t, was, w.HardwareDigest(), "no restart is needed")
	require.Zero(t, wanted(plain.ID).CPU)
	r.ready(r.make("storagetier", "", "quick", `{"iops":800}`))
	r.eventually("the volume is told", func() (told bool) {
		r.site.with(func() { told = r.site.asked[v.ID].QoS.IOPS == 800 })
		return told
	})
	r.refused(resource.ReasonInvalid, "flavor", "", "lean", `{"vcpus":4,"memoryMiB":512,"diskGiB":4}`)
}
