package tenantnet

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/pkg/provider"
)

const (
	routerLink = "rt0" // a network's end of its leg
	legPrefix  = "leg" // a router's end
)

// legPool has a /30 for each leg of a router. Two routers use the same ones, as nobody sees them but the two ends.
var legPool = netip.MustParsePrefix("169.254.0.0/16")

// RouterName is the network namespace of router id.
func RouterName(id string) string { return "plr-" + ShortID(id) }

func legName(network string) string { return legPrefix + ShortID(network) }

// legAddresses are the two ends of the n-th leg.
func legAddresses(n int) (router, network netip.Addr) {
	a := legPool.Addr().As4()
	at := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{a[0], a[1], 0, byte(i)}) } //nolint:gosec // below maxLegs*4
	return at(n*4 + 1), at(n*4 + 2)
}

// routerRules let nobody reach the router itself.
const routerRules = `table inet plaza {
	chain input {
		type filter hook input priority filter; policy drop;
	}
}
`

// wireRouter makes a router's namespace, still without legs.
func wireRouter(ctx context.Context, id string) error {
	if err := ensureNamespace(RouterName(id)); err != nil {
		return err
	}
	return Within(RouterName(id), func() error {
		if err := sysctl("net/ipv4/ip_forward", "1"); err != nil {
			return linkError("switch IP forwarding on", err)
		}
		return loadRules(ctx, fresh("inet", "plaza")+routerRules)
	})
}

// inRouter opens netlink in a router's namespace.
func inRouter(id string) (netns.NsHandle, *netlink.Handle, error) {
	ns, err := netns.GetFromName(RouterName(id))
	if err != nil {
		return ns, nil, linkError("open the router's namespace", err)
	}
	h, err := netlink.NewHandleAt(ns)
	if err != nil {
		ns.Close()
		return ns, nil, linkError("netlink in the router's namespace", err)
	}
	return ns, h, nil
}

// legsOf are the links of a router's namespace that are legs.
func legsOf(id string) []string {
	if !namespaceMounted(RouterName(id)) {
		return nil
	}
	ns, h, err := inRouter(id)
	if err != nil {
		return nil
	}
	defer ns.Close()
	defer h.Close()
	links, err := h.LinkList()
	if err != nil {
		return nil
	}
	var out []string
	for _, l := range links {
		if strings.HasPrefix(l.Attrs().Name, legPrefix) {
			out = append(out, l.Attrs().Name)
		}
	}
	return out
}

// forgetLegs removes legs whose network is gone or is no longer joined.
func forgetLegs(r routerRecord) error {
	ns, h, err := inRouter(r.Router.ID)
	if err != nil {
		return err
	}
	defer ns.Close()
	defer h.Close()
	wanted := map[string]bool{}
	for n := range r.Legs {
		wanted[legName(n)] = true
	}
	for _, name := range legsOf(r.Router.ID) {
		if !wanted[name] {
			if err := deleteLinkAt(h, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// joined are the CIDRs that a network reaches over a router, by the network they are of.
func (m *Manager) joined(network string) (r routerRecord, others map[string]string, err error) {
	r, ok, err := m.routerOf(network)
	if err != nil || !ok {
		return r, nil, err
	}
	others = map[string]string{}
	for n := range r.Legs {
		if n == network {
			continue
		}
		rec, err := m.load(n)
		if provider.IsNotFound(err) {
			continue
		}
		if err != nil {
			return r, nil, err
		}
		others[n] = rec.Net.CIDR
	}
	return r, others, nil
}

// wireLeg gives a network its leg to the router that joins it and the routes over it, or takes the leg away.
func (m *Manager) wireLeg(rec record, ns netns.NsHandle, h *netlink.Handle) error {
	r, others, err := m.joined(rec.Net.ID)
	if err != nil {
		return err
	}
	if others == nil {
		return deleteLinkAt(h, routerLink)
	}
	if !namespaceMounted(RouterName(r.Router.ID)) {
		return nil // after a reboot: the router comes after its networks
	}
	space, rh, err := inRouter(r.Router.ID)
	if err != nil {
		return err
	}
	defer space.Close()
	defer rh.Close()
	outer, inner, err := ensureLeg(rh, legName(rec.Net.ID), ns, h)
	if err != nil {
		return err
	}
	at, own := legAddresses(r.Legs[rec.Net.ID])
	if err := errors.Join(setAddress(rh, outer, prefix30(at)), setAddress(h, inner, prefix30(own)), rh.LinkSetUp(outer), h.LinkSetUp(inner)); err != nil {
		return linkError("set the leg up", err)
	}
	if err := Within(NamespaceName(rec.Net.ID), func() error { return sysctl("net/ipv4/ip_forward", "1") }); err != nil {
		return linkError("switch IP forwarding on", err)
	}
	cidrs := make([]string, 0, len(others))
	for _, c := range others {
		cidrs = append(cidrs, c)
	}
	return errors.Join(setRoutes(rh, outer, own, []string{rec.Net.CIDR}), setRoutes(h, inner, at, cidrs))
}

// ensureLeg makes a pair: outer in the router's namespace, inner in the network's. One that ends elsewhere is made anew.
func ensureLeg(rh *netlink.Handle, outer string, ns netns.NsHandle, h *netlink.Handle) (netlink.Link, netlink.Link, error) {
	out, oerr := rh.LinkByName(outer)
	in, ierr := h.LinkByName(routerLink)
	if oerr == nil && ierr == nil && out.Attrs().ParentIndex == in.Attrs().Index && in.Attrs().ParentIndex == out.Attrs().Index {
		return out, in, nil
	}
	if err := errors.Join(deleteLinkAt(h, routerLink), deleteLinkAt(rh, outer)); err != nil {
		return nil, nil, err
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name = outer
	if err := rh.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: routerLink, PeerNamespace: netlink.NsFd(int(ns))}); err != nil {
		return nil, nil, linkError("create leg "+outer, err)
	}
	out, oerr = rh.LinkByName(outer)
	in, ierr = h.LinkByName(routerLink)
	if err := errors.Join(oerr, ierr); err != nil {
		return nil, nil, linkError("find leg "+outer, err)
	}
	return out, in, nil
}

func deleteLinkAt(h *netlink.Handle, name string) error {
	link, err := h.LinkByName(name)
	if linkMissing(err) {
		return nil
	}
	if err == nil {
		err = h.LinkDel(link)
	}
	if err != nil && !linkMissing(err) && !errors.Is(err, unix.ENODEV) {
		return linkError("delete "+name, err)
	}
	return nil
}

// setRoutes makes the CIDRs, by way of via, the only routes over link beside that to its own /30.
func setRoutes(h *netlink.Handle, link netlink.Link, via netip.Addr, cidrs []string) error {
	have, err := h.RouteList(link, netlink.FAMILY_V4)
	if err != nil {
		return linkError("list routes", err)
	}
	for i := range have {
		if have[i].Gw == nil || have[i].Dst != nil && slices.Contains(cidrs, have[i].Dst.String()) {
			continue
		}
		if err := h.RouteDel(&have[i]); err != nil && !errors.Is(err, unix.ESRCH) {
			return linkError("remove an old route", err)
		}
	}
	for _, c := range cidrs {
		_, dst, err := net.ParseCIDR(c)
		if err != nil {
			return invalid("", "route to %q: %w", c, err)
		}
		if err := h.RouteReplace(&netlink.Route{LinkIndex: link.Attrs().Index, Dst: dst, Gw: via.AsSlice()}); err != nil {
			return linkError("route to "+c, err)
		}
	}
	return nil
}
