package kinds_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
)

func on(network, address string) string {
	return fmt.Sprintf(`{"flavor":"small","image":"busybox","network":%q,"address":%q}`, network, address)
}

func TestNetworkDefaultsAndRefusals(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	n := r.network("net")
	require.Equal(t, "10.1.0.1", n.Spec.Gateway)
	require.Equal(t, []string{"10.1.0.1"}, n.Spec.DNS)
	require.Equal(t, "none", n.Spec.Egress)
	require.Empty(t, n.Status.Host, "a network lives nowhere until its first server is placed")
	for spec, path := range map[string]string{
		`{"cidr":"10.1.0.0/30"}`:                      "spec.cidr",
		`{"cidr":"10.1.0.0/15"}`:                      "spec.cidr",
		`{"cidr":"10.1.0.9/24"}`:                      "spec.cidr",
		`{"cidr":"fd00::/64"}`:                        "spec.cidr",
		`{"cidr":"nonsense"}`:                         "spec.cidr",
		`{"cidr":"10.1.0.0/24","gateway":"10.2.0.1"}`: "spec.gateway",
		`{"cidr":"10.1.0.0/24","gateway":"10.1.0.0"}`: "spec.gateway",
		`{"cidr":"10.1.0.0/24","dns":["dns"]}`:        "spec.dns[0]",
		`{"cidr":"10.1.0.0/24","egress":"maybe"}`:     "spec.egress",
	} {
		require.Equal(t, path, r.refused(resource.ReasonInvalid, "network", "p", "bad", spec).Fields[0].Path, spec)
	}
}

func TestFixedAddresses(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("server", "p", "fixed", on("net", "10.1.0.2")))
	r.ready(r.make("server", "p", "free", serverSpec))
	require.Equal(t, "10.1.0.2", r.server("fixed").Status.Address)
	require.Equal(t, "10.1.0.3", r.server("free").Status.Address, "the lowest free one")

	// One that asks for a taken address is told so, and stands in nobody's way.
	r.make("server", "p", "late", on("net", "10.1.0.2"))
	r.ready(r.make("server", "p", "after", serverSpec))
	r.eventually("the late one is told", func() bool { return r.server("late").Condition("Ready").Reason == string(resource.ReasonConflict) })
	require.Contains(t, r.server("late").Condition("Ready").Message, "10.1.0.2")
	require.Equal(t, "10.1.0.4", r.server("after").Status.Address)
	r.remove("server", "p", "fixed")
	r.gone("server", "p", "fixed")
	r.eventually("it gets the address once that is free", func() bool { return r.server("late").Settled() && r.server("late").Status.Address == "10.1.0.2" })
	r.exact()
}

func TestFullNetwork(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("network", "p", "small", `{"cidr":"10.3.0.0/29"}`))
	for i := range 4 { // 8 less network, broadcast, gateway and the place's own
		r.ready(r.make("server", "p", fmt.Sprint("s", i), on("small", "")))
	}
	r.refused(resource.ReasonInvalid, "server", "p", "dhcp", on("small", "10.3.0.6"))
	r.make("server", "p", "fifth", on("small", ""))
	r.eventually("the fifth is told", func() bool {
		c := r.server("fifth").Condition("Ready")
		return c.Reason == string(resource.ReasonNoCandidate)
	})
	require.Len(t, r.network("small").Status.Ports, 4)
	r.remove("server", "p", "s2")
	r.gone("server", "p", "s2")
	r.eventually("the fifth takes what was freed", func() bool { return r.server("fifth").Settled() })
	require.Equal(t, "10.3.0.4", r.server("fifth").Status.Address)
}

func TestDeletedBeforeItWasPlaced(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("server", "p", "first", serverSpec))
	r.make("flavor", "", "half", `{"vcpus":14,"memoryMiB":512,"diskGiB":4}`)
	r.ready(r.make("server", "p", "big", `{"flavor":"half","image":"busybox","network":"net"}`))
	r.refused(resource.ReasonNoCandidate, "server", "p", "none", serverSpec)
	require.Len(t, r.network("net").Status.Ports, 2)
	r.remove("server", "p", "big")
	r.gone("server", "p", "big")
	r.eventually("its port is gone", func() bool { return len(r.network("net").Status.Ports) == 1 })
}

// TestDeletedWhileTheNetworkIsAtWork deletes what a pass of the network is about to give addresses to.
func TestDeletedWhileTheNetworkIsAtWork(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("server", "p", "first", serverSpec))
	r.heard(r.network("net").ID)
	for kind, spec := range map[string]string{"server": serverSpec, "port": `{"network":"net"}`} {
		begun, goOn := make(chan struct{}), make(chan struct{})
		var once sync.Once
		r.site.with(func() {
			r.site.slow = func(method string) {
				if method == "EnsureNetwork" {
					once.Do(func() { close(begun); <-goOn })
				}
			}
		})
		r.make(kind, "p", "second", spec)
		<-begun
		r.remove(kind, "p", "second")
		r.gone(kind, "p", "second")
		close(goOn)
		r.heard(r.network("net").ID)
		ports := r.network("net").Status.Ports
		require.Len(t, ports, 1, "%s: %v", kind, ports)
		require.Equal(t, r.server("first").ID, ports[0].Server)
	}
}

// TestServersLeaveANetworkThatIsHeld lets a network be lost where what is missing is left so.
func TestServersLeaveANetworkThatIsHeld(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("server", "p", "web", serverSpec))
	r.ready(r.make("host", "", "kvm1", `{"site":"north","schedulable":true,"cpuOvercommit":2,"drift":{"missing":"hold"}}`))
	r.site.with(func() { clear(r.site.networks) })
	require.NoError(t, r.Touch(t.Context(), "network", r.network("net").ID, "it is missing"))
	o := r.becomes("network", "p", "net", resource.PhaseDegraded)
	require.Equal(t, "Held", o.Condition("Drift").Reason)
	r.remove("server", "p", "web")
	r.gone("server", "p", "web")
	require.Empty(t, r.network("net").Status.Ports)
	require.Empty(t, r.site.networks, "it is left so")
	r.exact()
}

func TestPublishedPortsFollowTheServer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","publish":[{"port":80}]}`))
	was := r.server("web").Status.Published[0].Endpoint
	r.ready(r.make("server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","publish":[{"port":80},{"port":443}]}`))
	got := r.server("web").Status.Published
	require.Len(t, got, 2)
	require.Equal(t, was, got[0].Endpoint, "a port that was published stays where it was")
	r.ready(r.make("server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","publish":[{"port":8080},{"port":443}]}`))
	require.ElementsMatch(t, []int{8080, 443}, []int{r.server("web").Status.Published[0].Port, r.server("web").Status.Published[1].Port})
	r.ready(r.make("server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","publish":[]}`))
	require.Empty(t, r.server("web").Status.Published)
}

func TestNetworkIsNotDeletedUnderServers(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("server", "p", "web", serverSpec))
	_, err := r.Delete(t.Context(), resource.Request{Kind: "network", Project: "p", ID: "net", Actor: admin})
	p := r.problem(resource.ReasonInUse, err)
	require.Equal(t, "web", p.Candidates[0].Name)
	r.remove("server", "p", "web")
	r.gone("server", "p", "web")
	require.Len(t, r.site.networks, 1)
	r.remove("network", "p", "net")
	r.gone("network", "p", "net")
	require.Empty(t, r.site.networks)
}
