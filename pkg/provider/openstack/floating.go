package openstack

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/plazacloud/plaza/pkg/provider"
)

// floating is the address outside of one published address inside. One address serves all published ports of a guest, by
// their own numbers; which of them are open is decided by the guest's rules. It is kept while the guest comes and goes.
type floating struct {
	floatingips.FloatingIP
	network string
	inside  netip.Addr
	ports   []int
}

// longestDescription is Neutron's limit; a description keeps what a floating address is for.
const longestDescription = 255

// label is the description: "plaza-id=<network> for 10.1.0.5 ports 80,443".
func label(network string, inside netip.Addr, open []int) string {
	numbers := make([]string, 0, len(open))
	for _, p := range open {
		numbers = append(numbers, strconv.Itoa(p))
	}
	return fmt.Sprintf("%s for %s ports %s", idTag(network), inside, strings.Join(numbers, ","))
}

// parseLabel reads what label wrote.
func parseLabel(text string) (network string, inside netip.Addr, open []int, ok bool) {
	f := strings.Fields(text)
	if len(f) != 5 || f[1] != "for" || f[3] != "ports" {
		return "", inside, nil, false
	}
	network, ok = strings.CutPrefix(f[0], idTag(""))
	inside, err := netip.ParseAddr(f[2])
	if !ok || err != nil {
		return "", inside, nil, false
	}
	for _, n := range strings.Split(f[4], ",") {
		p, err := strconv.Atoi(n)
		if err != nil {
			return "", inside, nil, false
		}
		open = append(open, p)
	}
	return network, inside, open, true
}

func (f floating) publishes() []provider.Publish {
	var all []provider.Publish
	for _, p := range f.ports {
		all = append(all, provider.Publish{Listen: net.JoinHostPort(f.FloatingIP.FloatingIP, strconv.Itoa(p)), Address: f.inside.String(), Port: p, Floating: true})
	}
	return all
}

func (f floating) remove(ctx context.Context, c *gophercloud.ServiceClient) error {
	return absentIsFine(mapped("give a floating address back", floatingips.Delete(ctx, c, f.ID).ExtractErr()))
}

func listFloating(ctx context.Context, c *gophercloud.ServiceClient, opts floatingips.ListOpts) ([]floatingips.FloatingIP, error) {
	pages, err := floatingips.List(c, opts).AllPages(ctx)
	if err != nil {
		return nil, mapped("list floating addresses", err)
	}
	all, err := floatingips.ExtractFloatingIPs(pages)
	return all, mapped("list floating addresses", err)
}

// publishing picks the floating addresses that publish ports of a network, by the addresses inside. An address may have two
// after a maker that was cut off: the one in use comes first, and the others are given back by the next EnsureNetwork.
func publishing(all []floatingips.FloatingIP, network string) []floating {
	var ours []floating
	for _, f := range all {
		if of, inside, open, ok := parseLabel(f.Description); ok && of == network {
			ours = append(ours, floating{f, of, inside, open})
		}
	}
	slices.SortFunc(ours, func(a, b floating) int {
		return cmp.Or(a.inside.Compare(b.inside), later(a.PortID == "", b.PortID == ""), a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return ours
}

// firstOfEach leaves one floating address for each address inside.
func firstOfEach(all []floating) []floating {
	return slices.CompactFunc(all, func(a, b floating) bool { return a.inside == b.inside })
}

// later orders what is not so before what is.
func later(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// ensureFloating gives each published address one floating address, of those it has, and takes the others back.
func ensureFloating(ctx context.Context, c *gophercloud.ServiceClient, n *networks.Network, want provider.Net, have []floating, outside string) error {
	wanted := map[netip.Addr][]int{}
	for _, p := range want.Publish {
		a := netip.MustParseAddr(p.Address)
		if !slices.Contains(wanted[a], p.Port) {
			wanted[a] = append(wanted[a], p.Port)
		}
	}
	kept := map[netip.Addr]floating{}
	for _, f := range have {
		if _, twice := kept[f.inside]; twice || wanted[f.inside] == nil {
			if err := f.remove(ctx, c); err != nil {
				return err
			}
			continue
		}
		kept[f.inside] = f
	}
	for _, a := range slices.SortedFunc(maps.Keys(wanted), netip.Addr.Compare) {
		slices.Sort(wanted[a])
		text := label(want.ID, a, wanted[a])
		if len(text) > longestDescription {
			return provider.Errorf(provider.ReasonInvalid, "publish fewer", "%d published ports of %s are too many", len(wanted[a]), a)
		}
		if err := ensureFloatingAt(ctx, c, n, kept[a], a, text, outside); err != nil {
			return err
		}
	}
	return nil
}

// ensureFloatingAt makes the floating address, and leads it to the guest's port when there is one.
func ensureFloatingAt(ctx context.Context, c *gophercloud.ServiceClient, n *networks.Network, have floating, inside netip.Addr, text, outside string) error {
	port, err := portAt(ctx, c, n.ID, inside.String())
	if err != nil {
		return err
	}
	if have.ID == "" {
		_, err := floatingips.Create(ctx, c, floatingips.CreateOpts{FloatingNetworkID: outside, ProjectID: n.ProjectID, Description: text, PortID: port}).Extract()
		return mapped("take a floating address", err)
	}
	if have.Description == text && have.PortID == port {
		return nil
	}
	_, err = floatingips.Update(ctx, c, have.ID, floatingips.UpdateOpts{Description: &text, PortID: &port}).Extract()
	return mapped("lead floating address "+have.FloatingIP.FloatingIP, err)
}

// portAt is the id of the guest's port with an address, "" while there is none.
func portAt(ctx context.Context, c *gophercloud.ServiceClient, network, address string) (string, error) {
	found, err := portsOf(ctx, c, ports.ListOpts{NetworkID: network, FixedIPs: []ports.FixedIPOpts{{IPAddress: address}}})
	if err != nil {
		return "", err
	}
	for _, p := range found {
		if strings.HasPrefix(p.Description, idTag("")) {
			return p.ID, nil
		}
	}
	return "", nil
}

// lead leads a floating address that was taken before its guest came to the guest's new port.
func lead(ctx context.Context, c *gophercloud.ServiceClient, n networks.Network, network, address, port string) error {
	inside, err := netip.ParseAddr(address)
	if err != nil {
		return nil //nolint:nilerr // a card without a wanted address is not published
	}
	all, err := listFloating(ctx, c, floatingips.ListOpts{ProjectID: n.ProjectID})
	if err != nil {
		return err
	}
	for _, f := range firstOfEach(publishing(all, network)) {
		if f.inside == inside && f.PortID != port {
			if _, err := floatingips.Update(ctx, c, f.ID, floatingips.UpdateOpts{PortID: &port}).Extract(); err != nil {
				return mapped("lead floating address "+f.FloatingIP.FloatingIP, err)
			}
		}
	}
	for _, h := range holding(all) {
		if h.network == network && h.inside == inside.String() {
			if err := h.lead(ctx, c, network, h.inside, port); err != nil {
				return err
			}
		}
	}
	return nil
}
