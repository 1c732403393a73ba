package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/resource"
)

type placementInput struct {
	Body struct {
		Project string            `json:"project" minLength:"1" doc:"Id or full name"`
		Labels  map[string]string `json:"labels,omitempty" maxProperties:"64" doc:"What policies tell servers by"`
		Spec    kinds.ServerSpec  `json:"spec"`
	} `nameHint:"PlacementOrder"`
}

func (s *Server) placementRoutes() {
	s.tag("placement", "Where orders go, and why.")
	op := huma.Operation{Method: http.MethodPost, Path: "/v1/placement/explain", OperationID: "explainPlacement", Tags: []string{"placement"},
		Summary: "Tell where a server would be placed, and why not elsewhere, without making it"}
	huma.Register(s.api, op, func(ctx context.Context, in *placementInput) (*Body[resource.PlacementPlan], error) {
		project, err := s.project(ctx, in.Body.Project)
		if err != nil {
			return nil, err
		}
		spec, err := json.Marshal(in.Body.Spec)
		if err != nil {
			return nil, err
		}
		return body(s.explain(ctx, resource.Request{Kind: "server", Project: project, Labels: in.Body.Labels, Spec: spec}))
	})
}

// explain asks for a server as its creation would, and takes a refusal for an answer.
func (s *Server) explain(ctx context.Context, req resource.Request) (resource.PlacementPlan, error) {
	// A name that no server has: a dry run gives it to none.
	req.Name, req.Mode, req.DryRun, req.Actor = "x"+resource.NewID(), resource.CreateOnly, true, resource.ActorFrom(ctx)
	a, err := s.cfg.Store.Apply(ctx, req)
	plan := resource.PlacementPlan{Candidates: []resource.Candidate{}}
	if a.Plan != nil {
		plan = *a.Plan
	}
	var p *resource.Problem
	if !errors.As(err, &p) || p.Reason != resource.ReasonNoCandidate && p.Reason != resource.ReasonQuotaExceeded {
		return plan, err
	}
	plan.Detail, plan.Hint = p.Detail, p.Hint
	if p.Candidates != nil {
		plan.Candidates = p.Candidates
	}
	return plan, nil
}
