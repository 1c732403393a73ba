// Package region keeps the regions connected: it sends each call to the driver of its place, follows what the regions'
// clouds tell, and compares whole regions with the database for what nobody told.
package region

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/plazacloud/plaza/pkg/drift"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// Open makes the driver of a region; it does not wait for the cloud.
type Open func(ctx context.Context, place string, s provider.RegionSettings) (provider.Region, error)

// Fleet is a Driver over all places: hosts of KVM sites by their own driver, and each region by the region's.
type Fleet struct {
	hosts provider.Driver
	open  map[string]Open // by type of region
	log   *slog.Logger

	objects *resource.Store
	drift   *drift.Keeper

	mu      sync.Mutex
	members map[string]*member
	root    context.Context //nolint:containedctx // members live as long as Run
	parts   sync.WaitGroup
}

// member is a connected region.
type member struct {
	provider.Region
	place    string
	settings provider.RegionSettings
	stop     context.CancelFunc // of its watch; nil before Run
	due      chan string        // a full look is wanted, with its cause
}

var _ provider.Regions = (*Fleet)(nil)

// NewFleet sends what is not a region's to hosts. UseStore and Run make it whole.
func NewFleet(hosts provider.Driver, open map[string]Open, log *slog.Logger) *Fleet {
	return &Fleet{hosts: hosts, open: open, log: log, drift: drift.New(drift.Config{Log: log}), members: map[string]*member{}}
}

// UseStore sets the objects; it comes after construction, as kinds need the driver before there is a store.
func (f *Fleet) UseStore(s *resource.Store) {
	f.objects = s
	f.drift.UseStore(s)
}

// UseDrift sets who keeps the differences that surveys find; without it they only make objects look again. It comes
// before UseStore.
func (f *Fleet) UseDrift(k *drift.Keeper) { f.drift = k }

// Connect opens the region's driver, or anew when the settings have changed.
func (f *Fleet) Connect(ctx context.Context, place string, s provider.RegionSettings) (provider.Region, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if m := f.members[place]; m != nil && m.settings == s {
		return m.Region, nil
	}
	open := f.open[s.Type]
	if open == nil {
		return nil, provider.Errorf(provider.ReasonInvalid, "", "regions of type %q are not known", s.Type)
	}
	r, err := open(context.WithoutCancel(ctx), place, s)
	if err != nil {
		return nil, err
	}
	f.drop(place)
	m := &member{Region: r, place: place, settings: s, due: make(chan string, 1)}
	f.members[place] = m
	f.follow(m)
	return r, nil
}

// Forget closes a region's driver.
func (f *Fleet) Forget(place string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(place)
}

// drop is called with the lock held.
func (f *Fleet) drop(place string) {
	m := f.members[place]
	if m == nil {
		return
	}
	delete(f.members, place)
	if m.stop != nil {
		m.stop()
	}
	if err := m.Close(); err != nil {
		f.log.Warn("a region's driver did not close", "region", place, "error", err)
	}
}

// driver finds who serves a place. A region that has not been connected yet, as after a start, is connected now.
func (f *Fleet) driver(ctx context.Context, place string) (provider.Driver, error) {
	f.mu.Lock()
	m := f.members[place]
	f.mu.Unlock()
	if m != nil {
		return m.Region, nil
	}
	if f.objects == nil {
		return f.hosts, nil
	}
	raw, err := f.objects.Unsealed(ctx, resource.Everything, "region", "", place)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return f.hosts, nil
	}
	if err != nil {
		return nil, provider.Errorf(provider.ReasonUnavailable, "", "the region of the call can not be read: %w", err)
	}
	o, err := resource.As[kinds.RegionSpec, kinds.RegionStatus](raw)
	if err != nil {
		return nil, fmt.Errorf("read region %s: %w", raw.Name, err)
	}
	return f.Connect(ctx, place, o.Spec.Settings())
}
