package kinds

import (
	"cmp"
	"context"
	"fmt"

	"github.com/plazacloud/plaza/pkg/resource"
)

// silencesToLeave is how often in a row a node must not answer before the address leaves it.
const silencesToLeave = 2

// lead tells where the floating address is.
type lead struct {
	settled bool   // it leads to where it should, or none is wanted
	leaves  bool   // it is on its way from one node to another
	message string // why it is not settled
}

// rank orders nodes for the address: those that serve before those that boot, those that know of the last change before
// those that will be replaced, and of these the one that is replaced last; then the one that has it, then the first.
func rank(n BalancerNode, index int, rolls bool) [5]int {
	var r [5]int
	switch {
	case n.Well:
		r[0] = 3
	case n.Message == nodeIsBooting:
		r[0] = 2
	case n.Silent:
		r[0] = 1
	}
	if rolls || !n.Updated {
		r[2] = index
	} else {
		r[1] = 1
	}
	if n.Leads {
		r[3] = 1
	}
	r[4] = -index
	return r
}

// best is the node that the address should lead to; nil when no node can serve.
func best(nodes []BalancerNode, rolls bool) *BalancerNode {
	at := -1
	for i, n := range nodes {
		r := rank(n, i, rolls)
		if r[0] > 0 && (at < 0 || above(r, rank(nodes[at], at, rolls))) {
			at = i
		}
	}
	if at < 0 {
		return nil
	}
	return &nodes[at]
}

func above(a, b [5]int) bool {
	for i := range a {
		if c := cmp.Compare(a[i], b[i]); c != 0 {
			return c > 0
		}
	}
	return false
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

// lead puts the address on the best node, and gives it back when none is wanted any more.
func (p haproxyNodes) lead(ctx context.Context, rolls bool) (lead, error) {
	o := p.o
	f, err := p.floating(ctx)
	if err != nil {
		return lead{}, err
	}
	if !o.Spec.Public {
		return p.withdraw(ctx, f)
	}
	p.mark(f)
	to := best(o.Status.Nodes, rolls)
	if to == nil {
		return lead{message: "no node can serve"}, nil
	}
	if f != nil && f.DeletingAt != nil {
		return lead{message: "the last one is still given back"}, nil
	}
	raw, err := p.child(ctx, "floatingip", FloatingIPSpec{Server: to.ID})
	if err != nil {
		return lead{}, err
	}
	now, err := resource.As[FloatingIPSpec, FloatingIPStatus](raw)
	if err != nil {
		return lead{}, err
	}
	if to.Leads && now.Settled() {
		return lead{settled: true}, nil
	}
	return lead{leaves: f != nil && f.Status.Network != "", message: cmp.Or(now.Condition("Ready").Message, "leading it to "+to.Name)}, nil
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

func (p haproxyNodes) withdraw(ctx context.Context, f *FloatingIP) (lead, error) {
	p.o.Status.Address, p.o.Status.Answered, p.o.Status.Silences = "", "", 0
	if f == nil {
		return lead{settled: true}, nil
	}
	if f.DeletingAt == nil {
		if _, err := p.r.Remove(ctx, "floatingip", f.ID); err != nil {
			return lead{}, err
		}
	}
	return lead{message: "it is given back"}, nil
}

// hear asks the node that the address leads to how it is, as callers would. The control plane may not reach the outside at
// all; so only the silence of a node that has answered before counts, and otherwise what is known of its server.
func (p haproxyNodes) hear(ctx context.Context) error {
	o := p.o
	f, err := p.floating(ctx)
	if err != nil || f == nil || !o.Spec.Public || p.Ask == nil {
		return err
	}
	p.mark(f)
	for i := range o.Status.Nodes {
		n := &o.Status.Nodes[i]
		if !n.Leads || !n.Well && n.Message != nodeIsBooting && !n.Silent {
			continue
		}
		if err := p.Ask(ctx, fmt.Sprintf("http://%s:%d%s", f.Status.Address, healthPort, p.healthPath())); err == nil {
			o.Status.Answered, o.Status.Silences = n.ID, 0
			if !n.Well {
				n.Well, n.Silent, n.Message = true, false, ""
				o.Status.Well++
			}
			continue
		}
		if o.Status.Answered != n.ID || !n.Well {
			continue
		}
		if o.Status.Silences++; o.Status.Silences >= silencesToLeave {
			n.Well, n.Silent, n.Message = false, true, nodeIsSilent
			o.Status.Well, o.Status.Answered, o.Status.Silences = o.Status.Well-1, "", 0
		}
	}
	return nil
}
