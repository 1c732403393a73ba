package tenantnet

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"

	"github.com/plazacloud/plaza/pkg/provider"
)

// neighbourhood is a network that the host is on with 203.0.113.1, and a machine on it with 203.0.113.2.
func neighbourhood(t *testing.T) (space string, link int) {
	t.Helper()
	space = "plt-" + ShortID(uuid.NewString())
	name := "pln" + ShortID(space)
	require.NoError(t, ensureNamespace(space))
	t.Cleanup(func() {
		require.NoError(t, deleteLink(name))
		require.NoError(t, deleteNamespace(space))
	})
	ns, err := netns.GetFromName(space)
	require.NoError(t, err)
	defer ns.Close()
	h, err := netlink.NewHandleAt(ns)
	require.NoError(t, err)
	defer h.Close()
	outer, inner, err := ensureVeth(name, "eth0", ns, h)
	require.NoError(t, err)
	root, err := netlink.NewHandle()
	require.NoError(t, err)
	defer root.Close()
	require.NoError(t, setAddress(root, outer, netip.MustParsePrefix("203.0.113.1/24")))
	require.NoError(t, setAddress(h, inner, netip.MustParsePrefix("203.0.113.2/24")))
	require.NoError(t, netlink.LinkSetUp(outer))
	require.NoError(t, h.LinkSetUp(inner))
	return space, outer.Attrs().Index
}

// from tells a caller's address back.
func from(t *testing.T, space, addr string) {
	t.Helper()
	var l net.Listener
	require.NoError(t, Within(space, func() (err error) { l, err = net.Listen("tcp4", addr); return err }))
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.ReadAll(c)
			host, _, _ := net.SplitHostPort(c.RemoteAddr().String())
			fmt.Fprint(c, host)
			c.Close()
		}
	}()
}

func proxied(t *testing.T, link int) []string {
	t.Helper()
	list, err := netlink.NeighProxyList(link, netlink.FAMILY_V4)
	require.NoError(t, err)
	var out []string
	for _, n := range list {
		out = append(out, n.IP.String())
	}
	return out
}

func TestFloatingAddressLeadsToItsGuestAndMoves(t *testing.T) {
	m := newManager(t)
	lan, link := neighbourhood(t)
	const address = "203.0.113.10"
	id := uuid.Must(uuid.NewV7()).String()
	_, err := m.Hold(provider.FloatingIP{ID: id, Address: address})
	require.NoError(t, err)

	n1, n2 := newNet(t), newNet(t) // the same CIDR; one without any egress
	n2.Egress = EgressNAT
	n1.Floating = []provider.Floating{{ID: id, Address: address, Inside: "10.66.0.10"}}
	require.Equal(t, n1.Floating, ensure(t, m, n1).Floating)
	ensure(t, m, n2)
	g1, g2 := plug(t, n1, "s1", macA, "10.66.0.10"), plug(t, n2, "s2", macA, "10.66.0.10")
	beside := plug(t, n1, "s3", macB, "10.66.0.11")
	serve(t, g1, ":8080", "first")
	serve(t, g2, ":8080", "second")
	from(t, g1, ":8081")
	from(t, lan, ":9000")

	reaches := func(space, want string) {
		t.Helper()
		got, err := call(space, address+":8080", 3*time.Second)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	reaches("", "first: hello")     // from the host itself
	reaches(lan, "first: hello")    // from a machine of the host's network, which asks for it by ARP
	reaches(g2, "first: hello")     // from a guest of another tenant, by NAT
	reaches(beside, "first: hello") // from a guest beside it
	got, err := call(lan, address+":8081", 3*time.Second)
	require.NoError(t, err)
	require.Equal(t, "203.0.113.2", got, "the guest sees who calls")
	got, err = call(g1, "203.0.113.2:9000", 3*time.Second)
	require.NoError(t, err, "what has a floating address goes out by it, without egress")
	require.Equal(t, address, got)
	_, err = call(beside, "203.0.113.2:9000", 700*time.Millisecond)
	require.Error(t, err, "its neighbour does not")
	require.Equal(t, []string{address}, proxied(t, link))
	require.Equal(t, provider.ReasonConflict, provider.ReasonOf(m.Release(id)))

	n2.Floating, n1.Floating = n1.Floating, nil
	for _, n := range []provider.Net{n1, n2} {
		_, err := m.Ensure(t.Context(), n)
		require.NoError(t, err)
	}
	reaches("", "second: hello")
	reaches(lan, "second: hello")
	require.Equal(t, []string{address}, proxied(t, link))
	_, err = call(g1, "203.0.113.2:9000", 700*time.Millisecond)
	require.Error(t, err, "without it there is no way out again")

	// It is led again after a restart, and nothing is left when it leads nowhere.
	m.Close()
	require.NoError(t, m.Restore(t.Context()))
	reaches(lan, "second: hello")
	n2.Floating = nil
	_, err = m.Ensure(t.Context(), n2)
	require.NoError(t, err)
	_, err = call(lan, address+":8080", 700*time.Millisecond)
	require.Error(t, err)
	require.Empty(t, proxied(t, link))
	require.NoError(t, m.Release(id))
	require.NoError(t, m.Release(id))
}

func TestDeletedNetworkLeadsNothing(t *testing.T) {
	m := newManager(t)
	_, link := neighbourhood(t)
	n := newNet(t)
	n.Floating = []provider.Floating{{ID: uuid.NewString(), Address: "203.0.113.20", Inside: "10.66.0.10"}}
	ensure(t, m, n)
	require.Equal(t, []string{"203.0.113.20"}, proxied(t, link))
	require.NoError(t, m.Delete(context.Background(), n.ID))
	require.Empty(t, proxied(t, link))
}

func TestHeldAddresses(t *testing.T) {
	m := newManager(t)
	neighbourhood(t)
	one, two := uuid.Must(uuid.NewV7()).String(), uuid.Must(uuid.NewV7()).String()
	for range 2 {
		st, err := m.Hold(provider.FloatingIP{ID: one, Address: "203.0.113.9"})
		require.NoError(t, err)
		require.Equal(t, provider.FloatingIPState{ID: one, Host: "h1", Address: "203.0.113.9"}, st)
	}
	for want, f := range map[provider.FloatingIP]provider.Reason{
		{ID: two, Address: "203.0.113.9"}:  provider.ReasonConflict, // someone else's
		{ID: one, Address: "203.0.113.11"}: provider.ReasonConflict, // it has one
		{ID: two, Address: "203.0.113.1"}:  provider.ReasonConflict, // the host's own
		{ID: two}:                          provider.ReasonInvalid,
		{ID: two, Address: "127.0.0.1"}:    provider.ReasonInvalid,
		{ID: two, Address: "198.18.0.9"}:   provider.ReasonInvalid,
		{ID: "../x", Address: "192.0.2.1"}: provider.ReasonInvalid,
	} {
		_, err := m.Hold(want)
		require.Equal(t, f, provider.ReasonOf(err), "%+v: %v", want, err)
	}
	all, err := m.AllHeld()
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.NoError(t, m.Release(one))
	_, err = m.Held(one)
	require.True(t, provider.IsNotFound(err))
	_, err = m.Hold(provider.FloatingIP{ID: two, Address: "203.0.113.9"})
	require.NoError(t, err)
	bad := newNet(t)
	for _, f := range []provider.Floating{{Address: "10.66.0.9", Inside: "10.66.0.10"}, {Address: "203.0.113.9", Inside: "10.67.0.10"}, {Address: "x; drop", Inside: "10.66.0.10"}} {
		bad.Floating = []provider.Floating{f}
		_, err := m.Ensure(t.Context(), bad)
		require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err), f)
	}
}
