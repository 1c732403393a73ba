package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/resource"
)

// QuotaAlarms tells what is wrong with the quotas of a node and of all below it.
type QuotaAlarms struct {
	Items   []resource.QuotaUsage `json:"items" nullable:"false" doc:"Limits, soft or hard, that more is used than they say"`
	Recount *resource.Recounting  `json:"recount,omitempty" doc:"What the last nightly count found; told to those who may read all quotas"`
}

func (s *Server) quotaAlarmRoute(op huma.Operation) {
	huma.Register(s.api, op, func(ctx context.Context, in *QuotaInput) (*Body[QuotaAlarms], error) {
		node, view, err := s.quotaOf(ctx, in.Node)
		if err != nil {
			return nil, err
		}
		out := QuotaAlarms{}
		if out.Items, err = view.Exceeded(ctx, node); err != nil {
			return nil, err
		}
		if s.authorize(ctx, "get", "quota", "") == nil {
			out.Recount, err = s.cfg.Store.LastRecount(ctx)
		}
		return body(out, err)
	})
}

// quotaAlarms are those of the whole installation, for who may read all quotas.
func (s *Server) quotaAlarms(ctx context.Context) ([]Alarm, error) {
	if s.authorize(ctx, "get", "quota", "") != nil {
		return nil, nil //nolint:nilerr // others are told of nothing
	}
	var out []Alarm
	last, err := s.cfg.Store.LastRecount(ctx)
	if err != nil {
		return nil, err
	}
	if last != nil && last.Differences > 0 {
		out = append(out, Alarm{Severity: Critical, Reason: "QuotaDifference", Kind: "quota", Count: last.Differences, Detail: last.Detail, Since: &last.At})
	}
	n, err := s.cfg.Store.CountExceeded(ctx)
	if n > 0 {
		out = append(out, Alarm{Severity: Warning, Reason: "QuotaExceeded", Kind: "quota", Count: n})
	}
	return out, err
}
