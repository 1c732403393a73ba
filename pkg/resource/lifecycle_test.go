package resource_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/operation/operationtest"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

type box = operationtest.BoxObject

func ready(t *testing.T, p *operationtest.Plant, id string) resource.Condition {
	t.Helper()
	o := p.Object(t, "box", id)
	return o.Condition("Ready")
}

// answer makes every pass end so.
func answer(res resource.Result, err error) func(*box) (resource.Result, error, bool) {
	return func(*box) (resource.Result, error, bool) { return res, err, true }
}

func TestDeleteInUse(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		s := p.Must(t, resource.Request{Kind: "shelf", Name: "s1", Actor: operationtest.Admin})
		require.Nil(t, s.Operation)
		require.Equal(t, resource.PhaseReady, s.Object.Phase)
		r := operationtest.Box("one", 1)
		r.Spec = operationtest.Spec(`{"size":1,"shelf":"s1"}`)
		a := p.Must(t, r)
		_, err := p.Delete(t.Context(), resource.Request{Kind: "shelf", ID: "s1", Actor: operationtest.Admin})
		require.Contains(t, reason(t, resource.ReasonInUse, err).Detail, "box one")
		p.Drop(t, "box", a.Object.ID)
		require.Zero(t, p.Pass(t, "box", a.Object.ID))
		require.Nil(t, p.Drop(t, "shelf", s.Object.ID), "what has no backend is gone at once")
		_, err = p.Delete(t.Context(), resource.Request{Kind: "shelf", ID: "s1", Actor: operationtest.Admin})
		reason(t, resource.ReasonNotFound, err)
	})
}

func TestDeletionIsNeverGivenUp(t *testing.T) {
	each(t, func(t *testing.T, p *operationtest.Plant) {
		a := p.Must(t, operationtest.Box("one", 2))
		p.Wait(t, a.Operation)
		p.OnDelete(answer(resource.Result{}, resource.Invalid("box", "x", nil, "final by nature")))
		first := p.Drop(t, "box", a.Object.ID)
		second := p.Drop(t, "box", a.Object.ID)
		require.Equal(t, first.ID, second.ID, "deleting twice is one operation")
		_, err := p.Apply(t.Context(), operationtest.Box("one", 3))
		reason(t, resource.ReasonConflict, err)
		require.Eventually(t, func() bool {
			op, err := p.View.Operation(t.Context(), first.ID)
			return err == nil && op.Attempts > 1 && strings.Contains(op.Message, "trying again")
		}, 20*wait, tick)
		_, err = p.Cancel(t.Context(), operationtest.Admin, first.ID)
		reason(t, resource.ReasonConflict, err)
		require.Equal(t, resource.PhaseDeleting, p.Object(t, "box", a.Object.ID).Phase)
		p.OnDelete(nil)
		require.Equal(t, resource.OperationSucceeded, p.Wait(t, first).State)
		require.Empty(t, p.Boxes())
		_, err = p.Retry(t.Context(), operationtest.Admin, a.Operation.ID)
		require.Contains(t, []resource.Reason{resource.ReasonConflict, resource.ReasonNotFound}, resource.ReasonOf(err))
	})
}

func TestFinalizersHoldAnObject(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		a := p.Must(t, operationtest.Box("one", 1))
		p.OnReconcile(func(o *box) (resource.Result, error, bool) {
			o.Finalizers = []string{"billing"}
			return resource.Result{}, nil, false
		})
		p.Pass(t, "box", a.Object.ID)
		require.Equal(t, []string{"billing"}, p.Object(t, "box", a.Object.ID).Finalizers)
		op := p.Drop(t, "box", a.Object.ID)
		require.Positive(t, p.Pass(t, "box", a.Object.ID))
		require.Equal(t, resource.PhaseDeleting, p.Object(t, "box", a.Object.ID).Phase)
		p.OnDelete(func(o *box) (resource.Result, error, bool) {
			o.Finalizers = nil
			return resource.Result{}, nil, false
		})
		require.Zero(t, p.Pass(t, "box", a.Object.ID))
		require.Equal(t, resource.OperationSucceeded, p.Wait(t, op).State)
	})
}

func TestOwner(t *testing.T) {
	each(t, func(t *testing.T, p *operationtest.Plant) {
		crate := func(n int) resource.Request {
			return resource.Request{Kind: "crate", Project: "p", Name: "c", Actor: operationtest.Admin, Spec: operationtest.Spec(`{"boxes":%d}`, n)}
		}
		began := time.Now()
		a := p.Must(t, crate(3))
		require.Equal(t, resource.OperationSucceeded, p.Wait(t, a.Operation).State)
		require.Less(t, time.Since(began), 30*time.Second, "boxes that are ready wake their crate")
		require.Len(t, names(t, p.View, resource.Query{Kind: "box", Fields: map[string]string{"owner": a.Object.ID}}), 3)
		o, err := p.View.Get(t.Context(), "box", "p", "c-0")
		require.NoError(t, err)
		require.Equal(t, a.Object.ID, o.Owner.ID)

		p.Must(t, operationtest.Box("c-3", 1))
		b := p.Must(t, crate(4))
		require.Equal(t, resource.OperationFailed, p.Wait(t, b.Operation).State, "a box of someone else is not taken over")
		d := p.Drop(t, "crate", a.Object.ID)
		require.Equal(t, resource.OperationSucceeded, p.Wait(t, d).State)
		require.Equal(t, []string{"c-3"}, names(t, p.View, resource.Query{Kind: "box"}), "what it made goes with it")
		require.Len(t, p.Boxes(), 1)
		consistent(t, p)
	})
}

func TestConditions(t *testing.T) {
	var m resource.Meta
	require.Equal(t, resource.Unknown, m.Condition("Ready").Status)
	require.True(t, m.SetCondition(resource.Condition{Type: "Ready", Status: resource.False, Reason: "Working"}))
	since := m.Condition("Ready").Since
	require.False(t, since.IsZero())
	later := since.Add(time.Hour)
	require.True(t, m.SetCondition(resource.Condition{Type: "Ready", Status: resource.False, Reason: "Other", Since: later}))
	require.Equal(t, since, m.Condition("Ready").Since, "only a change of status moves it")
	require.False(t, m.SetCondition(resource.Condition{Type: "Ready", Status: resource.False, Reason: "Other"}))
	require.True(t, m.SetCondition(resource.Condition{Type: "Ready", Status: resource.True, Reason: "AsDesired", Since: later}))
	require.Equal(t, later, m.Condition("Ready").Since)
	require.True(t, m.SetCondition(resource.Condition{Type: "Other", Status: resource.True}))
	require.Len(t, m.Conditions, 2)

	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		a := p.Must(t, operationtest.Box("one", 1))
		p.OnReconcile(answer(resource.Result{Message: "carrying"}, nil))
		p.Pass(t, "box", a.Object.ID)
		one := p.Object(t, "box", a.Object.ID)
		p.OnReconcile(answer(resource.Result{Message: "still carrying"}, nil))
		p.Pass(t, "box", a.Object.ID)
		two := p.Object(t, "box", a.Object.ID)
		require.Equal(t, one.Condition("Ready").Since, two.Condition("Ready").Since)
		require.Equal(t, "still carrying", two.Condition("Ready").Message)
		p.Pass(t, "box", a.Object.ID)
		require.Equal(t, two, p.Object(t, "box", a.Object.ID), "a pass that sees nothing new writes nothing")
		p.OnReconcile(nil)
		p.Pass(t, "box", a.Object.ID)
		require.Equal(t, resource.True, ready(t, p, a.Object.ID).Status)
	})
}

func TestPanickingReconciler(t *testing.T) {
	each(t, func(t *testing.T, p *operationtest.Plant) {
		p.OnReconcile(func(o *box) (resource.Result, error, bool) {
			if o.Name == "bad" {
				panic("boom")
			}
			return resource.Result{}, nil, false
		})
		bad := p.Must(t, operationtest.Box("bad", 1))
		good := p.Must(t, operationtest.Box("good", 1))
		require.Equal(t, resource.OperationSucceeded, p.Wait(t, good.Operation).State)
		require.Eventually(t, func() bool {
			op, err := p.View.Operation(t.Context(), bad.Operation.ID)
			return err == nil && op.Attempts > 1 && strings.Contains(string(op.Problem), "boom")
		}, 20*wait, tick)
		require.Contains(t, ready(t, p, bad.Object.ID).Message, "boom")
		p.OnReconcile(nil)
		require.Equal(t, resource.OperationSucceeded, p.Wait(t, bad.Operation).State)
	})
}

func TestErrorsThatPassAndErrorsThatStay(t *testing.T) {
	each(t, func(t *testing.T, p *operationtest.Plant) {
		p.OnReconcile(answer(resource.Result{}, errors.New("dial: refused")))
		a := p.Must(t, operationtest.Box("one", 1))
		require.Eventually(t, func() bool {
			op, _ := p.View.Operation(t.Context(), a.Operation.ID)
			return op.State == resource.OperationRunning && op.Attempts > 1
		}, 20*wait, tick)
		require.Equal(t, resource.PhaseWorking, p.Object(t, "box", a.Object.ID).Phase)
		p.OnReconcile(answer(resource.Result{}, &resource.Problem{Reason: resource.ReasonInvalid, Detail: "no such bay"}))
		op := p.Wait(t, a.Operation)
		require.Equal(t, resource.OperationFailed, op.State)
		require.Equal(t, "no such bay", op.Message)
		require.Contains(t, string(op.Problem), "Invalid")
		o := p.Object(t, "box", a.Object.ID)
		require.Equal(t, resource.PhaseFailed, o.Phase)
		require.Equal(t, "Invalid", o.Condition("Ready").Reason)

		p.OnReconcile(nil)
		time.Sleep(300 * time.Millisecond)
		require.Zero(t, p.Passes(a.Object.ID), "it has been given up")
		_, err := p.Cancel(t.Context(), operationtest.Admin, op.ID)
		reason(t, resource.ReasonConflict, err)
		again, err := p.Retry(t.Context(), operationtest.Admin, op.ID)
		require.NoError(t, err)
		require.Equal(t, resource.OperationSucceeded, p.Wait(t, &again).State)
		require.True(t, p.Object(t, "box", a.Object.ID).DeletingAt == nil)
		_, err = p.Retry(t.Context(), operationtest.Admin, op.ID)
		reason(t, resource.ReasonConflict, err)
		_, err = p.Retry(t.Context(), operationtest.Admin, "nonsense")
		reason(t, resource.ReasonNotFound, err)
		history, err := p.View.History(t.Context(), a.Object.ID, "", 0)
		require.NoError(t, err)
		verbs := []string{}
		for _, h := range history {
			verbs = append(verbs, h.Verb)
		}
		require.Equal(t, []string{"operation.retry", "create"}, verbs)
		consistent(t, p)
	})
}

func TestDegradedAndBack(t *testing.T) {
	each(t, func(t *testing.T, p *operationtest.Plant) {
		a := p.Must(t, operationtest.Box("one", 1))
		p.Wait(t, a.Operation)
		p.OnReconcile(func(o *box) (resource.Result, error, bool) {
			return resource.Result{}, errors.New("the roof leaks"), true
		})
		require.NoError(t, p.Touch(t.Context(), "box", a.Object.ID, "alarm"))
		phase := func(want resource.Phase) func() bool {
			return func() bool { return p.Object(t, "box", a.Object.ID).Phase == want }
		}
		require.Eventually(t, phase(resource.PhaseDegraded), 20*wait, tick)
		require.Contains(t, ready(t, p, a.Object.ID).Message, "roof")
		p.OnReconcile(nil)
		require.Eventually(t, phase(resource.PhaseReady), 20*wait, tick)
		consistent(t, p)
	})
}

func TestCancel(t *testing.T) {
	each(t, func(t *testing.T, p *operationtest.Plant) {
		p.OnReconcile(answer(resource.Result{Message: "slow", Progress: 10, Again: 20 * time.Millisecond}, nil))
		a := p.Must(t, operationtest.Box("one", 1))
		require.Eventually(t, func() bool {
			op, _ := p.View.Operation(t.Context(), a.Operation.ID)
			return op.Progress == 10
		}, 20*wait, tick)
		op, err := p.Cancel(t.Context(), operationtest.Admin, a.Operation.ID)
		require.NoError(t, err)
		require.Equal(t, resource.OperationCancelled, op.State)
		time.Sleep(300 * time.Millisecond)
		p.OnReconcile(nil)
		time.Sleep(300 * time.Millisecond)
		require.Equal(t, resource.PhaseFailed, p.Object(t, "box", a.Object.ID).Phase, "nothing goes on after a cancellation")
		require.Zero(t, p.Passes(a.Object.ID))
		b := p.Must(t, operationtest.Box("one", 2))
		require.Equal(t, resource.OperationSucceeded, p.Wait(t, b.Operation).State, "a change starts anew")
	})
}

// The pass under way when an operation is cancelled must not bring it back to work.
func TestCancelDuringAPass(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		a := p.Must(t, operationtest.Box("one", 1))
		p.OnReconcile(func(*box) (resource.Result, error, bool) {
			_, err := p.Cancel(context.Background(), operationtest.Admin, a.Operation.ID)
			require.NoError(t, err)
			return resource.Result{Message: "halfway"}, nil, true
		})
		p.Pass(t, "box", a.Object.ID)
		require.Equal(t, resource.PhaseFailed, p.Object(t, "box", a.Object.ID).Phase)
		p.OnReconcile(nil)
		require.Zero(t, p.Pass(t, "box", a.Object.ID))
		require.Zero(t, p.Passes(a.Object.ID))
	})
}

// With several operations open, cancelling an old one leaves the newest at work; cancelling the newest ends all.
func TestCancelOneOfSeveral(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		one, two := p.Must(t, operationtest.Box("one", 1)), p.Must(t, operationtest.Box("one", 2))
		_, err := p.Cancel(t.Context(), operationtest.Admin, one.Operation.ID)
		require.NoError(t, err)
		require.Zero(t, p.Pass(t, "box", one.Object.ID))
		op, err := p.View.Operation(t.Context(), two.Operation.ID)
		require.NoError(t, err)
		require.Equal(t, resource.OperationSucceeded, op.State)

		three, four := p.Must(t, operationtest.Box("one", 3)), p.Must(t, operationtest.Box("one", 4))
		_, err = p.Cancel(t.Context(), operationtest.Admin, four.Operation.ID)
		require.NoError(t, err)
		p.Pass(t, "box", one.Object.ID)
		op, err = p.View.Operation(t.Context(), three.Operation.ID)
		require.NoError(t, err)
		require.Equal(t, resource.OperationCancelled, op.State, "an operation that can no longer end is ended")
	})
}

// An operation that ends in the same moment stays as it ended.
func TestCancelRacesTheEnd(t *testing.T) {
	each(t, func(t *testing.T, p *operationtest.Plant) {
		for range 20 {
			a := p.Must(t, operationtest.Box("one", 1))
			time.Sleep(time.Duration(time.Now().UnixNano()%30) * time.Millisecond)
			_, err := p.Cancel(t.Context(), operationtest.Admin, a.Operation.ID)
			op := p.Wait(t, a.Operation)
			o := p.Object(t, "box", a.Object.ID)
			if err == nil {
				require.Equal(t, resource.OperationCancelled, op.State)
			} else {
				reason(t, resource.ReasonConflict, err)
				require.Equal(t, resource.OperationSucceeded, op.State)
				require.Equal(t, resource.PhaseReady, o.Phase)
			}
			p.Wait(t, p.Drop(t, "box", a.Object.ID))
		}
	})
}

func TestRetryOfWhatIsGone(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		p.OnReconcile(answer(resource.Result{}, resource.Invalid("box", "x", nil, "no")))
		a := p.Must(t, operationtest.Box("one", 1))
		p.Pass(t, "box", a.Object.ID)
		p.Drop(t, "box", a.Object.ID)
		p.Pass(t, "box", a.Object.ID)
		_, err := p.Retry(t.Context(), operationtest.Admin, a.Operation.ID)
		reason(t, resource.ReasonNotFound, err)
		op, err := p.View.Operation(t.Context(), a.Operation.ID)
		require.NoError(t, err)
		require.True(t, op.Ended(), "nothing could ever end it")
	})
}

func TestCreateCancelledByDelete(t *testing.T) {
	eachIdle(t, func(t *testing.T, p *operationtest.Plant) {
		a := p.Must(t, operationtest.Box("one", 1))
		d := p.Drop(t, "box", a.Object.ID)
		require.Zero(t, p.Pass(t, "box", a.Object.ID))
		require.Equal(t, resource.OperationSucceeded, p.Wait(t, d).State)
		require.Equal(t, resource.OperationCancelled, p.Wait(t, a.Operation).State)
		consistent(t, p)
	})
}

func TestProblems(t *testing.T) {
	cause := errors.New("cause")
	p := resource.Problemf(resource.ReasonUnavailable, "box", "wait", "not now: %w", cause)
	require.ErrorIs(t, p, cause)
	require.True(t, p.Retryable())
	require.Empty(t, resource.ReasonOf(nil))
	require.Equal(t, resource.ReasonInternal, resource.ReasonOf(cause))
	require.Equal(t, "the box is not valid; spec.size: must be 1", resource.Invalid("box", "spec.size", 2, "must be %d", 1).Error())
}

func TestStoppedStore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := operationtest.Assemble(t, db, operationtest.Options{})
		w, err := p.View.Watch(t.Context(), 0)
		require.NoError(t, err)
		p.Close()
		_, err = p.Apply(t.Context(), operationtest.Box("one", 1))
		reason(t, resource.ReasonUnavailable, err)
		_, open := <-w.Events
		require.False(t, open)
		_, err = p.View.Watch(t.Context(), 0)
		reason(t, resource.ReasonUnavailable, err)
	})
}
