package kinds

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// BaremetalSpec is a whole machine and what should become of it.
type BaremetalSpec struct {
	Region        string            `json:"region" minLength:"1" doc:"Region whose bare metal service runs it, by name or id; kept as its id"`
	Driver        string            `json:"driver" minLength:"1" maxLength:"64" doc:"e.g. redfish, ipmi, fake-hardware"`
	DriverInfo    map[string]string `json:"driverInfo,omitempty" maxProperties:"64" doc:"Address and credentials of its controller, by the driver's own names; encrypted at rest and never returned"`
	Interfaces    map[string]string `json:"interfaces,omitempty" maxProperties:"16" doc:"Implementation by interface (deploy, boot, power ...); the driver's default when not named"`
	ResourceClass string            `json:"resourceClass" minLength:"1" maxLength:"80" doc:"What sort of machine it is; flavors and pools go by it"`
	Arch          string            `json:"arch,omitempty" maxLength:"32" doc:"Default x86_64"`
	CPUs          int               `json:"cpus,omitempty" minimum:"0" doc:"Processors it has; found out by inspection when 0"`
	MemoryMiB     int               `json:"memoryMiB,omitempty" minimum:"0" doc:"Memory it has; found out by inspection when 0"`
	DiskGiB       int               `json:"diskGiB,omitempty" minimum:"0" doc:"Its disk for the system; found out by inspection when 0"`
	MACs          []string          `json:"macs,omitempty" maxItems:"32" doc:"Cards it boots from"`
	Traits        []string          `json:"traits,omitempty" maxItems:"50" doc:"Standard traits, or own ones that begin with CUSTOM_"`
	State         string            `json:"state,omitempty" enum:"managed,available,active,maintenance" doc:"Where it should be: known and checked, in the pool, running image, or out of use; default available"`
	Image         string            `json:"image,omitempty" doc:"Image to run when state is active"`
	UserData      string            `json:"userData,omitempty" maxLength:"65535" doc:"cloud-config for image; encrypted at rest and never returned"`

	Reason         string        `json:"reason,omitempty" readOnly:"true" doc:"Why it is in maintenance"`
	Before         string        `json:"before,omitempty" readOnly:"true" doc:"State it returns to after maintenance"`
	Rescue         bool          `json:"rescue,omitempty" readOnly:"true" doc:"Boot the rescue system instead of image"`
	RescuePassword string        `json:"rescuePassword,omitempty" readOnly:"true" doc:"Of the system that it was rescued with"`
	Ask            *BaremetalAsk `json:"ask,omitempty" readOnly:"true" doc:"The last single step that was asked for"`
}

// BaremetalAsk asks for one step, once.
type BaremetalAsk struct {
	Verb    provider.MachineVerb   `json:"verb" doc:"What was asked for"`
	Steps   []provider.MachineStep `json:"steps,omitempty" doc:"Of a cleaning, in their order"`
	AskedAt string                 `json:"askedAt" doc:"Tells one step from the next"`
}

// BaremetalStatus is what was seen of the machine. How long it has been in a state is the time since Since.
type BaremetalStatus struct {
	Backend     string     `json:"backend,omitempty" doc:"Id in the region's bare metal service"`
	Provision   string     `json:"provision,omitempty" doc:"Provision state, e.g. cleaning"`
	Target      string     `json:"target,omitempty" doc:"Provision state it is on its way to"`
	Step        string     `json:"step,omitempty" doc:"Step under way, e.g. bios.factory_reset; after a failure the one that failed"`
	Since       *time.Time `json:"since,omitempty" doc:"Start of the present provision state"`
	Power       string     `json:"power,omitempty"`
	Maintenance bool       `json:"maintenance,omitempty"`
	Fault       string     `json:"fault,omitempty"`
	Error       string     `json:"error,omitempty" doc:"What the last step that failed said"`
	Server      string     `json:"server,omitempty" doc:"Server that has it, by the region's own id"`
	Usable      bool       `json:"usable" doc:"It may be given out now"`
	CPUs        int        `json:"cpus,omitempty"`
	MemoryMiB   int        `json:"memoryMiB,omitempty"`
	DiskGiB     int        `json:"diskGiB,omitempty"`
	Arch        string     `json:"arch,omitempty"`
	MACs        []string   `json:"macs,omitempty"`

	Deployed   bool       `json:"deployed,omitempty" doc:"What runs on it was put there by this object"`
	Maintained bool       `json:"maintained,omitempty" doc:"Its maintenance was asked for by this object"`
	Asked      string     `json:"asked,omitempty" doc:"The last single step that is over"`
	Begun      string     `json:"begun,omitempty" doc:"The single step that was begun"`
	BegunSince *time.Time `json:"begunSince,omitempty" doc:"Start of the provision state before it"`
	Stuck      *time.Time `json:"stuck,omitempty" doc:"Start of the failed state that people were told of"`
}

// Baremetal is a whole machine.
type Baremetal = resource.Object[BaremetalSpec, BaremetalStatus]

// The states that a machine may be wanted in.
const (
	machineManaged     = "managed"
	machineAvailable   = "available"
	machineActive      = "active"
	machineMaintenance = "maintenance"
)

func baremetalKind(b Backends) resource.Kind[BaremetalSpec, BaremetalStatus] {
	return resource.Kind[BaremetalSpec, BaremetalStatus]{
		Name: "baremetal", Plural: "baremetals", Doc: "A whole machine, run by a region's bare metal service.", Scoping: resource.Global,
		Columns: []resource.Column{{Header: "CLASS", Path: "spec.resourceClass"}, {Header: "WANTED", Path: "spec.state"}, {Header: "PROVISION", Path: "status.provision"},
			{Header: "STEP", Path: "status.step"}, {Header: "SINCE", Path: "status.since"}, {Header: "POWER", Path: "status.power"}, {Header: "USABLE", Path: "status.usable"},
			{Header: "FAULT", Path: "status.fault"}},
		Indexed:  []string{"spec.region", "spec.resourceClass", "spec.image", "status.provision", "status.server"},
		Secrets:  []string{"driverInfo", "userData", "rescuePassword"},
		Default:  defaultBaremetal,
		Validate: validateBaremetal,
		ValidateDelete: func(_ context.Context, _ *resource.Admission, o *Baremetal) error {
			if o.Status.Server != "" {
				return resource.Problemf(resource.ReasonInUse, "baremetal", "delete that server first", "machine %s belongs to server %s of its region", o.Name, o.Status.Server)
			}
			return nil
		},
		Meter: func(o *Baremetal) resource.Measures {
			if !o.Status.inUse() {
				return resource.Measures{}
			}
			return resource.Measures{"baremetal_nodes": 1, "baremetal_nodes:" + o.Spec.ResourceClass: 1}
		},
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *Baremetal) (resource.Result, error) {
			return machinePass{b, r, o}.reconcile(ctx)
		},
		Delete: func(ctx context.Context, r *resource.Reconciliation, o *Baremetal) (resource.Result, error) {
			return machinePass{b, r, o}.remove(ctx)
		},
		Actions: baremetalActions(),
	}
}

// inUse tells whether someone has the machine.
func (s BaremetalStatus) inUse() bool {
	switch s.Provision {
	case "active", "rescue", "rescuing", "rescue wait", "unrescuing", "rescue failed", "unrescue failed":
		return true
	}
	return false
}

func defaultBaremetal(ctx context.Context, a *resource.Admission, o *Baremetal) error {
	region, err := find[RegionSpec, RegionStatus](ctx, a, "region", "", o.Spec.Region, "spec.region", "baremetal")
	if err != nil {
		return err
	}
	o.Spec.Region = region.ID
	if o.Spec.State == "" {
		o.Spec.State = machineAvailable
	}
	if o.Spec.Arch == "" {
		o.Spec.Arch = "x86_64"
	}
	for i, mac := range o.Spec.MACs {
		o.Spec.MACs[i] = strings.ToLower(mac)
	}
	return nil
}

func validateBaremetal(ctx context.Context, a *resource.Admission, old, o *Baremetal) error {
	if old != nil && old.Spec.Region != o.Spec.Region {
		return resource.Invalid("baremetal", "spec.region", o.Spec.Region, "a machine does not move to another region; delete it here and make it there")
	}
	for i, mac := range o.Spec.MACs {
		if hw, err := net.ParseMAC(mac); err != nil || len(hw) != 6 {
			return resource.Invalid("baremetal", fmt.Sprintf("spec.macs[%d]", i), mac, "is not a MAC address")
		}
	}
	if o.Spec.Image == "" && o.Spec.State == machineActive {
		return resource.Invalid("baremetal", "spec.image", "", "an active machine needs an image to run")
	}
	if o.Spec.Image != "" {
		image, err := find[ImageSpec, ImageStatus](ctx, a, "image", "", o.Spec.Image, "spec.image", "baremetal")
		if err != nil {
			return err
		}
		if image.Project != "" {
			return resource.Invalid("baremetal", "spec.image", o.Spec.Image, "is a project's; machines run what is everybody's")
		}
	}
	if old != nil && old.Status.Deployed && o.Spec.State == machineActive && old.Spec.State == machineActive && old.Spec.Image != o.Spec.Image {
		p := resource.Invalid("baremetal", "spec.image", o.Spec.Image, "what runs on a machine is not replaced")
		p.Hint = "make it available first, then active with the other image"
		return p
	}
	return nil
}
