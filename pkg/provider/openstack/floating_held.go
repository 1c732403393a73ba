package openstack

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/layer3/floatingips"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"

	"github.com/plazacloud/plaza/pkg/provider"
)

// held is a floating address that a project holds as an object of its own. Its description says where it leads, so that
// it is led on when the guest's port is made anew.
type held struct {
	floatingips.FloatingIP
	id      string
	network string // of Plaza; "" when it leads nowhere
	inside  string
}

// heldLabel is the description: "plaza-id=<id>", or "plaza-id=<id> leads into <network> to 10.1.0.5".
func heldLabel(id, network, inside string) string {
	if network == "" {
		return idTag(id)
	}
	return fmt.Sprintf("%s leads into %s to %s", idTag(id), network, inside)
}

// parseHeld reads what heldLabel wrote.
func parseHeld(f floatingips.FloatingIP) (held, bool) {
	word := strings.Fields(f.Description)
	if len(word) == 0 {
		return held{}, false
	}
	id, ok := strings.CutPrefix(word[0], idTag(""))
	h := held{FloatingIP: f, id: id}
	if len(word) == 6 && word[1] == "leads" && word[2] == "into" && word[4] == "to" {
		h.network, h.inside = word[3], word[5]
		return h, ok && isID(id)
	}
	return h, ok && isID(id) && len(word) == 1
}

// heldOf are the held addresses of all projects. After a maker that was cut off one may have two: the one
// that leads somewhere comes first, else the oldest.
func heldOf(ctx context.Context, c *gophercloud.ServiceClient) ([]held, error) {
	all, err := listFloating(ctx, c, floatingips.ListOpts{})
	return holding(all), err
}

// holding picks the held addresses, in heldOf's order.
func holding(all []floatingips.FloatingIP) []held {
	var ours []held
	for _, f := range all {
		if h, ok := parseHeld(f); ok {
			ours = append(ours, h)
		}
	}
	slices.SortFunc(ours, func(a, b held) int {
		return cmp.Or(strings.Compare(a.id, b.id), later(a.network == "", b.network == ""), a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	return ours
}

// findHeld are the addresses of one id, the one to keep first.
func findHeld(ctx context.Context, c *gophercloud.ServiceClient, id string) ([]held, error) {
	all, err := heldOf(ctx, c)
	return slices.DeleteFunc(all, func(h held) bool { return h.id != id }), err
}

func (d *Driver) heldState(h held) provider.FloatingIPState {
	return provider.FloatingIPState{ID: h.id, Host: d.set.Place, Address: h.FloatingIP.FloatingIP}
}

// EnsureFloatingIP takes an address of the external network for the project.
func (d *Driver) EnsureFloatingIP(ctx context.Context, place string, want provider.FloatingIP) (provider.FloatingIPState, error) {
	if err := d.checkPlace(place); err != nil {
		return provider.FloatingIPState{}, err
	}
	if err := checkID(want.ID); err != nil {
		return provider.FloatingIPState{}, err
	}
	unlock, err := d.locks.Lock(ctx, "floatingip/"+want.ID)
	if err != nil {
		return provider.FloatingIPState{}, err
	}
	defer unlock()
	c, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return provider.FloatingIPState{}, err
	}
	have, err := findHeld(ctx, c, want.ID)
	if err != nil {
		return provider.FloatingIPState{}, err
	}
	for _, extra := range have[min(1, len(have)):] {
		if err := absentIsFine(mapped("give a floating address back", floatingips.Delete(ctx, c, extra.ID).ExtractErr())); err != nil {
			return provider.FloatingIPState{}, err
		}
	}
	var h held
	if len(have) > 0 {
		h = have[0]
	} else if h, err = d.takeHeld(ctx, c, want); err != nil {
		return provider.FloatingIPState{}, err
	}
	return d.heldState(h), ensureTag(ctx, c, "floatingips", h.ID, h.Tags, want.ID)
}

func (d *Driver) takeHeld(ctx context.Context, c *gophercloud.ServiceClient, want provider.FloatingIP) (held, error) {
	outside, err := d.outside(ctx, c)
	if err != nil {
		return held{}, err
	}
	project, err := d.tenant(ctx, want.Project)
	if err != nil {
		return held{}, err
	}
	made, err := floatingips.Create(ctx, c, floatingips.CreateOpts{FloatingNetworkID: outside, FloatingIP: want.Address, ProjectID: project, Description: idTag(want.ID)}).Extract()
	if err != nil {
		return held{}, mapped("take a floating address", err)
	}
	return held{FloatingIP: *made, id: want.ID}, nil
}

// GetFloatingIP reports a held address.
func (d *Driver) GetFloatingIP(ctx context.Context, place, id string) (provider.FloatingIPState, error) {
	if err := d.checkPlace(place); err != nil {
		return provider.FloatingIPState{}, err
	}
	c, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return provider.FloatingIPState{}, err
	}
	have, err := findHeld(ctx, c, id)
	if err != nil {
		return provider.FloatingIPState{}, err
	}
	if len(have) == 0 {
		return provider.FloatingIPState{}, provider.Errorf(provider.ReasonNotFound, "", "floating address %s is not in the region", id)
	}
	return d.heldState(have[0]), nil
}

// DeleteFloatingIP gives an address back.
func (d *Driver) DeleteFloatingIP(ctx context.Context, place, id string) error {
	if err := d.checkPlace(place); err != nil {
		return err
	}
	unlock, err := d.locks.Lock(ctx, "floatingip/"+id)
	if err != nil {
		return err
	}
	defer unlock()
	c, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return err
	}
	have, err := findHeld(ctx, c, id)
	if err != nil {
		return err
	}
	for _, h := range have {
		if err := absentIsFine(mapped("give a floating address back", floatingips.Delete(ctx, c, h.ID).ExtractErr())); err != nil {
			return err
		}
	}
	return nil
}

// ListFloatingIPs reports every held address of the region.
func (d *Driver) ListFloatingIPs(ctx context.Context, place string) ([]provider.FloatingIPState, error) {
	if err := d.checkPlace(place); err != nil {
		return nil, err
	}
	c, err := d.cloud.client(ctx, network, "")
	if err != nil {
		return nil, err
	}
	all, err := heldOf(ctx, c)
	var states []provider.FloatingIPState
	for _, h := range slices.CompactFunc(all, func(a, b held) bool { return a.id == b.id }) {
		states = append(states, d.heldState(h))
	}
	return states, err
}

// leadHeld leads the wanted ones of the held addresses to their guests, and those that led into the network and are not wanted nowhere.
// One that is held no longer is its own object's matter.
func leadHeld(ctx context.Context, c *gophercloud.ServiceClient, n *networks.Network, want provider.Net, all []held) error {
	for _, h := range all {
		i := slices.IndexFunc(want.Floating, func(f provider.Floating) bool { return f.ID == h.id && f.Address == h.FloatingIP.FloatingIP })
		switch {
		case i >= 0:
			port, err := portAt(ctx, c, n.ID, want.Floating[i].Inside)
			if err != nil {
				return err
			}
			if err := h.lead(ctx, c, want.ID, want.Floating[i].Inside, port); err != nil {
				return err
			}
		case h.network == want.ID:
			if err := h.lead(ctx, c, "", "", ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// lead leads the address to a port; "" leads it nowhere.
func (h held) lead(ctx context.Context, c *gophercloud.ServiceClient, network, inside, port string) error {
	text := heldLabel(h.id, network, inside)
	if h.Description == text && h.PortID == port {
		return nil
	}
	_, err := floatingips.Update(ctx, c, h.ID, floatingips.UpdateOpts{Description: &text, PortID: &port}).Extract()
	return mapped("lead floating address "+h.FloatingIP.FloatingIP, err)
}

// leading are the held addresses that lead into a network of Plaza to guests that are there.
func leading(all []floatingips.FloatingIP, network string) []provider.Floating {
	var out []provider.Floating
	for _, h := range holding(all) {
		if h.network == network && h.PortID != "" {
			out = append(out, provider.Floating{ID: h.id, Address: h.FloatingIP.FloatingIP, Inside: h.inside})
		}
	}
	return out
}
