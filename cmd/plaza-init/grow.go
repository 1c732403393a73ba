package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ext4ResizeFS is EXT4_IOC_RESIZE_FS, _IOW('f', 16, __u64): what resize2fs calls on a mounted file system.
const ext4ResizeFS = 0x40086610

// grow extends the file system mounted on path to the end of its disk. grown is false when it already reached it.
func grow(path string) (grown bool, err error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(path, &stat); err != nil {
		return false, err
	}
	if stat.Type != unix.EXT4_SUPER_MAGIC {
		return false, nil
	}
	size, err := deviceBytes(path)
	if err != nil {
		return false, err
	}
	blocks := size / uint64(stat.Bsize)               //nolint:gosec // a block size is positive
	if blocks <= stat.Blocks+stat.Blocks/16+(8<<10) { // statfs leaves out metadata
		return false, nil
	}
	root, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer root.Close()
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, root.Fd(), ext4ResizeFS, uintptr(unsafe.Pointer(&blocks))); errno != 0 {
		return false, fmt.Errorf("grow %s to %d blocks: %w", path, blocks, errno)
	}
	return true, nil
}

// deviceBytes is the size of the block device that holds path.
func deviceBytes(path string) (uint64, error) {
	var stat unix.Stat_t
	if err := unix.Stat(path, &stat); err != nil {
		return 0, err
	}
	node := fmt.Sprintf("%d:%d", unix.Major(stat.Dev), unix.Minor(stat.Dev))
	data, err := os.ReadFile(filepath.Join("/sys/dev/block", node, "size"))
	if err != nil {
		return 0, err
	}
	sectors, err := strconv.ParseUint(strings.TrimSpace(string(data)), 10, 64)
	return sectors * 512, err
}
