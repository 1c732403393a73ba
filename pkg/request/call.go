package request

import (
	"context"
	"fmt"
	"time"

	"github.com/plazacloud/plaza/pkg/resource"
)

// followEvery is how often the operation of a call is looked at.
const followEvery = time.Second

// reconcile waits for a decision or the end of the term, has the call made, and follows it to its end.
func (d *Desk) reconcile(ctx context.Context, r *resource.Reconciliation, o *Object) (resource.Result, error) {
	dec := o.Spec.Decision
	switch {
	case o.Status.EndedAt != nil:
		return d.forget(ctx, r, o)
	case dec == nil && d.open(o):
		return resource.Result{Done: true, Again: d.until(*o.Spec.ExpiresAt)}, nil
	case dec == nil:
		r.Note("expire", "nobody decided in time")
		return d.end(o, Expired, "nobody decided in time")
	case dec.Verdict != Approved:
		return d.end(o, State(dec.Verdict), dec.Note)
	case o.Status.Operation == "":
		return d.call(ctx, r, o)
	}
	return d.follow(ctx, o)
}

func (d *Desk) end(o *Object, s State, message string) (resource.Result, error) {
	now := d.now()
	o.Status.State, o.Status.Message, o.Status.EndedAt = s, message, &now
	return resource.Result{Done: true, Again: keepEnded}, nil
}

// forget removes what ended long ago; the audit keeps it.
func (d *Desk) forget(ctx context.Context, r *resource.Reconciliation, o *Object) (resource.Result, error) {
	gone := o.Status.EndedAt.Add(keepEnded)
	if d.now().Before(gone) {
		return resource.Result{Done: true, Again: d.until(gone)}, nil
	}
	_, err := r.Remove(ctx, "request", o.ID)
	return resource.Result{Done: err == nil}, err
}

// call makes the call in the name of whoever asked, by the word of whoever approved: both must still be somebody, and
// may what they might. The request's id is its idempotency key, so that a crash between the call and this pass's end
// makes it once.
func (d *Desk) call(ctx context.Context, r *resource.Reconciliation, o *Object) (resource.Result, error) {
	requester, err := d.people.PrincipalOf(ctx, o.Spec.By.ID)
	if err != nil {
		return d.failed(r, o, err)
	}
	approver, err := d.people.PrincipalOf(ctx, o.Spec.Decision.By.ID)
	if err != nil {
		return d.failed(r, o, err)
	}
	base := resource.Request{Project: o.Project, ID: o.Spec.ObjectID, Actor: requester.Actor, IdempotencyKey: "request/" + o.ID, IdempotencyHash: o.ID,
		Warrant: &resource.Warrant{By: approver.Actor, Note: fmt.Sprintf("request %s (%s), approved by %s", o.Name, o.ID, approver.Actor.Name)}}
	_, a, err := d.calls.Perform(ctx, base, o.Spec.Method, o.Spec.Path, o.Spec.Body)
	switch {
	case o.Spec.Verb == "delete" && resource.ReasonOf(err) == resource.ReasonNotFound:
		return d.end(o, Done, "") // by an earlier pass, or by somebody else
	case err != nil:
		return d.failed(r, o, err)
	}
	ref := a.Object.Ref()
	o.Status.Object = &ref
	if a.Operation == nil {
		return d.end(o, Done, "")
	}
	o.Status.State, o.Status.Operation = Running, a.Operation.ID
	return d.follow(ctx, o)
}

// follow waits for the end of what the call began.
func (d *Desk) follow(ctx context.Context, o *Object) (resource.Result, error) {
	op, err := d.objects.View(resource.Everything).Operation(ctx, o.Status.Operation)
	switch {
	case err != nil:
		return resource.Result{}, err
	case op.State == resource.OperationSucceeded:
		return d.end(o, Done, "")
	case !op.Ended():
		o.Status.State, o.Status.Message = Running, ""
		return resource.Result{Again: followEvery, Progress: op.Progress, Message: op.Message}, nil
	}
	o.Status.State, o.Status.Message = Failed, op.Why()
	return resource.Result{}, final{resource.Problemf(resource.ReasonConflict, op.Kind, "see: plaza operation get "+op.ID, "%s of %s %s is %s: %s", op.Verb, op.Kind, op.ObjectName, op.State, o.Status.Message)}
}

// failed shows in the request why its call was not made. What passes by itself is tried again.
func (d *Desk) failed(r *resource.Reconciliation, o *Object, err error) (resource.Result, error) {
	switch resource.ReasonOf(err) {
	case resource.ReasonUnavailable, resource.ReasonInternal, resource.ReasonStale:
		return resource.Result{}, err
	}
	o.Status.State, o.Status.Message = Failed, err.Error()
	r.Note("call", "the call was refused: "+cut(err.Error()))
	return resource.Result{}, final{err}
}

// final is an error that trying again does not mend by itself; `operation retry` does try again.
type final struct{ error }

func (f final) Unwrap() error   { return f.error }
func (f final) Retryable() bool { return false }
