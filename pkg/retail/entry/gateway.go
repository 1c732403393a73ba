// Package entry is the way in to the retail platform: it identifies each request, sets its lane
// label once, limits what comes in, and sends it to the app that answers it.
package entry

import (
	"crypto/subtle"
	"embed"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
	"github.com/plazacloud/plaza/pkg/retail/centre"
	"github.com/plazacloud/plaza/pkg/retail/daemon"
	"github.com/plazacloud/plaza/pkg/retail/problem"
)

// Config says how the entry works. OperatorToken is the bearer token that may write products and
// stock; without one nobody may from here. Rate and Burst limit each client address, in requests
// per second; 0 means no limit. MaxBody is in bytes.
type Config struct {
	Lanes         *daemon.Lanes
	OperatorToken string
	Rate          float64
	Burst         int
	MaxBody       int64
	SmokeEvery    time.Duration
	Metrics       *prometheus.Registry
	Log           *slog.Logger
	Version       string
}

//go:embed home.html
var page embed.FS

// Gateway is the entry.
type Gateway struct {
	cfg     Config
	peer    *httpdpath.Peer
	client  *http.Client
	probe   *http.Client
	health  healthCache
	handler http.Handler
}

// New makes the entry.
func New(cfg Config) (*Gateway, error) {
	peer, err := cfg.Lanes.Peer(daemon.Gateway)
	if err != nil {
		return nil, err
	}
	transport := cfg.Lanes.Transport(peer)
	g := &Gateway{cfg: cfg, peer: peer, client: &http.Client{Transport: transport, Timeout: 20 * time.Second},
		probe: &http.Client{Timeout: 5 * time.Second, Transport: httpdpath.NewBase()}}
	g.health.checks = unchecked(cfg.SmokeEvery)
	proxied := g.operatorsOnly(g.forward(transport))
	api := http.NewServeMux()
	for _, app := range daemon.Apps() {
		for _, p := range daemon.Prefixes(app) {
			api.Handle(p, toApp(app, proxied))
		}
	}
	api.HandleFunc("/v1/", func(w http.ResponseWriter, r *http.Request) { problem.Write(w, problem.NotFound("route", r.URL.Path)) })
	mux := http.NewServeMux()
	mux.Handle("/v1/", newLimiter(cfg.Rate, cfg.Burst).limit(limitBody(cfg.MaxBody, traceOutside(peer.Entry(api, httpdpath.EntryOptions{})))))
	mux.HandleFunc("GET /v1/health", g.serveHealth)
	mux.HandleFunc("GET /healthz", g.live)
	mux.HandleFunc("GET /readyz", g.serveHealth)
	mux.Handle("GET /metrics", promhttp.HandlerFor(cfg.Metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /{$}", home)
	g.handler = mux
	return g, nil
}

// Handler answers the entry's routes.
func (g *Gateway) Handler() http.Handler { return g.handler }

func home(w http.ResponseWriter, _ *http.Request) {
	body, _ := page.ReadFile("home.html")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:")
	_, _ = w.Write(body)
}

func (g *Gateway) live(w http.ResponseWriter, _ *http.Request) {
	centre.WriteJSON(w, centre.Reply{Body: map[string]any{"status": "ok", "app": daemon.Gateway, "version": g.cfg.Version}})
}

func toApp(app string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Host = app
		next.ServeHTTP(w, r)
	})
}

// traceOutside keeps what a client says of its caller name and trace from reaching the apps as ours.
func traceOutside(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del(centre.CallerHeader)
		centre.Traced(next, nil).ServeHTTP(w, r)
	})
}

func (g *Gateway) forward(transport http.RoundTripper) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host = "http", p.In.URL.Host
			p.Out.Host = p.In.URL.Host
			p.SetXForwarded()
		},
		Transport: transport,
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			g.cfg.Log.WarnContext(r.Context(), "call failed", "path", r.URL.Path, "error", err.Error())
			httpdpath.WriteError(w, err)
		},
	}
}

// operatorsOnly lets everybody read the catalogue and the stock, quote, order and pay, and only
// operators write products and stock.
func (g *Gateway) operatorsOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		operator := g.cfg.OperatorToken != "" && subtle.ConstantTimeCompare([]byte(token), []byte(g.cfg.OperatorToken)) == 1
		shop := strings.HasPrefix(r.URL.Path, "/v1/products") || strings.HasPrefix(r.URL.Path, "/v1/inventory")
		if shop && r.Method != http.MethodGet && r.Method != http.MethodHead && !operator {
			problem.Write(w, problem.New(http.StatusForbidden, "operator_only", "Products and stock are written by operators.",
				"Send Authorization: Bearer <operator token>."))
			return
		}
		r.Header.Set(centre.CallerHeader, map[bool]string{true: "operator", false: "public"}[operator])
		next.ServeHTTP(w, r)
	})
}
