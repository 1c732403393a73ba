package kinds

import (
	"context"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// lonelyEvery is how often a router looks for networks that were about to come when it last looked; most wake it.
const lonelyEvery = 10 * time.Second

// routerPass is one reconciliation of a router.
type routerPass struct {
	Backends
	r *resource.Reconciliation
	o *Router
}

// reconcile joins the networks that have a place by now; the others wake the router when they get one.
func (p routerPass) reconcile(ctx context.Context) (resource.Result, error) {
	o := p.o
	if p.Driver == nil {
		return resource.Result{}, errDriverless
	}
	nets, err := p.networks(ctx)
	if err != nil {
		return resource.Result{}, err
	}
	if moved, err := p.settle(ctx, nets); err != nil || moved {
		return resource.Result{Again: soon, Progress: 20, Message: "going where its networks live"}, err
	}
	want := provider.Router{ID: o.ID, Name: o.Name, Project: o.Project}
	for _, n := range nets {
		if n.Status.Host != "" && n.Status.Bridge != "" {
			want.Networks = append(want.Networks, n.ID)
		}
	}
	if len(want.Networks) == 0 && len(o.Status.Networks) == 0 {
		return resource.Result{Done: true, Again: lonelyEvery}, nil // its networks live nowhere until their first servers are placed
	}
	held, err := p.held(ctx)
	if err != nil {
		return resource.Result{}, Explain("router", err)
	}
	if held {
		return hold(&o.Meta, "the router is gone"), nil
	}
	state, err := p.Driver.EnsureRouter(ctx, o.Status.Host, want)
	if err != nil {
		return resource.Result{}, Explain("router", err)
	}
	unhold(&o.Meta)
	o.Status.Networks = slices.Sorted(slices.Values(state.Networks))
	if len(want.Networks) < len(nets) {
		return resource.Result{Done: true, Again: lonelyEvery}, nil
	}
	return resource.Result{Done: true}, nil
}

// networks are those that it joins. A network that another router was given in the same moment is that one's, which was
// made first.
func (p routerPass) networks(ctx context.Context) ([]Network, error) {
	var nets []Network
	for i, id := range p.o.Spec.Networks {
		n, err := find[NetworkSpec, NetworkStatus](ctx, p.r, "network", p.o.Project, id, networkPath(i), "router")
		if err != nil {
			return nil, err
		}
		first, err := routerWith(ctx, p.r, id, "")
		if err != nil {
			return nil, err
		}
		if first != nil && first.ID != p.o.ID {
			return nil, resource.Problemf(resource.ReasonConflict, "router", "take it out of one of them", "network %s is in router %s already", n.Name, first.Name)
		}
		nets = append(nets, n)
	}
	return nets, onePlace(ctx, p.r, nets)
}

// settle writes down where the router is: where its networks live, else where the first server on one of them went. Those
// networks wait for it, so that they all come to live in one place. It tells whether that has changed.
func (p routerPass) settle(ctx context.Context, nets []Network) (bool, error) {
	o := p.o
	place, err := p.place(ctx, nets)
	if err != nil || place == o.Status.Host {
		return false, err
	}
	if o.Status.Host != "" {
		if err := p.Driver.DeleteRouter(ctx, o.Status.Host, o.ID); err != nil && !provider.IsNotFound(err) {
			return false, Explain("router", err)
		}
	}
	o.Status.Networks, o.Status.HostName = nil, ""
	if place != "" {
		if o.Status.HostName, err = placeName(ctx, p.r, place); err != nil {
			return false, err
		}
	}
	o.Status.Host = place // kept before anything is made there, so that a crash finds it again
	return true, nil
}

func (p routerPass) place(ctx context.Context, nets []Network) (string, error) {
	var hosts []string
	if i := slices.IndexFunc(nets, func(n Network) bool { return n.Status.Host != "" }); i >= 0 {
		return nets[i].Status.Host, nil
	}
	for _, n := range nets {
		takers, err := takersOf(ctx, p.r, &n)
		if err != nil {
			return "", err
		}
		for _, t := range takers {
			if t.host != "" && !t.gone {
				hosts = append(hosts, t.host)
			}
		}
	}
	switch {
	case len(hosts) == 0:
		return "", nil
	case slices.Contains(hosts, p.o.Status.Host):
		return p.o.Status.Host, nil
	}
	return hosts[0], nil
}

// held tells whether the router is gone and the place's policy leaves that to someone's decision.
func (p routerPass) held(ctx context.Context) (bool, error) {
	if len(p.o.Status.Networks) == 0 || p.o.ObservedGeneration != p.o.Generation || asked(p.r) {
		return false, nil
	}
	policy, err := PolicyOf(ctx, p.r, p.o.Status.Host)
	if err != nil || policy.Missing != "hold" {
		return false, err
	}
	_, err = p.Driver.GetRouter(ctx, p.o.Status.Host, p.o.ID)
	return provider.IsNotFound(err), ignoreNotFound(err)
}

// livesIn is where a network lives, or will come to live because of its router; "" when that is open.
func livesIn(ctx context.Context, r resource.Reader, o *Network) (string, error) {
	if o.Status.Host != "" {
		return o.Status.Host, nil
	}
	router, err := routerWith(ctx, r, o.ID, "")
	if err != nil || router == nil {
		return "", err
	}
	return router.Status.Host, nil
}

// home is where a network lives, or will: with the others that its router joins. A router that has not settled yet is
// woken, and waits says so.
func home(ctx context.Context, r *resource.Reconciliation, o *Network, host string) (place string, waits *resource.Result, err error) {
	if o.Status.Host != "" || host == "" {
		return o.Status.Host, nil, nil
	}
	router, err := routerWith(ctx, r, o.ID, "")
	if err != nil || router == nil {
		return host, nil, err
	}
	if router.Status.Host != "" {
		return router.Status.Host, nil, nil
	}
	wait := &resource.Result{Again: 100 * time.Millisecond, Progress: 10, Message: "waiting for router " + router.Name + " to settle"}
	r.Touch("router", router.ID, "network "+o.Name+" has its first server")
	return "", wait, nil
}

// tellRouter makes the router of a network join it, once it is written down that the network is there: the router would not
// see it before.
func tellRouter(ctx context.Context, r *resource.Reconciliation, o *Network) (resource.Result, error) {
	done := resource.Result{Done: true}
	router, err := routerWith(ctx, r, o.ID, "")
	if err != nil || router == nil || slices.Contains(router.Status.Networks, o.ID) {
		return done, err
	}
	if o.Status.Bridge == "" {
		return resource.Result{Again: soon, Progress: 90, Message: "telling router " + router.Name}, nil
	}
	r.Touch("router", router.ID, "network "+o.Name+" is ready")
	return done, nil
}
