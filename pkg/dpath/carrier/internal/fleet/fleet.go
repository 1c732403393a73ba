// Package fleet is an app with public and dedicated nodes for the tests of
// carriers, and the book in which its handlers write what they did.
package fleet

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/dpath"
	"github.com/plazacloud/plaza/pkg/dpath/carrier"
)

const (
	App  = "stock"     // App is the app's name.
	Lane = "newRetail" // Lane is its environment.
)

// Silence is after how long public consumers take over in tests of that; in
// others never, so that a slow machine is not taken for a dead node.
const (
	Silence = 500 * time.Millisecond
	Never   = time.Hour
)

// Quiet logs nothing.
var Quiet = slog.New(slog.DiscardHandler)

// Fleet is the app's configuration and keys.
type Fleet struct {
	t        testing.TB
	Doc      *dpath.Document
	Registry *dpath.Registry
	Store    *dpath.Store
	Keys     *dpath.Keyring
	Probes   *dpath.Keyring // keys of probes
	metrics  *dpath.Metrics
	registry *prometheus.Registry
}

var addrs = map[string]string{"p0": "10.0.0.1:80", "p1": "10.0.0.2:80", "d0": "10.0.1.1:80", "d1": "10.0.1.2:80"}

// New makes an app with public nodes p0, p1 and d0, d1 dedicated to [Lane].
func New(t testing.TB, policy dpath.Policy) *Fleet {
	t.Helper()
	f := &Fleet{t: t, registry: prometheus.NewRegistry(), Registry: &dpath.Registry{Apps: map[string][]dpath.Endpoint{}}}
	for _, id := range []string{"p0", "p1", "d0", "d1"} {
		f.Registry.Apps[App] = append(f.Registry.Apps[App], dpath.Endpoint{ID: id, Addr: addrs[id]})
	}
	f.Doc = &dpath.Document{Enable: true, Version: 1, EnvRules: []dpath.EnvRule{{EnvName: Lane, FailoverPolicy: policy, SpillAt: 10,
		EnvAppRules: []dpath.EnvAppRule{{AppName: App, IPs: []string{addrs["d0"], addrs["d1"]}}}}}}
	var err error
	f.Keys, err = dpath.NewKeyring("k1", map[string][]byte{"k1": []byte("label key of sixteen or more")})
	require.NoError(t, err)
	f.Probes, err = dpath.NewKeyring("p1", map[string][]byte{"p1": []byte("probe key of sixteen or more")})
	require.NoError(t, err)
	f.metrics, err = dpath.NewMetrics(f.registry)
	require.NoError(t, err)
	f.Store, err = dpath.NewStore(dpath.StoreOptions{})
	require.NoError(t, err)
	require.NoError(t, f.Store.Set(f.Doc, f.Registry))
	return f
}

// Peer is the process on a node; "" is one outside the app that only publishes.
func (f *Fleet) Peer(node string) *carrier.Peer {
	p := &carrier.Peer{Store: f.Store, Keys: f.Keys, ProbeKeys: f.Probes, Metrics: f.metrics}
	if node != "" {
		p.App, p.Node, p.Addr = App, node, addrs[node]
	}
	return p
}

// Dedicate publishes a document in which just these nodes are dedicated to [Lane].
func (f *Fleet) Dedicate(nodes ...string) {
	f.Publish(func(d *dpath.Document) {
		ips := []string{}
		for _, n := range nodes {
			ips = append(ips, addrs[n])
		}
		d.EnvRules[0].EnvAppRules[0].IPs = ips
	})
}

// Delete publishes a document without the environment.
func (f *Fleet) Delete() { f.Publish(func(d *dpath.Document) { d.EnvRules = nil }) }

// Publish puts a changed document in force.
func (f *Fleet) Publish(change func(*dpath.Document)) {
	f.t.Helper()
	change(f.Doc)
	f.Doc.Version++
	require.NoError(f.t, f.Store.Apply(f.Doc))
}

// Context is that of a call of env, of a trace of its own.
func (f *Fleet) Context(env string) context.Context {
	if env == "" {
		return context.Background()
	}
	l, err := dpath.Sign(f.Keys, env, dpath.NewTrace(), time.Now(), 0)
	require.NoError(f.t, err)
	return dpath.WithLabel(context.Background(), l)
}

// Rehearse publishes a document that has rehearsals, switched on or off.
func (f *Fleet) Rehearse(on bool) {
	f.Publish(func(d *dpath.Document) {
		d.Rehearsal = &dpath.Rehearsal{Enable: on, Conditions: []dpath.Condition{{Type: "header", Key: "X-Rehearsal", Op: "present"}}}
	})
}

// Shadow is the context of a rehearsal's call in env, of a trace of its own.
func (f *Fleet) Shadow(env string) context.Context {
	l, err := dpath.SignShadow(f.Keys, env, dpath.NewTrace(), time.Now(), 0)
	require.NoError(f.t, err)
	return dpath.WithLabel(context.Background(), l)
}

// Count sums a counter over its labels.
func (f *Fleet) Count(name string) (sum float64) {
	families, err := f.registry.Gather()
	require.NoError(f.t, err)
	for _, m := range families {
		if m.GetName() == name {
			for _, c := range m.Metric {
				sum += c.GetCounter().GetValue()
			}
		}
	}
	return sum
}

// Entry is what a handler did.
type Entry struct{ Node, Env, Trace string }

// Book is an inbox: it keeps the first effect of each message and counts the rest.
type Book struct {
	mu      sync.Mutex
	entries map[string]Entry
	repeats int
}

// Handler writes into the book as a node.
func (b *Book) Handler(node string) carrier.Handler {
	return func(ctx context.Context, m *carrier.Message) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.entries == nil {
			b.entries = map[string]Entry{}
		}
		if _, done := b.entries[m.ID]; done {
			b.repeats++
			return nil
		}
		l := dpath.FromContext(ctx)
		b.entries[m.ID] = Entry{node, l.Env(), l.Trace()}
		return nil
	}
}

// Len is the number of effects.
func (b *Book) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.entries)
}

// Repeats is the number of deliveries that had no further effect.
func (b *Book) Repeats() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.repeats
}

// Entry is the effect of one message, zero if there was none.
func (b *Book) Entry(id string) Entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.entries[id]
}

// Each calls f for every effect.
func (b *Book) Each(f func(id string, e Entry)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, e := range b.entries {
		f(id, e)
	}
}

// Wait lets the test go on once cond holds.
func Wait(t testing.TB, what string, cond func() bool) {
	t.Helper()
	require.Eventually(t, cond, 5*time.Minute, 10*time.Millisecond, what)
}

// Run starts work in the background; stop ends it and waits.
func Run(t testing.TB, work func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- work(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}
