package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// BuiltInRole is a role that is always there.
type BuiltInRole struct {
	Name        tenancy.Role `json:"name"`
	Description string       `json:"description" doc:"What it allows at and below the node that it is bound on"`
}

// RoleList are the roles that can be bound on a node.
type RoleList struct {
	BuiltIn []BuiltInRole        `json:"builtIn" nullable:"false"`
	Items   []tenancy.CustomRole `json:"items" nullable:"false" doc:"Custom ones, by node and name"`
}

type rolesInput struct {
	Node string `query:"node" doc:"Id or full name of the node to bind them on; the root without it"`
}

type newRoleInput struct {
	Body tenancy.NewRole
}

type roleChangeInput struct {
	ID   string `path:"id" format:"uuid"`
	Body tenancy.RoleChange
}

func (s *Server) roleRoutes() {
	s.tag("roles", "What bindings give: the built-in roles, and those that administrators made.")
	op := func(method, path, id, doc string) huma.Operation {
		return huma.Operation{Method: method, Path: "/v1/roles" + path, OperationID: id, Summary: doc, Tags: []string{"roles"}, MaxBodyBytes: 64 << 10}
	}
	kinds := tenancy.VerbsOf(s.registry.Kinds()...)
	huma.Register(s.api, op(http.MethodGet, "", "listRoles", "List the roles that can be bound on a node"), s.listRoles)
	create := op(http.MethodPost, "", "createRole", "Make a role that reads, and may what its permissions say")
	create.DefaultStatus = http.StatusCreated
	huma.Register(s.api, create, func(ctx context.Context, in *newRoleInput) (*Body[tenancy.CustomRole], error) {
		return body(s.cfg.Tenancy.CreateRole(ctx, resource.ActorFrom(ctx), in.Body, kinds))
	})
	huma.Register(s.api, op(http.MethodGet, "/{id}", "getRole", "Read a custom role"), func(ctx context.Context, in *idInput) (*Body[tenancy.CustomRole], error) {
		return body(s.cfg.Tenancy.Role(ctx, resource.ActorFrom(ctx), in.ID))
	})
	huma.Register(s.api, op(http.MethodPatch, "/{id}", "updateRole", "Change a custom role, for all who hold it"), func(ctx context.Context, in *roleChangeInput) (*Body[tenancy.CustomRole], error) {
		return body(s.cfg.Tenancy.UpdateRole(ctx, resource.ActorFrom(ctx), in.ID, in.Body, kinds))
	})
	huma.Register(s.api, op(http.MethodDelete, "/{id}", "deleteRole", "Delete a custom role that nobody holds"), func(ctx context.Context, in *idInput) (*struct{}, error) {
		return nil, s.cfg.Tenancy.DeleteRole(ctx, resource.ActorFrom(ctx), in.ID)
	})
}

func (s *Server) listRoles(ctx context.Context, in *rolesInput) (*Body[RoleList], error) {
	n, err := s.cfg.Tenancy.Root(ctx)
	at := ""
	if err == nil && in.Node != "" && in.Node != "/" {
		n, err = s.cfg.Tenancy.VisibleNode(ctx, resource.ActorFrom(ctx), in.Node)
		at = n.ID
	}
	if err != nil {
		return nil, err
	}
	if err := s.authorize(ctx, "list", "role", at); err != nil {
		return nil, err
	}
	out := RoleList{BuiltIn: []BuiltInRole{}}
	for _, r := range tenancy.BuiltIn {
		out.BuiltIn = append(out.BuiltIn, BuiltInRole{r.Role, r.Description})
	}
	out.Items, err = s.cfg.Tenancy.RolesOn(ctx, n)
	return body(out, err)
}
