package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
)

const (
	drainTime  = 10 * time.Second
	watchEvery = time.Second
)

// listener is one address with its handler.
type listener struct {
	name, addr string
	handler    http.Handler
}

// serve runs listeners and background work until ctx ends, then lets calls in
// flight finish. ready, if not nil, is told the addresses by name.
func serve(ctx context.Context, n *node, transport *httpdpath.Transport, listeners []listener, ready func(map[string]string)) error {
	if n.config.Admin != "" {
		listeners = append(listeners, listener{"admin", n.config.Admin, n.admin()})
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	addrs := map[string]string{}
	failed := make(chan error, len(listeners))
	var servers []*http.Server
	for _, l := range listeners {
		socket, err := net.Listen("tcp", l.addr)
		if err != nil {
			stop(servers)
			return fmt.Errorf("listen for %s: %w", l.name, err)
		}
		s := &http.Server{Handler: l.handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
		servers = append(servers, s)
		addrs[l.name] = socket.Addr().String()
		go func() { failed <- s.Serve(socket) }()
		n.log.Info("listening", "for", l.name, "address", addrs[l.name])
	}
	followed, err := n.follow(ctx)
	if err != nil {
		stop(servers)
		return err
	}
	background := make(chan struct{}, 2)
	go func() { n.watch(ctx, watchEvery); background <- struct{}{} }()
	go func() { transport.Probe(ctx, httpdpath.ProbeOptions{Path: n.config.Health}); background <- struct{}{} }()
	if ready != nil {
		ready(addrs)
	}
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	stop(servers)
	cancel()
	<-background
	<-background
	<-followed
	transport.CloseIdleConnections()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// stop ends servers; calls in flight have drainTime to finish.
func stop(servers []*http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	for _, s := range servers {
		if s.Shutdown(ctx) != nil {
			_ = s.Close()
		}
	}
}

// admin answers health and metrics.
func (n *node) admin() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(n.metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if n.store.Current() == nil {
			httpdpath.WriteError(w, carrier.ErrNoConfig)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

// proxy forwards to the app, or the fixed host, that target names. At the edge
// the X-Forwarded headers are set anew; inside they are passed on.
func (n *node) proxy(transport http.RoundTripper, edge bool, target func(*http.Request) string) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host = "http", target(p.In)
			if edge {
				p.SetXForwarded()
			} else {
				keepForwarded(p)
			}
			p.Out.Host = p.In.Host
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil {
				n.log.Warn("call failed", "path", r.URL.Path, "error", err)
			}
			httpdpath.WriteError(w, err)
		},
	}
}

// keepForwarded restores what httputil removes for the sake of edges.
func keepForwarded(p *httputil.ProxyRequest) {
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if v, ok := p.In.Header[h]; ok {
			p.Out.Header[h] = v
		}
	}
}
