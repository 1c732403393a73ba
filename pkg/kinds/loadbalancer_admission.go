package kinds

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/plazacloud/plaza/pkg/haproxy"
	"github.com/plazacloud/plaza/pkg/resource"
)

const (
	// applianceImage is what its nodes boot; installations name each build by its version.
	applianceImage = "plaza-appliance"
	// healthPort is where a node tells that HAProxy runs.
	healthPort = 8404
	// longestBalancer leaves room for what the names of its nodes add, as in shop-lb-0.
	longestBalancer = 53
)

var listenerName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)

// defaultLoadBalancer turns names into ids where the name may be given to another object later, and fills in checks.
func defaultLoadBalancer(ctx context.Context, a *resource.Admission, o *LoadBalancer) error {
	o.Spec.Nodes, o.Spec.BootSeconds = cmp.Or(o.Spec.Nodes, 2), cmp.Or(o.Spec.BootSeconds, 60)
	if o.Spec.Image == "" {
		image, err := applianceOf(ctx, a, o)
		if err != nil {
			return err
		}
		o.Spec.Image = image
	}
	n, err := find[NetworkSpec, NetworkStatus](ctx, a, "network", o.Project, o.Spec.Network, "spec.network", "loadbalancer")
	if err != nil {
		return err
	}
	o.Spec.Network = n.ID
	for i := range o.Spec.Listeners {
		l := &o.Spec.Listeners[i]
		l.Protocol, l.Algorithm = cmp.Or(l.Protocol, haproxy.HTTP), cmp.Or(l.Algorithm, haproxy.RoundRobin)
		c := &l.Check
		c.Interval, c.Timeout, c.Rise, c.Fall = cmp.Or(c.Interval, 5), cmp.Or(c.Timeout, 3), cmp.Or(c.Rise, 2), cmp.Or(c.Fall, 3)
		if err := resolveMembers(ctx, a, o, &n, i); err != nil {
			return err
		}
	}
	return nil
}

// applianceOf is the image that it has, as a newer one must not replace its nodes unasked; of a new one, the newest.
func applianceOf(ctx context.Context, r resource.Reader, o *LoadBalancer) (string, error) {
	if was, err := r.Get(ctx, "loadbalancer", o.Project, o.ID); err == nil {
		return strings.Join(resource.Lookup(was, "spec.image"), ""), nil
	}
	var newest resource.Raw
	err := resource.All(ctx, r, resource.Query{Kind: "image"}, func(raw resource.Raw) error {
		ours := raw.Project == "" && (raw.Name == applianceImage || strings.HasPrefix(raw.Name, applianceImage+"-"))
		if ours && newest.Name != applianceImage && (raw.Name == applianceImage || raw.CreatedAt.After(newest.CreatedAt)) {
			newest = raw
		}
		return nil
	})
	if err == nil && newest.Name == "" {
		p := resource.Invalid("loadbalancer", "spec.image", "", "there is no image %s here, and no other is named", applianceImage)
		p.Hint = "ask an operator to register it, or name an image with HAProxy under plaza-init"
		return "", p
	}
	return newest.Name, err
}

// resolveMembers keeps the ids of who answers for a listener, and refuses those whom the nodes would not reach.
func resolveMembers(ctx context.Context, a resource.Reader, o *LoadBalancer, n *Network, i int) error {
	m, path := &o.Spec.Listeners[i].Members, fmt.Sprintf("spec.listeners[%d].members", i)
	if (m.NodeGroup == "") == (len(m.Servers) == 0) {
		p := resource.Invalid("loadbalancer", path, nil, "names a nodegroup or servers, one of the two")
		p.Hint = `for example {"nodegroup": "web", "port": 8080}`
		return p
	}
	if m.NodeGroup != "" {
		g, err := find[NodeGroupSpec, NodeGroupStatus](ctx, a, "nodegroup", o.Project, m.NodeGroup, path+".nodegroup", "loadbalancer")
		if err != nil {
			return err
		}
		if g.Owner != nil && g.Owner.Kind == "loadbalancer" {
			return resource.Invalid("loadbalancer", path+".nodegroup", g.Name, "are the nodes of a load balancer themselves")
		}
		m.NodeGroup = g.ID
		on, err := find[NetworkSpec, NetworkStatus](ctx, a, "network", o.Project, g.Spec.Network, path+".nodegroup", "loadbalancer")
		if err != nil {
			return err
		}
		return sameNetwork(n, on.ID, "nodegroup "+g.Name, path+".nodegroup")
	}
	for j, name := range m.Servers {
		path := fmt.Sprintf("%s.servers[%d]", path, j)
		s, err := find[ServerSpec, ServerStatus](ctx, a, "server", o.Project, name, path, "loadbalancer")
		if err != nil {
			return err
		}
		if s.Owner != nil && s.Owner.Kind == "nodegroup" {
			p := resource.Invalid("loadbalancer", path, name, "belongs to a node group, which may replace it")
			p.Hint = "name the node group instead of its servers"
			return p
		}
		if slices.Contains(m.Servers[:j], s.ID) {
			return resource.Invalid("loadbalancer", path, name, "is there twice")
		}
		if err := sameNetwork(n, s.Spec.Network, "server "+s.Name, path); err != nil {
			return err
		}
		m.Servers[j] = s.ID
	}
	return nil
}

func sameNetwork(n *Network, id, who, path string) error {
	if n.ID == id {
		return nil
	}
	p := resource.Invalid("loadbalancer", path, who, "%s is not in network %s, where the load balancer is", who, n.Name)
	p.Hint = "put the load balancer into the network of its members"
	return p
}

func validateLoadBalancer(ctx context.Context, a *resource.Admission, old, o *LoadBalancer) error {
	fields := listenerFields(o.Spec.Listeners)
	if o.Spec.Nodes < 1 || o.Spec.Nodes > 3 {
		fields = append(fields, resource.Field{Path: "spec.nodes", Value: o.Spec.Nodes, Message: "is between 1 and 3"})
	}
	if len(o.Name) > longestBalancer {
		fields = append(fields, resource.Field{Path: "name", Value: o.Name, Message: fmt.Sprintf("at most %d characters, as the names of its nodes add some", longestBalancer)})
	}
	if old != nil && old.Spec.Network != o.Spec.Network {
		fields = append(fields, resource.Field{Path: "spec.network", Value: o.Spec.Network, Message: "can not be changed; make another load balancer"})
	}
	if fields != nil {
		return &resource.Problem{Reason: resource.ReasonInvalid, Kind: "loadbalancer", Detail: "the loadbalancer is not valid", Fields: fields}
	}
	if err := fits(ctx, a, o); err != nil {
		return err
	}
	n, err := find[NetworkSpec, NetworkStatus](ctx, a, "network", o.Project, o.Spec.Network, "spec.network", "loadbalancer")
	if err != nil {
		return err
	}
	for i, address := range o.Spec.Addresses {
		if !n.Spec.takes(address) || slices.Contains(o.Spec.Addresses[:i], address) || i >= o.Spec.Nodes {
			return resource.Invalid("loadbalancer", fmt.Sprintf("spec.addresses[%d]", i), address, "is not one address for each of %d nodes within %s", o.Spec.Nodes, n.Spec.CIDR)
		}
	}
	if old == nil {
		if err := refuseTaken(ctx, a, o); err != nil {
			return err
		}
	}
	return publishable(ctx, a, o, &n)
}

func listenerFields(all []ListenerSpec) []resource.Field {
	var fields []resource.Field
	if len(all) == 0 {
		fields = append(fields, resource.Field{Path: "spec.listeners", Message: "at least one is needed"})
	}
	names, ports := map[string]bool{}, map[int]string{healthPort: "the nodes' own health"}
	for i, l := range all {
		path := fmt.Sprintf("spec.listeners[%d].", i)
		if !listenerName.MatchString(l.Name) || names[l.Name] {
			fields = append(fields, resource.Field{Path: path + "name", Value: l.Name, Message: "is 1 to 32 lower-case letters, digits and dashes, and another for each listener"})
		}
		if l.Port < 1 || l.Port > 65535 {
			fields = append(fields, resource.Field{Path: path + "port", Value: l.Port, Message: "is between 1 and 65535"})
		}
		if by, twice := ports[l.Port]; twice {
			fields = append(fields, resource.Field{Path: path + "port", Value: l.Port, Message: "is taken by " + by})
		}
		names[l.Name], ports[l.Port] = true, "listener "+l.Name
		if l.Members.Port < 1 || l.Members.Port > 65535 {
			fields = append(fields, resource.Field{Path: path + "members.port", Value: l.Members.Port, Message: "is between 1 and 65535"})
		}
		if l.Check.Path != "" && !haproxy.Path.MatchString(l.Check.Path) {
			fields = append(fields, resource.Field{Path: path + "check.path", Value: l.Check.Path, Message: "is not a path such as /health"})
		}
	}
	return fields
}

// fits refuses a flavor that is too small for the image, instead of failing when the nodes are made.
func fits(ctx context.Context, a *resource.Admission, o *LoadBalancer) error {
	flavor, err := find[FlavorSpec, FlavorStatus](ctx, a, "flavor", "", o.Spec.Flavor, "spec.flavor", "loadbalancer")
	if err != nil {
		return err
	}
	image, key, err := useImage(ctx, a, o.Meta, o.Spec.Image, "spec.image")
	if err != nil {
		return err
	}
	o.Spec.Image = key
	return roomy("loadbalancer", flavor, image)
}

// refuseTaken refuses a name whose children's are someone else's.
func refuseTaken(ctx context.Context, a resource.Reader, o *LoadBalancer) error {
	for _, kind := range []string{"nodegroup", "securitygroup", "floatingip"} {
		_, err := a.Get(ctx, kind, o.Project, childOf(o))
		if err == nil {
			return resource.Problemf(resource.ReasonAlreadyExists, "loadbalancer", "choose another name, or delete that "+kind, "there is a %s %s, which the load balancer would make", kind, childOf(o))
		}
		if resource.ReasonOf(err) != resource.ReasonNotFound {
			return err
		}
	}
	return nil
}

// publishable refuses a floating address where none is given out.
func publishable(ctx context.Context, a resource.Reader, o *LoadBalancer, n *Network) error {
	if !o.Spec.Public {
		return nil
	}
	if n.Spec.Adopted != nil {
		return resource.Invalid("loadbalancer", "spec.public", true, "network %s was adopted, and the routers of that are not Plaza's", n.Name)
	}
	if n.Status.Host != "" {
		_, err := findOutside(ctx, a, n.Status.Host)
		return err
	}
	all, err := outsides(ctx, a)
	if err == nil && len(all) == 0 {
		return pickOutside(all)
	}
	return err
}
