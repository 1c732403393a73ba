package main

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

type mount struct {
	source, target, kind string
	flags                uintptr
	options              string
}

const tight = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC

var kernelMounts = []mount{
	{"proc", "/proc", "proc", tight, ""},
	{"sysfs", "/sys", "sysfs", tight, ""},
	{"devtmpfs", "/dev", "devtmpfs", unix.MS_NOSUID, "mode=0755"},
}

var stateMounts = []mount{
	{"devpts", "/dev/pts", "devpts", unix.MS_NOSUID | unix.MS_NOEXEC, "gid=5,mode=620,ptmxmode=666"},
	{"tmpfs", "/dev/shm", "tmpfs", unix.MS_NOSUID | unix.MS_NODEV, "mode=1777"},
	{"tmpfs", "/run", "tmpfs", unix.MS_NOSUID | unix.MS_NODEV, "mode=0755,size=25%"},
	{"tmpfs", "/tmp", "tmpfs", unix.MS_NOSUID | unix.MS_NODEV, "mode=1777,size=25%"},
}

func mountAll(mounts []mount) error {
	for _, m := range mounts {
		if err := os.MkdirAll(m.target, 0o755); err != nil {
			return err
		}
		err := unix.Mount(m.source, m.target, m.kind, m.flags, m.options)
		if err != nil && !errors.Is(err, unix.EBUSY) { // the kernel may have mounted it already
			return fmt.Errorf("mount %s: %w", m.target, err)
		}
	}
	return nil
}
