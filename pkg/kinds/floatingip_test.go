package kinds_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// EnsureFloatingIP holds what is wanted, as a host does.
func (s *site) EnsureFloatingIP(_ context.Context, host string, want provider.FloatingIP) (out provider.FloatingIPState, err error) {
	err = s.call("EnsureFloatingIP", host, func() error {
		if want.Address == "" {
			return provider.Errorf(provider.ReasonInvalid, "", "no address")
		}
		for id, f := range s.floating {
			if id != want.ID && f.Address == want.Address {
				return provider.Errorf(provider.ReasonConflict, "", "%s is held by %s", f.Address, id)
			}
		}
		if s.floating == nil {
			s.floating = map[string]provider.FloatingIPState{}
		}
		out = provider.FloatingIPState{ID: want.ID, Host: host, Address: want.Address}
		s.floating[want.ID] = out
		return nil
	})
	return out, err
}

// DeleteFloatingIP refuses what still leads somewhere, as a host does.
func (s *site) DeleteFloatingIP(_ context.Context, host, id string) error {
	return s.call("DeleteFloatingIP", host, func() error {
		for _, n := range s.networks {
			for _, f := range n.Floating {
				if f.ID == id {
					return provider.Errorf(provider.ReasonConflict, "", "%s leads to a guest", f.Address)
				}
			}
		}
		delete(s.floating, id)
		return nil
	})
}

func (r *rig) floating(name string) *kinds.FloatingIP {
	r.t.Helper()
	f, err := resource.As[kinds.FloatingIPSpec, kinds.FloatingIPStatus](r.get("floatingip", "p", name))
	require.NoError(r.t, err)
	return &f
}

// newFloatingRig has two hosts, of which the first gives four addresses out.
func newFloatingRig(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, "kvm1", "kvm2")
	r.ready(r.make("host", "", "kvm1", `{"site":"north","schedulable":true,"cpuOvercommit":2,"floatingCIDRs":["203.0.113.8/30"]}`))
	return r
}

// leads tells where an address leads, by what the site was told.
func (r *rig) leads(address string) string {
	r.site.mu.Lock()
	defer r.site.mu.Unlock()
	to := ""
	for _, n := range r.site.networks {
		for _, f := range n.Floating {
			if f.Address == address {
				to += n.Name + " " + f.Inside
			}
		}
	}
	return to
}

func to(server string) string { return fmt.Sprintf(`{"host":"kvm1","server":%q}`, server) }

func TestFloatingAddressIsHeldMovedAndGivenBack(t *testing.T) {
	t.Parallel()
	r := newFloatingRig(t)
	r.ready(r.make("network", "p", "other", `{"cidr":"10.1.0.0/24"}`))
	on := func(network string) string {
		return fmt.Sprintf(`{"flavor":"small","image":"busybox","network":%q,"host":"kvm1"}`, network)
	}
	for name, network := range map[string]string{"a": "net", "b": "net", "c": "other"} {
		r.ready(r.make("server", "p", name, on(network)))
	}
	r.ready(r.make("floatingip", "p", "shop", `{}`))
	require.Equal(t, "203.0.113.8", r.floating("shop").Status.Address, "the only place with addresses, and its lowest")
	require.Equal(t, "kvm1", r.floating("shop").Spec.Host)
	for _, name := range []string{"a", "b", "c"} { // within a network, and into another one
		r.ready(r.make("floatingip", "p", "shop", to(name)))
		s := r.server(name)
		require.Equal(t, s.ID, r.floating("shop").Status.AttachedTo)
		require.Equal(t, r.get("network", "p", s.Spec.Network).Name+" "+s.Status.Address, r.leads("203.0.113.8"))
		r.eventually("the server tells of it", func() bool { return r.server(name).Status.Floating == "203.0.113.8" })
	}
	require.Empty(t, r.server("a").Status.Floating)
	r.ready(r.make("floatingip", "p", "shop", `{"host":"kvm1"}`))
	require.Empty(t, r.leads("203.0.113.8"))
	require.Equal(t, "203.0.113.8", r.floating("shop").Status.Address, "it is still held")

	r.ready(r.make("floatingip", "p", "shop", to("a")))
	r.remove("server", "p", "a")
	r.gone("server", "p", "a")
	r.eventually("the address outlives its server", func() bool {
		f := r.floating("shop")
		return f.Settled() && f.Status.AttachedTo == "" && f.Status.Address == "203.0.113.8"
	})
	r.ready(r.make("floatingip", "p", "shop", to("b")))
	r.remove("floatingip", "p", "shop")
	r.gone("floatingip", "p", "shop")
	require.Empty(t, r.leads("203.0.113.8"))
	require.Empty(t, r.site.floating)
	r.exact()
}

func TestFloatingAddressesAreRefusedWhereTheyCanNotBe(t *testing.T) {
	t.Parallel()
	r := newRig(t, "kvm1", "kvm2")
	r.refused(resource.ReasonNoCandidate, "floatingip", "p", "none", `{}`)
	p := r.refused(resource.ReasonInvalid, "floatingip", "p", "none", `{"host":"kvm1"}`)
	require.Contains(t, p.Hint, "publish ports instead")
	r.refused(resource.ReasonInvalid, "floatingip", "p", "none", `{"server":"nobody"}`)
	require.Equal(t, "spec.floatingCIDRs[1]", r.refused(resource.ReasonInvalid, "host", "", "kvm1", `{"site":"north","schedulable":true,"floatingCIDRs":["203.0.113.8/30","203.0.0.0/16"]}`).Fields[0].Path)
	for _, h := range []string{"kvm1", "kvm2"} {
		r.ready(r.make("host", "", h, `{"site":"north","schedulable":true,"cpuOvercommit":2,"floatingCIDRs":["203.0.113.8/32"]}`))
	}
	require.Contains(t, r.refused(resource.ReasonInvalid, "floatingip", "p", "which", `{}`).Hint, "kvm1, kvm2")
	r.ready(r.make("server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","host":"kvm2"}`))
	r.refused(resource.ReasonConflict, "floatingip", "p", "away", to("web"))
	r.ready(r.make("floatingip", "p", "one", `{"server":"web"}`))
	require.Equal(t, "kvm2", r.floating("one").Status.HostName)
	r.refused(resource.ReasonInvalid, "floatingip", "p", "two", `{"server":"web"}`)
	_, err := r.Delete(t.Context(), resource.Request{Kind: "host", ID: "kvm2", Actor: admin})
	r.problem(resource.ReasonInUse, err)
	r.make("floatingip", "p", "more", `{"host":"kvm2"}`)
	r.eventually("one too many waits", func() bool { return r.floating("more").Condition("Ready").Reason == string(resource.ReasonNoCandidate) })
	r.remove("floatingip", "p", "one")
	r.eventually("and takes what was given back", func() bool { return r.floating("more").Settled() })
}

// TestFloatingAddressesUnderFaults takes all addresses of a host at once, while calls fail before and after their effect.
func TestFloatingAddressesUnderFaults(t *testing.T) {
	t.Parallel()
	r := newFloatingRig(t)
	r.site.setFault(func(n int, _, _ string) error {
		if n%5 == 0 {
			return provider.Errorf(provider.ReasonUnavailable, "", "the agent went away")
		}
		return nil
	})
	var made []resource.Applied
	for i := range 4 {
		made = append(made, r.make("server", "p", fmt.Sprint("s", i), `{"flavor":"small","image":"busybox","network":"net","host":"kvm1"}`))
		made = append(made, r.make("floatingip", "p", fmt.Sprint("f", i), to(fmt.Sprint("s", i))))
	}
	addresses := map[string]bool{}
	for _, a := range made {
		r.ready(a)
	}
	for i := range 4 {
		f := r.floating(fmt.Sprint("f", i))
		addresses[f.Status.Address] = true
		require.Equal(t, "net "+r.server(fmt.Sprint("s", i)).Status.Address, r.leads(f.Status.Address))
	}
	require.Len(t, addresses, 4)
	for i := range 4 {
		r.remove("floatingip", "p", fmt.Sprint("f", i))
		r.gone("floatingip", "p", fmt.Sprint("f", i))
	}
	require.Empty(t, r.site.floating)
	r.exact()
}
