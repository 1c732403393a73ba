package drift

import (
	"context"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// Spec is a difference, and what was decided about it.
type Spec struct {
	Place       string         `json:"place" readOnly:"true" doc:"Id of the host or region"`
	PlaceName   string         `json:"placeName" readOnly:"true"`
	Kind        string         `json:"kind" readOnly:"true" doc:"Kind of the object"`
	Difference  Type           `json:"difference" readOnly:"true" enum:"missing,changed,extra,zombie"`
	Object      string         `json:"object,omitempty" readOnly:"true" doc:"Id of the object, or that a zombie carries"`
	ObjectName  string         `json:"objectName,omitempty" readOnly:"true"`
	Project     string         `json:"project,omitempty" readOnly:"true" doc:"Project of the object"`
	Backend     string         `json:"backend,omitempty" readOnly:"true" doc:"Id at the backend"`
	BackendName string         `json:"backendName,omitempty" readOnly:"true"`
	Tenant      string         `json:"tenant,omitempty" readOnly:"true" doc:"Whose it is at the backend"`
	TenantName  string         `json:"tenantName,omitempty" readOnly:"true"`
	Detail      string         `json:"detail" readOnly:"true"`
	Fields      []Field        `json:"fields,omitempty" readOnly:"true" doc:"What differs"`
	Twin        bool           `json:"twin,omitempty" readOnly:"true" doc:"The object is there as well; this one has to be removed at its cloud"`
	Facts       provider.Facts `json:"facts" readOnly:"true" doc:"What was found"`
	FirstSeen   time.Time      `json:"firstSeen" readOnly:"true"`

	Repair *Asked    `json:"repair,omitempty" readOnly:"true" doc:"That someone asked for a repair"`
	Adopt  *Adoption `json:"adopt,omitempty" readOnly:"true" doc:"That someone asked for its adoption"`
	Ignore *Ignore   `json:"ignore,omitempty" readOnly:"true" doc:"That someone decided to leave it"`
}

// Asked tells who asked for something, and tells one time from the next.
type Asked struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// Adoption is where something is to be adopted to.
type Adoption struct {
	Asked
	Project  string `json:"project,omitempty" doc:"Project id"`
	Name     string `json:"name,omitempty" doc:"Name it gets"`
	Networks bool   `json:"networks,omitempty" doc:"A server's networks are adopted with it"`
}

// Ignore leaves a difference.
type Ignore struct {
	Asked
	Reason string     `json:"reason"`
	Until  *time.Time `json:"until,omitempty"`
}

// State is what is being done about a difference.
type State string

const (
	Open      State = "open"
	Repairing State = "repairing"
	Adopting  State = "adopting"
	Adopted   State = "adopted"
	Ignored   State = "ignored"
)

// Status is how far it is.
type Status struct {
	State    State         `json:"state,omitempty" enum:"open,repairing,adopting,adopted,ignored"`
	Message  string        `json:"message,omitempty"`
	LastSeen *time.Time    `json:"lastSeen,omitempty" doc:"To the hour"`
	Repaired time.Time     `json:"repaired,omitzero" doc:"The request for a repair that was carried out"`
	Object   *resource.Ref `json:"object,omitempty" doc:"What it was adopted as"`
}

// Object is a difference as an object.
type Object = resource.Object[Spec, Status]

// Register adds the kind drift.
func (k *Keeper) Register(reg *resource.Registry) {
	k.shown = true
	resource.Register(reg, resource.Kind[Spec, Status]{
		Name: "drift", Plural: "drifts", Doc: "A difference between what is declared and what is there.", Scoping: resource.Global,
		Columns: []resource.Column{{Header: "DIFFERENCE", Path: "spec.difference"}, {Header: "KIND", Path: "spec.kind"}, {Header: "PLACE", Path: "spec.placeName"},
			{Header: "OBJECT", Path: "spec.objectName"}, {Header: "BACKEND", Path: "spec.backendName"}, {Header: "TENANT", Path: "spec.tenantName"},
			{Header: "STATE", Path: "status.state"}, {Header: "DETAIL", Path: "spec.detail"}},
		Indexed:   []string{"spec.place", "spec.placeName", "spec.kind", "spec.difference", "spec.object", "spec.backend", "spec.tenant", "spec.tenantName", "status.state"},
		Validate:  k.validate,
		Reconcile: k.reconcile,
		Delete: func(_ context.Context, r *resource.Reconciliation, o *Object) (resource.Result, error) {
			r.Note("drift.gone", "it was seen no more: "+o.Spec.Detail)
			return resource.Result{Done: true}, nil
		},
		Actions: map[string]resource.Action[Spec, Status]{
			"repair": {Doc: "Bring back what is missing or changed; delete a zombie at its backend.", Apply: askRepair},
			"adopt":  {Doc: "Take over what others made, as an object of a project, without touching it; of what was changed, take what is seen as wanted.", Input: &AdoptInput{}, Apply: k.askAdopt},
			"ignore": {Doc: "Leave it, for a while or for good.", Input: &IgnoreInput{}, Apply: askIgnore},
		},
	})
}

// AdoptInput is what adopt takes.
type AdoptInput struct {
	Project  string `json:"project,omitempty" maxLength:"255" doc:"Project by full name or id; images belong to none"`
	Name     string `json:"name,omitempty" maxLength:"63" doc:"Name it gets; default the one it has"`
	Networks bool   `json:"networks,omitempty" doc:"Adopt a server's network with it"`
}

// IgnoreInput is what ignore takes.
type IgnoreInput struct {
	Reason string     `json:"reason" minLength:"1" maxLength:"255"`
	Until  *time.Time `json:"until,omitempty" doc:"Until then; for good when left out"`
}

// validate keeps differences what was found: people only decide about them, and only where they may.
func (k *Keeper) validate(ctx context.Context, a *resource.Admission, old, o *Object) error {
	if a.Actor.System {
		return nil
	}
	if old == nil {
		return resource.Problemf(resource.ReasonInvalid, "drift", "list them with: plaza drift list", "differences are found, not made")
	}
	found := old.Spec
	found.Repair, found.Adopt, found.Ignore = o.Spec.Repair, o.Spec.Adopt, o.Spec.Ignore
	o.Spec = found
	if adopt := o.Spec.Adopt; adopt != nil && (old.Spec.Adopt == nil || *adopt != *old.Spec.Adopt) {
		adopt.By = a.Actor.Name
		return k.permit(ctx, a.Actor, o)
	}
	return nil
}
