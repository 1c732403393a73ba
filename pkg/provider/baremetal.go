package provider

import (
	"context"
	"time"
)

// Baremetal runs whole machines. Every call is keyed by the Plaza id of the machine.
type Baremetal interface {
	// EnsureMachine enrols the machine if it is not there yet and sets what is told of it; it does not change its state.
	EnsureMachine(ctx context.Context, place string, want Machine) (MachineState, error)
	GetMachine(ctx context.Context, place, id string) (MachineState, error)
	// ActOnMachine begins a step of the machine's life and returns at once; MachineState tells how it goes on.
	ActOnMachine(ctx context.Context, place, id string, act MachineAct) (MachineState, error)
	DeleteMachine(ctx context.Context, place, id string) error
	ListMachines(ctx context.Context, place string) ([]MachineState, error)
}

// MachineVerb is one step of a machine's life, by Ironic's own names.
type MachineVerb string

const (
	MachineManage      MachineVerb = "manage"
	MachineInspect     MachineVerb = "inspect"
	MachineProvide     MachineVerb = "provide"
	MachineDeploy      MachineVerb = "deploy"
	MachineUndeploy    MachineVerb = "undeploy"
	MachineClean       MachineVerb = "clean"
	MachineRescue      MachineVerb = "rescue"
	MachineUnrescue    MachineVerb = "unrescue"
	MachineAbort       MachineVerb = "abort"
	MachinePowerOn     MachineVerb = "power-on"
	MachinePowerOff    MachineVerb = "power-off"
	MachineReboot      MachineVerb = "reboot"
	MachineMaintain    MachineVerb = "maintain" // out of use until MachineEndMaintain
	MachineEndMaintain MachineVerb = "end-maintain"
)

// MachineAct is a verb with what it needs.
type MachineAct struct {
	Verb   MachineVerb   `json:"verb"`
	Image  string        `json:"image,omitempty"` // deploy: id of what to write, which EnsureImage has brought there
	Seed   Seed          `json:"seed,omitzero"`   // deploy: config drive; MetaData and NetworkConfig are OpenStack's JSON
	Steps  []MachineStep `json:"steps,omitempty"` // clean: at least one; the driver's own are run by provide
	Secret string        `json:"-"`               // rescue: password
	Reason string        `json:"reason,omitempty"`
}

// MachineStep is one step of a manual cleaning.
type MachineStep struct {
	Interface string         `json:"interface"` // bios, deploy, management, raid …
	Step      string         `json:"step"`
	Args      map[string]any `json:"args,omitempty"`
}

// Machine is a wanted machine.
type Machine struct {
	ID            string            `json:"id"`
	Name          string            `json:"name"`
	Driver        string            `json:"driver"`               // redfish, ipmi, fake-hardware …
	DriverInfo    map[string]string `json:"-"`                    // address and credentials of its controller
	Interfaces    map[string]string `json:"interfaces,omitempty"` // deploy, boot, power … → implementation; empty: the driver's default
	ResourceClass string            `json:"resourceClass"`
	Arch          string            `json:"arch,omitempty"`
	CPUs          int               `json:"cpus,omitempty"`
	MemoryMiB     int               `json:"memoryMiB,omitempty"`
	DiskGiB       int               `json:"diskGiB,omitempty"`
	MACs          []string          `json:"macs,omitempty"`
	Traits        []string          `json:"traits,omitempty"`
	Owner         string            `json:"owner,omitempty"`
}

// MachineState is an observed machine.
type MachineState struct {
	ID            string    `json:"id"`
	Backend       string    `json:"backend"`          // the backend's own id
	Provision     string    `json:"provision"`        // enroll, manageable, available, active, clean failed …
	Target        string    `json:"target,omitempty"` // where it is going
	Step          string    `json:"step,omitempty"`   // the step under way
	Since         time.Time `json:"since"`            // of the present provision state
	Power         string    `json:"power,omitempty"`  // power on, power off, "" when not known
	Maintenance   bool      `json:"maintenance,omitempty"`
	Fault         string    `json:"fault,omitempty"` // power failure, clean failure, rescue abort failure
	Error         string    `json:"error,omitempty"` // what the last step that failed said
	ResourceClass string    `json:"resourceClass,omitempty"`
	Server        string    `json:"server,omitempty"` // server that has it, by the region's own id
	CPUs          int       `json:"cpus,omitempty"`
	MemoryMiB     int       `json:"memoryMiB,omitempty"`
	DiskGiB       int       `json:"diskGiB,omitempty"`
	Arch          string    `json:"arch,omitempty"`
	MACs          []string  `json:"macs,omitempty"`
	ObservedAt    time.Time `json:"observedAt"`
}

// Usable tells whether the machine may be given out now.
func (m MachineState) Usable() bool {
	return m.Provision == "available" && !m.Maintenance && m.Fault == "" && m.Server == ""
}
