package kinds

import (
	"context"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// BaremetalCleanInput is what clean takes.
type BaremetalCleanInput struct {
	Steps []provider.MachineStep `json:"steps" minItems:"1" maxItems:"32" doc:"Steps in their order, e.g. {interface: bios, step: factory_reset}"`
}

// BaremetalRescueInput is what rescue takes.
type BaremetalRescueInput struct {
	Password string `json:"password" minLength:"8" maxLength:"128" doc:"Of the rescue system; encrypted at rest and never returned"`
}

// BaremetalPowerInput is what power takes.
type BaremetalPowerInput struct {
	Power string `json:"power" enum:"on,off,reboot" doc:"What it is to be"`
}

// BaremetalMaintainInput is what maintain takes.
type BaremetalMaintainInput struct {
	Reason string `json:"reason" minLength:"1" maxLength:"255" doc:"Why, for whoever comes next"`
}

type baremetalAction = resource.Action[BaremetalSpec, BaremetalStatus]

func baremetalActions() map[string]baremetalAction {
	return map[string]baremetalAction{
		"manage": {Doc: "Take it out of the pool to work on it; for one whose cleaning or inspection failed this says that someone has looked.", Apply: func(_ context.Context, _ *resource.Admission, o *Baremetal, _ any) error {
			if err := idle(o, "managed"); err != nil {
				return err
			}
			o.Spec.State = machineManaged
			ask(o, provider.MachineManage, nil)
			return nil
		}},
		"provide":  {Doc: "Clean it and put it in the pool; what Plaza runs on it ends.", Apply: provideMachine},
		"inspect":  {Doc: "Let it tell what it is made of; it leaves the pool for that.", Apply: once("inspected", provider.MachineInspect)},
		"clean":    {Doc: "Run steps of cleaning on it; it leaves the pool for that.", Input: &BaremetalCleanInput{}, Apply: cleanMachine},
		"rescue":   {Doc: "Boot it into the rescue system.", Input: &BaremetalRescueInput{}, Apply: rescueMachine},
		"unrescue": {Doc: "Boot it into what was deployed on it again.", Apply: unrescueMachine},
		"power":    {Doc: "Switch it on, off, or off and on.", Input: &BaremetalPowerInput{}, Apply: powerMachine},
		"maintain": {Doc: "Take it out of use, wherever it is.", Input: &BaremetalMaintainInput{}, Apply: maintainMachine},
		"release":  {Doc: "End its maintenance, also one that was begun by a fault.", Apply: releaseMachine},
		"abort":    {Doc: "Give up the step that it waits in.", Apply: abortMachine},
	}
}

// ask notes a single step that the next passes take.
func ask(o *Baremetal, verb provider.MachineVerb, steps []provider.MachineStep) {
	o.Spec.Ask = &BaremetalAsk{Verb: verb, Steps: steps, AskedAt: time.Now().UTC().Format(time.RFC3339Nano)}
}

// idle refuses what would disturb the one who has the machine.
func idle(o *Baremetal, done string) error {
	if o.Status.inUse() || o.Status.Server != "" {
		return resource.Problemf(resource.ReasonConflict, "baremetal", "take off it what runs on it first", "machine %s is %s and can not be %s", o.Name, o.Status.Provision, done)
	}
	return nil
}

func once(done string, verb provider.MachineVerb) func(context.Context, *resource.Admission, *Baremetal, any) error {
	return func(_ context.Context, _ *resource.Admission, o *Baremetal, _ any) error {
		if err := idle(o, done); err != nil {
			return err
		}
		ask(o, verb, nil)
		return nil
	}
}

func cleanMachine(_ context.Context, _ *resource.Admission, o *Baremetal, input any) error {
	if err := idle(o, "cleaned"); err != nil {
		return err
	}
	ask(o, provider.MachineClean, input.(*BaremetalCleanInput).Steps)
	return nil
}

func provideMachine(_ context.Context, _ *resource.Admission, o *Baremetal, _ any) error {
	if o.Status.Provision == "clean failed" || o.Status.Fault != "" {
		return resource.Problemf(resource.ReasonConflict, "baremetal", "mend it, then manage it; a machine that could not be cleaned does not return to the pool by itself",
			"machine %s can not be provided: it is %s %s", o.Name, o.Status.Provision, o.Status.Fault)
	}
	o.Spec.State, o.Spec.Rescue = machineAvailable, false
	return nil
}

func rescueMachine(_ context.Context, _ *resource.Admission, o *Baremetal, input any) error {
	if o.Spec.State != machineActive {
		return resource.Problemf(resource.ReasonConflict, "baremetal", "only what Plaza runs on a machine is rescued; make it active first", "nothing is meant to run on machine %s", o.Name)
	}
	o.Spec.Rescue, o.Spec.RescuePassword = true, input.(*BaremetalRescueInput).Password
	return nil
}

func unrescueMachine(_ context.Context, _ *resource.Admission, o *Baremetal, _ any) error {
	o.Spec.Rescue, o.Spec.RescuePassword = false, ""
	return nil
}

func powerMachine(_ context.Context, _ *resource.Admission, o *Baremetal, input any) error {
	verbs := map[string]provider.MachineVerb{"on": provider.MachinePowerOn, "off": provider.MachinePowerOff, "reboot": provider.MachineReboot}
	verb, ok := verbs[input.(*BaremetalPowerInput).Power]
	if !ok {
		return resource.Invalid("baremetal", "input.power", input.(*BaremetalPowerInput).Power, "is on, off or reboot")
	}
	ask(o, verb, nil)
	return nil
}

func maintainMachine(_ context.Context, _ *resource.Admission, o *Baremetal, input any) error {
	if o.Spec.State != machineMaintenance {
		o.Spec.Before = o.Spec.State
	}
	o.Spec.State, o.Spec.Reason = machineMaintenance, input.(*BaremetalMaintainInput).Reason
	return nil
}

func releaseMachine(_ context.Context, _ *resource.Admission, o *Baremetal, _ any) error {
	if o.Spec.State == machineMaintenance {
		o.Spec.State = machineAvailable
		if o.Spec.Before != "" {
			o.Spec.State = o.Spec.Before
		}
	}
	o.Spec.Before, o.Spec.Reason = "", ""
	ask(o, provider.MachineEndMaintain, nil)
	return nil
}

func abortMachine(_ context.Context, _ *resource.Admission, o *Baremetal, _ any) error {
	switch o.Status.Provision {
	case "clean wait", "inspect wait", "rescue wait":
		ask(o, provider.MachineAbort, nil)
		return nil
	}
	return resource.Problemf(resource.ReasonConflict, "baremetal", "only what waits for the machine can be given up", "machine %s is %s", o.Name, o.Status.Provision)
}
