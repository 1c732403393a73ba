package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/resource"
)

// PoolList is what every place has, their sum, and what is kept in the books only.
type PoolList struct {
	pool.View
}

type poolInput struct {
	Place string `path:"place" doc:"Id or name of a site, region or cluster; all for the sum"`
}

type seriesInput struct {
	Place  string    `query:"place" default:"all" doc:"Id or name of a site, region or cluster; all for the sum"`
	Pool   string    `query:"pool" doc:"Storage pool, external network or class of machines; the whole place without it"`
	Metric string    `query:"metric" required:"true" enum:"vcpus,memory_mib,disk_gib,volume_gib,raw_bytes,storage_bytes,addresses,machines"`
	From   time.Time `query:"from" doc:"A day before the end without it"`
	To     time.Time `query:"to" doc:"Now without it"`
	Step   int64     `query:"step" minimum:"30" maximum:"31536000" doc:"Seconds; about 240 points without it"`
}

func (s *Server) poolRoutes() {
	s.tag("pools", "Capacity and use of sites, regions and storage clusters, as last observed.")
	op := func(path, id, doc string) huma.Operation {
		return huma.Operation{Method: http.MethodGet, Path: "/v1/pools" + path, OperationID: id, Summary: doc, Tags: []string{"pools"}}
	}
	huma.Register(s.api, op("", "listPools", "List capacity and use of every place, and their sum"), func(ctx context.Context, _ *struct{}) (*Body[PoolList], error) {
		v, err := s.pools(ctx)
		for i, p := range v.Items {
			v.Items[i] = p.Brief()
		}
		return body(PoolList{v}, err)
	})
	huma.Register(s.api, op("/{place}", "getPool", "Read capacity and use of one place, with its hosts and storage pools"), func(ctx context.Context, in *poolInput) (*Body[pool.Pool], error) {
		v, err := s.pools(ctx)
		if err != nil {
			return nil, err
		}
		p, err := findPool(v, in.Place)
		return body(p, err)
	})
	huma.Register(s.api, op("/history", "listPoolHistory", "Read how a metric of a place went"), func(ctx context.Context, in *seriesInput) (*Body[pool.Series], error) {
		v, err := s.pools(ctx)
		if err != nil {
			return nil, err
		}
		return body(s.series(ctx, v, in))
	})
}

// pools is the view, for those who may know of hosts.
func (s *Server) pools(ctx context.Context) (pool.View, error) {
	if err := s.authorize(ctx, "list", "host", ""); err != nil {
		return pool.View{}, err
	}
	return kinds.Pools(ctx, s.cfg.Store, time.Now())
}

func findPool(v pool.View, place string) (pool.Pool, error) {
	p, n := v.Find(place)
	switch {
	case n == 0:
		return p, resource.Problemf(resource.ReasonNotFound, "pool", "list what there is with: plaza pool list", "there is no site, region or cluster %q", place)
	case n > 1:
		e := resource.Problemf(resource.ReasonConflict, "pool", "say which by its id", "%d places are called %q", n, place)
		for _, x := range v.Items {
			if x.Site == place {
				e.Candidates = append(e.Candidates, resource.Candidate{Name: x.ID, Reason: "SameName", Detail: "the " + x.Kind + " " + x.Site})
			}
		}
		return p, e
	}
	return p, nil
}

// series reads a history. That of a place which is gone is read by the id it had.
func (s *Server) series(ctx context.Context, v pool.View, in *seriesInput) (pool.Series, error) {
	db := s.cfg.Store.DB()
	place, err := findPool(v, in.Place)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		if known, failed := pool.Recorded(ctx, db, in.Place); failed != nil || known {
			place.ID, err = in.Place, failed
		}
	}
	if err != nil {
		return pool.Series{}, err
	}
	span := pool.Span{Place: place.ID, Pool: in.Pool, Metric: in.Metric, From: in.From, To: in.To, Step: time.Duration(in.Step) * time.Second}
	if span.To.IsZero() {
		span.To = v.At
	}
	if span.From.IsZero() {
		span.From = span.To.Add(-24 * time.Hour)
	}
	return pool.History(ctx, db, span)
}
