package httpdpath

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// call is one routed request and its attempts.
type call struct {
	t     *Transport
	cfg   *dpath.Config
	picks *dpath.Config // cfg, or its unfiltered form for a negative control
	req   *http.Request
	app   string
	label dpath.Label
	view  *dpath.View
	trail *trail.Collector
	tried []string
	first outgoing // attempt
	body  body     // of the answer
}

// outgoing is what one attempt sends. What is changed of the caller's request is its own, and all in one piece.
type outgoing struct {
	http.Request
	url    url.URL
	values dpath.Values
}

var errMisdirected = errors.New("the node refused the call as misdirected")

func (c *call) run() (*http.Response, error) {
	if err := c.keepBody(); err != nil {
		return nil, err
	}
	c.t.budget.Deposit()
	var last error
	for attempt, refusals, losses := 1, 0, 0; ; attempt++ {
		d, err := dpath.Pick(c.picks, c.label.Env(), c.app, c.view, c.tried, carrier.Source{})
		c.t.peer.Metrics.Call(c.app, d)
		if err != nil {
			return nil, carrier.RouteFailed(c.app, c.label.Env(), err, last)
		}
		if err := c.t.peer.Check(c.picks, c.app, d); err != nil {
			return nil, err
		}
		resp, err := c.send(d)
		if isLost(err) && losses < carrier.MaxRefusals {
			attempt, losses = attempt-1, losses+1 // the connection failed, not the node
		}
		final := attempt >= c.t.opts.Attempts || !c.replayable()
		switch {
		case err == nil && resp.StatusCode == http.StatusMisdirectedRequest && c.replayable() && refusals < carrier.MaxRefusals:
			drain(resp)
			last = errMisdirected
			attempt, refusals = attempt-1, refusals+1
		case err == nil:
			return resp, nil
		case final || c.req.Context().Err() != nil || !dialling(err) && !idempotent(c.req) || !c.t.budget.Withdraw():
			return nil, err
		case isLost(err):
			last = err
			continue // the node may be asked again
		default:
			last = err
		}
		c.tried = append(c.tried, d.Node.ID)
	}
}

// ErrTryTimeout ends an attempt that took longer than
// [TransportOptions.TryTimeout]; it is the error of a call whose last one did.
var ErrTryTimeout = errors.New("httpdpath: the node did not answer in the time of one attempt")

// send makes one attempt.
func (c *call) send(d dpath.Decision) (*http.Response, error) {
	ctx, answered, end := c.attempt()
	out, err := c.outgoing(ctx, d)
	if err != nil {
		end(nil)
		return nil, err
	}
	c.view.Begin(d.Node)
	began := c.t.peer.Metrics.Now()
	resp, err := c.t.base.RoundTrip(out)
	c.t.peer.Metrics.Took(c.app, d.Pool, began)
	answered()
	if err != nil {
		end(nil)
		c.view.End(d.Node)
		if c.blames(err) {
			c.view.Report(d.Node, false)
		}
		return nil, err
	}
	c.received(resp, d, end)
	return resp, nil
}

// attempt gives the context of one attempt, what to call once it is over with
// or without an answer, as from then on only the call's own time counts, and
// what ends it.
func (c *call) attempt() (ctx context.Context, answered func(), end context.CancelCauseFunc) {
	if c.t.opts.TryTimeout <= 0 {
		return c.req.Context(), func() {}, func(error) {}
	}
	return within(c.req.Context(), c.t.opts.TryTimeout)
}

// within is a function of its own as what it makes would be made for each call otherwise.
func within(whole context.Context, limit time.Duration) (context.Context, func(), context.CancelCauseFunc) {
	ctx, end := context.WithCancelCause(whole)
	timer := time.AfterFunc(limit, func() { end(ErrTryTimeout) })
	return ctx, func() { timer.Stop() }, end
}

// blames tells whether a failure is the node's, rather than that of a caller
// who left or whose own body failed, or of a connection that had been kept.
func (c *call) blames(err error) bool {
	var source *sourceError
	return !errors.Is(c.req.Context().Err(), context.Canceled) && !errors.As(err, &source) && !isLost(err)
}

// dialling tells that the node can not have seen the call.
func dialling(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

func (c *call) outgoing(ctx context.Context, d dpath.Decision) (*http.Request, error) {
	out := c.copy(ctx)
	switch {
	case c.req.GetBody != nil:
		body, err := c.req.GetBody()
		if err != nil {
			return nil, err
		}
		out.Body = body
	case !c.replayable():
		out.Body = &source{ReadCloser: c.req.Body}
	}
	if out.Host == "" {
		out.Host = c.req.URL.Host
	}
	out.URL.Host = d.Node.Addr
	c.label.InjectIn(out.Header, &out.values)
	if c.trail != nil {
		out.Header.Set(trail.HeaderProbe, c.trail.Probe().Token())
		out.Header.Set(trail.HeaderDecision, d.Label)
	}
	return &out.Request, nil
}

func (c *call) copy(ctx context.Context) *outgoing {
	out := &c.first
	if out.URL != nil {
		out = new(outgoing) // whoever was sent the first may still look at it
	}
	out.Request, out.url = *c.req, *c.req.URL
	if ctx != c.req.Context() {
		out.Request = *c.req.WithContext(ctx)
	}
	out.URL = &out.url
	if !c.t.opts.Owned {
		out.Header = make(http.Header, len(c.req.Header)+3)
		for k, v := range c.req.Header {
			if !isHop(k) {
				out.Header[k] = v[:len(v):len(v)]
			}
		}
		return out
	}
	clearHop(out.Header)
	return out
}

// received takes note of an answer. A refusal by the guard says nothing about
// the node's health, nor does a failure that the node only passes on.
func (c *call) received(resp *http.Response, d dpath.Decision, end context.CancelCauseFunc) {
	misdirected := resp.StatusCode == http.StatusMisdirectedRequest
	passedOn := len(resp.Header[headerDownstream]) > 0
	if !misdirected && !passedOn {
		c.view.Report(d.Node, resp.StatusCode < 500)
	}
	if c.trail != nil {
		c.trail.Add(resp.Header.Get(trail.HeaderTrail))
	}
	delete(resp.Header, trail.HeaderTrail)
	delete(resp.Header, headerDownstream)
	// A connection that switched protocols is in flight until the caller closes it.
	c.body = body{ReadCloser: resp.Body, call: c, node: d.Node, end: end}
	resp.Body = c.body.passed()
}

// keepBody makes a small body of known size replayable.
func (c *call) keepBody() error {
	r := c.req
	if r.GetBody != nil && r.Body != nil {
		return r.Body.Close() // every attempt takes a fresh one
	}
	// In a client request a length of 0 with a body means unknown.
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength <= 0 || r.ContentLength > c.t.opts.MaxReplay {
		return nil
	}
	text, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil {
		return err
	}
	// A shallow copy: a RoundTripper must not change its request.
	own := *r
	own.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }
	own.Body = http.NoBody
	c.req = &own
	return nil
}

func (c *call) replayable() bool {
	return c.req.Body == nil || c.req.Body == http.NoBody || c.req.GetBody != nil
}

func idempotent(r *http.Request) bool {
	switch r.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete:
		return true
	}
	return r.Header.Get("Idempotency-Key") != ""
}

// drain frees the connection of an answer that is not passed on.
func drain(resp *http.Response) {
	_, _ = io.CopyN(io.Discard, resp.Body, 4<<10)
	_ = resp.Body.Close()
}
