package grpcdpath

import (
	"errors"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/status"

	"github.com/plazacloud/plaza/pkg/dpath"
)

// pool holds one connection per node that was ever picked and is still
// configured or in use.
type pool struct {
	store *dpath.Store
	dial  func(*dpath.Node) (*grpc.ClientConn, error)

	mu     sync.RWMutex
	links  map[nodeKey]*link
	swept  *dpath.Config // the configuration links were last compared with
	closed bool
}

type nodeKey struct{ app, addr string }

// link is a connection and the number of calls on it.
type link struct {
	*grpc.ClientConn
	calls int
	gone  bool // its node is no longer configured
}

// acquire gives the connection to a node for one call; release it after.
func (p *pool) acquire(n *dpath.Node) (*link, error) {
	cfg := p.store.Current()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, status.Error(codes.Canceled, "dpath: the client is closed")
	}
	if cfg != p.swept {
		p.sweep(cfg)
	}
	key := nodeKey{n.App, n.Addr}
	l := p.links[key]
	if l == nil {
		conn, err := p.dial(n)
		if err != nil {
			return nil, status.Errorf(codes.Internal, "dpath: client options for node %s of app %s: %v", n.ID, n.App, err)
		}
		l = &link{ClientConn: conn}
		p.links[key] = l
	}
	l.calls++
	return l, nil
}

// sweep lets go of the nodes that cfg does not know.
func (p *pool) sweep(cfg *dpath.Config) {
	p.swept = cfg
	known := map[nodeKey]bool{}
	for _, app := range cfg.Apps() {
		for _, n := range cfg.All(app) {
			known[nodeKey{app, n.Addr}] = true
		}
	}
	for key, l := range p.links {
		l.gone = !known[key]
		p.drop(key, l)
	}
}

// drop closes a connection that nobody needs.
func (p *pool) drop(key nodeKey, l *link) {
	if l.gone && l.calls == 0 {
		delete(p.links, key)
		_ = l.Close() // fails only if closed before
	}
}

func (p *pool) release(n *dpath.Node, l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.calls--
	p.drop(nodeKey{n.App, n.Addr}, l)
}

// broken tells whether the last attempt to connect to a node failed.
func (p *pool) broken(n *dpath.Node) bool {
	p.mu.RLock()
	l := p.links[nodeKey{n.App, n.Addr}]
	p.mu.RUnlock()
	return l != nil && l.GetState() == connectivity.TransientFailure
}

func (p *pool) close() error {
	p.mu.Lock()
	links := p.links
	p.links, p.closed = map[nodeKey]*link{}, true
	p.mu.Unlock() // calls that end by this are released
	var errs []error
	for _, l := range links {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

// health is what calls have taught of nodes, joined with the state of the
// connections to them.
type health struct {
	*dpath.View
	pool *pool
}

// Usable implements dpath.Health.
func (h health) Usable(n *dpath.Node) bool { return h.View.Usable(n) && !h.pool.broken(n) }
