// Package pool keeps one host's disk files: images, volumes, and the disks, seed and console log of each server.
//
//	images/<id>/   image.json disk kernel initrd    immutable, complete or absent
//	volumes/<id>/  disk.qcow2 volume.json
//	snapshots/<id>/  disk.qcow2 snapshot.json      of volumes; complete copies
//	backups/<id>/  disk.qcow2 backup.json          the same, compressed; the folder may be on another file system
//	servers/<id>/  disk0.qcow2 … seed.iso console.log
//
// Each folder is made aside and renamed, or its files are: a kill leaves nothing that looks finished.
package pool

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"

	"github.com/plazacloud/plaza/agents/kvm/bound"
	"github.com/plazacloud/plaza/pkg/provider"
)

const gib = 1 << 30

// Pool is a folder tree on one file system, with backups where they are wanted. Callers serialise calls on one id.
type Pool struct {
	dir     string
	backups string
	host    string
}

// New makes the tree. QEMU may run as another user: folders can be entered by all, not listed. backups is the folder of
// backups; "" is backups in dir.
func New(dir, backups, host string) (*Pool, error) {
	if backups == "" {
		backups = filepath.Join(dir, "backups")
	}
	p := &Pool{host: host}
	for into, folder := range map[*string]string{&p.dir: dir, &p.backups: backups} {
		abs, err := filepath.Abs(folder)
		if err != nil {
			return nil, provider.Errorf(provider.ReasonInvalid, "", "pool folder: %w", err)
		}
		*into = abs
	}
	for _, sub := range []string{"images", "volumes", "snapshots", "backups", "servers"} {
		if err := os.MkdirAll(p.path(sub), 0o711); err != nil { //nolint:gosec // see above
			return nil, fileError("pool folder", err)
		}
	}
	return p, nil
}

// Dir is the root of the tree.
func (p *Pool) Dir() string { return p.dir }

// path is that of an entry, or of a file in it; the first part is the folder's name.
func (p *Pool) path(parts ...string) string {
	if parts[0] == "backups" {
		return filepath.Join(append([]string{p.backups}, parts[1:]...)...)
	}
	return filepath.Join(append([]string{p.dir}, parts...)...)
}

// CheckID refuses anything but a lower-case UUID: ids become paths.
func CheckID(id string) error {
	if u, err := uuid.Parse(id); err != nil || u.String() != id {
		return provider.Errorf(provider.ReasonInvalid, "ids are lower-case UUIDs", "id %q is not a UUID", id)
	}
	return nil
}

// possible tells whether an entry may have this id at all; what cannot exist is deleted already.
func possible(id string) bool { return CheckID(id) == nil }

// ids lists the finished entries of a folder.
func (p *Pool) ids(sub string) ([]string, error) {
	entries, err := os.ReadDir(p.path(sub))
	if err != nil {
		return nil, fileError("list "+sub, err)
	}
	var ids []string
	for _, e := range entries {
		if possible(e.Name()) {
			ids = append(ids, e.Name())
		}
	}
	return ids, nil
}

func fileError(what string, err error) error {
	if noSpace(err) {
		return provider.Errorf(provider.ReasonNoSpace, "free space in the storage pool or delete images", "%s: %w", what, err)
	}
	return provider.Errorf(provider.ReasonInternal, "", "%s: %w", what, err)
}

func noSpace(err error) bool { return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) }

// qemuImg runs the field's tool for disk images.
func qemuImg(ctx context.Context, args ...string) error {
	return ran(exec.CommandContext(ctx, "qemu-img", args...))
}

// ran runs a qemu-img, and tells what it said when that failed.
func ran(cmd *exec.Cmd) error {
	verb := cmd.Args[1]
	var said bytes.Buffer
	cmd.Stderr = &said
	err := bound.Run(cmd)
	if err == nil {
		return nil
	}
	text := strings.TrimSpace(said.String())
	switch {
	case strings.Contains(text, "No space left"), strings.Contains(text, "Disk quota exceeded"):
		return provider.Errorf(provider.ReasonNoSpace, "free space in the storage pool", "qemu-img %s: %s", verb, text)
	case strings.Contains(text, `Failed to get "write" lock`):
		return provider.Errorf(provider.ReasonConflict, "stop the server that uses it", "qemu-img %s: %s", verb, text)
	case strings.Contains(text, "Invalid password"):
		return provider.Errorf(provider.ReasonConflict, "the key that Plaza keeps is another one", "qemu-img %s: %s", verb, text)
	case errors.Is(err, exec.ErrNotFound):
		return provider.Errorf(provider.ReasonUnavailable, "install qemu-utils", "qemu-img is not installed: %w", err)
	}
	return provider.Errorf(provider.ReasonInternal, "", "qemu-img %s: %w: %s", verb, err, text)
}

func readJSON(path string, into any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

func writeJSON(path string, value any) error {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	tmp := path + ".part"
	if err := os.WriteFile(tmp, data, 0o600); err != nil {
		_ = os.Remove(tmp)
		return err
	}
	return os.Rename(tmp, path)
}

func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// allocated is what a file takes on disk, not what it claims.
func allocated(path string) int64 {
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil {
		return 0
	}
	return st.Blocks * 512
}
