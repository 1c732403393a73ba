package runbook

import (
	"time"

	"github.com/plazacloud/plaza/pkg/resource"
)

// RunSpec is a run as it is asked for, and what was decided about it.
type RunSpec struct {
	Runbook    string            `json:"runbook" minLength:"1" maxLength:"63" doc:"Name or id of the runbook; kept as its name"`
	Parameters map[string]string `json:"parameters,omitempty" maxProperties:"32" doc:"What the runbook asks for, by name"`
	Note       string            `json:"note,omitempty" maxLength:"1000" doc:"Why it is run"`

	RunbookID string     `json:"runbookId,omitempty" readOnly:"true" doc:"Id of the runbook"`
	Version   int64      `json:"version,omitempty" readOnly:"true" doc:"Generation of the runbook; later changes to it are not heeded"`
	Steps     []Step     `json:"steps,omitempty" readOnly:"true" doc:"The runbook's, with the parameters in their places"`
	Hosts     []string   `json:"hosts,omitempty" readOnly:"true" doc:"Ids of the hosts it was told; only one run is at a host at a time"`
	By        Party      `json:"by,omitzero" readOnly:"true" doc:"Who started it; its steps may do what they may"`
	Decisions []Decision `json:"decisions,omitempty" readOnly:"true" doc:"What people decided about it, oldest first"`
}

// Party is somebody at the time of an act.
type Party struct {
	ID   string `json:"id" doc:"Of the user, or of the token that was used"`
	User string `json:"user" doc:"Id of the user"`
	Name string `json:"name" doc:"What they are called"`
}

// Verdict is what somebody decides about a run.
type Verdict string

const (
	Approve Verdict = "approve" // the step that waits for it is done
	Refuse  Verdict = "refuse"  // it is not, and the run fails
	Again   Verdict = "retry"   // a step, and those after it, are done anew
	Skip    Verdict = "skip"    // a step counts as done
	Cancel  Verdict = "cancel"  // the run ends as it is
)

// Decision is one that was made.
type Decision struct {
	Verdict Verdict   `json:"verdict" enum:"approve,refuse,retry,skip,cancel" doc:"What was decided"`
	Step    string    `json:"step,omitempty" doc:"The step it is about"`
	By      Party     `json:"by" doc:"Who decided"`
	At      time.Time `json:"at" doc:"When"`
	Note    string    `json:"note,omitempty" doc:"Why"`
}

// RunState is where a run stands.
type RunState string

const (
	RunRunning   RunState = "running"
	RunWaiting   RunState = "waiting" // for somebody's approval or decision
	RunUndoing   RunState = "undoing"
	RunDone      RunState = "done"
	RunFailed    RunState = "failed"
	RunCancelled RunState = "cancelled"
)

// StepState is where a step stands.
type StepState string

const (
	StepPending  StepState = "pending"
	StepApproval StepState = "approval" // waits for somebody to approve
	StepRunning  StepState = "running"
	StepHeld     StepState = "held" // it is not known whether it was done
	StepDone     StepState = "done"
	StepSkipped  StepState = "skipped"
	StepFailed   StepState = "failed"
	StepUndone   StepState = "undone"
)

// RunStatus is what became of a run.
type RunStatus struct {
	State   RunState     `json:"state,omitempty" enum:"running,waiting,undoing,done,failed,cancelled" doc:"Where it stands"`
	Step    string       `json:"step,omitempty" doc:"The step it is at, or failed at"`
	Message string       `json:"message,omitempty" doc:"What is going on, or why it ended"`
	Failure string       `json:"failure,omitempty" doc:"Why what was done is undone"`
	Steps   []StepStatus `json:"steps,omitempty" doc:"What became of each step"`
	Decided int          `json:"decided,omitempty" doc:"How many of the decisions are heeded already"`
	Emptied []string     `json:"emptied,omitempty" doc:"Ids of the hosts whose servers it has moved, stopped or started"`
	EndedAt *time.Time   `json:"endedAt,omitempty" doc:"When it ended"`
}

// StepStatus is what became of a step.
type StepStatus struct {
	Name       string    `json:"name" doc:"Of the step"`
	State      StepState `json:"state" enum:"pending,approval,running,held,done,skipped,failed,undone" doc:"Where it stands"`
	ApprovedBy string    `json:"approvedBy,omitempty" doc:"Who approved it"`
	Work       Work      `json:"work,omitzero" doc:"What was done"`
	Undo       *Work     `json:"undo,omitempty" doc:"What was undone"`
}

// Work is what an act came to.
type Work struct {
	Attempts  int        `json:"attempts,omitempty" doc:"Tries so far"`
	Try       string     `json:"try,omitempty" doc:"Id of the last try; what is asked of others carries it, so that it is done once"`
	StartedAt *time.Time `json:"startedAt,omitempty" doc:"Of the last try"`
	EndedAt   *time.Time `json:"endedAt,omitempty" doc:"Of the last try"`
	NotBefore *time.Time `json:"notBefore,omitempty" doc:"When it is tried again"`
	Message   string     `json:"message,omitempty" doc:"What is going on, or why it failed"`
	Output    string     `json:"output,omitempty" doc:"What a command said, the last 16 KiB of it; secrets are masked"`
	Mark      string     `json:"mark,omitempty" doc:"What the try has to remember"`
	Changed   bool       `json:"changed,omitempty" doc:"There is something to undo"`
	Items     []StepItem `json:"items,omitempty" doc:"What became of each server"`
}

// StepItem is what became of one of several objects that a step is about.
type StepItem struct {
	ID         string `json:"id" doc:"Of the server"`
	Name       string `json:"name" doc:"Of the server"`
	State      string `json:"state,omitempty" enum:"moving,moved,unmoved,stopping,stopped,starting,started,off,left,failed" doc:"What became of it"`
	Operation  string `json:"operation,omitempty" doc:"Id of the operation that it waits for"`
	Generation int64  `json:"generation,omitempty" doc:"Of the server when it was stopped"`
	Detail     string `json:"detail,omitempty" doc:"Why"`
}

// Run is a run as an object.
type Run = resource.Object[RunSpec, RunStatus]

// ended tells whether nothing is done about it any more, unless somebody decides so.
func (s RunStatus) ended() bool { return s.EndedAt != nil }

// DecisionInput is what approve takes.
type DecisionInput struct {
	Note string `json:"note,omitempty" maxLength:"1000" doc:"Kept with the run"`
}

// RefuseInput is what refuse takes.
type RefuseInput struct {
	Reason string `json:"reason" minLength:"1" maxLength:"1000" doc:"Why, for whoever started the run"`
}

// StepInput is what retry and skip take.
type StepInput struct {
	Step string `json:"step,omitempty" maxLength:"40" doc:"Default: the one that the run failed at or is held at"`
	Note string `json:"note,omitempty" maxLength:"1000" doc:"Kept with the run"`
}
