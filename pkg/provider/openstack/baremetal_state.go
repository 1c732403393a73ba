package openstack

import (
	"fmt"
	"strconv"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/baremetal/v1/nodes"

	"github.com/plazacloud/plaza/pkg/provider"
)

// machineState is what a node tells of itself.
func machineState(id string, n *nodes.Node, macs []string) provider.MachineState {
	s := provider.MachineState{
		ID: id, Backend: n.UUID, Provision: n.ProvisionState, Target: n.TargetProvisionState, Step: step(n), Since: n.ProvisionUpdatedAt.UTC(), Power: n.PowerState,
		Maintenance: n.Maintenance, Fault: n.Fault, Error: n.LastError, ResourceClass: n.ResourceClass, Server: n.InstanceUUID,
		CPUs: number(n.Properties["cpus"]), MemoryMiB: number(n.Properties["memory_mb"]), DiskGiB: number(n.Properties["local_gb"]),
		Arch: text(n.Properties, "cpu_arch"), MACs: macs, ObservedAt: time.Now().UTC(),
	}
	if n.ProvisionUpdatedAt.IsZero() { // no step was ever taken
		s.Since = n.CreatedAt.UTC()
	}
	return s
}

// step names the step under way, e.g. bios.factory_reset; nodes keep it after a failure, to tell which one it was.
func step(n *nodes.Node) string {
	for _, s := range []map[string]any{n.CleanStep, n.DeployStep, n.ServiceStep} {
		if name := text(s, "step"); name != "" {
			return text(s, "interface") + "." + name
		}
	}
	return ""
}

// number reads a property, which inspection may have written as a text.
func number(v any) int {
	switch x := v.(type) {
	case float64:
		return int(x)
	case string:
		n, err := strconv.Atoi(x)
		if err == nil {
			return n
		}
	case nil:
		return 0
	}
	n, _ := strconv.Atoi(fmt.Sprint(v))
	return n
}

// underway tells whether the node is between two states that it stays in.
func underway(n *nodes.Node) bool {
	switch nodes.ProvisionState(n.ProvisionState) {
	case nodes.Verifying, nodes.Deploying, nodes.DeployWait, nodes.DeployHold, nodes.Deleting, nodes.Cleaning, nodes.CleanWait, nodes.CleanHold, nodes.Inspecting,
		nodes.InspectWait, nodes.Adopting, nodes.Rescuing, nodes.RescueWait, nodes.Unrescuing, nodes.Servicing, nodes.ServiceWait, nodes.ServiceHold, nodes.Rebuild:
		return true
	}
	return false
}

// inUse tells whether something of a tenant is or may be on the machine.
func inUse(n *nodes.Node) bool {
	switch nodes.ProvisionState(n.ProvisionState) {
	case nodes.Active, nodes.Rescue, nodes.Deploying, nodes.DeployWait, nodes.DeployHold, nodes.DeployFail, nodes.Error, nodes.Rescuing, nodes.RescueWait,
		nodes.RescueFail, nodes.Unrescuing, nodes.UnrescueFail, nodes.Servicing, nodes.ServiceWait, nodes.ServiceHold, nodes.ServiceFail:
		return true
	}
	return n.InstanceUUID != ""
}
