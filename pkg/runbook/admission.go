package runbook

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"slices"

	"golang.org/x/crypto/ssh"

	"github.com/plazacloud/plaza/pkg/resource"
)

// checker gathers every fault of a document.
type checker struct{ fields []resource.Field }

func (c *checker) fault(path, format string, args ...any) {
	c.fields = append(c.fields, resource.Field{Path: path, Message: fmt.Sprintf(format, args...)})
}

func (c *checker) problem(kind string) error {
	if c.fields == nil {
		return nil
	}
	return &resource.Problem{Reason: resource.ReasonInvalid, Kind: kind, Detail: "the " + kind + " is not valid", Fields: c.fields}
}

func (k *Keeper) validateRunbook(_ context.Context, a *resource.Admission, old, o *Runbook) error {
	switch {
	case a.Actor.System:
	case old != nil && old.Spec.Builtin:
		return resource.Problemf(resource.ReasonConflict, "runbook", "copy it under another name: plaza runbook get "+o.Name+" -o yaml", "runbook %s comes with Plaza and changes with it", o.Name)
	case o.Spec.Builtin:
		return resource.Invalid("runbook", "spec.builtin", true, "only what comes with Plaza is builtin")
	}
	return k.check(o.Spec)
}

// check refuses what could only fail in the middle of a run.
func (k *Keeper) check(s Spec) error {
	c := &checker{}
	if n := len(s.Steps); n == 0 || n > maxSteps {
		c.fault("spec.steps", "has 1 to %d steps", maxSteps)
	}
	if len(s.Parameters) > maxParameters {
		c.fault("spec.parameters", "at most %d", maxParameters)
	}
	declared := map[string]RunParameter{}
	for i, p := range s.Parameters {
		at := fmt.Sprintf("spec.parameters[%d]", i)
		if _, dup := declared[p.Name]; dup || !wordName.MatchString(p.Name) {
			c.fault(at+".name", "is a word of lower-case letters, digits and dashes that is there once")
		}
		declared[p.Name] = p
		if _, err := regexp.Compile(p.Pattern); err != nil {
			c.fault(at+".pattern", "%v", err)
		} else if p.Default != nil && *p.Default != "" && p.Type != typeHost {
			if err := p.takes(*p.Default); err != nil {
				c.fault(at+".default", "%v", err)
			}
		}
	}
	for name, pem := range s.Secrets {
		if _, err := ssh.ParsePrivateKey([]byte(pem)); err != nil {
			c.fault("spec.secrets."+name, "is not a private key without a passphrase, as PEM")
		}
	}
	seen := map[string]bool{}
	for i, step := range s.Steps {
		at := fmt.Sprintf("spec.steps[%d]", i)
		if seen[step.Name] || !wordName.MatchString(step.Name) {
			c.fault(at+".name", "is a word of lower-case letters, digits and dashes that is there once")
		}
		seen[step.Name] = true
		k.checkAct(c, at+".do", step.Do, s, declared)
		if step.Undo != nil {
			k.checkAct(c, at+".undo", *step.Undo, s, declared)
			if !step.Undo.repeatable() {
				c.fault(at+".undo", "has to be an act that may be repeated; say so with idempotent")
			}
		}
	}
	return c.problem("runbook")
}

var wordName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// repeatable tells whether the act may be done again when it is not known whether it was done.
func (a Act) repeatable() bool {
	switch {
	case a.Command != nil:
		return a.Command.Idempotent
	case a.SSH != nil:
		return a.SSH.Idempotent
	}
	return true
}

// count is how many acts are stated.
func (a Act) count() (n int) {
	v := reflect.ValueOf(a)
	for i := range v.NumField() {
		if !v.Field(i).IsNil() {
			n++
		}
	}
	return n
}

func (k *Keeper) checkAct(c *checker, at string, a Act, s Spec, declared map[string]RunParameter) {
	if a.count() != 1 {
		c.fault(at, "states exactly one act; this has %d", a.count())
		return
	}
	for _, name := range placeholders(a) {
		if _, ok := declared[name]; !ok {
			c.fault(at, "takes ${%s}, which is no parameter", name)
		}
	}
	switch {
	case a.Evacuate != nil:
		if o := a.Evacuate.Otherwise; o != "" && !placeholder.MatchString(o) && !slices.Contains(otherwise, o) {
			c.fault(at+".evacuate.otherwise", "is none of fail, stop, leave")
		}
	case a.Wait != nil:
		if _, err := k.reg.Kind(a.Wait.Kind); err != nil {
			c.fault(at+".wait.kind", "there is no kind %q", a.Wait.Kind)
		}
	case a.SSH != nil:
		if _, err := hostKey(a.SSH.HostKey); err != nil {
			c.fault(at+".ssh.hostKey", "is no public key as ssh-keyscan tells it: type and base64")
		}
		if _, ok := s.Secrets[a.SSH.Key]; !ok {
			c.fault(at+".ssh.key", "there is no secret %q", a.SSH.Key)
		}
	}
}

// underWay tells whether something is still done about a run; of one whose operation was cancelled nothing is.
func underWay(o Run) bool { return !o.Status.ended() && o.Phase != resource.PhaseFailed }

// validateRunbookDelete keeps what is being carried out.
func (k *Keeper) validateRunbookDelete(ctx context.Context, a *resource.Admission, o *Runbook) error {
	if o.Spec.Builtin && !a.Actor.System {
		return resource.Problemf(resource.ReasonConflict, "runbook", "", "runbook %s comes with Plaza", o.Name)
	}
	return resource.All(ctx, a, resource.Query{Kind: "run", Fields: map[string]string{"spec.runbookId": o.ID}, Limit: 500}, func(raw resource.Raw) error {
		run, err := resource.As[RunSpec, RunStatus](raw)
		if err != nil || !underWay(run) {
			return err
		}
		return resource.Problemf(resource.ReasonInUse, "runbook", "wait for its end, or: plaza run cancel "+run.Name, "run %s of runbook %s is under way", run.Name, o.Name)
	})
}

// validateRun takes a run in, and afterwards keeps it what it was: only the actions change it.
func (k *Keeper) validateRun(ctx context.Context, a *resource.Admission, old, o *Run) error {
	if old == nil {
		return k.take(ctx, a, o)
	}
	if a.Verb == "update" && (o.Spec.Runbook != old.Spec.Runbook || o.Spec.Note != old.Spec.Note || !reflect.DeepEqual(o.Spec.Parameters, old.Spec.Parameters)) {
		return resource.Problemf(resource.ReasonConflict, "run", "cancel it, and start another one", "what is run does not change")
	}
	if a.Verb == "update" {
		o.Spec = old.Spec
	}
	return nil
}

// take makes the plan of a run out of the runbook as it is now.
func (k *Keeper) take(ctx context.Context, a *resource.Admission, o *Run) error {
	raw, err := a.Get(ctx, "runbook", "", o.Spec.Runbook)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		p := resource.Invalid("run", "spec.runbook", o.Spec.Runbook, "there is no runbook by that name")
		p.Hint = "list them with: plaza runbook list"
		return p
	}
	if err != nil {
		return err
	}
	book, err := resource.As[Spec, Status](raw)
	if err != nil {
		return err
	}
	by, err := k.party(ctx, a.Actor)
	if err != nil {
		return err
	}
	values, hosts, err := k.values(ctx, a, book.Spec, o.Spec.Parameters)
	if err != nil {
		return err
	}
	o.Spec = RunSpec{Runbook: book.Name, Parameters: o.Spec.Parameters, Note: o.Spec.Note, RunbookID: book.ID, Version: book.Generation, Hosts: hosts, By: by}
	if o.Spec.Steps, err = expand(book.Spec.Steps, values); err != nil {
		return err
	}
	for i, s := range o.Spec.Steps { // a parameter may have brought in what is none of the words
		if e := s.Do.Evacuate; e != nil && e.Otherwise != "" && !slices.Contains(otherwise, e.Otherwise) {
			return resource.Invalid("run", fmt.Sprintf("spec.steps[%d].do.evacuate.otherwise", i), e.Otherwise, "is none of fail, stop, leave")
		}
	}
	if err := k.alone(ctx, a, o.ID, hosts); err != nil {
		return err
	}
	o.Status = RunStatus{State: RunRunning}
	for _, s := range o.Spec.Steps {
		o.Status.Steps = append(o.Status.Steps, StepStatus{Name: s.Name, State: StepPending})
	}
	return nil
}

// alone keeps two runs from being at a host at the same time, of which one would undo what the other does.
func (k *Keeper) alone(ctx context.Context, r resource.Reader, self string, hosts []string) error {
	for _, host := range hosts {
		err := resource.All(ctx, r, resource.Query{Kind: "run", Fields: map[string]string{"spec.hosts": host}, Limit: 500}, func(raw resource.Raw) error {
			other, err := resource.As[RunSpec, RunStatus](raw)
			if err != nil || !underWay(other) || other.ID == self {
				return err
			}
			return resource.Problemf(resource.ReasonConflict, "run", "wait for its end, or: plaza run cancel "+other.Name, "run %s is at the same host", other.Name)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// validateRunDelete keeps what is under way.
func (k *Keeper) validateRunDelete(_ context.Context, a *resource.Admission, o *Run) error {
	if a.Actor.System || !underWay(*o) {
		return nil
	}
	return resource.Problemf(resource.ReasonConflict, "run", "wait for its end, or: plaza run cancel "+o.Name, "run %s is under way", o.Name)
}

func (k *Keeper) party(ctx context.Context, actor resource.Actor) (Party, error) {
	if actor.System || k.people == nil {
		return Party{ID: actor.ID, User: actor.ID, Name: actor.Name}, nil
	}
	p, err := k.people.PrincipalOf(ctx, actor.ID)
	return Party{ID: actor.ID, User: p.UserID, Name: actor.Name}, err
}
