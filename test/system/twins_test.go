package system

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
	"github.com/plazacloud/plaza/test/system/rig"
)

// TestTwoPlanes lets a second plazad join the first on one PostgreSQL in the middle of work, and kills one in the middle of
// more. Their buses are not joined, so the work is of kinds that ask no agent: networks that no server is on yet.
func TestTwoPlanes(t *testing.T) {
	database := storetest.URL(t, store.Postgres)
	a := rig.NewPlane(t, rig.PlaneOptions{Database: database, Node: "node-a"})
	b := a.Beside(t, "node-b")
	project := a.Project(t, "shop")
	waiting := whileOrdering(t, a, project, func() { b.Start(t) })
	const n = 120
	for i := range n {
		plane := []*rig.Plane{a, b}[i%2]
		applied := rig.Call[rig.Applied](t, plane.Client, http.MethodPost, "/v1/networks", rig.Body(project, fmt.Sprintf("n-%d", i), m{"cidr": "10.90.0.0/24"}))
		waiting = append(waiting, applied.Operation.ID)
		if i == n-10 {
			a.Kill()
			waiting = append(waiting, deletions(t, b, project)...)
			break
		}
	}
	begin := time.Now()
	for _, op := range waiting {
		rig.Within(t, 90*time.Second-time.Since(begin), func() error {
			if o := b.Operation(t, op); !o.Ended() {
				return fmt.Errorf("%s %s is %s: %s", o.Verb, o.ObjectName, o.State, o.Message)
			}
			return nil
		})
	}
	t.Logf("%d operations ended %s after the other node was killed", len(waiting), time.Since(begin).Round(time.Millisecond))
	for _, o := range b.List(t, "networks") {
		require.True(t, o.Settled(), "%s is %s", o.Name, o.Phase)
	}
	a.Start(t)
	require.Len(t, a.List(t, "networks"), len(b.List(t, "networks")), "both tell the same")
}

// whileOrdering orders networks one after the other, of which none is refused, for as long as something is done.
func whileOrdering(t *testing.T, p *rig.Plane, project string, do func()) (ops []string) {
	t.Helper()
	order := func(i int) {
		applied := rig.Call[rig.Applied](t, p.Client, http.MethodPost, "/v1/networks", rig.Body(project, fmt.Sprintf("early-%d", i), m{"cidr": "10.90.0.0/24"}))
		ops = append(ops, applied.Operation.ID)
	}
	order(0) // here, so that a plane that takes none fails at once
	var ordering sync.WaitGroup
	done := make(chan struct{})
	ordering.Go(func() {
		for i := 1; ; i++ {
			order(i)
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	do()
	close(done)
	ordering.Wait()
	return ops
}

// deletions deletes the first networks while the killed node may still hold them.
func deletions(t *testing.T, p *rig.Plane, project string) (ops []string) {
	t.Helper()
	for _, o := range p.List(t, "networks", "project="+project)[:20] {
		ops = append(ops, rig.Call[rig.Applied](t, p.Client, http.MethodDelete, "/v1/networks/"+o.ID, nil).Operation.ID)
	}
	return ops
}

// TestFootprint bounds start time and idle memory loosely; the bench measures them.
func TestFootprint(t *testing.T) {
	p := rig.NewPlane(t, rig.PlaneOptions{})
	project := p.Project(t, "shop")
	p.Create(t, "networks", project, "front", m{"cidr": "10.91.0.0/24"})
	p.Stop(t)
	best := time.Hour
	for range 3 { // others use this machine, too
		best = min(best, p.Start(t))
		if best < 2*time.Second {
			break
		}
		p.Stop(t)
	}
	require.Less(t, best, 2*time.Second, "ready on a database that is there")
	time.Sleep(5 * time.Second)
	rss := resident(t, p.Pid())
	require.Less(t, rss, 200, "MiB after 5 s without work")
	t.Logf("ready in %s, %d MiB idle", best.Round(time.Millisecond), rss)
	require.Equal(t, resource.PhaseReady, p.List(t, "networks")[0].Phase)
}

// resident is a process's memory in MiB.
func resident(t *testing.T, pid int) int {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	for line := range strings.Lines(string(data)) {
		if text, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.Atoi(strings.Fields(text)[0])
			require.NoError(t, err)
			return kib / 1024
		}
	}
	t.Fatal("no VmRSS")
	return 0
}
