package runbook

import (
	"context"
	"fmt"

	"github.com/plazacloud/plaza/pkg/resource"
)

// maxUndo is how often an undo is begun of which nobody knows whether it was done.
const maxUndo = 3

// undo goes back over the steps that changed something. What can not be undone is told and left.
func (p *pass) undo(ctx context.Context) (resource.Result, error) {
	st := &p.o.Status
	for i := len(st.Steps) - 1; i >= 0; i-- {
		step, s := p.o.Spec.Steps[i], &st.Steps[i]
		if step.Undo == nil || !s.Work.Changed || s.Undo != nil && s.Undo.EndedAt != nil {
			continue
		}
		st.Step = step.Name
		if s.Undo == nil {
			s.Undo = &Work{}
			p.start(s.Undo, fmt.Sprintf("%du", i))
			return p.undoing(progress{again: soon})
		}
		got, err := p.try(ctx, *step.Undo, s.Undo, limit(step))
		switch {
		case err == nil && got.lost && s.Undo.Attempts < maxUndo:
			p.start(s.Undo, fmt.Sprintf("%du", i))
			return p.undoing(progress{again: soon})
		case err == nil && got.lost:
			err = resource.Problemf(resource.ReasonConflict, "run", "", "%s", got.message)
		case err == nil && !got.done:
			return p.undoing(got)
		}
		now := p.now()
		s.Undo.EndedAt = &now
		if err != nil {
			s.Undo.Message = cut(err.Error())
			p.r.Note("step.undo", "step "+step.Name+" can not be undone: "+s.Undo.Message)
			continue
		}
		s.State, s.Work.Changed = StepUndone, false
		p.r.Note("step.undo", "step "+step.Name+" is undone")
	}
	p.close(RunFailed, p.why())
	return p.outcome()
}

func (p *pass) undoing(got progress) (resource.Result, error) {
	res, err := p.working(got)
	p.o.Status.Message, res.Message = "undoing: "+got.message, "undoing "+res.Message
	return res, err
}

// why tells what failed, and what became of the rest.
func (p *pass) why() string {
	st := &p.o.Status
	for _, s := range st.Steps {
		if s.Undo != nil && s.State != StepUndone {
			return st.Failure + "; step " + s.Name + " can not be undone: " + s.Undo.Message
		}
	}
	return st.Failure + "; what was done before is undone"
}
