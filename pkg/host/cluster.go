package host

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// ClusterSource is where news of storage clusters comes from; Reports returns at once and calls f until ctx ends.
type ClusterSource interface {
	Reports(ctx context.Context, f func(provider.ClusterReport)) error
}

// ClusterWatcher asks for a look at a storage cluster when an agent of it tells of a change of health.
type ClusterWatcher struct {
	objects *resource.Store
	log     *slog.Logger
	mu      sync.Mutex
	last    map[string]string // host → what it said last
}

// NewClusterWatcher returns a watcher; Run makes it work.
func NewClusterWatcher(objects *resource.Store, log *slog.Logger) *ClusterWatcher {
	return &ClusterWatcher{objects: objects, log: log, last: map[string]string{}}
}

// Run follows the source until ctx ends.
func (w *ClusterWatcher) Run(ctx context.Context, src ClusterSource) error {
	if err := src.Reports(ctx, func(r provider.ClusterReport) { w.report(ctx, r) }); err != nil {
		return fmt.Errorf("follow storage clusters: %w", err)
	}
	<-ctx.Done()
	return nil
}

func (w *ClusterWatcher) report(ctx context.Context, r provider.ClusterReport) {
	said := r.State.Health + " " + r.Error
	for _, c := range r.State.Checks {
		said += " " + c.Code + " " + c.Message
	}
	w.mu.Lock()
	changed := w.last[r.Host] != said
	w.last[r.Host] = said
	w.mu.Unlock()
	if !changed {
		return
	}
	if err := w.touch(ctx, r.Host); err != nil && ctx.Err() == nil {
		w.log.Warn("news of a storage cluster can not be queued; its next look finds them", "host", r.Host, "error", err)
		w.mu.Lock()
		delete(w.last, r.Host)
		w.mu.Unlock()
	}
}

// touch finds the clusters that the host serves, which name it by name or id.
func (w *ClusterWatcher) touch(ctx context.Context, host string) error {
	view := w.objects.View(resource.Everything)
	h, err := view.Get(ctx, "host", "", host)
	if err != nil {
		return err
	}
	for _, name := range []string{h.Name, h.ID} {
		err := resource.All(ctx, view, resource.Query{Kind: "cluster", Fields: map[string]string{"spec.hosts": name}, Limit: 500}, func(o resource.Raw) error {
			return w.objects.Touch(ctx, "cluster", o.ID, "its agent on "+h.Name+" tells of a change of health")
		})
		if err != nil {
			return err
		}
	}
	return nil
}
