package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// UserList are all users.
type UserList struct {
	Items []tenancy.User `json:"items" nullable:"false"`
}

// NameInput names a user.
type NameInput struct {
	ID string `path:"id" doc:"Id or name"`
}

type newUserInput struct{ Body tenancy.NewUser }

type userChangeInput struct {
	NameInput
	Body struct {
		Disabled bool `json:"disabled" doc:"Shuts the account out and ends its sessions; false lets it in again and unlocks it"`
	} `nameHint:"UserChange"`
}

type resetInput struct {
	NameInput
	Body struct {
		Password string `json:"password" minLength:"1" maxLength:"1024" doc:"At least 10 characters"`
	} `nameHint:"PasswordReset"`
}

func (s *Server) userRoutes() {
	s.tag("users", "Accounts of people and machines.")
	op := func(method, path, id, doc string) huma.Operation {
		return huma.Operation{Method: method, Path: "/v1/users" + path, OperationID: id, Summary: doc, Tags: []string{"users"}}
	}
	huma.Register(s.api, op(http.MethodGet, "", "listUsers", "List users, by name"), func(ctx context.Context, _ *struct{}) (*Body[UserList], error) {
		if err := s.authorize(ctx, "list", "user", ""); err != nil {
			return nil, err
		}
		items, err := s.cfg.Tenancy.Users(ctx)
		return body(UserList{items}, err)
	})
	create := op(http.MethodPost, "", "createUser", "Add a user, who may do nothing until a role is bound")
	create.DefaultStatus = http.StatusCreated
	huma.Register(s.api, create, func(ctx context.Context, in *newUserInput) (*Body[tenancy.User], error) {
		return body(s.cfg.Tenancy.CreateUser(ctx, resource.ActorFrom(ctx), in.Body))
	})
	huma.Register(s.api, op(http.MethodGet, "/{id}", "getUser", "Read a user"), func(ctx context.Context, in *NameInput) (*Body[tenancy.User], error) {
		if err := s.authorize(ctx, "get", "user", ""); err != nil {
			return nil, err
		}
		return body(s.cfg.Tenancy.User(ctx, in.ID))
	})
	huma.Register(s.api, op(http.MethodPatch, "/{id}", "updateUser", "Shut an account out, or let it in again"), func(ctx context.Context, in *userChangeInput) (*Body[tenancy.User], error) {
		return body(s.cfg.Tenancy.SetDisabled(ctx, resource.ActorFrom(ctx), in.ID, in.Body.Disabled))
	})
	huma.Register(s.api, op(http.MethodPost, "/{id}/password", "resetPassword", "Give a user a password; all its sessions end"), func(ctx context.Context, in *resetInput) (*struct{}, error) {
		return nil, s.cfg.Tenancy.ResetPassword(ctx, resource.ActorFrom(ctx), in.ID, in.Body.Password)
	})
	huma.Register(s.api, op(http.MethodDelete, "/{id}", "deleteUser", "Remove a user with its sessions, tokens and bindings"), func(ctx context.Context, in *NameInput) (*struct{}, error) {
		return nil, s.cfg.Tenancy.DeleteUser(ctx, resource.ActorFrom(ctx), in.ID)
	})
}
