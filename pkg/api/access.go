package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

type explainInput struct {
	User string `query:"user" doc:"Id or name; oneself without it"`
	Verb string `query:"verb" required:"true" maxLength:"63" doc:"get, list, watch, create, update, delete, or an action of the kind"`
	Kind string `query:"kind" required:"true" maxLength:"63" doc:"e.g. server"`
	Node string `query:"node" doc:"Id or full name of a project or node; the installation as a whole without it"`
}

func (s *Server) accessRoutes() {
	s.tag("access", "Who may do what, and why.")
	huma.Register(s.api, huma.Operation{Method: http.MethodGet, Path: "/v1/access", OperationID: "explainAccess", Summary: "Tell which grants allow something, or what is missing", Tags: []string{"access"}},
		func(ctx context.Context, in *explainInput) (*Body[tenancy.Explanation], error) {
			kinds := tenancy.VerbsOf(s.registry.Kinds()...)
			i := slices.IndexFunc(kinds, func(k tenancy.KindVerbs) bool { return k.Kind == in.Kind })
			if i < 0 {
				return nil, resource.Problemf(resource.ReasonInvalid, "access", "see: plaza --help", "there is no kind %q", in.Kind)
			}
			if in.User == "" {
				in.User = PrincipalFrom(ctx).UserID
			}
			return body(s.cfg.Tenancy.Explain(ctx, resource.ActorFrom(ctx), tenancy.Question{User: in.User, Verb: in.Verb, Kind: kinds[i], Node: in.Node}))
		})
}
