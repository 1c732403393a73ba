package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
)

var operationType = reflect.TypeFor[resource.Operation]()

// OperationList is one page of operations, newest first.
type OperationList struct {
	Items []resource.Operation `json:"items" nullable:"false"`
	Next  string               `json:"next,omitempty" doc:"Pass it as before for the next page; absent at the end"`
}

// HistoryList is one page of audit rows, newest first.
type HistoryList struct {
	Items []resource.Audit `json:"items" nullable:"false"`
	Next  string           `json:"next,omitempty" doc:"Pass it as before for the next page; absent at the end"`
}

// Body wraps what a handler answers with.
type Body[T any] struct{ Body T }

func body[T any](v T, err error) (*Body[T], error) {
	if err != nil {
		return nil, err
	}
	return &Body[T]{v}, nil
}

// BackInput pages through what comes newest first.
type BackInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Before string `query:"before" format:"uuid" doc:"next of the page before"`
}

type objectBackInput struct {
	ObjectInput
	BackInput
}

func (k *kind) work(op huma.Operation) {
	huma.Register(k.server.api, op, func(ctx context.Context, in *objectBackInput) (*Body[OperationList], error) {
		o, err := k.find(ctx, "get", in.ObjectInput)
		if err != nil {
			return nil, err
		}
		view := k.server.cfg.Store.View(resource.ActorFrom(ctx).Scope)
		return body(operationPage(in.Limit)(view.Operations(ctx, resource.OperationQuery{ObjectID: o.ID, Before: in.Before, Limit: in.Limit})))
	})
}

func operationPage(limit int) func([]resource.Operation, error) (OperationList, error) {
	return func(ops []resource.Operation, err error) (OperationList, error) {
		out := OperationList{Items: ops}
		if len(ops) == limit {
			out.Next = ops[len(ops)-1].ID
		}
		return out, err
	}
}

func historyPage(limit int) func([]resource.Audit, error) (HistoryList, error) {
	return func(rows []resource.Audit, err error) (HistoryList, error) {
		out := HistoryList{Items: rows}
		if len(rows) == limit {
			out.Next = rows[len(rows)-1].ID
		}
		return out, err
	}
}

func (k *kind) past(op huma.Operation) {
	huma.Register(k.server.api, op, func(ctx context.Context, in *objectBackInput) (*Body[HistoryList], error) {
		o, err := k.find(ctx, "get", in.ObjectInput)
		if err != nil {
			return nil, err
		}
		view := k.server.cfg.Store.View(resource.ActorFrom(ctx).Scope)
		return body(historyPage(in.Limit)(view.History(ctx, o.ID, in.Before, in.Limit)))
	})
}

type operationsInput struct {
	BackInput
	Object string `query:"object" format:"uuid" doc:"Id of the object worked on"`
	State  string `query:"state" enum:"pending,running,succeeded,failed,cancelled"`
}

type operationInput struct {
	ID   string `path:"id" format:"uuid"`
	Wait string `query:"wait" doc:"How long to wait for its end, e.g. 30s or seconds; at most 10m"`
}

type idInput struct {
	ID string `path:"id" format:"uuid"`
}

func (s *Server) operationRoutes() {
	op := func(method, path, id, doc string) huma.Operation {
		return huma.Operation{Method: method, Path: "/v1/operations" + path, OperationID: id, Summary: doc, Tags: []string{"operations"}}
	}
	s.tag("operations", "The work that changes entail, from the change until it was seen to be done.")
	huma.Register(s.api, op(http.MethodGet, "", "listOperations", "List operations, newest first"), s.listOperations)
	huma.Register(s.api, op(http.MethodGet, "/{id}", "getOperation", "Read an operation, or wait for its end"), s.getOperation)
	huma.Register(s.api, op(http.MethodPost, "/{id}/retry", "retryOperation", "Work on a failed operation's object anew"), func(ctx context.Context, in *idInput) (*Body[resource.Operation], error) {
		return body(s.cfg.Store.Retry(ctx, resource.ActorFrom(ctx), in.ID))
	})
	huma.Register(s.api, op(http.MethodPost, "/{id}/cancel", "cancelOperation", "Stop working towards what was wanted, until the next change"), func(ctx context.Context, in *idInput) (*Body[resource.Operation], error) {
		return body(s.cfg.Store.Cancel(ctx, resource.ActorFrom(ctx), in.ID))
	})
}

// listOperations leaves out those on kinds that the actor may not read; a page may be short for it.
func (s *Server) listOperations(ctx context.Context, in *operationsInput) (*Body[OperationList], error) {
	view := s.cfg.Store.View(resource.ActorFrom(ctx).Scope)
	page, err := operationPage(in.Limit)(view.Operations(ctx, resource.OperationQuery{ObjectID: in.Object, State: resource.OperationState(in.State),
		Before: in.Before, Limit: in.Limit}))
	if err != nil {
		return nil, err
	}
	may := s.readable(ctx)
	kept := page.Items[:0]
	for _, o := range page.Items {
		if may(o.Kind, o.Project) {
			kept = append(kept, o)
		}
	}
	page.Items = kept
	return body(page, nil)
}

// readable answers whether the actor may read objects of a kind in a project; it remembers.
func (s *Server) readable(ctx context.Context) func(kind, project string) bool {
	known := map[[2]string]bool{}
	return func(kind, project string) bool {
		key := [2]string{kind, project}
		may, ok := known[key]
		if !ok {
			may = s.authorize(ctx, "get", kind, project) == nil
			known[key] = may
		}
		return may
	}
}

func (s *Server) getOperation(ctx context.Context, in *operationInput) (*Body[resource.Operation], error) {
	wait, err := waitTime(in.Wait)
	if err != nil {
		return nil, err
	}
	op, err := s.cfg.Store.View(resource.ActorFrom(ctx).Scope).Operation(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := s.authorize(ctx, "get", op.Kind, op.Project); err != nil {
		return nil, err
	}
	if wait > 0 && !op.Ended() {
		ended, err := s.wait(ctx, op.ID, wait)
		if p := (*Problem)(nil); err != nil && !errors.As(err, &p) {
			return nil, err
		}
		op = ended
	}
	return body(op, nil)
}

func (s *Server) tag(name, doc string) {
	o := s.api.OpenAPI()
	o.Tags = append(o.Tags, &huma.Tag{Name: name, Description: doc})
}
