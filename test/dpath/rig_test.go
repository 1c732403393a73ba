package dpath_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/httpdpath"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	lane        = "newRetail"
	chain       = "/app1/app2/app3/app4" // the apps a call visits, in turn
	headerLane  = "X-Lane"               // by which the document identifies an environment
	dialTimeout = 10 * time.Second       // a loaded machine is no dead node
	pushLag     = 50 * time.Millisecond  // within which a change reaches one process after the other
	patience    = time.Minute            // for what should be so soon
)

var apps = []string{"app1", "app2", "app3", "app4"}

// setup says how a rig differs from the usual one.
type setup struct {
	lanes    []string              // none means lane
	document func(*dpath.Document) // changes the document before it is published
	workers  int                   // of a node; 0: as many as there are calls
	service  time.Duration         // that a call keeps a worker busy, beside the calls it makes itself
	attempts int                   // of the entry; 0 is the carrier's own
	fresh    bool                  // the entry makes a connection for every call
	// snapshots is the folder for those of all processes; empty means none.
	snapshots string
}

// process is one member of the path: a node of an app, or the entry, which is none.
type process struct {
	*machine
	id, app, lane string
	store         *dpath.Store
	peer          *httpdpath.Peer
	transport     *httpdpath.Transport
	client        *http.Client
	server        *http.Server
	ended         chan struct{}
	workers       chan struct{}
	snapshot      string
	unguarded     bool                             // served without the guard, by mistake
	conns         atomic.Int64                     // that were ever opened to it
	instead       atomic.Pointer[http.HandlerFunc] // business code, when not the usual
}

// rig is a running path with a client outside of it.
type rig struct {
	setup
	t        testing.TB
	net      *network
	doc      *dpath.Document
	registry *dpath.Registry
	keys     *dpath.Keyring
	probes   *dpath.Keyring
	gathered *prometheus.Registry
	metrics  *dpath.Metrics
	nodes    []*process
	entry    *process
	client   *http.Client // on a machine of its own
	ledger   ledger
}

func newRig(t testing.TB, s setup) *rig {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	if s.lanes == nil {
		s.lanes = []string{lane}
	}
	r := &rig{setup: s, t: t, net: newNetwork(t), gathered: prometheus.NewRegistry(), ledger: ledger{rows: map[row]int{}},
		registry: &dpath.Registry{Apps: map[string][]dpath.Endpoint{}, Groups: map[string][]string{}},
		doc:      &dpath.Document{Enable: true, Version: 1, EntryApps: apps[:1]}}
	var err error
	r.keys, err = dpath.NewKeyring("k1", map[string][]byte{"k1": []byte("label key of sixteen or more")})
	require.NoError(t, err)
	r.probes, err = dpath.NewKeyring("p1", map[string][]byte{"p1": []byte("probe key of sixteen or more")})
	require.NoError(t, err)
	r.metrics, err = dpath.NewMetrics(r.gathered)
	require.NoError(t, err)
	outside := r.net.plug(netip.AddrFrom4([4]byte{10, 77, 9, 1}))
	base := &http.Transport{DialContext: outside.dial, MaxIdleConnsPerHost: 512}
	r.client = &http.Client{Transport: base}
	t.Cleanup(base.CloseIdleConnections)
	for i, app := range apps {
		for j, env := range append([]string{""}, s.lanes...) {
			for k := range 2 {
				r.node(app, env, k, netip.AddrFrom4([4]byte{10, 77, byte(i + 1), byte(10*j + k + 1)}))
			}
		}
	}
	r.entry = r.process("entry", "", "", netip.AddrFrom4([4]byte{10, 77, 9, 2}))
	r.rules()
	for _, p := range r.processes() {
		require.NoError(t, p.store.Set(r.doc, r.registry))
	}
	for _, p := range r.processes() {
		r.serve(p)
	}
	return r
}

func (r *rig) rules() {
	for _, env := range r.lanes {
		rule := dpath.EnvRule{EnvName: env}
		for _, app := range apps {
			rule.EnvAppRules = append(rule.EnvAppRules, dpath.EnvAppRule{AppName: app, MachineGroups: []string{app + "_" + env}})
		}
		r.doc.EnvRules = append(r.doc.EnvRules, rule)
		r.doc.Identify = append(r.doc.Identify, dpath.IdentifyRule{EnvName: env, Conditions: []dpath.Condition{
			{Type: "header", Key: headerLane, Op: "equal", Value: []string{env}}}})
	}
	if r.document != nil {
		r.document(r.doc)
	}
}

func (r *rig) process(id, app, env string, ip netip.Addr) *process {
	p := &process{machine: r.net.plug(ip), id: id, app: app, lane: env}
	if r.snapshots != "" {
		p.snapshot = filepath.Join(r.snapshots, id)
	}
	require.NoError(r.t, r.boot(p))
	return p
}

// boot makes what a process has in memory. It knows no more than its snapshot holds.
func (r *rig) boot(p *process) (err error) {
	p.store, err = dpath.NewStore(dpath.StoreOptions{Metrics: r.metrics, Snapshot: p.snapshot})
	p.peer = &httpdpath.Peer{Peer: carrier.Peer{Store: p.store, Keys: r.keys, ProbeKeys: r.probes, Metrics: r.metrics, App: p.app, Node: p.id}}
	base := httpdpath.NewBase()
	base.DialContext = p.dial
	o := httpdpath.TransportOptions{Base: httpdpath.NewWire(base)}
	if p.app == "" {
		o.Closed, o.Attempts = true, r.attempts
		base.DisableKeepAlives = r.fresh
	} else {
		p.peer.Addr = p.addr()
	}
	p.transport = p.peer.Transport(o)
	p.client = &http.Client{Transport: p.transport}
	return err
}

func (r *rig) node(app, env string, i int, ip netip.Addr) {
	pool := env
	if env == "" {
		pool = "public"
	}
	p := r.process(fmt.Sprintf("%s-%s-%d", app, pool, i), app, env, ip)
	if r.workers > 0 {
		p.workers = make(chan struct{}, r.workers)
	}
	r.nodes = append(r.nodes, p)
	r.registry.Apps[app] = append(r.registry.Apps[app], dpath.Endpoint{ID: p.id, Addr: p.addr()})
	if env != "" {
		r.registry.Groups[app+"_"+env] = append(r.registry.Groups[app+"_"+env], p.addr())
	}
}

func (p *process) addr() string { return netip.AddrPortFrom(p.ip, 80).String() }

func (r *rig) processes() []*process { return append([]*process{r.entry}, r.nodes...) }

// serve starts a process that was booted.
func (r *rig) serve(p *process) {
	h := p.peer.Entry(r.gateway(), httpdpath.EntryOptions{})
	if p.app != "" {
		h = p.peer.Guard(r.business(p), httpdpath.GuardOptions{Exempt: []string{"/healthz"}})
	}
	if p.unguarded {
		h = r.business(p)
	}
	p.server = &http.Server{Handler: h, ReadHeaderTimeout: patience, ConnState: func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			p.conns.Add(1)
		}
	}}
	p.ended = make(chan struct{})
	server, ended, transport, l := p.server, p.ended, p.transport, p.listen()
	go func() { defer close(ended); _ = server.Serve(l) }()
	r.t.Cleanup(func() { _ = server.Close(); <-ended; transport.CloseIdleConnections() })
}

// kill ends the process at once, with its connections.
func (p *process) kill() {
	_ = p.server.Close()
	<-p.ended
}

// gateway sends a call to the app that its path begins with.
func (r *rig) gateway() http.Handler {
	return &httputil.ReverseProxy{
		Transport: r.entry.transport,
		Rewrite: func(p *httputil.ProxyRequest) {
			_, app, rest := step(p.In.URL.Path)
			p.Out.URL = &url.URL{Scheme: "http", Host: app, Path: rest}
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) { httpdpath.WriteError(w, err) },
	}
}

// step takes the first step of a path such as /3*app2/app3: how many calls of
// which app, and where each goes from there.
func step(path string) (times int, app, rest string) {
	first, after, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	times = 1
	if n, name, many := strings.Cut(first, "*"); many {
		_, _ = fmt.Sscan(n, &times)
		first = name
	}
	return times, first, "/" + after
}

// business answers with the node's name and those of all nodes called from here.
func (r *rig) business(p *process) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/healthz" {
			return
		}
		r.ledger.write(row{p.id, dpath.Env(req.Context())})
		if f := p.instead.Load(); f != nil {
			(*f)(w, req)
			return
		}
		r.usual(p, w, req)
	}
}

// usual waits for a worker, works, and makes the calls that come next.
func (r *rig) usual(p *process, w http.ResponseWriter, req *http.Request) {
	if p.workers != nil {
		select {
		case p.workers <- struct{}{}:
			defer func() { <-p.workers }()
		case <-req.Context().Done():
			return
		}
	}
	time.Sleep(r.service)
	inner, err := p.onward(req.Context(), req.Method, req.URL.Path)
	var status *statusError
	switch {
	case errors.As(err, &status):
		http.Error(w, status.body, status.status)
	case err != nil:
		httpdpath.WriteError(w, err)
	default:
		_, _ = io.WriteString(w, p.id+inner)
	}
}

// behave replaces the business code.
func (p *process) behave(f http.HandlerFunc) { p.instead.Store(&f) }

// onward makes the calls that the path asks for next.
func (p *process) onward(ctx context.Context, method, path string) (string, error) {
	times, app, rest := step(path)
	if app == "" {
		return "", nil
	}
	bodies, errs := make([]string, times), make([]error, times)
	var wg sync.WaitGroup
	for i := range times {
		wg.Go(func() { bodies[i], errs[i] = send(ctx, p.client, method, "http://"+app+rest, nil) })
	}
	wg.Wait()
	return " " + strings.Join(bodies, " "), errors.Join(errs...)
}

// publish gives every process the changed document, under the next version, one
// sooner than another. It returns when all have it.
func (r *rig) publish(change func(*dpath.Document)) {
	r.t.Helper()
	change(r.doc)
	r.doc.Version++
	var wg sync.WaitGroup
	errs := make(chan error, len(r.nodes)+1)
	for _, p := range r.processes() {
		wg.Go(func() {
			time.Sleep(rand.N(pushLag))
			errs <- p.store.Apply(r.doc)
		})
	}
	wg.Wait()
	for range len(errs) {
		require.NoError(r.t, <-errs)
	}
}

// find lists the nodes of an app, or of every app for "", in a lane; "" is the public one.
func (r *rig) find(app, env string) []*process {
	var out []*process
	for _, p := range r.nodes {
		if (app == "" || p.app == app) && p.lane == env {
			out = append(out, p)
		}
	}
	return out
}

func kill(list []*process) {
	for _, p := range list {
		p.kill()
	}
}

// pools tells from the names of nodes such as app1-public-0 whose they are.
func pools(nodes []string) string {
	var out []string
	for _, n := range nodes {
		out = append(out, strings.Split(n, "-")[1])
	}
	return strings.Join(out, " ")
}

// all is what pools says of a whole chain in one.
func all(pool string) string { return strings.TrimSpace(strings.Repeat(pool+" ", len(apps))) }
