package runbook

import (
	"context"
	"slices"
	"strings"

	"github.com/plazacloud/plaza/pkg/resource"
)

const maxDecisions = 200

// decide takes a decision in. The next pass heeds it; of two who decide at once one is told of the other's, as an object's
// changes are serial.
func (k *Keeper) decide(ctx context.Context, a *resource.Admission, o *Run, v Verdict, step, note string) error {
	if len(o.Spec.Decisions) > o.Status.Decided {
		last := o.Spec.Decisions[len(o.Spec.Decisions)-1]
		return resource.Problemf(resource.ReasonConflict, "run", "look at it again: plaza run get "+o.Name, "%s has just decided: %s", last.By.Name, last.Verdict)
	}
	if len(o.Spec.Decisions) >= maxDecisions {
		return resource.Problemf(resource.ReasonConflict, "run", "start another run", "%d decisions were made about run %s already", maxDecisions, o.Name)
	}
	by, err := k.party(ctx, a.Actor)
	if err != nil {
		return err
	}
	switch v {
	case Approve, Refuse:
		step, err = k.mayApprove(by, o, v)
	case Again, Skip:
		step, err = k.mayRepeat(ctx, a, o, v, step)
	case Cancel:
		if o.Status.ended() {
			err = over(o)
		}
	}
	if err != nil {
		return err
	}
	o.Spec.Decisions = append(slices.Clone(o.Spec.Decisions), Decision{Verdict: v, Step: step, By: by, At: k.now(), Note: strings.TrimSpace(note)})
	return nil
}

func over(o *Run) error {
	return resource.Problemf(resource.ReasonConflict, "run", "start another run", "run %s is %s", o.Name, o.Status.State)
}

// mayApprove expects somebody else than whoever started the run, whichever of their tokens they use.
func (k *Keeper) mayApprove(by Party, o *Run, v Verdict) (string, error) {
	i := slices.IndexFunc(o.Status.Steps, func(s StepStatus) bool { return s.State == StepApproval })
	switch {
	case i < 0 || o.Status.ended():
		return "", resource.Problemf(resource.ReasonConflict, "run", "see where it is: plaza run get "+o.Name, "no step of run %s waits for approval", o.Name)
	case v == Approve && by.User == o.Spec.By.User:
		return "", resource.Problemf(resource.ReasonForbidden, "run", "ask somebody else to approve it", "nobody approves what they started themselves")
	}
	return o.Status.Steps[i].Name, nil
}

// mayRepeat finds the step that is meant, and refuses what is still under way.
func (k *Keeper) mayRepeat(ctx context.Context, a *resource.Admission, o *Run, v Verdict, name string) (string, error) {
	stuck := func(s StepStatus) bool { return s.State == StepFailed || s.State == StepHeld }
	i := slices.IndexFunc(o.Status.Steps, stuck)
	if name != "" {
		i = slices.IndexFunc(o.Status.Steps, func(s StepStatus) bool { return s.Name == name })
	} else if i < 0 {
		i = slices.IndexFunc(o.Status.Steps, func(s StepStatus) bool { return s.State != StepDone && s.State != StepSkipped })
	}
	held := slices.ContainsFunc(o.Status.Steps, func(s StepStatus) bool { return s.State == StepHeld })
	switch {
	case i < 0:
		return "", resource.Invalid("run", "input.step", name, "is no step of it that could be done anew")
	case o.Status.State == RunDone:
		return "", over(o)
	case !o.Status.ended() && !held:
		return "", resource.Problemf(resource.ReasonConflict, "run", "cancel it first", "run %s is under way", o.Name)
	case v == Skip && !stuck(o.Status.Steps[i]):
		return "", resource.Problemf(resource.ReasonConflict, "run", "", "step %s neither failed nor is held", o.Status.Steps[i].Name)
	}
	return o.Status.Steps[i].Name, k.alone(ctx, a, o.ID, o.Spec.Hosts)
}

// heed does what somebody decided.
func (p *pass) heed(ctx context.Context, d Decision) {
	st := &p.o.Status
	i := slices.IndexFunc(st.Steps, func(s StepStatus) bool { return s.Name == d.Step })
	switch d.Verdict {
	case Approve:
		st.Steps[i].State, st.Steps[i].ApprovedBy = StepPending, d.By.Name
		st.State = RunRunning
	case Refuse:
		st.Steps[i].State, st.Steps[i].Work.Message = StepFailed, "refused by "+d.By.Name+said(d.Note)
		p.close(RunFailed, "step "+d.Step+" was refused by "+d.By.Name+said(d.Note))
	case Skip:
		st.Steps[i].State = StepSkipped
		p.reopen()
	case Again:
		// What was undone has to be done again, before what follows it.
		if undone := slices.IndexFunc(st.Steps, func(s StepStatus) bool { return s.State == StepUndone }); undone >= 0 {
			i = min(i, undone)
		}
		for j := range st.Steps[i:] {
			s := &st.Steps[i+j]
			*s = StepStatus{Name: s.Name, State: StepPending, Work: Work{Items: s.Work.Items, Changed: s.Work.Changed}}
		}
		p.reopen()
	case Cancel:
		p.halt(ctx)
		p.close(RunCancelled, "cancelled by "+d.By.Name+said(d.Note))
	}
}

func (p *pass) reopen() {
	st := &p.o.Status
	st.State, st.Message, st.Failure, st.EndedAt = RunRunning, "", "", nil
}
