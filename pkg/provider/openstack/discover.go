package openstack

import (
	"context"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"

	"github.com/plazacloud/plaza/pkg/provider"
)

var _ provider.Discoverer = (*Driver)(nil)

// discoveryPage is how many objects a service is asked for at a time.
const discoveryPage = 500

// survey is one look at the region: names of tenants, and how things are wired, for all kinds.
type survey struct {
	d       *Driver
	tenants map[string]string // names by Keystone's id
	wired   wiring
}

// Discover lists everything in the region, all tenants' and nobody's. Ports are read first, as servers and networks both
// need them; the rest is asked for side by side.
func (d *Driver) Discover(ctx context.Context, place string) (provider.Discovery, error) {
	out := provider.Discovery{StartedAt: time.Now().UTC(), Read: map[string]bool{}, Failed: map[string]string{}}
	if err := d.checkPlace(place); err != nil {
		return out, err
	}
	names, err := d.tenantNames(ctx)
	if err != nil {
		return out, err
	}
	g := survey{d: d, tenants: names}
	if g.wired, err = d.wiring(ctx, ""); err != nil {
		out.Failed["network"], out.Failed["server"] = err.Error(), err.Error()
	}
	parts := map[string]func(context.Context) ([]provider.Found, error){"server": g.servers, "volume": g.volumes, "snapshot": g.snapshots, "backup": g.backups, "network": g.networks, "router": g.routers, "image": g.images}
	if there, err := d.cloud.has(ctx, baremetal); err == nil && there {
		parts["baremetal"] = g.machines
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for kind, read := range parts {
		if out.Failed[kind] != "" {
			continue
		}
		wg.Go(func() {
			found, err := read(ctx)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				out.Failed[kind] = err.Error()
				return
			}
			out.Read[kind] = true
			out.Found = append(out.Found, found...)
		})
	}
	wg.Wait()
	return out, ctx.Err()
}

// tenantNames are the names of Keystone's projects by id.
func (d *Driver) tenantNames(ctx context.Context) (map[string]string, error) {
	c, err := d.cloud.client(ctx, identity, "")
	if err != nil {
		return nil, err
	}
	pages, err := projects.List(c, projects.ListOpts{}).AllPages(ctx)
	if err != nil {
		return nil, mapped("list projects", err)
	}
	all, err := projects.ExtractProjects(pages)
	if err != nil {
		return nil, mapped("list projects", err)
	}
	names := make(map[string]string, len(all))
	for _, p := range all {
		names[p.ID] = p.Name
	}
	return names, nil
}

// found fills in what all kinds have, and remembers whose it is.
func (g survey) found(kind, backend, name, id, tenant string, created time.Time, f provider.Facts) provider.Found {
	g.d.ids.put(kind, backend, id)
	return provider.Found{Kind: kind, Backend: backend, Name: name, PlazaID: id, Tenant: tenant, TenantName: g.tenants[tenant], Created: created.UTC(), Facts: f}
}

// admin is a service's client in the driver's own project, which sees all projects.
func (g survey) admin(ctx context.Context, s service) (*gophercloud.ServiceClient, error) {
	return g.d.cloud.client(ctx, s, "")
}
