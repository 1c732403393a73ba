package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

type guestPasswordInput struct {
	ObjectInput
	Body struct {
		User     string `json:"user,omitempty" maxLength:"32" pattern:"^([a-z_][a-z0-9_-]*)?$" doc:"Of the guest; default root"`
		Password string `json:"password" minLength:"8" maxLength:"128"`
	} `nameHint:"GuestPassword"`
}

// passwordRoute sets a password within a guest. It is done at once and kept nowhere: neither the object nor the audit has it.
func (s *Server) passwordRoute(driver provider.Driver) {
	op := huma.Operation{Method: http.MethodPost, Path: "/v1/servers/{id}/password", OperationID: "passwordServer", Tags: []string{"servers"},
		Summary:     "Set a password in a running server's guest",
		Description: "Needs the right to change the server, and something in the guest that does it, such as the QEMU guest agent. The password is kept nowhere."}
	huma.Register(s.api, op, func(ctx context.Context, in *guestPasswordInput) (*struct{}, error) {
		return nil, s.setPassword(ctx, driver, in)
	})
}

func (s *Server) setPassword(ctx context.Context, driver provider.Driver, in *guestPasswordInput) error {
	def, err := s.registry.Kind("server")
	if err != nil {
		return err
	}
	raw, err := (&kind{Definition: def, server: s}).find(ctx, "update", in.ObjectInput)
	if err != nil {
		return err
	}
	o, err := resource.As[kinds.ServerSpec, kinds.ServerStatus](raw)
	if err != nil {
		return err
	}
	user := in.Body.User
	if user == "" {
		user = "root"
	}
	switch {
	case o.Spec.Locked != nil:
		return o.Spec.Locked.Refuse(&o)
	case o.Status.Host == "":
		return resource.Problemf(resource.ReasonConflict, "server", "wait until it is placed", "server %s is on no host yet", o.Name)
	}
	// Noted first: who tried is worth knowing, too.
	if err := s.cfg.Store.Record(ctx, resource.ActorFrom(ctx), "password", o.Meta, "of "+user); err != nil {
		return err
	}
	return kinds.Explain("server", driver.SetServerPassword(ctx, o.Status.Host, o.ID, user, in.Body.Password))
}
