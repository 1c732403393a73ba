package openstack

import (
	"context"
	"net/http"
	"slices"
	"sync"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/domains"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"

	"github.com/plazacloud/plaza/pkg/provider"
)

// tenants remembers the Keystone projects of Plaza's projects.
type tenants struct {
	mu  sync.Mutex
	ids map[string]string
}

// tenant is the id of the Keystone project in which the objects of a project of Plaza are made. It is made by its first
// use, and the driver's user becomes a member of it. An empty project is the driver's own.
func (d *Driver) tenant(ctx context.Context, project string) (string, error) {
	login, err := d.cloud.login(ctx, "")
	if err != nil || project == "" {
		return login.project, err
	}
	d.tenants.mu.Lock()
	id := d.tenants.ids[project]
	d.tenants.mu.Unlock()
	if id != "" {
		return id, nil
	}
	unlock, err := d.locks.Lock(ctx, "project/"+project)
	if err != nil {
		return "", err
	}
	defer unlock()
	c, err := d.cloud.client(ctx, identity, "")
	if err != nil {
		return "", err
	}
	if id, err = d.ensureProject(ctx, c, project); err != nil {
		return "", err
	}
	if err := d.join(ctx, c, id, login.user); err != nil {
		return "", err
	}
	d.tenants.mu.Lock()
	defer d.tenants.mu.Unlock()
	if d.tenants.ids == nil {
		d.tenants.ids = map[string]string{}
	}
	d.tenants.ids[project] = id
	return id, nil
}

func (d *Driver) ensureProject(ctx context.Context, c *gophercloud.ServiceClient, project string) (string, error) {
	domain, err := d.domain(ctx, c)
	if err != nil {
		return "", err
	}
	list := func(opts projects.ListOpts) ([]projects.Project, error) {
		pages, err := projects.List(c, opts).AllPages(ctx)
		if err != nil {
			return nil, mapped("list projects", err)
		}
		return projects.ExtractProjects(pages)
	}
	found, err := list(projects.ListOpts{DomainID: domain, Tags: idTag(project)})
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return found[0].ID, nil
	}
	name := "plaza-" + project // unique in its domain: two makers can not both succeed
	made, err := projects.Create(ctx, c, projects.CreateOpts{
		DomainID: domain, Name: name, Description: "Made by Plaza for its project " + project, Tags: []string{idTag(project)},
	}).Extract()
	if !isCode(err, http.StatusConflict) {
		if err != nil {
			return "", mapped("make project "+name, err)
		}
		// The small limits of a new project go; those that Plaza knows come with the region's next pass, which mends a failure, too.
		if err := d.setLimits(ctx, made.ID, nil); err != nil {
			d.log.WarnContext(ctx, "a new project has the region's usual limits yet", "project", project, "error", err)
		}
		return made.ID, nil
	}
	found, err = list(projects.ListOpts{DomainID: domain, Name: name})
	if err != nil {
		return "", err
	}
	if len(found) == 0 || !slices.Contains(found[0].Tags, idTag(project)) {
		return "", provider.Errorf(provider.ReasonConflict, "rename that project", "a project %s that is not Plaza's is in the way", name)
	}
	return found[0].ID, nil
}

func (d *Driver) domain(ctx context.Context, c *gophercloud.ServiceClient) (string, error) {
	pages, err := domains.List(c, domains.ListOpts{Name: d.set.TenantDomain}).AllPages(ctx)
	if err != nil {
		return "", mapped("find domain "+d.set.TenantDomain, err)
	}
	found, err := domains.ExtractDomains(pages)
	if err != nil {
		return "", mapped("find domain "+d.set.TenantDomain, err)
	}
	if len(found) == 0 {
		return "", provider.Errorf(provider.ReasonInvalid, "make it, or name another one in the region's settings", "the region has no domain %s", d.set.TenantDomain)
	}
	return found[0].ID, nil
}

// join makes the driver's user a member of the project, so that it can log in there.
func (d *Driver) join(ctx context.Context, c *gophercloud.ServiceClient, project, user string) error {
	pages, err := roles.List(c, roles.ListOpts{Name: d.set.MemberRole}).AllPages(ctx)
	if err != nil {
		return mapped("find role "+d.set.MemberRole, err)
	}
	found, err := roles.ExtractRoles(pages)
	if err != nil {
		return mapped("find role "+d.set.MemberRole, err)
	}
	if len(found) == 0 {
		return provider.Errorf(provider.ReasonInvalid, "make it, or name another one in the region's settings", "the region has no role %s", d.set.MemberRole)
	}
	err = roles.Assign(ctx, c, found[0].ID, roles.AssignOpts{UserID: user, ProjectID: project}).ExtractErr()
	return mapped("join project", err)
}
