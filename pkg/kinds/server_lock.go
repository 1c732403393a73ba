package kinds

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/plazacloud/plaza/pkg/resource"
)

// LockSpec says who locked a server against changes, when and why.
type LockSpec struct {
	By     string `json:"by" doc:"Who locked it"`
	At     string `json:"at" doc:"When"`
	Reason string `json:"reason,omitempty" doc:"Why"`
}

// LockInput is what lock takes.
type LockInput struct {
	Reason string `json:"reason,omitempty" maxLength:"255" doc:"Shown to whoever is refused"`
}

// Refuse is what a change of a locked server is answered; nil when it is not locked.
func (l *LockSpec) Refuse(o *Server) error {
	if l == nil {
		return nil
	}
	why := ""
	if l.Reason != "" {
		why = ": " + l.Reason
	}
	return resource.Problemf(resource.ReasonLocked, "server", "unlock it first with: plaza server unlock "+o.Name, "server %s was locked by %s at %s%s", o.Name, l.By, l.At, why)
}

func lock(_ context.Context, a *resource.Admission, o *Server, input any) error {
	if o.Spec.Locked != nil {
		return o.Spec.Locked.Refuse(o)
	}
	o.Spec.Locked = &LockSpec{By: a.Actor.Name, At: now(), Reason: input.(*LockInput).Reason}
	return nil
}

func unlock(_ context.Context, _ *resource.Admission, o *Server, _ any) error {
	o.Spec.Locked = nil
	return nil
}

// guardSteps lets actions alone ask for what is done in steps, whoever replaces a spec need not repeat it, and refuses what
// the present step does not allow.
func guardSteps(a *resource.Admission, old, o *Server) error {
	if _, action := serverActions()[a.Verb]; !action && (a.Verb != verbRestore || !a.Actor.System) {
		was := ServerSpec{}
		if old != nil {
			was = old.Spec
		}
		if old != nil {
			o.Spec.Backup = was.Backup
		}
		o.Spec.RestartedAt, o.Spec.Revert, o.Spec.Rebuild, o.Spec.Rescue = was.RestartedAt, was.Revert, was.Rebuild, was.Rescue
		o.Spec.Resize, o.Spec.Migrate, o.Spec.Locked = was.Resize, was.Migrate, was.Locked
	}
	if old == nil {
		return refuseRest(o)
	}
	if o.Spec.Locked != nil && old.Spec.Locked != nil {
		was, err1 := json.Marshal(old.Spec)
		is, err2 := json.Marshal(o.Spec)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		if !bytes.Equal(was, is) {
			return o.Spec.Locked.Refuse(o)
		}
	}
	return refuseStep(old, o)
}
