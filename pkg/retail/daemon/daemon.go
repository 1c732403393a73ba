// Package daemon runs service centres in one process: their pools, handlers, background loops,
// probes and metrics behind one listener.
package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/inventory"
	"github.com/plazacloud/plaza/pkg/retail/product"
	"github.com/plazacloud/plaza/pkg/retail/schema"
	"github.com/plazacloud/plaza/pkg/retail/trade"
)

// Config says what to run. Modules are app names. Secret is the platform's secret: logins, quotes
// and callbacks have keys derived from it. Password, if set, gives a role's login instead.
type Config struct {
	Modules     []string
	Node        string
	DatabaseURL string
	Secret      string
	Password    func(role string) string
	MaxConns    int32
	Isolation   pgx.TxIsoLevel
	Simulator   bool
	Policy      trade.Policy
	Lanes       *Lanes
	Metrics     *prometheus.Registry
	Log         *slog.Logger
	Version     string
}

type module interface {
	Routes(mux *http.ServeMux)
	Run(ctx context.Context) error
}

// prefixes are the paths of each app's API.
var prefixes = map[string][]string{
	product.App:   {"/v1/products", "/v1/products/"},
	inventory.App: {"/v1/inventory/"},
	trade.App:     {"/v1/quotes", "/v1/orders", "/v1/orders/", "/v1/payments", "/v1/payments/", "/v1/trade/"},
}

// Apps lists the apps this binary can run as modules.
func Apps() []string { return []string{product.App, inventory.App, trade.App} }

// Prefixes gives the paths of an app's API.
func Prefixes(app string) []string { return prefixes[app] }

// Daemon is a set of running modules.
type Daemon struct {
	cfg     Config
	centres map[string]*centre.Centre
	peers   map[string]*httpdpath.Peer
	modules []module
	handler http.Handler
}

// New opens the modules of cfg; it does not wait for the database.
func New(ctx context.Context, cfg Config) (*Daemon, error) {
	d := &Daemon{cfg: cfg, centres: map[string]*centre.Centre{}, peers: map[string]*httpdpath.Peer{}}
	mux := http.NewServeMux()
	observe := newObserver(cfg.Metrics)
	for _, app := range cfg.Modules {
		peer, err := cfg.Lanes.Peer(app)
		var m module
		if err == nil {
			m, err = d.open(ctx, app, peer)
		}
		if err != nil {
			d.Close()
			return nil, err
		}
		d.peers[app] = peer
		d.modules = append(d.modules, m)
		own := http.NewServeMux()
		m.Routes(own)
		h := observe.handler(app, peer.Guard(centre.Traced(own, dpath.Env), httpdpath.GuardOptions{}))
		for _, p := range prefixes[app] {
			mux.Handle(p, h)
		}
	}
	mux.HandleFunc("GET /healthz", d.live)
	mux.HandleFunc("GET /readyz", d.ready)
	mux.Handle("GET /metrics", metricsHandler(cfg.Metrics))
	d.handler = mux
	return d, nil
}

func (d *Daemon) open(ctx context.Context, app string, peer *httpdpath.Peer) (module, error) {
	if _, ok := prefixes[app]; !ok {
		return nil, fmt.Errorf("there is no module %q; there are %v", app, Apps())
	}
	url, err := d.roleURL(app)
	if err != nil {
		return nil, err
	}
	c, err := centre.Open(ctx, centre.Config{Schema: app, DatabaseURL: url, Node: d.cfg.Node,
		MaxConns: d.cfg.MaxConns, Isolation: d.cfg.Isolation, Log: d.cfg.Log})
	if err != nil {
		return nil, err
	}
	d.centres[app] = c
	switch app {
	case product.App:
		return product.New(c), nil
	case inventory.App:
		return inventory.New(c), nil
	default:
		return trade.New(c, trade.Config{
			HTTP:        &http.Client{Transport: d.cfg.Lanes.Transport(peer), Timeout: 10 * time.Second},
			QuoteKey:    schema.Derive(d.cfg.Secret, "quote"),
			CallbackKey: func(channel string) []byte { return schema.Derive(d.cfg.Secret, "callback/"+channel) },
			Simulator:   d.cfg.Simulator, Policy: d.cfg.Policy, Lane: d.cfg.Lanes.Label,
		}), nil
	}
}

func (d *Daemon) roleURL(app string) (string, error) {
	password := schema.Password(d.cfg.Secret, app)
	if d.cfg.Password != nil {
		if p := d.cfg.Password(app); p != "" {
			password = p
		}
	}
	return schema.RoleURL(d.cfg.DatabaseURL, app, password)
}

// Handler answers the modules' APIs, /healthz, /readyz and /metrics.
func (d *Daemon) Handler() http.Handler { return d.handler }

// Close ends the pools.
func (d *Daemon) Close() {
	for _, c := range d.centres {
		c.Close()
	}
}

// Run serves on l and runs the background loops until ctx ends, then drains.
func (d *Daemon) Run(ctx context.Context, l net.Listener) error {
	defer d.Close()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return Serve(ctx, l, d.handler) })
	g.Go(func() error { return d.cfg.Lanes.Watch(ctx) })
	for _, m := range d.modules {
		g.Go(func() error { return m.Run(ctx) })
	}
	for _, c := range d.centres {
		g.Go(func() error {
			return centre.Every(ctx, c.Log, time.Hour, "forget", func(ctx context.Context) (bool, error) { return c.Forget(ctx, 500) })
		})
	}
	return g.Wait()
}

// Serve answers on l until ctx ends, then lets open requests finish within 10 s.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := srv.Shutdown(drain)
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

func (d *Daemon) live(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{"status": "ok", "node": d.cfg.Node, "modules": d.cfg.Modules, "version": d.cfg.Version})
}

// Readiness is one module's answer to a readiness probe. Env is the lane the node is in, "" if public.
type Readiness struct {
	App   string `json:"app"`
	Env   string `json:"env"`
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
}

// ready answers GET /readyz?app=: 200 if every module (or the one named) can serve, 503 if not.
func (d *Daemon) ready(w http.ResponseWriter, r *http.Request) {
	only, status := r.URL.Query().Get("app"), http.StatusOK
	out := []Readiness{}
	for _, app := range d.cfg.Modules {
		if only != "" && only != app {
			continue
		}
		one := Readiness{App: app, OK: true}
		var err error
		if one.Env, err = d.cfg.Lanes.Standing(d.peers[app]); err == nil {
			err = d.centres[app].Ready(r.Context())
		}
		if err != nil {
			one.OK, one.Error, status = false, err.Error(), http.StatusServiceUnavailable
		}
		out = append(out, one)
	}
	if len(out) == 0 {
		status = http.StatusNotFound
	}
	writeJSON(w, status, map[string]any{"node": d.cfg.Node, "modules": out})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
