package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
)

// Gateway is an http.Handler that sends requests to the apps of its routes.
type Gateway struct {
	peer   *httpdpath.Peer
	log    *slog.Logger
	health *dpath.Table
	wire   *httpdpath.Wire
	h2c    *http.Transport
	prober *httpdpath.Transport
	plan   atomic.Pointer[Plan]
}

// Plan is a checked configuration; [Gateway.Use] puts it in force.
type Plan struct {
	table  *table
	routes []*route
	h2c    map[string]bool // apps of the routes, and whether their nodes are reached by HTTP/2
}

// New makes a gateway of a peer. Until a plan is used every path is unknown.
func New(peer *httpdpath.Peer, log *slog.Logger) *Gateway {
	g := &Gateway{peer: peer, log: log, health: dpath.NewTable(), wire: httpdpath.NewWire(httpdpath.NewBase()), h2c: httpdpath.NewBase()}
	g.h2c.Protocols = &http.Protocols{}
	g.h2c.Protocols.SetUnencryptedHTTP2(true)
	g.prober = peer.Transport(httpdpath.TransportOptions{Base: g.wire, Health: g.health})
	g.plan.Store(&Plan{table: &table{}})
	return g
}

// Plan checks a configuration. It changes nothing.
func (g *Gateway) Plan(c Config) (*Plan, error) {
	if len(c.Routes) == 0 {
		return nil, errors.New("routes is missing; map at least one path prefix to an app")
	}
	p := &Plan{h2c: map[string]bool{}}
	old := g.plan.Load()
	for i := range c.Routes {
		r := &c.Routes[i]
		if err := r.validate(); err != nil {
			return nil, err
		}
		h2c := r.Upstream == H2C
		if known, ok := p.h2c[r.App]; ok && known != h2c {
			return nil, fmt.Errorf("route %q: another route to app %s has another upstream protocol; its nodes speak one", r.Prefix, r.App)
		}
		p.h2c[r.App] = h2c
		p.routes = append(p.routes, g.route(*r, old.same(r)))
	}
	var err error
	p.table, err = newTable(p.routes)
	return p, err
}

// same is the route of a plan for the same requests.
func (p *Plan) same(r *Route) *route {
	for _, o := range p.routes {
		if o.Host == r.Host && o.Prefix == r.Prefix {
			return o
		}
	}
	return nil
}

// Use puts a plan in force for the requests that come from now on.
func (g *Gateway) Use(p *Plan) { g.plan.Store(p) }

// ServeHTTP implements http.Handler.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	route := g.plan.Load().table.find(r)
	if route == nil {
		http.NotFound(w, r)
		return
	}
	route.ServeHTTP(w, r)
}

// Health gives what the gateway knows of nodes.
func (g *Gateway) Health() *dpath.Table { return g.health }

// Probe asks the nodes of the apps of its routes for their health at path until ctx ends.
func (g *Gateway) Probe(ctx context.Context, path string) {
	g.prober.Probe(ctx, httpdpath.ProbeOptions{Path: path,
		Asks: func(app string) bool { _, routed := g.plan.Load().h2c[app]; return routed },
		Via: func(app string) http.RoundTripper {
			if g.plan.Load().h2c[app] {
				return g.h2c
			}
			return g.wire
		}})
}

// CloseIdleConnections closes connections to nodes that are not in use.
func (g *Gateway) CloseIdleConnections() {
	g.wire.CloseIdleConnections()
	g.h2c.CloseIdleConnections()
}
