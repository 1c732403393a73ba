package host

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/kvm"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// notebook is a queue that only writes down what it was asked for.
type notebook struct {
	mu   sync.Mutex
	jobs []resource.Job
}

func (n *notebook) Insert(_ context.Context, _ bun.Tx, jobs []resource.Job) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.jobs = append(n.jobs, jobs...)
	return nil
}

func (*notebook) Wake() {}

// causes are why objects were asked to be looked at, by id.
func (n *notebook) causes() map[string]string {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := map[string]string{}
	for _, j := range n.jobs {
		if j.Cause != "" {
			out[j.ID] = j.Cause
		}
	}
	n.jobs = nil
	return out
}

// news are what hosts say.
type news struct {
	heartbeat func(kvm.Heartbeat)
	inventory func(kvm.Inventory)
	event     func(provider.Event)
	ready     chan struct{} // closed with the last subscription
}

func (n *news) Heartbeats(_ context.Context, f func(kvm.Heartbeat)) error {
	n.heartbeat = f
	return nil
}
func (n *news) Inventories(_ context.Context, f func(kvm.Inventory)) error {
	n.inventory = f
	return nil
}
func (n *news) Subscribe(_ context.Context, f func(provider.Event)) error {
	n.event = f
	close(n.ready)
	return nil
}

type machineStatus struct {
	Host  string `json:"host"`
	Power string `json:"power"`
}

func newWatch(t *testing.T) (*Watcher, *news, *notebook) {
	t.Helper()
	reg := resource.NewRegistry()
	resource.Register(reg, resource.Kind[struct{}, machineStatus]{Name: "server", Plural: "servers", Indexed: []string{"status.host"},
		Reconcile: func(_ context.Context, _ *resource.Reconciliation, o *resource.Object[struct{}, machineStatus]) (resource.Result, error) {
			o.Status = machineStatus{Host: "h1", Power: "running"}
			return resource.Result{Done: true}, nil
		}})
	resource.Register(reg, resource.Kind[struct{}, struct{}]{Name: "host", Plural: "hosts", Scoping: resource.Global})
	book := &notebook{}
	objects := resource.NewStore(resource.Config{DB: storetest.Open(t, store.SQLite), Registry: reg, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(objects.Close)
	objects.UseJobs(book)
	w, n := NewWatcher(slog.New(slog.DiscardHandler)), &news{ready: make(chan struct{})}
	w.UseStore(objects)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := w.Run(ctx, n); err != nil {
			t.Error(err)
		}
	})
	<-n.ready
	t.Cleanup(func() { stop(); wg.Wait() })
	return w, n, book
}

func (w *Watcher) server(t *testing.T, name string) string {
	t.Helper()
	a, err := w.objects.Apply(t.Context(), resource.Request{Kind: "server", Project: "p", Name: name, Spec: json.RawMessage("{}"), Actor: resource.System("test")})
	require.NoError(t, err)
	_, err = w.objects.Reconcile(t.Context(), "n1", resource.Job{Kind: "server", ID: a.Object.ID})
	require.NoError(t, err)
	return a.Object.ID
}

func TestEventsAskForALook(t *testing.T) {
	_, n, book := newWatch(t)
	n.event(provider.Event{Host: "h1", Kind: "server", ID: "s1", Change: "stopped", Reason: "destroyed"})
	require.Equal(t, map[string]string{"s1": "server stopped on its host (destroyed)"}, book.causes())
}

func TestInventoriesTellWhatNoEventTold(t *testing.T) {
	w, n, book := newWatch(t)
	same, missing, stopped := w.server(t, "same"), w.server(t, "missing"), w.server(t, "stopped")
	book.causes()
	inv := kvm.Inventory{Host: "h1", StartedAt: time.Now().UTC().Add(time.Second), Servers: []provider.ServerState{
		{ID: same, Power: provider.PowerRunning}, {ID: stopped, Power: provider.PowerStopped}, {ID: resource.NewID(), Power: provider.PowerRunning}}}
	n.inventory(inv)
	require.Equal(t, map[string]string{missing: "it is missing in the host's inventory", stopped: "the host's inventory says that power is stopped, not running"}, book.causes())

	inv.StartedAt = time.Now().UTC().Add(-time.Minute)
	n.inventory(inv)
	require.Empty(t, book.causes(), "what was changed after the look began proves nothing")
	inv.StartedAt, inv.Servers, inv.Errors = time.Now().Add(time.Second), nil, map[string]string{"servers": "libvirtd does not answer"}
	n.inventory(inv)
	require.Empty(t, book.causes(), "a pool that could not be read is not empty")
	n.inventory(kvm.Inventory{Host: "h2", StartedAt: time.Now().Add(time.Second)})
	require.Empty(t, book.causes(), "another host says nothing of these servers")
}

func TestHostsThatFallSilent(t *testing.T) {
	w, n, book := newWatch(t)
	n.heartbeat(kvm.Heartbeat{Host: "h1"})
	require.Empty(t, book.causes(), "an agent that has not looked at its host yet")
	_, seen := w.Vitals("h1")
	require.False(t, seen.IsZero())
	state := provider.HostState{LibvirtUp: true, CPUs: 4}
	n.heartbeat(kvm.Heartbeat{Host: "h1", State: &state})
	require.Equal(t, map[string]string{"h1": "the agent reports"}, book.causes())
	n.heartbeat(kvm.Heartbeat{Host: "h1", State: &state})
	require.Empty(t, book.causes(), "the same again is not written each second")
	grown := state
	grown.MemoryMiB = 4096
	n.heartbeat(kvm.Heartbeat{Host: "h1", State: &grown})
	require.Equal(t, map[string]string{"h1": "the agent reports"}, book.causes(), "what pools count of a host is told at once")
	down := grown
	down.LibvirtUp = false
	n.heartbeat(kvm.Heartbeat{Host: "h1", State: &down})
	require.Equal(t, map[string]string{"h1": "the agent reports"}, book.causes(), "libvirt's end is told at once")

	w.mu.Lock()
	w.vitals["h1"].seen = time.Now().Add(-2 * silentAfter)
	w.mu.Unlock()
	told := map[string]string{}
	require.Eventually(t, func() bool { told = book.causes(); return len(told) > 0 }, 5*time.Second, 20*time.Millisecond)
	require.Equal(t, map[string]string{"h1": "the agent has fallen silent"}, told)
	time.Sleep(1200 * time.Millisecond)
	require.Empty(t, book.causes(), "silence is told once")
	n.heartbeat(kvm.Heartbeat{Host: "h1", State: &state})
	require.Equal(t, map[string]string{"h1": "the agent reports"}, book.causes())
}
