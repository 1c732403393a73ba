package xds_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
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
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	grpcxds "google.golang.org/grpc/xds"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/grpcdpath"
	chain "github.com/plazacloud/plaza/pkg/dpath/internal/rig"
	"github.com/plazacloud/plaza/pkg/dpath/xds"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patient = time.Minute

// node is a guarded gRPC server. Its business is to say that it is well.
type node struct {
	id, app, addr string
	opts          []grpc.ServerOption
	server        *grpc.Server
}

// rig is nodes of two apps, the xDS server, and a client of each app which is
// gRPC's own: it knows nothing of the toolkit but the metadata it passes on.
//
// Both apps have two public nodes. Environment a has two nodes of shop and
// shares stock, b has two of each.
type rig struct {
	t        *testing.T
	doc      *dpath.Document
	registry *dpath.Registry
	store    *dpath.Store
	keys     *dpath.Keyring
	counters *dpath.Metrics
	metrics  *prometheus.Registry
	nodes    map[string]*node // by id, such as shop-public-0, and by address
	clients  map[string]healthpb.HealthClient
}

func newRig(t *testing.T, policy dpath.Policy) *rig {
	t.Helper()
	r := &rig{t: t, nodes: map[string]*node{}, clients: map[string]healthpb.HealthClient{}, metrics: prometheus.NewRegistry(),
		registry: &dpath.Registry{Apps: map[string][]dpath.Endpoint{}, Groups: map[string][]string{}},
		doc: &dpath.Document{Enable: true, EntryApps: []string{"shop", "stock"}, EnvRules: []dpath.EnvRule{
			{EnvName: "a", FailoverPolicy: policy, SpillAt: 100, EnvAppRules: []dpath.EnvAppRule{{AppName: "shop", MachineGroups: []string{"shop-a"}}}},
			{EnvName: "b", EnvAppRules: []dpath.EnvAppRule{{AppName: "shop", MachineGroups: []string{"shop-b"}}, {AppName: "stock", MachineGroups: []string{"stock-b"}}}},
		}}}
	var err error
	r.keys, err = dpath.NewKeyring("1", map[string][]byte{"1": []byte("label key of sixteen or more")})
	require.NoError(t, err)
	r.counters, err = dpath.NewMetrics(r.metrics)
	require.NoError(t, err)
	r.store, err = dpath.NewStore(dpath.StoreOptions{Metrics: r.counters})
	require.NoError(t, err)
	for _, group := range []string{"shop-public", "shop-a", "shop-b", "stock-public", "stock-b"} {
		r.add(group, "127.0.0.1:0")
		r.add(group, "[::1]:0")
	}
	r.publish(nil)
	r.serve()
	return r
}

// add starts a node of a group, on an IPv4 address where there is no IPv6.
func (r *rig) add(group, listen string) {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	require.NoError(r.t, err)
	app, _, _ := strings.Cut(group, "-")
	n := &node{id: fmt.Sprintf("%s-%d", group, len(r.registry.Groups[group])), app: app, addr: l.Addr().String()}
	p := &grpcdpath.Peer{Peer: carrier.Peer{Store: r.store, Keys: r.keys, Metrics: r.counters, App: app, Node: n.id, Addr: n.addr}}
	n.opts = p.Guard(grpcdpath.GuardOptions{})
	n.serve(l)
	r.t.Cleanup(func() { n.server.Stop() })
	r.nodes[n.id], r.nodes[n.addr] = n, n
	r.registry.Apps[app] = append(r.registry.Apps[app], dpath.Endpoint{ID: n.id, Addr: n.addr})
	r.registry.Groups[group] = append(r.registry.Groups[group], n.addr)
}

func (n *node) serve(l net.Listener) {
	server := grpc.NewServer(n.opts...)
	healthpb.RegisterHealthServer(server, health.NewServer())
	n.server = server
	go func() { _ = server.Serve(l) }()
}

func (r *rig) kill(ids ...string) {
	for _, id := range ids {
		r.nodes[id].server.Stop()
	}
}

// restart serves again where the node was known.
func (r *rig) restart(id string) {
	n := r.nodes[id]
	require.Eventually(r.t, func() bool {
		l, err := net.Listen("tcp", n.addr)
		if err == nil {
			n.serve(l)
		}
		return err == nil
	}, patient, 10*time.Millisecond)
}

// serve starts the xDS server and its clients.
func (r *rig) serve() {
	ctx, cancel := context.WithCancel(context.Background())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(r.t, err)
	x, server := xds.New(), grpc.NewServer()
	x.Register(ctx, server)
	var wg sync.WaitGroup
	wg.Go(func() { _ = server.Serve(l) })
	wg.Go(func() { x.Follow(ctx, r.store, func(err error) { r.t.Error(err) }) })
	r.t.Cleanup(func() { cancel(); server.Stop(); wg.Wait() })

	resolver, err := grpcxds.NewXDSResolverWithConfigForTesting(fmt.Appendf(nil,
		`{"xds_servers": [{"server_uri": %q, "channel_creds": [{"type": "insecure"}], "server_features": ["xds_v3"]}], "node": {"id": "anybody"}}`, l.Addr()))
	require.NoError(r.t, err)
	for app := range r.registry.Apps {
		conn, err := grpc.NewClient("xds:///"+app, grpc.WithResolvers(resolver), grpc.WithTransportCredentials(insecure.NewCredentials()),
			// A busy machine must not pass for a dead node.
			grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, MaxDelay: time.Second}, MinConnectTimeout: patient}))
		require.NoError(r.t, err)
		r.t.Cleanup(func() { require.NoError(r.t, conn.Close()) })
		r.clients[app] = healthpb.NewHealthClient(conn)
	}
}

// publish puts the document, changed, in force under the next version.
func (r *rig) publish(change func(*dpath.Document)) {
	r.t.Helper()
	if change != nil {
		change(r.doc)
	}
	r.doc.Version++
	require.NoError(r.t, r.store.Set(r.doc, r.registry))
}

// call makes one call in an environment and gives the node that answered.
func (r *rig) call(app, env string) (string, error) {
	h := http.Header{}
	if env != "" {
		l, err := dpath.Sign(r.keys, env, dpath.NewTrace(), time.Now(), time.Minute)
		require.NoError(r.t, err)
		l.Inject(h)
	}
	return r.send(app, h)
}

func (r *rig) send(app string, h http.Header) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patient)
	defer cancel()
	for k, v := range h {
		ctx = metadata.AppendToOutgoingContext(ctx, k, v[0])
	}
	var at peer.Peer
	if _, err := r.clients[app].Check(ctx, &healthpb.HealthCheckRequest{}, grpc.Peer(&at)); err != nil {
		return "", err
	}
	return r.nodes[at.Addr.String()].id, nil
}

// soon waits until calls of an environment are answered by these nodes, all of
// them and no other.
func (r *rig) soon(app, env string, want ...string) {
	r.t.Helper()
	var got []string
	var failure error
	defer func() {
		if r.t.Failed() {
			r.t.Logf("last answered by %v: %v", got, failure)
		}
	}()
	require.Eventually(r.t, func() bool {
		got, failure = r.sample(40, app, env)
		return failure == nil && slices.Equal(got, want)
	}, patient, 10*time.Millisecond, "%s in %q by %v", app, env, want)
}

// sample makes n calls and gives the nodes that answered them, sorted.
func (r *rig) sample(n int, app, env string) (by []string, failure error) {
	chain.Many(4, n, func(int) string { return env }, func(env string) ([]string, error) {
		id, err := r.call(app, env)
		return []string{id}, err
	}, func(_ string, ids []string, err error) {
		if err != nil {
			failure = err
			return
		}
		by = append(by, ids...)
	})
	slices.Sort(by)
	return slices.Compact(by), failure
}

// load calls an app in all environments at once until stop, which gives every
// failure.
func (r *rig) load(app string, envs ...string) (stop func() (calls int, faults []error)) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var faults []error
	calls, done := 0, make(chan struct{})
	for _, env := range envs {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				_, err := r.call(app, env)
				mu.Lock()
				if calls++; err != nil {
					faults = append(faults, fmt.Errorf("call in %q: %w", env, err))
				}
				mu.Unlock()
			}
		})
	}
	return func() (int, []error) { close(done); wg.Wait(); return calls, faults }
}

// refused counts the calls that guards refused: those that came to a dedicated
// node and did not belong there.
func (r *rig) refused() float64 {
	return chain.Count(r.t, r.metrics, "dpath_guard_reject_total", nil)
}
