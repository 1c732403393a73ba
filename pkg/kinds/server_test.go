package kinds_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

func TestServerComesGoesAndLeavesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","publish":[{"port":80}],"userData":"#cloud-config\n{}\n","metadata":{"a":"b"}}`))
	s := r.server("web")
	require.Equal(t, provider.PowerRunning, s.Status.Power)
	require.Equal(t, "kvm1", s.Status.HostName)
	require.Equal(t, "10.1.0.2", s.Status.Address)
	require.Len(t, s.Status.Published, 1)
	require.Equal(t, 80, s.Status.Published[0].Port)
	require.Equal(t, r.network("net").ID, s.Spec.Network, "names are kept as ids")
	require.Empty(t, s.Spec.UserData, "user-data is never returned")
	w := r.site.wanted[s.ID]
	require.Equal(t, s.ID, w.Tags["plaza-id"])
	require.Contains(t, w.Seed.NetworkConfig, "10.1.0.2/24")
	require.Contains(t, w.Seed.MetaData, `"local-hostname":"web"`)
	require.EqualValues(t, 2, r.claimed("kvm1", "vcpus"))
	require.EqualValues(t, 4, r.claimed("kvm1", "disk_gib"))

	r.remove("server", "p", "web")
	r.gone("server", "p", "web")
	require.Empty(t, r.site.servers)
	require.Zero(t, r.claimed("kvm1", "vcpus"))
	require.Zero(t, r.claimed("kvm1", "disk_gib"))
	require.Empty(t, r.network("net").Status.Ports, "its address is given back")
	q, err := r.View(resource.Everything).Quota(t.Context(), "p")
	require.NoError(t, err)
	for _, u := range q {
		if u.Metric == "servers" || u.Metric == "vcpus" || u.Metric == "memory_mib" {
			require.Zero(t, u.Committed+u.Reserved, u.Metric)
		}
	}
	r.exact()
}

func TestFiftyServersAtOnceGetFiftyAddresses(t *testing.T) {
	t.Parallel()
	r := newRig(t, "kvm1", "kvm2")
	r.make("flavor", "", "tiny", `{"vcpus":1,"memoryMiB":64,"diskGiB":1}`)
	for _, name := range []string{"kvm1", "kvm2"} {
		r.site.with(func() {
			h := r.site.hosts[r.hosts[name]]
			h.CPUs = 64
			r.site.hosts[r.hosts[name]] = h
		})
		r.ready(r.make("host", "", name, `{"site":"north","schedulable":true,"cpuOvercommit":4}`))
	}
	var wg sync.WaitGroup
	began := time.Now()
	for i := range 50 {
		wg.Go(func() {
			_, err := r.apply("server", "p", fmt.Sprint("s", i), `{"flavor":"tiny","image":"busybox","network":"net"}`)
			require.NoError(t, err)
		})
	}
	wg.Wait()
	r.eventually("fifty servers are ready", func() bool {
		n := 0
		require.NoError(t, resource.All(t.Context(), r.View(resource.Everything), resource.Query{Kind: "server", Limit: 500}, func(o resource.Raw) error {
			if o.Settled() {
				n++
			}
			return nil
		}))
		return n == 50
	})
	t.Logf("50 servers in %s", time.Since(began).Round(time.Millisecond))
	addresses, macs := map[string]bool{}, map[string]bool{}
	host := r.network("net").Status.Host
	for i := range 50 {
		s := r.server(fmt.Sprint("s", i))
		require.False(t, addresses[s.Status.Address], "%s was given twice", s.Status.Address)
		require.False(t, macs[s.Status.MAC])
		addresses[s.Status.Address], macs[s.Status.MAC] = true, true
		require.True(t, netip.MustParsePrefix("10.1.0.0/24").Contains(netip.MustParseAddr(s.Status.Address)))
		require.Equal(t, host, s.Status.Host, "a server is where its network lives")
		require.Equal(t, s.Status.Address, r.site.wanted[s.ID].Interfaces[0].Address)
	}
	require.Len(t, r.site.servers, 50)
	require.Len(t, r.network("net").Status.Ports, 50)
	r.exact()
}

func TestClaimsAreExactUnderConcurrency(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	// 8 CPUs with overcommit 2: eight servers of two vCPUs, not one more.
	var wg sync.WaitGroup
	var mu sync.Mutex
	refused := 0
	for i := range 20 {
		wg.Go(func() {
			if _, err := r.apply("server", "p", fmt.Sprint("s", i), serverSpec); err != nil {
				r.problem(resource.ReasonNoCandidate, err)
				mu.Lock()
				refused++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	running := func() int {
		n := 0
		r.site.with(func() { n = len(r.site.servers) })
		return n
	}
	r.eventually("the host is full", func() bool { return running() == 8 })
	time.Sleep(300 * time.Millisecond)
	require.Equal(t, 8, running())
	require.EqualValues(t, 16, r.claimed("kvm1", "vcpus"))
	r.exact()
	var waits string
	for i := range 20 {
		o, err := r.View(resource.Everything).Get(t.Context(), "server", "p", fmt.Sprint("s", i))
		if err != nil {
			continue
		}
		var made bool
		r.site.with(func() { _, made = r.site.wanted[o.ID] })
		if made {
			r.ready(resource.Applied{Object: o})
			continue
		}
		waits = o.Name
		r.eventually("one that waits for room says so", func() bool {
			o := r.get("server", "p", waits)
			return o.Condition("Ready").Reason == "NoCandidate"
		})
	}
	for i := range 20 {
		o, err := r.View(resource.Everything).Get(t.Context(), "server", "p", fmt.Sprint("s", i))
		if err == nil && o.Settled() {
			r.remove("server", "p", o.Name)
			r.gone("server", "p", o.Name)
			break
		}
	}
	if waits != "" {
		r.eventually("freed room is taken", func() bool { return running() == 8 })
	}
	r.exact()
}

func TestRefusalBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.make("flavor", "", "giant", `{"vcpus":64,"memoryMiB":512,"diskGiB":4}`)
	p := r.refused(resource.ReasonNoCandidate, "server", "p", "big", `{"flavor":"giant","image":"busybox","network":"net"}`)
	require.Equal(t, "NoRoom", p.Candidates[0].Reason)
	require.Contains(t, p.Hint, "kvm1 lacks 48 vCPU")
	for _, c := range []struct{ spec, path string }{
		{`{"flavor":"none","image":"busybox","network":"net"}`, "spec.flavor"},
		{`{"flavor":"small","image":"none","network":"net"}`, "spec.image"},
		{`{"flavor":"small","image":"busybox","network":"none"}`, "spec.network"},
		{`{"flavor":"small","image":"busybox","network":"net","address":"10.2.0.9"}`, "spec.address"},
		{`{"flavor":"small","image":"busybox","network":"net","address":"10.1.0.1"}`, "spec.address"},
		{`{"flavor":"small","image":"busybox","network":"net","address":"10.1.0.0"}`, "spec.address"},
		{`{"flavor":"small","image":"busybox","network":"net","address":"10.1.0.255"}`, "spec.address"},
		{`{"flavor":"small","image":"busybox","network":"net","keypair":"none"}`, "spec.keypair"},
		{`{"flavor":"small","image":"busybox","network":"net","securityGroups":["none"]}`, "spec.securityGroups[0]"},
		{`{"flavor":"small","image":"busybox","network":"net","volumes":["none"]}`, "spec.volumes[0]"},
		{`{"flavor":"small","image":"busybox","network":"net","publish":[{"port":80,"listen":"here"}]}`, "spec.publish[0].listen"},
	} {
		p := r.refused(resource.ReasonInvalid, "server", "p", "x", c.spec)
		require.Equal(t, c.path, p.Fields[0].Path)
	}
	require.Empty(t, r.site.servers)
}

// TestFaultAtEveryCall lets each call of a server's life fail once, before and after it took effect: there is one server
// in the end, and nothing after its deletion.
func TestFaultAtEveryCall(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	name := "probe"
	life := func() {
		r.ready(r.make("server", "p", name, `{"flavor":"small","image":"busybox","network":"net","publish":[{"port":80}]}`))
	}
	r.site.setFault(nil)
	life()
	r.remove("server", "p", name)
	r.gone("server", "p", name)
	var calls int
	r.site.with(func() { calls = len(r.site.calls) })
	require.Greater(t, calls, 4)
	for _, phase := range []string{"before", "after"} {
		for k := 1; k <= calls; k++ {
			name = fmt.Sprintf("%s-%d", phase, k)
			fired := ""
			r.site.setFault(func(n int, method, at string) error {
				if n == k && at == phase {
					fired = method
					return provider.Errorf(provider.ReasonTimeout, "", "no answer in time")
				}
				return nil
			})
			life()
			s := r.server(name)
			r.site.with(func() {
				require.Len(t, r.site.servers, 1, "after a fault %s call %d, %s", phase, k, fired)
				require.Contains(t, r.site.servers, [2]string{s.Status.Host, s.ID})
			})
			require.EqualValues(t, 2, r.claimed("kvm1", "vcpus"))
			r.remove("server", "p", name)
			r.gone("server", "p", name)
			r.site.with(func() { require.Empty(t, r.site.servers) })
			require.Zero(t, r.claimed("kvm1", "vcpus"))
			r.exact()
		}
	}
}

func TestDriftIsRepairedAndTold(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("server", "p", "web", serverSpec))
	s := r.server("web")
	r.heard(s.ID)
	key := [2]string{s.Status.Host, s.ID}
	r.site.with(func() {
		st := r.site.servers[key]
		st.Power, st.Reason = provider.PowerStopped, "destroyed"
		r.site.servers[key] = st
	})
	require.NoError(t, r.Touch(t.Context(), "server", s.ID, "server stopped on its host"))
	r.eventually("it runs again", func() bool {
		up := false
		r.site.with(func() { up = r.site.servers[key].Power == provider.PowerRunning })
		return up && r.server("web").Condition("Drift").Status == resource.True
	})
	require.Contains(t, r.notes(s.ID)["drift.repaired"], "it was stopped, not running (destroyed); server stopped on its host")

	r.site.with(func() { delete(r.site.servers, key) })
	require.NoError(t, r.Touch(t.Context(), "server", s.ID, "server undefined on its host"))
	r.eventually("it is made again", func() bool {
		there := false
		r.site.with(func() { _, there = r.site.servers[key] })
		return there
	})
	r.eventually("and told", func() bool { return strings.Contains(r.server("web").Condition("Drift").Message, "gone from the host") })
	require.Len(t, r.site.servers, 1)
}

// What is changed while a pass is at the server is brought back by that pass, and is told, too.
func TestDriftAfterTheLookIsTold(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for found, change := range map[string]func(key [2]string){
		"it was paused, not running": func(key [2]string) {
			st := r.site.servers[key]
			st.Power = provider.PowerPaused
			r.site.servers[key] = st
		},
		"the domain was gone from the host": func(key [2]string) { delete(r.site.servers, key) },
	} {
		name := "web" + strconv.Itoa(len(found))
		r.ready(r.make("server", "p", name, serverSpec))
		s := r.server(name)
		key := [2]string{s.Status.Host, s.ID}
		var once sync.Once
		r.site.setFault(func(_ int, method, phase string) error {
			if method == "EnsureServer:"+name && phase == "before" {
				once.Do(func() { change(key) })
			}
			return nil
		})
		require.NoError(t, r.Touch(t.Context(), "server", s.ID, "a look"))
		r.eventually("told: "+found, func() bool { return strings.Contains(r.notes(s.ID)["drift.repaired"], found) })
		require.Equal(t, resource.True, r.server(name).Condition("Drift").Status)
		r.site.setFault(nil)
	}
}

func (r *rig) act(kind, name, action, input string) resource.Applied {
	r.t.Helper()
	a, err := r.Act(r.t.Context(), resource.Request{Kind: kind, Project: "p", ID: name, Actor: admin}, action, json.RawMessage(input))
	require.NoError(r.t, err)
	return a
}

func TestActions(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("server", "p", "web", serverSpec))
	r.ready(r.act("server", "web", "stop", ""))
	require.Equal(t, provider.PowerStopped, r.server("web").Status.Power)
	require.EqualValues(t, 2, r.claimed("kvm1", "vcpus"), "a stopped server keeps its room")
	_, err := r.Act(t.Context(), resource.Request{Kind: "server", Project: "p", ID: "web", Actor: admin}, "reboot", nil)
	r.problem(resource.ReasonConflict, err)
	r.ready(r.act("server", "web", "start", ""))
	r.site.setFault(nil)
	r.ready(r.act("server", "web", "reboot", ""))
	count := 0
	r.site.with(func() {
		for _, c := range r.site.calls {
			if c == "ActOnServer:reboot" {
				count++
			}
		}
	})
	require.Equal(t, 1, count, "one reboot for one that was asked for")

	r.ready(r.act("server", "web", "snapshot", `{"name":"before"}`))
	require.Equal(t, []string{"before"}, r.server("web").Status.Snapshots)
	_, err = r.Act(t.Context(), resource.Request{Kind: "server", Project: "p", ID: "web", Actor: admin}, "revert", json.RawMessage(`{"name":"other"}`))
	r.problem(resource.ReasonInvalid, err)
	r.site.setFault(nil)
	r.ready(r.act("server", "web", "revert", `{"name":"before"}`))
	r.site.with(func() { require.Contains(t, r.site.calls, "RevertServer:before") })
}

func TestResizeTakesAndGivesBackRoom(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.make("flavor", "", "large", `{"vcpus":8,"memoryMiB":1024,"diskGiB":4}`)
	r.make("flavor", "", "huge", `{"vcpus":15,"memoryMiB":1024,"diskGiB":4}`)
	r.ready(r.make("server", "p", "a", serverSpec))
	r.ready(r.make("server", "p", "b", serverSpec))
	r.ready(r.act("server", "a", "resize", `{"flavor":"large"}`))
	require.EqualValues(t, 10, r.claimed("kvm1", "vcpus"))
	require.Equal(t, 8, r.server("a").Status.VCPUs)
	r.act("server", "a", "resize", `{"flavor":"huge"}`)
	r.eventually("a resize that does not fit says so", func() bool { return r.server("a").Condition("Ready").Reason == "QuotaExceeded" })
	require.Equal(t, 8, r.site.wanted[r.server("a").ID].VCPUs)
	require.EqualValues(t, 10, r.claimed("kvm1", "vcpus"))
	r.ready(r.act("server", "a", "resize", `{"flavor":"small"}`))
	require.EqualValues(t, 4, r.claimed("kvm1", "vcpus"))
	q, err := r.View(resource.Everything).Quota(t.Context(), "p")
	require.NoError(t, err)
	i := slices.IndexFunc(q, func(u resource.QuotaUsage) bool { return u.Metric == "vcpus" })
	require.EqualValues(t, 4, q[i].Committed)
	require.Zero(t, q[i].Reserved)
	r.exact()
}

func TestWhatCanNotChange(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("server", "p", "web", serverSpec))
	r.ready(r.make("network", "p", "other", `{"cidr":"10.2.0.0/24"}`))
	for path, spec := range map[string]string{
		"spec.network": `{"flavor":"small","image":"busybox","network":"other"}`,
		"spec.host":    `{"flavor":"small","image":"busybox","network":"net","host":"kvm1"}`,
		"spec.address": `{"flavor":"small","image":"busybox","network":"net","address":"10.1.0.77"}`,
	} {
		require.Equal(t, path, r.refused(resource.ReasonInvalid, "server", "p", "web", spec).Fields[0].Path)
	}
	require.Equal(t, "spec", r.refused(resource.ReasonInvalid, "flavor", "", "small", `{"vcpus":4,"memoryMiB":512,"diskGiB":4}`).Fields[0].Path)
	require.Equal(t, "spec.cidr", r.refused(resource.ReasonInvalid, "network", "p", "net", `{"cidr":"10.9.0.0/24"}`).Fields[0].Path)
}

// A backend that is at it still is waited for: that is no failure, and the next pass goes on at once.
func TestWhatIsUnderWayIsNoFailure(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.site.setFault(func(n int, method, phase string) error {
		if strings.HasPrefix(method, "EnsureServer") && phase == "before" && n < 20 {
			return provider.Errorf(provider.ReasonUnderWay, "", "build server takes longer")
		}
		return nil
	})
	began := time.Now()
	a := r.make("server", "p", "web", serverSpec)
	seen := map[string]bool{}
	r.eventually("it runs", func() bool {
		o := r.get("server", "p", "web")
		seen[o.Condition("Ready").Reason] = true
		return o.Settled()
	})
	require.Less(t, time.Since(began), 20*time.Second)
	require.NotContains(t, seen, string(resource.ReasonUnavailable))
	op, err := r.View(resource.Everything).Operation(t.Context(), a.Operation.ID)
	require.NoError(t, err)
	require.Equal(t, resource.OperationSucceeded, op.State)
}
