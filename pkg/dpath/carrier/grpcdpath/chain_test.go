package grpcdpath_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier/grpcdpath"
)

func only(env string) func(int) string { return func(int) string { return env } }

// pools gives the pool parts of node ids such as app1-public-0.
func pools(nodes []string) string {
	var out []string
	for _, n := range nodes {
		out = append(out, strings.Split(n, "-")[1])
	}
	return strings.Join(out, " ")
}

// all is a chain that stays in one pool; "" means public.
func all(pool string) string {
	if pool == "" {
		pool = "public"
	}
	return strings.TrimSpace(strings.Repeat(pool+" ", len(apps)))
}

func TestT03CommonNeverOnDedicated(t *testing.T) {
	r := newRig(t, []string{lane}, 2, nil)
	r.many(2000, only(""), func(_ string, nodes []string, err error) {
		require.NoError(t, err)
		require.Equal(t, all("public"), pools(nodes))
	})
	require.Zero(t, r.count("dpath_guard_reject_total", nil))
	require.Equal(t, 8000.0, r.count("dpath_calls_total", map[string]string{"decision": "common", "pool": "public"}))
}

func TestT04LabelledAlwaysOnDedicated(t *testing.T) {
	r := newRig(t, []string{lane}, 2, nil)
	r.many(2000, only(lane), func(_ string, nodes []string, err error) {
		require.NoError(t, err)
		require.Equal(t, all(lane), pools(nodes))
	})
	require.Equal(t, 8000.0, r.count("dpath_calls_total", map[string]string{"decision": "dedicated", "env": lane}))
	require.Zero(t, r.count("dpath_label_invalid_total", nil))
}

func TestT05SharedHopThenDedicatedAgain(t *testing.T) {
	r := newRig(t, []string{lane}, 2, func(d *dpath.Document) {
		d.EnvRules[0].EnvAppRules = append(d.EnvRules[0].EnvAppRules[:1:1], d.EnvRules[0].EnvAppRules[2:]...)
	})
	r.many(200, only(lane), func(_ string, nodes []string, err error) {
		require.NoError(t, err)
		hops := strings.Fields(pools(nodes)) // app2 has nodes named after the lane that are public without a rule
		require.Equal(t, []string{lane, lane, lane}, []string{hops[0], hops[2], hops[3]})
	})
	require.Equal(t, 200.0, r.count("dpath_calls_total", map[string]string{"decision": "shared", "app": "app2", "pool": "public"}))
}

// T06: what may be repeated is; the node that comes back is used again.
func TestT06OneDedicatedNodeKilled(t *testing.T) {
	r := newRig(t, []string{lane}, 2, nil)
	_, err := r.call(lane)
	require.NoError(t, err)
	n := r.nodes["app2-"+lane+"-0"]
	var once sync.Once
	var after []string
	r.many(400, only(lane), func(_ string, nodes []string, err error) {
		require.NoError(t, err)
		require.Equal(t, all(lane), pools(nodes))
		once.Do(n.stop)
		after = append(after, nodes[1])
	})
	require.NotContains(t, after[100:], n.id)
	before := n.served.Load()
	n.restart()
	require.Eventually(t, func() bool {
		_, err := r.call(lane)
		return err == nil && n.served.Load() > before
	}, patient, time.Millisecond)
}

func TestT07AllDedicatedOfOneAppKilled(t *testing.T) {
	for _, policy := range []dpath.Policy{dpath.PolicyFailover, dpath.PolicyStrict, dpath.PolicySpill} {
		t.Run(policy.String(), func(t *testing.T) {
			r := newRig(t, []string{lane}, 2, func(d *dpath.Document) {
				d.EnvRules[0].FailoverPolicy, d.EnvRules[0].SpillAt = policy, 100
			})
			_, err := r.call(lane)
			require.NoError(t, err)
			r.kill(func(n *node) bool { return n.app == "app2" && n.env == lane })
			for range 100 {
				nodes, err := r.call(lane)
				if policy != dpath.PolicyStrict {
					require.NoError(t, err)
					require.Equal(t, lane+" public "+lane+" "+lane, pools(nodes))
					continue
				}
				require.Equal(t, codes.Unavailable, status.Code(err))
				require.Equal(t, dpath.ErrLaneUnavailable.Reason, grpcdpath.Reason(err))
			}
			nodes, err := r.call("")
			require.NoError(t, err)
			require.Equal(t, all("public"), pools(nodes), "common traffic sees nothing of it")
			// app1 only passes the failure on and must not be ejected for it.
			require.Zero(t, r.count("dpath_calls_total", map[string]string{"app": "app1", "decision": "strict_fail"}))
		})
	}
}

func TestT10AllPublicKilled(t *testing.T) {
	r := newRig(t, []string{lane}, 2, nil)
	r.kill(func(n *node) bool { return n.app == "app3" && n.env == "" })
	for range 30 {
		_, err := r.call("")
		require.Equal(t, codes.Unavailable, status.Code(err))
		require.Equal(t, dpath.ErrNoPublicNode.Reason, grpcdpath.Reason(err))
	}
	for _, n := range r.nodes {
		if n.env != "" {
			require.Zero(t, n.served.Load())
		}
	}
	nodes, err := r.call(lane)
	require.NoError(t, err)
	require.Equal(t, all(lane), pools(nodes))
}

// T16: a node moves from public to dedicated while common calls go on.
func TestT16NodeMovesUnderLoad(t *testing.T) {
	rule := func(state dpath.State, addr string) func(*dpath.Document) {
		return func(d *dpath.Document) {
			d.EnvRules[0].EnvAppRules[1] = dpath.EnvAppRule{AppName: "app2", MachineGroups: []string{"app2_" + lane}, IPs: []string{addr}, State: state}
		}
	}
	for name, move := range map[string]func(*rig, *node, func(int)){
		"two phases": func(r *rig, n *node, served func(int)) {
			r.publish(rule(dpath.StatePreparing, n.addr))
			served(100)
			r.publish(rule(dpath.StateActive, n.addr))
			require.Zero(t, r.count("dpath_guard_reject_total", nil), "no call was on its way")
		},
		"callers learn late": func(r *rig, n *node, served func(int)) {
			r.next(rule(dpath.StateActive, n.addr))
			r.take(n)
			require.Eventually(t, func() bool { return r.count("dpath_guard_reject_total", nil) > 20 }, patient, time.Millisecond)
			served(0)
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, []string{lane}, 2, nil)
			n := r.nodes["app2-public-0"]
			var wg sync.WaitGroup
			var mu sync.Mutex
			var faults []error
			calls := 0
			stop := make(chan struct{})
			for i := range 8 {
				env := []string{"", "", "", lane}[i%4]
				wg.Go(func() {
					for {
						select {
						case <-stop:
							return
						default:
						}
						nodes, err := r.call(env)
						mu.Lock()
						if calls++; err != nil {
							faults = append(faults, err)
						} else if env == "" && pools(nodes) != all("public") {
							faults = append(faults, fmt.Errorf("common call on %v", nodes))
						}
						mu.Unlock()
					}
				})
			}
			served := func(more int) { // all calls begun before are over, and some more
				mu.Lock()
				goal := calls + 2*8 + more
				mu.Unlock()
				require.Eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return calls >= goal }, patient, time.Millisecond)
			}
			served(100)
			require.NotZero(t, n.common.Load())
			move(r, n, served)
			served(50)
			before := n.common.Load()
			served(200)
			require.Equal(t, before, n.common.Load(), "nothing common is served once active")
			r.publish(nil)
			wasServed := n.served.Load()
			served(100)
			close(stop)
			wg.Wait()
			require.Empty(t, faults)
			require.Equal(t, before, n.common.Load())
			require.Greater(t, n.served.Load(), wasServed, "it serves its lane")
		})
	}
}

func TestT17Disabled(t *testing.T) {
	r := newRig(t, []string{lane}, 2, nil)
	r.publish(func(d *dpath.Document) { d.Enable = false })
	seen := map[string]bool{}
	r.many(150, only(""), func(_ string, nodes []string, err error) {
		require.NoError(t, err)
		for _, n := range nodes {
			seen[n] = true
		}
	})
	require.Len(t, seen, len(r.nodes))
}

func TestT19EndOfOneLaneSparesTheOther(t *testing.T) {
	r := newRig(t, []string{"a", "b"}, 2, nil)
	r.kill(func(n *node) bool { return n.env == "a" })
	envs := []string{"a", "b", ""}
	r.many(300, func(i int) string { return envs[i%3] }, func(env string, nodes []string, err error) {
		require.NoError(t, err)
		require.Equal(t, all(map[string]string{"b": "b"}[env]), pools(nodes))
	})
}

// T21: calls in circles and in bundles keep their label, and do not grow.
func TestT21NestedCalls(t *testing.T) {
	r := newRig(t, []string{lane}, 2, nil)
	var mu sync.Mutex
	sizes, hops, strays := map[int]int{}, 0, []string{}
	r.handle = func(ctx context.Context, n *node, text string) (string, bool, error) {
		md, _ := metadata.FromIncomingContext(ctx)
		mu.Lock()
		hops++
		if n.env != lane || dpath.Env(ctx) != lane {
			strays = append(strays, n.id)
		}
		if text != "fan" {
			sizes[len(fmt.Sprint(md))-len(fmt.Sprint(md[":authority"]))]++
		}
		mu.Unlock()
		// A handler that passes on all it got must not make the label grow.
		delete(md, ":authority")
		ctx = metadata.NewOutgoingContext(ctx, md)
		if text == "fan" {
			var wg sync.WaitGroup
			errs := make(chan error, 10)
			for range cap(errs) {
				wg.Go(func() {
					_, err := unary(ctx, n.to("app2"), strings.Repeat("x", 20))
					errs <- err
				})
			}
			wg.Wait()
			close(errs)
			for err := range errs {
				if err != nil {
					return "", true, err
				}
			}
			return "", true, nil
		}
		if text == "" {
			return "", true, nil
		}
		next := map[string]string{"app1": "app2", "app2": "app3", "app3": "app1"}[n.app]
		_, err := unary(ctx, n.to(next), text[1:])
		return "", true, err
	}
	ctx, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(t.Context(), keyLane, lane), patient)
	defer cancel()
	_, err := unary(ctx, r.outside, "fan")
	require.NoError(t, err)
	require.Equal(t, 1+10*21, hops)
	require.Empty(t, strays)
	require.Len(t, sizes, 1, "every hop gets as much as the first")
	require.Zero(t, r.count("dpath_label_invalid_total", nil))
}

// T24: one connection to the entry, and one from node to node, serve common
// and labelled calls in turn.
func TestT24RoutingIsPerCall(t *testing.T) {
	r := newRig(t, []string{lane}, 2, nil)
	r.many(600, func(int) string { return []string{"", lane}[rand.IntN(2)] }, func(env string, nodes []string, err error) {
		require.NoError(t, err)
		require.Equal(t, all(env), pools(nodes))
	})
	require.EqualValues(t, 1, r.entry.conns.Load())
	for _, n := range r.nodes {
		callers := int64(2) // nodes of its pool of the app before
		if n.app == "app1" {
			callers = 1
		}
		require.LessOrEqual(t, n.conns.Load(), callers, n.id)
	}
}

func TestT32LabelStaysInside(t *testing.T) {
	third := &third{got: map[string]metadata.MD{}}
	server := grpc.NewServer()
	pb.RegisterTestServiceServer(server, third)
	r := newRig(t, []string{lane}, 2, func(d *dpath.Document) { d.Trust = &dpath.Trust{Hosts: []string{"localhost"}} })
	l := r.listen()
	go func() { _ = server.Serve(l) }()
	t.Cleanup(server.Stop)
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	options := r.peer(r.nodes["app4-"+lane+"-0"]).Outside()
	outside := pb.NewTestServiceClient(r.dial("127.0.0.1:"+port, options...))
	trusted := pb.NewTestServiceClient(r.dial("localhost:"+port, options...))
	r.handle = func(ctx context.Context, n *node, _ string) (string, bool, error) {
		if n.app != "app4" {
			return "", false, nil
		}
		md, _ := metadata.FromIncomingContext(ctx)
		spread := metadata.AppendToOutgoingContext(ctx, "baggage", md["baggage"][0]+",user=7", "x-dpath-env", lane)
		if _, err := unary(spread, outside, "outside"); err != nil {
			return "", true, err
		}
		_, err := unary(ctx, trusted, "trusted")
		if err != nil {
			return "", true, err
		}
		s, err := outside.FullDuplexCall(spread)
		if err != nil {
			return "", true, err
		}
		return n.id, true, finish(s)
	}
	_, err = r.call(lane)
	require.NoError(t, err)
	for _, call := range []string{"outside", "stream"} {
		require.Equal(t, []string{"user=7"}, third.got[call]["baggage"])
		require.Empty(t, third.got[call]["x-dpath-env"])
	}
	require.Equal(t, []string{lane}, third.got["trusted"]["x-dpath-env"])
}

// third is a third party that keeps what it got.
type third struct {
	pb.UnimplementedTestServiceServer
	mu  sync.Mutex
	got map[string]metadata.MD
}

func (s *third) note(ctx context.Context, call string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got[call], _ = metadata.FromIncomingContext(ctx)
}

func (s *third) UnaryCall(ctx context.Context, req *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	s.note(ctx, string(req.GetPayload().GetBody()))
	return &pb.SimpleResponse{}, nil
}

func (s *third) FullDuplexCall(stream grpc.BidiStreamingServer[pb.StreamingOutputCallRequest, pb.StreamingOutputCallResponse]) error {
	s.note(stream.Context(), "stream")
	return nil
}
