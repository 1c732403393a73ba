package kinds

import (
	"context"
	"time"

	"github.com/plazacloud/plaza/pkg/resource"
)

// LoadBalancerSpec is what is to be spread over whom, and by how many nodes.
type LoadBalancerSpec struct {
	Network   string         `json:"network" doc:"Network of its nodes and of its members, by name or id; kept as its id"`
	Flavor    string         `json:"flavor" doc:"Flavor of its nodes; a small one is enough"`
	Image     string         `json:"image,omitempty" doc:"Image of its nodes, with HAProxy under plaza-init; default plaza-appliance, or the newest whose name begins with plaza-appliance- when it is made"`
	Nodes     int            `json:"nodes,omitempty" minimum:"1" maximum:"3" doc:"How many nodes; default 2. With one, nothing serves while it is replaced"`
	Addresses []string       `json:"addresses,omitempty" maxItems:"3" doc:"Fixed addresses of the nodes in the network, by number, for those who ask from within it; given out otherwise"`
	Public    bool           `json:"public,omitempty" doc:"Whether it has a floating address, which leads to one node and moves when that is lost"`
	Listeners []ListenerSpec `json:"listeners" minItems:"1" maxItems:"16" doc:"What it takes in, and where that goes"`

	BootSeconds int `json:"bootSeconds,omitempty" minimum:"1" maximum:"600" doc:"When a node is taken for booted that can neither be heard nor seen to be; default 60"`
}

// ListenerSpec is a port, and the members that answer for it.
type ListenerSpec struct {
	Name      string      `json:"name" pattern:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" maxLength:"32" doc:"Of the listener, unique in the load balancer"`
	Port      int         `json:"port" minimum:"1" maximum:"65535" doc:"That it takes calls at"`
	Protocol  string      `json:"protocol,omitempty" enum:"http,tcp" doc:"Default http, which tells members of the caller in X-Forwarded-For"`
	Algorithm string      `json:"algorithm,omitempty" enum:"round-robin,least-connections,source" doc:"How a member is chosen; source keeps a caller with one; default round-robin"`
	Members   MembersSpec `json:"members" doc:"Who serves what comes in"`
	Check     CheckSpec   `json:"check,omitempty" doc:"How members are asked whether they are well"`
}

// MembersSpec names who answers: the servers of a node group, or single ones.
type MembersSpec struct {
	NodeGroup string   `json:"nodegroup,omitempty" doc:"Name or id, kept as its id; its servers are followed as it grows, shrinks and replaces them"`
	Servers   []string `json:"servers,omitempty" maxItems:"64" doc:"Names or ids, kept as ids, of servers that are in no node group"`
	Port      int      `json:"port" minimum:"1" maximum:"65535" doc:"Port that they listen on; their security groups must let the network in"`
}

// CheckSpec says how members are asked whether they are well.
type CheckSpec struct {
	Path     string `json:"path,omitempty" maxLength:"256" doc:"GET it and want 2xx or 3xx; empty to connect only"`
	Interval int    `json:"interval,omitempty" minimum:"1" maximum:"300" doc:"Seconds from one question to the next; default 5"`
	Timeout  int    `json:"timeout,omitempty" minimum:"1" maximum:"60" doc:"Seconds to wait for the answer; default 3"`
	Rise     int    `json:"rise,omitempty" minimum:"1" maximum:"10" doc:"Answers in a row that bring a member back; default 2"`
	Fall     int    `json:"fall,omitempty" minimum:"1" maximum:"10" doc:"Failures in a row that take a member out; default 3"`
}

// LoadBalancerStatus tells where it answers, by which nodes, and whom these know.
type LoadBalancerStatus struct {
	Way          string           `json:"way,omitempty" doc:"How it is brought about: haproxy, by nodes of its own"`
	Address      string           `json:"address,omitempty" doc:"Floating address"`
	Addresses    []string         `json:"addresses,omitempty" doc:"Addresses of the nodes within the network; each of them serves"`
	Well         int              `json:"well" doc:"Nodes that are well"`
	Nodes        []BalancerNode   `json:"nodes,omitempty"`
	Listeners    []ListenerStatus `json:"listeners,omitempty"`
	WaitingSince *time.Time       `json:"waitingSince,omitempty" doc:"Members have changed since then, and the nodes are not told yet as more may change"`
	Answered     string           `json:"answered,omitempty" doc:"Id of the node that has answered this control plane at the floating address"`
	Silences     int              `json:"silences,omitempty" doc:"How often in a row it has not answered since"`
}

// BalancerNode is a server that balances.
type BalancerNode struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	Address string     `json:"address,omitempty"`
	Leads   bool       `json:"leads,omitempty" doc:"The floating address leads to it"`
	Well    bool       `json:"well"`
	Message string     `json:"message,omitempty" doc:"Why it is not"`
	Updated bool       `json:"updated" doc:"It knows of the last change"`
	Since   *time.Time `json:"since,omitempty" doc:"When it was started"`
	Silent  bool       `json:"silent,omitempty" doc:"It ceased to answer at the floating address, and was not started anew since"`
	Before  string     `json:"before,omitempty" doc:"What its console said of an earlier start"`
}

// ListenerStatus is whom the nodes know of for a listener; HAProxy's own checks leave out those that are not well.
type ListenerStatus struct {
	Name    string           `json:"name"`
	Port    int              `json:"port"`
	Members []BalancedMember `json:"members,omitempty"`
}

// BalancedMember is a server that answers for a listener.
type BalancedMember struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	Port    int    `json:"port"`
}

// LoadBalancer spreads what comes to its ports over servers.
//
// Its nodes learn of a change by being replaced, one after another: the next one goes when all others serve, and the one with
// the address last. So one of two always serves, and a change takes as long as the nodes take to boot. Changes of members
// are therefore gathered: while servers are only restarted, or replaced at the same addresses, nothing happens but HAProxy's
// own checks. Telling running nodes, without replacing them, would be a matter of this way alone.
type LoadBalancer = resource.Object[LoadBalancerSpec, LoadBalancerStatus]

func loadBalancerKind(b Backends) resource.Kind[LoadBalancerSpec, LoadBalancerStatus] {
	return resource.Kind[LoadBalancerSpec, LoadBalancerStatus]{
		Name: "loadbalancer", Plural: "loadbalancers", Doc: "Ports whose traffic is spread over servers, by nodes with HAProxy that stand in for each other.",
		Columns: []resource.Column{{Header: "ADDRESS", Path: "status.address"}, {Header: "PORTS", Path: "spec.listeners.port"}, {Header: "NODES", Path: "spec.nodes"},
			{Header: "WELL", Path: "status.well"}, {Header: "NODE ADDRESSES", Path: "status.addresses"}, {Header: "MEMBERS", Path: "status.listeners.members.name"}},
		Indexed:  []string{"spec.network", "spec.listeners.members.nodegroup", "spec.listeners.members.servers", "status.address"},
		Charge:   func(*LoadBalancer) resource.Charges { return resource.Charges{"loadbalancers": 1} },
		Meter:    func(*LoadBalancer) resource.Measures { return resource.Measures{"loadbalancers": 1} },
		Forecast: forecastLoadBalancer,
		Default:  defaultLoadBalancer,
		Validate: validateLoadBalancer,
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *LoadBalancer) (resource.Result, error) {
			return balancerPass{b, r, o}.reconcile(ctx)
		},
		// Nodes, security group and floating address belong to it and go before it: the address leaves its node, then the
		// nodes go, then the group that they used.
		Delete: func(context.Context, *resource.Reconciliation, *LoadBalancer) (resource.Result, error) {
			return resource.Result{Done: true}, nil
		},
	}
}

func forecastLoadBalancer(ctx context.Context, r resource.Reader, o *LoadBalancer) (resource.Charges, error) {
	c, err := forecastServers(ctx, r, o.Spec.Flavor, o.Spec.Nodes)
	if err != nil {
		return nil, err
	}
	c["loadbalancers"], c["nodegroups"], c["server_groups"], c["security_groups"] = 1, 1, 1, 1
	if o.Spec.Public {
		c["floating_ips"] = 1
	}
	return c, nil
}
