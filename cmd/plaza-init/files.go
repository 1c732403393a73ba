package main

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/plazacloud/plaza/pkg/cloudinit"
)

// writeDurably replaces a file so that a power cut leaves the old or the new one.
func writeDurably(path string, data []byte, mode os.FileMode) error {
	draft, err := os.OpenFile(path+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	defer draft.Close()
	if _, err := draft.Write(data); err != nil {
		return err
	}
	if err := draft.Chmod(mode); err != nil {
		return err
	}
	if err := draft.Sync(); err != nil {
		return err
	}
	if err := os.Rename(path+".part", path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes names made, moved or removed in a directory survive a power cut.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// writeFile carries out one entry of write_files.
func writeFile(entry cloudinit.File) error {
	data, err := entry.Bytes()
	if err != nil {
		return err
	}
	mode, err := entry.Mode()
	if err != nil {
		return err
	}
	if !filepath.IsAbs(entry.Path) {
		return fmt.Errorf("write_files %q: the path must be absolute", entry.Path)
	}
	if err := os.MkdirAll(filepath.Dir(entry.Path), 0o755); err != nil {
		return err
	}
	if entry.Append {
		old, err := os.ReadFile(entry.Path)
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		data = append(old, data...)
	}
	if err := writeDurably(entry.Path, data, mode); err != nil {
		return err
	}
	if entry.Owner == "" {
		return nil
	}
	uid, gid, err := ownerIDs(entry.Owner)
	if err != nil {
		return fmt.Errorf("write_files %s: %w", entry.Path, err)
	}
	return os.Chown(entry.Path, int(uid), int(gid))
}

// ownerIDs resolves "user" or "user:group" by /etc/passwd and /etc/group.
func ownerIDs(owner string) (uid, gid uint32, err error) {
	name, group, hasGroup := strings.Cut(owner, ":")
	account, err := user.Lookup(name)
	if err != nil {
		return 0, 0, err
	}
	groupID := account.Gid
	if hasGroup {
		found, err := user.LookupGroup(group)
		if err != nil {
			return 0, 0, err
		}
		groupID = found.Gid
	}
	u, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return 0, 0, err
	}
	g, err := strconv.ParseUint(groupID, 10, 32)
	return uint32(u), uint32(g), err
}
