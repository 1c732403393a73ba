package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
)

type auditInput struct {
	BackInput
	Object  string `query:"object" format:"uuid" doc:"Id of the object that was changed"`
	Project string `query:"project" doc:"Project id or full name; without it the whole installation's"`
}

func (s *Server) auditRoutes() {
	s.tag("audit", "Who did what, when, from where.")
	huma.Register(s.api, huma.Operation{Method: http.MethodGet, Path: "/v1/audit", OperationID: "listAudit", Summary: "List what was done, newest first", Tags: []string{"audit"}},
		func(ctx context.Context, in *auditInput) (*Body[HistoryList], error) {
			project, err := s.project(ctx, in.Project)
			if err != nil {
				return nil, err
			}
			if err := s.authorize(ctx, "list", "audit", project); err != nil {
				return nil, err
			}
			return body(s.history(ctx, project, in))
		})
}

// history reads one page. Narrowing the scope leaves out what was done to the installation itself.
func (s *Server) history(ctx context.Context, project string, in *auditInput) (HistoryList, error) {
	scope := resource.ActorFrom(ctx).Scope
	if project != "" {
		scope = scope.Narrow(project)
	}
	return historyPage(in.Limit)(s.cfg.Store.View(scope).History(ctx, in.Object, in.Before, in.Limit))
}
