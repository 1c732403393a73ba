package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/resource"
)

func (r *rig) use(t *testing.T, who, node, by string) map[string]api.UseGroup {
	t.Helper()
	var list api.UseList
	r.call(t, who, "GET", "/v1/quotas/use?node="+node+"&by="+by, nil).is(http.StatusOK).into(&list)
	out := map[string]api.UseGroup{}
	for _, g := range list.Items {
		out[g.Name] = g
	}
	require.Len(t, out, len(list.Items))
	return out
}

func TestUseByTenantBrandHostAndApplication(t *testing.T) {
	r := newTopologyRig(t)
	var all api.Topology
	r.call(t, "admin", "GET", "/v1/topology", nil).is(http.StatusOK).into(&all)
	r.settle(t, r.id(t, "networks", shop, "front"), "placed", "{}", all.Machines[0].ID, "")

	tenants := r.use(t, "admin", "freshfoods", "tenant")
	require.EqualValues(t, 2, tenants["freshfoods/north"].Used["volume_gib"])
	require.EqualValues(t, 2, tenants["freshfoods/south"].Used["volume_gib"])
	require.Equal(t, "node", tenants["freshfoods/north"].Kind)
	require.Positive(t, tenants["freshfoods/north"].Objects[resource.PhaseReady])
	alone := r.use(t, "dailymart-member", shop, "tenant")
	require.Len(t, alone, 1)
	require.EqualValues(t, 2, alone[shop].Used["volume_gib"])

	brands := r.use(t, "admin", "/", "brand")
	require.EqualValues(t, 2, brands["freshfoods/north/dailymart"].Used["volume_gib"])
	require.EqualValues(t, 2, brands["freshfoods/south/tealeaf"].Used["volume_gib"])
	require.Contains(t, r.use(t, "dailymart-member", shop, "brand"), "freshfoods/north/dailymart", "the brand may be above the node")

	hosts := r.use(t, "admin", "freshfoods", "host")
	require.Len(t, hosts, 2)
	require.Equal(t, "host", hosts["kvm1"].Kind)
	var here int64
	for _, n := range hosts["kvm1"].Objects {
		here += n
	}
	require.EqualValues(t, 1, here)
	require.Empty(t, hosts[""].Kind, "what is on no host")

	// A limit that is exceeded is a warning of whoever it limits.
	before := r.use(t, "admin", "freshfoods", "tenant")["freshfoods/north"].Warnings
	r.call(t, "admin", "PUT", "/v1/quotas/volume_gib?node=freshfoods/north", `{"hard":-1,"soft":1}`).is(http.StatusOK)
	require.Equal(t, before+1, r.use(t, "admin", "freshfoods", "tenant")["freshfoods/north"].Warnings)

	r.call(t, "dailymart-member", "GET", "/v1/quotas/use?by=host&node="+shop, nil).refused(resource.ReasonForbidden)
	r.call(t, "dailymart-member", "GET", "/v1/quotas/use?by=tenant&node=freshfoods", nil).refused(resource.ReasonNotFound)
	r.call(t, "admin", "GET", "/v1/quotas/use?by=moon&node=freshfoods", nil).refused(resource.ReasonInvalid)
}
