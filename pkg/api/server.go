// Package api is Plaza's REST surface: one file per noun, typed handlers, and an OpenAPI 3.1 document that is emitted
// from them. The routes of kinds come from the registry; a new kind needs nothing here.
package api

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

//go:generate go run ./emit

// Routes adds typed routes to the API. It is called once, also when only the document is wanted; handlers reach the
// server's parts when they run. A route whose operation has Security set to an empty list is public; every other one
// needs a session or token. Handlers may return *resource.Problem.
type Routes func(api huma.API, s *Server)

// Config is what a Server is made of.
type Config struct {
	Store    *resource.Store
	Registry *resource.Registry // the store's, when nil
	Tenancy  *tenancy.Service
	Hosts    Enroller // nil: hosts can not enrol
	Portal   fs.FS    // with index.html at the top; nil: no portal
	Version  string
	Log      *slog.Logger
	Metrics  *prometheus.Registry // nil: one of its own, with Go's and the process's metrics
	// Ready are checks by name that /readyz makes besides the database's.
	Ready map[string]func(context.Context) error
	// Routes are the routes of other packages.
	Routes []Routes
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []string
	// Secure says that clients reach the server by TLS though it ends before us; cookies then demand it.
	Secure bool
}

// Server serves the API and the portal.
type Server struct {
	cfg      Config
	registry *resource.Registry
	log      *slog.Logger
	engine   *gin.Engine
	api      huma.API
	metrics  *metrics
	limiter  *limiter
	public   map[string]bool // "METHOD /path" as gin writes it
	limited  map[string]bool
	document []byte   // YAML
	archive  sync.Map // portal files by name, compressed
	json     []byte
}

var _ http.Handler = (*Server)(nil)

// New builds the server; it starts nothing.
func New(cfg Config) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Registry == nil && cfg.Store != nil {
		cfg.Registry = cfg.Store.Registry()
	}
	gin.SetMode(gin.ReleaseMode)
	s := &Server{cfg: cfg, registry: cfg.Registry, log: cfg.Log, engine: gin.New(), metrics: newMetrics(cfg.Metrics, cfg.Store),
		limiter: newLimiter(2*time.Second, 10), public: map[string]bool{}, limited: map[string]bool{}}
	s.engine.HandleMethodNotAllowed = true
	s.engine.UseRawPath = true // full names of nodes carry escaped slashes
	s.engine.RedirectTrailingSlash = false
	if err := s.engine.SetTrustedProxies(cfg.TrustedProxies); err != nil {
		return nil, err
	}
	s.engine.Use(s.describe, s.rescue, harden, s.throttle, textual, s.authenticate)
	s.api = humagin.New(s.engine, s.humaConfig())
	s.routes()
	for _, add := range cfg.Routes {
		add(s.api, s)
	}
	return s, s.finishDocument()
}

func (s *Server) routes() {
	for _, def := range s.registry.Kinds() {
		s.kindRoutes(def)
	}
	s.operationRoutes()
	s.watchRoutes()
	s.auditRoutes()
	s.quotaRoutes()
	s.placementRoutes()
	s.quotaTreeRoutes()
	s.useRoutes()
	s.loginRoutes()
	s.meRoutes()
	s.userRoutes()
	s.totpRoutes()
	s.invitationRoutes()
	s.providerRoutes()
	s.tokenRoutes()
	s.nodeRoutes()
	s.bindingRoutes()
	s.roleRoutes()
	s.accessRoutes()
	s.searchRoutes()
	s.nameRoutes()
	s.hostRoutes()
	s.healthRoutes()
	s.portalRoutes()
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.engine.ServeHTTP(w, r) }

// HTTP returns a server for a listener, with timeouts that let watches and waits live and strangers not.
func (s *Server) HTTP() *http.Server {
	return &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)}
}

// Store returns the objects.
func (s *Server) Store() *resource.Store { return s.cfg.Store }

// Tenancy returns who may do what.
func (s *Server) Tenancy() *tenancy.Service { return s.cfg.Tenancy }

// Log returns the server's log.
func (s *Server) Log() *slog.Logger { return s.log }

// Engine returns the router, for raw routes such as websockets; they need a session or token like all others.
func (s *Server) Engine() *gin.Engine { return s.engine }
