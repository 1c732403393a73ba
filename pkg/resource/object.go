// Package resource is Plaza's kernel: typed kinds, objects with desired and observed state, admission, one
// transaction for everything a change entails, lists from the database alone, and watch by revision. It knows no cloud.
package resource

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Phase sums an object's conditions up in one word.
type Phase string

const (
	PhasePending  Phase = "Pending"  // accepted, nothing done yet
	PhaseWorking  Phase = "Working"  // being brought to the desired state
	PhaseReady    Phase = "Ready"    // observed equals desired
	PhaseDegraded Phase = "Degraded" // it was ready and something is amiss; being repaired
	PhaseFailed   Phase = "Failed"   // gave up; the conditions say why, a retry or a change starts anew
	PhaseDeleting Phase = "Deleting"
)

// Meta is what every object has.
type Meta struct {
	ID      string `json:"id" format:"uuid" readOnly:"true" doc:"UUIDv7"`
	Kind    string `json:"kind" readOnly:"true"`
	Project string `json:"project,omitempty" doc:"Project id; empty for kinds that belong to the whole installation"`
	Name    string `json:"name" minLength:"1" maxLength:"63" pattern:"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$" patternDescription:"lower-case letters, digits, dots and dashes"`

	Labels map[string]string `json:"labels,omitempty" maxProperties:"64"`

	Generation         int64       `json:"generation" readOnly:"true" doc:"Grows with each change of spec"`
	ObservedGeneration int64       `json:"observedGeneration" readOnly:"true" doc:"Generation the status tells of"`
	Version            int64       `json:"version" readOnly:"true" doc:"Grows with each write; the ETag"`
	Revision           int64       `json:"revision" readOnly:"true" doc:"Position in the watch stream"`
	Phase              Phase       `json:"phase" readOnly:"true" enum:"Pending,Working,Ready,Degraded,Failed,Deleting"`
	Conditions         []Condition `json:"conditions,omitempty" readOnly:"true"`
	Finalizers         []string    `json:"finalizers,omitempty" readOnly:"true"`
	Owner              *Ref        `json:"owner,omitempty" readOnly:"true" doc:"Object that made this one and that it dies with"`
	CreatedBy          string      `json:"createdBy,omitempty" readOnly:"true"`
	CreatedAt          time.Time   `json:"createdAt" readOnly:"true"`
	UpdatedAt          time.Time   `json:"updatedAt" readOnly:"true"`
	DeletingAt         *time.Time  `json:"deletingAt,omitempty" readOnly:"true"`
}

// Object is a resource: what is wanted (Spec) and what was seen (Status).
type Object[S, T any] struct {
	Meta
	Spec   S `json:"spec"`
	Status T `json:"status" readOnly:"true"`
}

// Raw is an object whose kind is known only by name.
type Raw = Object[json.RawMessage, json.RawMessage]

// Ref points to an object.
type Ref struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// ConditionStatus is true, false, or unknown.
type ConditionStatus string

const (
	True    ConditionStatus = "True"
	False   ConditionStatus = "False"
	Unknown ConditionStatus = "Unknown"
)

// Condition is one observed aspect, with a reason for machines and a sentence for people.
type Condition struct {
	Type    string          `json:"type"`
	Status  ConditionStatus `json:"status" enum:"True,False,Unknown"`
	Reason  string          `json:"reason"`
	Message string          `json:"message,omitempty"`
	Since   time.Time       `json:"since"`
}

// SetCondition adds or replaces the condition of c's type; Since moves only when the status does. It tells whether anything changed.
func (m *Meta) SetCondition(c Condition) bool {
	if c.Since.IsZero() {
		c.Since = time.Now().UTC().Truncate(time.Millisecond)
	}
	for i, have := range m.Conditions {
		if have.Type != c.Type {
			continue
		}
		if have.Status == c.Status {
			c.Since = have.Since
		}
		m.Conditions[i] = c
		return have != c
	}
	m.Conditions = append(m.Conditions, c)
	return true
}

// Condition returns the condition of a type, or a zero one with status Unknown.
func (m *Meta) Condition(typ string) Condition {
	if i := slices.IndexFunc(m.Conditions, func(c Condition) bool { return c.Type == typ }); i >= 0 {
		return m.Conditions[i]
	}
	return Condition{Type: typ, Status: Unknown}
}

// Ref returns a reference to the object.
func (m *Meta) Ref() Ref { return Ref{Kind: m.Kind, ID: m.ID, Name: m.Name} }

// Settled tells whether the object has nothing left to do.
func (m *Meta) Settled() bool {
	return m.Phase == PhaseReady && m.ObservedGeneration == m.Generation && m.DeletingAt == nil
}

// NewID returns a new UUIDv7: ids sort by time of creation.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// As decodes a raw object into a kind's own types.
func As[S, T any](r Raw) (Object[S, T], error) {
	o := Object[S, T]{Meta: r.Meta}
	if err := decode(r.Spec, &o.Spec); err != nil {
		return o, err
	}
	return o, decode(r.Status, &o.Status)
}

// ToRaw encodes an object.
func ToRaw[S, T any](o Object[S, T]) (Raw, error) {
	r := Raw{Meta: o.Meta}
	var err error
	if r.Spec, err = json.Marshal(o.Spec); err != nil {
		return r, err
	}
	r.Status, err = json.Marshal(o.Status)
	return r, err
}

func decode(data json.RawMessage, into any) error {
	if len(data) == 0 {
		return nil
	}
	return json.Unmarshal(data, into)
}
