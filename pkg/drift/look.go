package drift

import (
	"context"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
)

// Look sees a whole place: by the driver's own discovery, or by its lists, which only have what carries a Plaza id.
func Look(ctx context.Context, d provider.Driver, place string) (provider.Discovery, error) {
	if x, ok := d.(provider.Discoverer); ok {
		return x.Discover(ctx, place)
	}
	s := States{StartedAt: time.Now().UTC(), Failed: map[string]string{}}
	var err error
	note := func(kind string) {
		if err != nil {
			s.Failed[kind] = err.Error()
		}
	}
	s.Servers, err = d.ListServers(ctx, place)
	note("server")
	s.Volumes, err = d.ListVolumes(ctx, place)
	note("volume")
	s.Snapshots, err = d.ListSnapshots(ctx, place)
	note("snapshot")
	s.Backups, err = d.ListBackups(ctx, place)
	note("backup")
	s.Networks, err = d.ListNetworks(ctx, place)
	note("network")
	s.Routers, err = d.ListRouters(ctx, place)
	note("router")
	s.Images, err = d.ListImages(ctx, place)
	note("image")
	return s.Discovery(), ctx.Err()
}

// States are what a driver lists of a place.
type States struct {
	StartedAt time.Time
	Servers   []provider.ServerState
	Volumes   []provider.VolumeState
	Snapshots []provider.SnapshotState
	Backups   []provider.BackupState
	Networks  []provider.NetState
	Routers   []provider.RouterState
	Images    []provider.ImageState
	Failed    map[string]string // why, by kind
}

// Discovery tells the same as a Discoverer would. In lists an object's own id is Plaza's.
func (s States) Discovery() provider.Discovery {
	out := provider.Discovery{StartedAt: s.StartedAt, Failed: s.Failed, Read: map[string]bool{}}
	for _, kind := range []string{"server", "volume", "snapshot", "backup", "network", "router", "image"} {
		out.Read[kind] = s.Failed[kind] == ""
	}
	put := func(kind, id string, f provider.Facts) {
		out.Found = append(out.Found, provider.Found{Kind: kind, Backend: id, PlazaID: id, Facts: f})
	}
	for _, x := range s.Servers {
		f := provider.Facts{Power: x.Power, VCPUs: x.VCPUs, MemoryMiB: x.MemoryMiB, State: x.Reason}
		for _, mac := range x.MACs {
			f.Cards = append(f.Cards, provider.Card{MAC: mac})
		}
		for _, disk := range x.Disks {
			if disk.Volume != "" {
				f.Volumes = append(f.Volumes, disk.Volume)
			}
		}
		put("server", x.ID, f)
	}
	for _, x := range s.Volumes {
		f := provider.Facts{SizeGiB: x.SizeGiB}
		if x.AttachedTo != "" {
			f.AttachedTo = []string{x.AttachedTo}
		}
		put("volume", x.ID, f)
	}
	for _, x := range s.Snapshots {
		put("snapshot", x.ID, provider.Facts{SizeGiB: x.SizeGiB})
	}
	for _, x := range s.Backups {
		put("backup", x.ID, provider.Facts{SizeGiB: x.SizeGiB})
	}
	for _, x := range s.Networks {
		put("network", x.ID, provider.Facts{Bridge: x.Bridge})
	}
	for _, x := range s.Routers {
		put("router", x.ID, provider.Facts{Networks: x.Networks})
	}
	for _, x := range s.Images {
		put("image", x.ID, provider.Facts{Bytes: x.Bytes})
	}
	return out
}
