package kvm

import (
	"context"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/wire"
)

// Topics of what an agent tells unasked, below plaza.host.<host>.
const (
	TopicHeartbeat = "heartbeat"
	TopicInventory = "inventory"
	TopicEvent     = "event"
)

// Heartbeat says each second that the agent of a host lives. State is up to a few seconds old: see its ObservedAt.
// LibvirtUp false in it means that the agent lives and libvirt does not.
type Heartbeat struct {
	Host    string              `json:"host"`
	Session string              `json:"session"`           // one run of the agent
	Seq     uint64              `json:"seq"`               // from 1 within a session
	Time    time.Time           `json:"time"`              // the host's clock
	State   *provider.HostState `json:"state,omitempty"`   // nil until it was first read
	Calls   int                 `json:"calls"`             // under way
	Dropped uint64              `json:"dropped,omitempty"` // events lost in this session; each loss is followed by an inventory
}

// Why an inventory was sent.
const (
	CausePeriodic  = "periodic"
	CauseConnected = "connected"
	CauseOverflow  = "overflow" // events were dropped
)

// Inventory is everything a host has. A pool that could not be read has an entry in Errors and must not be taken for
// empty. What was begun after StartedAt may be missing.
type Inventory struct {
	Host      string                   `json:"host"`
	Session   string                   `json:"session"`
	Cause     string                   `json:"cause"`
	StartedAt time.Time                `json:"startedAt"`
	State     provider.HostState       `json:"state"`
	Servers   []provider.ServerState   `json:"servers"`
	Volumes   []provider.VolumeState   `json:"volumes"`
	Snapshots []provider.SnapshotState `json:"snapshots"`
	Backups   []provider.BackupState   `json:"backups"`
	Networks  []provider.NetState      `json:"networks"`
	Routers   []provider.RouterState   `json:"routers"`
	Images    []provider.ImageState    `json:"images"`
	Foreign   []provider.Found         `json:"foreign,omitempty"` // domains that others defined
	Errors    map[string]string        `json:"errors,omitempty"`  // host, servers, volumes, snapshots, backups, networks, routers, images, foreign → why
}

// Foreigner is a driver of a host that sees what others have defined there.
type Foreigner interface {
	ListForeign(ctx context.Context, host string) ([]provider.Found, error)
}

// Subscribe calls f, one event at a time, for what happens on any host until ctx ends. Events may be lost with a
// connection; an inventory follows then.
func (d *Driver) Subscribe(ctx context.Context, f func(provider.Event)) error {
	return wire.Listen(ctx, d.nc, TopicEvent, func(host string, e provider.Event) { e.Host = host; f(e) })
}

// Heartbeats calls f, one heartbeat at a time, until ctx ends.
func (d *Driver) Heartbeats(ctx context.Context, f func(Heartbeat)) error {
	return wire.Listen(ctx, d.nc, TopicHeartbeat, func(host string, h Heartbeat) { h.Host = host; f(h) })
}

// Inventories calls f, one inventory at a time, until ctx ends.
func (d *Driver) Inventories(ctx context.Context, f func(Inventory)) error {
	return wire.Listen(ctx, d.nc, TopicInventory, func(host string, i Inventory) {
		i.Host = host
		for n := range i.Servers {
			i.Servers[n].Host = host
		}
		for n := range i.Volumes {
			i.Volumes[n].Host = host
		}
		for n := range i.Snapshots {
			i.Snapshots[n].Host = host
		}
		for n := range i.Backups {
			i.Backups[n].Host = host
		}
		for n := range i.Networks {
			i.Networks[n].Host = host
		}
		for n := range i.Images {
			i.Images[n].Host = host
		}
		f(i)
	})
}
