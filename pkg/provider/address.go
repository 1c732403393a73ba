package provider

import (
	"encoding/binary"
	"net/netip"
)

// ownAddresses is how many addresses at the end of a network its place may take for services of its own, such as
// Neutron's DHCP servers.
const ownAddresses = 4

// OwnAddresses is the range at the end of an IPv4 network, broadcast left out, that its place may take addresses from by
// itself: no server gets one of those. A network of less than /27 leaves it an eighth, but one address at least.
func OwnAddresses(prefix netip.Prefix) (first, last netip.Addr) {
	size := uint32(1) << (32 - prefix.Bits())
	base := prefix.Masked().Addr().As4()
	at := func(n uint32) netip.Addr {
		var a [4]byte
		binary.BigEndian.PutUint32(a[:], binary.BigEndian.Uint32(base[:])+n)
		return netip.AddrFrom4(a)
	}
	top := size - 2
	return at(top - min(ownAddresses, max(size/8, 1)) + 1), at(top)
}
