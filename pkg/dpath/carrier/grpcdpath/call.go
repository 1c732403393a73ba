package grpcdpath

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/trail"
)

// call is one routed RPC.
type call struct {
	ctx         context.Context //nolint:containedctx // of the one RPC this is
	client      *Client
	app, method string
	label       dpath.Label
	trail       *trail.Collector
	tried       []string // nodes of all attempts so far
	refusals    int      // of these, nodes that sent the call back
}

func (c *Client) call(ctx context.Context, app, method string) *call {
	c.budget.Deposit()
	return &call{ctx: ctx, client: c, app: app, method: method,
		label: c.peer.Valid(dpath.FromContext(ctx)), trail: trail.FromContext(ctx)}
}

// run makes attempts until one is final. last is the error of an attempt made
// before, if any.
func (c *call) run(last error, send func(context.Context, *attempt) error) error {
	for {
		a, err := c.attempt(last)
		if err != nil {
			return err
		}
		err = send(c.outgoing(a.decision), a)
		if err == nil || !c.again(a, err) {
			return err
		}
		last = err
	}
}

// attempt picks a node, by the configuration in force now.
func (c *call) attempt(last error) (*attempt, error) {
	cfg := c.client.peer.Store.Current()
	if cfg == nil {
		return nil, noConfig(c.app)
	}
	if name, ok := cfg.App(c.app); ok {
		c.app = name
	}
	picks := cfg
	if c.trail != nil && c.trail.Probe().NoFilter {
		picks = cfg.Unfiltered()
	}
	view := c.client.health.View(cfg)
	d, err := dpath.Pick(picks, c.label.Env(), c.app, health{view, c.client.pool}, c.tried, carrier.Source{})
	c.client.peer.Metrics.Call(c.app, d)
	if err != nil {
		return nil, routeFailed(carrier.RouteFailed(c.app, c.label.Env(), err, last))
	}
	if err := c.client.peer.Check(picks, c.app, d); err != nil {
		return nil, routeFailed(err)
	}
	l, err := c.client.pool.acquire(d.Node)
	if err != nil {
		return nil, err
	}
	view.Begin(d.Node)
	c.tried = append(c.tried, d.Node.ID)
	return &attempt{call: c, decision: d, view: view, link: l, began: c.client.peer.Metrics.Now()}, nil
}

// outgoing gives the context of one attempt: the caller's metadata with the
// call's label instead of whatever label it held.
func (c *call) outgoing(d dpath.Decision) context.Context {
	md, _ := metadata.FromOutgoingContext(c.ctx)
	h := headers(md)
	clearHop(h)
	c.label.Inject(h)
	if c.trail != nil {
		h.Set(trail.HeaderProbe, c.trail.Probe().Token())
		h.Set(trail.HeaderDecision, d.Label)
	}
	return metadata.NewOutgoingContext(c.ctx, fromHeaders(h))
}

// again tells whether a failed attempt may be followed by one on another node.
func (c *call) again(a *attempt, err error) bool {
	refused := a.refused()
	switch {
	case c.ctx.Err() != nil:
		return false
	case refused == carrier.ReasonMisdirected && c.refusals < carrier.MaxRefusals:
		c.refusals++
		return true
	case len(c.tried)-c.refusals >= c.client.opts.Attempts:
		return false
	case codeOf(err) != codes.Unavailable, a.passedOn():
		return false // one that was passed on has been retried where it arose
	case refused == "" && a.sent() && !c.client.opts.Idempotent(c.method):
		return false
	}
	return c.client.budget.Withdraw()
}

// attempt is one try of a call at a node.
type attempt struct {
	call     *call
	decision dpath.Decision
	view     *dpath.View
	link     *link
	began    time.Time
	opts     []grpc.CallOption // the caller's
	once     sync.Once
	// Filled in by grpc-go when the attempt is over, if it reached a connection.
	trailer metadata.MD
	peer    peer.Peer
}

// options adds what an attempt needs to know to the caller's options. A dead
// connection must fail at once, so that another node is tried.
func (a *attempt) options(opts []grpc.CallOption) []grpc.CallOption {
	a.opts = opts
	return append(opts[:len(opts):len(opts)], grpc.WaitForReady(false), grpc.Trailer(&a.trailer), grpc.Peer(&a.peer), grpc.OnFinish(a.end))
}

// sent tells whether the node may have seen the call.
func (a *attempt) sent() bool { return a.peer.Addr != nil }

// refused gives the guard's reason for having refused the call.
func (a *attempt) refused() string { return last(a.trailer, trailerRefused) }

// passedOn tells whether the failure arose behind the node.
func (a *attempt) passedOn() bool { return last(a.trailer, trailerDownstream) != "" }

// end notes, once, how the attempt went.
func (a *attempt) end(err error) {
	a.once.Do(func() {
		n := a.decision.Node
		a.view.End(n)
		if a.sent() {
			a.call.client.peer.Metrics.Took(a.call.app, a.decision.Pool, a.began)
		}
		a.call.client.pool.release(n, a.link)
		if a.telling(err) {
			a.view.Report(n, !failed(err))
		}
		// A node that answers a probe without its trail is suspicious; one that
		// may not have answered is not.
		if t := last(a.trailer, trailerTrail); a.call.trail != nil && (t != "" || !failed(err) && codeOf(err) != codes.Canceled) {
			a.call.trail.Add(t)
		}
		for _, o := range a.opts {
			if t, ok := o.(grpc.TrailerCallOption); ok {
				clearTrailer(*t.TrailerAddr)
			}
		}
	})
}

// telling tells whether an outcome says something about the node's health. The
// state of its connection speaks for calls that never left.
func (a *attempt) telling(err error) bool {
	return a.sent() && a.refused() != carrier.ReasonMisdirected && !a.passedOn() && codeOf(err) != codes.Canceled
}
