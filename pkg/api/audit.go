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

// history reads one page. A scope limited to a project also sees what belongs to none, which is not the project's to
// read: such rows are passed over.
func (s *Server) history(ctx context.Context, project string, in *auditInput) (HistoryList, error) {
	scope := resource.ActorFrom(ctx).Scope
	if project != "" {
		scope = scope.Narrow(project)
	}
	view := s.cfg.Store.View(scope)
	out, before := HistoryList{Items: []resource.Audit{}}, in.Before
	for {
		rows, err := view.History(ctx, in.Object, before, in.Limit)
		if err != nil {
			return out, err
		}
		for _, r := range rows {
			if project == "" || r.Project == project {
				out.Items = append(out.Items, r)
			}
			if len(out.Items) == in.Limit {
				out.Next = r.ID
				return out, nil
			}
		}
		if len(rows) < in.Limit {
			return out, nil
		}
		before = rows[len(rows)-1].ID
	}
}
