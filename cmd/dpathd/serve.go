package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/http/pprof" // #nosec G108 -- what it registers by itself is served by nobody here
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
	"github.com/plazacloud/plaza/pkg/dpath/gateway/front"
)

const (
	drainTime  = 10 * time.Second
	watchEvery = time.Second
)

// listener is one address with its handler, in the clear unless tls is given.
type listener struct {
	name, addr string
	handler    http.Handler
	tls        *tls.Config
}

// service is what a process does beside what every node does.
type service struct {
	listeners []listener
	part      func(*fileConfig) (use func(), err error) // see node.watch
	probe     func(context.Context)
	health    *dpath.Table
	close     func() // at the end
}

// serve runs a service and background work until ctx ends, then lets calls in
// flight finish. ready, if not nil, is told the addresses by name.
func serve(ctx context.Context, n *node, s service, ready func(map[string]string)) error {
	if n.config.Admin != "" {
		s.listeners = append(s.listeners, listener{"admin", n.config.Admin, n.admin(), nil})
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer s.close()
	addrs := map[string]string{}
	failed := make(chan error, len(s.listeners))
	var servers []*front.Server
	for _, l := range s.listeners {
		socket, err := net.Listen("tcp", l.addr)
		if err != nil {
			stop(servers)
			return fmt.Errorf("listen for %s: %w", l.name, err)
		}
		server := front.New(front.Options{Handler: l.handler, TLS: l.tls, HeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, Log: n.log})
		servers = append(servers, server)
		addrs[l.name] = socket.Addr().String()
		go func() { failed <- server.Serve(socket) }()
		n.log.Info("listening", "for", l.name, "address", addrs[l.name])
	}
	followed, err := n.follow(ctx, s.health)
	if err != nil {
		stop(servers)
		return err
	}
	var background sync.WaitGroup
	background.Go(func() { n.watch(ctx, watchEvery, s.part) })
	background.Go(func() { s.probe(ctx) })
	if ready != nil {
		ready(addrs)
	}
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	stop(servers)
	cancel()
	background.Wait()
	<-followed
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// stop ends servers; calls in flight have drainTime to finish.
func stop(servers []*front.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	var all sync.WaitGroup
	for _, s := range servers {
		all.Go(func() {
			if s.Shutdown(ctx) != nil {
				_ = s.Close()
			}
		})
	}
	all.Wait()
}

// admin answers health, metrics, and where the processor time goes.
func (n *node) admin() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(n.metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if n.store.Current() == nil {
			httpdpath.WriteError(w, carrier.ErrNoConfig)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

// proxy forwards to the app, or the fixed host, that target names. The
// X-Forwarded headers were set at the edge and are passed on.
func (n *node) proxy(transport http.RoundTripper, target func(*http.Request) string) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host, p.Out.Host = "http", target(p.In), p.In.Host
			keepForwarded(p)
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
