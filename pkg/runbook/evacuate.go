package runbook

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// What becomes of servers that can not be moved.
var otherwise = []string{otherwiseFail, otherwiseStop, otherwiseLeave}

const (
	otherwiseFail  = "fail"
	otherwiseStop  = "stop"
	otherwiseLeave = "leave"

	parallel = 4
)

// States of items.
const (
	itemMoving   = "moving"
	itemMoved    = "moved"
	itemUnmoved  = "unmoved" // its move did not come off: the step says what becomes of it
	itemStopping = "stopping"
	itemStopped  = "stopped"
	itemStarting = "starting"
	itemStarted  = "started"
	itemOff      = "off" // it did not run
	itemLeft     = "left"
	itemFailed   = "failed"
)

// moves are the inputs of migrate, the gentlest first. Which servers can be moved at all, and where to, is the action's to say.
var moves = []string{`{"live":true}`, `{}`}

// evacuate gets every running server off a host: each is moved, or else stopped or left as the step says.
func (p *pass) evacuate(ctx context.Context, actor resource.Actor, in EvacuateArgs, w *Work) (progress, error) {
	at, err := p.place(ctx, actor, in)
	if err != nil {
		return progress{}, err
	}
	p.emptied(at.id)
	servers, err := p.serversOn(ctx, at)
	if err != nil {
		return progress{}, err
	}
	if err := p.arrived(ctx, at, w); err != nil {
		return progress{}, err
	}
	w.gone(servers)
	if in.Parallel == 0 {
		in.Parallel = parallel
	}
	for _, s := range servers {
		if err := p.leave(ctx, actor, s, in, w); err != nil {
			return progress{}, err
		}
	}
	under := w.count(itemMoving) + w.count(itemStopping)
	if under > 0 || w.count("") > 0 {
		return progress{message: fmt.Sprintf("%d servers moved, %d stopped, %d under way, %d to go", w.count(itemMoved), w.count(itemStopped), under, w.count(""))}, nil
	}
	if stuck := w.count(itemFailed); stuck > 0 {
		return progress{}, p.stuck(at.name, stuck, w)
	}
	return progress{done: true, message: fmt.Sprintf("%d servers moved, %d stopped, %d left", w.count(itemMoved), w.count(itemStopped), w.count(itemLeft))}, nil
}

// emptied notes a host whose servers the run is about, for those that start them again.
func (p *pass) emptied(host string) {
	if st := &p.o.Status; !slices.Contains(st.Emptied, host) {
		st.Emptied = append(st.Emptied, host)
	}
}

// place is a host, or a hypervisor of a region.
type place struct{ id, node, name string }

func (p *pass) place(ctx context.Context, actor resource.Actor, in EvacuateArgs) (place, error) {
	if in.Hypervisor == "" {
		h, err := p.host(ctx, actor, in.Host)
		return place{id: h.ID, name: h.Name}, err
	}
	if err := p.objects.Authorize(ctx, actor, "get", "region", ""); err != nil {
		return place{}, err
	}
	region, err := p.r.Get(ctx, "region", "", in.Host)
	return place{region.ID, in.Hypervisor, in.Hypervisor + " of region " + region.Name}, err
}

// holds tells whether a server is there.
func (at place) holds(s kinds.ServerStatus) bool {
	return s.Host == at.id && (at.node == "" || s.Node == at.node)
}

func (p *pass) serversOn(ctx context.Context, at place) ([]kinds.Server, error) {
	var out []kinds.Server
	err := resource.All(ctx, p.objects.View(resource.Everything), resource.Query{Kind: "server", Fields: map[string]string{"status.host": at.id}, Limit: 500}, func(raw resource.Raw) error {
		s, err := resource.As[kinds.ServerSpec, kinds.ServerStatus](raw)
		if at.holds(s.Status) {
			out = append(out, s)
		}
		return err
	})
	return out, err
}

func (w *Work) count(state string) (n int) {
	for _, i := range w.Items {
		if i.State == state {
			n++
		}
	}
	return n
}

// item finds what became of a server in this step.
func (w *Work) item(s kinds.Server) *StepItem {
	if i := slices.IndexFunc(w.Items, func(i StepItem) bool { return i.ID == s.ID }); i >= 0 {
		return &w.Items[i]
	}
	w.Items = append(w.Items, StepItem{ID: s.ID, Name: s.Name})
	return &w.Items[len(w.Items)-1]
}

// gone settles what has left by itself before its turn came.
func (w *Work) gone(servers []kinds.Server) {
	for i := range w.Items {
		item := &w.Items[i]
		there := slices.ContainsFunc(servers, func(s kinds.Server) bool { return s.ID == item.ID })
		if !there && (item.State == "" || item.State == itemUnmoved) {
			item.State, item.Detail = itemMoved, "it went by itself"
		}
	}
}

// arrived follows what is under way to its end.
func (p *pass) arrived(ctx context.Context, at place, w *Work) error {
	for i := range w.Items {
		item := &w.Items[i]
		if item.State != itemMoving && item.State != itemStopping && item.State != itemStarting {
			continue
		}
		op, err := p.objects.View(resource.Everything).Operation(ctx, item.Operation)
		switch {
		case err != nil:
			return err
		case !op.Ended():
		case op.State != resource.OperationSucceeded:
			item.Detail = cut(fmt.Sprintf("%s is %s: %s", op.Verb, op.State, op.Why()))
			if item.State == itemMoving {
				item.State = itemUnmoved
			} else {
				item.State = itemFailed
			}
		case item.State == itemMoving:
			if item.State, err = p.landed(ctx, at, item); err != nil {
				return err
			}
		case item.State == itemStopping:
			item.State = itemStopped
		default:
			item.State = itemStarted
		}
	}
	return nil
}

// landed tells whether a server that was moved is elsewhere.
func (p *pass) landed(ctx context.Context, at place, item *StepItem) (string, error) {
	raw, err := p.r.Get(ctx, "server", "", item.ID)
	if resource.ReasonOf(err) == resource.ReasonNotFound {
		return itemMoved, nil
	}
	if err != nil {
		return item.State, err
	}
	s, err := resource.As[kinds.ServerSpec, kinds.ServerStatus](raw)
	if err != nil || !at.holds(s.Status) {
		return itemMoved, err
	}
	item.Detail = "it is there still"
	return itemUnmoved, nil
}

// leave begins to get one server off its host.
func (p *pass) leave(ctx context.Context, actor resource.Actor, s kinds.Server, in EvacuateArgs, w *Work) error {
	item := w.item(s)
	switch {
	case item.State == itemStopped && s.Spec.Power == string(provider.PowerRunning):
		item.State, item.Detail = itemFailed, "somebody has started it again"
		return nil
	case item.State == itemMoved:
		item.State, item.Detail = itemUnmoved, "it came back"
	case item.State != "" && item.State != itemUnmoved:
		return nil
	}
	resides := s.Status.Power == provider.PowerRunning || s.Status.Power == provider.PowerPaused // in the host's memory
	if !resides && s.Spec.Power != string(provider.PowerRunning) {
		item.State = itemOff
		return nil
	}
	if w.count(itemMoving)+w.count(itemStopping) >= in.Parallel {
		return nil
	}
	if item.State != itemUnmoved {
		moving, err := p.move(ctx, actor, s, item, w)
		if moving || err != nil {
			return err
		}
	}
	switch in.Otherwise {
	case otherwiseStop:
		return p.shut(ctx, actor, s, item, w)
	case otherwiseLeave:
		item.State = itemLeft
	default:
		item.State = itemFailed
	}
	return nil
}

// move begins to take a server elsewhere; when nothing does, the item tells why.
func (p *pass) move(ctx context.Context, actor resource.Actor, s kinds.Server, item *StepItem, w *Work) (bool, error) {
	for i, input := range moves {
		req := resource.Request{Kind: "server", ID: s.ID, Actor: actor, IdempotencyKey: p.key(w, s.ID, "migrate", strconv.Itoa(i)), IdempotencyHash: input}
		a, err := p.objects.Act(ctx, req, "migrate", json.RawMessage(input))
		switch {
		case err == nil && a.Operation != nil:
			w.Changed = true
			item.State, item.Operation = itemMoving, a.Operation.ID
			return true, nil
		case err != nil && passes(err):
			return false, err
		case err != nil:
			item.Detail = cut(err.Error())
		}
	}
	return false, nil
}

// shut stops a server, and remembers how it was left.
func (p *pass) shut(ctx context.Context, actor resource.Actor, s kinds.Server, item *StepItem, w *Work) error {
	a, err := p.objects.Act(ctx, resource.Request{Kind: "server", ID: s.ID, Actor: actor, IdempotencyKey: p.key(w, s.ID, "stop"), IdempotencyHash: "stop"}, "stop", nil)
	switch {
	case err != nil && passes(err):
		return err
	case err != nil:
		item.State, item.Detail = itemFailed, cut(strings.TrimPrefix(item.Detail+"; stop: "+err.Error(), "; "))
		return nil //nolint:nilerr // the item tells it
	case a.Operation == nil: // it is meant to be stopped, and about to be
		item.State = itemOff
		return nil
	}
	w.Changed = true
	item.State, item.Operation, item.Generation = itemStopping, a.Operation.ID, a.Object.Generation
	return nil
}

// stuck lists the servers that keep a host from being empty.
func (p *pass) stuck(host string, n int, w *Work) error {
	problem := resource.Problemf(resource.ReasonNoCandidate, "host", "move or stop them, or let the step stop them", "%d servers can not leave host %s", n, host)
	for _, i := range w.Items {
		if i.State == itemFailed && len(problem.Candidates) < 20 {
			problem.Candidates = append(problem.Candidates, resource.Candidate{Name: i.Name, Reason: "Stays", Detail: i.Detail})
		}
	}
	if c := problem.Candidates; len(c) > 0 {
		problem.Detail += fmt.Sprintf("; %s: %s", c[0].Name, c[0].Detail)
	}
	return problem
}

// startAgain starts the servers of a host that runs have stopped. One that somebody has changed since is theirs.
func (p *pass) startAgain(ctx context.Context, actor resource.Actor, host string, w *Work) (progress, error) {
	h, err := p.host(ctx, actor, host)
	if err != nil {
		return progress{}, err
	}
	if w.Mark == "" {
		if w.Items, err = p.stopped(ctx, h.ID); err != nil {
			return progress{}, err
		}
		p.emptied(h.ID)
		w.Mark = "listed"
		return progress{again: soon, message: fmt.Sprintf("%d servers to start", len(w.Items))}, nil
	}
	if err := p.arrived(ctx, place{id: h.ID}, w); err != nil {
		return progress{}, err
	}
	for i := range w.Items {
		if item := &w.Items[i]; item.State == itemStopped && w.count(itemStarting) < parallel {
			if err := p.power(ctx, actor, item, w); err != nil {
				return progress{}, err
			}
		}
	}
	switch {
	case w.count(itemStarting)+w.count(itemStopped) > 0:
		return progress{message: fmt.Sprintf("%d servers started, %d to go", w.count(itemStarted), w.count(itemStarting)+w.count(itemStopped))}, nil
	case w.count(itemFailed) > 0:
		return progress{}, resource.Problemf(resource.ReasonConflict, "run", "see why: plaza run get "+p.o.Name+" -o yaml", "%d servers did not start", w.count(itemFailed))
	}
	return progress{done: true, message: fmt.Sprintf("%d servers started, %d left as somebody wants them", w.count(itemStarted), w.count(itemLeft))}, nil
}

func (p *pass) power(ctx context.Context, actor resource.Actor, item *StepItem, w *Work) error {
	raw, err := p.r.Get(ctx, "server", "", item.ID)
	switch {
	case resource.ReasonOf(err) == resource.ReasonNotFound:
		item.State, item.Detail = itemLeft, "it is gone"
		return nil
	case err != nil:
		return err
	case slices.Contains(resource.Lookup(raw, "spec.power"), string(provider.PowerRunning)):
		item.State = itemStarted // by an earlier pass, or by somebody else
		return nil
	case raw.Generation != item.Generation:
		item.State, item.Detail = itemLeft, "somebody has changed it since it was stopped"
		return nil
	}
	a, err := p.objects.Act(ctx, resource.Request{Kind: "server", ID: item.ID, Actor: actor, IdempotencyKey: p.key(w, item.ID, "start"), IdempotencyHash: "start"}, "start", nil)
	switch {
	case err != nil && passes(err):
		return err
	case err != nil:
		item.State, item.Detail = itemFailed, cut(err.Error())
	case a.Operation == nil:
		item.State = itemStarted
	default:
		item.State, item.Operation = itemStarting, a.Operation.ID
	}
	return nil
}

// stopped lists what runs have stopped on a host and none has started since, this one among them.
func (p *pass) stopped(ctx context.Context, host string) ([]StepItem, error) {
	left := map[string]StepItem{}
	var order []string
	fold := func(steps []StepStatus) {
		for _, s := range steps {
			for _, i := range slices.Concat(s.Work.Items, undone(s)) {
				switch i.State {
				case itemStopped, itemStopping:
					left[i.ID] = StepItem{ID: i.ID, Name: i.Name, State: itemStopped, Generation: i.Generation}
					order = append(order, i.ID)
				case itemStarted, itemStarting:
					delete(left, i.ID)
				}
			}
		}
	}
	err := resource.All(ctx, p.objects.View(resource.Everything), resource.Query{Kind: "run", Fields: map[string]string{"status.emptied": host}, Limit: 100}, func(raw resource.Raw) error {
		run, err := resource.As[RunSpec, RunStatus](raw)
		if err == nil && run.ID != p.o.ID {
			fold(run.Status.Steps)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	fold(p.o.Status.Steps)
	var out []StepItem
	for _, id := range order {
		if i, ok := left[id]; ok {
			out = append(out, i)
			delete(left, id)
		}
	}
	return out, nil
}

func undone(s StepStatus) []StepItem {
	if s.Undo == nil {
		return nil
	}
	return s.Undo.Items
}
