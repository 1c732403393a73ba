package kinds_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
)

// newPolicyRig has four hosts in two racks, and networks enough for servers to spread: a network lives on one host.
func newPolicyRig(t *testing.T, networks int) *rig {
	r := newRig(t, "kvm1", "kvm2", "kvm3", "kvm4")
	for i, h := range []string{"kvm1", "kvm2", "kvm3", "kvm4"} {
		r.ready(r.make("host", "", h, fmt.Sprintf(`{"site":"north","schedulable":true,"cpuOvercommit":2,"traits":{"rack":"r%d"}}`, i/2)))
	}
	for i := range networks {
		r.ready(r.make("network", "p", fmt.Sprint("n", i), fmt.Sprintf(`{"cidr":"10.5.%d.0/24"}`, i)))
	}
	return r
}

func (r *rig) labelled(name string, network int, role string) resource.Applied {
	r.t.Helper()
	a, err := r.Apply(r.t.Context(), order(name, network, role))
	require.NoError(r.t, err)
	return a
}

func order(name string, network int, role string) resource.Request {
	return resource.Request{Kind: "server", Project: "p", Name: name, Labels: map[string]string{"role": role}, Actor: admin,
		Spec: json.RawMessage(fmt.Sprintf(`{"flavor":"small","image":"busybox","network":"n%d"}`, network))}
}

// Those of a role are kept on hosts of their own, whether they were there before the policy, or come in the same moment.
func TestAntiAffinityByPolicy(t *testing.T) {
	t.Parallel()
	r := newPolicyRig(t, 6)
	r.ready(r.labelled("old", 0, "pos"))
	r.ready(r.make("placementpolicy", "", "apart", `{"node":"p","labels":{"role":"pos"},"most":1}`))
	var made []resource.Applied
	for i := 1; i < 4; i++ {
		made = append(made, r.labelled(fmt.Sprint("new", i), i, "pos"))
	}
	hosts := map[string]string{r.server("old").Status.Host: "old"}
	for i, a := range made {
		r.ready(a)
		name := fmt.Sprint("new", i+1)
		at := r.server(name).Status.Host
		require.Empty(t, hosts[at], "%s met %s", name, hosts[at])
		hosts[at] = name
	}
	_, err := r.Apply(t.Context(), order("one-too-many", 4, "pos"))
	p := r.problem(resource.ReasonNoCandidate, err)
	require.Len(t, p.Candidates, 4)
	for _, c := range p.Candidates {
		require.Equal(t, "Policy", c.Reason)
		require.Contains(t, c.Fix, "let policy apart allow more")
	}
	r.ready(r.labelled("web", 5, "web"))
	r.exact()
}

// Of ten that come in the same moment, at most half are in one rack.
func TestBlastRadius(t *testing.T) {
	t.Parallel()
	r := newPolicyRig(t, 10)
	r.ready(r.make("placementpolicy", "", "radius", `{"node":"p","by":"role","over":"rack","percent":50,"prefer":"pack"}`))
	var made []resource.Applied
	for i := range 10 {
		made = append(made, r.labelled(fmt.Sprint("s", i), i, "pos"))
	}
	racks := map[bool]int{}
	for i, a := range made {
		r.ready(a)
		at := r.server(fmt.Sprint("s", i)).Status.HostName
		racks[at == "kvm1" || at == "kvm2"]++
	}
	require.Equal(t, map[bool]int{true: 5, false: 5}, racks)
	r.exact()
}

func TestDedicatedGroup(t *testing.T) {
	t.Parallel()
	r := newPolicyRig(t, 4)
	r.ready(r.make("placementpolicy", "", "vip", `{"node":"p","labels":{"role":"vip"},"only":{"hosts":["kvm4"],"exclusive":true}}`))
	r.refused(resource.ReasonInvalid, "placementpolicy", "", "typo", `{"node":"p","only":{"hosts":["kvm9"]}}`)
	r.refused(resource.ReasonInvalid, "placementpolicy", "", "nothing", `{"node":"p"}`)
	r.refused(resource.ReasonInvalid, "placementpolicy", "", "vip", `{"node":"q","only":{"hosts":["kvm4"],"exclusive":true}}`)
	p := r.refused(resource.ReasonConflict, "placementpolicy", "", "other", `{"node":"q","only":{"hosts":["kvm4"],"exclusive":true}}`)
	require.Contains(t, p.Detail, "policy vip keeps kvm4 for others already")
	r.ready(r.labelled("vip", 0, "vip"))
	require.Equal(t, "kvm4", r.server("vip").Status.HostName)
	for i := 1; i < 4; i++ {
		r.ready(r.labelled(fmt.Sprint("web", i), i, "web"))
		require.NotEqual(t, "kvm4", r.server(fmt.Sprint("web", i)).Status.HostName)
	}
	pinned := order("pinned", 1, "web")
	pinned.Spec = json.RawMessage(`{"flavor":"small","image":"busybox","network":"net","host":"kvm4"}`)
	_, err := r.Apply(t.Context(), pinned)
	reasons := map[string]string{}
	for _, c := range r.problem(resource.ReasonNoCandidate, err).Candidates {
		reasons[c.Name] = c.Reason
	}
	require.Equal(t, "Dedicated", reasons["kvm4"])
}

// A dry run tells the plan, and makes nothing.
func TestPlanOfADryRun(t *testing.T) {
	t.Parallel()
	r := newPolicyRig(t, 2)
	r.ready(r.make("site", "", "north", `{"city":"Harbin","latitude":45.8,"longitude":126.53}`))
	r.refused(resource.ReasonInvalid, "site", "", "half", `{"city":"Harbin","latitude":45.8}`)
	r.ready(r.make("placementpolicy", "", "near", `{"node":"p","near":{"city":"Harbin"}}`))
	r.ready(r.make("placementpolicy", "", "wide", `{"node":"p","prefer":"spread"}`))
	dry := order("a", 0, "pos")
	dry.DryRun = true
	a, err := r.Apply(t.Context(), dry)
	require.NoError(t, err)
	require.NotEmpty(t, a.Plan.Chosen)
	require.Equal(t, []string{"near", "wide"}, a.Plan.Policies)
	require.Len(t, a.Plan.Candidates, 4)
	require.Equal(t, a.Plan.Chosen, a.Plan.Candidates[0].Name)
	require.Equal(t, "Fits", a.Plan.Candidates[0].Reason)
	require.Contains(t, a.Plan.Candidates[0].Detail, "it is 0 km away")
	dry.DryRun = false
	made, err := r.Apply(t.Context(), dry)
	require.NoError(t, err)
	require.Nil(t, made.Plan)
	r.ready(made)
	require.Equal(t, a.Plan.Chosen, r.server("a").Status.HostName)
}

// A limit of a site turns orders to another one, and refuses what is bound to it; what is there is counted there.
func TestQuotaOfASite(t *testing.T) {
	t.Parallel()
	r := newPolicyRig(t, 4)
	r.ready(r.make("host", "", "kvm4", `{"site":"south","schedulable":true,"cpuOvercommit":2}`))
	require.NoError(t, r.SetQuota(t.Context(), admin, "p", "vcpus", resource.Limit{Hard: 4, Soft: -1, Region: "north"}))
	var made []resource.Applied
	for i := range 4 {
		made = append(made, r.labelled(fmt.Sprint("s", i), i, "pos"))
	}
	sites := map[bool]int{}
	for i, a := range made {
		r.ready(a)
		sites[r.server(fmt.Sprint("s", i)).Status.HostName == "kvm4"]++
	}
	require.LessOrEqual(t, sites[false], 2, "2 vCPUs each, of 4")
	in := func(region, metric string) resource.QuotaUsage {
		all, err := r.View(resource.Everything).Quota(t.Context(), "p")
		require.NoError(t, err)
		for _, u := range all {
			if u.Metric == metric && u.Region == region {
				return u
			}
		}
		return resource.QuotaUsage{}
	}
	require.EqualValues(t, 2*sites[false], in("north", "vcpus").Committed)
	require.EqualValues(t, 2*sites[true], in("south", "vcpus").Committed)
	require.EqualValues(t, 8, in("", "vcpus").Committed)
	r.exact()

	require.NoError(t, r.SetQuota(t.Context(), admin, "p", "servers", resource.Limit{Hard: int64(sites[true]), Soft: -1, Region: "south"}))
	require.NoError(t, r.SetQuota(t.Context(), admin, "p", "vcpus", resource.Limit{Hard: int64(2 * sites[false]), Soft: -1, Region: "north"}))
	_, err := r.Apply(t.Context(), order("more", 0, "pos"))
	for _, c := range r.problem(resource.ReasonNoCandidate, err).Candidates {
		require.Contains(t, []string{"Quota", "Network"}, c.Reason)
	}
	for i := range 4 {
		r.remove("server", "p", fmt.Sprint("s", i))
		r.gone("server", "p", fmt.Sprint("s", i))
	}
	require.Zero(t, in("north", "vcpus").Committed)
	r.exact()
}

// What is counted by tier and trait is counted beside the whole.
func TestQuotaByTierAndTrait(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("host", "", "kvm1", `{"site":"north","schedulable":true,"cpuOvercommit":2,"traits":{"gpu":"a100"}}`))
	r.ready(r.make("flavor", "", "gpu", `{"vcpus":1,"memoryMiB":512,"diskGiB":4,"traits":{"gpu":"a100"}}`))
	require.NoError(t, r.SetQuota(t.Context(), admin, "p", "trait:gpu=a100", resource.Hard(1)))
	const gpu = `{"flavor":"gpu","image":"busybox","network":"net"}`
	r.ready(r.make("server", "p", "one", gpu))
	p := r.refused(resource.ReasonQuotaExceeded, "server", "p", "two", gpu)
	require.Contains(t, p.Detail, "quota trait:gpu=a100: 1 of 1 are in use")
	r.ready(r.make("server", "p", "plain", serverSpec))
	r.exact()
}
