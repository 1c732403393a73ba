package kinds

import (
	"context"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// ServerGroupSpec says how the servers of a group stand to each other.
type ServerGroupSpec struct {
	Policy pool.Policy `json:"policy" enum:"anti-affinity,soft-anti-affinity,affinity,soft-affinity" doc:"On hypervisors of their own or on one; the soft ones where that can be. It is kept for ever"`
}

// ServerGroupStatus lists the servers, and the places that know of the group.
type ServerGroupStatus struct {
	Members []GroupServer `json:"members,omitempty"`
	Places  []string      `json:"places,omitempty" doc:"Ids of the hosts and regions that have or had servers of the group"`
	Host    string        `json:"host,omitempty" doc:"By affinity: id of the host or region that its servers stay in"`
}

// GroupServer is a server of a server group.
type GroupServer struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Host     string `json:"host,omitempty" doc:"Id of the host or region"`
	HostName string `json:"hostName,omitempty"`
	Node     string `json:"node,omitempty" doc:"Hypervisor within a region"`
}

// ServerGroup keeps servers apart or together.
type ServerGroup = resource.Object[ServerGroupSpec, ServerGroupStatus]

func serverGroupKind(b Backends) resource.Kind[ServerGroupSpec, ServerGroupStatus] {
	return resource.Kind[ServerGroupSpec, ServerGroupStatus]{
		Name: "servergroup", Plural: "servergroups", Doc: "Servers that are kept on hypervisors of their own, or on one.",
		Columns: []resource.Column{{Header: "POLICY", Path: "spec.policy"}, {Header: "SERVERS", Path: "status.members.name"}, {Header: "NODES", Path: "status.members.node"}},
		Indexed: []string{"status.places"},
		Charge:  func(*ServerGroup) resource.Charges { return resource.Charges{"server_groups": 1} },
		Validate: func(_ context.Context, _ *resource.Admission, old, o *ServerGroup) error {
			if !slices.Contains([]pool.Policy{pool.AntiAffinity, pool.SoftAntiAffinity, pool.Affinity, pool.SoftAffinity}, o.Spec.Policy) {
				return resource.Invalid("servergroup", "spec.policy", o.Spec.Policy, "is anti-affinity, soft-anti-affinity, affinity or soft-affinity")
			}
			if old != nil && old.Spec.Policy != o.Spec.Policy {
				return resource.Invalid("servergroup", "spec.policy", o.Spec.Policy, "a group keeps its policy; make a new group")
			}
			return nil
		},
		ValidateDelete: func(ctx context.Context, a *resource.Admission, o *ServerGroup) error {
			return refuseInUse(ctx, a, o.Meta, "server", "spec.serverGroup")
		},
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *ServerGroup) (resource.Result, error) {
			return reconcileServerGroup(ctx, b, r, o)
		},
		Delete: func(ctx context.Context, _ *resource.Reconciliation, o *ServerGroup) (resource.Result, error) {
			return resource.Result{Done: true}, forgetGroup(ctx, b, o, nil)
		},
	}
}

// reconcileServerGroup writes down who is where. It runs under the group's lease, and a server is made only where the group
// has it written down; so two servers of one group agree on its place, and no place keeps a group that nobody is left of.
func reconcileServerGroup(ctx context.Context, b Backends, r *resource.Reconciliation, o *ServerGroup) (resource.Result, error) {
	if b.Driver == nil {
		return resource.Result{}, errDriverless
	}
	list, err := users(ctx, r, "server", "spec.serverGroup", o.ID)
	if err != nil {
		return resource.Result{}, err
	}
	o.Status.Members = nil
	var places []string
	for _, raw := range list {
		s, err := resource.As[ServerSpec, ServerStatus](raw)
		if err != nil {
			return resource.Result{}, err
		}
		if s.Status.Gone {
			continue
		}
		o.Status.Members = append(o.Status.Members, memberOf(&s))
		if s.Status.Host != "" && !slices.Contains(places, s.Status.Host) {
			places = append(places, s.Status.Host)
		}
	}
	o.Status.Host = stays(o, places)
	if err := forgetGroup(ctx, b, o, places); err != nil {
		return resource.Result{}, err
	}
	o.Status.Places = places
	return resource.Result{Done: true}, nil
}

func memberOf(s *Server) GroupServer {
	return GroupServer{ID: s.ID, Name: s.Name, Host: s.Status.Host, HostName: s.Status.HostName, Node: s.Status.Node}
}

// stays is where a group with affinity stays: where it is as long as a server is there, else where its first server went.
func stays(o *ServerGroup, places []string) string {
	switch {
	case o.Spec.Policy != pool.Affinity || len(places) == 0:
		return ""
	case slices.Contains(places, o.Status.Host):
		return o.Status.Host
	}
	return places[0]
}

// forgetGroup makes places forget the group that have no server of it any more.
func forgetGroup(ctx context.Context, b Backends, o *ServerGroup, needed []string) error {
	for _, place := range o.Status.Places {
		if slices.Contains(needed, place) {
			continue
		}
		if err := b.Driver.DeleteServerGroup(ctx, place, o.ID); err != nil && !provider.IsNotFound(err) {
			return Explain("servergroup", err)
		}
	}
	return nil
}

// join waits until the server's group has written down where the server is; one that was placed elsewhere than the group
// stays is placed anew. Nil: go on.
func (p serverPass) join(ctx context.Context) (*resource.Result, error) {
	if p.o.Spec.ServerGroup == "" {
		return nil, nil
	}
	g, err := find[ServerGroupSpec, ServerGroupStatus](ctx, p.r, "servergroup", p.o.Project, p.o.Spec.ServerGroup, "spec.serverGroup", "server")
	if err != nil {
		return nil, err
	}
	if g.Status.Host != "" && g.Status.Host != p.o.Status.Host {
		res, err := p.follow(ctx, "server group "+g.Name)
		return &res, err
	}
	i := slices.IndexFunc(g.Status.Members, func(m GroupServer) bool { return m.ID == p.o.ID })
	if i >= 0 && g.Status.Members[i] == memberOf(p.o) {
		return nil, nil
	}
	p.tellGroup()
	if p.o.Status.Power != "" || i >= 0 && g.Status.Members[i].Host == p.o.Status.Host {
		return nil, nil // it is only told of what changed
	}
	return &resource.Result{Again: 50 * time.Millisecond, Progress: 15, Message: "waiting for server group " + g.Name}, nil
}

// group is what the driver is told of the server's group.
func (p serverPass) group(ctx context.Context) (*provider.ServerGroup, error) {
	if p.o.Spec.ServerGroup == "" {
		return nil, nil
	}
	g, err := find[ServerGroupSpec, ServerGroupStatus](ctx, p.r, "servergroup", p.o.Project, p.o.Spec.ServerGroup, "spec.serverGroup", "server")
	return &provider.ServerGroup{ID: g.ID, Policy: string(g.Spec.Policy)}, err
}

func (p serverPass) tellGroup() {
	if p.o.Spec.ServerGroup == "" {
		return
	}
	p.r.Touch("servergroup", p.o.Spec.ServerGroup, "server "+p.o.Name+" has changed its place")
}
