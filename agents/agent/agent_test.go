package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/kvm"
	"github.com/plazacloud/plaza/pkg/provider/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// faulty shows the faults of a transport and of a backend that the real one cannot be made to show.
type faulty struct {
	provider.Driver
	mu      sync.Mutex
	servers map[string]provider.ServerState
	lists   int
	hang    chan struct{} // GetHost waits for it
}

func newFaulty() *faulty { return &faulty{servers: map[string]provider.ServerState{}} }

func (f *faulty) EnsureServer(ctx context.Context, host string, want provider.Server) (provider.ServerState, error) {
	switch want.Name {
	case "panic":
		panic("broken driver")
	case "full":
		return provider.ServerState{}, provider.Errorf(provider.ReasonNoSpace, "add a disk", "pool is full")
	case "slow":
		<-ctx.Done()
		return provider.ServerState{}, ctx.Err()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.servers[want.ID] = provider.ServerState{ID: want.ID, Host: host, Power: want.Power}
	return f.servers[want.ID], nil
}

func (f *faulty) ListServers(context.Context, string) ([]provider.ServerState, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lists++
	var all []provider.ServerState
	for _, s := range f.servers {
		all = append(all, s)
	}
	return all, nil
}

func (f *faulty) ListVolumes(context.Context, string) ([]provider.VolumeState, error) {
	return nil, provider.Errorf(provider.ReasonUnavailable, "", "libvirtd does not answer")
}

func (f *faulty) ListSnapshots(context.Context, string) ([]provider.SnapshotState, error) {
	return nil, nil
}

func (f *faulty) ListBackups(context.Context, string) ([]provider.BackupState, error) {
	return nil, nil
}

func (f *faulty) ListNetworks(context.Context, string) ([]provider.NetState, error) { return nil, nil }
func (f *faulty) ListRouters(context.Context, string) ([]provider.RouterState, error) {
	return nil, nil
}

func (f *faulty) ListImages(context.Context, string) ([]provider.ImageState, error) { return nil, nil }

func (f *faulty) GetHost(ctx context.Context, host string) (provider.HostState, error) {
	if f.hang != nil {
		select {
		case <-f.hang:
		case <-ctx.Done():
			return provider.HostState{}, ctx.Err()
		}
	}
	return provider.HostState{Name: host, CPUs: 2, LibvirtUp: true, ObservedAt: time.Now()}, nil
}

func (f *faulty) ConsoleLog(_ context.Context, _, _ string, limit int) ([]byte, error) {
	return make([]byte, limit), nil
}

// site is a bus, a proxy before it, a control plane and the identity of one host.
type site struct {
	server *bus.Server
	proxy  *toxiproxy.Proxy
	plane  *kvm.Driver
	id     Identity
	nc     *nats.Conn
}

func newSite(t *testing.T) *site {
	t.Helper()
	dir := t.TempDir()
	seed, public, err := ensureSeed(dir)
	require.NoError(t, err)
	s, err := bus.Start(t.Context(), bus.Config{Listen: "127.0.0.1:0", StoreDir: t.TempDir(), Logger: slog.New(slog.DiscardHandler),
		Authorize: func(key string) (bus.Permissions, bool) {
			p, err := bus.HostPermissions("h1")
			return p, err == nil && key == public
		}})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	nc, err := s.Connect("plazad")
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	plane, err := kvm.New(nc)
	require.NoError(t, err)
	u, err := url.Parse(s.URL())
	require.NoError(t, err)
	proxy := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), "bus", "127.0.0.1:0", u.Host)
	require.NoError(t, proxy.Start())
	t.Cleanup(proxy.Stop)
	return &site{server: s, proxy: proxy, plane: plane, nc: nc,
		id: Identity{HostID: "h1", Name: "edge-1", BusURL: "tls://" + proxy.Listen, BusCA: string(s.CA()), PublicKey: public, seed: seed}}
}

// run starts an agent; the returned function ends it and checks that it ended well.
func (s *site) run(t *testing.T, cfg Config, d provider.Driver, events <-chan provider.Event) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cfg.Identity, cfg.Logger = s.id, slog.New(slog.DiscardHandler)
	done := make(chan error, 1)
	go func() { done <- Run(ctx, cfg, KVM(s.id.HostID, d, events)) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-done:
				require.NoError(t, err)
			case <-time.After(20 * time.Second):
				t.Error("the agent did not stop")
			}
		})
	}
	t.Cleanup(stop)
	require.Eventually(t, func() bool {
		_, err := s.plane.GetHost(t.Context(), "h1")
		return provider.ReasonOf(err) != provider.ReasonUnavailable
	}, 10*time.Second, 20*time.Millisecond)
	return stop
}

func next[T any](t *testing.T, c <-chan T, want func(T) bool) T {
	t.Helper()
	limit := time.After(15 * time.Second)
	for {
		select {
		case v := <-c:
			if want(v) {
				return v
			}
		case <-limit:
			t.Fatal("it did not come")
		}
	}
}

func any1[T any](T) bool { return true }

func TestAgentAnswersAndTells(t *testing.T) {
	s := newSite(t)
	beats, stocks, told := make(chan kvm.Heartbeat, 100), make(chan kvm.Inventory, 100), make(chan provider.Event, 100)
	require.NoError(t, s.plane.Heartbeats(t.Context(), func(h kvm.Heartbeat) { beats <- h }))
	require.NoError(t, s.plane.Inventories(t.Context(), func(i kvm.Inventory) { stocks <- i }))
	require.NoError(t, s.plane.Subscribe(t.Context(), func(e provider.Event) { told <- e }))
	events := make(chan provider.Event)
	stop := s.run(t, Config{HeartbeatEvery: 20 * time.Millisecond, StateEvery: 20 * time.Millisecond}, newFaulty(), events)

	state, err := s.plane.EnsureServer(t.Context(), "h1", provider.Server{ID: "s1", Power: provider.PowerRunning})
	require.NoError(t, err)
	require.Equal(t, provider.ServerState{ID: "s1", Host: "h1", Power: provider.PowerRunning}, state)
	_, err = s.plane.EnsureServer(t.Context(), "h1", provider.Server{Name: "full"})
	require.Equal(t, &provider.Error{Reason: provider.ReasonNoSpace, Detail: "pool is full", Hint: "add a disk"}, err)
	_, err = s.plane.EnsureServer(t.Context(), "h1", provider.Server{Name: "panic"})
	require.Equal(t, provider.ReasonInternal, provider.ReasonOf(err))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = s.plane.EnsureServer(ctx, "h1", provider.Server{Name: "slow"})
	require.Equal(t, provider.ReasonTimeout, provider.ReasonOf(err))
	_, err = s.plane.GetHost(t.Context(), "h2")
	require.Equal(t, provider.ReasonUnavailable, provider.ReasonOf(err))
	log, err := s.plane.ConsoleLog(t.Context(), "h1", "s1", 1<<30)
	require.NoError(t, err)
	require.Len(t, log, kvm.MaxConsoleBytes)

	h := next(t, beats, func(h kvm.Heartbeat) bool { return h.State != nil })
	require.Equal(t, "h1", h.Host)
	require.Greater(t, next(t, beats, any1).Seq, h.Seq)
	inv := next(t, stocks, any1)
	require.Equal(t, kvm.CauseConnected, inv.Cause)
	require.Contains(t, inv.Errors, "volumes", "a pool that cannot be read is not empty")
	events <- provider.Event{Kind: "server", ID: "s1", Change: "crashed", Host: "someone else"}
	require.Equal(t, provider.Event{Kind: "server", ID: "s1", Change: "crashed", Host: "h1"}, next(t, told, any1))
	stop()
	require.Equal(t, "agent-stopped", next(t, told, any1).Change)
}

// The bus is away while things happen: the youngest events arrive afterwards, and an inventory for the rest.
func TestCutBusIsMadeUpFor(t *testing.T) {
	s := newSite(t)
	stocks, told := make(chan kvm.Inventory, 100), make(chan provider.Event, 100)
	require.NoError(t, s.plane.Subscribe(t.Context(), func(e provider.Event) { told <- e }))
	beats := make(chan kvm.Heartbeat, 1000)
	require.NoError(t, s.plane.Heartbeats(t.Context(), func(h kvm.Heartbeat) { beats <- h }))
	events := make(chan provider.Event)
	d := newFaulty()
	s.run(t, Config{EventBuffer: 3, HeartbeatEvery: 50 * time.Millisecond}, d, events)
	s.proxy.Stop()
	require.Eventually(t, func() bool {
		_, err := s.plane.GetHost(t.Context(), "h1")
		return provider.ReasonOf(err) == provider.ReasonUnavailable
	}, 10*time.Second, 20*time.Millisecond)
	require.NoError(t, s.plane.Inventories(t.Context(), func(i kvm.Inventory) { stocks <- i }))
	for n := range 5 {
		events <- provider.Event{Kind: "server", ID: fmt.Sprint(n), Change: "stopped"}
	}
	require.NoError(t, s.proxy.Start())
	require.Equal(t, kvm.CauseConnected, next(t, stocks, any1).Cause)
	for _, id := range []string{"2", "3", "4"} {
		require.Equal(t, id, next(t, told, any1).ID)
	}
	next(t, beats, func(h kvm.Heartbeat) bool { return h.Dropped == 2 })
	_, err := s.plane.EnsureServer(t.Context(), "h1", provider.Server{ID: "s1"})
	require.NoError(t, err)
}

func TestHangingLibvirtDoesNotLookLikeADeadHost(t *testing.T) {
	s := newSite(t)
	beats := make(chan kvm.Heartbeat, 1000)
	require.NoError(t, s.plane.Heartbeats(t.Context(), func(h kvm.Heartbeat) { beats <- h }))
	d := newFaulty()
	d.hang = make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, Config{Identity: s.id, HeartbeatEvery: 20 * time.Millisecond, Logger: slog.New(slog.DiscardHandler)}, KVM("h1", d, nil))
	}()
	for range 10 {
		require.Nil(t, next(t, beats, any1).State)
	}
	close(d.hang)
	require.True(t, next(t, beats, func(h kvm.Heartbeat) bool { return h.State != nil }).State.LibvirtUp)
	cancel()
	require.NoError(t, <-done)
}

func TestLostEventsForceAnInventory(t *testing.T) {
	s := newSite(t)
	stocks := make(chan kvm.Inventory, 100)
	require.NoError(t, s.plane.Inventories(t.Context(), func(i kvm.Inventory) { stocks <- i }))
	events := make(chan provider.Event)
	s.run(t, Config{InventoryEvery: time.Hour}, newFaulty(), events)
	require.Equal(t, kvm.CauseConnected, next(t, stocks, any1).Cause)
	events <- provider.Event{Kind: "host", Change: "overflow"}
	require.Equal(t, kvm.CauseOverflow, next(t, stocks, any1).Cause)
}

func TestAgentStartsBeforeTheBus(t *testing.T) {
	s := newSite(t)
	s.proxy.Stop()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	dir := t.TempDir()
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, Config{Identity: s.id, Dir: dir, Logger: slog.New(slog.DiscardHandler)}, KVM("h1", newFaulty(), nil))
	}()
	require.Eventually(t, func() bool { _, err := os.Stat(dir + "/status.json"); return err == nil }, 5*time.Second, 10*time.Millisecond)
	require.NoError(t, s.proxy.Start())
	require.Eventually(t, func() bool { _, err := s.plane.GetHost(t.Context(), "h1"); return err == nil }, 15*time.Second, 20*time.Millisecond)
	cancel()
	require.NoError(t, <-done)
}

// A host without servers is alive as any other, tells what its machine is, and answers in each of its roles.
func TestRolesWithoutServers(t *testing.T) {
	s := newSite(t)
	beats := make(chan kvm.Heartbeat, 1000)
	require.NoError(t, s.plane.Heartbeats(t.Context(), func(h kvm.Heartbeat) { beats <- h }))
	reports := make(chan string, 100)
	require.NoError(t, wire.Listen(t.Context(), s.nc, "depot", func(host, text string) { reports <- host + " " + text }))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	one := Role{Name: "one", Methods: map[string]bus.Method{"Ask": wire.Read(func(context.Context, wire.None) (any, error) { return "one", nil })},
		Topic: "depot", Report: func(_ context.Context, _, cause string) any { return cause }}
	two := Role{Name: "two", Methods: map[string]bus.Method{"Ask": wire.Read(func(context.Context, wire.None) (any, error) { return "two", nil })}}
	dir := t.TempDir()
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, Config{Identity: s.id, Dir: dir, Version: "v1", HeartbeatEvery: 20 * time.Millisecond, Logger: slog.New(slog.DiscardHandler)}, one, two)
	}()
	h := next(t, beats, func(h kvm.Heartbeat) bool { return h.State != nil })
	require.Positive(t, h.State.CPUs)
	require.Equal(t, "v1", h.State.AgentVersion)
	require.False(t, h.State.LibvirtUp)
	require.Equal(t, "h1 connected", next(t, reports, any1))
	caller, err := bus.NewCaller(s.nc)
	require.NoError(t, err)
	defer caller.Close()
	for _, role := range []string{"one", "two"} {
		var out string
		require.NoError(t, caller.Call(t.Context(), "h1", role, "Ask", time.Second, wire.None{}, &out))
		require.Equal(t, role, out)
	}
	require.Eventually(t, func() bool {
		blob, err := os.ReadFile(dir + "/status.json")
		var st Status
		return err == nil && json.Unmarshal(blob, &st) == nil && len(st.Roles) == 2
	}, 5*time.Second, 10*time.Millisecond)
	cancel()
	require.NoError(t, <-done)
}
