package region_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/kinds"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/region"
	"github.com/plazacloud/plaza/pkg/resource"
	"github.com/plazacloud/plaza/pkg/store"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var admin = resource.System("test")

// notebook is a queue that only writes down what it was asked for.
type notebook struct {
	mu     sync.Mutex
	causes map[string]string
}

func (n *notebook) Insert(_ context.Context, _ bun.Tx, jobs []resource.Job) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, j := range jobs {
		if j.Cause != "" {
			n.causes[j.ID] = j.Cause
		}
	}
	return nil
}

func (*notebook) Wake() {}

func (n *notebook) cause(id string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.causes[id]
}

// cloud is a region that only lists, and tells what the test tells it to.
type cloud struct {
	provider.Region

	place   string
	mu      sync.Mutex
	servers []provider.ServerState
	events  chan provider.Event
	begun   chan struct{}
	turned  chan struct{}
	closed  bool
}

func (c *cloud) Turned() <-chan struct{} { return c.turned }

func (c *cloud) ListServers(context.Context, string) ([]provider.ServerState, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.servers, nil
}

func (*cloud) ListVolumes(context.Context, string) ([]provider.VolumeState, error) { return nil, nil }
func (*cloud) ListSnapshots(context.Context, string) ([]provider.SnapshotState, error) {
	return nil, nil
}

func (*cloud) ListBackups(context.Context, string) ([]provider.BackupState, error) { return nil, nil }

func (*cloud) ListNetworks(context.Context, string) ([]provider.NetState, error)   { return nil, nil }
func (*cloud) ListRouters(context.Context, string) ([]provider.RouterState, error) { return nil, nil }

func (*cloud) ListImages(context.Context, string) ([]provider.ImageState, error) { return nil, nil }

func (c *cloud) Watch(ctx context.Context, f func(provider.Event), gap func(string)) error {
	gap("connected")
	close(c.begun)
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-c.events:
			f(e)
		}
	}
}

func (c *cloud) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return nil
}

// kvm is the driver of hosts; it only tells that it was asked.
type kvm struct{ provider.Driver }

func (kvm) GetHost(_ context.Context, host string) (provider.HostState, error) {
	return provider.HostState{Name: "kvm:" + host}, nil
}

func (c *cloud) GetHost(_ context.Context, place string) (provider.HostState, error) {
	return provider.HostState{Name: "cloud:" + place}, nil
}

type rig struct {
	*resource.Store
	*notebook
	fleet  *region.Fleet
	opened []*cloud
}

func newRig(t *testing.T) *rig {
	r := &rig{notebook: &notebook{causes: map[string]string{}}}
	quiet := slog.New(slog.DiscardHandler)
	r.fleet = region.NewFleet(kvm{}, map[string]region.Open{"openstack": func(_ context.Context, place string, _ provider.RegionSettings) (provider.Region, error) {
		c := &cloud{place: place, events: make(chan provider.Event), begun: make(chan struct{}), turned: make(chan struct{}, 1)}
		r.opened = append(r.opened, c)
		return c, nil
	}}, quiet)
	reg := resource.NewRegistry()
	kinds.Register(reg, kinds.Backends{Driver: r.fleet, Regions: r.fleet})
	sealer, err := resource.NewSealer(make([]byte, 32))
	require.NoError(t, err)
	r.Store = resource.NewStore(resource.Config{DB: storetest.Open(t, store.SQLite), Registry: reg, Sealer: sealer, Log: quiet})
	r.UseJobs(r.notebook)
	r.fleet.UseStore(r.Store)
	t.Cleanup(r.Close)
	return r
}

func (r *rig) region(t *testing.T, name string) string {
	t.Helper()
	a, err := r.Apply(t.Context(), resource.Request{Kind: "region", Name: name, Actor: admin,
		Spec: json.RawMessage(`{"type":"openstack","authURL":"http://127.0.0.1:1/v3","username":"u","password":"hush","project":"p","schedulable":true}`)})
	require.NoError(t, err)
	return a.Object.ID
}

func TestCallsGoToTheDriverOfTheirPlace(t *testing.T) {
	r := newRig(t)
	east := r.region(t, "east")
	for place, want := range map[string]string{east: "cloud:" + east, resource.NewID(): "kvm:"} {
		h, err := r.fleet.GetHost(t.Context(), place)
		require.NoError(t, err)
		require.Contains(t, h.Name, want)
	}
	require.Len(t, r.opened, 1)
}

func TestSettingsThatChangeOpenAnewAndForgetCloses(t *testing.T) {
	r := newRig(t)
	s := provider.RegionSettings{Type: "openstack", AuthURL: "http://127.0.0.1:1/v3", Password: "old"}
	for range 2 {
		_, err := r.fleet.Connect(t.Context(), "east", s)
		require.NoError(t, err)
	}
	require.Len(t, r.opened, 1)
	s.Password = "new"
	_, err := r.fleet.Connect(t.Context(), "east", s)
	require.NoError(t, err)
	require.Len(t, r.opened, 2)
	require.True(t, r.opened[0].closed)
	r.fleet.Forget("east")
	require.True(t, r.opened[1].closed)
	_, err = r.fleet.Connect(t.Context(), "west", provider.RegionSettings{Type: "mainframe"})
	require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err))
}

func TestEventsAndSurveysMakeObjectsLookAgain(t *testing.T) {
	r := newRig(t)
	east := r.region(t, "east")
	_, err := r.fleet.GetHost(t.Context(), east)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.fleet.Run(ctx) }()
	c := r.opened[0]
	<-c.begun
	require.Eventually(t, func() bool { return r.cause(east) == "a survey is due" }, 5*time.Second, 5*time.Millisecond, "the stream has begun: events before it were lost")

	some := resource.NewID()
	c.events <- provider.Event{Host: east, Kind: "server", ID: some, Change: "stopped", Reason: "by nova"}
	require.Eventually(t, func() bool { return r.cause(some) == "server stopped in its region (by nova)" }, 5*time.Second, 5*time.Millisecond)
	c.events <- provider.Event{Host: east, Kind: "host", ID: "cmp1", Change: "down"}
	require.Eventually(t, func() bool { return r.cause(east) == "host down in its region" }, 5*time.Second, 5*time.Millisecond)
	c.turned <- struct{}{}
	require.Eventually(t, func() bool { return r.cause(east) == "a service of it has begun to fail, or answers again" }, 5*time.Second, 5*time.Millisecond)
	stop()
	require.NoError(t, <-done)
	require.True(t, c.closed)
}
