package tenantnet

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/exec"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"

	"github.com/plazacloud/plaza/pkg/provider"
)

func linkError(what string, err error) error {
	return provider.Errorf(provider.ReasonInternal, "the agent needs CAP_NET_ADMIN", "%s: %w", what, err)
}

func linkMissing(err error) bool {
	var missing netlink.LinkNotFoundError
	return errors.As(err, &missing)
}

func ensureBridge(name string) (netlink.Link, error) {
	link, err := netlink.LinkByName(name)
	if linkMissing(err) {
		attrs := netlink.NewLinkAttrs()
		attrs.Name = name
		snooping := false
		if err = netlink.LinkAdd(&netlink.Bridge{LinkAttrs: attrs, MulticastSnooping: &snooping}); err == nil {
			link, err = netlink.LinkByName(name)
		}
	}
	if err != nil {
		return nil, linkError("create bridge "+name, err)
	}
	// The host must not be reachable through a tenant's bridge: no IPv6 link-local address, no ARP answers.
	if err := sysctl("net/ipv6/conf/"+name+"/disable_ipv6", "1"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, linkError("disable IPv6 on "+name, err)
	}
	if err := sysctl("net/ipv4/conf/"+name+"/arp_ignore", "8"); err != nil {
		return nil, linkError("silence ARP on "+name, err)
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return nil, linkError("set "+name+" up", err)
	}
	return link, nil
}

// filterBridged makes the bridge's frames pass the ip hooks, where connections are tracked.
func filterBridged(bridge string) error {
	path := "/sys/class/net/" + bridge + "/bridge/nf_call_iptables"
	err := os.WriteFile(path, []byte("1"), 0o600)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		_ = exec.Command("modprobe", "br_netfilter").Run() // built in here and there: the second write decides
		err = os.WriteFile(path, []byte("1"), 0o600)
	}
	if err != nil {
		return provider.Errorf(provider.ReasonInvalid, "load br_netfilter, or open the card (filtering off)",
			"this kernel cannot filter bridged packets statefully: %w", err)
	}
	return nil
}

// ensureVeth makes a pair: outer in the root namespace, inner in ns. A half that lost its peer is replaced.
func ensureVeth(outer, inner string, ns netns.NsHandle, h *netlink.Handle) (netlink.Link, netlink.Link, error) {
	out, oerr := netlink.LinkByName(outer)
	in, ierr := h.LinkByName(inner)
	if oerr == nil && ierr == nil {
		return out, in, nil
	}
	if oerr == nil {
		_ = netlink.LinkDel(out)
	}
	if ierr == nil {
		_ = h.LinkDel(in)
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name = outer
	veth := &netlink.Veth{LinkAttrs: attrs, PeerName: inner, PeerNamespace: netlink.NsFd(int(ns))}
	if err := netlink.LinkAdd(veth); err != nil {
		return nil, nil, linkError("create veth "+outer, err)
	}
	out, oerr = netlink.LinkByName(outer)
	in, ierr = h.LinkByName(inner)
	if err := errors.Join(oerr, ierr); err != nil {
		return nil, nil, linkError("find veth "+outer, err)
	}
	return out, in, nil
}

// setAddress makes prefix the only IPv4 address of link.
func setAddress(h *netlink.Handle, link netlink.Link, prefix netip.Prefix) error {
	have, err := h.AddrList(link, netlink.FAMILY_V4)
	if err != nil {
		return linkError("list addresses", err)
	}
	found := false
	for i := range have {
		if have[i].IPNet.String() == prefix.String() {
			found = true
			continue
		}
		if err := h.AddrDel(link, &have[i]); err != nil {
			return linkError("remove an old address", err)
		}
	}
	if found {
		return nil
	}
	addr := &netlink.Addr{IPNet: &net.IPNet{IP: prefix.Addr().AsSlice(), Mask: net.CIDRMask(prefix.Bits(), 32)}}
	if err := h.AddrAdd(link, addr); err != nil {
		return linkError(fmt.Sprintf("add address %s", prefix), err)
	}
	return nil
}

func deleteLink(name string) error {
	link, err := netlink.LinkByName(name)
	if linkMissing(err) {
		return nil
	}
	if err == nil {
		err = netlink.LinkDel(link)
	}
	if err != nil && !linkMissing(err) {
		return linkError("delete "+name, err)
	}
	return nil
}

// taps lists the guests' cards that are plugged into the bridge.
func taps(bridge string) ([]string, error) {
	link, err := netlink.LinkByName(bridge)
	if linkMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, linkError("find "+bridge, err)
	}
	all, err := netlink.LinkList()
	if err != nil {
		return nil, linkError("list links", err)
	}
	var names []string
	for _, l := range all {
		if a := l.Attrs(); a.MasterIndex == link.Attrs().Index && len(a.Name) > 3 && a.Name[:3] == tapPrefix {
			names = append(names, a.Name)
		}
	}
	return names, nil
}

func sysctl(key, value string) error {
	return os.WriteFile("/proc/sys/"+key, []byte(value), 0o600)
}
