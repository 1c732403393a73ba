package dpath_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"

	"github.com/plazacloud/plaza/agents/kvm/tenantnet"
)

// network is one bridge in a namespace of its own. No namespace has a name, so
// that nothing outlives the process, however it ends.
type network struct {
	t      testing.TB
	hub    netns.NsHandle
	links  *netlink.Handle // of the hub
	bridge netlink.Link
	ports  int
}

// machine is a namespace with one address on the network.
type machine struct {
	ns   netns.NsHandle
	ip   netip.Addr
	port netlink.Link // its end on the bridge
	net  *network
}

func newNetwork(t testing.TB) *network {
	t.Helper()
	n := &network{t: t, hub: newSpace(t)}
	n.links = linksOf(t, n.hub)
	attrs := netlink.NewLinkAttrs()
	attrs.Name = "hub"
	require.NoError(t, n.links.LinkAdd(&netlink.Bridge{LinkAttrs: attrs}))
	var err error
	n.bridge, err = n.links.LinkByName("hub")
	require.NoError(t, err)
	require.NoError(t, n.links.LinkSetUp(n.bridge))
	return n
}

// newSpace makes a namespace on a thread that is never given back, so that the
// runtime ends it with the goroutine.
func newSpace(t testing.TB) netns.NsHandle {
	t.Helper()
	made := make(chan netns.NsHandle, 1)
	failed := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		ns, err := netns.New()
		made <- ns
		failed <- err
	}()
	ns := <-made
	require.NoError(t, <-failed)
	t.Cleanup(func() { require.NoError(t, ns.Close()) })
	return ns
}

func linksOf(t testing.TB, ns netns.NsHandle) *netlink.Handle {
	t.Helper()
	h, err := netlink.NewHandleAt(ns)
	require.NoError(t, err)
	t.Cleanup(h.Close)
	return h
}

// plug adds a machine with an address.
func (n *network) plug(ip netip.Addr) *machine {
	t := n.t
	t.Helper()
	m := &machine{ns: newSpace(t), ip: ip, net: n}
	links := linksOf(t, m.ns)
	n.ports++
	attrs := netlink.NewLinkAttrs()
	attrs.Name = fmt.Sprintf("port%d", n.ports)
	attrs.MasterIndex = n.bridge.Attrs().Index
	require.NoError(t, n.links.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: "eth0", PeerNamespace: netlink.NsFd(int(m.ns))}))
	var err error
	m.port, err = n.links.LinkByName(attrs.Name)
	require.NoError(t, err)
	require.NoError(t, n.links.LinkSetUp(m.port))
	for _, name := range []string{"lo", "eth0"} {
		link, err := links.LinkByName(name)
		require.NoError(t, err)
		require.NoError(t, links.LinkSetUp(link))
		if name == "eth0" {
			require.NoError(t, links.AddrAdd(link, &netlink.Addr{IPNet: &net.IPNet{IP: ip.AsSlice(), Mask: net.CIDRMask(16, 32)}}))
		}
	}
	return m
}

// cut makes everything to and from the machine vanish without an answer.
func (m *machine) cut() { require.NoError(m.net.t, m.net.links.LinkSetDown(m.port)) }

// within runs f inside the namespace; sockets that f opens stay there.
func (m *machine) within(f func() error) error { return tenantnet.WithinHandle(m.ns, f) }

// listen opens port 80 of the machine.
func (m *machine) listen() net.Listener {
	var l net.Listener
	require.NoError(m.net.t, m.within(func() (err error) {
		l, err = net.Listen("tcp4", netip.AddrPortFrom(m.ip, 80).String())
		return err
	}))
	return l
}

// dial is what a http.Transport of a process on the machine dials by.
func (m *machine) dial(ctx context.Context, network, addr string) (c net.Conn, err error) {
	err = m.within(func() (err error) {
		c, err = (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, addr)
		return err
	})
	return c, err
}
