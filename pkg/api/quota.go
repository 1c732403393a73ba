package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
)

// QuotaList is a project's quota.
type QuotaList struct {
	Items []resource.QuotaUsage `json:"items" nullable:"false"`
}

// HoldingList tells who holds what of a quota.
type HoldingList struct {
	Items []resource.Holding `json:"items" nullable:"false"`
}

// ProjectInput names a project.
type ProjectInput struct {
	Project string `query:"project" required:"true" doc:"Project id or full name"`
}

type limitInput struct {
	ProjectInput
	Metric string `path:"metric" pattern:"^[a-z][a-z0-9_.]{0,62}$" doc:"e.g. vcpus"`
	Body   struct {
		Hard int64 `json:"hard" minimum:"-1" doc:"Limit; -1 for none"`
	} `nameHint:"QuotaLimit"`
}

func (s *Server) quotaRoutes() {
	s.tag("quotas", "What a project may hold, and holds.")
	op := func(method, path, id, doc string) huma.Operation {
		return huma.Operation{Method: method, Path: "/v1/quotas" + path, OperationID: id, Summary: doc, Tags: []string{"quotas"}}
	}
	huma.Register(s.api, op(http.MethodGet, "", "listQuotas", "List limits and use of a project, by metric"), func(ctx context.Context, in *ProjectInput) (*Body[QuotaList], error) {
		project, err := s.readQuota(ctx, in.Project)
		if err != nil {
			return nil, err
		}
		items, err := s.cfg.Store.View(resource.ActorFrom(ctx).Scope).Quota(ctx, project)
		return body(QuotaList{items}, err)
	})
	huma.Register(s.api, op(http.MethodGet, "/holdings", "listHoldings", "List which object takes what of a project's quota"), func(ctx context.Context, in *ProjectInput) (*Body[HoldingList], error) {
		project, err := s.readQuota(ctx, in.Project)
		if err != nil {
			return nil, err
		}
		items, err := s.cfg.Store.View(resource.ActorFrom(ctx).Scope).Holdings(ctx, project)
		return body(HoldingList{items}, err)
	})
	huma.Register(s.api, op(http.MethodPut, "/{metric}", "setQuota", "Limit a metric of a project"), func(ctx context.Context, in *limitInput) (*Body[QuotaList], error) {
		project, err := s.project(ctx, in.Project)
		if err != nil {
			return nil, err
		}
		actor := resource.ActorFrom(ctx)
		if err := s.cfg.Store.SetQuota(ctx, actor, project, in.Metric, in.Body.Hard); err != nil {
			return nil, err
		}
		items, err := s.cfg.Store.View(actor.Scope).Quota(ctx, project)
		return body(QuotaList{items}, err)
	})
}

func (s *Server) readQuota(ctx context.Context, idOrName string) (string, error) {
	project, err := s.project(ctx, idOrName)
	if err != nil {
		return "", err
	}
	return project, s.authorize(ctx, "get", "quota", project)
}
