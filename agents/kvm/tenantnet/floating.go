package tenantnet

import (
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/pkg/provider"
)

func validateFloating(prefix netip.Prefix, all []provider.Floating) error {
	outside, inside := map[string]bool{}, map[string]bool{}
	for _, f := range all {
		a, err := netip.ParseAddr(f.Address)
		if err != nil || !a.Is4() || prefix.Contains(a) || uplinkPool.Contains(a) {
			return invalid("an IPv4 address outside of the network", "floating address %q", f.Address)
		}
		if err := within4(prefix, f.Inside, "guest of floating address"); err != nil {
			return err
		}
		if outside[f.Address] || inside[f.Inside] {
			return invalid("one guest for each floating address, and one address for each guest", "floating address %s to %s is wanted twice", f.Address, f.Inside)
		}
		outside[f.Address], inside[f.Inside] = true, true
	}
	return nil
}

// routeFloating leads the network's floating addresses, and no others, into its namespace.
func routeFloating(outer netlink.Link, via net.IP, all []provider.Floating) error {
	wanted := map[string]bool{}
	for _, f := range all {
		dst := &net.IPNet{IP: net.ParseIP(f.Address).To4(), Mask: net.CIDRMask(32, 32)}
		wanted[dst.String()] = true
		if err := netlink.RouteReplace(&netlink.Route{LinkIndex: outer.Attrs().Index, Dst: dst, Gw: via}); err != nil {
			return linkError("route floating address "+f.Address, err)
		}
	}
	have, err := netlink.RouteList(outer, netlink.FAMILY_V4)
	if err != nil {
		return linkError("list routes", err)
	}
	for _, r := range have {
		if r.Gw == nil || r.Dst == nil || wanted[r.Dst.String()] {
			continue
		}
		if err := netlink.RouteDel(&r); err != nil && !errors.Is(err, unix.ESRCH) {
			return linkError("remove route of a floating address", err)
		}
	}
	return nil
}

// answerFor answers ARP for addresses that lie in a network the host is on; those routed to the host need no answer.
func answerFor(all []provider.Floating) error {
	for _, f := range all {
		on, err := linksAround(f.Address)
		if err != nil {
			return err
		}
		for _, index := range on {
			n := &netlink.Neigh{LinkIndex: index, Family: netlink.FAMILY_V4, Flags: netlink.NTF_PROXY, IP: net.ParseIP(f.Address).To4()}
			if err := netlink.NeighSet(n); err != nil {
				return linkError("answer ARP for "+f.Address, err)
			}
		}
	}
	return nil
}

// hush stops answering for addresses that no network leads any more.
func (m *Manager) hush(addresses []string) error {
	for _, a := range addresses {
		led, err := m.leads(a)
		if err != nil {
			return err
		}
		if led {
			continue
		}
		on, err := linksAround(a)
		if err != nil {
			return err
		}
		for _, index := range on {
			n := &netlink.Neigh{LinkIndex: index, Family: netlink.FAMILY_V4, Flags: netlink.NTF_PROXY, IP: net.ParseIP(a).To4()}
			if err := netlink.NeighDel(n); err != nil && !errors.Is(err, unix.ENOENT) && !errors.Is(err, fs.ErrNotExist) {
				return linkError("stop answering ARP for "+a, err)
			}
		}
	}
	return nil
}

// linksAround are the host's own links in whose network the address lies.
func linksAround(address string) ([]int, error) {
	links, err := netlink.LinkList()
	if err != nil {
		return nil, linkError("list links", err)
	}
	ip := net.ParseIP(address)
	var out []int
	for _, l := range links {
		name := l.Attrs().Name
		if l.Attrs().Flags&net.FlagLoopback != 0 || strings.HasPrefix(name, uplinkPrefix) || strings.HasPrefix(name, bridgePrefix) {
			continue
		}
		addrs, err := netlink.AddrList(l, netlink.FAMILY_V4)
		if err != nil {
			return nil, linkError("list addresses of "+name, err)
		}
		if slices.ContainsFunc(addrs, func(a netlink.Addr) bool { return a.IPNet.Contains(ip) }) {
			out = append(out, l.Attrs().Index)
		}
	}
	return out, nil
}

// leads tells whether a network leads the address to a guest.
func (m *Manager) leads(address string) (bool, error) {
	ids, err := m.recorded()
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		r, err := m.load(id)
		if provider.IsNotFound(err) {
			continue
		}
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(r.Net.Floating, func(f provider.Floating) bool { return f.Address == address }) {
			return true, nil
		}
	}
	return false, nil
}

// dropped are the addresses that led into the network and are not wanted any more.
func dropped(was, want []provider.Floating) []string {
	var out []string
	for _, f := range was {
		if !slices.ContainsFunc(want, func(w provider.Floating) bool { return w.Address == f.Address }) {
			out = append(out, f.Address)
		}
	}
	return out
}
