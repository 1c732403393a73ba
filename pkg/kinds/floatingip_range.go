package kinds

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// widestFloating is the widest range that a host gives addresses out of: 1,024 of them.
const widestFloating = 22

// validateRanges checks the ranges that an operator sets aside.
func validateRanges(ranges []string) error {
	for i, text := range ranges {
		p, err := netip.ParsePrefix(text)
		if err != nil || !p.Addr().Is4() || p != p.Masked() || p.Bits() < widestFloating {
			return resource.Invalid("host", fmt.Sprintf("spec.floatingCIDRs[%d]", i), text, "is not an IPv4 CIDR between /%d and /32", widestFloating)
		}
	}
	return nil
}

// choose takes the lowest free address of a host's ranges. The claim makes that exact: of two that choose at once, one goes on.
func (p floatingPass) choose(ctx context.Context, out outside) (string, error) {
	room := "floating:" + out.id
	if err := p.r.Unclaim(ctx, room); err != nil { // of a try whose choice was never kept
		return "", err
	}
	held, err := users(ctx, p.r, "floatingip", "status.host", out.id)
	if err != nil {
		return "", err
	}
	taken := map[string]bool{}
	for _, raw := range held {
		for _, a := range resource.Lookup(raw, "status.address") {
			taken[a] = true
		}
	}
	for _, text := range out.ranges {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return "", err
		}
		for a := prefix.Addr(); prefix.Contains(a); a = a.Next() {
			if taken[a.String()] {
				continue
			}
			if err := p.r.SetCapacity(ctx, room, resource.Charges{a.String(): 1}); err != nil {
				return "", err
			}
			err := p.r.Claim(ctx, room, resource.Charges{a.String(): 1})
			if resource.ReasonOf(err) == resource.ReasonQuotaExceeded {
				continue
			}
			return a.String(), err
		}
	}
	return "", resource.Problemf(resource.ReasonNoCandidate, "floatingip", "delete addresses, or ask its operator for a wider range", "host %s has no address left of %v", out.name, out.ranges)
}

// floatingInto are the addresses that are to lead to the network's servers, by the ids of those.
func floatingInto(ctx context.Context, r resource.Reader, n *Network) (map[string]FloatingIP, error) {
	out := map[string]FloatingIP{}
	err := resource.All(ctx, r, resource.Query{Kind: "floatingip", Project: n.Project}, func(raw resource.Raw) error {
		f, err := resource.As[FloatingIPSpec, FloatingIPStatus](raw)
		if err == nil && f.DeletingAt == nil && f.Status.Network == n.ID && f.Status.Address != "" {
			out[f.Spec.Server] = f
		}
		return err
	})
	return out, err
}

// leadsTo tells which floating address leads to an address inside.
func leadsTo(s provider.NetState, inside string) string {
	i := slices.IndexFunc(s.Floating, func(f provider.Floating) bool { return f.Inside == inside })
	if i < 0 {
		return ""
	}
	return s.Floating[i].Address
}

// tellFloating makes the addresses look again that lead to the server.
func (p serverPass) tellFloating(ctx context.Context) error {
	list, err := users(ctx, p.r, "floatingip", "spec.server", p.o.ID)
	if err != nil {
		return err
	}
	for _, f := range list {
		p.r.Touch("floatingip", f.ID, "server "+p.o.Name+" has changed")
	}
	return nil
}
