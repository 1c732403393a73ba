package tenantnet

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/pkg/provider"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
}

func newManager(t *testing.T) *Manager {
	t.Helper()
	needRoot(t)
	return managerIn(t, t.TempDir(), runDir(t))
}

// runDir may be entered by dnsmasq's own user; the parents of t.TempDir may not.
func runDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "plaza-run")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

func managerIn(t *testing.T, state, run string) *Manager {
	t.Helper()
	m, err := New(Config{Host: "h1", StateDir: state, RunDir: run, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
	require.NoError(t, err)
	t.Cleanup(m.Close)
	return m
}

func newNet(t *testing.T) provider.Net {
	t.Helper()
	id, err := uuid.NewV7()
	require.NoError(t, err)
	return provider.Net{ID: id.String(), Name: "web", CIDR: "10.66.0.0/24", Gateway: "10.66.0.1", Egress: EgressNone}
}

func ensure(t *testing.T, m *Manager, n provider.Net) provider.NetState {
	t.Helper()
	st, err := m.Ensure(t.Context(), n)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Delete(context.Background(), n.ID)) })
	return st
}

// plug stands for a guest: a namespace with a card whose host end is named like a tap and plugged into the bridge.
func plug(t *testing.T, n provider.Net, server, mac, addr string) (space string) {
	t.Helper()
	space = "plt-" + ShortID(uuid.NewString())
	require.NoError(t, ensureNamespace(space))
	t.Cleanup(func() {
		require.NoError(t, deleteLink(TapName(server, mac)))
		require.NoError(t, deleteNamespace(space))
	})
	ns, err := netns.GetFromName(space)
	require.NoError(t, err)
	defer ns.Close()
	h, err := netlink.NewHandleAt(ns)
	require.NoError(t, err)
	defer h.Close()
	outer, inner, err := ensureVeth(TapName(server, mac), "eth0", ns, h)
	require.NoError(t, err)
	hw, err := net.ParseMAC(mac)
	require.NoError(t, err)
	require.NoError(t, h.LinkSetHardwareAddr(inner, hw))
	require.NoError(t, setAddress(h, inner, netip.PrefixFrom(netip.MustParseAddr(addr), 24)))
	bridge, err := netlink.LinkByName(BridgeName(n.ID))
	require.NoError(t, err)
	require.NoError(t, netlink.LinkSetMaster(outer, bridge))
	require.NoError(t, netlink.LinkSetUp(outer))
	require.NoError(t, h.LinkSetUp(inner))
	lo, err := h.LinkByName("lo")
	require.NoError(t, err)
	require.NoError(t, h.LinkSetUp(lo))
	require.NoError(t, h.RouteReplace(&netlink.Route{LinkIndex: inner.Attrs().Index, Gw: net.ParseIP(n.Gateway)}))
	return space
}

// serve answers every line with "<name>: <line>" on a TCP port of the namespace.
func serve(t *testing.T, space, addr, name string) {
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
			all, _ := io.ReadAll(c) // until the client's half-close
			fmt.Fprintf(c, "%s: %s", name, all)
			c.Close()
		}
	}()
}

func call(space, addr string, timeout time.Duration) (string, error) {
	var c net.Conn
	dial := func() (err error) { c, err = net.DialTimeout("tcp4", addr, timeout); return err }
	var err error
	if space == "" {
		err = dial()
	} else {
		err = Within(space, dial)
	}
	if err != nil {
		return "", err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(timeout + time.Second))
	fmt.Fprint(c, "hello")
	_ = c.(*net.TCPConn).CloseWrite()
	b, err := io.ReadAll(c)
	return string(b), err
}

const (
	macA = "52:54:00:00:00:0a"
	macB = "52:54:00:00:00:0b"
)

func TestSameCIDRTwiceIsIsolated(t *testing.T) {
	m := newManager(t)
	n1, n2 := newNet(t), newNet(t)
	n1.Publish = []provider.Publish{{Address: "10.66.0.10", Port: 8080}}
	n2.Publish = []provider.Publish{{Address: "10.66.0.10", Port: 8080}, {Listen: "127.0.0.1:0", Address: "10.66.0.11", Port: 1}}
	s1, s2 := ensure(t, m, n1), ensure(t, m, n2)
	require.True(t, s1.DHCP)
	g1 := plug(t, n1, "s1", macA, "10.66.0.10")
	g2 := plug(t, n2, "s2", macA, "10.66.0.10")
	serve(t, g1, ":8080", "first")
	serve(t, g2, ":8080", "second")
	for want, st := range map[string]provider.NetState{"first: hello": s1, "second: hello": s2} {
		got, err := call("", st.Publish[0].Listen, 3*time.Second)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	// A neighbour with the same address as nobody's in the other network does not cross over.
	other := plug(t, n2, "s3", macB, "10.66.0.12")
	got, err := call(other, "10.66.0.10:8080", 3*time.Second)
	require.NoError(t, err)
	require.Equal(t, "second: hello", got)
}

// TestPublishedOnEveryAddressIsToldAsWished: who wished for 0.0.0.0:80 and is told [::]:80 waits for ever.
func TestPublishedOnEveryAddressIsToldAsWished(t *testing.T) {
	m := newManager(t)
	for _, host := range []string{"0.0.0.0", "::", "0:0::1"} {
		n := newNet(t)
		n.Publish = []provider.Publish{{Listen: net.JoinHostPort(host, "0"), Address: "10.66.0.10", Port: 8080}}
		got, port, err := net.SplitHostPort(ensure(t, m, n).Publish[0].Listen)
		require.NoError(t, err)
		require.Equal(t, host, got)
		n.Publish[0].Listen = net.JoinHostPort(host, port)
		require.Equal(t, n.Publish[0].Listen, ensure(t, m, n).Publish[0].Listen, "it is met already")
		require.NoError(t, m.Delete(t.Context(), n.ID))
	}
}

func TestPublishedPortStaysOverRestartAndReconfiguration(t *testing.T) {
	needRoot(t)
	state, run := t.TempDir(), runDir(t)
	m := managerIn(t, state, run)
	n := newNet(t)
	n.Publish = []provider.Publish{{Address: "10.66.0.10", Port: 80}}
	first := ensure(t, m, n)
	pid := m.dhcp(n.ID).pid()
	require.NotZero(t, pid)
	m.Close()

	m2 := managerIn(t, state, run)
	require.NoError(t, m2.Restore(t.Context()))
	st, err := m2.Get(t.Context(), n.ID)
	require.NoError(t, err)
	require.Equal(t, first.Publish, st.Publish)
	require.Equal(t, pid, m2.dhcp(n.ID).pid(), "the running dnsmasq is adopted")

	n.Publish = append(n.Publish, provider.Publish{Address: "10.66.0.11", Port: 80})
	n.Leases = []provider.Lease{{MAC: macA, Address: "10.66.0.10", Name: "till"}}
	st, err = m2.Ensure(t.Context(), n)
	require.NoError(t, err)
	require.Equal(t, first.Publish[0], st.Publish[0])
	require.Equal(t, pid, m2.dhcp(n.ID).pid(), "a new lease needs no restart")

	n.Publish = nil
	_, err = m2.Ensure(t.Context(), n)
	require.NoError(t, err)
	_, err = net.DialTimeout("tcp4", first.Publish[0].Listen, time.Second)
	require.ErrorIs(t, err, unix.ECONNREFUSED)
}

func TestRulesDenyByDefaultAndAreStateful(t *testing.T) {
	m := newManager(t)
	n := newNet(t)
	ensure(t, m, n)
	a, b := plug(t, n, "a", macA, "10.66.0.10"), plug(t, n, "b", macB, "10.66.0.11")
	serve(t, a, ":80", "a")
	serve(t, a, ":81", "a")
	serve(t, b, ":80", "b")
	nicA := provider.Interface{Network: n.ID, MAC: macA, Address: "10.66.0.10", Rules: []provider.Rule{{Protocol: "tcp", FromPort: 80, ToPort: 80}}}
	nicB := provider.Interface{Network: n.ID, MAC: macB, Address: "10.66.0.11"}
	for server, nic := range map[string]provider.Interface{"a": nicA, "b": nicB} {
		require.NoError(t, m.Guard(t.Context(), server, nic))
		t.Cleanup(func() { require.NoError(t, m.Unguard(context.Background(), server, nic.MAC)) })
	}
	got, err := call(b, "10.66.0.10:80", 3*time.Second)
	require.NoError(t, err, "allowed by rule; the answer passes b's closed card as established")
	require.Equal(t, "a: hello", got)
	_, err = call(b, "10.66.0.10:81", 700*time.Millisecond)
	require.Error(t, err, "no rule for 81")
	_, err = call(a, "10.66.0.11:80", 700*time.Millisecond)
	require.Error(t, err, "b has no rule at all")

	nicA.Rules[0].CIDR = "10.66.0.64/26"
	require.NoError(t, m.Guard(t.Context(), "a", nicA))
	_, err = call(b, "10.66.0.10:80", 700*time.Millisecond)
	require.Error(t, err, "b is outside the rule's CIDR")
	nicB.Open, nicA.Open = true, true
	require.NoError(t, m.Guard(t.Context(), "a", nicA))
	require.NoError(t, m.Guard(t.Context(), "b", nicB))
	_, err = call(b, "10.66.0.10:81", 3*time.Second)
	require.NoError(t, err)
}

func TestSpoofedAddressIsDropped(t *testing.T) {
	m := newManager(t)
	n := newNet(t)
	ensure(t, m, n)
	a, b := plug(t, n, "a", macA, "10.66.0.10"), plug(t, n, "b", macB, "10.66.0.99")
	serve(t, a, ":80", "a")
	nic := provider.Interface{Network: n.ID, MAC: macB, Address: "10.66.0.11"} // but the guest took .99
	require.NoError(t, m.Guard(t.Context(), "b", nic))
	t.Cleanup(func() { require.NoError(t, m.Unguard(context.Background(), "b", macB)) })
	_, err := call(b, "10.66.0.10:80", 700*time.Millisecond)
	require.Error(t, err)
}

func TestHostIsNotReachableThroughTheBridge(t *testing.T) {
	m := newManager(t)
	n := newNet(t)
	n.Egress = EgressNAT
	ensure(t, m, n)
	g := plug(t, n, "a", macA, "10.66.0.10")
	rec, err := m.load(n.ID)
	require.NoError(t, err)
	root, _ := rec.uplink()
	l, err := net.Listen("tcp4", net.JoinHostPort(root.String(), "0"))
	require.NoError(t, err)
	defer l.Close()
	_, err = call(g, l.Addr().String(), 700*time.Millisecond)
	require.Error(t, err, "a service of the host on the uplink address")
}

// TestEgress puts a namespace behind the host that knows no way back to tenants: only NAT gets answers through.
func TestEgress(t *testing.T) {
	m := newManager(t)
	space := "plt-" + ShortID(uuid.NewString())
	require.NoError(t, ensureNamespace(space))
	t.Cleanup(func() { require.NoError(t, deleteNamespace(space)) })
	ns, err := netns.GetFromName(space)
	require.NoError(t, err)
	defer ns.Close()
	h, err := netlink.NewHandleAt(ns)
	require.NoError(t, err)
	defer h.Close()
	root, err := netlink.NewHandle()
	require.NoError(t, err)
	defer root.Close()
	outer, inner, err := ensureVeth("plo"+space[4:], "eth0", ns, h)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, deleteLink(outer.Attrs().Name)) })
	require.NoError(t, setAddress(root, outer, netip.MustParsePrefix("203.0.113.1/24")))
	require.NoError(t, setAddress(h, inner, netip.MustParsePrefix("203.0.113.2/24")))
	require.NoError(t, errors.Join(netlink.LinkSetUp(outer), h.LinkSetUp(inner)))
	serve(t, space, "203.0.113.2:80", "outside")

	n := newNet(t)
	ensure(t, m, n)
	g := plug(t, n, "a", macA, "10.66.0.10")
	_, err = call(g, "203.0.113.2:80", 700*time.Millisecond)
	require.Error(t, err, "egress none")
	n.Egress = EgressNAT
	_, err = m.Ensure(t.Context(), n)
	require.NoError(t, err)
	got, err := call(g, "203.0.113.2:80", 3*time.Second)
	require.NoError(t, err)
	require.Equal(t, "outside: hello", got)
	n.Egress = EgressNone
	_, err = m.Ensure(t.Context(), n)
	require.NoError(t, err)
	_, err = call(g, "203.0.113.2:80", 700*time.Millisecond)
	require.Error(t, err, "switched off again")
}

func TestDHCPIsRestartedAndNameResolves(t *testing.T) {
	m := newManager(t)
	n := newNet(t)
	n.Leases = []provider.Lease{{MAC: macA, Address: "10.66.0.10", Name: "till"}}
	ensure(t, m, n)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); m.Run(ctx) }()
	defer func() { stop(); <-done }()
	g := plug(t, n, "a", macB, "10.66.0.11")
	look := func() error {
		return Within(g, lookup)
	}
	require.NoError(t, look())
	pid := m.dhcp(n.ID).pid()
	require.NoError(t, unix.Kill(pid, unix.SIGKILL))
	require.Eventually(t, func() bool { p := m.dhcp(n.ID).pid(); return p != 0 && p != pid }, 10*time.Second, 50*time.Millisecond)
	require.NoError(t, look())
}

// TestAddressOfAServerThatIsGoneIsLeasedToTheNext: else the one that takes its place boots without an address.
func TestAddressOfAServerThatIsGoneIsLeasedToTheNext(t *testing.T) {
	m := newManager(t)
	n := newNet(t)
	lease := func(guest string) error {
		link := "" // the guest's only card
		return Within(guest, func() error {
			links, err := net.Interfaces()
			if err != nil {
				return err
			}
			for _, l := range links {
				if l.Flags&net.FlagLoopback == 0 {
					link = l.Name
				}
			}
			said, err := exec.CommandContext(t.Context(), "busybox", "udhcpc", "-n", "-q", "-f", "-t", "3", "-T", "1", "-i", link, "-s", "/bin/true").CombinedOutput()
			if err != nil {
				return fmt.Errorf("%w: %s", err, said)
			}
			return nil
		})
	}
	n.Leases = []provider.Lease{{MAC: macA, Address: "10.66.0.10", Name: "till"}}
	ensure(t, m, n)
	first := plug(t, n, "a", macA, "10.66.0.10")
	require.NoError(t, lease(first))
	pid := m.dhcp(n.ID).pid()
	_, err := m.Ensure(t.Context(), n)
	require.NoError(t, err)
	require.Equal(t, pid, m.dhcp(n.ID).pid(), "nothing is amiss")

	n.Leases = []provider.Lease{{MAC: macB, Address: "10.66.0.10", Name: "till"}}
	_, err = m.Ensure(t.Context(), n)
	require.NoError(t, err)
	next := plug(t, n, "b", macB, "10.66.0.12")
	require.NoError(t, lease(next))
}

// lookup asks dnsmasq by hand: the resolver of the standard library dials on other threads.
func lookup() error {
	c, err := net.DialTimeout("udp4", "10.66.0.1:53", time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	query := []byte{0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 4, 't', 'i', 'l', 'l', 5, 'p', 'l', 'a', 'z', 'a', 8, 'i', 'n', 't', 'e', 'r', 'n', 'a', 'l', 0, 0, 1, 0, 1}
	if _, err := c.Write(query); err != nil {
		return err
	}
	_ = c.SetReadDeadline(time.Now().Add(2 * time.Second))
	buf := make([]byte, 512)
	k, err := bufio.NewReader(c).Read(buf)
	if err != nil {
		return err
	}
	if !strings.Contains(string(buf[:k]), string([]byte{10, 66, 0, 10})) {
		return errors.New("no address in the answer")
	}
	return nil
}

func TestDeleteLeavesNothing(t *testing.T) {
	m := newManager(t)
	n := newNet(t)
	n.Egress = EgressNAT
	n.Publish = []provider.Publish{{Address: "10.66.0.10", Port: 80}}
	st, err := m.Ensure(t.Context(), n)
	require.NoError(t, err)
	pid := m.dhcp(n.ID).pid()
	require.NoError(t, m.Delete(t.Context(), n.ID))
	require.NoError(t, m.Delete(t.Context(), n.ID))
	for _, name := range []string{st.Bridge, gatewayPrefix + ShortID(n.ID), uplinkPrefix + ShortID(n.ID)} {
		_, err := netlink.LinkByName(name)
		require.True(t, linkMissing(err), name)
	}
	require.NoFileExists(t, namespacePath(st.Namespace))
	require.NoFileExists(t, m.recordPath(n.ID))
	require.NoDirExists(t, m.dhcp(n.ID).dir)
	require.Eventually(t, func() bool { return errors.Is(unix.Kill(pid, 0), unix.ESRCH) }, 5*time.Second, 10*time.Millisecond)
	_, err = m.Get(t.Context(), n.ID)
	require.True(t, provider.IsNotFound(err))
}

func TestEnsureTwiceAtOnceAndAfterHalfWork(t *testing.T) {
	m := newManager(t)
	n := newNet(t)
	// What a kill leaves: a namespace file without its mount, a gateway without its peer.
	require.NoError(t, os.MkdirAll(namespaceDir, 0o755))
	require.NoError(t, os.WriteFile(namespacePath(NamespaceName(n.ID)), nil, 0o444))
	attrs := netlink.NewLinkAttrs()
	attrs.Name = gatewayPrefix + ShortID(n.ID)
	require.NoError(t, netlink.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: "plx" + ShortID(n.ID)}))
	errs := make(chan error)
	for range 4 {
		go func() { _, err := m.Ensure(context.Background(), n); errs <- err }()
	}
	for range 4 {
		require.NoError(t, <-errs)
	}
	ensure(t, m, n)
	list, err := m.List(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 1)
}

func TestValidateRefuses(t *testing.T) {
	m := newManager(t)
	for name, spoil := range map[string]func(*provider.Net){
		"id":        func(n *provider.Net) { n.ID = "../../etc" },
		"cidr":      func(n *provider.Net) { n.CIDR = "10.66.0.5/24" },
		"gateway":   func(n *provider.Net) { n.Gateway = "10.67.0.1" },
		"uplink":    func(n *provider.Net) { n.CIDR, n.Gateway = "198.18.0.0/24", "198.18.0.1" },
		"dns":       func(n *provider.Net) { n.DNS = []string{"1.1.1.1\nuser=root"} },
		"leaseName": func(n *provider.Net) { n.Leases = []provider.Lease{{MAC: macA, Address: "10.66.0.9", Name: "a,b\nx"}} },
		"egress":    func(n *provider.Net) { n.Egress = "all" },
		"port":      func(n *provider.Net) { n.Publish = []provider.Publish{{Address: "10.66.0.9", Port: 0}} },
		"listen": func(n *provider.Net) {
			n.Publish = []provider.Publish{{Address: "10.66.0.9", Port: 1, Listen: "nowhere"}}
		},
	} {
		n := newNet(t)
		spoil(&n)
		_, err := m.Ensure(t.Context(), n)
		require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err), name)
	}
}
