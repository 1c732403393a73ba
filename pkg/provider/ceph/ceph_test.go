package ceph

import (
	"context"
	"encoding/json"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/ceph/cephtest"
	"github.com/plazacloud/plaza/pkg/provider/providertest"
	"github.com/plazacloud/plaza/pkg/provider/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newDriver is a control plane's driver that knows a cluster c1, and the bus.
func newDriver(t *testing.T, s provider.StorageSettings) (*Driver, *bus.Server) {
	t.Helper()
	b, err := bus.Start(t.Context(), bus.Config{Listen: "127.0.0.1:0", StoreDir: t.TempDir(), Logger: slog.New(slog.DiscardHandler),
		Authorize: func(string) (bus.Permissions, bool) { return bus.Permissions{}, false }})
	require.NoError(t, err)
	t.Cleanup(b.Close)
	nc, err := b.Connect("plazad")
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	d, err := New(nc)
	require.NoError(t, err)
	d.Connect("c1", s)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	return d, b
}

func serve(t *testing.T, b *bus.Server, host string, methods map[string]bus.Method) (stop func()) {
	t.Helper()
	nc, err := b.Connect("agent " + host)
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	r, err := bus.Serve(nc, bus.ServeConfig{Host: host, Role: Role, Methods: methods, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	require.NoError(t, nc.Flush())
	return func() { require.NoError(t, r.Close(context.Background())); require.NoError(t, nc.Flush()) }
}

func TestConformanceOfBuckets(t *testing.T) {
	endpoint, access, secret := cephtest.Gateway(t)
	d, _ := newDriver(t, provider.StorageSettings{Endpoint: endpoint, AccessKey: access, SecretKey: secret})
	providertest.ExerciseObjects(t, d, cephtest.Options("c1"))
}

// Each call reaches the method of its own name, and the refusal comes back as it was.
func TestEveryCallArrives(t *testing.T) {
	d, b := newDriver(t, provider.StorageSettings{Hosts: []string{"h1"}})
	methods := map[string]bus.Method{}
	for name := range Methods(nil) {
		methods[name] = bus.Method{Handle: func(context.Context, json.RawMessage) (any, error) {
			return nil, wire.Fault(provider.Errorf(provider.ReasonConflict, "hint of "+name, "%s is refused", name))
		}}
	}
	serve(t, b, "h1", methods)
	v, iface := reflect.ValueOf(d), reflect.TypeFor[Agent]()
	require.Len(t, methods, iface.NumMethod())
	for i := range iface.NumMethod() {
		m := iface.Method(i)
		args := []reflect.Value{reflect.ValueOf(t.Context()), reflect.ValueOf("c1")}
		for n := 2; n < m.Type.NumIn(); n++ {
			args = append(args, reflect.Zero(m.Type.In(n)))
		}
		out := v.MethodByName(m.Name).Call(args)
		err, _ := out[len(out)-1].Interface().(error)
		var e *provider.Error
		require.ErrorAs(t, err, &e, m.Name)
		require.Equal(t, provider.Error{Reason: provider.ReasonConflict, Detail: m.Name + " is refused", Hint: "hint of " + m.Name}, *e)
	}
}

func state(fsid string) map[string]bus.Method {
	return map[string]bus.Method{"GetCluster": wire.Read(func(context.Context, wire.None) (any, error) {
		return provider.ClusterState{FSID: fsid}, nil
	})}
}

// One agent of several is enough; the one that answered is asked first the next time.
func TestAnyAgentServes(t *testing.T) {
	s := provider.StorageSettings{Hosts: []string{"gone", "blind", "h1", "h2"}}
	d, b := newDriver(t, s)
	blind := map[string]bus.Method{"GetCluster": wire.Read(func(context.Context, wire.None) (any, error) {
		return nil, provider.Errorf(provider.ReasonUnavailable, "", "no monitor is reached")
	})}
	stopBlind := serve(t, b, "blind", blind)
	stop1 := serve(t, b, "h1", state("one"))
	serve(t, b, "h2", state("one"))
	st, err := d.GetCluster(t.Context(), "c1")
	require.NoError(t, err)
	require.Equal(t, "one", st.FSID)
	require.Equal(t, "h1", d.order("c1", s.Hosts)[0])
	stop1()
	_, err = d.GetCluster(t.Context(), "c1")
	require.NoError(t, err)
	require.Equal(t, "h2", d.order("c1", s.Hosts)[0])
	s.FSID = "another"
	d.Connect("c1", s)
	_, err = d.GetCluster(t.Context(), "c1")
	require.Equal(t, provider.ReasonConflict, provider.ReasonOf(err), "%v", err)
	s.Hosts = []string{"gone", "blind"}
	d.Connect("c1", s)
	_, err = d.GetCluster(t.Context(), "c1")
	require.Equal(t, provider.ReasonUnavailable, provider.ReasonOf(err), "%v", err)
	require.ErrorContains(t, err, "no monitor is reached")
	stopBlind()
	s.Hosts = nil
	d.Connect("c1", s)
	_, err = d.GetCluster(t.Context(), "c1")
	require.Equal(t, provider.ReasonUnavailable, provider.ReasonOf(err), "%v", err)
}

func TestReportsAreKnownByTheirSubject(t *testing.T) {
	d, b := newDriver(t, provider.StorageSettings{})
	got := make(chan provider.ClusterReport, 1)
	require.NoError(t, d.Reports(t.Context(), func(r provider.ClusterReport) { got <- r }))
	nc, err := b.Connect("agent")
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	require.NoError(t, nc.Publish(bus.HostSubject("h1", TopicCluster), []byte(`{"host":"h2","state":{"fsid":"one"}}`)))
	r := <-got
	require.Equal(t, [2]string{"h1", "one"}, [2]string{r.Host, r.State.FSID})
}

// A gateway that is away, that does not answer, or that is none, is told apart.
func TestGatewayFailures(t *testing.T) {
	s := provider.StorageSettings{}
	d, _ := newDriver(t, s)
	_, err := d.GetBucket(t.Context(), "c1", "b1")
	require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err), "%v", err)
	s = provider.StorageSettings{Endpoint: "http://127.0.0.1:1", AccessKey: "a", SecretKey: "b"}
	d.Connect("c1", s)
	_, err = d.GetBucket(t.Context(), "c1", "b1")
	require.Equal(t, provider.ReasonUnavailable, provider.ReasonOf(err), "%v", err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	_, err = d.GetBucket(ctx, "c1", "b1")
	require.Equal(t, provider.ReasonTimeout, provider.ReasonOf(err), "%v", err)
	s.Endpoint = "ftp://x"
	d.Connect("c1", s)
	_, err = d.GetBucket(t.Context(), "c1", "b1")
	require.Equal(t, provider.ReasonInvalid, provider.ReasonOf(err), "%v", err)
	d.Forget("c1")
	_, err = d.GetBucket(t.Context(), "c1", "b1")
	require.Equal(t, provider.ReasonUnavailable, provider.ReasonOf(err), "%v", err)
}

func TestWrongKeysOfTheGateway(t *testing.T) {
	endpoint, _, _ := cephtest.Gateway(t)
	d, _ := newDriver(t, provider.StorageSettings{Endpoint: endpoint, AccessKey: "stranger", SecretKey: "wrong"})
	_, err := d.GetBucket(t.Context(), "c1", "b1")
	var e *provider.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, provider.ReasonUnavailable, e.Reason, "%v", err)
	require.Contains(t, e.Hint, "accessKey")
}
