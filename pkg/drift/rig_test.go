package drift_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/drift"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/operation"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var admin = resource.System("test")

// cloud is a region in memory, as its own services would tell it: by backend's id, whoever made it.
type cloud struct {
	provider.Region // what no test asks for

	mu      sync.Mutex
	found   map[string]provider.Found
	calls   []string
	tenants map[string]string
	stuck   bool // servers do not do what they are told
}

func (c *cloud) with(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

func (c *cloud) Connect(context.Context, string, provider.RegionSettings) (provider.Region, error) {
	return c, nil
}
func (c *cloud) Forget(string) {}

func (c *cloud) Inventory(context.Context) (provider.Inventory, error) {
	return provider.Inventory{ObservedAt: time.Now(), Services: []provider.Service{{Type: "compute", Up: true}, {Type: "identity", Up: true}},
		Hypervisors: []provider.Hypervisor{{Name: "cmp1", Arch: "x86_64", Up: true, Enabled: true, Stock: map[string]provider.Stock{
			"VCPU": {Total: 32, RatioMilli: 1000}, "MEMORY_MB": {Total: 65536, RatioMilli: 1000}, "DISK_GB": {Total: 1000, RatioMilli: 1000}}}},
		Storage: []provider.StoragePool{{TotalGiB: 1000, Up: true}}}, nil
}

func (c *cloud) Limit(context.Context, string, provider.Limits) error { return nil }

func (c *cloud) Discover(context.Context, string) (provider.Discovery, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := provider.Discovery{StartedAt: time.Now().UTC().Add(time.Second), Read: map[string]bool{"server": true, "volume": true, "network": true, "image": true, "baremetal": true}}
	for _, f := range c.found {
		d.Found = append(d.Found, f)
	}
	return d, nil
}

// of finds by Plaza id.
func (c *cloud) of(kind, id string) (provider.Found, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.found {
		if f.Kind == kind && f.PlazaID == id {
			return f, nil
		}
	}
	return provider.Found{}, provider.Errorf(provider.ReasonNotFound, "", "there is no %s %s", kind, id)
}

func (c *cloud) put(call, kind, id string, change func(*provider.Found)) provider.Found {
	f, err := c.of(kind, id)
	if err != nil {
		f = provider.Found{Kind: kind, Backend: "b-" + id, PlazaID: id, Created: time.Now()}
	}
	change(&f)
	c.with(func() {
		c.calls = append(c.calls, call)
		if !c.stuck {
			c.found[f.Backend] = f
		}
	})
	return f
}

func (c *cloud) drop(kind, id string) error {
	f, err := c.of(kind, id)
	if err == nil {
		c.with(func() { c.calls = append(c.calls, "Delete:"+kind); delete(c.found, f.Backend) })
	}
	return err
}

func (c *cloud) Adopt(_ context.Context, _, kind, backend, id string) (provider.Found, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f, ok := c.found[backend]
	if !ok {
		return f, provider.Errorf(provider.ReasonNotFound, "", "there is no %s %s", kind, backend)
	}
	f.PlazaID = id
	c.found[backend] = f
	return f, nil
}

func (c *cloud) AdoptTenant(_ context.Context, _, tenant, project string) error {
	c.with(func() { c.tenants[tenant] = project })
	return nil
}

func (c *cloud) Release(context.Context, string, string, string, string) error { return nil }

func serverState(f provider.Found) provider.ServerState {
	s := provider.ServerState{ID: f.PlazaID, Power: f.Power, VCPUs: f.VCPUs, MemoryMiB: f.MemoryMiB}
	return s
}

func (c *cloud) EnsureServer(_ context.Context, _ string, w provider.Server) (provider.ServerState, error) {
	return serverState(c.put("EnsureServer", "server", w.ID, func(f *provider.Found) {
		f.Power, f.VCPUs, f.MemoryMiB = w.Power, w.VCPUs, w.MemoryMiB
		f.Cards = []provider.Card{{MAC: w.Interfaces[0].MAC, Address: w.Interfaces[0].Address}}
	})), nil
}

func (c *cloud) GetServer(_ context.Context, _, id string) (provider.ServerState, error) {
	f, err := c.of("server", id)
	return serverState(f), err
}

func (c *cloud) ActOnServer(_ context.Context, _, id string, verb provider.PowerVerb) (provider.ServerState, error) {
	return serverState(c.put("ActOnServer:"+string(verb), "server", id, func(f *provider.Found) {
		f.Power = map[provider.PowerVerb]provider.PowerState{provider.VerbStart: "running", provider.VerbStop: "stopped"}[verb]
	})), nil
}

func (c *cloud) DeleteServer(_ context.Context, _, id string) error { return c.drop("server", id) }

func (c *cloud) EnsureVolume(_ context.Context, place string, w provider.Volume) (provider.VolumeState, error) {
	f := c.put("EnsureVolume", "volume", w.ID, func(f *provider.Found) { f.SizeGiB = max(f.SizeGiB, w.SizeGiB) })
	return provider.VolumeState{ID: w.ID, Host: place, SizeGiB: f.SizeGiB}, nil
}

func (c *cloud) GetVolume(_ context.Context, place, id string) (provider.VolumeState, error) {
	f, err := c.of("volume", id)
	v := provider.VolumeState{ID: id, Host: place, SizeGiB: f.SizeGiB}
	if len(f.AttachedTo) > 0 {
		c.with(func() { v.AttachedTo = c.found[f.AttachedTo[0]].PlazaID })
	}
	return v, err
}

func (c *cloud) DeleteVolume(_ context.Context, _, id string) error { return c.drop("volume", id) }

func (c *cloud) EnsureNetwork(_ context.Context, place string, w provider.Net) (provider.NetState, error) {
	f := c.put("EnsureNetwork", "network", w.ID, func(f *provider.Found) { f.CIDR, f.Gateway, f.Bridge = w.CIDR, w.Gateway, "b-"+w.ID })
	return provider.NetState{ID: w.ID, Host: place, Bridge: f.Bridge}, nil
}

func (c *cloud) GetNetwork(_ context.Context, place, id string) (provider.NetState, error) {
	f, err := c.of("network", id)
	return provider.NetState{ID: id, Host: place, Bridge: f.Bridge}, err
}

func (c *cloud) DeleteNetwork(_ context.Context, _, id string) error { return c.drop("network", id) }

func (c *cloud) EnsureImage(_ context.Context, place string, w provider.Image) (provider.ImageState, error) {
	c.put("EnsureImage", "image", w.ID, func(*provider.Found) {})
	return provider.ImageState{ID: w.ID, Host: place}, nil
}

func (c *cloud) AttachVolume(context.Context, string, string, provider.Disk) error { return nil }

// rig is the real store and engine with the real kinds, and a region in memory.
type rig struct {
	*resource.Store
	t      *testing.T
	cloud  *cloud
	keeper *drift.Keeper
	place  string
	asked  chan string // resurveys
	may    func(verb, kind, project string) error
}

// Grounds implements resource.Authorizer.
func (r *rig) Grounds(context.Context, resource.Actor, string, string, string) string { return "" }

func (r *rig) Authorize(_ context.Context, _ resource.Actor, verb, kind, project string) error {
	if r.may == nil {
		return nil
	}
	return r.may(verb, kind, project)
}

func newRig(t *testing.T, storage ...provider.Storage) *rig {
	r := &rig{t: t, cloud: &cloud{found: map[string]provider.Found{}, tenants: map[string]string{}}, asked: make(chan string, 100)}
	quiet := slog.New(slog.DiscardHandler)
	reg := resource.NewRegistry()
	kinds.Register(reg, kinds.Backends{Driver: r.cloud, Regions: r.cloud})
	cfg := drift.Config{Driver: r.cloud, Authorizer: r, Log: quiet, Resurvey: func(place, _ string) { r.asked <- place },
		Project: func(_ context.Context, _ resource.Actor, name string) (string, error) {
			if name != "shop" && name != "p" {
				return "", resource.Problemf(resource.ReasonNotFound, "project", "", "there is no project %s", name)
			}
			return "p", nil
		}}
	if len(storage) > 0 {
		cfg.Storage = storage[0]
	}
	r.keeper = drift.New(cfg)
	r.keeper.Register(reg)
	sealer, err := resource.NewSealer(make([]byte, 32))
	require.NoError(t, err)
	db := storetest.Open(t, store.SQLite)
	r.Store = resource.NewStore(resource.Config{DB: db, Registry: reg, Sealer: sealer, Log: quiet})
	engine, err := operation.New(t.Context(), operation.Config{DB: db, Objects: r.Store, Node: "n1", Log: quiet})
	require.NoError(t, err)
	r.UseJobs(engine)
	r.keeper.UseStore(r.Store)
	require.NoError(t, engine.Start(t.Context()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		require.NoError(t, engine.Stop(ctx))
		r.Close()
	})
	r.place = r.make("region", "", "east", `{"type":"openstack","authURL":"http://127.0.0.1:1/v3","username":"u","password":"x","project":"p","schedulable":true}`).ID
	r.make("flavor", "", "small", `{"vcpus":1,"memoryMiB":512,"diskGiB":4}`)
	sha := "ab" + string(slices.Repeat([]byte("0"), 62))
	r.make("image", "", "busybox", `{"format":"qcow2","disk":{"url":"file:///x","sha256":"`+sha+`","bytes":1}}`)
	return r
}

func (r *rig) policy(text string) {
	r.make("region", "", "east", `{"type":"openstack","authURL":"http://127.0.0.1:1/v3","username":"u","project":"p","schedulable":true,"drift":`+text+`}`)
}

func (r *rig) make(kind, project, name, spec string) resource.Raw {
	r.t.Helper()
	a, err := r.Apply(r.t.Context(), resource.Request{Kind: kind, Project: project, Name: name, Spec: json.RawMessage(spec), Actor: admin})
	require.NoError(r.t, err)
	var o resource.Raw
	r.eventually(kind+" "+name+" is ready", func() bool {
		o, err = r.View(resource.Everything).Get(r.t.Context(), kind, "", a.Object.ID)
		return err == nil && o.Settled()
	})
	return o
}

func (r *rig) eventually(what string, f func() bool) {
	r.t.Helper()
	require.Eventually(r.t, f, 60*time.Second, 20*time.Millisecond, what)
}

func (r *rig) survey() {
	r.t.Helper()
	look, err := drift.Look(r.t.Context(), r.cloud, r.place)
	require.NoError(r.t, err)
	require.NoError(r.t, r.keeper.Survey(r.t.Context(), r.place, "its region", look))
}

// drifts are the differences that are kept, by kind and type.
func (r *rig) drifts() map[string]drift.Object {
	r.t.Helper()
	out := map[string]drift.Object{}
	require.NoError(r.t, resource.All(r.t.Context(), r.View(resource.Everything), resource.Query{Kind: "drift"}, func(raw resource.Raw) error {
		o, err := resource.As[drift.Spec, drift.Status](raw)
		if o.DeletingAt == nil {
			out[o.Spec.Kind+" "+string(o.Spec.Difference)] = o
		}
		return err
	}))
	return out
}

func (r *rig) drift(key string) drift.Object {
	r.t.Helper()
	o, ok := r.drifts()[key]
	require.True(r.t, ok, "%s in %v", key, r.drifts())
	return o
}

// state waits until the difference is in a state.
func (r *rig) state(key string, s drift.State) drift.Object {
	r.t.Helper()
	r.eventually(key+" is "+string(s), func() bool { return r.drifts()[key].Status.State == s })
	return r.drift(key)
}

var person = resource.Actor{ID: "u", Name: "ada", Scope: resource.Everything}

func (r *rig) act(key, action, input string) error {
	r.t.Helper()
	_, err := r.Act(r.t.Context(), resource.Request{Kind: "drift", ID: r.drift(key).ID, Actor: person}, action, json.RawMessage(input))
	return err
}

// history are the verbs of what was done to an object.
func (r *rig) history(id string) map[string]string {
	r.t.Helper()
	rows, err := r.View(resource.Everything).History(r.t.Context(), id, "", 100)
	require.NoError(r.t, err)
	out := map[string]string{}
	for _, a := range rows {
		out[a.Verb] = a.Note
	}
	return out
}
