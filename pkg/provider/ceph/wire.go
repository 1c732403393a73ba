// Package ceph is the control plane's side of Ceph clusters: a provider.Storage that asks the agent on a node of the
// cluster over the bus for images, shares and pools, and the RADOS gateway by its own interfaces for buckets. What is
// done with librados is in agents/ceph. It needs no cgo.
package ceph

import (
	"context"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/wire"
)

// Role names the Ceph methods on the bus.
const Role = "ceph"

// TopicCluster is where an agent tells of its cluster, below plaza.host.<host>.
const TopicCluster = "cluster"

// Agent is what the agent on a node of a cluster does.
type Agent interface {
	provider.Block
	provider.Files
	provider.Cluster
}

type poolArgs struct {
	Name  string `json:"name"`
	Purge bool   `json:"purge,omitempty"`
}

// Methods are what Driver asks for, answered by a for the cluster of its node. The place is known to the control plane
// alone, which fills it in.
func Methods(a Agent) map[string]bus.Method {
	return map[string]bus.Method{
		"EnsureVolume": wire.Write(wire.WriteLimit, func(ctx context.Context, in provider.Volume) (any, error) { return a.EnsureVolume(ctx, "", in) }),
		"GetVolume":    wire.Read(func(ctx context.Context, in wire.ID) (any, error) { return a.GetVolume(ctx, "", in.ID) }),
		"DeleteVolume": wire.Write(wire.WriteLimit, func(ctx context.Context, in wire.ID) (any, error) { return nil, a.DeleteVolume(ctx, "", in.ID) }),
		"ListVolumes":  wire.Read(func(ctx context.Context, _ wire.None) (any, error) { return a.ListVolumes(ctx, "") }),
		"EnsureShare":  wire.Write(wire.WriteLimit, func(ctx context.Context, in provider.Share) (any, error) { return a.EnsureShare(ctx, "", in) }),
		"GetShare":     wire.Read(func(ctx context.Context, in wire.ID) (any, error) { return a.GetShare(ctx, "", in.ID) }),
		"DeleteShare":  wire.Write(wire.WriteLimit, func(ctx context.Context, in wire.ID) (any, error) { return nil, a.DeleteShare(ctx, "", in.ID) }),
		"ListShares":   wire.Read(func(ctx context.Context, _ wire.None) (any, error) { return a.ListShares(ctx, "") }),
		"GetCluster":   wire.Read(func(ctx context.Context, _ wire.None) (any, error) { return a.GetCluster(ctx, "") }),
		"EnsurePool":   wire.Write(wire.WriteLimit, func(ctx context.Context, in provider.DataPool) (any, error) { return a.EnsurePool(ctx, "", in) }),
		"DeletePool": wire.Write(wire.WriteLimit, func(ctx context.Context, in poolArgs) (any, error) {
			return nil, a.DeletePool(ctx, "", in.Name, in.Purge)
		}),
	}
}
