package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	moduleDir  = "/modules"
	rootWait   = 20 * time.Second
	rootDevice = "/dev/vda"
	newRoot    = "/newroot"
)

// guest is the machine plaza-init runs.
type guest struct {
	console   *console
	processes *processes
	logs      string      // directory of service logs
	later     moduleFiles // those the root disk does not need
	cdrom     moduleFiles // those only a seed on a CD-ROM needs
	ceph      moduleFiles // those only shares need
}

// enter makes the root disk /, from the initrd or as the kernel's own choice of root.
func (g *guest) enter() error {
	if err := mountAll(kernelMounts); err != nil {
		return err
	}
	g.console.stage("init")
	if _, err := os.Stat(moduleDir); err == nil {
		if err := g.leaveInitrd(); err != nil {
			return err
		}
	}
	return mountAll(stateMounts)
}

func (g *guest) leaveInitrd() error {
	if err := g.openModules(); err != nil {
		return err
	}
	g.console.stage("modules")
	device := bootOption("root", rootDevice)
	if err := waitFor(device, rootWait); err != nil {
		return err
	}
	if err := os.MkdirAll(newRoot, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(device, newRoot, "ext4", unix.MS_NOATIME, "noinit_itable"); err != nil {
		return fmt.Errorf("mount %s: %w", device, err)
	}
	if err := switchRoot(); err != nil {
		return err
	}
	g.console.stage("root")
	return nil
}

// switchRoot keeps this process, so the guest pays for starting a Go program once.
func switchRoot() error {
	for _, mount := range kernelMounts {
		if err := unix.Mount(mount.target, newRoot+mount.target, "", unix.MS_MOVE, ""); err != nil {
			return fmt.Errorf("move %s: %w", mount.target, err)
		}
	}
	for _, name := range []string{moduleDir, "/init"} { // gives the initrd's memory back
		_ = os.RemoveAll(name)
	}
	if err := unix.Chdir(newRoot); err != nil {
		return err
	}
	if err := unix.Mount(".", "/", "", unix.MS_MOVE, ""); err != nil {
		return fmt.Errorf("move root: %w", err)
	}
	if err := unix.Chroot("."); err != nil {
		return err
	}
	return unix.Chdir("/")
}

// bootOption reads name=value from the kernel command line.
func bootOption(name, fallback string) string {
	data, err := os.ReadFile("/proc/cmdline")
	if err != nil {
		return fallback
	}
	for _, field := range strings.Fields(string(data)) {
		if value, ok := strings.CutPrefix(field, name+"="); ok {
			return value
		}
	}
	return fallback
}

func waitFor(path string, limit time.Duration) error {
	for end := time.Now().Add(limit); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(path); err == nil {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s did not appear within %s", path, limit)
		}
	}
}
