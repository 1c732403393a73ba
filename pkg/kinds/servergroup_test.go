package kinds_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

func (r *rig) serverGroup(name string) *kinds.ServerGroup {
	r.t.Helper()
	g, err := resource.As[kinds.ServerGroupSpec, kinds.ServerGroupStatus](r.get("servergroup", "p", name))
	require.NoError(r.t, err)
	return &g
}

// grouped is a server on the n-th network: a network lives on one host, so servers spread only over several.
func grouped(n int, group string) string {
	return fmt.Sprintf(`{"flavor":"small","image":"busybox","network":"n%d","serverGroup":%q}`, n, group)
}

func newGroupRig(t *testing.T, networks int, groups ...string) *rig {
	r := newRig(t, "kvm1", "kvm2")
	for i := range networks {
		r.ready(r.make("network", "p", fmt.Sprint("n", i), fmt.Sprintf(`{"cidr":"10.5.%d.0/24"}`, i)))
	}
	for i, policy := range groups {
		r.ready(r.make("servergroup", "p", fmt.Sprint("g", i), fmt.Sprintf(`{"policy":%q}`, policy)))
	}
	return r
}

func TestServerGroupKeepsServersApart(t *testing.T) {
	t.Parallel()
	r := newGroupRig(t, 3, "anti-affinity", "soft-anti-affinity")
	a, b := r.make("server", "p", "a", grouped(0, "g0")), r.make("server", "p", "b", grouped(1, "g0"))
	r.ready(a)
	r.ready(b)
	require.NotEqual(t, r.server("a").Status.Host, r.server("b").Status.Host)
	p := r.refused(resource.ReasonNoCandidate, "server", "p", "c", grouped(2, "g0"))
	require.True(t, slices.ContainsFunc(p.Candidates, func(c resource.Candidate) bool { return c.Reason == "AntiAffinity" }))
	r.ready(r.make("server", "p", "c", grouped(0, "g1")))
	r.ready(r.make("server", "p", "d", grouped(1, "g1")))

	r.eventually("the group tells who is where", func() bool {
		m := r.serverGroup("g0").Status.Members
		return len(m) == 2 && m[0].Name == "a" && m[0].Host == r.server("a").Status.Host && m[1].HostName == r.server("b").Status.HostName
	})
	id := r.serverGroup("g0").ID
	require.Equal(t, &provider.ServerGroup{ID: id, Policy: "anti-affinity"}, r.site.wanted[a.Object.ID].Group)
	require.Equal(t, id, r.server("a").Spec.ServerGroup, "a name is kept as its id")
}

func TestServerGroupIsNotDeletedUnderServers(t *testing.T) {
	t.Parallel()
	r := newGroupRig(t, 1, "affinity")
	require.Equal(t, "spec.policy", r.refused(resource.ReasonInvalid, "servergroup", "p", "g0", `{"policy":"anti-affinity"}`).Fields[0].Path)
	require.Equal(t, "spec.policy", r.refused(resource.ReasonInvalid, "servergroup", "p", "odd", `{"policy":"nearby"}`).Fields[0].Path)
	require.Equal(t, "spec.serverGroup", r.refused(resource.ReasonInvalid, "server", "p", "a", grouped(0, "none")).Fields[0].Path)
	r.ready(r.make("server", "p", "a", grouped(0, "g0")))
	require.Equal(t, "spec.serverGroup", r.refused(resource.ReasonInvalid, "server", "p", "a", `{"flavor":"small","image":"busybox","network":"n0"}`).Fields[0].Path)
	_, err := r.Delete(t.Context(), resource.Request{Kind: "servergroup", Project: "p", ID: "g0", Actor: admin})
	require.Equal(t, "a", r.problem(resource.ReasonInUse, err).Candidates[0].Name)
	id := r.serverGroup("g0").ID
	r.remove("server", "p", "a")
	r.gone("server", "p", "a")
	r.eventually("its place forgets the group", func() bool {
		s := r.serverGroup("g0").Status
		return len(s.Members) == 0 && len(s.Places) == 0 && s.Host == ""
	})
	r.site.with(func() { require.Contains(t, r.site.calls, "DeleteServerGroup:"+id) })
	r.remove("servergroup", "p", "g0")
	r.gone("servergroup", "p", "g0")
	r.exact()
}

// TestServersOfOneGroupMeetUnderConcurrency orders servers that must meet, on networks that could live anywhere.
func TestServersOfOneGroupMeetUnderConcurrency(t *testing.T) {
	t.Parallel()
	r := newGroupRig(t, 6, "affinity")
	var made []resource.Applied
	for i := range 6 {
		made = append(made, r.make("server", "p", fmt.Sprint("s", i), grouped(i, "g0")))
	}
	for _, a := range made {
		r.ready(a)
	}
	host := r.serverGroup("g0").Status.Host
	for i := range 6 {
		require.Equal(t, host, r.server(fmt.Sprint("s", i)).Status.Host)
	}
	require.Len(t, r.site.servers, 6)
	other := map[string]string{r.hosts["kvm1"]: "kvm2", r.hosts["kvm2"]: "kvm1"}[host]
	r.remove("host", "", other) // refused unless nothing is left there
	r.exact()
}

// TestServersKeptApartUnderConcurrency orders pairs that must not meet at the same moment.
func TestServersKeptApartUnderConcurrency(t *testing.T) {
	t.Parallel()
	r := newGroupRig(t, 8, "anti-affinity", "anti-affinity", "anti-affinity", "anti-affinity")
	var made []resource.Applied
	for i := range 8 {
		made = append(made, r.make("server", "p", fmt.Sprint("s", i), grouped(i, fmt.Sprint("g", i/2))))
	}
	for _, a := range made {
		r.ready(a)
	}
	for i := 0; i < 8; i += 2 {
		require.NotEqual(t, r.server(fmt.Sprint("s", i)).Status.Host, r.server(fmt.Sprint("s", i+1)).Status.Host, "group g%d", i/2)
	}
	r.exact()
}

func TestNodeGroupHasAServerGroup(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("nodegroup", "p", "web", groupSpec(1, `,"antiAffinity":"hard"`)))
	require.EqualValues(t, "anti-affinity", r.serverGroup("web-hard").Spec.Policy)
	require.Equal(t, r.serverGroup("web-hard").ID, r.server("web-0").Spec.ServerGroup)
	r.ready(r.make("nodegroup", "p", "web", groupSpec(1, "")))
	require.Equal(t, r.serverGroup("web-soft").ID, r.server("web-0").Spec.ServerGroup)
	r.ready(r.make("nodegroup", "p", "web", groupSpec(1, `,"antiAffinity":"none"`)))
	require.Empty(t, r.server("web-0").Spec.ServerGroup)
	r.gone("servergroup", "p", "web-hard")
	r.gone("servergroup", "p", "web-soft")
	r.remove("nodegroup", "p", "web")
	r.gone("nodegroup", "p", "web")
	r.exact()
}
