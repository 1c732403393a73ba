package kinds

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/plazacloud/plaza/pkg/resource"
)

// RouterSpec says which networks reach each other.
type RouterSpec struct {
	Networks []string `json:"networks" minItems:"2" maxItems:"16" nullable:"false" doc:"Networks of the project that reach each other, by name or id, kept as ids; in one place, with ranges that do not overlap"`
}

// RouterStatus tells where the router is, and what it joins by now.
type RouterStatus struct {
	Host     string   `json:"host,omitempty" doc:"Id of the host or region that its networks live in"`
	HostName string   `json:"hostName,omitempty"`
	Networks []string `json:"networks,omitempty" doc:"Ids of the networks that are joined; one that lives nowhere yet waits for its first server"`
}

// Router joins networks.
type Router = resource.Object[RouterSpec, RouterStatus]

const (
	leastJoined = 2
	mostJoined  = 16
)

// legRange is what routers use between networks on a host.
var legRange = netip.MustParsePrefix("169.254.0.0/16")

func routerKind(b Backends) resource.Kind[RouterSpec, RouterStatus] {
	return resource.Kind[RouterSpec, RouterStatus]{
		Name: "router", Plural: "routers", Doc: "A router between networks of a project: their servers reach each other, as far as their security groups let them.",
		Columns:  []resource.Column{{Header: "NETWORKS", Path: "spec.networks"}, {Header: "HOST", Path: "status.hostName"}, {Header: "JOINED", Path: "status.networks"}},
		Indexed:  []string{"spec.networks", "status.host"},
		Charge:   func(*Router) resource.Charges { return resource.Charges{"routers": 1} },
		Default:  defaultRouter,
		Validate: validateRouter,
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *Router) (resource.Result, error) {
			return routerPass{b, r, o}.reconcile(ctx)
		},
		Delete: func(ctx context.Context, r *resource.Reconciliation, o *Router) (resource.Result, error) {
			if o.Status.Host == "" {
				return resource.Result{Done: true}, nil
			}
			return removed(removeFrom(ctx, r, &o.Meta, o.Status.Host, len(o.Status.Networks) > 0, b.Driver.GetRouter, b.Driver.DeleteRouter))
		},
	}
}

// defaultRouter keeps the ids of the networks, as their names may be given to others later.
func defaultRouter(ctx context.Context, a *resource.Admission, o *Router) error {
	for i, name := range o.Spec.Networks {
		n, err := find[NetworkSpec, NetworkStatus](ctx, a, "network", o.Project, name, networkPath(i), "router")
		if err != nil {
			return err
		}
		o.Spec.Networks[i] = n.ID
	}
	return nil
}

func networkPath(i int) string { return fmt.Sprintf("spec.networks[%d]", i) }

func validateRouter(ctx context.Context, a *resource.Admission, _, o *Router) error {
	if n := len(o.Spec.Networks); n < leastJoined || n > mostJoined {
		return resource.Invalid("router", "spec.networks", o.Spec.Networks, "are between %d and %d networks", leastJoined, mostJoined)
	}
	var seen []Network
	for i, id := range o.Spec.Networks {
		n, err := find[NetworkSpec, NetworkStatus](ctx, a, "network", o.Project, id, networkPath(i), "router")
		if err != nil {
			return err
		}
		if err := joinable(seen, n, networkPath(i)); err != nil {
			return err
		}
		other, err := routerWith(ctx, a, n.ID, o.ID)
		if err != nil {
			return err
		}
		if other != nil {
			p := resource.Invalid("router", networkPath(i), n.Name, "is in router %s already, and a network is in one at most", other.Name)
			p.Hint = "name it in router " + other.Name + " together with the others, or take it out there first"
			return p
		}
		seen = append(seen, n)
	}
	return onePlace(ctx, a, seen)
}

// joinable refuses a network that can not be joined with those before it.
func joinable(before []Network, n Network, path string) error {
	cidr, err := netip.ParsePrefix(n.Spec.CIDR)
	if err != nil {
		return resource.Invalid("router", path, n.Name, "has the CIDR %q", n.Spec.CIDR)
	}
	if n.Spec.Adopted != nil {
		p := resource.Invalid("router", path, n.Name, "was adopted, and the routers of that are not Plaza's")
		p.Hint = "join it at its cloud, or make a network of Plaza's own"
		return p
	}
	if cidr.Overlaps(legRange) {
		p := resource.Invalid("router", path, n.Name, "has %s, which routers use between networks", cidr)
		p.Hint = "join networks of other ranges, such as 10.20.0.0/24"
		return p
	}
	for _, other := range before {
		if other.ID == n.ID {
			return resource.Invalid("router", path, n.Name, "is there twice")
		}
		if c, err := netip.ParsePrefix(other.Spec.CIDR); err == nil && c.Overlaps(cidr) {
			p := resource.Invalid("router", path, n.Name, "has %s, which overlaps with %s of network %s: nobody could tell their servers apart", cidr, c, other.Name)
			p.Hint = "networks keep their CIDR; make one with a range of its own, and its servers in it"
			return p
		}
	}
	return nil
}

// onePlace refuses networks that live in different hosts or regions.
func onePlace(ctx context.Context, r resource.Reader, nets []Network) error {
	var where []string
	var first *Network
	differ := false
	for i, n := range nets {
		if n.Status.Host == "" {
			continue
		}
		if first == nil {
			first = &nets[i]
		}
		differ = differ || n.Status.Host != first.Status.Host
		name, err := placeName(ctx, r, n.Status.Host)
		if err != nil {
			return err
		}
		where = append(where, n.Name+" in "+name)
	}
	if !differ {
		return nil
	}
	p := resource.Problemf(resource.ReasonConflict, "router", "a network lives where its first server went; make the router first, and then servers on new networks go to one place",
		"the networks live in different places: %s", strings.Join(where, ", "))
	p.Fields = []resource.Field{{Path: "spec.networks", Message: "live in different places"}}
	return p
}

// placeName is the name of a host or region, its id when there is none any more.
func placeName(ctx context.Context, r resource.Reader, id string) (string, error) {
	for _, kind := range []string{"host", "region"} {
		o, err := r.Get(ctx, kind, "", id)
		if err == nil {
			return o.Name, nil
		}
		if resource.ReasonOf(err) != resource.ReasonNotFound {
			return "", err
		}
	}
	return id, nil
}

// routerWith is the router that names a network, the one made first of several and none that is being deleted; nil without
// one beside the one that is left out.
func routerWith(ctx context.Context, r resource.Reader, network, but string) (*Router, error) {
	list, err := users(ctx, r, "router", "spec.networks", network)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(o resource.Raw) bool { return o.ID == but || o.DeletingAt != nil })
	if len(list) == 0 {
		return nil, nil
	}
	o, err := resource.As[RouterSpec, RouterStatus](list[0])
	return &o, err
}
