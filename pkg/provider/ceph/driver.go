package ceph

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/wire"
)

// Driver is every Ceph cluster seen from the control plane. The host or place of each call is the id of a cluster.
// Errors are *provider.Error: what the cluster said, or Unavailable when nobody answers for it and Timeout when the
// outcome is unknown; every call may be repeated.
type Driver struct {
	nc     *nats.Conn
	caller *bus.Caller

	mu       sync.Mutex
	clusters map[string]provider.StorageSettings
	last     map[string]string // cluster → host that answered last
	gateways map[string]*gateway
}

var _ provider.Storages = (*Driver)(nil)

// New asks agents over nc, which needs the permissions of the control plane.
func New(nc *nats.Conn) (*Driver, error) {
	caller, err := bus.NewCaller(nc)
	if err != nil {
		return nil, err
	}
	return &Driver{nc: nc, caller: caller, clusters: map[string]provider.StorageSettings{}, last: map[string]string{}, gateways: map[string]*gateway{}}, nil
}

// Connect sets where a cluster is reached, from the next call on.
func (d *Driver) Connect(place string, s provider.StorageSettings) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clusters[place] = s
}

// Forget ends what Connect began.
func (d *Driver) Forget(place string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if g := d.gateways[place]; g != nil {
		g.http.CloseIdleConnections()
	}
	delete(d.clusters, place)
	delete(d.gateways, place)
	delete(d.last, place)
}

func (d *Driver) settings(place string) (provider.StorageSettings, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, ok := d.clusters[place]
	if !ok {
		return s, provider.Errorf(provider.ReasonUnavailable, "try again soon: the control plane connects its clusters one by one after its start", "cluster %s is not connected", place)
	}
	return s, nil
}

// Close stops taking answers. The connection stays open.
func (d *Driver) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, g := range d.gateways {
		g.http.CloseIdleConnections()
	}
	return d.caller.Close()
}

// Reports calls f, one report at a time, for what agents tell of their clusters until ctx ends.
func (d *Driver) Reports(ctx context.Context, f func(provider.ClusterReport)) error {
	return wire.Listen(ctx, d.nc, TopicCluster, func(host string, r provider.ClusterReport) { r.Host = host; f(r) })
}

// call asks the agents of a cluster in turn, the one that answered last first, until one is there.
func (d *Driver) call(ctx context.Context, place, method string, limit time.Duration, in, out any) error {
	s, err := d.settings(place)
	if err != nil {
		return err
	}
	if len(s.Hosts) == 0 {
		return provider.Errorf(provider.ReasonUnavailable, "enrol an agent with the role ceph and name its host in the cluster", "no host serves cluster %s", place)
	}
	var failed []string
	for _, host := range d.order(place, s.Hosts) {
		err := wire.Error(d.caller.Call(ctx, host, Role, method, limit, in, out))
		if provider.ReasonOf(err) != provider.ReasonUnavailable {
			d.remember(place, host)
			return err
		}
		failed = append(failed, err.(*provider.Error).Detail) //nolint:errcheck,errorlint // wire.Error makes no others
	}
	return provider.Errorf(provider.ReasonUnavailable, "check plaza-agent on the cluster's hosts: plaza-agent status", "no agent of the cluster can do %s: %s",
		method, strings.Join(failed, "; "))
}

func (d *Driver) order(place string, hosts []string) []string {
	d.mu.Lock()
	last := d.last[place]
	d.mu.Unlock()
	hosts = slices.Clone(hosts)
	slices.SortStableFunc(hosts, func(a, b string) int {
		switch {
		case a == last && b != last:
			return -1
		case b == last && a != last:
			return 1
		}
		return 0
	})
	return hosts
}

func (d *Driver) remember(place, host string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last[place] = host
}

func ask[Out any](ctx context.Context, d *Driver, place, method string, limit time.Duration, in any) (out Out, err error) {
	err = d.call(ctx, place, method, limit, in, &out)
	return out, err
}

func (d *Driver) EnsureVolume(ctx context.Context, place string, want provider.Volume) (provider.VolumeState, error) {
	st, err := ask[provider.VolumeState](ctx, d, place, "EnsureVolume", wire.WriteLimit, want)
	st.Host = place
	return st, err
}

func (d *Driver) GetVolume(ctx context.Context, place, id string) (provider.VolumeState, error) {
	st, err := ask[provider.VolumeState](ctx, d, place, "GetVolume", wire.ReadLimit, wire.ID{ID: id})
	st.Host = place
	return st, err
}

func (d *Driver) DeleteVolume(ctx context.Context, place, id string) error {
	return d.call(ctx, place, "DeleteVolume", wire.WriteLimit, wire.ID{ID: id}, nil)
}

func (d *Driver) ListVolumes(ctx context.Context, place string) ([]provider.VolumeState, error) {
	all, err := ask[[]provider.VolumeState](ctx, d, place, "ListVolumes", wire.ReadLimit, wire.None{})
	for i := range all {
		all[i].Host = place
	}
	return all, err
}

func (d *Driver) EnsureShare(ctx context.Context, place string, want provider.Share) (provider.ShareState, error) {
	return ask[provider.ShareState](ctx, d, place, "EnsureShare", wire.WriteLimit, want)
}

func (d *Driver) GetShare(ctx context.Context, place, id string) (provider.ShareState, error) {
	return ask[provider.ShareState](ctx, d, place, "GetShare", wire.ReadLimit, wire.ID{ID: id})
}

func (d *Driver) DeleteShare(ctx context.Context, place, id string) error {
	return d.call(ctx, place, "DeleteShare", wire.WriteLimit, wire.ID{ID: id}, nil)
}

func (d *Driver) ListShares(ctx context.Context, place string) ([]provider.ShareState, error) {
	return ask[[]provider.ShareState](ctx, d, place, "ListShares", wire.ReadLimit, wire.None{})
}

// GetCluster refuses the state of another cluster than the one that was first seen by this id.
func (d *Driver) GetCluster(ctx context.Context, place string) (provider.ClusterState, error) {
	st, err := ask[provider.ClusterState](ctx, d, place, "GetCluster", wire.ReadLimit, wire.None{})
	if err != nil {
		return st, err
	}
	s, err := d.settings(place)
	if err == nil && s.FSID != "" && s.FSID != st.FSID {
		err = provider.Errorf(provider.ReasonConflict, "name hosts of that cluster alone, or make another cluster of it",
			"the agents answer for cluster %s, and this one was %s", st.FSID, s.FSID)
	}
	return st, err
}

func (d *Driver) EnsurePool(ctx context.Context, place string, want provider.DataPool) (provider.DataPoolState, error) {
	return ask[provider.DataPoolState](ctx, d, place, "EnsurePool", wire.WriteLimit, want)
}

func (d *Driver) DeletePool(ctx context.Context, place, name string, purge bool) error {
	return d.call(ctx, place, "DeletePool", wire.WriteLimit, poolArgs{name, purge}, nil)
}
