package kinds

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// MigrateSpec asks once for a move to another hypervisor.
type MigrateSpec struct {
	provider.Migration
	AskedAt string `json:"askedAt" doc:"Tells one migration from the next"`
}

// MigrateInput is what migrate takes.
type MigrateInput struct {
	To   string `json:"to,omitempty" maxLength:"255" doc:"Hypervisor to go to; the region chooses when empty"`
	Live bool   `json:"live,omitempty" doc:"Without stopping it"`
}

// migrate looks first whether there is anywhere to go; each that was looked at is told with the reason why not.
func migrate(ctx context.Context, a *resource.Admission, o *Server, input any) error {
	in := input.(*MigrateInput)
	if o.Status.Host == "" || o.Status.Power == "" {
		return resource.Problemf(resource.ReasonConflict, "server", "wait until it is ready", "server %s is on no hypervisor yet", o.Name)
	}
	if err := steady(o, in.Live); err != nil {
		return err
	}
	raw, err := a.Get(ctx, "region", "", o.Status.Host)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return bound(ctx, a, o)
	}
	if err != nil {
		return err
	}
	region, err := resource.As[RegionSpec, RegionStatus](raw)
	if err != nil {
		return err
	}
	refused, fits := targets(region, o, in.To)
	if !fits {
		p := resource.Problemf(resource.ReasonNoCandidate, "server", "make room, or let a hypervisor take orders again", "server %s has no hypervisor of region %s to go to", o.Name, region.Name)
		p.Candidates = refused
		return p
	}
	o.Spec.Migrate = &MigrateSpec{provider.Migration{From: o.Status.Node, To: in.To, Live: in.Live}, now()}
	return nil
}

func steady(o *Server, live bool) error {
	conflict := func(hint, what string) error {
		return resource.Problemf(resource.ReasonConflict, "server", hint, "server %s %s", o.Name, what)
	}
	switch {
	case o.Spec.Rescue != nil:
		return conflict("end that first with: plaza server unrescue "+o.Name, "is in rescue")
	case o.Spec.Resize != nil:
		return conflict("confirm or revert that first", "waits for its resize to be confirmed or reverted")
	case resting(o.Spec.Power):
		return conflict("start it first", "is meant to be "+o.Spec.Power)
	case live && o.Spec.Power != string(provider.PowerRunning):
		return conflict("start it first, or migrate without live", "does not run")
	}
	return nil
}

// targets tells whether any hypervisor of the region, or the one that is named, could take the server; and why others can not.
func targets(region Region, o *Server, to string) (refused []resource.Candidate, fits bool) {
	known := false
	for _, h := range region.Status.Hypervisors {
		reason, detail := "", ""
		short := func(metric string, need int) bool {
			return h.Stock[metric].Total > 0 && h.Stock[metric].Free() < int64(need)
		}
		known = known || h.Name == to
		switch {
		case h.Name == o.Status.Node:
			reason, detail = "Same", "it is there already"
		case !h.Up:
			reason, detail = "Down", "its compute service is down"
		case !h.Enabled:
			reason, detail = "Closed", strings.TrimSuffix("it takes no orders: "+h.Reason, ": ")
		case short("VCPU", o.Status.VCPUs), short("MEMORY_MB", o.Status.MemoryMiB):
			reason, detail = "NoRoom", fmt.Sprintf("%d vCPU and %d MiB are free, %d and %d are needed", h.Stock["VCPU"].Free(), h.Stock["MEMORY_MB"].Free(), o.Status.VCPUs, o.Status.MemoryMiB)
		case to != "" && h.Name != to:
			reason, detail = "NotAsked", "it was not asked for"
		}
		if reason == "" {
			return nil, true
		}
		refused = append(refused, resource.Candidate{Name: h.Name, Reason: reason, Detail: detail})
	}
	if to != "" && !known {
		refused = append(refused, resource.Candidate{Name: to, Reason: "Unknown", Detail: "region " + region.Name + " has no such hypervisor"})
	}
	return refused, false
}

// bound refuses to move what lives on a host of a KVM site: its disks are files there, and its network is made there.
func bound(ctx context.Context, a *resource.Admission, o *Server) error {
	network, err := a.Get(ctx, "network", o.Project, o.Spec.Network)
	if err != nil {
		return err
	}
	p := resource.Problemf(resource.ReasonUnsupported, "server", "back its volumes up, make a new server where it shall be, and restore them there",
		"server %s can not leave host %s: its disks are files there, and its network is made there", o.Name, o.Status.HostName)
	err = resource.All(ctx, a, resource.Query{Kind: "host"}, func(raw resource.Raw) error {
		h, err := resource.As[HostSpec, HostStatus](raw)
		if err != nil || !h.Spec.Is(roleKVM) {
			return err
		}
		c := resource.Candidate{Name: h.Name, Reason: "LocalStorage", Detail: "the server's disks and network " + network.Name + " are on host " + o.Status.HostName}
		switch {
		case h.ID == o.Status.Host:
			c.Reason, c.Detail = "Same", "it is there already"
		case !h.Status.Alive || !h.Status.LibvirtUp:
			c.Reason, c.Detail = "Down", why(h)
		}
		p.Candidates = append(p.Candidates, c)
		return nil
	})
	if err != nil {
		return err
	}
	return p
}

// migrated moves the server if that was asked for and not done yet.
func (p serverPass) migrated(ctx context.Context) error {
	o, m := p.o, p.o.Spec.Migrate
	if m == nil || m.AskedAt == o.Status.MigratedAt {
		return nil
	}
	state, err := p.Driver.MigrateServer(ctx, o.Status.Host, o.ID, m.Migration)
	if err != nil {
		return Explain("server", err)
	}
	since := state.Since.UTC().Truncate(time.Second)
	o.Status.MigratedAt, o.Status.Node, o.Status.Power, o.Status.Since = m.AskedAt, state.Node, state.Power, &since
	p.r.Note("server.migrated", "from "+m.From+" to "+state.Node)
	p.tellGroup()
	return nil
}
