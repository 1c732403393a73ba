package kinds

import (
	"context"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// FlavorSpec is a size of server.
type FlavorSpec struct {
	VCPUs     int               `json:"vcpus" minimum:"1" maximum:"256" doc:"Processors of the server"`
	MemoryMiB int               `json:"memoryMiB" minimum:"64" maximum:"4194304" doc:"Memory of the server"`
	DiskGiB   int               `json:"diskGiB" minimum:"1" maximum:"65536" doc:"Root disk"`
	Traits    map[string]string `json:"traits,omitempty" doc:"Labels a host must carry"`

	CPUWeight   int   `json:"cpuWeight,omitempty" minimum:"0" maximum:"10000" doc:"Share of the host's processors where they are short: a server of 200 gets twice what one of 100 gets; 100 when 0"`
	CPUPercent  int   `json:"cpuPercent,omitempty" minimum:"0" maximum:"100" doc:"Most of a processor that each vCPU gets, in percent; 0 for no bound"`
	DiskIOPS    int64 `json:"diskIOPS,omitempty" minimum:"0" maximum:"10000000" doc:"Most operations per second of the root disk; 0 for no bound"`
	DiskMiBps   int64 `json:"diskMibps,omitempty" minimum:"0" maximum:"1048576" doc:"Most MiB per second of the root disk; 0 for no bound"`
	NetworkMbps int64 `json:"networkMbps,omitempty" minimum:"0" maximum:"100000" doc:"Most megabits per second of each card, in each direction; 0 for no bound"`

	Measured []Measurement `json:"measured,omitempty" maxItems:"64" doc:"Results of benchmarks on servers of this size, and on machines it is compared with"`
}

// Measurement is one result of a benchmark, as its operator took it.
type Measurement struct {
	What  string    `json:"what" minLength:"1" maxLength:"200" doc:"The benchmark and how it was asked"`
	On    string    `json:"on" enum:"server,baremetal" doc:"What it ran on: a server of this flavor, or a machine as large"`
	Value float64   `json:"value" minimum:"0" doc:"How much was measured"`
	Unit  string    `json:"unit" minLength:"1" maxLength:"40" doc:"Of the value, such as MB/s"`
	At    time.Time `json:"at" doc:"When"`
}

// FlavorStatus is empty: a flavor is only looked at.
type FlavorStatus struct{}

// Flavor is a size of server.
type Flavor = resource.Object[FlavorSpec, FlavorStatus]

// bounds are what a server of the flavor gets at most: of processors, of its root disk, and at each card.
func (s FlavorSpec) bounds(w *provider.Server) {
	w.CPU = provider.CPU{Weight: s.CPUWeight, Percent: s.CPUPercent}
	w.Disks[0].QoS = qosOf(s.DiskIOPS, s.DiskMiBps)
	for i := range w.Interfaces {
		w.Interfaces[i].BitsPerSecond = s.NetworkMbps * 1_000_000
	}
}

func flavorKind() resource.Kind[FlavorSpec, FlavorStatus] {
	return resource.Kind[FlavorSpec, FlavorStatus]{
		Name: "flavor", Plural: "flavors", Doc: "A size of server: vCPUs, memory and root disk.", Scoping: resource.Global,
		Columns: []resource.Column{{Header: "VCPUS", Path: "spec.vcpus"}, {Header: "MEMORY MIB", Path: "spec.memoryMiB"}, {Header: "DISK GIB", Path: "spec.diskGiB"}},
		Wakes:   map[string]string{"server": "spec.flavor"},
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
