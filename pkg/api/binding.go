package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// BindingList are roles bound to users on nodes.
type BindingList struct {
	Items []tenancy.Binding `json:"items" nullable:"false"`
}

type bindingsInput struct {
	User  string `query:"user" doc:"Id or name"`
	Node  string `query:"node" doc:"Id or full name, / for the root; all nodes without it"`
	Below bool   `query:"below" doc:"Also on the nodes below"`
}

type newBindingInput struct {
	Body struct {
		User string       `json:"user" minLength:"1" doc:"Id or name"`
		Role tenancy.Role `json:"role" minLength:"1" maxLength:"63" doc:"admin, operator, member, reader, auditor, billing-reader, or the name of a custom role"`
		Node string       `json:"node" doc:"Id or full name; empty for the root"`
	} `nameHint:"NewBinding"`
}

func (s *Server) bindingRoutes() {
	s.tag("bindings", "Who has which role on which node, and so on all below it.")
	op := func(method, path, id, doc string) huma.Operation {
		return huma.Operation{Method: method, Path: "/v1/bindings" + path, OperationID: id, Summary: doc, Tags: []string{"bindings"}}
	}
	huma.Register(s.api, op(http.MethodGet, "", "listBindings", "List bindings, by node and user"), s.listBindings)
	create := op(http.MethodPost, "", "createBinding", "Give a user a role on a node; again returns the same binding")
	create.DefaultStatus = http.StatusCreated
	huma.Register(s.api, create, func(ctx context.Context, in *newBindingInput) (*Body[tenancy.Binding], error) {
		return body(s.cfg.Tenancy.Bind(ctx, resource.ActorFrom(ctx), in.Body.User, in.Body.Role, in.Body.Node))
	})
	huma.Register(s.api, op(http.MethodDelete, "/{id}", "deleteBinding", "Take a role away"), func(ctx context.Context, in *idInput) (*struct{}, error) {
		return nil, s.cfg.Tenancy.Unbind(ctx, resource.ActorFrom(ctx), in.ID)
	})
}

// listBindings lists those on a node, or all without one, which is for those who may at the root.
func (s *Server) listBindings(ctx context.Context, in *bindingsInput) (*Body[BindingList], error) {
	f := tenancy.BindingFilter{User: in.User, Below: in.Below}
	if in.Node != "" {
		n, err := s.cfg.Tenancy.VisibleNode(ctx, resource.ActorFrom(ctx), in.Node)
		if err != nil {
			return nil, err
		}
		f.Node = n.ID
	}
	if err := s.authorize(ctx, "list", "binding", f.Node); err != nil {
		return nil, err
	}
	items, err := s.cfg.Tenancy.Bindings(ctx, f)
	return body(BindingList{items}, err)
}
