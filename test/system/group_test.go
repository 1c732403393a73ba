package system

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

// TestNodeGroup scales a group up and down and changes its template.
func TestNodeGroup(t *testing.T) {
	t.Parallel()
	p, h, project := site(t, rig.PlaneOptions{}, rig.HostOptions{})
	n := p.Create(t, "networks", project, "front", m{"cidr": "10.86.0.0/24"})
	g := p.Create(t, "nodegroups", project, "app", m{"count": 2, "flavor": "tiny", "image": "busybox", "network": "front", "metadata": m{"release": "1"}})
	require.Equal(t, "2", rig.Status(g, "status.ready"))
	require.Len(t, h.Domains(t), 2)
	p.Patch(t, "nodegroups", g.ID, "60s", m{"count": 3})
	first := members(t, p, project)
	require.Len(t, first, 3)

	a := p.Patch(t, "nodegroups", g.ID, "", m{"metadata": m{"release": "2"}})
	least := 3
	took := rig.Within(t, 90*time.Second, func() error {
		ready := 0
		for _, s := range p.List(t, "servers", "project="+project) {
			if s.Settled() {
				ready++
			}
		}
		least = min(least, ready)
		if op := p.Operation(t, a.Operation.ID); !op.Ended() {
			return errors.New(op.Message)
		}
		return nil
	})
	require.GreaterOrEqual(t, least, 2, "more than one was replaced at a time")
	second := members(t, p, project)
	require.Len(t, second, 3)
	for name, id := range second {
		require.NotEqual(t, first[name], id, "%s was not replaced", name)
	}
	t.Logf("replaced one by one in %s", took.Round(time.Millisecond))

	p.Patch(t, "nodegroups", g.ID, "60s", m{"count": 0})
	require.Empty(t, p.List(t, "servers", "project="+project))
	require.Empty(t, h.Domains(t))
	p.Patch(t, "nodegroups", g.ID, "60s", m{"count": 1})
	p.Delete(t, "nodegroups", g.ID)
	require.Empty(t, h.Domains(t), "the group's servers go with it")
	require.Empty(t, p.List(t, "servers", "project="+project))
	p.Delete(t, "networks", n.ID)
}

// members are the ids of a group's servers by name, as group and list agree on them.
func members(t *testing.T, p *rig.Plane, project string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, s := range p.List(t, "servers", "project="+project) {
		require.True(t, s.Settled(), "%s is %s", s.Name, s.Phase)
		out[s.Name] = s.ID
	}
	for _, raw := range p.List(t, "nodegroups", "project="+project) {
		g, err := resource.As[kinds.NodeGroupSpec, kinds.NodeGroupStatus](raw)
		require.NoError(t, err)
		require.Len(t, g.Status.Members, len(out))
		for _, m := range g.Status.Members {
			require.Equal(t, out[m.Name], m.ID)
			require.True(t, m.Updated)
		}
	}
	return out
}

// TestVolumeHotplug attaches a volume to a running server, whose guest sees it come and go.
func TestVolumeHotplug(t *testing.T) {
	t.Parallel()
	p, h, project := site(t, rig.PlaneOptions{}, rig.HostOptions{})
	p.Create(t, "networks", project, "front", m{"cidr": "10.87.0.0/24"})
	s := p.Create(t, "servers", project, "db", server("front", nil))
	v := p.Create(t, "volumes", project, "data", m{"sizeGiB": 2})
	p.Booted(t, s.ID)
	disks := func(want string) time.Duration {
		return rig.Within(t, time.Minute, func() error {
			text := p.Console(t, s.ID)
			i := strings.LastIndex(text, libvirttest.DisksMark)
			if i < 0 {
				return errors.New("the guest has not noticed: " + text)
			}
			line, _, _ := strings.Cut(text[i:], "\n")
			if strings.Contains(line, "vdc") != (want == "vdc") {
				return fmt.Errorf("the guest sees %s", line)
			}
			return nil
		})
	}
	p.Patch(t, "servers", s.ID, "30s", m{"volumes": []string{"data"}})
	t.Logf("in the guest %s after the server was ready", disks("vdc").Round(time.Millisecond))
	require.Contains(t, h.Virsh(t, "domblklist", s.ID), v.ID)
	rig.Within(t, time.Minute, func() error {
		if at := rig.Status(p.Get(t, "volumes", v.ID), "status.attachedTo"); at != s.ID {
			return errors.New("the volume is attached to " + at)
		}
		return nil
	})
	got := p.Refused(t, 409, resource.ReasonInUse, "DELETE", "/v1/volumes/"+v.ID, nil)
	require.Equal(t, "db", got.Candidates[0].Name)
	begin := time.Now()
	a := p.Patch(t, "servers", s.ID, "", m{"volumes": []string{}})
	p.Succeeded(t, a.Operation.ID, 90*time.Second)
	t.Logf("the guest let go after %s", time.Since(begin).Round(time.Millisecond))
	require.NotContains(t, h.Virsh(t, "domblklist", s.ID), v.ID)
	require.NotContains(t, h.Virsh(t, "domblklist", "--inactive", s.ID), v.ID)
	disks("")
	rig.Within(t, time.Minute, func() error {
		if at := rig.Status(p.Get(t, "volumes", v.ID), "status.attachedTo"); at != "" {
			return errors.New("the volume is attached to " + at)
		}
		return nil
	})
	p.Delete(t, "volumes", v.ID)
	require.NoDirExists(t, h.Pool+"/volumes/"+v.ID)
}
