package kinds_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

func (r *rig) port(name string) *kinds.Port {
	r.t.Helper()
	p, err := resource.As[kinds.PortSpec, kinds.PortStatus](r.get("port", "p", name))
	require.NoError(r.t, err)
	return &p
}

func carded(ports string) string {
	return fmt.Sprintf(`{"flavor":"small","image":"busybox","network":"net","ports":[%s]}`, ports)
}

func TestPortGoesFromServerToServer(t *testing.T) {
	t.Parallel()
	r := newRig(t, "kvm1", "kvm2")
	r.ready(r.make("network", "p", "backup", `{"cidr":"10.9.0.0/24"}`))
	r.ready(r.make("securitygroup", "p", "nfs", `{"rules":[{"protocol":"tcp","fromPort":2049}]}`))
	r.ready(r.make("port", "p", "any", `{"network":"backup"}`))
	r.ready(r.make("port", "p", "store", `{"network":"backup","address":"10.9.0.50","securityGroups":["nfs"]}`))
	require.Equal(t, "10.9.0.2", r.port("any").Status.Address)
	require.Equal(t, "10.9.0.50", r.port("store").Status.Address)
	require.Empty(t, r.network("backup").Status.Host, "ports alone do not place a network")

	r.ready(r.make("server", "p", "a", carded(`"store","any"`)))
	a := r.server("a")
	require.Equal(t, a.Status.Host, r.network("backup").Status.Host)
	r.eventually("the port knows who has it", func() bool { return r.port("store").Status.AttachedTo == a.ID })
	cards := r.site.wanted[a.ID].Interfaces
	require.Len(t, cards, 3)
	require.Equal(t, r.port("store").Status.MAC, cards[1].MAC)
	require.Equal(t, []provider.Rule{{Protocol: "tcp", FromPort: 2049, ToPort: 2049}}, cards[1].Rules)
	require.Empty(t, cards[0].Rules)
	config := r.site.wanted[a.ID].Seed.NetworkConfig
	require.Contains(t, config, "10.9.0.50/24")
	require.Equal(t, 1, strings.Count(config, "0.0.0.0/0"), "the way out is by the first card")

	r.ready(r.make("securitygroup", "p", "nfs", `{"rules":[{"protocol":"tcp","fromPort":111}]}`))
	r.eventually("new rules reach the card", func() bool {
		r.site.mu.Lock()
		defer r.site.mu.Unlock()
		return r.site.wanted[a.ID].Interfaces[1].Rules[0].FromPort == 111
	})
	r.ready(r.make("port", "p", "spare", `{"network":"backup"}`))
	require.Equal(t, "spec.ports[0]", r.refused(resource.ReasonInvalid, "server", "p", "thief", carded(`"store"`)).Fields[0].Path)
	require.Equal(t, "spec.ports[1]", r.refused(resource.ReasonInvalid, "server", "p", "twice", carded(`"spare","spare"`)).Fields[0].Path)
	for kind, name := range map[string]string{"port": "store", "network": "backup", "securitygroup": "nfs"} {
		_, err := r.Delete(t.Context(), resource.Request{Kind: kind, Project: "p", ID: name, Actor: admin})
		r.problem(resource.ReasonInUse, err)
	}

	r.ready(r.make("server", "p", "a", carded(`"any"`)))
	require.Len(t, r.site.wanted[a.ID].Interfaces, 2)
	r.eventually("it was left", func() bool { return r.port("store").Status.AttachedTo == "" })
	r.ready(r.make("server", "p", "b", carded(`"store"`)))
	require.Equal(t, r.server("a").Status.Host, r.server("b").Status.Host, "it goes where its networks live")
	require.Equal(t, "10.9.0.50", r.site.wanted[r.server("b").ID].Interfaces[1].Address)

	r.remove("server", "p", "b")
	r.gone("server", "p", "b")
	require.Equal(t, "10.9.0.50", r.port("store").Status.Address, "a port outlives its server")
	r.remove("port", "p", "store")
	r.gone("port", "p", "store")
	require.Len(t, r.network("backup").Status.Ports, 2)
	r.exact()
}

func TestPortsThatCanNotBe(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("server", "p", "web", on("net", "10.1.0.9")))
	for spec, path := range map[string]string{
		`{"network":"none"}`:                            "spec.network",
		`{"network":"net","address":"10.2.0.9"}`:        "spec.address",
		`{"network":"net","address":"10.1.0.254"}`:      "spec.address",
		`{"network":"net","securityGroups":["nobody"]}`: "spec.securityGroups[0]",
	} {
		require.Equal(t, path, r.refused(resource.ReasonInvalid, "port", "p", "bad", spec).Fields[0].Path, spec)
	}
	r.make("port", "p", "late", `{"network":"net","address":"10.1.0.9"}`)
	r.eventually("a taken address is told of", func() bool { return r.port("late").Condition("Ready").Reason == string(resource.ReasonConflict) })
	r.remove("server", "p", "web")
	r.gone("server", "p", "web")
	r.eventually("and given when it is free", func() bool { return r.port("late").Settled() && r.port("late").Status.Address == "10.1.0.9" })
	require.Equal(t, "spec.address", r.refused(resource.ReasonInvalid, "port", "p", "late", `{"network":"net","address":"10.1.0.10"}`).Fields[0].Path)
}
