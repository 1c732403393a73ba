package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// RecoveryCodes stand in for a code of the authenticator, once each.
type RecoveryCodes struct {
	Codes []string `json:"recoveryCodes" nullable:"false" doc:"Shown this once"`
}

type factorInput struct {
	Body struct {
		Password string `json:"password" minLength:"1" maxLength:"1024" doc:"One's present one"`
	} `nameHint:"FactorEnrolment"`
}

type codeInput struct {
	Body struct {
		Code string `json:"code" minLength:"1" maxLength:"64"`
	} `nameHint:"FactorCode"`
}

func (s *Server) totpRoutes() {
	s.tag("totp", "Codes of an authenticator (RFC 6238) as a second factor.")
	op := func(method, path, id, doc string) huma.Operation {
		return huma.Operation{Method: method, Path: "/v1" + path, OperationID: id, Summary: doc, Tags: []string{"totp"}, MaxBodyBytes: 16 << 10}
	}
	huma.Register(s.api, op(http.MethodGet, "/me/totp", "getTotp", "Tell whether one has a second factor"), func(ctx context.Context, _ *struct{}) (*Body[tenancy.FactorStatus], error) {
		return body(s.cfg.Tenancy.SecondFactor(ctx, PrincipalFrom(ctx).UserID))
	})
	enrol := op(http.MethodPost, "/me/totp", "enrolTotp", "Make a key for an authenticator; it is in force once confirmed")
	enrol.DefaultStatus = http.StatusCreated
	huma.Register(s.api, enrol, func(ctx context.Context, in *factorInput) (*Body[tenancy.Enrolment], error) {
		return body(s.cfg.Tenancy.EnrolFactor(ctx, PrincipalFrom(ctx), in.Body.Password))
	})
	huma.Register(s.api, op(http.MethodPost, "/me/totp/confirm", "confirmTotp", "Put the key in force by a code of it; returns recovery codes"), func(ctx context.Context, in *codeInput) (*Body[RecoveryCodes], error) {
		codes, err := s.cfg.Tenancy.ConfirmFactor(ctx, PrincipalFrom(ctx), in.Body.Code)
		return body(RecoveryCodes{codes}, err)
	})
	huma.Register(s.api, op(http.MethodPost, "/me/totp/remove", "removeTotp", "Do without a second factor, for a last code of it"), func(ctx context.Context, in *codeInput) (*struct{}, error) {
		return nil, s.cfg.Tenancy.RemoveFactor(ctx, PrincipalFrom(ctx), in.Body.Code)
	})
	huma.Register(s.api, op(http.MethodDelete, "/users/{id}/totp", "resetTotp", "Take the second factor of a user who lost it away"), func(ctx context.Context, in *NameInput) (*struct{}, error) {
		return nil, s.cfg.Tenancy.ResetFactor(ctx, resource.ActorFrom(ctx), in.ID)
	})
}
