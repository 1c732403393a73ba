package kvm

import (
	"context"
	"encoding/json"
	"log/slog"
	"reflect"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder notes which method of provider.Driver is reached and refuses each, so that errors are seen to travel.
type recorder struct{ provider.Driver }

func (recorder) GetHost(_ context.Context, host string) (provider.HostState, error) {
	return provider.HostState{Name: host, CPUs: 2, MemoryMiB: 4096, Arch: "amd64", Accel: "tcg", LibvirtUp: true}, nil
}

func local(tb testing.TB) (*Driver, *nats.Conn) {
	tb.Helper()
	s, err := bus.Start(tb.Context(), bus.Config{Listen: "127.0.0.1:0", StoreDir: tb.TempDir(), Logger: slog.New(slog.DiscardHandler),
		Authorize: func(string) (bus.Permissions, bool) { return bus.Permissions{}, false }})
	require.NoError(tb, err)
	tb.Cleanup(s.Close)
	plane, err := s.Connect("plazad")
	require.NoError(tb, err)
	tb.Cleanup(plane.Close)
	agent, err := s.Connect("agent")
	require.NoError(tb, err)
	tb.Cleanup(agent.Close)
	d, err := New(plane)
	require.NoError(tb, err)
	return d, agent
}

// unasked are the methods for which a host has nothing to do.
var unasked = map[string]bool{"DeleteServerGroup": true}

func TestEveryDriverMethodIsServed(t *testing.T) {
	methods := Methods("h1", recorder{})
	want := reflect.TypeFor[provider.Driver]()
	require.Len(t, methods, want.NumMethod()-len(unasked))
	for i := range want.NumMethod() {
		if name := want.Method(i).Name; !unasked[name] {
			require.Contains(t, methods, name)
		}
	}
}

// Each call reaches the method of its own name with the host's own id, and the refusal comes back as it was.
func TestEveryCallArrives(t *testing.T) {
	d, agent := local(t)
	reached := map[string]string{}
	methods := map[string]bus.Method{}
	for name := range Methods("h1", recorder{}) {
		methods[name] = bus.Method{Handle: func(_ context.Context, body json.RawMessage) (any, error) {
			reached[name] = string(body)
			return nil, wire.Fault(provider.Errorf(provider.ReasonConflict, "hint of "+name, "%s is refused", name))
		}}
	}
	r, err := bus.Serve(agent, bus.ServeConfig{Host: "h1", Role: Role, Methods: methods, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	require.NoError(t, agent.Flush())
	v, iface := reflect.ValueOf(d), reflect.TypeFor[provider.Driver]()
	for i := range iface.NumMethod() {
		m := iface.Method(i)
		if unasked[m.Name] {
			continue
		}
		args := []reflect.Value{reflect.ValueOf(t.Context()), reflect.ValueOf("h1")}
		for n := 2; n < m.Type.NumIn(); n++ {
			args = append(args, reflect.Zero(m.Type.In(n)))
		}
		out := v.MethodByName(m.Name).Call(args)
		err, _ := out[len(out)-1].Interface().(error)
		var e *provider.Error
		require.ErrorAs(t, err, &e, m.Name)
		require.Equal(t, provider.Error{Reason: provider.ReasonConflict, Detail: m.Name + " is refused", Hint: "hint of " + m.Name}, *e)
		require.Contains(t, reached, m.Name)
	}
	require.NoError(t, r.Close(t.Context()))
}

func TestSpeakerIsTakenFromTheSubject(t *testing.T) {
	d, agent := local(t)
	got := make(chan Inventory, 1)
	ctx, cancel := context.WithCancel(t.Context())
	require.NoError(t, d.Inventories(ctx, func(i Inventory) { got <- i }))
	require.NoError(t, agent.Publish("plaza.host.A.inventory", []byte("{")))
	require.NoError(t, agent.Publish("plaza.host.A.inventory", []byte(`{"host":"B","servers":[{"id":"s","host":"B"}]}`)))
	i := <-got
	require.Equal(t, "A", i.Host)
	require.Equal(t, "A", i.Servers[0].Host)
	cancel()
	time.Sleep(50 * time.Millisecond)
	require.NoError(t, agent.Publish("plaza.host.A.inventory", []byte(`{}`)))
	require.NoError(t, agent.Flush())
	require.Empty(t, got)
}

func BenchmarkCall(b *testing.B) {
	d, agent := local(b)
	r, err := bus.Serve(agent, bus.ServeConfig{Host: "h1", Role: Role, Methods: Methods("h1", recorder{}), Logger: slog.New(slog.DiscardHandler)})
	require.NoError(b, err)
	require.NoError(b, agent.Flush())
	b.Cleanup(func() { _ = r.Close(context.Background()) })
	for b.Loop() {
		if _, err := d.GetHost(b.Context(), "h1"); err != nil {
			b.Fatal(err)
		}
	}
}
