package kinds_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/runbook"
)

// carryOut starts a runbook that comes with Plaza, and waits for its end.
func (r *rig) carryOut(name, book string, params map[string]string, want runbook.RunState) runbook.Run {
	r.t.Helper()
	spec, err := json.Marshal(map[string]any{"runbook": book, "parameters": params})
	require.NoError(r.t, err)
	r.make("run", "", name, string(spec))
	var got runbook.Run
	r.eventually("run "+name+" becomes "+string(want), func() bool {
		got, err = resource.As[runbook.RunSpec, runbook.RunStatus](r.get("run", "", name))
		return err == nil && got.Status.State == want
	})
	return got
}

func (r *rig) schedulable(host string) bool {
	return resource.Lookup(r.get("host", "", host), "spec.schedulable")[0] == "true"
}

// TestHostMaintenance empties a host of two and takes it into use again: what can not leave keeps it open or is stopped as
// asked, new servers go elsewhere, and what was stopped runs again unless somebody has changed it since.
func TestHostMaintenance(t *testing.T) {
	t.Parallel()
	r := newRig(t, "kvm1", "kvm2")
	require.NoError(t, r.books.Install(t.Context()))
	require.NoError(t, r.books.Install(t.Context()), "as with every start")
	order := `{"flavor":"small","image":"busybox","network":"net","host":"kvm1"}`
	for _, name := range []string{"web", "db", "off"} {
		r.ready(r.make("server", "p", name, order))
	}
	_, err := r.Act(t.Context(), resource.Request{Kind: "server", Project: "p", ID: "off", Actor: admin}, "stop", nil)
	require.NoError(t, err)
	r.ready(resource.Applied{Object: r.get("server", "p", "off")})

	got := r.carryOut("m1", "host-maintenance", map[string]string{"host": "kvm1"}, runbook.RunFailed)
	require.Contains(t, got.Status.Message, "2 servers can not leave host kvm1")
	require.Contains(t, got.Status.Message, "what was done before is undone")
	require.True(t, r.schedulable("kvm1"), "it is as it was before")
	require.Equal(t, provider.PowerRunning, r.server("web").Status.Power)

	got = r.carryOut("m2", "host-maintenance", map[string]string{"host": "kvm1", "servers": "stop"}, runbook.RunDone)
	require.False(t, r.schedulable("kvm1"))
	for _, name := range []string{"web", "db", "off"} {
		require.Equal(t, provider.PowerStopped, r.server(name).Status.Power, name)
	}
	states := map[string]string{}
	for _, i := range got.Status.Steps[1].Work.Items {
		states[i.Name] = i.State
	}
	require.Equal(t, map[string]string{"web": "stopped", "db": "stopped", "off": "off"}, states)
	r.ready(r.make("network", "p", "other", `{"cidr":"10.2.0.0/24"}`))
	r.ready(r.make("server", "p", "new", `{"flavor":"small","image":"busybox","network":"other"}`))
	require.Equal(t, "kvm2", r.server("new").Status.HostName)

	// Somebody decides about a stopped one meanwhile.
	_, err = r.Apply(t.Context(), resource.Request{Kind: "server", Project: "p", Name: "db", Spec: json.RawMessage(`{"metadata":{"a":"b"}}`), Partial: true, Actor: admin})
	require.NoError(t, err)
	r.ready(resource.Applied{Object: r.get("server", "p", "db")})
	r.carryOut("b1", "host-return", map[string]string{"host": "kvm1"}, runbook.RunDone)
	require.True(t, r.schedulable("kvm1"))
	require.Equal(t, provider.PowerRunning, r.server("web").Status.Power)
	require.Equal(t, provider.PowerStopped, r.server("db").Status.Power, "it is somebody's")
	require.Equal(t, provider.PowerStopped, r.server("off").Status.Power, "it did not run before")

	// What was started once is not started again.
	_, err = r.Act(t.Context(), resource.Request{Kind: "server", Project: "p", ID: "web", Actor: admin}, "stop", nil)
	require.NoError(t, err)
	r.ready(resource.Applied{Object: r.get("server", "p", "web")})
	r.carryOut("b2", "host-return", map[string]string{"host": "kvm1"}, runbook.RunDone)
	require.Equal(t, provider.PowerStopped, r.server("web").Status.Power)
	r.exact()
}

// TestHypervisorOfARegionIsEmptied by moving what runs on it, without stopping it.
func TestHypervisorOfARegionIsEmptied(t *testing.T) {
	t.Parallel()
	r, _, east := newRegionRig(t)
	for _, name := range []string{"web", "db"} {
		a := r.ready(r.make("server", "p", name, `{"flavor":"small","image":"busybox","network":"net","host":"east"}`))
		r.site.with(func() {
			st := r.site.servers[[2]string{east.ID, a.ID}]
			st.Node = "cmp1"
			r.site.servers[[2]string{east.ID, a.ID}] = st
		})
		require.NoError(t, r.Touch(t.Context(), "server", a.ID, "it is on cmp1"))
		r.eventually("its hypervisor is seen", func() bool { return r.server(name).Status.Node == "cmp1" })
	}
	r.make("runbook", "", "empty", `{"summary":"empty a hypervisor","steps":[{"name":"empty","do":{"evacuate":{"host":"east","hypervisor":"cmp1"}}}]}`)
	got := r.carryOut("e1", "empty", nil, runbook.RunDone)
	require.Contains(t, got.Status.Steps[0].Work.Message, "2 servers moved")
	for _, name := range []string{"web", "db"} {
		require.NotEqual(t, "cmp1", r.server(name).Status.Node)
		require.Equal(t, provider.PowerRunning, r.server(name).Status.Power)
	}
	r.exact()
}
