//go:build ceph

package ceph

import (
	"context"
	"slices"
	"strings"
	"syscall"

	"github.com/ceph/go-ceph/rados"

	"github.com/plazacloud/plaza/pkg/provider"
)

// DeletePool deletes a pool that holds nothing, or, with purge, whatever it holds; its code and rules go with it.
func (d *Driver) DeletePool(ctx context.Context, _, name string, purge bool) error {
	if !poolName.MatchString(name) {
		return provider.Errorf(provider.ReasonInvalid, "", "%q is not the name of a pool that may be deleted", name)
	}
	unlock, err := d.locks.Lock(ctx, "pool/"+name)
	if err != nil {
		return err
	}
	defer unlock()
	pools, err := d.pools(ctx)
	if err != nil {
		return err
	}
	i := find(pools, name)
	if i < 0 {
		return d.dropRest(ctx, name)
	}
	if err := d.refuseFull(ctx, name, purge); err != nil {
		return err
	}
	if err := d.leaveFS(ctx, name); err != nil {
		return err
	}
	err = d.mon(ctx, nil, command{"prefix": "osd pool rm", "pool": name, "pool2": name, "yes_i_really_really_mean_it": true})
	if errnoOf(err) == syscall.EPERM {
		return provider.Errorf(provider.ReasonConflict, "ceph config set mon mon_allow_pool_delete true", "the monitors do not let pools be deleted: %w", err)
	}
	if err != nil && !provider.IsNotFound(err) {
		return err
	}
	return d.dropRest(ctx, name)
}

func (d *Driver) dropRest(ctx context.Context, name string) error {
	if err := d.dropRules(ctx); err != nil {
		return err
	}
	return d.dropCode(ctx, name)
}

// records are what RBD keeps in a pool without any image.
var records = []string{"rbd_directory", "rbd_info", "rbd_children", "rbd_trash", "rbd_namespace", "rbd_mirroring", "rbd_task"}

// refuseFull looks at the pool itself: the counts that the cluster tells are seconds old.
func (d *Driver) refuseFull(ctx context.Context, name string, purge bool) error {
	if purge {
		return nil
	}
	full, err := withPool(ctx, d, "look into pool", name, holdsData)
	if err == nil && full {
		return provider.Errorf(provider.ReasonConflict, "delete what it holds first, or ask for it to be purged", "pool %s holds data", name)
	}
	return err
}

func holdsData(io *rados.IOContext) (bool, error) {
	io.SetNamespace(rados.AllNamespaces)
	it, err := io.Iter()
	if err != nil {
		return false, err
	}
	defer it.Close()
	for it.Next() {
		if !slices.Contains(records, it.Value()) {
			return true, nil
		}
	}
	return false, it.Err()
}

func (d *Driver) leaveFS(ctx context.Context, name string) error {
	all, err := d.fileSystems(ctx)
	if err != nil {
		return err
	}
	for _, fs := range all {
		at := slices.Index(fs.DataPools, name)
		if fs.Metadata == name || at == 0 {
			return provider.Errorf(provider.ReasonConflict, "delete the file system first", "pool %s is what file system %s itself lives on", name, fs.Name)
		}
		if at > 0 {
			if err := d.mon(ctx, nil, command{"prefix": "fs rm_data_pool", "fs_name": fs.Name, "pool": name}); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropCode removes the profile made for a pool that is gone, and before it the rule that came with the pool; while the
// profile is there, a later try knows that something is left.
func (d *Driver) dropCode(ctx context.Context, name string) error {
	var profiles []string
	if err := d.mon(ctx, &profiles, command{"prefix": "osd erasure-code-profile ls"}); err != nil {
		return err
	}
	if !slices.Contains(profiles, nameOf(name)) {
		return nil
	}
	if err := d.mon(ctx, nil, command{"prefix": "osd crush rule rm", "name": name}); err != nil && !provider.IsNotFound(err) {
		return err
	}
	return d.mon(ctx, nil, command{"prefix": "osd erasure-code-profile rm", "name": nameOf(name)})
}

// dropRules removes the rules that Plaza made for pools that are gone.
func (d *Driver) dropRules(ctx context.Context) error {
	unlock, err := d.locks.Lock(ctx, ruleLock)
	if err != nil {
		return err
	}
	defer unlock()
	pools, err := d.pools(ctx)
	if err != nil {
		return err
	}
	rules, err := d.rules(ctx)
	if err != nil {
		return err
	}
	for id, name := range rules {
		if !ours(name) || slices.ContainsFunc(pools, func(p poolRow) bool { return p.Rule == id }) {
			continue
		}
		err := d.mon(ctx, nil, command{"prefix": "osd crush rule rm", "name": name})
		if r := provider.ReasonOf(err); err != nil && r != provider.ReasonNotFound && r != provider.ReasonConflict { // a pool may take it meanwhile
			return err
		}
	}
	return nil
}

// ruleLock keeps rules from being removed between their making and their first pool.
const ruleLock = "crush rules"

func ours(rule string) bool { return strings.HasPrefix(rule, prefix) }

func containsWord(list, word string) bool { return slices.Contains(strings.Split(list, ","), word) }

// rules names the CRUSH rules by their number.
func (d *Driver) rules(ctx context.Context) (map[int]string, error) {
	var rows []struct {
		ID   int    `json:"rule_id"`
		Name string `json:"rule_name"`
	}
	err := d.mon(ctx, &rows, command{"prefix": "osd crush rule dump"})
	out := map[int]string{}
	for _, r := range rows {
		out[r.ID] = r.Name
	}
	return out, err
}
