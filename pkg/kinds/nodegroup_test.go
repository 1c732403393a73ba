package kinds_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

func (r *rig) group(name string) *kinds.NodeGroup {
	r.t.Helper()
	g, err := resource.As[kinds.NodeGroupSpec, kinds.NodeGroupStatus](r.get("nodegroup", "p", name))
	require.NoError(r.t, err)
	return &g
}

func groupSpec(count int, more string) string {
	return fmt.Sprintf(`{"count":%d,"flavor":"small","image":"busybox","network":"net","userData":"#cloud-config\nhostname: ${name}-${index}\n"%s}`, count, more)
}

func TestNodeGroupScalesAndGoes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("nodegroup", "p", "web", groupSpec(3, `,"addresses":["10.1.0.50","10.1.0.51"]`)))
	g := r.group("web")
	require.Equal(t, 3, g.Status.Ready)
	require.Len(t, g.Status.Members, 3)
	require.Equal(t, []string{"10.1.0.50", "10.1.0.51", "10.1.0.2"}, []string{g.Status.Members[0].Address, g.Status.Members[1].Address, g.Status.Members[2].Address})
	s := r.server("web-1")
	require.Contains(t, r.site.wanted[s.ID].Seed.UserData, "hostname: web-1-1")
	require.Equal(t, "web", s.Labels["nodegroup"])
	require.Empty(t, g.Spec.UserData)

	r.ready(r.make("nodegroup", "p", "web", groupSpec(1, "")))
	require.Len(t, r.site.servers, 1)
	require.Contains(t, r.site.wanted, r.server("web-0").ID)
	require.Equal(t, s.Spec.ServerGroup, r.server("web-0").Spec.ServerGroup)
	require.NotEmpty(t, s.Spec.ServerGroup)
	r.ready(r.make("nodegroup", "p", "web", groupSpec(2, "")))
	require.Len(t, r.site.servers, 2)

	r.remove("server", "p", "web-0")
	r.eventually("a member that someone deleted is made anew", func() bool {
		g := r.group("web")
		return g.Settled() && g.Status.Ready == 2 && len(r.site.servers) == 2
	})
	r.remove("nodegroup", "p", "web")
	r.gone("nodegroup", "p", "web")
	require.Empty(t, r.site.servers)
	require.Zero(t, r.claimed("kvm1", "vcpus"))
	r.exact()
}

func TestNodeGroupRollsOneByOne(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("nodegroup", "p", "web", groupSpec(3, "")))
	var old []string
	for _, m := range r.group("web").Status.Members {
		old = append(old, m.ID)
	}
	a := r.make("nodegroup", "p", "web", groupSpec(3, `,"metadata":{"v":"2"}`))
	fewest := 3
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		r.site.with(func() { fewest = min(fewest, len(r.site.servers)) })
		if g := r.group("web"); g.Settled() && g.Status.Updated == 3 {
			break
		}
	}
	r.ready(a)
	require.Equal(t, 2, fewest, "one is replaced at a time")
	for _, m := range r.group("web").Status.Members {
		require.NotContains(t, old, m.ID)
		require.True(t, m.Updated)
	}
	require.Len(t, r.site.servers, 3)
	r.exact()
}

func TestNodeGroupToldOfAMemberThatFails(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("nodegroup", "p", "web", groupSpec(1, "")))
	r.site.setFault(func(_ int, method, at string) error {
		if method == "EnsureServer:web-1" && at == "before" {
			return provider.Errorf(provider.ReasonInvalid, "", "the machine type is unknown")
		}
		return nil
	})
	r.make("nodegroup", "p", "web", groupSpec(2, ""))
	r.becomes("server", "p", "web-1", resource.PhaseFailed)
	r.eventually("the group tells of it", func() bool {
		m := r.group("web").Status.Members
		return len(m) == 2 && m[1].Phase == resource.PhaseFailed
	})
	require.False(t, r.group("web").Settled())
	r.site.setFault(nil)
	r.remove("server", "p", "web-1")
	r.eventually("with the failed one removed it recovers", func() bool { g := r.group("web"); return g.Settled() && g.Status.Ready == 2 })
}

// TestServersMeetWhereTheirNetworkLives races the first servers of a network on a site of two hosts.
func TestServersMeetWhereTheirNetworkLives(t *testing.T) {
	t.Parallel()
	r := newRig(t, "kvm1", "kvm2")
	var made []resource.Applied
	for i := range 6 {
		made = append(made, r.make("server", "p", fmt.Sprint("s", i), serverSpec))
	}
	for _, a := range made {
		r.ready(a)
	}
	host := r.network("net").Status.Host
	for i := range 6 {
		require.Equal(t, host, r.server(fmt.Sprint("s", i)).Status.Host)
	}
	total := r.claimed("kvm1", "vcpus") + r.claimed("kvm2", "vcpus")
	require.EqualValues(t, 12, total)
	require.Len(t, r.site.servers, 6)
	r.exact()
}
