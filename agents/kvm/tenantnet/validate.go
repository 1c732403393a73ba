package tenantnet

import (
	"net"
	"net/netip"
	"regexp"

	"github.com/plazacloud/plaza/pkg/provider"
)

// hostLabel is one DNS label; everything that reaches dnsmasq or nft is checked here, so nothing can be injected.
var hostLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func invalid(hint, format string, args ...any) error {
	return provider.Errorf(provider.ReasonInvalid, hint, format, args...)
}

func validate(n provider.Net) error {
	if err := checkID(n.ID); err != nil {
		return err
	}
	prefix, err := netip.ParsePrefix(n.CIDR)
	if err != nil || !prefix.Addr().Is4() || prefix != prefix.Masked() || prefix.Bits() < 8 || prefix.Bits() > 30 {
		return invalid("an IPv4 network between /8 and /30, like 10.20.0.0/24", "CIDR %q", n.CIDR)
	}
	if prefix.Overlaps(uplinkPool) {
		return invalid("198.18.0.0/15 carries the uplinks", "CIDR %s is reserved", n.CIDR)
	}
	if err := within4(prefix, n.Gateway, "gateway"); err != nil {
		return err
	}
	for _, d := range n.DNS {
		if a, err := netip.ParseAddr(d); err != nil || !a.Is4() {
			return invalid("IPv4 addresses", "DNS server %q", d)
		}
	}
	if n.Egress != EgressNone && n.Egress != EgressNAT {
		return invalid("none or nat", "egress %q", n.Egress)
	}
	if err := validateLeases(prefix, n.Leases); err != nil {
		return err
	}
	if err := validateFloating(prefix, n.Floating); err != nil {
		return err
	}
	return validatePublish(prefix, n.Publish)
}

func validateLeases(prefix netip.Prefix, leases []provider.Lease) error {
	for _, l := range leases {
		if _, err := net.ParseMAC(l.MAC); err != nil {
			return invalid("", "lease: %w", err)
		}
		if err := within4(prefix, l.Address, "lease"); err != nil {
			return err
		}
		if l.Name != "" && !hostLabel.MatchString(l.Name) {
			return invalid("a DNS label: lower-case letters, digits, hyphens", "lease name %q", l.Name)
		}
	}
	return nil
}

func validatePublish(prefix netip.Prefix, ports []provider.Publish) error {
	taken := map[string]bool{}
	for _, p := range ports {
		if err := within4(prefix, p.Address, "published address"); err != nil {
			return err
		}
		if p.Port < 1 || p.Port > 65535 {
			return invalid("1 to 65535", "published port %d", p.Port)
		}
		if p.Listen == "" {
			continue
		}
		host, port, err := net.SplitHostPort(p.Listen)
		if _, aerr := netip.ParseAddr(host); err != nil || aerr != nil {
			return invalid("an address of the host and a port, like 127.0.0.1:0", "listen %q", p.Listen)
		}
		if port != "0" && taken[p.Listen] {
			return invalid("one guest port for each listen address", "listen %q is wanted twice", p.Listen)
		}
		taken[p.Listen] = true
	}
	return nil
}

func within4(prefix netip.Prefix, addr, what string) error {
	a, err := netip.ParseAddr(addr)
	if err != nil || !prefix.Contains(a) || a == prefix.Addr() {
		return invalid("an address inside the network's CIDR", "%s %q is not in %s", what, addr, prefix)
	}
	return nil
}

func gatewayPrefixOf(n provider.Net) netip.Prefix {
	return netip.PrefixFrom(netip.MustParseAddr(n.Gateway), netip.MustParsePrefix(n.CIDR).Bits())
}

func prefix30(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, 30) }
