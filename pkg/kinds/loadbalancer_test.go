package kinds_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// ConsoleLog is what the test has made a guest say.
func (s *site) ConsoleLog(_ context.Context, host, id string, _ int) (out []byte, err error) {
	err = s.call("ConsoleLog", host, func() error {
		if s.consoles[id] == "" {
			return provider.Errorf(provider.ReasonNotFound, "", "the guest has said nothing")
		}
		out = []byte(s.consoles[id])
		return nil
	})
	return out, err
}

// balancerRig is a rig whose host gives addresses out, with an appliance and a group web of two servers.
type balancerRig struct {
	*rig
	silent atomic.Bool // nothing answers at the floating address
	asked  atomic.Value
}

func newBalancerRig(t *testing.T) *balancerRig {
	t.Helper()
	b := &balancerRig{}
	b.rig = newRigWith(t, kinds.Backends{Ask: func(_ context.Context, url string) error {
		b.asked.Store(url)
		if b.silent.Load() {
			return errors.New("no route to host")
		}
		return nil
	}})
	b.ready(b.make("host", "", "kvm1", `{"site":"north","schedulable":true,"cpuOvercommit":4,"floatingCIDRs":["203.0.113.8/30"]}`))
	sha := strings.Repeat("cd", 32)
	b.ready(b.make("image", "", "plaza-appliance-1", `{"format":"qcow2","disk":{"url":"file:///images/`+sha+`","sha256":"`+sha+`","bytes":1}}`))
	b.ready(b.make("nodegroup", "p", "web", groupSpec(2, "")))
	return b
}

func balancer(more string) string {
	return `{"network":"net","flavor":"small","bootSeconds":1,"listeners":[{"name":"web","port":80,"members":{"nodegroup":"web","port":8080},"check":{"path":"/well"}}]` + more + `}`
}

func (b *balancerRig) balancer() *kinds.LoadBalancer {
	b.t.Helper()
	o, err := resource.As[kinds.LoadBalancerSpec, kinds.LoadBalancerStatus](b.get("loadbalancer", "p", "shop"))
	require.NoError(b.t, err)
	return &o
}

// told is the seed of a node, with HAProxy's configuration in it.
func (b *balancerRig) told(node string) string {
	id := b.server(node).ID
	b.site.mu.Lock()
	defer b.site.mu.Unlock()
	return b.site.wanted[id].Seed.UserData
}

// ids are the servers of the nodes.
func (b *balancerRig) ids() []string {
	var out []string
	for _, n := range b.balancer().Status.Nodes {
		out = append(out, n.ID)
	}
	return out
}

func (b *balancerRig) leader() string {
	for _, n := range b.balancer().Status.Nodes {
		if n.Leads {
			return n.Name
		}
	}
	return ""
}

func TestLoadBalancerIsMadeAndGoes(t *testing.T) {
	t.Parallel()
	b := newBalancerRig(t)
	b.ready(b.make("server", "p", "db", serverSpec))
	spec := balancer(`,"public":true`)
	spec = strings.Replace(spec, `"listeners":[`, `"listeners":[{"name":"db","port":5432,"protocol":"tcp","algorithm":"least-connections","members":{"servers":["db"],"port":5433}},`, 1)
	b.ready(b.make("loadbalancer", "p", "shop", spec))
	o := b.balancer()
	require.Equal(t, "plaza-appliance-1", o.Spec.Image)
	require.Equal(t, "haproxy", o.Status.Way)
	require.Equal(t, 2, o.Status.Well)
	require.Equal(t, "203.0.113.8", o.Status.Address)
	require.Equal(t, []string{b.server("shop-lb-0").Status.Address, b.server("shop-lb-1").Status.Address}, o.Status.Addresses)
	require.Equal(t, "net "+b.server(b.leader()).Status.Address, b.leads("203.0.113.8"))
	require.Equal(t, "http://203.0.113.8:8404/plaza/"+o.ID, b.asked.Load())
	require.Equal(t, []kinds.ListenerStatus{
		{Name: "web", Port: 80, Members: []kinds.BalancedMember{{Name: "web-0", Address: b.server("web-0").Status.Address, Port: 8080}, {Name: "web-1", Address: b.server("web-1").Status.Address, Port: 8080}}},
		{Name: "db", Port: 5432, Members: []kinds.BalancedMember{{Name: "db", Address: b.server("db").Status.Address, Port: 5433}}},
	}, o.Status.Listeners)
	told := b.told("shop-lb-0")
	require.True(t, strings.HasPrefix(told, "#cloud-config\n"), told)
	for _, line := range []string{`"hostname": "shop-lb-0"`, "server web-0 " + b.server("web-0").Status.Address + ":8080", "server db " + b.server("db").Status.Address + ":5433", "monitor-uri /plaza/" + o.ID, "uri /well"} {
		require.Contains(t, told, line)
	}
	group, err := resource.As[kinds.SecurityGroupSpec, kinds.SecurityGroupStatus](b.get("securitygroup", "p", "shop-lb"))
	require.NoError(t, err)
	require.Equal(t, []string{group.ID}, b.server("shop-lb-0").Spec.SecurityGroups)
	var open []int
	for _, r := range group.Spec.Rules {
		open = append(open, r.FromPort)
	}
	require.Equal(t, []int{80, 5432, 8404}, open)
	for kind, name := range map[string]string{"nodegroup": "shop-lb", "securitygroup": "shop-lb", "floatingip": "shop-lb"} {
		require.Equal(t, o.ID, b.get(kind, "p", name).Owner.ID)
	}

	for kind, name := range map[string]string{"nodegroup": "web", "server": "db", "network": "net"} {
		_, err := b.Delete(t.Context(), resource.Request{Kind: kind, Project: "p", ID: name, Actor: admin})
		b.problem(resource.ReasonInUse, err)
	}
	b.ready(b.make("loadbalancer", "p", "shop", strings.Replace(spec, `"public":true`, `"public":false`, 1)))
	b.gone("floatingip", "p", "shop-lb")
	require.Empty(t, b.balancer().Status.Address)
	require.Empty(t, b.site.floating)

	sha := strings.Repeat("de", 32)
	b.ready(b.make("image", "", "plaza-appliance-2", `{"format":"qcow2","disk":{"url":"file:///images/`+sha+`","sha256":"`+sha+`","bytes":1}}`))
	b.ready(b.make("loadbalancer", "p", "shop", spec))
	require.Equal(t, "plaza-appliance-1", b.balancer().Spec.Image, "a newer image does not replace its nodes unasked")
	require.Equal(t, o.Status.Addresses, b.balancer().Status.Addresses)
	before := len(b.site.servers)
	b.remove("loadbalancer", "p", "shop")
	b.gone("loadbalancer", "p", "shop")
	for _, kind := range []string{"nodegroup", "securitygroup", "floatingip"} {
		b.gone(kind, "p", "shop-lb")
	}
	require.Len(t, b.site.servers, before-2)
	require.Empty(t, b.site.floating)
	b.exact()
}

// TestLoadBalancerFollowsItsMembers restarts and replaces members, which changes nothing, and adds one, which the nodes are
// told of one after another, while the address is always on one that runs.
func TestLoadBalancerFollowsItsMembers(t *testing.T) {
	t.Parallel()
	b := newBalancerRig(t)
	b.ready(b.make("loadbalancer", "p", "shop", balancer(`,"public":true`)))
	first, generation := b.ids(), b.get("nodegroup", "p", "shop-lb").Generation
	b.remove("server", "p", "web-0")
	b.eventually("the member is made anew", func() bool { g := b.group("web"); return g.Settled() && g.Status.Ready == 2 })
	b.ready(b.make("loadbalancer", "p", "shop", balancer(`,"public":true,"nodes":2`)))
	require.NoError(t, b.Touch(t.Context(), "loadbalancer", b.balancer().ID, "the test"))
	time.Sleep(300 * time.Millisecond)
	require.Equal(t, first, b.ids(), "a member at the same address is the same")
	require.Equal(t, generation, b.get("nodegroup", "p", "shop-lb").Generation)

	b.ready(b.make("nodegroup", "p", "web", groupSpec(3, "")))
	require.NoError(t, b.Touch(t.Context(), "loadbalancer", b.balancer().ID, "the test"))
	fewest, astray := 2, 0
	b.eventually("the nodes are replaced", func() bool {
		b.site.with(func() {
			running := 0
			for key, s := range b.site.servers {
				if strings.HasPrefix(b.site.wanted[key[1]].Name, "shop-lb-") && s.Power == provider.PowerRunning {
					running++
				}
			}
			fewest = min(fewest, running)
			for _, n := range b.site.networks {
				for _, f := range n.Floating {
					if !slices.ContainsFunc(n.Leases, func(l provider.Lease) bool { return l.Address == f.Inside && strings.HasPrefix(l.Name, "shop-lb-") }) {
						astray++
					}
				}
			}
		})
		o := b.balancer()
		return o.Settled() && o.Status.Well == 2 && !slices.Contains(b.ids(), first[0]) && !slices.Contains(b.ids(), first[1])
	})
	require.Equal(t, 1, fewest, "one after another")
	require.Zero(t, astray)
	for _, node := range []string{"shop-lb-0", "shop-lb-1"} {
		require.Contains(t, b.told(node), "server web-2 "+b.server("web-2").Status.Address+":8080")
	}
	b.exact()
}

// lose makes a node's domain vanish and keeps it from coming back.
func (b *balancerRig) lose(name string) {
	s := b.server(name)
	b.site.setFault(func(_ int, method, at string) error {
		if method == "EnsureServer:"+name && at == "before" {
			return provider.Errorf(provider.ReasonUnavailable, "", "the host has no memory left")
		}
		return nil
	})
	b.site.with(func() { delete(b.site.servers, [2]string{s.Status.Host, s.ID}) })
	require.NoError(b.t, b.Touch(b.t.Context(), "server", s.ID, "the host tells that it ended"))
}

// both are the node with the address and the other one.
func (b *balancerRig) both() (leader, other string) {
	b.t.Helper()
	leader = b.leader()
	require.NotEmpty(b.t, leader)
	return leader, map[string]string{"shop-lb-0": "shop-lb-1", "shop-lb-1": "shop-lb-0"}[leader]
}

func TestTheAddressLeavesANodeThatIsLost(t *testing.T) {
	t.Parallel()
	b := newBalancerRig(t)
	b.ready(b.make("loadbalancer", "p", "shop", balancer(`,"public":true`)))
	first, other := b.both()
	b.lose(first)
	b.eventually("the address is on the other", func() bool { return b.leads("203.0.113.8") == "net "+b.server(other).Status.Address })
	b.eventually("it tells of it", func() bool {
		o := b.balancer()
		return o.Phase == resource.PhaseDegraded && o.Status.Well == 1 && b.leader() == other
	})
	b.site.setFault(nil)
	b.eventually("it is whole again", func() bool { o := b.balancer(); return o.Settled() && o.Status.Well == 2 })
	require.Equal(t, other, b.leader(), "the address does not move for nothing")
	require.Equal(t, "203.0.113.8", b.balancer().Status.Address)
}

func TestTheAddressLeavesANodeThatFallsSilent(t *testing.T) {
	t.Parallel()
	b := newBalancerRig(t)
	b.ready(b.make("loadbalancer", "p", "shop", balancer(`,"public":true`)))
	first, other := b.both()
	require.NotEmpty(t, b.balancer().Status.Answered)
	b.silent.Store(true)
	b.eventually("the address leaves it", func() bool {
		if err := b.Touch(t.Context(), "loadbalancer", b.balancer().ID, "the test"); err != nil {
			return false
		}
		return b.leader() == other
	})
	for range 20 { // the other one has never answered: this control plane may not reach it, which says nothing of the node
		require.NoError(t, b.Touch(t.Context(), "loadbalancer", b.balancer().ID, "the test"))
		time.Sleep(20 * time.Millisecond)
	}
	o := b.balancer()
	require.Equal(t, other, b.leader())
	for _, n := range o.Status.Nodes {
		require.Equal(t, n.Name == first, n.Silent)
	}
	require.Equal(t, 1, o.Status.Well)
	require.Equal(t, resource.PhaseDegraded, o.Phase)
}

// TestANodeIsWellWhenItsConsoleSaysSo lets nodes boot at a pace of their own, which no clock knows.
func TestANodeIsWellWhenItsConsoleSaysSo(t *testing.T) {
	t.Parallel()
	b := newBalancerRig(t)
	say := func(node, text string) {
		id := b.server(node).ID
		b.site.with(func() { b.site.consoles[id] += text })
	}
	well := func(node string) bool {
		nodes := b.balancer().Status.Nodes
		i := slices.IndexFunc(nodes, func(n kinds.BalancerNode) bool { return n.Name == node })
		return i >= 0 && nodes[i].Well
	}
	b.site.with(func() { b.site.consoles = map[string]string{} })
	b.make("loadbalancer", "p", "shop", strings.Replace(balancer(""), `"bootSeconds":1`, `"bootSeconds":6`, 1))
	for _, node := range []string{"shop-lb-0", "shop-lb-1"} {
		b.eventually("it is made", func() bool {
			_, err := b.View(resource.Everything).Get(t.Context(), "server", "p", node)
			return err == nil
		})
		say(node, "plaza-init: init t=0.91\n")
	}
	say("shop-lb-0", "plaza-init: READY t=3.10\n")
	b.eventually("the first is well", func() bool { return well("shop-lb-0") })
	time.Sleep(7 * time.Second)
	require.False(t, well("shop-lb-1"), "it has begun and not said that it is up, however long that takes")
	say("shop-lb-1", "plaza-init: READY t=7.77\n")
	b.eventually("both are", func() bool { return b.balancer().Settled() })

	first := b.server("shop-lb-0")
	b.site.with(func() { delete(b.site.servers, [2]string{first.Status.Host, first.ID}) })
	time.Sleep(time.Second) // a start is told apart by its second
	require.NoError(t, b.Touch(t.Context(), "server", first.ID, "the host tells that it ended"))
	b.eventually("it is started anew", func() bool { return !b.server("shop-lb-0").Status.Since.Equal(*first.Status.Since) })
	b.eventually("what its console said before does not count", func() bool { return b.balancer().Status.Nodes[0].Message == "it boots" })
	say("shop-lb-0", "plaza-init: init t=0.93\nplaza-init: READY t=3.12\n")
	b.eventually("it is well at once", func() bool { return well("shop-lb-0") })
	require.Less(t, time.Since(*b.server("shop-lb-0").Status.Since), 6*time.Second)
}

// TestLoadBalancerUnderFaults makes one and removes it while calls fail before and after their effect.
func TestLoadBalancerUnderFaults(t *testing.T) {
	t.Parallel()
	b := newBalancerRig(t)
	b.site.setFault(func(n int, _, _ string) error {
		if n%5 == 0 {
			return provider.Errorf(provider.ReasonUnavailable, "", "the agent went away")
		}
		return nil
	})
	b.ready(b.make("loadbalancer", "p", "shop", balancer(`,"public":true`)))
	require.Equal(t, "net "+b.server(b.leader()).Status.Address, b.leads(b.balancer().Status.Address))
	b.remove("loadbalancer", "p", "shop")
	b.gone("loadbalancer", "p", "shop")
	require.Len(t, b.site.servers, 2)
	require.Empty(t, b.site.floating)
	b.exact()
}

func TestLoadBalancerWaitsForItsFirstMembers(t *testing.T) {
	t.Parallel()
	b := newBalancerRig(t)
	b.site.setFault(func(_ int, method, at string) error {
		if method == "EnsureServer:late-1" && at == "before" {
			return provider.Errorf(provider.ReasonUnavailable, "", "the host has no memory left")
		}
		return nil
	})
	b.make("nodegroup", "p", "late", groupSpec(2, ""))
	b.make("loadbalancer", "p", "shop", strings.Replace(balancer(""), `"nodegroup":"web"`, `"nodegroup":"late"`, 1))
	b.eventually("it says so", func() bool { return b.balancer().Condition("Ready").Message == "waiting for nodegroup late" })
	require.NotNil(t, b.balancer().Status.WaitingSince)
	b.site.setFault(nil)
	b.eventually("and goes on", func() bool { return b.balancer().Settled() })
	require.Len(t, b.balancer().Status.Listeners[0].Members, 2)
	require.Equal(t, "1", fmt.Sprint(b.get("nodegroup", "p", "shop-lb").Generation), "nodes were made once")
}

func TestLoadBalancersAreRefusedWithReasonAndHint(t *testing.T) {
	t.Parallel()
	b := newBalancerRig(t)
	b.ready(b.make("network", "p", "other", `{"cidr":"10.2.0.0/24"}`))
	b.ready(b.make("server", "p", "away", `{"flavor":"small","image":"busybox","network":"other"}`))
	b.ready(b.make("flavor", "", "speck", `{"vcpus":1,"memoryMiB":64,"diskGiB":1}`))
	sha := strings.Repeat("ef", 32)
	b.ready(b.make("image", "", "big", `{"format":"qcow2","minMemoryMiB":256,"disk":{"url":"file:///images/`+sha+`","sha256":"`+sha+`","bytes":1}}`))
	for name, c := range map[string]struct{ from, to, path string }{
		"no flavor":             {`"flavor":"small"`, `"flavor":"none"`, "spec.flavor"},
		"no network":            {`"network":"net"`, `"network":"none"`, "spec.network"},
		"no image":              {`"flavor":"small"`, `"flavor":"small","image":"none"`, "spec.image"},
		"too small":             {`"flavor":"small"`, `"flavor":"speck","image":"big"`, "spec.flavor"},
		"no such group":         {`"nodegroup":"web"`, `"nodegroup":"none"`, "spec.listeners[0].members.nodegroup"},
		"no members":            {`"nodegroup":"web",`, ``, "spec.listeners[0].members"},
		"both":                  {`"nodegroup":"web"`, `"nodegroup":"web","servers":["away"]`, "spec.listeners[0].members"},
		"another network":       {`"nodegroup":"web"`, `"servers":["away"]`, "spec.listeners[0].members.servers[0]"},
		"a group's server":      {`"nodegroup":"web"`, `"servers":["web-0"]`, "spec.listeners[0].members.servers[0]"},
		"port twice":            {`"listeners":[`, `"listeners":[{"name":"a","port":80,"members":{"nodegroup":"web","port":1}},`, "spec.listeners[1].port"},
		"the health port":       {`"port":80,`, `"port":8404,`, "spec.listeners[0].port"},
		"name twice":            {`"listeners":[`, `"listeners":[{"name":"web","port":81,"members":{"nodegroup":"web","port":1}},`, "spec.listeners[1].name"},
		"path":                  {`"/well"`, `"/we ll"`, "spec.listeners[0].check.path"},
		"too many nodes":        {`"flavor":"small"`, `"flavor":"small","nodes":4`, "spec.nodes"},
		"an address outside":    {`"flavor":"small"`, `"flavor":"small","addresses":["10.9.0.4"]`, "spec.addresses[0]"},
		"more addresses":        {`"flavor":"small"`, `"flavor":"small","nodes":1,"addresses":["10.1.0.50","10.1.0.51"]`, "spec.addresses[1]"},
		"listeners are missing": {balancer("")[strings.Index(balancer(""), `"listeners"`):], `"listeners":[]}`, "spec.listeners"},
	} {
		t.Run(name, func(t *testing.T) {
			spec := strings.Replace(balancer(""), c.from, c.to, 1)
			require.NotEqual(t, balancer(""), spec)
			require.Equal(t, c.path, b.refused(resource.ReasonInvalid, "loadbalancer", "p", "shop", spec).Fields[0].Path)
		})
	}
	b.ready(b.make("securitygroup", "p", "shop-lb", `{}`))
	require.Contains(t, b.refused(resource.ReasonAlreadyExists, "loadbalancer", "p", "shop", balancer("")).Hint, "choose another name")
	b.remove("securitygroup", "p", "shop-lb")
	b.gone("securitygroup", "p", "shop-lb")
	b.ready(b.make("host", "", "kvm1", `{"site":"north","schedulable":true,"cpuOvercommit":4}`))
	require.Contains(t, b.refused(resource.ReasonInvalid, "loadbalancer", "p", "shop", balancer(`,"public":true`)).Hint, "publish ports instead")
	b.ready(b.make("loadbalancer", "p", "shop", balancer("")))
	require.Equal(t, "spec.listeners[0].members.nodegroup", b.refused(resource.ReasonInvalid, "loadbalancer", "p", "other", strings.Replace(balancer(""), `"nodegroup":"web"`, `"nodegroup":"shop-lb"`, 1)).Fields[0].Path)
}
