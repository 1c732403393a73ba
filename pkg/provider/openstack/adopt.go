package openstack

import (
	"context"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/tags"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/attributestags"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"

	"github.com/plazacloud/plaza/pkg/provider"
)

// marker reads one object of a service, and puts Plaza's label on it or takes it off.
type marker struct {
	of   service
	look func(ctx context.Context, c *gophercloud.ServiceClient, backend string) (provider.Found, error)
	mark func(ctx context.Context, c *gophercloud.ServiceClient, backend, id string) error
	wipe func(ctx context.Context, c *gophercloud.ServiceClient, backend, id string) error
}

// Adopt labels an object as those of Plaza are labelled: servers and networks by a tag, volumes by metadata, images by a
// tag and properties.
func (d *Driver) Adopt(ctx context.Context, place, kind, backend, id string) (provider.Found, error) {
	if err := checkID(id); err != nil {
		return provider.Found{}, err
	}
	var f provider.Found
	err := d.marking(ctx, place, kind, backend, func(m marker, c *gophercloud.ServiceClient) error {
		var err error
		if f, err = m.look(ctx, c, backend); err != nil || f.PlazaID == id {
			return err
		}
		if f.PlazaID != "" {
			return provider.Errorf(provider.ReasonConflict, "adopt each object once", "%s %s is %s %s already", kind, backend, kind, f.PlazaID)
		}
		if err := m.mark(ctx, c, backend, id); err != nil {
			return mapped("label "+kind+" "+backend, err)
		}
		f.PlazaID = id
		d.ids.put(kind, backend, id)
		return nil
	})
	return f, err
}

// Release takes the label off. What carries another id is left alone.
func (d *Driver) Release(ctx context.Context, place, kind, backend, id string) error {
	return d.marking(ctx, place, kind, backend, func(m marker, c *gophercloud.ServiceClient) error {
		f, err := m.look(ctx, c, backend)
		if err != nil || f.PlazaID != id {
			return absentIsFine(err)
		}
		if err := m.wipe(ctx, c, backend, id); err != nil && !isCode(err, http.StatusNotFound) {
			return mapped("release "+kind+" "+backend, err)
		}
		d.ids.forget(kind, id)
		d.ids.plaza.Delete(kind + "/" + backend)
		return nil
	})
}

// marking runs f while no one else labels the object.
func (d *Driver) marking(ctx context.Context, place, kind, backend string, f func(marker, *gophercloud.ServiceClient) error) error {
	if err := d.checkPlace(place); err != nil {
		return err
	}
	m, ok := d.markers()[kind]
	if !ok {
		return provider.Errorf(provider.ReasonInvalid, "server, volume, network or image", "a %s can not be adopted", kind)
	}
	unlock, err := d.locks.Lock(ctx, "label/"+kind+"/"+backend)
	if err != nil {
		return err
	}
	defer unlock()
	c, err := d.cloud.client(ctx, m.of, "")
	if err != nil {
		return err
	}
	return f(m, c)
}

func (d *Driver) markers() map[string]marker {
	g := survey{d: d}
	return map[string]marker{
		"server": {compute,
			func(ctx context.Context, _ *gophercloud.ServiceClient, backend string) (provider.Found, error) {
				s, err := d.look(ctx, backend)
				if err != nil {
					return provider.Found{}, err
				}
				return g.server(*s), nil
			},
			func(ctx context.Context, c *gophercloud.ServiceClient, backend, id string) error {
				return tags.Add(ctx, c, backend, idTag(id)).ExtractErr()
			},
			func(ctx context.Context, c *gophercloud.ServiceClient, backend, id string) error {
				return tags.Delete(ctx, c, backend, idTag(id)).ExtractErr()
			}},
		"volume": {volume,
			func(ctx context.Context, _ *gophercloud.ServiceClient, backend string) (provider.Found, error) {
				v, err := d.lookVolume(ctx, backend)
				if err != nil {
					return provider.Found{}, err
				}
				return g.volume(*v), nil
			},
			func(ctx context.Context, c *gophercloud.ServiceClient, backend, id string) error {
				// gophercloud only replaces all metadata.
				body := map[string]any{"metadata": map[string]string{idKey: id}}
				return ask(c.Post(ctx, c.ServiceURL("volumes", backend, "metadata"), body, nil, &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}}))
			},
			func(ctx context.Context, c *gophercloud.ServiceClient, backend, _ string) error {
				return ask(c.Delete(ctx, c.ServiceURL("volumes", backend, "metadata", idKey), &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}}))
			}},
		"network": {network, d.lookNetwork,
			func(ctx context.Context, c *gophercloud.ServiceClient, backend, id string) error {
				return attributestags.Add(ctx, c, "networks", backend, idTag(id)).ExtractErr()
			},
			func(ctx context.Context, c *gophercloud.ServiceClient, backend, id string) error {
				return attributestags.Delete(ctx, c, "networks", backend, idTag(id)).ExtractErr()
			}},
		"image": {image,
			func(ctx context.Context, c *gophercloud.ServiceClient, backend string) (provider.Found, error) {
				x, err := images.Get(ctx, c, backend).Extract()
				if err != nil {
					return provider.Found{}, mapped("look at image "+backend, err)
				}
				return g.image(*x), nil
			}, markImage, wipeImage},
	}
}

// lookNetwork reads a network with its addresses in use; one that leads outside is nobody's.
func (d *Driver) lookNetwork(ctx context.Context, c *gophercloud.ServiceClient, backend string) (provider.Found, error) {
	var n foundNet
	if err := networks.Get(ctx, c, backend).ExtractInto(&n); err != nil {
		return provider.Found{}, mapped("look at network "+backend, err)
	}
	if n.External {
		return provider.Found{}, provider.Errorf(provider.ReasonInvalid, "addresses of it are given out with published ports", "network %s leads outside: it is no tenant's", n.Name)
	}
	subs, err := subnetsOf(ctx, c, backend)
	if err != nil {
		return provider.Found{}, err
	}
	g := survey{d: d}
	if g.wired, err = d.wiring(ctx, backend); err != nil {
		return provider.Found{}, err
	}
	return g.network(n, subs), nil
}

// markImage sets the tag last: by it the image counts as Plaza's.
func markImage(ctx context.Context, c *gophercloud.ServiceClient, backend, id string) error {
	_, err := images.Update(ctx, c, backend, images.UpdateOpts{
		images.UpdateImageProperty{Op: images.AddOp, Name: propID, Value: id},
		images.UpdateImageProperty{Op: images.AddOp, Name: propPart, Value: partDisk},
		images.UpdateImageProperty{Op: images.AddOp, Name: propSHA256, Value: provider.AdoptedSum},
	}).Extract()
	if err != nil {
		return err
	}
	return ask(c.Put(ctx, c.ServiceURL("images", backend, "tags", idTag(id)), nil, nil, &gophercloud.RequestOpts{OkCodes: []int{http.StatusNoContent}}))
}

func wipeImage(ctx context.Context, c *gophercloud.ServiceClient, backend, id string) error {
	err := ask(c.Delete(ctx, c.ServiceURL("images", backend, "tags", idTag(id)), &gophercloud.RequestOpts{OkCodes: []int{http.StatusNoContent}}))
	if err != nil {
		return err
	}
	_, err = images.Update(ctx, c, backend, images.UpdateOpts{
		images.UpdateImageProperty{Op: images.RemoveOp, Name: propID}, images.UpdateImageProperty{Op: images.RemoveOp, Name: propPart},
		images.UpdateImageProperty{Op: images.RemoveOp, Name: propSHA256},
	}).Extract()
	return err
}

// ask drops the answer of a request that only its status matters of.
func ask(_ *http.Response, err error) error { return err }

// AdoptTenant lets Plaza act in the tenant, and makes it that of the project, so that servers, volumes and networks of
// both find together. Conflict when either has a counterpart, or the tenant is in a domain where Plaza makes none.
func (d *Driver) AdoptTenant(ctx context.Context, place, tenant, project string) error {
	if err := d.checkPlace(place); err != nil {
		return err
	}
	unlock, err := d.locks.Lock(ctx, "project/"+project)
	if err != nil {
		return err
	}
	defer unlock()
	login, err := d.cloud.login(ctx, "")
	if err != nil {
		return err
	}
	c, err := d.cloud.client(ctx, identity, "")
	if err != nil {
		return err
	}
	p, err := projects.Get(ctx, c, tenant).Extract()
	if err != nil {
		return mapped("look at tenant "+tenant, err)
	}
	if err := d.join(ctx, c, tenant, login.user); err != nil {
		return err
	}
	return d.pair(ctx, c, *p, project)
}

func (d *Driver) pair(ctx context.Context, c *gophercloud.ServiceClient, tenant projects.Project, project string) error {
	for _, t := range tenant.Tags {
		id, ours := cutID(t)
		if ours && id == project {
			return nil
		}
		if ours {
			return provider.Errorf(provider.ReasonConflict, "adopt to that project", "tenant %s is project %s of Plaza already", tenant.Name, id)
		}
	}
	domain, err := d.domain(ctx, c)
	if err != nil {
		return err
	}
	pages, err := projects.List(c, projects.ListOpts{Tags: idTag(project)}).AllPages(ctx)
	if err != nil {
		return mapped("list projects", err)
	}
	others, err := projects.ExtractProjects(pages)
	if err != nil {
		return mapped("list projects", err)
	}
	if len(others) > 0 || tenant.DomainID != domain {
		return provider.Errorf(provider.ReasonConflict, "", "the project has a tenant of its own there, or tenant %s is in another domain than Plaza's", tenant.Name)
	}
	return mapped("label tenant "+tenant.Name, ask(c.Put(ctx, c.ServiceURL("projects", tenant.ID, "tags", idTag(project)), nil, nil,
		&gophercloud.RequestOpts{OkCodes: []int{http.StatusCreated, http.StatusNoContent}})))
}
