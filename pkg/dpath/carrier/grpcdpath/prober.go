package grpcdpath

import (
	"context"
	"time"

	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
)

// ProbeOptions says how nodes are probed. The zero value is sensible.
type ProbeOptions struct {
	Service  string        // asked for by its name; "" means the whole server
	Interval time.Duration // 0 means 2 s
	Timeout  time.Duration // of one probe; 0 means the interval
	// Asks names apps to ask before they are first called; nil means none.
	Asks func(app string) bool
}

// Probe asks the grpc.health.v1 service of the nodes of the apps that were called
// until ctx ends: three failures in a row take a node out, one answer brings it
// back. Any answer is health
// except NOT_SERVING, UNAVAILABLE and none in time; so is the guard's refusal,
// and UNIMPLEMENTED by a server without that service.
func (c *Client) Probe(ctx context.Context, opts ProbeOptions) {
	c.peer.ProbeNodes(ctx, carrier.Prober{
		Table: c.health, Interval: opts.Interval, Timeout: opts.Timeout, Asks: opts.Asks,
		Well:   func(ctx context.Context, n *dpath.Node) bool { return c.probe(ctx, n, opts.Service) },
		Health: func(v *dpath.View) dpath.Health { return health{v, c.pool} },
	})
}

func (c *Client) probe(ctx context.Context, n *dpath.Node, service string) bool {
	l, err := c.pool.acquire(n)
	if err != nil {
		return false
	}
	defer c.pool.release(n, l)
	resp, err := healthpb.NewHealthClient(l).Check(ctx, &healthpb.HealthCheckRequest{Service: service}, grpc.WaitForReady(false))
	if err != nil {
		return !failed(err)
	}
	return resp.GetStatus() != healthpb.HealthCheckResponse_NOT_SERVING
}
