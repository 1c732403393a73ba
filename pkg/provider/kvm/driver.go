package kvm

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/wire"
)

// Driver is a KVM site seen from the control plane. The host of each call is the id a host got when it enrolled.
// Errors are *provider.Error: what the host's own driver said, or Unavailable when no agent answers for the host and
// Timeout when the outcome is unknown; every call may be repeated.
type Driver struct {
	nc       *nats.Conn
	caller   *bus.Caller
	enrolled func(host string) bool
	contents provider.Contents // nil: Plaza keeps no images
}

// Option changes a Driver.
type Option func(*Driver)

// WithEnrolled lets the driver tell a host that never enrolled (NotFound) from one whose agent is away (Unavailable).
// It is asked only when nobody answers.
func WithEnrolled(enrolled func(host string) bool) Option {
	return func(d *Driver) { d.enrolled = enrolled }
}

var _ provider.Driver = (*Driver)(nil)

// New asks agents over nc, which needs the permissions of the control plane.
func New(nc *nats.Conn, opts ...Option) (*Driver, error) {
	caller, err := bus.NewCaller(nc)
	if err != nil {
		return nil, err
	}
	d := &Driver{nc: nc, caller: caller}
	for _, opt := range opts {
		opt(d)
	}
	return d, nil
}

// Close stops taking answers. The connection stays open.
func (d *Driver) Close() error { return d.caller.Close() }

func ask[Out any](ctx context.Context, d *Driver, host, method string, limit time.Duration, in any) (out Out, err error) {
	err = d.call(ctx, host, method, limit, in, &out)
	return out, err
}

func do(ctx context.Context, d *Driver, host, method string, in any) error {
	return d.call(ctx, host, method, wire.WriteLimit, in, nil)
}

func (d *Driver) call(ctx context.Context, host, method string, limit time.Duration, in, out any) error {
	return d.failure(host, d.caller.Call(ctx, host, Role, method, limit, in, out))
}

// failure is what the caller is told of an error of the bus; nil stays nil.
func (d *Driver) failure(host string, err error) error {
	if errors.Is(err, nats.ErrNoResponders) && d.enrolled != nil && !d.enrolled(host) {
		return provider.Errorf(provider.ReasonNotFound, "enrol it: plaza-agent enrol", "no host %q is enrolled", host)
	}
	return wire.Error(err)
}

func (d *Driver) EnsureServer(ctx context.Context, host string, want provider.Server) (provider.ServerState, error) {
	return ask[provider.ServerState](ctx, d, host, "EnsureServer", wire.WriteLimit, want)
}

func (d *Driver) GetServer(ctx context.Context, host, id string) (provider.ServerState, error) {
	return ask[provider.ServerState](ctx, d, host, "GetServer", wire.ReadLimit, wire.ID{ID: id})
}

func (d *Driver) ActOnServer(ctx context.Context, host, id string, verb provider.PowerVerb) (provider.ServerState, error) {
	return ask[provider.ServerState](ctx, d, host, "ActOnServer", wire.WriteLimit, verbArgs{id, verb})
}

func (d *Driver) DeleteServer(ctx context.Context, host, id string) error {
	return do(ctx, d, host, "DeleteServer", wire.ID{ID: id})
}

func (d *Driver) ListServers(ctx context.Context, host string) ([]provider.ServerState, error) {
	return ask[[]provider.ServerState](ctx, d, host, "ListServers", wire.ReadLimit, wire.None{})
}

// ConsoleLog returns up to limit bytes, at most MaxConsoleBytes.
func (d *Driver) ConsoleLog(ctx context.Context, host, id string, limit int) ([]byte, error) {
	return ask[[]byte](ctx, d, host, "ConsoleLog", wire.ReadLimit, consoleArgs{id, min(limit, MaxConsoleBytes)})
}

func (d *Driver) SnapshotServer(ctx context.Context, host, id, snapshot string) error {
	return do(ctx, d, host, "SnapshotServer", snapshotArgs{id, snapshot})
}

func (d *Driver) DeleteServerSnapshot(ctx context.Context, host, id, snapshot string) error {
	return do(ctx, d, host, "DeleteServerSnapshot", snapshotArgs{id, snapshot})
}

func (d *Driver) RevertServer(ctx context.Context, host, id, snapshot string) error {
	return do(ctx, d, host, "RevertServer", snapshotArgs{id, snapshot})
}

func (d *Driver) AttachVolume(ctx context.Context, host, id string, disk provider.Disk) error {
	return do(ctx, d, host, "AttachVolume", attachVolumeArgs{id, disk})
}

func (d *Driver) DetachVolume(ctx context.Context, host, id, volume string) error {
	return do(ctx, d, host, "DetachVolume", detachVolumeArgs{id, volume})
}

func (d *Driver) AttachInterface(ctx context.Context, host, id string, nic provider.Interface) error {
	return do(ctx, d, host, "AttachInterface", attachInterfaceArgs{id, nic})
}

func (d *Driver) DetachInterface(ctx context.Context, host, id, mac string) error {
	return do(ctx, d, host, "DetachInterface", detachInterfaceArgs{id, mac})
}

func (d *Driver) ServerStats(ctx context.Context, host, id string) (provider.ServerStats, error) {
	return ask[provider.ServerStats](ctx, d, host, "ServerStats", wire.ReadLimit, wire.ID{ID: id})
}

func (d *Driver) MigrateServer(ctx context.Context, host, id string, m provider.Migration) (provider.ServerState, error) {
	return ask[provider.ServerState](ctx, d, host, "MigrateServer", wire.WriteLimit, migrateArgs{id, m})
}

func (d *Driver) SetServerPassword(ctx context.Context, host, id, user, password string) error {
	return do(ctx, d, host, "SetServerPassword", passwordArgs{id, user, password})
}

func (d *Driver) EnsureVolume(ctx context.Context, host string, want provider.Volume) (provider.VolumeState, error) {
	return ask[provider.VolumeState](ctx, d, host, "EnsureVolume", copyLimit, want)
}

func (d *Driver) GetVolume(ctx context.Context, host, id string) (provider.VolumeState, error) {
	return ask[provider.VolumeState](ctx, d, host, "GetVolume", wire.ReadLimit, wire.ID{ID: id})
}

func (d *Driver) DeleteVolume(ctx context.Context, host, id string) error {
	return do(ctx, d, host, "DeleteVolume", wire.ID{ID: id})
}

func (d *Driver) ListVolumes(ctx context.Context, host string) ([]provider.VolumeState, error) {
	return ask[[]provider.VolumeState](ctx, d, host, "ListVolumes", wire.ReadLimit, wire.None{})
}

func (d *Driver) EnsureSnapshot(ctx context.Context, host string, want provider.Snapshot) (provider.SnapshotState, error) {
	return ask[provider.SnapshotState](ctx, d, host, "EnsureSnapshot", copyLimit, want)
}

func (d *Driver) GetSnapshot(ctx context.Context, host, id string) (provider.SnapshotState, error) {
	return ask[provider.SnapshotState](ctx, d, host, "GetSnapshot", wire.ReadLimit, wire.ID{ID: id})
}

func (d *Driver) DeleteSnapshot(ctx context.Context, host, id string) error {
	return do(ctx, d, host, "DeleteSnapshot", wire.ID{ID: id})
}

func (d *Driver) ListSnapshots(ctx context.Context, host string) ([]provider.SnapshotState, error) {
	return ask[[]provider.SnapshotState](ctx, d, host, "ListSnapshots", wire.ReadLimit, wire.None{})
}

func (d *Driver) DeleteImage(ctx context.Context, host, id string) error {
	return do(ctx, d, host, "DeleteImage", wire.ID{ID: id})
}

func (d *Driver) ListImages(ctx context.Context, host string) ([]provider.ImageState, error) {
	return ask[[]provider.ImageState](ctx, d, host, "ListImages", wire.ReadLimit, wire.None{})
}

func (d *Driver) EnsureNetwork(ctx context.Context, host string, want provider.Net) (provider.NetState, error) {
	return ask[provider.NetState](ctx, d, host, "EnsureNetwork", wire.WriteLimit, want)
}

func (d *Driver) GetNetwork(ctx context.Context, host, id string) (provider.NetState, error) {
	return ask[provider.NetState](ctx, d, host, "GetNetwork", wire.ReadLimit, wire.ID{ID: id})
}

func (d *Driver) DeleteNetwork(ctx context.Context, host, id string) error {
	return do(ctx, d, host, "DeleteNetwork", wire.ID{ID: id})
}

func (d *Driver) ListNetworks(ctx context.Context, host string) ([]provider.NetState, error) {
	return ask[[]provider.NetState](ctx, d, host, "ListNetworks", wire.ReadLimit, wire.None{})
}

func (d *Driver) GetHost(ctx context.Context, host string) (provider.HostState, error) {
	return ask[provider.HostState](ctx, d, host, "GetHost", wire.ReadLimit, wire.None{})
}
