package openstack

import (
	"context"

	"github.com/gophercloud/gophercloud/v2/openstack/baremetal/v1/nodes"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"

	"github.com/plazacloud/plaza/pkg/provider"
)

func (g survey) servers(ctx context.Context) ([]provider.Found, error) {
	c, err := g.admin(ctx, compute)
	if err != nil {
		return nil, err
	}
	pages, err := servers.List(c, servers.ListOpts{AllTenants: true, Limit: discoveryPage}).AllPages(ctx)
	if err != nil {
		return nil, mapped("list servers", err)
	}
	all, err := servers.ExtractServers(pages)
	if err != nil {
		return nil, mapped("list servers", err)
	}
	var out []provider.Found
	for _, s := range all {
		if leaving(s) || plazaOf(s) != "" && neverRan(s) {
			continue
		}
		out = append(out, g.server(s))
	}
	return out, nil
}

func (g survey) server(s servers.Server) provider.Found {
	power, _ := powerOf(s)
	f := provider.Facts{State: s.Status, Power: power, VCPUs: number(s.Flavor["vcpus"]), MemoryMiB: number(s.Flavor["ram"]), SizeGiB: number(s.Flavor["disk"]),
		Cards: g.wired.cards[s.ID]}
	f.Image, _ = s.Image["id"].(string)
	for _, v := range s.AttachedVolumes {
		f.Volumes = append(f.Volumes, v.ID)
	}
	return g.found("server", s.ID, s.Name, plazaOf(s), s.TenantID, s.Created, f)
}

func (g survey) volumes(ctx context.Context) ([]provider.Found, error) {
	all, err := g.d.listVolumes(ctx, volumes.ListOpts{AllTenants: true, Limit: discoveryPage})
	if err != nil {
		return nil, err
	}
	var out []provider.Found
	for _, v := range all {
		if v.Status == "deleting" || v.Status == "error" && isID(v.Metadata[idKey]) {
			continue
		}
		out = append(out, g.volume(v))
	}
	return out, nil
}

func (g survey) volume(v volumes.Volume) provider.Found {
	id := plazaVolume(v)
	if !isID(id) {
		id = ""
	}
	f := provider.Facts{State: v.Status, SizeGiB: v.Size}
	for _, a := range v.Attachments {
		f.AttachedTo = append(f.AttachedTo, a.ServerID)
	}
	return g.found("volume", v.ID, v.Name, id, v.TenantID, v.CreatedAt, f)
}

func (g survey) images(ctx context.Context) ([]provider.Found, error) {
	c, err := g.admin(ctx, image)
	if err != nil {
		return nil, err
	}
	all, err := listImages(ctx, c, images.ListOpts{Limit: discoveryPage})
	if err != nil {
		return nil, err
	}
	var out []provider.Found
	for _, x := range all {
		// Kernels and the like are parts of other images, and snapshots of Plaza's servers are told of with those.
		part := property(x, propPart)
		if x.ContainerFormat == "aki" || x.ContainerFormat == "ari" || part != "" && part != partDisk || imageID(x) != "" && !complete(x) {
			continue
		}
		out = append(out, g.image(x))
	}
	return out, nil
}

func (g survey) image(x images.Image) provider.Found {
	f := provider.Facts{State: string(x.Status), Format: x.DiskFormat, Bytes: x.SizeBytes, SizeGiB: x.MinDiskGigabytes, Visibility: string(x.Visibility)}
	return g.found("image", x.ID, x.Name, imageID(x), x.Owner, x.CreatedAt, f)
}

// imageID is the Plaza id by the tag: Nova copies properties to the snapshots that others take.
func imageID(x images.Image) string {
	for _, t := range x.Tags {
		if id, ok := cutID(t); ok && property(x, propID) == id {
			return id
		}
	}
	return ""
}

func (g survey) machines(ctx context.Context) ([]provider.Found, error) {
	c, err := g.admin(ctx, baremetal)
	if err != nil {
		return nil, err
	}
	pages, err := nodes.ListDetail(c, nodes.ListOpts{Limit: discoveryPage}).AllPages(ctx)
	if err != nil {
		return nil, mapped("list machines", err)
	}
	all, err := nodes.ExtractNodes(pages)
	if err != nil {
		return nil, mapped("list machines", err)
	}
	var out []provider.Found
	for _, n := range all {
		id, _ := n.Extra[idKey].(string)
		if !isID(id) {
			id = ""
		}
		f := provider.Facts{State: n.ProvisionState, Class: n.ResourceClass}
		out = append(out, g.found("baremetal", n.UUID, n.Name, id, n.Owner, n.CreatedAt, f))
	}
	return out, nil
}
