package runbook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/runbook/errand"
)

// do goes on with an act in the name of whoever started the run, who has to be allowed to do what it does.
func (p *pass) do(ctx context.Context, a Act, w *Work, left time.Duration) (progress, error) {
	actor, err := p.actor(ctx)
	if err != nil {
		return progress{}, err
	}
	switch {
	case a.Cordon != nil:
		return p.schedulable(ctx, actor, a.Cordon.Host, false, w)
	case a.Uncordon != nil:
		return p.schedulable(ctx, actor, a.Uncordon.Host, true, w)
	case a.Evacuate != nil:
		return p.evacuate(ctx, actor, *a.Evacuate, w)
	case a.Start != nil:
		return p.startAgain(ctx, actor, a.Start.Host, w)
	case a.Wait != nil:
		return p.awaited(ctx, actor, *a.Wait)
	case a.RestartAgent != nil:
		return p.restartAgent(ctx, actor, a.RestartAgent.Host, w)
	case a.RotateKey != nil:
		return p.rotateKey(ctx, actor, a.RotateKey.Host, w)
	case a.Command != nil:
		return p.command(ctx, actor, *a.Command, w, left)
	case a.SSH != nil:
		return p.ssh(ctx, actor, *a.SSH, w, left)
	}
	return progress{}, resource.Problemf(resource.ReasonInvalid, "run", "mend the runbook", "the step states no act")
}

// actor is whoever started the run, as they are now: who lost a right meanwhile has it no more.
func (p *pass) actor(ctx context.Context) (resource.Actor, error) {
	if p.people == nil || strings.HasPrefix(p.o.Spec.By.ID, "system:") {
		return resource.System("run/" + p.o.Name), nil
	}
	who, err := p.people.PrincipalOf(ctx, p.o.Spec.By.ID)
	if resource.ReasonOf(err) == resource.ReasonUnauthenticated {
		return resource.Actor{}, resource.Problemf(resource.ReasonForbidden, "run", "start another run", "%s, who started it, is nobody any more", p.o.Spec.By.Name)
	}
	return who.Actor, err
}

// key makes a change happen once for a try.
func (p *pass) key(w *Work, what ...string) string {
	return strings.Join(append([]string{"run", w.Try}, what...), "/")
}

func (p *pass) host(ctx context.Context, actor resource.Actor, name string) (kinds.Host, error) {
	if err := p.objects.Authorize(ctx, actor, "get", "host", ""); err != nil {
		return kinds.Host{}, err
	}
	raw, err := p.r.Get(ctx, "host", "", name)
	if err != nil {
		return kinds.Host{}, err
	}
	return resource.As[kinds.HostSpec, kinds.HostStatus](raw)
}

func (p *pass) schedulable(ctx context.Context, actor resource.Actor, host string, open bool, w *Work) (progress, error) {
	h, err := p.host(ctx, actor, host)
	if err != nil {
		return progress{}, err
	}
	verb := "cordon"
	if open {
		verb = "uncordon"
	}
	a, err := p.objects.Apply(ctx, resource.Request{Kind: "host", ID: h.ID, Spec: fmt.Appendf(nil, `{"schedulable":%t}`, open), Partial: true, Mode: resource.UpdateOnly, Actor: actor, Verb: verb})
	w.Changed = w.Changed || a.Changed
	return progress{done: err == nil}, err
}

// awaited looks whether an object is as it should be.
func (p *pass) awaited(ctx context.Context, actor resource.Actor, in WaitArgs) (progress, error) {
	if err := p.objects.Authorize(ctx, actor, "get", in.Kind, in.Project); err != nil {
		return progress{}, err
	}
	o, err := p.objects.View(actor.Scope).Get(ctx, in.Kind, in.Project, in.Object)
	if err != nil {
		return progress{}, err
	}
	is := strings.Join(resource.Lookup(o, in.Field), ",")
	return progress{done: is == in.Is, message: fmt.Sprintf("%s of %s %s is %q", in.Field, in.Kind, o.Name, is)}, nil
}

// ask has the agent of a host do an errand. To be told nothing by it is one thing, to be refused another.
func ask[Out any](ctx context.Context, p *pass, host, method string, in any) (Out, error) {
	var out Out
	err := p.agents.Call(ctx, host, errand.Role, method, errand.Limit, in, &out)
	var f *bus.Fault
	if errors.As(err, &f) && !passes(err) {
		err = resource.Problemf(resource.Reason(f.Reason), "host", f.Hint, "%s", f.Detail)
	}
	return out, err
}

// mayErrand expects a right over the host's agent that goes as far as changing the host.
func (p *pass) mayErrand(ctx context.Context, actor resource.Actor, host string) (kinds.Host, error) {
	if err := p.objects.Authorize(ctx, actor, "update", "host", ""); err != nil {
		return kinds.Host{}, err
	}
	return p.host(ctx, actor, host)
}

// restartAgent asks one start of the agent to end, and waits for another one.
func (p *pass) restartAgent(ctx context.Context, actor resource.Actor, host string, w *Work) (progress, error) {
	h, err := p.mayErrand(ctx, actor, host)
	if err != nil {
		return progress{}, err
	}
	self, err := ask[errand.Agent](ctx, p, h.ID, errand.Self, errand.None{})
	switch {
	case err != nil:
		return progress{}, err
	case w.Mark == "": // written before it is asked for, so that it is asked for once
		w.Mark = self.Boot
		return progress{again: soon}, nil
	case self.Boot != w.Mark:
		return progress{done: true, message: "agent " + self.Version + " has started"}, nil
	}
	_, err = ask[errand.Agent](ctx, p, h.ID, errand.Restart, errand.Boot{Boot: w.Mark})
	return progress{message: "waiting for the agent to come back"}, err
}

// rotateKey lets the agent make another key, lets the host in by it, and waits until the agent uses it. Whatever is lost on
// the way, the agent holds both keys until the bus has taken the new one.
func (p *pass) rotateKey(ctx context.Context, actor resource.Actor, host string, w *Work) (progress, error) {
	h, err := p.mayErrand(ctx, actor, host)
	if err != nil {
		return progress{}, err
	}
	rotation := errand.Rotation{ID: w.Try, BusCA: string(p.busCA())}
	keys, err := ask[errand.Keys](ctx, p, h.ID, errand.NextKey, rotation)
	switch {
	case err != nil:
		return progress{}, err
	case keys.Next == "" && keys.Current == h.Spec.PublicKey:
		return progress{done: true, message: "the agent proves itself with " + keys.Current}, nil
	case keys.Next == "":
		return progress{}, resource.Problemf(resource.ReasonConflict, "host", "rotate it again", "the agent of host %s uses another key than the one that is known", h.Name)
	}
	if h.Spec.PublicKey != keys.Next {
		spec, err := json.Marshal(map[string]string{"publicKey": keys.Next})
		if err != nil {
			return progress{}, err
		}
		if _, err := p.objects.Apply(ctx, resource.Request{Kind: "host", ID: h.ID, Spec: spec, Partial: true, Mode: resource.UpdateOnly, Actor: actor, Verb: "rotate-key"}); err != nil {
			return progress{}, err
		}
	}
	_, err = ask[errand.Keys](ctx, p, h.ID, errand.UseKey, rotation)
	return progress{message: "waiting for the agent to come back with its new key"}, err
}

// command has the agent run a command, once, and looks how far it is.
func (p *pass) command(ctx context.Context, actor resource.Actor, in CommandArgs, w *Work, left time.Duration) (progress, error) {
	h, err := p.mayErrand(ctx, actor, in.Host)
	if err != nil {
		return progress{}, err
	}
	out, err := ask[errand.Outcome](ctx, p, h.ID, errand.Command, errand.Order{ID: w.Try, Name: in.Run, Arguments: in.Arguments, TimeoutMS: left.Milliseconds()})
	if err != nil {
		return progress{}, err
	}
	w.Changed, w.Output = true, out.Output
	switch out.State {
	case errand.Lost:
		return progress{lost: true, message: "the agent ended while it ran command " + in.Run}, nil
	case errand.Ended:
		return ended("command "+in.Run, out.Exit, out.Error)
	}
	return progress{message: "command " + in.Run + " runs"}, nil
}

// ended tells success from failure by the exit code.
func ended(what string, exit int, problem string) (progress, error) {
	if exit == 0 && problem == "" {
		return progress{done: true}, nil
	}
	return progress{}, resource.Problemf(resource.ReasonConflict, "run", "", "%s failed: %s", what, problem)
}

// halt stops what the run is at.
func (p *pass) halt(ctx context.Context) {
	for i := range p.o.Status.Steps {
		if s := &p.o.Status.Steps[i]; s.State == StepRunning {
			p.stop(ctx, p.o.Spec.Steps[i].Do, &s.Work)
			s.State, s.Work.Message = StepFailed, "it was stopped"
		}
	}
}

// stop ends a command that runs; an agent that does not hear of it stops it when its time is over.
func (p *pass) stop(ctx context.Context, a Act, w *Work) {
	switch {
	case a.SSH != nil:
		p.remote.stop(w.Try)
	case a.Command != nil:
		if h, err := p.r.Get(ctx, "host", "", a.Command.Host); err == nil {
			_, _ = ask[errand.Outcome](ctx, p, h.ID, errand.StopCommand, errand.Order{ID: w.Try})
		}
	}
}

// mask hides the runbook's secrets in what is shown.
func (p *pass) mask(ctx context.Context, text string) string {
	if text == "" {
		return ""
	}
	secrets, err := p.secrets(ctx)
	if err != nil {
		return "(not shown: the runbook's secrets, which may be in it, can not be read)"
	}
	return masked(text, secrets)
}

// masked is a text without the lines of keys.
func masked(text string, secrets map[string]string) string {
	for _, s := range secrets {
		for line := range strings.SplitSeq(s, "\n") {
			if line = strings.TrimSpace(line); len(line) >= 8 && !strings.HasPrefix(line, "-----") {
				text = strings.ReplaceAll(text, line, "***")
			}
		}
	}
	return text
}

// secrets are the runbook's as they are now; none when it is gone.
func (p *pass) secrets(ctx context.Context) (map[string]string, error) {
	raw, err := p.r.Get(ctx, "runbook", "", p.o.Spec.RunbookID)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	book, err := resource.As[Spec, Status](raw)
	return book.Spec.Secrets, err
}
