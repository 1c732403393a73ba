package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/resource"
)

const (
	// together is how many objects one pass begins work on, so that it ends in time.
	together = 20
	// longestWork is how long a run waits for an operation that does not end.
	longestWork = 24 * time.Hour
)

// works lists what a run is about.
func (k *Keeper) works(ctx context.Context, actor resource.Actor, o *Object) ([]Work, error) {
	view := k.objects.View(actor.Scope)
	if o.Spec.Object != "" {
		raw, err := view.Get(ctx, o.Spec.Kind, o.Project, o.Spec.Object)
		return []Work{{ID: raw.ID, Name: raw.Name, State: Waiting}}, err
	}
	page, err := view.List(ctx, resource.Query{Kind: o.Spec.Kind, Project: o.Project, Labels: o.Spec.Selector, Limit: maxWorks + 1})
	if err != nil {
		return nil, err
	}
	if len(page.Items) > maxWorks {
		return nil, resource.Invalid(kindName, "spec.selector", nil, "selects more than %d objects; make several schedules", maxWorks)
	}
	var out []Work
	for _, raw := range page.Items {
		if raw.DeletingAt == nil {
			out = append(out, Work{ID: raw.ID, Name: raw.Name, State: Waiting})
		}
	}
	return out, nil
}

// goOn does what a run has not done yet, and looks how the rest is.
func (k *Keeper) goOn(ctx context.Context, r *resource.Reconciliation, o *Object) (resource.Result, error) {
	c := o.Status.Current
	actor, err := k.entitled(ctx, o, c.By)
	if passing(err) {
		return resource.Result{}, err
	}
	if err != nil {
		return k.end(r, o, err)
	}
	begun, open := 0, 0
	for i := range c.Works {
		w := &c.Works[i]
		switch {
		case w.State == Waiting && begun < together:
			begun++
			err = k.start(ctx, actor, o, w)
		case w.State == Running:
			err = k.follow(ctx, o, w)
		}
		if err != nil {
			return resource.Result{}, err
		}
		if w.State == Waiting || w.State == Running {
			open++
		}
	}
	if open == 0 {
		k.prune(ctx, r, actor, o)
		return k.end(r, o, nil)
	}
	again := followEvery
	if begun == together {
		again = soon
	}
	return resource.Result{Done: !c.Asked, Again: again, Progress: 100 * (len(c.Works) - open) / len(c.Works), Message: fmt.Sprintf("%d of %d are done", len(c.Works)-open, len(c.Works))}, nil
}

// start begins the work on an object. The run's number and the object are its idempotency key: a crash between the call and
// this pass's end makes it once.
func (k *Keeper) start(ctx context.Context, actor resource.Actor, o *Object, w *Work) error {
	c := o.Status.Current
	key := fmt.Sprintf("%s/%s/%d/%s", kindName, o.ID, c.Number, w.ID)
	base := resource.Request{Actor: actor, IdempotencyKey: key, IdempotencyHash: key}
	made, a, err := k.perform(ctx, o, base, *w, c.Due)
	switch {
	case passing(err):
		return err
	case err != nil:
		w.State, w.Message = Failed, cut(err.Error())
		return nil
	}
	if made != nil {
		if makers[o.Spec.Kind+" "+o.Spec.Action].kind != "" {
			made.ID = a.Object.ID
		}
		w.Made = made
		if o.Status.Kept = append(o.Status.Kept, *made); len(o.Status.Kept) > maxKept {
			o.Status.Kept = slices.Delete(o.Status.Kept, 0, len(o.Status.Kept)-maxKept)
		}
	}
	if a.Operation == nil {
		w.State = Done
		return nil
	}
	w.State, w.Operation = Running, a.Operation.ID
	return k.follow(ctx, o, w)
}

// perform makes the call for an object, and tells what it makes.
func (k *Keeper) perform(ctx context.Context, o *Object, base resource.Request, w Work, due time.Time) (*Made, resource.Applied, error) {
	m, makes := makers[o.Spec.Kind+" "+o.Spec.Action]
	name := nameOf(o.Name, w.Name, due, m.kind != "")
	method, path, body := k.call(o, w, name)
	base.Project, base.ID = o.Project, w.ID
	input := o.Spec.Input
	if makes {
		var err error
		if input, err = json.Marshal(body); err != nil {
			return nil, resource.Applied{}, err
		}
		if m.kind != "" {
			base.ID = ""
		}
	}
	_, a, err := k.calls.Perform(ctx, base, method, path, input)
	if !makes || err != nil {
		return nil, a, err
	}
	return &Made{Of: w.ID, Name: name, At: due}, a, nil
}

// nameOf is the name of what a run makes of an object: by which schedule, of what where others are beside it, and when.
func nameOf(schedule, object string, due time.Time, beside bool) string {
	at := due.UTC().Format("20060102-150405")
	if !beside {
		return short(schedule, 24) + "-" + at
	}
	return short(schedule, 20) + "-" + short(object, 26) + "-" + at
}

// short keeps the beginning of a name, with a letter or digit at its end, and no dots.
func short(name string, n int) string {
	name = strings.ReplaceAll(name, ".", "-")
	return strings.TrimRight(name[:min(len(name), n)], "-")
}

// follow looks at the operation that the work on an object is.
func (k *Keeper) follow(ctx context.Context, o *Object, w *Work) error {
	op, err := k.objects.View(resource.Everything).Operation(ctx, w.Operation)
	switch {
	case resource.ReasonOf(err) == resource.ReasonNotFound:
		w.State, w.Message = Failed, "its operation is gone"
	case err != nil:
		return err
	case op.State == resource.OperationSucceeded:
		w.State = Done
	case op.Ended():
		w.State, w.Message = Failed, cut(fmt.Sprintf("%s is %s: %s", op.Verb, op.State, op.Why()))
	case k.now().Sub(o.Status.Current.Began) > longestWork:
		w.State, w.Message = Failed, cut("it is not done after a day: "+op.Why())
	}
	return nil
}

// prune removes what need not stay of the objects whose work is done. What can not be removed now is removed the next time.
func (k *Keeper) prune(ctx context.Context, r *resource.Reconciliation, actor resource.Actor, o *Object) {
	m, makes := makers[o.Spec.Kind+" "+o.Spec.Action]
	if !makes || o.Spec.Keep == nil {
		return
	}
	p, err := o.Spec.plan(o.ID, o.Spec.By.At)
	if err != nil {
		return // refused at admission
	}
	for _, w := range o.Status.Current.Works {
		switch {
		case w.State != Done || w.Made == nil: // never fewer good ones because the newest failed
		case m.kind != "":
			k.pruneBeside(ctx, r, actor, o, m.kind, w.ID, p.zone)
		default:
			k.pruneWithin(ctx, r, actor, o, w.ID, p.zone)
		}
	}
}

// pruneBeside removes objects. Those that others removed are forgotten, and those that failed count for nothing.
func (k *Keeper) pruneBeside(ctx context.Context, r *resource.Reconciliation, actor resource.Actor, o *Object, kind, of string, zone *time.Location) {
	var good []Made
	var gone []Made
	for _, made := range o.Status.Kept {
		if made.Of != of {
			continue
		}
		raw, err := k.objects.View(resource.Everything).Get(ctx, kind, o.Project, made.ID)
		switch {
		case resource.ReasonOf(err) == resource.ReasonNotFound:
			o.Status.forget(made)
		case err != nil: // the next run looks again
		case raw.Phase == resource.PhaseFailed:
			gone = append(gone, made)
		default:
			good = append(good, made)
		}
	}
	for _, made := range append(gone, o.Spec.Keep.surplus(good, of, zone)...) {
		_, err := k.objects.Delete(ctx, resource.Request{Kind: kind, Project: o.Project, ID: made.ID, Actor: actor})
		if err != nil && resource.ReasonOf(err) != resource.ReasonNotFound {
			r.Note("keep", cut(kind+" "+made.Name+" can not be removed: "+err.Error()))
			continue
		}
		o.Status.forget(made)
	}
}

// pruneWithin takes snapshots out of a server's list, unless that has changed meanwhile.
func (k *Keeper) pruneWithin(ctx context.Context, r *resource.Reconciliation, actor resource.Actor, o *Object, id string, zone *time.Location) {
	raw, err := k.objects.View(actor.Scope).Get(ctx, o.Spec.Kind, o.Project, id)
	if err != nil {
		return
	}
	have := resource.Lookup(raw, "spec.snapshots")
	for _, made := range slices.Clone(o.Status.Kept) {
		if made.Of == id && !slices.Contains(have, made.Name) {
			o.Status.forget(made)
		}
	}
	spare := o.Spec.Keep.surplus(o.Status.Kept, id, zone)
	if len(spare) == 0 {
		return
	}
	rest := slices.DeleteFunc(slices.Clone(have), func(name string) bool {
		return slices.ContainsFunc(spare, func(m Made) bool { return m.Name == name })
	})
	spec, err := json.Marshal(map[string][]string{"snapshots": rest})
	if err == nil {
		_, err = k.objects.Apply(ctx, resource.Request{Kind: o.Spec.Kind, Project: o.Project, ID: id, Version: raw.Version, Mode: resource.UpdateOnly, Partial: true, Spec: spec, Actor: actor})
	}
	if err != nil {
		r.Note("keep", cut("snapshots of "+raw.Name+" can not be removed: "+err.Error()))
		return
	}
	for _, made := range spare {
		o.Status.forget(made)
	}
}

func (s *Status) forget(m Made) {
	s.Kept = slices.DeleteFunc(s.Kept, func(have Made) bool { return have == m })
}
