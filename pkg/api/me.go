package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// Me is who is signed in, and what they may do.
type Me struct {
	User        tenancy.User        `json:"user"`
	Token       string              `json:"token,omitempty" doc:"Id of the API token in use; empty for a session"`
	ExpiresAt   *time.Time          `json:"expiresAt,omitempty" doc:"When the session or token ends"`
	Permissions tenancy.Permissions `json:"permissions"`
	Nodes       []tenancy.Node      `json:"nodes" nullable:"false" doc:"The part of the tree that is seen, projects among it, by full name"`
}

type passwordInput struct {
	Body struct {
		Old string `json:"old" maxLength:"1024"`
		New string `json:"new" minLength:"1" maxLength:"1024" doc:"At least 10 characters"`
	} `nameHint:"PasswordChange"`
}

// SessionList are a user's live sessions.
type SessionList struct {
	Items []tenancy.Session `json:"items" nullable:"false"`
}

func (s *Server) meRoutes() {
	s.tag("me", "The one who is signed in.")
	op := func(method, path, id, doc string) huma.Operation {
		return huma.Operation{Method: method, Path: "/v1/me" + path, OperationID: id, Summary: doc, Tags: []string{"me"}, MaxBodyBytes: 16 << 10}
	}
	huma.Register(s.api, op(http.MethodGet, "", "getMe", "Read who is signed in, and what they may do"), s.me)
	huma.Register(s.api, op(http.MethodPost, "/password", "changePassword", "Change one's password; one's other sessions end"), func(ctx context.Context, in *passwordInput) (*struct{}, error) {
		return nil, s.cfg.Tenancy.ChangePassword(ctx, PrincipalFrom(ctx), in.Body.Old, in.Body.New)
	})
	huma.Register(s.api, op(http.MethodGet, "/sessions", "listSessions", "List one's sessions"), func(ctx context.Context, _ *struct{}) (*Body[SessionList], error) {
		items, err := s.cfg.Tenancy.Sessions(ctx, PrincipalFrom(ctx).UserID)
		for i := range items {
			items[i].Current = items[i].ID == PrincipalFrom(ctx).SessionID
		}
		return body(SessionList{items}, err)
	})
	huma.Register(s.api, op(http.MethodDelete, "/sessions/{id}", "deleteSession", "End a session"), func(ctx context.Context, in *idInput) (*struct{}, error) {
		return nil, s.cfg.Tenancy.RevokeSession(ctx, resource.ActorFrom(ctx), in.ID)
	})
}

func (s *Server) me(ctx context.Context, _ *struct{}) (*Body[Me], error) {
	p := PrincipalFrom(ctx)
	out := Me{Token: p.TokenID, ExpiresAt: p.ExpiresAt}
	var err error
	if out.User, err = s.cfg.Tenancy.User(ctx, p.UserID); err != nil {
		return nil, err
	}
	if out.Permissions, err = s.cfg.Tenancy.Permissions(ctx, p.Actor, tenancy.VerbsOf(s.registry.Kinds()...)); err != nil {
		return nil, err
	}
	out.Nodes, err = s.cfg.Tenancy.VisibleNodes(ctx, p.Actor)
	return body(out, err)
}
