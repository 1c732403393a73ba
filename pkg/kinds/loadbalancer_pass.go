package kinds

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/resource"
)

const (
	// balancerEvery is how often a load balancer that is ready looks at its members.
	balancerEvery = 10 * time.Second
	// memberPatience is how long nodes are not told of members that are still changing.
	memberPatience = 2 * time.Minute
)

// balancerPass is one reconciliation of a load balancer.
type balancerPass struct {
	Backends
	r *resource.Reconciliation
	o *LoadBalancer
}

// balancing is a way to bring a load balancer about in its place, once its members are known. It writes address, nodes and
// how well they are into the status. What it makes belongs to the object, and so goes with it.
type balancing interface {
	name() string
	bring(ctx context.Context) (resource.Result, error)
}

// way chooses how: a place with a load-balancer service of its own would be a second one, kept once it is in the status.
func (p balancerPass) way() balancing { return haproxyNodes{p} }

func (p balancerPass) reconcile(ctx context.Context) (resource.Result, error) {
	o := p.o
	fresh, moving, err := p.members(ctx)
	if err != nil {
		return resource.Result{}, err
	}
	waits := learn(o, fresh, moving, time.Now())
	if waits && o.Status.Listeners == nil {
		return resource.Result{Again: time.Second, Progress: 5, Message: "waiting for " + strings.Join(moving, ", ")}, nil
	}
	way := p.way()
	o.Status.Way = way.name()
	res, err := way.bring(ctx)
	switch {
	case err != nil:
		return res, err
	case waits:
		o.SetCondition(resource.Condition{Type: "Members", Status: resource.False, Reason: "Changing", Message: "the nodes are told when these have settled: " + strings.Join(moving, ", ")})
	default:
		o.SetCondition(resource.Condition{Type: "Members", Status: resource.True, Reason: "Told"})
	}
	if res.Done {
		res.Again = balancerEvery
		if waits || o.Status.Silences > 0 {
			res.Again = time.Second
		}
	}
	return res, nil
}

// members are who answers for each listener now, and what of them is still changing.
func (p balancerPass) members(ctx context.Context) (all []ListenerStatus, moving []string, err error) {
	all = []ListenerStatus{}
	for _, l := range p.o.Spec.Listeners {
		s := ListenerStatus{Name: l.Name, Port: l.Port}
		if l.Members.NodeGroup != "" {
			err = p.groupMembers(ctx, l.Members, &s, &moving)
		} else {
			err = p.singleMembers(ctx, l.Members, &s, &moving)
		}
		if err != nil {
			return nil, nil, err
		}
		slices.SortFunc(s.Members, func(a, b BalancedMember) int { return cmp.Compare(a.Name, b.Name) })
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b ListenerStatus) int { return cmp.Compare(a.Port, b.Port) })
	slices.Sort(moving)
	return all, slices.Compact(moving), nil
}

func (p balancerPass) groupMembers(ctx context.Context, from MembersSpec, s *ListenerStatus, moving *[]string) error {
	raw, err := p.r.Get(ctx, "nodegroup", p.o.Project, from.NodeGroup)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return nil // nobody answers any more
	}
	if err != nil {
		return err
	}
	g, err := resource.As[NodeGroupSpec, NodeGroupStatus](raw)
	if err != nil {
		return err
	}
	if !g.Settled() {
		*moving = append(*moving, "nodegroup "+g.Name)
	}
	for _, m := range g.Status.Members {
		if m.serves() {
			s.Members = append(s.Members, BalancedMember{m.Name, m.Address, from.Port})
		}
	}
	return nil
}

func (p balancerPass) singleMembers(ctx context.Context, from MembersSpec, s *ListenerStatus, moving *[]string) error {
	for _, id := range from.Servers {
		raw, err := p.r.Get(ctx, "server", p.o.Project, id)
		if resource.ReasonOf(err) == resource.ReasonNotFound {
			continue
		}
		if err != nil {
			return err
		}
		m, err := resource.As[ServerSpec, ServerStatus](raw)
		if err != nil {
			return err
		}
		if !m.Settled() && m.DeletingAt == nil {
			*moving = append(*moving, "server "+m.Name)
		}
		if m.Status.Address != "" && m.DeletingAt == nil {
			s.Members = append(s.Members, BalancedMember{m.Name, m.Status.Address, from.Port})
		}
	}
	return nil
}

// learn takes fresh members over into the status, from which the nodes are told, or tells that this waits. Nodes are replaced
// to be told, so what is still changing is waited for, for a while; but not when most of those whom the nodes know of are
// gone and others are there in their place.
func learn(o *LoadBalancer, fresh []ListenerStatus, moving []string, now time.Time) (waits bool) {
	known := o.Status.Listeners
	if reflect.DeepEqual(known, fresh) {
		o.Status.WaitingSince = nil
		return false
	}
	if len(moving) > 0 && (known == nil || sameListeners(known, fresh)) && !stranded(known, fresh) {
		if o.Status.WaitingSince == nil {
			since := now.UTC().Truncate(time.Second)
			o.Status.WaitingSince = &since
		}
		if now.Sub(*o.Status.WaitingSince) < memberPatience {
			return true
		}
	}
	o.Status.WaitingSince, o.Status.Listeners = nil, fresh
	return false
}

// sameListeners tells whether only members differ.
func sameListeners(a, b []ListenerStatus) bool {
	return slices.EqualFunc(a, b, func(x, y ListenerStatus) bool { return x.Name == y.Name && x.Port == y.Port })
}

// stranded tells whether a listener has lost more than half of those it knows of while there are others.
func stranded(known, fresh []ListenerStatus) bool {
	for i := range known {
		left, others := 0, 0
		for _, m := range fresh[i].Members {
			if slices.Contains(known[i].Members, m) {
				left++
			} else {
				others++
			}
		}
		if others > 0 && 2*left < len(known[i].Members) {
			return true
		}
	}
	return false
}
