// Package request is what becomes of a call that was refused for want of a permission or of quota: a request in its
// project, which is commented on, decided by those who could do it themselves or may set the limit, and, when approved,
// made in the name of whoever asked.
//
//	open ──approve──▶ running ──▶ done | failed
//	  ├──refuse────▶ refused
//	  ├──withdraw──▶ withdrawn
//	  └──time──────▶ expired
package request

import (
	"context"
	"encoding/json"
	"time"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// Spec is the call that was refused, and what was said and decided about it.
type Spec struct {
	Method    string          `json:"method" enum:"POST,PUT,PATCH,DELETE" doc:"Of the call that was refused"`
	Path      string          `json:"path" maxLength:"256" pattern:"^/v1/[^?]+$" patternDescription:"a path below /v1/ without a query" doc:"e.g. /v1/servers, or /v1/servers/web/resize; names are those of the request's project"`
	Body      json.RawMessage `json:"body,omitempty" doc:"Of the call, at most 64 KiB; encrypted and never returned, as it may hold secrets: wanted tells what comes of it"`
	Comment   string          `json:"comment" minLength:"1" maxLength:"1000" doc:"Why it is needed"`
	ExpiresAt *time.Time      `json:"expiresAt,omitempty" doc:"When it ends undecided; default in 7 days, at most in 90"`

	Verb     string           `json:"verb,omitempty" readOnly:"true" doc:"What the call does: create, update, delete, or an action of the kind"`
	Kind     string           `json:"kind,omitempty" readOnly:"true" doc:"Kind of the object that it is about"`
	Object   string           `json:"object,omitempty" readOnly:"true" doc:"Name of the object"`
	ObjectID string           `json:"objectId,omitempty" readOnly:"true" doc:"Of the object that is there; another one that takes its name is not meant"`
	Wanted   json.RawMessage  `json:"wanted,omitempty" readOnly:"true" doc:"The object's spec as it would be, without its secrets"`
	Charges  resource.Charges `json:"charges,omitempty" readOnly:"true" doc:"What the object would take from the quota, by metric"`
	Needs    Needs            `json:"needs,omitzero" readOnly:"true" doc:"What the call lacks"`
	By       Party            `json:"by,omitzero" readOnly:"true" doc:"Who asked"`
	Comments []Comment        `json:"comments,omitempty" readOnly:"true"`
	Decision *Decision        `json:"decision,omitempty" readOnly:"true"`
}

// Needs is what a call lacks; who decides about the request has to have it to give.
type Needs struct {
	Permission bool             `json:"permission" doc:"Whoever asked may not make the call"`
	Limits     []resource.Raise `json:"limits,omitempty" doc:"Limits that did not allow it"`
	Refusal    string           `json:"refusal,omitempty" doc:"What the call was refused with"`
}

// Party is somebody at the time of an act.
type Party struct {
	ID   string `json:"id" doc:"Of the user, or of the token that was used"`
	User string `json:"user" doc:"Id of the user"`
	Name string `json:"name"`
}

// Comment is what somebody said.
type Comment struct {
	By   string    `json:"by"`
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// Verdict is how a request was decided.
type Verdict string

const (
	Approved  Verdict = "approved"
	Refused   Verdict = "refused"
	Withdrawn Verdict = "withdrawn"
)

// Decision ends the waiting; there is one.
type Decision struct {
	Verdict Verdict   `json:"verdict" enum:"approved,refused,withdrawn"`
	By      Party     `json:"by"`
	At      time.Time `json:"at"`
	Note    string    `json:"note,omitempty"`
}

// State is where a request stands.
type State string

const (
	Open    State = "open"
	Running State = "running" // approved, and the call is being made
	Done    State = "done"    // approved, and made
	Failed  State = "failed"  // approved, and the call did not succeed
	Expired State = "expired"
)

// Status is what became of it.
type Status struct {
	State     State         `json:"state,omitempty" enum:"open,running,done,failed,refused,withdrawn,expired"`
	Message   string        `json:"message,omitempty" doc:"Why it failed, or was refused"`
	Object    *resource.Ref `json:"object,omitempty" doc:"What the call made or changed"`
	Operation string        `json:"operation,omitempty" doc:"Id of the operation that the call began"`
	EndedAt   *time.Time    `json:"endedAt,omitempty"`
}

// Object is a request as an object.
type Object = resource.Object[Spec, Status]

const (
	maxBody     = 64 << 10
	maxText     = 1000
	maxComments = 100
	maxOpen     = 100 // in one project
	defaultTerm = 7 * 24 * time.Hour
	longestTerm = 90 * 24 * time.Hour
	keepEnded   = 90 * 24 * time.Hour
)

// Calls makes calls of the API in the kernel's terms.
type Calls interface {
	// Perform makes the call, or tries it by base.DryRun. base says in which project, in whose name and by whose word, and
	// by ID which object is meant, whatever the path names. verb is what the call does. It refuses what changes no object of a project, and a body that the call would not take.
	Perform(ctx context.Context, base resource.Request, method, path string, body json.RawMessage) (verb string, a resource.Applied, err error)
}

// Desk takes requests in, has them decided, and makes the calls of those that are approved.
type Desk struct {
	objects *resource.Store
	people  *tenancy.Service
	calls   Calls
	now     func() time.Time
}

// Open connects the desk; it comes after Register and before the first request.
func (d *Desk) Open(objects *resource.Store, people *tenancy.Service, calls Calls) {
	d.objects, d.people, d.calls = objects, people, calls
}

// TextInput is what comment takes.
type TextInput struct {
	Text string `json:"text" minLength:"1" maxLength:"1000"`
}

// ApproveInput is what approve takes.
type ApproveInput struct {
	Note string `json:"note,omitempty" maxLength:"1000"`
}

// RefuseInput is what refuse takes.
type RefuseInput struct {
	Reason string `json:"reason" minLength:"1" maxLength:"1000"`
}

// Register adds the kind request.
func (d *Desk) Register(reg *resource.Registry) {
	if d.now == nil {
		d.now = func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
	}
	resource.Register(reg, resource.Kind[Spec, Status]{
		Name: "request", Plural: "requests", Doc: "A call that was refused for want of quota or of a permission, for somebody else to decide about.",
		Columns: []resource.Column{{Header: "VERB", Path: "spec.verb"}, {Header: "KIND", Path: "spec.kind"}, {Header: "OBJECT", Path: "spec.object"},
			{Header: "BY", Path: "spec.by.name"}, {Header: "STATE", Path: "status.state"}, {Header: "EXPIRES", Path: "spec.expiresAt"}, {Header: "COMMENT", Path: "spec.comment"}},
		Indexed:        []string{"spec.verb", "spec.kind", "spec.object", "spec.by.name", "status.state"},
		Secrets:        []string{"body"},
		Validate:       d.validate,
		ValidateDelete: d.validateDelete,
		Reconcile:      d.reconcile,
		Actions: map[string]resource.Action[Spec, Status]{
			"comment": {Doc: "Say something about it.", Input: &TextInput{}, Apply: d.comment},
			"approve": {Doc: "Have the call made. Limits that it needs are raised by just what is missing.", Input: &ApproveInput{}, Apply: func(ctx context.Context, a *resource.Admission, o *Object, in any) error {
				return d.decide(ctx, a, o, Approved, in.(*ApproveInput).Note)
			}},
			"refuse": {Doc: "Refuse it, with a reason.", Input: &RefuseInput{}, Apply: func(ctx context.Context, a *resource.Admission, o *Object, in any) error {
				return d.decide(ctx, a, o, Refused, in.(*RefuseInput).Reason)
			}},
			"withdraw": {Doc: "Take back what one has asked for.", Apply: func(ctx context.Context, a *resource.Admission, o *Object, _ any) error {
				return d.decide(ctx, a, o, Withdrawn, "")
			}},
		},
	})
}
