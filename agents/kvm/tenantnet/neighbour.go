package tenantnet

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/pkg/provider"
)

// settleNeighbours tells the gateway which card has which address. When an address goes to another server, what was
// learned of the former one would otherwise be believed for half a minute, here and by the other guests.
func settleNeighbours(h *netlink.Handle, space string, inner netlink.Link, leases []provider.Lease) error {
	index := inner.Attrs().Index
	have, err := h.NeighList(index, netlink.FAMILY_V4)
	if err != nil {
		return linkError("list neighbours", err)
	}
	known := map[string]string{} // address → card, as far as it is settled
	for _, n := range have {
		if n.State&netlink.NUD_PERMANENT != 0 {
			known[n.IP.String()] = n.HardwareAddr.String()
		}
	}
	var news []netlink.Neigh
	for _, l := range leases {
		mac, err := net.ParseMAC(l.MAC)
		if err != nil {
			return provider.Errorf(provider.ReasonInvalid, "", "lease of %s: %w", l.Address, err)
		}
		ip := net.ParseIP(l.Address).To4()
		settled := known[ip.String()] == mac.String()
		delete(known, ip.String())
		if settled {
			continue
		}
		n := netlink.Neigh{LinkIndex: index, Family: netlink.FAMILY_V4, State: netlink.NUD_PERMANENT, IP: ip, HardwareAddr: mac}
		if err := h.NeighSet(&n); err != nil {
			return linkError("settle neighbour "+l.Address, err)
		}
		news = append(news, n)
	}
	for address := range known {
		gone := netlink.Neigh{LinkIndex: index, Family: netlink.FAMILY_V4, IP: net.ParseIP(address).To4()}
		if err := h.NeighDel(&gone); err != nil && !errors.Is(err, unix.ENOENT) {
			return linkError("forget neighbour "+address, err)
		}
	}
	if len(news) == 0 {
		return nil
	}
	// Guests that do not hear of it find out by themselves, only later.
	_ = Within(space, func() error { return announce(index, inner.Attrs().HardwareAddr, news) })
	return nil
}

// announce broadcasts a gratuitous ARP request for each neighbour. The frame comes from the gateway's own card, so that
// no bridge learns the guest's on a wrong port.
func announce(index int, from net.HardwareAddr, neighbours []netlink.Neigh) error {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	to := &unix.SockaddrLinklayer{Ifindex: index, Halen: 6}
	for _, n := range neighbours {
		address, ok := netip.AddrFromSlice(n.IP)
		if !ok {
			continue
		}
		err = errors.Join(err, unix.Sendto(fd, gratuitous(from, n.HardwareAddr, address), 0, to))
	}
	return err
}

// gratuitous is an Ethernet frame with an ARP request of mac for its own address.
func gratuitous(from, mac net.HardwareAddr, address netip.Addr) []byte {
	ip := address.As4()
	frame := append([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, from...)
	frame = binary.BigEndian.AppendUint16(frame, unix.ETH_P_ARP)
	frame = append(frame, 0, 1, 8, 0, 6, 4, 0, 1) // Ethernet, IPv4, sizes, request
	frame = append(append(frame, mac...), ip[:]...)
	frame = append(append(frame, make([]byte, 6)...), ip[:]...)
	return frame
}
