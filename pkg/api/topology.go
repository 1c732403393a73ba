package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// Topology is what runs where: places, the machines that are there, and servers on those.
type Topology struct {
	Places   []TopologyPlace   `json:"places" nullable:"false"`
	Machines []TopologyMachine `json:"machines" nullable:"false"`
	Servers  []TopologyServer  `json:"servers" nullable:"false"`
	More     bool              `json:"more" doc:"There are more servers than these: ask for one place"`
}

// TopologyPlace is a site, region or storage cluster.
type TopologyPlace struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Kind    string `json:"kind" enum:"site,region,cluster"`
	Hosts   int    `json:"hosts" doc:"Hosts or hypervisors"`
	Alive   int    `json:"alive" doc:"Of them, those that answer"`
	Servers int64  `json:"servers" doc:"Plaza's, whether they are here or not"`
	Stale   bool   `json:"stale" doc:"It does not answer now"`
	Health  string `json:"health,omitempty" doc:"Of its storage: HEALTH_OK, HEALTH_WARN, HEALTH_ERR"`
}

// TopologyMachine is a host, or a hypervisor of a region.
type TopologyMachine struct {
	ID      string `json:"id" doc:"Of the host; of a hypervisor, the region's own"`
	Name    string `json:"name"`
	Place   string `json:"place" doc:"Id of the place"`
	Alive   bool   `json:"alive"`
	Open    bool   `json:"open" doc:"It takes orders"`
	Why     string `json:"why,omitempty" doc:"Why it takes none"`
	Servers int    `json:"servers" doc:"That run on it, whoever made them"`
}

// TopologyServer is a server and what it belongs to.
type TopologyServer struct {
	ID      string              `json:"id"`
	Name    string              `json:"name"`
	Project string              `json:"project"`
	Phase   resource.Phase      `json:"phase" enum:"Pending,Working,Ready,Degraded,Failed,Deleting"`
	Power   provider.PowerState `json:"power,omitempty"`
	Place   string              `json:"place,omitempty" doc:"Id of the place; absent while it is nowhere"`
	Machine string              `json:"machine,omitempty" doc:"Id of the machine; absent while it is on none that is known"`
	Bundle  *resource.Ref       `json:"bundle,omitempty" doc:"Bundle that it is a part of"`
}

type topologyInput struct {
	Place string `query:"place" doc:"Only this site, region or cluster, by id or name"`
	Limit int    `query:"limit" minimum:"0" maximum:"1000" default:"300" doc:"At most so many servers"`
}

func (s *Server) topologyRoutes() {
	s.tag("topology", "What runs where, and what is joined with what.")
	op := func(path, id, doc string) huma.Operation {
		return huma.Operation{Method: http.MethodGet, Path: "/v1/topology" + path, OperationID: id, Summary: doc, Tags: []string{"topology"}}
	}
	huma.Register(s.api, op("", "getTopology", "Read which servers run on which machines of which places"), func(ctx context.Context, in *topologyInput) (*Body[Topology], error) {
		v, err := s.pools(ctx)
		if err != nil {
			return nil, err
		}
		if in.Place != "" {
			p, err := findPool(v, in.Place)
			if err != nil {
				return nil, err
			}
			v.Items = []pool.Pool{p}
		}
		t := newTopology(v.Items)
		if err := s.authorize(ctx, "list", "server", ""); err != nil {
			return nil, err
		}
		err = t.settle(ctx, s.cfg.Store.View(resource.ActorFrom(ctx).Scope), in)
		return body(*t.Topology, err)
	})
	huma.Register(s.api, op("/networks", "getNetworkMap", "Read which networks routers join, and which servers and addresses are in them"), func(ctx context.Context, in *networkMapInput) (*Body[NetworkMap], error) {
		project, err := s.project(ctx, in.Project)
		if err != nil {
			return nil, err
		}
		for _, kind := range mappedKinds {
			if err := s.authorize(ctx, "list", kind, project); err != nil {
				return nil, err
			}
		}
		return body(readNetworkMap(ctx, s.cfg.Store.View(resource.ActorFrom(ctx).Scope), project, in.Limit))
	})
}

// spot is a machine as a server's status names it: a host by its id, or a hypervisor by its region's id and its name.
type spot struct{ place, node string }

type topology struct {
	*Topology
	at      map[spot]TopologyMachine
	bundles map[string]*resource.Ref // by id of what belongs to one; nil for none
}

func newTopology(places []pool.Pool) topology {
	t := topology{&Topology{Places: []TopologyPlace{}, Machines: []TopologyMachine{}, Servers: []TopologyServer{}}, map[spot]TopologyMachine{}, map[string]*resource.Ref{}}
	for _, p := range places {
		place := TopologyPlace{ID: p.ID, Name: p.Site, Kind: p.Kind, Hosts: p.Hosts, Alive: p.Alive, Servers: p.Servers, Stale: p.Stale}
		if p.Storage != nil {
			place.Health = p.Storage.Health
		}
		t.Places = append(t.Places, place)
		for _, m := range p.Members {
			machine := TopologyMachine{ID: m.ID, Name: m.Name, Place: p.ID, Alive: m.Alive, Open: m.Open, Why: m.Why, Servers: m.Servers}
			t.Machines = append(t.Machines, machine)
			if p.Kind == pool.KindSite {
				t.at[spot{place: m.ID}] = machine
			} else {
				t.at[spot{p.ID, m.Name}] = machine
			}
		}
	}
	return t
}

// settle puts servers on their machines: all that the view sees, or those of the place that was asked for.
func (t topology) settle(ctx context.Context, v resource.View, in *topologyInput) error {
	if in.Place == "" {
		return t.read(ctx, v, resource.Query{Kind: "server"}, in.Limit)
	}
	hosts := []string{t.Places[0].ID}
	if t.Places[0].Kind == pool.KindSite {
		hosts = nil
		for _, m := range t.Machines {
			hosts = append(hosts, m.ID)
		}
	}
	for _, host := range hosts {
		if err := t.read(ctx, v, resource.Query{Kind: "server", Fields: map[string]string{"status.host": host}}, in.Limit); err != nil || t.More {
			return err
		}
	}
	return nil
}

func (t topology) read(ctx context.Context, v resource.View, q resource.Query, most int) error {
	q.Limit = min(most-len(t.Servers)+1, 1000)
	page, err := v.List(ctx, q)
	if err != nil {
		return err
	}
	for _, raw := range page.Items {
		if len(t.Servers) == most {
			t.More = true
			return nil
		}
		o, err := resource.As[kinds.ServerSpec, kinds.ServerStatus](raw)
		if err != nil {
			return err
		}
		if err := t.add(ctx, v, o); err != nil {
			return err
		}
	}
	t.More = page.Next != ""
	return nil
}

func (t topology) add(ctx context.Context, v resource.View, o kinds.Server) error {
	x := TopologyServer{ID: o.ID, Name: o.Name, Project: o.Project, Phase: o.Phase, Power: o.Status.Power, Place: o.Status.Host}
	for _, s := range []spot{{place: o.Status.Host}, {o.Status.Host, o.Status.Node}} {
		if m, known := t.at[s]; known {
			x.Place, x.Machine = m.Place, m.ID
		}
	}
	var err error
	x.Bundle, err = t.bundleOf(ctx, v, o.Owner, 0)
	t.Servers = append(t.Servers, x)
	return err
}

// deepest bounds how far owners are followed: a bundle's node group's server is two from it.
const deepest = 4

// bundleOf follows owners up to a bundle; one that is gone meanwhile, or that the view does not see, is none.
func (t topology) bundleOf(ctx context.Context, v resource.View, owner *resource.Ref, depth int) (*resource.Ref, error) {
	if owner == nil || owner.Kind == "bundle" || depth == deepest {
		return owner, nil
	}
	if known, is := t.bundles[owner.ID]; is {
		return known, nil
	}
	o, err := v.Get(ctx, owner.Kind, "", owner.ID)
	if err != nil && resource.ReasonOf(err) != resource.ReasonNotFound {
		return nil, err
	}
	found, err := t.bundleOf(ctx, v, o.Owner, depth+1)
	if found != nil && found.Kind != "bundle" {
		found = nil
	}
	t.bundles[owner.ID] = found
	return found, err
}
