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
	"github.com/plazacloud/plaza/pkg/resource"
)

// widestUserData leaves room below what a server takes.
const widestUserData = 200 << 10

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
	raw, err := p.child(ctx, "nodegroup", spec)
	if err != nil {
		return resource.Result{}, err
	}
	g, err := resource.As[NodeGroupSpec, NodeGroupStatus](raw)
	if err != nil {
		return resource.Result{}, err
	}
	if err := p.observe(ctx, &g, spec.template()); err != nil {
		return resource.Result{}, err
	}
	if err := p.hear(ctx); err != nil {
		return resource.Result{}, err
	}
	waits, err := p.lead(ctx)
	if err != nil {
		return resource.Result{}, err
	}
	if err := p.replace(ctx); err != nil {
		return resource.Result{}, err
	}
	return p.judge(&g, waits), nil
}

// replace removes the next node that does not know of the last change, when the others serve without it. The node group
// makes it anew.
func (p haproxyNodes) replace(ctx context.Context) error {
	nodes := p.o.Status.Nodes
	i := next(nodes)
	if i < 0 || len(nodes) != p.o.Spec.Nodes {
		return nil
	}
	n := &nodes[i]
	if n.Well {
		p.o.Status.Well--
	}
	n.Well, n.Message = false, nodeIsReplaced
	_, err := p.r.Remove(ctx, "server", n.ID)
	return err
}

// next is the number of the node to replace, -1 while none may be: one that is lost anyway, else one without the address, and
// only when all others serve.
func next(nodes []BalancerNode) int {
	at, serving := -1, 0
	for i, n := range nodes {
		if n.Message == nodeIsReplaced {
			return -1
		}
		serving += bit(n.Well)
		if !n.Updated && (at < 0 || worth(n) < worth(nodes[at])) {
			at = i
		}
	}
	if at < 0 || worth(nodes[at]) == 0 || len(nodes) == 1 {
		return at
	}
	if nodes[at].Leads || serving-bit(nodes[at].Well) < len(nodes)-1 {
		return -1
	}
	return at
}

// worth is how much would be lost with a node; 0: nothing.
func worth(n BalancerNode) int {
	if !n.Well && n.Message != nodeIsBooting {
		return 0
	}
	return 1 + bit(n.Well) + bit(n.Leads)
}

// judge tells whether it is all as wanted; waits is what the address waits for.
func (p haproxyNodes) judge(g *NodeGroup, waits string) resource.Result {
	o := p.o
	res := resource.Result{Again: time.Second, Progress: 10 + 80*o.Status.Well/o.Spec.Nodes}
	old := slices.IndexFunc(o.Status.Nodes, func(n BalancerNode) bool { return !n.Updated })
	ill := slices.IndexFunc(o.Status.Nodes, func(n BalancerNode) bool { return !n.Well })
	switch {
	case len(o.Status.Nodes) != o.Spec.Nodes || !g.Settled():
		res.Message = "its nodes: " + cmp.Or(g.Condition("Ready").Message, "they are made")
	case ill >= 0:
		res.Message = "node " + o.Status.Nodes[ill].Name + ": " + o.Status.Nodes[ill].Message
	case old >= 0:
		res.Message = "node " + o.Status.Nodes[old].Name + " does not know of the last change yet"
	case waits != "":
		res.Message = "its address: " + waits
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
		SecurityGroups: []string{securityGroup}, UserData: string(userData), AntiAffinity: "soft", UpdatePolicy: updateManual,
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
