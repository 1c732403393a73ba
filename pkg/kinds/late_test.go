package kinds_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
)

// TestWhatARegionBringsAfterItsDeletion orders a server of a region that does not answer, and deletes it before the region
// has brought it.
func TestWhatARegionBringsAfterItsDeletion(t *testing.T) {
	t.Parallel()
	r, _, east := newRegionRig(t)
	r.site.setFault(func(_ int, method, phase string) error {
		if phase == "before" && strings.HasPrefix(method, "EnsureServer") {
			return provider.Errorf(provider.ReasonUnavailable, "", "compute does not answer")
		}
		return nil
	})
	asked := func(call string) bool {
		called := false
		r.site.with(func() {
			called = slices.ContainsFunc(r.site.calls, func(c string) bool { return strings.HasPrefix(c, call) })
		})
		return called
	}
	s := r.make("server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","host":"east"}`).Object
	r.eventually("it is asked for", func() bool { return asked("EnsureServer") })
	r.remove("server", "p", "web")
	r.eventually("its deletion is tried", func() bool { return asked("DeleteServer") })
	r.eventually("it is told why that is not the end", func() bool {
		o := r.get("server", "p", "web")
		return strings.Contains(o.Condition("Ready").Message, "may still bring")
	})

	key := [2]string{east.ID, s.ID}
	r.site.with(func() {
		r.site.servers[key] = provider.ServerState{ID: s.ID, Host: east.ID, Power: provider.PowerRunning}
	})
	require.NoError(t, r.Touch(t.Context(), "server", s.ID, "test"))
	r.gone("server", "p", "web")
	r.site.with(func() { require.NotContains(t, r.site.servers, key) })
	r.exact()
}

// TestARefusedServerIsDeletedAtOnce has nothing to wait for: the region said that it made nothing.
func TestARefusedServerIsDeletedAtOnce(t *testing.T) {
	t.Parallel()
	r, _, _ := newRegionRig(t)
	r.site.setFault(func(_ int, method, phase string) error {
		if phase == "before" && strings.HasPrefix(method, "EnsureServer") {
			return provider.Errorf(provider.ReasonNoSpace, "", "no hypervisor has room")
		}
		return nil
	})
	s := r.make("server", "p", "web", `{"flavor":"small","image":"busybox","network":"net","host":"east"}`).Object
	r.eventually("its refusal is told", func() bool {
		o := r.get("server", "p", "web")
		return o.ID == s.ID && strings.Contains(o.Condition("Ready").Message, "no hypervisor has room")
	})
	r.remove("server", "p", "web")
	r.gone("server", "p", "web")
	r.exact()
}
