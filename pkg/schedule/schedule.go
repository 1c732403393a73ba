// Package schedule does what somebody wants done again and again: an action on objects of their project, at times of a clock or
// every so often, in their name and with the rights that they have at that time.
//
//	waiting ──due──▶ running ──▶ waiting
//	   │ ▲              │
//	   │ └──enable──┐   └──its maker may not any more──▶ stopped
//	   └──disable──▶ disabled
package schedule

import (
	"context"
	"encoding/json"
	"time"

	"github.com/plazacloud/plaza/pkg/request"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

const kindName = "schedule"

// Spec is what is done, to what, and when.
type Spec struct {
	Cron     string `json:"cron,omitempty" maxLength:"100" doc:"When, as minute, hour, day of month, month and weekday, such as 30 3 * * 1-5; this or every"`
	TimeZone string `json:"timeZone,omitempty" maxLength:"64" doc:"Of cron, and of the days that keep counts, such as Asia/Shanghai; UTC when empty"`
	Every    string `json:"every,omitempty" maxLength:"20" doc:"How often, such as 6h, at least 1m; this or cron"`
	Jitter   string `json:"jitter,omitempty" maxLength:"20" doc:"How much later than due a run may begin, such as 10m; by how much differs from run to run"`
	Missed   string `json:"missed,omitempty" enum:"skip,once" doc:"What becomes of runs that nobody could make in time: none is made (skip, the default), or one for all of them (once)"`

	Kind     string            `json:"kind" minLength:"1" maxLength:"63" doc:"Of what it acts on, such as server or volume"`
	Object   string            `json:"object,omitempty" maxLength:"63" doc:"Name or id of what it acts on; this or selector"`
	Selector map[string]string `json:"selector,omitempty" maxProperties:"16" doc:"Labels of what it acts on: all objects of the kind that have them at the time of a run, 100 at most"`
	Action   string            `json:"action" minLength:"1" maxLength:"63" doc:"What is done: an action of the kind, such as stop; of a server also backup, of a volume also backup and snapshot"`
	Input    json.RawMessage   `json:"input,omitempty" doc:"What the action takes, at most 4 KiB"`
	Keep     *Keep             `json:"keep,omitempty" doc:"Which of the backups or snapshots that it made stay; all, when it is left out"`

	Disabled bool `json:"disabled,omitempty" doc:"No run is due until it is enabled"`

	By  Party `json:"by,omitzero" readOnly:"true" doc:"In whose name it acts: who said last what it does, or enabled it"`
	Run *Ask  `json:"run,omitempty" readOnly:"true" doc:"The last run that was asked for"`
}

// Party is in whose name runs are made, since when.
type Party struct {
	ID   string    `json:"id" doc:"Of the user, or of the token that was used"`
	Name string    `json:"name"`
	At   time.Time `json:"at"`
}

// Ask is a run that somebody asked for.
type Ask struct {
	By Party `json:"by" doc:"In whose name this one is made"`
}

// Keep counts what stays of what a schedule made of one object; whatever one of the counts keeps, stays.
type Keep struct {
	Last    int `json:"last,omitempty" minimum:"0" maximum:"366" doc:"The newest ones"`
	Daily   int `json:"daily,omitempty" minimum:"0" maximum:"366" doc:"The newest of each day, for so many days that have one"`
	Weekly  int `json:"weekly,omitempty" minimum:"0" maximum:"366" doc:"The newest of each week, which begins on Monday"`
	Monthly int `json:"monthly,omitempty" minimum:"0" maximum:"366" doc:"The newest of each month"`
}

// State is where a schedule, a run, or a run's work on an object stands.
type State string

const (
	Waiting  State = "waiting"
	Running  State = "running"
	Disabled State = "disabled"
	Stopped  State = "stopped" // its maker may not do any more what it does
	Done     State = "done"
	Failed   State = "failed"
	Missed   State = "missed"
)

// Status is what became of it.
type Status struct {
	State   State      `json:"state,omitempty" enum:"waiting,running,disabled,stopped"`
	Next    *time.Time `json:"next,omitempty" doc:"When the next run begins"`
	Last    *Run       `json:"last,omitempty" doc:"The newest run that ended, or was missed"`
	Runs    []Run      `json:"runs,omitempty" doc:"Earlier ones, newest first, 30 at most; the history has all"`
	Current *Current   `json:"current,omitempty" doc:"The run that is being made"`
	Number  int64      `json:"number,omitempty" doc:"Runs so far"`
	Settled *time.Time `json:"settled,omitempty" doc:"No run that was due until then is made any more"`
	Asked   *time.Time `json:"asked,omitempty" doc:"When the last run was asked for that was begun"`
	Stopped *time.Time `json:"stopped,omitempty" doc:"Since when it had its maker when it stopped"`
	Message string     `json:"message,omitempty" doc:"Why it stopped"`
	Kept    []Made     `json:"kept,omitempty" doc:"What it made and may remove again, oldest first"`
}

// Run is one run that is over.
type Run struct {
	Number  int64      `json:"number,omitempty"`
	Due     time.Time  `json:"due"`
	Ended   *time.Time `json:"ended,omitempty"`
	By      string     `json:"by,omitempty"`
	State   State      `json:"state" enum:"done,failed,missed"`
	Objects int        `json:"objects,omitempty" doc:"How many it was about"`
	Failed  int        `json:"failed,omitempty" doc:"On how many of them it failed"`
	Message string     `json:"message,omitempty"`
}

// Current is a run that is being made.
type Current struct {
	Number int64     `json:"number"`
	Due    time.Time `json:"due"`
	Began  time.Time `json:"began"`
	By     Party     `json:"by"`
	Asked  bool      `json:"asked,omitempty" doc:"Somebody asked for it"`
	Works  []Work    `json:"works,omitempty"`
}

// Work is what a run does to one object.
type Work struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	State     State  `json:"state" enum:"waiting,running,done,failed"`
	Operation string `json:"operation,omitempty"`
	Made      *Made  `json:"made,omitempty"`
	Message   string `json:"message,omitempty"`
}

// Made is something that a schedule made.
type Made struct {
	Of   string    `json:"of" doc:"Id of the object that it was made of"`
	ID   string    `json:"id,omitempty" doc:"Its own; a snapshot of a server has none"`
	Name string    `json:"name"`
	At   time.Time `json:"at"`
}

// Object is a schedule as an object.
type Object = resource.Object[Spec, Status]

const (
	maxWorks = 100
	maxInput = 4 << 10
	maxRuns  = 30
	maxKept  = 2000
	maxText  = 300
)

// Keeper makes the runs.
type Keeper struct {
	objects *resource.Store
	people  *tenancy.Service
	calls   request.Calls
	now     func() time.Time
}

// Open connects the keeper; it comes after Register and before the first schedule.
func (k *Keeper) Open(objects *resource.Store, people *tenancy.Service, calls request.Calls) {
	k.objects, k.people, k.calls = objects, people, calls
}

// Register adds the kind schedule.
func (k *Keeper) Register(reg *resource.Registry) {
	if k.now == nil {
		k.now = func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
	}
	resource.Register(reg, resource.Kind[Spec, Status]{
		Name: kindName, Plural: "schedules", Doc: "What is done again and again, such as a backup every night, in the name of whoever wants it.",
		Columns: []resource.Column{{Header: "ACTION", Path: "spec.action"}, {Header: "KIND", Path: "spec.kind"}, {Header: "OBJECT", Path: "spec.object"}, {Header: "CRON", Path: "spec.cron"},
			{Header: "EVERY", Path: "spec.every"}, {Header: "STATE", Path: "status.state"}, {Header: "NEXT", Path: "status.next"}, {Header: "LAST", Path: "status.last.state"}},
		Indexed:   []string{"spec.kind", "spec.object", "spec.action", "spec.by.name", "status.state"},
		Charge:    func(*Object) resource.Charges { return resource.Charges{"schedules": 1} },
		Default:   k.defaults,
		Validate:  k.validate,
		Reconcile: k.reconcile,
		Actions: map[string]resource.Action[Spec, Status]{
			"run": {Doc: "Make a run now, in the name of whoever asks for it.", Apply: k.ask},
			"enable": {Doc: "Let runs be due again, from now on in the name of whoever enables it.", Apply: func(_ context.Context, a *resource.Admission, o *Object, _ any) error {
				o.Spec.Disabled, o.Spec.By = false, k.party(a.Actor)
				return nil
			}},
			"disable": {Doc: "Let no run be due until it is enabled; one that is under way goes on.", Apply: func(_ context.Context, _ *resource.Admission, o *Object, _ any) error {
				o.Spec.Disabled = true
				return nil
			}},
		},
	})
}
