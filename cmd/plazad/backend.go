package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/plazacloud/plaza/pkg/drift"
	"github.com/plazacloud/plaza/pkg/host"
	"github.com/plazacloud/plaza/pkg/imagestore"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/ceph"
	"github.com/plazacloud/plaza/pkg/provider/kvm"
	"github.com/plazacloud/plaza/pkg/provider/openstack"
	"github.com/plazacloud/plaza/pkg/region"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// backends are the drivers, and who follows what they tell.
type backends struct {
	log      *slog.Logger
	hosts    *kvm.Driver
	clusters *ceph.Driver
	images   *imagestore.Store
	fleet    *region.Fleet
	watcher  *host.Watcher
	keeper   *drift.Keeper
	objects  *resource.Store
}

// openBackends connects drivers to the bus; enrolled tells hosts that are away from hosts that never were.
func openBackends(conn *nats.Conn, people *tenancy.Service, images *imagestore.Store, enrolled func(host string) bool, log *slog.Logger) (*backends, error) {
	hosts, err := kvm.New(conn, kvm.WithEnrolled(enrolled), kvm.WithContents(images))
	if err != nil {
		return nil, err
	}
	clusters, err := ceph.New(conn)
	if err != nil {
		return nil, errors.Join(err, hosts.Close())
	}
	b := &backends{log: log, hosts: hosts, clusters: clusters, images: images, fleet: region.NewFleet(hosts, regionTypes(images, log), log), watcher: host.NewWatcher(log)}
	b.keeper = drift.New(drift.Config{Driver: b.fleet, Storage: clusters, Project: people.ProjectID, Authorizer: people, Resurvey: b.fleet.Resurvey, Log: log})
	b.fleet.UseDrift(b.keeper)
	b.watcher.UseDrift(b.keeper)
	return b, nil
}

// regionTypes are the sorts of clouds that this program knows.
func regionTypes(images *imagestore.Store, log *slog.Logger) map[string]region.Open {
	return map[string]region.Open{
		"openstack": func(ctx context.Context, place string, s provider.RegionSettings) (provider.Region, error) {
			return openstack.Open(ctx, openstack.Settings{Place: place, RegionSettings: s, Contents: images, Logger: log})
		},
	}
}

// register adds the kinds that reach the world.
func (b *backends) register(reg *resource.Registry) {
	kinds.Register(reg, kinds.Backends{Driver: b.fleet, Regions: b.fleet, Storage: b.clusters, Baremetal: b.fleet, Uploads: b.images, Vitals: b.watcher.Vitals, Ask: ask})
	b.keeper.Register(reg)
}

// outside makes a connection for each question: an address may lead to another machine the next time.
var outside = &http.Client{
	Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true},
	// A server does not send plazad to where only plazad may ask.
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// ask gets a URL of the outside; an error unless it answers 200.
func ask(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := outside.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, res.Status)
	}
	return nil
}

// useStore sets the objects; it comes after register, as a store needs its kinds.
func (b *backends) useStore(s *resource.Store) {
	b.objects = s
	b.watcher.UseStore(s)
	b.fleet.UseStore(s)
	b.keeper.UseStore(s)
}

// follow are the parts that run until their context ends.
func (b *backends) follow() []func(context.Context) error {
	return []func(context.Context) error{
		func(ctx context.Context) error { return b.watcher.Run(ctx, b.hosts) },
		func(ctx context.Context) error { return host.NewClusterWatcher(b.objects, b.log).Run(ctx, b.clusters) },
		b.fleet.Run,
		b.keeper.Run,
	}
}

func (b *backends) Close() error { return errors.Join(b.hosts.Close(), b.clusters.Close()) }
