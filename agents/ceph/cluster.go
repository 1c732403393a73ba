//go:build ceph

package ceph

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/plazacloud/plaza/pkg/provider"
)

// GetCluster reads the whole of the cluster. Without a manager the sizes of single disks are missing, and what pools hold
// is as it was told last.
func (d *Driver) GetCluster(ctx context.Context, _ string) (provider.ClusterState, error) {
	st := provider.ClusterState{ObservedAt: time.Now().UTC()}
	for _, read := range []func(context.Context, *provider.ClusterState) error{d.readHealth, d.readMonitors, d.readVersion, d.readPools, d.readDisks} {
		if err := read(ctx, &st); err != nil {
			return st, err
		}
	}
	fs, err := d.fileSystems(ctx)
	for _, f := range fs {
		st.FS = append(st.FS, f.Name)
	}
	return st, err
}

func (d *Driver) readHealth(ctx context.Context, st *provider.ClusterState) error {
	var out struct {
		Status string `json:"status"`
		Checks map[string]struct {
			Severity string `json:"severity"`
			Muted    bool   `json:"muted"`
			Summary  struct {
				Message string `json:"message"`
			} `json:"summary"`
		} `json:"checks"`
	}
	err := d.mon(ctx, &out, command{"prefix": "health"})
	st.Health = out.Status
	for code, c := range out.Checks {
		if !c.Muted {
			st.Checks = append(st.Checks, provider.HealthCheck{Code: code, Severity: c.Severity, Message: c.Summary.Message})
		}
	}
	slices.SortFunc(st.Checks, func(a, b provider.HealthCheck) int { return strings.Compare(a.Code, b.Code) })
	return err
}

type monMap struct {
	FSID string `json:"fsid"`
	Mons []struct {
		Name  string `json:"name"`
		Addrs struct {
			Vector []struct {
				Type string `json:"type"`
				Addr string `json:"addr"`
			} `json:"addrvec"`
		} `json:"public_addrs"`
	} `json:"mons"`
}

// addresses are what every client understands: the older messenger's where a monitor speaks it, which kernels mount by.
func (m monMap) addresses() (out []string) {
	for _, mon := range m.Mons {
		chosen := ""
		for _, a := range mon.Addrs.Vector {
			if chosen == "" || a.Type == "v1" {
				chosen = a.Addr
			}
		}
		if chosen != "" {
			out = append(out, chosen)
		}
	}
	return out
}

func (d *Driver) readMonitors(ctx context.Context, st *provider.ClusterState) error {
	var out struct {
		Names []string `json:"quorum_names"`
		Map   monMap   `json:"monmap"`
	}
	err := d.mon(ctx, &out, command{"prefix": "quorum_status"})
	st.FSID, st.Quorum, st.Monitors = out.Map.FSID, out.Names, out.Map.addresses()
	return err
}

var versionNumber = regexp.MustCompile(`\d+\.\d+\.\d+`)

func (d *Driver) readVersion(ctx context.Context, st *provider.ClusterState) error {
	var out struct {
		Version string `json:"version"`
	}
	err := d.mon(ctx, &out, command{"prefix": "version"})
	st.Version = versionNumber.FindString(out.Version)
	return err
}

func (d *Driver) readPools(ctx context.Context, st *provider.ClusterState) error {
	use, err := d.usage(ctx)
	if err != nil {
		return err
	}
	st.TotalBytes, st.UsedBytes, st.FreeBytes = use.Stats.Total, use.Stats.Used, use.Stats.Free
	pools, err := d.pools(ctx)
	if err != nil {
		return err
	}
	rules, err := d.rules(ctx)
	for _, p := range pools {
		st.Pools = append(st.Pools, stateOf(p, rules, use))
	}
	return err
}

// usageRows is what `df` tells.
type usageRows struct {
	Stats struct {
		Total int64 `json:"total_bytes"`
		Used  int64 `json:"total_used_raw_bytes"`
		Free  int64 `json:"total_avail_bytes"`
	} `json:"stats"`
	Pools []struct {
		ID    int `json:"id"`
		Stats struct {
			Stored  int64 `json:"stored"`
			Objects int64 `json:"objects"`
			Used    int64 `json:"bytes_used"`
			Free    int64 `json:"max_avail"`
		} `json:"stats"`
	} `json:"pools"`
}

func (d *Driver) usage(ctx context.Context) (out usageRows, err error) {
	err = d.mon(ctx, &out, command{"prefix": "df"})
	return out, err
}

func stateOf(p poolRow, rules map[int]string, use usageRows) provider.DataPoolState {
	st := provider.DataPoolState{Name: p.Name, Application: p.application(), Erasure: p.erasure(), Size: p.Size, MinSize: p.MinSize, PGs: p.PGs,
		Rule: rules[p.Rule], QuotaBytes: p.QuotaBytes}
	for _, u := range use.Pools {
		if u.ID == p.ID {
			st.StoredBytes, st.UsedBytes, st.FreeBytes, st.Objects = u.Stats.Stored, u.Stats.Used, u.Stats.Free, u.Stats.Objects
		}
	}
	if p.QuotaBytes > 0 {
		st.FreeBytes = min(st.FreeBytes, max(p.QuotaBytes-st.StoredBytes, 0))
	}
	return st
}

func (d *Driver) readDisks(ctx context.Context, st *provider.ClusterState) error {
	tree, err := d.tree(ctx)
	if err != nil {
		return err
	}
	st.Disks = disksOf(tree)
	var df struct {
		Nodes []struct {
			ID   int   `json:"id"`
			KB   int64 `json:"kb"`
			Used int64 `json:"kb_used"`
		} `json:"nodes"`
	}
	if err := d.mgr(ctx, &df, command{"prefix": "osd df"}); err != nil {
		d.log.Warn("the use of single disks is not told", "error", err)
		return nil
	}
	for _, n := range df.Nodes {
		if i := slices.IndexFunc(st.Disks, func(x provider.ClusterDisk) bool { return x.ID == n.ID }); i >= 0 {
			st.Disks[i].TotalBytes, st.Disks[i].UsedBytes = n.KB<<10, n.Used<<10
		}
	}
	return nil
}

func disksOf(tree []treeRow) (out []provider.ClusterDisk) {
	host := map[int]string{}
	for _, n := range tree {
		if n.Type == "host" {
			for _, id := range n.Children {
				host[id] = n.Name
			}
		}
	}
	for _, n := range tree {
		if n.Type == "osd" {
			out = append(out, provider.ClusterDisk{ID: n.ID, Name: n.Name, Host: host[n.ID], Class: n.Class, Up: n.Status == "up", In: n.Reweight > 0})
		}
	}
	slices.SortFunc(out, func(a, b provider.ClusterDisk) int { return a.ID - b.ID })
	return out
}
