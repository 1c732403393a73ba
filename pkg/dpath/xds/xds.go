// Package xds tells clients that speak xDS v3, above all gRPC in any language,
// where the calls of each lane go. Such a client dials xds:///app and needs
// nothing of this toolkit, but that the service it is part of passes on the
// metadata baggage, traceparent and x-dpath-env of the call it is serving.
//
// There is one listener for each app. A call whose x-dpath-env names an
// environment with nodes of its own goes to the cluster app:environment, every
// other one to the cluster app. No node of an environment is in a cluster of
// common calls or of another environment. What the header says is not trusted:
// the guard of a dedicated node verifies the signed label.
//
// What an xDS client does by itself, and not as the carriers of this toolkit:
//
//   - It knows a node's health by its connection. A lane that may fail over
//     does so when none of its nodes can be connected to, or after ten seconds
//     in which none answers the attempt, and comes back when one can. So
//     minHealthy counts as 1, and spillAt is not kept: spill is failover.
//   - It does not set nodes aside that answer with errors, nor pick again when a
//     guard refuses a call. A label that is altered or has expired is therefore
//     refused by the lane instead of served as common. Change rules in two
//     phases, by preparing and draining, as the centre does.
//   - A strict lane without nodes answers UNAVAILABLE without a reason of ours.
//
// Calls are repeated only as gRPC does without being told: when they never
// reached a node, and within the cluster that was chosen.
package xds

import (
	"context"
	"sync"
	"time"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	"github.com/envoyproxy/go-control-plane/pkg/server/sotw/v3"
	"github.com/envoyproxy/go-control-plane/pkg/server/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/plazacloud/plaza/pkg/dpath"
)

// followEvery is how often a store is asked for changes.
const followEvery = 50 * time.Millisecond

// everybody is the id under which all clients get the one snapshot.
type everybody struct{}

// ID implements cache.NodeHash.
func (everybody) ID(*core.Node) string { return "" }

// Server serves the same snapshot to every client. It is safe for concurrent
// use.
type Server struct {
	cache  cache.SnapshotCache
	health *health.Server

	mu        sync.Mutex
	snapshots Snapshots
}

// New makes a server without a snapshot: clients wait for the first, and the
// health service says NOT_SERVING until then.
func New() *Server {
	// Not in the cache's ADS mode, which leaves a client without answer that asks for some of the apps only.
	s := &Server{cache: cache.NewSnapshotCache(false, everybody{}, nil), health: health.NewServer()}
	s.health.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
	return s
}

// Register adds the aggregated discovery service and the health service to a
// server. Discovery streams end with ctx.
func (s *Server) Register(ctx context.Context, r grpc.ServiceRegistrar) {
	// A gRPC client that asks for nothing means nothing, not everything.
	discovery.RegisterAggregatedDiscoveryServiceServer(r, server.NewServer(ctx, s.cache, nil, sotw.DeactivateLegacyWildcard()))
	healthpb.RegisterHealthServer(r, s.health)
}

// Use puts a configuration in force for all clients. After an error the last
// one stays.
func (s *Server) Use(cfg *dpath.Config) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	snapshot, err := s.snapshots.Next(cfg)
	if err != nil {
		return err
	}
	if err := s.cache.SetSnapshot(context.Background(), everybody{}.ID(nil), snapshot); err != nil {
		return err
	}
	s.health.SetServingStatus("", healthpb.HealthCheckResponse_SERVING)
	return nil
}

// Follow uses what a store holds, and each change of it, until ctx ends. refused
// is told of a configuration that could not be used. The store is asked, since
// time alone changes what it holds: by campaign windows.
func (s *Server) Follow(ctx context.Context, store *dpath.Store, refused func(error)) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for last := (*dpath.Config)(nil); ; {
		if cfg := store.Current(); cfg != last {
			last = cfg
			if err := s.Use(cfg); err != nil {
				refused(err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
