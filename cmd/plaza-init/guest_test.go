package main

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/vishvananda/netlink"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

func TestSeedVolumeIsFoundByLabel(t *testing.T) {
	iso := filepath.Join(t.TempDir(), "seed.iso")
	require.NoError(t, cloudinit.BuildISO(iso, cloudinit.Seed{MetaData: cloudinit.MetaData{InstanceID: "i"}}))
	require.Equal(t, cloudinit.Volume, isoLabel(iso))
	other := filepath.Join(t.TempDir(), "disk")
	require.NoError(t, os.WriteFile(other, make([]byte, 1<<20), 0o600))
	require.Empty(t, isoLabel(other))
	require.Empty(t, isoLabel(filepath.Join(t.TempDir(), "none")))
}

func TestInterpretKeepsTheNetworkOfABadSeed(t *testing.T) {
	g, screen := newGuest(t)
	network := []byte("version: 2\nethernets: {eth0: {dhcp4: true}}\n")
	found, err := g.interpret([]byte("instance-id: i\n"), []byte("#cloud-config\nplaza: {x: 1}\n"), network)
	require.ErrorContains(t, err, "plaza")
	require.True(t, found.network.Ethernets["eth0"].DHCP4, "such a guest can still be reached")
	found, err = g.interpret([]byte("instance-id: i\nlocal-hostname: a\n"), []byte("#!/bin/sh\n"), nil)
	require.NoError(t, err)
	require.Equal(t, "#!/bin/sh\n", string(found.script))
	require.Equal(t, "a", found.hostname())
	_, err = g.interpret([]byte("instance-id: i\n"), []byte("#cloud-config\nntp: {}\n"), nil)
	require.NoError(t, err)
	require.Contains(t, screen.String(), "plaza-init: warning: user-data key ntp")
}

func TestWriteFileSetsModeOwnerAndContent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "er", "file")
	require.NoError(t, writeFile(cloudinit.File{Path: path, Content: "YQ==", Encoding: "b64", Permissions: "0640", Owner: "root:root"}))
	require.NoError(t, writeFile(cloudinit.File{Path: path, Content: "b", Append: true, Permissions: "0640"}))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "ab", string(data))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.EqualValues(t, 0o640, info.Mode().Perm())
	require.ErrorContains(t, writeFile(cloudinit.File{Path: "relative"}), "must be absolute")
	require.ErrorContains(t, writeFile(cloudinit.File{Path: path, Owner: "no-such-user"}), "no-such-user")
}

func TestLeaseIsAppliedToAnInterface(t *testing.T) {
	inNamespace(t, func() {
		require.NoError(t, exec.Command("ip", "link", "add", "lease0", "type", "veth", "peer", "name", "lease1").Run())
		link, err := netlink.LinkByName("lease0")
		require.NoError(t, err)
		require.NoError(t, upLink("lease0"))
		require.NoError(t, upLink("lease1"))
		require.NoError(t, setAddresses(link, []string{"10.9.0.5/24", "10.9.0.5/24"}))
		require.NoError(t, setRoutes(link, leaseRoutes("10.9.0.1", "")))
		require.NoError(t, setRoutes(link, leaseRoutes("10.9.0.1", "192.168.7.0/24 10.9.0.2")))
		routes, err := netlink.RouteList(link, netlink.FAMILY_V4)
		require.NoError(t, err)
		var gateways []string
		for _, route := range routes {
			if route.Gw != nil {
				gateways = append(gateways, route.Gw.String())
			}
		}
		require.ElementsMatch(t, []string{"10.9.0.1", "10.9.0.2"}, gateways)

		// Neutron gives the other subnets of a network so; an option 121 of 0.0.0.0 is no gateway.
		require.NoError(t, setRoutes(link, leaseRoutes("", "10.8.0.0/24 0.0.0.0")))
		found, err := netlink.RouteGet(net.ParseIP("10.8.0.7"))
		require.NoError(t, err)
		require.Equal(t, link.Attrs().Index, found[0].LinkIndex)
		require.Nil(t, found[0].Gw)
		require.NoError(t, dropAddresses(link))
		addresses, err := netlink.AddrList(link, netlink.FAMILY_V4)
		require.NoError(t, err)
		require.Empty(t, addresses)
	})
}

func TestFirstCardsLeaseGivesTheDefaultRoute(t *testing.T) {
	inNamespace(t, func() {
		require.NoError(t, exec.Command("ip", "link", "add", "lease0", "type", "veth", "peer", "name", "lease1").Run())
		var cards []netlink.Link
		for _, name := range []string{"lease0", "lease1"} {
			require.NoError(t, upLink(name))
			link, err := netlink.LinkByName(name)
			require.NoError(t, err)
			cards = append(cards, link)
		}
		slices.SortFunc(cards, func(a, b netlink.Link) int { return a.Attrs().Index - b.Attrs().Index })
		for i, card := range cards { // the last card's lease comes last
			env := map[string]string{"mtu": "1450", "router": fmt.Sprintf("10.%d.0.1", i)}
			require.NoError(t, configureLease(card, fmt.Sprintf("10.%d.0.5/24", i), env))
			again, err := netlink.LinkByIndex(card.Attrs().Index)
			require.NoError(t, err)
			require.Equal(t, 1450, again.Attrs().MTU)
		}
		found, err := netlink.RouteGet(net.ParseIP("192.0.2.1"))
		require.NoError(t, err)
		require.Equal(t, cards[0].Attrs().Index, found[0].LinkIndex)
	})
}

func TestLeaseValuesAreChecked(t *testing.T) {
	require.Equal(t, []cloudinit.Route{{To: "default", Via: "10.0.0.1"}}, leaseRoutes("10.0.0.1 10.0.0.2", ""))
	require.Equal(t, []cloudinit.Route{{To: "0.0.0.0/0", Via: "10.0.0.9"}}, leaseRoutes("10.0.0.1", "0.0.0.0/0 10.0.0.9"))
	address, err := leaseAddress("10.0.0.5", "26")
	require.NoError(t, err)
	require.Equal(t, "10.0.0.5/26", address)
	_, err = leaseAddress("", "24")
	require.ErrorContains(t, err, "without an address")
	require.ErrorContains(t, applyLease(nil, nil), "called by udhcpc")
}

func TestOnlyAPressOfThePowerKeyCounts(t *testing.T) {
	event := make([]byte, eventSize)
	binary.LittleEndian.PutUint16(event[16:], evKey)
	binary.LittleEndian.PutUint16(event[18:], keyPower)
	require.False(t, isPowerPress(event), "a release")
	binary.LittleEndian.PutUint32(event[20:], 1)
	require.True(t, isPowerPress(event))
	binary.LittleEndian.PutUint16(event[18:], 30)
	require.False(t, isPowerPress(event), "another key")
}

func TestInterfacesMatchByMACBeforeName(t *testing.T) {
	attrs := &netlink.LinkAttrs{Name: "eth1", HardwareAddr: []byte{0x52, 0x54, 0, 0, 0, 1}}
	require.True(t, matches(attrs, "tenant", &cloudinit.Match{MACAddress: "52:54:00:00:00:01"}))
	require.False(t, matches(attrs, "eth1", &cloudinit.Match{MACAddress: "52:54:00:00:00:02"}))
	require.True(t, matches(attrs, "x", &cloudinit.Match{Name: "eth1"}))
	require.True(t, matches(attrs, "eth1", nil))
}
