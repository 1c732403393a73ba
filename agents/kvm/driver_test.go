package kvm_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/agents/kvm"
	"github.com/plazacloud/plaza/agents/kvm/libvirtd"
	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/provider"
)

const host = "edge-1"

// shared is libvirtd's folder and the verdict about KVM, kept from test to test: both take seconds to find out.
var shared struct {
	libvirt string
	verdict []byte
}

func TestMain(m *testing.M) {
	if os.Getenv(crashEnv) != "" {
		os.Exit(m.Run()) // it is killed and cleans nothing up
	}
	dir, err := os.MkdirTemp("", "plzlv")
	if err != nil {
		panic(err)
	}
	shared.libvirt = dir
	// libvirt's event loop belongs to the process and cannot be stopped.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/plazacloud/plaza/agents/kvm.runEventLoop"),
		goleak.Cleanup(func(code int) { _ = os.RemoveAll(dir); os.Exit(code) }))
}

// bench is one host under test.
type bench struct {
	dir     string
	libvirt *libvirtd.Instance
	cfg     kvm.Config
	driver  *kvm.Driver
}

func newBench(t *testing.T) *bench {
	t.Helper()
	libvirttest.Need(t)
	b := &bench{dir: libvirttest.Dir(t)}
	b.libvirt = libvirttest.Start(t, shared.libvirt)
	t.Cleanup(func() { b.libvirt.Stop() }) // whichever it is by then
	b.cfg = kvm.Config{
		Host: host, LibvirtURI: b.libvirt.URI(), StateDir: filepath.Join(b.dir, "state"), PoolDir: filepath.Join(b.dir, "pool"),
		RunDir: filepath.Join(b.dir, "run"), StopGrace: 20 * time.Second, ProbeTimeout: 4 * time.Second,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	verdict := filepath.Join(b.cfg.StateDir, "accel.json")
	require.NoError(t, os.MkdirAll(b.cfg.StateDir, 0o755))
	if shared.verdict != nil {
		require.NoError(t, os.WriteFile(verdict, shared.verdict, 0o600))
	}
	t.Cleanup(func() {
		if found, err := os.ReadFile(verdict); err == nil {
			shared.verdict = found
		}
	})
	b.driver = b.open(t)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = b.driver.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	return b
}

func (b *bench) open(t *testing.T) *kvm.Driver {
	t.Helper()
	d, err := kvm.New(t.Context(), b.cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	return d
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func (b *bench) network(t *testing.T) provider.Net {
	t.Helper()
	n := provider.Net{ID: newID(), Name: "shop", Project: "p1", CIDR: "10.77.0.0/24", Gateway: "10.77.0.1", Egress: "none"}
	_, err := b.driver.EnsureNetwork(t.Context(), host, n)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.driver.DeleteNetwork(context.Background(), host, n.ID)) })
	return n
}

func (b *bench) image(t *testing.T) provider.Image {
	t.Helper()
	img := libvirttest.Guest(t)
	_, err := b.driver.EnsureImage(t.Context(), host, img)
	require.NoError(t, err)
	return img
}

func serverOf(img provider.Image) provider.Server {
	return provider.Server{
		ID: newID(), Name: "till 1", Project: "p1", VCPUs: 1, MemoryMiB: 192, Disks: []provider.Disk{{Image: img.ID, SizeGiB: 1}},
		Boot: provider.Boot{Image: img.ID}, Power: provider.PowerRunning,
		Seed: provider.Seed{UserData: "#cloud-config\n{}\n", MetaData: "instance-id: x\nlocal-hostname: till\n"}, Tags: map[string]string{"tier": "web"},
	}
}

func (b *bench) ensure(t *testing.T, s provider.Server) provider.ServerState {
	t.Helper()
	t.Cleanup(func() { require.NoError(t, b.driver.DeleteServer(context.Background(), host, s.ID)) })
	st, err := b.driver.EnsureServer(t.Context(), host, s)
	require.NoError(t, err)
	return st
}

func (b *bench) awaitConsole(t *testing.T, id, mark string) string {
	t.Helper()
	var text string
	require.Eventually(t, func() bool {
		log, err := b.driver.ConsoleLog(context.Background(), host, id, 1<<16)
		text = string(log)
		return err == nil && strings.Contains(text, mark)
	}, 90*time.Second, 100*time.Millisecond, "console of the guest")
	return text
}

func TestGuestBootsWithAddressAndAnswersOnPublishedPort(t *testing.T) {
	b := newBench(t)
	img, n := b.image(t), b.network(t)
	s := serverOf(img)
	s.Interfaces = []provider.Interface{{
		Network: n.ID, MAC: "52:54:00:77:00:0a", Address: "10.77.0.10",
		Rules: []provider.Rule{{Protocol: "tcp", FromPort: 80, ToPort: 80}},
	}}
	n.Leases = []provider.Lease{{MAC: "52:54:00:77:00:0a", Address: "10.77.0.10", Name: "till"}}
	n.Publish = []provider.Publish{{Address: "10.77.0.10", Port: 80}, {Address: "10.77.0.10", Port: 22}}
	net, err := b.driver.EnsureNetwork(t.Context(), host, n)
	require.NoError(t, err)
	begin := time.Now()
	st := b.ensure(t, s)
	t.Logf("EnsureServer: %s, accel %s", time.Since(begin), st.Accel)
	require.Equal(t, provider.PowerRunning, st.Power)
	require.Equal(t, s.HardwareDigest(), st.Digest)
	text := b.awaitConsole(t, s.ID, libvirttest.ReadyMark)
	t.Logf("ready after %s", time.Since(begin))
	require.Contains(t, text, "address=10.77.0.10/24")
	require.Equal(t, "hello from till\n", httpGet(t, net.Publish[0].Listen))
	b.requireBounds(t, s, net.Publish[0].Listen)

	begin = time.Now()
	st, err = b.driver.ActOnServer(t.Context(), host, s.ID, provider.VerbStop)
	require.NoError(t, err)
	t.Logf("ACPI stop: %s", time.Since(begin))
	require.Equal(t, provider.PowerStopped, st.Power)
	require.Equal(t, "shutdown", st.Reason, "by the power button, not by the plug")
	b.awaitConsole(t, s.ID, libvirttest.PowerMark)
	begin = time.Now()
	require.NoError(t, b.driver.DeleteServer(t.Context(), host, s.ID))
	t.Logf("DeleteServer: %s", time.Since(begin))
}
