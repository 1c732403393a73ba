package grpcdpath

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
)

// ClientOptions says how a [Client] sends. The zero value is sensible.
type ClientOptions struct {
	// Dial is added to the options of every connection to a node: transport
	// credentials (the default is none, with the app as authority),
	// interceptors, statistics. Interceptors see each attempt.
	Dial []grpc.DialOption
	// Health is shared between clients of one process; nil makes a new one.
	Health *dpath.Table
	// Attempts bounds the nodes tried for one call; 0 means 3.
	Attempts int
	// Idempotent tells whether a full method may be sent again when a node has
	// seen it and failed; nil means none may.
	Idempotent func(method string) bool
}

// Client makes the calls of one process to the nodes of all apps. It follows
// the peer's configuration by itself: a connection is opened when its node is
// first picked, and closed with the last call on it once a configuration
// without the node has been seen.
type Client struct {
	peer   *Peer
	opts   ClientOptions
	health *dpath.Table
	budget *carrier.Budget
	pool   *pool
}

// Client makes a client of this process. Close it when done.
func (p *Peer) Client(opts ClientOptions) *Client {
	c := &Client{peer: p, opts: opts, health: opts.Health, budget: carrier.NewBudget()}
	if c.health == nil {
		c.health = dpath.NewTable()
	}
	if c.opts.Attempts <= 0 {
		c.opts.Attempts = 3
	}
	if c.opts.Idempotent == nil {
		c.opts.Idempotent = func(string) bool { return false }
	}
	c.pool = &pool{store: p.Store, dial: c.dial, links: map[nodeKey]*link{}}
	return c
}

// dial makes the connection to a node. Attempts are chosen here, so grpc-go
// has nothing to resolve and retries only what no server has processed.
func (c *Client) dial(n *dpath.Node) (*grpc.ClientConn, error) {
	opts := append([]grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithAuthority(n.App),
		grpc.WithNoProxy(),
		grpc.WithDisableServiceConfig(),
		grpc.WithDisableRetry(),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 5 * time.Second},
			MinConnectTimeout: 3 * time.Second, // TCP, TLS and the first HTTP/2 frames
		}),
	}, c.opts.Dial...)
	return grpc.NewClient("passthrough:///"+n.Addr, opts...)
}

// Health gives the client's knowledge of nodes.
func (c *Client) Health() *dpath.Table { return c.health }

// Close closes all connections; calls in flight fail with CANCELED.
func (c *Client) Close() error { return c.pool.close() }

// App gives the connection to an app, for generated clients.
func (c *Client) App(name string) *Conn { return &Conn{client: c, app: name} }

// Conn is a grpc.ClientConnInterface that reaches an app: each RPC, unary or
// stream, is sent to a node picked for the environment of its context. When no
// node can take it the error is UNAVAILABLE, with the reason in [Reason], and
// wraps a [*carrier.CallError]. It never waits for a node: grpc.WaitForReady
// has no effect.
//
// Another node of the same environment is tried when the guard of the first
// refused the call, when the call never left for want of a connection, and,
// for a method that is [ClientOptions].Idempotent, when the node was
// UNAVAILABLE by itself. A stream moves on only before its first answer and
// while it has sent no more than 64 messages.
type Conn struct {
	client *Client
	app    string
}

var _ grpc.ClientConnInterface = (*Conn)(nil)

// Invoke implements grpc.ClientConnInterface.
func (c *Conn) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	call := c.client.call(ctx, c.app, method)
	err := call.run(nil, func(ctx context.Context, a *attempt) error {
		err := a.link.Invoke(ctx, method, args, reply, a.options(opts)...)
		a.end(err)
		return err
	})
	note(ctx, err)
	return err
}

// NewStream implements grpc.ClientConnInterface.
func (c *Conn) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	s := &stream{call: c.client.call(ctx, c.app, method)}
	s.open = func(last error) error {
		return s.call.run(last, func(ctx context.Context, a *attempt) error {
			cs, err := a.link.NewStream(ctx, desc, method, a.options(opts)...)
			if err != nil {
				a.end(err)
				return err
			}
			s.at, s.attempt = cs, a
			return nil
		})
	}
	if err := s.open(nil); err != nil {
		note(ctx, err)
		return nil, err
	}
	return s, nil
}

// note tells the call being served, if any, that a call under it failed.
func note(ctx context.Context, err error) {
	if failed(err) {
		carrier.DownstreamFailed(ctx)
	}
}
