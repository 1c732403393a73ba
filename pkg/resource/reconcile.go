package resource

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// passTime bounds one call of a kind's Reconcile, which may wait for a backend; a lease outlives it.
	passTime = 40 * time.Second
	leaseTTL = 50 * time.Second
	// heedEvery is how often a pass that takes long looks whether its object is to be deleted, for which it ends.
	heedEvery = 2 * time.Second

	quickest = 100 * time.Millisecond
	slowest  = 15 * time.Second
)

// Again asks the queue to run the job again after a while; zero means that it is done.
type Again = time.Duration

// ErrBusy tells that another pass is at the object, so that this one was not made.
var ErrBusy = errors.New("another pass is at it")

// Reconcile makes one pass over an object in the name of node, and tells when to look again; also with ErrBusy. It is
// safe to call for objects that are gone or settled.
func (s *Store) Reconcile(ctx context.Context, node string, job Job) (Again, error) {
	def, err := s.registry.Kind(job.Kind)
	if err != nil {
		return 0, err
	}
	// A lease can end early when the clock jumps; two passes in one process can still not meet.
	if _, busy := s.passes.LoadOrStore(job.ID, true); busy {
		return quickest, ErrBusy
	}
	defer s.passes.Delete(job.ID)
	holder := node + "/" + NewID()
	o, ok, err := s.lease(ctx, def.Name, job.ID, holder, leaseTTL)
	switch {
	case ReasonOf(err) == ReasonNotFound:
		return 0, nil
	case err != nil:
		return 0, err
	case !ok:
		return quickest, ErrBusy
	}
	out := &outcome{def: def, holder: holder, before: o, after: o}
	out.after.Conditions = append([]Condition(nil), o.Conditions...)
	out.after.Finalizers = append([]string(nil), o.Finalizers...)
	if o.Phase == PhaseFailed && job.Cause == "" {
		return 0, s.release(ctx, out)
	}
	if o.DeletingAt != nil {
		return s.passDelete(ctx, out, job)
	}
	return s.pass(ctx, out, job)
}

func (s *Store) pass(ctx context.Context, out *outcome, job Job) (Again, error) {
	s.call(ctx, out, job, out.def.reconcile)
	if err := s.observe(ctx, out); err != nil {
		return 0, errors.Join(err, s.release(ctx, out))
	}
	if out.final {
		return 0, nil
	}
	if out.problem == nil && out.result.Done {
		return out.result.Again, nil
	}
	return s.pace(out), nil
}

func (s *Store) passDelete(ctx context.Context, out *outcome, job Job) (Again, error) {
	s.call(ctx, out, job, out.def.retire)
	if out.problem == nil && out.result.Done {
		s.passRemove(ctx, out, job)
	}
	if out.problem == nil && out.result.Done && len(out.after.Finalizers) == 0 {
		if err := s.gone(ctx, out); err != nil {
			return 0, errors.Join(err, s.release(ctx, out))
		}
		return 0, nil
	}
	// A deletion is never given up: whatever stands in its way is shown, and tried again.
	out.final = false
	if err := s.observe(ctx, out); err != nil {
		return 0, errors.Join(err, s.release(ctx, out))
	}
	return s.pace(out), nil
}

// passRemove removes what the object made, and then what its kind made for it elsewhere.
func (s *Store) passRemove(ctx context.Context, out *outcome, job Job) {
	left, err := s.removeOwned(ctx, out.before)
	switch {
	case err != nil:
		out.problem = problemOf(err)
	case left > 0:
		out.result = Result{Message: fmt.Sprintf("waiting for %d objects that belong to it", left), Again: 2 * quickest}
	default:
		s.call(ctx, out, job, out.def.remove)
	}
}

// removeOwned asks for the deletion of everything the object made, and counts what is not gone yet.
func (s *Store) removeOwned(ctx context.Context, owner Raw) (int, error) {
	var rows []row
	if err := s.db.Read.NewSelect().Model(&rows).Where("owner_id = ?", owner.ID).Scan(ctx); err != nil {
		return 0, err
	}
	var left atomic.Int64
	blocked := make([]error, len(rows))
	var all errgroup.Group // together, as they are committed together
	all.SetLimit(16)
	for i, r := range rows {
		all.Go(func() error {
			if r.DeletingAt != nil {
				left.Add(1)
				return nil
			}
			a, err := s.Delete(ctx, Request{Kind: r.Kind, ID: r.ID, Actor: System("owner " + owner.Kind + "/" + owner.Name)})
			switch {
			case err == nil && a.Operation == nil || ReasonOf(err) == ReasonNotFound: // gone already
				return nil
			case err != nil && ReasonOf(err) != ReasonInUse && ReasonOf(err) != ReasonStale: // what another one uses can go once that is gone
				blocked[i] = err
			}
			left.Add(1)
			return nil
		})
	}
	_ = all.Wait() // each keeps its own error
	return int(left.Load()), errors.Join(blocked...)
}

// call runs a kind's own function within bounds of time, and turns a panic into a failure of this one object.
func (s *Store) call(ctx context.Context, out *outcome, job Job, f func(context.Context, *Reconciliation, *Raw) (Result, error)) {
	ctx, cancel := context.WithTimeout(ctx, passTime)
	defer cancel()
	m := out.before.Meta
	ctx, heeded := s.heedDeletion(ctx, m)
	defer heeded()
	r := &Reconciliation{Reader: s.reader(), Writer: systemWriter{s, m}, Claims: claims{s, out.def, out.before}, Cause: job.Cause, Touch: out.touch, Pool: s.PoolUsage, Ceilings: s.ceilings, Around: Surroundings{s}, Subscribers: s.reader().Subscribers, Note: func(verb, note string) {
		out.notes = append(out.notes, s.audit(System("reconciler"), verb, m, "", nil, nil, note))
	}}
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("reconciler panicked", "kind", m.Kind, "id", m.ID, "panic", p, "stack", string(debug.Stack()))
			out.problem = Problemf(ReasonInternal, m.Kind, "see the log of plazad", "the reconciler of %s failed: %v", m.Kind, p)
		}
	}()
	res, err := f(ctx, r, &out.after)
	out.result = res
	if err == nil {
		return
	}
	if errors.Is(context.Cause(ctx), errDeleting) {
		out.result = Result{Again: quickest, Progress: res.Progress, Message: errDeleting.Error()}
		return
	}
	if p := (*Problem)(nil); errors.As(err, &p) && p.UnderWay {
		out.result = Result{Again: quickest, Progress: max(res.Progress, halfway), Message: p.Detail}
		return
	}
	out.problem = problemOf(err)
	out.final = !retryable(err)
}

var errDeleting = errors.New("it is to be deleted")

// heedDeletion ends a pass that waits for what nobody wants any more. What it returns ends the heeding.
func (s *Store) heedDeletion(ctx context.Context, m Meta) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	if m.DeletingAt != nil {
		return ctx, func() { cancel(nil) }
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(heedEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			// What can not be read now is read the next time.
			if there, err := s.db.Read.NewSelect().Table("objects").Where("id = ? AND deleting_at IS NOT NULL", m.ID).Exists(ctx); err == nil && there {
				cancel(errDeleting)
			}
		}
	}()
	return ctx, func() { cancel(nil); <-done }
}

// halfway is the progress of what a backend is at.
const halfway = 50

// retryable tells whether trying again may help; an error that does not say is taken for a passing one.
func retryable(err error) bool {
	var r interface{ Retryable() bool }
	return !errors.As(err, &r) || r.Retryable()
}

// Retryable tells whether the same request may succeed later without any change to it.
func (p *Problem) Retryable() bool {
	switch p.Reason {
	case ReasonUnavailable, ReasonInternal, ReasonNoCandidate, ReasonStorageFull, ReasonQuotaExceeded, ReasonStale, ReasonConflict, ReasonInUse:
		return true
	}
	return false
}

func problemOf(err error) *Problem {
	if p := (*Problem)(nil); errors.As(err, &p) {
		return p
	}
	return &Problem{Reason: ReasonInternal, Detail: err.Error(), Err: err}
}

// pace decides when to look again: as the reconciler asked, else the later the longer it has been going wrong.
func (s *Store) pace(out *outcome) Again {
	if out.problem == nil {
		if out.result.Again > 0 {
			return out.result.Again
		}
		return 5 * quickest
	}
	since := time.Since(out.after.Condition("Ready").Since)
	return min(max(since/4, 2*quickest), slowest)
}

// systemWriter changes objects for a reconciler; what it makes belongs to the reconciled object.
type systemWriter struct {
	store *Store
	owner Meta
}

func (w systemWriter) Apply(ctx context.Context, r Request) (Applied, error) {
	ref := w.owner.Ref()
	r.Actor = System(w.owner.Kind + "/" + w.owner.Name)
	r.Owner = &Ref{Kind: ref.Kind, ID: ref.ID}
	return w.store.Apply(ctx, r)
}

func (w systemWriter) Leave(ctx context.Context, key string, r Request) (Applied, error) {
	r.Actor = System(w.owner.Kind + "/" + w.owner.Name)
	r.IdempotencyKey = w.owner.ID + "/" + key
	r.IdempotencyHash = r.IdempotencyKey
	return w.store.Apply(ctx, r)
}

func (w systemWriter) Remove(ctx context.Context, kind, id string) (Applied, error) {
	return w.store.Delete(ctx, Request{Kind: kind, ID: id, Actor: System(w.owner.Kind + "/" + w.owner.Name)})
}

// Touch asks for a look at an object because a backend reported something.
func (s *Store) Touch(ctx context.Context, kind, id, cause string) error {
	if err := s.touch(ctx, Job{Kind: kind, ID: id, Cause: cause}); err != nil {
		return err
	}
	s.jobs.Wake()
	return nil
}
