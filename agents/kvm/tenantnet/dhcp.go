package tenantnet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/pkg/provider"
)

// Domain is the DNS domain of tenant networks; .internal is reserved for private use.
const Domain = "plaza.internal"

// dhcpServer is the dnsmasq of one network. Its files live under the run folder: they are rewritten when the host boots.
type dhcpServer struct {
	dir       string
	namespace string
}

func (m *Manager) dhcp(id string) dhcpServer {
	return dhcpServer{dir: filepath.Join(m.runDir, BridgeName(id)), namespace: NamespaceName(id)}
}

func (d dhcpServer) path(name string) string { return filepath.Join(d.dir, name) }

// ensure brings dnsmasq to the wanted leases: a changed lease is a SIGHUP, a changed configuration a restart.
func (d dhcpServer) ensure(ctx context.Context, want provider.Net) error {
	if err := os.MkdirAll(d.dir, 0o755); err != nil { //nolint:gosec // dnsmasq reads it as its own user
		return provider.Errorf(provider.ReasonInternal, "", "dhcp folder: %w", err)
	}
	hosts, names := leaseFiles(want)
	changedHosts, err1 := writeChanged(d.path("hosts"), hosts)
	changedNames, err2 := writeChanged(d.path("names"), names)
	changedConf, err3 := writeChanged(d.path("dnsmasq.conf"), d.config(want))
	if err := errors.Join(err1, err2, err3); err != nil {
		return provider.Errorf(provider.ReasonInternal, "", "dhcp files: %w", err)
	}
	valid, superseded := d.leases(want)
	pid := d.pid()
	if pid != 0 && !changedConf && !superseded {
		if changedHosts || changedNames {
			return unix.Kill(pid, unix.SIGHUP)
		}
		return nil
	}
	d.stop()
	if superseded {
		if err := os.WriteFile(d.path("leases"), []byte(valid), 0o644); err != nil { //nolint:gosec // dnsmasq reads and writes it as its own user
			return provider.Errorf(provider.ReasonInternal, "", "dhcp leases: %w", err)
		}
	}
	return d.start(ctx)
}

// leases gives those that still hold, and tells whether another card has a lease of an address that is a server's now:
// dnsmasq would keep the address from that for half a day.
func (d dhcpServer) leases(want provider.Net) (valid string, superseded bool) {
	text, err := os.ReadFile(d.path("leases"))
	if err != nil {
		return "", false
	}
	cards := map[string]string{}
	for _, l := range want.Leases {
		cards[l.Address] = l.MAC
	}
	var kept strings.Builder
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line) // until, card, address, name, client id
		if len(f) > 2 && cards[f[2]] != "" && !strings.EqualFold(cards[f[2]], f[1]) {
			superseded = true
			continue
		}
		kept.WriteString(line)
	}
	return kept.String(), superseded
}

func (d dhcpServer) start(ctx context.Context) error {
	return Within(d.namespace, func() error {
		cmd := exec.CommandContext(ctx, "dnsmasq", "--conf-file="+d.path("dnsmasq.conf"))
		cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true} // it outlives the agent and is adopted by the next one
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Run(); err != nil {
			return provider.Errorf(provider.ReasonInternal, "dnsmasq must be installed (package dnsmasq-base)",
				"dnsmasq: %w: %s", err, strings.TrimSpace(said.String()))
		}
		return nil
	})
}

func (d dhcpServer) config(want provider.Net) string {
	prefix := netip.MustParsePrefix(want.CIDR)
	lines := []string{
		"interface=" + gatewayLink, "except-interface=lo", "bind-interfaces",
		"no-hosts", "no-resolv", "no-poll", "cache-size=1000",
		"pid-file=" + d.path("pid"), "log-facility=" + d.path("log"),
		"dhcp-authoritative", "dhcp-leasefile=" + d.path("leases"), "dhcp-hostsfile=" + d.path("hosts"),
		"addn-hosts=" + d.path("names"), "domain=" + Domain, "local=/" + Domain + "/",
		fmt.Sprintf("dhcp-range=%s,static,%s,12h", prefix.Masked().Addr(), maskOf(prefix)),
		"dhcp-option=option:router," + want.Gateway,
		"dhcp-option=option:dns-server," + want.Gateway,
	}
	if u, err := user.Lookup("dnsmasq"); err == nil {
		lines = append(lines, "user="+u.Username)
	} else {
		lines = append(lines, "user=root")
	}
	if want.Egress == EgressNAT {
		for _, s := range resolvers(want.DNS) {
			lines = append(lines, "server="+s)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// resolvers are the upstreams a namespace can reach: the network's own, else the host's that are not on its loopback.
func resolvers(wanted []string) []string {
	if len(wanted) > 0 {
		return wanted
	}
	data, err := os.ReadFile("/etc/resolv.conf")
	if err != nil {
		return nil
	}
	var found []string
	for _, line := range strings.Split(string(data), "\n") {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] != "nameserver" {
			continue
		}
		if a, err := netip.ParseAddr(f[1]); err == nil && a.Is4() && !a.IsLoopback() && !a.IsLinkLocalUnicast() {
			found = append(found, a.String())
		}
	}
	return found
}

func leaseFiles(want provider.Net) (hosts, names string) {
	var h, n strings.Builder
	for _, l := range want.Leases {
		fmt.Fprintf(&h, "%s,%s", l.MAC, l.Address)
		if l.Name != "" {
			fmt.Fprintf(&h, ",%s", l.Name)
			fmt.Fprintf(&n, "%s %s.%s %s\n", l.Address, l.Name, Domain, l.Name)
		}
		h.WriteString(",12h\n")
	}
	return h.String(), n.String()
}

func maskOf(p netip.Prefix) string {
	return net.IP(net.CIDRMask(p.Bits(), 32)).String()
}

// pid returns the running dnsmasq of this network, 0 when there is none: a number alone may have been reused.
func (d dhcpServer) pid() int {
	data, err := os.ReadFile(d.path("pid"))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil || pid < 2 {
		return 0
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || !bytes.Contains(line, []byte(d.path("dnsmasq.conf"))) {
		return 0
	}
	return pid
}

func (d dhcpServer) stop() {
	pid := d.pid()
	if pid == 0 {
		return
	}
	_ = unix.Kill(pid, unix.SIGTERM)
	for range 100 {
		if d.pid() == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	_ = unix.Kill(pid, unix.SIGKILL)
}

func (d dhcpServer) remove() error {
	d.stop()
	if err := os.RemoveAll(d.dir); err != nil {
		return provider.Errorf(provider.ReasonInternal, "", "remove dhcp folder: %w", err)
	}
	return nil
}

func writeChanged(path, content string) (bool, error) {
	have, err := os.ReadFile(path)
	if err == nil && string(have) == content {
		return false, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	return true, writeAtomic(path, []byte(content), 0o644)
}
