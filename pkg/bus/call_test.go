package bus

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

// pair is a caller and an agent serving methods for host h1.
func pair(t testing.TB, methods map[string]Method, parallel int) (*Caller, *Responder, *nats.Conn) {
	t.Helper()
	reg := &registry{}
	tt, ok := t.(*testing.T)
	require.True(t, ok)
	s := startIn(tt, t.TempDir(), reg)
	seed, _ := reg.enrol(tt, "h1")
	agent := join(tt, s, seed, s.URL())
	r := serve(t, agent, methods, parallel)
	c, err := NewCaller(own(tt, s))
	require.NoError(t, err)
	return c, r, agent
}

func serve(t testing.TB, nc *nats.Conn, methods map[string]Method, parallel int) *Responder {
	t.Helper()
	r, err := Serve(nc, ServeConfig{Host: "h1", Role: "kvm", Logger: slog.New(slog.DiscardHandler), Methods: methods, Parallel: parallel})
	require.NoError(t, err)
	require.NoError(t, nc.Flush())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = r.Close(ctx)
	})
	return r
}

func echo(_ context.Context, body json.RawMessage) (any, error) { return body, nil }

func TestCallOutcomes(t *testing.T) {
	c, _, _ := pair(t, map[string]Method{
		"Echo":  {Handle: echo},
		"Panic": {Handle: func(context.Context, json.RawMessage) (any, error) { panic("broken") }},
		"Fault": {Handle: func(context.Context, json.RawMessage) (any, error) {
			return nil, &Fault{Reason: "NoSpace", Detail: "pool is full", Hint: "add a disk"}
		}},
		"Error": {Handle: func(context.Context, json.RawMessage) (any, error) { return nil, errors.New("odd") }},
		"Slow":  {Handle: func(ctx context.Context, _ json.RawMessage) (any, error) { <-ctx.Done(); return nil, ctx.Err() }, Timeout: 50 * time.Millisecond},
		"Large": {Handle: func(context.Context, json.RawMessage) (any, error) { return strings.Repeat("x", MaxPayload), nil }},
	}, 0)
	call := func(host, method string, in, out any) error {
		return c.Call(t.Context(), host, "kvm", method, 5*time.Second, in, out)
	}
	big := strings.Repeat("y", 4<<20)
	var got string
	require.NoError(t, call("h1", "Echo", big, &got))
	require.Equal(t, big, got)
	require.NoError(t, call("h1", "Echo", nil, nil))

	requireFault(t, call("h1", "Panic", nil, nil), ReasonInternal)
	requireFault(t, call("h1", "Error", nil, nil), ReasonInternal)
	requireFault(t, call("h1", "Slow", nil, nil), ReasonTimeout)
	requireFault(t, call("h1", "Large", nil, nil), ReasonInvalid)
	requireFault(t, call("h1", "Echo", big+big, nil), ReasonInvalid)
	requireFault(t, call("h1", "Nothing", nil, nil), ReasonInvalid)
	requireFault(t, call("h.1", "Echo", nil, nil), ReasonInvalid)
	requireFault(t, call("h2", "Echo", nil, nil), ReasonUnavailable)

	var f *Fault
	require.ErrorAs(t, call("h1", "Fault", nil, nil), &f)
	require.Equal(t, Fault{Reason: "NoSpace", Detail: "pool is full", Hint: "add a disk"}, *f)
	var n int
	requireFault(t, call("h1", "Echo", "text", &n), ReasonInternal)
}

func TestCancelReachesHandler(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan error, 1)
	c, r, _ := pair(t, map[string]Method{"Wait": {Handle: func(ctx context.Context, _ json.RawMessage) (any, error) {
		close(begun)
		<-ctx.Done()
		ended <- ctx.Err()
		return nil, ctx.Err()
	}}}, 0)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-begun; cancel() }()
	err := c.Call(ctx, "h1", "kvm", "Wait", time.Minute, nil, nil)
	requireFault(t, err, ReasonTimeout)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, <-ended, context.Canceled)
	eventually(t, "call is over", func() bool { return r.Active() == 0 })
}

func TestQuickCallsPassSlowOnes(t *testing.T) {
	release := make(chan struct{})
	var most, now atomic.Int32
	c, _, _ := pair(t, map[string]Method{
		"Echo": {Handle: echo, Quick: true},
		"Wait": {Handle: func(context.Context, json.RawMessage) (any, error) {
			for n := now.Add(1); ; {
				if m := most.Load(); n <= m || most.CompareAndSwap(m, n) {
					break
				}
			}
			<-release
			now.Add(-1)
			return nil, nil
		}}}, 2)
	errs := make(chan error, 8)
	for range cap(errs) {
		go func() { errs <- c.Call(t.Context(), "h1", "kvm", "Wait", time.Minute, nil, nil) }()
	}
	eventually(t, "lane is full", func() bool { return now.Load() == 2 })
	require.NoError(t, c.Call(t.Context(), "h1", "kvm", "Echo", time.Second, nil, nil))
	requireFault(t, c.Call(t.Context(), "h1", "kvm", "Wait", time.Second, nil, nil), ReasonUnavailable)
	close(release)
	for range cap(errs) {
		require.NoError(t, <-errs)
	}
	require.EqualValues(t, 2, most.Load())
}

func TestOneRequestIsHandledOnce(t *testing.T) {
	var times atomic.Int32
	c, _, _ := pair(t, map[string]Method{"Count": {Handle: func(context.Context, json.RawMessage) (any, error) {
		times.Add(1)
		return nil, nil
	}}}, 0)
	data, err := json.Marshal(Request{ID: "same", Method: "Count", TimeoutMS: 1000})
	require.NoError(t, err)
	for range 3 {
		require.NoError(t, c.nc.PublishRequest("plaza.rpc.h1.kvm", "plaza.host.h1.reply.x.same", data))
	}
	require.NoError(t, c.Call(t.Context(), "h1", "kvm", "Count", time.Second, nil, nil))
	eventually(t, "counted", func() bool { return times.Load() == 2 })
}

// An agent that dies in mid-call is noticed by its silence, long before the call's own deadline.
func TestDeadAgentIsNoticed(t *testing.T) {
	begun := make(chan struct{})
	c, _, agent := pair(t, map[string]Method{"Wait": {Handle: func(ctx context.Context, _ json.RawMessage) (any, error) {
		close(begun)
		<-ctx.Done()
		return nil, ctx.Err()
	}}}, 0)
	c.silent = 3 * time.Second
	go func() { <-begun; time.Sleep(2500 * time.Millisecond); agent.Close() }()
	start := time.Now()
	err := c.Call(t.Context(), "h1", "kvm", "Wait", time.Minute, nil, nil)
	requireFault(t, err, ReasonTimeout)
	require.ErrorContains(t, err, "silent")
	require.Greater(t, time.Since(start), 4*time.Second, "a sign of life kept it waiting")
	require.Less(t, time.Since(start), 10*time.Second)
	requireFault(t, c.Call(t.Context(), "h1", "kvm", "Wait", time.Minute, nil, nil), ReasonUnavailable)
}

// The wire is cut while a handler works; it comes back and the answer arrives.
func TestCutInMidCallRecovers(t *testing.T) {
	reg := &registry{}
	s := startIn(t, t.TempDir(), reg)
	seed, _ := reg.enrol(t, "h1")
	u, err := url.Parse(s.URL())
	require.NoError(t, err)
	proxy := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), "bus", "127.0.0.1:0", u.Host)
	require.NoError(t, proxy.Start())
	defer proxy.Stop()
	agent := join(t, s, seed, "tls://"+proxy.Listen)
	begun, release := make(chan struct{}, 1), make(chan struct{})
	serve(t, agent, map[string]Method{"Wait": {Handle: func(_ context.Context, body json.RawMessage) (any, error) {
		begun <- struct{}{}
		<-release
		return body, nil
	}}}, 0)
	c, err := NewCaller(own(t, s))
	require.NoError(t, err)
	done := make(chan error, 1)
	var out string
	go func() { done <- c.Call(t.Context(), "h1", "kvm", "Wait", time.Minute, "kept", &out) }()
	<-begun
	proxy.Stop()
	eventually(t, "cut", func() bool { return !agent.IsConnected() })
	close(release)
	eventually(t, "the bus has seen the cut, too", func() bool {
		var f *Fault
		return errors.As(c.Call(t.Context(), "h1", "kvm", "Wait", time.Second, nil, nil), &f) && f.Reason == ReasonUnavailable
	})
	require.NoError(t, proxy.Start())
	require.NoError(t, <-done)
	require.Equal(t, "kept", out)
}

// A wire that swallows everything without an error is found out by unanswered pings.
func TestSilentWireIsNoticed(t *testing.T) {
	reg := &registry{}
	s := startIn(t, t.TempDir(), reg)
	seed, _ := reg.enrol(t, "h1")
	u, err := url.Parse(s.URL())
	require.NoError(t, err)
	proxy := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), "bus", "127.0.0.1:0", u.Host)
	require.NoError(t, proxy.Start())
	defer proxy.Stop()
	agent := join(t, s, seed, "tls://"+proxy.Listen)
	serve(t, agent, map[string]Method{"Echo": {Handle: echo}}, 0)
	c, err := NewCaller(own(t, s))
	require.NoError(t, err)
	_, err = proxy.Toxics.AddToxicJson(strings.NewReader(`{"name":"void","type":"timeout","stream":"upstream","attributes":{"timeout":0}}`))
	require.NoError(t, err)
	eventually(t, "noticed", func() bool { return !agent.IsConnected() })
	require.NoError(t, proxy.Toxics.RemoveToxic(t.Context(), "void"))
	eventually(t, "back", func() bool { return c.Call(t.Context(), "h1", "kvm", "Echo", time.Second, nil, nil) == nil })
}

func TestStopWaitsForHandlers(t *testing.T) {
	begun := make(chan struct{})
	c, r, _ := pair(t, map[string]Method{"Wait": {Handle: func(ctx context.Context, _ json.RawMessage) (any, error) {
		close(begun)
		<-ctx.Done()
		return nil, &Fault{Reason: ReasonUnavailable, Detail: "stopping"}
	}}}, 0)
	done := make(chan error, 1)
	go func() { done <- c.Call(t.Context(), "h1", "kvm", "Wait", time.Minute, nil, nil) }()
	<-begun
	require.NoError(t, r.Close(t.Context()))
	requireFault(t, <-done, ReasonUnavailable)
}
