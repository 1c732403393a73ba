package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

const (
	linkWait  = 5 * time.Second
	leaseWait = 30 * time.Second
)

// setHostname names the guest in the kernel, /etc/hostname and /etc/hosts.
func setHostname(name string) error {
	if err := unix.Sethostname([]byte(name)); err != nil {
		return fmt.Errorf("hostname %q: %w", name, err)
	}
	short, _, _ := strings.Cut(name, ".")
	hosts := fmt.Sprintf("127.0.0.1 localhost\n127.0.1.1 %s %s\n::1 localhost ip6-localhost\n", name, short)
	return errors.Join(
		os.WriteFile("/etc/hostname", []byte(name+"\n"), 0o644),
		os.WriteFile("/etc/hosts", []byte(hosts), 0o644))
}

// configureNetwork brings loopback and every configured interface up. No configuration means DHCP on the first card.
func (g *guest) configureNetwork(ctx context.Context, config *cloudinit.NetworkConfig) error {
	if err := upLink("lo"); err != nil {
		return err
	}
	if config == nil {
		config = &cloudinit.NetworkConfig{Version: 2, Ethernets: map[string]cloudinit.Ethernet{
			"eth0": {DHCP4: true, Optional: true},
		}}
	}
	var failures []error
	var servers cloudinit.Nameservers
	for name, ethernet := range config.Ethernets {
		if err := g.configureEthernet(ctx, name, ethernet); err != nil && !ethernet.Optional {
			failures = append(failures, fmt.Errorf("%s: %w", name, err))
		}
		servers.Addresses = append(servers.Addresses, ethernet.Nameservers.Addresses...)
		servers.Search = append(servers.Search, ethernet.Nameservers.Search...)
	}
	if len(servers.Addresses) > 0 {
		failures = append(failures, writeResolver(servers))
	}
	return errors.Join(failures...)
}

func upLink(name string) error {
	link, err := netlink.LinkByName(name)
	if err != nil {
		return err
	}
	return netlink.LinkSetUp(link)
}

func (g *guest) configureEthernet(ctx context.Context, name string, ethernet cloudinit.Ethernet) error {
	link, err := awaitLink(name, ethernet, linkWait)
	if err != nil {
		return err
	}
	if ethernet.SetName != "" && ethernet.SetName != link.Attrs().Name {
		if err := netlink.LinkSetName(link, ethernet.SetName); err != nil {
			return err
		}
		link.Attrs().Name = ethernet.SetName
	}
	if ethernet.MTU > 0 {
		if err := netlink.LinkSetMTU(link, ethernet.MTU); err != nil {
			return err
		}
	}
	if err := netlink.LinkSetUp(link); err != nil {
		return err
	}
	if err := setAddresses(link, ethernet.Addresses); err != nil {
		return err
	}
	if err := setRoutes(link, ethernet.AllRoutes()); err != nil {
		return err
	}
	if ethernet.DHCP4 {
		return g.lease(ctx, link.Attrs().Name)
	}
	return nil
}

// awaitLink waits for the driver, which loads beside the seed being read.
func awaitLink(name string, ethernet cloudinit.Ethernet, limit time.Duration) (netlink.Link, error) {
	for end := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		links, err := netlink.LinkList()
		if err != nil {
			return nil, err
		}
		for _, link := range links {
			if matches(link.Attrs(), name, ethernet.Match) {
				return link, nil
			}
		}
		if time.Now().After(end) {
			return nil, errors.New("no interface matches")
		}
	}
}

func matches(attrs *netlink.LinkAttrs, name string, match *cloudinit.Match) bool {
	switch {
	case match != nil && match.MACAddress != "":
		mac, err := net.ParseMAC(match.MACAddress)
		return err == nil && slices.Equal(attrs.HardwareAddr, mac)
	case match != nil && match.Name != "":
		return attrs.Name == match.Name
	}
	return attrs.Name == name
}

func setAddresses(link netlink.Link, addresses []string) error {
	for _, text := range addresses {
		address, err := netlink.ParseAddr(text)
		if err != nil {
			return err
		}
		if address.IP.To4() == nil {
			address.Flags = unix.IFA_F_NODAD // services bind at once; the address plan is the platform's
		}
		if err := netlink.AddrReplace(link, address); err != nil {
			return fmt.Errorf("address %s: %w", text, err)
		}
	}
	return nil
}

func setRoutes(link netlink.Link, routes []cloudinit.Route) error {
	for _, route := range routes {
		prefix, err := route.Prefix()
		if err != nil {
			return err
		}
		destination := &net.IPNet{
			IP:   prefix.Addr().AsSlice(),
			Mask: net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen()),
		}
		wanted := &netlink.Route{LinkIndex: link.Attrs().Index, Dst: destination, Priority: route.Metric}
		if via := net.ParseIP(route.Via); via.IsUnspecified() {
			wanted.Scope = netlink.SCOPE_LINK // how DHCP writes a neighbouring subnet on the same wire
		} else {
			wanted.Gw = via
		}
		err = netlink.RouteReplace(wanted)
		if err != nil {
			return fmt.Errorf("route to %s via %s: %w", route.To, route.Via, err)
		}
	}
	return nil
}

func writeResolver(servers cloudinit.Nameservers) error {
	var text strings.Builder
	for _, address := range servers.Addresses {
		fmt.Fprintf(&text, "nameserver %s\n", address)
	}
	if len(servers.Search) > 0 {
		fmt.Fprintf(&text, "search %s\n", strings.Join(servers.Search, " "))
	}
	return os.WriteFile("/etc/resolv.conf", []byte(text.String()), 0o644)
}
