package kinds

import (
	"context"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// ResizeSpec is a resize that can be reverted: what it was before, which it holds as well as long as nobody has decided.
type ResizeSpec struct {
	From      string `json:"from" doc:"Flavor before it"`
	VCPUs     int    `json:"vcpus" doc:"It had before"`
	MemoryMiB int    `json:"memoryMiB" doc:"It had before"`
}

// ResizeInput is what resize takes.
type ResizeInput struct {
	Flavor string `json:"flavor" minLength:"1" doc:"To take, by name"`
	Keep   bool   `json:"keep,omitempty" doc:"Keep what it was, until confirm-resize or revert-resize"`
}

func resize(_ context.Context, _ *resource.Admission, o *Server, input any) error {
	in := input.(*ResizeInput)
	if in.Keep {
		if in.Flavor == o.Spec.Flavor {
			return resource.Invalid("server", "input.flavor", in.Flavor, "is the flavor that it has")
		}
		if o.Spec.Resize == nil { // one that waits is refused with the change of flavor
			o.Spec.Resize = &ResizeSpec{From: o.Spec.Flavor, VCPUs: o.Status.VCPUs, MemoryMiB: o.Status.MemoryMiB}
		}
	}
	o.Spec.Flavor = in.Flavor
	return nil
}

func confirmResize(_ context.Context, _ *resource.Admission, o *Server, _ any) error {
	if o.Spec.Resize == nil {
		return errNoResize(o)
	}
	o.Spec.Resize = nil
	return nil
}

func revertResize(_ context.Context, _ *resource.Admission, o *Server, _ any) error {
	if o.Spec.Resize == nil {
		return errNoResize(o)
	}
	o.Spec.Flavor, o.Spec.Resize = o.Spec.Resize.From, nil
	return nil
}

func errNoResize(o *Server) error {
	return resource.Problemf(resource.ReasonConflict, "server", "resize with keep waits for a decision; without, it is final", "server %s waits for no resize to be confirmed", o.Name)
}

// chargeServer is what a server takes from the quota. While a resize can be reverted that is the larger of both, never
// their sum; a shelved one holds neither vCPUs nor memory.
func chargeServer(o *Server) resource.Charges {
	return withTraits(chargedOf(o, o.Status.VCPUs, o.Status.MemoryMiB), o.Status.Traits, 1)
}

func chargedOf(o *Server, vcpus, memoryMiB int) resource.Charges {
	if r := o.Spec.Resize; r != nil {
		vcpus, memoryMiB = max(vcpus, r.VCPUs), max(memoryMiB, r.MemoryMiB)
	}
	if o.Spec.Power == string(provider.PowerShelved) {
		vcpus, memoryMiB = 0, 0
	}
	return resource.Charges{"servers": 1, "vcpus": int64(vcpus), "memory_mib": int64(memoryMiB)}
}

func (p serverPass) claim(ctx context.Context, want provider.Server) error {
	c := chargedOf(p.o, want.VCPUs, want.MemoryMiB)
	return p.r.Claim(ctx, hostPool(p.o.Status.Host), resource.Charges{"vcpus": c["vcpus"], "memory_mib": c["memory_mib"], "disk_gib": int64(p.o.Status.DiskGiB)})
}

// reclaim takes the room of another flavor, or of a shelved server that is to run, from the host before the server grows
// into it.
func (p serverPass) reclaim(ctx context.Context, want provider.Server) error {
	s := &p.o.Status
	shelved := s.Power == provider.PowerShelved && want.Power != provider.PowerShelved
	if !shelved && s.VCPUs == want.VCPUs && s.MemoryMiB == want.MemoryMiB {
		return nil
	}
	if want.Power == provider.PowerShelved || s.ResizedFrom != "" && p.o.Spec.Resize == nil {
		return nil // it has room enough until that is done
	}
	return p.claim(ctx, want)
}

// giveBack gives the host back what the server has held for going back, or until it was shelved.
func (p serverPass) giveBack(ctx context.Context, want provider.Server) error {
	s := &p.o.Status
	s.ResizedFrom = ""
	if p.o.Spec.Resize != nil {
		s.ResizedFrom = p.o.Spec.Resize.From
	}
	if p.o.ObservedGeneration == p.o.Generation && s.Power == want.Power {
		return nil
	}
	return p.claim(ctx, want)
}
