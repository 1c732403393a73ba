package kinds

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

const (
	// silencesToLeave is how often in a row a node must not answer before the address leaves it.
	silencesToLeave = 2
	// longestBoot is when a node that still boots counts as lost.
	longestBoot = 5 * time.Minute
	// consoleEnd is how much of a node's console is looked at.
	consoleEnd = 32 << 10

	nodeIsBooting  = "it boots"
	nodeIsStuck    = "its services have not come up since it was started"
	nodeIsSilent   = "it does not answer at the address"
	nodeIsReplaced = "it is being replaced"
)

// observe writes down how the nodes are, and which of them were made from the present template.
func (p haproxyNodes) observe(ctx context.Context, g *NodeGroup, template string) error {
	o := p.o
	was := o.Status.Nodes
	o.Status.Nodes, o.Status.Addresses, o.Status.Well = nil, nil, 0
	for _, m := range g.Status.Members {
		raw, err := p.r.Get(ctx, "server", o.Project, m.ID)
		if resource.ReasonOf(err) == resource.ReasonNotFound {
			continue
		}
		if err != nil {
			return err
		}
		s, err := resource.As[ServerSpec, ServerStatus](raw)
		if err != nil {
			return err
		}
		n := p.judgeNode(ctx, &s, was)
		n.Updated = s.Labels[templateLabel] == template
		if n.Well {
			o.Status.Well++
		}
		if n.Address != "" {
			o.Status.Addresses = append(o.Status.Addresses, n.Address)
		}
		o.Status.Nodes = append(o.Status.Nodes, n)
	}
	return nil
}

// judgeNode judges a node by its server, and after a start by what its console says: plaza-init tells there when HAProxy has
// answered within the guest. Where a console says nothing, a node is taken for booted after a while.
func (p haproxyNodes) judgeNode(ctx context.Context, s *Server, was []BalancerNode) BalancerNode {
	n := BalancerNode{ID: s.ID, Name: s.Name, Address: s.Status.Address, Since: s.Status.Since}
	i := slices.IndexFunc(was, func(w BalancerNode) bool { return w.ID == n.ID })
	started := i < 0 || !sameTime(was[i].Since, n.Since)
	switch {
	case i >= 0 && !started:
		n.Silent, n.Before = was[i].Silent, was[i].Before
	case i >= 0 && was[i].Since != nil:
		n.Before, _ = p.saidReady(ctx, s) // of the start before, whatever comes after it counts
	}
	switch {
	case s.DeletingAt != nil:
		n.Message = nodeIsReplaced
	case !s.Settled() || s.Status.Power != provider.PowerRunning:
		n.Message = cmp.Or(s.Condition("Ready").Message, "it does not run")
	case n.Silent:
		n.Message = nodeIsSilent
	case !started && was[i].Well, p.booted(ctx, s, n.Before):
		n.Well = true
	case n.Since != nil && time.Since(*n.Since) > longestBoot:
		n.Message = nodeIsStuck
	default:
		n.Message = nodeIsBooting
	}
	return n
}

func (p haproxyNodes) booted(ctx context.Context, s *Server, before string) bool {
	said, speaks := p.saidReady(ctx, s)
	if said != "" && said != before {
		return true
	}
	if speaks && before == "" {
		return false // plaza-init has begun, and has not ended
	}
	return s.Status.Since != nil && time.Since(*s.Status.Since) >= time.Duration(p.o.Spec.BootSeconds)*time.Second
}

// saidReady is the last line by which plaza-init told of all services being up, with its time, and whether it spoke at all.
// A console that can not be read says nothing.
func (p haproxyNodes) saidReady(ctx context.Context, s *Server) (line string, speaks bool) {
	if p.Driver == nil || s.Status.Host == "" {
		return "", false
	}
	text, err := p.Driver.ConsoleLog(ctx, s.Status.Host, s.ID, consoleEnd)
	if err != nil {
		return "", false
	}
	i := bytes.LastIndex(text, []byte("plaza-init: READY"))
	if i < 0 {
		return "", bytes.Contains(text, []byte("plaza-init: "))
	}
	end, _, _ := bytes.Cut(text[i:], []byte("\n"))
	return string(bytes.TrimSpace(end)), true
}

func sameTime(a, b *time.Time) bool {
	return a == b || a != nil && b != nil && a.Equal(*b)
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
		if !n.Leads || !n.Well && !slices.Contains([]string{nodeIsBooting, nodeIsStuck, nodeIsSilent}, n.Message) {
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
