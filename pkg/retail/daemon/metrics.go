package daemon

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// NewMetrics makes a registry with the Go runtime's and the process's metrics.
func NewMetrics() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

func metricsHandler(r *prometheus.Registry) http.Handler {
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{})
}

type observer struct{ seconds *prometheus.HistogramVec }

func newObserver(r *prometheus.Registry) observer {
	o := observer{prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "retail_request_duration_seconds", Help: "Time to answer a request, by app, method and status code.",
		Buckets: prometheus.ExponentialBuckets(0.001, 2.5, 10),
	}, []string{"app", "method", "code"})}
	r.MustRegister(o.seconds)
	return o
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the writer below.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (o observer) handler(app string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, sw := time.Now(), &statusWriter{w, http.StatusOK}
		next.ServeHTTP(sw, r)
		o.seconds.WithLabelValues(app, r.Method, strconv.Itoa(sw.status)).Observe(time.Since(start).Seconds())
	})
}
