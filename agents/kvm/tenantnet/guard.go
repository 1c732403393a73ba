package tenantnet

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"text/template"

	"github.com/plazacloud/plaza/pkg/provider"
)

// Guard writes the security rules of one card of a server and its bound, replacing earlier ones in one transaction. It may run
// before the tap exists. The network must be there.
func (m *Manager) Guard(ctx context.Context, server string, nic provider.Interface) error {
	tap := TapName(server, nic.MAC)
	rec, err := m.load(nic.Network)
	if err != nil {
		return err
	}
	if nic.Open {
		return loadRules(ctx, fresh("bridge", tap)+fresh("ip", tap)+rateOf(tap, nic))
	}
	data, err := guardOf(tap, rec.Net, nic)
	if err != nil {
		return err
	}
	if err := filterBridged(BridgeName(nic.Network)); err != nil {
		return err
	}
	return loadRules(ctx, render(guardFrame, "bridge", tap, data)+render(guardFlow, "ip", tap, data)+rateOf(tap, nic))
}

// Unguard removes the rules of a card and its bound; absent ones are fine.
func (m *Manager) Unguard(ctx context.Context, server, mac string) error {
	tap := TapName(server, mac)
	return loadRules(ctx, fresh("bridge", tap)+fresh("ip", tap)+fresh("bridge", rateTable(tap)))
}

type guardData struct {
	Tap, Bridge, MAC, Address, Gateway string
	Rules                              []string
}

func guardOf(tap string, n provider.Net, nic provider.Interface) (guardData, error) {
	d := guardData{Tap: tap, Bridge: BridgeName(n.ID), Gateway: n.Gateway}
	mac, err := net.ParseMAC(nic.MAC)
	if err != nil {
		return d, provider.Errorf(provider.ReasonInvalid, "", "card: %w", err)
	}
	addr, err := netip.ParseAddr(nic.Address)
	if err != nil || !addr.Is4() {
		return d, provider.Errorf(provider.ReasonInvalid, "give the card an address, or open it", "card %s has no IPv4 address: %q", nic.MAC, nic.Address)
	}
	d.MAC, d.Address = mac.String(), addr.String()
	for _, r := range nic.Rules {
		text, err := flowOf(r)
		if err != nil {
			return d, err
		}
		d.Rules = append(d.Rules, text)
	}
	return d, nil
}

func flowOf(r provider.Rule) (string, error) {
	var b strings.Builder
	if r.CIDR != "" {
		p, err := netip.ParsePrefix(r.CIDR)
		if err != nil || !p.Addr().Is4() {
			return "", provider.Errorf(provider.ReasonInvalid, "use IPv4 like 10.0.0.0/8", "rule: %q is no IPv4 CIDR", r.CIDR)
		}
		fmt.Fprintf(&b, "ip saddr %s ", p.Masked())
	}
	switch r.Protocol {
	case "icmp":
		b.WriteString("ip protocol icmp")
	case "tcp", "udp":
		fmt.Fprintf(&b, "ip protocol %s", r.Protocol)
		if r.FromPort == 0 && r.ToPort == 0 {
			break
		}
		if r.FromPort < 1 || r.ToPort < r.FromPort || r.ToPort > 65535 {
			return "", provider.Errorf(provider.ReasonInvalid, "ports are 1 to 65535, from not above to", "rule: ports %d-%d", r.FromPort, r.ToPort)
		}
		fmt.Fprintf(&b, " %s dport %d-%d", r.Protocol, r.FromPort, r.ToPort)
	default:
		return "", provider.Errorf(provider.ReasonInvalid, "tcp, udp or icmp", "rule: protocol %q", r.Protocol)
	}
	return b.String() + " accept", nil
}

// guardFrame pins what a card may claim to be, and what frames may reach it; IPv6 is not carried by tenant networks.
var guardFrame = template.Must(template.New("frame").Parse(`table bridge {{.Tap}} {
	chain from {
		type filter hook prerouting priority -200; policy accept;
		iifname != "{{.Tap}}" accept
		ether saddr != {{.MAC}} drop
		ether type arp arp saddr ether {{.MAC}} arp saddr ip { 0.0.0.0, {{.Address}} } accept
		ether type ip ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept
		ether type ip udp sport 67 drop
		ether type ip ip saddr {{.Address}} accept
		drop
	}
	chain to {
		type filter hook forward priority -200; policy accept;
		oifname != "{{.Tap}}" accept
		ether type arp accept
		ether type ip ip daddr {{.Address}} accept
		ether type ip ip saddr {{.Gateway}} ip daddr 255.255.255.255 udp sport 67 udp dport 68 accept
		drop
	}
}
`))

// guardFlow sees the bridged packet as IP, with its connection in the network's conntrack zone.
var guardFlow = template.Must(template.New("flow").Parse(`table ip {{.Tap}} {
	chain forward {
		type filter hook forward priority filter; policy accept;
		iifname != "{{.Bridge}}" accept
		ip daddr != {{.Address}} accept
		ct state established,related accept
		ct state invalid drop
		ip saddr {{.Gateway}} udp sport 67 udp dport 68 accept
{{- range .Rules}}
		{{.}}
{{- end}}
		drop
	}
}
`))
