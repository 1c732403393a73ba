package bus

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// registry is who may connect.
type registry struct {
	mu    sync.Mutex
	hosts map[string]string
}

func (r *registry) authorize(key string) (Permissions, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	host, ok := r.hosts[key]
	if !ok {
		return Permissions{}, false
	}
	p, err := HostPermissions(host)
	return p, err == nil
}

func (r *registry) enrol(t *testing.T, host string) (seed []byte, key string) {
	t.Helper()
	pair, err := nkeys.CreateUser()
	require.NoError(t, err)
	seed, err = pair.Seed()
	require.NoError(t, err)
	key, err = pair.PublicKey()
	require.NoError(t, err)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hosts == nil {
		r.hosts = map[string]string{}
	}
	r.hosts[key] = host
	return seed, key
}

func (r *registry) revoke(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.hosts, key)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func startIn(t *testing.T, dir string, reg *registry) *Server {
	t.Helper()
	s, err := Start(t.Context(), Config{Listen: "127.0.0.1:0", StoreDir: dir, Authorize: reg.authorize, Logger: quiet()})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

func own(t *testing.T, s *Server) *nats.Conn {
	t.Helper()
	nc, err := s.Connect("plazad")
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	return nc
}

func join(t *testing.T, s *Server, seed []byte, url string) *nats.Conn {
	t.Helper()
	up := make(chan struct{}, 100)
	nc, err := Connect(ClientConfig{URL: url, CA: s.CA(), Seed: seed, Name: "agent", Logger: quiet(),
		OnConnect: func() { up <- struct{}{} }})
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	select {
	case <-up:
	case <-time.After(10 * time.Second):
		t.Fatal("not connected:", nc.LastError())
	}
	return nc
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	require.Eventually(t, f, 15*time.Second, 20*time.Millisecond, what)
}

func TestRestartKeepsPortAndAuthority(t *testing.T) {
	dir, reg := t.TempDir(), &registry{}
	seed, _ := reg.enrol(t, "h1")
	s := startIn(t, dir, reg)
	url, ca := s.URL(), s.CA()
	nc := join(t, s, seed, url)
	s.Close()
	eventually(t, "cut", func() bool { return !nc.IsConnected() })
	again := startIn(t, dir, reg)
	require.Equal(t, url, again.URL())
	require.Equal(t, string(ca), string(again.CA()))
	eventually(t, "back", nc.IsConnected)
	for _, name := range []string{"tls/ca.pem", "tls/server.pem"} {
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
}

func TestJetStreamKeepsData(t *testing.T) {
	dir, reg := t.TempDir(), &registry{}
	s := startIn(t, dir, reg)
	js, err := own(t, s).JetStream()
	require.NoError(t, err)
	kv, err := js.CreateKeyValue(&nats.KeyValueConfig{Bucket: "config"})
	require.NoError(t, err)
	_, err = kv.PutString("a", "1")
	require.NoError(t, err)
	s.Close()
	js, err = own(t, startIn(t, dir, reg)).JetStream()
	require.NoError(t, err)
	kv, err = js.KeyValue("config")
	require.NoError(t, err)
	got, err := kv.Get("a")
	require.NoError(t, err)
	require.Equal(t, "1", string(got.Value()))
}

func TestOnlyEnrolledConnect(t *testing.T) {
	reg := &registry{}
	s := startIn(t, t.TempDir(), reg)
	seed, key := reg.enrol(t, "h1")
	reg.revoke(key)
	nc, err := Connect(ClientConfig{URL: s.URL(), CA: s.CA(), Seed: seed, Logger: quiet()})
	require.NoError(t, err)
	defer nc.Close()
	time.Sleep(300 * time.Millisecond)
	require.False(t, nc.IsConnected())

	reg.mu.Lock()
	reg.hosts[key] = "h1" // enrolled at run time: the waiting client gets in without a reload
	reg.mu.Unlock()
	eventually(t, "admitted", nc.IsConnected)

	reg.revoke(key)
	s.Recheck()
	eventually(t, "cut off", func() bool { return !nc.IsConnected() })
	time.Sleep(300 * time.Millisecond)
	require.False(t, nc.IsConnected())
}

func TestStolenKeyNameIsUseless(t *testing.T) {
	reg := &registry{}
	s := startIn(t, t.TempDir(), reg)
	_, key := reg.enrol(t, "h1")
	other, err := nkeys.CreateUser()
	require.NoError(t, err)
	sec, err := ClientConfig{URL: s.URL(), CA: s.CA()}.security()
	require.NoError(t, err)
	_, err = nats.Connect(s.URL(), nats.Secure(sec), nats.Nkey(key, other.Sign))
	require.ErrorIs(t, err, nats.ErrAuthorization)
	_, err = nats.Connect(s.URL(), nats.Secure(sec))
	require.ErrorIs(t, err, nats.ErrAuthorization)
}

func TestForeignAuthorityIsRefused(t *testing.T) {
	reg := &registry{}
	seed, _ := reg.enrol(t, "h1")
	s, other := startIn(t, t.TempDir(), reg), startIn(t, t.TempDir(), reg)
	nc, err := Connect(ClientConfig{URL: s.URL(), CA: other.CA(), Seed: seed, Logger: quiet()})
	require.NoError(t, err)
	defer nc.Close()
	time.Sleep(300 * time.Millisecond)
	require.False(t, nc.IsConnected())
	require.ErrorContains(t, nc.LastError(), "certificate")
}

func TestHostIdsThatWouldWidenPermissionsAreRefused(t *testing.T) {
	for _, id := range []string{"", "*", ">", "a.b", "a b", "a.>"} {
		_, err := HostPermissions(id)
		require.Error(t, err, id)
	}
}

// Host A must neither hear what concerns host B nor speak in its name.
func TestHostsAreApart(t *testing.T) {
	reg := &registry{}
	s := startIn(t, t.TempDir(), reg)
	seedA, _ := reg.enrol(t, "A")
	seedB, _ := reg.enrol(t, "B")
	plazad, a, b := own(t, s), join(t, s, seedA, s.URL()), join(t, s, seedB, s.URL())

	stray := make(chan string, 100)
	for _, subject := range []string{"plaza.rpc.B.kvm", "plaza.rpc.>", "plaza.host.B.>", "plaza.host.>", ">", "_INBOX.>", "$SYS.>", "$JS.>"} {
		_, err := a.Subscribe(subject, func(m *nats.Msg) { stray <- m.Subject })
		require.NoError(t, err)
	}
	require.NoError(t, a.Flush())
	r, err := Serve(b, ServeConfig{Host: "B", Role: "kvm", Logger: quiet(), Methods: map[string]Method{"Echo": {
		Handle: func(_ context.Context, body json.RawMessage) (any, error) { return body, nil }}}})
	require.NoError(t, err)
	defer func() { require.NoError(t, r.Close(t.Context())) }()
	require.NoError(t, b.Flush())

	heard := make(chan string, 100)
	_, err = plazad.Subscribe("plaza.>", func(m *nats.Msg) {
		if string(m.Data) == "forged" {
			heard <- m.Subject
		}
	})
	require.NoError(t, err)
	require.NoError(t, plazad.Flush(), "the server knows the subscription before the others speak")
	for _, subject := range []string{"plaza.host.B.heartbeat", "plaza.host.B.reply.x.y", "plaza.rpc.B.kvm", "plaza.rpc.A.kvm", "plaza.x"} {
		require.NoError(t, a.Publish(subject, []byte("forged")))
	}
	require.NoError(t, a.Publish("plaza.host.A.heartbeat", []byte("forged")))
	require.NoError(t, a.Flush())

	c, err := NewCaller(plazad)
	require.NoError(t, err)
	var out string
	require.NoError(t, c.Call(t.Context(), "B", "kvm", "Echo", time.Second, "secret of B", &out))
	require.Equal(t, "secret of B", out)
	require.Equal(t, "plaza.host.A.heartbeat", <-heard, "its own subject is allowed")
	require.Empty(t, heard)
	require.Empty(t, stray)

	_, err = a.Request("$JS.API.INFO", nil, 200*time.Millisecond)
	require.Error(t, err)
}

func TestForgedAnswerIsDropped(t *testing.T) {
	reg := &registry{}
	s := startIn(t, t.TempDir(), reg)
	plazad := own(t, s)
	c, err := NewCaller(plazad)
	require.NoError(t, err)
	// Even someone who knows the call's id cannot answer from another host's subjects.
	_, err = plazad.Subscribe("plaza.rpc.B.kvm", func(m *nats.Msg) {
		var req Request
		_ = json.Unmarshal(m.Data, &req)
		_ = plazad.Publish(HostSubject("A", "reply."+c.id+"."+req.ID), []byte(`{"body":"forged"}`))
	})
	require.NoError(t, err)
	err = c.Call(t.Context(), "B", "kvm", "Echo", 200*time.Millisecond, nil, nil)
	requireFault(t, err, ReasonTimeout)
}

func requireFault(t *testing.T, err error, reason string) {
	t.Helper()
	var f *Fault
	require.ErrorAs(t, err, &f)
	require.Equal(t, reason, f.Reason, f.Detail)
}

func TestPortTaken(t *testing.T) {
	reg := &registry{}
	s := startIn(t, t.TempDir(), reg)
	_, err := Start(t.Context(), Config{Listen: s.URL()[len("tls://"):], StoreDir: t.TempDir(), Authorize: reg.authorize, Logger: quiet()})
	require.ErrorIs(t, err, syscall.EADDRINUSE)
}

func TestReachableName(t *testing.T) {
	require.Equal(t, "10.0.0.1", reachable("10.0.0.1", []string{"plaza.example"}))
	require.Equal(t, "plaza.example", reachable("0.0.0.0", []string{"plaza.example"}))
	require.Equal(t, machineName(), reachable("::", nil))
}
