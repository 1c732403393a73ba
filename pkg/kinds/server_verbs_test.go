package kinds_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// MigrateServer moves at once, where it is told or to hypervisor n2.
func (s *site) MigrateServer(_ context.Context, host, id string, m provider.Migration) (out provider.ServerState, err error) {
	err = s.call("MigrateServer", host, func() error {
		st, ok := s.servers[[2]string{host, id}]
		if !ok {
			return provider.Errorf(provider.ReasonNotFound, "", "no domain %s", id)
		}
		if st.Node == m.From {
			st.Node = "n2"
		}
		if m.To != "" {
			st.Node = m.To
		}
		s.servers[[2]string{host, id}], out = st, st
		return nil
	})
	return out, err
}

func (r *rig) actRefused(reason resource.Reason, name, action, input string) *resource.Problem {
	r.t.Helper()
	_, err := r.Act(r.t.Context(), resource.Request{Kind: "server", Project: "p", ID: name, Actor: admin}, action, json.RawMessage(input))
	return r.problem(reason, err)
}

// used is what the project holds of a metric; what is reserved counts.
func (r *rig) used(metric string) int64 {
	r.t.Helper()
	rows, err := r.View(resource.Everything).Quota(r.t.Context(), "p")
	require.NoError(r.t, err)
	for _, u := range rows {
		if u.Metric == metric {
			return u.Reserved + u.Committed
		}
	}
	return 0
}

func TestRestsOfAServer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("server", "p", "web", serverSpec))
	for _, step := range []struct {
		action string
		power  provider.PowerState
		held   int64
	}{
		{"pause", provider.PowerPaused, 2}, {"unpause", provider.PowerRunning, 2},
		{"suspend", provider.PowerSuspended, 2}, {"resume", provider.PowerRunning, 2},
		{"shelve", provider.PowerShelved, 0}, {"unshelve", provider.PowerRunning, 2},
		{"stop", provider.PowerStopped, 2}, {"shelve", provider.PowerShelved, 0}, {"start", provider.PowerRunning, 2},
	} {
		r.ready(r.act("server", "web", step.action, ""))
		require.Equal(t, step.power, r.server("web").Status.Power, step.action)
		require.Equal(t, step.held, r.claimed("kvm1", "vcpus"), step.action)
		require.Equal(t, step.held, r.used("vcpus"), step.action)
		require.EqualValues(t, 1, r.used("servers"), step.action)
		require.EqualValues(t, 4, r.claimed("kvm1", "disk_gib"), step.action)
	}
	for action, from := range map[string]string{"unpause": "paused", "resume": "suspended", "unshelve": "shelved"} {
		require.Contains(t, r.actRefused(resource.ReasonConflict, "web", action, "").Detail, "not "+from)
	}
	r.ready(r.act("server", "web", "stop", ""))
	for _, action := range []string{"pause", "suspend", "rescue", "reboot"} {
		require.Contains(t, r.actRefused(resource.ReasonConflict, "web", action, "").Hint, "start it")
	}
	r.ready(r.act("server", "web", "start", ""))
	r.ready(r.act("server", "web", "suspend", ""))
	r.actRefused(resource.ReasonConflict, "web", "pause", "")
	r.actRefused(resource.ReasonConflict, "web", "snapshot", `{"name":"a"}`)
	r.actRefused(resource.ReasonConflict, "web", "rebuild", "")
	r.refused(resource.ReasonInvalid, "server", "p", "other", `{"flavor":"small","image":"busybox","network":"net","power":"paused"}`)
	r.exact()
}

// What others do to a server that rests is shown, and healed by what is declared; and the other way round.
func TestARestChangedOutsideHeals(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("server", "p", "web", serverSpec))
	s := r.server("web")
	key := [2]string{s.Status.Host, s.ID}
	for _, c := range []struct {
		action      string
		is, changed provider.PowerState
	}{{"start", provider.PowerRunning, provider.PowerPaused}, {"pause", provider.PowerPaused, provider.PowerRunning}, {"start", provider.PowerRunning, provider.PowerSuspended},
		{"shelve", provider.PowerShelved, provider.PowerRunning}} {
		r.ready(r.act("server", "web", c.action, ""))
		r.site.with(func() {
			st := r.site.servers[key]
			st.Power = c.changed
			r.site.servers[key] = st
		})
		require.NoError(t, r.Touch(t.Context(), "server", s.ID, "virsh was here"))
		told := fmt.Sprintf("it was %s, not %s", c.changed, c.is)
		r.eventually(told, func() bool {
			o := r.server("web")
			return o.Settled() && o.Status.Power == c.is && r.site.power(key) == c.is && strings.HasPrefix(o.Condition("Drift").Message, told)
		})
	}
	require.Zero(t, r.claimed("kvm1", "vcpus"))
	r.exact()
}

func (s *site) power(key [2]string) provider.PowerState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.servers[key].Power
}

func TestUnshelvingTakesRoomAndQuotaOrIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.make("flavor", "", "half", `{"vcpus":8,"memoryMiB":512,"diskGiB":4}`)
	const half = `{"flavor":"half","image":"busybox","network":"net"}`
	require.NoError(t, r.SetQuota(t.Context(), admin, "p", "vcpus", resource.Hard(16)))
	r.ready(r.make("server", "p", "a", half))
	r.ready(r.make("server", "p", "b", half))
	r.refused(resource.ReasonNoCandidate, "server", "p", "c", half)
	r.ready(r.act("server", "a", "shelve", ""))
	r.ready(r.make("server", "p", "c", half))
	require.EqualValues(t, 16, r.used("vcpus"))
	r.actRefused(resource.ReasonQuotaExceeded, "a", "unshelve", "")
	require.NoError(t, r.SetQuota(t.Context(), admin, "p", "vcpus", resource.Hard(-1)))
	r.act("server", "a", "unshelve", "")
	r.eventually("the host has no room for it", func() bool { return r.server("a").Condition("Ready").Reason == "QuotaExceeded" })
	require.Equal(t, provider.PowerShelved, r.site.power([2]string{r.hosts["kvm1"], r.server("a").ID}))
	r.remove("server", "p", "c")
	r.gone("server", "p", "c")
	r.eventually("it takes the room that is free again", func() bool { o := r.server("a"); return o.Settled() && o.Status.Power == provider.PowerRunning })
	require.EqualValues(t, 16, r.claimed("kvm1", "vcpus"))
	r.exact()
}

func TestLockedServerIsNotChanged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("server", "p", "web", serverSpec))
	r.ready(r.act("server", "web", "lock", `{"reason":"the till of the anniversary sale"}`))
	for _, action := range []string{"stop", "rebuild", "reboot", "lock"} {
		p := r.actRefused(resource.ReasonLocked, "web", action, "{}")
		require.Contains(t, p.Detail, "locked by system:test")
		require.Contains(t, p.Detail, "anniversary sale")
		require.Contains(t, p.Hint, "unlock")
	}
	r.refused(resource.ReasonLocked, "server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","power":"stopped"}`)
	_, err := r.Delete(t.Context(), resource.Request{Kind: "server", Project: "p", ID: "web", Actor: admin})
	r.problem(resource.ReasonLocked, err)
	_, err = r.apply("server", "p", "web", serverSpec)
	require.NoError(t, err, "what changes nothing is not refused, nor does it unlock")
	require.NotNil(t, r.server("web").Spec.Locked)
	s := r.server("web")
	key := [2]string{s.Status.Host, s.ID}
	r.site.with(func() {
		st := r.site.servers[key]
		st.Power = provider.PowerStopped
		r.site.servers[key] = st
	})
	require.NoError(t, r.Touch(t.Context(), "server", s.ID, "stopped outside"))
	r.eventually("it is kept as it is declared", func() bool { return r.site.power(key) == provider.PowerRunning })
	r.ready(r.act("server", "web", "unlock", ""))
	r.ready(r.act("server", "web", "stop", ""))
}

func TestRebuildAndRescue(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	sha := strings.Repeat("cd", 32)
	r.ready(r.make("image", "", "tools", `{"format":"qcow2","disk":{"url":"file:///images/`+sha+`","sha256":"`+sha+`","bytes":1}}`))
	r.ready(r.make("volume", "p", "data", `{"sizeGiB":1}`))
	r.ready(r.make("server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","volumes":["data"]}`))
	before := r.site.want(r.server("web").ID)
	r.refused(resource.ReasonInvalid, "server", "p", "web", `{"flavor":"small","image":"tools","network":"net","volumes":["data"]}`)
	r.ready(r.act("server", "web", "rebuild", `{"image":"tools"}`))
	after := r.site.want(r.server("web").ID)
	require.NotEmpty(t, after.Build)
	require.NotEqual(t, before.Disks[0].Image, after.Disks[0].Image)
	require.Equal(t, before.Disks[1], after.Disks[1], "its volume stays")
	require.Equal(t, before.Interfaces, after.Interfaces, "and its address")
	r.ready(r.act("server", "web", "rebuild", "{}"))
	again := r.site.want(r.server("web").ID)
	require.NotEqual(t, after.Build, again.Build)
	require.Equal(t, after.Disks, again.Disks)
	r.ready(r.make("server", "p", "web", `{"flavor":"small","image":"tools","network":"net","volumes":["data"]}`))
	require.Equal(t, again.Build, r.site.want(r.server("web").ID).Build, "who replaces the spec asks for no rebuild")

	r.ready(r.act("server", "web", "rescue", `{"image":"busybox"}`))
	w := r.site.want(r.server("web").ID)
	require.Equal(t, before.Disks[0].Image, w.Rescue.Image)
	for _, action := range []string{"stop", "reboot", "rebuild", "rescue", "shelve"} {
		require.Contains(t, r.actRefused(resource.ReasonConflict, "web", action, "{}").Detail, "in rescue")
	}
	_, err := r.Delete(t.Context(), resource.Request{Kind: "image", ID: "busybox", Actor: admin})
	r.problem(resource.ReasonInUse, err)
	r.ready(r.act("server", "web", "unrescue", ""))
	require.Nil(t, r.site.want(r.server("web").ID).Rescue)
	r.actRefused(resource.ReasonConflict, "web", "unrescue", "")

	r.ready(r.act("server", "web", "snapshot", `{"name":"before"}`))
	require.Contains(t, r.actRefused(resource.ReasonConflict, "web", "rebuild", "{}").Detail, "before")
	r.exact()
}

func (s *site) want(id string) provider.Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wanted[id]
}

func TestResizeWaitsForADecision(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.make("flavor", "", "large", `{"vcpus":6,"memoryMiB":512,"diskGiB":4}`)
	r.ready(r.make("server", "p", "web", serverSpec))
	holds := func(vcpus int64, why string) {
		t.Helper()
		require.Equal(t, vcpus, r.claimed("kvm1", "vcpus"), why)
		require.Equal(t, vcpus, r.used("vcpus"), why)
	}
	r.actRefused(resource.ReasonConflict, "web", "confirm-resize", "")
	r.actRefused(resource.ReasonConflict, "web", "revert-resize", "")
	r.ready(r.act("server", "web", "resize", `{"flavor":"large","keep":true}`))
	holds(6, "the larger of both, not their sum")
	require.Equal(t, "small", r.server("web").Status.ResizedFrom)
	require.True(t, r.site.want(r.server("web").ID).Keep)
	for _, action := range []string{"stop", "rescue", "rebuild", "reboot"} {
		require.Contains(t, r.actRefused(resource.ReasonConflict, "web", action, "{}").Detail, "waits for its resize")
	}
	require.Contains(t, r.actRefused(resource.ReasonConflict, "web", "resize", `{"flavor":"small"}`).Hint, "revert-resize")
	r.ready(r.act("server", "web", "revert-resize", ""))
	holds(2, "reverted")
	require.Equal(t, 2, r.site.want(r.server("web").ID).VCPUs)
	require.False(t, r.site.want(r.server("web").ID).Keep)
	r.ready(r.act("server", "web", "resize", `{"flavor":"large"}`))
	r.ready(r.act("server", "web", "resize", `{"flavor":"small","keep":true}`))
	holds(6, "what it may go back to stays held")
	r.ready(r.act("server", "web", "confirm-resize", ""))
	holds(2, "confirmed")
	require.Empty(t, r.server("web").Status.ResizedFrom)
	r.exact()
}

func TestMigrationLooksForAPlaceFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t, "kvm1", "kvm2")
	r.ready(r.make("server", "p", "web", serverSpec))
	p := r.actRefused(resource.ReasonUnsupported, "web", "migrate", `{"live":true}`)
	require.Len(t, p.Candidates, 2)
	reasons := map[string]bool{p.Candidates[0].Reason: true, p.Candidates[1].Reason: true}
	require.Equal(t, map[string]bool{"Same": true, "LocalStorage": true}, reasons)
	require.Contains(t, p.Hint, "new server")
}

func TestMigrationWithinARegion(t *testing.T) {
	t.Parallel()
	r, c, east := newRegionRig(t)
	r.ready(r.make("network", "p", "lan", `{"cidr":"10.9.0.0/24"}`))
	a := r.make("server", "p", "web", `{"flavor":"small","image":"busybox","network":"lan","host":"east"}`)
	r.ready(a)
	key := [2]string{east.ID, a.Object.ID}
	r.site.with(func() {
		st := r.site.servers[key]
		st.Node = "cmp1"
		r.site.servers[key] = st
	})
	require.NoError(t, r.Touch(t.Context(), "server", a.Object.ID, "look"))
	r.eventually("its node is known", func() bool { return r.server("web").Status.Node == "cmp1" })
	r.ready(r.act("server", "web", "migrate", `{"live":true,"to":"cmp2"}`))
	require.Equal(t, "cmp2", r.server("web").Status.Node)
	require.Contains(t, r.notes(a.Object.ID)["server.migrated"], "from cmp1 to cmp2")
	require.EqualValues(t, 2, r.used("vcpus"), "both ends are not counted")

	c.set(func(i *provider.Inventory) {
		i.Hypervisors = []provider.Hypervisor{hypervisor("cmp1", 15), hypervisor("cmp2", 0), hypervisor("cmp3", 0), hypervisor("cmp4", 0)}
		i.Hypervisors[2].Up, i.Hypervisors[3].Enabled, i.Hypervisors[3].Reason = false, false, "a fan is loud"
	}, nil)
	require.NoError(t, r.Touch(t.Context(), "region", east.ID, "look"))
	var p *resource.Problem
	r.eventually("each hypervisor says why not", func() bool {
		_, err := r.Act(t.Context(), resource.Request{Kind: "server", Project: "p", ID: "web", Actor: admin}, "migrate", json.RawMessage(`{"to":"cmp9"}`))
		return errors.As(err, &p) && p.Reason == resource.ReasonNoCandidate && len(p.Candidates) == 5
	})
	why := map[string]string{}
	for _, x := range p.Candidates {
		why[x.Name] = x.Reason
	}
	require.Equal(t, map[string]string{"cmp1": "NoRoom", "cmp2": "Same", "cmp3": "Down", "cmp4": "Closed", "cmp9": "Unknown"}, why)
	require.Contains(t, p.Candidates[3].Detail, "a fan is loud")
	require.Equal(t, "cmp2", r.server("web").Status.Node)
	r.exact()
}

func TestMetadataIsPutAndRemoved(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.ready(r.make("server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","metadata":{"a":"1","b":"2"}}`))
	r.ready(r.act("server", "web", "metadata", `{"put":{"b":"3","c":"4"},"remove":["a"]}`))
	require.Equal(t, map[string]string{"b": "3", "c": "4"}, r.server("web").Spec.Metadata)
	require.Contains(t, r.site.want(r.server("web").ID).Seed.MetaData, `"c":"4"`)
	r.actRefused(resource.ReasonInvalid, "web", "metadata", `{"put":{"":"x"}}`)
}

// TestAnyWalkOverTheVerbsCountsRight lets any verbs follow each other: each is done or refused, and what is held agrees
// with the state in the end.
func TestAnyWalkOverTheVerbsCountsRight(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.make("flavor", "", "large", `{"vcpus":5,"memoryMiB":512,"diskGiB":4}`)
	verbs := map[string]string{"start": "", "stop": "", "pause": "", "unpause": "", "suspend": "", "resume": "", "shelve": "", "unshelve": "", "rescue": "{}", "unrescue": "",
		"rebuild": "{}", "confirm-resize": "", "revert-resize": "", "resize": `{"flavor":"large","keep":true}`, "lock": "{}", "unlock": ""}
	names := []string{"start", "stop", "pause", "unpause", "suspend", "resume", "shelve", "unshelve", "rescue", "unrescue", "rebuild", "confirm-resize", "revert-resize", "resize", "lock", "unlock", "unlock"}
	flavors := map[string]int64{"small": 2, "large": 5}
	n := 0
	began := time.Now()
	rapid.Check(t, func(rt *rapid.T) {
		if n >= 8 || time.Since(began) > 20*time.Second {
			return // a walk takes a while; a few are enough each time
		}
		n++
		name := fmt.Sprint("s", n)
		r.ready(r.make("server", "p", name, serverSpec))
		for _, verb := range rapid.SliceOfN(rapid.SampledFrom(names), 1, 12).Draw(rt, "verbs") {
			a, err := r.Act(t.Context(), resource.Request{Kind: "server", Project: "p", ID: name, Actor: admin}, verb, json.RawMessage(verbs[verb]))
			if err == nil {
				r.ready(a)
			} else if reason := resource.ReasonOf(err); reason != resource.ReasonConflict && reason != resource.ReasonLocked && reason != resource.ReasonInvalid {
				rt.Fatalf("%s: %v", verb, err)
			}
		}
		o := r.server(name)
		want := flavors[o.Spec.Flavor]
		if o.Spec.Resize != nil {
			want = 5
		}
		if o.Spec.Power == string(provider.PowerShelved) {
			want = 0
		}
		if held, used := r.claimed("kvm1", "vcpus"), r.used("vcpus"); held != want || used != want {
			rt.Fatalf("%s %+v holds %d of its host and %d of the quota, want %d", o.Spec.Power, o.Spec.Resize, held, used, want)
		}
		r.ready(r.act("server", name, "unlock", ""))
		r.remove("server", "p", name)
		r.gone("server", "p", name)
	})
	r.exact()
}
