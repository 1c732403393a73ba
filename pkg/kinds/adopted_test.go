package kinds_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
)

// The site is a Discoverer, too: s.foreign are what others made, by backend's id.
var _ provider.Discoverer = (*site)(nil)

func (s *site) Discover(context.Context, string) (provider.Discovery, error) {
	return provider.Discovery{}, nil
}

func (s *site) AdoptTenant(context.Context, string, string, string) error { return nil }

func (s *site) Adopt(_ context.Context, place, kind, backend, id string) (out provider.Found, err error) {
	err = s.call("Adopt:"+kind, place, func() error {
		f, ok := s.foreign[backend]
		if !ok || f.Kind != kind {
			return provider.Errorf(provider.ReasonNotFound, "", "there is no %s %s", kind, backend)
		}
		if f.PlazaID != "" && f.PlazaID != id {
			return provider.Errorf(provider.ReasonConflict, "", "%s belongs to another object", backend)
		}
		f.PlazaID = id
		s.foreign[backend], out = f, f
		key := [2]string{place, id}
		switch kind {
		case "server":
			if _, known := s.servers[key]; !known {
				s.servers[key] = provider.ServerState{ID: id, Host: place, Power: f.Power, VCPUs: f.VCPUs, MemoryMiB: f.MemoryMiB}
			}
		case "volume":
			s.volumes[key] = provider.VolumeState{ID: id, Host: place, SizeGiB: f.SizeGiB}
		case "network":
			s.networks[key] = provider.Net{ID: id, CIDR: f.CIDR}
		case "image":
			s.images[key] = "adopted"
		}
		return nil
	})
	return out, err
}

func (s *site) Release(_ context.Context, place, kind, backend, _ string) error {
	return s.call("Release:"+kind, place, func() error {
		f := s.foreign[backend]
		f.PlazaID = ""
		s.foreign[backend] = f
		return nil
	})
}

func (s *site) GetVolume(_ context.Context, host, id string) (out provider.VolumeState, err error) {
	err = s.call("GetVolume", host, func() error {
		v, ok := s.volumes[[2]string{host, id}]
		if !ok {
			return provider.Errorf(provider.ReasonNotFound, "", "no volume %s", id)
		}
		out = v
		return nil
	})
	return out, err
}

func (s *site) GetNetwork(_ context.Context, host, id string) (out provider.NetState, err error) {
	err = s.call("GetNetwork", host, func() error {
		if _, ok := s.networks[[2]string{host, id}]; !ok {
			return provider.Errorf(provider.ReasonNotFound, "", "no network %s", id)
		}
		out = provider.NetState{ID: id, Host: host, Bridge: "neutron-" + id[:8]}
		return nil
	})
	return out, err
}

func (s *site) AttachVolume(_ context.Context, host, id string, disk provider.Disk) error {
	return s.call("AttachVolume", host, s.disks(host, id, func(have []provider.Disk) []provider.Disk { return append(have, disk) }))
}

func (s *site) DetachVolume(_ context.Context, host, id, volume string) error {
	return s.call("DetachVolume", host, s.disks(host, id, func(have []provider.Disk) []provider.Disk {
		return slices.DeleteFunc(have, func(d provider.Disk) bool { return d.Volume == volume })
	}))
}

func (s *site) disks(host, id string, change func([]provider.Disk) []provider.Disk) func() error {
	return func() error {
		st := s.servers[[2]string{host, id}]
		st.Disks = change(slices.Clone(st.Disks))
		s.servers[[2]string{host, id}] = st
		return nil
	}
}

// made lists the calls that change something at the backend other than labels.
func (s *site) made() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.calls), func(c string) bool {
		return c == "GetServer" || c == "GetVolume" || c == "GetNetwork" || len(c) > 5 && c[:5] == "Adopt" || len(c) > 7 && c[:7] == "Release"
	})
}

func (r *rig) object(kind, name, spec string) resource.Raw {
	r.t.Helper()
	project := "p"
	if kind == "image" || kind == "flavor" {
		project = ""
	}
	return r.ready(r.make(kind, project, name, spec))
}

// newBrownField has a region with a server on a network with two volumes that others made, and adopts the network.
func newBrownField(t *testing.T) (r *rig, east string, adopted func(backend, more string) string) {
	r, _, place := newRegionRig(t)
	r.site.with(func() {
		r.site.foreign = map[string]provider.Found{
			"nova-1":    {Kind: "server", Backend: "nova-1", Facts: provider.Facts{Power: "running", VCPUs: 2, MemoryMiB: 512}},
			"cinder-1":  {Kind: "volume", Backend: "cinder-1", Facts: provider.Facts{SizeGiB: 3}},
			"neutron-1": {Kind: "network", Backend: "neutron-1", Facts: provider.Facts{CIDR: "10.9.0.0/24", InUse: []string{"10.9.0.2", "10.9.0.3", "10.9.0.7"}}},
			"glance-1":  {Kind: "image", Backend: "glance-1"},
		}
	})
	return r, place.ID, func(backend, more string) string {
		a, err := json.Marshal(map[string]string{"place": place.ID, "backend": backend, "mac": "fa:16:3e:00:00:07"})
		require.NoError(t, err)
		return `{"adopted":` + string(a) + more + `}`
	}
}

func (r *rig) brownServer(adopted func(string, string) string) resource.Raw {
	r.object("network", "old", adopted("neutron-1", `,"cidr":"10.9.0.0/24","gateway":"10.9.0.1"`))
	r.object("image", "imported", `{"format":"raw","external":true,"disk":{"url":"","sha256":"","bytes":0}}`)
	return r.object("server", "legacy", adopted("nova-1", `,"flavor":"small","image":"imported","network":"old","address":"10.9.0.7"`))
}

func TestAdoptionTouchesNothing(t *testing.T) {
	t.Parallel()
	r, east, adopted := newBrownField(t)
	r.site.setFault(nil) // begins to count
	s := r.brownServer(adopted)
	v := r.object("volume", "data", adopted("cinder-1", `,"sizeGiB":3`))
	r.object("image", "golden", adopted("glance-1", `,"format":"qcow2","external":true,"disk":{"url":"","sha256":"adopted","bytes":9}`))
	require.Empty(t, r.site.made(), "labels alone")
	require.Equal(t, []string{"10.9.0.7"}, resource.Lookup(s, "status.address"))
	require.Equal(t, []string{"fa:16:3e:00:00:07"}, resource.Lookup(s, "status.mac"))
	require.Equal(t, []string{"running"}, resource.Lookup(s, "status.power"))
	require.Equal(t, []string{"3"}, resource.Lookup(v, "status.sizeGiB"))
	used, err := r.PoolUsage(t.Context(), "host:"+east)
	require.NoError(t, err)
	require.Equal(t, int64(2), used["vcpus"].Committed)
	require.Equal(t, int64(3), used["volume_gib"].Committed)

	for range 3 { // a pass at any time finds everything as it should be
		require.NoError(t, r.Touch(t.Context(), "server", s.ID, "a survey"))
		require.NoError(t, r.Touch(t.Context(), "volume", v.ID, "a survey"))
		require.NoError(t, r.Touch(t.Context(), "network", r.get("network", "p", "old").ID, "a survey"))
	}
	r.eventually("the passes are over", func() bool { return len(r.calls()) > 12 })
	require.Empty(t, r.site.made())
	r.exact()
}

func (r *rig) calls() []string {
	r.site.mu.Lock()
	defer r.site.mu.Unlock()
	return slices.Clone(r.site.calls)
}

func TestAnAdoptedServerIsTheTenants(t *testing.T) {
	t.Parallel()
	r, east, adopted := newBrownField(t)
	s := r.brownServer(adopted)
	v := r.object("volume", "data", adopted("cinder-1", `,"sizeGiB":3`))
	act := func(action, input string) {
		_, err := r.Act(t.Context(), resource.Request{Kind: "server", ID: s.ID, Actor: admin}, action, json.RawMessage(input))
		require.NoError(t, err)
	}
	r.site.setFault(nil)
	act("stop", "")
	r.eventually("it is asked to stop", func() bool { return slices.Contains(r.site.made(), "ActOnServer:stop") })
	require.NotContains(t, r.site.made(), "EnsureServer:legacy")

	r.site.with(func() {
		st := r.site.servers[[2]string{east, s.ID}]
		st.Power = provider.PowerStopped
		r.site.servers[[2]string{east, s.ID}] = st
	})
	r.eventually("it stands still", func() bool { o := r.get("server", "p", "legacy"); return o.Settled() })
	user := resource.Actor{ID: "u", Name: "u", Scope: resource.Everything}
	put := func(more string) error {
		_, err := r.Apply(t.Context(), resource.Request{Kind: "server", ID: s.ID, Mode: resource.UpdateOnly, Actor: user,
			Spec: json.RawMessage(`{"flavor":"small","image":"imported","network":"old","address":"10.9.0.7","power":"stopped"` + more + `}`)})
		return err
	}
	require.NoError(t, put(`,"volumes":["data"]`), "who replaces a spec need not repeat that it was adopted")
	r.eventually("the volume is attached", func() bool { return slices.Contains(r.site.made(), "AttachVolume") && r.server("legacy").Settled() })
	require.NotNil(t, r.server("legacy").Spec.Adopted)
	require.NoError(t, put(``))
	r.eventually("the volume is detached", func() bool { return slices.Contains(r.site.made(), "DetachVolume") && r.server("legacy").Settled() })
	r.ready(r.make("flavor", "", "big", `{"vcpus":4,"memoryMiB":1024,"diskGiB":4}`))
	_, err := r.Act(t.Context(), resource.Request{Kind: "server", ID: s.ID, Actor: user}, "resize", json.RawMessage(`{"flavor":"big"}`))
	require.Contains(t, r.problem(resource.ReasonInvalid, err).Error(), "not changed by Plaza on an adopted server")

	other := r.object("server", "new", `{"flavor":"small","image":"busybox","network":"old"}`)
	require.Equal(t, []string{"10.9.0.4"}, resource.Lookup(other, "status.address"), "the addresses of others are not given out")
	r.problem(resource.ReasonInvalid, second(r.apply("server", "p", "x", `{"flavor":"small","image":"imported","network":"old"}`)))
	r.problem(resource.ReasonInvalid, second(r.apply("server", "p", "x", `{"flavor":"small","image":"busybox","network":"old","publish":[{"port":80}]}`)))
	_, err = r.Apply(t.Context(), resource.Request{Kind: "volume", Project: "p", Name: "theft", Actor: user, Spec: json.RawMessage(adopted("cinder-1", `,"sizeGiB":3`))})
	require.Contains(t, r.problem(resource.ReasonInvalid, err).Error(), "said by Plaza alone")

	r.remove("server", "p", "new")
	r.gone("server", "p", "new")
	r.remove("server", "p", "legacy")
	r.gone("server", "p", "legacy")
	require.Contains(t, r.site.made(), "DeleteServer", "it is Plaza's: it goes with its object")
	r.remove("volume", "p", v.Name)
	r.gone("volume", "p", v.Name)
	r.remove("network", "p", "old")
	r.gone("network", "p", "old")
	r.exact()
}

func second[T any](_ T, err error) error { return err }

func TestWhatIsKeptIsLeftAtItsCloud(t *testing.T) {
	t.Parallel()
	r, _, adopted := newBrownField(t)
	r.brownServer(adopted)
	r.object("volume", "data", adopted("cinder-1", `,"sizeGiB":3`))
	r.site.setFault(nil)
	for kind, name := range map[string]string{"server": "legacy", "volume": "data"} {
		o := r.get(kind, "p", name)
		var spec map[string]any
		require.NoError(t, json.Unmarshal(o.Spec, &spec))
		spec["keep"] = true
		text, err := json.Marshal(spec)
		require.NoError(t, err)
		r.ready(r.make(kind, "p", name, string(text)))
		r.remove(kind, "p", name)
		r.gone(kind, "p", name)
	}
	require.Empty(t, r.site.made())
	r.site.with(func() {
		require.Empty(t, r.site.foreign["nova-1"].PlazaID)
		require.Empty(t, r.site.foreign["cinder-1"].PlazaID)
	})
	r.refused(resource.ReasonInvalid, "volume", "p", "own", `{"sizeGiB":1,"keep":true}`)
}

func TestWhatHeldDataIsNotMadeAnewUnasked(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	v := r.object("volume", "data", `{"sizeGiB":1}`)
	s := r.object("server", "app", serverSpec)
	host := r.hosts["kvm1"]
	r.site.with(func() { delete(r.site.volumes, [2]string{host, v.ID}) })
	require.NoError(t, r.Touch(t.Context(), "volume", v.ID, "it is missing"))
	o := r.becomes("volume", "p", "data", resource.PhaseDegraded)
	require.Equal(t, "Held", o.Condition("Drift").Reason)
	require.Contains(t, o.Condition("Drift").Message, "what was on it")
	require.NoError(t, r.Touch(t.Context(), "volume", v.ID, "repair was asked for by someone"))
	o = r.becomes("volume", "p", "data", resource.PhaseReady)
	require.Equal(t, resource.False, o.Condition("Drift").Status)
	require.Contains(t, r.notes(v.ID)["drift.repaired"], "empty")

	r.ready(r.make("host", "", "kvm1", `{"site":"north","schedulable":true,"cpuOvercommit":2,"drift":{"missing":"hold","changed":"hold"}}`))
	r.site.with(func() { delete(r.site.servers, [2]string{host, s.ID}) })
	require.NoError(t, r.Touch(t.Context(), "server", s.ID, "it is missing"))
	o = r.becomes("server", "p", "app", resource.PhaseDegraded)
	require.Equal(t, "Held", o.Condition("Drift").Reason)
	require.NotContains(t, r.notes(s.ID), "drift.repaired")
	require.NoError(t, r.Touch(t.Context(), "server", s.ID, "repair was asked for by someone"))
	o = r.becomes("server", "p", "app", resource.PhaseReady)
	require.Equal(t, "ChangedOutsidePlaza", o.Condition("Drift").Reason)
	require.Contains(t, r.notes(s.ID), "drift.repaired")
}

func TestAnAdoptedObjectThatIsGoneIsHeld(t *testing.T) {
	t.Parallel()
	r, east, adopted := newBrownField(t)
	s := r.brownServer(adopted)
	r.site.with(func() {
		delete(r.site.foreign, "nova-1")
		delete(r.site.servers, [2]string{east, s.ID})
	})
	r.site.setFault(nil)
	require.NoError(t, r.Touch(t.Context(), "server", s.ID, "repair was asked for"))
	o := r.becomes("server", "p", "legacy", resource.PhaseDegraded)
	require.Contains(t, o.Condition("Drift").Message, "gone from its cloud")
	require.Empty(t, r.site.made(), "it is not Plaza's to make")
}
