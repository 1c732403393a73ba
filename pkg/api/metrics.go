package api

import (
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/plazacloud/plaza/pkg/resource"
)

type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	open     prometheus.Gauge
}

func newMetrics(reg *prometheus.Registry, objects *resource.Store) *metrics {
	if reg == nil {
		reg = prometheus.NewRegistry()
		reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	}
	m := &metrics{
		registry: reg,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "plaza_http_requests_total", Help: "Requests answered, by route and status."},
			[]string{"method", "route", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "plaza_http_request_seconds", Help: "Time to answer, by route.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60, 600}}, []string{"method", "route"}),
		open: prometheus.NewGauge(prometheus.GaugeOpts{Name: "plaza_watches_open", Help: "Clients that follow changes now."}),
	}
	reg.MustRegister(m.requests, m.seconds, m.open, quotaMetrics{objects})
	return m
}

func (m *metrics) observe(c *gin.Context, took time.Duration) {
	route := c.FullPath()
	if route == "" {
		route = "none" // whatever the path was, so that strangers can not make up series
	}
	m.requests.WithLabelValues(method(c.Request.Method), route, strconv.Itoa(c.Writer.Status())).Inc()
	if route != "/v1/watch" {
		m.seconds.WithLabelValues(method(c.Request.Method), route).Observe(took.Seconds())
	}
}

func method(m string) string {
	switch m {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
		return m
	}
	return "OTHER"
}

// serveMetrics answers scrapers that may see the infrastructure.
func (s *Server) serveMetrics(c *gin.Context) {
	ctx := c.Request.Context()
	if err := s.cfg.Tenancy.Authorize(ctx, resource.ActorFrom(ctx), "list", "host", ""); err != nil {
		writeProblem(ctx, c.Writer, err)
		return
	}
	promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}).ServeHTTP(c.Writer, c.Request)
}
