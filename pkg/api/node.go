package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// NodeList are nodes of the tree, by full name.
type NodeList struct {
	Items []tenancy.Node `json:"items" nullable:"false"`
}

type nodesInput struct {
	Under string `query:"under" doc:"Id or full name; only what lies at or below it"`
	Type  string `query:"type" enum:"group,subsidiary,brand,region,store,project"`
}

// NodeInput names a node.
type NodeInput struct {
	ID string `path:"id" doc:"Id, or full name with %2F for its slashes"`
}

type newNodeInput struct{ Body tenancy.NewNode }

type nodeMoveInput struct {
	NodeInput
	Body struct {
		Parent string `json:"parent" minLength:"1" maxLength:"4096" doc:"Id or full name of the node to hang it below; / for the root"`
	} `nameHint:"NodeMove"`
}

type nodeDeleteInput struct {
	NodeInput
	Cascade bool `query:"cascade" doc:"With all that lies below it and hangs on it, which takes a while: it is done when the node is no longer there. Without, a node that is not empty is refused"`
}

type nodeChangeInput struct {
	NodeInput
	Body tenancy.NodeChange
}

func (s *Server) nodeRoutes() {
	s.tag("nodes", "The tree of the group: subsidiaries, brands, regions, stores and projects.")
	op := func(method, path, id, doc string) huma.Operation {
		return huma.Operation{Method: method, Path: "/v1/nodes" + path, OperationID: id, Summary: doc, Tags: []string{"nodes"}}
	}
	huma.Register(s.api, op(http.MethodGet, "", "listNodes", "List the part of the tree that is seen, by full name"), s.listNodes)
	create := op(http.MethodPost, "", "createNode", "Add a node below another")
	create.DefaultStatus = http.StatusCreated
	huma.Register(s.api, create, func(ctx context.Context, in *newNodeInput) (*Body[tenancy.Node], error) {
		return body(s.cfg.Tenancy.CreateNode(ctx, resource.ActorFrom(ctx), in.Body))
	})
	huma.Register(s.api, op(http.MethodGet, "/{id}", "getNode", "Read a node"), func(ctx context.Context, in *NodeInput) (*Body[tenancy.Node], error) {
		return body(s.cfg.Tenancy.VisibleNode(ctx, resource.ActorFrom(ctx), in.ID))
	})
	huma.Register(s.api, op(http.MethodPatch, "/{id}", "updateNode", "Rename, retitle, relabel, suspend or resume a node"), func(ctx context.Context, in *nodeChangeInput) (*Body[tenancy.Node], error) {
		return body(s.cfg.Tenancy.UpdateNode(ctx, resource.ActorFrom(ctx), in.ID, in.Body))
	})
	huma.Register(s.api, op(http.MethodPost, "/{id}/move", "moveNode", "Hang a node, with all below it, below another"), func(ctx context.Context, in *nodeMoveInput) (*Body[tenancy.Node], error) {
		return body(s.cfg.Tenancy.MoveNode(ctx, resource.ActorFrom(ctx), in.ID, in.Body.Parent))
	})
	huma.Register(s.api, op(http.MethodDelete, "/{id}", "deleteNode", "Remove a node, with the bindings on it"), func(ctx context.Context, in *nodeDeleteInput) (*struct{}, error) {
		if in.Cascade {
			return nil, s.cfg.Tenancy.DeleteBranch(ctx, resource.ActorFrom(ctx), in.ID)
		}
		return nil, s.cfg.Tenancy.DeleteNode(ctx, resource.ActorFrom(ctx), in.ID)
	})
}

func (s *Server) listNodes(ctx context.Context, in *nodesInput) (*Body[NodeList], error) {
	actor := resource.ActorFrom(ctx)
	nodes, err := s.cfg.Tenancy.VisibleNodes(ctx, actor)
	if err != nil {
		return nil, err
	}
	below := ""
	if in.Under != "" {
		n, err := s.cfg.Tenancy.VisibleNode(ctx, actor, in.Under)
		if err != nil {
			return nil, err
		}
		below = n.Path
	}
	out := NodeList{Items: []tenancy.Node{}}
	for _, n := range nodes {
		if strings.HasPrefix(n.Path, below) && (in.Type == "" || string(n.Type) == in.Type) {
			out.Items = append(out.Items, n)
		}
	}
	return body(out, nil)
}
