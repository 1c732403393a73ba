package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// UseList is use, state and warnings by group.
type UseList struct {
	Items []UseGroup `json:"items" nullable:"false" doc:"By name; what belongs to no group comes last"`
}

// UseGroup is what the objects of one tenant, brand, host or application hold, and how they are.
type UseGroup struct {
	Kind     string                   `json:"kind,omitempty" doc:"node, host or bundle; left out for what belongs to none"`
	ID       string                   `json:"id,omitempty"`
	Name     string                   `json:"name,omitempty" doc:"Full name of a node or bundle, name of a host"`
	Used     map[string]int64         `json:"used" doc:"Held, or promised to what is being made, by metric"`
	Objects  map[resource.Phase]int64 `json:"objects" doc:"How many objects are in which phase"`
	Warnings int64                    `json:"warnings" doc:"Objects that are degraded or failed, and limits of the group that are exceeded"`
}

type useInput struct {
	QuotaInput
	By string `query:"by" required:"true" enum:"tenant,brand,host,application" doc:"tenant: the nodes directly below; application: the bundle that made it"`
}

func (s *Server) useRoutes() {
	op := huma.Operation{Method: http.MethodGet, Path: "/v1/quotas/use", OperationID: "listUse", Summary: "List use, state and warnings of a node by tenant, brand, host or application", Tags: []string{"quotas"}}
	huma.Register(s.api, op, func(ctx context.Context, in *useInput) (*Body[UseList], error) {
		node, view, err := s.quotaOf(ctx, in.Node)
		if err != nil {
			return nil, err
		}
		switch in.By {
		case "host":
			if err := s.authorize(ctx, "list", "host", ""); err != nil {
				return nil, err
			}
			return s.useByObject(ctx, view, node, resource.ByHost, "host")
		case "application":
			return s.useByObject(ctx, view, node, resource.ByApplication, "bundle")
		}
		return s.useByNode(ctx, view, node, in.By == "brand")
	})
}

// useByObject names groups that are objects. What no object is has its id for a name, as machines of regions have.
func (s *Server) useByObject(ctx context.Context, view resource.View, node string, by resource.Grouping, kind string) (*Body[UseList], error) {
	use, err := view.Use(ctx, node, by)
	if err != nil {
		return nil, err
	}
	groups := useGroups{}
	for id, u := range use {
		g := groups.of(kind, id, id)
		g.add(u)
		o, err := s.cfg.Store.View(resource.Everything).Get(ctx, kind, "", id)
		switch {
		case resource.ReasonOf(err) == resource.ReasonNotFound:
		case err != nil:
			return nil, err
		default:
			if g.Name, err = s.fullName(ctx, o); err != nil {
				return nil, err
			}
		}
	}
	return body(groups.list(), nil)
}

// fullName is an object's name after that of its project.
func (s *Server) fullName(ctx context.Context, o resource.Raw) (string, error) {
	if o.Project == "" {
		return o.Name, nil
	}
	project, err := s.cfg.Tenancy.FullName(ctx, s.cfg.Store.DB().Read, o.Project)
	return project + "/" + o.Name, err
}

// useByNode puts projects together by the node directly below, or by their brand.
func (s *Server) useByNode(ctx context.Context, view resource.View, node string, brand bool) (*Body[UseList], error) {
	use, err := view.Use(ctx, node, resource.ByProject)
	if err != nil {
		return nil, err
	}
	nodes, err := s.cfg.Tenancy.Subtree(ctx, node)
	if err != nil {
		return nil, err
	}
	top, err := s.cfg.Tenancy.Node(ctx, node)
	if err != nil {
		return nil, err
	}
	place := tree{byID: map[string]tenancy.Node{}, top: top}
	for _, n := range nodes {
		place.byID[n.ID] = n
	}
	if brand {
		if err := place.lookUp(ctx, s.cfg.Tenancy); err != nil {
			return nil, err
		}
	}
	exceeded, err := view.Exceeded(ctx, node)
	if err != nil {
		return nil, err
	}
	groups := useGroups{}
	group := func(id string) *UseGroup {
		n, found := place.tenant(id)
		if brand {
			n, found = place.brand(id)
		}
		if !found {
			return groups.of("node", "", "")
		}
		return groups.of("node", n.ID, n.FullName)
	}
	for project, u := range use {
		group(project).add(u)
	}
	for _, u := range exceeded {
		if u.Node != node || !brand {
			group(u.Node).Warnings++
		}
	}
	return body(groups.list(), nil)
}

// tree is a part of the tenants' tree.
type tree struct {
	byID map[string]tenancy.Node
	top  tenancy.Node
}

// lookUp adds what is above, as a brand may be.
func (t tree) lookUp(ctx context.Context, tenants *tenancy.Service) error {
	for _, id := range steps(t.top) {
		if _, known := t.byID[id]; known {
			continue
		}
		n, err := tenants.Node(ctx, id)
		if err != nil {
			return err
		}
		t.byID[id] = n
	}
	return nil
}

func steps(n tenancy.Node) []string { return strings.Split(strings.Trim(n.Path, "/"), "/") }

// tenant is the node below the top that an id is, or is below of; the top itself for what is its own.
func (t tree) tenant(id string) (tenancy.Node, bool) {
	n, known := t.byID[id]
	if !known {
		return n, false
	}
	way, at := steps(n), len(steps(t.top))
	return t.byID[way[min(at, len(way)-1)]], true
}

// brand is the nearest brand at or above an id.
func (t tree) brand(id string) (tenancy.Node, bool) {
	n, known := t.byID[id]
	if !known {
		return n, false
	}
	for _, up := range slices.Backward(steps(n)) {
		if n := t.byID[up]; n.Type == tenancy.Brand {
			return n, true
		}
	}
	return tenancy.Node{}, false
}

type useGroups map[string]*UseGroup

func (g useGroups) of(kind, id, name string) *UseGroup {
	u, known := g[id]
	if !known {
		u = &UseGroup{ID: id, Name: name, Used: map[string]int64{}, Objects: map[resource.Phase]int64{}}
		if id != "" {
			u.Kind = kind
		}
		g[id] = u
	}
	return u
}

func (g *UseGroup) add(u resource.Use) {
	for metric, n := range u.Used {
		g.Used[metric] += n
	}
	for phase, n := range u.Phases {
		g.Objects[phase] += n
	}
	g.Warnings += u.Phases[resource.PhaseDegraded] + u.Phases[resource.PhaseFailed]
}

func (g useGroups) list() UseList {
	out := UseList{Items: make([]UseGroup, 0, len(g))}
	for _, u := range g {
		out.Items = append(out.Items, *u)
	}
	slices.SortFunc(out.Items, func(a, b UseGroup) int {
		if (a.ID == "") != (b.ID == "") {
			return strings.Compare(b.ID, a.ID)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
}
