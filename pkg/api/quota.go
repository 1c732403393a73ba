package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/resource"
)

// QuotaList is a node's quota.
type QuotaList struct {
	Items []resource.QuotaUsage `json:"items" nullable:"false"`
}

// DifferenceList tells which totals are not what objects hold.
type DifferenceList struct {
	Items []string `json:"items" nullable:"false" doc:"One for each total that is wrong; none is as it must be"`
}

// QuotaInput names a node of the tree.
type QuotaInput struct {
	Node string `query:"node" required:"true" doc:"Id or full name of a project, or of a node above projects; / for the root"`
}

type limitInput struct {
	QuotaInput
	Metric string `path:"metric" maxLength:"190" pattern:"^[a-z][a-z0-9_.]{0,62}(:[A-Za-z0-9][A-Za-z0-9_.=-]{0,126})?$" doc:"e.g. vcpus, volume_gib:TIER or trait:KEY=VALUE"`
	Region string `query:"region" maxLength:"63" pattern:"^[A-Za-z0-9._-]*$" doc:"Only what is in this region, site or storage cluster, by name; left out: everywhere"`
	Body   struct {
		Hard   int64  `json:"hard" minimum:"-1" doc:"Limit; -1 for none"`
		Soft   *int64 `json:"soft,omitempty" minimum:"-1" doc:"More than that is allowed but too much; -1 for none"`
		Strict bool   `json:"strict,omitempty" doc:"The limits below may not add up to more than this one"`
	} `nameHint:"QuotaLimit"`
}

type holdingsInput struct {
	QuotaInput
	Metric string `query:"metric" doc:"Only of this metric"`
	Region string `query:"region" maxLength:"63" pattern:"^[A-Za-z0-9._-]*$" doc:"Only what is in this region, site or storage cluster"`
	After  string `query:"after" doc:"next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (s *Server) quotaRoutes() {
	s.tag("quotas", "What a project, or all projects below a node, may hold, and hold.")
	op := func(method, path, id, doc string) huma.Operation {
		return huma.Operation{Method: method, Path: "/v1/quotas" + path, OperationID: id, Summary: doc, Tags: []string{"quotas"}}
	}
	huma.Register(s.api, op(http.MethodGet, "", "listQuotas", "List limits and use of a node, by metric"), func(ctx context.Context, in *QuotaInput) (*Body[QuotaList], error) {
		node, err := s.readQuota(ctx, in.Node)
		if err != nil {
			return nil, err
		}
		return s.quotas(ctx, node)
	})
	huma.Register(s.api, op(http.MethodGet, "/holdings", "listHoldings", "List which object takes what of a node's quota"), func(ctx context.Context, in *holdingsInput) (*Body[resource.HoldingPage], error) {
		node, view, err := s.quotaOf(ctx, in.Node)
		if err != nil {
			return nil, err
		}
		return body(view.Holdings(ctx, resource.HoldingQuery{Node: node, Metric: in.Metric, Region: in.Region, After: in.After, Limit: in.Limit}))
	})
	huma.Register(s.api, op(http.MethodGet, "/differences", "listQuotaDifferences", "Count anew what all objects hold, and list the totals that are not that"), func(ctx context.Context, _ *struct{}) (*Body[DifferenceList], error) {
		if err := s.authorize(ctx, "get", "quota", ""); err != nil {
			return nil, err
		}
		items, err := s.cfg.Store.Recount(ctx)
		return body(DifferenceList{items}, err)
	})
	s.quotaAlarmRoute(op(http.MethodGet, "/alarms", "listQuotaAlarms", "List limits of a node, and of all below it, that are exceeded, and what the last nightly count found"))
	huma.Register(s.api, op(http.MethodPut, "/{metric}", "setQuota", "Limit a metric of a node and of all below it"), func(ctx context.Context, in *limitInput) (*Body[QuotaList], error) {
		node, err := s.nodeID(ctx, in.Node)
		if err != nil {
			return nil, err
		}
		l := resource.Hard(in.Body.Hard)
		l.Strict = in.Body.Strict
		if in.Body.Soft != nil {
			l.Soft = *in.Body.Soft
		}
		if err := s.limitIn(ctx, node, in.Region, &l); err != nil {
			return nil, err
		}
		if err := s.cfg.Store.SetQuota(ctx, resource.ActorFrom(ctx), node, in.Metric, l); err != nil {
			return nil, err
		}
		return s.quotas(ctx, node)
	})
}

// limitIn makes a limit one of a region. Limits where nothing can be are refused; one that is lifted may be of a region that is gone.
func (s *Server) limitIn(ctx context.Context, node, region string, l *resource.Limit) error {
	l.Region = region
	if region == "" || l.Hard < 0 && l.Soft < 0 {
		return nil
	}
	if err := s.cfg.Store.MayLimit(ctx, resource.ActorFrom(ctx), node); err != nil {
		return err
	}
	names, err := kinds.Sites(ctx, s.cfg.Store.View(resource.Everything))
	if err != nil || slices.Contains(names, region) {
		return err
	}
	p := resource.Invalid("quota", "region", region, "is no region, site or storage cluster")
	p.Hint = "there are: " + strings.Join(names, ", ")
	return p
}

func (s *Server) quotas(ctx context.Context, node string) (*Body[QuotaList], error) {
	view, err := s.quotaView(ctx, node)
	if err != nil {
		return nil, err
	}
	items, err := view.Quota(ctx, node)
	return body(QuotaList{items}, err)
}

// quotaView sees the projects of a node whose quota the actor was allowed to read: not all who may see what is in them.
func (s *Server) quotaView(ctx context.Context, node string) (resource.View, error) {
	scope := resource.ActorFrom(ctx).Scope
	if scope.All() || node == "" {
		return s.cfg.Store.View(scope), nil
	}
	projects, _, err := s.cfg.Tenancy.Below(ctx, s.cfg.Store.DB().Read, node)
	return s.cfg.Store.View(resource.Within(projects...)), err
}

// quotaOf is a node whose quota the actor may read, and the view of it.
func (s *Server) quotaOf(ctx context.Context, idOrName string) (node string, view resource.View, err error) {
	if node, err = s.readQuota(ctx, idOrName); err == nil {
		view, err = s.quotaView(ctx, node)
	}
	return node, view, err
}

func (s *Server) readQuota(ctx context.Context, idOrName string) (string, error) {
	node, err := s.nodeID(ctx, idOrName)
	if err != nil {
		return "", err
	}
	return node, s.authorize(ctx, "get", "quota", node)
}

// nodeID turns a node's full name into its id; ids are checked by whoever uses them.
func (s *Server) nodeID(ctx context.Context, idOrName string) (string, error) {
	if id, err := uuid.Parse(idOrName); err == nil {
		return id.String(), nil
	}
	n, err := s.cfg.Tenancy.VisibleNode(ctx, resource.ActorFrom(ctx), idOrName)
	return n.ID, err
}
