// Package initramfs writes the newc cpio archives that a Linux kernel unpacks as its first root.
package initramfs

import (
	"bytes"
	"fmt"
	"io/fs"
)

// Entry is one file, folder or character device.
type Entry struct {
	Name         string
	Mode         fs.FileMode // type and permission bits
	Major, Minor int         // of a character device
	Data         []byte      // of a file, or the target of a symbolic link
}

// Console is the device that makes an init's output visible.
func Console() []Entry {
	return []Entry{
		{Name: "dev", Mode: fs.ModeDir | 0o755},
		{Name: "dev/console", Mode: fs.ModeDevice | fs.ModeCharDevice | 0o600, Major: 5, Minor: 1},
	}
}

// Build returns the archive; folders must come before what is in them.
func Build(entries []Entry) []byte {
	var b bytes.Buffer
	for i, e := range entries {
		write(&b, i+1, e)
	}
	write(&b, 0, Entry{Name: "TRAILER!!!"})
	return b.Bytes()
}

func write(b *bytes.Buffer, inode int, e Entry) {
	const (
		uid, gid, links, mtime   = 0, 0, 1, 0
		deviceMajor, deviceMinor = 0, 0
		checksum                 = 0
	)
	fmt.Fprintf(b, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", inode, unixMode(e.Mode), uid, gid, links, mtime,
		len(e.Data), deviceMajor, deviceMinor, e.Major, e.Minor, len(e.Name)+1, checksum)
	b.WriteString(e.Name + "\x00")
	pad(b)
	b.Write(e.Data)
	pad(b)
}

func pad(b *bytes.Buffer) {
	for b.Len()%4 != 0 {
		b.WriteByte(0)
	}
}

func unixMode(m fs.FileMode) uint32 {
	bits := uint32(m.Perm())
	switch {
	case m.IsDir():
		return 0o040000 | bits
	case m&fs.ModeCharDevice != 0:
		return 0o020000 | bits
	case m&fs.ModeSymlink != 0:
		return 0o120000 | bits
	}
	return 0o100000 | bits
}
