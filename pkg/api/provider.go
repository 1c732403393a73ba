package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// IdentityProviderList are all identity providers.
type IdentityProviderList struct {
	Items []tenancy.IdentityProvider `json:"items" nullable:"false"`
}

type newProviderInput struct{ Body tenancy.NewIdentityProvider }

type providerChangeInput struct {
	NameInput
	Body tenancy.NewIdentityProvider
}

func (s *Server) providerRoutes() {
	s.tag("identity-providers", "Who else knows users: OpenID Connect and LDAP.")
	op := func(method, path, id, doc string) huma.Operation {
		return huma.Operation{Method: method, Path: "/v1/identity-providers" + path, OperationID: id, Summary: doc, Tags: []string{"identity-providers"}}
	}
	huma.Register(s.api, op(http.MethodGet, "", "listIdentityProviders", "List identity providers, by name"), func(ctx context.Context, _ *struct{}) (*Body[IdentityProviderList], error) {
		if err := s.authorize(ctx, "list", "identityprovider", ""); err != nil {
			return nil, err
		}
		items, err := s.cfg.Tenancy.IdentityProviders(ctx, "")
		return body(IdentityProviderList{items}, err)
	})
	create := op(http.MethodPost, "", "createIdentityProvider", "Add an identity provider")
	create.DefaultStatus = http.StatusCreated
	huma.Register(s.api, create, func(ctx context.Context, in *newProviderInput) (*Body[tenancy.IdentityProvider], error) {
		return body(s.cfg.Tenancy.CreateIdentityProvider(ctx, resource.ActorFrom(ctx), in.Body))
	})
	huma.Register(s.api, op(http.MethodGet, "/{id}", "getIdentityProvider", "Read an identity provider"), func(ctx context.Context, in *NameInput) (*Body[tenancy.IdentityProvider], error) {
		if err := s.authorize(ctx, "get", "identityprovider", ""); err != nil {
			return nil, err
		}
		return body(s.cfg.Tenancy.IdentityProvider(ctx, in.ID))
	})
	huma.Register(s.api, op(http.MethodPut, "/{id}", "updateIdentityProvider", "Replace an identity provider; without a secret the one it has stays"), func(ctx context.Context, in *providerChangeInput) (*Body[tenancy.IdentityProvider], error) {
		return body(s.cfg.Tenancy.UpdateIdentityProvider(ctx, resource.ActorFrom(ctx), in.ID, in.Body))
	})
	huma.Register(s.api, op(http.MethodDelete, "/{id}", "deleteIdentityProvider", "Remove an identity provider of no users"), func(ctx context.Context, in *NameInput) (*struct{}, error) {
		return nil, s.cfg.Tenancy.DeleteIdentityProvider(ctx, resource.ActorFrom(ctx), in.ID)
	})
}
