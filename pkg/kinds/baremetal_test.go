package kinds_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

const machineSpec = `"region":"north","driver":"redfish","driverInfo":{"redfish_address":"https://192.0.2.7","redfish_password":"opensesame"},"resourceClass":"db","cpus":8,"macs":["52:54:00:AA:BB:01"]`

func newYardRig(t *testing.T) (*rig, *yard) {
	t.Helper()
	y := newYard()
	r := newRigWith(t, kinds.Backends{Baremetal: y})
	r.site.with(func() { r.site.anywhere = true })
	r.make("region", "", "north", regionSpec)
	return r, y
}

func (r *rig) machine(name string) *kinds.Baremetal {
	r.t.Helper()
	m, err := resource.As[kinds.BaremetalSpec, kinds.BaremetalStatus](r.get("baremetal", "", name))
	require.NoError(r.t, err)
	return &m
}

func (r *rig) actMachine(name, action, input string) resource.Applied {
	r.t.Helper()
	a, err := r.tryMachine(name, action, input)
	require.NoError(r.t, err)
	return a
}

func (r *rig) tryMachine(name, action, input string) (resource.Applied, error) {
	r.t.Helper()
	return r.Act(r.t.Context(), resource.Request{Kind: "baremetal", ID: name, Actor: admin}, action, json.RawMessage(input))
}

func TestMachineGoesToThePoolAndToATenant(t *testing.T) {
	t.Parallel()
	r, y := newYardRig(t)
	r.ready(r.make("baremetal", "", "m1", `{`+machineSpec+`}`))
	m := r.machine("m1")
	require.Equal(t, "available", m.Status.Provision)
	require.True(t, m.Status.Usable)
	require.Equal(t, resource.True, m.Condition("Usable").Status)
	require.Equal(t, []string{"52:54:00:aa:bb:01"}, m.Status.MACs)
	require.Equal(t, r.get("region", "", "north").ID, m.Spec.Region, "names are kept as ids")
	require.Empty(t, m.Spec.DriverInfo, "credentials are never returned")
	y.with(func() { require.Equal(t, "opensesame", y.wanted[m.ID].DriverInfo["redfish_password"]) })
	require.Zero(t, y.did(provider.MachineDeploy))

	r.ready(r.make("baremetal", "", "m1", `{`+machineSpec+`,"state":"active","image":"busybox","userData":"#cloud-config\n{}\n"}`))
	m = r.machine("m1")
	require.Equal(t, "active", m.Status.Provision)
	require.True(t, m.Status.Deployed)
	require.False(t, m.Status.Usable)
	y.with(func() {
		a := y.acts[len(y.acts)-1]
		require.Equal(t, provider.MachineDeploy, a.Verb)
		require.Equal(t, r.get("image", "", "busybox").ID, a.Image)
		require.Contains(t, a.Seed.UserData, "cloud-config")
		require.Contains(t, a.Seed.MetaData, m.ID)
	})
	var usage []resource.Usage
	require.NoError(t, r.db.Read.NewSelect().Model(&usage).Where("object_id = ?", m.ID).Order("id").Scan(t.Context()))
	require.EqualValues(t, 1, usage[len(usage)-1].Measures["baremetal_nodes:db"])

	r.ready(r.actMachine("m1", "rescue", `{"password":"open-sesame"}`))
	require.Equal(t, "rescue", r.machine("m1").Status.Provision)
	require.Empty(t, r.machine("m1").Spec.RescuePassword)
	y.with(func() { require.Equal(t, "open-sesame", y.acts[len(y.acts)-1].Secret) })
	r.ready(r.actMachine("m1", "unrescue", ""))
	require.Equal(t, "active", r.machine("m1").Status.Provision)
	for action, input := range map[string]string{"clean": `{"steps":[{"interface":"bios","step":"factory_reset"}]}`, "inspect": "", "manage": ""} {
		_, err := r.tryMachine("m1", action, input)
		r.problem(resource.ReasonConflict, err)
	}
	r.ready(r.actMachine("m1", "provide", ""))
	require.Equal(t, "available", r.machine("m1").Status.Provision)
	require.False(t, r.machine("m1").Status.Deployed)

	r.remove("baremetal", "", "m1")
	r.gone("baremetal", "", "m1")
	require.Empty(t, y.machines)
	r.exact()
}

func TestMachineWhoseCleaningFailed(t *testing.T) {
	t.Parallel()
	r, y := newYardRig(t)
	y.broken[provider.MachineProvide] = "the disk does not answer"
	r.make("baremetal", "", "m1", `{`+machineSpec+`}`)
	o := r.becomes("baremetal", "", "m1", resource.PhaseFailed)
	require.Contains(t, o.Condition("Ready").Message, "clean failed")
	require.Contains(t, o.Condition("Ready").Message, "the disk does not answer")
	require.Equal(t, "Fault", o.Condition("Usable").Reason)
	provided := y.did(provider.MachineProvide)
	require.Equal(t, 1, provided)
	y.with(func() { delete(y.broken, provider.MachineProvide) })

	// Neither reports nor retries, nor another wish bring it back.
	require.NoError(t, r.Touch(t.Context(), "baremetal", o.ID, "machine changed in its region"))
	ops, err := r.View(resource.Everything).Operations(t.Context(), resource.OperationQuery{ObjectID: o.ID})
	require.NoError(t, err)
	_, err = r.Retry(t.Context(), admin, ops[0].ID)
	require.NoError(t, err)
	r.becomes("baremetal", "", "m1", resource.PhaseFailed)
	r.make("baremetal", "", "m1", `{`+machineSpec+`,"state":"active","image":"busybox"}`)
	r.becomes("baremetal", "", "m1", resource.PhaseFailed)
	_, err = r.tryMachine("m1", "provide", "")
	require.Contains(t, r.problem(resource.ReasonConflict, err).Hint, "manage")
	require.Equal(t, provided, y.did(provider.MachineProvide))
	require.Zero(t, y.did(provider.MachineManage)-1, "only the first way in has managed it")
	require.False(t, r.machine("m1").Status.Usable)

	r.ready(r.actMachine("m1", "manage", ""))
	m := r.machine("m1")
	require.Equal(t, "manageable", m.Status.Provision)
	require.Empty(t, m.Status.Fault)
	r.ready(r.actMachine("m1", "provide", ""))
	require.True(t, r.machine("m1").Status.Usable)
}

func TestMachineIsInspectedAndCleanedOnce(t *testing.T) {
	t.Parallel()
	r, y := newYardRig(t)
	r.ready(r.make("baremetal", "", "m1", `{`+machineSpec+`}`))
	y.with(func() { y.slow = 3 })
	r.ready(r.actMachine("m1", "inspect", ""))
	require.Equal(t, 1, y.did(provider.MachineInspect))
	require.Equal(t, "available", r.machine("m1").Status.Provision, "it returns to the pool")
	r.ready(r.actMachine("m1", "clean", `{"steps":[{"interface":"bios","step":"factory_reset","args":{"hard":true}}]}`))
	require.Equal(t, 1, y.did(provider.MachineClean))
	y.with(func() {
		for _, a := range y.acts {
			if a.Verb == provider.MachineClean {
				require.Equal(t, []provider.MachineStep{{Interface: "bios", Step: "factory_reset", Args: map[string]any{"hard": true}}}, a.Steps)
			}
		}
	})
	y.with(func() { y.broken[provider.MachineClean] = "no such step" })
	r.actMachine("m1", "clean", `{"steps":[{"interface":"bios","step":"dance"}]}`)
	o := r.becomes("baremetal", "", "m1", resource.PhaseFailed)
	require.Contains(t, o.Condition("Ready").Message, "no such step")
	require.Equal(t, 2, y.did(provider.MachineClean))
}

func TestMachineOutOfUse(t *testing.T) {
	t.Parallel()
	r, y := newYardRig(t)
	r.ready(r.make("baremetal", "", "m1", `{`+machineSpec+`}`))
	id := r.machine("m1").ID
	r.ready(r.actMachine("m1", "maintain", `{"reason":"a fan is loud"}`))
	require.True(t, r.machine("m1").Status.Maintenance)
	require.False(t, r.machine("m1").Status.Usable)
	y.with(func() { require.Equal(t, "a fan is loud", y.acts[len(y.acts)-1].Reason) })
	r.ready(r.actMachine("m1", "release", ""))
	require.Equal(t, "available", r.machine("m1").Spec.State)
	require.True(t, r.machine("m1").Status.Usable)

	// A fault is not ours to wave away.
	y.with(func() { y.machines[id].Maintenance, y.machines[id].Fault = true, "power failure" })
	require.NoError(t, r.Touch(t.Context(), "baremetal", id, "machine changed in its region"))
	o := r.becomes("baremetal", "", "m1", resource.PhaseFailed)
	require.Contains(t, o.Condition("Ready").Message, "power failure")
	r.ready(r.actMachine("m1", "release", ""))
	require.True(t, r.machine("m1").Status.Usable)

	for power, state := range map[string]string{"on": "power on", "off": "power off"} {
		r.ready(r.actMachine("m1", "power", fmt.Sprintf(`{"power":%q}`, power)))
		require.Eventually(t, func() bool { return r.machine("m1").Status.Power == state }, 10*time.Second, 20*time.Millisecond)
	}
}

func TestMachineOfAServerAndOfOthers(t *testing.T) {
	t.Parallel()
	r, y := newYardRig(t)
	r.ready(r.make("baremetal", "", "m1", `{`+machineSpec+`}`))
	id := r.machine("m1").ID
	y.with(func() { y.machines[id].Server = "nova-1"; y.enter(y.machines[id], "active") })
	require.NoError(t, r.Touch(t.Context(), "baremetal", id, "machine active in its region"))
	r.eventually("the server is seen", func() bool { return r.machine("m1").Status.Server == "nova-1" })
	require.Equal(t, resource.PhaseReady, r.machine("m1").Phase, "to be used is what the pool is for")
	_, err := r.Delete(t.Context(), resource.Request{Kind: "baremetal", ID: "m1", Actor: admin})
	r.problem(resource.ReasonInUse, err)
	require.Zero(t, y.did(provider.MachineUndeploy))

	y.with(func() { y.machines[id].Server = "" })
	require.NoError(t, r.Touch(t.Context(), "baremetal", id, "machine changed in its region"))
	o := r.becomes("baremetal", "", "m1", resource.PhaseFailed)
	require.Contains(t, o.Condition("Ready").Message, "someone else's deployment")
	require.Zero(t, y.did(provider.MachineUndeploy))
	r.ready(r.make("baremetal", "", "m1", `{`+machineSpec+`,"state":"active","image":"busybox"}`))
	require.Zero(t, y.did(provider.MachineDeploy), "it is adopted as it is")
	_, err = r.Delete(t.Context(), resource.Request{Kind: "region", ID: "north", Actor: admin})
	r.problem(resource.ReasonInUse, err)
}

func TestMachineThatCanNotBeReached(t *testing.T) {
	t.Parallel()
	r, y := newYardRig(t)
	y.broken[provider.MachineManage] = "no answer from 192.0.2.7"
	r.make("baremetal", "", "m1", `{`+machineSpec+`}`)
	r.eventually("it says why it waits", func() bool {
		c := r.machine("m1").Condition("Ready")
		return c.Reason == "Unavailable" && strings.Contains(c.Message, "no answer from 192.0.2.7")
	})
	y.with(func() { delete(y.broken, provider.MachineManage) })
	r.becomes("baremetal", "", "m1", resource.PhaseReady)
}

func TestDeployThatFailedIsRetriedByPeopleOnly(t *testing.T) {
	t.Parallel()
	r, y := newYardRig(t)
	y.broken[provider.MachineDeploy] = "the image is not there"
	a := r.make("baremetal", "", "m1", `{`+machineSpec+`,"state":"active","image":"busybox"}`)
	o := r.becomes("baremetal", "", "m1", resource.PhaseFailed)
	require.Contains(t, o.Condition("Ready").Message, "the image is not there")
	require.NoError(t, r.Touch(t.Context(), "baremetal", o.ID, "machine changed in its region"))
	time.Sleep(300 * time.Millisecond)
	require.Equal(t, 1, y.did(provider.MachineDeploy))
	y.with(func() { delete(y.broken, provider.MachineDeploy) })
	_, err := r.Retry(t.Context(), admin, a.Operation.ID)
	require.NoError(t, err)
	r.becomes("baremetal", "", "m1", resource.PhaseReady)
	require.Equal(t, 2, y.did(provider.MachineDeploy))
}

// TestMachineFaultAtEveryCall lets each call of a machine's life fail once, before and after it took effect, each in a
// life of its own: every step is taken once in the end, and nothing is left after its deletion.
func TestMachineFaultAtEveryCall(t *testing.T) {
	t.Parallel()
	r, y := newYardRig(t)
	type fault struct {
		name, phase, id, fired string
		call                   int
	}
	lives := func(of []*fault) {
		for _, stage := range []func(name string) resource.Applied{
			func(name string) resource.Applied { return r.make("baremetal", "", name, `{`+machineSpec+`}`) },
			func(name string) resource.Applied {
				return r.actMachine(name, "clean", `{"steps":[{"interface":"bios","step":"factory_reset"}]}`)
			},
			func(name string) resource.Applied {
				return r.make("baremetal", "", name, `{`+machineSpec+`,"state":"active","image":"busybox"}`)
			},
		} {
			var all []resource.Applied
			for _, f := range of {
				a := stage(f.name)
				f.id = a.Object.ID
				all = append(all, a)
			}
			for _, a := range all {
				r.ready(a)
			}
		}
		for _, f := range of {
			r.remove("baremetal", "", f.name)
		}
		for _, f := range of {
			r.gone("baremetal", "", f.name)
		}
	}
	probe := &fault{name: "probe"}
	lives([]*fault{probe})
	calls := y.calls[probe.id]
	require.Greater(t, calls, 10)
	var all []*fault
	for _, phase := range []string{"before", "after"} {
		for k := 1; k <= calls; k++ {
			all = append(all, &fault{name: fmt.Sprintf("%s-%d", phase, k), phase: phase, call: k})
		}
	}
	y.with(func() {
		y.fail = func(id string, n int, call, at string) error {
			o, err := r.View(resource.Everything).Get(t.Context(), "baremetal", "", id)
			if err != nil {
				return nil //nolint:nilerr // one that is gone has nothing to fail
			}
			for _, f := range all {
				if f.name == o.Name && f.call == n && f.phase == at {
					f.fired = call
					return provider.Errorf(provider.ReasonTimeout, "", "no answer in time")
				}
			}
			return nil
		}
	})
	for some := range slices.Chunk(all, 9) { // so many at once that none waits long for its turn
		lives(some)
	}
	for _, f := range all {
		require.NotEmpty(t, f.fired, "%s %d", f.phase, f.call)
		for _, verb := range []provider.MachineVerb{provider.MachineClean, provider.MachineDeploy, provider.MachineUndeploy} {
			limit := 1
			if f.fired == "Act:"+string(verb) {
				limit++ // asked again because the answer was lost; the driver does not begin it again
			}
			require.LessOrEqual(t, y.actsOf[f.id][verb], limit, "%s after a fault %s call %d, %s", verb, f.phase, f.call, f.fired)
			require.Positive(t, y.actsOf[f.id][verb], "%s of %s", verb, f.name)
		}
	}
	require.Empty(t, y.machines)
	r.exact()
}

func TestMachinesAreValidated(t *testing.T) {
	t.Parallel()
	r, _ := newYardRig(t)
	r.make("region", "", "south", regionSpec)
	for spec, path := range map[string]string{
		`{"region":"none","driver":"ipmi","resourceClass":"db"}`:                                     "spec.region",
		`{"region":"north","driver":"ipmi","resourceClass":"db","macs":["x"]}`:                       "spec.macs[0]",
		`{"region":"north","driver":"ipmi","resourceClass":"db","state":"active"}`:                   "spec.image",
		`{"region":"north","driver":"ipmi","resourceClass":"db","state":"active","image":"nowhere"}`: "spec.image",
	} {
		require.Equal(t, path, r.refused(resource.ReasonInvalid, "baremetal", "", "x", spec).Fields[0].Path)
	}
	r.ready(r.make("baremetal", "", "m1", `{`+machineSpec+`}`))
	require.Equal(t, "spec.region", r.refused(resource.ReasonInvalid, "baremetal", "", "m1", strings.Replace(`{`+machineSpec+`}`, "north", "south", 1)).Fields[0].Path)
	for _, action := range []string{"abort", "rescue"} {
		_, err := r.tryMachine("m1", action, `{"password":"open-sesame"}`)
		r.problem(resource.ReasonConflict, err)
	}
}
