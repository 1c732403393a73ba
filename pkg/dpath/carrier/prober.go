package carrier

import (
	"context"
	"sync"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
)

// concurrentProbes bounds the load that probing puts on caller and nodes.
const concurrentProbes = 16

// Prober asks nodes for their health.
type Prober struct {
	Table    *dpath.Table
	Interval time.Duration // 0 means 2 s
	Timeout  time.Duration // of one probe; 0 means the interval
	// Well tells whether a node answers well, within the time ctx leaves.
	Well func(ctx context.Context, n *dpath.Node) bool
	// Asks names apps to ask before they are first called; nil means none.
	Asks func(app string) bool
	// Health is what the metrics tell by; nil means the table alone.
	Health func(v *dpath.View) dpath.Health
}

// ProbeNodes asks the nodes of all apps that were called by the table's process,
// or that o asks, until ctx ends: three failures in a row take a node out, one
// answer brings it back. Apps that nobody calls here may speak another protocol.
func (p *Peer) ProbeNodes(ctx context.Context, o Prober) {
	if o.Interval <= 0 {
		o.Interval = 2 * time.Second
	}
	if o.Timeout <= 0 {
		o.Timeout = o.Interval
	}
	if o.Health == nil {
		o.Health = func(v *dpath.View) dpath.Health { return v }
	}
	if o.Asks == nil {
		o.Asks = func(string) bool { return false }
	}
	tick := time.NewTicker(o.Interval)
	defer tick.Stop()
	for {
		p.probeAll(ctx, o)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (p *Peer) probeAll(ctx context.Context, o Prober) {
	cfg := p.Store.Current()
	if cfg == nil {
		return
	}
	view := o.Table.View(cfg)
	slots := make(chan struct{}, concurrentProbes)
	var wg sync.WaitGroup
	knows := func(app string) bool { return view.Called(app) || o.Asks(app) }
	for _, app := range cfg.Apps() {
		if !knows(app) {
			continue
		}
		for _, n := range cfg.All(app) {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				within, cancel := context.WithTimeout(ctx, o.Timeout)
				defer cancel()
				ok := o.Well(within, n)
				if ctx.Err() == nil {
					view.Probed(n, ok)
				}
			})
		}
	}
	wg.Wait()
	p.Metrics.DedicatedUsable(cfg, o.Health(view), knows)
}
