package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// TokenList are a user's API tokens.
type TokenList struct {
	Items []tenancy.Token `json:"items" nullable:"false"`
}

// CreatedToken is a new token with its secret, which is shown this once.
type CreatedToken struct {
	Token  tenancy.Token `json:"token"`
	Secret string        `json:"secret" doc:"Goes into the Authorization header after Bearer; kept nowhere"`
}

type tokensInput struct {
	User string `query:"user" doc:"Id or name; one's own without it"`
}

type newTokenInput struct{ Body tenancy.NewToken }

func (s *Server) tokenRoutes() {
	s.tag("tokens", "What programs act by for a user.")
	op := func(method, path, id, doc string) huma.Operation {
		return huma.Operation{Method: method, Path: "/v1/tokens" + path, OperationID: id, Summary: doc, Tags: []string{"tokens"}}
	}
	huma.Register(s.api, op(http.MethodGet, "", "listTokens", "List a user's tokens, by name"), func(ctx context.Context, in *tokensInput) (*Body[TokenList], error) {
		id, err := s.tokenOwner(ctx, in.User)
		if err != nil {
			return nil, err
		}
		items, err := s.cfg.Tenancy.Tokens(ctx, id)
		return body(TokenList{items}, err)
	})
	create := op(http.MethodPost, "", "createToken", "Make a token, for oneself or, as an administrator, for anybody")
	create.DefaultStatus = http.StatusCreated
	huma.Register(s.api, create, func(ctx context.Context, in *newTokenInput) (*Body[CreatedToken], error) {
		t, secret, err := s.cfg.Tenancy.CreateToken(ctx, resource.ActorFrom(ctx), in.Body)
		return body(CreatedToken{t, secret}, err)
	})
	huma.Register(s.api, op(http.MethodDelete, "/{id}", "deleteToken", "Revoke a token"), func(ctx context.Context, in *idInput) (*struct{}, error) {
		return nil, s.cfg.Tenancy.DeleteToken(ctx, resource.ActorFrom(ctx), in.ID)
	})
}

// tokenOwner finds the user whose tokens are asked for; others' are for those who may list tokens.
func (s *Server) tokenOwner(ctx context.Context, asked string) (string, error) {
	p := PrincipalFrom(ctx)
	if asked == "" || asked == p.UserID || asked == p.UserName {
		return p.UserID, nil
	}
	if err := s.authorize(ctx, "list", "token", ""); err != nil {
		return "", err
	}
	u, err := s.cfg.Tenancy.User(ctx, asked)
	return u.ID, err
}
