package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

const (
	dataEvery = 500 * time.Millisecond // between looks for a disk that is not there yet
	dataTell  = 30 * time.Second       // between words of it
	unripe    = ".new"                 // ends the label of a file system that is still being filled
	blankEnds = 1 << 20                // of a disk, that must be zero at both ends to count as blank
)

// mountData mounts the volumes the seed asks for, and waits for disks that are attached late. Services that keep their data
// there must not start without: an error means that they do not.
func (g *guest) mountData(ctx context.Context, volumes []cloudinit.DataVolume) error {
	for _, v := range volumes {
		if err := g.mountVolume(ctx, v); err != nil {
			return fmt.Errorf("%s on %s: %w", v.Label, v.Path, err)
		}
		g.console.stage("volume " + v.Label + " on " + v.Path)
	}
	return nil
}

func (g *guest) mountVolume(ctx context.Context, v cloudinit.DataVolume) error {
	told := time.Now()
	for {
		device, ripe, err := findData(v.Label)
		switch {
		case err != nil:
			return err
		case device != "" && !ripe:
			if err := g.fillData(ctx, device, v); err != nil {
				return err
			}
			continue
		case device != "":
			return mountAndGrow(device, v.Path)
		}
		if time.Since(told) > dataTell {
			told = time.Now()
			g.console.warn(fmt.Sprintf("no disk is labelled %s, and none is blank: waiting for one to be attached", v.Label))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(dataEvery):
		}
	}
}

// findData looks for a disk with this label, else for one that was not filled to its end, else for a blank one.
func findData(label string) (device string, ripe bool, err error) {
	var devices []string
	for _, pattern := range []string{"/dev/vd[b-z]", "/dev/sd[a-z]"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return "", false, err
		}
		devices = append(devices, found...)
	}
	slices.Sort(devices)
	for _, ask := range []func(string) bool{
		func(d string) bool { return ext4Label(d) == label },
		func(d string) bool { return ext4Label(d) == label+unripe },
		isBlank,
	} {
		if i := slices.IndexFunc(devices, ask); i >= 0 {
			return devices[i], ext4Label(devices[i]) == label, nil
		}
	}
	return "", false, nil
}

// ext4Label reads the name of the ext4 file system on the whole of a disk; empty for anything else.
func ext4Label(device string) string {
	block := make([]byte, 1024)
	if readAt(device, block, 1024) != nil || binary.LittleEndian.Uint16(block[0x38:]) != 0xEF53 {
		return ""
	}
	name, _, _ := strings.Cut(string(block[0x78:0x88]), "\x00")
	return name
}

// isBlank tells whether nobody has written to a disk: its ends, where every file system and partition table has its marks, are zero.
func isBlank(device string) bool {
	file, err := os.Open(device)
	if err != nil {
		return false
	}
	defer file.Close()
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil || size < 2*blankEnds {
		return false
	}
	zero, block := make([]byte, blankEnds), make([]byte, blankEnds)
	for _, at := range []int64{0, size - blankEnds} {
		if _, err := file.ReadAt(block, at); err != nil || !bytes.Equal(block, zero) {
			return false
		}
	}
	return true
}

func readAt(path string, into []byte, at int64) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.ReadAt(into, at)
	return err
}

// fillData makes a file system that begins with what the image has at the path. It gets its label last, so that a power cut
// before makes it be done anew.
func (g *guest) fillData(ctx context.Context, device string, v cloudinit.DataVolume) error {
	g.console.stage("volume " + v.Label + " is new")
	tool := func(argv ...string) error {
		return g.runLogged(ctx, "volumes", spec{argv: argv, env: baseEnv(), dir: "/"})
	}
	if err := tool("mke2fs", "-q", "-F", "-t", "ext4", "-E", "nodiscard,lazy_itable_init=1,lazy_journal_init=1", "-L", v.Label+unripe, device); err != nil {
		return err
	}
	place := "/run/plaza/volume"
	if err := os.MkdirAll(place, 0o700); err != nil {
		return err
	}
	if err := unix.Mount(device, place, "ext4", unix.MS_NOATIME, ""); err != nil {
		return fmt.Errorf("mount %s: %w", device, err)
	}
	err := os.MkdirAll(v.Path, 0o755)
	if err == nil {
		err = tool("cp", "-a", v.Path+"/.", place)
	}
	if err := errors.Join(err, unix.Unmount(place, 0)); err != nil {
		return err
	}
	return tool("tune2fs", "-L", v.Label, device)
}

// mountAndGrow mounts a volume, which may have grown since it was last here.
func mountAndGrow(device, path string) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(device, path, "ext4", unix.MS_NOATIME|unix.MS_NOSUID|unix.MS_NODEV, ""); err != nil {
		return fmt.Errorf("mount %s: %w", device, err)
	}
	_, err := grow(path)
	return err
}

// mounted are the paths of the file systems of a type, beside the root's.
func mounted(kind string) []string {
	text, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return nil
	}
	var paths []string
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 2 && f[2] == kind && f[1] != "/" {
			paths = append(paths, f[1])
		}
	}
	return paths
}
