package grpcdpath

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/plazacloud/plaza/pkg/dpath"
)

// ProbeOptions says how nodes are probed. The zero value is sensible.
type ProbeOptions struct {
	Service  string        // asked for by its name; "" means the whole server
	Interval time.Duration // 0 means 2 s
	Timeout  time.Duration // of one probe; 0 means the interval
}

// concurrentProbes bounds the load that probing puts on caller and nodes.
const concurrentProbes = 16

// Probe asks every node's grpc.health.v1 service until ctx ends: three failures
// in a row take a node out, one answer brings it back. Any answer is health
// except NOT_SERVING, UNAVAILABLE and none in time; so is the guard's refusal,
// and UNIMPLEMENTED by a server without that service.
func (c *Client) Probe(ctx context.Context, opts ProbeOptions) {
	if opts.Interval <= 0 {
		opts.Interval = 2 * time.Second
	}
	if opts.Timeout <= 0 {
		opts.Timeout = opts.Interval
	}
	tick := time.NewTicker(opts.Interval)
	defer tick.Stop()
	for {
		c.probeAll(ctx, opts)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (c *Client) probeAll(ctx context.Context, opts ProbeOptions) {
	cfg := c.peer.Store.Current()
	if cfg == nil {
		return
	}
	view := c.health.View(cfg)
	slots := make(chan struct{}, concurrentProbes)
	var wg sync.WaitGroup
	for _, app := range cfg.Apps() {
		for _, n := range cfg.All(app) {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				ok := c.probe(ctx, n, opts)
				if ctx.Err() == nil {
					view.Probed(n, ok)
				}
			})
		}
	}
	wg.Wait()
	c.peer.Metrics.DedicatedUsable(cfg, health{view, c.pool})
}

func (c *Client) probe(ctx context.Context, n *dpath.Node, opts ProbeOptions) bool {
	l, err := c.pool.acquire(n)
	if err != nil {
		return false
	}
	defer c.pool.release(n, l)
	ctx, cancel := context.WithTimeout(ctx, opts.Timeout)
	defer cancel()
	resp, err := healthpb.NewHealthClient(l).Check(ctx, &healthpb.HealthCheckRequest{Service: opts.Service}, grpc.WaitForReady(false))
	if err != nil {
		return !failed(err)
	}
	return resp.GetStatus() != healthpb.HealthCheckResponse_NOT_SERVING
}
