//go:build ceph

package ceph

import (
	"context"
	"slices"
	"strings"

	"github.com/plazacloud/plaza/pkg/provider"
)

// Access levels as the cluster calls them.
var levels = map[string]string{"ro": "r", "rw": "rw"}

// clientOf is the name that a client of a share gives, without "client.".
func clientOf(at spot, access string) string { return at.name + "-" + access }

func (at spot) command(verb, client string) command {
	c := command{"prefix": "fs subvolume " + verb, "vol_name": at.fs, "sub_name": at.name, "group_name": at.group}
	if client != "" {
		c["auth_id"] = client
	}
	return c
}

// settleAccess lets in who is wanted, and shuts out and disconnects who is not.
func (d *Driver) settleAccess(ctx context.Context, at spot, want provider.Share) error {
	have, err := d.grants(ctx, at, false)
	if err != nil {
		return err
	}
	for _, g := range have {
		if slices.ContainsFunc(want.Access, func(a provider.Access) bool { return a.Name == g.Name }) {
			continue
		}
		if err := d.shutOut(ctx, at, clientOf(at, g.Name)); err != nil {
			return err
		}
	}
	for _, a := range want.Access {
		i := slices.IndexFunc(have, func(g provider.AccessGrant) bool { return g.Name == a.Name })
		if i >= 0 && have[i].Mode == a.Mode {
			continue
		}
		c := at.command("authorize", clientOf(at, a.Name))
		c["access_level"] = levels[a.Mode]
		if err := d.mgr(ctx, nil, c); err != nil {
			return err
		}
		if i >= 0 && a.Mode == "ro" { // who is in keeps what it had until it comes anew
			if err := d.mgr(ctx, nil, at.command("evict", clientOf(at, a.Name))); err != nil {
				return err
			}
		}
	}
	return nil
}

// shutOut disconnects first: a client that is gone without leaving still holds what taking its right away has to look at, and
// as long as it has that right a call that was cut off is made again. Then it disconnects who has come in between.
func (d *Driver) shutOut(ctx context.Context, at spot, client string) error {
	if err := d.mgr(ctx, nil, at.command("evict", client)); err != nil {
		return err
	}
	if err := d.mgr(ctx, nil, at.command("deauthorize", client)); err != nil && !provider.IsNotFound(err) {
		return err
	}
	return d.mgr(ctx, nil, at.command("evict", client))
}

// grants tells who may enter a share, with their keys when they are asked for.
func (d *Driver) grants(ctx context.Context, at spot, keys bool) ([]provider.AccessGrant, error) {
	var rows []map[string]string // client → level
	if err := d.mgr(ctx, &rows, at.command("authorized_list", "")); err != nil {
		return nil, err
	}
	var out []provider.AccessGrant
	for _, row := range rows {
		for client, level := range row {
			name, ok := strings.CutPrefix(client, at.name+"-")
			if !ok {
				continue // let in by hand
			}
			g := provider.AccessGrant{Access: provider.Access{Name: name, Mode: "rw"}, Client: "client." + client}
			if level == levels["ro"] {
				g.Mode = "ro"
			}
			if keys {
				key, err := d.key(ctx, g.Client)
				if err != nil {
					return nil, err
				}
				g.Key = key
			}
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b provider.AccessGrant) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func (d *Driver) key(ctx context.Context, client string) (string, error) {
	var out struct {
		Key string `json:"key"`
	}
	err := d.mon(ctx, &out, command{"prefix": "auth get-key", "entity": client})
	return out.Key, err
}
