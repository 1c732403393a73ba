package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

// leaseHook is the name under which busybox udhcpc calls this program back.
const leaseHook = "plaza-lease"

const leaseDir = "/run/plaza/lease"

// lease starts a DHCP client that stays, and waits for the first address.
func (g *guest) lease(ctx context.Context, name string) error {
	if err := os.MkdirAll(leaseDir, 0o755); err != nil {
		return err
	}
	argv := []string{"/bin/busybox", "udhcpc", "-f", "-i", name, "-t", "5", "-T", "2", "-A", "3", "-R",
		"-x", "hostname:" + hostname(), "-O", "staticroutes", "-O", "mtu", "-s", "/usr/lib/plaza/" + leaseHook}
	sink, err := g.openOutput("udhcpc-" + name)
	if err != nil {
		return err
	}
	_, err = g.processes.start(spec{argv: argv, env: baseEnv(), dir: "/", output: sink.writer})
	sink.closeWriter()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, leaseWait)
	defer cancel()
	for ctx.Err() == nil {
		if _, err := os.Stat(leaseDir + "/" + name); err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("no DHCP lease within %s", leaseWait)
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "plaza"
	}
	return name
}

// applyLease is the callback: args[0] is the event, the lease is in the environment.
func applyLease(args, environ []string) error {
	env := map[string]string{}
	for _, entry := range environ {
		key, value, _ := strings.Cut(entry, "=")
		env[key] = value
	}
	if len(args) == 0 || env["interface"] == "" {
		return errors.New("plaza-lease is called by udhcpc only")
	}
	link, err := netlink.LinkByName(env["interface"])
	if err != nil {
		return err
	}
	switch args[0] {
	case "deconfig":
		_ = os.Remove(leaseDir + "/" + env["interface"])
		return dropAddresses(link)
	case "bound", "renew":
		return takeLease(link, env)
	}
	return nil
}

func dropAddresses(link netlink.Link) error {
	addresses, err := netlink.AddrList(link, netlink.FAMILY_V4)
	if err != nil {
		return err
	}
	for i := range addresses {
		if err := netlink.AddrDel(link, &addresses[i]); err != nil {
			return err
		}
	}
	return netlink.LinkSetUp(link)
}

func takeLease(link netlink.Link, env map[string]string) error {
	address, err := leaseAddress(env["ip"], env["mask"])
	if err != nil {
		return err
	}
	if err := configureLease(link, address, env); err != nil {
		return err
	}
	if servers := strings.Fields(env["dns"]); len(servers) > 0 {
		if err := writeResolver(cloudinit.Nameservers{Addresses: servers, Search: strings.Fields(env["domain"])}); err != nil {
			return err
		}
	}
	fmt.Println(env["interface"], "leased", address)
	return os.WriteFile(leaseDir+"/"+env["interface"], []byte(address+"\n"), 0o644)
}

func configureLease(link netlink.Link, address string, env map[string]string) error {
	if mtu, err := strconv.Atoi(env["mtu"]); err == nil && mtu >= 576 {
		if err := netlink.LinkSetMTU(link, mtu); err != nil {
			return err
		}
	}
	if err := setAddresses(link, []string{address}); err != nil {
		return err
	}
	routes := leaseRoutes(env["router"], env["staticroutes"])
	for i := range routes {
		// The first card's default route is the one that counts, whichever lease came last.
		routes[i].Metric = link.Attrs().Index
	}
	return setRoutes(link, routes)
}

// leaseAddress joins the address with its mask, which udhcpc gives as a prefix length.
func leaseAddress(ip, mask string) (string, error) {
	if net.ParseIP(ip) == nil {
		return "", fmt.Errorf("lease without an address: %q", ip)
	}
	if _, err := strconv.Atoi(mask); err != nil {
		mask = "24"
	}
	return ip + "/" + mask, nil
}

// leaseRoutes gives classless static routes, which by RFC 3442 replace the router option.
func leaseRoutes(router, static string) []cloudinit.Route {
	var routes []cloudinit.Route
	pairs := strings.Fields(static)
	for i := 0; i+1 < len(pairs); i += 2 {
		routes = append(routes, cloudinit.Route{To: pairs[i], Via: pairs[i+1]})
	}
	if gateways := strings.Fields(router); len(routes) == 0 && len(gateways) > 0 {
		routes = append(routes, cloudinit.Route{To: "default", Via: gateways[0]})
	}
	return routes
}
