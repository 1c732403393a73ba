// Package runbook is what operators do step by step, written down once: a runbook is the document, a run one carrying out of
// it. The steps are acts of Plaza's own, commands that a host's configuration allows, and commands over SSH to a host whose
// key is pinned. A run is reconciled like every object: what each step has come to is in its status, so that it goes on after
// a crash where it was.
//
//	pending ─▶ approval ─▶ running ─▶ done
//	   ▲                     │ ├──────▶ held     it can not be told whether it was done: somebody decides
//	   └──── again, later ───┘ └──────▶ failed   ─▶ the run stops, goes on, or undoes what was done
package runbook

import (
	"github.com/plazacloud/plaza/pkg/resource"
)

const (
	maxSteps      = 50
	maxParameters = 32
	maxText       = 1000
	// stepTime is how long a step may take that says nothing about it.
	stepTime = 600
)

// Spec is a runbook as it is written.
type Spec struct {
	Summary    string            `json:"summary" minLength:"1" maxLength:"200" doc:"What it is for, in a sentence"`
	Comment    string            `json:"comment,omitempty" maxLength:"512" doc:"Why it was changed"`
	Parameters []RunParameter    `json:"parameters,omitempty" maxItems:"32" doc:"What a run is told; steps take it as ${name}"`
	Steps      []Step            `json:"steps" minItems:"1" maxItems:"50" doc:"What is done, one after the other"`
	Secrets    map[string]string `json:"secrets,omitempty" maxProperties:"16" doc:"Private keys for SSH, by name, as PEM; encrypted at rest, never returned, and masked in what steps say"`
	Builtin    bool              `json:"builtin,omitempty" readOnly:"true" doc:"It comes with Plaza and changes with it; copy it to change it"`
}

// RunParameter is something that a run is told.
type RunParameter struct {
	Name    string   `json:"name" pattern:"^[a-z][a-z0-9-]*$" maxLength:"40" doc:"Steps take it as ${name}"`
	Type    string   `json:"type,omitempty" enum:"string,integer,boolean,host" doc:"Default string; a host is named by name or id, and steps take its name"`
	Doc     string   `json:"doc,omitempty" maxLength:"200" doc:"What it is"`
	Default *string  `json:"default,omitempty" maxLength:"256" doc:"Taken when a run does not tell; without it, a run has to"`
	Values  []string `json:"values,omitempty" maxItems:"32" doc:"The only ones there are"`
	Pattern string   `json:"pattern,omitempty" maxLength:"256" doc:"Expression that a string matches as a whole; default letters, digits and . _ : / @ -"`
}

// What becomes of a run whose step fails.
const (
	Stop       = "stop"
	Continue   = "continue"
	Compensate = "compensate"
)

// Step is one thing to do.
type Step struct {
	Name           string    `json:"name" pattern:"^[a-z][a-z0-9-]*$" maxLength:"40" doc:"Differs from that of every other step"`
	Doc            string    `json:"doc,omitempty" maxLength:"200" doc:"What it is for"`
	Do             Act       `json:"do" doc:"What is done: exactly one act"`
	Approval       *Approval `json:"approval,omitempty" doc:"Somebody other than whoever started the run has to approve before it is done"`
	TimeoutSeconds int       `json:"timeoutSeconds,omitempty" minimum:"1" maximum:"86400" doc:"How long one try may take; default 600"`
	Retry          *Retry    `json:"retry,omitempty" doc:"Tries beyond the first; default none"`
	OnFailure      string    `json:"onFailure,omitempty" enum:"stop,continue,compensate" doc:"When no try succeeds: stop (default), go on with the next step, or undo what was done, from the last step back"`
	Undo           *Act      `json:"undo,omitempty" doc:"What undoes it, for onFailure compensate; exactly one act that may be repeated"`
}

// Approval is asked for before a step.
type Approval struct {
	Question string `json:"question,omitempty" maxLength:"200" doc:"What whoever approves should look at"`
}

// Retry is how often a step is tried anew.
type Retry struct {
	Times          int `json:"times" minimum:"1" maximum:"20" doc:"Tries beyond the first"`
	BackoffSeconds int `json:"backoffSeconds,omitempty" minimum:"1" maximum:"3600" doc:"Before the second try; it doubles with each, to an hour at most; default 5"`
}

// Act is one thing that can be done; exactly one field is set.
type Act struct {
	Cordon       *HostArgs     `json:"cordon,omitempty" doc:"Close a host to new servers"`
	Uncordon     *HostArgs     `json:"uncordon,omitempty" doc:"Open a host to new servers"`
	Evacuate     *EvacuateArgs `json:"evacuate,omitempty" doc:"Get every running server off a host"`
	Start        *HostArgs     `json:"start,omitempty" doc:"Start the servers of a host that runs have stopped to evacuate it, and that nobody has changed since"`
	Wait         *WaitArgs     `json:"wait,omitempty" doc:"Wait until an object is as it should be"`
	RestartAgent *HostArgs     `json:"restartAgent,omitempty" doc:"Start a host's agent anew, which takes over a newer program; its servers go on"`
	RotateKey    *HostArgs     `json:"rotateKey,omitempty" doc:"Give a host's agent another key to prove itself with; the former one is not let in any more"`
	Command      *CommandArgs  `json:"command,omitempty" doc:"Run a command that the host's own configuration allows, over its agent"`
	SSH          *SSHArgs      `json:"ssh,omitempty" doc:"Run a command over SSH on a machine whose key is known"`
}

// HostArgs name a host.
type HostArgs struct {
	Host string `json:"host" minLength:"1" maxLength:"256" doc:"Name or id of the host, or ${parameter}"`
}

// EvacuateArgs say how a host is emptied.
type EvacuateArgs struct {
	Host       string `json:"host" minLength:"1" maxLength:"256" doc:"Name or id of the host, or of the region of a hypervisor; or ${parameter}"`
	Hypervisor string `json:"hypervisor,omitempty" maxLength:"255" doc:"Of a region: the one that is emptied"`
	Otherwise  string `json:"otherwise,omitempty" maxLength:"64" doc:"What becomes of servers that can not be moved: fail (default), stop (shut down, for start), or leave (they run on)"`
	Parallel   int    `json:"parallel,omitempty" minimum:"1" maximum:"64" doc:"Servers under way at a time; default 4"`
}

// WaitArgs say what is waited for.
type WaitArgs struct {
	Kind    string `json:"kind" minLength:"1" maxLength:"63" doc:"Kind of the object"`
	Project string `json:"project,omitempty" maxLength:"256" doc:"Id of its project; empty for kinds of the whole installation"`
	Object  string `json:"object" minLength:"1" maxLength:"256" doc:"Its name or id, or ${parameter}"`
	Field   string `json:"field" minLength:"1" maxLength:"128" doc:"Path of what is looked at, e.g. status.alive or phase"`
	Is      string `json:"is" maxLength:"256" doc:"What it should be, e.g. true"`
}

// CommandArgs say what a host's agent runs.
type CommandArgs struct {
	Host       string            `json:"host" minLength:"1" maxLength:"256" doc:"Name or id of the host, or ${parameter}"`
	Run        string            `json:"run" minLength:"1" maxLength:"63" doc:"Name that the host's configuration gives the command"`
	Arguments  map[string]string `json:"arguments,omitempty" maxProperties:"32" doc:"Values of the command's parameters"`
	Idempotent bool              `json:"idempotent,omitempty" doc:"It may be run again when it is not known whether it was done; else somebody decides"`
}

// SSHArgs say what is run where over SSH.
type SSHArgs struct {
	Address    string   `json:"address" minLength:"1" maxLength:"256" doc:"host or host:port; default port 22"`
	User       string   `json:"user" minLength:"1" maxLength:"64" doc:"User to sign in as"`
	HostKey    string   `json:"hostKey" minLength:"1" maxLength:"4096" doc:"The machine's public key as ssh-keyscan tells it: type and base64. No other is taken"`
	Key        string   `json:"key" minLength:"1" maxLength:"63" doc:"Name of the secret with the private key to sign in with"`
	Command    []string `json:"command" minItems:"1" maxItems:"64" doc:"Program and arguments; each is quoted, so that no shell of the other side reads more into it"`
	Idempotent bool     `json:"idempotent,omitempty" doc:"It may be run again when it is not known whether it was done; else somebody decides"`
}

// Status is empty: what became of a runbook is told by its runs.
type Status struct{}

// Runbook is a runbook as an object.
type Runbook = resource.Object[Spec, Status]
