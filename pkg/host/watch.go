package host

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/plazacloud/plaza/pkg/drift"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/kvm"
	"github.com/plazacloud/plaza/pkg/resource"
)

// Source is where news of hosts comes from; its methods return at once and call f until ctx ends.
type Source interface {
	Heartbeats(ctx context.Context, f func(kvm.Heartbeat)) error
	Inventories(ctx context.Context, f func(kvm.Inventory)) error
	Subscribe(ctx context.Context, f func(provider.Event)) error
}

const (
	refreshEvery = 30 * time.Second // how often a host that reports is written to the database
	checkEvery   = time.Second
	silentAfter  = 5 * time.Second
	// startGrace is how long agents may take to come back to a control plane that has just started.
	startGrace = 5 * time.Second
)

// Watcher follows hosts: it keeps their last report, and asks for a look at whatever is not as the database says.
type Watcher struct {
	objects *resource.Store
	drift   *drift.Keeper
	log     *slog.Logger
	began   time.Time
	mu      sync.Mutex
	vitals  map[string]*vital
}

type vital struct {
	state   provider.HostState
	seen    time.Time
	known   bool // the last look at the host saw it alive
	libvirt bool
	refresh time.Time
}

// NewWatcher returns a watcher; UseStore and Run make it work.
func NewWatcher(log *slog.Logger) *Watcher {
	return &Watcher{log: log, drift: drift.New(drift.Config{Log: log}), began: time.Now(), vitals: map[string]*vital{}}
}

// UseStore sets the objects; it comes after construction, as kinds need Vitals before there is a store.
func (w *Watcher) UseStore(s *resource.Store) {
	w.objects = s
	w.drift.UseStore(s)
}

// UseDrift sets who keeps the differences that inventories show; without it they only make objects look again. It comes
// before UseStore.
func (w *Watcher) UseDrift(k *drift.Keeper) { w.drift = k }

// Vitals returns the last report of a host and when it came. One that was not heard of yet has until shortly after the
// start: that the control plane was away says nothing about hosts.
func (w *Watcher) Vitals(host string) (provider.HostState, time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if v, ok := w.vitals[host]; ok {
		return v.state, v.seen
	}
	return provider.HostState{}, w.began.Add(startGrace)
}

// Run follows the source until ctx ends.
func (w *Watcher) Run(ctx context.Context, src Source) error {
	err := errors.Join(
		src.Heartbeats(ctx, func(h kvm.Heartbeat) { w.heartbeat(ctx, h) }),
		src.Inventories(ctx, func(i kvm.Inventory) { w.inventory(ctx, i) }),
		src.Subscribe(ctx, func(e provider.Event) { w.event(ctx, e) }))
	if err != nil {
		return fmt.Errorf("follow hosts: %w", err)
	}
	if err := w.expect(ctx); err != nil && ctx.Err() == nil {
		w.log.Warn("hosts can not be listed; one that died meanwhile is noticed by the first call to it", "error", err)
	}
	w.check(ctx)
	return nil
}

// expect waits for every host that was there before: one that died while the control plane was away tells no one.
func (w *Watcher) expect(ctx context.Context) error {
	return resource.All(ctx, w.objects.View(resource.Everything), resource.Query{Kind: "host", Limit: 500}, func(o resource.Raw) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if _, heard := w.vitals[o.ID]; !heard {
			w.vitals[o.ID] = &vital{seen: w.began.Add(startGrace), known: true}
		}
		return nil
	})
}

func (w *Watcher) heartbeat(ctx context.Context, h kvm.Heartbeat) {
	w.mu.Lock()
	v := w.vitals[h.Host]
	if v == nil {
		v = &vital{}
		w.vitals[h.Host] = v
	}
	v.seen = time.Now()
	resized := false
	if h.State != nil {
		resized = sizes(v.state) != sizes(*h.State)
		v.state = *h.State
	}
	due := h.State != nil && (!v.known || resized || v.libvirt != v.state.LibvirtUp || v.seen.After(v.refresh))
	if due {
		v.known, v.libvirt, v.refresh = true, v.state.LibvirtUp, v.seen.Add(refreshEvery)
	}
	w.mu.Unlock()
	if due {
		w.touch(ctx, "host", h.Host, "the agent reports")
	}
}

// sizes are what pools count of a host; memory and disks can be plugged while it runs.
func sizes(s provider.HostState) [3]int { return [3]int{s.CPUs, s.MemoryMiB, s.DiskGiB} }

// check notices hosts that have fallen silent.
func (w *Watcher) check(ctx context.Context) {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, id := range w.silent() {
			w.touch(ctx, "host", id, "the agent has fallen silent")
		}
	}
}

func (w *Watcher) silent() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for id, v := range w.vitals {
		if v.known && time.Since(v.seen) > silentAfter {
			v.known = false
			out = append(out, id)
		}
	}
	return out
}

// event asks for a look at what a backend says has changed; whether it was meant to, the reconciler finds out.
func (w *Watcher) event(ctx context.Context, e provider.Event) {
	cause := fmt.Sprintf("%s %s on its host", e.Kind, e.Change)
	if e.Reason != "" {
		cause += " (" + e.Reason + ")"
	}
	w.touch(ctx, e.Kind, e.ID, cause)
}

// inventory compares a whole host with the database, for what no event told.
func (w *Watcher) inventory(ctx context.Context, inv kvm.Inventory) {
	failed := map[string]string{"server": cmp.Or(inv.Errors["servers"], inv.Errors["foreign"]), "volume": inv.Errors["volumes"], "snapshot": inv.Errors["snapshots"],
		"backup": inv.Errors["backups"], "network": inv.Errors["networks"], "router": inv.Errors["routers"], "image": inv.Errors["images"]}
	states := drift.States{StartedAt: inv.StartedAt, Servers: inv.Servers, Volumes: inv.Volumes, Snapshots: inv.Snapshots, Backups: inv.Backups, Networks: inv.Networks, Routers: inv.Routers, Images: inv.Images, Failed: failed}
	look := states.Discovery()
	look.Found = append(look.Found, inv.Foreign...)
	if err := w.drift.Survey(ctx, inv.Host, "the host's inventory", look); err != nil && ctx.Err() == nil {
		w.log.Warn("inventory can not be compared", "host", inv.Host, "error", err)
	}
}

func (w *Watcher) touch(ctx context.Context, kind, id, cause string) {
	if err := w.objects.Touch(ctx, kind, id, cause); err != nil && ctx.Err() == nil {
		w.log.Warn("a change on a host can not be queued; the next inventory will tell again", "kind", kind, "id", id, "error", err)
	}
}
