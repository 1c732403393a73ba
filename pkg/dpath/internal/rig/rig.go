// Package rig runs a chain of four apps as real HTTP servers on loopback, each
// with public and dedicated nodes, behind an entry. It serves the tests.
package rig

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
)

// Apps is the chain, from the entry inwards.
var Apps = []string{"app1", "app2", "app3", "app4"}

// HeaderEnv is the header by which the rig's document identifies an environment.
const HeaderEnv = "X-Lane"

// Node is one server of the chain.
type Node struct {
	ID, App, Env, Addr string
	Served             atomic.Int64 // requests that reached business code
	Common             atomic.Int64 // of these, requests without environment
	Status             atomic.Int64 // answer with this status when not 0
	server             *http.Server
	client             *http.Client
}

// Rig is a running chain.
type Rig struct {
	t        testing.TB
	Doc      *dpath.Document
	Registry *dpath.Registry
	Store    *dpath.Store
	Keys     *dpath.Keyring
	Probes   *dpath.Keyring
	Metrics  *prometheus.Registry
	Nodes    map[string]*Node
	Entry    *httptest.Server
	Gateway  *httpdpath.Transport
	Client   *http.Client
	metrics  *dpath.Metrics
	// Handle replaces a node's business code when it returns true.
	Handle func(n *Node, client *http.Client, w http.ResponseWriter, r *http.Request) bool
}

// New starts the chain: per app two public nodes and two of each environment.
// change may alter the document before it is published.
func New(t testing.TB, envs []string, change func(*dpath.Document)) *Rig {
	t.Helper()
	r := &Rig{t: t, Nodes: map[string]*Node{}, Metrics: prometheus.NewRegistry(),
		Registry: &dpath.Registry{Apps: map[string][]dpath.Endpoint{}, Groups: map[string][]string{}},
		Doc:      &dpath.Document{Enable: true, Version: 1, EntryApps: []string{"app1"}}}
	var err error
	r.Keys, err = dpath.NewKeyring("k1", map[string][]byte{"k1": []byte("label key of sixteen or more")})
	require.NoError(t, err)
	r.Probes, err = dpath.NewKeyring("p1", map[string][]byte{"p1": []byte("probe key of sixteen or more")})
	require.NoError(t, err)
	r.metrics, err = dpath.NewMetrics(r.Metrics)
	require.NoError(t, err)
	r.Store, err = dpath.NewStore(dpath.StoreOptions{Metrics: r.metrics})
	require.NoError(t, err)
	for _, app := range Apps {
		for _, env := range append([]string{""}, envs...) {
			for i := range 2 {
				r.start(app, env, i)
			}
		}
	}
	r.document(envs)
	if change != nil {
		change(r.Doc)
	}
	require.NoError(t, r.Store.Set(r.Doc, r.Registry))
	r.entry()
	t.Cleanup(r.close)
	return r
}

func (r *Rig) document(envs []string) {
	for _, env := range envs {
		rule := dpath.EnvRule{EnvName: env}
		for _, app := range Apps {
			rule.EnvAppRules = append(rule.EnvAppRules, dpath.EnvAppRule{AppName: app, MachineGroups: []string{app + "_" + env}})
		}
		r.Doc.EnvRules = append(r.Doc.EnvRules, rule)
		r.Doc.Identify = append(r.Doc.Identify, dpath.IdentifyRule{EnvName: env, Conditions: []dpath.Condition{
			{Type: "header", Key: HeaderEnv, Op: "equal", Value: []string{env}}}})
	}
}

func (r *Rig) start(app, env string, i int) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(r.t, err)
	pool := env
	if env == "" {
		pool = "public"
	}
	n := &Node{ID: fmt.Sprintf("%s-%s-%d", app, pool, i), App: app, Env: env, Addr: l.Addr().String()}
	peer := &httpdpath.Peer{Peer: carrier.Peer{Store: r.Store, Keys: r.Keys, ProbeKeys: r.Probes, Metrics: r.metrics, App: app, Node: n.ID, Addr: n.Addr}}
	n.client = &http.Client{Transport: peer.Transport(httpdpath.TransportOptions{})}
	guard := peer.Guard(r.business(n), httpdpath.GuardOptions{Exempt: []string{"/healthz"}})
	n.server = &http.Server{Handler: guard, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = n.server.Serve(l) }()
	r.Nodes[n.ID] = n
	r.Registry.Apps[app] = append(r.Registry.Apps[app], dpath.Endpoint{ID: n.ID, Addr: n.Addr})
	if env != "" {
		r.Registry.Groups[app+"_"+env] = append(r.Registry.Groups[app+"_"+env], n.Addr)
	}
}

// business answers with the nodes that served the call, innermost last.
func (r *Rig) business(n *Node) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/healthz" {
			return
		}
		n.Served.Add(1)
		if dpath.Env(req.Context()) == "" {
			n.Common.Add(1)
		}
		if r.Handle != nil && r.Handle(n, n.client, w, req) {
			return
		}
		if status := n.Status.Load(); status != 0 {
			w.WriteHeader(int(status))
			return
		}
		inner := ""
		if next := nextApp(n.App); next != "" {
			body, err := Get(req.Context(), n.client, "http://"+next+req.URL.Path, nil)
			var status *StatusError
			if errors.As(err, &status) {
				http.Error(w, status.Body, status.Status)
				return
			}
			if err != nil {
				httpdpath.WriteError(w, err)
				return
			}
			inner = " " + body
		}
		_, _ = io.WriteString(w, n.ID+inner)
	})
}

func nextApp(app string) string {
	for i, a := range Apps[:len(Apps)-1] {
		if a == app {
			return Apps[i+1]
		}
	}
	return ""
}

// StatusError is an answer other than 2xx.
type StatusError struct {
	Status int
	Body   string
}

// Error gives status and body.
func (e *StatusError) Error() string { return fmt.Sprintf("status %d: %s", e.Status, e.Body) }

// Get calls url and gives the body of a 2xx answer.
func Get(ctx context.Context, c *http.Client, url string, header http.Header) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	for k, v := range header {
		req.Header[k] = v
	}
	resp, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode/100 != 2 {
		err = &StatusError{resp.StatusCode, string(body)}
	}
	return string(body), err
}

func (r *Rig) entry() {
	peer := &httpdpath.Peer{Peer: carrier.Peer{Store: r.Store, Keys: r.Keys, ProbeKeys: r.Probes, Metrics: r.metrics}}
	r.Gateway = peer.Transport(httpdpath.TransportOptions{Closed: true})
	proxy := &httputil.ReverseProxy{
		Rewrite:      func(p *httputil.ProxyRequest) { p.SetURL(&url.URL{Scheme: "http", Host: "app1"}) },
		Transport:    r.Gateway,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) { httpdpath.WriteError(w, err) },
	}
	r.Entry = httptest.NewServer(peer.Entry(proxy, httpdpath.EntryOptions{}))
	r.Client = r.Entry.Client()
	r.Client.Transport.(*http.Transport).MaxIdleConnsPerHost = 64
}

// Kill stops a node at once, with its connections.
func (r *Rig) Kill(match func(*Node) bool) {
	for _, n := range r.Nodes {
		if match(n) {
			_ = n.server.Close()
		}
	}
}

func (r *Rig) close() {
	r.Entry.Close()
	r.Gateway.CloseIdleConnections()
	for _, n := range r.Nodes {
		_ = n.server.Close()
		n.client.CloseIdleConnections()
	}
}

// Call sends one call through the entry and gives the nodes that served it.
func (r *Rig) Call(env string) ([]string, error) {
	h := http.Header{}
	if env != "" {
		h.Set(HeaderEnv, env)
	}
	body, err := Get(context.Background(), r.Client, r.Entry.URL+"/", h)
	return strings.Fields(body), err
}

// Many sends n calls from several clients at once; env gives each its lane.
func (r *Rig) Many(n int, env func(i int) string, seen func(env string, nodes []string, err error)) {
	Many(16, n, env, r.Call, seen)
}

// Many makes n calls from several clients at once, and tells of each, one after the other.
func Many(clients, n int, env func(i int) string, call func(env string) ([]string, error), seen func(env string, nodes []string, err error)) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var next atomic.Int64
	for range clients {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				e := env(int(i))
				nodes, err := call(e)
				mu.Lock()
				seen(e, nodes, err)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// Publish puts a changed document in force under the next version.
func (r *Rig) Publish(change func(*dpath.Document)) {
	r.t.Helper()
	change(r.Doc)
	r.Doc.Version++
	require.NoError(r.t, r.Store.Apply(r.Doc))
}

// Count sums a metric over all labels that contain the given pairs.
func (r *Rig) Count(name string, labels map[string]string) float64 {
	return Count(r.t, r.Metrics, name, labels)
}

// Count sums a metric of a registry over all labels that contain the given pairs.
func Count(t testing.TB, from prometheus.Gatherer, name string, labels map[string]string) float64 {
	families, err := from.Gather()
	require.NoError(t, err)
	sum := 0.0
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
	metric:
		for _, m := range f.Metric {
			got := map[string]string{}
			for _, l := range m.Label {
				got[l.GetName()] = l.GetValue()
			}
			for k, v := range labels {
				if got[k] != v {
					continue metric
				}
			}
			sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return sum
}
