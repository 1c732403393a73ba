package grpcdpath_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/grpcdpath"
	chain "github.com/plazacloud/plaza/pkg/dpath/internal/rig"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	lane = "newRetail"
	// keyLane is the metadata by which the rig's document identifies a lane.
	keyLane = "x-lane"
	patient = time.Minute
)

// apps is the chain, from the entry inwards.
var apps = []string{"app1", "app2", "app3", "app4"}

// node is one server of the chain, or the entry, which is no app.
type node struct {
	pb.UnimplementedTestServiceServer
	r                  *rig
	id, app, env, addr string
	served             atomic.Int64  // calls that reached business code
	common             atomic.Int64  // of these, calls without label
	conns              atomic.Int64  // open connections to it
	code               atomic.Uint32 // answer so when not 0
	store              *dpath.Store
	opts               []grpc.ServerOption
	listener           net.Listener
	server             *grpc.Server
	health             *health.Server
	client             *grpcdpath.Client
}

// rig is a running chain. Every node has a store of its own, as in life.
type rig struct {
	t        *testing.T
	doc      *dpath.Document
	registry *dpath.Registry
	keys     *dpath.Keyring
	probes   *dpath.Keyring
	metrics  *prometheus.Registry
	counters *dpath.Metrics
	nodes    map[string]*node
	entry    *node
	outside  pb.TestServiceClient // one connection to the entry
	// handle replaces a node's business code of UnaryCall when it returns true.
	handle func(ctx context.Context, n *node, text string) (answer string, done bool, err error)
}

// newRig starts the chain: per app two public nodes and size of each
// environment. change may alter the document before it is published.
func newRig(t *testing.T, envs []string, size int, change func(*dpath.Document)) *rig {
	t.Helper()
	r := &rig{t: t, nodes: map[string]*node{}, metrics: prometheus.NewRegistry(),
		registry: &dpath.Registry{Apps: map[string][]dpath.Endpoint{}, Groups: map[string][]string{}},
		doc:      &dpath.Document{Enable: true, EntryApps: []string{"app1"}}}
	var err error
	r.keys, err = dpath.NewKeyring("k1", map[string][]byte{"k1": []byte("label key of sixteen or more")})
	require.NoError(t, err)
	r.probes, err = dpath.NewKeyring("p1", map[string][]byte{"p1": []byte("probe key of sixteen or more")})
	require.NoError(t, err)
	r.counters, err = dpath.NewMetrics(r.metrics)
	require.NoError(t, err)
	for _, app := range apps {
		for i := range 2 {
			r.add(app, "", fmt.Sprintf("%s-public-%d", app, i))
		}
		for _, env := range envs {
			for i := range size {
				r.add(app, env, fmt.Sprintf("%s-%s-%d", app, env, i))
			}
		}
	}
	r.entry = r.add("", "", "entry")
	for _, env := range envs {
		rule := dpath.EnvRule{EnvName: env}
		for _, app := range apps {
			rule.EnvAppRules = append(rule.EnvAppRules, dpath.EnvAppRule{AppName: app, MachineGroups: []string{app + "_" + env}})
		}
		r.doc.EnvRules = append(r.doc.EnvRules, rule)
		r.doc.Identify = append(r.doc.Identify, dpath.IdentifyRule{EnvName: env, Conditions: []dpath.Condition{
			{Type: "header", Key: keyLane, Op: "equal", Value: []string{env}}}})
	}
	r.publish(change)
	r.outside = pb.NewTestServiceClient(r.dial(r.entry.addr))
	return r
}

func (r *rig) add(app, env, id string) *node {
	n := &node{r: r, id: id, app: app, env: env}
	var err error
	n.store, err = dpath.NewStore(dpath.StoreOptions{Metrics: r.counters})
	require.NoError(r.t, err)
	l := r.listen()
	n.addr = l.Addr().String()
	peer := r.peer(n)
	if app == "" {
		n.opts = peer.Entry(grpcdpath.EntryOptions{})
	} else {
		n.opts = peer.Guard(grpcdpath.GuardOptions{Exempt: []string{healthpb.Health_Check_FullMethodName}})
		r.nodes[id] = n
		r.registry.Apps[app] = append(r.registry.Apps[app], dpath.Endpoint{ID: id, Addr: n.addr})
		if env != "" {
			r.registry.Groups[app+"_"+env] = append(r.registry.Groups[app+"_"+env], n.addr)
		}
	}
	n.client = peer.Client(grpcdpath.ClientOptions{
		Idempotent: func(m string) bool { return m == pb.TestService_UnaryCall_FullMethodName },
		// A busy machine must not pass for a dead node.
		Dial: []grpc.DialOption{grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, MaxDelay: time.Second}, MinConnectTimeout: patient})},
	})
	n.serve(l)
	r.t.Cleanup(func() {
		n.stop()
		require.NoError(r.t, n.client.Close())
	})
	return n
}

func (r *rig) listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(r.t, err)
	return l
}

func (r *rig) peer(n *node) *grpcdpath.Peer {
	return &grpcdpath.Peer{Peer: carrier.Peer{Store: n.store, Keys: r.keys, ProbeKeys: r.probes, Metrics: r.counters, App: n.app, Node: n.id, Addr: n.addr}}
}

func (n *node) serve(l net.Listener) {
	n.listener = l
	n.server = grpc.NewServer(append(n.opts, grpc.StatsHandler(connCounter{n: &n.conns}))...)
	pb.RegisterTestServiceServer(n.server, n)
	n.health = health.NewServer()
	healthpb.RegisterHealthServer(n.server, n.health)
	server := n.server
	go func() { _ = server.Serve(l) }()
}

// stop ends the server at once, also one that has hardly begun to serve.
func (n *node) stop() {
	n.server.Stop()
	_ = n.listener.Close()
}

// restart serves again where the node was known.
func (n *node) restart() {
	n.stop()
	require.Eventually(n.r.t, func() bool {
		l, err := net.Listen("tcp", n.addr)
		if err == nil {
			n.serve(l)
		}
		return err == nil
	}, patient, 10*time.Millisecond)
}

// kill stops nodes at once, with their connections.
func (r *rig) kill(match func(*node) bool) {
	for _, n := range r.nodes {
		if match(n) {
			n.stop()
		}
	}
}

func (r *rig) dial(addr string, opts ...grpc.DialOption) *grpc.ClientConn {
	conn, err := grpc.NewClient("passthrough:///"+addr, append([]grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}, opts...)...)
	require.NoError(r.t, err)
	r.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// publish puts the document, changed, in force everywhere under the next version.
func (r *rig) publish(change func(*dpath.Document)) {
	r.t.Helper()
	r.next(change)
	r.take(r.entry)
	for _, n := range r.nodes {
		r.take(n)
	}
}

func (r *rig) next(change func(*dpath.Document)) {
	if change != nil {
		change(r.doc)
	}
	r.doc.Version++
}

// take lets one node learn the document and the registry.
func (r *rig) take(n *node) { require.NoError(r.t, n.store.Set(r.doc, r.registry)) }

// call sends one call through the entry and gives the nodes that served it.
func (r *rig) call(env string, header ...string) ([]string, error) {
	if env != "" {
		header = append(header, keyLane, env)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patient)
	defer cancel()
	text, err := unary(metadata.AppendToOutgoingContext(ctx, header...), r.outside, "")
	return strings.Fields(text), err
}

// many sends n calls from several clients at once; env gives each its lane.
func (r *rig) many(n int, env func(i int) string, seen func(env string, nodes []string, err error)) {
	chain.Many(8, n, env, func(env string) ([]string, error) { return r.call(env) }, seen)
}

// labelled gives a context with a label, as the guard or the entry makes it.
func (r *rig) labelled(env string) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patient)
	r.t.Cleanup(cancel)
	if env == "" {
		return ctx
	}
	l, err := dpath.Sign(r.keys, env, dpath.NewTrace(), time.Now(), time.Minute)
	require.NoError(r.t, err)
	return dpath.WithLabel(ctx, l)
}

// count sums a metric over all labels that contain the given pairs.
func (r *rig) count(name string, labels map[string]string) float64 {
	return chain.Count(r.t, r.metrics, name, labels)
}
