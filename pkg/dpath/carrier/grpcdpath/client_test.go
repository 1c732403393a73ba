package grpcdpath_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/grpcdpath"
)

// T22: attempts one to three stay in the lane; a strict one never leaves it.
func TestT22RetriesStayInTheLane(t *testing.T) {
	for _, env := range []string{"", lane} {
		r := newRig(t, []string{lane}, 3, func(d *dpath.Document) { d.EnvRules[0].FailoverPolicy = dpath.PolicyStrict })
		for _, n := range r.nodes {
			n.code.Store(uint32(codes.Unavailable))
		}
		_, err := unary(r.labelled(env), r.entry.to("app1"), "")
		require.Equal(t, codes.Unavailable, status.Code(err))
		if env == "" {
			require.Equal(t, dpath.ErrNoPublicNode.Reason, grpcdpath.Reason(err), "both were tried")
			require.ErrorContains(t, err, "as told")
		}
		for _, n := range r.nodes {
			want := 0
			if n.app == "app1" && n.env == env {
				want = 1
			}
			require.EqualValues(t, want, n.served.Load(), n.id)
		}
	}
}

// T22: however often calls fail, retries are at most a tenth of them, beyond a
// first few.
func TestT22BudgetHolds(t *testing.T) {
	r := newRig(t, []string{lane}, 3, nil)
	var attempts []string // nodes of the call now made
	r.handle = func(_ context.Context, n *node, _ string) (string, bool, error) {
		attempts = append(attempts, n.env)
		if len(attempts) == 1 {
			return "", true, status.Error(codes.Unavailable, "the first always fails")
		}
		return n.id, true, nil
	}
	const calls, burst = 300, 20
	retries := 0
	for range calls {
		attempts = nil
		_, err := unary(r.labelled(lane), r.entry.to("app1"), "")
		require.Equal(t, len(attempts) == 1, err != nil)
		require.NotContains(t, attempts, "")
		retries += len(attempts) - 1
		cfg := r.entry.store.Current()
		for _, n := range cfg.Dedicated(lane, "app1") { // the budget is tested here, not ejection
			r.entry.client.Health().View(cfg).Report(n, true)
		}
	}
	require.GreaterOrEqual(t, retries, burst)
	require.LessOrEqual(t, retries, burst+calls/10)
}

// What a node has seen is repeated only if that is harmless, and if the
// failure is the node's own.
func TestRetriesRespectIdempotence(t *testing.T) {
	r := newRig(t, nil, 0, nil)
	for _, n := range r.nodes {
		if n.app == "app2" {
			n.code.Store(uint32(codes.Unavailable))
		}
	}
	served := func(app string) (sum int64) {
		for _, n := range r.nodes {
			if n.app == app {
				sum += n.served.Swap(0)
			}
		}
		return sum
	}
	app2 := r.entry.to("app2")
	_, err := app2.CacheableUnaryCall(t.Context(), &pb.SimpleRequest{})
	require.Error(t, err)
	require.EqualValues(t, 1, served("app2"))
	_, err = unary(t.Context(), app2, "")
	require.Error(t, err)
	require.EqualValues(t, 2, served("app2"))
	_, err = unary(t.Context(), r.entry.to("app1"), "")
	require.Error(t, err)
	require.EqualValues(t, 1, served("app1"), "what is passed on was retried further down")
	require.EqualValues(t, 2, served("app2"))
	for _, n := range r.nodes {
		n.code.Store(uint32(codes.FailedPrecondition))
	}
	_, err = unary(t.Context(), r.entry.to("app3"), "")
	require.Equal(t, codes.FailedPrecondition, status.Code(err))
	require.EqualValues(t, 1, served("app3"), "the code alone is no refusal by a guard")
}

// A refusal that business code passes on must not be taken for the node's own.
func TestRefusalPassedOnIsNotRepeated(t *testing.T) {
	r := newRig(t, []string{lane}, 2, nil)
	direct := pb.NewTestServiceClient(r.dial(r.nodes["app4-"+lane+"-0"].addr))
	r.handle = func(ctx context.Context, _ *node, _ string) (string, bool, error) {
		_, err := unary(ctx, direct, "")
		return "", true, err
	}
	_, err := r.call("")
	require.Equal(t, carrier.ReasonMisdirected, grpcdpath.Reason(err))
	require.EqualValues(t, 1, r.nodes["app1-public-0"].served.Load()+r.nodes["app1-public-1"].served.Load())
}

// A node that takes calls and does not answer is ejected by their deadlines.
func TestSilentNodeIsEjected(t *testing.T) {
	r := newRig(t, []string{lane}, 2, nil)
	silent := r.nodes["app4-"+lane+"-0"]
	r.handle = func(ctx context.Context, n *node, _ string) (string, bool, error) {
		if n != silent {
			return n.id, true, nil
		}
		<-ctx.Done()
		return "", true, ctx.Err()
	}
	for silent.served.Load() < dpath.EjectAfter {
		ctx, cancel := context.WithTimeout(r.labelled(lane), 100*time.Millisecond)
		_, err := unary(ctx, r.entry.to("app4"), "")
		if err != nil {
			require.Equal(t, codes.DeadlineExceeded, status.Code(err))
		}
		cancel()
	}
	cfg := r.entry.store.Current()
	view := r.entry.client.Health().View(cfg)
	i := slices.IndexFunc(cfg.All("app4"), func(n *dpath.Node) bool { return n.ID == silent.id })
	require.Eventually(t, func() bool { return !view.Usable(cfg.All("app4")[i]) }, patient, time.Millisecond)
	for range 20 {
		id, err := unary(r.labelled(lane), r.entry.to("app4"), "")
		require.NoError(t, err)
		require.NotEqual(t, silent.id, id)
	}
	require.Zero(t, view.InFlight(cfg.All("app4")[i]))
}

// A node that leaves the registry keeps its streams; its connection goes with
// the last of them.
func TestNodesThatGoAreClosedAfterTheirCalls(t *testing.T) {
	r := newRig(t, nil, 0, nil)
	app4 := r.entry.to("app4")
	ctx, cancel := context.WithCancel(r.labelled(""))
	defer cancel()
	open := func() (bidi, *node) {
		s, err := app4.FullDuplexCall(ctx)
		require.NoError(t, err)
		id, err := exchange(s, &pb.StreamingOutputCallRequest{})
		require.NoError(t, err)
		return s, r.nodes[id]
	}
	one, at := open()
	two, other := open()
	s, n := open()
	abandoned, third := one, two
	if n == other {
		abandoned, third = two, one
	}
	require.NotEqual(t, at, other, "the less busy node is taken")
	require.NoError(t, finish(third))
	r.registry.Apps["app4"] = slices.DeleteFunc(r.registry.Apps["app4"], func(e dpath.Endpoint) bool { return e.ID == n.id })
	r.publish(nil)
	for range 20 {
		id, err := unary(r.labelled(""), app4, "")
		require.NoError(t, err)
		require.NotEqual(t, n.id, id)
		_, err = exchange(s, &pb.StreamingOutputCallRequest{})
		require.NoError(t, err)
	}
	require.EqualValues(t, 1, n.conns.Load())
	require.NoError(t, finish(s))
	_, err := exchange(abandoned, &pb.StreamingOutputCallRequest{})
	require.NoError(t, err)
	cancel() // nobody receives the end of this one
	require.Eventually(t, func() bool { return n.conns.Load() == 0 }, patient, time.Millisecond)
}

func TestClosedClient(t *testing.T) {
	r := newRig(t, nil, 0, nil)
	c := r.peer(r.entry).Client(grpcdpath.ClientOptions{})
	app4 := pb.NewTestServiceClient(c.App("APP4"))
	s, err := app4.FullDuplexCall(r.labelled(""))
	require.NoError(t, err)
	_, err = exchange(s, &pb.StreamingOutputCallRequest{})
	require.NoError(t, err)
	require.NoError(t, c.Close())
	_, err = s.Recv()
	require.Equal(t, codes.Canceled, status.Code(err))
	_, err = unary(r.labelled(""), app4, "")
	require.Equal(t, codes.Canceled, status.Code(err))

	c = r.peer(r.entry).Client(grpcdpath.ClientOptions{Dial: []grpc.DialOption{grpc.WithTransportCredentials(nil)}})
	_, err = unary(r.labelled(""), pb.NewTestServiceClient(c.App("app4")), "")
	require.Equal(t, codes.Internal, status.Code(err))
	require.NoError(t, c.Close())
}

func TestProbeLoopTakesNodesOut(t *testing.T) {
	r := newRig(t, []string{lane}, 2, nil)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		r.entry.client.Probe(ctx, grpcdpath.ProbeOptions{Interval: 10 * time.Millisecond, Timeout: 5 * time.Second})
	})
	defer wg.Wait()
	defer cancel()
	usable := func(want float64) func() bool {
		return func() bool { return r.count("dpath_ded_usable", map[string]string{"app": "app1", "env": lane}) == want }
	}
	_, err := r.call(lane)
	require.NoError(t, err)
	require.Eventually(t, usable(2), patient, 5*time.Millisecond)
	n := r.nodes["app1-"+lane+"-0"]
	n.health.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
	require.Eventually(t, usable(1), patient, 5*time.Millisecond)
	for range 10 {
		nodes, err := r.call(lane)
		require.NoError(t, err)
		require.NotEqual(t, n.id, nodes[0])
	}
	n.health.SetServingStatus("", healthpb.HealthCheckResponse_SERVING)
	require.Eventually(t, usable(2), patient, 5*time.Millisecond)
	r.kill(func(o *node) bool { return o == n })
	require.Eventually(t, usable(1), patient, 5*time.Millisecond)
}
