package drift_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/drift"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

func (r *rig) server(t *testing.T) resource.Raw {
	t.Helper()
	r.make("network", "p", "net", `{"cidr":"10.1.0.0/24"}`)
	return r.make("server", "p", "app", `{"flavor":"small","image":"busybox","network":"net"}`)
}

func TestWhatIsPutRightAtOnceIsNoDifference(t *testing.T) {
	r := newRig(t)
	s := r.server(t)
	v := r.make("volume", "p", "data", `{"sizeGiB":2,"host":"east"}`)
	r.survey()
	require.Empty(t, r.drifts(), "a state does not differ from itself")

	r.cloud.with(func() {
		f := r.cloud.found["b-"+s.ID]
		f.Power = provider.PowerStopped
		r.cloud.found["b-"+s.ID] = f
	})
	r.survey()
	require.Empty(t, r.drifts())
	r.eventually("it is brought back", func() bool { f, _ := r.cloud.of("server", s.ID); return f.Power == provider.PowerRunning })
	r.eventually("the history tells", func() bool { return r.history(s.ID)["drift.repaired"] != "" })
	require.Contains(t, r.history(s.ID)["drift.repaired"], "its region says that power is stopped, not running")

	require.NoError(t, r.cloud.drop("volume", v.ID))
	r.survey()
	d := r.drift("volume missing")
	require.Equal(t, v.ID, d.Spec.Object)
	r.eventually("it is held", func() bool {
		o, _ := r.View(resource.Everything).Get(t.Context(), "volume", "p", "data")
		return o.Phase == resource.PhaseDegraded
	})
	r.survey()
	require.Equal(t, d.ID, r.drift("volume missing").ID, "held objects are still compared")
	require.NoError(t, r.act("volume missing", "repair", ""))
	r.eventually("it is made again", func() bool { _, err := r.cloud.of("volume", v.ID); return err == nil })
	require.Equal(t, r.place, <-r.asked)
	r.eventually("it is settled", func() bool {
		o, _ := r.View(resource.Everything).Get(t.Context(), "volume", "p", "data")
		return o.Settled()
	})
	r.survey()
	r.eventually("it is gone", func() bool { return len(r.drifts()) == 0 })
	r.eventually("the history tells", func() bool { return r.history(d.ID)["drift.gone"] != "" })
	require.Contains(t, r.history(d.ID), "repair")
}

func TestWhatPersistsIsShown(t *testing.T) {
	r := newRig(t)
	s := r.server(t)
	r.cloud.with(func() {
		r.cloud.stuck = true
		f := r.cloud.found["b-"+s.ID]
		f.MemoryMiB = 4096
		r.cloud.found["b-"+s.ID] = f
	})
	r.survey()
	require.Empty(t, r.drifts(), "the reconciler may be at it")
	r.eventually("it tried", func() bool {
		o, _ := r.View(resource.Everything).Get(t.Context(), "server", "p", "app")
		return o.Settled()
	})
	r.survey()
	d := r.drift("server changed")
	require.Equal(t, []drift.Field{{Name: "memoryMiB", Declared: "512", Observed: "4096"}}, d.Spec.Fields)
	require.Equal(t, "app", d.Spec.ObjectName)
	require.Equal(t, "p", d.Spec.Project)
	require.Error(t, r.act("server changed", "adopt", ""), "memory is the flavor's")
}

func TestAPolicyToHoldIsKept(t *testing.T) {
	r := newRig(t)
	s := r.server(t)
	r.policy(`{"missing":"hold","changed":"hold"}`)
	r.cloud.with(func() {
		f := r.cloud.found["b-"+s.ID]
		f.Power = provider.PowerStopped
		r.cloud.found["b-"+s.ID] = f
		r.cloud.calls = nil
	})
	r.survey()
	r.state("server changed", drift.Open)
	get := func() *resource.Raw {
		o, _ := r.View(resource.Everything).Get(t.Context(), "server", "p", "app")
		return &o
	}
	r.eventually("it waits", func() bool { return get().Phase == resource.PhaseDegraded })
	r.survey()
	r.drift("server changed")
	require.NotContains(t, r.cloud.calls, "EnsureServer")
	require.NoError(t, r.act("server changed", "adopt", ""))
	r.state("server changed", drift.Adopted)
	r.eventually("what is seen is wanted", func() bool { return get().Settled() })
	o, err := resource.As[kinds.ServerSpec, kinds.ServerStatus](*get())
	require.NoError(t, err)
	require.Equal(t, "stopped", o.Spec.Power)
	require.Contains(t, r.history(s.ID), "adopt")
	r.survey()
	r.eventually("nothing differs", func() bool { return len(r.drifts()) == 0 })

	require.NoError(t, r.cloud.drop("server", s.ID))
	r.eventually("it is shown again", func() bool { r.survey(); _, ok := r.drifts()["server missing"]; return ok })
	r.state("server missing", drift.Open)
	r.eventually("it waits", func() bool { return get().Phase == resource.PhaseDegraded })
	require.NoError(t, r.act("server missing", "repair", ""))
	r.eventually("it is made again", func() bool { _, err := r.cloud.of("server", s.ID); return err == nil && get().Settled() })
}

func TestZombies(t *testing.T) {
	r := newRig(t)
	s := r.server(t)
	dead := resource.NewID()
	born := time.Now()
	r.cloud.with(func() {
		r.cloud.found["z"] = provider.Found{Kind: "volume", Backend: "z", Name: "left", PlazaID: dead, Created: born}
		twin := r.cloud.found["b-"+s.ID]
		twin.Backend, twin.Created = "t", born.Add(time.Hour)
		r.cloud.found["t"] = twin
	})
	r.survey()
	z := r.state("volume zombie", drift.Open)
	require.Equal(t, dead, z.Spec.Object)
	require.True(t, r.state("server zombie", drift.Open).Spec.Twin)
	require.Equal(t, resource.ReasonConflict, resource.ReasonOf(r.act("server zombie", "repair", "")), "that would delete the real one")
	require.Error(t, r.act("volume zombie", "adopt", `{"project":"shop"}`))
	require.NoError(t, r.act("volume zombie", "repair", ""))
	r.eventually("it is deleted", func() bool { _, err := r.cloud.of("volume", dead); return err != nil })
	r.eventually("the history tells", func() bool { return strings.Contains(r.history(z.ID)["drift.deleted"], "asked for by ada") })
	r.cloud.with(func() { delete(r.cloud.found, "t") })
	r.survey()
	r.eventually("both are gone", func() bool { return len(r.drifts()) == 0 })

	r.policy(`{"zombie":"delete"}`)
	r.cloud.with(func() {
		r.cloud.found["z"] = provider.Found{Kind: "server", Backend: "z", PlazaID: dead, Created: born}
	})
	r.survey()
	r.eventually("policy deletes it", func() bool { _, err := r.cloud.of("server", dead); return err != nil })
	_, err := r.cloud.of("server", s.ID)
	require.NoError(t, err)
}

func TestAZombieThatIsGoneMeanwhileIsNone(t *testing.T) {
	r := newRig(t)
	dead := resource.NewID()
	look, err := r.cloud.Discover(t.Context(), "")
	require.NoError(t, err)
	look.Found = append(look.Found, provider.Found{Kind: "server", Backend: "z", PlazaID: dead})
	require.NoError(t, r.keeper.Survey(t.Context(), r.place, "its region", look))
	require.Empty(t, r.drifts(), "its object and it were deleted while the region was looked at")
}

// brownField is a server on a network with a volume, from a public image, in tenant t1.
func (r *rig) brownField() {
	born := time.Now().Add(-time.Hour)
	put := func(kind, backend, name string, f provider.Facts) {
		r.cloud.found[backend] = provider.Found{Kind: kind, Backend: backend, Name: name, Tenant: "t1", TenantName: "finance", Created: born, Facts: f}
	}
	r.cloud.with(func() {
		put("network", "n1", "Office LAN", provider.Facts{CIDR: "10.7.0.0/24", Gateway: "10.7.0.1", Bridge: "n1", Routed: true, InUse: []string{"10.7.0.1", "10.7.0.9"}, State: "ACTIVE"})
		put("image", "i1", "Golden", provider.Facts{State: "active", Visibility: "public", Format: "qcow2", Bytes: 7})
		put("volume", "v1", "Accounts", provider.Facts{State: "in-use", SizeGiB: 3, AttachedTo: []string{"s1"}})
		put("server", "s1", "Mail Server", provider.Facts{State: "ACTIVE", Power: "running", VCPUs: 2, MemoryMiB: 1024, SizeGiB: 8, Image: "i1", Volumes: []string{"v1"},
			Cards: []provider.Card{{Network: "n1", MAC: "fa:16:3e:00:00:09", Address: "10.7.0.9"}}})
		put("network", "ext", "public", provider.Facts{External: true})
	})
}

func TestABrownFieldIsAdopted(t *testing.T) {
	r := newRig(t)
	r.brownField()
	r.survey()
	require.Equal(t, "finance", r.state("server extra", drift.Open).Spec.TenantName)
	for _, refused := range []struct{ key, input, word string }{
		{"server extra", `{}`, "which project"}, {"server extra", `{"project":"nowhere"}`, "no project"}, {"volume extra", `{"project":"shop","color":"red"}`, "no such field"},
	} {
		require.ErrorContains(t, r.act(refused.key, "adopt", refused.input), refused.word)
	}
	r.may = func(verb, kind, project string) error {
		if verb == "create" && kind == "server" && project == "p" {
			return resource.Problemf(resource.ReasonForbidden, kind, "", "ada may not")
		}
		return nil
	}
	require.Equal(t, resource.ReasonForbidden, resource.ReasonOf(r.act("server extra", "adopt", `{"project":"shop"}`)), "adoption makes objects in a project")
	r.may = nil
	require.NoError(t, r.act("image extra", "adopt", `{"name":"golden"}`))
	r.state("image extra", drift.Adopted)
	require.NoError(t, r.act("server extra", "adopt", `{"project":"shop"}`))
	r.eventually("it says what is missing", func() bool {
		return r.drift("server extra").Phase == resource.PhaseDegraded || r.drift("server extra").Status.Message != ""
	})
	require.Contains(t, r.drift("server extra").Status.Message, "network of the server is not adopted")
	require.NoError(t, r.act("server extra", "adopt", `{"project":"shop","networks":true}`))
	r.state("server extra", drift.Adopted)
	require.Equal(t, "office-lan", r.state("network extra", drift.Adopted).Status.Object.Name)
	require.NoError(t, r.act("volume extra", "adopt", `{"project":"shop","name":"books"}`))
	r.state("volume extra", drift.Adopted)

	require.Empty(t, made(r.cloud), "labels alone")
	require.Equal(t, map[string]string{"t1": "p"}, r.cloud.tenants)
	raw, err := r.View(resource.Everything).Get(t.Context(), "server", "p", "mail-server")
	require.NoError(t, err)
	s, err := resource.As[kinds.ServerSpec, kinds.ServerStatus](raw)
	require.NoError(t, err)
	require.Equal(t, "ada", s.CreatedBy)
	require.Equal(t, "imported-2c-1024m-8g", s.Spec.Flavor)
	require.Equal(t, "golden", s.Spec.Image)
	require.Equal(t, "10.7.0.9", s.Status.Address)
	require.Len(t, s.Spec.Volumes, 1, "the volume that it has is on its list")

	r.eventually("all is settled", func() bool {
		raw, err := r.View(resource.Everything).Get(t.Context(), "server", "p", "mail-server")
		return err == nil && raw.Settled()
	})
	require.Empty(t, made(r.cloud))
	r.survey()
	r.eventually("nothing differs", func() bool { return len(r.drifts()) == 0 })
}

// made are the calls that change something.
func made(c *cloud) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, call := range c.calls {
		if call != "EnsureImage" { // of the rig's own image
			out = append(out, call)
		}
	}
	return out
}

func TestDecisionsOfPeople(t *testing.T) {
	r := newRig(t)
	r.brownField()
	r.survey()
	soon := time.Now().Add(2 * time.Second).UTC()
	text, err := json.Marshal(map[string]any{"reason": "it is the old mail server", "until": soon})
	require.NoError(t, err)
	require.Error(t, r.act("server extra", "ignore", `{"reason":" "}`))
	require.NoError(t, r.act("server extra", "ignore", string(text)))
	r.state("server extra", drift.Ignored)
	r.survey()
	require.Equal(t, "ada", r.drift("server extra").Spec.Ignore.By, "the next look keeps the decision")
	r.state("server extra", drift.Open)

	name := r.drift("volume extra").Name
	_, err = r.Apply(t.Context(), resource.Request{Kind: "drift", Name: "mine", Actor: person, Spec: json.RawMessage(`{"place":"x","placeName":"x","kind":"server","difference":"extra","detail":"","facts":{},"firstSeen":"2026-01-01T00:00:00Z"}`)})
	require.Equal(t, resource.ReasonInvalid, resource.ReasonOf(err))
	_, err = r.Apply(t.Context(), resource.Request{Kind: "drift", Name: name, Actor: person, Spec: json.RawMessage(`{"place":"x","placeName":"x","kind":"server","difference":"missing","detail":"","facts":{},"firstSeen":"2026-01-01T00:00:00Z"}`)})
	require.NoError(t, err)
	require.Equal(t, "volume", r.drift("volume extra").Spec.Kind, "what was found is not for people to write")

	r.cloud.with(func() { clear(r.cloud.found) })
	r.survey()
	r.eventually("what is seen no more is gone", func() bool { return len(r.drifts()) == 0 })
	r.policy(`{"extra":"ignore"}`)
	r.brownField()
	r.survey()
	require.Empty(t, r.drifts())
}
