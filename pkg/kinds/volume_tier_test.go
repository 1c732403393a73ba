package kinds_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

func TestVolumeOfATierIsBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("storagetier", "", "quick", `{"iops":500,"mibps":50}`))
	v := r.ready(r.make("volume", "p", "data", `{"sizeGiB":1,"tier":"quick"}`))
	r.site.with(func() {
		want := r.site.asked[v.ID]
		require.Equal(t, [2]string{"quick", ""}, [2]string{want.Tier, want.Pool})
		require.Equal(t, &provider.QoS{IOPS: 500, BytesPerSecond: 50 << 20}, want.QoS)
	})
	r.ready(r.make("volume", "p", "plain", `{"sizeGiB":1}`))
	r.site.with(func() { require.Nil(t, r.site.asked[r.get("volume", "p", "plain").ID].QoS) })

	p := r.refused(resource.ReasonInvalid, "volume", "p", "plain", `{"sizeGiB":1,"tier":"quick"}`)
	require.Contains(t, p.Hint, "snapshot")
	r.refused(resource.ReasonInvalid, "volume", "p", "lost", `{"sizeGiB":1,"tier":"none"}`)
	_, err := r.Delete(t.Context(), resource.Request{Kind: "storagetier", ID: "quick", Actor: admin})
	require.Equal(t, "data", r.problem(resource.ReasonInUse, err).Candidates[0].Name)
	r.remove("volume", "p", "data")
	r.gone("volume", "p", "data")
	r.remove("storagetier", "", "quick")
	r.gone("storagetier", "", "quick")
}

func TestVolumeGoesWhereItsTierIs(t *testing.T) {
	t.Parallel()
	r, c, east := newRegionRig(t)
	c.set(func(i *provider.Inventory) { i.Storage[0].Backend = "ceph" }, nil)
	require.NoError(t, r.Touch(t.Context(), "region", east.ID, "test"))
	r.eventually("the backend is seen", func() bool { return len(resource.Lookup(r.get("region", "", "east"), "status.storage.backend")) > 0 })
	r.ready(r.make("storagetier", "", "gold", `{"pool":"ceph"}`))
	r.ready(r.make("storagetier", "", "lost", `{"pool":"tape"}`))
	r.ready(r.make("storagetier", "", "elsewhere", `{"traits":{"room":"z"}}`))
	v := r.ready(r.make("volume", "p", "data", `{"sizeGiB":1,"tier":"gold"}`))
	require.Equal(t, []string{east.ID}, resource.Lookup(v, "status.host"), "the host has no backends")
	r.site.with(func() { require.Equal(t, "ceph", r.site.asked[v.ID].Pool) })

	for tier, why := range map[string]map[string]string{
		"lost":      {"kvm1": "Tier", "east": "Tier"},
		"elsewhere": {"kvm1": "Label", "east": "Label"},
	} {
		p := r.refused(resource.ReasonNoCandidate, "volume", "p", tier, `{"sizeGiB":1,"tier":"`+tier+`"}`)
		got := map[string]string{}
		for _, x := range p.Candidates {
			got[x.Name] = x.Reason
		}
		require.Equal(t, why, got)
	}
}
