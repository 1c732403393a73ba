package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/agents/kvm/libvirtd"
	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/bus"
	"github.com/plazacloud/plaza/pkg/provider"
	"github.com/plazacloud/plaza/pkg/provider/kvm"
)

func TestMain(m *testing.M) {
	// libvirt's event loop belongs to the process and cannot be stopped.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/plazacloud/plaza/agents/kvm.runEventLoop"))
}

const (
	hostID = "0192f0c1-edge-1"
	token  = "one-time"
)

// site is a control plane with a bus, and one machine with a libvirtd and an enrolled agent.
type site struct {
	dir     string
	server  *httptest.Server
	libvirt *libvirtd.Instance
	plane   *kvm.Driver
	nc      *nats.Conn

	mu  sync.Mutex
	key string
	url string
	ca  string
}

func newSite(t *testing.T) *site {
	t.Helper()
	libvirttest.Need(t)
	s := newBus(t, libvirttest.Dir(t))
	require.NoError(t, os.Mkdir(filepath.Join(s.dir, "lv"), 0o755))
	s.libvirt = libvirttest.Start(t, filepath.Join(s.dir, "lv"))
	return s
}

// newBus is a control plane with a bus, and a machine that nothing runs on yet.
func newBus(t *testing.T, dir string) *site {
	t.Helper()
	s := &site{dir: dir}
	b, err := bus.Start(t.Context(), bus.Config{Listen: "127.0.0.1:0", StoreDir: t.TempDir(), Authorize: s.authorize, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(b.Close)
	s.url, s.ca = b.URL(), string(b.CA())
	nc, err := b.Connect("plazad")
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	s.nc = nc
	s.plane, err = kvm.New(nc, kvm.WithEnrolled(func(host string) bool { return host == hostID }))
	require.NoError(t, err)
	s.server = httptest.NewServer(http.HandlerFunc(s.enrol))
	t.Cleanup(s.server.Close)
	return s
}

func (s *site) authorize(key string) (bus.Permissions, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := bus.HostPermissions(hostID)
	return p, err == nil && key == s.key
}

func (s *site) enrol(w http.ResponseWriter, r *http.Request) {
	var req kvm.EnrolRequest
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil || req.Token != token {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	s.mu.Lock()
	s.key = req.PublicKey
	s.mu.Unlock()
	_ = json.NewEncoder(w).Encode(kvm.EnrolResponse{HostID: hostID, BusURL: s.url, BusCA: s.ca, Time: time.Now()})
}

func (s *site) agentDir() string { return filepath.Join(s.dir, "agent") }

// run starts the agent of a KVM host; stop ends it as a signal would.
func (s *site) run(t *testing.T) (stop func()) {
	t.Helper()
	stop = s.start(t, runOptions{dir: s.agentDir(), roles: []string{"kvm"}, libvirt: s.libvirt.URI(), runDir: filepath.Join(s.dir, "run"),
		stopGrace: 10 * time.Second, logLevel: "error"})
	require.Eventually(t, func() bool {
		_, err := s.plane.ListImages(t.Context(), hostID)
		return err == nil
	}, 30*time.Second, 50*time.Millisecond, "the agent answers")
	return stop
}

func (s *site) start(t *testing.T, o runOptions) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- runAgent(ctx, o, t.Output()) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			require.NoError(t, err)
		case <-time.After(30 * time.Second):
			t.Error("the agent did not stop")
		}
	})
	t.Cleanup(stop)
	return stop
}

func (s *site) virsh(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("virsh", append([]string{"-c", s.libvirt.URI()}, args...)...).CombinedOutput()
	require.NoError(t, err, string(out))
	return strings.TrimSpace(string(out))
}

func command(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	var buf bytes.Buffer
	return mainCode(args, &buf, &buf), buf.String()
}

func next[T any](t *testing.T, c <-chan T, within time.Duration, want func(T) bool) (T, time.Duration) {
	t.Helper()
	begin, limit := time.Now(), time.After(within)
	for {
		select {
		case v := <-c:
			if want(v) {
				return v, time.Since(begin)
			}
		case <-limit:
			t.Fatal("it did not come within", within)
		}
	}
}

// From a bare machine to a served one: what an operator and the control plane see on the way.
func TestAgentServesARealHost(t *testing.T) {
	s := newSite(t)
	code, out := command(t, "run", "--dir", s.agentDir())
	require.Equal(t, exitNotRunning, code, out)
	code, out = command(t, "enrol", "--server", s.server.URL, "--token", "stolen", "--dir", s.agentDir())
	require.Equal(t, exitToken, code, out)
	for _, want := range []string{"enrolled as", "already enrolled as"} {
		code, out = command(t, "enrol", "--server", s.server.URL, "--token", token, "--dir", s.agentDir())
		require.Equal(t, exitOK, code, out)
		require.Contains(t, out, want)
	}
	code, out = command(t, "status", "--dir", s.agentDir())
	require.Equal(t, exitNotRunning, code, out)

	events, beats, stocks := make(chan provider.Event, 1000), make(chan kvm.Heartbeat, 1000), make(chan kvm.Inventory, 1000)
	require.NoError(t, s.plane.Subscribe(t.Context(), func(e provider.Event) { events <- e }))
	require.NoError(t, s.plane.Heartbeats(t.Context(), func(h kvm.Heartbeat) { beats <- h }))
	require.NoError(t, s.plane.Inventories(t.Context(), func(i kvm.Inventory) { stocks <- i }))
	stop := s.run(t)
	code, out = command(t, "status", "--dir", s.agentDir(), "-o", "json")
	require.Equal(t, exitOK, code, out)
	require.Contains(t, out, hostID)
	beat, _ := next(t, beats, time.Minute, func(h kvm.Heartbeat) bool { return h.State != nil && h.State.LibvirtUp }) // a fresh libvirtd probes QEMU first
	require.Positive(t, beat.State.MemoryMiB)

	img := libvirttest.Guest(t)
	_, err := s.plane.EnsureImage(t.Context(), hostID, img)
	require.NoError(t, err)
	want := provider.Server{ID: uuid.Must(uuid.NewV7()).String(), Name: "till-1", Project: "p1", VCPUs: 1, MemoryMiB: 192,
		Disks: []provider.Disk{{Image: img.ID, SizeGiB: 1}}, Boot: provider.Boot{Image: img.ID}, Power: provider.PowerRunning}
	t.Cleanup(func() { _ = exec.Command("virsh", "-c", s.libvirt.URI(), "destroy", want.ID).Run() })
	st, err := s.plane.EnsureServer(t.Context(), hostID, want)
	require.NoError(t, err)
	require.Equal(t, provider.PowerRunning, st.Power)

	s.virsh(t, "destroy", want.ID)
	_, took := next(t, events, 5*time.Second, func(e provider.Event) bool { return e.ID == want.ID && e.Change == "stopped" })
	t.Logf("destroyed behind our back: told after %s", took)
	_, err = s.plane.EnsureServer(t.Context(), hostID, want)
	require.NoError(t, err)

	// Without the agent the guest goes on; the control plane says so, and a new agent finds it.
	stop()
	_, err = s.plane.GetServer(t.Context(), hostID, want.ID)
	require.Equal(t, provider.ReasonUnavailable, provider.ReasonOf(err))
	require.Equal(t, "running", s.virsh(t, "domstate", want.ID))
	s.run(t)
	inv, _ := next(t, stocks, 15*time.Second, func(i kvm.Inventory) bool { return len(i.Servers) == 1 })
	require.Equal(t, want.ID, inv.Servers[0].ID)
	require.Empty(t, inv.Errors)

	// Without libvirtd the agent lives and says what is wrong.
	s.libvirt.Stop()
	for len(beats) > 0 {
		<-beats
	}
	beat, took = next(t, beats, 10*time.Second, func(h kvm.Heartbeat) bool { return !h.State.LibvirtUp })
	require.NotEmpty(t, beat.State.LibvirtError)
	t.Logf("libvirtd gone: told after %s: %s", took, beat.State.LibvirtError)
	_, err = s.plane.EnsureServer(t.Context(), hostID, want)
	require.Equal(t, provider.ReasonUnavailable, provider.ReasonOf(err), "%v", err)
	s.libvirt = libvirttest.Start(t, filepath.Join(s.dir, "lv"))
	_, took = next(t, beats, 20*time.Second, func(h kvm.Heartbeat) bool { return h.State.LibvirtUp })
	t.Logf("libvirtd back: told after %s", took)

	require.NoError(t, s.plane.DeleteServer(t.Context(), hostID, want.ID))
	require.NoError(t, s.plane.DeleteImage(t.Context(), hostID, img.ID))
	require.Empty(t, s.virsh(t, "list", "--all", "--name"))
}

func TestUsage(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		code int
		args []string
	}{
		{exitUsage, []string{"enrol", "--nonsense"}},
		{exitUsage, []string{"enrol", "extra"}},
		{exitUsage, []string{"enrol", "--server", "plaza", "--token", "x", "--dir", dir}},
		{exitUsage, []string{"enrol", "--server", "http://127.0.0.1:1", "--token", "x", "--dir", dir, "--roles", "toaster"}},
		{exitUsage, []string{"enrol", "--server", "http://127.0.0.1:1", "--token-file", dir + "/none", "--dir", dir}},
		{exitServer, []string{"enrol", "--server", "http://127.0.0.1:1", "--token", "x", "--dir", dir}},
		{exitNotRunning, []string{"status", "--dir", dir}},
		{exitNotRunning, []string{"run", "--dir", dir}},
		{exitUsage, []string{"run", "--dir", dir, "--log-level", "loud"}},
		{exitUsage, []string{"status", "--dir", dir, "-o", "xml"}},
		{exitOK, []string{"--version"}},
	} {
		code, out := command(t, c.args...)
		require.Equal(t, c.code, code, "%v: %s", c.args, out)
	}
}

func TestTokenFromStandardInput(t *testing.T) {
	got, err := readToken("-", io.LimitReader(strings.NewReader("secret\n"), 100))
	require.NoError(t, err)
	require.Equal(t, "secret", got)
}
