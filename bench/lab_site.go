package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/groups"
)

// labSite is a plazad of this run's own that has the lab's cloud as its region.
type labSite struct {
	*site
	lab    lab
	admin  cloud  // the cloud's administrator
	plazad string // the program, and the command line client
	cli    string
	first  *twin
	undo   []func(context.Context) error // last first, before Plaza's own objects go
}

// labMemory in MiB is what no other flavor has: the cloud's flavor is this run's own.
const labMemory = 136

func startLabSite(ctx context.Context) (s *labSite, err error) {
	l, err := findLab()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "plz")
	if err != nil {
		return nil, err
	}
	s = &labSite{site: &site{dir: dir}, lab: l}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	if s.admin, err = l.cloud(ctx, ""); err != nil {
		return s, err
	}
	progress("building plazad and plaza")
	binaries, err := filepath.Abs("build/bench")
	if err != nil {
		return s, err
	}
	if err := os.MkdirAll(binaries, 0o755); err != nil { //nolint:gosec // what is in it is no secret
		return s, err
	}
	if s.plazad, err = buildWithChains(ctx, binaries); err != nil {
		return s, err
	}
	if s.cli, err = build(ctx, binaries, "plaza", false); err != nil {
		return s, err
	}
	if s.plane, err = startPlazad(ctx, s.plazad, filepath.Join(dir, "p")); err != nil {
		return s, err
	}
	if err := s.signIn(ctx, s.plazad); err != nil {
		return s, err
	}
	return s, s.furnishLab(ctx)
}

// furnishLab makes the region, and what servers in it need.
func (s *labSite) furnishLab(ctx context.Context) error {
	image, err := applianceSpec()
	if err != nil {
		return err
	}
	a := s.admin.auth
	for _, o := range []struct {
		plural, name, project string
		spec                  map[string]any
	}{
		{"regions", "lab", "", map[string]any{"type": "openstack", "authURL": a.IdentityEndpoint, "username": a.Username, "password": a.Password, "project": a.TenantName,
			"region": s.admin.endpoints.Region, "externalNetwork": s.lab.env["LAB_EXTERNAL_NETWORK"], "schedulable": true, "notifications": s.lab.env["LAB_AMQP_URL"]}},
		{"flavors", "least", "", map[string]any{"vcpus": 1, "memoryMiB": labMemory, "diskGiB": 1}},
		{"images", "appliance", "", image},
		{"networks", "net", s.project, map[string]any{"cidr": "10.96.0.0/20"}},
	} {
		body := map[string]any{"name": o.name, "spec": o.spec}
		if o.project != "" {
			body["project"] = o.project
		}
		if err := s.call(ctx, http.MethodPost, "/v1/"+o.plural+"?wait=120s", body, nil); err != nil {
			return fmt.Errorf("make %s: %w", o.name, err)
		}
	}
	return nil
}

// applianceSpec is the image that `make image` builds: busybox with an init of Plaza's own.
func applianceSpec() (map[string]any, error) {
	text, err := os.ReadFile(imageManifest)
	if err != nil {
		return nil, fmt.Errorf("build the image first, with make image: %w", err)
	}
	var m struct {
		Disk, Kernel, Initrd, Cmdline string
		SHA256                        struct{ Disk, Kernel, Initrd string } `json:"sha256"`
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, err
	}
	folder, err := filepath.Abs(filepath.Dir(imageManifest))
	if err != nil {
		return nil, err
	}
	file := func(name, sum string) map[string]any {
		return map[string]any{"url": "file://" + filepath.Join(folder, name), "sha256": sum, "bytes": 0}
	}
	return map[string]any{"format": "qcow2", "arch": "x86_64", "cmdline": m.Cmdline, "disk": file(m.Disk, m.SHA256.Disk),
		"kernel": file(m.Kernel, m.SHA256.Kernel), "initrd": file(m.Initrd, m.SHA256.Initrd)}, nil
}

// labServer is what is asked of an object of the API here.
type labServer struct {
	ID, Name, Phase string
	Status          struct{ Power, Node, Since string }
	Conditions      []struct{ Type, Status, Message string }
}

func (o labServer) runs() bool { return o.Phase == "Ready" && o.Status.Power == "running" }

// order asks Plaza for a server.
func (s *labSite) order(ctx context.Context, name string) (labServer, error) {
	var made struct{ Object labServer }
	body := map[string]any{"name": name, "project": s.project, "spec": map[string]any{"flavor": "least", "image": "appliance", "network": "net"}}
	err := s.call(ctx, http.MethodPost, "/v1/servers", body, &made)
	return made.Object, err
}

// running waits until Plaza says that a server runs.
func (s *labSite) running(ctx context.Context, id string) error {
	var o labServer
	err := await(ctx, 15*time.Minute, "server "+id+" to run", func() bool {
		return s.call(ctx, http.MethodGet, "/v1/servers/"+id, nil, &o) == nil && (o.runs() || o.Phase == "Failed")
	})
	if err == nil && !o.runs() {
		err = fmt.Errorf("server %s is %s: %v", o.Name, o.Phase, o.Conditions)
	}
	return err
}

// drop deletes servers of Plaza and waits until they are gone.
func (s *labSite) drop(ctx context.Context, ids ...string) error {
	for _, id := range ids {
		if err := s.call(ctx, http.MethodDelete, "/v1/servers/"+id, nil, nil); err != nil {
			return err
		}
	}
	for _, id := range ids {
		if err := await(ctx, 5*time.Minute, "server "+id+" to be gone", func() bool {
			err := s.call(ctx, http.MethodGet, "/v1/servers/"+id, nil, nil)
			return err != nil && strings.Contains(err.Error(), "404")
		}); err != nil {
			return err
		}
	}
	return nil
}

// twin is what a server of Plaza is made of in the cloud: the cloud's own client makes another such with it.
type twin struct {
	cloud                   cloud // in the project's own Keystone project
	project, flavor, image  string
	network, subnet, server string
	given                   atomic.Int64 // addresses
}

// twinOf looks at a server as Nova has it. The first server of a run is made for that: it warms every cache, too.
func (s *labSite) twinOf(ctx context.Context, id string) (*twin, error) {
	c, err := s.admin.compute()
	if err != nil {
		return nil, err
	}
	pages, err := servers.List(c, servers.ListOpts{AllTenants: true, Tags: "plaza-id=" + id}).AllPages(ctx)
	if err != nil {
		return nil, err
	}
	found, err := servers.ExtractServers(pages)
	if err != nil || len(found) != 1 {
		return nil, fmt.Errorf("nova has %d servers with the id %s: %w", len(found), id, err)
	}
	t := &twin{project: found[0].TenantID, server: found[0].ID}
	t.flavor, _ = found[0].Flavor["original_name"].(string)
	t.image, _ = found[0].Image["id"].(string)
	if t.cloud, err = s.lab.cloud(ctx, t.project); err != nil {
		return nil, err
	}
	return t, t.findCard(ctx)
}

// warm makes one server through Plaza and keeps what it is made of.
func (s *labSite) warm(ctx context.Context) (*twin, error) {
	if s.first != nil {
		return s.first, nil
	}
	progress("the first server, which warms every cache")
	o, err := s.order(ctx, "warm")
	if err != nil {
		return nil, err
	}
	if err := s.running(ctx, o.ID); err != nil {
		return nil, err
	}
	if s.first, err = s.twinOf(ctx, o.ID); err != nil {
		return nil, err
	}
	return s.first, s.drop(ctx, o.ID)
}

// versions tells what is measured.
func (s *labSite) versions() string {
	wanted := map[string]bool{"nova-api": true, "neutron-api": true, "ceph-mon": true, "libvirt-daemon": true}
	text, _ := os.ReadFile(filepath.Join(s.lab.dir, "versions.txt")) // without it, they are not told
	var out []string
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == s.lab.env["LAB_CONTROL"] && wanted[f[1]] {
			out = append(out, f[1]+" "+f[2])
		}
	}
	if rev, err := exec.Command("git", "describe", "--always", "--dirty").Output(); err == nil {
		out = append(out, "Plaza "+strings.TrimSpace(string(rev)))
	}
	return strings.Join(out, ", ")
}

// stop deletes what was made and ends plazad. It has a time of its own, for the run may have been cut short.
func (s *labSite) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
	defer cancel()
	progress("deleting what was made")
	failed := s.undoTo(ctx, 0)
	if s.plane != nil {
		failed = errors.Join(failed, s.empty(ctx), s.forget(ctx))
		s.plane.stop()
	}
	if failed == nil {
		return os.RemoveAll(s.dir)
	}
	return fmt.Errorf("not everything is deleted; %s has the log: %w", s.dir, failed)
}

// empty deletes Plaza's objects, those that others need last.
func (s *labSite) empty(ctx context.Context) error {
	if s.token == "" {
		return nil
	}
	for _, plural := range []string{"bundles", "servers", "keypairs", "networks", "images"} {
		if err := s.emptyOf(ctx, plural); err != nil {
			return err
		}
	}
	return nil
}

func (s *labSite) emptyOf(ctx context.Context, plural string) error {
	left := 0
	err := await(ctx, 15*time.Minute, plural+" to be gone", func() bool {
		var page struct {
			Items []struct{ ID, DeletingAt string }
		}
		if s.call(ctx, http.MethodGet, "/v1/"+plural+"?limit=1000", nil, &page) != nil {
			return false
		}
		for _, o := range page.Items {
			if o.DeletingAt == "" {
				_ = s.call(ctx, http.MethodDelete, "/v1/"+plural+"/"+o.ID, nil, nil) // asked again at the next look
			}
		}
		if n := len(page.Items); n/100 != left/100 {
			progress("%d %s are left", n, plural)
		}
		left = len(page.Items)
		return left == 0
	})
	return err
}

// forget deletes what Plaza leaves in a cloud on purpose, as it costs nothing: the flavor, and the project with the security
// group that Neutron made for it. A run that was cut short may not have come so far.
func (s *labSite) forget(ctx context.Context) error {
	c, err := s.admin.compute()
	if err != nil {
		return err
	}
	failed := flavors.Delete(ctx, c, fmt.Sprintf("plaza.1c.%dm.1g", labMemory)).ExtractErr()
	if gophercloud.ResponseCodeIs(failed, http.StatusNotFound) {
		failed = nil
	}
	keystone, err := s.admin.identity()
	if err != nil || s.project == "" {
		return errors.Join(failed, err)
	}
	pages, err := projects.List(keystone, projects.ListOpts{Name: "plaza-" + s.project}).AllPages(ctx)
	if err != nil {
		return errors.Join(failed, err)
	}
	found, err := projects.ExtractProjects(pages)
	for _, p := range found {
		err = errors.Join(err, s.deleteGroups(ctx, p.ID), projects.Delete(ctx, keystone, p.ID).ExtractErr())
	}
	return errors.Join(failed, err)
}

func (s *labSite) deleteGroups(ctx context.Context, project string) error {
	nets, err := s.admin.network()
	if err != nil {
		return err
	}
	pages, err := groups.List(nets, groups.ListOpts{ProjectID: project}).AllPages(ctx)
	if err != nil {
		return err
	}
	found, err := groups.ExtractGroups(pages)
	for _, g := range found {
		err = errors.Join(err, groups.Delete(ctx, nets, g.ID).ExtractErr())
	}
	return err
}
