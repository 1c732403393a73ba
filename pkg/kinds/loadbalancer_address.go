package kinds

import (
	"cmp"
	"context"
	"slices"

	"github.com/plazacloud/plaza/pkg/resource"
)

// rank orders nodes for the address: those that serve before those that boot, those that know of the last change before
// those that will be replaced; then the one that it is meant for already, then the first. 0 at its head: it can not serve.
func rank(n BalancerNode, index int, holder string) []int {
	level := 0
	switch {
	case n.Well:
		level = 3
	case n.Message == nodeIsBooting:
		level = 2
	case n.Message == nodeIsSilent, n.Message == nodeIsStuck:
		level = 1
	}
	return []int{level, bit(n.Updated), bit(n.ID == holder), -index}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// best is the node that the address should lead to; nil when no node can serve.
func best(nodes []BalancerNode, holder string) *BalancerNode {
	at := -1
	for i, n := range nodes {
		if r := rank(n, i, holder); r[0] > 0 && (at < 0 || slices.Compare(r, rank(nodes[at], at, holder)) > 0) {
			at = i
		}
	}
	if at < 0 {
		return nil
	}
	return &nodes[at]
}

// floating reads the address that belongs to the load balancer; nil when there is none.
func (p haproxyNodes) floating(ctx context.Context) (*FloatingIP, error) {
	raw, err := p.r.Get(ctx, "floatingip", p.o.Project, childOf(p.o))
	if resource.ReasonOf(err) == resource.ReasonNotFound || err == nil && (raw.Owner == nil || raw.Owner.ID != p.o.ID) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f, err := resource.As[FloatingIPSpec, FloatingIPStatus](raw)
	return &f, err
}

// lead puts the address on the best node, and gives it back when none is wanted any more. It returns what is waited for.
func (p haproxyNodes) lead(ctx context.Context) (waits string, err error) {
	o := p.o
	f, err := p.floating(ctx)
	if err != nil {
		return "", err
	}
	if !o.Spec.Public {
		return p.withdraw(ctx, f)
	}
	p.mark(f)
	holder := ""
	if f != nil {
		holder = f.Spec.Server
	}
	to := best(o.Status.Nodes, holder)
	if to == nil {
		return "no node can serve", nil
	}
	if f != nil && f.DeletingAt != nil {
		return "the last one is still given back", nil
	}
	raw, err := p.child(ctx, "floatingip", FloatingIPSpec{Server: to.ID})
	if err != nil {
		return "", err
	}
	now, err := resource.As[FloatingIPSpec, FloatingIPStatus](raw)
	if err != nil || to.Leads && now.Settled() {
		return "", err
	}
	return cmp.Or(now.Condition("Ready").Message, "leading it to "+to.Name), nil
}

// mark writes down the address and the node that it leads to.
func (p haproxyNodes) mark(f *FloatingIP) {
	p.o.Status.Address = ""
	if f == nil {
		return
	}
	p.o.Status.Address = f.Status.Address
	for i := range p.o.Status.Nodes {
		p.o.Status.Nodes[i].Leads = f.Status.AttachedTo == p.o.Status.Nodes[i].ID
	}
}

func (p haproxyNodes) withdraw(ctx context.Context, f *FloatingIP) (string, error) {
	p.o.Status.Address, p.o.Status.Answered, p.o.Status.Silences = "", "", 0
	if f == nil {
		return "", nil
	}
	if f.DeletingAt == nil {
		if _, err := p.r.Remove(ctx, "floatingip", f.ID); err != nil {
			return "", err
		}
	}
	return "it is given back", nil
}
