package tenantnet

import (
	"context"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netlink"

	"github.com/plazacloud/plaza/pkg/provider"
)

// numbered is a network of 10.<n>.0.0/24.
func numbered(t *testing.T, n int) provider.Net {
	t.Helper()
	net := newNet(t)
	net.CIDR, net.Gateway = fmt.Sprintf("10.%d.0.0/24", n), fmt.Sprintf("10.%d.0.1", n)
	return net
}

func newRouter(t *testing.T, m *Manager, networks ...provider.Net) provider.Router {
	t.Helper()
	r := provider.Router{ID: uuid.Must(uuid.NewV7()).String(), Name: "core"}
	for _, n := range networks {
		r.Networks = append(r.Networks, n.ID)
	}
	t.Cleanup(func() { require.NoError(t, m.Part(context.Background(), r.ID)) })
	return r
}

func join(t *testing.T, m *Manager, r provider.Router) {
	t.Helper()
	st, err := m.Join(t.Context(), r)
	require.NoError(t, err)
	require.ElementsMatch(t, r.Networks, st.Networks)
}

func hears(t *testing.T, space, addr, want string) {
	t.Helper()
	got, err := call(space, addr, 3*time.Second)
	require.NoError(t, err, addr)
	require.Equal(t, want, got)
}

func deaf(t *testing.T, space, addr string) {
	t.Helper()
	_, err := call(space, addr, 700*time.Millisecond)
	require.Error(t, err, addr)
}

// talk keeps one connection open; each call sends a line and waits for its echo.
func talk(t *testing.T, from, to, addr string) func() error {
	t.Helper()
	var l net.Listener
	require.NoError(t, Within(to, func() (err error) { l, err = net.Listen("tcp4", addr); return err }))
	done, accepted := make(chan struct{}), make(chan net.Conn, 1)
	go func() {
		defer close(done)
		if c, err := l.Accept(); err == nil {
			accepted <- c
			_, _ = io.Copy(c, c)
		}
	}()
	var c net.Conn
	require.NoError(t, Within(from, func() (err error) { c, err = net.DialTimeout("tcp4", addr, 3*time.Second); return err }))
	t.Cleanup(func() { c.Close(); l.Close(); (<-accepted).Close(); <-done }) // no word of the one end's reaches the other by then
	return func() error {
		_ = c.SetDeadline(time.Now().Add(3 * time.Second))
		if _, err := c.Write([]byte("x")); err != nil {
			return err
		}
		_, err := io.ReadFull(c, make([]byte, 1))
		return err
	}
}

func TestRouterJoinsNetworksAndPartsThem(t *testing.T) {
	m := newManager(t)
	a, b, c := numbered(t, 66), numbered(t, 67), numbered(t, 68)
	a.Egress = EgressNAT // whose translation must not touch what goes to b
	space := map[string]string{}
	for i, n := range []provider.Net{a, b, c} {
		ensure(t, m, n)
		addr := n.Gateway[:len(n.Gateway)-1] + "10"
		space[n.ID] = plug(t, n, fmt.Sprint("s", i), macA, addr)
		from(t, space[n.ID], addr+":80")
	}
	deaf(t, space[a.ID], "10.67.0.10:80")
	r := newRouter(t, m, a, b)
	join(t, m, r)
	join(t, m, r)
	hears(t, space[a.ID], "10.67.0.10:80", "10.66.0.10") // who is called sees who calls
	hears(t, space[b.ID], "10.66.0.10:80", "10.67.0.10")
	deaf(t, space[a.ID], "10.68.0.10:80")
	deaf(t, space[c.ID], "10.66.0.10:80")
	deaf(t, space[b.ID], "10.66.0.1:53") // the gateway of another network is its own
	still := talk(t, space[a.ID], space[b.ID], "10.67.0.10:90")

	r.Networks = append(r.Networks, c.ID)
	join(t, m, r)
	hears(t, space[c.ID], "10.66.0.10:80", "10.68.0.10")
	hears(t, space[b.ID], "10.68.0.10:80", "10.67.0.10")
	_, err := m.Ensure(t.Context(), a) // as when a server comes
	require.NoError(t, err)
	require.NoError(t, still(), "other legs come and go, and a network is made again, under an open connection")
	r.Networks = []string{a.ID, b.ID}
	join(t, m, r)
	deaf(t, space[a.ID], "10.68.0.10:80")
	deaf(t, space[c.ID], "10.67.0.10:80")
	require.NoError(t, still())

	require.Equal(t, provider.ReasonConflict, provider.ReasonOf(func() error { _, err := m.Join(t.Context(), newRouter(t, m, b, c)); return err }()), "in another router")
	all, err := m.AllJoined()
	require.NoError(t, err)
	require.Len(t, all, 1)
	for range 2 {
		require.NoError(t, m.Part(t.Context(), r.ID))
	}
	deaf(t, space[a.ID], "10.67.0.10:80")
	deaf(t, space[b.ID], "10.66.0.10:80")
	_, err = m.Joined(r.ID)
	require.True(t, provider.IsNotFound(err))
	require.NoFileExists(t, namespacePath(RouterName(r.ID)))
	for _, n := range []provider.Net{a, b} {
		require.NoError(t, Within(NamespaceName(n.ID), func() error {
			_, err := netlink.LinkByName(routerLink)
			if !linkMissing(err) {
				return fmt.Errorf("the leg of %s is left: %w", n.CIDR, err)
			}
			return nil
		}))
	}
}

func TestRulesHoldOverTheRouter(t *testing.T) {
	m := newManager(t)
	a, b := numbered(t, 66), numbered(t, 67)
	ensure(t, m, a)
	ensure(t, m, b)
	one, two := plug(t, a, "one", macA, "10.66.0.10"), plug(t, a, "two", macB, "10.66.0.200")
	target := plug(t, b, "target", macA, "10.67.0.10")
	serve(t, target, ":80", "b")
	serve(t, target, ":81", "b")
	serve(t, one, ":80", "a")
	join(t, m, newRouter(t, m, a, b))
	nics := map[string]provider.Interface{
		"target": {Network: b.ID, MAC: macA, Address: "10.67.0.10", Rules: []provider.Rule{{Protocol: "tcp", FromPort: 80, ToPort: 80, CIDR: "10.66.0.0/25"}}},
		"one":    {Network: a.ID, MAC: macA, Address: "10.66.0.10"},
		"two":    {Network: a.ID, MAC: macB, Address: "10.66.0.200"},
	}
	for server, nic := range nics {
		require.NoError(t, m.Guard(t.Context(), server, nic))
		t.Cleanup(func() { require.NoError(t, m.Unguard(context.Background(), server, nic.MAC)) })
	}
	hears(t, one, "10.67.0.10:80", "b: hello") // and the answer passes its own closed card
	deaf(t, one, "10.67.0.10:81")
	deaf(t, two, "10.67.0.10:80") // is not within the rule's CIDR
	deaf(t, target, "10.66.0.10:80")

	// An address that is not its own gets no further than the card.
	spoof := nics["two"]
	spoof.Address = "10.66.0.11"
	require.NoError(t, m.Guard(t.Context(), "two", spoof))
	open := nics["target"]
	open.Rules = []provider.Rule{{Protocol: "tcp"}}
	require.NoError(t, m.Guard(t.Context(), "target", open))
	deaf(t, two, "10.67.0.10:80")
	hears(t, one, "10.67.0.10:81", "b: hello")
}

// TestRouterComesBack loses namespaces as a reboot does, while another manager takes over.
func TestRouterComesBack(t *testing.T) {
	needRoot(t)
	state, run := t.TempDir(), runDir(t)
	m := managerIn(t, state, run)
	a, b := numbered(t, 66), numbered(t, 67)
	ensure(t, m, a)
	ensure(t, m, b)
	one, two := plug(t, a, "one", macA, "10.66.0.10"), plug(t, b, "two", macA, "10.67.0.10")
	serve(t, two, ":80", "b")
	r := newRouter(t, m, a, b)
	join(t, m, r)
	m.Close()
	require.NoError(t, deleteNamespace(RouterName(r.ID)))
	require.NoError(t, m.dhcp(a.ID).remove())
	require.NoError(t, deleteNamespace(NamespaceName(a.ID)))
	require.NoError(t, deleteLink(gatewayPrefix+ShortID(a.ID)))

	m2 := managerIn(t, state, run)
	require.NoError(t, m2.Restore(t.Context()))
	hears(t, one, "10.67.0.10:80", "b: hello")

	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); m2.Run(ctx) }()
	defer func() { stop(); <-done }()
	require.NoError(t, Within(NamespaceName(b.ID), func() error {
		l, err := netlink.LinkByName(routerLink)
		if err != nil {
			return err
		}
		return netlink.LinkDel(l)
	}))
	require.Eventually(t, func() bool {
		_, err := call(one, "10.67.0.10:80", 500*time.Millisecond)
		return err == nil
	}, 10*time.Second, 50*time.Millisecond, "a leg that someone cut")
}

func TestNetworksThatCanNotBeJoined(t *testing.T) {
	m := newManager(t)
	a, twin, odd := numbered(t, 66), numbered(t, 66), newNet(t)
	odd.CIDR, odd.Gateway = "169.254.3.0/24", "169.254.3.1"
	for _, n := range []provider.Net{a, twin, odd} {
		ensure(t, m, n)
	}
	for reason, n := range map[provider.Reason]provider.Net{
		provider.ReasonConflict: twin, provider.ReasonInvalid: odd, provider.ReasonNotFound: newNet(t),
	} {
		r := newRouter(t, m, a, n)
		_, err := m.Join(t.Context(), r)
		require.Equal(t, reason, provider.ReasonOf(err), "%v", err)
		_, err = m.Joined(r.ID)
		require.True(t, provider.IsNotFound(err), "a refusal leaves nothing")
	}
	b := numbered(t, 67)
	ensure(t, m, b)
	r := newRouter(t, m, a, b)
	join(t, m, r)
	require.Equal(t, provider.ReasonConflict, provider.ReasonOf(m.Delete(t.Context(), b.ID)))
	r.Networks = []string{a.ID}
	join(t, m, r)
	require.NoError(t, m.Delete(t.Context(), b.ID), "once it was taken out")
}
