package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/audit"
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
	huma.Register(s.api, huma.Operation{Method: http.MethodGet, Path: "/v1/audit/head", OperationID: "getAuditHead", Summary: "Chain what was done up to now, and sign how far the chain goes",
		Description: "Each entry is bound to all before it by a hash. Who keeps a head sees later whether what was before it is still the same.", Tags: []string{"audit"}},
		func(ctx context.Context, _ *struct{}) (*Body[audit.Head], error) {
			if err := s.auditor(ctx); err != nil {
				return nil, err
			}
			return body(s.cfg.Store.AuditHead(ctx))
		})
	huma.Register(s.api, huma.Operation{Method: http.MethodGet, Path: "/v1/audit/chain", OperationID: "listAuditChain", Summary: "List the chained entries of the whole installation, oldest first", Tags: []string{"audit"}},
		func(ctx context.Context, in *chainInput) (*Body[ChainList], error) {
			if err := s.auditor(ctx); err != nil {
				return nil, err
			}
			var out ChainList
			var err error
			out.Items, out.Before, err = s.cfg.Store.AuditChain(ctx, in.After, in.Limit)
			return body(out, err)
		})
}

// ChainList is one page of the chained audit.
type ChainList struct {
	Before string       `json:"before" doc:"Hash of the entry before the first; empty for none"`
	Items  []audit.Link `json:"items" nullable:"false"`
}

type chainInput struct {
	After int64 `query:"after" minimum:"0" doc:"Place of the last entry that is known; 0 for none"`
	Limit int   `query:"limit" minimum:"1" maximum:"1000" default:"1000"`
}

// auditor expects somebody who may read the audit of everything: a chain can not leave out what somebody may not see.
func (s *Server) auditor(ctx context.Context) error {
	if err := s.authorize(ctx, "list", "audit", ""); err != nil {
		return err
	}
	if actor := resource.ActorFrom(ctx); !actor.Scope.All() {
		return resource.Problemf(resource.ReasonForbidden, "audit", "a role on the root allows it", "%s sees a part of the installation only", actor.Name)
	}
	return nil
}

// history reads one page. Narrowing the scope leaves out what was done to the installation itself.
func (s *Server) history(ctx context.Context, project string, in *auditInput) (HistoryList, error) {
	scope := resource.ActorFrom(ctx).Scope
	if project != "" {
		scope = scope.Narrow(project)
	}
	return historyPage(in.Limit)(s.cfg.Store.View(scope).History(ctx, in.Object, in.Before, in.Limit))
}
