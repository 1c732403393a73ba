//go:build ceph

package ceph

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/ceph/go-ceph/cephfs/admin"
	"github.com/ceph/go-ceph/rados"

	"github.com/plazacloud/plaza/pkg/provider"
)

// spot is where a share is: file system and subvolume group.
type spot struct{ fs, group, name string }

var (
	groupName  = regexp.MustCompile(`[^A-Za-z0-9_-]+`)
	clientName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

// groupOf is the subvolume group of a project.
func groupOf(project string) string { return prefix + groupName.ReplaceAllString(project, "-") }

// EnsureShare makes the subvolume in its project's group, sets its size, and lets in exactly those who are wanted.
func (d *Driver) EnsureShare(ctx context.Context, _ string, want provider.Share) (provider.ShareState, error) {
	if err := checkShare(want); err != nil {
		return provider.ShareState{}, err
	}
	unlock, err := d.locks.Lock(ctx, want.ID)
	if err != nil {
		return provider.ShareState{}, err
	}
	defer unlock()
	at, err := d.findShare(ctx, want.ID)
	if provider.IsNotFound(err) {
		at, err = d.createShare(ctx, want)
	}
	if err != nil {
		return provider.ShareState{}, err
	}
	info, err := d.shareInfo(ctx, at)
	if err != nil {
		return provider.ShareState{}, err
	}
	if err := d.resizeShare(ctx, at, info, want.SizeGiB*gib); err != nil {
		return provider.ShareState{}, err
	}
	if err := d.settleAccess(ctx, at, want); err != nil {
		return provider.ShareState{}, err
	}
	return d.readShare(ctx, at, want.ID, true)
}

func checkShare(want provider.Share) error {
	if want.SizeGiB < 1 || want.SizeGiB > 1<<20 {
		return provider.Errorf(provider.ReasonInvalid, "", "a share has between 1 and %d GiB", 1<<20)
	}
	seen := map[string]bool{}
	for _, a := range want.Access {
		if !clientName.MatchString(a.Name) || seen[a.Name] {
			return provider.Errorf(provider.ReasonInvalid, "lower-case letters, digits and dashes, each name once", "%q can not be the name of a client", a.Name)
		}
		if a.Mode != "ro" && a.Mode != "rw" {
			return provider.Errorf(provider.ReasonInvalid, "ro or rw", "%q is not an access mode", a.Mode)
		}
		seen[a.Name] = true
	}
	return checkID("share", want.ID)
}

func (d *Driver) createShare(ctx context.Context, want provider.Share) (spot, error) {
	fs, err := d.fileSystem(ctx)
	if err != nil {
		return spot{}, err
	}
	if want.Pool != "" && !slices.Contains(fs.DataPools, want.Pool) {
		return spot{}, provider.Errorf(provider.ReasonConflict, "make a pool of application cephfs by that name", "file system %s has no data pool %q", fs.Name, want.Pool)
	}
	at := spot{fs.Name, groupOf(want.Project), nameOf(want.ID)}
	opts := admin.SubVolumeOptions{Size: admin.ByteCount(want.SizeGiB * gib), Mode: 0o755, PoolLayout: want.Pool, NamespaceIsolated: true} //nolint:gosec // positive
	for range 3 {                                                                                                                          // a group that loses its last share in this moment is removed with it
		err = d.admin(ctx, "create share", func(fsa *admin.FSAdmin) error {
			if err := fsa.CreateSubVolumeGroup(at.fs, at.group, &admin.SubVolumeGroupOptions{Mode: 0o755}); err != nil {
				return err
			}
			return fsa.CreateSubVolume(at.fs, at.group, at.name, &opts)
		})
		if !provider.IsNotFound(err) {
			break
		}
	}
	if err == nil {
		d.seen.Store(want.ID, at.group)
	}
	return at, err
}

// resizeShare grows a share, or shrinks it as far as it is empty.
func (d *Driver) resizeShare(ctx context.Context, at spot, info *admin.SubVolumeInfo, bytes int64) error {
	if quota, ok := info.BytesQuota.(admin.ByteCount); ok && int64(quota) == bytes { //nolint:gosec // fits
		return nil
	}
	if int64(info.BytesUsed) > bytes { //nolint:gosec // fits
		return provider.Errorf(provider.ReasonConflict, "delete files first, or ask for more", "share %s holds %d bytes, more than %d GiB", idOf(at.name), info.BytesUsed, bytes/gib)
	}
	return d.admin(ctx, "resize share", func(fsa *admin.FSAdmin) error {
		_, err := fsa.ResizeSubVolume(at.fs, at.group, at.name, admin.ByteCount(bytes), true) //nolint:gosec // positive
		return err
	})
}

// GetShare reports one share with the keys to it.
func (d *Driver) GetShare(ctx context.Context, _, id string) (provider.ShareState, error) {
	at, err := d.findShare(ctx, id)
	if err != nil {
		return provider.ShareState{}, err
	}
	return d.readShare(ctx, at, id, true)
}

func (d *Driver) readShare(ctx context.Context, at spot, id string, keys bool) (provider.ShareState, error) {
	info, err := d.shareInfo(ctx, at)
	if err != nil {
		return provider.ShareState{}, err
	}
	st := provider.ShareState{ID: id, Name: at.name, Path: info.Path, FS: at.fs, UsedBytes: int64(info.BytesUsed), ObservedAt: time.Now().UTC()} //nolint:gosec // fits
	if quota, ok := info.BytesQuota.(admin.ByteCount); ok {
		st.SizeGiB = int64(quota / gib) //nolint:gosec // fits
	}
	var mons monMap
	if err := d.mon(ctx, &mons, command{"prefix": "mon dump"}); err != nil {
		return st, err
	}
	st.Monitors = mons.addresses()
	st.Access, err = d.grants(ctx, at, keys)
	return st, err
}

func (d *Driver) shareInfo(ctx context.Context, at spot) (*admin.SubVolumeInfo, error) {
	return ask(ctx, d, "read share", func(c *rados.Conn) (*admin.SubVolumeInfo, error) {
		return admin.NewFromConn(c).SubVolumeInfo(at.fs, at.group, at.name)
	})
}

// DeleteShare shuts everybody out and removes the subvolume; its files are purged by the cluster in its own time.
func (d *Driver) DeleteShare(ctx context.Context, _, id string) error {
	if checkID("share", id) != nil {
		return nil // nothing can be there by such an id
	}
	unlock, err := d.locks.Lock(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	at, err := d.findShare(ctx, id)
	if provider.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := d.settleAccess(ctx, at, provider.Share{ID: id}); err != nil {
		return err
	}
	err = d.admin(ctx, "delete share", func(fsa *admin.FSAdmin) error { return fsa.RemoveSubVolume(at.fs, at.group, at.name) })
	if err != nil && !provider.IsNotFound(err) {
		return err
	}
	d.seen.Delete(id)
	err = d.admin(ctx, "delete group", func(fsa *admin.FSAdmin) error { return fsa.RemoveSubVolumeGroup(at.fs, at.group) })
	if r := provider.ReasonOf(err); r == provider.ReasonConflict || r == provider.ReasonNotFound {
		return nil // it holds other shares, or went with another
	}
	return err
}

// ListShares returns the subvolumes that carry a Plaza id, without keys.
func (d *Driver) ListShares(ctx context.Context, _ string) ([]provider.ShareState, error) {
	out := []provider.ShareState{}
	spots, err := d.spots(ctx)
	if err != nil {
		return nil, err
	}
	for _, at := range spots {
		st, err := d.readShare(ctx, at, idOf(at.name), false)
		if provider.IsNotFound(err) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		out = append(out, st)
	}
	return out, nil
}

// findShare looks where the share was last, then everywhere.
func (d *Driver) findShare(ctx context.Context, id string) (spot, error) {
	gone := provider.Errorf(provider.ReasonNotFound, "", "there is no share %q in the cluster", id)
	if checkID("share", id) != nil {
		return spot{}, gone
	}
	fs, err := d.fileSystem(ctx)
	if provider.ReasonOf(err) == provider.ReasonConflict {
		return spot{}, gone
	}
	if err != nil {
		return spot{}, err
	}
	if group, ok := d.seen.Load(id); ok {
		at := spot{fs.Name, group.(string), nameOf(id)} //nolint:errcheck // groups alone are kept
		if _, err := d.shareInfo(ctx, at); !provider.IsNotFound(err) {
			return at, err
		}
		d.seen.Delete(id)
	}
	spots, err := d.spots(ctx)
	if err != nil {
		return spot{}, err
	}
	for _, at := range spots {
		if at.name == nameOf(id) {
			return at, nil
		}
	}
	return spot{}, gone
}

// spots walks the groups of all projects and remembers what is where.
func (d *Driver) spots(ctx context.Context) ([]spot, error) {
	fs, err := d.fileSystem(ctx)
	if provider.ReasonOf(err) == provider.ReasonConflict {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out, err := ask(ctx, d, "list shares", func(c *rados.Conn) ([]spot, error) { return walk(admin.NewFromConn(c), fs.Name) })
	for _, at := range out {
		d.seen.Store(idOf(at.name), at.group)
	}
	return out, err
}

func walk(fsa *admin.FSAdmin, fs string) (out []spot, err error) {
	groups, err := fsa.ListSubVolumeGroups(fs)
	if err != nil {
		return nil, err
	}
	for _, group := range groups {
		if !strings.HasPrefix(group, prefix) {
			continue
		}
		names, err := fsa.ListSubVolumes(fs, group)
		if err != nil && errnoOf(err) != syscall.ENOENT { // a group may go meanwhile
			return nil, err
		}
		for _, name := range names {
			if idOf(name) != "" {
				out = append(out, spot{fs, group, name})
			}
		}
	}
	return out, nil
}

func (d *Driver) admin(ctx context.Context, what string, f func(*admin.FSAdmin) error) error {
	return d.do(ctx, what, func(c *rados.Conn) error { return f(admin.NewFromConn(c)) })
}
