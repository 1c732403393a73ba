package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// InvitationList are open invitations.
type InvitationList struct {
	Items []tenancy.Invitation `json:"items" nullable:"false"`
}

// CreatedInvitation is a new invitation with what is handed over, which is shown this once.
type CreatedInvitation struct {
	Invitation tenancy.Invitation `json:"invitation"`
	Token      string             `json:"token" doc:"For the invited alone; kept nowhere"`
}

type invitationsInput struct {
	Node  string `query:"node" doc:"Id or full name, / for the root; all nodes without it"`
	Below bool   `query:"below" doc:"Also on the nodes below"`
}

type newInvitationInput struct{ Body tenancy.NewInvitation }

type acceptInput struct{ Body tenancy.Acceptance }

func (s *Server) invitationRoutes() {
	s.tag("invitations", "How people come to an account of their own making.")
	op := func(method, path, id, doc string) huma.Operation {
		return huma.Operation{Method: method, Path: "/v1/invitations" + path, OperationID: id, Summary: doc, Tags: []string{"invitations"}}
	}
	huma.Register(s.api, op(http.MethodGet, "", "listInvitations", "List open invitations, by node"), s.listInvitations)
	create := op(http.MethodPost, "", "createInvitation", "Invite somebody to a role on a node, as whoever may bind it there may")
	create.DefaultStatus = http.StatusCreated
	huma.Register(s.api, create, func(ctx context.Context, in *newInvitationInput) (*Body[CreatedInvitation], error) {
		i, secret, err := s.cfg.Tenancy.Invite(ctx, resource.ActorFrom(ctx), in.Body)
		return body(CreatedInvitation{i, secret}, err)
	})
	accept := op(http.MethodPost, "/accept", "acceptInvitation", "Make the account that an invitation is for")
	accept.DefaultStatus, accept.Security, accept.MaxBodyBytes = http.StatusCreated, open, 16<<10
	s.limited["POST /v1/invitations/accept"] = true
	huma.Register(s.api, accept, func(ctx context.Context, in *acceptInput) (*Body[tenancy.User], error) {
		return body(s.cfg.Tenancy.Accept(ctx, in.Body, RemoteFrom(ctx)))
	})
	huma.Register(s.api, op(http.MethodDelete, "/{id}", "deleteInvitation", "Take an invitation back"), func(ctx context.Context, in *idInput) (*struct{}, error) {
		return nil, s.cfg.Tenancy.RevokeInvitation(ctx, resource.ActorFrom(ctx), in.ID)
	})
}

// listInvitations is for those who may list the bindings there.
func (s *Server) listInvitations(ctx context.Context, in *invitationsInput) (*Body[InvitationList], error) {
	node := ""
	if in.Node != "" {
		n, err := s.cfg.Tenancy.VisibleNode(ctx, resource.ActorFrom(ctx), in.Node)
		if err != nil {
			return nil, err
		}
		node = n.ID
	}
	if err := s.authorize(ctx, "list", "binding", node); err != nil {
		return nil, err
	}
	items, err := s.cfg.Tenancy.Invitations(ctx, node, in.Below)
	return body(InvitationList{items}, err)
}
