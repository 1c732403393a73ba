package runbook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/resource"
)

const (
	soon      = time.Millisecond
	lookEvery = time.Second
	waitEvery = time.Minute // a decision wakes it sooner
	// lateBy is how much longer than its limit a command may take to tell that it was stopped.
	lateBy = 10 * time.Second
)

// pass is one look at a run.
type pass struct {
	*Keeper
	r *resource.Reconciliation
	o *Run
}

// progress is what a try of an act has come to.
type progress struct {
	done    bool
	lost    bool // it is not known whether it was done
	message string
	again   time.Duration
}

func (p *pass) reconcile(ctx context.Context) (resource.Result, error) {
	st := &p.o.Status
	for st.Decided < len(p.o.Spec.Decisions) {
		d := p.o.Spec.Decisions[st.Decided]
		p.heed(ctx, d)
		st.Decided++
	}
	if p.o.Phase == resource.PhaseFailed && !st.ended() {
		p.halt(ctx)
		p.close(RunCancelled, "its operation was cancelled")
	}
	switch {
	case st.ended():
		return p.outcome()
	case st.State == RunUndoing:
		return p.undo(ctx)
	}
	return p.advance(ctx)
}

// close ends a run.
func (p *pass) close(s RunState, message string) {
	st, now := &p.o.Status, p.now()
	st.State, st.Message, st.EndedAt = s, message, &now
	p.r.Note("run."+string(s), message)
}

// outcome is that of the run's operation.
func (p *pass) outcome() (resource.Result, error) {
	st := &p.o.Status
	if st.State == RunDone {
		return resource.Result{Done: true}, nil
	}
	return resource.Result{}, final{resource.Problemf(resource.ReasonConflict, "run", "see why: plaza run get "+p.o.Name+" -o yaml; then: plaza run retry "+p.o.Name, "run %s is %s: %s", p.o.Name, st.State, st.Message)}
}

// final is an error that trying again does not mend by itself.
type final struct{ error }

func (f final) Unwrap() error   { return f.error }
func (f final) Retryable() bool { return false }

// advance goes on with the first step that is not settled. That a try begins is written before it does, so that a crash finds
// it begun.
func (p *pass) advance(ctx context.Context) (resource.Result, error) {
	st := &p.o.Status
	i := slices.IndexFunc(p.o.Spec.Steps, func(s Step) bool { return !p.settled(s) })
	if i < 0 {
		p.close(RunDone, "")
		return p.outcome()
	}
	step, s := p.o.Spec.Steps[i], &st.Steps[i]
	st.Step, st.State = step.Name, RunRunning
	switch s.State {
	case StepHeld:
		return p.wait(fmt.Sprintf("step %s is held: %s", step.Name, s.Work.Message))
	case StepPending, StepApproval, StepFailed, StepUndone:
		return p.begin(i)
	}
	got, err := p.try(ctx, step.Do, &s.Work, limit(step))
	switch {
	case err != nil:
		return p.failed(i, err)
	case got.lost && step.Do.repeatable() && p.now().Sub(*s.Work.StartedAt) < limit(step):
		return p.begin(i)
	case got.lost && step.Do.repeatable():
		return p.failed(i, resource.Problemf(resource.ReasonConflict, "run", "", "%s", got.message))
	case got.lost:
		s.State = StepHeld
		s.Work.Message = got.message + "; look at what was done, then: plaza run skip, or: plaza run retry"
		p.r.Note("step.held", "step "+step.Name+": "+got.message)
		return p.wait(fmt.Sprintf("step %s is held: %s", step.Name, s.Work.Message))
	case !got.done:
		return p.working(got)
	}
	now := p.now()
	s.State, s.Work.EndedAt, s.Work.Message, st.Message = StepDone, &now, got.message, ""
	p.r.Note("step.done", "step "+step.Name+by(s.ApprovedBy))
	return p.working(progress{again: soon, message: "done"})
}

func by(approver string) string {
	if approver == "" {
		return ""
	}
	return ", approved by " + approver
}

func limit(s Step) time.Duration {
	if s.TimeoutSeconds == 0 {
		return stepTime * time.Second
	}
	return time.Duration(s.TimeoutSeconds) * time.Second
}

// settled tells whether the run goes on after a step.
func (p *pass) settled(step Step) bool {
	i := slices.IndexFunc(p.o.Status.Steps, func(s StepStatus) bool { return s.Name == step.Name })
	switch p.o.Status.Steps[i].State {
	case StepDone, StepSkipped:
		return true
	case StepFailed:
		return step.OnFailure == Continue
	}
	return false
}

// wait is for people.
func (p *pass) wait(message string) (resource.Result, error) {
	p.o.Status.State, p.o.Status.Message = RunWaiting, message
	return resource.Result{Again: waitEvery, Progress: p.percent(), Message: message}, nil
}

func (p *pass) working(got progress) (resource.Result, error) {
	st := &p.o.Status
	st.Message = got.message
	if got.again == 0 {
		got.again = lookEvery
	}
	message := "step " + st.Step
	if got.message != "" {
		message += ": " + got.message
	}
	return resource.Result{Again: got.again, Progress: p.percent(), Message: message}, nil
}

func (p *pass) percent() int {
	settled := 0
	for _, s := range p.o.Spec.Steps {
		if p.settled(s) {
			settled++
		}
	}
	return 100 * settled / len(p.o.Spec.Steps)
}

// begin asks for the approval of a step, waits for its time, or writes that a try begins.
func (p *pass) begin(i int) (resource.Result, error) {
	step, s := p.o.Spec.Steps[i], &p.o.Status.Steps[i]
	if step.Approval != nil && s.ApprovedBy == "" {
		if s.State != StepApproval {
			p.r.Note("step.approval", "step "+step.Name+" waits for approval"+said(step.Approval.Question))
		}
		s.State = StepApproval
		return p.wait(fmt.Sprintf("step %s waits for somebody other than %s to approve it%s", step.Name, p.o.Spec.By.Name, said(step.Approval.Question)))
	}
	if t := s.Work.NotBefore; t != nil && p.now().Before(*t) {
		return p.working(progress{again: max(t.Sub(p.now()), soon), message: "it is tried again after: " + s.Work.Message})
	}
	s.State = StepRunning
	p.start(&s.Work, fmt.Sprintf("%d", i))
	p.r.Note("step.begin", fmt.Sprintf("step %s, try %d%s", step.Name, s.Work.Attempts, by(s.ApprovedBy)))
	return p.working(progress{again: soon})
}

// start notes a try. Its id differs from that of every other, also of those before somebody had steps done anew.
func (p *pass) start(w *Work, what string) {
	now := p.now()
	w.Attempts++
	w.Try = fmt.Sprintf("%s.%s.%d.%d", p.o.ID, what, p.o.Status.Decided, w.Attempts)
	w.StartedAt, w.EndedAt, w.NotBefore, w.Message, w.Output, w.Mark = &now, nil, nil, "", "", ""
	w.Items = slices.DeleteFunc(w.Items, func(i StepItem) bool { return i.State == itemFailed || i.State == itemLeft || i.State == itemOff })
}

// try goes on with a try of an act. What passes by itself is looked at again, within the try's time.
func (p *pass) try(ctx context.Context, a Act, w *Work, limit time.Duration) (progress, error) {
	left := limit - p.now().Sub(*w.StartedAt)
	late := time.Duration(0)
	if a.Command != nil || a.SSH != nil {
		late = lateBy
	}
	if left+late <= 0 {
		p.stop(ctx, a, w)
		return progress{}, resource.Problemf(resource.ReasonConflict, "run", "", "it took longer than %s%s", limit, said(w.Message))
	}
	got, err := p.do(ctx, a, w, max(left, time.Second))
	if err != nil && passes(err) {
		got, err = progress{again: 2 * lookEvery, message: "trying again: " + err.Error()}, nil
	}
	w.Output, got.message = p.mask(ctx, w.Output), p.mask(ctx, got.message)
	w.Message = got.message
	return got, err
}

// passes tells whether looking again may help.
func passes(err error) bool {
	if f := (*bus.Fault)(nil); errors.As(err, &f) {
		return f.Reason == bus.ReasonUnavailable || f.Reason == bus.ReasonTimeout
	}
	switch resource.ReasonOf(err) {
	case resource.ReasonUnavailable, resource.ReasonInternal, resource.ReasonStale:
		return true
	}
	return false
}

// failed tries a step again, or does what its failure asks for.
func (p *pass) failed(i int, err error) (resource.Result, error) {
	step, s, st := p.o.Spec.Steps[i], &p.o.Status.Steps[i], &p.o.Status
	now := p.now()
	s.Work.EndedAt, s.Work.Message = &now, cut(err.Error())
	if r := step.Retry; r != nil && s.Work.Attempts <= r.Times {
		next := now.Add(backoff(*r, s.Work.Attempts))
		s.State, s.Work.NotBefore = StepPending, &next
		return p.working(progress{again: next.Sub(now), message: "it is tried again after: " + s.Work.Message})
	}
	s.State = StepFailed
	why := fmt.Sprintf("step %s failed: %s", step.Name, s.Work.Message)
	p.r.Note("step.failed", why)
	switch step.OnFailure {
	case Continue:
		return p.working(progress{again: soon, message: why})
	case Compensate:
		st.State, st.Failure = RunUndoing, why
		return p.working(progress{again: soon, message: why})
	}
	p.close(RunFailed, why)
	return p.outcome()
}

func backoff(r Retry, attempt int) time.Duration {
	d := time.Duration(max(r.BackoffSeconds, 1)) * time.Second
	if r.BackoffSeconds == 0 {
		d = 5 * time.Second
	}
	return min(d<<min(attempt-1, 12), time.Hour)
}

func cut(text string) string {
	if r := []rune(text); len(r) > maxText {
		return string(r[:maxText])
	}
	return text
}
