package kinds

import (
	"context"

	"github.com/plazacloud/plaza/pkg/resource"
)

// FlavorSpec is a size of server.
type FlavorSpec struct {
	VCPUs     int               `json:"vcpus" minimum:"1" maximum:"256"`
	MemoryMiB int               `json:"memoryMiB" minimum:"64" maximum:"4194304"`
	DiskGiB   int               `json:"diskGiB" minimum:"1" maximum:"65536" doc:"Root disk"`
	Traits    map[string]string `json:"traits,omitempty" doc:"Labels a host must carry"`
}

// FlavorStatus is empty: a flavor is only looked at.
type FlavorStatus struct{}

// Flavor is a size of server.
type Flavor = resource.Object[FlavorSpec, FlavorStatus]

func flavorKind() resource.Kind[FlavorSpec, FlavorStatus] {
	return resource.Kind[FlavorSpec, FlavorStatus]{
		Name: "flavor", Plural: "flavors", Doc: "A size of server: vCPUs, memory and root disk.", Scoping: resource.Global,
		Columns: []resource.Column{{Header: "VCPUS", Path: "spec.vcpus"}, {Header: "MEMORY MIB", Path: "spec.memoryMiB"}, {Header: "DISK GIB", Path: "spec.diskGiB"}},
		Validate: func(_ context.Context, _ *resource.Admission, old, o *Flavor) error {
			if o.Spec.VCPUs < 1 || o.Spec.MemoryMiB < 64 || o.Spec.DiskGiB < 1 {
				return resource.Invalid("flavor", "spec", nil, "a flavor has at least 1 vCPU, 64 MiB of memory and 1 GiB of disk")
			}
			if old != nil && (old.Spec.VCPUs != o.Spec.VCPUs || old.Spec.MemoryMiB != o.Spec.MemoryMiB || old.Spec.DiskGiB != o.Spec.DiskGiB) {
				return resource.Invalid("flavor", "spec", nil, "the size of a flavor does not change under the servers that use it; make a new flavor")
			}
			return nil
		},
		ValidateDelete: func(ctx context.Context, a *resource.Admission, o *Flavor) error {
			return refuseInUseByName(ctx, a, o.Meta, "server", "spec.flavor")
		},
	}
}
