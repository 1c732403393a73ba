// Package machine reads what the machine is that an agent runs on.
package machine

import (
	"bufio"
	"bytes"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/pkg/provider"
)

// State is what every host has: architecture, kernel, CPUs, memory, load. Name and versions are the caller's to fill in.
func State() provider.HostState {
	mem := meminfo()
	return provider.HostState{Arch: Arch(), Kernel: Kernel(), CPUs: runtime.NumCPU(),
		MemoryMiB: mem["MemTotal"] / 1024, MemoryFreeMiB: mem["MemAvailable"] / 1024, Load1: load1(), BootedAt: bootTime(), ObservedAt: time.Now().UTC()}
}

func uname() unix.Utsname {
	var u unix.Utsname
	_ = unix.Uname(&u) // fails only for a bad address
	return u
}

// Arch is the kernel's word for the processor, such as x86_64.
func Arch() string { u := uname(); return unix.ByteSliceToString(u.Machine[:]) }

// Kernel is its release.
func Kernel() string { u := uname(); return unix.ByteSliceToString(u.Release[:]) }

func meminfo() map[string]int {
	found := map[string]int{}
	data, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return found
	}
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		if f := strings.Fields(s.Text()); len(f) >= 2 {
			found[strings.TrimSuffix(f[0], ":")], _ = strconv.Atoi(f[1])
		}
	}
	return found
}

func load1() float64 {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(data), " ")
	v, _ := strconv.ParseFloat(first, 64)
	return v
}

func bootTime() time.Time {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return time.Time{}
	}
	for line := range strings.Lines(string(data)) {
		if v, ok := strings.CutPrefix(line, "btime "); ok {
			secs, _ := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
			return time.Unix(secs, 0).UTC()
		}
	}
	return time.Time{}
}
