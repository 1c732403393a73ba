package system

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

// TestOneServerIsOneOrder orders a machine with its network, address, firewall, data volume and monitor in one call, stops it behind
// Plaza's back until the monitor tells, and takes all of it away by another call.
func TestOneServerIsOneOrder(t *testing.T) {
	t.Parallel()
	p, h, project := site(t, rig.PlaneOptions{}, rig.HostOptions{})
	a := rig.Call[rig.Applied](t, p.Client, http.MethodPost, "/v1/bundles/apply", m{"project": project, "name": "web", "blueprint": "server", "size": "one",
		"parameters": m{"flavor": "tiny", "image": "busybox", "ports": "80", "dataGiB": 1, "checkPath": "/", "checkEverySeconds": 5, "checkFailures": 1}})
	p.Succeeded(t, a.Operation.ID, 3*time.Minute)
	o := p.Get(t, "bundles", a.Object.ID)
	endpoint := rig.Status(o, "status.outputs.endpoints")
	server := p.List(t, "servers")[0]
	require.Equal(t, map[string]bool{server.ID: true}, h.Domains(t))
	require.Equal(t, server.ID, rig.Status(p.List(t, "volumes")[0], "status.attachedTo"))

	worksAtConsole(t, p, server.ID)
	look := func() kinds.Monitor {
		o, err := resource.As[kinds.MonitorSpec, kinds.MonitorStatus](p.List(t, "monitors")[0])
		require.NoError(t, err)
		return o
	}
	rig.Within(t, time.Minute, func() error {
		st := look().Status
		if !st.Up || st.Load == nil || st.Load.CPUPercent <= 0 || st.Load.MemoryMiB <= 0 {
			return fmt.Errorf("it is %+v with load %+v", st, st.Load)
		}
		return nil
	})

	rig.Within(t, time.Minute, func() error {
		if h.Domains(t)[server.ID] {
			h.Virsh(t, "destroy", server.ID)
		}
		return up(look(), false)
	})
	rig.Within(t, 2*time.Minute, func() error { return up(look(), true) })
	var told []string
	for _, x := range p.History(t, "monitors", look().ID) {
		told = append(told, x.Verb)
	}
	require.Subset(t, told, []string{"monitor.down", "monitor.up"})
	res, err := http.Get("http://" + endpoint + "/") //nolint:noctx // on loopback
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusOK, res.StatusCode)

	// Whoever stops it finds it stopped: its order says nothing of that.
	stop := rig.Call[rig.Applied](t, p.Client, http.MethodPost, "/v1/servers/"+server.ID+"/stop", nil)
	p.Succeeded(t, stop.Operation.ID, 2*time.Minute)
	rig.Within(t, time.Minute, func() error { return up(look(), false) })
	require.Equal(t, "stopped", rig.Status(p.Get(t, "servers", server.ID), "spec.power"))
	require.Equal(t, map[string]bool{server.ID: false}, h.Domains(t))

	p.Delete(t, "bundles", a.Object.ID)
	require.Empty(t, h.Domains(t))
	for _, plural := range []string{"servers", "networks", "securitygroups", "volumes", "monitors"} {
		require.Empty(t, p.List(t, plural), plural)
	}
}

func up(o kinds.Monitor, want bool) error {
	if o.Status.Up != want {
		return fmt.Errorf("the monitor says: %+v", o.Status)
	}
	return nil
}
