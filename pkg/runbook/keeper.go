package runbook

import (
	"context"
	"log/slog"
	"time"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/tenancy"
)

// Agents reaches the agents of hosts by the hosts' ids; *bus.Caller does.
type Agents interface {
	Call(ctx context.Context, host, role, method string, limit time.Duration, in, out any) error
}

// People tells who somebody is, by an id that was noted down.
type People interface {
	PrincipalOf(ctx context.Context, subject string) (tenancy.Principal, error)
}

// Keeper keeps runbooks and carries out runs.
type Keeper struct {
	reg     *resource.Registry
	objects *resource.Store
	people  People
	agents  Agents
	busCA   func() []byte
	remote  *executions
	log     *slog.Logger
	now     func() time.Time
}

// Config connects a keeper.
type Config struct {
	Objects *resource.Store
	People  People
	Agents  Agents
	BusCA   func() []byte // authorities of the bus that agents are to trust; nil: as they do
	Node    string        // of this process; the same after a restart
	Log     *slog.Logger
}

// Open connects the keeper; it comes after Register and before the engine starts.
func (k *Keeper) Open(c Config) {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.BusCA == nil {
		c.BusCA = func() []byte { return nil }
	}
	k.objects, k.people, k.agents, k.busCA, k.log = c.Objects, c.People, c.Agents, c.BusCA, c.Log
	k.remote = newExecutions(c.Objects, c.Node, c.Log)
}

// Close cuts what this process runs over SSH short.
func (k *Keeper) Close() {
	if k.remote != nil {
		k.remote.close()
	}
}

// Register adds the kinds runbook and run.
func (k *Keeper) Register(reg *resource.Registry) {
	k.reg = reg
	if k.now == nil {
		k.now = func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
	}
	resource.Register(reg, resource.Kind[Spec, Status]{
		Name: "runbook", Plural: "runbooks", Doc: "What operators do step by step, written down once.", Scoping: resource.Global,
		Columns:  []resource.Column{{Header: "VERSION", Path: "generation"}, {Header: "BUILTIN", Path: "spec.builtin"}, {Header: "STEPS", Path: "spec.steps.name"}, {Header: "SUMMARY", Path: "spec.summary"}},
		Secrets:  []string{"secrets"},
		Validate: k.validateRunbook, ValidateDelete: k.validateRunbookDelete,
	})
	resource.Register(reg, resource.Kind[RunSpec, RunStatus]{
		Name: "run", Plural: "runs", Doc: "One carrying out of a runbook.", Scoping: resource.Global,
		Columns: []resource.Column{{Header: "RUNBOOK", Path: "spec.runbook"}, {Header: "VERSION", Path: "spec.version"}, {Header: "STATE", Path: "status.state"},
			{Header: "STEP", Path: "status.step"}, {Header: "BY", Path: "spec.by.name"}, {Header: "MESSAGE", Path: "status.message"}},
		Indexed:  []string{"spec.runbook", "spec.runbookId", "spec.hosts", "status.state", "status.emptied"},
		Validate: k.validateRun, ValidateDelete: k.validateRunDelete,
		Reconcile: func(ctx context.Context, r *resource.Reconciliation, o *Run) (resource.Result, error) {
			return (&pass{Keeper: k, r: r, o: o}).reconcile(ctx)
		},
		Delete: func(ctx context.Context, _ *resource.Reconciliation, o *Run) (resource.Result, error) {
			return resource.Result{Done: true}, k.remote.forget(ctx, o.ID)
		},
		Actions: map[string]resource.Action[RunSpec, RunStatus]{
			"approve": {Doc: "Let the step that waits for it be done; by somebody other than whoever started the run.", Input: &DecisionInput{}, Apply: func(ctx context.Context, a *resource.Admission, o *Run, in any) error {
				return k.decide(ctx, a, o, Approve, "", in.(*DecisionInput).Note)
			}},
			"refuse": {Doc: "Refuse the step that waits for approval; the run fails.", Input: &RefuseInput{}, Apply: func(ctx context.Context, a *resource.Admission, o *Run, in any) error {
				return k.decide(ctx, a, o, Refuse, "", in.(*RefuseInput).Reason)
			}},
			"retry": {Doc: "Do a step and those after it anew; approvals are asked for anew, too.", Input: &StepInput{}, Apply: func(ctx context.Context, a *resource.Admission, o *Run, in any) error {
				return k.decide(ctx, a, o, Again, in.(*StepInput).Step, in.(*StepInput).Note)
			}},
			"skip": {Doc: "Take a step that failed or is held for done, and go on.", Input: &StepInput{}, Apply: func(ctx context.Context, a *resource.Admission, o *Run, in any) error {
				return k.decide(ctx, a, o, Skip, in.(*StepInput).Step, in.(*StepInput).Note)
			}},
			"cancel": {Doc: "End the run as it is; nothing is undone.", Input: &DecisionInput{}, Apply: func(ctx context.Context, a *resource.Admission, o *Run, in any) error {
				return k.decide(ctx, a, o, Cancel, "", in.(*DecisionInput).Note)
			}},
		},
	})
}
