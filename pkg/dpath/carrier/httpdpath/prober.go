package httpdpath

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
)

// ProbeOptions says how nodes are probed. The zero value is sensible.
type ProbeOptions struct {
	Path     string        // "" means /healthz
	Interval time.Duration // 0 means 2 s
	Timeout  time.Duration // of one probe; 0 means the interval
	// Via gives the way to the nodes of an app; nil means the transport's own.
	Via func(app string) http.RoundTripper
}

// concurrentProbes bounds the load that probing puts on caller and nodes.
const concurrentProbes = 16

// Probe asks every node for its health until ctx ends: three failures in a row
// take a node out, one answer brings it back. Any answer below 500 is health,
// also the guard's 421.
func (t *Transport) Probe(ctx context.Context, opts ProbeOptions) {
	if opts.Path == "" {
		opts.Path = "/healthz"
	}
	if opts.Interval <= 0 {
		opts.Interval = 2 * time.Second
	}
	if opts.Timeout <= 0 {
		opts.Timeout = opts.Interval
	}
	if opts.Via == nil {
		opts.Via = func(string) http.RoundTripper { return t.base }
	}
	tick := time.NewTicker(opts.Interval)
	defer tick.Stop()
	for {
		t.probeAll(ctx, opts)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (t *Transport) probeAll(ctx context.Context, opts ProbeOptions) {
	cfg := t.peer.Store.Current()
	if cfg == nil {
		return
	}
	view := t.health.View(cfg)
	slots := make(chan struct{}, concurrentProbes)
	var wg sync.WaitGroup
	for _, app := range cfg.Apps() {
		for _, n := range cfg.All(app) {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				ok := probe(ctx, n, opts)
				if ctx.Err() == nil {
					view.Probed(n, ok)
				}
			})
		}
	}
	wg.Wait()
	t.peer.Metrics.DedicatedUsable(cfg, view)
}

func probe(ctx context.Context, n *dpath.Node, opts ProbeOptions) bool {
	ctx, cancel := context.WithTimeout(ctx, opts.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.Addr+opts.Path, nil)
	if err != nil {
		return false
	}
	resp, err := opts.Via(n.App).RoundTrip(req)
	if err != nil {
		return false
	}
	drain(resp)
	return resp.StatusCode < 500
}
