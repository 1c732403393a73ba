package kvm

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
	"libvirt.org/go/libvirt"

	"github.com/plazacloud/plaza/pkg/provider"
)

// GetHost reports what the host has; it answers without libvirtd too, saying why that is missing.
func (d *Driver) GetHost(_ context.Context, host string) (provider.HostState, error) {
	if err := d.checkHost(host); err != nil {
		return provider.HostState{}, err
	}
	st := provider.HostState{
		Name: d.cfg.Host, Arch: machine(), CPUs: runtime.NumCPU(), Kernel: release(), AgentVersion: d.cfg.AgentVersion,
		ObservedAt: time.Now().UTC(), BootedAt: bootTime(), Load1: load1(),
	}
	verdict := d.accel.known()
	st.Accel, st.AccelReason = verdict.Accel, verdict.Reason
	mem := meminfo()
	st.MemoryMiB, st.MemoryFreeMiB = mem["MemTotal"]/1024, mem["MemAvailable"]/1024
	var fs unix.Statfs_t
	if err := unix.Statfs(d.pool.Dir(), &fs); err == nil {
		block := uint64(fs.Bsize)                     //nolint:gosec // positive
		st.DiskGiB = int(fs.Blocks * block >> 30)     //nolint:gosec // fits
		st.DiskFreeGiB = int(fs.Bavail * block >> 30) //nolint:gosec // fits
	}
	if err := d.askLibvirt(&st); err != nil {
		st.LibvirtError = err.Error()
	}
	return st, nil
}

func (d *Driver) askLibvirt(st *provider.HostState) error {
	c, err := d.connect()
	if err != nil {
		return err
	}
	defer closeConn(c)
	lv, err := c.GetLibVersion()
	if err != nil {
		return mapped("libvirt version", err)
	}
	hv, err := c.GetVersion()
	if err != nil {
		return mapped("hypervisor version", err)
	}
	running, err := c.ListAllDomains(libvirt.CONNECT_LIST_DOMAINS_ACTIVE)
	if err != nil {
		return mapped("list servers", err)
	}
	for i := range running {
		if _, _, err := d.describe(&running[i]); err == nil {
			st.RunningServers++
		}
		freeDomain(&running[i])
	}
	st.Libvirt, st.Hypervisor, st.LibvirtUp = dotted(lv), "QEMU "+dotted(hv), true
	return nil
}

// dotted writes libvirt's 1000000*major + 1000*minor + release.
func dotted(v uint32) string {
	return fmt.Sprintf("%d.%d.%d", v/1000000, v/1000%1000, v%1000)
}

func uname() unix.Utsname {
	var u unix.Utsname
	_ = unix.Uname(&u)
	return u
}

func machine() string { u := uname(); return unix.ByteSliceToString(u.Machine[:]) }

func release() string { u := uname(); return unix.ByteSliceToString(u.Release[:]) }

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
