package kinds_test

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
)

// yard is a bare metal service in memory that can be made to fail at any call, before or after the call took effect,
// and whose steps take a few looks. What a real one does is proved elsewhere, by the conformance suite against Ironic.
type yard struct {
	mu       sync.Mutex
	machines map[string]*provider.MachineState
	wanted   map[string]provider.Machine
	acts     []provider.MachineAct
	actsOf   map[string]map[provider.MachineVerb]int // by machine
	broken   map[provider.MachineVerb]string         // verb → what it fails with
	slow     int                                     // looks that a step takes
	left     map[string]int
	next     map[string]string
	clock    time.Time
	calls    map[string]int // by machine
	fail     func(id string, n int, call, phase string) error
}

func newYard() *yard {
	return &yard{machines: map[string]*provider.MachineState{}, wanted: map[string]provider.Machine{}, broken: map[provider.MachineVerb]string{}, slow: 1,
		actsOf: map[string]map[provider.MachineVerb]int{}, calls: map[string]int{},
		left: map[string]int{}, next: map[string]string{}, clock: time.Now().UTC().Truncate(time.Second)}
}

func (y *yard) with(f func()) {
	y.mu.Lock()
	defer y.mu.Unlock()
	f()
}

func (y *yard) call(name, id string, f func() error) error {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.calls[id]++
	n := y.calls[id]
	if y.fail != nil {
		if err := y.fail(id, n, name, "before"); err != nil {
			return err
		}
	}
	if err := f(); err != nil {
		return err
	}
	if y.fail != nil {
		return y.fail(id, n, name, "after")
	}
	return nil
}

// enter changes a machine's provision state, at a time of its own.
func (y *yard) enter(m *provider.MachineState, state string) {
	y.clock = y.clock.Add(time.Second)
	m.Provision, m.Since = state, y.clock
}

// look lets a step that is under way go on.
func (y *yard) look(id string) (provider.MachineState, error) {
	m := y.machines[id]
	if m == nil {
		return provider.MachineState{}, provider.Errorf(provider.ReasonNotFound, "", "there is no machine %s", id)
	}
	if to := y.next[id]; to != "" {
		if y.left[id]--; y.left[id] <= 0 {
			m.Target, m.Step = "", ""
			y.enter(m, to)
			delete(y.next, id)
		}
	}
	out := *m
	out.ObservedAt = time.Now()
	return out, nil
}

func (y *yard) EnsureMachine(_ context.Context, _ string, want provider.Machine) (out provider.MachineState, err error) {
	err = y.call("Ensure", want.ID, func() error {
		if y.machines[want.ID] == nil {
			y.machines[want.ID] = &provider.MachineState{ID: want.ID, Backend: want.ID, Provision: "enroll", Since: y.clock}
		}
		y.wanted[want.ID] = want
		m := y.machines[want.ID]
		m.ResourceClass, m.CPUs, m.MACs = want.ResourceClass, want.CPUs, want.MACs
		out, err = y.look(want.ID)
		return err
	})
	return out, err
}

func (y *yard) GetMachine(_ context.Context, _, id string) (out provider.MachineState, err error) {
	err = y.call("Get", id, func() error { out, err = y.look(id); return err })
	return out, err
}

// ways are the arrows of the state machine: from, under way, to, and where a failure ends.
var ways = map[provider.MachineVerb]struct {
	from              string
	during, to, fails string
}{
	provider.MachineManage:   {"enroll,available,clean failed,inspect failed", "verifying", "manageable", "enroll"},
	provider.MachineInspect:  {"manageable,inspect failed", "inspecting", "manageable", "inspect failed"},
	provider.MachineProvide:  {"manageable", "cleaning", "available", "clean failed"},
	provider.MachineClean:    {"manageable", "cleaning", "manageable", "clean failed"},
	provider.MachineDeploy:   {"available,deploy failed", "deploying", "active", "deploy failed"},
	provider.MachineUndeploy: {"active,deploy failed,error,rescue", "deleting", "available", "error"},
	provider.MachineRescue:   {"active,rescue failed", "rescuing", "rescue", "rescue failed"},
	provider.MachineUnrescue: {"rescue,rescue failed", "unrescuing", "active", "unrescue failed"},
}

func (y *yard) ActOnMachine(_ context.Context, _, id string, act provider.MachineAct) (out provider.MachineState, err error) {
	err = y.call("Act:"+string(act.Verb), id, func() error {
		m := y.machines[id]
		if m == nil {
			return provider.Errorf(provider.ReasonNotFound, "", "there is no machine %s", id)
		}
		y.acts = append(y.acts, act)
		if y.actsOf[id] == nil {
			y.actsOf[id] = map[provider.MachineVerb]int{}
		}
		y.actsOf[id][act.Verb]++
		switch act.Verb {
		case provider.MachinePowerOn, provider.MachineReboot:
			m.Power = "power on"
		case provider.MachinePowerOff:
			m.Power = "power off"
		case provider.MachineMaintain:
			m.Maintenance = true
		case provider.MachineEndMaintain:
			m.Maintenance, m.Fault = false, ""
		default:
			if err := y.move(m, act.Verb); err != nil {
				return err
			}
		}
		out = *m
		return nil
	})
	return out, err
}

func (y *yard) move(m *provider.MachineState, verb provider.MachineVerb) error {
	w := ways[verb]
	if m.Provision == w.during || m.Provision == w.to && verb != provider.MachineInspect && verb != provider.MachineClean {
		return nil
	}
	refuse := provider.Errorf(provider.ReasonConflict, "", "machine can not %s: it is %s", verb, m.Provision)
	from := false
	for s := range strings.SplitSeq(w.from, ",") {
		from = from || s == m.Provision
	}
	if !from || (m.Maintenance || m.Fault != "") && (verb == provider.MachineProvide || verb == provider.MachineDeploy) {
		return refuse
	}
	if verb == provider.MachineManage && m.Fault == "clean failure" {
		m.Fault, m.Maintenance = "", false
	}
	y.left[m.ID], y.next[m.ID] = y.slow, w.to
	m.Target, m.Error, m.Step = w.to, "", string(verb)+".first"
	if why, bad := y.broken[verb]; bad {
		y.next[m.ID], m.Error = w.fails, why
		if verb == provider.MachineProvide {
			m.Fault, m.Maintenance = "clean failure", true
		}
	}
	y.enter(m, w.during)
	return nil
}

func (y *yard) DeleteMachine(_ context.Context, _, id string) error {
	return y.call("Delete", id, func() error {
		if m := y.machines[id]; m != nil && (m.Provision == "active" || m.Server != "") {
			return provider.Errorf(provider.ReasonConflict, "", "machine %s is in use", id)
		}
		delete(y.machines, id)
		return nil
	})
}

func (y *yard) ListMachines(context.Context, string) ([]provider.MachineState, error) {
	return nil, nil
}

// did counts the acts of a verb.
func (y *yard) did(verb provider.MachineVerb) int {
	y.mu.Lock()
	defer y.mu.Unlock()
	n := 0
	for _, a := range y.acts {
		if a.Verb == verb {
			n++
		}
	}
	return n
}
