//go:build ceph

package ceph

import (
	"context"
	"slices"

	"github.com/plazacloud/plaza/pkg/provider"
)

// poolRow is a pool as `osd pool ls detail` tells it.
type poolRow struct {
	ID           int            `json:"pool_id"`
	Name         string         `json:"pool_name"`
	Type         int            `json:"type"` // 1 replicated, 3 erasure coded
	Size         int            `json:"size"`
	MinSize      int            `json:"min_size"`
	PGs          int            `json:"pg_num_target"`
	Rule         int            `json:"crush_rule"`
	QuotaBytes   int64          `json:"quota_max_bytes"`
	Profile      string         `json:"erasure_code_profile"`
	Flags        string         `json:"flags_names"`
	Applications map[string]any `json:"application_metadata"`
}

const typeErasure = 3

func (p poolRow) erasure() bool { return p.Type == typeErasure }

func (p poolRow) is(application string) bool { _, ok := p.Applications[application]; return ok }

// application is the one a pool is for; a pool may have none, or, by hand, several.
func (p poolRow) application() string {
	names := make([]string, 0, len(p.Applications))
	for name := range p.Applications {
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

func (d *Driver) pools(ctx context.Context) (out []poolRow, err error) {
	err = d.mon(ctx, &out, command{"prefix": "osd pool ls", "detail": "detail"})
	return out, err
}

func find(pools []poolRow, name string) int {
	return slices.IndexFunc(pools, func(p poolRow) bool { return p.Name == name })
}

// fsRow is a file system as `fs ls` tells it; the first data pool is its own.
type fsRow struct {
	Name      string   `json:"name"`
	Metadata  string   `json:"metadata_pool"`
	DataPools []string `json:"data_pools"`
}

func (d *Driver) fileSystems(ctx context.Context) (out []fsRow, err error) {
	err = d.mon(ctx, &out, command{"prefix": "fs ls"})
	return out, err
}

// fileSystem is the one shares are made in.
func (d *Driver) fileSystem(ctx context.Context) (fsRow, error) {
	all, err := d.fileSystems(ctx)
	if err != nil {
		return fsRow{}, err
	}
	for _, fs := range all {
		if d.cfg.FS == "" || fs.Name == d.cfg.FS {
			return fs, nil
		}
	}
	return fsRow{}, provider.Errorf(provider.ReasonConflict, "make one: ceph fs volume create", "the cluster has no file system %s", d.cfg.FS)
}

// treeRow is a bucket or disk of the CRUSH hierarchy as `osd tree` tells it.
type treeRow struct {
	ID       int     `json:"id"`
	Name     string  `json:"name"`
	Type     string  `json:"type"` // root, rack, host, osd …
	Class    string  `json:"device_class"`
	Children []int   `json:"children"`
	Status   string  `json:"status"`
	Reweight float64 `json:"reweight"`
}

func (d *Driver) tree(ctx context.Context) ([]treeRow, error) {
	var out struct {
		Nodes []treeRow `json:"nodes"`
	}
	err := d.mon(ctx, &out, command{"prefix": "osd tree"})
	return out.Nodes, err
}

// domains counts the buckets of a type that have a disk of a class below them; any class when that is empty.
func domains(tree []treeRow, typ, class string) int {
	rows := map[int]treeRow{}
	for _, n := range tree {
		rows[n.ID] = n
	}
	var has func(n treeRow) bool
	has = func(n treeRow) bool {
		if n.Type == "osd" {
			return class == "" || n.Class == class
		}
		return slices.ContainsFunc(n.Children, func(id int) bool { return has(rows[id]) })
	}
	count := 0
	for _, n := range tree {
		if n.Type == typ && has(n) {
			count++
		}
	}
	return count
}
