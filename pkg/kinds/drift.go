package kinds

import (
	"context"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// DriftPolicy says what is done about differences in a place without anyone being asked.
type DriftPolicy struct {
	Missing string `json:"missing,omitempty" enum:"repair,hold" doc:"What is gone: made again, but for what held data; or held for a decision. Default repair"`
	Changed string `json:"changed,omitempty" enum:"repair,hold" doc:"What was changed outside: brought back, or held for a decision. Default repair"`
	Zombie  string `json:"zombie,omitempty" enum:"hold,delete" doc:"What carries an id that no object has: held for a decision, or deleted. Default hold"`
	Extra   string `json:"extra,omitempty" enum:"hold,ignore" doc:"What others made: shown, or not. Default hold"`
}

// RepairCause begins the cause of a pass that someone asked for, knowing of the difference.
const RepairCause = "repair was asked for"

// PolicyOf reads the policy of a place, a host or a region; the zero one for places of other kinds.
func PolicyOf(ctx context.Context, r resource.Reader, place string) (DriftPolicy, error) {
	for _, kind := range []string{"region", "host"} {
		raw, err := r.Get(ctx, kind, "", place)
		if resource.ReasonOf(err) == resource.ReasonNotFound {
			continue
		}
		if err != nil {
			return DriftPolicy{}, err
		}
		o, err := resource.As[struct{ Drift DriftPolicy }, struct{}](raw)
		return o.Spec.Drift, err
	}
	return DriftPolicy{}, nil
}

// asked tells whether the pass was asked for in spite of a policy to hold.
func asked(r *resource.Reconciliation) bool { return strings.HasPrefix(r.Cause, RepairCause) }

// Held is the reason of the condition Drift while a difference waits for a decision.
const Held = "Held"

const heldEvery = time.Minute

// hold shows a difference and leaves it; it ends when someone repairs it, changes the spec, or undoes it outside.
func hold(m *resource.Meta, what string) resource.Result {
	m.SetCondition(resource.Condition{Type: "Drift", Status: resource.True, Reason: Held, Message: what})
	return resource.Result{Again: heldEvery, Degraded: true, Message: what + "; it waits for: plaza drift repair"}
}

// unhold ends what hold began.
func unhold(m *resource.Meta) {
	if c := m.Condition("Drift"); c.Reason == Held {
		m.SetCondition(resource.Condition{Type: "Drift", Status: resource.False, Reason: "Resolved", Message: "it is as declared again"})
	}
}

// lost tells whether something that held data and was there is gone: an empty one in its place would hide that, and is
// made only when someone asks for it.
func lost(r *resource.Reconciliation, m resource.Meta, was bool, look func() error) (bool, error) {
	if !was {
		return false, nil
	}
	err := look()
	if !provider.IsNotFound(err) {
		return false, Explain(m.Kind, err)
	}
	if asked(r) {
		r.Note("drift.repaired", "the "+m.Kind+" was gone; an empty one took its place; "+r.Cause)
		return false, nil
	}
	return true, nil
}

// holdLost shows the loss, unless it is not known.
func holdLost(m *resource.Meta, err error) (resource.Result, error) {
	if err != nil {
		return resource.Result{}, err
	}
	return hold(m, "the "+m.Kind+" is gone, and what was on it"), nil
}
