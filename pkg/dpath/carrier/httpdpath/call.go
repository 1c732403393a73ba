package httpdpath

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"

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
}

var errMisdirected = errors.New("the node refused the call as misdirected")

func (c *call) run() (*http.Response, error) {
	if err := c.keepBody(); err != nil {
		return nil, err
	}
	c.t.budget.Deposit()
	var last error
	for attempt := 1; ; attempt++ {
		d, err := dpath.Pick(c.picks, c.label.Env(), c.app, c.view, c.tried, carrier.Source{})
		c.t.peer.Metrics.Call(c.app, d)
		if err != nil {
			return nil, carrier.RouteFailed(c.app, c.label.Env(), err, last)
		}
		if err := c.t.peer.Check(c.picks, c.app, d); err != nil {
			return nil, err
		}
		resp, connected, err := c.send(d)
		final := attempt >= c.t.opts.Attempts || !c.replayable()
		switch {
		case err == nil && resp.StatusCode == http.StatusMisdirectedRequest && !final:
			drain(resp)
			last = errMisdirected
		case err == nil:
			return resp, nil
		case final || c.req.Context().Err() != nil || connected && !idempotent(c.req) || !c.t.budget.Withdraw():
			return nil, err
		default:
			last = err
		}
		c.tried = append(c.tried, d.Node.ID)
	}
}

// send makes one attempt. connected tells whether a connection was had, so
// that the node may have seen the call.
func (c *call) send(d dpath.Decision) (resp *http.Response, connected bool, err error) {
	var got atomic.Bool
	ctx := httptrace.WithClientTrace(c.req.Context(), &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { got.Store(true) }})
	out, err := c.outgoing(ctx, d)
	if err != nil {
		return nil, false, err
	}
	c.view.Begin(d.Node)
	resp, err = c.t.base.RoundTrip(out)
	if err != nil {
		c.view.End(d.Node)
		if !errors.Is(c.req.Context().Err(), context.Canceled) {
			c.view.Report(d.Node, false)
		}
		return nil, got.Load(), err
	}
	c.received(resp, d)
	return resp, true, nil
}

func (c *call) outgoing(ctx context.Context, d dpath.Decision) (*http.Request, error) {
	out := c.req.Clone(ctx)
	if c.req.GetBody != nil {
		body, err := c.req.GetBody()
		if err != nil {
			return nil, err
		}
		out.Body = body
	}
	if out.Host == "" {
		out.Host = c.req.URL.Host
	}
	out.URL.Host = d.Node.Addr
	clearHop(out.Header)
	c.label.Inject(out.Header)
	if c.trail != nil {
		out.Header.Set(trail.HeaderProbe, c.trail.Probe().Token())
		out.Header.Set(trail.HeaderDecision, d.Label)
	}
	return out, nil
}

// received takes note of an answer. A refusal by the guard says nothing about
// the node's health, nor does a failure that the node only passes on.
func (c *call) received(resp *http.Response, d dpath.Decision) {
	misdirected := resp.StatusCode == http.StatusMisdirectedRequest
	passedOn := resp.Header.Get(headerDownstream) != ""
	if !misdirected && !passedOn {
		c.view.Report(d.Node, resp.StatusCode < 500)
	}
	if c.trail != nil {
		c.trail.Add(resp.Header.Get(trail.HeaderTrail))
	}
	resp.Header.Del(trail.HeaderTrail)
	resp.Header.Del(headerDownstream)
	if resp.StatusCode == http.StatusSwitchingProtocols {
		c.view.End(d.Node) // the connection is the caller's now
		return
	}
	resp.Body = &body{ReadCloser: resp.Body, done: func() { c.view.End(d.Node) }}
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

// body tells when the caller is done with an answer.
type body struct {
	io.ReadCloser
	once sync.Once
	done func()
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.once.Do(b.done)
	}
	return n, err
}

// Close implements io.Closer.
func (b *body) Close() error {
	b.once.Do(b.done)
	return b.ReadCloser.Close()
}
