package httpdpath

import (
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// TransportOptions says how a [Transport] sends. The zero value is sensible.
type TransportOptions struct {
	// Base sends a call to a chosen node; nil means [NewWire].
	Base http.RoundTripper
	// Health is shared between transports of one process; nil makes a new one.
	Health *dpath.Table
	// Attempts bounds the nodes tried for one call; 0 means 3.
	Attempts int
	// TryTimeout bounds the wait for the head of one attempt's answer; 0 means
	// as long as the call itself may last.
	TryTimeout time.Duration
	// Closed refuses hosts that are not apps; otherwise calls to them leave
	// unrouted and, unless the document trusts the host, without label.
	Closed bool
	// MaxReplay is the largest request body, in bytes, kept to be sent again;
	// 0 means 1 MiB. Larger ones of unknown origin are not retried.
	MaxReplay int64
	// Owned says that the caller gives its requests away, so that their headers
	// need not be copied, as a proxy does. It bends the rule of http.RoundTripper.
	Owned bool
}

// Transport is an http.RoundTripper that reads the URL's host as the name of
// an app, picks a node for the call's environment, sets the label, and retries
// on another node of the same environment where that is safe. Each request is
// routed by itself; a connection carries no label.
type Transport struct {
	peer   *Peer
	opts   TransportOptions
	base   http.RoundTripper
	health *dpath.Table
	budget *carrier.Budget
}

var _ http.RoundTripper = (*Transport)(nil)

// NewBase makes the plain transport used to reach nodes: no proxy, short dial
// timeout, many idle connections.
func NewBase() *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: time.Second, KeepAlive: 30 * time.Second}).DialContext,
		MaxIdleConnsPerHost: 128,
		IdleConnTimeout:     90 * time.Second,
		DisableCompression:  true, // bodies pass through as they are
	}
}

// Transport makes a client transport of this process.
func (p *Peer) Transport(opts TransportOptions) *Transport {
	t := &Transport{peer: p, opts: opts, base: opts.Base, health: opts.Health, budget: carrier.NewBudget()}
	if t.base == nil {
		t.base = NewWire(NewBase())
	}
	if t.health == nil {
		t.health = dpath.NewTable()
	}
	if t.opts.Attempts <= 0 {
		t.opts.Attempts = 3
	}
	if t.opts.MaxReplay <= 0 {
		t.opts.MaxReplay = 1 << 20
	}
	return t
}

// Health gives the transport's knowledge of nodes.
func (t *Transport) Health() *dpath.Table { return t.health }

// CloseIdleConnections closes connections not in use.
func (t *Transport) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// RoundTrip implements http.RoundTripper. When no node can take the call the
// error is a [*carrier.CallError]; see [WriteError].
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.roundTrip(req)
	if err != nil || resp.StatusCode >= 500 {
		carrier.DownstreamFailed(req.Context())
	}
	if err != nil && req.Body != nil {
		_ = req.Body.Close() // a RoundTripper closes the body, also when it fails
	}
	return resp, err
}

func (t *Transport) roundTrip(req *http.Request) (*http.Response, error) {
	cfg := t.peer.Store.Current()
	if cfg == nil {
		return nil, &carrier.CallError{App: req.URL.Hostname(), Route: carrier.ErrNoConfig}
	}
	app, inside := cfg.App(req.URL.Hostname())
	if !inside {
		return t.outside(cfg, req)
	}
	c := &call{t: t, cfg: cfg, picks: cfg, req: req, app: app, label: t.peer.Valid(dpath.FromContext(req.Context())), view: t.health.View(cfg), trail: trail.FromContext(req.Context())}
	if c.trail != nil && c.trail.Probe().NoFilter {
		c.picks = cfg.Unfiltered()
	}
	return c.run()
}

// outside sends a call to a host that is no app. Only trusted hosts see the label.
func (t *Transport) outside(cfg *dpath.Config, req *http.Request) (*http.Response, error) {
	host := req.URL.Hostname()
	if t.opts.Closed {
		return nil, &carrier.CallError{App: host, Route: dpath.ErrUnknownApp}
	}
	out := req.Clone(req.Context())
	clearHop(out.Header)
	label, err := t.peer.Outside(cfg, host, dpath.FromContext(req.Context()))
	if err != nil {
		return nil, err
	}
	label.Inject(out.Header)
	return t.base.RoundTrip(out)
}

// hop are the headers that belong to one hop, in canonical form, as net/http reads them.
var hop = [...]string{trail.HeaderProbe, trail.HeaderDecision, trail.HeaderTrail}

func isHop(name string) bool { return slices.Contains(hop[:], name) }

func clearHop(h http.Header) {
	for _, name := range hop {
		delete(h, name) // Del would work out the canonical form for each call
	}
}
