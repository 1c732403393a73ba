package lab

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/api"
	"github.com/plazacloud/plaza/test/system/rig"
)

// TestGuestsLeaveDisksTheirRoom: each compute node carries a disk of the storage cluster. What the disk needs is not for
// guests to order; and while guests take all the CPU that they get, no disk falls out and clients go on writing.
func TestGuestsLeaveDisksTheirRoom(t *testing.T) {
	s := newSite(t)
	s.addCluster(t)
	ceph := s.lab.env["LAB_CEPH_NODE"]
	for _, node := range strings.Fields(s.lab.env["LAB_COMPUTES"]) {
		disks := strings.Fields(s.lab.shell(t, node, "pgrep -x ceph-osd || true"))
		require.NotEmpty(t, disks, "%s carries a disk", node)
		for _, pid := range disks { // a kernel lets containers raise their place in the queue for the OOM killer, not lower it
			unit := "systemctl show ceph-osd@$(tr '\\0' '\\n' </proc/" + pid + "/cmdline | grep -A 1 -x -e --id | tail -n 1) --value"
			require.Equal(t, "-10 -900 1000", strings.TrimSpace(s.lab.shell(t, node, "echo $(ps -o ni= -p "+pid+") $("+unit+" -p OOMScoreAdjust) $("+unit+" -p CPUWeight)")))
		}
		reserved := s.cloud.reserved(t, node)
		target := s.lab.number(t, node, "ceph-conf --name osd.0 --show-config-value osd_memory_target")
		require.Equal(t, len(disks)*(target*5/4>>20), reserved, "what Placement keeps of %s", node)
		require.Less(t, s.lab.number(t, node, "ps -o rss= -p "+disks[0]), reserved<<10, "the disk needs no more than what is kept")
	}

	b := s.Create(t, "buckets", s.project, "media", m{"tier": "standard", "quotaGiB": 1, "purgeOnDelete": true})
	keys := rig.Call[api.BucketCredentials](t, s.Client, "GET", "/v1/buckets/"+b.ID+"/credentials", nil)
	w := newWriter(t, keys)
	quiet := w.round(t)

	s.AddGuest(t, "busy", "busy=yes")
	s.Create(t, "networks", s.project, "net", m{"cidr": "10.97.0.0/24"})
	s.Create(t, "servergroups", s.project, "apart", m{"policy": "anti-affinity"})
	var guests sync.WaitGroup
	for _, name := range []string{"one", "two"} {
		guests.Go(func() {
			s.Create(t, "servers", s.project, name, server("net", m{"image": "busy", "serverGroup": "apart"}))
		})
	}
	guests.Wait()
	for _, node := range strings.Fields(s.lab.env["LAB_COMPUTES"]) {
		rig.Within(t, time.Minute, func() error {
			ticks := s.lab.number(t, node, `all() { cat /proc/[0-9]*/stat 2>/dev/null | awk '/qemu-system/ { sum += $14 + $15 } END { print sum + 0 }'; }; was=$(all); sleep 2; echo $(($(all) - was))`)
			return errorIf(ticks < 40, fmt.Sprintf("the guest of %s has %d of 200 ticks", node, ticks))
		})
	}
	busy := w.round(t)
	t.Logf("an object of 64 KiB in %s (median) of a quiet cluster, in %s beside busy guests", quiet, busy)
	require.Zero(t, w.refused)
	health := s.lab.shell(t, ceph, "ceph health detail")
	require.NotContains(t, health, "SLOW_OPS")
	require.NotContains(t, health, "OSD_DOWN")
	w.verify(t)
}

// round lets the writer write for a while, and returns the median time of an object.
func (w *writer) round(t *testing.T) time.Duration {
	t.Helper()
	const objects = 100
	w.took = nil
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	for ctx.Err() == nil && len(w.took) < objects {
		w.put(ctx)
	}
	require.Len(t, w.took, objects, "objects are acknowledged in time")
	slices.Sort(w.took)
	return w.took[objects/2].Round(time.Millisecond)
}

// reserved is the memory (MiB) of a node that Placement has not to give.
func (c cloud) reserved(t *testing.T, node string) int {
	t.Helper()
	var found struct {
		Providers []struct{ UUID string } `json:"resource_providers"`
	}
	c.ask(t, "placement", "resource_providers?name="+node, "placement 1.39", &found)
	require.Len(t, found.Providers, 1)
	var has struct {
		Inventories map[string]struct{ Reserved int }
	}
	c.ask(t, "placement", "resource_providers/"+found.Providers[0].UUID+"/inventories", "placement 1.39", &has)
	return has.Inventories["MEMORY_MB"].Reserved
}

// number is what a command prints.
func (l place) number(t *testing.T, node, command string) (n int) {
	t.Helper()
	_, err := fmt.Sscan(l.shell(t, node, command), &n)
	require.NoError(t, err)
	return n
}
