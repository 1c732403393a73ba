//go:build image

// Package images_test boots the built images under plain QEMU with an emulated CPU.
package images_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/plazacloud/plaza/pkg/cloudinit"
	"github.com/stretchr/testify/require"
)

// Manifest is what images/build.sh writes beside an image.
type Manifest struct {
	Name, Version, Arch, Format, Disk, Kernel, Initrd, Cmdline string
	MinDiskGiB, MinRAMMiB                                      int
	Packages                                                   []string
	SHA256                                                     map[string]string
}

func imageDir() string {
	if dir := os.Getenv("PLAZA_IMAGES"); dir != "" {
		return dir
	}
	dir, err := filepath.Abs("../../build/images")
	if err != nil {
		panic(err)
	}
	return dir
}

func readManifest(t *testing.T, name string) Manifest {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(imageDir(), name+".json"))
	require.NoError(t, err, "build it first: images/build.sh %s", name)
	var manifest Manifest
	require.NoError(t, json.Unmarshal(data, &manifest))
	return manifest
}

// machine is a guest; its disk outlives its process, so that it can be booted again.
type machine struct {
	t        *testing.T
	dir      string
	manifest Manifest
	ramMiB   int
	cpus     int
	bios     bool   // boot from the disk, not by the manifest's kernel
	board    string // QEMU's -machine
	seed     []string
	guest    string // address of the guest for what is forwarded; empty: the first that DHCP gives
	ports    []int
	command  *exec.Cmd
	ended    chan error
	began    time.Time
	boots    int
}

func newMachine(t *testing.T, image string, seed cloudinit.Seed) *machine {
	t.Helper()
	m := unseededMachine(t, image)
	require.NoError(t, cloudinit.BuildISO(m.path("seed.iso"), seed))
	m.seed = []string{"-drive", "file=" + m.path("seed.iso") + ",if=virtio,format=raw,readonly=on", "-device", "virtio-rng-pci"}
	return m
}

func unseededMachine(t *testing.T, image string) *machine {
	t.Helper()
	m := &machine{t: t, dir: t.TempDir(), manifest: readManifest(t, image), ramMiB: 512, cpus: 1, board: "q35"}
	m.run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", filepath.Join(imageDir(), m.manifest.Disk), m.path("disk.qcow2"), "4G")
	t.Cleanup(m.cut)
	return m
}

func (m *machine) path(name string) string { return filepath.Join(m.dir, name) }

func (m *machine) run(name string, args ...string) {
	m.t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	require.NoError(m.t, err, string(out))
}

// console is the serial log of this boot.
func (m *machine) consolePath() string { return m.path(fmt.Sprintf("console-%d.log", m.boots)) }

func (m *machine) console() string {
	data, err := os.ReadFile(m.consolePath())
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(string(data), "\r", "")
}

// start boots the guest; forwards are guest TCP ports, reached by address.
func (m *machine) start(forwards ...int) {
	m.t.Helper()
	m.boots++
	m.ports = nil
	network := "user,id=n,restrict=off"
	for _, port := range forwards {
		free := freePort(m.t)
		m.ports = append(m.ports, free)
		network += fmt.Sprintf(",hostfwd=tcp:127.0.0.1:%d-%s:%d", free, m.guest, port)
	}
	_ = os.Remove(m.path("monitor"))
	args := []string{"-nodefaults", "-display", "none", "-no-reboot", "-machine", m.board, "-accel", "tcg,thread=multi",
		"-smp", strconv.Itoa(m.cpus), "-m", strconv.Itoa(m.ramMiB), "-serial", "file:" + m.consolePath(),
		"-monitor", "unix:" + m.path("monitor") + ",server=on,wait=off",
		"-drive", "file=" + m.path("disk.qcow2") + ",if=virtio,format=qcow2",
		"-netdev", network, "-device", "virtio-net-pci,netdev=n,romfile="}
	args = append(args, m.seed...)
	if !m.bios {
		args = append(args, "-kernel", filepath.Join(imageDir(), m.manifest.Kernel),
			"-initrd", filepath.Join(imageDir(), m.manifest.Initrd), "-append", m.manifest.Cmdline)
	}
	m.command = exec.Command("qemu-system-x86_64", args...)
	m.command.Stderr = os.Stderr
	m.ended = make(chan error, 1)
	m.began = time.Now()
	require.NoError(m.t, m.command.Start())
	go func(command *exec.Cmd, ended chan<- error) { ended <- command.Wait() }(m.command, m.ended)
}

func (m *machine) address(i int) string { return fmt.Sprintf("127.0.0.1:%d", m.ports[i]) }

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// await returns the seconds of host time until the console shows text.
func (m *machine) await(text string, limit time.Duration) float64 {
	m.t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if strings.Contains(m.console(), text) {
			return time.Since(m.began).Seconds()
		}
	}
	require.FailNow(m.t, "the console never said "+strconv.Quote(text), tail(m.console()))
	return 0
}

func tail(text string) string { return text[max(0, len(text)-4000):] }

// stage is the guest time at which plaza-init reported a stage.
func (m *machine) stage(name string) float64 {
	m.t.Helper()
	found := regexp.MustCompile(`plaza-init: ` + regexp.QuoteMeta(name) + ` t=([0-9.]+)`).FindStringSubmatch(m.console())
	require.NotNil(m.t, found, "no stage %s in:\n%s", name, tail(m.console()))
	seconds, err := strconv.ParseFloat(found[1], 64)
	require.NoError(m.t, err)
	return seconds
}

// residentMiB is what the guest costs its host.
func (m *machine) residentMiB() int {
	m.t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", m.command.Process.Pid))
	require.NoError(m.t, err)
	found := regexp.MustCompile(`VmRSS:\s+(\d+)`).FindSubmatch(data)
	require.NotNil(m.t, found)
	kilobytes, err := strconv.Atoi(string(found[1]))
	require.NoError(m.t, err)
	return kilobytes / 1024
}

// pressPower pushes the ACPI button and waits for the guest to switch itself off.
func (m *machine) pressPower(limit time.Duration) time.Duration {
	m.t.Helper()
	pressed := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var dialer net.Dialer
	monitor, err := dialer.DialContext(ctx, "unix", m.path("monitor"))
	require.NoError(m.t, err)
	defer monitor.Close()
	_, err = monitor.Write([]byte("system_powerdown\n"))
	require.NoError(m.t, err)
	select {
	case err := <-m.ended:
		require.NoError(m.t, err)
		m.command = nil
	case <-time.After(limit):
		require.FailNow(m.t, "the guest is still up after its power button was pressed", tail(m.console()))
	}
	return time.Since(pressed)
}

// cut pulls the plug.
func (m *machine) cut() {
	if m.command == nil {
		return
	}
	_ = m.command.Process.Kill()
	<-m.ended
	m.command = nil
}
