package httpdpath

import (
	"context"
	"net/http"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
)

// ProbeOptions says how nodes are probed. The zero value is sensible.
type ProbeOptions struct {
	Path     string        // "" means /healthz
	Interval time.Duration // 0 means 2 s
	Timeout  time.Duration // of one probe; 0 means the interval
	// Asks names apps to ask before they are first called; nil means none.
	Asks func(app string) bool
	// Via gives the way to the nodes of an app; nil means the transport's own.
	Via func(app string) http.RoundTripper
}

// Probe asks the nodes of the apps that were called for their health until ctx
// ends: three failures in a row take a node out, one answer brings it back. Any
// answer below 500 is health, also the guard's 421.
func (t *Transport) Probe(ctx context.Context, opts ProbeOptions) {
	if opts.Path == "" {
		opts.Path = "/healthz"
	}
	if opts.Via == nil {
		opts.Via = func(string) http.RoundTripper { return t.base }
	}
	t.peer.ProbeNodes(ctx, carrier.Prober{Table: t.health, Interval: opts.Interval, Timeout: opts.Timeout, Asks: opts.Asks, Well: opts.well})
}

func (o ProbeOptions) well(ctx context.Context, n *dpath.Node) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.Addr+o.Path, nil)
	if err != nil {
		return false
	}
	resp, err := o.Via(n.App).RoundTrip(req)
	if err != nil {
		return false
	}
	drain(resp)
	return resp.StatusCode < 500
}
