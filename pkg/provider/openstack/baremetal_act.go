package openstack

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/baremetal/v1/nodes"

	"github.com/plazacloud/plaza/pkg/provider"
)

// transition is one arrow, or several to the same end, of Ironic's state machine.
type transition struct {
	target nodes.TargetProvisionState
	from   []nodes.ProvisionState // where it begins
	going  []nodes.ProvisionState // under way; with a goal, only when the node is on its way there
	goal   nodes.ProvisionState
	done   nodes.ProvisionState // nothing to do; empty for what is done each time it is asked for
}

var transitions = map[provider.MachineVerb]transition{
	provider.MachineManage: {target: nodes.TargetManage, done: nodes.Manageable, going: []nodes.ProvisionState{nodes.Verifying},
		from: []nodes.ProvisionState{nodes.Enroll, nodes.Available, nodes.CleanFail, nodes.InspectFail, nodes.AdoptFail}},
	provider.MachineInspect: {target: nodes.TargetInspect, going: []nodes.ProvisionState{nodes.Inspecting, nodes.InspectWait},
		from: []nodes.ProvisionState{nodes.Manageable, nodes.InspectFail}},
	provider.MachineProvide: {target: nodes.TargetProvide, done: nodes.Available, goal: nodes.Available, going: []nodes.ProvisionState{nodes.Cleaning, nodes.CleanWait},
		from: []nodes.ProvisionState{nodes.Manageable}},
	provider.MachineClean: {target: nodes.TargetClean, goal: nodes.Manageable, going: []nodes.ProvisionState{nodes.Cleaning, nodes.CleanWait},
		from: []nodes.ProvisionState{nodes.Manageable}},
	provider.MachineDeploy: {target: nodes.TargetActive, done: nodes.Active, going: []nodes.ProvisionState{nodes.Deploying, nodes.DeployWait},
		from: []nodes.ProvisionState{nodes.Available, nodes.DeployFail}},
	provider.MachineUndeploy: {target: nodes.TargetDeleted, done: nodes.Available, goal: nodes.Available, going: []nodes.ProvisionState{nodes.Deleting, nodes.Cleaning, nodes.CleanWait},
		from: []nodes.ProvisionState{nodes.Active, nodes.DeployFail, nodes.DeployWait, nodes.Error, nodes.Rescue, nodes.RescueFail, nodes.RescueWait, nodes.UnrescueFail}},
	provider.MachineRescue: {target: nodes.TargetRescue, done: nodes.Rescue, going: []nodes.ProvisionState{nodes.Rescuing, nodes.RescueWait},
		from: []nodes.ProvisionState{nodes.Active, nodes.RescueFail, nodes.UnrescueFail}},
	provider.MachineUnrescue: {target: nodes.TargetUnrescue, done: nodes.Active, going: []nodes.ProvisionState{nodes.Unrescuing},
		from: []nodes.ProvisionState{nodes.Rescue, nodes.RescueFail, nodes.UnrescueFail}},
	provider.MachineAbort: {target: nodes.TargetAbort, from: []nodes.ProvisionState{nodes.CleanWait, nodes.InspectWait, nodes.RescueWait}},
}

// ActOnMachine begins a step. What has happened already, or is under way, is not begun again.
func (d *Driver) ActOnMachine(ctx context.Context, place, id string, act provider.MachineAct) (provider.MachineState, error) {
	c, err := d.ironic(ctx, place)
	if err != nil {
		return provider.MachineState{}, err
	}
	unlock, err := d.locks.Lock(ctx, "machine/"+id) // what is looked at here must be what is acted on
	if err != nil {
		return provider.MachineState{}, err
	}
	defer unlock()
	node, err := d.node(ctx, c, id)
	if err != nil {
		return provider.MachineState{}, err
	}
	switch act.Verb {
	case provider.MachinePowerOn, provider.MachinePowerOff, provider.MachineReboot:
		err = setPower(ctx, c, node, act.Verb)
	case provider.MachineMaintain, provider.MachineEndMaintain:
		err = maintain(ctx, c, node, act)
	default:
		err = d.move(ctx, c, node, act)
	}
	if err != nil {
		return provider.MachineState{}, err
	}
	return d.GetMachine(ctx, place, id)
}

// move takes one arrow of the state machine, after what only Plaza refuses was looked at.
func (d *Driver) move(ctx context.Context, c *gophercloud.ServiceClient, node *nodes.Node, act provider.MachineAct) error {
	t, known := transitions[act.Verb]
	if !known {
		return provider.Errorf(provider.ReasonInvalid, "", "machines can not %q", act.Verb)
	}
	state := nodes.ProvisionState(node.ProvisionState)
	if state == t.done || slices.Contains(t.going, state) && (t.goal == "" || node.TargetProvisionState == string(t.goal)) {
		return nil
	}
	if !slices.Contains(t.from, state) {
		return wrongState(node, act.Verb, t)
	}
	if err := guard(node, act); err != nil {
		return err
	}
	opts := nodes.ProvisionStateOpts{Target: t.target}
	switch act.Verb {
	case provider.MachineManage:
		if err := acknowledge(ctx, c, node); err != nil {
			return err
		}
	case provider.MachineClean:
		for _, s := range act.Steps {
			opts.CleanSteps = append(opts.CleanSteps, nodes.CleanStep{Interface: nodes.StepInterface(s.Interface), Step: s.Step, Args: s.Args})
		}
	case provider.MachineRescue:
		opts.RescuePassword = act.Secret
	case provider.MachineDeploy:
		drive, err := d.prepare(ctx, c, node, act)
		if err != nil {
			return err
		}
		if drive != nil {
			opts.ConfigDrive = drive
		}
	}
	return refused(fmt.Sprintf("%s machine %s", act.Verb, node.Name), nodes.ChangeProvisionState(ctx, c, node.UUID, opts).ExtractErr())
}

func wrongState(node *nodes.Node, verb provider.MachineVerb, t transition) error {
	names := make([]string, len(t.from))
	for i, s := range t.from {
		names[i] = string(s)
	}
	hint := "it can when it is " + strings.Join(names, ", ")
	if node.ProvisionState == string(nodes.CleanFail) {
		hint = "find out why, then manage it: a machine that could not be cleaned does not return to the pool by itself"
	}
	return provider.Errorf(provider.ReasonConflict, hint, "machine %s can not %s: it is %s%s", node.Name, verb, node.ProvisionState, because(node))
}

func because(node *nodes.Node) string {
	if node.LastError == "" {
		return ""
	}
	return " (" + node.LastError + ")"
}

// guard refuses what Ironic would let pass and Plaza does not.
func guard(node *nodes.Node, act provider.MachineAct) error {
	switch act.Verb {
	case provider.MachineProvide, provider.MachineDeploy:
		if node.Fault != "" {
			return provider.Errorf(provider.ReasonConflict, "mend it, then end its maintenance", "machine %s has a %s%s", node.Name, node.Fault, because(node))
		}
		if node.Maintenance {
			return provider.Errorf(provider.ReasonConflict, "end its maintenance first", "machine %s is in maintenance: %s", node.Name, node.MaintenanceReason)
		}
		if act.Verb == provider.MachineDeploy && node.InstanceUUID != "" {
			return provider.Errorf(provider.ReasonConflict, "choose another machine", "machine %s belongs to server %s", node.Name, node.InstanceUUID)
		}
		if act.Verb == provider.MachineDeploy && act.Image == "" {
			return provider.Errorf(provider.ReasonInvalid, "name an image", "there is nothing to deploy on machine %s", node.Name)
		}
	case provider.MachineUndeploy:
		if node.InstanceUUID != "" {
			return provider.Errorf(provider.ReasonConflict, "delete that server instead", "machine %s belongs to server %s of the region", node.Name, node.InstanceUUID)
		}
	case provider.MachineClean:
		if len(act.Steps) == 0 {
			return provider.Errorf(provider.ReasonInvalid, "name steps such as bios.factory_reset; the driver's own are run by provide", "there is no step to clean machine %s by", node.Name)
		}
	case provider.MachineRescue:
		if act.Secret == "" {
			return provider.Errorf(provider.ReasonInvalid, "choose a password for the rescue system", "machine %s can not be rescued without a password", node.Name)
		}
	}
	return nil
}

// acknowledge ends the maintenance that Ironic set because cleaning failed: to manage the machine says that someone has
// looked. It stays out of the pool until it is provided, and so cleaned.
func acknowledge(ctx context.Context, c *gophercloud.ServiceClient, node *nodes.Node) error {
	if node.Fault != "clean failure" {
		return nil
	}
	return refused("end the maintenance of machine "+node.Name, nodes.UnsetMaintenance(ctx, c, node.UUID).ExtractErr())
}

// prepare tells the node what to write, and makes the content of its config drive; nil when there is none.
func (d *Driver) prepare(ctx context.Context, c *gophercloud.ServiceClient, node *nodes.Node, act provider.MachineAct) (*nodes.ConfigDrive, error) {
	disk, err := d.diskImage(ctx, act.Image)
	if err != nil {
		return nil, err
	}
	// An image that can also be booted by a kernel from outside would be taken for a partition.
	info := map[string]any{"image_source": disk.ID, "image_type": "whole-disk"}
	var patch nodes.UpdateOpts
	for name, value := range info {
		if node.InstanceInfo[name] != value {
			patch = append(patch, nodes.UpdateOperation{Op: nodes.AddOp, Path: "/instance_info/" + name, Value: value})
		}
	}
	if len(patch) > 0 {
		if _, err := nodes.Update(ctx, c, node.UUID, patch).Extract(); err != nil {
			return nil, refused("choose the image of machine "+node.Name, err)
		}
	}
	if act.Seed == (provider.Seed{}) {
		return nil, nil
	}
	drive := &nodes.ConfigDrive{MetaData: map[string]any{"uuid": node.UUID, "name": node.Name, "hostname": node.Name}}
	if act.Seed.UserData != "" {
		drive.UserData = act.Seed.UserData
	}
	if act.Seed.MetaData != "" {
		if err := json.Unmarshal([]byte(act.Seed.MetaData), &drive.MetaData); err != nil {
			return nil, provider.Errorf(provider.ReasonInvalid, "give a JSON object", "the meta-data of machine %s: %w", node.Name, err)
		}
	}
	if act.Seed.NetworkConfig != "" {
		if err := json.Unmarshal([]byte(act.Seed.NetworkConfig), &drive.NetworkData); err != nil {
			return nil, provider.Errorf(provider.ReasonInvalid, "give OpenStack's network_data.json", "the network data of machine %s: %w", node.Name, err)
		}
	}
	return drive, nil
}

func setPower(ctx context.Context, c *gophercloud.ServiceClient, node *nodes.Node, verb provider.MachineVerb) error {
	target := map[provider.MachineVerb]nodes.TargetPowerState{provider.MachinePowerOn: nodes.PowerOn, provider.MachinePowerOff: nodes.PowerOff, provider.MachineReboot: nodes.Rebooting}[verb]
	if node.PowerState == string(target) || node.TargetPowerState == string(target) {
		return nil
	}
	if underway(node) {
		return provider.Errorf(provider.ReasonConflict, "wait until the step is over", "machine %s is %s, which needs its power", node.Name, node.ProvisionState)
	}
	return refused(fmt.Sprintf("%s machine %s", verb, node.Name), nodes.ChangePowerState(ctx, c, node.UUID, nodes.PowerStateOpts{Target: target}).ExtractErr())
}

func maintain(ctx context.Context, c *gophercloud.ServiceClient, node *nodes.Node, act provider.MachineAct) error {
	if act.Verb == provider.MachineEndMaintain {
		if !node.Maintenance {
			return nil
		}
		return refused("end the maintenance of machine "+node.Name, nodes.UnsetMaintenance(ctx, c, node.UUID).ExtractErr())
	}
	if node.Maintenance && node.MaintenanceReason == act.Reason {
		return nil
	}
	return refused("put machine "+node.Name+" in maintenance", nodes.SetMaintenance(ctx, c, node.UUID, nodes.MaintenanceOpts{Reason: act.Reason}).ExtractErr())
}
