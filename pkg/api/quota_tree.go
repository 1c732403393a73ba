package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

type quotaTreeInput struct {
	QuotaInput
	Metric string `query:"metric" required:"true" maxLength:"190" doc:"e.g. vcpus"`
	Region string `query:"region" maxLength:"63" doc:"Only what is in this region, site or storage cluster; left out: everywhere"`
}

func (s *Server) quotaTreeRoutes() {
	op := huma.Operation{Method: http.MethodGet, Path: "/v1/quotas/tree", OperationID: "listQuotaTree", Summary: "List limits and use of a metric by a node and by those below it that have a limit or use some",
		Tags: []string{"quotas"}}
	huma.Register(s.api, op, func(ctx context.Context, in *quotaTreeInput) (*Body[QuotaList], error) {
		node, view, err := s.quotaOf(ctx, in.Node)
		if err != nil {
			return nil, err
		}
		items, err := view.QuotaTree(ctx, node, in.Metric, in.Region)
		return body(QuotaList{items}, err)
	})
}
