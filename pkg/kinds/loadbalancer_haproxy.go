package kinds

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/cloudinit"
	"github.com/plazacloud/plaza/pkg/haproxy"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// widestUserData leaves room below what a server takes.
const widestUserData = 200 << 10

// boots is how long a node is not relied on after its start, unless it was heard.
func (s LoadBalancerSpec) boots() time.Duration { return time.Duration(s.BootSeconds) * time.Second }

// settleSeconds is longer, so that the address is on a new node before the old one is replaced.
func (s LoadBalancerSpec) settleSeconds() int { return s.BootSeconds + max(5, s.BootSeconds/2) }

// haproxyNodes balances by a node group with HAProxy. It is made of Plaza's own kinds alone, so it works on every place.
type haproxyNodes struct{ balancerPass }

func (p haproxyNodes) name() string { return "haproxy" }

// childOf is the name of what belongs to a load balancer.
func childOf(o *LoadBalancer) string { return o.Name + "-lb" }

func (p haproxyNodes) bring(ctx context.Context) (resource.Result, error) {
	group, err := p.securityGroup(ctx)
	if err != nil {
		return resource.Result{}, err
	}
	spec, err := p.nodeGroup(group)
	if err != nil {
		return resource.Result{}, err
	}
	g, err := p.observe(ctx)
	if err != nil {
		return resource.Result{}, err
	}
	if err := p.hear(ctx); err != nil {
		return resource.Result{}, err
	}
	template := spec.template()
	rolls := p.o.Status.Template != "" && p.o.Status.Template != template
	address, err := p.lead(ctx, rolls)
	if err != nil {
		return resource.Result{}, err
	}
	if rolls && address.leaves {
		return resource.Result{Again: 300 * time.Millisecond, Progress: 20, Message: "moving the address before its node is replaced"}, nil
	}
	if _, err := p.child(ctx, "nodegroup", spec); err != nil {
		return resource.Result{}, err
	}
	p.o.Status.Template = template
	return p.judge(g, address), nil
}

// judge tells whether it is all as wanted.
func (p haproxyNodes) judge(g *NodeGroup, address lead) resource.Result {
	o := p.o
	res := resource.Result{Again: time.Second, Progress: 20 + 70*o.Status.Well/o.Spec.Nodes}
	switch {
	case g == nil:
		res.Message = "making its nodes"
	case !g.Settled() || len(o.Status.Nodes) != o.Spec.Nodes:
		res.Message = "its nodes: " + cmp.Or(g.Condition("Ready").Message, "they are made or replaced")
	case o.Status.Well < o.Spec.Nodes:
		i := slices.IndexFunc(o.Status.Nodes, func(n BalancerNode) bool { return !n.Well })
		res.Message = "node " + o.Status.Nodes[i].Name + ": " + o.Status.Nodes[i].Message
	case !address.settled:
		res.Message = "its address: " + address.message
	default:
		res.Done = true
	}
	return res
}

// child makes or changes what belongs to it.
func (p haproxyNodes) child(ctx context.Context, kind string, spec any) (resource.Raw, error) {
	text, err := json.Marshal(spec)
	if err != nil {
		return resource.Raw{}, err
	}
	labels := map[string]string{"loadbalancer": p.o.Name}
	maps.Copy(labels, p.o.Labels)
	a, err := p.r.Apply(ctx, resource.Request{Kind: kind, Project: p.o.Project, Name: childOf(p.o), Labels: labels, Spec: text})
	return a.Object, err
}

// securityGroup lets in what it listens to, and questions about the nodes' health where these come from outside.
func (p haproxyNodes) securityGroup(ctx context.Context) (string, error) {
	var ports []int
	for _, l := range p.o.Spec.Listeners {
		ports = append(ports, l.Port)
	}
	if p.o.Spec.Public {
		ports = append(ports, healthPort)
	}
	slices.Sort(ports)
	var spec SecurityGroupSpec
	for _, port := range ports {
		spec.Rules = append(spec.Rules, SecurityRule{Protocol: "tcp", FromPort: port, ToPort: port})
	}
	raw, err := p.child(ctx, "securitygroup", spec)
	return raw.ID, err
}

// healthPath has the id in it: whoever else may have the address does not answer there.
func (p haproxyNodes) healthPath() string { return "/plaza/" + p.o.ID }

// nodeGroup is the wanted group of nodes. The same members give the same bytes, so that no node is replaced for nothing.
func (p haproxyNodes) nodeGroup(securityGroup string) (NodeGroupSpec, error) {
	o := p.o
	config, err := p.config().Render()
	if err != nil {
		return NodeGroupSpec{}, resource.Problemf(resource.ReasonInvalid, "loadbalancer", "", "%w", err)
	}
	const path = "/etc/haproxy/haproxy.cfg"
	userData, err := cloudinit.UserData{
		Hostname:   "${name}",
		WriteFiles: []cloudinit.File{{Path: path, Content: config}},
		Plaza: &cloudinit.Plaza{Services: []cloudinit.Service{{
			Name: "haproxy", Command: []string{"/usr/sbin/haproxy", "-db", "-f", path},
			Ready: &cloudinit.Ready{HTTP: fmt.Sprintf("http://127.0.0.1:%d%s", healthPort, p.healthPath())},
		}}},
	}.Marshal()
	if err != nil {
		return NodeGroupSpec{}, err
	}
	if len(userData) > widestUserData {
		return NodeGroupSpec{}, resource.Problemf(resource.ReasonInvalid, "loadbalancer", "spread the listeners over several load balancers", "its members are too many for one file of HAProxy")
	}
	return NodeGroupSpec{
		Count: o.Spec.Nodes, Flavor: o.Spec.Flavor, Image: o.Spec.Image, Network: o.Spec.Network, Addresses: o.Spec.Addresses,
		SecurityGroups: []string{securityGroup}, UserData: string(userData), AntiAffinity: "soft", UpdatePolicy: updateRolling, MaxUnavailable: 1,
		SettleSeconds: o.Spec.settleSeconds(),
	}, nil
}

func (p haproxyNodes) config() haproxy.Config {
	c := haproxy.Config{Name: p.o.Name, Health: haproxy.Health{Port: healthPort, Path: p.healthPath()}}
	for _, l := range p.o.Spec.Listeners {
		out := haproxy.Listener{Name: l.Name, Port: l.Port, Protocol: l.Protocol, Algorithm: l.Algorithm, Check: haproxy.Check{Path: l.Check.Path,
			Interval: time.Duration(l.Check.Interval) * time.Second, Timeout: time.Duration(l.Check.Timeout) * time.Second, Rise: l.Check.Rise, Fall: l.Check.Fall}}
		for _, s := range p.o.Status.Listeners {
			if s.Name != l.Name {
				continue
			}
			for _, m := range s.Members {
				out.Members = append(out.Members, haproxy.Member(m))
			}
		}
		c.Listeners = append(c.Listeners, out)
	}
	return c
}

// observe writes down how the nodes are; nil when there are none yet.
func (p haproxyNodes) observe(ctx context.Context) (*NodeGroup, error) {
	o := p.o
	was := o.Status.Nodes
	o.Status.Nodes, o.Status.Addresses, o.Status.Well = nil, nil, 0
	raw, err := p.r.Get(ctx, "nodegroup", o.Project, childOf(o))
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	g, err := resource.As[NodeGroupSpec, NodeGroupStatus](raw)
	if err != nil {
		return nil, err
	}
	for _, m := range g.Status.Members {
		raw, err := p.r.Get(ctx, "server", o.Project, m.ID)
		if resource.ReasonOf(err) == resource.ReasonNotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		s, err := resource.As[ServerSpec, ServerStatus](raw)
		if err != nil {
			return nil, err
		}
		n := nodeOf(&s, o.Spec.boots(), m.Updated, was)
		if n.Well {
			o.Status.Well++
		}
		if n.Address != "" {
			o.Status.Addresses = append(o.Status.Addresses, n.Address)
		}
		o.Status.Nodes = append(o.Status.Nodes, n)
	}
	return &g, nil
}

// nodeOf judges a node by its server: it must run, and have done so for long enough to have booted.
func nodeOf(s *Server, boots time.Duration, updated bool, was []BalancerNode) BalancerNode {
	n := BalancerNode{ID: s.ID, Name: s.Name, Address: s.Status.Address, Updated: updated, Since: s.Status.Since}
	i := slices.IndexFunc(was, func(w BalancerNode) bool { return w.ID == n.ID })
	started := i < 0 || !sameTime(was[i].Since, n.Since)
	n.Silent = !started && was[i].Silent
	switch {
	case s.DeletingAt != nil:
		n.Message = "it is being replaced"
	case !s.Settled() || s.Status.Power != provider.PowerRunning:
		n.Message = cmp.Or(s.Condition("Ready").Message, "it does not run")
	case n.Silent:
		n.Message = nodeIsSilent
	case !started && was[i].Well:
		n.Well = true // also one that was heard before it could be expected to
	case s.Status.Since != nil && time.Since(*s.Status.Since) < boots:
		n.Message = nodeIsBooting
	default:
		n.Well = true
	}
	return n
}

const (
	nodeIsBooting = "it boots"
	nodeIsSilent  = "it does not answer at the address"
)

func sameTime(a, b *time.Time) bool {
	return a == b || a != nil && b != nil && a.Equal(*b)
}
