package schedule

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/plazacloud/plaza/pkg/resource"
)

const (
	soon = 50 * time.Millisecond
	// followEvery is how often the operations of a run are looked at.
	followEvery = time.Second
	// lookEvery bounds the sleep of a schedule, as the clock that it sleeps by may be set.
	lookEvery = time.Hour
)

// reconcile makes the run that is due, follows it to its end, or waits for the next. What is begun is written down before it is
// done, so that a run that a crash cut short is gone on with and not made again.
func (k *Keeper) reconcile(ctx context.Context, r *resource.Reconciliation, o *Object) (resource.Result, error) {
	before := o.Status
	res, err := k.pass(ctx, r, o)
	if passing(err) && before.Current == nil {
		o.Status = before // what could not be begun is due still
	}
	return res, err
}

func (k *Keeper) pass(ctx context.Context, r *resource.Reconciliation, o *Object) (resource.Result, error) {
	now := k.now()
	switch ask := o.Spec.Run; {
	case o.Status.Current != nil:
		return k.goOn(ctx, r, o)
	case ask != nil && (o.Status.Asked == nil || !o.Status.Asked.Equal(ask.By.At)):
		o.Status.Asked = &ask.By.At
		return k.begin(ctx, r, o, Current{Due: now, By: ask.By, Asked: true})
	case o.Spec.Disabled:
		o.Status.State, o.Status.Next, o.Status.Message, o.Status.Settled = Disabled, nil, "", nil
		return resource.Result{Done: true}, nil
	case o.Status.Stopped != nil && o.Status.Stopped.Equal(o.Spec.By.At):
		return resource.Result{}, k.halted(o)
	}
	return k.wait(ctx, r, o, now)
}

// wait begins what is due, else sleeps until it is.
func (k *Keeper) wait(ctx context.Context, r *resource.Reconciliation, o *Object, now time.Time) (resource.Result, error) {
	p, err := o.Spec.plan(o.ID, o.Spec.By.At)
	if err != nil {
		return resource.Result{}, err
	}
	settled := o.Spec.By.At // what was due before somebody wanted it is not missed
	if s := o.Status.Settled; s != nil && (s.After(settled) || settled.After(now)) {
		settled = *s
	}
	v := p.decide(settled, now, o.Spec.Missed == "once")
	if m := v.missed; m != nil {
		k.miss(r, o, *m)
	}
	if !v.settled.Equal(o.Spec.By.At) {
		o.Status.Settled = &v.settled
	}
	o.Status.Next = nil
	if !v.next.IsZero() {
		o.Status.Next = &v.next
	}
	if !v.run.IsZero() {
		return k.begin(ctx, r, o, Current{Due: v.run, By: o.Spec.By})
	}
	o.Status.State, o.Status.Stopped, o.Status.Message = Waiting, nil, ""
	if v.next.IsZero() {
		return resource.Result{Done: true}, nil
	}
	return resource.Result{Done: true, Again: min(max(v.next.Sub(now), soon), lookEvery)}, nil
}

// miss notes runs that nobody could make.
func (k *Keeper) miss(r *resource.Reconciliation, o *Object, m span) {
	text := "the run of " + m.from.Format(time.RFC3339) + " was missed"
	if !m.from.Equal(m.to) {
		text = fmt.Sprintf("the runs from %s to %s were missed", m.from.Format(time.RFC3339), m.to.Format(time.RFC3339))
	}
	r.Note("miss", text)
	o.Status.record(Run{Due: m.to, State: Missed, Message: text})
}

func (s *Status) record(run Run) {
	s.Last = &run
	s.Runs = append([]Run{run}, s.Runs[:min(len(s.Runs), maxRuns-1)]...)
}

// begin writes down what a run is going to do.
func (k *Keeper) begin(ctx context.Context, r *resource.Reconciliation, o *Object, c Current) (resource.Result, error) {
	o.Status.Number++
	c.Number, c.Began = o.Status.Number, k.now()
	o.Status.Current, o.Status.State = &c, Running
	actor, err := k.entitled(ctx, o, c.By)
	if err == nil {
		c.Works, err = k.works(ctx, actor, o)
	}
	switch {
	case passing(err):
		return resource.Result{}, err
	case err != nil:
		return k.end(r, o, err)
	case len(c.Works) == 0:
		return k.end(r, o, nil)
	}
	return resource.Result{Done: !c.Asked, Again: soon, Message: "about to " + o.Spec.Action}, nil
}

// passing tells whether an error may be gone the next time.
func passing(err error) bool {
	switch resource.ReasonOf(err) {
	case resource.ReasonUnavailable, resource.ReasonInternal, resource.ReasonStale:
		return true
	}
	return false
}

// denied tells whether whoever a run is made for may not do it any more.
func denied(err error) bool {
	switch resource.ReasonOf(err) {
	case resource.ReasonForbidden, resource.ReasonUnauthenticated:
		return true
	}
	return false
}

// entitled is who somebody is now, when they still may what runs need.
func (k *Keeper) entitled(ctx context.Context, o *Object, by Party) (resource.Actor, error) {
	who, err := k.people.PrincipalOf(ctx, by.ID)
	if err == nil {
		err = k.may(ctx, who.Actor, o)
	}
	switch resource.ReasonOf(err) {
	case resource.ReasonForbidden:
		if shut, lost := k.suspended(ctx, o.Project); shut || lost != nil {
			return who.Actor, cmp.Or[error](lost, resource.Problemf(resource.ReasonConflict, kindName, "", "the project is suspended"))
		}
	case resource.ReasonNotFound: // the project is no more theirs to see
		err = resource.Problemf(resource.ReasonForbidden, kindName, "", "%s may not see the project any more", by.Name)
	case resource.ReasonUnauthenticated:
		err = resource.Problemf(resource.ReasonForbidden, kindName, "", "%s is nobody any more: disabled, deleted, or a token that has ended", by.Name)
	}
	return who.Actor, err
}

// suspended tells whether a project or a node above it is, which takes nobody's rights away for good.
func (k *Keeper) suspended(ctx context.Context, project string) (bool, error) {
	for id := project; id != ""; {
		n, err := k.people.Node(ctx, id)
		if err != nil || n.Suspended {
			return err == nil, err
		}
		id = n.ParentID
	}
	return false, nil
}

// end closes a run. One that was refused for want of rights stops the schedule, unless somebody else had asked for it.
func (k *Keeper) end(r *resource.Reconciliation, o *Object, cause error) (resource.Result, error) {
	c, now := o.Status.Current, k.now()
	run := Run{Number: c.Number, Due: c.Due, Ended: &now, By: c.By.Name, State: Done, Objects: len(c.Works)}
	for _, w := range c.Works {
		if w.State == Failed {
			run.State, run.Failed = Failed, run.Failed+1
			if run.Message == "" {
				run.Message = cut(w.Name + ": " + w.Message)
			}
		}
	}
	if cause != nil {
		run.State, run.Message = Failed, cut(cause.Error())
	} else if len(c.Works) == 0 {
		run.Message = "there is nothing that it selects"
	}
	text := fmt.Sprintf("run %d, %s of %d objects, is %s", run.Number, o.Spec.Action, run.Objects, run.State)
	if run.Message != "" {
		text += ": " + run.Message
	}
	r.Note("run", text)
	o.Status.record(run)
	o.Status.Current = nil
	if denied(cause) && !c.Asked {
		o.Status.State, o.Status.Next, o.Status.Stopped, o.Status.Message = Stopped, nil, &o.Spec.By.At, run.Message
		return resource.Result{}, k.halted(o)
	}
	o.Status.State = Waiting
	return resource.Result{Done: !c.Asked, Again: soon, Message: text}, nil
}

// halted is why nothing is due.
func (k *Keeper) halted(o *Object) error {
	return resource.Problemf(resource.ReasonForbidden, kindName, "have somebody who may do it take it over, with: plaza schedule enable "+o.Name, "it has stopped: %s", o.Status.Message)
}

func cut(text string) string {
	if runes := []rune(text); len(runes) > maxText {
		return string(runes[:maxText-1]) + "…"
	}
	return text
}
