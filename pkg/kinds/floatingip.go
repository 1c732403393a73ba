package kinds

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// FloatingIPSpec is an address outside that a project holds, and the server that it leads to.
type FloatingIPSpec struct {
	Host   string `json:"host,omitempty" doc:"Host or region whose outside the address is of, by name or id; that of the server when empty, else the only one that gives addresses out"`
	Server string `json:"server,omitempty" doc:"Server that it leads to, by name or id, kept as its id; nobody when empty"`
}

// FloatingIPStatus is the address, and where it leads.
type FloatingIPStatus struct {
	Host       string `json:"host,omitempty" doc:"Id of the host or region"`
	HostName   string `json:"hostName,omitempty"`
	Address    string `json:"address,omitempty"`
	AttachedTo string `json:"attachedTo,omitempty" doc:"Id of the server that it leads to now"`
	Network    string `json:"network,omitempty" doc:"Id of the network that it leads into, or is about to"`
}

// FloatingIP is an address outside that a project holds.
type FloatingIP = resource.Object[FloatingIPSpec, FloatingIPStatus]

func floatingIPKind(b Backends) resource.Kind[FloatingIPSpec, FloatingIPStatus] {
	return resource.Kind[FloatingIPSpec, FloatingIPStatus]{
		Name: "floatingip", Plural: "floatingips", Doc: "An address outside that a project holds, to lead to one of its servers and on to another.",
		Columns: []resource.Column{{Header: "ADDRESS", Path: "status.address"}, {Header: "HOST", Path: "status.hostName"}, {Header: "ATTACHED TO", Path: "status.attachedTo"}},
		Indexed: []string{"spec.server", "status.host", "status.address", "status.attachedTo"},
		Charge:  func(*FloatingIP) resource.Charges { return resource.Charges{"floating_ips": 1} },
		Meter:   func(*FloatingIP) resource.Measures { return resource.Measures{"floating_ips": 1} },
		Default: defaultFloatingIP,
		Validate: func(_ context.Context, _ *resource.Admission, _, o *FloatingIP) error {
			if h := o.Spec.Host; o.Status.Host != "" && h != "" && h != o.Status.Host && h != o.Status.HostName {
				return resource.Invalid("floatingip", "spec.host", o.Spec.Host, "an address stays where it is; make a new one")
			}
			return nil
		},
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *FloatingIP) (resource.Result, error) {
			return floatingPass{b, r, o}.reconcile(ctx)
		},
		Delete: func(ctx context.Context, r *resource.Reconciliation, o *FloatingIP) (resource.Result, error) {
			return floatingPass{b, r, o}.remove(ctx)
		},
	}
}

func defaultFloatingIP(ctx context.Context, a *resource.Admission, o *FloatingIP) error {
	if o.Spec.Server != "" {
		return leadable(ctx, a, o)
	}
	if o.Spec.Host == "" && o.Status.Host == "" {
		all, err := outsides(ctx, a)
		if err != nil {
			return err
		}
		if len(all) != 1 {
			return pickOutside(all)
		}
		o.Spec.Host = all[0].name
		return nil
	}
	if o.Status.Host != "" {
		return nil
	}
	_, err := findOutside(ctx, a, o.Spec.Host)
	return err
}

// leadable refuses a server that no address can lead to, and keeps its id.
func leadable(ctx context.Context, a *resource.Admission, o *FloatingIP) error {
	s, err := find[ServerSpec, ServerStatus](ctx, a, "server", o.Project, o.Spec.Server, "spec.server", "floatingip")
	if err != nil {
		was, gone := a.Get(ctx, "floatingip", o.Project, o.ID)
		if gone == nil && slices.Contains(resource.Lookup(was, "spec.server"), o.Spec.Server) {
			return nil // its server is gone, which must not stand in the way of other changes
		}
		return err
	}
	o.Spec.Server = s.ID
	others, err := users(ctx, a, "floatingip", "spec.server", s.ID)
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.ID != o.ID {
			return resource.Invalid("floatingip", "spec.server", s.Name, "address %s leads to it already", other.Name)
		}
	}
	n, err := find[NetworkSpec, NetworkStatus](ctx, a, "network", o.Project, s.Spec.Network, "spec.server", "floatingip")
	if err != nil {
		return err
	}
	if n.Spec.Adopted != nil {
		return resource.Invalid("floatingip", "spec.server", s.Name, "its network %s was adopted, and the routers of that are not Plaza's", n.Name)
	}
	place := o.Status.Host
	if place == "" && o.Spec.Host != "" {
		out, err := findOutside(ctx, a, o.Spec.Host)
		if err != nil {
			return err
		}
		place = out.id
	}
	if place != "" && s.Status.Host != "" && place != s.Status.Host {
		return elsewhere(&s)
	}
	if place == "" && s.Status.Host != "" {
		_, err = findOutside(ctx, a, s.Status.Host)
	}
	return err
}

func elsewhere(s *Server) error {
	return resource.Problemf(resource.ReasonConflict, "floatingip", "take an address of "+s.Status.HostName, "server %s is in another place than the address", s.Name)
}

// outside is a place that gives addresses out: a region by its external network, a host by ranges its operator set aside.
type outside struct {
	id, name string
	ranges   []string // of a host
}

func pickOutside(all []outside) error {
	if len(all) == 0 {
		return resource.Problemf(resource.ReasonNoCandidate, "floatingip", "connect a region, or give a host floatingCIDRs", "no region or host gives addresses out")
	}
	var names []string
	for _, o := range all {
		names = append(names, o.name)
	}
	p := resource.Invalid("floatingip", "spec.host", "", "several places give addresses out")
	p.Hint = "name one of " + strings.Join(names, ", ") + ", or the server it is for"
	return p
}

func outsides(ctx context.Context, r resource.Reader) ([]outside, error) {
	var all []outside
	err := resource.All(ctx, r, resource.Query{Kind: "region"}, func(raw resource.Raw) error {
		all = append(all, outside{id: raw.ID, name: raw.Name})
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = resource.All(ctx, r, resource.Query{Kind: "host"}, func(raw resource.Raw) error {
		h, err := resource.As[HostSpec, HostStatus](raw)
		if err == nil && len(h.Spec.FloatingCIDRs) > 0 {
			all = append(all, outside{h.ID, h.Name, h.Spec.FloatingCIDRs})
		}
		return err
	})
	return all, err
}

// findOutside refuses a place that gives no addresses out.
func findOutside(ctx context.Context, r resource.Reader, place string) (outside, error) {
	raw, err := r.Get(ctx, "region", "", place)
	if err == nil {
		return outside{id: raw.ID, name: raw.Name}, nil
	}
	if resource.ReasonOf(err) != resource.ReasonNotFound {
		return outside{}, err
	}
	h, err := find[HostSpec, HostStatus](ctx, r, "host", "", place, "spec.host", "floatingip")
	if err != nil {
		return outside{}, err
	}
	if len(h.Spec.FloatingCIDRs) == 0 {
		p := resource.Invalid("floatingip", "spec.host", h.Name, "host %s gives no addresses out", h.Name)
		p.Hint = "publish ports instead, or ask its operator to set floatingCIDRs aside"
		return outside{}, p
	}
	return outside{h.ID, h.Name, h.Spec.FloatingCIDRs}, nil
}

// floatingPass is one reconciliation of a floating address.
type floatingPass struct {
	Backends
	r *resource.Reconciliation
	o *FloatingIP
}

func (p floatingPass) reconcile(ctx context.Context) (resource.Result, error) {
	o := p.o
	if p.Driver == nil {
		return resource.Result{}, errDriverless
	}
	if o.Status.Host == "" {
		return p.place(ctx)
	}
	state, err := p.Driver.EnsureFloatingIP(ctx, o.Status.Host, provider.FloatingIP{ID: o.ID, Name: o.Name, Project: o.Project, Address: o.Status.Address})
	if err != nil {
		return resource.Result{}, Explain("floatingip", err)
	}
	if o.Status.Address == "" {
		o.Status.Address = state.Address
		return resource.Result{Again: soon, Progress: 30, Message: "holding " + state.Address}, nil
	}
	s, err := p.server(ctx)
	if err != nil {
		return resource.Result{}, err
	}
	if s == nil || s.Spec.Network != o.Status.Network {
		if gone, err := p.leave(ctx); err != nil || !gone {
			return resource.Result{Again: 100 * time.Millisecond, Progress: 50, Message: "leaving its server"}, err
		}
	}
	if s == nil {
		return resource.Result{Done: true}, nil
	}
	return p.attach(ctx, s)
}

// place says where the address is of, and on a host which one it is.
func (p floatingPass) place(ctx context.Context) (resource.Result, error) {
	o, where := p.o, p.o.Spec.Host
	if where == "" {
		s, err := p.server(ctx)
		if err != nil {
			return resource.Result{}, err
		}
		if s == nil {
			return resource.Result{}, resource.Invalid("floatingip", "spec.server", o.Spec.Server, "the server is gone, and no other place is named")
		}
		if s.Status.Host == "" {
			return resource.Result{Again: 200 * time.Millisecond, Progress: 5, Message: "waiting for server " + s.Name + " to be placed"}, nil
		}
		where = s.Status.Host
	}
	out, err := findOutside(ctx, p.r, where)
	if err != nil {
		return resource.Result{}, err
	}
	if len(out.ranges) > 0 {
		if o.Status.Address, err = p.choose(ctx, out); err != nil {
			return resource.Result{}, err
		}
	}
	o.Status.Host, o.Status.HostName = out.id, out.name // kept before anything is held there, so that a crash finds it again
	return resource.Result{Again: soon, Progress: 10, Message: "taking an address of " + out.name}, nil
}

// server is the one that the address is to lead to; nil when there is none, or none any more.
func (p floatingPass) server(ctx context.Context) (*Server, error) {
	if p.o.Spec.Server == "" {
		return nil, nil
	}
	raw, err := p.r.Get(ctx, "server", p.o.Project, p.o.Spec.Server)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s, err := resource.As[ServerSpec, ServerStatus](raw)
	if err != nil || s.DeletingAt != nil {
		return nil, err
	}
	return &s, nil
}

// leave waits until the network that the address led into has let go of it.
func (p floatingPass) leave(ctx context.Context) (bool, error) {
	o := p.o
	if o.Status.Network == "" {
		return true, nil
	}
	raw, err := p.r.Get(ctx, "network", o.Project, o.Status.Network)
	if err != nil && resource.ReasonOf(err) != resource.ReasonNotFound {
		return false, err
	}
	if err == nil {
		n, err := resource.As[NetworkSpec, NetworkStatus](raw)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(n.Status.Ports, func(port NetworkPort) bool { return port.Floating == o.Status.Address }) {
			p.r.Touch("network", n.ID, "address "+o.Name+" leads elsewhere")
			return false, nil
		}
	}
	o.Status.Network, o.Status.AttachedTo = "", ""
	return true, nil
}

// attach waits until the server's network leads the address to it.
func (p floatingPass) attach(ctx context.Context, s *Server) (resource.Result, error) {
	o := p.o
	if s.Status.Host != "" && s.Status.Host != o.Status.Host {
		return resource.Result{}, elsewhere(s)
	}
	if o.Status.Network == "" {
		o.Status.Network = s.Spec.Network // kept before it leads there, so that it is let go of
		return resource.Result{Again: soon, Progress: 60, Message: "leading to server " + s.Name}, nil
	}
	n, err := find[NetworkSpec, NetworkStatus](ctx, p.r, "network", o.Project, o.Status.Network, "spec.server", "floatingip")
	if err != nil {
		return resource.Result{}, err
	}
	if slices.ContainsFunc(n.Status.Ports, func(port NetworkPort) bool { return port.Server == s.ID && port.Floating == o.Status.Address }) {
		o.Status.AttachedTo = s.ID
		return resource.Result{Done: true}, nil
	}
	o.Status.AttachedTo = ""
	if s.Status.Power == "" {
		return resource.Result{Again: 300 * time.Millisecond, Progress: 70, Message: "waiting for server " + s.Name + " to be made"}, nil
	}
	p.r.Touch("network", n.ID, "address "+o.Name+" leads to server "+s.Name)
	return resource.Result{Again: 300 * time.Millisecond, Progress: 80, Message: fmt.Sprintf("leading %s to server %s", o.Status.Address, s.Name)}, nil
}

func (p floatingPass) remove(ctx context.Context) (resource.Result, error) {
	if gone, err := p.leave(ctx); err != nil || !gone {
		return resource.Result{Again: 100 * time.Millisecond, Progress: 50, Message: "leaving its server"}, err
	}
	if p.o.Status.Host == "" {
		return resource.Result{Done: true}, nil
	}
	if err := p.Driver.DeleteFloatingIP(ctx, p.o.Status.Host, p.o.ID); err != nil && !provider.IsNotFound(err) {
		return resource.Result{}, Explain("floatingip", err)
	}
	return resource.Result{Done: true}, nil
}
