package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/resource"
)

// newTopologyRig has a site without a host that has reported, and in two projects networks with a volume, and a server that is nowhere.
func newTopologyRig(t *testing.T) *rig {
	r := newPoolRig(t)
	post := func(who, path, body string) {
		a := r.call(t, who, "POST", path, body)
		require.Less(t, a.status, 300, "%s", a.body)
	}
	for who, project := range map[string]string{"dailymart-member": shop, "tealeaf-member": teashop} {
		put := func(plural, name, spec string) {
			post(who, "/v1/"+plural, fmt.Sprintf(`{"name":%q,"project":%q,"spec":%s}`, name, project, spec))
		}
		put("networks", "front", `{"cidr":"10.10.0.0/24","egress":"nat"}`)
		put("networks", "back", `{"cidr":"10.20.0.0/24"}`)
		put("routers", "between", `{"networks":["front","back"]}`)
		put("ports", "second", `{"network":"back"}`)
		put("volumes", "books", `{"sizeGiB":2}`)
		front := r.id(t, "networks", project, "front")
		r.settle(t, front, "web", fmt.Sprintf(`{"network":%q,"ports":[%q]}`, front, r.id(t, "ports", project, "second")), "", "")
	}
	return r
}

func TestTopology(t *testing.T) {
	r := newTopologyRig(t)
	var all api.Topology
	r.call(t, "admin", "GET", "/v1/topology", nil).is(http.StatusOK).into(&all)
	require.Len(t, all.Places, 1)
	require.Equal(t, "north", all.Places[0].Name)
	require.Equal(t, "kvm1", all.Machines[0].Name)
	require.False(t, all.Machines[0].Alive)
	require.Equal(t, all.Places[0].ID, all.Machines[0].Place)
	require.Len(t, all.Servers, 2)
	require.Empty(t, all.Servers[0].Machine, "it is nowhere yet")
	require.False(t, all.More)

	// What is placed hangs on its machine, and belongs to the bundle that its owner belongs to.
	server := r.settle(t, r.id(t, "networks", shop, "front"), "placed", "{}", all.Machines[0].ID, resource.NewID())
	r.call(t, "admin", "GET", "/v1/topology?place=north&limit=1", nil).is(http.StatusOK).into(&all)
	require.Len(t, all.Servers, 1)
	require.Equal(t, server, all.Servers[0].ID)
	require.Equal(t, all.Machines[0].ID, all.Servers[0].Machine)
	require.Equal(t, all.Places[0].ID, all.Servers[0].Place)
	require.Nil(t, all.Servers[0].Bundle, "the group that made it is gone")
	require.False(t, all.More)
	r.call(t, "admin", "GET", "/v1/topology?limit=0", nil).is(http.StatusOK).into(&all)
	require.Empty(t, all.Servers)
	require.True(t, all.More)
	r.call(t, "admin", "GET", "/v1/topology?place=nowhere", nil).refused(resource.ReasonNotFound)
	r.call(t, "dailymart-member", "GET", "/v1/topology", nil).refused(resource.ReasonForbidden)
}

func TestNetworkMap(t *testing.T) {
	r := newTopologyRig(t)
	var m api.NetworkMap
	r.call(t, "dailymart-member", "GET", "/v1/topology/networks", nil).is(http.StatusOK).into(&m)
	require.Len(t, m.Networks, 2, "and none of another tenant")
	require.Len(t, m.Routers, 1)
	require.Len(t, m.Servers, 1)
	ids := []string{m.Networks[0].ID, m.Networks[1].ID}
	require.ElementsMatch(t, ids, m.Routers[0].Networks)
	require.ElementsMatch(t, ids, m.Servers[0].Networks, "its own network, and that of its port")
	r.call(t, "admin", "GET", "/v1/topology/networks", nil).is(http.StatusOK).into(&m)
	require.Len(t, m.Networks, 4)
	r.call(t, "admin", "GET", "/v1/topology/networks?limit=1&project="+shop, nil).is(http.StatusOK).into(&m)
	require.Len(t, m.Networks, 1)
	require.Equal(t, r.project[shop], m.Networks[0].Project)
	require.True(t, m.More)
	r.call(t, "dailymart-member", "GET", "/v1/topology/networks?project="+teashop, nil).refused(resource.ReasonNotFound)
	r.call(t, "dailymart-member", "GET", "/v1/topology/networks?project="+r.project[teashop], nil).refused(resource.ReasonNotFound)
}

func TestOverview(t *testing.T) {
	r := newTopologyRig(t)
	rows := []pool.Sample{{Place: "all", Metric: "vcpus", At: time.Now().Add(-time.Hour).Unix(), Capacity: 64, Used: 7, Free: 57}}
	_, err := r.store.DB().Write.NewInsert().Model(&rows).Exec(t.Context())
	require.NoError(t, err)
	r.set(false, resource.Problemf(resource.ReasonInvalid, "box", "mend it", "the lid is broken"))
	box := r.call(t, "dailymart-member", "POST", "/v1/boxes", map[string]any{"project": shop, "name": "old", "spec": map[string]any{"size": 1}}).applied().Object
	var v api.Overview
	var told api.Alarm
	require.Eventually(t, func() bool {
		r.call(t, "admin", "GET", "/v1/overview", nil).is(http.StatusOK).into(&v)
		i := slices.IndexFunc(v.Alarms, func(a api.Alarm) bool { return a.ID == box.ID })
		if i >= 0 {
			told = v.Alarms[i]
		}
		return i >= 0
	}, 30*time.Second, 50*time.Millisecond)
	require.Equal(t, []string{"critical", "Failed", "box", "old", r.project[shop]}, []string{string(told.Severity), told.Reason, told.Kind, told.Name, told.Project})
	require.Contains(t, told.Detail, "the lid is broken")
	require.NotNil(t, told.Since)
	require.True(t, slices.ContainsFunc(v.Alarms, func(a api.Alarm) bool {
		return a.Reason == "HostSilent" && a.Name == "kvm1" && a.Severity == api.Critical
	}))
	require.True(t, slices.IsSortedFunc(v.Alarms, func(a, b api.Alarm) int {
		if a.Severity == b.Severity {
			return 0
		}
		return map[api.Severity]int{api.Critical: -1, api.Warning: 1}[a.Severity]
	}))
	require.Equal(t, "vcpus", v.Trends[0].Metric)
	require.EqualValues(t, 7, v.Trends[0].Items[0].Used)
	require.Empty(t, v.Items[0].Members)
	require.Len(t, v.Consumers[0].Items, 2)
	require.Equal(t, "volume_gib", v.Consumers[0].Metric)
	require.EqualValues(t, 2, v.Consumers[0].Items[0].Used)
	r.call(t, "dailymart-member", "GET", "/v1/overview", nil).refused(resource.ReasonForbidden)
}

func TestQuotaTree(t *testing.T) {
	r := newTopologyRig(t)
	var list api.QuotaList
	r.call(t, "admin", "PUT", "/v1/quotas/volume_gib?node=freshfoods/north", `{"hard":8,"soft":6}`).is(http.StatusOK)
	r.call(t, "admin", "GET", "/v1/quotas/tree?node=freshfoods&metric=volume_gib", nil).is(http.StatusOK).into(&list)
	of, used := map[string]resource.QuotaUsage{}, map[string]int64{}
	for _, u := range list.Items {
		of[u.Node], used[u.Node] = u, u.Reserved+u.Committed
	}
	require.EqualValues(t, 4, used[r.project["freshfoods"]])
	north := of[r.project["freshfoods/north"]]
	require.EqualValues(t, []int64{2, 8, 6}, []int64{used[north.Node], north.Hard, north.Soft})
	require.EqualValues(t, 2, used[r.project[shop]])
	r.call(t, "dailymart-member", "GET", "/v1/quotas/tree?metric=volume_gib&node="+shop, nil).is(http.StatusOK).into(&list)
	require.Len(t, list.Items, 1)
	r.call(t, "dailymart-member", "GET", "/v1/quotas/tree?metric=vcpus&node=freshfoods", nil).refused(resource.ReasonNotFound)
	r.call(t, "dailymart-member", "GET", "/v1/quotas/tree?metric=vcpus&node="+r.project[teashop], nil).refused(resource.ReasonNotFound)
}

// id is that of an object of a project by its name.
func (r *rig) id(t *testing.T, plural, project, name string) string {
	t.Helper()
	var o struct{ ID string }
	r.call(t, "admin", "GET", "/v1/"+plural+"/"+name+"?project="+project, nil).is(http.StatusOK).into(&o)
	return o.ID
}

// settle adds a server to the network's project, as one is once host has it and it belongs to what made it, and returns its
// id. It is written past the engine, which has no host here to place it on.
func (r *rig) settle(t *testing.T, network, name, spec, host, owner string) string {
	t.Helper()
	id, db, group := resource.NewID(), r.store.DB().Write, ""
	if owner != "" {
		group = "nodegroup"
	}
	_, err := db.NewRaw(`INSERT INTO objects (id, kind, project, name, labels, spec, status, conditions, finalizers, owner_kind, owner_id, phase, generation, observed_generation,
			version, revision, lease_holder, lease_until, created_by, created_at, updated_at)
		SELECT ?, 'server', project, ?, '{}', ?, ?, '[]', '[]', ?, ?, 'Ready', 1, 1, 1, revision, '', 0, created_by, created_at, updated_at
		FROM objects WHERE id = ?`, id, name, spec, fmt.Sprintf(`{"host":%q}`, host), group, owner, network).Exec(t.Context())
	require.NoError(t, err)
	_, err = db.NewRaw("INSERT INTO object_index (kind, key, value, object_id) VALUES ('server', 'status.host', ?, ?)", host, id).Exec(t.Context())
	require.NoError(t, err)
	return id
}
