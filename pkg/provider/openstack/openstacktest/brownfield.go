// Package openstacktest makes what others than Plaza have in a cloud, by plain API calls, for tests against a lab.
package openstacktest

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/volumeattach"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/imagedata"
	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"
	"github.com/stretchr/testify/require"
)

// Cloud is a lab's cloud and its administrator.
type Cloud struct {
	Auth   gophercloud.AuthOptions
	Region string
}

// Lab reads the cloud of PLAZA_LAB_CLOUD, a clouds.yaml; it skips the test where there is none.
func Lab(t *testing.T) Cloud {
	t.Helper()
	path := os.Getenv("PLAZA_LAB_CLOUD")
	if path == "" {
		t.Skip("PLAZA_LAB_CLOUD is not set to the clouds.yaml of a lab")
	}
	name := os.Getenv("OS_CLOUD")
	if name == "" {
		name = "lab"
	}
	auth, region, _, err := clouds.Parse(clouds.WithLocations(path), clouds.WithCloudName(name))
	require.NoError(t, err)
	auth.AllowReauth = true
	return Cloud{Auth: auth, Region: region.Region}
}

// clients of one login.
type clients struct {
	identity, compute, network, volume, image *gophercloud.ServiceClient
}

func (c Cloud) login(t *testing.T, auth gophercloud.AuthOptions) clients {
	t.Helper()
	p, err := openstack.AuthenticatedClient(t.Context(), auth)
	require.NoError(t, err)
	e := gophercloud.EndpointOpts{Region: c.Region}
	var out clients
	for _, x := range []struct {
		into **gophercloud.ServiceClient
		make func(*gophercloud.ProviderClient, gophercloud.EndpointOpts) (*gophercloud.ServiceClient, error)
	}{{&out.identity, openstack.NewIdentityV3}, {&out.compute, openstack.NewComputeV2}, {&out.network, openstack.NewNetworkV2},
		{&out.volume, openstack.NewBlockStorageV3}, {&out.image, openstack.NewImageV2}} {
		*x.into, err = x.make(p, e)
		require.NoError(t, err)
	}
	out.compute.Microversion = "2.93"
	return out
}

// Field is a tenant with a running server that has a volume, on a network, made from a public image of its own.
type Field struct {
	Tenant, TenantName                     string
	Server, Volume, Network, Image, Flavor string
	Address, MAC                           string

	t           *testing.T
	admin, self clients
}

// BrownField makes a Field, and removes what is left of it when the test ends.
func BrownField(t *testing.T) *Field {
	t.Helper()
	c := Lab(t)
	t.Cleanup(http.DefaultClient.CloseIdleConnections) // the last thing: nothing is left open
	f := &Field{t: t, admin: c.login(t, c.Auth), TenantName: "brown-" + uuid.NewString()[:8]}
	p, err := projects.Create(t.Context(), f.admin.identity, projects.CreateOpts{Name: f.TenantName, DomainID: "default"}).Extract()
	require.NoError(t, err)
	f.Tenant = p.ID
	f.cleanup(func(ctx context.Context) error { return projects.Delete(ctx, f.admin.identity, p.ID).ExtractErr() })
	auth := gophercloud.AuthOptions{IdentityEndpoint: c.Auth.IdentityEndpoint, Username: f.TenantName, Password: uuid.NewString(), DomainID: "default",
		Scope: &gophercloud.AuthScope{ProjectID: f.Tenant}, AllowReauth: true}
	u, err := users.Create(t.Context(), f.admin.identity, users.CreateOpts{Name: auth.Username, Password: auth.Password, DomainID: "default"}).Extract()
	require.NoError(t, err)
	f.cleanup(func(ctx context.Context) error { return users.Delete(ctx, f.admin.identity, u.ID).ExtractErr() })
	f.grant(u.ID)
	f.self = c.login(t, auth)
	f.make()
	return f
}

func (f *Field) grant(user string) {
	pages, err := roles.List(f.admin.identity, roles.ListOpts{Name: "member"}).AllPages(f.t.Context())
	require.NoError(f.t, err)
	list, err := roles.ExtractRoles(pages)
	require.NoError(f.t, err)
	require.NotEmpty(f.t, list)
	require.NoError(f.t, roles.Assign(f.t.Context(), f.admin.identity, list[0].ID, roles.AssignOpts{UserID: user, ProjectID: f.Tenant}).ExtractErr())
}

func (f *Field) make() {
	t, ctx := f.t, f.t.Context()
	n, err := networks.Create(ctx, f.self.network, networks.CreateOpts{Name: "Office LAN", Description: "do not touch"}).Extract()
	require.NoError(t, err)
	f.Network = n.ID
	f.cleanup(func(ctx context.Context) error { return networks.Delete(ctx, f.admin.network, n.ID).ExtractErr() })
	_, err = subnets.Create(ctx, f.self.network, subnets.CreateOpts{NetworkID: n.ID, CIDR: "10.99.7.0/24", IPVersion: 4, Name: "lan"}).Extract()
	require.NoError(t, err)

	open := images.ImageVisibilityPublic
	i, err := images.Create(ctx, f.admin.image, images.CreateOpts{Name: f.TenantName, ContainerFormat: "bare", DiskFormat: "raw", Visibility: &open}).Extract()
	require.NoError(t, err)
	f.Image = i.ID
	f.cleanup(func(ctx context.Context) error { return images.Delete(ctx, f.admin.image, i.ID).ExtractErr() })
	require.NoError(t, imagedata.Upload(ctx, f.admin.image, i.ID, bytes.NewReader(make([]byte, 1<<20))).ExtractErr())

	disk := 1
	x, err := flavors.Create(ctx, f.admin.compute, flavors.CreateOpts{Name: f.TenantName, RAM: 96, VCPUs: 1, Disk: &disk}).Extract()
	require.NoError(t, err)
	f.Flavor = x.ID
	f.cleanup(func(ctx context.Context) error { return flavors.Delete(ctx, f.admin.compute, x.ID).ExtractErr() })

	v, err := volumes.Create(ctx, f.self.volume, volumes.CreateOpts{Name: "Accounts", Size: 1, Metadata: map[string]string{"owner": "finance"}}, nil).Extract()
	require.NoError(t, err)
	f.Volume = v.ID
	f.cleanup(func(ctx context.Context) error {
		f.until(ctx, "the volume is free", func() bool {
			v, err := volumes.Get(ctx, f.admin.volume, f.Volume).Extract()
			return err != nil || v.Status == "available"
		})
		return volumes.Delete(ctx, f.admin.volume, f.Volume, nil).ExtractErr()
	})
	f.until(ctx, "the volume is made", func() bool {
		v, err := volumes.Get(ctx, f.self.volume, f.Volume).Extract()
		require.NoError(t, err)
		return v.Status == "available"
	})
	f.boot()
}

func (f *Field) boot() {
	t, ctx := f.t, f.t.Context()
	tags := []string{"billing"}
	s, err := servers.Create(ctx, f.self.compute, servers.CreateOpts{Name: "Mail Server", FlavorRef: f.Flavor, ImageRef: f.Image, Tags: tags,
		Networks: []servers.Network{{UUID: f.Network}}, Metadata: map[string]string{"since": "2019"}}, nil).Extract()
	require.NoError(t, err)
	f.Server = s.ID
	f.cleanup(func(ctx context.Context) error {
		err := servers.Delete(ctx, f.admin.compute, f.Server).ExtractErr()
		f.until(ctx, "the server is gone", func() bool {
			_, err := servers.Get(ctx, f.admin.compute, f.Server).Extract()
			return gophercloud.ResponseCodeIs(err, http.StatusNotFound)
		})
		return err
	})
	f.until(ctx, "the server runs", func() bool {
		now, err := servers.Get(ctx, f.self.compute, s.ID).Extract()
		require.NoError(t, err)
		require.NotEqual(t, "ERROR", now.Status, now.Fault.Message)
		for _, list := range now.Addresses {
			for _, a := range list.([]any) {
				m := a.(map[string]any)
				f.Address, f.MAC = m["addr"].(string), m["OS-EXT-IPS-MAC:mac_addr"].(string)
			}
		}
		return now.Status == "ACTIVE"
	})
	_, err = volumeattach.Create(ctx, f.self.compute, s.ID, volumeattach.CreateOpts{VolumeID: f.Volume}).Extract()
	require.NoError(t, err)
	f.until(ctx, "the volume is attached", func() bool {
		v, err := volumes.Get(ctx, f.self.volume, f.Volume).Extract()
		require.NoError(t, err)
		return v.Status == "in-use"
	})
}

// cleanup runs when the test ends; what is gone already is fine.
func (f *Field) cleanup(do func(context.Context) error) {
	f.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		if err := do(ctx); err != nil && !gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
			f.t.Errorf("clean up: %v", err)
		}
	})
}

func (f *Field) until(ctx context.Context, what string, is func() bool) {
	f.t.Helper()
	for end := time.Now().Add(3 * time.Minute); !is(); time.Sleep(500 * time.Millisecond) {
		if ctx.Err() != nil || time.Now().After(end) {
			f.t.Fatalf("%s: not in time", what)
		}
	}
}

// unstable are what services write when a label is set, and what moves by itself.
var unstable = map[string]bool{"tags": true, "updated_at": true, "updated": true, "revision_number": true, "metadata": true,
	"plaza_id": true, "plaza_part": true, "plaza_sha256": true}

// Witness reads everything of the field that adoption must leave alone, without labels and times of change: the objects
// as their services tell them, and what Nova has ever done to the server.
func (f *Field) Witness() string {
	f.t.Helper()
	out := map[string]any{}
	for what, x := range map[string]struct {
		c    *gophercloud.ServiceClient
		path []string
	}{
		"server": {f.admin.compute, []string{"servers", f.Server}}, "actions": {f.admin.compute, []string{"servers", f.Server, "os-instance-actions"}},
		"attachments": {f.admin.compute, []string{"servers", f.Server, "os-volume_attachments"}}, "groups": {f.admin.compute, []string{"servers", f.Server, "os-security-groups"}},
		"volume": {f.admin.volume, []string{"volumes", f.Volume}}, "network": {f.admin.network, []string{"networks", f.Network}},
		"subnets": {f.admin.network, []string{"subnets?network_id=" + f.Network}}, "ports": {f.admin.network, []string{"ports?device_id=" + f.Server}},
		"image": {f.admin.image, []string{"images", f.Image}},
	} {
		var body any
		_, err := x.c.Get(f.t.Context(), x.c.ServiceURL(x.path...), &body, nil) //nolint:bodyclose // read by gophercloud
		require.NoError(f.t, err, what)
		out[what] = strip(body)
	}
	text, err := json.MarshalIndent(out, "", " ")
	require.NoError(f.t, err)
	return string(text)
}

func strip(v any) any {
	switch x := v.(type) {
	case map[string]any:
		for k, inner := range x {
			if unstable[k] {
				delete(x, k)
				continue
			}
			x[k] = strip(inner)
		}
	case []any:
		for i := range x {
			x[i] = strip(x[i])
		}
	}
	return v
}

// Labels reads the labels that the field's maker has set, and Plaza's.
func (f *Field) Labels() (server []string, volume map[string]string, network []string) {
	f.t.Helper()
	ctx := f.t.Context()
	s, err := servers.Get(ctx, f.admin.compute, f.Server).Extract()
	require.NoError(f.t, err)
	if s.Tags != nil {
		server = *s.Tags
	}
	v, err := volumes.Get(ctx, f.admin.volume, f.Volume).Extract()
	require.NoError(f.t, err)
	n, err := networks.Get(ctx, f.admin.network, f.Network).Extract()
	require.NoError(f.t, err)
	return server, v.Metadata, n.Tags
}

// Stop stops the server as its owner does.
func (f *Field) Stop() {
	f.t.Helper()
	ctx := f.t.Context()
	require.NoError(f.t, servers.Stop(ctx, f.self.compute, f.Server).ExtractErr())
	f.until(ctx, "the server is stopped", func() bool {
		s, err := servers.Get(ctx, f.self.compute, f.Server).Extract()
		require.NoError(f.t, err)
		return s.Status == "SHUTOFF"
	})
}
