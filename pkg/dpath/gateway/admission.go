package gateway

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"net/http/httputil"
	"strconv"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
)

// route is a Route at work.
type route struct {
	Route
	limiter   *limiter
	lanes     *lanes
	entry     http.Handler
	transport http.RoundTripper
	switches  *httputil.ReverseProxy // for requests that change the protocol
	log       *slog.Logger
}

// route makes a route work; what old has counted goes on counting.
func (g *Gateway) route(r Route, old *route) *route {
	n := &route{Route: r, limiter: newLimiter(r.Limit), lanes: &lanes{max: int64(r.MaxInFlight)}, log: g.log}
	if old != nil && n.limiter.same(old.limiter) {
		n.limiter = old.limiter
	}
	if old != nil && old.MaxInFlight == r.MaxInFlight {
		n.lanes = old.lanes
	}
	o := httpdpath.TransportOptions{Base: g.wire, Health: g.health, Attempts: r.Attempts, TryTimeout: r.TryTimeout, Closed: true, Owned: true}
	if r.Upstream == H2C {
		o.Base = g.h2c
	}
	n.transport = g.peer.Transport(o)
	n.switches = &httputil.ReverseProxy{
		Transport: n.transport,
		ErrorLog:  slog.NewLogLogger(g.log.Handler(), slog.LevelDebug), // callers who leave in the middle
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host, p.Out.Host = "http", r.App, p.In.Host
			p.SetXForwarded()
		},
		ErrorHandler: n.failed,
	}
	n.entry = g.peer.Entry(http.HandlerFunc(n.forward), httpdpath.EntryOptions{})
	return n
}

// ServeHTTP refuses what is beyond the route's bounds before anything is spent
// on it, and lets the rest in.
func (n *route) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if wait := n.limiter.wait(r, time.Now()); wait > 0 {
		retryLater(w, wait)
		httpdpath.WriteProblem(w, http.StatusTooManyRequests, "rate_limited", "this caller calls too often", "wait as long as Retry-After says")
		return
	}
	if n.MaxHeader > 0 && headerSize(r) > n.MaxHeader {
		httpdpath.WriteProblem(w, http.StatusRequestHeaderFieldsTooLarge, "header_too_large", "the header is larger than "+strconv.Itoa(n.MaxHeader)+" bytes", "send fewer or shorter fields")
		return
	}
	if n.MaxBody > 0 {
		if r.ContentLength > n.MaxBody {
			n.tooLarge(w)
			return
		}
		if r.Body != http.NoBody {
			r.Body = http.MaxBytesReader(w, r.Body, n.MaxBody)
		}
	}
	n.entry.ServeHTTP(w, r)
}

// forward sends an identified request to a node.
func (n *route) forward(w http.ResponseWriter, r *http.Request) {
	leave, ok := n.lanes.enter(dpath.Env(r.Context()))
	if !ok {
		retryLater(w, time.Second)
		httpdpath.WriteProblem(w, http.StatusServiceUnavailable, "lane_full", "as many calls of this lane are in flight as the gateway allows", "call again a little later")
		return
	}
	defer leave()
	if r.Header.Get("Upgrade") != "" {
		n.switches.ServeHTTP(w, r)
		return
	}
	if n.Timeout > 0 {
		ctx, cancel := context.WithTimeout(r.Context(), n.Timeout)
		defer cancel()
		r = r.WithContext(ctx)
	}
	if body := r.Body; body != nil {
		// A transport may still read it when the answer is there; Close waits for that.
		defer func() { _ = body.Close() }()
	}
	rewrite(r, n.App)
	resp, err := n.transport.RoundTrip(r)
	if err != nil {
		n.failed(w, r, err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	answer(w, resp)
}

// failed answers a call that no node answered.
func (n *route) failed(w http.ResponseWriter, r *http.Request, err error) {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		n.tooLarge(w)
		return
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, httpdpath.ErrTryTimeout):
		httpdpath.WriteProblem(w, http.StatusGatewayTimeout, "timeout", "no node answered in the route's time", "")
	default:
		httpdpath.WriteError(w, err)
	}
	if r.Context().Err() == nil {
		n.log.Warn("call failed", "app", n.App, "path", r.URL.Path, "error", err)
	}
}

func (n *route) tooLarge(w http.ResponseWriter) {
	httpdpath.WriteProblem(w, http.StatusRequestEntityTooLarge, "body_too_large", "the body is larger than "+strconv.FormatInt(n.MaxBody, 10)+" bytes", "send less, or in parts")
}

func retryLater(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
}

// headerSize counts as HTTP/2 does, but for its 32 bytes a field.
func headerSize(r *http.Request) int {
	n := len(r.RequestURI) + len(r.Host)
	for k, values := range r.Header {
		for _, v := range values {
			n += len(k) + len(v)
		}
	}
	return n
}
