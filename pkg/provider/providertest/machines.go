package providertest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// MachineOptions describe where the machines of the suite are made.
type MachineOptions struct {
	Place string
	// Machine has the driver, its interfaces and its driver info; id, name and cards are the suite's own.
	Machine provider.Machine
	Image   string // id of what is deployed, which is there
	// Steps are of a cleaning that the machine can do.
	Steps []provider.MachineStep
	// StepTime is how long one step of the machine's life may take; default 2 minutes.
	StepTime time.Duration
	// Rescue says that the machine can be booted into a rescue system.
	Rescue bool
}

// ExerciseMachines runs the conformance suite of provider.Baremetal: a machine's whole life, its failures, and refusals.
func ExerciseMachines(t *testing.T, driver provider.Baremetal, opts MachineOptions) {
	t.Helper()
	if opts.StepTime == 0 {
		opts.StepTime = 2 * time.Minute
	}
	m := &machines{Baremetal: driver, MachineOptions: opts}
	t.Run("Enrol", m.enrol)
	t.Run("Life", m.life)
	t.Run("CleanFailed", m.cleanFailed)
	t.Run("Power", m.power)
	t.Run("Maintenance", m.maintenance)
	t.Run("Concurrency", m.concurrency)
	t.Run("Refusals", m.refusals)
}

type machines struct {
	provider.Baremetal
	MachineOptions
}

// newMachine is a wanted machine with a name and a card that nothing else has; it is gone after the test.
func (m *machines) newMachine(t *testing.T) provider.Machine {
	t.Helper()
	want := m.Machine
	want.ID = newID(t)
	want.Name = "conformance-" + want.ID[24:]
	want.MACs = []string{fmt.Sprintf("52:54:00:%02x:%02x:%02x", rand.IntN(256), rand.IntN(256), rand.IntN(256))}
	t.Cleanup(func() { m.destroy(t, want.ID) })
	return want
}

// destroy brings a machine to where it can be deleted, wherever a failed test left it.
func (m *machines) destroy(t *testing.T, id string) {
	t.Helper()
	ctx := context.Background()
	require.Eventually(t, func() bool {
		err := m.DeleteMachine(ctx, m.Place, id)
		if provider.ReasonOf(err) == provider.ReasonConflict {
			_, _ = m.ActOnMachine(ctx, m.Place, id, provider.MachineAct{Verb: provider.MachineUndeploy})
		}
		return err == nil
	}, m.StepTime, 500*time.Millisecond, "machine %s is deleted", id)
}

func (m *machines) enrolled(t *testing.T) provider.Machine {
	t.Helper()
	want := m.newMachine(t)
	st, err := m.EnsureMachine(t.Context(), m.Place, want)
	require.NoError(t, err)
	require.Equal(t, "enroll", st.Provision)
	return want
}

// act begins a step and waits for where it leads; on the way the machine always tells where it is and where it goes.
func (m *machines) act(t *testing.T, id string, act provider.MachineAct, to string) provider.MachineState {
	t.Helper()
	st, err := m.ActOnMachine(t.Context(), m.Place, id, act)
	require.NoError(t, err, act.Verb)
	end := time.Now().Add(m.StepTime)
	for st.Provision != to {
		require.True(t, time.Now().Before(end), "%s: it is %s, not %s: %s", act.Verb, st.Provision, to, st.Error)
		require.NotEmpty(t, st.Provision)
		require.False(t, st.Since.IsZero())
		require.False(t, st.ObservedAt.IsZero())
		time.Sleep(200 * time.Millisecond)
		st, err = m.GetMachine(t.Context(), m.Place, id)
		require.NoError(t, err)
	}
	return st
}

func verb(v provider.MachineVerb) provider.MachineAct { return provider.MachineAct{Verb: v} }

func (m *machines) enrol(t *testing.T) {
	want := m.newMachine(t)
	_, err := m.GetMachine(t.Context(), m.Place, want.ID)
	requireReason(t, provider.ReasonNotFound, err)
	first, err := m.EnsureMachine(t.Context(), m.Place, want)
	require.NoError(t, err)
	require.Equal(t, want.ID, first.ID)
	require.NotEmpty(t, first.Backend)
	require.Equal(t, want.MACs, first.MACs)
	require.Equal(t, want.ResourceClass, first.ResourceClass)
	require.Equal(t, [3]int{want.CPUs, want.MemoryMiB, want.DiskGiB}, [3]int{first.CPUs, first.MemoryMiB, first.DiskGiB})
	require.Equal(t, want.Arch, first.Arch)
	require.False(t, first.Usable())
	again, err := m.EnsureMachine(t.Context(), m.Place, want)
	require.NoError(t, err)
	require.Equal(t, first.Backend, again.Backend)
	require.Equal(t, first.MACs, again.MACs)

	want.CPUs, want.ResourceClass, want.Traits = want.CPUs+1, want.ResourceClass+"-two", []string{"CUSTOM_RETAIL"}
	want.DriverInfo = map[string]string{"address": "192.0.2.7"}
	changed, err := m.EnsureMachine(t.Context(), m.Place, want)
	require.NoError(t, err)
	require.Equal(t, want.CPUs, changed.CPUs)
	require.Equal(t, want.ResourceClass, changed.ResourceClass)

	all, err := m.ListMachines(t.Context(), m.Place)
	require.NoError(t, err)
	require.Equal(t, 1, count(all, func(x provider.MachineState) bool { return x.ID == want.ID && len(x.MACs) == 1 }))
	for range 2 {
		require.NoError(t, m.DeleteMachine(t.Context(), m.Place, want.ID))
	}
	_, err = m.GetMachine(t.Context(), m.Place, want.ID)
	requireReason(t, provider.ReasonNotFound, err)
}

// life is the way from the loading ramp to a tenant and back.
func (m *machines) life(t *testing.T) {
	want := m.enrolled(t)
	managed := m.act(t, want.ID, verb(provider.MachineManage), "manageable")
	require.False(t, managed.Usable())
	again := m.act(t, want.ID, verb(provider.MachineManage), "manageable")
	require.Equal(t, managed.Since, again.Since, "what is done already is not begun again")
	m.act(t, want.ID, verb(provider.MachineInspect), "manageable")
	if len(m.Steps) > 0 {
		cleaned := m.act(t, want.ID, provider.MachineAct{Verb: provider.MachineClean, Steps: m.Steps}, "manageable")
		require.Empty(t, cleaned.Error)
	}
	free := m.act(t, want.ID, verb(provider.MachineProvide), "available")
	require.True(t, free.Usable(), "%+v", free)

	deploy := provider.MachineAct{Verb: provider.MachineDeploy, Image: m.Image, Seed: provider.Seed{UserData: "#cloud-config\n{}\n", MetaData: `{"plaza":{"role":"database"}}`}}
	active := m.act(t, want.ID, deploy, "active")
	require.False(t, active.Usable())
	again = m.act(t, want.ID, deploy, "active")
	require.Equal(t, active.Since, again.Since)
	_, err := m.ActOnMachine(t.Context(), m.Place, want.ID, verb(provider.MachineProvide))
	requireReason(t, provider.ReasonConflict, err)
	_, err = m.ActOnMachine(t.Context(), m.Place, want.ID, provider.MachineAct{Verb: provider.MachineClean, Steps: []provider.MachineStep{{Interface: "deploy", Step: "erase_devices"}}})
	requireReason(t, provider.ReasonConflict, err)
	requireReason(t, provider.ReasonConflict, m.DeleteMachine(t.Context(), m.Place, want.ID))
	if m.Rescue {
		m.act(t, want.ID, provider.MachineAct{Verb: provider.MachineRescue, Secret: "open-sesame"}, "rescue")
		m.act(t, want.ID, verb(provider.MachineUnrescue), "active")
	}
	back := m.act(t, want.ID, verb(provider.MachineUndeploy), "available")
	require.True(t, back.Usable(), "%+v", back)
}

// cleanFailed: a machine whose cleaning failed stays out of the pool until someone has looked.
func (m *machines) cleanFailed(t *testing.T) {
	want := m.enrolled(t)
	m.act(t, want.ID, verb(provider.MachineManage), "manageable")
	unsupported := []provider.MachineStep{{Interface: "deploy", Step: "scrub_with_a_brush"}}
	failed := m.act(t, want.ID, provider.MachineAct{Verb: provider.MachineClean, Steps: unsupported}, "clean failed")
	require.False(t, failed.Usable())
	require.Contains(t, failed.Error, "scrub_with_a_brush")
	for _, v := range []provider.MachineVerb{provider.MachineProvide, provider.MachineInspect, provider.MachineRescue} {
		_, err := m.ActOnMachine(t.Context(), m.Place, want.ID, provider.MachineAct{Verb: v, Secret: "x"})
		requireReason(t, provider.ReasonConflict, err)
	}
	st, err := m.EnsureMachine(t.Context(), m.Place, want)
	require.NoError(t, err)
	require.Equal(t, "clean failed", st.Provision, "to tell what a machine is like does not bring it back")
	m.act(t, want.ID, verb(provider.MachineManage), "manageable")
	free := m.act(t, want.ID, verb(provider.MachineProvide), "available")
	require.True(t, free.Usable(), "%+v", free)

	// And one that never recovers can still be forgotten.
	m.act(t, want.ID, verb(provider.MachineManage), "manageable")
	m.act(t, want.ID, provider.MachineAct{Verb: provider.MachineClean, Steps: unsupported}, "clean failed")
	require.NoError(t, m.DeleteMachine(t.Context(), m.Place, want.ID))
	_, err = m.GetMachine(t.Context(), m.Place, want.ID)
	requireReason(t, provider.ReasonNotFound, err)
}

func (m *machines) power(t *testing.T) {
	want := m.enrolled(t)
	m.act(t, want.ID, verb(provider.MachineManage), "manageable")
	for _, step := range []struct {
		verb provider.MachineVerb
		want string
	}{
		{provider.MachinePowerOn, "power on"}, {provider.MachinePowerOn, "power on"}, {provider.MachineReboot, "power on"},
		{provider.MachinePowerOff, "power off"}, {provider.MachinePowerOff, "power off"}, {provider.MachinePowerOn, "power on"},
	} {
		_, err := m.ActOnMachine(t.Context(), m.Place, want.ID, verb(step.verb))
		require.NoError(t, err, step.verb)
		require.Eventually(t, func() bool {
			st, err := m.GetMachine(context.Background(), m.Place, want.ID)
			return err == nil && st.Power == step.want && st.Provision == "manageable"
		}, m.StepTime, 200*time.Millisecond, step.verb)
	}
}

func (m *machines) maintenance(t *testing.T) {
	want := m.enrolled(t)
	m.act(t, want.ID, verb(provider.MachineManage), "manageable")
	m.act(t, want.ID, verb(provider.MachineProvide), "available")
	for range 2 {
		st, err := m.ActOnMachine(t.Context(), m.Place, want.ID, provider.MachineAct{Verb: provider.MachineMaintain, Reason: "a fan is loud"})
		require.NoError(t, err)
		require.True(t, st.Maintenance)
		require.False(t, st.Usable())
	}
	_, err := m.ActOnMachine(t.Context(), m.Place, want.ID, provider.MachineAct{Verb: provider.MachineDeploy, Image: m.Image})
	requireReason(t, provider.ReasonConflict, err)
	for range 2 {
		st, err := m.ActOnMachine(t.Context(), m.Place, want.ID, verb(provider.MachineEndMaintain))
		require.NoError(t, err)
		require.False(t, st.Maintenance)
		require.True(t, st.Usable())
	}
}

func (m *machines) concurrency(t *testing.T) {
	want := m.newMachine(t)
	errs := make(chan error, 4)
	for range cap(errs) {
		go func() {
			var err error
			for range 20 { // one that meets another at work is told so, and comes again
				if _, err = m.EnsureMachine(context.Background(), m.Place, want); provider.ReasonOf(err) != provider.ReasonUnavailable {
					break
				}
				time.Sleep(300 * time.Millisecond)
			}
			errs <- err
		}()
	}
	for range cap(errs) {
		require.NoError(t, <-errs)
	}
	all, err := m.ListMachines(t.Context(), m.Place)
	require.NoError(t, err)
	require.Equal(t, 1, count(all, func(x provider.MachineState) bool { return x.ID == want.ID }))
}

func (m *machines) refusals(t *testing.T) {
	for name, spoil := range map[string]func(*provider.Machine){
		"id":        func(x *provider.Machine) { x.ID = "../etc" },
		"driver":    func(x *provider.Machine) { x.Driver = "steam-engine" },
		"class":     func(x *provider.Machine) { x.ResourceClass = "" },
		"interface": func(x *provider.Machine) { x.Interfaces = map[string]string{"telepathy": "fake"} },
		"mac":       func(x *provider.Machine) { x.MACs = []string{"nonsense"} },
		"trait":     func(x *provider.Machine) { x.Traits = []string{"not a trait"} },
	} {
		want := m.newMachine(t)
		id := want.ID
		spoil(&want)
		_, err := m.EnsureMachine(t.Context(), m.Place, want)
		require.Error(t, err, name)
		require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err), "%s: %v", name, err)
		require.NoError(t, m.DeleteMachine(t.Context(), m.Place, id))
	}
	first, second := m.enrolled(t), m.newMachine(t)
	second.MACs = first.MACs
	_, err := m.EnsureMachine(t.Context(), m.Place, second)
	requireReason(t, provider.ReasonConflict, err)
	for _, act := range []provider.MachineAct{verb(provider.MachineProvide), verb(provider.MachineUndeploy), verb(provider.MachineAbort), {Verb: provider.MachineDeploy, Image: m.Image}} {
		_, err := m.ActOnMachine(t.Context(), m.Place, first.ID, act)
		requireReason(t, provider.ReasonConflict, err)
	}
	_, err = m.ActOnMachine(t.Context(), m.Place, first.ID, verb("levitate"))
	requireReason(t, provider.ReasonInvalid, err)
	m.act(t, first.ID, verb(provider.MachineManage), "manageable")
	_, err = m.ActOnMachine(t.Context(), m.Place, first.ID, verb(provider.MachineClean))
	requireReason(t, provider.ReasonInvalid, err)
	_, err = m.ActOnMachine(t.Context(), m.Place, newID(t), verb(provider.MachineManage))
	requireReason(t, provider.ReasonNotFound, err)
	require.NoError(t, m.DeleteMachine(t.Context(), m.Place, newID(t)))
	_, err = m.GetMachine(t.Context(), "no-such-place", first.ID)
	requireReason(t, provider.ReasonNotFound, err)
}
