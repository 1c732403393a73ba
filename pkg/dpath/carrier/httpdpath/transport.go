package httpdpath

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// TransportOptions says how a [Transport] sends. The zero value is sensible.
type TransportOptions struct {
	// Base sends a call to a chosen node; nil means [NewBase].
	Base http.RoundTripper
	// Health is shared between transports of one process; nil makes a new one.
	Health *dpath.Table
	// Attempts bounds the nodes tried for one call; 0 means 3.
	Attempts int
	// Closed refuses hosts that are not apps; otherwise calls to them leave
	// unrouted and, unless the document trusts the host, without label.
	Closed bool
	// MaxReplay is the largest request body, in bytes, kept to be sent again;
	// 0 means 1 MiB. Larger ones of unknown origin are not retried.
	MaxReplay int64
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
	budget budget
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
	t := &Transport{peer: p, opts: opts, base: opts.Base, health: opts.Health}
	if t.base == nil {
		t.base = NewBase()
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
	t.budget.fill()
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
// error is a [*CallError]; see [WriteError].
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.roundTrip(req)
	if err != nil || resp.StatusCode >= 500 {
		downstreamFailed(req.Context())
	}
	if err != nil && req.Body != nil {
		_ = req.Body.Close() // a RoundTripper closes the body, also when it fails
	}
	return resp, err
}

func (t *Transport) roundTrip(req *http.Request) (*http.Response, error) {
	cfg := t.peer.Store.Current()
	if cfg == nil {
		return nil, &CallError{App: req.URL.Hostname(), Route: ErrNoConfig}
	}
	app, inside := cfg.App(req.URL.Hostname())
	if !inside {
		return t.outside(cfg, req)
	}
	c := &call{t: t, cfg: cfg, picks: cfg, req: req, app: app, view: t.health.View(cfg), trail: trail.FromContext(req.Context())}
	if l := dpath.FromContext(req.Context()); t.peer.now().Before(l.Expiry()) {
		c.label = l
	}
	if c.trail != nil && c.trail.Probe().NoFilter {
		c.picks = cfg.Unfiltered()
	}
	return c.run()
}

// outside sends a call to a host that is no app. Only trusted hosts see the label.
func (t *Transport) outside(cfg *dpath.Config, req *http.Request) (*http.Response, error) {
	host := req.URL.Hostname()
	if t.opts.Closed {
		return nil, &CallError{App: host, Route: dpath.ErrUnknownApp}
	}
	out := req.Clone(req.Context())
	clearHop(out.Header)
	label := dpath.Label{}
	if cfg.Trusts(host) {
		label = dpath.FromContext(req.Context())
	}
	label.Inject(out.Header)
	return t.base.RoundTrip(out)
}

func clearHop(h http.Header) {
	h.Del(trail.HeaderProbe)
	h.Del(trail.HeaderDecision)
	h.Del(trail.HeaderTrail)
}

// source is the process-wide random source.
type source struct{}

func (source) Uint64() uint64 { return rand.Uint64() } // #nosec G404 -- load balancing needs no secret

// routeError wraps what Pick returned.
func routeError(app, env string, err, last error) error {
	var route *dpath.RouteError
	if !errors.As(err, &route) {
		return err
	}
	return &CallError{App: app, Env: env, Route: route, Last: last}
}
