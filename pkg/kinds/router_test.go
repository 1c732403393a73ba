package kinds_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// EnsureRouter joins networks that are there, as a host does.
func (s *site) EnsureRouter(_ context.Context, host string, want provider.Router) (out provider.RouterState, err error) {
	err = s.call("EnsureRouter", host, func() error {
		for _, n := range want.Networks {
			if _, ok := s.networks[[2]string{host, n}]; !ok {
				return provider.Errorf(provider.ReasonNotFound, "", "network %s is not on host %s", n, host)
			}
		}
		if s.routers == nil {
			s.routers = map[[2]string]provider.RouterState{}
		}
		out = provider.RouterState{ID: want.ID, Host: host, Networks: slices.Sorted(slices.Values(want.Networks))}
		s.routers[[2]string{host, want.ID}] = out
		return nil
	})
	return out, err
}

func (s *site) GetRouter(_ context.Context, host, id string) (out provider.RouterState, err error) {
	err = s.call("GetRouter", host, func() error {
		st, ok := s.routers[[2]string{host, id}]
		if !ok {
			return provider.Errorf(provider.ReasonNotFound, "", "no router %s", id)
		}
		out = st
		return nil
	})
	return out, err
}

func (s *site) DeleteRouter(_ context.Context, host, id string) error {
	return s.call("DeleteRouter", host, func() error { delete(s.routers, [2]string{host, id}); return nil })
}

func (r *rig) router(name string) *kinds.Router {
	r.t.Helper()
	o, err := resource.As[kinds.RouterSpec, kinds.RouterStatus](r.get("router", "p", name))
	require.NoError(r.t, err)
	return &o
}

// joined are the names of the networks that the site was told to join.
func (r *rig) joined(name string) []string {
	r.t.Helper()
	o := r.router(name)
	r.site.mu.Lock()
	defer r.site.mu.Unlock()
	var out []string
	for _, id := range r.site.routers[[2]string{o.Status.Host, o.ID}].Networks {
		out = append(out, r.site.networks[[2]string{o.Status.Host, id}].Name)
	}
	slices.Sort(out)
	return out
}

// newRouterRig has two hosts, and networks a, b and c beside net.
func newRouterRig(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, "kvm1", "kvm2")
	for i, name := range []string{"a", "b", "c"} {
		r.ready(r.make("network", "p", name, fmt.Sprintf(`{"cidr":"10.2%d.0.0/24"}`, i)))
	}
	return r
}

func at(network, host string) string {
	return fmt.Sprintf(`{"flavor":"small","image":"busybox","network":%q,"host":%q}`, network, host)
}

func TestRouterJoinsNetworksAsTheyComeToLife(t *testing.T) {
	t.Parallel()
	r := newRouterRig(t)
	r.ready(r.make("router", "p", "core", `{"networks":["a","b"]}`))
	require.Equal(t, []string{r.network("a").ID, r.network("b").ID}, r.router("core").Spec.Networks, "ids are kept")
	require.Empty(t, r.router("core").Status.Host, "it lives nowhere until its networks do")

	r.ready(r.make("server", "p", "one", at("a", "kvm2")))
	r.eventually("the first network is joined", func() bool { return slices.Equal(r.joined("core"), []string{"a"}) })
	require.Equal(t, "kvm2", r.router("core").Status.HostName)
	r.ready(r.make("server", "p", "two", on("b", "")))
	require.Equal(t, r.hosts["kvm2"], r.server("two").Status.Host, "a server on another of its networks goes to the same place")
	r.eventually("both are joined", func() bool { return slices.Equal(r.joined("core"), []string{"a", "b"}) })
	r.eventually("it tells so", func() bool { return len(r.router("core").Status.Networks) == 2 })

	r.ready(r.make("server", "p", "three", at("c", "kvm2")))
	r.ready(r.make("router", "p", "core", `{"networks":["a","b","c"]}`))
	require.Equal(t, []string{"a", "b", "c"}, r.joined("core"))
	r.ready(r.make("router", "p", "core", `{"networks":["c","b"]}`))
	require.Equal(t, []string{"b", "c"}, r.joined("core"))

	r.remove("server", "p", "two")
	r.gone("server", "p", "two")
	_, err := r.Delete(t.Context(), resource.Request{Kind: "network", Project: "p", ID: "b", Actor: admin})
	p := r.problem(resource.ReasonInUse, err)
	require.Equal(t, "core", p.Candidates[0].Name)
	require.Contains(t, p.Hint, "take it off")
	r.remove("router", "p", "core")
	r.gone("router", "p", "core")
	require.Empty(t, r.site.routers)
	r.remove("network", "p", "b")
	r.gone("network", "p", "b")
	r.exact()
}

func TestRoutersThatCanNotBe(t *testing.T) {
	t.Parallel()
	r := newRouterRig(t)
	r.ready(r.make("network", "p", "wide", `{"cidr":"10.20.0.0/16"}`))
	r.ready(r.make("network", "p", "odd", `{"cidr":"169.254.8.0/24"}`))
	r.ready(r.make("network", "other", "theirs", `{"cidr":"10.40.0.0/24"}`))
	for spec, path := range map[string]string{
		`{"networks":["a","nobody"]}`:  "spec.networks[1]",
		`{"networks":["a","theirs"]}`:  "spec.networks[1]", // of another project
		`{"networks":["a","a"]}`:       "spec.networks[1]",
		`{"networks":["a","b","odd"]}`: "spec.networks[2]",
	} {
		require.Equal(t, path, r.refused(resource.ReasonInvalid, "router", "p", "bad", spec).Fields[0].Path, spec)
	}
	p := r.refused(resource.ReasonInvalid, "router", "p", "bad", `{"networks":["b","a","wide"]}`)
	require.Contains(t, p.Error(), "10.20.0.0/16, which overlaps with 10.20.0.0/24 of network a")
	require.Contains(t, p.Hint, "make one with a range of its own")
	for _, few := range []string{`{}`, `{"networks":["a"]}`} {
		r.refused(resource.ReasonInvalid, "router", "p", "bad", few)
	}
	r.ready(r.make("router", "p", "core", `{"networks":["a","b"]}`))
	p = r.refused(resource.ReasonInvalid, "router", "p", "second", `{"networks":["c","b"]}`)
	require.Contains(t, p.Error(), "router core already")

	r.ready(r.make("server", "p", "one", at("a", "kvm1")))
	r.ready(r.make("server", "p", "away", at("c", "kvm2")))
	p = r.refused(resource.ReasonConflict, "router", "p", "core", `{"networks":["a","b","c"]}`)
	require.Contains(t, p.Detail, "a in kvm1, c in kvm2")
	require.Contains(t, p.Hint, "make the router first")
	r.refused(resource.ReasonNoCandidate, "server", "p", "two", at("b", "kvm2"))
	r.exact()
}

// TestFirstServersOfRouterMeet orders servers on all networks of a router at once, and they end in one place.
func TestFirstServersOfRouterMeet(t *testing.T) {
	t.Parallel()
	r := newRouterRig(t)
	r.ready(r.make("router", "p", "core", `{"networks":["a","b","c"]}`))
	r.site.setFault(func(n int, _, _ string) error {
		if n%7 == 0 {
			return provider.Errorf(provider.ReasonUnavailable, "", "the agent went away")
		}
		return nil
	})
	var made []resource.Applied
	for _, n := range []string{"a", "b", "c"} {
		for i := range 2 {
			made = append(made, r.make("server", "p", fmt.Sprint(n, i), on(n, "")))
		}
	}
	for _, a := range made {
		r.ready(a)
	}
	host := r.router("core").Status.Host
	for _, a := range made {
		require.Equal(t, host, r.server(a.Object.Name).Status.Host)
	}
	r.eventually("all are joined", func() bool { return slices.Equal(r.joined("core"), []string{"a", "b", "c"}) })
	r.remove("router", "p", "core")
	r.gone("router", "p", "core")
	require.Empty(t, r.site.routers)
	r.exact()
}

func TestRouterThatIsGoneIsMadeAgainOrHeld(t *testing.T) {
	t.Parallel()
	r := newRouterRig(t)
	r.ready(r.make("router", "p", "core", `{"networks":["a","b"]}`))
	for _, n := range []string{"a", "b"} {
		r.ready(r.make("server", "p", "on-"+n, on(n, "")))
	}
	r.eventually("both are joined", func() bool { return len(r.router("core").Status.Networks) == 2 })
	id := r.router("core").ID
	lose := func() { r.site.with(func() { clear(r.site.routers) }) }
	lose()
	require.NoError(t, r.Touch(t.Context(), "router", id, "it is missing"))
	r.eventually("it is made again", func() bool { return len(r.joined("core")) == 2 })

	for name := range r.hosts {
		r.ready(r.make("host", "", name, `{"site":"north","schedulable":true,"cpuOvercommit":2,"drift":{"missing":"hold"}}`))
	}
	lose()
	require.NoError(t, r.Touch(t.Context(), "router", id, "it is missing"))
	o := r.becomes("router", "p", "core", resource.PhaseDegraded)
	require.Equal(t, "Held", o.Condition("Drift").Reason)
	require.Empty(t, r.joined("core"))
	require.NoError(t, r.Touch(t.Context(), "router", id, "repair was asked for by someone"))
	r.becomes("router", "p", "core", resource.PhaseReady)
	require.Len(t, r.joined("core"), 2)
}
