package drift_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/pkg/drift"
	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/operation"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/openstack"
	"github.com/plazacloud/plaza/pkg/provider/openstack/openstacktest"
	"github.com/plazacloud/plaza/pkg/region"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// labRig is everything that adoption needs of plazad, with a real region.
func labRig(t *testing.T) (*rig, *region.Fleet) {
	lab := openstacktest.Lab(t)
	r := &rig{t: t}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	fleet := region.NewFleet(nil, map[string]region.Open{"openstack": func(ctx context.Context, place string, s provider.RegionSettings) (provider.Region, error) {
		return openstack.Open(ctx, openstack.Settings{Place: place, RegionSettings: s, Logger: log})
	}}, log)
	reg := resource.NewRegistry()
	kinds.Register(reg, kinds.Backends{Driver: fleet, Regions: fleet})
	r.keeper = drift.New(drift.Config{Driver: fleet, Log: log, Resurvey: fleet.Resurvey})
	r.keeper.Register(reg)
	fleet.UseDrift(r.keeper)
	sealer, err := resource.NewSealer(make([]byte, 32))
	require.NoError(t, err)
	db := storetest.Open(t, store.SQLite)
	r.Store = resource.NewStore(resource.Config{DB: db, Registry: reg, Sealer: sealer, Log: log})
	engine, err := operation.New(t.Context(), operation.Config{DB: db, Objects: r.Store, Node: "n1", Log: log})
	require.NoError(t, err)
	r.UseJobs(engine)
	fleet.UseStore(r.Store)
	require.NoError(t, engine.Start(t.Context()))
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- fleet.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-done)
		end, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		require.NoError(t, engine.Stop(end))
		r.Close()
	})
	spec, err := json.Marshal(kinds.RegionSpec{Type: "openstack", AuthURL: lab.Auth.IdentityEndpoint, Region: lab.Region, Username: lab.Auth.Username, Password: lab.Auth.Password,
		Project: "admin", Schedulable: true})
	require.NoError(t, err)
	r.place = r.make("region", "", "lab", string(spec)).ID
	return r, fleet
}

// slowly is eventually for a cloud.
func (r *rig) slowly(what string, f func() bool) {
	r.t.Helper()
	began := time.Now()
	require.Eventually(r.t, f, 5*time.Minute, 250*time.Millisecond, what)
	r.t.Logf("%s after %s", what, time.Since(began).Round(100*time.Millisecond))
}

// of is the difference about an object of the cloud.
func (r *rig) of(backend string) (drift.Object, bool) {
	page, err := r.View(resource.Everything).List(r.t.Context(), resource.Query{Kind: "drift", Fields: map[string]string{"spec.backend": backend}})
	require.NoError(r.t, err)
	if len(page.Items) == 0 {
		return drift.Object{}, false
	}
	o, err := resource.As[drift.Spec, drift.Status](page.Items[0])
	require.NoError(r.t, err)
	return o, true
}

func (r *rig) adopts(backend, input string) resource.Raw {
	r.t.Helper()
	o, _ := r.of(backend)
	_, err := r.Act(r.t.Context(), resource.Request{Kind: "drift", ID: o.ID, Actor: admin}, "adopt", json.RawMessage(input))
	require.NoError(r.t, err)
	var raw resource.Raw
	r.slowly(o.Spec.Kind+" is adopted", func() bool {
		page, err := r.View(resource.Everything).List(r.t.Context(), resource.Query{Kind: o.Spec.Kind, Fields: map[string]string{"spec.adopted.backend": backend}})
		require.NoError(r.t, err)
		if len(page.Items) == 0 || !page.Items[0].Settled() {
			return false
		}
		raw = page.Items[0]
		return true
	})
	return raw
}

// TestLabAdoption takes a brown field over through differences, and gives it back; its services tell that nothing was done
// to it, until a change is put right.
func TestLabAdoption(t *testing.T) {
	r, fleet := labRig(t)
	f := openstacktest.BrownField(t)
	before := f.Witness()
	fleet.Resurvey(r.place, "the test made things")
	for _, backend := range []string{f.Server, f.Volume, f.Network, f.Image} {
		r.slowly("it is seen", func() bool { _, ok := r.of(backend); return ok })
	}
	project := resource.NewID()
	image := r.adopts(f.Image, `{}`)
	s := r.adopts(f.Server, fmt.Sprintf(`{"project":%q,"networks":true}`, project))
	v := r.adopts(f.Volume, fmt.Sprintf(`{"project":%q,"name":"books"}`, project))
	require.Equal(t, []string{image.Name}, resource.Lookup(s, "spec.image"))
	require.Equal(t, []string{f.Address}, resource.Lookup(s, "status.address"))
	get := func(o resource.Raw) *resource.Raw {
		now, err := r.View(resource.Everything).Get(t.Context(), o.Kind, "", o.ID)
		require.NoError(t, err)
		return &now
	}
	r.slowly("the server's volume is on its list", func() bool {
		now := get(s)
		list := resource.Lookup(*now, "spec.volumes")
		return len(list) == 1 && list[0] == v.ID && now.Settled()
	})
	r.slowly("nothing differs", func() bool {
		for _, backend := range []string{f.Server, f.Volume, f.Network, f.Image} {
			if _, ok := r.of(backend); ok {
				return false
			}
		}
		return true
	})
	require.Equal(t, before, f.Witness(), "labels alone")

	f.Stop()
	fleet.Resurvey(r.place, "someone stopped it")
	r.slowly("it is started again", func() bool {
		rows, err := r.View(resource.Everything).History(t.Context(), s.ID, "", 50)
		require.NoError(t, err)
		for _, a := range rows {
			if a.Verb == "drift.repaired" {
				return get(s).Settled()
			}
		}
		return false
	})

	for _, o := range []resource.Raw{s, v, image, r.network(project)} {
		r.giveBack(o)
	}
	tags, meta, network := f.Labels()
	require.Equal(t, []string{"billing"}, tags)
	require.Equal(t, map[string]string{"owner": "finance"}, meta)
	require.Empty(t, network)
}

func (r *rig) network(project string) resource.Raw {
	r.t.Helper()
	page, err := r.View(resource.Everything).List(r.t.Context(), resource.Query{Kind: "network", Project: project})
	require.NoError(r.t, err)
	require.Len(r.t, page.Items, 1)
	return page.Items[0]
}

// giveBack deletes an object and keeps what it stands for.
func (r *rig) giveBack(o resource.Raw) {
	r.t.Helper()
	raw, err := r.Unsealed(r.t.Context(), resource.Everything, o.Kind, "", o.ID)
	require.NoError(r.t, err)
	var spec map[string]any
	require.NoError(r.t, json.Unmarshal(raw.Spec, &spec))
	spec["keep"] = true
	text, err := json.Marshal(spec)
	require.NoError(r.t, err)
	_, err = r.Apply(r.t.Context(), resource.Request{Kind: o.Kind, ID: o.ID, Spec: text, Mode: resource.UpdateOnly, Actor: admin})
	require.NoError(r.t, err)
	_, err = r.Delete(r.t.Context(), resource.Request{Kind: o.Kind, ID: o.ID, Actor: admin})
	require.NoError(r.t, err)
	r.slowly(o.Kind+" is given back", func() bool {
		_, err := r.View(resource.Everything).Get(r.t.Context(), o.Kind, "", o.ID)
		return resource.ReasonOf(err) == resource.ReasonNotFound
	})
}
