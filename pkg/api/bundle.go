package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/bundle"
	"github.com/plazacloud/plaza/pkg/dpath/verify"
	"github.com/plazacloud/plaza/pkg/resource"
)

// BlueprintList is what can be deployed.
type BlueprintList struct {
	Items []*bundle.Blueprint `json:"items" nullable:"false"`
}

// OrderApply is an order, and the plan that the user has seen.
type OrderApply struct {
	bundle.Order
	PlanID string `json:"planId,omitempty" doc:"Refused when it is not any more what would happen"`
}

// OrderApplied is what applying an order did.
type OrderApplied struct {
	Object    resource.Raw        `json:"object"`
	Operation *resource.Operation `json:"operation,omitempty" doc:"Absent when nothing had to be done"`
	Changed   bool                `json:"changed"`
	Plan      *bundle.Plan        `json:"plan"`
}

type planInput struct{ Body bundle.Order }

type applyInput struct {
	Wait string `query:"wait" doc:"How long to wait for the bundle to be healthy, e.g. 5m; at most 10m"`
	Body OrderApply
}

type verifyInput struct {
	ObjectInput
	Body bundle.Verification
}

// BundleRoutes plans and applies orders; the other verbs of bundles come with their kind.
func BundleRoutes(p *bundle.Planner) Routes {
	return func(api huma.API, s *Server) {
		op := func(method, path, id, doc string) huma.Operation {
			return huma.Operation{Method: method, Path: path, OperationID: id, Summary: doc, Tags: []string{"bundles"}}
		}
		huma.Register(api, op(http.MethodGet, "/v1/blueprints", "listBlueprints", "List what can be deployed"), func(context.Context, *struct{}) (*Body[BlueprintList], error) {
			return body(BlueprintList{p.Deployer.Catalogue.List()}, nil)
		})
		huma.Register(api, op(http.MethodPost, "/v1/bundles/plan", "planBundle", "Tell what applying an order would do"), func(ctx context.Context, in *planInput) (*Body[*bundle.Plan], error) {
			if err := s.orderProject(ctx, &in.Body); err != nil {
				return nil, err
			}
			plan, err := p.Plan(ctx, resource.ActorFrom(ctx), in.Body)
			return body(plan, err)
		})
		huma.Register(api, op(http.MethodPost, "/v1/bundles/apply", "applyBundle", "Deploy an order, or change what is deployed"), func(ctx context.Context, in *applyInput) (*Body[OrderApplied], error) {
			if err := s.orderProject(ctx, &in.Body.Order); err != nil {
				return nil, err
			}
			out, err := s.applyBundle(ctx, p, in)
			return body(out, err)
		})
		huma.Register(api, op(http.MethodPost, "/v1/bundles/{id}/verify", "verifyBundle", "Prove by signed probes that the bundle's dedicated paths hold"), func(ctx context.Context, in *verifyInput) (*Body[verify.Report], error) {
			project, err := s.project(ctx, in.Project)
			if err != nil {
				return nil, err
			}
			report, err := p.Verify(ctx, resource.ActorFrom(ctx), project, in.ID, in.Body)
			return body(report, err)
		})
	}
}

func (s *Server) orderProject(ctx context.Context, o *bundle.Order) (err error) {
	o.Project, err = s.project(ctx, o.Project)
	return err
}

func (s *Server) applyBundle(ctx context.Context, p *bundle.Planner, in *applyInput) (OrderApplied, error) {
	atMost, err := waitTime(in.Wait)
	if err != nil {
		return OrderApplied{}, err
	}
	a, plan, err := p.Apply(ctx, resource.ActorFrom(ctx), in.Body.Order, in.Body.PlanID)
	if err != nil {
		return OrderApplied{}, err
	}
	out := OrderApplied{Object: a.Object, Operation: a.Operation, Changed: a.Changed, Plan: plan}
	if a.Operation == nil || atMost == 0 {
		return out, nil
	}
	ended, err := s.wait(ctx, a.Operation.ID, atMost)
	if err != nil {
		return out, err
	}
	out.Operation = &ended
	out.Object, err = s.cfg.Store.View(resource.ActorFrom(ctx).Scope).Get(ctx, "bundle", "", a.Object.ID)
	return out, err
}
