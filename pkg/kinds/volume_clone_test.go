package kinds_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
)

func TestVolumeBeginsAsACopy(t *testing.T) {
	t.Parallel()
	r := newRig(t, "kvm1", "kvm2")
	r.ready(r.make("storagetier", "", "quick", `{"iops":500}`))
	r.ready(r.make("volume", "p", "data", `{"sizeGiB":2,"tier":"quick","host":"kvm2"}`))
	data := r.volume("data")
	p := r.refused(resource.ReasonInvalid, "volume", "p", "copy", `{"sizeGiB":1,"volume":"data"}`)
	require.Equal(t, "spec.sizeGiB", p.Fields[0].Path)
	r.refused(resource.ReasonInvalid, "volume", "p", "copy", `{"sizeGiB":2,"volume":"none"}`)
	r.refused(resource.ReasonInvalid, "volume", "p", "copy", `{"sizeGiB":2,"volume":"data","image":"busybox"}`)
	r.refused(resource.ReasonInvalid, "volume", "p", "copy", `{"sizeGiB":2,"volume":"data","host":"kvm1"}`)
	r.refused(resource.ReasonInvalid, "volume", "other", "copy", `{"sizeGiB":2,"volume":"`+data.ID+`"}`)
	r.ready(r.make("storagetier", "", "slow", `{"iops":5}`))
	p = r.refused(resource.ReasonInvalid, "volume", "p", "copy", `{"sizeGiB":2,"volume":"data","tier":"slow"}`)
	require.Contains(t, p.Hint, "snapshot")

	r.ready(r.make("volume", "p", "copy", `{"sizeGiB":3,"volume":"data"}`))
	v := r.volume("copy")
	require.Equal(t, [3]string{data.ID, "quick", r.hosts["kvm2"]}, [3]string{v.Spec.Volume, v.Spec.Tier, v.Status.Host})
	r.site.with(func() {
		require.Equal(t, data.ID, r.site.asked[v.ID].Source)
		require.EqualValues(t, 500, r.site.asked[v.ID].QoS.IOPS)
	})
	require.EqualValues(t, 5, r.claimed("kvm2", "disk_gib"))
	r.remove("volume", "p", "data")
	r.gone("volume", "p", "data")
	r.ready(r.make("volume", "p", "copy", `{"sizeGiB":4,"volume":"`+data.ID+`"}`)) // it needs the other no more
	r.refused(resource.ReasonInvalid, "volume", "p", "copy", `{"sizeGiB":4}`)
	r.exact()
}
