package system

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/pkg/pool"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/test/system/rig"
)

// TestTwoHosts places servers over two hosts, and takes one away.
func TestTwoHosts(t *testing.T) {
	p, a, project := site(t, rig.PlaneOptions{}, rig.HostOptions{})
	b := p.AddHost(t, "h2", rig.HostOptions{})
	for i := range 5 {
		p.Create(t, "networks", project, fmt.Sprintf("net-%d", i), m{"cidr": "10.88.0.0/24"})
	}
	where := map[string]int{}
	for i := range 4 { // each on a network of its own: a network lives on one host
		s := p.Create(t, "servers", project, fmt.Sprintf("s-%d", i), server(fmt.Sprintf("net-%d", i), m{"power": "stopped"}))
		where[rig.Status(s, "status.hostName")]++
	}
	require.Equal(t, map[string]int{"h1": 2, "h2": 2}, where, "servers are spread")
	require.Len(t, a.Domains(t), 2)
	require.Len(t, b.Domains(t), 2)

	p.Create(t, "servergroups", project, "ha", m{"policy": "anti-affinity"})
	hard := m{"power": "stopped", "serverGroup": "ha"}
	for i := range 3 {
		p.Create(t, "networks", project, fmt.Sprintf("ha-%d", i), m{"cidr": "10.89.0.0/24"})
	}
	one := p.Create(t, "servers", project, "ha-0", server("ha-0", hard))
	two := p.Create(t, "servers", project, "ha-1", server("ha-1", hard))
	require.NotEqual(t, rig.Status(one, "status.host"), rig.Status(two, "status.host"))
	got := p.Refused(t, http.StatusConflict, resource.ReasonNoCandidate, http.MethodPost, "/v1/servers", rig.Body(project, "ha-2", server("ha-2", hard)))
	reasons(t, got, map[string]string{"h1": "AntiAffinity", "h2": "AntiAffinity"})

	t.Run("the pool tells what libvirt tells", func(t *testing.T) { figures(t, p, a, b) })

	reserve := func(h *rig.Host, mib int) {
		p.Patch(t, "hosts", h.ID, "10s", m{"reservedMemoryMiB": mib})
	}
	reserve(a, 1<<24) // more than any machine has
	filled := p.Create(t, "servers", project, "moved", server("net-4", m{"power": "stopped"}))
	require.Equal(t, "h2", rig.Status(filled, "status.hostName"), "h1 is full")
	p.Patch(t, "hosts", b.ID, "10s", m{"schedulable": false})
	got = p.Refused(t, http.StatusConflict, resource.ReasonNoCandidate, http.MethodPost, "/v1/servers", rig.Body(project, "none", server("ha-2", m{"power": "stopped"})))
	reasons(t, got, map[string]string{"h1": "NoRoom", "h2": "Closed"})
	require.NotEmpty(t, got.Hint)

	t.Run("a token works once", func(t *testing.T) {
		token := p.EnrolToken(t)
		third := &rig.Host{Name: "h3"}
		out, err := third.Enrol(p, rig.Dir(t, "e"), token)
		require.NoError(t, err, out)
		fourth := &rig.Host{Name: "h4"}
		out, err = fourth.Enrol(p, rig.Dir(t, "e"), token)
		require.Error(t, err)
		require.Contains(t, out, "was used by another host")
		require.Contains(t, out, "hint:")
		out, err = fourth.Enrol(p, rig.Dir(t, "e"), "plzh_made-up")
		require.Error(t, err, out)
	})
	t.Run("a host in use stays, a revoked one is cut off", func(t *testing.T) { revoke(t, p, a, project) })
}

// figures compares the site's pool with what virsh and the file system tell of its hosts.
func figures(t *testing.T, p *rig.Plane, hosts ...*rig.Host) {
	t.Helper()
	rig.Within(t, 40*time.Second, func() error {
		got := rig.Call[pool.Pool](t, p.Client, http.MethodGet, "/v1/pools/"+pool.SiteID("local"), nil)
		have := map[string]int64{"hosts": int64(got.Hosts), "alive": int64(got.Alive), "servers": got.Servers, "CPUs": got.VCPUs.Physical, "memory": got.MemoryMiB.Physical,
			"disk": got.DiskGiB.Physical, "vCPUs of servers": got.VCPUs.InUse, "memory of servers": got.MemoryMiB.InUse}
		want := map[string]int64{}
		for _, h := range hosts {
			want["hosts"], want["alive"] = want["hosts"]+1, want["alive"]+1
			node := h.Virsh(t, "nodeinfo")
			want["CPUs"] += told(t, node, "CPU(s)")
			// Not nodeinfo: its size leaves out what a virtual machine had plugged in while it ran.
			want["memory"] += told(t, h.Virsh(t, "nodememstats"), "total  ") >> 10
			var fs unix.Statfs_t
			require.NoError(t, unix.Statfs(h.Pool, &fs))
			want["disk"] += int64(fs.Blocks) * fs.Bsize >> 30 //nolint:gosec // fits
			for name := range h.Domains(t) {
				want["servers"]++
				domain := h.Virsh(t, "dominfo", name)
				want["vCPUs of servers"] += told(t, domain, "CPU(s)")
				want["memory of servers"] += told(t, domain, "Max memory") >> 10
			}
		}
		if !maps.Equal(want, have) {
			return fmt.Errorf("libvirt tells %v, the pool %v", want, have)
		}
		return nil
	})
}

// told is the number that follows a word in what virsh prints.
func told(t *testing.T, text, word string) int64 {
	t.Helper()
	for line := range strings.Lines(text) {
		if rest, found := strings.CutPrefix(line, word+":"); found {
			n, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			require.NoError(t, err)
			return n
		}
	}
	t.Fatalf("no %s in %s", word, text)
	return 0
}

func reasons(t *testing.T, p rig.Problem, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	for _, c := range p.Candidates {
		got[c.Name] = c.Reason
		require.NotEmpty(t, c.Detail)
	}
	require.Equal(t, want, got)
}

func revoke(t *testing.T, p *rig.Plane, h *rig.Host, project string) {
	got := p.Refused(t, http.StatusConflict, resource.ReasonInUse, http.MethodDelete, "/v1/hosts/"+h.ID, nil)
	require.NotEmpty(t, got.Candidates)
	p.Patch(t, "hosts", h.ID, "10s", m{"schedulable": false})
	for _, s := range p.List(t, "servers", "project="+project, "field=status.host%3D"+h.ID) {
		p.Delete(t, "servers", s.ID)
	}
	require.Empty(t, h.Domains(t))
	for _, n := range p.List(t, "networks", "project="+project) {
		if rig.Status(n, "status.host") == h.ID {
			p.Delete(t, "networks", n.ID)
		}
	}
	require.Empty(t, h.Networks())
	p.Delete(t, "hosts", h.ID)
	took := rig.Within(t, 20*time.Second, func() error {
		if text := h.AgentLog(t); !rig.LastLine(text, "bus connection lost", "bus connected") {
			return errors.New("the agent is still on the bus")
		}
		return nil
	})
	t.Logf("cut off after %s", took.Round(time.Millisecond))
	time.Sleep(3 * time.Second)
	require.True(t, rig.LastLine(h.AgentLog(t), "bus connection lost", "bus connected"), "it came back")
	require.Len(t, p.List(t, "hosts"), 2, "h2, and h3 that never ran")
}
