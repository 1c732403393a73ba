package rig

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/plazacloud/plaza/agents/kvm/libvirtd"
	"github.com/plazacloud/plaza/agents/kvm/libvirttest"
	"github.com/plazacloud/plaza/pkg/provider"
)

// HostOptions change how a host runs; zero values are fine.
type HostOptions struct {
	Pool string // where disks are kept; default in the agent's folder
	Bus  string // where the agent finds the bus instead of where enrolment said
}

// Host is a plaza-agent with a libvirtd of its own.
type Host struct {
	ID, Name string
	Dir      string // of libvirtd, agent and its networks
	Pool     string
	lv       *libvirtd.Instance
	cancel   context.CancelFunc // of lv
	agent    *process
}

// AddHost starts a libvirtd, enrols an agent and waits until the control plane sees both.
func (p *Plane) AddHost(tb testing.TB, name string, o HostOptions) *Host {
	tb.Helper()
	libvirttest.Need(tb)
	h := &Host{Name: name, Dir: Dir(tb, "h"), Pool: o.Pool}
	if h.Pool == "" {
		h.Pool = filepath.Join(h.Dir, "a", "pool")
	}
	remember(h)
	tb.Cleanup(func() { h.end(tb) })
	h.StartLibvirt(tb)
	out, err := h.Enrol(p, h.agentDir(), p.EnrolToken(tb))
	require.NoError(tb, err, out)
	h.ID = h.identity(tb, o.Bus)
	h.StartAgent(tb)
	p.Alive(tb, h, 30*time.Second)
	return h
}

// EnrolToken asks for a one-time token.
func (p *Plane) EnrolToken(tb testing.TB) string {
	tb.Helper()
	return Call[struct{ Token string }](tb, p.Client, http.MethodPost, "/v1/hosts/enrol-tokens", map[string]string{"site": "local"}).Token
}

// Enrol runs plaza-agent enrol with a folder and a token.
func (h *Host) Enrol(p *Plane, dir, token string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(binaries, "plaza-agent"), "enrol", "--server", "http://"+p.Listen, "--token", token, "--dir", dir, "--name", h.Name) //nolint:gosec // our own program
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// identity reads the id that enrolment gave; bus, when given, is where the agent goes instead.
func (h *Host) identity(tb testing.TB, bus string) string {
	tb.Helper()
	path := filepath.Join(h.agentDir(), "identity.json")
	data, err := os.ReadFile(path) //nolint:gosec // below Root
	require.NoError(tb, err)
	id := map[string]any{}
	require.NoError(tb, json.Unmarshal(data, &id))
	if bus != "" {
		id["busUrl"] = bus
		data, err = json.Marshal(id)
		require.NoError(tb, err)
		require.NoError(tb, os.WriteFile(path, data, 0o600)) //nolint:gosec // as above
	}
	return fmt.Sprint(id["hostId"])
}

// Alive waits until the control plane sees the host and its libvirtd.
func (p *Plane) Alive(tb testing.TB, h *Host, limit time.Duration) time.Duration {
	tb.Helper()
	return Within(tb, limit, func() error {
		o := p.Get(tb, "hosts", h.ID)
		if Status(o, "status.alive") != "true" || Status(o, "status.libvirtUp") != "true" {
			return fmt.Errorf("host %s: %s", h.Name, o.Status)
		}
		return nil
	})
}

func (h *Host) agentDir() string { return filepath.Join(h.Dir, "a") }

func (h *Host) stateDir() string { return filepath.Join(h.agentDir(), "kvm") }

func (h *Host) runDir() string { return filepath.Join(h.Dir, "run") }

func (h *Host) libvirtDir() string { return filepath.Join(h.Dir, "lv") }

// URI is how virsh reaches the host.
func (h *Host) URI() string { return libvirtd.URI(h.libvirtDir()) }

// StartLibvirt starts the host's libvirtd. What the first one of the run learnt about QEMU saves the others half a minute.
func (h *Host) StartLibvirt(tb testing.TB) {
	tb.Helper()
	known, own := filepath.Join(root, "capabilities"), filepath.Join(h.libvirtDir(), "cache")
	if _, err := os.Stat(known); err == nil {
		require.NoError(tb, os.MkdirAll(own, 0o711)) //nolint:gosec // as libvirtd makes it
		if _, err := os.Stat(filepath.Join(own, "qemu")); err != nil {
			run(tb, "cp", "-a", known+"/.", own)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	timer := time.AfterFunc(time.Minute, cancel)
	log, err := os.OpenFile(filepath.Join(h.Dir, "libvirtd.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // below Root
	require.NoError(tb, err)
	defer func() { _ = log.Close() }() // libvirtd has its own
	in, err := libvirtd.Start(ctx, h.libvirtDir(), log)
	timer.Stop()
	require.NoError(tb, err)
	h.lv, h.cancel = in, cancel
	h.Virsh(tb, "capabilities") // waits until QEMU is known
	if _, err := os.Stat(known); err != nil {
		run(tb, "cp", "-a", own, known)
	}
}

// StopLibvirt ends libvirtd; guests go on.
func (h *Host) StopLibvirt() {
	if h.lv != nil {
		_ = syscall.Kill(h.lv.Pid(), syscall.SIGCONT) // it may be frozen
		h.lv.Stop()
		h.cancel()
		h.lv = nil
	}
}

// FreezeLibvirt makes libvirtd hang.
func (h *Host) FreezeLibvirt(tb testing.TB) {
	tb.Helper()
	require.NoError(tb, syscall.Kill(h.lv.Pid(), syscall.SIGSTOP))
}

// KillLibvirt ends libvirtd with SIGKILL.
func (h *Host) KillLibvirt(tb testing.TB) {
	tb.Helper()
	require.NoError(tb, syscall.Kill(h.lv.Pid(), syscall.SIGKILL))
	<-h.lv.Done()
	h.cancel()
	h.lv = nil
}

// StartAgent starts the agent. Whether acceleration works here is found out once per run, as with libvirtd.
func (h *Host) StartAgent(tb testing.TB) {
	tb.Helper()
	if verdict, err := os.ReadFile(filepath.Join(root, verdictFile)); err == nil {
		require.NoError(tb, os.MkdirAll(h.stateDir(), 0o711))                                       //nolint:gosec // as the agent makes it
		require.NoError(tb, os.WriteFile(filepath.Join(h.stateDir(), verdictFile), verdict, 0o600)) //nolint:gosec // below Root
	}
	h.agent = launch(tb, filepath.Join(h.Dir, "agent.log"), binary(tb, "plaza-agent"), "run", "--dir", h.agentDir(), "--libvirt", h.URI(),
		"--run-dir", h.runDir(), "--pool", h.Pool, "--stop-grace", "4s")
}

// verdictFile is where agents keep what they found out about acceleration.
const verdictFile = "accel.json"

// KillAgent ends the agent with SIGKILL.
func (h *Host) KillAgent() { h.agent.kill() }

// Virsh asks the host's libvirtd, behind Plaza's back.
func (h *Host) Virsh(tb testing.TB, args ...string) string {
	tb.Helper()
	return run(tb, "virsh", append([]string{"-q", "-c", h.URI()}, args...)...)
}

// Domains are the ids of the domains on the host, each with whether it runs.
func (h *Host) Domains(tb testing.TB) map[string]bool {
	tb.Helper()
	out := map[string]bool{}
	for _, id := range strings.Fields(h.Virsh(tb, "list", "--all", "--uuid")) {
		out[id] = false
	}
	for _, id := range strings.Fields(h.Virsh(tb, "list", "--uuid")) {
		out[id] = true
	}
	return out
}

// AddGuest registers the small busybox guest as an image; more is added to its kernel's command line.
func (p *Plane) AddGuest(tb testing.TB, name, more string) provider.Image {
	tb.Helper()
	g := libvirttest.Guest(tb)
	p.Create(tb, "images", "", name, map[string]any{"format": g.Format, "disk": g.Disk, "kernel": g.Kernel, "initrd": g.Initrd, "cmdline": strings.TrimSpace(g.Cmdline + " " + more)})
	return g
}

// Console is what the guest has printed.
func (c *Client) Console(tb testing.TB, server string) string {
	tb.Helper()
	return Call[struct{ Text string }](tb, c, http.MethodGet, "/v1/servers/"+server+"/console", nil).Text
}

// Booted waits until the guest has said that it is up.
func (c *Client) Booted(tb testing.TB, servers ...string) {
	tb.Helper()
	for _, id := range servers {
		Within(tb, 90*time.Second, func() error {
			if text := c.Console(tb, id); !strings.Contains(text, libvirttest.ReadyMark) {
				return fmt.Errorf("server %s: console says %q", id, text)
			}
			return nil
		})
	}
}

// AgentLog is what the agent has said.
func (h *Host) AgentLog(tb testing.TB) string {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(h.Dir, "agent.log"))
	require.NoError(tb, err)
	return string(data)
}

// LastLine tells whether what was said later than the other.
func LastLine(text, what, other string) bool {
	return strings.LastIndex(text, what) > strings.LastIndex(text, other)
}
