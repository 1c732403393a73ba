package kinds

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// machinePass is one reconciliation of a machine: it takes at most one step of its life.
type machinePass struct {
	Backends
	r *resource.Reconciliation
	o *Baremetal
}

// step is what a pass does next: an act, or to wait, or nothing.
type step struct {
	verb provider.MachineVerb // "": no act
	wait bool
}

// stopped is a problem that only people can end; to try again by itself would be wrong.
type stopped struct{ *resource.Problem }

func (s stopped) Retryable() bool { return false }
func (s stopped) Unwrap() error   { return s.Problem }

const (
	lookSoonest = 200 * time.Millisecond // while a step is under way; the longer it lasts, the less often
	lookLatest  = 5 * time.Second
	lookOver    = 5 * time.Minute // at a settled machine: its service may have no bus to tell of changes
)

func (p machinePass) reconcile(ctx context.Context) (resource.Result, error) {
	if p.Baremetal == nil {
		return resource.Result{}, errDriverless
	}
	seen, err := p.Baremetal.EnsureMachine(ctx, p.o.Spec.Region, p.wanted())
	if err != nil {
		// What is refused to be changed can still be looked at.
		if now, lost := p.Baremetal.GetMachine(ctx, p.o.Spec.Region, p.o.ID); lost == nil {
			p.observe(now)
		}
		return resource.Result{}, Explain("baremetal", err)
	}
	p.observe(seen)
	if p.pending() {
		if res, done, err := p.answer(ctx, seen); !done || err != nil {
			return res, err
		}
	}
	if res, done, err := p.maintenance(ctx, seen); !done || err != nil {
		return res, err
	}
	if p.o.Spec.State == machineMaintenance {
		return resource.Result{Done: true, Again: lookOver}, nil
	}
	if err := p.failure(seen); err != nil {
		return resource.Result{}, err
	}
	next, err := p.walk(seen, p.o.Spec.State)
	if err != nil {
		return resource.Result{}, err
	}
	return p.take(ctx, seen, next)
}

func (p machinePass) wanted() provider.Machine {
	s := p.o.Spec
	return provider.Machine{ID: p.o.ID, Name: p.o.Name, Driver: s.Driver, DriverInfo: s.DriverInfo, Interfaces: s.Interfaces, ResourceClass: s.ResourceClass, Arch: s.Arch,
		CPUs: s.CPUs, MemoryMiB: s.MemoryMiB, DiskGiB: s.DiskGiB, MACs: s.MACs, Traits: s.Traits}
}

// observe takes over what was seen, and says in a condition whether the machine may be given out and why not.
func (p machinePass) observe(m provider.MachineState) {
	s := &p.o.Status
	s.Backend, s.Provision, s.Target, s.Step, s.Power = m.Backend, m.Provision, m.Target, m.Step, m.Power
	s.Maintenance, s.Fault, s.Error, s.Server, s.Usable = m.Maintenance, m.Fault, m.Error, m.Server, m.Usable()
	s.CPUs, s.MemoryMiB, s.DiskGiB, s.Arch, s.MACs = m.CPUs, m.MemoryMiB, m.DiskGiB, m.Arch, m.MACs
	since := m.Since.UTC()
	s.Since = &since
	c := resource.Condition{Type: "Usable", Status: resource.True, Reason: "Free", Message: "it is in the pool"}
	if !m.Usable() {
		c.Status, c.Reason, c.Message = resource.False, "NotFree", "it is "+m.Provision
	}
	switch {
	case m.Fault != "":
		c.Reason, c.Message = "Fault", m.Fault+": "+m.Error
	case strings.HasSuffix(m.Provision, " failed"):
		c.Reason, c.Message = "StepFailed", "it is "+m.Provision+": "+m.Error
	case m.Maintenance:
		c.Reason, c.Message = "Maintenance", "it is out of use"
	}
	p.o.SetCondition(c)
}

func (p machinePass) pending() bool {
	return p.o.Spec.Ask != nil && p.o.Spec.Ask.AskedAt != p.o.Status.Asked
}

// answer takes the single step that was asked for; done means that it is over.
func (p machinePass) answer(ctx context.Context, seen provider.MachineState) (resource.Result, bool, error) {
	switch p.o.Spec.Ask.Verb {
	case provider.MachineInspect, provider.MachineClean:
		return p.workshop(ctx, seen)
	case provider.MachineManage, provider.MachinePowerOn, provider.MachinePowerOff, provider.MachineReboot:
		if moving(seen) {
			return p.waiting(seen), false, nil
		}
	}
	now, err := p.act(ctx, provider.MachineAct{Verb: p.o.Spec.Ask.Verb})
	if provider.ReasonOf(err) == provider.ReasonConflict { // it has ended by itself, or an earlier pass was quicker
		p.r.Note(string(p.o.Spec.Ask.Verb)+".late", err.Error())
		err = nil
		now = seen
	}
	if err != nil {
		return resource.Result{}, false, Explain("baremetal", err)
	}
	p.observe(now)
	p.o.Status.Asked, p.o.Status.Stuck = p.o.Spec.Ask.AskedAt, nil
	return resource.Result{Again: soon, Message: string(p.o.Spec.Ask.Verb) + " was begun"}, false, nil
}

// workshop takes the machine where it can be inspected and cleaned, does that once, and lets it go on. That it was
// begun is kept before it is, with the time of the state before: after a crash that time tells whether it was.
func (p machinePass) workshop(ctx context.Context, seen provider.MachineState) (resource.Result, bool, error) {
	o, want := p.o, p.o.Spec.Ask
	if o.Status.Begun == want.AskedAt {
		switch {
		case moving(seen):
			return p.waiting(seen), false, nil
		case o.Status.BegunSince == nil || !o.Status.BegunSince.Equal(seen.Since):
			o.Status.Asked, o.Status.Stuck = want.AskedAt, nil
			return resource.Result{}, true, nil
		}
		now, err := p.act(ctx, provider.MachineAct{Verb: want.Verb, Steps: want.Steps})
		if err != nil {
			return resource.Result{}, false, Explain("baremetal", err)
		}
		p.observe(now)
		return p.waiting(now), false, nil
	}
	if seen.Provision == "manageable" || want.Verb == provider.MachineInspect && seen.Provision == "inspect failed" {
		since := seen.Since.UTC()
		o.Status.Begun, o.Status.BegunSince = want.AskedAt, &since
		return resource.Result{Again: soon, Message: "about to " + string(want.Verb)}, false, nil
	}
	if err := p.failure(seen); err != nil {
		return resource.Result{}, false, err
	}
	next, err := p.walk(seen, machineManaged)
	if err != nil {
		return resource.Result{}, false, err
	}
	res, err := p.take(ctx, seen, next)
	return res, false, err
}

// maintenance begins and ends what this object asked for. One that a fault or someone else began is theirs to end.
func (p machinePass) maintenance(ctx context.Context, seen provider.MachineState) (resource.Result, bool, error) {
	s := &p.o.Status
	var verb provider.MachineVerb
	switch wanted := p.o.Spec.State == machineMaintenance; {
	case wanted && (!seen.Maintenance || !s.Maintained):
		verb = provider.MachineMaintain
	case !wanted && s.Maintained && seen.Maintenance && seen.Fault == "":
		verb = provider.MachineEndMaintain
	case !wanted && !seen.Maintenance:
		s.Maintained = false
		return resource.Result{}, true, nil
	case !wanted && seen.Provision != "clean failed":
		detail := seen.Fault
		if detail == "" {
			detail = "it was put there outside of this object"
		}
		return resource.Result{}, false, stopped{resource.Problemf(resource.ReasonConflict, "baremetal", "mend it, then end it with: plaza baremetal release "+p.o.Name,
			"machine %s is in maintenance: %s", p.o.Name, detail)}
	default:
		return resource.Result{}, true, nil
	}
	now, err := p.act(ctx, provider.MachineAct{Verb: verb, Reason: p.o.Spec.Reason})
	if err != nil {
		return resource.Result{}, false, Explain("baremetal", err)
	}
	p.observe(now)
	s.Maintained = verb == provider.MachineMaintain
	return resource.Result{Again: soon, Message: string(verb)}, false, nil
}

// failure stops at a step that failed and tells of it. A retry of the operation or a change goes on from there, but for
// a cleaning that failed: only to manage the machine does.
func (p machinePass) failure(seen provider.MachineState) error {
	s := &p.o.Status
	if !strings.HasSuffix(seen.Provision, " failed") && seen.Provision != "error" {
		s.Stuck = nil
		return nil
	}
	told := s.Stuck != nil && s.Stuck.Equal(seen.Since)
	if told && p.o.Phase != resource.PhaseFailed && seen.Provision != "clean failed" {
		return nil
	}
	since := seen.Since.UTC()
	s.Stuck = &since
	hint := "see why, then retry the operation, or ask for another state"
	if seen.Provision == "clean failed" {
		hint = "see why, then: plaza baremetal manage " + p.o.Name
	}
	what := seen.Provision
	if seen.Step != "" {
		what += " at step " + seen.Step
	}
	return stopped{resource.Problemf(resource.ReasonConflict, "baremetal", hint, "machine %s is %s: %s", p.o.Name, what, seen.Error)}
}

// take does the next step, if there is one to do.
func (p machinePass) take(ctx context.Context, seen provider.MachineState, next step) (resource.Result, error) {
	o := p.o
	if next.wait {
		return p.waiting(seen), nil
	}
	if next.verb == "" {
		return resource.Result{Done: true, Again: lookOver}, nil
	}
	if o.Phase == resource.PhaseReady && o.ObservedGeneration == o.Generation {
		p.r.Note("drift.repaired", fmt.Sprintf("it was %s, not %s; %s", seen.Provision, o.Spec.State, p.r.Cause))
	}
	act := provider.MachineAct{Verb: next.verb, Secret: o.Spec.RescuePassword}
	if next.verb == provider.MachineDeploy {
		if !o.Status.Deployed { // kept before it is begun, so that it is known later whose it is
			o.Status.Deployed = true
			return resource.Result{Again: soon, Message: "about to deploy"}, nil
		}
		if err := p.payload(ctx, &act); err != nil {
			return resource.Result{}, err
		}
	}
	now, err := p.act(ctx, act)
	if err != nil {
		return resource.Result{}, Explain("baremetal", err)
	}
	p.observe(now)
	// A machine whose controller does not answer falls back to enroll at once; to hurry would not help it.
	if next.verb == provider.MachineManage && seen.Provision == "enroll" && seen.Error != "" {
		return resource.Result{}, resource.Problemf(resource.ReasonUnavailable, "baremetal", "is its controller on, and are address and credentials right?", "machine %s can not be reached: %s", o.Name, seen.Error)
	}
	return p.waiting(now), nil
}

// payload is what is deployed.
func (p machinePass) payload(ctx context.Context, act *provider.MachineAct) error {
	image, err := find[ImageSpec, ImageStatus](ctx, p.r, "image", "", p.o.Spec.Image, "spec.image", "baremetal")
	if err != nil {
		return err
	}
	meta, err := json.Marshal(map[string]any{"plaza": map[string]any{"id": p.o.ID, "metadata": p.o.Labels}})
	if err != nil {
		return err
	}
	if err := ensureImage(ctx, p.Backends, p.o.Spec.Region, image); err != nil {
		return err
	}
	act.Image = image.ID
	act.Seed = provider.Seed{UserData: p.o.Spec.UserData, MetaData: string(meta)}
	return nil
}

func (p machinePass) act(ctx context.Context, act provider.MachineAct) (provider.MachineState, error) {
	return p.Baremetal.ActOnMachine(ctx, p.o.Spec.Region, p.o.ID, act)
}

// waiting tells what is going on and for how long.
func (p machinePass) waiting(m provider.MachineState) resource.Result {
	what := m.Provision
	if m.Step != "" {
		what += ": step " + m.Step
	}
	lasted := max(time.Since(m.Since), 0)
	return resource.Result{Again: min(max(lasted/8, lookSoonest), lookLatest), Progress: 50, Message: fmt.Sprintf("%s for %d min", what, int(lasted.Minutes()))}
}

// moving tells whether the machine is between two states that it stays in.
func moving(m provider.MachineState) bool {
	return slices.Contains([]string{"verifying", "cleaning", "clean wait", "clean hold", "inspecting", "inspect wait", "deploying", "wait call-back", "deploy hold", "deleting",
		"rescuing", "rescue wait", "unrescuing", "adopting", "rebuild", "servicing", "service wait"}, m.Provision)
}

// walk finds the next step from where the machine is to where it should be.
func (p machinePass) walk(m provider.MachineState, target string) (step, error) {
	if moving(m) {
		return step{wait: true}, nil
	}
	s := &p.o.Status
	occupied := m.Server == "" && slices.Contains([]string{"active", "rescue", "deploy failed", "error", "rescue failed", "unrescue failed"}, m.Provision)
	switch {
	case m.Server != "": // a server of the region has it, which is what machines in the pool are for
		if target == machineAvailable {
			return step{}, nil
		}
		return step{}, resource.Problemf(resource.ReasonConflict, "baremetal", "delete that server first", "machine %s belongs to server %s", p.o.Name, m.Server)
	case target == machineActive:
		return p.toActive(m), nil
	case occupied && !s.Deployed:
		return step{}, stopped{resource.Problemf(resource.ReasonConflict, "baremetal", "undeploy it in the region, or ask for the state active to adopt what runs there",
			"machine %s is %s by someone else's deployment", p.o.Name, m.Provision)}
	case occupied:
		return step{verb: provider.MachineUndeploy}, nil
	}
	s.Deployed = false
	return idleStep(m, target), nil
}

// idleStep is the next step of a machine that nothing runs on.
func idleStep(m provider.MachineState, target string) step {
	switch {
	case m.Provision == "available" && target == machineAvailable, m.Provision == "manageable" && target == machineManaged:
		return step{}
	case m.Provision == "manageable":
		return step{verb: provider.MachineProvide}
	}
	return step{verb: provider.MachineManage} // enroll, available, inspect failed
}

func (p machinePass) toActive(m provider.MachineState) step {
	switch m.Provision {
	case "active":
		p.o.Status.Deployed = true
		if p.o.Spec.Rescue {
			return step{verb: provider.MachineRescue}
		}
		return step{}
	case "rescue", "rescue failed", "unrescue failed":
		switch {
		case !p.o.Spec.Rescue:
			return step{verb: provider.MachineUnrescue}
		case m.Provision == "rescue":
			return step{}
		}
		return step{verb: provider.MachineRescue}
	case "available", "deploy failed":
		return step{verb: provider.MachineDeploy}
	case "error":
		return step{verb: provider.MachineUndeploy}
	}
	return idleStep(m, machineAvailable)
}

// remove takes off the machine what this object put there, and forgets it.
func (p machinePass) remove(ctx context.Context) (resource.Result, error) {
	if p.Baremetal == nil {
		return resource.Result{}, errDriverless
	}
	seen, err := p.Baremetal.GetMachine(ctx, p.o.Spec.Region, p.o.ID)
	if provider.IsNotFound(err) {
		return resource.Result{Done: true}, nil
	}
	if err != nil {
		return resource.Result{}, Explain("baremetal", err)
	}
	p.observe(seen)
	if moving(seen) {
		return p.waiting(seen), nil
	}
	if p.o.Status.Deployed && seen.Server == "" && slices.Contains([]string{"active", "rescue", "deploy failed", "error", "rescue failed", "unrescue failed"}, seen.Provision) {
		now, err := p.act(ctx, provider.MachineAct{Verb: provider.MachineUndeploy})
		if err != nil {
			return resource.Result{}, Explain("baremetal", err)
		}
		p.observe(now)
		return p.waiting(now), nil
	}
	if err := p.Baremetal.DeleteMachine(ctx, p.o.Spec.Region, p.o.ID); err != nil && !provider.IsNotFound(err) {
		return resource.Result{}, Explain("baremetal", err)
	}
	return resource.Result{Done: true}, nil
}
