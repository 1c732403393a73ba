package kinds_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

func dataGroup(count, gib int, more string) string {
	return groupSpec(count, fmt.Sprintf(`,"volumes":[{"name":"data","sizeGiB":%d}]%s`, gib, more))
}

// Each server of a group has a volume of its own, which is there for whoever takes its number, and goes with the group.
func TestNodeGroupKeepsVolumes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("nodegroup", "p", "db", dataGroup(2, 2, "")))
	disk := func(server string) string { return r.site.wanted[r.server(server).ID].Disks[1].Volume }
	first, second := r.volume("db-0-data"), r.volume("db-1-data")
	require.Equal(t, []string{first.ID, second.ID}, []string{disk("db-0"), disk("db-1")})
	require.Equal(t, "nodegroup", first.Owner.Kind)

	old := r.server("db-0").ID
	r.remove("server", "p", "db-0")
	r.eventually("a server that someone deleted is made anew", func() bool {
		g := r.group("db")
		return g.Settled() && g.Status.Ready == 2 && g.Status.Members[0].ID != old
	})
	require.Equal(t, first.ID, disk("db-0"))

	r.ready(r.make("nodegroup", "p", "db", dataGroup(2, 2, `,"metadata":{"v":"2"}`)))
	require.Equal(t, []string{first.ID, second.ID}, []string{disk("db-0"), disk("db-1")}, "a new template changes servers, not their data")

	old = r.server("db-0").ID
	r.ready(r.make("nodegroup", "p", "db", dataGroup(2, 3, `,"metadata":{"v":"2"}`)))
	r.eventually("volumes grow", func() bool {
		return r.volume("db-0-data").Status.SizeGiB == 3 && r.volume("db-1-data").Status.SizeGiB == 3
	})
	require.Equal(t, old, r.server("db-0").ID, "which is no reason to replace a server")
	require.Equal(t, "spec.volumes[0].sizeGiB", r.refused(resource.ReasonInvalid, "nodegroup", "p", "db", dataGroup(2, 1, "")).Fields[0].Path)

	r.ready(r.make("nodegroup", "p", "db", dataGroup(1, 3, `,"metadata":{"v":"2"}`)))
	r.gone("server", "p", "db-1")
	require.Equal(t, second.ID, r.volume("db-1-data").ID, "the data of a number that is not needed now are kept")
	r.ready(r.make("nodegroup", "p", "db", dataGroup(2, 3, `,"metadata":{"v":"2"}`)))
	require.Equal(t, second.ID, disk("db-1"))

	r.remove("nodegroup", "p", "db")
	r.gone("nodegroup", "p", "db")
	require.Empty(t, r.site.servers)
	require.Empty(t, r.site.volumes)
	require.Zero(t, r.claimed("kvm1", "disk_gib"))
	r.exact()
}

// On a site of two hosts volumes follow their servers, which go where their network lives.
func TestVolumesFollowTheirServers(t *testing.T) {
	t.Parallel()
	r := newRig(t, "kvm1", "kvm2")
	var made []resource.Applied
	for i := range 3 {
		made = append(made, r.make("nodegroup", "p", fmt.Sprint("db", i), dataGroup(1, 2, "")), r.make("server", "p", fmt.Sprint("s", i), serverSpec))
	}
	for _, a := range made {
		r.ready(a)
	}
	host := r.network("net").Status.Host
	for i := range 3 {
		require.Equal(t, host, r.volume(fmt.Sprintf("db%d-0-data", i)).Status.Host)
	}
	require.EqualValues(t, 3*2+6*4, r.claimed("kvm1", "disk_gib")+r.claimed("kvm2", "disk_gib"))
	r.exact()
}

// A volume that waits for a server takes nothing, and one that finds no room tells the server why.
func TestVolumeWaitsForItsServer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("volume", "p", "late", `{"sizeGiB":990,"withServer":true}`))
	require.Empty(t, r.volume("late").Status.Host)
	require.Zero(t, r.claimed("kvm1", "disk_gib"))
	r.ready(r.make("server", "p", "a", serverSpec))
	r.ready(r.make("server", "p", "b", serverSpec))
	r.ready(r.make("server", "p", "c", serverSpec))
	r.make("server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","volumes":["late"]}`)
	r.eventually("the volume tells that there is no room", func() bool { return r.volume("late").Condition("Ready").Reason == string(resource.ReasonNoCandidate) })
	r.remove("server", "p", "a")
	r.remove("server", "p", "b")
	r.eventually("it is made when there is", func() bool { s := r.server("web"); return s.Settled() && s.Status.Power == provider.PowerRunning })
	require.Equal(t, r.hosts["kvm1"], r.volume("late").Status.Host)
	r.exact()
}
