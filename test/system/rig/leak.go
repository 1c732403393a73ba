package rig

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"go.uber.org/goleak"

	"github.com/plazacloud/plaza/agents/kvm/pool"
	"github.com/plazacloud/plaza/agents/kvm/tenantnet"
	"github.com/plazacloud/plaza/pkg/store/storetest"
)

// traces are what hosts of this run may leave outside of Root.
var traces struct {
	sync.Mutex
	hosts    []*Host
	networks map[string]bool
	taps     map[string]bool
}

func remember(h *Host) {
	traces.Lock()
	defer traces.Unlock()
	traces.hosts = append(traces.hosts, h)
}

// Main runs a package's tests, ends what is left, and fails when there was a leak that no test is to blame for.
func Main(m *testing.M) {
	var err error
	if root, err = os.MkdirTemp("", "plz"); err == nil {
		err = os.Chmod(root, 0o755) //nolint:gosec // DHCP has a user of its own
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	traces.networks, traces.taps = map[string]bool{}, map[string]bool{}
	code := m.Run()
	storetest.Stop()
	if err := errors.Join(leaks(), goleak.Find()); err != nil {
		fmt.Fprintln(os.Stderr, "left behind:", err)
		code = max(code, 1)
	}
	if err := os.RemoveAll(root); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// end takes a host down whatever state the test left it in.
func (h *Host) end(tb testing.TB) {
	if tb.Failed() && h.agent != nil {
		tb.Log(h.agent.tail())
	}
	h.agent.kill()
	h.note()
	if verdict, err := os.ReadFile(filepath.Join(h.stateDir(), verdictFile)); err == nil {
		_ = os.WriteFile(filepath.Join(root, verdictFile), verdict, 0o600) // losing it only costs time
	}
	if h.lv == nil {
		h.StartLibvirt(tb)
	}
	_ = syscall.Kill(h.lv.Pid(), syscall.SIGCONT)
	for id, running := range h.Domains(tb) {
		if running {
			h.Virsh(tb, "destroy", id)
		}
		if _, still := h.Domains(tb)[id]; still {
			h.Virsh(tb, "undefine", id)
		}
	}
	h.StopLibvirt()
	nets, err := tenantnet.New(tenantnet.Config{Host: h.ID, StateDir: h.stateDir(), RunDir: h.runDir()})
	if err != nil {
		tb.Error(err)
		return
	}
	defer nets.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	routers, err := nets.AllJoined()
	if err != nil {
		tb.Error(err)
	}
	for _, r := range routers {
		if err := nets.Part(ctx, r.ID); err != nil {
			tb.Error(err)
		}
	}
	for _, id := range h.Networks() {
		if err := nets.Delete(ctx, id); err != nil {
			tb.Error(err)
		}
	}
	for tap := range traces.taps {
		for _, family := range []string{"bridge", "ip"} {
			_ = exec.CommandContext(ctx, "nft", "delete", "table", family, tap).Run() // absent when all went well
		}
	}
}

// Networks are the ids of the networks that the agent has on record.
func (h *Host) Networks() []string {
	files, _ := filepath.Glob(filepath.Join(h.stateDir(), "networks", "*.json")) // the pattern is fixed
	out := make([]string, len(files))
	for i, f := range files {
		out[i] = strings.TrimSuffix(filepath.Base(f), ".json")
	}
	return out
}

// note writes down what the host has outside of Root.
func (h *Host) note() {
	traces.Lock()
	defer traces.Unlock()
	for _, id := range h.Networks() {
		traces.networks[id] = true
	}
	disks, err := pool.New(h.Pool, "", h.ID)
	if err != nil {
		return
	}
	servers, err := disks.Servers()
	if err != nil {
		return
	}
	for _, id := range servers {
		if s, err := disks.Server(id); err == nil {
			for _, nic := range s.Interfaces {
				traces.taps[tenantnet.TapName(id, nic.MAC)] = true
			}
		}
	}
}

// Left lists what the machine has outside of its disks of a network or server: bridge, namespace, rules.
func Left(id string) []string {
	out := NetworkLeft(id)
	hash := sha256.Sum256([]byte(id))
	tap := tenantnet.TapName(id, fmt.Sprintf("52:54:00:%02x:%02x:%02x", hash[0], hash[1], hash[2])) // how kinds gives cards their addresses
	for _, table := range []string{tap, tenantnet.BridgeName(id)} {
		if bytes.Contains(rules(), []byte(" "+table+"\n")) {
			out = append(out, "rules of "+table)
		}
	}
	return out
}

// rules are the names of all tables of packet rules.
func rules() []byte {
	tables, err := exec.Command("nft", "list", "tables").Output()
	if err != nil {
		return []byte(err.Error())
	}
	return tables
}

// NetworkLeft lists what the machine has of a network: bridge, namespace.
func NetworkLeft(id string) (out []string) {
	if _, err := netlink.LinkByName(tenantnet.BridgeName(id)); err == nil {
		out = append(out, "bridge "+tenantnet.BridgeName(id))
	}
	if _, err := os.Stat("/run/netns/" + tenantnet.NamespaceName(id)); err == nil {
		out = append(out, "namespace "+tenantnet.NamespaceName(id))
	}
	return out
}

// leaks lists processes, mounts, networks and rules of this run.
func leaks() error {
	var left []error
	for id := range traces.networks {
		for _, what := range Left(id) {
			left = append(left, errors.New(what))
		}
	}
	for tap := range traces.taps {
		if bytes.Contains(rules(), []byte(" "+tap+"\n")) {
			left = append(left, errors.New("rules of "+tap))
		}
	}
	if mounts, err := os.ReadFile("/proc/self/mountinfo"); err == nil && bytes.Contains(mounts, []byte(root)) {
		left = append(left, errors.New("a mount below "+root))
	}
	for _, p := range Processes() {
		left = append(left, fmt.Errorf("process %s", p))
	}
	return errors.Join(left...)
}

// Processes are the programs that have a path below Root in their command line.
func Processes() (out []string) {
	entries, _ := os.ReadDir("/proc") // there is always one
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		line, err := os.ReadFile("/proc/" + e.Name() + "/cmdline")
		if text := strings.ReplaceAll(string(line), "\x00", " "); err == nil && strings.Contains(text, root+"/") {
			out = append(out, e.Name()+" "+text[:min(len(text), 160)])
		}
	}
	return out
}
