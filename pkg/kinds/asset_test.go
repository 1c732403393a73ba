package kinds_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/resource"
)

func TestAssetsAreKeptInTheBooksOnly(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	o := r.ready(r.make("asset", "", "p9", `{"type":"power-host","arch":"ppc64le","vendor":"IBM","model":"S924","serial":"78A1","site":"north","rack":"r1","unit":4,"owner":"freshfoods/north","cpus":24,"memoryMiB":1048576}`))
	require.Equal(t, []string{"true"}, resource.Lookup(o, "status.external"))
	r.make("asset", "", "erp", `{"type":"power-lpar","arch":"ppc64le","host":"p9","cpus":8,"memoryMiB":65536,"diskGiB":500,"addresses":["10.0.0.7","fd00::7"]}`)
	r.make("asset", "", "array", `{"type":"storage","vendor":"Other","serial":"78A1","diskGiB":20000}`) // serials are a vendor's own

	for name, c := range map[string]struct{ spec, path string }{
		"x86 power":       {`{"type":"power-lpar","arch":"x86_64"}`, "spec.arch"},
		"no arch":         {`{"type":"server"}`, "spec.arch"},
		"unit in no rack": {`{"type":"network","unit":3}`, "spec.unit"},
		"address":         {`{"type":"network","addresses":["10.0.0.300"]}`, "spec.addresses"},
		"absent host":     {`{"type":"power-lpar","arch":"ppc64","host":"nothing"}`, "spec.host"},
		"part of a part":  {`{"type":"power-lpar","arch":"ppc64","host":"erp"}`, "spec.host"},
		"wrong host":      {`{"type":"power-lpar","arch":"ppc64","host":"array"}`, "spec.host"},
		"itself":          {`{"type":"other","host":"new"}`, "spec.host"},
	} {
		p := r.refused(resource.ReasonInvalid, "asset", "", "new", c.spec)
		require.Len(t, p.Fields, 1, name)
		require.Equal(t, c.path, p.Fields[0].Path, name)
	}
	r.refused(resource.ReasonAlreadyExists, "asset", "", "twin", `{"type":"server","arch":"x86_64","vendor":"IBM","serial":"78A1"}`)
	r.make("asset", "", "p9", `{"type":"power-host","arch":"ppc64le","vendor":"IBM","serial":"78A1","cpus":32}`) // itself again is no twin

	_, err := r.Delete(t.Context(), resource.Request{Kind: "asset", ID: "p9", Actor: admin})
	r.problem(resource.ReasonInUse, err)

	v, err := kinds.Pools(t.Context(), r.Store, time.Now())
	require.NoError(t, err)
	require.Equal(t, []pool.External{{Type: "power-host", Arch: "ppc64le", Count: 1, CPUs: 32}, {Type: "power-lpar", Arch: "ppc64le", Count: 1, CPUs: 8, MemoryMiB: 65536, DiskGiB: 500},
		{Type: "storage", Count: 1, DiskGiB: 20000}}, v.External)
	require.Equal(t, 1, v.Total.Hosts, "nothing is placed on an asset")
	r.remove("asset", "", "erp")
	r.gone("asset", "", "erp")
	r.remove("asset", "", "p9")
	r.gone("asset", "", "p9")
}
