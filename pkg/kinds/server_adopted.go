package kinds

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// adopted is the pass of a server that others made. Its hardware, cards and rules stay as they were found; power, volumes
// and snapshots are Plaza's from then on.
func (p serverPass) adopted(ctx context.Context) (resource.Result, error) {
	o, a := p.o, *p.o.Spec.Adopted
	if err := p.settleIn(ctx, a); err != nil {
		return resource.Result{}, err
	}
	seen, err := p.observe(ctx)
	if err != nil {
		return resource.Result{}, err
	}
	if seen.Power == "" {
		if _, err := p.adopt(ctx, "server", o.Meta, a); err != nil {
			return adoptionLost(&o.Meta, err)
		}
		if seen, err = p.observe(ctx); err != nil {
			return resource.Result{}, err
		}
	}
	network, err := find[NetworkSpec, NetworkStatus](ctx, p.r, "network", o.Project, o.Spec.Network, "spec.network", "server")
	if err != nil {
		return resource.Result{}, err
	}
	port, ok := p.port(network)
	if !ok {
		return p.await(network)
	}
	o.Status.Address, o.Status.MAC = port.Address, port.MAC
	return p.keepAdopted(ctx, seen)
}

// settleIn says where the server is and takes over its room there.
func (p serverPass) settleIn(ctx context.Context, a Adopted) error {
	place, err := p.r.Get(ctx, "region", "", a.Place)
	if err != nil {
		return err
	}
	s := &p.o.Status
	s.Host, s.HostName = a.Place, place.Name
	room := pool.Host{Region: true}.Claim(pool.Order{VCPUs: int64(s.VCPUs), MemoryMiB: int64(s.MemoryMiB), DiskGiB: int64(s.DiskGiB)})
	return takeOver(ctx, p.r, a.Place, room)
}

// keepAdopted makes power, volumes and snapshots be as wanted. Before the first look agreed, nothing is done to a server
// that does not look as when it was adopted.
func (p serverPass) keepAdopted(ctx context.Context, seen provider.ServerState) (resource.Result, error) {
	o, want := p.o, provider.PowerState(p.o.Spec.Power)
	since := seen.Since.UTC().Truncate(time.Second)
	o.Status.Power, o.Status.Accel, o.Status.Node, o.Status.Since = seen.Power, seen.Accel, seen.Node, &since
	if seen.Power != want {
		what := fmt.Sprintf("it is %s, not %s", seen.Power, want)
		held, err := p.held(ctx, seen, want)
		if err != nil {
			return resource.Result{}, err
		}
		if held || o.ObservedGeneration == 0 && !asked(p.r) {
			return hold(&o.Meta, what), nil
		}
		if o.ObservedGeneration == o.Generation {
			p.tellDrift(seen, provider.Server{Power: want})
		}
	}
	if err := p.act(ctx, seen.Power, want); err != nil {
		return resource.Result{}, err
	}
	if err := p.adoptedVolumes(ctx, seen); err != nil {
		return resource.Result{}, err
	}
	if err := p.snapshots(ctx, seen.Snapshots); err != nil {
		return resource.Result{}, err
	}
	if err := p.migrated(ctx); err != nil {
		return resource.Result{}, err
	}
	if o.Status.Power != want {
		return resource.Result{Again: 300 * time.Millisecond, Progress: 70, Message: fmt.Sprintf("it is %s and will be %s", o.Status.Power, want)}, nil
	}
	unhold(&o.Meta)
	return resource.Result{Done: true}, nil
}

// act starts, stops or reboots.
func (p serverPass) act(ctx context.Context, is, want provider.PowerState) error {
	verb := provider.PowerVerb("")
	switch {
	case want == provider.PowerStopped && is != want:
		verb = provider.VerbStop
	case want == provider.PowerPaused && is != want:
		verb = provider.VerbPause
	case want == provider.PowerSuspended && is != want:
		verb = provider.VerbSuspend
	case want == provider.PowerRunning && (is == provider.PowerPaused || is == provider.PowerSuspended):
		verb = provider.VerbResume
	case want == provider.PowerRunning && is != want:
		verb = provider.VerbStart
	case is == provider.PowerRunning && p.o.Spec.RestartedAt != p.o.Status.RestartedAt:
		verb = provider.VerbReboot
	}
	if verb != "" {
		state, err := p.Driver.ActOnServer(ctx, p.o.Status.Host, p.o.ID, verb)
		if err != nil {
			return Explain("server", err)
		}
		p.o.Status.Power = state.Power
	}
	p.o.Status.RestartedAt = p.o.Spec.RestartedAt
	return nil
}

// adoptedVolumes attaches what was asked for and detaches what no longer is. What others attached stays.
func (p serverPass) adoptedVolumes(ctx context.Context, seen provider.ServerState) error {
	o := p.o
	attached := func(v string) bool {
		return slices.ContainsFunc(seen.Disks, func(d provider.Disk) bool { return d.Volume == v })
	}
	for _, v := range o.Spec.Volumes {
		if attached(v) {
			continue
		}
		if err := p.sole(ctx, v); err != nil {
			return err
		}
		if err := p.Driver.AttachVolume(ctx, o.Status.Host, o.ID, provider.Disk{Volume: v}); err != nil {
			return Explain("server", err)
		}
	}
	for _, v := range o.Status.Volumes {
		if !slices.Contains(o.Spec.Volumes, v) && attached(v) {
			if err := p.Driver.DetachVolume(ctx, o.Status.Host, o.ID, v); err != nil && !provider.IsNotFound(err) {
				return Explain("server", err)
			}
		}
	}
	o.Status.Volumes = slices.Clone(o.Spec.Volumes)
	return p.tellVolumes(ctx, o.Spec.Volumes)
}

// guardServer refuses to change what Plaza does not manage of an adopted server.
func guardServer(old, o *Server) error {
	if o.Spec.Adopted == nil {
		return nil
	}
	for _, f := range []struct {
		path string
		same bool
	}{
		{"spec.flavor", old.Spec.Flavor == o.Spec.Flavor}, {"spec.securityGroups", slices.Equal(old.Spec.SecurityGroups, o.Spec.SecurityGroups)},
		{"spec.publish", slices.Equal(old.Spec.Publish, o.Spec.Publish)}, {"spec.keypair", old.Spec.Keypair == o.Spec.Keypair},
		{"spec.userData", old.Spec.UserData == o.Spec.UserData}, {"spec.metadata", maps.Equal(old.Spec.Metadata, o.Spec.Metadata)},
		{"spec.serverGroup", old.Spec.ServerGroup == o.Spec.ServerGroup},
	} {
		if !f.same {
			p := resource.Invalid("server", f.path, nil, "is not changed by Plaza on an adopted server")
			p.Hint = "change it at its cloud, or move the work to a new server"
			return p
		}
	}
	return nil
}
